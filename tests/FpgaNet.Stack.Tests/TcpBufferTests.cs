using System.Net;
using FpgaNet.Packets.Buffers;
using FpgaNet.Simulation;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Tests.Scripts;
using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests;

/// <summary>Buffers that grow with what path and application do, and stay small where that is little.</summary>
[TestClass]
public sealed class TcpBufferTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(60);

    [TestMethod]
    [DataRow(1_000_000_000L, 10, true)]
    [DataRow(100_000_000L, 25, true)]
    public void With_default_settings_a_path_is_filled(long bitsPerSecond, int delay, bool timestamps)
    {
        LinkModel model = new() { BitsPerSecond = bitsPerSecond, Delay = TimeSpan.FromMilliseconds(delay) };
        model = model with { QueueFrames = (int)(model.BandwidthDelayProduct(2 * model.Delay) / 1500) };
        using VirtualNetwork network = new(TestSeed.Take());
        Dumbbell dumbbell = new(network, 1, model, host: _ => new HostModel { Tcp = new TcpSettings { Timestamps = timestamps } });
        BulkFlow flow = new(network, dumbbell.Senders[0], dumbbell.Receivers[0], 80);
        network.Run(TimeSpan.FromSeconds(1.5));
        long before = dumbbell.Bottleneck.BytesDelivered;
        network.Run(TimeSpan.FromSeconds(0.5));
        double utilization = (dumbbell.Bottleneck.BytesDelivered - before) * 8 / 0.5 / bitsPerSecond;
        Console.WriteLine($"{utilization:p1} {flow.Sender!.GetStatistics()}\n{flow.Receiver!.GetStatistics()}");
        Assert.IsGreaterThan(0.9, utilization);
        flow.Abort();
    }

    [TestMethod]
    public void A_slow_reader_holds_no_more_than_it_reads_in_some_round_trips()
    {
        LinkModel model = new() { BitsPerSecond = 100_000_000, Delay = TimeSpan.FromMilliseconds(10), QueueFrames = 1000 };
        using VirtualNetwork network = new(TestSeed.Take(), model);
        NetworkStack a = network.AddHost(new TcpSettings());
        NetworkStack b = network.AddHost(new TcpSettings());
        (TcpSocket sender, TcpSocket receiver) = Connect(network, a, b);
        byte[] block = new byte[100_000];
        byte[] some = new byte[10_000];
        int most = 0;
        long read = 0;
        for (int i = 0; i < 1000; i++)
        {
            // 1 MB a second: 20 kB in a round trip.
            sender.TrySend(block);
            network.Run(TimeSpan.FromMilliseconds(10));
            read += receiver.TryReceive(some, out int count) ? count : 0;
            most = Math.Max(most, receiver.Connection!.Readable);
        }

        Assert.IsGreaterThan(9_000_000L, read);
        Assert.IsLessThanOrEqualTo(256 << 10, receiver.ReceiveBufferSize);
        Assert.IsLessThanOrEqualTo(256 << 10, most);
        sender.Abort();
        receiver.Abort();
        network.Run(s_long);
    }

    [TestMethod]
    public void A_size_that_the_application_sets_stays()
    {
        using VirtualNetwork network = new(TestSeed.Take(), new LinkModel { BitsPerSecond = 0, Delay = TimeSpan.FromMilliseconds(5) });
        NetworkStack a = network.AddHost(new TcpSettings());
        NetworkStack b = network.AddHost(new TcpSettings());
        (TcpSocket sender, TcpSocket receiver) = Connect(network, a, b);
        receiver.ReceiveBufferSize = 50_000;
        sender.SendBufferSize = 40_000;
        byte[] block = new byte[100_000];
        int most = 0;
        for (int i = 0; i < 200; i++)
        {
            sender.TrySend(block);
            most = Math.Max(most, sender.GetStatistics().BytesUnacknowledged);
            network.Run(TimeSpan.FromMilliseconds(10));
            receiver.TryReceive(block, out _);
        }

        Assert.AreEqual((50_000, 40_000), (receiver.ReceiveBufferSize, sender.SendBufferSize));
        Assert.IsLessThanOrEqualTo(40_000, most);
        sender.Abort();
        receiver.Abort();
        network.Run(s_long);
    }

    [TestMethod]
    public void The_window_scale_is_that_of_the_greatest_buffer()
    {
        TcpSettings settings = ScriptedPeer.Plain with { WindowScaling = true, ReceiveBufferSize = null, MaximumReceiveBufferSize = 6 << 20 };
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(settings, s => s.Mss(1460).Scaled(0));
        using (peer)
        {
            Assert.AreEqual((0, 7), socket.GetStatistics().WindowScale);
            Assert.AreEqual(64 << 10, socket.ReceiveBufferSize);
            socket.Abort();
            peer.Forget();
        }
    }

    [TestMethod]
    public void What_an_application_takes_in_a_round_trip_decides_about_the_buffer()
    {
        ReceiveBufferTuning tuning = default;
        Instant now = new(1);
        Assert.AreEqual(0, tuning.Took(10_000, 1000, now), "nothing is known of the round trip");
        tuning.Echoed(1, TimeSpan.FromMilliseconds(30));
        tuning.Echoed(2, TimeSpan.FromMilliseconds(20));
        tuning.Echoed(2, TimeSpan.FromMilliseconds(1));
        Assert.AreEqual(TimeSpan.FromMilliseconds(20), tuning.RoundTrip, "the least, and each echo once");
        Assert.AreEqual(0, tuning.Took(10_000, 1000, now + TimeSpan.FromMilliseconds(10)), "too early");
        now += TimeSpan.FromMilliseconds(20);
        Assert.AreEqual((2 * 20_000) + 16_000, tuning.Took(20_000, 1000, now));
        now += TimeSpan.FromMilliseconds(20);
        Assert.AreEqual(0, tuning.Took(40_000, 1000, now), "no more than before");
        now += TimeSpan.FromMilliseconds(20);
        Assert.AreEqual(3 * ((2 * 40_000) + 16_000), tuning.Took(80_000, 1000, now), "twice as much: it may be twice as much again");
        now += TimeSpan.FromMilliseconds(200);
        Assert.AreEqual(0, tuning.Took(200_000, 1000, now), "120 kB, but in ten round trips");
    }

    [TestMethod]
    public void Without_time_stamps_a_turn_of_the_window_measures_the_round_trip()
    {
        ReceiveBufferTuning tuning = default;
        SequenceNumber start = new(uint.MaxValue - 1000);
        tuning.Advanced(start, start + 5000, new Instant(0));
        tuning.Advanced(start + 3000, start + 8000, new Instant(100));
        Assert.AreEqual(TimeSpan.Zero, tuning.RoundTrip);
        tuning.Advanced(start + 5000, start + 10_000, new Instant(300));
        Assert.AreEqual(new TimeSpan(300), tuning.RoundTrip);
        tuning.Advanced(start + 10_000, start + 15_000, new Instant(1300));
        Assert.AreEqual(new TimeSpan(300), tuning.RoundTrip, "a sender that pauses does not make it longer");
    }

    [TestMethod]
    public void Memory_is_short_from_three_quarters_until_half()
    {
        using BufferPool chunks = new(8, 64);
        TcpMemory memory = new(1000, chunks);
        memory.Take(750);
        Assert.IsFalse(memory.IsShort);
        memory.Take(1);
        Assert.IsTrue(memory.IsShort);
        memory.Take(249);
        Assert.IsTrue(memory.IsFull);
        memory.Give(499);
        Assert.IsTrue(memory.IsShort && !memory.IsFull);
        memory.Give(1);
        Assert.IsFalse(memory.IsShort);
    }

    [TestMethod]
    public void Many_slow_readers_stay_within_the_memory_and_lose_nothing()
    {
        const int Count = 40;
        const long Limit = 1 << 20;
        int seed = TestSeed.Take();
        using VirtualNetwork network = new(seed, new LinkModel { BitsPerSecond = 1_000_000_000, Delay = TimeSpan.FromMilliseconds(2), QueueFrames = 1000 });
        NetworkStack a = network.AddHost(new TcpSettings());
        NetworkStack b = network.AddHost(new TcpSettings { MemoryLimit = Limit });
        (TcpSocket Sender, TcpSocket Receiver)[] pairs = [.. Enumerable.Range(0, Count).Select(i => Connect(network, a, b, 80 + i))];
        ContentStream content = new((ulong)seed);
        byte[] block = new byte[20_000];
        long[] sent = new long[Count];
        long[] received = new long[Count];
        long most = 0;
        for (int round = 0; round < 100 || (round < 6000 && !sent.AsSpan().SequenceEqual(received)); round++)
        {
            for (int i = 0; i < Count; i++)
            {
                content.Fill(sent[i], block);
                sent[i] += round < 100 ? pairs[i].Sender.TrySend(block) : 0;
            }

            network.Run(TimeSpan.FromMilliseconds(10));
            most = Math.Max(most, b.Tcp.Memory.Used);
            for (int i = 0; i < Count && round > 50; i++)
            {
                while (pairs[i].Receiver.TryReceive(block.AsSpan(0, round < 100 ? 2000 : 20_000), out int count))
                {
                    Assert.AreEqual(-1, content.FirstDifference(received[i], block.AsSpan(0, count)));
                    received[i] += count;
                    if (round < 100)
                    {
                        break;
                    }
                }
            }
        }

        CollectionAssert.AreEqual(sent, received);
        Console.WriteLine($"{most} of {Limit} bytes at most, {b.Counters[StackCounter.TcpReceiveDropped]} dropped, {b.Counters[StackCounter.TcpPruned]} pruned, {network.Time.Elapsed}");
        Assert.IsGreaterThan(Limit / 2, most);
        Assert.IsLessThanOrEqualTo(Limit + (Count * 4096), most);
        Assert.AreEqual(0, b.Tcp.Memory.Used);
        foreach ((TcpSocket sender, TcpSocket receiver) in pairs)
        {
            sender.Abort();
            receiver.Abort();
        }

        network.Run(s_long);
    }

    private static (TcpSocket Client, TcpSocket Server) Connect(VirtualNetwork network, NetworkStack a, NetworkStack b, int port = 80)
    {
        using TcpListenerSocket listener = b.Listen(new IPEndPoint(IPAddress.Any, port));
        TcpSocket client = a.CreateTcpSocket();
        Task connecting = client.ConnectAsync(new IPEndPoint(b.Address.ToIPAddress(), port)).AsTask();
        TcpSocket? server = null;
        network.RunUntil(() => connecting.IsCompleted && (server ??= listener.TryAccept()) is not null, s_long);
        return (client, server!);
    }
}
