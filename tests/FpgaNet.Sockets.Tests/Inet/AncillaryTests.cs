using System.Buffers.Binary;
using System.Runtime.InteropServices;
using FpgaNet.Packets.Wire;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Sockets.Tests.Descriptors;
using FpgaNet.Stack.Sockets.Abi;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.MessageFlags;
using static FpgaNet.Stack.Sockets.Abi.PollEvents;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Inet;

/// <summary>What goes with a datagram, both ways, and the error queue: on our sockets and on Linux's (ip(7), ipv6(7), RFC 3542).</summary>
[TestClass]
public sealed class AncillaryTests
{
    private static readonly byte[] s_byte = [42];

    [TestMethod, OnBothSides]
    public void IPv4_tells_destination_time_to_live_and_service(Side side)
    {
        using SocketRig rig = new(side);
        int receiver = DatagramTests.Bound(rig.Server, AF_INET, SocketRig.AnyAt(0), out SockAddr name);
        foreach (int option in (int[])[IP_PKTINFO, IP_RECVTTL, IP_RECVTOS])
        {
            Expect.Ok(rig.Server.SetSockOpt(receiver, SOL_IP, option, 1));
        }

        int sender = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM));
        Expect.Ok(rig.Client.SetSockOpt(sender, SOL_IP, IP_TTL, 17));
        Expect.Ok(rig.Client.SetSockOpt(sender, SOL_IP, IP_TOS, 0x28));
        Expect.Result(1, rig.Client.SendTo(sender, s_byte, SocketRig.ServerAt(name.Port)));
        MsgHdr message = new(new byte[10]) { Control = new byte[256] };
        Expect.Result(1, rig.Server.RecvMsg(receiver, message));
        List<(int Level, int Type, byte[] Data)> told = Read(message);
        CollectionAssert.AreEqual(new[] { IP_PKTINFO, IP_TTL, IP_TOS }, told.ConvertAll(static t => t.Type));
        CollectionAssert.AreEqual("192.0.2.2192.0.2.2"u8.ToArray(), System.Text.Encoding.ASCII.GetBytes($"{IPv4Address.Read(told[0].Data.AsSpan(4))}{IPv4Address.Read(told[0].Data.AsSpan(8))}"));
        Assert.AreEqual(17, BinaryPrimitives.ReadInt32LittleEndian(told[1].Data));
        CollectionAssert.AreEqual(new byte[] { 0x28 }, told[2].Data);

        // One datagram says otherwise than the socket's options.
        byte[] control = [.. DatagramTests.Control(SOL_IP, IP_TTL, BitConverter.GetBytes(9)), .. DatagramTests.Control(SOL_IP, IP_TOS, [0x10])];
        Expect.Result(1, rig.Client.SendMsg(sender, new MsgHdr(s_byte) { Name = SocketRig.ServerAt(name.Port), Control = control }));
        Expect.Result(1, rig.Server.RecvMsg(receiver, message));
        told = Read(message);
        Assert.AreEqual(9, BinaryPrimitives.ReadInt32LittleEndian(told[1].Data));
        CollectionAssert.AreEqual(new byte[] { 0x10 }, told[2].Data);
    }

    [TestMethod, OnBothSides]
    public void IPv6_tells_destination_hop_limit_and_class(Side side)
    {
        using SocketRig rig = new(side);
        int receiver = DatagramTests.Bound(rig.Server, AF_INET6, SockAddr.Inet6(IpAddress.Any, 0), out SockAddr name);
        foreach (int option in (int[])[IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS])
        {
            Expect.Ok(rig.Server.SetSockOpt(receiver, SOL_IPV6, option, 1));
        }

        int sender = Expect.Ok(rig.Client.Socket(AF_INET6, SOCK_DGRAM));
        Expect.Ok(rig.Client.SetSockOpt(sender, SOL_IPV6, IPV6_UNICAST_HOPS, 17));
        Expect.Ok(rig.Client.SetSockOpt(sender, SOL_IPV6, IPV6_TCLASS, 0xB8));
        Expect.Result(1, rig.Client.SendTo(sender, s_byte, SocketRig.ServerAt6(name.Port)));
        MsgHdr message = new(new byte[10]) { Control = new byte[256] };
        Expect.Result(1, rig.Server.RecvMsg(receiver, message));
        List<(int Level, int Type, byte[] Data)> told = Read(message);
        CollectionAssert.AreEqual(new[] { IPV6_PKTINFO, IPV6_HOPLIMIT, IPV6_TCLASS }, told.ConvertAll(static t => t.Type));
        Assert.AreEqual(SocketRig.ServerAt6(0).Address, (IpAddress)IPv6Address.Read(told[0].Data));
        Assert.AreEqual((17, 0xB8), (BinaryPrimitives.ReadInt32LittleEndian(told[1].Data), BinaryPrimitives.ReadInt32LittleEndian(told[2].Data)));

        byte[] control = [.. DatagramTests.Control(SOL_IPV6, IPV6_HOPLIMIT, BitConverter.GetBytes(9)), .. DatagramTests.Control(SOL_IPV6, IPV6_TCLASS, BitConverter.GetBytes(4))];
        Expect.Result(1, rig.Client.SendMsg(sender, new MsgHdr(s_byte) { Name = SocketRig.ServerAt6(name.Port), Control = control }));
        Expect.Result(1, rig.Server.RecvMsg(receiver, message));
        told = Read(message);
        Assert.AreEqual((9, 4), (BinaryPrimitives.ReadInt32LittleEndian(told[1].Data), BinaryPrimitives.ReadInt32LittleEndian(told[2].Data)));

        // A datagram of IPv4 is told of by its mapped address.
        Expect.Result(1, rig.Client.SendTo(Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM)), s_byte, SocketRig.ServerAt(name.Port)));
        Expect.Result(1, rig.Server.RecvMsg(receiver, message));
        told = Read(message);
        Assert.AreEqual((SOL_IPV6, IPV6_PKTINFO), (told[0].Level, told[0].Type));
        Assert.AreEqual(SocketRig.ServerAt(0).Address, (IpAddress)IPv6Address.Read(told[0].Data));
    }

    [TestMethod, OnBothSides]
    public void Packet_information_chooses_our_address(Side side)
    {
        using SocketRig rig = new(side);
        int receiver = DatagramTests.Bound(rig.Server, AF_INET, SocketRig.ServerAt(0), out SockAddr address);
        int sender = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM));
        byte[] info = new byte[12];
        SocketRig.ClientAt(0).Address.Write(info.AsSpan(4));
        Expect.Result(1, rig.Client.SendMsg(sender, new MsgHdr(s_byte) { Name = address, Control = DatagramTests.Control(SOL_IP, IP_PKTINFO, info) }));
        Expect.Result(1, rig.Server.RecvFrom(receiver, new byte[1], out SockAddr whom));
        Assert.AreEqual(SocketRig.ClientAt(whom.Port), whom);
        SocketRig.Silent(0).Address.Write(info.AsSpan(4));
        Expect.Error(ENETUNREACH, rig.Client.SendMsg(sender, new MsgHdr(s_byte) { Name = address, Control = DatagramTests.Control(SOL_IP, IP_PKTINFO, info) }));
        info.AsSpan(4).Clear();
        info[0] = 77;
        Expect.Error(ENODEV, rig.Client.SendMsg(sender, new MsgHdr(s_byte) { Name = address, Control = DatagramTests.Control(SOL_IP, IP_PKTINFO, info) }));
    }

    [TestMethod, OnBothSides]
    public void Control_messages_that_make_no_sense_are_refused(Side side)
    {
        using SocketRig rig = new(side);
        int socket = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM));
        (int Level, int Type, byte[] Data)[] bad =
        [
            (SOL_IP, IP_TTL, BitConverter.GetBytes(0)), (SOL_IP, IP_TTL, BitConverter.GetBytes(256)), (SOL_IP, IP_TTL, [1]), (SOL_IP, IP_TOS, BitConverter.GetBytes(256)),
            (SOL_IP, IP_PKTINFO, new byte[11]), (SOL_IP, 99, new byte[4]), (SOL_SOCKET, SCM_TXTIME, new byte[8]), (SOL_SOCKET, 99, new byte[4]), (SOL_UDP, UDP_SEGMENT, new byte[4]),
        ];
        foreach ((int level, int type, byte[] data) in bad)
        {
            Expect.Error(EINVAL, rig.Client.SendMsg(socket, new MsgHdr(s_byte) { Name = SocketRig.ServerAt(9), Control = DatagramTests.Control(level, type, data) }), $"{level} {type}");
        }

        Expect.Error(EINVAL, rig.Client.SendMsg(socket, new MsgHdr(s_byte) { Name = SocketRig.ServerAt(9), Control = [200, .. new byte[23]] }));
        Expect.Result(1, rig.Client.SendMsg(socket, new MsgHdr(s_byte) { Name = SocketRig.ServerAt(9), Control = DatagramTests.Control(1234, 99, new byte[4]) })); // somebody else's
        int six = Expect.Ok(rig.Client.Socket(AF_INET6, SOCK_DGRAM));
        (int Type, byte[] Data)[] bad6 = [(IPV6_HOPLIMIT, BitConverter.GetBytes(256)), (IPV6_HOPLIMIT, BitConverter.GetBytes(-2)), (IPV6_TCLASS, [1]), (IPV6_PKTINFO, new byte[19]), (999, new byte[4])];
        foreach ((int type, byte[] data) in bad6)
        {
            Expect.Error(EINVAL, rig.Client.SendMsg(six, new MsgHdr(s_byte) { Name = SocketRig.ServerAt6(9), Control = DatagramTests.Control(SOL_IPV6, type, data) }), $"{type}");
        }
    }

    [TestMethod, OnBothSides]
    public void Too_little_room_for_control_is_told(Side side)
    {
        using SocketRig rig = new(side);
        int receiver = DatagramTests.Bound(rig.Server, AF_INET, SocketRig.ServerAt(0), out SockAddr address);
        Expect.Ok(rig.Server.SetSockOpt(receiver, SOL_IP, IP_PKTINFO, 1));
        Expect.Ok(rig.Server.SetSockOpt(receiver, SOL_IP, IP_RECVTTL, 1));
        int sender = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM));
        foreach ((int room, int used) in ((int, int)[])[(0, 0), (15, 0), (20, 20), (32, 32), (50, 50), (100, 56)])
        {
            Expect.Result(1, rig.Client.SendTo(sender, s_byte, address));
            MsgHdr message = new(new byte[10]) { Control = new byte[room] };
            Expect.Result(1, rig.Server.RecvMsg(receiver, message));
            Assert.AreEqual(room < 56 ? MSG_CTRUNC : MessageFlags.None, message.Flags, $"{room}");
            Assert.AreEqual(used, message.ControlLength, $"{room}");
        }
    }

    [TestMethod, OnBothSides]
    public void The_error_queue_tells_who_refused_what(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        foreach ((SocketDomain domain, _, SockAddr server) in DatagramTests.Families())
        {
            bool isInet = domain == AF_INET;
            int socket = Expect.Ok(calls.Socket(domain, SOCK_DGRAM));
            Expect.Ok(calls.SetSockOpt(socket, isInet ? SOL_IP : SOL_IPV6, isInet ? IP_RECVERR : IPV6_RECVERR, 1));
            Expect.Result(5, calls.SendTo(socket, "hello"u8, server with { Port = 9 }));
            Assert.AreEqual(POLLERR, SocketRig.Await(calls, socket, POLLPRI));
            MsgHdr message = new(new byte[10]) { Control = new byte[256] };
            Expect.Result(5, calls.RecvMsg(socket, message, MSG_ERRQUEUE));
            Assert.AreEqual(MSG_ERRQUEUE, message.Flags);
            Assert.AreEqual("hello", System.Text.Encoding.ASCII.GetString(message.Runs[0].Span[..5]));
            Assert.AreEqual(server with { Port = 9 }, message.Name);
            (int level, int type, byte[] data) = Read(message).Single();
            Assert.AreEqual(isInet ? (SOL_IP, IP_RECVERR, 32) : (SOL_IPV6, IPV6_RECVERR, 44), (level, type, data.Length));
            Assert.AreEqual(ECONNREFUSED, (Errno)BinaryPrimitives.ReadInt32LittleEndian(data));
            CollectionAssert.AreEqual(isInet ? new byte[] { SO_EE_ORIGIN_ICMP, 3, 3 } : [SO_EE_ORIGIN_ICMP6, 1, 4], data[4..7]);
            Assert.AreEqual(Errno.None, SockAddr.TryRead(data.AsSpan(16), out SockAddr offender));
            Assert.AreEqual(server with { Port = 0 }, offender);

            // Read, it is no pending error any more.
            Expect.Error(EAGAIN, calls.RecvMsg(socket, message, MSG_ERRQUEUE));
            Expect.Error(EAGAIN, calls.Recv(socket, new byte[1], MSG_DONTWAIT));

            // Not read, it is one, even without a peer; switched off, the queue is empty.
            Expect.Result(5, calls.SendTo(socket, "hello"u8, server with { Port = 9 }));
            SocketRig.Await(calls, socket, POLLPRI);
            Expect.Error(ECONNREFUSED, calls.Recv(socket, new byte[1], MSG_DONTWAIT));
            Expect.Ok(calls.SetSockOpt(socket, isInet ? SOL_IP : SOL_IPV6, isInet ? IP_RECVERR : IPV6_RECVERR, 0));
            Expect.Error(EAGAIN, calls.RecvMsg(socket, message, MSG_ERRQUEUE));
        }
    }

    [TestMethod, OnBothSides]
    public void What_is_too_long_to_go_whole_is_told_by_the_error_queue(Side side)
    {
        using SocketRig rig = new(side);
        int socket = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM));
        Expect.Ok(rig.Client.SetSockOpt(socket, SOL_IP, IP_RECVERR, 1));
        Expect.Ok(rig.Client.SetSockOpt(socket, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO));
        Expect.Error(EMSGSIZE, rig.Client.SendTo(socket, new byte[3000], SocketRig.ServerAt(9)));
        MsgHdr message = new(new byte[10]) { Control = new byte[256] };
        Expect.Result(0, rig.Client.RecvMsg(socket, message, MSG_ERRQUEUE));
        byte[] data = Read(message).Single().Data;
        Assert.AreEqual(EMSGSIZE, (Errno)BinaryPrimitives.ReadInt32LittleEndian(data));
        Assert.AreEqual(SO_EE_ORIGIN_LOCAL, data[4]);
        Assert.AreEqual(1500, BinaryPrimitives.ReadInt32LittleEndian(data.AsSpan(8)));
        Assert.AreEqual(SocketRig.ServerAt(0), message.Name); // the port is the peer's, and there is none
    }

    [TestMethod, OnBothSides]
    public void A_host_that_does_not_answer_is_told_of_by_the_error_queue(Side side)
    {
        using SocketRig rig = new(side);
        int socket = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM));
        Expect.Ok(rig.Client.SetSockOpt(socket, SOL_IP, IP_RECVERR, 1));
        Expect.Result(5, rig.Client.SendTo(socket, "hello"u8, SocketRig.Silent(9)));
        SocketRig.Await(rig.Client, socket, POLLPRI);
        MsgHdr message = new(new byte[10]) { Control = new byte[256] };
        Expect.Result(5, rig.Client.RecvMsg(socket, message, MSG_ERRQUEUE));
        byte[] data = Read(message).Single().Data;
        Assert.AreEqual(EHOSTUNREACH, (Errno)BinaryPrimitives.ReadInt32LittleEndian(data));
        CollectionAssert.AreEqual(new byte[] { SO_EE_ORIGIN_ICMP, 3, 1 }, data[4..7]);
        SockAddr.TryRead(data.AsSpan(16), out SockAddr offender);
        Assert.AreEqual(SocketRig.ClientAt(0), offender);

        // Not read, it is the error of the next call, of a send too.
        Expect.Result(5, rig.Client.SendTo(socket, "hello"u8, SocketRig.Silent(9)));
        SocketRig.Await(rig.Client, socket, POLLPRI);
        Expect.Error(EHOSTUNREACH, rig.Client.SendTo(socket, "hello"u8, SocketRig.ServerAt(9)));
    }

    [TestMethod, OnBothSides]
    public void What_is_in_the_error_queue_ends_no_receive_that_waits_for_data(Side side)
    {
        using SocketRig rig = new(side);
        int nobody = Expect.Ok(rig.Server.Socket(AF_INET, SOCK_DGRAM));
        Expect.Ok(rig.Server.Bind(nobody, SocketRig.ServerAt(0)));
        Expect.Ok(rig.Server.GetSockName(nobody, out SockAddr address));
        int socket = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM));
        Expect.Ok(rig.Client.SetSockOpt(socket, SOL_IP, IP_RECVERR, 1));
        Expect.Ok(rig.Client.SetSockOpt(socket, SOL_SOCKET, SO_RCVTIMEO, MemoryMarshal.AsBytes<long>([0L, 20_000L])));
        Expect.Ok(rig.Client.Connect(socket, address));
        Expect.Ok(rig.Server.Close(nobody));
        Expect.Result(1, rig.Client.Send(socket, [1]));
        SocketRig.Await(rig.Client, socket, PollEvents.POLLIN); // POLLERR, unasked
        Expect.Error(ECONNREFUSED, rig.Client.Recv(socket, new byte[1]));
        Assert.AreEqual(PollEvents.POLLERR, SocketRig.Await(rig.Client, socket, PollEvents.POLLIN));
        Waiting waiting = new(side, socket, () => rig.Client.Recv(socket, new byte[1]));
        waiting.Join();
        Expect.Error(EAGAIN, waiting.Result);
        Expect.Result(1, rig.Client.Recv(socket, new byte[1], MessageFlags.MSG_ERRQUEUE));
    }

    [TestMethod, OnBothSides]
    public void Time_stamps_come_with_what_is_received(Side side)
    {
        using SocketRig rig = new(side);
        int receiver = DatagramTests.Bound(rig.Server, AF_INET, SocketRig.ServerAt(0), out SockAddr address);
        int sender = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM));
        foreach ((int option, int value, int type, int length) in ((int, int, int, int)[])
            [(SO_TIMESTAMP, 1, SCM_TIMESTAMP, 16), (SO_TIMESTAMPNS, 1, SCM_TIMESTAMPNS, 16), (SO_TIMESTAMPNS, 0, 0, 0),
             (SO_TIMESTAMPING, (int)(TimestampingFlags.RX_SOFTWARE | TimestampingFlags.SOFTWARE), SCM_TIMESTAMPING, 48)])
        {
            Expect.Ok(rig.Server.SetSockOpt(receiver, SOL_SOCKET, option, value));
            long before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            Expect.Result(1, rig.Client.SendTo(sender, s_byte, address));
            MsgHdr message = new(new byte[10]) { Control = new byte[256] };
            Expect.Result(1, rig.Server.RecvMsg(receiver, message));
            List<(int Level, int Type, byte[] Data)> told = Read(message);
            while (type == SCM_TIMESTAMPING && told.Count == 0)
            {
                // Linux begins to stamp some time after it was asked to.
                Expect.Result(1, rig.Client.SendTo(sender, s_byte, address));
                Expect.Result(1, rig.Server.RecvMsg(receiver, message));
                told = Read(message);
            }

            if (length == 0)
            {
                Assert.IsEmpty(told);
                continue;
            }

            (int level, int foundType, byte[] data) = told.Single();
            Assert.AreEqual((SOL_SOCKET, type, length), (level, foundType, data.Length));
            long seconds = BinaryPrimitives.ReadInt64LittleEndian(data);
            Assert.IsTrue(seconds >= before && seconds <= DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        }
    }

    [TestMethod, OnBothSides]
    public void Time_stamps_of_what_was_sent_come_by_the_error_queue_with_its_number(Side side)
    {
        using SocketRig rig = new(side);
        int receiver = DatagramTests.Bound(rig.Server, AF_INET, SocketRig.ServerAt(0), out SockAddr address);
        int sender = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM));
        const TimestampingFlags Flags = TimestampingFlags.TX_SOFTWARE | TimestampingFlags.SOFTWARE | TimestampingFlags.OPT_ID;
        Expect.Ok(rig.Client.SetSockOpt(sender, SOL_SOCKET, SO_TIMESTAMPING, (int)Flags));
        for (int number = 0; number < 3; number++)
        {
            long before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            Expect.Result(5, rig.Client.SendTo(sender, "hello"u8, address));
            Expect.Result(5, rig.Server.Recv(receiver, new byte[10]));
            SocketRig.Await(rig.Client, sender, POLLPRI);
            MsgHdr message = new(new byte[100]) { Control = new byte[256] };
            Expect.Result(14 + 20 + 8 + 5, rig.Client.RecvMsg(sender, message, MSG_ERRQUEUE));
            Assert.AreEqual("hello", System.Text.Encoding.ASCII.GetString(message.Runs[0].Span[42..47]));
            List<(int Level, int Type, byte[] Data)> told = Read(message);
            byte[] story = told.Single(static t => t.Type == IP_RECVERR).Data;
            Assert.AreEqual(ENOMSG, (Errno)BinaryPrimitives.ReadInt32LittleEndian(story));
            Assert.AreEqual((SO_EE_ORIGIN_TIMESTAMPING, SCM_TSTAMP_SND, number), (story[4], BinaryPrimitives.ReadInt32LittleEndian(story.AsSpan(8)), BinaryPrimitives.ReadInt32LittleEndian(story.AsSpan(12))));
            long seconds = BinaryPrimitives.ReadInt64LittleEndian(told.Single(static t => t.Type == SCM_TIMESTAMPING).Data);
            Assert.IsTrue(seconds >= before && seconds <= DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        }

        Expect.Ok(rig.Client.SetSockOpt(sender, SOL_SOCKET, SO_TIMESTAMPING, (int)(Flags | TimestampingFlags.OPT_TSONLY)));
        Expect.Result(5, rig.Client.SendTo(sender, "hello"u8, address));
        SocketRig.Await(rig.Client, sender, POLLPRI);
        Expect.Result(0, rig.Client.RecvMsg(sender, new MsgHdr(new byte[100]) { Control = new byte[256] }, MSG_ERRQUEUE));
    }

    [TestMethod]
    public void A_launch_time_that_has_passed_is_told_to_who_asked_for_it()
    {
        using SocketRig rig = new(Side.Ours); // on Linux the queueing discipline decides, and the usual one ignores launch times
        int receiver = DatagramTests.Bound(rig.Server, AF_INET, SocketRig.ServerAt(0), out SockAddr address);
        int sender = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM));
        long now = System.Diagnostics.Stopwatch.GetTimestamp() * (1_000_000_000 / System.Diagnostics.Stopwatch.Frequency);
        MsgHdr late = new(s_byte) { Name = address, Control = DatagramTests.Control(SOL_SOCKET, SCM_TXTIME, BitConverter.GetBytes(now - 1_000_000_000)) };
        Expect.Ok(rig.Client.SetSockOpt(sender, SOL_SOCKET, SO_TXTIME, [CLOCK_MONOTONIC, 0, 0, 0, 0, 0, 0, 0]));
        Expect.Result(1, rig.Client.SendMsg(sender, late)); // goes at once
        Expect.Result(1, rig.Server.Recv(receiver, new byte[1]));
        Expect.Ok(rig.Client.SetSockOpt(sender, SOL_SOCKET, SO_TXTIME, [CLOCK_MONOTONIC, 0, 0, 0, SOF_TXTIME_REPORT_ERRORS, 0, 0, 0]));
        Expect.Error(ECANCELED, rig.Client.SendMsg(sender, late));
        MsgHdr message = new(new byte[10]) { Control = new byte[256] };
        Expect.Result(0, rig.Client.RecvMsg(sender, message, MSG_ERRQUEUE));
        byte[] story = Read(message).Single().Data;
        Assert.AreEqual((ECANCELED, SO_EE_ORIGIN_TXTIME, SO_EE_CODE_TXTIME_MISSED), ((Errno)BinaryPrimitives.ReadInt32LittleEndian(story), story[4], story[6]));
    }

    internal static List<(int Level, int Type, byte[] Data)> Read(MsgHdr message)
    {
        List<(int, int, byte[])> told = [];
        ControlReader reader = new(message.Control.AsSpan(0, message.ControlLength));
        while (reader.Read())
        {
            told.Add((reader.Level, reader.Type, reader.Data.ToArray()));
        }

        return told;
    }
}
