using System.Net;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;

namespace FpgaNet.Stack.Tests.Simulation;

/// <summary>The simulator itself: links, queues, routers, topologies, and that a seed is a run.</summary>
[TestClass]
public sealed class LinkTests
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    [TestMethod]
    public void A_seed_is_a_run_frame_by_frame()
    {
        (ulong hash, long frames) = Run(11);
        Assert.AreEqual((hash, frames), Run(11));
        Assert.AreNotEqual(hash, Run(12).Hash);
        Assert.IsGreaterThan(200, frames);

        static (ulong Hash, long Frames) Run(int seed)
        {
            LinkModel model = new()
            {
                Loss = 0.02,
                Reorder = 0.1,
                Duplicate = 0.02,
                Corrupt = 0.01,
                Jitter = TimeSpan.FromMilliseconds(1),
                Burst = new GilbertElliott(0.01, 0.3),
            };
            using VirtualNetwork network = new(seed, model);
            network.AddHost();
            network.AddHost();
            BulkFlow flow = new(network, network.Hosts[0], network.Hosts[1], 80, 200_000);
            network.RunUntil(() => flow.IsDone, TimeSpan.FromMinutes(10));
            Assert.AreEqual(200_000, flow.Received);
            return (network.Log.Hash, network.Log.Count);
        }
    }

    [TestMethod]
    public void A_dumbbell_carries_its_bandwidth_and_drops_only_at_the_bottleneck()
    {
        using VirtualNetwork network = new(5);
        LinkModel bottleneck = new() { BitsPerSecond = 20_000_000, Delay = TimeSpan.FromMilliseconds(10), QueueBytes = 50_000 };
        Dumbbell dumbbell = new(network, 2, bottleneck);
        BulkFlow[] flows = [.. Enumerable.Range(0, 2).Select(i => new BulkFlow(network, dumbbell.Senders[i], dumbbell.Receivers[i], 80))];
        network.Run(TimeSpan.FromSeconds(10));
        long payload = flows.Sum(f => f.Received);
        double share = payload * 8.0 / 10 / bottleneck.BitsPerSecond;
        Assert.IsGreaterThan(0.5, share);
        Assert.IsLessThan(0.97, share); // headers, preambles and gaps are paid for
        Assert.IsGreaterThan(0, dumbbell.Bottleneck.QueueDrops);
        Assert.IsLessThanOrEqualTo(50_000, dumbbell.Bottleneck.PeakQueueBytes);
        Assert.AreEqual(0, dumbbell.Back.QueueDrops);
        foreach (BulkFlow flow in flows)
        {
            Assert.IsGreaterThan(0, flow.Received);
            flow.Abort();
        }
    }

    [TestMethod]
    public void Frames_take_the_time_of_their_bits_and_of_the_way()
    {
        using VirtualNetwork network = new(1, new LinkModel { BitsPerSecond = 1_000_000, Delay = TimeSpan.FromMilliseconds(3) });
        NetworkStack a = network.AddHost();
        network.AddHost();
        using EchoClient client = a.CreateEchoClient();
        Task<EchoReply> ping = client.PingAsync(IPAddress.Parse("192.0.2.2"), 1000, s_minute).AsTask();
        network.RunUntil(() => ping.IsCompleted, s_minute);
        ping = client.PingAsync(IPAddress.Parse("192.0.2.2"), 1000, s_minute).AsTask();
        network.RunUntil(() => ping.IsCompleted, s_minute);

        // 14 + 20 + 8 + 1000 bytes and 24 of preamble, check sequence and gap, there and back.
        Assert.AreEqual(TimeSpan.FromMicroseconds(2 * ((1066 * 8) + 3000)), ping.Result.RoundTrip);
    }

    [TestMethod]
    public void Rules_drop_exactly_the_frames_they_name()
    {
        using VirtualNetwork network = new(1, new LinkModel { Delay = TimeSpan.FromMilliseconds(5) });
        network.AddHost();
        network.AddHost();
        Link link = network.Hosts[0].Link;
        link.DropsFirstOfEachFlow(p => p.IsSyn).Drops(p => p.IsTcpData, skip: 2, times: 1);
        List<(uint Sequence, Fate Fate)> data = [];
        int syns = 0;
        network.Log.Watcher = (_, l, bytes, fate) =>
        {
            PacketView view = PacketView.Of(bytes);
            syns += l == link && view.IsSyn ? 1 : 0;
            if (l == link && view.IsTcpData)
            {
                data.Add((view.Sequence, fate));
            }
        };
        BulkFlow flow = new(network, network.Hosts[0], network.Hosts[1], 80, 20_000);
        network.RunUntil(() => flow.IsDone, s_minute);
        Assert.AreEqual(20_000, flow.Received);
        Assert.AreEqual(2, syns);
        Assert.AreEqual(2, link.Lost);
        Assert.AreEqual(Fate.Dropped, data[2].Fate);
        Assert.AreEqual(1, data.Count(d => d.Fate == Fate.Dropped));
        Assert.AreEqual(1ul, network.Hosts[0].Stack.Counters[StackCounter.TcpFastRetransmits]);
    }

    [TestMethod]
    public void A_link_that_is_down_loses_all_and_the_connection_lives_on()
    {
        using VirtualNetwork network = new(1);
        network.AddHost();
        network.AddHost();
        BulkFlow flow = new(network, network.Hosts[0], network.Hosts[1], 80, 10_000_000);
        network.At(TimeSpan.FromMilliseconds(200), () => network.Hosts[0].Link.IsUp = false);
        network.Run(TimeSpan.FromSeconds(2));
        long before = flow.Received;
        Assert.IsInRange(1L, 5_000_000L, before);
        network.Run(TimeSpan.FromSeconds(1));
        Assert.AreEqual(before, flow.Received);
        network.Hosts[0].Link.IsUp = true;
        network.RunUntil(() => flow.IsDone, s_minute);
        Assert.AreEqual(10_000_000, flow.Received);
    }

    [TestMethod]
    public void A_queue_above_its_threshold_marks_packets_that_allow_it()
    {
        using VirtualNetwork network = new(1);
        List<WireFrame> arrived = [];
        Link link = new(network, "marking", 0, new LinkModel { BitsPerSecond = 1_000_000, EcnThresholdBytes = 100 }, new Collector(arrived), holdsSenderBack: false);
        foreach (byte trafficClass in (byte[])[2, 2, 0, 1, 3])
        {
            byte[] frame = new byte[100];
            EthernetHeader.Write(frame, default, default, EtherType.IPv4);
            IPv4Header.Write(frame.AsSpan(14), new IPv4Fields
            {
                Source = new IPv4Address(1),
                Destination = new IPv4Address(2),
                Protocol = IpProtocol.Udp,
                PayloadLength = 66,
                TimeToLive = 9,
                TrafficClass = trafficClass,
            });
            link.Send(new WireFrame(frame));
        }

        network.Run(s_minute);
        CollectionAssert.AreEqual(new[] { 2, 3, 0, 3, 3 }, arrived.Select(f => PacketView.Of(f.Bytes).Ecn).ToArray());
        Assert.AreEqual(2, link.Marked);
        foreach (WireFrame frame in arrived)
        {
            Assert.IsTrue(IPv4Header.TryParse(frame.Bytes.AsSpan(14), out IPv4Header ip) && ip.ChecksumIsGood);
        }
    }

    [TestMethod]
    public void Bursts_are_as_long_and_as_frequent_as_asked()
    {
        using VirtualNetwork network = new(3);
        List<WireFrame> arrived = [];
        Link link = new(network, "bursts", 0, LinkModel.Ideal with { Burst = new GilbertElliott(0.01, 0.25) }, new Collector(arrived), holdsSenderBack: false);
        for (int i = 0; i < 100_000; i++)
        {
            link.Send(new WireFrame(BitConverter.GetBytes(i)));
        }

        network.Run(s_minute);
        int[] numbers = [.. arrived.Select(f => BitConverter.ToInt32(f.Bytes))];
        int gaps = numbers.Zip(numbers.Skip(1)).Count(p => p.Second != p.First + 1);

        // Steady state: in the bad state for 0.01 / (0.01 + 0.25) of the time, four frames at a time.
        Assert.IsInRange(3_300, 4_400, link.Lost);
        Assert.IsInRange(850, 1_100, gaps);
    }

    private sealed class Collector(List<WireFrame> arrived) : IWireEnd
    {
        public void Deliver(WireFrame frame) => arrived.Add(frame);
    }
}
