using System.Net.Sockets;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.PollEvents;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Descriptors;

/// <summary>poll(2) and select(2): what a socket is ready for in each of its states, on our sockets and on Linux's.</summary>
[TestClass]
public sealed class PollTests
{
    private const PollEvents All = POLLIN | POLLPRI | POLLOUT | POLLRDHUP;

    private static readonly byte[] s_bytes = new byte[8];

    [TestMethod, OnBothSides]
    public void A_new_stream_is_writable_and_hung_up(Side side)
    {
        using SocketRig rig = new(side);
        int socket = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_STREAM));
        Assert.AreEqual(POLLOUT | POLLHUP, Poll(rig.Client, socket));
    }

    [TestMethod, OnBothSides]
    public void A_listening_socket_is_readable_once_a_connection_waits(Side side)
    {
        using SocketRig rig = new(side);
        int listening = rig.Listen(out SockAddr address);
        Assert.AreEqual(PollEvents.None, Poll(rig.Server, listening));
        int client = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_STREAM));
        Expect.Ok(rig.Client.Connect(client, address));
        Assert.AreEqual(POLLIN, SocketRig.Await(rig.Server, listening, All));
        Expect.Ok(rig.Server.Accept(listening, out _));
        Assert.AreEqual(PollEvents.None, Poll(rig.Server, listening));
    }

    [TestMethod, OnBothSides]
    public void A_connection_is_writable_then_readable_then_ended_then_hung_up(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        Assert.AreEqual(POLLOUT, Poll(rig.Client, client));
        Assert.AreEqual(POLLOUT, Poll(rig.Server, server));
        Expect.Ok(rig.Server.Send(server, s_bytes));
        SocketRig.Await(rig.Client, client, POLLIN);
        Assert.AreEqual(POLLIN | POLLOUT, Poll(rig.Client, client));
        Expect.Ok(rig.Client.Recv(client, s_bytes));
        Assert.AreEqual(POLLOUT, Poll(rig.Client, client));
        Expect.Ok(rig.Server.Shutdown(server, SocketShutdown.Send));
        SocketRig.Await(rig.Client, client, POLLRDHUP);
        Assert.AreEqual(POLLIN | POLLOUT | POLLRDHUP, Poll(rig.Client, client));
        Expect.Result(0, rig.Client.Recv(client, s_bytes));
        Expect.Ok(rig.Client.Shutdown(client, SocketShutdown.Send));
        Assert.AreEqual(POLLIN | POLLOUT | POLLRDHUP | POLLHUP, Poll(rig.Client, client));
    }

    [TestMethod, OnBothSides]
    public void All_words_for_normal_data_are_told(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        Expect.Ok(rig.Server.Send(server, s_bytes));
        SocketRig.Await(rig.Client, client, POLLRDNORM);
        PollFd[] list = [new() { Descriptor = client, Events = POLLRDNORM | POLLWRNORM | POLLRDBAND }];
        Expect.Result(1, rig.Client.Poll(list, 0));
        Assert.AreEqual(POLLRDNORM | POLLWRNORM, list[0].Returned);
    }

    [TestMethod, OnBothSides]
    public void A_reset_is_an_error_and_a_hang_up_until_the_error_is_taken(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        Expect.Ok(rig.Server.SetSockOpt(server, SOL_SOCKET, SO_LINGER, [1, 0, 0, 0, 0, 0, 0, 0]));
        Expect.Ok(rig.Server.Close(server));
        SocketRig.Await(rig.Client, client, POLLRDHUP);
        Assert.AreEqual(POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP, Poll(rig.Client, client));
        Expect.Ok(rig.Client.GetSockOpt(client, SOL_SOCKET, SO_ERROR, out int error));
        Assert.AreEqual(ECONNRESET, (Errno)error);
        Assert.AreEqual(POLLIN | POLLOUT | POLLHUP | POLLRDHUP, Poll(rig.Client, client));
    }

    [TestMethod, OnBothSides]
    public void A_refused_connection_is_writable_with_an_error(Side side)
    {
        using SocketRig rig = new(side);
        int listening = rig.Listen(out SockAddr address);
        Expect.Ok(rig.Server.Close(listening));
        int socket = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_STREAM | (SocketKind)SOCK_NONBLOCK));
        Expect.Error(EINPROGRESS, rig.Client.Connect(socket, address));
        SocketRig.Await(rig.Client, socket, POLLOUT);
        Assert.AreEqual(POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP, Poll(rig.Client, socket));
        Expect.Ok(rig.Client.GetSockOpt(socket, SOL_SOCKET, SO_ERROR, out int error));
        Assert.AreEqual(ECONNREFUSED, (Errno)error);
    }

    [TestMethod, OnBothSides]
    public void A_full_stream_is_not_writable_until_the_peer_reads(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        byte[] chunk = new byte[64 * 1024];
        long sent = 0;
        int idle = 0;
        while (idle < 3) // it is not writable any more; the peer's window fills too, and what it takes makes room here again
        {
            int count = rig.Client.Send(client, chunk, MessageFlags.MSG_DONTWAIT | MessageFlags.MSG_NOSIGNAL);
            sent += Math.Max(0, count);
            PollFd[] list = [new() { Descriptor = client, Events = POLLOUT }];
            idle = count < 0 && rig.Client.Poll(list, 50) == 0 ? idle + 1 : 0;
        }

        for (long left = sent; left > 0;)
        {
            left -= Expect.Ok(rig.Server.Recv(server, chunk));
        }

        Assert.AreEqual(POLLOUT, SocketRig.Await(rig.Client, client, All));
    }

    [TestMethod, OnBothSides]
    public void What_is_not_open_is_POLLNVAL_and_what_is_negative_is_passed_over(Side side)
    {
        using SocketRig rig = new(side);
        int socket = SocketRig.Aside(rig.Client, Expect.Ok(rig.Client.Socket(AF_INET, SOCK_STREAM)));
        Expect.Ok(rig.Client.Close(socket));
        PollFd[] list = [new() { Descriptor = -1, Events = All }, new() { Descriptor = socket, Events = All }, new() { Descriptor = -7, Events = All }];
        Expect.Result(1, rig.Client.Poll(list, -1));
        CollectionAssert.AreEqual((PollEvents[])[PollEvents.None, POLLNVAL, PollEvents.None], list.Select(each => each.Returned).ToArray());
        Expect.Result(0, rig.Client.Poll([], 0));
        Expect.Result(0, rig.Client.Poll([], 1));
    }

    [TestMethod, OnBothSides]
    public void Poll_waits_for_any_of_many(Side side)
    {
        using SocketRig rig = new(side);
        (int Client, int Server)[] pairs = [.. Enumerable.Range(0, 20).Select(_ => rig.Connect())];
        PollFd[] list = [.. pairs.Select(pair => new PollFd { Descriptor = pair.Client, Events = POLLIN })];
        for (int i = 0; i < pairs.Length; i++)
        {
            Thread sender = new(() => rig.Server.Send(pairs[i].Server, s_bytes));
            sender.Start();
            Expect.Result(1, rig.Client.Poll(list, 30_000));
            Assert.AreEqual(i, Array.FindIndex(list, each => each.Returned == POLLIN));
            sender.Join();
            Expect.Result(8, rig.Client.Recv(pairs[i].Client, s_bytes));
        }
    }

    [TestMethod, OnBothSides]
    public void All_threads_that_poll_one_socket_are_told(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        int told = 0;
        Thread[] threads = [.. Enumerable.Range(0, 20).Select(_ => new Thread(() =>
        {
            PollFd[] list = [new() { Descriptor = client, Events = POLLIN }];
            Interlocked.Add(ref told, rig.Client.Poll(list, 30_000));
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Expect.Ok(rig.Server.Send(server, s_bytes));
        Array.ForEach(threads, thread => thread.Join());
        Assert.AreEqual(threads.Length, told);
    }

    [TestMethod, OnBothSides]
    public void Select_tells_readable_writable_and_exceptional(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        FdSet read = Set(client);
        FdSet write = Set(client);
        FdSet except = Set(client);
        Expect.Result(1, rig.Client.Select(client + 1, read, write, except, 0));
        Assert.AreEqual((0, 1, 0), (read.Count, write.Count, except.Count));
        Expect.Ok(rig.Server.Send(server, s_bytes));
        SocketRig.Await(rig.Client, client, POLLIN);
        (read, write) = (Set(client), Set(client));
        Expect.Result(2, rig.Client.Select(client + 1, read, write, null, -1));
        Assert.AreEqual((1, 1), (read.Count, write.Count));
        Expect.Result(8, rig.Client.Recv(client, s_bytes));
        Expect.Ok(rig.Server.Send(server, [1], MessageFlags.MSG_OOB));
        except = Set(client);
        Expect.Result(1, rig.Client.Select(client + 1, null, null, except, 30_000));
        Assert.IsTrue(except.IsSet(client));
    }

    [TestMethod, OnBothSides]
    public void Select_waits_and_its_time_ends(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        FdSet read = Set(client);
        Expect.Result(0, rig.Client.Select(client + 1, read, null, null, 10));
        Assert.AreEqual(0, read.Count);
        read = Set(client);
        Thread sender = new(() => rig.Server.Send(server, s_bytes));
        sender.Start();
        Expect.Result(1, rig.Client.Select(client + 1, read, null, null, 30_000));
        sender.Join();
        Expect.Result(0, rig.Client.Select(0, null, null, null, 1));
    }

    [TestMethod, OnBothSides]
    public void Select_of_what_is_not_open_is_EBADF_and_of_a_negative_count_EINVAL(Side side)
    {
        using SocketRig rig = new(side);
        int socket = SocketRig.Aside(rig.Client, Expect.Ok(rig.Client.Socket(AF_INET, SOCK_STREAM)));
        Expect.Ok(rig.Client.Close(socket));
        Expect.Error(EBADF, rig.Client.Select(socket + 1, Set(socket), null, null, 0));
        Expect.Error(EINVAL, rig.Client.Select(-1, null, null, null, 0));
    }

    [TestMethod]
    public void Negative_times_are_EINVAL_and_so_are_more_descriptors_than_there_may_be()
    {
        using SocketHosts hosts = new();
        DescriptorTable calls = hosts.A.Calls;
        Assert.AreEqual((-1, EINVAL), (calls.Poll([], TimeSpan.FromMilliseconds(-2)), DescriptorTable.Errno));
        Assert.AreEqual((-1, EINVAL), (calls.Select(0, null, null, null, TimeSpan.FromMilliseconds(-2)), DescriptorTable.Errno));
        Assert.AreEqual((-1, EINVAL), (calls.RecvMMsg(0, [], MessageFlags.None, TimeSpan.FromMilliseconds(-2)), DescriptorTable.Errno));
        calls.Limit = 3;
        PollFd[] none = [.. Enumerable.Repeat(new PollFd { Descriptor = -1 }, 4)];
        Assert.AreEqual((-1, EINVAL), (calls.Poll(none, 0), DescriptorTable.Errno));
        Assert.AreEqual(0, calls.Poll(none.AsSpan(1), 0));
    }

    [TestMethod]
    public void Select_takes_sets_of_any_size()
    {
        using SocketHosts hosts = new();
        DescriptorTable calls = hosts.A.Calls;
        int socket = calls.Socket(AF_INET, SOCK_STREAM, 0);
        Assert.AreEqual(5000, calls.Dup2(socket, 5000));
        FdSet write = Set(5000);
        Assert.AreEqual(1, calls.Select(5001, null, write, null, TimeSpan.Zero));
        Assert.IsTrue(write.IsSet(5000));
        Assert.AreEqual(1, write.Count);
        Assert.IsFalse(write.IsSet(int.MaxValue));
    }

    [TestMethod]
    public void A_descriptor_that_is_closed_while_it_is_polled_is_POLLNVAL()
    {
        using SocketHosts hosts = new();
        DescriptorTable calls = hosts.A.Calls;
        int listening = calls.Socket(AF_INET, SOCK_STREAM, 0);
        Assert.AreEqual(0, calls.Listen(listening, 1));
        PollFd[] list = [new() { Descriptor = listening, Events = POLLIN }];
        int result = 0;
        Waiting waiting = new(() => result = calls.Poll(list, -1));
        calls.Close(listening);
        waiting.Join();
        Assert.AreEqual((1, POLLNVAL), (result, list[0].Returned));
    }

    private static PollEvents Poll(ISocketCalls calls, int socket)
    {
        PollFd[] list = [new() { Descriptor = socket, Events = All }];
        int count = Expect.Ok(calls.Poll(list, 0));
        Assert.AreEqual(list[0].Returned == PollEvents.None ? 0 : 1, count);
        return list[0].Returned;
    }

    private static FdSet Set(int descriptor)
    {
        FdSet set = new(64);
        set.Set(descriptor);
        return set;
    }
}
