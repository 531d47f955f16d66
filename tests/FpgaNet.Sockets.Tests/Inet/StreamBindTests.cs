using System.Net.Sockets;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Inet;

/// <summary>Addresses and ports of streams: who may have which beside whom (bind(2), ip(7), ipv6(7), socket(7)).</summary>
[TestClass]
public sealed class StreamBindTests
{
    [TestMethod, OnBothSides]
    public void A_port_is_taken_by_bind_and_free_after_close(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        (int first, ushort port) = Bound(calls, SocketRig.ClientAt(0));
        Assert.AreNotEqual(0, port);
        int second = calls.Stream();
        Expect.Error(EADDRINUSE, calls.Bind(second, SocketRig.ClientAt(port)));
        Expect.Error(EADDRINUSE, calls.Bind(second, SocketRig.AnyAt(port)));
        Expect.Error(EINVAL, calls.Bind(first, SocketRig.ClientAt(0))); // it has one
        Expect.Ok(calls.Bind(second, SocketRig.ClientAt(0)));
        int third = calls.Stream();
        Expect.Ok(calls.Close(first));
        Expect.Ok(calls.Bind(third, SocketRig.ClientAt(port)));
    }

    [TestMethod, OnBothSides]
    public void Addresses_that_cannot_be_bound(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        int socket = calls.Stream();
        Expect.Error(EADDRNOTAVAIL, calls.Bind(socket, SocketRig.ServerAt(0)));
        Expect.Error(EAFNOSUPPORT, calls.Bind(socket, SocketRig.ClientAt6(0)));
        int six = calls.Stream(AF_INET6);
        Expect.Error(EADDRNOTAVAIL, calls.Bind(six, SocketRig.ServerAt6(0)));
        Expect.Error(EINVAL, calls.Bind(six, SocketRig.ClientAt(0))); // too short
        Expect.Ok(calls.SetSockOpt(six, SOL_IPV6, IPV6_V6ONLY, 1));
        Expect.Error(EINVAL, calls.Bind(six, SockAddr.Inet6(SocketRig.ClientAt(0).Address, 0)));
    }

    [OwnProcessTest, OnBothSides]
    public void Ports_below_1024_are_the_superusers(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        foreach (SocketKind kind in (SocketKind[])[SocketKind.SOCK_STREAM, SocketKind.SOCK_DGRAM])
        {
            calls.As(1000, 1000, () =>
            {
                int socket = Expect.Ok(calls.Socket(AF_INET, kind));
                Expect.Error(EACCES, calls.Bind(socket, SocketRig.ClientAt(1)));
                Expect.Error(EACCES, calls.Bind(socket, SocketRig.ClientAt(1023)));
                Expect.Ok(calls.Bind(socket, SocketRig.ClientAt(1024)));
                return Expect.Ok(calls.Close(socket));
            });
            int root = Expect.Ok(calls.Socket(AF_INET, kind));
            Expect.Ok(calls.Bind(root, SocketRig.ClientAt(1023)));
            Expect.Ok(calls.Close(root));
        }
    }

    [TestMethod, OnBothSides]
    public void A_listener_keeps_its_port_from_others_whatever_they_say(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        (int first, ushort port) = Bound(calls, SocketRig.ClientAt(0), SO_REUSEADDR);
        (int second, _) = Bound(calls, SocketRig.ClientAt(port), SO_REUSEADDR);
        Expect.Ok(calls.Listen(first, 1));
        Expect.Error(EADDRINUSE, calls.Listen(second, 1));
        int third = calls.Stream();
        Expect.Ok(calls.SetSockOpt(third, SOL_SOCKET, SO_REUSEADDR, 1));
        Expect.Error(EADDRINUSE, calls.Bind(third, SocketRig.ClientAt(port)));
        Expect.Ok(calls.Close(first));
        Expect.Ok(calls.Bind(third, SocketRig.ClientAt(port)));
        Expect.Ok(calls.Listen(second, 1));
    }

    [TestMethod, OnBothSides]
    public void Closing_with_unread_data_does_not_end_TIME_WAIT(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        Expect.Ok(rig.Client.GetSockName(client, out SockAddr own));
        Expect.Ok(rig.Client.Shutdown(client, SocketShutdown.Send));
        rig.Server.Await(server, PollEvents.POLLRDHUP);
        Expect.Result(8, rig.Server.Send(server, new byte[8]));
        Expect.Ok(rig.Server.Close(server));
        rig.Client.Await(client, PollEvents.POLLHUP);
        Expect.Ok(rig.Client.Close(client));
        Expect.Error(EADDRINUSE, rig.Client.Bind(rig.Client.Stream(), own));
    }

    [TestMethod, OnBothSides]
    public void What_a_servers_connections_leave_behind_keeps_its_port_unless_it_reuses_addresses(Side side)
    {
        foreach (bool reuses in (bool[])[false, true])
        {
            using SocketRig rig = new(side);
            ISocketCalls calls = rig.Server;
            (int listening, ushort port) = Bound(calls, SocketRig.ServerAt(0), reuses ? SO_REUSEADDR : 0);
            Expect.Ok(calls.Listen(listening, 1));
            int client = rig.Client.Stream();
            Expect.Ok(rig.Client.Connect(client, SocketRig.ServerAt(port)));
            int server = Expect.Ok(calls.Accept(listening, out _));
            Expect.Ok(calls.Close(listening));
            Again();

            // Who closes first is left in TIME-WAIT.
            Expect.Ok(calls.Close(server));
            rig.Client.Await(client, PollEvents.POLLRDHUP);
            Expect.Ok(rig.Client.Close(client));
            Again();

            void Again()
            {
                int next = calls.Stream();
                Expect.Error(EADDRINUSE, calls.Bind(next, SocketRig.ServerAt(port)));
                Expect.Ok(calls.SetSockOpt(next, SOL_SOCKET, SO_REUSEADDR, 1));
                int result = calls.Bind(next, SocketRig.ServerAt(port));
                if (reuses)
                {
                    Expect.Ok(result);
                    Expect.Ok(calls.Listen(next, 1));
                }
                else
                {
                    Expect.Error(EADDRINUSE, result);
                }

                Expect.Ok(calls.Close(next));
            }
        }
    }

    [TestMethod, OnBothSides]
    public void Wildcards_and_families(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        (int dual, ushort port) = Bound(calls, SockAddr.Inet6(default, 0));
        int four = calls.Stream();
        Expect.Error(EADDRINUSE, calls.Bind(four, SocketRig.AnyAt(port)));
        Expect.Error(EADDRINUSE, calls.Bind(four, SocketRig.ClientAt(port)));
        Expect.Error(EINVAL, calls.SetSockOpt(dual, SOL_IPV6, IPV6_V6ONLY, 1)); // too late
        Expect.Ok(calls.Close(dual));
        int only = calls.Stream(AF_INET6);
        Expect.Ok(calls.SetSockOpt(only, SOL_IPV6, IPV6_V6ONLY, 1));
        Expect.Ok(calls.Bind(only, SockAddr.Inet6(default, port)));
        Expect.Ok(calls.Bind(four, SocketRig.AnyAt(port)));
    }

    [TestMethod, OnBothSides]
    public void A_listener_of_both_families_sees_mapped_addresses(Side side)
    {
        using SocketRig rig = new(side);
        int listening = rig.Server.Stream(AF_INET6);
        Expect.Ok(rig.Server.Listen(listening, 4)); // at any address and a port of its own
        Expect.Ok(rig.Server.GetSockName(listening, out SockAddr any));
        Assert.AreNotEqual(0, any.Port);
        foreach (SockAddr target in (SockAddr[])[SocketRig.ServerAt(any.Port), SocketRig.ServerAt6(any.Port)])
        {
            int client = rig.Client.Stream(target.Family);
            Expect.Ok(rig.Client.Connect(client, target));
            int server = Expect.Ok(rig.Server.Accept(listening, out SockAddr peer));
            Expect.Ok(rig.Client.GetSockName(client, out SockAddr own));
            Assert.AreEqual(AF_INET6, peer.Family);
            Assert.AreEqual((own.Address, own.Port), (peer.Address, peer.Port));
            Expect.Ok(rig.Server.GetSockName(server, out SockAddr accepted));
            Assert.AreEqual((AF_INET6, target.Address, target.Port), (accepted.Family, accepted.Address, accepted.Port));
            rig.Client.Say(client, "hello");
            Assert.AreEqual("hello", rig.Server.Hear(server));
        }

        int mapped = rig.Client.Stream(AF_INET6);
        Expect.Ok(rig.Client.Connect(mapped, SockAddr.Inet6(SocketRig.ServerAt(0).Address, any.Port)));
        Expect.Ok(rig.Client.GetPeerName(mapped, out SockAddr remote));
        Assert.AreEqual((AF_INET6, SocketRig.ServerAt(0).Address), (remote.Family, remote.Address));
    }

    [TestMethod, OnBothSides]
    public void A_listener_of_IPv6_only_refuses_IPv4(Side side)
    {
        using SocketRig rig = new(side);
        int listening = rig.Server.Stream(AF_INET6);
        Expect.Ok(rig.Server.SetSockOpt(listening, SOL_IPV6, IPV6_V6ONLY, 1));
        Expect.Ok(rig.Server.Listen(listening, 4));
        Expect.Ok(rig.Server.GetSockName(listening, out SockAddr any));
        int client = rig.Client.Stream();
        Expect.Error(ECONNREFUSED, rig.Client.Connect(client, SocketRig.ServerAt(any.Port)));
        int six = rig.Client.Stream(AF_INET6);
        Expect.Ok(rig.Client.Connect(six, SocketRig.ServerAt6(any.Port)));
    }

    [TestMethod, OnBothSides]
    public void One_local_port_goes_to_several_peers_but_once_to_each(Side side)
    {
        using SocketRig rig = new(side);
        rig.Listen(out SockAddr first);
        rig.Listen(out SockAddr second);
        (int one, ushort port) = Bound(rig.Client, SocketRig.ClientAt(0), SO_REUSEADDR);
        (int two, _) = Bound(rig.Client, SocketRig.ClientAt(port), SO_REUSEADDR);
        (int three, _) = Bound(rig.Client, SocketRig.ClientAt(port), SO_REUSEADDR);
        Expect.Ok(rig.Client.Connect(one, first));
        Expect.Error(EADDRNOTAVAIL, rig.Client.Connect(two, first));
        Expect.Ok(rig.Client.Connect(three, second));
        Expect.Ok(rig.Client.GetSockName(three, out SockAddr own));
        Assert.AreEqual(port, own.Port);
    }

    [TestMethod, OnBothSides]
    public void A_port_that_bind_chose_outlives_a_dissolved_connection(Side side)
    {
        using SocketRig rig = new(side);
        rig.Listen(out SockAddr address);
        (int free, ushort port) = Bound(rig.Client, SocketRig.ClientAt(0));
        Expect.Ok(rig.Client.Close(free));
        (int socket, _) = Bound(rig.Client, SocketRig.ClientAt(port));
        Expect.Ok(rig.Client.Connect(socket, address));
        Expect.Ok(rig.Client.Connect(socket, new byte[16]));
        Expect.Ok(rig.Client.GetSockName(socket, out SockAddr own));
        Assert.AreEqual(SocketRig.ClientAt(port), own);
        int other = rig.Client.Stream();
        Expect.Error(EADDRINUSE, rig.Client.Bind(other, SocketRig.ClientAt(port)));
    }

    [TestMethod, OnBothSides]
    public void Listeners_that_share_a_port_share_its_connections(Side side)
    {
        const int Listeners = 3;
        const int Connections = 60;
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Server;
        (int first, ushort port) = Bound(calls, SocketRig.ServerAt(0), SO_REUSEPORT);
        int[] listeners = [first, Bound(calls, SocketRig.ServerAt(port), SO_REUSEPORT).Socket, Bound(calls, SocketRig.ServerAt(port), SO_REUSEPORT).Socket];
        Expect.Error(EADDRINUSE, calls.Bind(calls.Stream(), SocketRig.ServerAt(port)));
        foreach (int listener in listeners)
        {
            Expect.Ok(calls.Listen(listener, Connections));
            Expect.Ok(calls.Fcntl(listener, FileControl.F_SETFL, FileControl.O_NONBLOCK));
        }

        for (int i = 0; i < Connections; i++)
        {
            Expect.Ok(rig.Client.Connect(rig.Client.Stream(), SocketRig.ServerAt(port)));
        }

        int[] counts = new int[Listeners];
        for (int waited = 0; counts.Sum() < Connections; waited++)
        {
            Assert.IsLessThan(30_000, waited);
            for (int i = 0; i < Listeners; i++)
            {
                while (calls.Accept(listeners[i], out _) >= 0)
                {
                    counts[i]++;
                }
            }

            Thread.Sleep(1);
        }

        // That one of three gets none of sixty has the probability 3 · (2/3)^60, less than one in ten thousand million.
        Assert.IsGreaterThan(0, counts.Min(), string.Join(' ', counts));
    }

    [TestMethod, OnBothSides]
    public void A_full_backlog_accepts_no_more(Side side)
    {
        using SocketRig rig = new(side);
        int listening = rig.Listen(out SockAddr address, backlog: 1);
        int[] sockets = new int[3];
        for (int i = 0; i < 2; i++)
        {
            sockets[i] = rig.Client.Stream();
            Expect.Ok(rig.Client.Connect(sockets[i], address)); // one more than it says
        }

        sockets[2] = rig.Client.Stream();
        Expect.Ok(rig.Client.Fcntl(sockets[2], FileControl.F_SETFL, FileControl.O_NONBLOCK));
        Expect.Error(EINPROGRESS, rig.Client.Connect(sockets[2], address));
        PollFdIsSilent(rig.Client, sockets[2], milliseconds: 100);
        Expect.Ok(rig.Server.Listen(listening, 5)); // and listening again makes room
        rig.Client.Await(sockets[2], PollEvents.POLLOUT);
        Expect.Ok(rig.Client.Connect(sockets[2], address));
    }

    private static void PollFdIsSilent(ISocketCalls calls, int socket, int milliseconds)
    {
        Stack.Sockets.Descriptors.PollFd[] list = [new() { Descriptor = socket, Events = StreamRig.Everything }];
        Expect.Result(0, calls.Poll(list, milliseconds));
    }

    private static (int Socket, ushort Port) Bound(ISocketCalls calls, SockAddr address, int option = 0)
    {
        int socket = calls.Stream(address.Family);
        if (option != 0)
        {
            Expect.Ok(calls.SetSockOpt(socket, SOL_SOCKET, option, 1));
        }

        Expect.Ok(calls.Bind(socket, address));
        Expect.Ok(calls.GetSockName(socket, out SockAddr bound));
        return (socket, bound.Port);
    }
}
