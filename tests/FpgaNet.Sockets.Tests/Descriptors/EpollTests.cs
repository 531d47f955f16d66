using System.Net.Sockets;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;
using static FpgaNet.Stack.Sockets.Descriptors.EpollEvents;
using static FpgaNet.Stack.Sockets.Descriptors.EpollOperation;

namespace FpgaNet.Sockets.Tests.Descriptors;

/// <summary>Sets of descriptors as epoll(7) has them, on our sockets and on Linux's.</summary>
[TestClass]
public sealed class EpollTests
{
    private static readonly byte[] s_bytes = new byte[8];

    [TestMethod, OnBothSides]
    public void A_level_is_told_as_long_as_it_is_so(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        int set = Set(rig.Client, client, EPOLLIN, 7);
        Assert.IsNull(Next(rig.Client, set, 0));
        Expect.Ok(rig.Server.Send(server, s_bytes));
        Assert.AreEqual((EPOLLIN, 7ul), Next(rig.Client, set));
        Assert.AreEqual((EPOLLIN, 7ul), Next(rig.Client, set, 0));
        Expect.Result(4, rig.Client.Recv(client, s_bytes.AsSpan(0, 4)));
        Assert.AreEqual((EPOLLIN, 7ul), Next(rig.Client, set, 0));
        Expect.Result(4, rig.Client.Recv(client, s_bytes));
        Assert.IsNull(Next(rig.Client, set, 0));
    }

    [TestMethod, OnBothSides]
    public void An_edge_is_told_once_for_each_arrival(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        int set = Set(rig.Client, client, EPOLLIN | EPOLLET);
        for (int i = 0; i < 3; i++)
        {
            Expect.Ok(rig.Server.Send(server, s_bytes)); // further bytes behind those that nobody has read
            Assert.AreEqual((EPOLLIN, 0ul), Next(rig.Client, set));
            Assert.IsNull(Next(rig.Client, set, 0));
        }
    }

    [TestMethod, OnBothSides]
    public void An_edge_that_was_there_before_is_told_when_it_is_added_and_when_it_is_modified(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        Expect.Ok(rig.Server.Send(server, s_bytes));
        SocketRig.Await(rig.Client, client, PollEvents.POLLIN);
        int set = Set(rig.Client, client, EPOLLIN | EPOLLOUT | EPOLLET);
        Assert.AreEqual((EPOLLIN | EPOLLOUT, 0ul), Next(rig.Client, set, 0));
        Assert.IsNull(Next(rig.Client, set, 0));
        Expect.Ok(rig.Client.EpollCtl(set, EPOLL_CTL_MOD, client, EPOLLIN | EPOLLET, 3));
        Assert.AreEqual((EPOLLIN, 3ul), Next(rig.Client, set, 0));
        Assert.IsNull(Next(rig.Client, set, 0));
    }

    [TestMethod, OnBothSides]
    public void One_shot_is_told_once_until_it_is_modified(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        int set = Set(rig.Client, client, EPOLLIN | EPOLLONESHOT);
        Expect.Ok(rig.Server.Send(server, s_bytes));
        Assert.AreEqual((EPOLLIN, 0ul), Next(rig.Client, set));
        Expect.Ok(rig.Server.Send(server, s_bytes));
        Expect.Ok(rig.Server.Close(server));
        SocketRig.Await(rig.Client, client, PollEvents.POLLRDHUP);
        Assert.IsNull(Next(rig.Client, set, 0));
        Expect.Ok(rig.Client.EpollCtl(set, EPOLL_CTL_MOD, client, EPOLLIN | EPOLLRDHUP | EPOLLONESHOT));
        Assert.AreEqual((EPOLLIN | EPOLLRDHUP, 0ul), Next(rig.Client, set, 0));
        Assert.IsNull(Next(rig.Client, set, 0));
    }

    [TestMethod, OnBothSides]
    public void Errors_and_hang_ups_are_told_unasked(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        int set = Set(rig.Client, client, EpollEvents.None);
        Assert.IsNull(Next(rig.Client, set, 0));
        Expect.Ok(rig.Server.SetSockOpt(server, SOL_SOCKET, SO_LINGER, [1, 0, 0, 0, 0, 0, 0, 0]));
        Expect.Ok(rig.Server.Close(server));
        Assert.AreEqual((EPOLLERR | EPOLLHUP, 0ul), Next(rig.Client, set));
    }

    [TestMethod, OnBothSides]
    public void Urgent_data_is_EPOLLPRI(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        int set = Set(rig.Client, client, EPOLLPRI);
        Expect.Ok(rig.Server.Send(server, s_bytes));
        SocketRig.Await(rig.Client, client, PollEvents.POLLIN);
        Assert.IsNull(Next(rig.Client, set, 0));
        Expect.Ok(rig.Server.Send(server, [1], MessageFlags.MSG_OOB | MessageFlags.MSG_NOSIGNAL));
        Assert.AreEqual((EPOLLPRI, 0ul), Next(rig.Client, set));
    }

    [TestMethod, OnBothSides]
    public void A_descriptor_that_is_closed_leaves_the_set_and_one_with_a_duplicate_does_not(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        client = SocketRig.Aside(rig.Client, client);
        (int other, _) = rig.Connect();
        int set = Set(rig.Client, client, EPOLLIN, 1);
        Expect.Ok(rig.Client.EpollCtl(set, EPOLL_CTL_ADD, other, EPOLLOUT, 2));
        Assert.AreEqual((EPOLLOUT, 2ul), Next(rig.Client, set));
        Expect.Ok(rig.Client.Close(other));
        Assert.IsNull(Next(rig.Client, set, 0));
        int copy = Expect.Ok(rig.Client.Dup(client));
        Expect.Ok(rig.Client.Close(client));
        Expect.Ok(rig.Server.Send(server, s_bytes));
        Assert.AreEqual((EPOLLIN, 1ul), Next(rig.Client, set)); // epoll(7), Q6
        Expect.Error(EBADF, rig.Client.EpollCtl(set, EPOLL_CTL_DEL, client));
        Expect.Error(ENOENT, rig.Client.EpollCtl(set, EPOLL_CTL_DEL, copy));
        Expect.Ok(rig.Client.Close(copy));
        Assert.IsNull(Next(rig.Client, set, 0));
    }

    [TestMethod, OnBothSides]
    public void A_duplicate_may_be_a_member_of_its_own(Side side)
    {
        using SocketRig rig = new(side);
        (int client, _) = rig.Connect();
        int set = Set(rig.Client, client, EPOLLOUT, 1);
        int copy = Expect.Ok(rig.Client.Dup(client));
        Expect.Ok(rig.Client.EpollCtl(set, EPOLL_CTL_ADD, copy, EPOLLOUT, 2));
        EpollEvent[] events = new EpollEvent[8];
        Expect.Result(2, rig.Client.EpollWait(set, events, 0));
        CollectionAssert.AreEquivalent((ulong[])[1, 2], events.Take(2).Select(each => each.Data).ToArray());
    }

    [TestMethod, OnBothSides]
    public void A_set_in_a_set_is_readable_when_something_in_it_is_ready(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        int inner = Set(rig.Client, client, EPOLLIN);
        int outer = Set(rig.Client, inner, EPOLLIN, 5);
        Assert.IsNull(Next(rig.Client, outer, 0));
        Expect.Ok(rig.Server.Send(server, s_bytes));
        Assert.AreEqual((EPOLLIN, 5ul), Next(rig.Client, outer));
        Assert.AreEqual(PollEvents.POLLIN, SocketRig.Await(rig.Client, inner, PollEvents.POLLIN | PollEvents.POLLOUT));
        Expect.Result(8, rig.Client.Recv(client, s_bytes));
        Assert.IsNull(Next(rig.Client, outer, 0));
        Assert.IsNull(Next(rig.Client, inner, 0));
    }

    [TestMethod, OnBothSides]
    public void A_set_in_a_set_gives_an_edge_for_each_arrival_in_it(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        foreach (EpollEvents how in (EpollEvents[])[EPOLLIN, EPOLLIN | EPOLLET])
        {
            (int client, int server) = rig.Connect();
            int inner = Set(calls, client, how);
            int outer = Set(calls, inner, EPOLLIN | EPOLLET, 5);
            for (int i = 0; i < 3; i++)
            {
                Expect.Ok(rig.Server.Send(server, s_bytes)); // further bytes, of a member that is ready already
                Assert.AreEqual((EPOLLIN, 5ul), Next(calls, outer), $"{how} {i}");
                Assert.IsNull(Next(calls, outer, 0));
            }

            Assert.AreEqual((EPOLLIN, 0ul), Next(calls, inner, 0));
            Assert.IsNull(Next(calls, outer, 0)); // to ask the inner one is no arrival
            Expect.Ok(rig.Server.Send(server, s_bytes));
            Assert.AreEqual((EPOLLIN, 5ul), Next(calls, outer));
            (int other, int ofOther) = rig.Connect();
            Expect.Ok(rig.Server.Send(ofOther, s_bytes));
            SocketRig.Await(calls, other, PollEvents.POLLIN);
            Expect.Ok(calls.EpollCtl(inner, EPOLL_CTL_ADD, other, how));
            Assert.AreEqual((EPOLLIN, 5ul), Next(calls, outer, 0));
            Assert.IsNull(Next(calls, outer, 0));
        }
    }

    [TestMethod, OnBothSides]
    public void Sets_in_a_circle_or_too_deep_are_ELOOP(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        int[] sets = [.. Enumerable.Range(0, 6).Select(_ => Expect.Ok(calls.EpollCreate1()))];
        for (int i = 0; i < 4; i++)
        {
            Expect.Ok(calls.EpollCtl(sets[i + 1], EPOLL_CTL_ADD, sets[i], EPOLLIN)); // each holds the one before
        }

        Expect.Error(ELOOP, calls.EpollCtl(sets[0], EPOLL_CTL_ADD, sets[4], EPOLLIN));
        Expect.Error(ELOOP, calls.EpollCtl(sets[5], EPOLL_CTL_ADD, sets[4], EPOLLIN));
        Expect.Error(EINVAL, calls.EpollCtl(sets[0], EPOLL_CTL_ADD, sets[0], EPOLLIN));
    }

    [TestMethod, OnBothSides]
    public void Each_call_on_a_set_has_its_errors(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        (int client, _) = rig.Connect();
        int set = Expect.Ok(calls.EpollCreate(1));
        Expect.Error(EINVAL, calls.EpollCreate(0));
        Expect.Error(EINVAL, calls.EpollCreate1(1));
        Expect.Error(EBADF, calls.EpollCtl(-1, EPOLL_CTL_ADD, client));
        Expect.Error(EBADF, calls.EpollCtl(set, EPOLL_CTL_ADD, -1));
        Expect.Error(EINVAL, calls.EpollCtl(client, EPOLL_CTL_ADD, set));
        Expect.Error(EINVAL, calls.EpollCtl(set, (EpollOperation)9, client));
        Expect.Error(ENOENT, calls.EpollCtl(set, EPOLL_CTL_MOD, client));
        Expect.Error(ENOENT, calls.EpollCtl(set, EPOLL_CTL_DEL, client));
        Expect.Ok(calls.EpollCtl(set, EPOLL_CTL_ADD, client));
        Expect.Error(EEXIST, calls.EpollCtl(set, EPOLL_CTL_ADD, client));
        Expect.Error(EINVAL, calls.EpollCtl(set, EPOLL_CTL_MOD, client, EPOLLIN | EPOLLEXCLUSIVE));
        Expect.Ok(calls.EpollCtl(set, EPOLL_CTL_DEL, client));
        Expect.Error(EINVAL, calls.EpollCtl(set, EPOLL_CTL_ADD, client, EPOLLIN | EPOLLONESHOT | EPOLLEXCLUSIVE));
        Expect.Error(EINVAL, calls.EpollCtl(set, EPOLL_CTL_ADD, client, EPOLLRDHUP | EPOLLEXCLUSIVE));
        Expect.Ok(calls.EpollCtl(set, EPOLL_CTL_ADD, client, EPOLLIN | EPOLLET | EPOLLEXCLUSIVE));
        Expect.Error(EINVAL, calls.EpollCtl(set, EPOLL_CTL_MOD, client, EPOLLIN));
        int inner = Expect.Ok(calls.EpollCreate1());
        Expect.Error(EINVAL, calls.EpollCtl(set, EPOLL_CTL_ADD, inner, EPOLLIN | EPOLLEXCLUSIVE));
        Expect.Error(EINVAL, calls.EpollWait(set, [], 0));
        Expect.Error(EINVAL, calls.EpollWait(client, new EpollEvent[1], 0));
        Expect.Error(EBADF, calls.EpollWait(-1, new EpollEvent[1], 0));
        Expect.Result(0, calls.EpollWait(set, new EpollEvent[1], 1));
    }

    [TestMethod, OnBothSides]
    public void A_set_is_no_socket(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        int set = Expect.Ok(calls.EpollCreate1());
        Expect.Error(ENOTSOCK, calls.Bind(set, SocketRig.ClientAt(0)));
        Expect.Error(ENOTSOCK, calls.Listen(set, 1));
        Expect.Error(ENOTSOCK, calls.Accept(set, out _));
        Expect.Error(ENOTSOCK, calls.Connect(set, SocketRig.ServerAt(1)));
        Expect.Error(ENOTSOCK, calls.Send(set, s_bytes));
        Expect.Error(ENOTSOCK, calls.SendTo(set, s_bytes, SocketRig.ServerAt(1)));
        Expect.Error(ENOTSOCK, calls.SendMsg(set, new MsgHdr(s_bytes)));
        Expect.Error(ENOTSOCK, calls.Recv(set, s_bytes));
        Expect.Error(ENOTSOCK, calls.RecvMsg(set, new MsgHdr(s_bytes)));
        Expect.Error(ENOTSOCK, calls.Shutdown(set, SocketShutdown.Both));
        Expect.Error(ENOTSOCK, calls.GetSockName(set, out _));
        Expect.Error(ENOTSOCK, calls.GetPeerName(set, out _));
        Expect.Error(ENOTSOCK, calls.SetSockOpt(set, SOL_SOCKET, SO_KEEPALIVE, 1));
        Expect.Error(ENOTSOCK, calls.GetSockOpt(set, SOL_SOCKET, SO_TYPE, out int _));
        int argument = 0;
        Expect.Ok(calls.Ioctl(set, FIONBIO, ref argument));
        foreach (int request in (int[])[FIONREAD, SIOCATMARK, 0x1234])
        {
            Expect.Error(EINVAL, calls.Ioctl(set, request, ref argument));
        }

        Expect.Error(EINVAL, calls.Read(set, s_bytes));
        Expect.Error(EINVAL, calls.Write(set, s_bytes));
        Assert.IsGreaterThan(set, Expect.Ok(calls.Fcntl(set, FileControl.F_DUPFD, set + 1)));
    }

    [TestMethod, OnBothSides]
    public void Of_many_threads_on_one_set_each_event_is_told_to_one(Side side)
    {
        const int Threads = 8;
        const int Sockets = 50;
        using SocketRig rig = new(side);
        (int Client, int Server)[] pairs = [.. Enumerable.Range(0, Sockets).Select(_ => rig.Connect())];
        int set = Expect.Ok(rig.Client.EpollCreate1());
        int[] told = new int[Sockets];
        for (int i = 0; i < Sockets; i++)
        {
            Expect.Ok(rig.Client.EpollCtl(set, EPOLL_CTL_ADD, pairs[i].Client, EPOLLIN | EPOLLET, (ulong)i));
        }

        using CountdownEvent left = new(Sockets);
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(Serve))];
        Array.ForEach(threads, thread => thread.Start());
        foreach ((_, int server) in pairs)
        {
            Expect.Ok(rig.Server.Send(server, s_bytes));
        }

        Assert.IsTrue(left.Wait(TimeSpan.FromSeconds(30)), "an event was lost");
        (int last, _) = rig.Connect(); // its end is seen by all: a level, told with no socket's number
        Expect.Ok(rig.Client.EpollCtl(set, EPOLL_CTL_ADD, last, EPOLLOUT, ulong.MaxValue));
        Array.ForEach(threads, thread => thread.Join());
        Assert.IsTrue(told.All(count => count == 1), "an event was told twice");

        void Serve()
        {
            EpollEvent[] events = new EpollEvent[4];
            while (true)
            {
                int count = rig.Client.EpollWait(set, events, 30_000);
                if (count <= 0)
                {
                    return; // which the countdown tells of
                }

                for (int i = 0; i < count; i++)
                {
                    if (events[i].Data == ulong.MaxValue)
                    {
                        return;
                    }

                    Interlocked.Increment(ref told[events[i].Data]);
                    left.Signal();
                }
            }
        }
    }

    [TestMethod]
    public void Of_many_exclusive_sets_one_wakes_for_one_connection()
    {
        using SocketHosts hosts = new();
        DescriptorTable server = hosts.B.Calls;
        int listening = server.Socket(AF_INET, SOCK_STREAM, 0);
        Assert.AreEqual(0, server.Bind(listening, hosts.B.At(80)));
        Assert.AreEqual(0, server.Listen(listening, 16));
        int woken = 0;
        int[] sets = new int[8];
        Waiting[] waiting = new Waiting[sets.Length];
        for (int i = 0; i < sets.Length; i++)
        {
            int set = sets[i] = server.EpollCreate1(0);
            Assert.AreEqual(0, server.EpollCtl(set, EPOLL_CTL_ADD, listening, new EpollEvent { Events = EPOLLIN | EPOLLEXCLUSIVE }));
            waiting[i] = new Waiting(() =>
            {
                if (server.EpollWait(set, new EpollEvent[1], -1) == 1)
                {
                    Interlocked.Increment(ref woken);
                }
            });
        }

        for (int i = 1; i <= 3; i++)
        {
            int connections = i;
            int client = hosts.A.Calls.Socket(AF_INET, SOCK_STREAM, 0);
            Assert.AreEqual(0, hosts.A.Calls.Connect(client, hosts.B.At(80)));
            Assert.IsTrue(SpinWait.SpinUntil(() => Volatile.Read(ref woken) == connections, 30_000), "nobody woke");
            Assert.AreEqual(sets.Length - connections, waiting.Count(each => each.IsAsleep));
            Assert.IsGreaterThanOrEqualTo(0, server.Accept(listening, out _));
        }

        Array.ForEach(sets, set => server.Close(set));
        Array.ForEach(waiting, each => each.Join());
    }

    [TestMethod]
    public void Closing_a_set_wakes_who_waits_on_it()
    {
        using SocketHosts hosts = new();
        DescriptorTable calls = hosts.A.Calls;
        int set = calls.EpollCreate1(0);
        (int, Errno) result = default;
        Waiting waiting = new(() => result = (calls.EpollWait(set, new EpollEvent[1], -1), DescriptorTable.Errno));
        calls.Close(set);
        waiting.Join();
        Assert.AreEqual((-1, EBADF), result);
    }

    private static int Set(ISocketCalls calls, int member, EpollEvents events, ulong data = 0)
    {
        int set = Expect.Ok(calls.EpollCreate1());
        Expect.Ok(calls.EpollCtl(set, EPOLL_CTL_ADD, member, events, data));
        return set;
    }

    private static (EpollEvents Events, ulong Data)? Next(ISocketCalls calls, int set, int milliseconds = 30_000)
    {
        EpollEvent[] events = new EpollEvent[4];
        int count = Expect.Ok(calls.EpollWait(set, events, milliseconds));
        Assert.IsLessThanOrEqualTo(1, count);
        return count == 0 ? null : (events[0].Events, events[0].Data);
    }
}
