using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp.Congestion;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests.Congestion;

/// <summary>The parts of congestion control: HyStart++, delivery rate samples, pacing, the filters of BBR.</summary>
[TestClass]
public sealed class CongestionPieceTests
{
    private const int Segment = 1000;

    [TestMethod]
    public void HyStart_leaves_slow_start_when_the_round_trip_becomes_longer()
    {
        HyStart hyStart = new();
        Round(ref hyStart, 40);
        Round(ref hyStart, 44);
        Assert.IsFalse(hyStart.IsConservative, "an eighth of 40 ms is 5 ms");
        Round(ref hyStart, 50);
        Assert.IsTrue(hyStart.IsConservative);
        Assert.AreEqual(2 * Segment, hyStart.Growth(8 * Segment), "a quarter of the speed");

        // Five rounds of conservative slow start; the first is the one that it began in.
        for (int i = 0; i < 4; i++)
        {
            Assert.IsFalse(Round(ref hyStart, 50), $"round {i}");
        }

        Assert.IsTrue(Round(ref hyStart, 50), "congestion avoidance");
    }

    [TestMethod]
    public void HyStart_goes_back_when_the_longer_round_trip_was_a_passing_one()
    {
        HyStart hyStart = new();
        Round(ref hyStart, 40);
        Round(ref hyStart, 60);
        Assert.IsTrue(hyStart.IsConservative);
        Round(ref hyStart, 59);
        Assert.IsFalse(hyStart.IsConservative);
        Assert.AreEqual(8 * Segment, hyStart.Growth(8 * Segment));
    }

    [TestMethod]
    [DataRow(1.0, 4.9, false)] // never less than 4 ms
    [DataRow(1.0, 5.1, true)]
    [DataRow(40.0, 44.9, false)] // an eighth
    [DataRow(40.0, 45.1, true)]
    [DataRow(400.0, 415.9, false)] // never more than 16 ms
    [DataRow(400.0, 416.1, true)]
    public void HyStart_keeps_to_its_thresholds(double last, double now, bool conservative)
    {
        HyStart hyStart = new();
        Round(ref hyStart, last);
        Round(ref hyStart, now);
        Assert.AreEqual(conservative, hyStart.IsConservative);
    }

    [TestMethod]
    public void HyStart_needs_eight_samples_of_a_round()
    {
        HyStart hyStart = new();
        Round(ref hyStart, 40);
        Round(ref hyStart, 90, samples: 7);
        Assert.IsFalse(hyStart.IsConservative);
        Round(ref hyStart, 90, samples: 0);
        Round(ref hyStart, 150, samples: 8);
        Assert.IsFalse(hyStart.IsConservative, "no round to compare with");
    }

    [TestMethod]
    public void Cubic_ends_its_first_slow_start_by_HyStart()
    {
        Cubic cubic = new();
        cubic.Start(new StartEvent { Now = default, MaximumSegmentSize = Segment });
        int rounds = 0;
        for (double roundTrip = 40; cubic.SlowStartThreshold == int.MaxValue; roundTrip += 6)
        {
            Assert.IsLessThan(10, rounds++);
            for (int i = 0; i < 10; i++)
            {
                cubic.Acknowledged(Ack(roundTrip, i == 0));
            }
        }

        Assert.AreEqual(7, rounds, "one to learn, one to see, five of conservative slow start; the last ends as it begins");
        Assert.IsLessThan(Segment, cubic.CongestionWindow - cubic.SlowStartThreshold, "and no slow start beyond");
    }

    [TestMethod]
    public void Delivery_rate_is_what_came_in_the_time_that_it_took()
    {
        DeliveryRateEstimator estimator = new();
        DeliverySample sample = Flight(estimator, 50, sendEvery: 1, deliverEvery: 1);
        Assert.AreEqual(1_000_000.0, sample.Rate, 100_000);
        Assert.IsFalse(sample.IsApplicationLimited);
        sample = Flight(new DeliveryRateEstimator(), 40, sendEvery: 1, deliverEvery: 4);
        Assert.AreEqual(250_000.0, sample.Rate, 20_000, "the path is the limit");
        sample = Flight(new DeliveryRateEstimator(), 40, sendEvery: 4, deliverEvery: 0.1, flights: 1);
        Assert.IsLessThan(270_000, sample.Rate, "acknowledgements that were held back and come at once prove nothing: no faster than it was sent");
    }

    [TestMethod]
    public void Delivery_rate_samples_are_marked_until_what_the_application_left_out_has_passed()
    {
        DeliveryRateEstimator estimator = new();
        estimator.Sent(out DeliveryStamp zeroth, Segment, 0, At(-50));
        estimator.Deliver(zeroth, Segment, At(0));
        Assert.IsTrue(estimator.Take(default).IsApplicationLimited, "before it there was nothing to send");
        estimator.Sent(out DeliveryStamp first, Segment, 0, At(0));
        estimator.LimitedByApplication(Segment);
        estimator.Sent(out DeliveryStamp second, Segment, Segment, At(1));
        estimator.Deliver(first, Segment, At(50));
        Assert.IsFalse(estimator.Take(default).IsApplicationLimited, "sent before the pause");
        Assert.IsTrue(estimator.IsApplicationLimited);
        estimator.Sent(out DeliveryStamp third, Segment, Segment, At(50));
        estimator.Deliver(second, Segment, At(51));
        Assert.IsTrue(estimator.Take(default).IsApplicationLimited);
        Assert.IsFalse(estimator.IsApplicationLimited, "the gap has passed");
        long rate = estimator.Rate;
        estimator.Sent(out DeliveryStamp fourth, Segment, Segment, At(51));
        estimator.Deliver(third, Segment, At(100));
        DeliverySample limited = estimator.Take(default);
        Assert.IsTrue(limited.IsApplicationLimited, "sent while it was limited");
        Assert.AreEqual(Math.Max(rate, limited.Rate), estimator.Rate, "and counts only if it is higher");
        estimator.Deliver(fourth, Segment, At(101));
        Assert.IsFalse(estimator.Take(default).IsApplicationLimited);
    }

    [TestMethod]
    public void Losses_are_counted_from_when_a_segment_was_sent()
    {
        DeliveryRateEstimator estimator = new();
        estimator.Sent(out DeliveryStamp first, Segment, 0, At(0));
        estimator.Sent(out DeliveryStamp second, Segment, Segment, At(0));
        LostSegment lost = estimator.Lose(first, Segment);
        Assert.AreEqual(Segment, lost.LostSinceSent);
        Assert.AreEqual(Segment, lost.InFlightWhenSent);
        estimator.Sent(out DeliveryStamp again, Segment, Segment, At(60));
        estimator.Deliver(second, Segment, At(60));
        DeliverySample sample = estimator.Take(default);
        Assert.AreEqual(Segment, sample.Lost);
        Assert.AreEqual(2 * Segment, sample.InFlightWhenSent);
        estimator.Deliver(again, Segment, At(110));
        Assert.AreEqual(0, estimator.Take(default).Lost, "it was lost before this one was sent");
        Assert.AreEqual(-1, estimator.Take(default).PriorDelivered, "nothing came");
    }

    [TestMethod]
    public void A_sample_shorter_than_the_least_round_trip_is_none()
    {
        DeliveryRateEstimator estimator = new();
        estimator.Sent(out DeliveryStamp stamp, Segment, 0, At(0));
        estimator.Deliver(stamp, Segment, At(10));
        Assert.AreEqual(0, estimator.Take(TimeSpan.FromMilliseconds(20)).Rate);
    }

    [TestMethod]
    [DataRow(100_000L, 2000)]
    [DataRow(12_500_000L, 12_000)] // 100 Mb/s
    [DataRow(125_000_000L, 65_000)] // 1 Gb/s: a super-frame
    [DataRow(5_000_000_000L, 500_000)] // 40 Gb/s: no timer goes off more often than every 100 µs
    public void A_quantum_is_a_millisecond_of_the_rate(long rate, int quantum) => Assert.AreEqual(quantum, Pacer.Quantum(rate, Segment));

    [TestMethod]
    public void Pacing_keeps_the_rate_though_its_timer_is_late()
    {
        Random random = new(TestSeed.Take());
        Pacer pacer = default;
        const long Rate = 12_500_000;
        int quantum = Pacer.Quantum(Rate, Segment);
        Instant now = At(1000);
        Instant start = now;
        long sent = 0;
        while (now - start < TimeSpan.FromSeconds(1))
        {
            int burst = 0;
            while (pacer.MaySend(now))
            {
                pacer.Sent(quantum, Rate, now);
                burst += quantum;
            }

            sent += burst;
            Assert.IsLessThanOrEqualTo(3 * quantum, burst, "a burst");
            now = pacer.Due + TimeSpan.FromMicroseconds(random.Next(900));
        }

        Assert.AreEqual(Rate, sent, 0.01 * Rate);

        // A pause is not made up for.
        now += TimeSpan.FromSeconds(1);
        int after = 0;
        for (; pacer.MaySend(now); after++)
        {
            pacer.Sent(quantum, Rate, now);
        }

        Assert.IsLessThanOrEqualTo(3, after);
    }

    [TestMethod]
    public void The_pipe_is_full_after_three_rounds_without_a_quarter_more()
    {
        FullPipeDetector detector = default;
        foreach (long rate in new long[] { 100, 200, 400, 450, 480 })
        {
            detector.RoundEnded(rate);
            Assert.IsFalse(detector.IsFull);
        }

        detector.RoundEnded(499);
        Assert.IsTrue(detector.IsFull);
        detector.Reset(400);
        detector.RoundEnded(410);
        detector.RoundEnded(410);
        detector.RoundEnded(500);
        detector.RoundEnded(500);
        detector.RoundEnded(500);
        Assert.IsFalse(detector.IsFull, "it grew after all");
    }

    [TestMethod]
    public void The_maximum_is_that_of_two_periods()
    {
        WindowedMaximum maximum = default;
        maximum.Add(5);
        maximum.Add(3);
        maximum.Advance();
        maximum.Add(2);
        Assert.AreEqual(5, maximum.Value);
        maximum.Advance();
        Assert.AreEqual(2, maximum.Value);
    }

    [TestMethod]
    public void A_round_ends_with_what_was_sent_after_it_began()
    {
        RoundCounter round = default;
        round.Update(new DeliverySample { Delivered = 10, PriorDelivered = 0 });
        Assert.IsTrue(round.HasStarted);
        round.Update(new DeliverySample { Delivered = 20, PriorDelivered = 9 });
        Assert.IsFalse(round.HasStarted);
        round.Update(new DeliverySample { Delivered = 30, PriorDelivered = -1 });
        Assert.IsFalse(round.HasStarted);
        round.Update(new DeliverySample { Delivered = 40, PriorDelivered = 10 });
        Assert.IsTrue(round.HasStarted);
        Assert.AreEqual(2, round.Count);
    }

    [TestMethod]
    public void What_comes_in_bursts_is_known_as_aggregation()
    {
        AckAggregation aggregation = default;
        const long Bandwidth = 1_000_000;
        aggregation.Restart(At(0));
        for (int i = 1; i <= 20; i++)
        {
            // Ten segments' time of silence, and then they come at once.
            aggregation.Update(new AckEvent { Now = At(i * 10), BytesAcknowledged = 10 * Segment, BytesDelivered = 10 * Segment, PriorInFlight = 0, BytesInFlight = 0 }, Bandwidth, 50 * Segment, roundStarted: i % 4 == 0, pipeIsFull: true);
        }

        Assert.AreEqual(10 * Segment, aggregation.Extra);
    }

    private static DeliverySample Flight(DeliveryRateEstimator estimator, int count, double sendEvery, double deliverEvery, int flights = 2)
    {
        DeliveryStamp[] stamps = new DeliveryStamp[2 * count];
        DeliverySample sample = default;
        double sent = 0;
        for (int i = 0; i < count; i++, sent += sendEvery)
        {
            estimator.Sent(out stamps[i], Segment, i * Segment, At(sent));
        }

        // A second flight, clocked out by the acknowledgements of the first.
        double arrived = Math.Max(50, sent);
        for (int i = 0; i < flights * count; i++, arrived += deliverEvery)
        {
            estimator.Deliver(stamps[i], Segment, At(arrived));
            sample = estimator.Take(TimeSpan.FromMilliseconds(1));
            if (i < count)
            {
                estimator.Sent(out stamps[count + i], Segment, (count - 1) * Segment, At(arrived));
            }
        }

        return sample;
    }

    private static bool Round(ref HyStart hyStart, double milliseconds, int samples = 10)
    {
        bool ends = hyStart.Observe(Ack(0, roundStarted: true));
        for (int i = 0; i < samples; i++)
        {
            ends |= hyStart.Observe(Ack(milliseconds, roundStarted: false));
        }

        return ends;
    }

    private static AckEvent Ack(double milliseconds, bool roundStarted) => new()
    {
        Now = default,
        BytesAcknowledged = Segment,
        BytesDelivered = Segment,
        PriorInFlight = Segment,
        BytesInFlight = 0,
        WindowWasFull = true,
        RoundTrip = TimeSpan.FromMilliseconds(milliseconds),
        SmoothedRoundTrip = TimeSpan.FromMilliseconds(40),
        RoundStarted = roundStarted,
    };

    private static Instant At(double milliseconds) => new((long)(milliseconds * TimeSpan.TicksPerMillisecond));
}
