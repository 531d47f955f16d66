using System.Buffers.Binary;
using System.Net.Sockets;
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

/// <summary>SOCK_DGRAM of the Internet families, on our sockets and on Linux's (udp(7), ip(7), ipv6(7)).</summary>
[TestClass]
public sealed class DatagramTests
{
    private const PollEvents Writable = POLLOUT | POLLWRNORM | POLLWRBAND;
    private const PollEvents All = Writable | POLLIN | POLLRDNORM | POLLPRI | POLLRDHUP;

    private static readonly byte[] s_byte = [42];

    [TestMethod, OnBothSides]
    public void A_new_socket_has_no_name_and_is_writable(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        int socket = Expect.Ok(calls.Socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP));
        Expect.Ok(calls.GetSockName(socket, out SockAddr name));
        Assert.AreEqual(SocketRig.AnyAt(0), name);
        Expect.Error(ENOTCONN, calls.GetPeerName(socket, out _));
        Assert.AreEqual(Writable, Poll(calls, socket));
        Expect.Error(EDESTADDRREQ, calls.Send(socket, s_byte));
        Expect.Error(EOPNOTSUPP, calls.Listen(socket, 1));
        Expect.Error(EOPNOTSUPP, calls.Accept(socket, out _));
        Expect.Error(EAGAIN, calls.Recv(socket, new byte[1], MSG_DONTWAIT));
        Expect.Error(EAGAIN, calls.RecvMsg(socket, new MsgHdr(new byte[1]), MSG_ERRQUEUE));
        Expect.Ok(calls.Close(socket));
        Expect.Error(EPROTONOSUPPORT, calls.Socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP));
    }

    [TestMethod, OnBothSides]
    public void Datagrams_come_whole_and_from_whom_they_say(Side side)
    {
        using SocketRig rig = new(side);
        foreach ((SocketDomain domain, SockAddr client, SockAddr server) in Families())
        {
            int receiver = Bound(rig.Server, domain, server, out SockAddr address);
            int sender = Bound(rig.Client, domain, client, out SockAddr from);
            byte[] first = [.. Enumerable.Range(0, 1000).Select(static i => (byte)i)];
            Expect.Result(first.Length, rig.Client.SendTo(sender, first, address));
            Expect.Result(0, rig.Client.SendTo(sender, [], address));
            Expect.Result(1, rig.Client.SendTo(sender, s_byte, address));
            byte[] buffer = new byte[2000];
            Expect.Result(first.Length, rig.Server.RecvFrom(receiver, buffer, out SockAddr whom));
            CollectionAssert.AreEqual(first, buffer[..first.Length]);
            Assert.AreEqual(from, whom);
            Expect.Result(0, rig.Server.RecvFrom(receiver, buffer, out whom));
            Assert.AreEqual(from, whom);
            Expect.Result(1, rig.Server.Recv(receiver, buffer));
            Expect.Ok(rig.Client.Close(sender));
            Expect.Ok(rig.Server.Close(receiver));
        }
    }

    [TestMethod, OnBothSides]
    public void What_does_not_fit_is_lost_and_told_of(Side side)
    {
        using SocketRig rig = new(side);
        int receiver = Bound(rig.Server, AF_INET, SocketRig.ServerAt(0), out SockAddr address);
        int sender = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM));
        Expect.Result(5, rig.Client.SendTo(sender, "hello"u8, address));
        Expect.Result(2, rig.Client.SendTo(sender, "ab"u8, address));
        SocketRig.Await(rig.Server, receiver, POLLIN);
        MsgHdr message = new(new byte[3]);
        Expect.Result(3, rig.Server.RecvMsg(receiver, message, MSG_PEEK));
        Assert.AreEqual(MSG_TRUNC, message.Flags);
        Expect.Result(5, rig.Server.RecvMsg(receiver, message, MSG_PEEK | MSG_TRUNC));
        Assert.AreEqual(MSG_TRUNC, message.Flags);
        int waiting = 0;
        Expect.Ok(rig.Server.Ioctl(receiver, FIONREAD, ref waiting));
        Assert.AreEqual(5, waiting);
        MsgHdr scattered = new(new byte[2], new byte[1], new byte[10]);
        Expect.Result(5, rig.Server.RecvMsg(receiver, scattered));
        Assert.AreEqual(MessageFlags.None, scattered.Flags);
        Assert.AreEqual("he|l|lo", string.Join('|', scattered.Runs.Select(static run => System.Text.Encoding.ASCII.GetString(run.Span).TrimEnd('\0'))));
        SocketRig.Await(rig.Server, receiver, POLLIN);
        Expect.Result(2, rig.Server.Recv(receiver, new byte[10], MSG_WAITALL));
        Expect.Error(EAGAIN, rig.Server.Recv(receiver, new byte[10], MSG_DONTWAIT));
        Expect.Ok(rig.Server.Ioctl(receiver, FIONREAD, ref waiting));
        Assert.AreEqual(0, waiting);
    }

    [TestMethod, OnBothSides]
    public void Where_a_datagram_cannot_go_it_is_refused(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        int socket = Expect.Ok(calls.Socket(AF_INET, SOCK_DGRAM));
        Expect.Error(EINVAL, calls.SendTo(socket, s_byte, SocketRig.ServerAt(0)));
        Expect.Error(ENETUNREACH, calls.SendTo(socket, s_byte, SocketRig.Unreachable(9)));
        Expect.Error(EACCES, calls.SendTo(socket, s_byte, SocketRig.ClientAt(9) with { Address = IPv4Address.Parse("192.0.2.255") }));
        Expect.Error(EACCES, calls.Connect(socket, SocketRig.ClientAt(9) with { Address = IPv4Address.Parse("192.0.2.255") }));
        Expect.Error(EAFNOSUPPORT, calls.SendTo(socket, s_byte, SocketRig.ServerAt6(9)));
        Expect.Error(EAFNOSUPPORT, calls.Connect(socket, SocketRig.ServerAt6(9)));
        Expect.Error(EMSGSIZE, calls.SendTo(socket, new byte[65508], SocketRig.ClientAt(9)));
        Expect.Error(EMSGSIZE, calls.SendTo(socket, new byte[70000], SocketRig.ClientAt(9)));
        Expect.Error(EOPNOTSUPP, calls.SendTo(socket, s_byte, SocketRig.ServerAt(9), MSG_OOB));
        Expect.Error(ENETUNREACH, calls.Connect(socket, SocketRig.Unreachable(9)));
        Expect.Result(65507, calls.SendTo(socket, new byte[65507], SocketRig.ClientAt(9)));
        Expect.Ok(calls.SetSockOpt(socket, SOL_SOCKET, SO_BROADCAST, 1));
        Expect.Result(1, calls.SendTo(socket, s_byte, SocketRig.ClientAt(9) with { Address = IPv4Address.Parse("192.0.2.255") }));
    }

    [TestMethod, OnBothSides]
    public void A_name_is_taken_once_unless_it_is_shared(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        int first = Bound(calls, AF_INET, SocketRig.ClientAt(0), out SockAddr name);
        int second = Expect.Ok(calls.Socket(AF_INET, SOCK_DGRAM));
        Expect.Error(EINVAL, calls.Bind(first, SocketRig.ClientAt(0)));
        Expect.Error(EADDRINUSE, calls.Bind(second, name));
        Expect.Error(EADDRINUSE, calls.Bind(second, SocketRig.AnyAt(name.Port)));
        Expect.Error(EADDRNOTAVAIL, calls.Bind(second, SocketRig.ServerAt(0)));
        Expect.Error(EAFNOSUPPORT, calls.Bind(second, SocketRig.ClientAt6(0)));
        Expect.Ok(calls.SetSockOpt(second, SOL_SOCKET, SO_REUSEADDR, 1));
        Expect.Error(EADDRINUSE, calls.Bind(second, name));
        Expect.Ok(calls.SetSockOpt(first, SOL_SOCKET, SO_REUSEADDR, 1));
        Expect.Ok(calls.Bind(second, name));
        int group = Expect.Ok(calls.Socket(AF_INET, SOCK_DGRAM));
        Expect.Ok(calls.Bind(group, SocketRig.AnyAt(0) with { Address = IPv4Address.Parse("224.1.2.3") }));
    }

    [TestMethod, OnBothSides]
    public void Connecting_sets_the_peer_and_our_address_and_is_undone(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        int peer = Bound(rig.Server, AF_INET, SocketRig.ServerAt(0), out SockAddr address);
        int stranger = Bound(rig.Server, AF_INET, SocketRig.ServerAt(0), out _);
        int socket = Expect.Ok(calls.Socket(AF_INET, SOCK_DGRAM));
        Expect.Ok(calls.Connect(socket, address));
        Expect.Ok(calls.GetPeerName(socket, out SockAddr name));
        Assert.AreEqual(address, name);
        Expect.Ok(calls.GetSockName(socket, out name));
        Assert.AreEqual(SocketRig.ClientAt(name.Port), name);
        Assert.AreNotEqual(0, name.Port);
        Expect.Error(EINVAL, calls.Bind(socket, SocketRig.ClientAt(0)));
        Expect.Result(1, rig.Server.SendTo(stranger, s_byte, name)); // not for it
        Expect.Result(2, rig.Server.SendTo(peer, "ok"u8, name));
        Expect.Result(2, calls.Recv(socket, new byte[10]));
        Expect.Result(1, calls.Send(socket, s_byte));
        Expect.Result(1, rig.Server.Recv(peer, new byte[10]));
        Expect.Error(EAGAIN, calls.Recv(socket, new byte[10], MSG_DONTWAIT));
        Expect.Ok(calls.Connect(socket, default(SockAddr)));
        Expect.Error(ENOTCONN, calls.GetPeerName(socket, out _));
        Expect.Ok(calls.GetSockName(socket, out name));
        Assert.AreEqual(SocketRig.AnyAt(0), name);
        Expect.Error(EDESTADDRREQ, calls.Send(socket, s_byte));

        // What was bound stays.
        int bound = Bound(calls, AF_INET, SocketRig.ClientAt(4321), out SockAddr kept);
        Expect.Ok(calls.Connect(bound, address));
        Expect.Ok(calls.Connect(bound, address with { Port = 9 }));
        Expect.Ok(calls.GetPeerName(bound, out name));
        Assert.AreEqual(9, name.Port);
        Expect.Ok(calls.Connect(bound, default(SockAddr)));
        Expect.Ok(calls.GetSockName(bound, out name));
        Assert.AreEqual(kept, name);
    }

    [TestMethod, OnBothSides]
    public void A_refusal_is_the_next_call_s_error_once(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        foreach ((SocketDomain domain, _, SockAddr server) in Families())
        {
            int socket = Expect.Ok(calls.Socket(domain, SOCK_DGRAM));
            Expect.Ok(calls.Connect(socket, server with { Port = 9 }));
            foreach (int way in (int[])[0, 1, 2])
            {
                Expect.Result(1, calls.Send(socket, s_byte));
                Assert.AreEqual(POLLERR, SocketRig.Await(calls, socket, POLLPRI) & ~Writable);
                switch (way)
                {
                    case 0:
                        Expect.Error(ECONNREFUSED, calls.Recv(socket, new byte[1], MSG_DONTWAIT));
                        break;
                    case 1:
                        Expect.Error(ECONNREFUSED, calls.Send(socket, s_byte));
                        break;
                    default:
                        Expect.Ok(calls.GetSockOpt(socket, SOL_SOCKET, SO_ERROR, out int error));
                        Assert.AreEqual(ECONNREFUSED, (Errno)error);
                        break;
                }

                Expect.Error(EAGAIN, calls.Recv(socket, new byte[1], MSG_DONTWAIT));
            }

            Expect.Ok(calls.Close(socket));

            // Who is not connected hears nothing of it.
            int receiver = Bound(rig.Server, domain, server with { Port = 0 }, out SockAddr address);
            int free = Expect.Ok(calls.Socket(domain, SOCK_DGRAM));
            Expect.Result(1, calls.SendTo(free, s_byte, server with { Port = 9 }));
            Expect.Result(1, calls.SendTo(free, s_byte, address));
            Expect.Result(1, rig.Server.RecvFrom(receiver, new byte[1], out SockAddr back));
            Expect.Result(1, rig.Server.SendTo(receiver, s_byte, back));
            Expect.Result(1, calls.Recv(free, new byte[1]));
        }
    }

    [TestMethod, OnBothSides]
    public void Shutting_down_ends_each_direction(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        int free = Expect.Ok(calls.Socket(AF_INET, SOCK_DGRAM));
        Expect.Error(ENOTCONN, calls.Shutdown(free, SocketShutdown.Both));
        Expect.Error(EPIPE, calls.SendTo(free, s_byte, SocketRig.ServerAt(9)));
        int peer = Bound(rig.Server, AF_INET, SocketRig.ServerAt(0), out SockAddr address);
        int socket = Expect.Ok(calls.Socket(AF_INET, SOCK_DGRAM));
        Expect.Ok(calls.Connect(socket, address));
        Expect.Ok(calls.Shutdown(socket, SocketShutdown.Send));
        Expect.Error(EPIPE, calls.Send(socket, s_byte));
        Assert.AreEqual(Writable, Poll(calls, socket));
        Expect.Ok(calls.Shutdown(socket, SocketShutdown.Receive));
        Assert.AreEqual(Writable | POLLIN | POLLRDNORM | POLLRDHUP | POLLHUP, Poll(calls, socket));
        Expect.Result(0, calls.Recv(socket, new byte[1]));
        Expect.Ok(rig.Server.Close(peer));
    }

    [TestMethod, OnBothSides]
    public void A_socket_of_IPv6_speaks_IPv4_by_mapped_addresses(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Server;
        int both = Bound(calls, AF_INET6, SockAddr.Inet6(IpAddress.Any, 0), out SockAddr name);
        Expect.Error(EINVAL, calls.SetSockOpt(both, SOL_IPV6, IPV6_V6ONLY, 1));
        int sender = Bound(rig.Client, AF_INET, SocketRig.ClientAt(0), out SockAddr from);
        Expect.Result(1, rig.Client.SendTo(sender, s_byte, SocketRig.ServerAt(name.Port)));
        Expect.Result(1, calls.RecvFrom(both, new byte[1], out SockAddr whom));
        Assert.AreEqual(SockAddr.Inet6(from.Address, from.Port), whom);
        Expect.Result(2, calls.SendTo(both, "ok"u8, whom));
        Expect.Result(2, rig.Client.RecvFrom(sender, new byte[9], out whom));
        Assert.AreEqual(SocketRig.ServerAt(name.Port), whom);
        Expect.Result(2, calls.SendTo(both, "ok"u8, from)); // even with its own sockaddr
        Expect.Result(2, rig.Client.Recv(sender, new byte[9]));

        int only = Expect.Ok(calls.Socket(AF_INET6, SOCK_DGRAM));
        Expect.Ok(calls.SetSockOpt(only, SOL_IPV6, IPV6_V6ONLY, 1));
        Expect.Error(EINVAL, calls.Bind(only, SockAddr.Inet6(SocketRig.ServerAt(0).Address, 0)));
        Expect.Error(ENETUNREACH, calls.SendTo(only, s_byte, SockAddr.Inet6(from.Address, 9)));
        Expect.Error(ENETUNREACH, calls.SendTo(only, s_byte, from));
        Expect.Error(ENETUNREACH, calls.Connect(only, SockAddr.Inet6(from.Address, 9)));
        Expect.Error(EAFNOSUPPORT, calls.Connect(only, from));
        int six = Bound(calls, AF_INET6, SocketRig.ServerAt6(0), out _);
        Expect.Error(ENETUNREACH, calls.SendTo(six, s_byte, SockAddr.Inet6(from.Address, 9)));
        int mapped = Bound(calls, AF_INET6, SockAddr.Inet6(SocketRig.ServerAt(0).Address, 0), out _);
        Expect.Error(EAFNOSUPPORT, calls.SendTo(mapped, s_byte, SocketRig.ClientAt6(9)));
    }

    [TestMethod, OnBothSides]
    public void A_link_local_address_needs_an_interface(Side side)
    {
        using SocketRig rig = new(side);
        int socket = Expect.Ok(rig.Client.Socket(AF_INET6, SOCK_DGRAM));
        SockAddr local = SockAddr.Inet6(IPv6Address.Parse("fe80::1"), 9);
        Expect.Error(EINVAL, rig.Client.Bind(socket, local));
        Expect.Error(ENODEV, rig.Client.Bind(Expect.Ok(rig.Client.Socket(AF_INET6, SOCK_DGRAM)), local with { Scope = 77 }));
        Expect.Error(EINVAL, rig.Client.Connect(socket, local));
        Expect.Error(EINVAL, rig.Client.Bind(socket, local with { Scope = 77 })); // it has a port now
    }

    [TestMethod, OnBothSides]
    public void The_receive_buffer_bounds_what_waits(Side side)
    {
        const int Sent = 40;
        using SocketRig rig = new(side);
        int receiver = Bound(rig.Server, AF_INET, SocketRig.ServerAt(0), out SockAddr address);
        Expect.Ok(rig.Server.SetSockOpt(receiver, SOL_SOCKET, SO_RCVBUF, 4000));
        Expect.Ok(rig.Server.GetSockOpt(receiver, SOL_SOCKET, SO_RCVBUF, out int bytes));
        Assert.AreEqual(8000, bytes);
        int last = Bound(rig.Server, AF_INET, SocketRig.ServerAt(0), out SockAddr lastAddress);
        int sender = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM));
        for (int i = 0; i < Sent; i++)
        {
            Expect.Result(1000, rig.Client.SendTo(sender, new byte[1000], address));
        }

        Expect.Result(1, rig.Client.SendTo(sender, s_byte, lastAddress));
        Expect.Result(1, rig.Server.Recv(last, new byte[1])); // behind all others
        int count = 0;
        while (rig.Server.Recv(receiver, new byte[1000], MSG_DONTWAIT) == 1000)
        {
            count++;
        }

        Assert.IsTrue(count is > 1 and < 10, $"{count}");
    }

    [TestMethod, OnBothSides]
    public void Corked_parts_are_one_datagram(Side side)
    {
        using SocketRig rig = new(side);
        int receiver = Bound(rig.Server, AF_INET, SocketRig.ServerAt(0), out SockAddr address);
        int sender = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM));
        Expect.Result(2, rig.Client.SendTo(sender, "ab"u8, address, MSG_MORE));
        Expect.Result(2, rig.Client.SendTo(sender, "cd"u8, address, MSG_MORE));
        Expect.Result(1, rig.Client.SendTo(sender, "e"u8, address));
        byte[] buffer = new byte[10];
        Expect.Result(5, rig.Server.Recv(receiver, buffer));
        Assert.AreEqual("abcde", System.Text.Encoding.ASCII.GetString(buffer, 0, 5));
        Expect.Ok(rig.Client.Connect(sender, address));
        Expect.Ok(rig.Client.SetSockOpt(sender, SOL_UDP, UDP_CORK, 1));
        Expect.Result(2, rig.Client.Send(sender, "fg"u8));
        Expect.Result(2, rig.Client.Send(sender, "hi"u8));
        Expect.Ok(rig.Client.SetSockOpt(sender, SOL_UDP, UDP_CORK, 0));
        Expect.Result(4, rig.Server.Recv(receiver, buffer));
    }

    [TestMethod, OnBothSides]
    public void A_long_buffer_is_cut_into_datagrams(Side side)
    {
        using SocketRig rig = new(side);
        int receiver = Bound(rig.Server, AF_INET, SocketRig.ServerAt(0), out SockAddr address);
        int sender = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM));
        Expect.Error(EINVAL, rig.Client.SetSockOpt(sender, SOL_UDP, UDP_SEGMENT, 70_000));
        Expect.Ok(rig.Client.SetSockOpt(sender, SOL_UDP, UDP_SEGMENT, 100));
        Expect.Result(250, rig.Client.SendTo(sender, new byte[250], address));
        byte[] buffer = new byte[1000];
        Expect.Result(100, rig.Server.Recv(receiver, buffer));
        Expect.Result(100, rig.Server.Recv(receiver, buffer));
        Expect.Result(50, rig.Server.Recv(receiver, buffer));
        byte[] control = Control(SOL_UDP, UDP_SEGMENT, BitConverter.GetBytes((ushort)200));
        Expect.Result(250, rig.Client.SendMsg(sender, new MsgHdr(new byte[250]) { Name = address, Control = control }));
        Expect.Result(200, rig.Server.Recv(receiver, buffer));
        Expect.Result(50, rig.Server.Recv(receiver, buffer));
        Expect.Result(100, rig.Client.SendTo(sender, new byte[100], rig.Client.GetSockName(sender, out SockAddr own) == 0 ? SocketRig.ClientAt(own.Port) : default));
        Expect.Result(100, rig.Client.Recv(sender, buffer));
        Expect.Result(250, rig.Client.SendTo(sender, new byte[250], SocketRig.ClientAt(own.Port))); // to ourselves
        Expect.Result(100, rig.Client.Recv(sender, buffer));
        Expect.Result(100, rig.Client.Recv(sender, buffer));
        Expect.Result(50, rig.Client.Recv(sender, buffer));
    }

    [TestMethod, OnBothSides]
    public void A_datagram_longer_than_a_packet_arrives_whole(Side side)
    {
        using SocketRig rig = new(side);
        int receiver = Bound(rig.Server, AF_INET, SocketRig.ServerAt(0), out SockAddr address);
        int sender = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM));
        byte[] sent = new byte[20_000];
        TestSeedBytes(sent);
        Expect.Result(sent.Length, rig.Client.SendTo(sender, sent, address));
        byte[] received = new byte[sent.Length + 1];
        Expect.Result(sent.Length, rig.Server.Recv(receiver, received));
        CollectionAssert.AreEqual(sent, received[..sent.Length]);
        Expect.Ok(rig.Client.SetSockOpt(sender, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO));
        Expect.Error(EMSGSIZE, rig.Client.SendTo(sender, sent, address));
        Expect.Result(1472, rig.Client.SendTo(sender, sent.AsSpan(0, 1472), address));
        Expect.Error(ENOTCONN, rig.Client.GetSockOpt(sender, SOL_IP, IP_MTU, out int _));
        Expect.Ok(rig.Client.Connect(sender, address));
        Expect.Ok(rig.Client.GetSockOpt(sender, SOL_IP, IP_MTU, out int mtu));
        Assert.AreEqual(1500, mtu);
    }

    internal static int Bound(ISocketCalls calls, SocketDomain domain, SockAddr address, out SockAddr name)
    {
        int socket = Expect.Ok(calls.Socket(domain, SOCK_DGRAM));
        Expect.Ok(calls.Bind(socket, address));
        Expect.Ok(calls.GetSockName(socket, out name));
        return socket;
    }

    internal static (SocketDomain Domain, SockAddr Client, SockAddr Server)[] Families() =>
        [(AF_INET, SocketRig.ClientAt(0), SocketRig.ServerAt(0)), (AF_INET6, SocketRig.ClientAt6(0), SocketRig.ServerAt6(0))];

    internal static byte[] Control(int level, int type, ReadOnlySpan<byte> data)
    {
        byte[] control = new byte[ControlWriter.Space(data.Length)];
        new ControlWriter(control).Write(level, type, data);
        return control;
    }

    private static void TestSeedBytes(byte[] bytes)
    {
        for (int i = 0; i < bytes.Length; i += 2)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(i), (ushort)(i * 40503));
        }
    }

    private static PollEvents Poll(ISocketCalls calls, int socket)
    {
        Stack.Sockets.Descriptors.PollFd[] list = [new() { Descriptor = socket, Events = All }];
        calls.Poll(list, 0);
        return list[0].Returned;
    }
}
