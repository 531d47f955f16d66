using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp.Congestion;

namespace FpgaNet.Stack.Tests.Congestion;

/// <summary>BBR on a simulated bottleneck: the cases of draft-ietf-ccwg-bbr-06, appendix A, and what it is for.</summary>
[TestClass]
public sealed class BbrTests
{
    private const int Segment = PathSimulation.Segment;

    [TestMethod]
    public void It_finds_the_bandwidth_drains_its_queue_and_goes_round_its_cycle()
    {
        Run run = new();
        run.For(12);

        // A.1, A.3, A.5, A.8, A.10. The queue is gone with Drain, so that Down passes into Cruise at once.
        CollectionAssert.AreEqual(
            new[] { "Startup", "Drain", "Cruise", "Refill", "Up", "Down", "Cruise", "ProbeRoundTrip", "Cruise" }, run.States.Take(9).ToArray(), string.Join(' ', run.States));
        Assert.AreEqual(run.PayloadRate, run.Bbr.MaximumBandwidth, 0.02 * run.PayloadRate);
        Assert.IsLessThan(1.0, run.EnteredAt("Drain").TotalSeconds, "doubling with every round");
        Assert.AreEqual(5.0, run.EnteredAt("ProbeRoundTrip").TotalSeconds, 0.3);
        Assert.AreEqual(0.225, (run.EnteredAt("Cruise", after: "ProbeRoundTrip") - run.EnteredAt("ProbeRoundTrip")).TotalSeconds, 0.1, "200 ms and a round trip");
        double toProbe = (run.EnteredAt("Refill") - run.EnteredAt("Cruise")).TotalSeconds;
        Assert.IsGreaterThan(1.9, toProbe);
        Assert.IsLessThan(3.1, toProbe);
    }

    [TestMethod]
    [DataRow(0.0, 0.95, 8)]
    [DataRow(0.001, 0.85, 8)]
    [DataRow(0.01, 0.70, 8)]
    public void It_fills_a_lossy_path_and_keeps_the_queue_short(double loss, double atLeast, double queueMilliseconds)
    {
        double sum = 0;
        for (int seed = 1; seed <= 3; seed++)
        {
            Run run = new(new PathSimulation(seed) { Loss = loss });
            run.For(3);
            run.Path.TakeAverageQueue();
            double utilisation = run.Utilisation(30);
            double queue = run.Path.TakeAverageQueue().TotalMilliseconds;
            Console.WriteLine($"loss {loss}: {utilisation:P1}, queue {queue:F1} ms");
            Assert.IsLessThan(queueMilliseconds, queue);
            sum += utilisation / 3;
        }

        Assert.IsGreaterThan(atLeast, sum);
    }

    [TestMethod]
    public void At_one_percent_it_carries_ten_times_what_a_loss_based_window_does()
    {
        Run bbr = new(new PathSimulation { Loss = 0.01 });
        PathSimulation other = new() { Loss = 0.01 };
        PathSimulation.Flow cubic = other.Add(new Cubic());
        bbr.For(20);
        other.Run(TimeSpan.FromSeconds(20));
        Assert.IsGreaterThan(10 * cubic.Delivered, bbr.Flow.Delivered);
    }

    [TestMethod]
    public void Beyond_two_percent_it_gives_way()
    {
        Run run = new(new PathSimulation { Loss = 0.05 });
        run.For(10);
        Assert.IsLessThan(0.2, run.Utilisation(10));
        Assert.AreNotEqual(int.MaxValue, run.Bbr.InflightLongTerm);
    }

    [TestMethod]
    public void Ten_times_the_bandwidth_is_found_in_a_few_cycles()
    {
        Run run = new(new PathSimulation { BitsPerSecond = 10e6 });
        run.For(10);
        Assert.AreEqual(run.PayloadRate, run.Bbr.MaximumBandwidth, 0.03 * run.PayloadRate);
        run.Path.BitsPerSecond = 100e6; // A.15
        run.For(15);
        Assert.AreEqual(run.PayloadRate, run.Bbr.MaximumBandwidth, 0.05 * run.PayloadRate);
    }

    [TestMethod]
    public void A_tenth_of_the_bandwidth_is_known_two_cycles_later()
    {
        Run run = new();
        run.For(10);
        run.Path.BitsPerSecond = 10e6; // A.16
        run.For(15);
        Assert.AreEqual(run.PayloadRate, run.Bbr.MaximumBandwidth, 0.05 * run.PayloadRate);
        run.Path.TakeAverageQueue();
        Assert.IsGreaterThan(0.9, run.Utilisation(10));
        Assert.IsLessThan(15, run.Path.TakeAverageQueue().TotalMilliseconds);
    }

    [TestMethod]
    public void A_longer_path_is_known_when_the_filter_has_forgotten_the_old_one()
    {
        Run run = new();
        run.For(8);
        run.Path.RoundTrip = TimeSpan.FromMilliseconds(120);
        run.For(25);
        Assert.IsGreaterThan(0.9, run.Utilisation(10));
    }

    [TestMethod]
    public void Limited_by_the_application_it_never_takes_the_pipe_for_full()
    {
        Run run = new() { ApplicationSegments = 5 }; // A.7
        run.For(4);
        CollectionAssert.AreEqual(new[] { "Startup" }, run.States);
        run.Flow.ApplicationSegments = null;
        run.Flow.TrySend();
        run.For(3);
        Assert.AreEqual("Drain", run.States[1]);
        Assert.IsGreaterThan(0.9, run.Utilisation(2));
    }

    [TestMethod]
    public void Idle_is_as_good_as_a_probe_of_the_round_trip_and_costs_no_bandwidth()
    {
        Run run = new();
        run.For(4);
        long bandwidth = run.Bbr.MaximumBandwidth;
        run.Flow.Pause();
        run.For(6); // A.11
        run.Flow.Resume();
        Assert.AreEqual(bandwidth, run.Bbr.PacingRate, 0.03 * bandwidth, "at the rate of the path, without slow start");
        run.For(1);
        CollectionAssert.DoesNotContain(run.States, "ProbeRoundTrip");
        Assert.IsGreaterThan(0.9, run.Utilisation(1));
    }

    [TestMethod]
    public void Less_than_a_packet_in_flight_is_still_four()
    {
        Run run = new(new PathSimulation { BitsPerSecond = 1e6, RoundTrip = TimeSpan.FromMilliseconds(1), Queue = TimeSpan.FromMilliseconds(300) });
        run.For(10); // A.14
        Assert.IsGreaterThanOrEqualTo(4 * Segment, run.Bbr.CongestionWindow);
        Assert.IsGreaterThan(0.85, run.Utilisation(10));
    }

    [TestMethod]
    public void A_spurious_recovery_changes_nothing_in_the_long_run()
    {
        Run run = new();
        run.UntilState("Up"); // A.18
        int window = run.Bbr.CongestionWindow;
        int bound = run.Bbr.InflightLongTerm;
        run.Bbr.LossDetected(new LossEvent { Now = run.Path.Now, BytesInFlight = window });
        run.Bbr.SegmentLost(new LostSegment { Bytes = Segment, InFlightWhenSent = 50 * Segment, LostSinceSent = 10 * Segment });
        Assert.AreEqual("Down", run.Bbr.State, "a fifth of a flight was lost, A.21");
        Assert.IsLessThan(window, run.Bbr.InflightLongTerm);
        run.Bbr.Undo();
        Assert.AreEqual("Refill", run.Bbr.State, "it probes again");
        Assert.AreEqual(bound, run.Bbr.InflightLongTerm);
        Assert.AreEqual(window, run.Bbr.CongestionWindow);
    }

    [TestMethod]
    public void A_timeout_leaves_one_segment_and_a_round_later_the_window_is_back()
    {
        Run run = new();
        run.For(2);
        int window = run.Bbr.CongestionWindow;
        run.Bbr.TimedOut(run.Flow.InFlight, first: true);
        Assert.AreEqual(Segment, run.Bbr.CongestionWindow);
        run.For(0.3);
        Assert.IsGreaterThan(window / 2, run.Bbr.CongestionWindow);
    }

    [TestMethod]
    public void A_mark_of_congestion_ends_startup_and_bounds_a_probe()
    {
        Run run = new();
        run.For(0.3);
        Assert.AreEqual("Startup", run.Bbr.State);
        run.Bbr.LossDetected(new LossEvent { Now = run.Path.Now, BytesInFlight = run.Flow.InFlight, Cause = CongestionCause.EcnEcho });
        run.For(0.01);
        Assert.AreEqual("Drain", run.Bbr.State);

        run = new Run();
        run.UntilState("Up");
        int inFlight = run.Flow.InFlight;
        run.Bbr.LossDetected(new LossEvent { Now = run.Path.Now, BytesInFlight = inFlight, Cause = CongestionCause.EcnEcho });
        Assert.AreEqual("Down", run.Bbr.State);
        Assert.AreEqual(inFlight, run.Bbr.InflightLongTerm);
    }

    [TestMethod]
    public void Small_writes_and_a_mark_of_congestion_do_not_make_the_path_slow()
    {
        // A packet of a byte in a round trip is no bandwidth to pace by (found by a soak run: a FIN that was ten minutes late).
        Bbr bbr = new();
        bbr.Start(new StartEvent { Now = default, MaximumSegmentSize = Segment, RoundTrip = TimeSpan.FromMilliseconds(50), HasSelectiveAcknowledgements = true });
        long rate = bbr.PacingRate;
        DeliveryRateEstimator estimator = new();
        for (int i = 0; i < 100; i++)
        {
            Instant sent = new(i * 50 * TimeSpan.TicksPerMillisecond);
            Instant arrived = sent + TimeSpan.FromMilliseconds(50);
            estimator.Sent(out DeliveryStamp stamp, 1, 0, sent);
            estimator.LimitedByApplication(1);
            estimator.Deliver(stamp, 1, arrived);
            bbr.Acknowledged(new AckEvent
            {
                Now = arrived,
                BytesAcknowledged = 1,
                BytesDelivered = 1,
                PriorInFlight = 1,
                BytesInFlight = 0,
                RoundTrip = arrived - sent,
                Delivery = estimator.Take(default),
            });
            bbr.LossDetected(new LossEvent { Now = arrived, BytesInFlight = 1, Cause = CongestionCause.EcnEcho });
        }

        Assert.AreEqual("Startup", bbr.State);
        Assert.AreEqual(rate, bbr.PacingRate);
    }

    [TestMethod]
    public void The_pace_is_never_less_than_the_least_window_in_a_second()
    {
        Bbr bbr = new();
        bbr.Start(new StartEvent { Now = default, MaximumSegmentSize = Segment, RoundTrip = TimeSpan.FromMilliseconds(50), HasSelectiveAcknowledgements = true });
        for (int i = 1; i < 10; i++)
        {
            bbr.Acknowledged(new AckEvent
            {
                Now = new Instant(i * 50 * TimeSpan.TicksPerMillisecond),
                BytesAcknowledged = 1,
                BytesDelivered = 1,
                PriorInFlight = 1,
                BytesInFlight = 0,
                RoundTrip = TimeSpan.FromMilliseconds(50),
                Delivery = new DeliverySample { Rate = 20, Delivered = i, PriorDelivered = i - 1, InFlightWhenSent = 1 },
            });
        }

        Assert.AreNotEqual("Startup", bbr.State, "the pipe is full, these samples say");
        Assert.AreEqual(4 * Segment, bbr.PacingRate);
    }

    [TestMethod]
    public void Beside_a_loss_based_flow_both_live()
    {
        PathSimulation path = new();
        PathSimulation.Flow bbr = path.Add(new Bbr());
        PathSimulation.Flow cubic = path.Add(new Cubic());
        path.Run(TimeSpan.FromSeconds(60));
        double part = (double)bbr.Delivered / (bbr.Delivered + cubic.Delivered);
        Console.WriteLine($"BBR beside CUBIC, a queue of one path's worth: {part:P0}");
        Assert.IsGreaterThan(0.15, part);
        Assert.IsLessThan(0.85, part);
    }

    /// <summary>One flow, and the states that it goes through.</summary>
    private sealed class Run
    {
        private readonly List<(string State, TimeSpan At)> _states = [];

        public Run(PathSimulation? path = null)
        {
            Path = path ?? new PathSimulation();
            Flow = Path.Add(Bbr);
            _states.Add((Bbr.State, TimeSpan.Zero));
            Flow.Seen = ack =>
            {
                if (!IsIn(_states[^1].State))
                {
                    _states.Add((Bbr.State, new TimeSpan(ack.Now.Ticks)));
                }
            };
        }

        public Bbr Bbr { get; } = new();

        public PathSimulation Path { get; }

        public PathSimulation.Flow Flow { get; }

        public int ApplicationSegments
        {
            init => Flow.ApplicationSegments = value;
        }

        public List<string> States => [.. _states.Select(each => each.State)];

        /// <summary>Payload that the link carries, bytes per second.</summary>
        public double PayloadRate => 1 / Path.Utilisation(1, TimeSpan.FromSeconds(1));

        public void For(double seconds) => Path.Run(TimeSpan.FromSeconds(seconds));

        public void UntilState(string state)
        {
            for (int i = 0; !IsIn(state); i++)
            {
                Assert.IsLessThan(10_000, i, state);
                For(0.002);
            }
        }

        public TimeSpan EnteredAt(string state, string? after = null)
        {
            int from = after is null ? 0 : _states.FindIndex(each => string.Equals(each.State, after, StringComparison.Ordinal));
            return _states.Skip(from).First(each => string.Equals(each.State, state, StringComparison.Ordinal)).At;
        }

        private bool IsIn(string state) => string.Equals(Bbr.State, state, StringComparison.Ordinal);

        public double Utilisation(double seconds)
        {
            long before = Flow.Delivered;
            For(seconds);
            return Path.Utilisation(Flow.Delivered - before, TimeSpan.FromSeconds(seconds));
        }
    }
}
