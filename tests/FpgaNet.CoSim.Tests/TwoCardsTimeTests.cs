using FpgaNet.Driver;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Testing;

namespace FpgaNet.CoSim.Tests;

/// <summary>What two cards' clocks, stamps and launch times say of a cable whose delay is known (docs/time.md).</summary>
[TestClass]
public sealed class TwoCardsTimeTests
{
    private const int NanosecondsPerCycle = 8;

    [TestMethod]
    public void The_delay_measured_by_stamps_is_the_cable_s()
    {
        Random random = TestSeed.Random();
        int cycles = random.Next(40, 400);
        using TwoCards cards = new(random, cycles);
        cards.Second.Clock.Set(random.NextInt64(1L << 60));

        // Clocks that know nothing of one another: IEEE 1588 §11.3, a frame each way gives the delay and how far apart they are.
        long forth = Exchange(cards, cards.First, cards.Second, random)[^1];
        long back = Exchange(cards, cards.Second, cards.First, random)[^1];
        Assert.AreEqual(cycles * NanosecondsPerCycle, (forth + back) / 2);

        // Brought together by that, they give it in one direction, frame by frame, whatever else is on the wire.
        cards.Second.Clock.AdjustPhase((back - forth) / 2);
        foreach (long delay in Exchange(cards, cards.First, cards.Second, random, 40).Concat(Exchange(cards, cards.Second, cards.First, random, 40)))
        {
            Assert.AreEqual(cycles * NanosecondsPerCycle, delay);
        }
    }

    [TestMethod]
    public void A_clock_that_runs_off_is_seen_to_by_its_rate()
    {
        const double PartsPerBillion = -150_000;
        Random random = TestSeed.Random();
        using TwoCards cards = new(random, 50);
        long OffsetNow() => (Exchange(cards, cards.First, cards.Second, random)[^1] - Exchange(cards, cards.Second, cards.First, random)[^1]) / 2;
        cards.Second.Clock.AdjustRate(PartsPerBillion);
        (long offset, long cycle) = (OffsetNow(), cards.First.Card.Cycles);
        cards.Run(200_000);
        double elapsed = (double)(cards.First.Card.Cycles - cycle) * NanosecondsPerCycle;
        double drift = (OffsetNow() - offset) / elapsed * 1e9;

        // Two readings, each to a cycle of either clock.
        Assert.AreEqual(PartsPerBillion, drift, 2 * NanosecondsPerCycle / elapsed * 1e9);

        cards.Second.Clock.AdjustRate(0);
        offset = OffsetNow();
        cards.Run(50_000);
        Assert.AreEqual(offset, OffsetNow(), "at the same rate they stay together");
    }

    [TestMethod]
    public void Frames_leave_at_their_launch_times_to_one_clock_period_and_arrive_behind_them_by_the_cable()
    {
        const int Frames = 60;
        Random random = TestSeed.Random();
        int cycles = random.Next(40, 400);
        using TwoCards cards = new(random, cycles);
        cards.Second.Clock.AdjustPhase(cards.First.Clock.Read() - cards.Second.Clock.Read());
        long apart = Offset(cards, random);
        List<long> launches = [];
        long time = cards.First.Clock.Read() + 100_000;
        for (int i = 0; i < Frames; i++)
        {
            int length = random.Next(3) == 0 ? random.Next(60, 1515) : random.Next(60, 200);
            launches.Add(time);
            cards.First.Send(random, length, (ushort)(i + 1), time);
            time += ((length + 24) * NanosecondsPerCycle) + random.Next(3) switch { 0 => 0, 1 => random.Next(50), _ => random.Next(40_000) };
        }

        cards.RunUntil(() => cards.Second.Arrivals.Count == Frames);
        for (int i = 0; i < Frames; i++)
        {
            Assert.IsTrue(cards.First.Nic.TryTakeTransmitTimestamp(out TransmitTimestamp stamp));
            Assert.AreEqual((ushort)(i + 1), stamp.Id);
            Assert.IsTrue(stamp.Time >= launches[i] && stamp.Time < launches[i] + NanosecondsPerCycle, $"frame {i} left {stamp.Time - launches[i]} ns behind its time");
            Assert.AreEqual(stamp.Time + (cycles * NanosecondsPerCycle), cards.Second.Arrivals.Dequeue() - apart);
        }

        Assert.AreEqual(0UL, Counter(cards.First.Nic, "tx_launch_late"));
    }

    [TestMethod]
    public void Two_clocks_brought_together_give_their_pulses_in_the_same_cycle()
    {
        const uint Period = 100_000;
        Random random = TestSeed.Random();
        using TwoCards cards = new(random, 60);
        cards.Second.Clock.AdjustPhase(-Offset(cards, random));
        long first = ((cards.First.Clock.Read() / Period) + 2) * Period;
        cards.First.Clock.StartPulse(first, Period, Period / 4);
        cards.Second.Clock.StartPulse(first, Period, Period / 4);
        cards.Run(1); // both at the same cycle
        List<long>[] edges = [[], []];
        bool[] levels = [false, false];
        for (int cycle = 0; cycle < 6 * Period / NanosecondsPerCycle; cycle++)
        {
            cards.Run(1);
            foreach ((int i, bool level) in new[] { (0, cards.First.Card.ClockPulse), (1, cards.Second.Card.ClockPulse) })
            {
                if (level && !levels[i])
                {
                    edges[i].Add(cycle);
                }

                levels[i] = level;
            }
        }

        Assert.IsGreaterThan(3, edges[0].Count);
        CollectionAssert.AreEqual(edges[0], edges[1]);
        Assert.IsTrue(edges[0].Zip(edges[0].Skip(1)).All(static e => (e.Second - e.First) * NanosecondsPerCycle == Period));
    }

    [TestMethod]
    public void What_cannot_be_sent_at_its_time_is_told_of()
    {
        Random random = TestSeed.Random();
        using TwoCards cards = new(random, 40);
        ClockCorrelation moment = cards.First.Clock.Correlate();
        long now = cards.First.Clock.Read();
        Assert.IsTrue(moment.HostBefore <= moment.HostAfter && moment.Device > 0 && moment.Device < now);
        cards.First.Send(random, 100, 1, now + 10_000_000_000);
        cards.First.Send(random, 100, 2, Math.Max(1, now - 5_000));
        cards.RunUntil(() => cards.Second.Arrivals.Count == 1);
        Assert.IsTrue(cards.First.Nic.TryTakeTransmitTimestamp(out TransmitTimestamp stamp));
        Assert.AreEqual(new TransmitTimestamp(1, 0), stamp, "beyond the horizon");
        Assert.IsTrue(cards.First.Nic.TryTakeTransmitTimestamp(out stamp));
        Assert.AreEqual(2, stamp.Id);
        Assert.IsGreaterThan(now, stamp.Time);
        Assert.IsFalse(cards.First.Nic.TryTakeTransmitTimestamp(out _));
        Assert.AreEqual(1UL, Counter(cards.First.Nic, "driver_tx_error_launch_too_far"));
        Assert.AreEqual(1UL, Counter(cards.First.Nic, "tx_launch_late"));

        cards.First.Nic.EnabledFeatures &= ~(OffloadFeatures.TxTimestamp | OffloadFeatures.TxLaunchTime);
        cards.Second.Nic.EnabledFeatures &= ~OffloadFeatures.RxTimestamp;
        cards.Second.Arrivals.Clear();
        cards.First.Send(random, 100, 3);
        cards.First.Send(random, 100, 0, now);
        cards.First.Send(random, 100, 0);
        cards.RunUntil(() => cards.Second.Arrivals.Count == 1);
        Assert.AreEqual(0, cards.Second.Arrivals.Dequeue(), "switched off");
        Assert.AreEqual(2UL, Counter(cards.First.Nic, "driver_tx_refused_offload"));
    }

    // How far the second clock is ahead of the first.
    private static long Offset(TwoCards cards, Random random) =>
        (Exchange(cards, cards.First, cards.Second, random)[^1] - Exchange(cards, cards.Second, cards.First, random)[^1]) / 2;

    /// <summary>Sends frames from one card to the other: for each the time of its arrival on the one clock less that of its departure on the other.</summary>
    private static List<long> Exchange(TwoCards cards, TwoCards.Station from, TwoCards.Station to, Random random, int frames = 1)
    {
        to.Arrivals.Clear();
        for (int i = 0; i < frames; i++)
        {
            from.Send(random, random.Next(60, 1515), (ushort)(i + 1));
        }

        cards.RunUntil(() => to.Arrivals.Count == frames);
        List<long> differences = [];
        for (int i = 0; i < frames; i++)
        {
            Assert.IsTrue(from.Nic.TryTakeTransmitTimestamp(out TransmitTimestamp departure));
            Assert.AreEqual((ushort)(i + 1), departure.Id);
            differences.Add(to.Arrivals.Dequeue() - departure.Time);
        }

        return differences;
    }

    private static ulong Counter(FpgaNic nic, string name)
    {
        List<DeviceCounter> counters = [];
        nic.ReadCounters(counters);
        return counters.Single(c => string.Equals(c.Name, name, StringComparison.Ordinal)).Value;
    }
}
