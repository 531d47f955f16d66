using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Testing;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;

namespace FpgaNet.Sockets.Tests.Descriptors;

/// <summary>What calls cost: no allocation, one wake-up, and of ten thousand sockets only those that are ready.</summary>
[TestClass]
public sealed class CostTests
{
    private const int Many = 10_000;

    [TestMethod]
    public void Calls_allocate_nothing_in_steady_state()
    {
        using SocketHosts hosts = new();
        DescriptorTable here = hosts.A.Calls;
        DescriptorTable there = hosts.B.Calls;
        int listening = there.Socket(AF_INET, SOCK_STREAM, 0);
        Assert.AreEqual(0, there.Bind(listening, hosts.B.At(80)));
        Assert.AreEqual(0, there.Listen(listening, 1));
        int client = here.Socket(AF_INET, SOCK_STREAM, 0);
        Assert.AreEqual(0, here.Connect(client, hosts.B.At(80)));
        int server = there.Accept(listening, out _);
        int set = there.EpollCreate1(0);
        Assert.AreEqual(0, there.EpollCtl(set, EpollOperation.EPOLL_CTL_ADD, server, new EpollEvent { Events = EpollEvents.EPOLLIN }));
        byte[] bytes = new byte[64];
        PollFd[] list = [new() { Descriptor = server, Events = PollEvents.POLLIN }, new() { Descriptor = listening, Events = PollEvents.POLLIN }];
        EpollEvent[] events = new EpollEvent[4];
        FdSet readable = new();
        int argument = 0;
        long least = long.MaxValue;
        for (int window = 0; window < 20; window++) // the first ones compile; a lock that two want for the first time allocates once
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                Round(i % 4);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.AreEqual(0, least);

        void Round(int how)
        {
            Assert.AreEqual(64, here.Send(client, bytes, MessageFlags.MSG_NOSIGNAL));
            switch (how)
            {
                case 0:
                    Assert.AreEqual(1, there.Poll(list, 30_000));
                    break;
                case 1:
                    Assert.AreEqual(1, there.EpollWait(set, events, 30_000));
                    break;
                case 2:
                    readable.Zero();
                    readable.Set(server);
                    Assert.AreEqual(1, there.Select(server + 1, readable, null, null, Timeout.InfiniteTimeSpan));
                    break;
            }

            Assert.AreEqual(0, there.Ioctl(server, SocketOptions.FIONBIO, ref argument));
            Assert.AreEqual(64, there.RecvFrom(server, bytes, MessageFlags.MSG_WAITALL, out _));
            Assert.AreEqual(64, there.Write(server, bytes)); // the answer takes the acknowledgement along
            Assert.AreEqual(64, here.Recv(client, bytes, MessageFlags.MSG_WAITALL));
        }
    }

    [TestMethod]
    public void A_receive_that_waits_is_woken_by_one_event_and_tries_once_more()
    {
        using SocketHosts hosts = new();
        CountedProvider provider = new();
        hosts.A.System.Registry.Register(provider);
        DescriptorTable calls = hosts.A.Calls;
        int socket = calls.Socket(AF_INET, SOCK_STREAM, 0);
        int received = 0;
        Waiting waiting = new(() => received = calls.Recv(socket, new byte[8], MessageFlags.None));
        provider.Made[0].Fill(8);
        waiting.Join();
        Assert.AreEqual((8, 3, 0), (received, provider.Made[0].Receives, provider.Made[0].Polls)); // at first, before the sleep and after it
    }

    [TestMethod]
    public void A_send_that_waits_is_woken_by_one_event_and_tries_once_more()
    {
        using SocketHosts hosts = new();
        CountedProvider provider = new();
        hosts.A.System.Registry.Register(provider);
        DescriptorTable calls = hosts.A.Calls;
        int socket = calls.Socket(AF_INET, SOCK_DGRAM, 0);
        Counted counted = provider.Made[0];
        counted.IsFull = true;
        int sent = 0;
        Waiting waiting = new(() => sent = calls.Send(socket, new byte[8], MessageFlags.None));
        counted.Drain();
        waiting.Join();
        Assert.AreEqual((8, 3, 0), (sent, counted.Sends, counted.Polls)); // poll would tell of an error queue too, which is nothing to send by
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Of_many_threads_that_wait_for_what_one_can_take_one_wakes(bool accepts)
    {
        const int Threads = 8;
        using SocketHosts hosts = new();
        CountedProvider provider = new();
        hosts.A.System.Registry.Register(provider);
        DescriptorTable calls = hosts.A.Calls;
        int socket = calls.Socket(AF_INET, accepts ? SOCK_STREAM : SOCK_DGRAM, 0);
        int done = 0;
        Waiting[] waiting = [.. Enumerable.Range(0, Threads).Select(_ => new Waiting(() =>
        {
            Assert.IsGreaterThanOrEqualTo(0, accepts ? calls.Accept(socket, out SockAddr _) : calls.Recv(socket, new byte[1], MessageFlags.None));
            Interlocked.Increment(ref done);
        }))];
        Counted counted = provider.Made[0];
        for (int i = 1; i <= Threads; i++)
        {
            counted.Fill(1);
            Assert.IsTrue(SpinWait.SpinUntil(() => Volatile.Read(ref done) == i, 30_000), "nobody woke");
        }

        Array.ForEach(waiting, each => each.Join());
        Assert.AreEqual(3 * Threads, counted.Receives); // each thread's at first, before the sleep and after it: nobody woke for another's
    }

    [TestMethod]
    public void A_set_of_ten_thousand_asks_only_those_that_were_signalled()
    {
        using SocketHosts hosts = new();
        CountedProvider provider = new();
        hosts.A.System.Registry.Register(provider);
        DescriptorTable calls = hosts.A.Calls;
        int set = calls.EpollCreate1(0);
        for (int i = 0; i < Many; i++)
        {
            Assert.AreEqual(0, calls.EpollCtl(set, EpollOperation.EPOLL_CTL_ADD, calls.Socket(AF_INET, SOCK_STREAM, 0), new EpollEvent { Events = EpollEvents.EPOLLIN, Data = (ulong)i }));
        }

        EpollEvent[] events = new EpollEvent[64];
        Assert.AreEqual(0, calls.EpollWait(set, events, 0));
        int before = provider.Made.Sum(each => each.Polls);
        foreach (int ready in (int[])[9999, 17, 5000])
        {
            provider.Made[ready].Fill(1);
        }

        Assert.AreEqual(3, calls.EpollWait(set, events, 30_000));
        CollectionAssert.AreEqual((ulong[])[9999, 17, 5000], events.Take(3).Select(each => each.Data).ToArray());
        Assert.AreEqual(3, provider.Made.Sum(each => each.Polls) - before);
        for (int i = 1; i <= Many; i++)
        {
            Assert.AreEqual(0, calls.Close(i));
        }

        Assert.AreEqual(0, calls.EpollWait(set, events, 0));
    }

    [TestMethod, OnBothSides]
    public void Ten_thousand_sockets_in_one_set_tell_which_have_data(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        int set = Expect.Ok(calls.EpollCreate1());
        SockAddr[] addresses = new SockAddr[Many];
        int[] sockets = new int[Many];
        int made = calls is LinuxCalls linux ? linux.Inside(Make) : Make();
        Skip.Unless(made == Many, $"{Many} sockets need a higher limit of descriptors (ulimit -n)");
        EpollEvent[] events = new EpollEvent[64];
        Expect.Result(0, calls.EpollWait(set, events, 0));
        Random random = TestSeed.Random();
        HashSet<ulong> expected = [.. Enumerable.Range(0, 30).Select(_ => (ulong)random.Next(Many))];
        int sender = Expect.Ok(rig.Server.Socket(AF_INET, SOCK_DGRAM));
        foreach (ulong chosen in expected)
        {
            Expect.Result(1, rig.Server.SendTo(sender, [1], addresses[chosen]));
        }

        HashSet<ulong> told = [];
        while (told.Count < expected.Count)
        {
            int count = Expect.Ok(calls.EpollWait(set, events, 30_000));
            Assert.AreNotEqual(0, count, "an event was lost");
            for (int i = 0; i < count; i++)
            {
                Assert.IsTrue(told.Add(events[i].Data), "an event was told twice");
                Expect.Result(1, calls.Recv(sockets[events[i].Data], new byte[8]));
            }
        }

        Assert.IsTrue(told.SetEquals(expected));

        int Make()
        {
            for (int i = 0; i < Many; i++)
            {
                sockets[i] = calls.Socket(AF_INET, SOCK_DGRAM);
                if (sockets[i] == -(int)Errno.EMFILE)
                {
                    return i;
                }

                Expect.Ok(sockets[i]);
                Expect.Ok(calls.Bind(sockets[i], SocketRig.ClientAt(0)));
                Expect.Ok(calls.GetSockName(sockets[i], out addresses[i]));
                Expect.Ok(calls.EpollCtl(set, EpollOperation.EPOLL_CTL_ADD, sockets[i], EpollEvents.EPOLLIN | EpollEvents.EPOLLET, (ulong)i));
            }

            return Many;
        }
    }

    /// <summary>Sockets that count what they are asked.</summary>
    private sealed class CountedProvider : SocketProvider
    {
        public List<Counted> Made { get; } = [];

        public override string Name => "counted";

        public override int Priority => 1;

        public override bool IsSupported(in SocketRequest request) => request.Domain == AF_INET;

        public override Errno Create(in SocketRequest request, out SocketImplementation? implementation)
        {
            Made.Add(new Counted());
            implementation = Made[^1];
            return Errno.None;
        }
    }

    private sealed class Counted : SocketImplementation
    {
        private int _bytes;
        private int _polls;
        private int _receives;
        private int _sends;

        private volatile bool _isFull;

        /// <summary>Nothing can be sent.</summary>
        public bool IsFull
        {
            get => _isFull;
            set => _isFull = value;
        }

        public int Sends => _sends;

        public int Polls => _polls;

        public int Receives => _receives;

        public void Fill(int bytes)
        {
            Volatile.Write(ref _bytes, bytes);
            Notify(PollEvents.POLLIN);
        }

        public void Drain()
        {
            IsFull = false;
            Notify(PollEvents.POLLOUT);
        }

        public override Errno Send(ref MessageOut message, out int sent)
        {
            Interlocked.Increment(ref _sends);
            bool isFull = IsFull;
            sent = isFull ? 0 : message.Data.Length;
            return isFull ? Errno.EAGAIN : Errno.None;
        }

        public override Errno Receive(ref MessageIn message, out int received)
        {
            Interlocked.Increment(ref _receives);
            received = Interlocked.Exchange(ref _bytes, 0);
            return received > 0 ? Errno.None : Errno.EAGAIN;
        }

        public override Errno Accept(out SocketImplementation? accepted, out SockAddr peer)
        {
            Interlocked.Increment(ref _receives);
            peer = default;
            accepted = Interlocked.Exchange(ref _bytes, 0) > 0 ? new Counted() : null;
            return accepted is null ? Errno.EAGAIN : Errno.None;
        }

        public override Errno Close() => Errno.None;

        public override PollEvents Poll()
        {
            Interlocked.Increment(ref _polls);
            return Volatile.Read(ref _bytes) > 0 ? PollEvents.POLLIN : PollEvents.None;
        }

        public override Errno TakeError() => Errno.None;

        public override Errno GetLocalAddress(out SockAddr address)
        {
            address = default;
            return Errno.None;
        }

        public override Errno GetRemoteAddress(out SockAddr address)
        {
            address = default;
            return Errno.ENOTCONN;
        }
    }
}
