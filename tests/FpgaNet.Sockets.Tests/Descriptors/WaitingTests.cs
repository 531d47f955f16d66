using System.Net.Sockets;
using System.Runtime.InteropServices;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Testing;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Descriptors;

/// <summary>Calls that wait, and what ends their waiting: data, time, closing, an interruption.</summary>
[TestClass]
public sealed class WaitingTests
{
    private static readonly byte[] s_bytes = new byte[8];

    [TestMethod, OnBothSides]
    public void A_receive_time_out_ends_recv_and_accept_with_EAGAIN(Side side)
    {
        using SocketRig rig = new(side);
        (int client, _) = rig.Connect();
        int listening = rig.Listen(out _);
        long[] time = [0, 20_000];
        Expect.Ok(rig.Client.SetSockOpt(client, SOL_SOCKET, SO_RCVTIMEO, MemoryMarshal.AsBytes<long>(time)));
        Expect.Ok(rig.Server.SetSockOpt(listening, SOL_SOCKET, SO_RCVTIMEO, MemoryMarshal.AsBytes<long>(time)));
        Expect.Error(EAGAIN, rig.Client.Recv(client, s_bytes));
        Expect.Error(EAGAIN, rig.Server.Accept(listening, out _));
        long[] read = new long[2];
        Expect.Ok(rig.Client.GetSockOpt(client, SOL_SOCKET, SO_RCVTIMEO, MemoryMarshal.AsBytes(read.AsSpan()), out int length));
        Assert.AreEqual(16, length);
        Assert.IsTrue(read[0] == 0 && read[1] is >= 20_000 and < 40_000, $"{read[0]} s {read[1]} µs"); // Linux rounds up to its ticks
    }

    [TestMethod, OnBothSides]
    public void A_send_time_out_ends_connect_with_EINPROGRESS_and_a_send_with_what_was_taken(Side side)
    {
        using SocketRig rig = new(side);
        long[] time = [0, 20_000];
        int socket = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_STREAM));
        Expect.Ok(rig.Client.SetSockOpt(socket, SOL_SOCKET, SO_SNDTIMEO, MemoryMarshal.AsBytes<long>(time)));
        Expect.Error(EINPROGRESS, rig.Client.Connect(socket, SocketRig.Silent(1)));
        (int client, _) = rig.Connect();
        Expect.Ok(rig.Client.SetSockOpt(client, SOL_SOCKET, SO_SNDTIMEO, MemoryMarshal.AsBytes<long>(time)));
        byte[] much = new byte[64 << 20];
        int taken = Expect.Ok(rig.Client.Send(client, much));
        Assert.IsTrue(taken > 0 && taken < much.Length);
    }

    [TestMethod, OnBothSides]
    public void Nothing_waits_with_MSG_DONTWAIT(Side side)
    {
        using SocketRig rig = new(side);
        (int client, _) = rig.Connect();
        Expect.Error(EAGAIN, rig.Client.Recv(client, s_bytes, MessageFlags.MSG_DONTWAIT));
        Expect.Error(EAGAIN, rig.Client.Recv(client, s_bytes, MessageFlags.MSG_DONTWAIT | MessageFlags.MSG_WAITALL));
        byte[] much = new byte[1 << 20];
        int result;
        do
        {
            result = rig.Client.Send(client, much, MessageFlags.MSG_DONTWAIT | MessageFlags.MSG_NOSIGNAL);
        }
        while (result > 0);

        Expect.Error(EAGAIN, result);
    }

    [TestMethod, OnBothSides]
    public void MSG_WAITALL_waits_for_all_or_the_end(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        byte[] buffer = new byte[20];
        int received = 0;
        Thread receiver = new(() => received = rig.Client.Recv(client, buffer, MessageFlags.MSG_WAITALL));
        receiver.Start();
        for (byte i = 0; i < 20; i += 4)
        {
            Expect.Ok(rig.Server.Send(server, [i, (byte)(i + 1), (byte)(i + 2), (byte)(i + 3)]));
        }

        receiver.Join();
        Assert.AreEqual(20, received);
        CollectionAssert.AreEqual(Enumerable.Range(0, 20).Select(i => (byte)i).ToArray(), buffer);
        Expect.Ok(rig.Server.Send(server, s_bytes));
        Expect.Ok(rig.Server.Close(server));
        Expect.Result(8, rig.Client.Recv(client, buffer, MessageFlags.MSG_WAITALL));
        Expect.Result(0, rig.Client.Recv(client, buffer, MessageFlags.MSG_WAITALL));
    }

    // Linux lets a call go on that waits on a descriptor which is closed (close(2)): the issue decided otherwise, after FreeBSD.
    [OwnProcessTest, OnBothSides]
    public void Closing_ends_every_call_that_waits_with_EBADF(Side side)
    {
        using SocketRig rig = new(side);
        foreach ((string name, Func<int> make, Func<int, int> call) in Waits(rig))
        {
            int socket = make();
            Waiting waiting = new(side, socket, () => call(socket));
            Assert.IsTrue(waiting.IsAsleep, $"{name} did not wait");
            Expect.Ok(rig.Client.Close(socket), name);
            if (side == Side.Linux)
            {
                waiting.Interrupt();
            }

            waiting.Join();
            Expect.Error(side == Side.Linux ? EINTR : EBADF, waiting.Result, name);
        }
    }

    [OwnProcessTest, OnBothSides]
    public void What_comes_after_closing_is_received_by_nobody_but_on_Linux_by_who_waits(Side side)
    {
        using SocketRig rig = new(side);
        (int receiving, int peer) = rig.Connect();
        int listening = rig.Listen(out SockAddr address);
        Waiting receiver = new(side, receiving, () => rig.Client.Recv(receiving, new byte[8]));
        Waiting accepter = new(side, listening, () => rig.Server.Accept(listening, out _));
        Expect.Ok(rig.Client.Close(receiving));
        Expect.Ok(rig.Server.Close(listening));
        int sent = rig.Server.Send(peer, s_bytes);
        int connected = rig.Client.Connect(Expect.Ok(rig.Client.Socket(AF_INET, SOCK_STREAM)), address);
        receiver.Join();
        accepter.Join();
        if (side == Side.Linux)
        {
            Expect.Result(8, sent);
            Expect.Ok(connected);
            Expect.Result(8, receiver.Result);
            Expect.Ok(accepter.Result);
            return;
        }

        Expect.Error(EBADF, receiver.Result);
        Expect.Error(EBADF, accepter.Result);
        Expect.Error(ECONNREFUSED, connected);
    }

    [TestMethod]
    public void When_the_stack_ends_who_waits_and_who_calls_then_gets_ENETDOWN()
    {
        SocketRig rig = new(Side.Ours);
        ISocketCalls calls = rig.Client;
        int datagram = Expect.Ok(calls.Socket(AF_INET, SOCK_DGRAM));
        Expect.Ok(calls.Bind(datagram, SocketRig.ClientAt(7)));
        (string, Func<int>, Func<int, int>) datagrams = ("recv of datagrams", () => datagram, socket => calls.Recv(socket, new byte[1]));
        List<(string Name, Waiting Waiting)> all = [];
        foreach ((string name, Func<int> make, Func<int, int> call) in Waits(rig).Where(each => each.Name is not ("send" or "epoll_wait")).Append(datagrams)) // these are on a local socket and on none
        {
            int socket = make();
            all.Add((name, new Waiting(Side.Ours, socket, () => call(socket))));
            Assert.IsTrue(all[^1].Waiting.IsAsleep, $"{name} did not wait");
        }

        rig.Dispose();
        foreach ((string name, Waiting waiting) in all)
        {
            waiting.Join(name);
            Expect.Error(ENETDOWN, waiting.Result, name);
        }

        Expect.Error(ENETDOWN, calls.Connect(Expect.Ok(calls.Socket(AF_INET, SOCK_STREAM)), SocketRig.ServerAt(1)));
        Expect.Error(ENETDOWN, calls.SendTo(datagram, new byte[1], SocketRig.ServerAt(1)));
        Expect.Error(ENETDOWN, calls.Recv(datagram, new byte[1]));
    }

    [TestMethod]
    public void Closing_one_of_two_descriptors_ends_the_calls_on_that_one()
    {
        using SocketRig rig = new(Side.Ours);
        ISocketCalls calls = rig.Client;
        foreach ((string name, Func<int> make, Func<int, int> call) in Waits(rig))
        {
            int socket = make();
            int copy = calls.Dup(socket);
            Waiting first = new(Side.Ours, socket, () => call(socket));
            Waiting second = new(Side.Ours, copy, () => call(copy));
            Expect.Ok(calls.Close(socket), name);
            first.Join();
            Expect.Error(EBADF, first.Result, name);
            Assert.AreEqual(0, second.Result, $"{name} has ended");
            Expect.Ok(calls.Close(copy), name);
            second.Join();
            Expect.Error(EBADF, second.Result, name);
        }
    }

    [OwnProcessTest, OnBothSides]
    public void An_interruption_ends_every_call_that_waits_with_EINTR(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        (string, Func<int>, Func<int, int>)[] polls = // their first argument is no descriptor
        [
            ("poll", () => Listening(calls), socket => calls.Poll([new PollFd { Descriptor = socket, Events = PollEvents.POLLIN }], -1)),
            ("select", () => Listening(calls), socket => Select(calls, socket)),
        ];
        (string, Func<int>, Func<int, int>)[] waits = [.. Waits(rig)];
        foreach ((int number, (string name, Func<int> make, Func<int, int> call)) in waits.Concat(polls).Index())
        {
            for (int i = 0; i < 2; i++)
            {
                int socket = make();
                Waiting waiting = new(side, number < waits.Length ? socket : null, () => call(socket));
                Assert.IsTrue(waiting.IsAsleep || side == Side.Linux, $"{name} did not wait");
                if (i == 0 || side == Side.Linux)
                {
                    waiting.Interrupt();
                }
                else
                {
                    waiting.Calling.Interrupt();
                }

                waiting.Join();
                Expect.Error(EINTR, waiting.Result, name);
                Expect.Ok(calls.Close(socket), name);
            }
        }
    }

    [OwnProcessTest, OnBothSides]
    public void What_was_sent_or_received_before_an_interruption_is_the_result(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        Expect.Result(3, rig.Server.Send(server, s_bytes.AsSpan(0, 3)));
        SocketRig.Await(rig.Client, client, PollEvents.POLLIN);
        Waiting receiving = new(side, client, () => rig.Client.Recv(client, new byte[8], MessageFlags.MSG_WAITALL));
        receiving.Interrupt();
        Expect.Result(3, receiving.Result);
        byte[] much = new byte[64 << 20];
        Waiting sending = new(side, client, () => rig.Client.Send(client, much));
        sending.Interrupt();
        Assert.IsTrue(sending.Result > 0 && sending.Result < much.Length, $"{sending.Result}");
    }

    // One thread wakes for what one alone can take (accept, a datagram); when it takes nothing, another does.
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Of_many_threads_that_are_interrupted_and_run_out_of_time_none_sleeps_while_something_waits(bool accepts)
    {
        const int Threads = 6;
        const int Events = 100;
        using SocketRig rig = new(Side.Ours);
        ISocketCalls calls = rig.Client;
        SockAddr name = SockAddr.Local("\0busy");
        int server = Expect.Ok(calls.Socket(AF_LOCAL, accepts ? SOCK_STREAM : SOCK_DGRAM));
        Expect.Ok(calls.Bind(server, name));
        if (accepts)
        {
            Expect.Ok(calls.Listen(server, 4));
        }

        CallingThread[] callers = new CallingThread[Threads];
        using CountdownEvent started = new(Threads);
        using CountdownEvent left = new(Events);
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            callers[number] = CallingThread.Current;
            started.Signal();
            int result;
            do
            {
                result = accepts ? calls.Accept(server, out _) : calls.Recv(server, new byte[1]);
                if (result >= 0)
                {
                    left.Signal();
                    Expect.Ok(accepts ? calls.Close(result) : 0);
                }
            }
            while (result >= 0 || (Errno)(-result) is EAGAIN or EINTR);
            Expect.Error(EBADF, result);
        }))];
        Array.ForEach(threads, thread => thread.Start());
        started.Wait();
        Random random = TestSeed.Random();
        for (int i = 0; i < Events; i++)
        {
            long[] time = [0, random.Next(2) * 2000]; // none, or two milliseconds
            Expect.Ok(calls.SetSockOpt(server, SOL_SOCKET, SO_RCVTIMEO, MemoryMarshal.AsBytes<long>(time)));
            int client = Expect.Ok(calls.Socket(AF_LOCAL, accepts ? SOCK_STREAM : SOCK_DGRAM));
            Expect.Ok(calls.Connect(client, name)); // waits for room in the backlog
            Expect.Ok(accepts ? 0 : calls.Send(client, [1]));
            callers[random.Next(Threads)].Interrupt();
            Expect.Ok(calls.Close(client));
            Thread.SpinWait(random.Next(2000));
        }

        Assert.IsTrue(left.Wait(TimeSpan.FromSeconds(30)), $"{left.CurrentCount} were left");
        Expect.Ok(calls.Close(server));
        Array.ForEach(threads, thread => thread.Join());
    }

    [TestMethod, OnBothSides]
    public void Each_connection_and_each_datagram_is_for_one_of_many_threads(Side side)
    {
        const int Threads = 6;
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Server;
        int listening = rig.Listen(out SockAddr address);
        int datagrams = Expect.Ok(calls.Socket(AF_INET, SOCK_DGRAM));
        Expect.Ok(calls.Bind(datagrams, SocketRig.ServerAt(0)));
        Expect.Ok(calls.GetSockName(datagrams, out SockAddr name));
        int sender = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM));
        foreach ((int socket, Func<int> call, Func<int> cause) in ((int, Func<int>, Func<int>)[])
            [
                (listening, () => calls.Accept(listening, out _), () => rig.Client.Connect(Expect.Ok(rig.Client.Socket(AF_INET, SOCK_STREAM)), address)),
                (datagrams, () => calls.Recv(datagrams, new byte[1]), () => rig.Client.SendTo(sender, [1], name)),
            ])
        {
            int done = 0;
            Waiting[] waiting = [.. Enumerable.Range(0, Threads).Select(_ => new Waiting(side, socket, () =>
            {
                int result = call();
                Interlocked.Increment(ref done);
                return result;
            }))];
            for (int i = 1; i <= Threads; i++)
            {
                Expect.Ok(cause());
                Assert.IsTrue(SpinWait.SpinUntil(() => Volatile.Read(ref done) == i, 30_000), "nobody woke");
            }

            Array.ForEach(waiting, each => each.Join());
            Assert.IsTrue(waiting.All(each => each.Result >= 0));
        }
    }

    [TestMethod]
    public void An_interruption_that_comes_early_ends_the_next_call_that_would_wait()
    {
        using SocketHosts hosts = new();
        DescriptorTable calls = hosts.A.Calls;
        int listening = Listening(new StackCalls(calls));
        CallingThread.Current.Interrupt();
        Assert.AreEqual(0, calls.Poll([new PollFd { Descriptor = listening, Events = PollEvents.POLLIN }], 0));
        Assert.AreEqual((-1, EINTR), (calls.Accept(listening, out _), DescriptorTable.Errno));
        Assert.AreEqual((0, EINTR), (calls.Poll([new PollFd { Descriptor = listening, Events = PollEvents.POLLIN }], 1), DescriptorTable.Errno));
    }

    [TestMethod, OnBothSides]
    public void A_broken_pipe_calls_the_hook_unless_MSG_NOSIGNAL(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        int socket = Expect.Ok(calls.Socket(AF_INET, SOCK_STREAM));
        (string Name, Func<int> Call, bool IsTold)[] cases =
        [
            ("send with MSG_NOSIGNAL", () => calls.Send(socket, s_bytes), false), ("sendmsg with MSG_NOSIGNAL", () => calls.SendMsg(socket, new MsgHdr(s_bytes)), false),
            ("send", () => calls.Send(socket, s_bytes, MessageFlags.None), true), ("write", () => calls.Write(socket, s_bytes), true),
            ("sendmsg", () => calls.SendMsg(socket, new MsgHdr(s_bytes), MessageFlags.None), true), ("sendmmsg", () => calls.SendMMsg(socket, [new MsgHdr(s_bytes)], MessageFlags.None), true),
        ];
        foreach ((string name, Func<int> call, bool isTold) in cases)
        {
            Assert.AreEqual(isTold, calls.RaisesSigPipe(call, out int result), name);
            Expect.Error(EPIPE, result, name);
        }

        int datagrams = Expect.Ok(calls.Socket(AF_INET, SOCK_DGRAM));
        Expect.Ok(calls.Connect(datagrams, SocketRig.ServerAt(9)));
        Expect.Ok(calls.Shutdown(datagrams, SocketShutdown.Send));
        Assert.IsFalse(calls.RaisesSigPipe(() => calls.Send(datagrams, s_bytes, MessageFlags.None), out int sent));
        Expect.Error(EPIPE, sent);
    }

    [TestMethod]
    public void Upcalls_may_call_the_socket_and_none_is_lost()
    {
        using SocketHosts hosts = new();
        Assert.AreEqual(None, hosts.B.System.Create(new SocketRequest(AF_INET, SOCK_STREAM, 0, Credentials.Own), out KernelSocket? listening));
        Assert.AreEqual(None, listening!.Bind(hosts.B.At(80)));
        Assert.AreEqual(None, listening.Listen(4));
        listening.IsNonBlocking = true;
        int received = 0;
        using ManualResetEventSlim ended = new();
        List<SocketUpcall> upcalls = [];
        using SocketUpcall accepting = listening.SetUpcall(PollEvents.POLLIN, socket =>
        {
            while (socket.Accept(out KernelSocket? accepted, out _) == None)
            {
                accepted!.IsNonBlocking = true;
                upcalls.Add(accepted.SetUpcall(PollEvents.POLLIN, Receive));
            }
        });
        DescriptorTable calls = hosts.A.Calls;
        int client = calls.Socket(AF_INET, SOCK_STREAM, 0);
        Assert.AreEqual(0, calls.Connect(client, hosts.B.At(80)));
        for (int i = 0; i < 100; i++)
        {
            Assert.AreEqual(100, calls.Send(client, new byte[100], MessageFlags.None));
        }

        Assert.AreEqual(0, calls.Close(client));
        Assert.IsTrue(ended.Wait(TimeSpan.FromSeconds(30)));
        Assert.AreEqual(10_000, received);
        upcalls.ForEach(each => each.Dispose());
        listening.Close();

        void Receive(KernelSocket socket)
        {
            byte[] buffer = new byte[64];
            while (true)
            {
                MessageIn message = new() { Data = new ScatterList(buffer) };
                Errno error = socket.Receive(ref message, out int count);
                received += count;
                if (error != None || count == 0)
                {
                    if (error == None)
                    {
                        socket.Close();
                        ended.Set();
                    }

                    return;
                }
            }
        }
    }

    private static IEnumerable<(string Name, Func<int> Make, Func<int, int> Call)> Waits(SocketRig rig)
    {
        ISocketCalls calls = rig.Client;
        yield return ("accept", () => Listening(calls), socket => calls.Accept(socket, out _));
        yield return ("recv", () => rig.Connect().Client, socket => calls.Recv(socket, new byte[1]));
        yield return ("recv with MSG_WAITALL", () => rig.Connect().Client, socket => calls.Recv(socket, new byte[10], MessageFlags.MSG_WAITALL));
        yield return ("recvfrom", () => rig.Connect().Client, socket => calls.RecvFrom(socket, new byte[1], out _));
        yield return ("recvmsg", () => rig.Connect().Client, socket => calls.RecvMsg(socket, new MsgHdr(new byte[1])));
        yield return ("recvmmsg", () => rig.Connect().Client, socket => calls.RecvMMsg(socket, [new MsgHdr(new byte[1])]));
        yield return ("read", () => rig.Connect().Client, socket => calls.Read(socket, new byte[1]));
        yield return ("send", () => Full(calls), socket => calls.Send(socket, new byte[1]));
        yield return ("connect", () => Expect.Ok(calls.Socket(AF_INET, SOCK_STREAM)), socket => calls.Connect(socket, SocketRig.Silent(1)));
        yield return ("epoll_wait", () => Expect.Ok(calls.EpollCreate1()), set => calls.EpollWait(set, new EpollEvent[1], -1));
    }

    private static int Select(ISocketCalls calls, int socket)
    {
        FdSet set = new();
        set.Set(socket);
        return calls.Select(socket + 1, set, null, null, -1);
    }

    private static int Listening(ISocketCalls calls)
    {
        int socket = Expect.Ok(calls.Socket(AF_INET, SOCK_STREAM));
        Expect.Ok(calls.Listen(socket, 1));
        return socket;
    }

    private static int Full(ISocketCalls calls)
    {
        Expect.Ok(calls.SocketPair(AF_LOCAL, SOCK_STREAM, 0, out int socket, out _)); // full at once; a peer's window takes a while
        while (calls.Send(socket, new byte[1 << 16], MessageFlags.MSG_DONTWAIT) > 0)
        {
        }

        return socket;
    }
}
