using System.Text;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Inet;

/// <summary>Which values the options of tcp(7) have and take; what SO_LINGER does to close, and Fast Open to connecting.</summary>
[TestClass]
public sealed class StreamOptionValueTests
{
    [TestMethod, OnBothSides]
    public void Flags_are_off_at_first(Side side) => OnSocket(side, (calls, socket) =>
    {
        foreach (int name in (int[])[TCP_NODELAY, TCP_CORK, TCP_DEFER_ACCEPT, TCP_USER_TIMEOUT, TCP_FASTOPEN, TCP_FASTOPEN_CONNECT])
        {
            Assert.AreEqual(0, calls.Option(socket, SOL_TCP, name));
        }

        Assert.AreEqual(1, calls.Option(socket, SOL_TCP, TCP_QUICKACK));
        Assert.AreEqual(536, calls.Option(socket, SOL_TCP, TCP_MAXSEG));
        Assert.AreEqual(7200, calls.Option(socket, SOL_TCP, TCP_KEEPIDLE));
        Assert.AreEqual(75, calls.Option(socket, SOL_TCP, TCP_KEEPINTVL));
        Assert.AreEqual(9, calls.Option(socket, SOL_TCP, TCP_KEEPCNT));
        Assert.AreEqual(60, calls.Option(socket, SOL_TCP, TCP_LINGER2));
        Assert.AreEqual(0, calls.Option(socket, SOL_SOCKET, SO_OOBINLINE));
        Assert.AreEqual(0, calls.Option(socket, SOL_SOCKET, SO_ACCEPTCONN));
    });

    [TestMethod, OnBothSides]
    public void Values_that_are_kept(Side side) => OnSocket(side, (calls, socket) =>
    {
        foreach ((int name, int value, int kept) in ((int, int, int)[])[(TCP_NODELAY, 5, 1), (TCP_CORK, 1, 1), (TCP_QUICKACK, 0, 0), (TCP_MAXSEG, 1000, 1000), (TCP_KEEPIDLE, 5, 5), (TCP_KEEPINTVL, 6, 6),
            (TCP_KEEPCNT, 7, 7), (TCP_SYNCNT, 3, 3), (TCP_USER_TIMEOUT, 1234, 1234), (TCP_DEFER_ACCEPT, 1, 1), (TCP_DEFER_ACCEPT, 2, 3), (TCP_DEFER_ACCEPT, 10, 15), (TCP_LINGER2, 30, 30), (TCP_LINGER2, -3, -1),
            (TCP_NOTSENT_LOWAT, 16384, 16384), (TCP_NOTSENT_LOWAT, -1, -1), (TCP_NOTSENT_LOWAT, 0, 0)])
        {
            Expect.Ok(calls.SetSockOpt(socket, SOL_TCP, name, value));
            Assert.AreEqual(kept, calls.Option(socket, SOL_TCP, name), $"option {name}");
        }
    });

    [TestMethod, OnBothSides]
    public void Values_that_are_refused(Side side) => OnSocket(side, (calls, socket) =>
    {
        foreach ((int name, int value) in ((int, int)[])[(TCP_MAXSEG, 87), (TCP_MAXSEG, 32768), (TCP_KEEPIDLE, 0), (TCP_KEEPIDLE, 32768), (TCP_KEEPINTVL, 0), (TCP_KEEPCNT, 0), (TCP_KEEPCNT, 128), (TCP_SYNCNT, 0),
            (TCP_SYNCNT, 128), (TCP_USER_TIMEOUT, -1), (TCP_FASTOPEN_CONNECT, 2)])
        {
            Expect.Error(EINVAL, calls.SetSockOpt(socket, SOL_TCP, name, value));
        }

        Expect.Error(EINVAL, calls.SetSockOpt(socket, SOL_TCP, TCP_NODELAY, new byte[3]));
        Expect.Error(ENOPROTOOPT, calls.SetSockOpt(socket, SOL_TCP, TCP_INFO, new byte[300]));
        Expect.Error(ENOPROTOOPT, calls.SetSockOpt(socket, SOL_TCP, 999, 1));
        Expect.Error(ENOPROTOOPT, calls.GetSockOpt(socket, SOL_TCP, 999, out int _));
        Expect.Error(ENOPROTOOPT, calls.SetSockOpt(socket, SOL_SOCKET, SO_ACCEPTCONN, 1));
    });

    [TestMethod, OnBothSides]
    public void Congestion_controls_have_names(Side side) => OnSocket(side, (calls, socket) =>
    {
        Expect.Error(ENOENT, calls.SetSockOpt(socket, SOL_TCP, TCP_CONGESTION, "none such"u8));
        foreach (string name in (string[])["reno", "cubic"])
        {
            Expect.Ok(calls.SetSockOpt(socket, SOL_TCP, TCP_CONGESTION, Encoding.ASCII.GetBytes(name)));
            byte[] value = new byte[16];
            Expect.Ok(calls.GetSockOpt(socket, SOL_TCP, TCP_CONGESTION, value, out int length));
            Assert.AreEqual(16, length);
            Assert.AreEqual(name, Encoding.ASCII.GetString(value).TrimEnd('\0'));
        }
    });

    [TestMethod, OnBothSides]
    public void The_state_is_the_first_byte_of_TCP_INFO(Side side)
    {
        using SocketRig rig = new(side);
        Assert.AreEqual(7, State(rig.Client, rig.Client.Stream()), "TCP_CLOSE");
        Assert.AreEqual(10, State(rig.Server, rig.Listen(out _)), "TCP_LISTEN");
        (int client, int server) = rig.Connect();
        Assert.AreEqual(1, State(rig.Client, client), "TCP_ESTABLISHED");
        Expect.Ok(rig.Client.Shutdown(client, System.Net.Sockets.SocketShutdown.Send));
        rig.Server.Await(server, PollEvents.POLLRDHUP);
        Assert.AreEqual(8, State(rig.Server, server), "TCP_CLOSE_WAIT");
    }

    [TestMethod, OnBothSides]
    public void A_lingering_close_waits_until_all_is_acknowledged(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        byte[] linger = [1, 0, 0, 0, 30, 0, 0, 0];
        Expect.Ok(rig.Client.SetSockOpt(client, SOL_SOCKET, SO_LINGER, linger));
        Expect.Ok(rig.Client.SetSockOpt(client, SOL_SOCKET, SO_SNDBUF, 200_000));
        Expect.Ok(rig.Server.SetSockOpt(server, SOL_SOCKET, SO_RCVBUF, 4000));
        int sent = 0;
        for (int result; (result = rig.Client.Send(client, new byte[100_000], MessageFlags.MSG_DONTWAIT | MessageFlags.MSG_NOSIGNAL)) > 0;)
        {
            sent += result;
            Thread.Sleep(1);
        }

        int closed = -1;
        Thread closing = new(() => closed = rig.Client.Close(client));
        closing.Start();
        Assert.IsFalse(closing.Join(TimeSpan.FromMilliseconds(50)), "nobody has read anything");
        byte[] buffer = new byte[65536];
        int received = 0;
        for (int count; (count = Expect.Ok(rig.Server.Recv(server, buffer))) > 0;)
        {
            received += count;
        }

        Assert.AreEqual(sent, received);
        Assert.IsTrue(closing.Join(TimeSpan.FromSeconds(30)));
        Expect.Ok(closed);
    }

    [TestMethod, OnBothSides]
    public void A_lingering_close_ends_with_its_time(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        Expect.Ok(rig.Client.SetSockOpt(client, SOL_SOCKET, SO_LINGER, [1, 0, 0, 0, 1, 0, 0, 0]));
        while (rig.Client.Send(client, new byte[100_000], MessageFlags.MSG_DONTWAIT | MessageFlags.MSG_NOSIGNAL) > 0)
        {
            Thread.Sleep(1);
        }

        Expect.Ok(rig.Client.Close(client)); // and the rest goes on in the background
        while (Expect.Ok(rig.Server.Recv(server, new byte[65536])) > 0)
        {
            // until the end comes
        }
    }

    [TestMethod, OnBothSides]
    public void While_connecting_MSG_FASTOPEN_is_EALREADY_and_connected_EISCONN(Side side)
    {
        using SocketRig rig = new(side);
        const MessageFlags Fast = MessageFlags.MSG_FASTOPEN | MessageFlags.MSG_NOSIGNAL | MessageFlags.MSG_DONTWAIT;
        int socket = rig.Client.Stream();
        Expect.Error(EINPROGRESS, rig.Client.SendTo(socket, "hello"u8, SocketRig.Silent(80), Fast));
        Expect.Error(EALREADY, rig.Client.SendTo(socket, "hello"u8, SocketRig.Silent(80), Fast));
        (int client, _) = rig.Connect();
        Expect.Error(EISCONN, rig.Client.SendTo(client, "hello"u8, SocketRig.Silent(80), Fast));
    }

    [TestMethod]
    public void Fast_Open_takes_data_with_the_SYN_once_there_is_a_cookie()
    {
        using SocketHosts hosts = new();
        StackCalls client = new(hosts.A.Calls);
        StackCalls server = new(hosts.B.Calls);
        int listening = server.Stream();
        Expect.Ok(server.SetSockOpt(listening, SOL_TCP, TCP_FASTOPEN, 5));
        Expect.Ok(server.Bind(listening, hosts.B.At(80)));
        Expect.Ok(server.Listen(listening, 5));
        for (int i = 0; i < 3; i++)
        {
            int socket = client.Stream();
            if (i == 2)
            {
                Expect.Ok(client.SetSockOpt(socket, SOL_TCP, TCP_FASTOPEN_CONNECT, 1));
                Expect.Ok(client.Connect(socket, hosts.B.At(80)));
                Expect.Result(5, client.Send(socket, "hello"u8));
            }
            else
            {
                Expect.Result(5, client.SendTo(socket, "hello"u8, hosts.B.At(80), MessageFlags.MSG_FASTOPEN | MessageFlags.MSG_NOSIGNAL));
            }

            int accepted = Expect.Ok(server.Accept(listening, out _));
            Assert.AreEqual("hello", server.Hear(accepted));
            server.Say(accepted, "world");
            Assert.AreEqual("world", client.Hear(socket));
            Assert.AreEqual((ulong)i, hosts.B.Stack.Counters[Stack.Network.StackCounter.TcpFastOpensAccepted], "the first asks for the cookie");
            Expect.Ok(client.Close(socket));
            Expect.Ok(server.Close(accepted));
        }

        Expect.Ok(server.Close(listening));
    }

    private static int State(ISocketCalls calls, int socket)
    {
        byte[] info = new byte[232];
        Expect.Ok(calls.GetSockOpt(socket, SOL_TCP, TCP_INFO, info, out int length));
        Assert.AreEqual(232, length);
        return info[0];
    }

    private static void OnSocket(Side side, Action<ISocketCalls, int> test)
    {
        using SocketRig rig = new(side);
        test(rig.Client, rig.Client.Stream());
    }
}
