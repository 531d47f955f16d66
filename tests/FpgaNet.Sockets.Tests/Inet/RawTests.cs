using System.Buffers.Binary;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.MessageFlags;
using static FpgaNet.Stack.Sockets.Abi.PollEvents;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Inet;

/// <summary>SOCK_RAW of the Internet families, on our sockets and on Linux's (raw(7), RFC 3542 §3).</summary>
[TestClass]
public sealed class RawTests
{
    private const int Experiment = 253; // RFC 3692 §2.1
    private const int Experiment2 = 254;
    private const byte EchoRequest = 8;
    private const byte EchoReply = 0;
    private const byte EchoRequest6 = 128;
    private const byte EchoReply6 = 129;

    [TestMethod, OnBothSides]
    public void A_host_is_pinged(Side side)
    {
        using SocketRig rig = new(side);
        int socket = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
        byte[] filter = BitConverter.GetBytes(~(1u << EchoReply));
        Expect.Ok(rig.Client.SetSockOpt(socket, SOL_RAW, ICMP_FILTER, filter));
        byte[] request = Echo(EchoRequest, 0x4711, 1);
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(2), InternetChecksum.Compute(request));
        Expect.Result(request.Length, rig.Client.SendTo(socket, request, SocketRig.ServerAt(0)));
        byte[] packet = new byte[100];
        Expect.Result(20 + request.Length, rig.Client.RecvFrom(socket, packet, out SockAddr whom));
        Assert.AreEqual(SocketRig.ServerAt(0), whom);
        Assert.IsTrue(IPv4Header.TryParse(packet, packet.Length, out IPv4Header header));
        Assert.AreEqual(SocketRig.ServerAt(0).Address, (IpAddress)header.Source);
        Assert.AreEqual(EchoReply, packet[20]);
        CollectionAssert.AreEqual(request[4..], packet[24..(20 + request.Length)]);
        byte[] read = new byte[4];
        Expect.Ok(rig.Client.GetSockOpt(socket, SOL_RAW, ICMP_FILTER, read, out int length));
        CollectionAssert.AreEqual(filter, read[..length]);
    }

    [TestMethod, OnBothSides]
    public void A_host_is_pinged_over_IPv6_and_the_checksum_is_the_kernel_s(Side side)
    {
        using SocketRig rig = new(side);
        int socket = Expect.Ok(rig.Client.Socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6));
        byte[] filter = new byte[32];
        Array.Fill(filter, (byte)0xFF);
        filter[EchoReply6 >> 3] = unchecked((byte)~(1 << (EchoReply6 & 7)));
        Expect.Ok(rig.Client.SetSockOpt(socket, SOL_ICMPV6, ICMPV6_FILTER, filter));
        byte[] request = Echo(EchoRequest6, 0x4711, 1);
        Expect.Result(request.Length, rig.Client.SendTo(socket, request, SocketRig.ServerAt6(0)));
        byte[] message = new byte[100];
        Expect.Result(request.Length, rig.Client.RecvFrom(socket, message, out SockAddr whom));
        Assert.AreEqual(SocketRig.ServerAt6(0), whom);
        Assert.AreEqual(EchoReply6, message[0]);
        CollectionAssert.AreEqual(request[4..], message[4..request.Length]);
        Expect.Error(EINVAL, rig.Client.SetSockOpt(socket, SOL_IPV6, IPV6_CHECKSUM, 2));
        Expect.Ok(rig.Client.GetSockOpt(socket, SOL_RAW, IPV6_CHECKSUM, out int offset));
        Assert.AreEqual(2, offset);
    }

    [TestMethod, OnBothSides]
    public void Any_protocol_is_spoken_to_all_who_listen(Side side)
    {
        using SocketRig rig = new(side);
        foreach ((SocketDomain domain, SockAddr client, SockAddr server) in DatagramTests.Families())
        {
            int header = domain == AF_INET ? 20 : 0;
            int[] receivers = [Expect.Ok(rig.Server.Socket(domain, SOCK_RAW, Experiment)), Expect.Ok(rig.Server.Socket(domain, SOCK_RAW, Experiment))];
            int other = Expect.Ok(rig.Server.Socket(domain, SOCK_RAW, Experiment2));
            int elsewhere = Expect.Ok(rig.Server.Socket(domain, SOCK_RAW, Experiment));
            Expect.Ok(rig.Server.Connect(elsewhere, server)); // from itself only
            int sender = Expect.Ok(rig.Client.Socket(domain, SOCK_RAW, Experiment));
            Expect.Error(EDESTADDRREQ, rig.Client.Send(sender, "hello"u8));
            Expect.Result(5, rig.Client.SendTo(sender, "hello"u8, server));
            foreach (int receiver in receivers)
            {
                byte[] packet = new byte[100];
                Expect.Result(header + 5, rig.Server.RecvFrom(receiver, packet, out SockAddr whom));
                Assert.AreEqual(client, whom);
                Assert.AreEqual("hello", System.Text.Encoding.ASCII.GetString(packet, header, 5));
            }

            Expect.Error(EAGAIN, rig.Server.Recv(other, new byte[100], MSG_DONTWAIT));
            Expect.Error(EAGAIN, rig.Server.Recv(elsewhere, new byte[100], MSG_DONTWAIT));
            Expect.Ok(rig.Server.GetSockName(receivers[0], out SockAddr name));
            Assert.AreEqual(Experiment, name.Port);
            Expect.Ok(rig.Client.Connect(sender, server));
            Expect.Result(2, rig.Client.Send(sender, "ok"u8));
            Expect.Result(header + 2, rig.Server.Recv(receivers[0], new byte[100]));
            foreach (int socket in (int[])[.. receivers, other, elsewhere])
            {
                Expect.Ok(rig.Server.Close(socket));
            }

            Expect.Ok(rig.Client.Close(sender));
        }
    }

    [TestMethod, OnBothSides]
    public void A_packet_with_its_header_goes_as_it_is_but_for_length_checksum_and_zeros(Side side)
    {
        using SocketRig rig = new(side);
        int receiver = Expect.Ok(rig.Server.Socket(AF_INET, SOCK_RAW, Experiment));
        int sender = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_RAW, IPPROTO_RAW));
        Expect.Ok(rig.Client.GetSockOpt(sender, SOL_IP, IP_HDRINCL, out int included));
        Assert.AreEqual(1, included);
        byte[] packet = new byte[25];
        IPv4Header.Write(packet, new IPv4Fields { Source = default, Destination = SocketRig.ServerAt(0).Address.IPv4, Protocol = (IpProtocol)Experiment, PayloadLength = 1, TrafficClass = 0x28, TimeToLive = 33 });
        "hello"u8.CopyTo(packet.AsSpan(20));
        Expect.Result(packet.Length, rig.Client.SendTo(sender, packet, SocketRig.ServerAt(0)));
        byte[] received = new byte[100];
        Expect.Result(packet.Length, rig.Server.RecvFrom(receiver, received, out SockAddr whom));
        Assert.AreEqual(SocketRig.ClientAt(0), whom);
        Assert.IsTrue(IPv4Header.TryParse(received.AsSpan(0, 25), 25, out IPv4Header header));
        Assert.IsTrue(header.ChecksumIsGood);
        Assert.AreEqual((0x28, 33, 25), (header.TrafficClass, header.TimeToLive, header.TotalLength));
        Assert.AreEqual("hello", System.Text.Encoding.ASCII.GetString(received, 20, 5));
        Expect.Error(EINVAL, rig.Client.SendTo(sender, new byte[19], SocketRig.ServerAt(0)));
        Expect.Error(EMSGSIZE, rig.Client.SendTo(sender, [0x45, .. new byte[1600]], SocketRig.ServerAt(0)));
    }

    [TestMethod, OnBothSides]
    public void A_checksum_s_place_is_told_over_IPv6(Side side)
    {
        using SocketRig rig = new(side);
        int receiver = Expect.Ok(rig.Server.Socket(AF_INET6, SOCK_RAW, Experiment));
        int plain = Expect.Ok(rig.Server.Socket(AF_INET6, SOCK_RAW, Experiment));
        int sender = Expect.Ok(rig.Client.Socket(AF_INET6, SOCK_RAW, Experiment));
        Expect.Error(EINVAL, rig.Client.SetSockOpt(sender, SOL_IPV6, IPV6_CHECKSUM, 3));
        Expect.Ok(rig.Client.SetSockOpt(sender, SOL_IPV6, IPV6_CHECKSUM, 4));
        Expect.Ok(rig.Server.SetSockOpt(receiver, SOL_IPV6, IPV6_CHECKSUM, 4));
        Expect.Error(EINVAL, rig.Client.SendTo(sender, new byte[5], SocketRig.ServerAt6(0)));
        byte[] sent = [1, 2, 3, 4, 0, 0, 5, 6];
        Expect.Result(8, rig.Client.SendTo(sender, sent, SocketRig.ServerAt6(0)));
        byte[] received = new byte[20];
        Expect.Result(8, rig.Server.Recv(receiver, received));
        uint pseudo = InternetChecksum.PseudoHeader(SocketRig.ClientAt6(0).Address, SocketRig.ServerAt6(0).Address, (IpProtocol)Experiment, 8);
        Assert.AreEqual(0, InternetChecksum.Finish(InternetChecksum.Sum(received.AsSpan(0, 8), pseudo)));
        Expect.Result(8, rig.Server.Recv(plain, received));
        Expect.Ok(rig.Client.SetSockOpt(sender, SOL_IPV6, IPV6_CHECKSUM, -1));
        Expect.Result(8, rig.Client.SendTo(sender, sent, SocketRig.ServerAt6(0))); // a wrong one
        Expect.Result(8, rig.Server.Recv(plain, received));
        Expect.Error(EAGAIN, rig.Server.Recv(receiver, received, MSG_DONTWAIT));
    }

    [TestMethod, OnBothSides]
    public void What_nobody_speaks_is_refused_and_told_to_who_is_connected(Side side)
    {
        using SocketRig rig = new(side);
        int sender = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_RAW, Experiment2));
        Expect.Ok(rig.Client.Connect(sender, SocketRig.ServerAt(0)));
        Expect.Result(8, rig.Client.Send(sender, new byte[8]));
        Assert.AreEqual(POLLERR, SocketRig.Await(rig.Client, sender, POLLPRI));
        Expect.Error(ENOPROTOOPT, rig.Client.Recv(sender, new byte[100], MSG_DONTWAIT));
        Expect.Ok(rig.Client.SetSockOpt(sender, SOL_IP, IP_RECVERR, 1));
        Expect.Result(8, rig.Client.Send(sender, "12345678"u8));
        SocketRig.Await(rig.Client, sender, POLLPRI);
        MsgHdr message = new(new byte[100]) { Control = new byte[256] };
        Expect.Result(8, rig.Client.RecvMsg(sender, message, MSG_ERRQUEUE));
        byte[] story = AncillaryTests.Read(message).Single().Data;
        CollectionAssert.AreEqual(new byte[] { SO_EE_ORIGIN_ICMP, 3, 2 }, story[4..7]);
    }

    [TestMethod, OnBothSides]
    public void A_protocol_is_needed(Side side)
    {
        using SocketRig rig = new(side);
        Expect.Error(EPROTONOSUPPORT, rig.Client.Socket(AF_INET, SOCK_RAW));
        Expect.Error(EPROTONOSUPPORT, rig.Client.Socket(AF_INET6, SOCK_RAW));
        int socket = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_RAW, Experiment));
        Expect.Error(EOPNOTSUPP, rig.Client.SetSockOpt(socket, SOL_RAW, ICMP_FILTER, 0));
        Expect.Error(EADDRNOTAVAIL, rig.Client.Bind(socket, SocketRig.Silent(0)));
        Expect.Ok(rig.Client.Bind(socket, SocketRig.ClientAt(0)));
        Expect.Ok(rig.Client.Bind(socket, SocketRig.AnyAt(0)));
        Expect.Error(EOPNOTSUPP, rig.Client.Listen(socket, 1));
    }

    [OwnProcessTest, OnBothSides]
    public void Who_is_not_the_superuser_gets_none(Side side)
    {
        using SocketRig rig = new(side);
        rig.Client.As(1000, 1000, () =>
        {
            Expect.Error(EPERM, rig.Client.Socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
            Expect.Error(EPERM, rig.Client.Socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6));
            return 0;
        });
    }

    private static byte[] Echo(byte type, ushort identifier, ushort number)
    {
        byte[] message = new byte[24];
        message[0] = type;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(4), identifier);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(6), number);
        "some sixteen oct"u8.CopyTo(message.AsSpan(8));
        return message;
    }
}
