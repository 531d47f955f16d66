using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp.Congestion;

namespace FpgaNet.Stack.Tests.Congestion;

/// <summary>NewReno and CUBIC as classes of their own, against the equations of RFC 5681 and RFC 9438.</summary>
[TestClass]
public sealed class CongestionWindowTests
{
    private const int Segment = 1460;
    private static readonly TimeSpan s_roundTrip = TimeSpan.FromMilliseconds(100);

    [TestMethod]
    [DataRow(536, 5360)]
    [DataRow(1460, 14600)]
    [DataRow(1200, 12000)]
    [DataRow(4000, 14600)]
    [DataRow(8960, 17920)]
    public void The_initial_window_is_that_of_RFC_6928(int segment, int window)
    {
        foreach (ICongestionControl control in new ICongestionControl[] { new NewReno(), new Cubic(), new Bbr() })
        {
            control.Start(new StartEvent { Now = default, MaximumSegmentSize = segment });
            Assert.AreEqual(window, control.CongestionWindow, control.Name);
            control.Start(new StartEvent { Now = default, MaximumSegmentSize = segment, HandshakeWasLost = true });
            Assert.AreEqual(segment, control.CongestionWindow, $"{control.Name}: RFC 5681 §3.1, SYN was lost");
        }
    }

    [TestMethod]
    public void NewReno_doubles_in_slow_start_and_adds_a_segment_for_each_window_afterwards()
    {
        Driver driver = new(new NewReno());
        int window = driver.Window;
        driver.Round();
        Assert.AreEqual(2 * window, driver.Window);
        driver.Lose();
        Assert.AreEqual(window, driver.Window, "RFC 5681 equation (4)");
        for (int i = 1; i <= 5; i++)
        {
            driver.Round();
            Assert.AreEqual(window + (i * Segment), driver.Window);
        }
    }

    [TestMethod]
    public void NewReno_stops_slow_start_at_the_threshold_within_one_acknowledgement()
    {
        Driver driver = new(new NewReno());
        driver.GrowTo(100);
        driver.Control.TimedOut(100 * Segment, first: true);
        Assert.AreEqual(Segment, driver.Window, "RFC 5681 §3.1, the loss window");
        Assert.AreEqual(50 * Segment, driver.Control.SlowStartThreshold);
        driver.Control.TimedOut(Segment, first: false);
        Assert.AreEqual(50 * Segment, driver.Control.SlowStartThreshold, "a second timeout of the same data leaves the threshold");
        driver.Acknowledge(60 * Segment);
        Assert.AreEqual(50 * Segment, driver.Window, "11 of 60 segments count for congestion avoidance, and that is less than a window");
    }

    [TestMethod]
    public void What_was_not_limited_by_the_window_does_not_let_it_grow()
    {
        foreach (ICongestionControl control in new ICongestionControl[] { new NewReno(), new Cubic() })
        {
            Driver driver = new(control);
            int window = driver.Window;
            driver.Acknowledge(5 * Segment, isFull: false);
            Assert.AreEqual(window, driver.Window, control.Name);
            driver.Acknowledge(5 * Segment, isRecovering: true);
            Assert.AreEqual(window, driver.Window, control.Name);
            driver.Acknowledge(0, delivered: 5 * Segment);
            Assert.AreEqual(window, driver.Window, $"{control.Name}: a duplicate, RFC 3042 §2");
            driver.Acknowledge(50 * Segment, delivered: Segment);
            Assert.AreEqual(window + Segment, driver.Window, $"{control.Name}: a hole is closed, and the rest had arrived before");
        }
    }

    [TestMethod]
    public void Idle_for_longer_than_a_timeout_means_slow_start_from_the_initial_window()
    {
        foreach (ICongestionControl control in new ICongestionControl[] { new NewReno(), new Cubic() })
        {
            Driver driver = new(control);
            driver.GrowTo(100);
            driver.Lose();
            int window = driver.Window;
            control.Idle(new IdleEvent { Now = driver.Now, Duration = TimeSpan.FromMilliseconds(200), Timeout = TimeSpan.FromMilliseconds(300) });
            Assert.AreEqual(window, driver.Window, $"{control.Name}: a short pause");
            control.Idle(new IdleEvent { Now = driver.Now, Duration = TimeSpan.FromMilliseconds(301), Timeout = TimeSpan.FromMilliseconds(300) });
            Assert.AreEqual(14600, driver.Window, $"{control.Name}: RFC 5681 §4.1");
            driver.Round();
            Assert.IsGreaterThan(25_000, driver.Window, $"{control.Name}: back by slow start");
        }
    }

    [TestMethod]
    public void Cubic_follows_the_function_of_RFC_9438()
    {
        Driver driver = new(new Cubic());
        driver.GrowTo(1000);
        driver.Lose();
        double maximum = 1000;
        double window = Math.Floor(maximum * 0.7 * Segment) / Segment;
        Assert.AreEqual(window, driver.Segments, 0.01, "β_cubic");
        double k = Math.Cbrt((maximum - window) / 0.4);
        double start = driver.Now.Ticks;
        double reference = window;
        double concave = double.MaxValue;
        double last = 0;
        for (int round = 0; round < 150; round++)
        {
            double before = driver.Segments;
            for (int acknowledged = 0; acknowledged < before; acknowledged++)
            {
                double t = (driver.Now.Ticks - start) / TimeSpan.TicksPerSecond;
                reference += (Math.Clamp(Cubed(t + 0.1), reference, 1.5 * reference) - reference) / reference;
                driver.Acknowledge(Segment);
                Assert.AreEqual(reference, driver.Segments, 1.0, $"at {t:F2} s");
                driver.Pass(s_roundTrip / before);
            }

            double elapsed = (driver.Now.Ticks - start) / TimeSpan.TicksPerSecond;
            Assert.IsGreaterThan(Cubed(elapsed) - 1, driver.Segments + Math.Max(0, Cubed(elapsed + 0.1) - Cubed(elapsed)), "it lags behind the function");
            Assert.IsLessThan(Cubed(elapsed + 0.1) + 1, driver.Segments, "it is ahead of the function");
            double step = driver.Segments - before;
            if (elapsed > 0.5 && elapsed < k - 0.5)
            {
                Assert.IsLessThan(concave + 0.5, step, "concave below W_max");
                concave = step;
            }

            last = step;
        }

        Assert.IsGreaterThan(maximum, driver.Segments, "convex beyond");
        Assert.IsGreaterThan(2, last);

        double Cubed(double t) => (0.4 * Math.Pow(t - k, 3)) + maximum;
    }

    [TestMethod]
    public void Cubic_is_as_fast_as_Reno_where_that_is_faster()
    {
        Driver driver = new(new Cubic(), TimeSpan.FromMilliseconds(10));
        driver.GrowTo(40);
        driver.Lose();
        Assert.AreEqual(28, driver.Segments, 0.01);

        // α_cubic = 3 · 0.3 / 1.7 up to the window before the loss, 1 beyond.
        const double Alpha = 0.9 / 1.7;
        double reference = 28;
        for (int round = 1; round <= 60; round++)
        {
            driver.Round();
            reference += reference < 40 ? Alpha : 1;
            Assert.AreEqual(reference, driver.Segments, 0.04 * reference, $"round {round}");
        }

        Assert.IsGreaterThan(60, driver.Segments);
    }

    [TestMethod]
    public void Cubic_gives_way_when_its_maximum_shrinks()
    {
        Driver driver = new(new Cubic());
        driver.GrowTo(1000);
        driver.Lose();
        driver.Lose(); // at 700: a newcomer needs room
        Assert.AreEqual(490, driver.Segments, 1);
        double plateau = 700 * (1 + 0.7) / 2;
        double k = Math.Cbrt((plateau - 490) / 0.4);
        driver.RunFor(TimeSpan.FromSeconds(k));
        Assert.AreEqual(plateau, driver.Segments, 3, "the new W_max, §4.7");
    }

    [TestMethod]
    public void Cubic_undoes_what_was_spurious_and_goes_on_as_if_nothing_had_happened()
    {
        foreach (bool timeout in new[] { false, true })
        {
            Driver twin = new(new Cubic());
            Driver driver = new(new Cubic());
            foreach (Driver each in new[] { twin, driver })
            {
                each.GrowTo(500);
                each.Lose();
                each.RunFor(TimeSpan.FromSeconds(3));
            }

            int threshold = driver.Control.SlowStartThreshold;
            if (timeout)
            {
                driver.Control.TimedOut(driver.Window, first: true);
            }
            else
            {
                driver.Lose();
            }

            Assert.IsLessThan(twin.Window, driver.Window);
            driver.Control.Undo();
            Assert.AreEqual(twin.Window, driver.Window);
            Assert.AreEqual(threshold, driver.Control.SlowStartThreshold);
            for (int i = 0; i < 80; i++)
            {
                twin.Round();
                driver.Round();
                Assert.AreEqual(twin.Window, driver.Window, 2.0, $"round {i}"); // a fraction of a byte is forgotten
            }

            driver.Control.Undo();
            Assert.AreEqual(twin.Window, driver.Window, 2.0, "only once");
        }
    }

    [TestMethod]
    public void Cubic_begins_a_new_epoch_from_the_threshold_after_a_timeout()
    {
        Driver driver = new(new Cubic());
        driver.GrowTo(1000);
        driver.Control.TimedOut(1000 * Segment, first: true);
        Assert.AreEqual(Segment, driver.Window);
        Assert.AreEqual(700.0, (double)driver.Control.SlowStartThreshold / Segment, 0.01);
        driver.GrowTo(700);
        driver.RunFor(TimeSpan.FromSeconds(8));

        // K = 0 and W_max = 700, §4.8.
        Assert.AreEqual(700 + (0.4 * Math.Pow(8, 3)), driver.Segments, 12);
    }

    [TestMethod]
    public void Cubic_does_not_count_time_in_which_its_window_was_not_in_use()
    {
        Driver twin = new(new Cubic());
        Driver driver = new(new Cubic());
        foreach (Driver each in new[] { twin, driver })
        {
            each.GrowTo(1000);
            each.Lose();
            each.RunFor(TimeSpan.FromSeconds(5));
        }

        for (int i = 0; i < 100; i++)
        {
            driver.Acknowledge(10 * Segment, isFull: false);
            driver.Pass(s_roundTrip);
        }

        Assert.AreEqual(twin.Window, driver.Window);
        twin.RunFor(TimeSpan.FromSeconds(8));
        driver.RunFor(TimeSpan.FromSeconds(8));
        Assert.AreEqual(twin.Segments, driver.Segments, 1, "§4.2: the application was the limit");

        // The same for a silence without any acknowledgement, shorter than a timeout.
        driver.Pass(TimeSpan.FromSeconds(10));
        driver.Control.Idle(new IdleEvent { Now = driver.Now, Duration = TimeSpan.FromSeconds(10), Timeout = TimeSpan.FromSeconds(60) });
        twin.RunFor(TimeSpan.FromSeconds(2));
        driver.RunFor(TimeSpan.FromSeconds(2));
        Assert.AreEqual(twin.Segments, driver.Segments, 1, "idle");
    }

    [TestMethod]
    public void Cubic_grows_by_half_in_a_round_trip_at_most()
    {
        Driver driver = new(new Cubic());
        driver.GrowTo(100);
        driver.Lose();
        driver.Acknowledge(Segment);
        driver.Pass(TimeSpan.FromSeconds(60)); // the function is far away by now
        double window = driver.Segments;
        driver.Round();
        Assert.IsLessThan(1.66 * window, driver.Segments); // (1 + 0.5 / n)^n, with a small part of the round's growth counted again
        Assert.IsGreaterThan(1.4 * window, driver.Segments);
    }

    [TestMethod]
    public void A_window_that_was_not_in_use_counts_for_no_more_than_what_was_on_its_way()
    {
        Driver driver = new(new Cubic());
        driver.GrowTo(1000);
        driver.Control.LossDetected(new LossEvent { Now = driver.Now, BytesInFlight = 100 * Segment });
        Assert.AreEqual(70, driver.Segments, 0.01);
    }

    [TestMethod]
    public void An_echo_of_congestion_reduces_the_window_as_a_loss_does()
    {
        Driver driver = new(new Cubic());
        driver.GrowTo(100);
        driver.Control.LossDetected(new LossEvent { Now = driver.Now, BytesInFlight = 100 * Segment, Cause = CongestionCause.EcnEcho });
        Assert.AreEqual(70, driver.Segments, 0.01);
        driver = new(new NewReno());
        driver.GrowTo(100);
        driver.Control.LossDetected(new LossEvent { Now = driver.Now, BytesInFlight = 100 * Segment, Cause = CongestionCause.EcnEcho });
        Assert.AreEqual(50, driver.Segments, 0.01);
    }

    [TestMethod]
    public void Paced_by_the_settings_the_rate_is_that_of_the_window_with_room_to_grow()
    {
        Driver driver = new(new NewReno(), isPaced: true);
        Assert.AreEqual(2.0 * 14600 / 0.1, driver.Control.PacingRate, 1, "twice the window in slow start");
        driver.GrowTo(100);
        driver.Lose();
        driver.Acknowledge(Segment);
        Assert.AreEqual(1.2 * driver.Window / 0.1, driver.Control.PacingRate, 1);
        Assert.AreEqual(0, new Driver(new NewReno()).Control.PacingRate);
    }

    /// <summary>Acknowledges whole windows in a round trip, segment by segment.</summary>
    private sealed class Driver
    {
        private readonly TimeSpan _roundTrip;

        public Driver(ICongestionControl control, TimeSpan? roundTrip = null, bool isPaced = false)
        {
            Control = control;
            _roundTrip = roundTrip ?? s_roundTrip;
            control.Start(new StartEvent { Now = default, MaximumSegmentSize = Segment, RoundTrip = _roundTrip, IsPaced = isPaced });
        }

        public ICongestionControl Control { get; }

        public Instant Now { get; private set; }

        public int Window => Control.CongestionWindow;

        public double Segments => (double)Window / Segment;

        public void Pass(TimeSpan time) => Now += time;

        public void Acknowledge(int bytes, bool isFull = true, bool isRecovering = false, int? delivered = null) => Control.Acknowledged(new AckEvent
        {
            Now = Now,
            BytesAcknowledged = bytes,
            BytesDelivered = delivered ?? bytes,
            PriorInFlight = Window,
            BytesInFlight = Window - bytes,
            WindowWasFull = isFull,
            SmoothedRoundTrip = _roundTrip,
            IsRecovering = isRecovering,
        });

        public void Round()
        {
            int window = Window;
            for (int at = 0; at < window; at += Segment)
            {
                Acknowledge(Math.Min(Segment, window - at));
                Pass(_roundTrip * ((double)Segment / window));
            }
        }

        public void RunFor(TimeSpan time)
        {
            Instant end = Now + time;
            while (Now < end)
            {
                TimeSpan step = _roundTrip * ((double)Segment / Window);
                Acknowledge(Segment);
                Pass(step);
            }
        }

        public void GrowTo(int segments)
        {
            while (Window < segments * Segment)
            {
                Acknowledge(Math.Min(Segment, (segments * Segment) - Window));
            }
        }

        public void Lose()
        {
            Control.LossDetected(new LossEvent { Now = Now, BytesInFlight = Window });
            Control.Recovered(Window);
        }
    }
}
