using System.Runtime.InteropServices;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using FpgaNet.Stack.Sockets.Kernel;
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

    [TestMethod]
    public void Closing_ends_every_call_that_waits_with_EBADF()
    {
        using SocketHosts hosts = new();
        foreach ((string name, Func<int> make, Func<int, int> call) in Waits(hosts))
        {
            int socket = make();
            (int, Errno) result = default;
            Waiting waiting = new(() => result = (call(socket), DescriptorTable.Errno));
            Assert.IsTrue(waiting.IsAsleep, $"{name} did not wait");
            Assert.AreEqual(0, hosts.A.Calls.Close(socket), name);
            waiting.Join();
            Assert.AreEqual((-1, EBADF), result, name);
        }
    }

    [TestMethod]
    public void Closing_one_of_two_descriptors_ends_the_calls_on_that_one()
    {
        using SocketHosts hosts = new();
        DescriptorTable calls = hosts.A.Calls;
        foreach ((string name, Func<int> make, Func<int, int> call) in Waits(hosts))
        {
            int socket = make();
            int copy = calls.Dup(socket);
            (int, Errno) onSocket = default;
            (int, Errno) onCopy = default;
            Waiting first = new(() => onSocket = (call(socket), DescriptorTable.Errno));
            Waiting second = new(() => onCopy = (call(copy), DescriptorTable.Errno));
            Assert.AreEqual(0, calls.Close(socket));
            first.Join();
            Assert.AreEqual((-1, EBADF), onSocket, name);
            Assert.AreEqual((0, None), onCopy, name);
            Assert.AreEqual(0, calls.Close(copy));
            second.Join();
            Assert.AreEqual((-1, EBADF), onCopy, name);
        }
    }

    [TestMethod]
    public void An_interruption_ends_every_call_that_waits_with_EINTR()
    {
        using SocketHosts hosts = new();
        (string, Func<int>, Func<int, int>)[] polls =
        [
            ("poll", () => Listening(hosts), socket => hosts.A.Calls.Poll([new PollFd { Descriptor = socket, Events = PollEvents.POLLIN }], -1)),
            ("select", () => Listening(hosts), socket => Select(hosts, socket)),
        ];
        foreach ((string name, Func<int> make, Func<int, int> call) in (IEnumerable<(string, Func<int>, Func<int, int>)>)[.. Waits(hosts), .. polls])
        {
            for (int i = 0; i < 2; i++)
            {
                int socket = make();
                (int, Errno) result = default;
                Waiting waiting = new(() => result = (call(socket), DescriptorTable.Errno));
                Assert.IsTrue(waiting.IsAsleep, $"{name} did not wait");
                if (i == 0)
                {
                    waiting.Interrupt();
                }
                else
                {
                    waiting.Calling.Interrupt();
                }

                waiting.Join();
                Assert.AreEqual((-1, EINTR), result, name);
                Assert.AreEqual(0, hosts.A.Calls.Close(socket));
            }
        }
    }

    [TestMethod]
    public void An_interruption_that_comes_early_ends_the_next_call_that_would_wait()
    {
        using SocketHosts hosts = new();
        DescriptorTable calls = hosts.A.Calls;
        int listening = Listening(hosts);
        CallingThread.Current.Interrupt();
        Assert.AreEqual(0, calls.Poll([new PollFd { Descriptor = listening, Events = PollEvents.POLLIN }], 0));
        Assert.AreEqual((-1, EINTR), (calls.Accept(listening, out _), DescriptorTable.Errno));
        Assert.AreEqual((0, EINTR), (calls.Poll([new PollFd { Descriptor = listening, Events = PollEvents.POLLIN }], 1), DescriptorTable.Errno));
    }

    [TestMethod]
    public void A_broken_pipe_calls_the_hook_unless_MSG_NOSIGNAL()
    {
        using SocketHosts hosts = new();
        DescriptorTable calls = hosts.A.Calls;
        List<int> told = [];
        calls.BrokenPipe = told.Add;
        int socket = calls.Socket(AF_INET, SOCK_STREAM, 0);
        Assert.AreEqual((-1, EPIPE), (calls.Send(socket, s_bytes, MessageFlags.MSG_NOSIGNAL), DescriptorTable.Errno));
        Assert.IsEmpty(told);
        Assert.AreEqual((-1, EPIPE), (calls.Send(socket, s_bytes, MessageFlags.None), DescriptorTable.Errno));
        Assert.AreEqual((-1, EPIPE), (calls.Write(socket, s_bytes), DescriptorTable.Errno));
        CollectionAssert.AreEqual((int[])[socket, socket], told);
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

    private static IEnumerable<(string Name, Func<int> Make, Func<int, int> Call)> Waits(SocketHosts hosts)
    {
        DescriptorTable calls = hosts.A.Calls;
        yield return ("accept", () => Listening(hosts), socket => calls.Accept(socket, out _));
        yield return ("recv", () => Connected(hosts), socket => calls.Recv(socket, new byte[1], MessageFlags.None));
        yield return ("recv with MSG_WAITALL", () => Connected(hosts), socket => calls.Recv(socket, new byte[10], MessageFlags.MSG_WAITALL));
        yield return ("recvfrom", () => Connected(hosts), socket => calls.RecvFrom(socket, new byte[1], MessageFlags.None, out _));
        yield return ("recvmmsg", () => Connected(hosts), socket => calls.RecvMMsg(socket, [new BatchMessage { Data = new byte[1] }], MessageFlags.None, Timeout.InfiniteTimeSpan));
        yield return ("read", () => Connected(hosts), socket => calls.Read(socket, new byte[1]));
        yield return ("send", () => Full(hosts), socket => calls.Send(socket, new byte[1], MessageFlags.None));
        yield return ("connect", () => calls.Socket(AF_INET, SOCK_STREAM, 0), socket => calls.Connect(socket, SocketRig.Silent(1)));
        yield return ("epoll_wait", () => calls.EpollCreate1(0), set => calls.EpollWait(set, new EpollEvent[1], -1));
    }

    private static int Select(SocketHosts hosts, int socket)
    {
        FdSet set = new();
        set.Set(socket);
        return hosts.A.Calls.Select(socket + 1, set, null, null, Timeout.InfiniteTimeSpan);
    }

    private static int Listening(SocketHosts hosts)
    {
        int socket = hosts.A.Calls.Socket(AF_INET, SOCK_STREAM, 0);
        Assert.AreEqual(0, hosts.A.Calls.Listen(socket, 1));
        return socket;
    }

    private static int Connected(SocketHosts hosts)
    {
        int listening = hosts.B.Calls.Socket(AF_INET, SOCK_STREAM, 0);
        Assert.AreEqual(0, hosts.B.Calls.Listen(listening, 1));
        Assert.AreEqual(0, hosts.B.Calls.GetSockName(listening, out SockAddr address));
        int socket = hosts.A.Calls.Socket(AF_INET, SOCK_STREAM, 0);
        Assert.AreEqual(0, hosts.A.Calls.Connect(socket, hosts.B.At(address.Port)));
        Assert.IsGreaterThanOrEqualTo(0, hosts.B.Calls.Accept(listening, out _));
        return socket;
    }

    private static int Full(SocketHosts hosts)
    {
        DescriptorTable calls = hosts.A.Calls;
        Assert.AreEqual(0, calls.SocketPair(AF_LOCAL, SOCK_STREAM, 0, out int socket, out _)); // full at once; a peer's window takes a while
        while (calls.Send(socket, new byte[1 << 16], MessageFlags.MSG_DONTWAIT) > 0)
        {
        }

        return socket;
    }
}
