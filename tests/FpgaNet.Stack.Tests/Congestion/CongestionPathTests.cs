using FpgaNet.Stack.Transport.Tcp.Congestion;

namespace FpgaNet.Stack.Tests.Congestion;

/// <summary>Loss-based congestion control, and how flows share, on a simulated bottleneck without TCP (<see cref="PathSimulation"/>).</summary>
[TestClass]
public sealed class CongestionPathTests
{
    [TestMethod]
    [DataRow(0.001)]
    [DataRow(0.0001)]
    [DataRow(0.00002)]
    public void Cubic_is_no_slower_than_Linux_at_random_loss(double loss)
    {
        double ours = 0;
        double linux = 0;
        double reno = 0;
        for (int seed = 1; seed <= 3; seed++)
        {
            ours += Utilisation(new Cubic(), loss, seed) / 3;
            linux += Utilisation(new LinuxCubicModel(), loss, seed) / 3;
            reno += Utilisation(new NewReno(), loss, seed) / 3;
        }

        Console.WriteLine($"100 Mb/s, 50 ms, loss {loss}: cubic {ours:P2}, model of Linux {linux:P2}, newreno {reno:P2}");
        Assert.IsGreaterThanOrEqualTo(linux, ours);
        Assert.IsGreaterThan(reno, ours);
    }

    [TestMethod]
    [DataRow(1000)]
    [DataRow(10_000)]
    [DataRow(100_000)]
    public void Average_windows_are_those_of_the_response_functions(int every)
    {
        double p = 1.0 / every;
        const double RoundTrip = 0.1;
        double reno = Math.Sqrt(1.5 / p);

        // RFC 9438 §5.1 and §4.3: the larger of the cubic function's and the Reno-friendly region's average.
        double cubic = Math.Max(reno, Math.Pow(0.4 * 3.7 / (4 * 0.3), 0.25) * Math.Pow(RoundTrip / p, 0.75));
        Assert.AreEqual(reno, AverageWindow(new NewReno(), every), 0.05 * reno, "newreno");
        double measured = AverageWindow(new Cubic(), every);
        Console.WriteLine($"p = 1/{every}: {measured:F1} packets, RFC 9438 says {cubic:F1}");
        Assert.IsGreaterThan(0.8 * cubic, measured); // the RFC's average is without fast convergence, which every other epoch of such a loss sets off
        Assert.IsLessThan(1.1 * cubic, measured);
    }

    [TestMethod]
    [DataRow("newreno")]
    [DataRow("cubic")]
    [DataRow("bbr")]
    public void Two_of_a_kind_share(string name)
    {
        PathSimulation path = new(3);
        PathSimulation.Flow first = path.Add(Make(name));
        path.Run(TimeSpan.FromSeconds(5));
        PathSimulation.Flow second = path.Add(Make(name));
        path.Run(TimeSpan.FromSeconds(60)); // BBR takes its time: a probe every two to three seconds
        (double jain, double utilisation) = Share(path, TimeSpan.FromSeconds(60), first, second);
        Console.WriteLine($"{name}: Jain {jain:F3}, utilisation {utilisation:P1}");
        Assert.IsGreaterThan(0.95, jain);
        Assert.IsGreaterThan(0.85, utilisation);
    }

    [TestMethod]
    public void Cubic_shares_with_Reno_where_Reno_does_well_and_is_ahead_where_it_does_not()
    {
        PathSimulation small = new() { BitsPerSecond = 10e6, RoundTrip = TimeSpan.FromMilliseconds(20), Queue = TimeSpan.FromMilliseconds(20) };
        PathSimulation.Flow cubic = small.Add(new Cubic());
        PathSimulation.Flow reno = small.Add(new NewReno());
        small.Run(TimeSpan.FromSeconds(10));
        (double jain, _) = Share(small, TimeSpan.FromSeconds(120), cubic, reno);
        Console.WriteLine($"10 Mb/s, 20 ms: Jain {jain:F3}");
        Assert.IsGreaterThan(0.95, jain, "RFC 9438 §5.1: the Reno-friendly region");

        PathSimulation large = new() { BitsPerSecond = 200e6, RoundTrip = TimeSpan.FromMilliseconds(100), Queue = TimeSpan.FromMilliseconds(50) };
        cubic = large.Add(new Cubic());
        reno = large.Add(new NewReno());
        large.Run(TimeSpan.FromSeconds(30));
        long cubicBefore = cubic.Delivered;
        long renoBefore = reno.Delivered;
        large.Run(TimeSpan.FromSeconds(60));
        double ratio = (double)(cubic.Delivered - cubicBefore) / (reno.Delivered - renoBefore);
        Console.WriteLine($"200 Mb/s, 100 ms: {ratio:F1} times Reno's");
        Assert.IsGreaterThan(1.5, ratio);
    }

    [TestMethod]
    public void HyStart_leaves_slow_start_before_a_deep_queue_overflows()
    {
        // By the time the round trip tells, the window is at three path's worths; conservative slow start may treble that.
        long cubic = Drops(new Cubic());
        long reno = Drops(new NewReno());
        Console.WriteLine($"drops in slow start: cubic {cubic}, newreno {reno}");
        Assert.IsGreaterThan(100, reno);
        Assert.AreEqual(0, cubic);

        static long Drops(ICongestionControl control)
        {
            PathSimulation path = new() { Queue = TimeSpan.FromMilliseconds(550) };
            path.Add(control);
            path.Run(TimeSpan.FromSeconds(3));
            return path.Drops;
        }
    }

    [TestMethod]
    public void Pacing_fits_a_short_queue()
    {
        // A queue of 3 ms, 25 packets: a window's worth at once does not fit.
        double paced = Run(isPaced: true);
        double bursts = Run(isPaced: false);
        Console.WriteLine($"paced {paced:P1}, not paced {bursts:P1}");
        Assert.IsGreaterThan(1.2 * bursts, paced);

        static double Run(bool isPaced)
        {
            PathSimulation path = new() { Queue = TimeSpan.FromMilliseconds(3) };
            PathSimulation.Flow flow = path.Add(new Cubic(), isPaced);
            path.Run(TimeSpan.FromSeconds(20));
            return path.Utilisation(flow.Delivered, TimeSpan.FromSeconds(20));
        }
    }

    private static ICongestionControl Make(string name) => name switch
    {
        "newreno" => new NewReno(),
        "cubic" => new Cubic(),
        _ => new Bbr(),
    };

    private static double Utilisation(ICongestionControl control, double loss, int seed)
    {
        PathSimulation path = new(seed) { Loss = loss };
        PathSimulation.Flow flow = path.Add(control);
        path.Run(TimeSpan.FromSeconds(60));
        return path.Utilisation(flow.Delivered, TimeSpan.FromSeconds(60));
    }

    private static double AverageWindow(ICongestionControl control, int every)
    {
        PathSimulation path = new() { BitsPerSecond = 100e9, RoundTrip = TimeSpan.FromMilliseconds(100), LoseEvery = every };
        PathSimulation.Flow flow = path.Add(control);
        path.Run(TimeSpan.FromSeconds(60));
        long before = flow.Delivered;
        path.Run(TimeSpan.FromSeconds(90));
        return (flow.Delivered - before) / PathSimulation.Segment / 900.0;
    }

    private static (double Jain, double Utilisation) Share(PathSimulation path, TimeSpan time, params PathSimulation.Flow[] flows)
    {
        long[] before = [.. flows.Select(flow => flow.Delivered)];
        path.Run(time);
        double[] got = [.. flows.Select((flow, i) => (double)(flow.Delivered - before[i]))];
        double sum = got.Sum();
        return (sum * sum / (got.Length * got.Sum(each => each * each)), path.Utilisation((long)sum, time));
    }
}
