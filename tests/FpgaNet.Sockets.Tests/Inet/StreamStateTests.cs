using System.Net.Sockets;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using static FpgaNet.Sockets.Tests.Inet.StreamRig;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.PollEvents;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Inet;

/// <summary>What calls and poll(2) say of a stream in each of its states: opening, open, ended by either side, reset, dissolved.</summary>
[TestClass]
public sealed class StreamStateTests
{
    [TestMethod, OnBothSides]
    public void A_stream_that_was_never_connected_hangs_up(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        int socket = calls.Stream();
        calls.Polls(socket, Writable | POLLHUP);
        Assert.AreEqual(0, calls.Ask(socket, FIONREAD));
        Assert.AreEqual(0, calls.Ask(socket, SIOCOUTQ));
        Assert.AreEqual(0, calls.Ask(socket, SIOCATMARK));
        Expect.Error(ENOTCONN, calls.Shutdown(socket, SocketShutdown.Both));

        // Both directions are ended all the same.
        calls.Polls(socket, Readable | Writable | POLLHUP | POLLRDHUP);
        Assert.AreEqual(string.Empty, calls.Hear(socket));
        Expect.Error(EPIPE, calls.Send(socket, new byte[1]));
    }

    [TestMethod, OnBothSides]
    public void A_listening_stream(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Server;
        int socket = rig.Listen(out SockAddr address);
        Assert.AreEqual(1, calls.Option(socket, SOL_SOCKET, SO_ACCEPTCONN));
        calls.Polls(socket, PollEvents.None);
        Expect.Error(EISCONN, calls.Connect(socket, SocketRig.ClientAt(9)));
        Expect.Error(ENOTCONN, calls.Recv(socket, new byte[1]));
        Expect.Error(EPIPE, calls.Send(socket, new byte[1]));
        Expect.Error(ENOTCONN, calls.GetPeerName(socket, out _));
        Expect.Error(EINVAL, calls.Bind(socket, SocketRig.ServerAt(0)));
        int value = 0;
        Expect.Error(EINVAL, calls.Ioctl(socket, FIONREAD, ref value));
        Expect.Error(EINVAL, calls.Ioctl(socket, SIOCOUTQ, ref value));
        Assert.AreEqual(0, calls.Ask(socket, SIOCATMARK));
        Expect.Ok(calls.Listen(socket, 1));
        Expect.Ok(calls.Fcntl(socket, FileControl.F_SETFL, FileControl.O_NONBLOCK));
        Expect.Error(EAGAIN, calls.Accept(socket, out _));
        Expect.Ok(calls.Shutdown(socket, SocketShutdown.Send));
        calls.Polls(socket, PollEvents.None);
        Expect.Ok(calls.Shutdown(socket, SocketShutdown.Receive));
        calls.Polls(socket, Writable | POLLHUP);
        Assert.AreEqual(0, calls.Option(socket, SOL_SOCKET, SO_ACCEPTCONN));
        Expect.Error(EINVAL, calls.Accept(socket, out _));
        Expect.Ok(calls.Listen(socket, 1));
        Expect.Ok(calls.GetSockName(socket, out SockAddr now));
        Assert.AreEqual(address.Family, now.Family);
    }

    [TestMethod, OnBothSides]
    public void Shutting_a_listener_down_ends_who_waits_to_accept(Side side)
    {
        using SocketRig rig = new(side);
        int socket = rig.Listen(out _);
        int result = 0;
        Thread accepting = new(() => result = rig.Server.Accept(socket, out _));
        accepting.Start();
        for (int i = 0; i < 20 && accepting.IsAlive; i++)
        {
            Thread.Sleep(5);
        }

        Expect.Ok(rig.Server.Shutdown(socket, SocketShutdown.Both));
        Assert.IsTrue(accepting.Join(TimeSpan.FromSeconds(30)));
        Expect.Error(EINVAL, result);
    }

    [TestMethod, OnBothSides]
    public void Connecting_without_waiting(Side side)
    {
        using SocketRig rig = new(side);
        int listening = rig.Listen(out SockAddr address);
        ISocketCalls calls = rig.Client;
        int socket = calls.Stream();
        Expect.Ok(calls.Fcntl(socket, FileControl.F_SETFL, FileControl.O_NONBLOCK));
        Expect.Error(EINPROGRESS, calls.Connect(socket, address));
        calls.Await(socket, POLLOUT);
        calls.Polls(socket, Writable);
        Expect.Ok(calls.Connect(socket, address));
        Expect.Error(EISCONN, calls.Connect(socket, address));
        Expect.Error(EINVAL, calls.Listen(socket, 1));
        Expect.Error(EINVAL, calls.Bind(socket, SocketRig.ClientAt(0)));
        Assert.AreEqual(Errno.None, calls.TakeError(socket));
        Expect.Ok(calls.GetPeerName(socket, out SockAddr peer));
        Assert.AreEqual(address, peer);
        Expect.Ok(calls.GetSockName(socket, out SockAddr own));
        int accepted = Expect.Ok(rig.Server.Accept(listening, out SockAddr from));
        Assert.AreEqual(own, from);
        rig.Server.Polls(accepted, Writable);
    }

    [TestMethod, OnBothSides]
    public void While_connecting_everything_waits(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        int socket = calls.Stream();
        Expect.Ok(calls.Fcntl(socket, FileControl.F_SETFL, FileControl.O_NONBLOCK));
        Expect.Error(EINPROGRESS, calls.Connect(socket, SocketRig.Silent(80)));
        Expect.Error(EALREADY, calls.Connect(socket, SocketRig.Silent(80)));
        Expect.Error(EAGAIN, calls.Recv(socket, new byte[1]));
        Expect.Error(EAGAIN, calls.Send(socket, new byte[1]));
        Expect.Error(ENOTCONN, calls.GetPeerName(socket, out _));
        Expect.Error(EINVAL, calls.Listen(socket, 1));
        calls.Polls(socket, PollEvents.None);
        Assert.AreEqual(0, calls.Ask(socket, FIONREAD));
        Expect.Ok(calls.Shutdown(socket, SocketShutdown.Send)); // gives up
        calls.Await(socket, POLLHUP);
    }

    [TestMethod, OnBothSides]
    public void A_refused_connection_is_told_once_and_may_be_tried_again(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        int holder = rig.Server.Stream();
        Expect.Ok(rig.Server.Bind(holder, SocketRig.ServerAt(0)));
        Expect.Ok(rig.Server.GetSockName(holder, out SockAddr address));
        int blocking = calls.Stream();
        Expect.Error(ECONNREFUSED, calls.Connect(blocking, address));
        Expect.Error(ECONNREFUSED, calls.Connect(blocking, address));
        calls.Polls(blocking, Writable | POLLHUP);
        Assert.AreEqual(Errno.None, calls.TakeError(blocking));

        int socket = calls.Stream();
        Expect.Ok(calls.Fcntl(socket, FileControl.F_SETFL, FileControl.O_NONBLOCK));
        Expect.Error(EINPROGRESS, calls.Connect(socket, address));
        calls.Await(socket, POLLERR);
        calls.Polls(socket, Readable | Writable | POLLERR | POLLHUP | POLLRDHUP);
        Assert.AreEqual(nameof(ECONNREFUSED), calls.Hear(socket));
        calls.Polls(socket, Readable | Writable | POLLHUP | POLLRDHUP);
        Expect.Error(ECONNABORTED, calls.Connect(socket, address)); // why was told already
        Expect.Error(EINPROGRESS, calls.Connect(socket, address));
        calls.Await(socket, POLLERR);
        Assert.AreEqual(ECONNREFUSED, calls.TakeError(socket));
        Assert.AreEqual(Errno.None, calls.TakeError(socket));
        Expect.Error(ECONNABORTED, calls.Connect(socket, address));
        Expect.Error(EINPROGRESS, calls.Connect(socket, address));
        calls.Await(socket, POLLERR);
        Expect.Error(ECONNREFUSED, calls.Connect(socket, address));
    }

    [TestMethod, OnBothSides]
    public void What_cannot_be_connected_to(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        int socket = calls.Stream();
        Expect.Error(ENETUNREACH, calls.Connect(socket, SocketRig.Unreachable(80)));
        Expect.Error(ENETUNREACH, calls.Connect(socket, SockAddr.Inet(new(0xE000_0001), 80)));
        Expect.Error(EAFNOSUPPORT, calls.Connect(socket, SocketRig.ServerAt6(80)));
        int six = calls.Stream(SocketDomain.AF_INET6);
        Expect.Error(EINVAL, calls.Connect(six, SocketRig.ServerAt(80))); // too short
        Expect.Ok(calls.SetSockOpt(six, SOL_IPV6, IPV6_V6ONLY, 1));
        Expect.Error(ENETUNREACH, calls.Connect(six, SockAddr.Inet6(SocketRig.ServerAt(80).Address, 80)));
    }

    [TestMethod, OnBothSides]
    public void Nobody_at_home_is_EHOSTUNREACH(Side side)
    {
        using SocketRig rig = new(side);
        int socket = rig.Client.Stream();
        Expect.Error(EHOSTUNREACH, rig.Client.Connect(socket, SocketRig.Silent(80)));
    }

    [TestMethod, OnBothSides]
    public void The_end_of_the_peers_stream(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        rig.Client.Say(client, "bye");
        Expect.Ok(rig.Client.Shutdown(client, SocketShutdown.Send));
        rig.Client.Polls(client, Writable);
        Expect.Error(EPIPE, rig.Client.Send(client, new byte[1]));
        Expect.Ok(rig.Client.Shutdown(client, SocketShutdown.Send));
        rig.Server.Await(server, POLLRDHUP);
        rig.Server.Polls(server, Readable | Writable | POLLRDHUP);
        Assert.AreEqual("bye", rig.Server.Hear(server));
        Assert.AreEqual(string.Empty, rig.Server.Hear(server));
        rig.Server.Say(server, "answer");
        Expect.Ok(rig.Server.Close(server));
        rig.Client.Await(client, POLLHUP);
        rig.Client.Polls(client, Readable | Writable | POLLHUP | POLLRDHUP);
        Assert.AreEqual("answer", rig.Client.Hear(client));
        Assert.AreEqual(string.Empty, rig.Client.Hear(client));
        Expect.Error(ENOTCONN, rig.Client.GetPeerName(client, out _));
        Expect.Error(ENOTCONN, rig.Client.Shutdown(client, SocketShutdown.Both));
        Expect.Error(EISCONN, rig.Client.Connect(client, SocketRig.ServerAt(9)));
        Assert.AreEqual(Errno.None, rig.Client.TakeError(client));
    }

    [TestMethod, OnBothSides]
    public void Who_waits_for_a_hang_up_alone_is_woken_by_it(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        Expect.Ok(rig.Client.Shutdown(client, SocketShutdown.Send));
        PollFd[] list = [new() { Descriptor = client }];
        int ready = 0;
        Thread polling = new(() => ready = rig.Client.Poll(list, 30_000));
        polling.Start();
        Assert.IsFalse(polling.Join(TimeSpan.FromMilliseconds(50)), "half of it is open");
        Expect.Ok(rig.Server.Close(server));
        Assert.IsTrue(polling.Join(TimeSpan.FromSeconds(25)));
        Expect.Result(1, ready);
        Assert.AreEqual(POLLHUP, list[0].Returned);
    }

    [TestMethod, OnBothSides]
    public void Ending_ones_own_reading_lets_what_comes_be_read(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        Expect.Ok(rig.Client.Shutdown(client, SocketShutdown.Receive));
        rig.Client.Polls(client, Readable | Writable | POLLRDHUP);
        Assert.AreEqual(string.Empty, rig.Client.Hear(client));
        rig.Server.Say(server, "more");
        rig.Client.AwaitBytes(client, 4);
        Assert.AreEqual("more", rig.Client.Hear(client));
        Assert.AreEqual(string.Empty, rig.Client.Hear(client));
        rig.Client.Say(client, "x");
        Assert.AreEqual("x", rig.Server.Hear(server));
    }

    [TestMethod, OnBothSides]
    public void A_reset_leaves_what_had_come_and_is_told_once(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        rig.Server.Say(server, "hello");
        rig.Client.AwaitBytes(client, 5);
        rig.Server.Reset(server);
        rig.Client.Await(client, POLLERR);
        rig.Client.Polls(client, Readable | Writable | POLLERR | POLLHUP | POLLRDHUP);
        Assert.AreEqual("he", rig.Client.Hear(client, 2));
        Assert.AreEqual("llo", rig.Client.Hear(client));
        Assert.AreEqual(nameof(ECONNRESET), rig.Client.Hear(client));
        Assert.AreEqual(string.Empty, rig.Client.Hear(client));
        rig.Client.Polls(client, Readable | Writable | POLLHUP | POLLRDHUP);
        Expect.Error(EPIPE, rig.Client.Send(client, new byte[1]));
        Expect.Error(ENOTCONN, rig.Client.GetPeerName(client, out _));
    }

    [TestMethod, OnBothSides]
    public void After_a_reset_send_tells_the_error_before_the_broken_pipe(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        rig.Server.Reset(server);
        rig.Client.Await(client, POLLERR);
        Expect.Error(ECONNRESET, rig.Client.Send(client, new byte[1]));
        Expect.Error(EPIPE, rig.Client.Send(client, new byte[1]));
        Assert.AreEqual(string.Empty, rig.Client.Hear(client));

        (client, server) = rig.Connect();
        rig.Server.Reset(server);
        rig.Client.Await(client, POLLERR);
        Assert.AreEqual(ECONNRESET, rig.Client.TakeError(client));
        Expect.Error(EPIPE, rig.Client.Send(client, new byte[1]));
    }

    [TestMethod, OnBothSides]
    public void Writing_to_a_peer_that_has_closed_breaks_the_pipe(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        Expect.Ok(rig.Server.Close(server));
        rig.Client.Await(client, POLLRDHUP);
        rig.Client.Polls(client, Readable | Writable | POLLRDHUP);
        rig.Client.Say(client, "x");
        rig.Client.Await(client, POLLERR);
        rig.Client.Polls(client, Readable | Writable | POLLERR | POLLHUP | POLLRDHUP);
        Assert.AreEqual(string.Empty, rig.Client.Hear(client)); // the end had come before
        Assert.AreEqual(EPIPE, rig.Client.TakeError(client));
        Expect.Error(EPIPE, rig.Client.Send(client, new byte[1]));
    }

    [TestMethod, OnBothSides]
    public void A_connection_that_was_reset_before_it_was_accepted_is_accepted_all_the_same(Side side)
    {
        using SocketRig rig = new(side);
        int listening = rig.Listen(out SockAddr address);
        int client = rig.Client.Stream();
        Expect.Ok(rig.Client.Connect(client, address));
        rig.Client.Say(client, "abc");
        rig.Server.Await(listening, POLLIN);
        while (rig.Client.Ask(client, SIOCOUTQ) != 0)
        {
            Thread.Sleep(1);
        }

        rig.Client.Reset(client);
        int server = Expect.Ok(rig.Server.Accept(listening, out SockAddr peer));
        Assert.AreEqual(SocketRig.ClientAt(0).Address, peer.Address);
        rig.Server.Await(server, POLLERR);
        rig.Server.Polls(server, Readable | Writable | POLLERR | POLLHUP | POLLRDHUP);
        Assert.AreEqual("abc", rig.Server.Hear(server));
        Assert.AreEqual(nameof(ECONNRESET), rig.Server.Hear(server));
        Assert.AreEqual(string.Empty, rig.Server.Hear(server));
    }

    [TestMethod, OnBothSides]
    public void Connecting_to_nobody_dissolves_the_connection(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        Expect.Ok(rig.Client.Connect(client, new byte[16])); // AF_UNSPEC
        rig.Client.Polls(client, Writable | POLLERR | POLLHUP);
        Assert.AreEqual(ECONNRESET, rig.Client.TakeError(client));
        rig.Client.Polls(client, Writable | POLLHUP);
        Expect.Error(ENOTCONN, rig.Client.Recv(client, new byte[1]));
        Expect.Error(ENOTCONN, rig.Client.GetPeerName(client, out _));
        rig.Server.Await(server, POLLERR);
        Assert.AreEqual(nameof(ECONNRESET), rig.Server.Hear(server));

        // And it may connect again.
        int listening = rig.Listen(out SockAddr address);
        Expect.Ok(rig.Client.Connect(client, address));
        server = Expect.Ok(rig.Server.Accept(listening, out _));
        rig.Client.Say(client, "again");
        Assert.AreEqual("again", rig.Server.Hear(server));
    }

    [TestMethod, OnBothSides]
    public void Closing_with_unread_data_resets_the_connection(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        rig.Client.Say(client, "unread");
        rig.Server.AwaitBytes(server, 6);
        Expect.Ok(rig.Server.Close(server));
        rig.Client.Await(client, POLLERR);
        Assert.AreEqual(nameof(ECONNRESET), rig.Client.Hear(client));
    }
}
