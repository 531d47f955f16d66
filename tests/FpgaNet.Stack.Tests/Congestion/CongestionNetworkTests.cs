using FpgaNet.Simulation;
using FpgaNet.Stack.Transport.Tcp.Congestion;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests.Congestion;

/// <summary>Whole stacks over a bottleneck in virtual time: every byte is checked on arrival.</summary>
[TestClass]
public sealed class CongestionNetworkTests
{
    private const double Rate = 100e6;

    private static readonly LinkModel s_bottleneck = new() { Delay = TimeSpan.FromMilliseconds(25), BitsPerSecond = (long)Rate, QueueBytes = 625_000, QueueFrames = 10_000 };

    [TestMethod]
    [DataRow("newreno", false)]
    [DataRow("newreno", true)]
    [DataRow("cubic", false)]
    [DataRow("cubic", true)]
    [DataRow("bbr", false)]
    [DataRow("linux-cubic-model", false)] // one that a user brings
    public void Each_moves_its_data_byte_exact_over_a_bad_path(string name, bool isPaced)
    {
        int seed = TestSeed.Take();
        using VirtualNetwork network = new(seed);
        LinkModel bad = s_bottleneck with { Loss = 0.005, Reorder = 0.005, ReorderDelay = TimeSpan.FromMilliseconds(3), Duplicate = 0.005, Delay = TimeSpan.FromMilliseconds(5) };
        Dumbbell path = new(network, 1, bad, bad, _ => Host(name, isPaced));
        BulkFlow flow = new(network, path.Senders[0], path.Receivers[0], 80, 3_000_000);
        network.RunUntil(() => flow.IsDone, TimeSpan.FromMinutes(5));
        Assert.AreEqual(3_000_000, flow.Received);
        Assert.AreEqual(name, Make(name).Name);
    }

    [TestMethod]
    public void Cubic_is_no_slower_than_Linux_at_a_thousandth_of_random_loss()
    {
        double ours = 0;
        double linux = 0;
        for (int seed = 1; seed <= 3; seed++)
        {
            // The same packets are lost to both.
            ulong losses = (ulong)seed;
            using VirtualNetwork network = new(seed);
            Dumbbell path = new(network, 1, s_bottleneck, host: _ => Host("cubic"));
            long number = 0;
            path.Bottleneck.Drops(view => view.PayloadLength > 0 && PathSimulation.IsLost(losses, number++, 0.001));
            BulkFlow flow = new(network, path.Senders[0], path.Receivers[0], 80);
            network.Run(TimeSpan.FromSeconds(40));
            ours += Utilisation(flow.Received, 40) / 3;
            flow.Abort();

            PathSimulation model = new(seed) { Loss = 0.001 };
            PathSimulation.Flow modelled = model.Add(new LinuxCubicModel());
            model.Run(TimeSpan.FromSeconds(40));
            linux += Utilisation(modelled.Delivered, 40) / 3;
        }

        Console.WriteLine($"100 Mb/s, 50 ms, loss 0.1 %: {ours:P2}, model of Linux {linux:P2}");
        Assert.IsGreaterThanOrEqualTo(linux, ours);
    }

    [TestMethod]
    [DataRow("newreno", 0.85)]
    [DataRow("cubic", 0.9)]
    [DataRow("bbr", 0.9)]
    public void Two_of_a_kind_share_what_there_is(string name, double atLeast)
    {
        using VirtualNetwork network = new(5);
        LinkModel bottleneck = s_bottleneck with { BitsPerSecond = 20_000_000, QueueBytes = 125_000 };
        Dumbbell path = new(network, 2, bottleneck, host: _ => Host(name));
        BulkFlow first = new(network, path.Senders[0], path.Receivers[0], 80);
        network.Run(TimeSpan.FromSeconds(2));
        BulkFlow second = new(network, path.Senders[1], path.Receivers[1], 80);
        network.Run(TimeSpan.FromSeconds(45));
        (double jain, double bytes) = Share(network, 60, first, second);
        double utilisation = bytes / 1448 * 1538 * 8 / (20e6 * 60);
        Console.WriteLine($"{name}: Jain {jain:F3}, utilisation {utilisation:P1}");
        Assert.IsGreaterThan(0.95, jain);
        Assert.IsGreaterThan(atLeast, utilisation);
        first.Abort();
        second.Abort();
    }

    [TestMethod]
    public void Cubic_is_fair_to_Reno_on_a_short_path()
    {
        using VirtualNetwork network = new(7);
        LinkModel bottleneck = s_bottleneck with { BitsPerSecond = 10_000_000, Delay = TimeSpan.FromMilliseconds(10), QueueBytes = 25_000 };
        Dumbbell path = new(network, 2, bottleneck, host: i => Host(i == 0 ? "cubic" : "newreno"));
        BulkFlow cubic = new(network, path.Senders[0], path.Receivers[0], 80);
        BulkFlow reno = new(network, path.Senders[1], path.Receivers[1], 80);
        network.Run(TimeSpan.FromSeconds(10));
        (double jain, _) = Share(network, 60, cubic, reno);
        Console.WriteLine($"CUBIC and Reno, 10 Mb/s, 20 ms: Jain {jain:F3}");
        Assert.IsGreaterThan(0.93, jain);
        cubic.Abort();
        reno.Abort();
    }

    [TestMethod]
    [DataRow(0.0, 0.93)]
    [DataRow(0.01, 0.70)]
    public void Bbr_fills_a_path_that_loses_and_keeps_its_queue_short(double loss, double atLeast)
    {
        using VirtualNetwork network = new(11);
        Dumbbell path = new(network, 1, s_bottleneck with { Loss = loss }, host: _ => Host("bbr"));
        BulkFlow flow = new(network, path.Senders[0], path.Receivers[0], 80);
        network.Run(TimeSpan.FromSeconds(3));
        long before = flow.Received;
        double queue = 0;
        for (int i = 0; i < 1500; i++)
        {
            network.Run(TimeSpan.FromMilliseconds(10));
            queue += path.Bottleneck.QueuedBytes / 1500.0;
        }

        double utilisation = Utilisation(flow.Received - before, 15);
        Console.WriteLine($"BBR, loss {loss:P0}: {utilisation:P1}, queue {queue * 8 / Rate * 1000:F1} ms on average");
        Assert.IsGreaterThan(atLeast, utilisation);
        Assert.AreEqual(Rate / 8 * 1448 / 1538, flow.Sender!.GetStatistics().DeliveryRate, 0.3 * Rate / 8, "what ss calls delivery_rate");
        Assert.IsLessThan(0.2 * 625_000, queue, "a fifth of what the path itself holds");
        flow.Abort();
    }

    [TestMethod]
    public void Pacing_spreads_what_leaves_over_the_round_trip()
    {
        long paced = PeakQueue(isPaced: true);
        long bursts = PeakQueue(isPaced: false);
        Console.WriteLine($"peak of the queue in the first 200 ms: paced {paced}, not paced {bursts}");
        Assert.IsLessThan(0.7 * bursts, paced);

        static long PeakQueue(bool isPaced)
        {
            using VirtualNetwork network = new(13);
            Dumbbell path = new(network, 1, s_bottleneck, host: _ => Host("cubic", isPaced));
            BulkFlow flow = new(network, path.Senders[0], path.Receivers[0], 80);
            network.Run(TimeSpan.FromMilliseconds(250));
            flow.Abort();
            return path.Bottleneck.PeakQueueBytes;
        }
    }

    private static HostModel Host(string name, bool isPaced = false) => new()
    {
        Tcp = VirtualNetwork.SmallPools with
        {
            ReceiveBufferSize = 4 << 20,
            SendBufferSize = 4 << 20,
            SendChunks = 360,
            ReceiveChunks = 360,
            Pacing = isPaced,
            CongestionControl = () => Make(name),
        },
    };

    private static ICongestionControl Make(string name) => name switch
    {
        "newreno" => new NewReno(),
        "cubic" => new Cubic(),
        "linux-cubic-model" => new LinuxCubicModel(),
        _ => new Bbr(),
    };

    private static double Utilisation(long bytes, double seconds) => (double)bytes / 1448 * 1538 * 8 / (Rate * seconds);

    private static (double Jain, double Bytes) Share(VirtualNetwork network, double seconds, params BulkFlow[] flows)
    {
        long[] before = [.. flows.Select(flow => flow.Received)];
        network.Run(TimeSpan.FromSeconds(seconds));
        double[] got = [.. flows.Select((flow, i) => (double)(flow.Received - before[i]))];
        double sum = got.Sum();
        return (sum * sum / (got.Length * got.Sum(each => each * each)), sum);
    }
}
