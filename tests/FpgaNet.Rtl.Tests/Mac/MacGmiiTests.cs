using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Stream;
using FpgaNet.Sim;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Mac;

/// <summary>fn_mac_gmii with its FIFOs (4096 bytes to the wire, 8192 from it), its three clocks equal or apart.</summary>
[TestClass]
public sealed class MacGmiiTests
{
    // Width, periods of clk, gmii_tx_clk and gmii_rx_clk, and the share of the line's clocks in which a byte passes.
    public static IEnumerable<object[]> Clocks =>
    [
        [8, 8, 8, 8, 1.0], [32, 8, 8, 8, 1.0], [64, 8, 8, 8, 1.0], [8, 7, 9, 8, 1.0], [32, 11, 8, 9, 1.0], [64, 31, 8, 8, 1.0], [64, 5, 17, 16, 1.0],
        [8, 8, 8, 8, 0.5], [32, 8, 40, 40, 0.5], [64, 8, 8, 8, 0.2], [8, 8, 160, 160, 1.0],
    ];

    [TestMethod]
    [DynamicData(nameof(Clocks))]
    public void Frames_from_the_core_go_out_whole_and_at_wire_speed(int width, int period, int txPeriod, int rxPeriod, double rate)
    {
        Random random = TestSeed.Random();
        using Bench bench = new(width, period, txPeriod, rxPeriod, random, rate);
        bench.Source.Stall = 0.02;
        bench.Pin("tx_enable").Value(1UL);
        List<byte[]> frames = [];
        for (int i = 0; i < 60; i++)
        {
            frames.Add(RandomFrames.Bytes(random, i < 20 ? random.Next(14, 70) : random.Next(14, 1519)));
            bench.Source.Send(frames[^1]);
        }

        bench.Clock.RunUntil(() => bench.Wire.Bursts.Count == frames.Count, limit: 20_000_000);
        Assert.IsFalse(bench.Pin("idle").IsSet, "the gap behind the last frame is not over");
        bench.Clock.Run((long)(40 * Math.Max(period, txPeriod) / rate));
        Assert.IsTrue(bench.Pin("idle").IsSet);
        int closest = int.MaxValue;
        foreach (byte[] frame in frames)
        {
            (byte[] bytes, int gap, bool spoiled) = bench.Wire.Bursts.Dequeue();
            CollectionAssert.AreEqual(EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(EthernetReference.Padded(frame))), bytes);
            Assert.IsFalse(spoiled);
            closest = Math.Min(closest, gap);
        }

        Assert.AreEqual(12, closest);
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void Back_to_back_minimum_frames_keep_the_wire_full(int width)
    {
        using Bench bench = new(width, 8, 8, 8, new Random(1));
        bench.Pin("tx_enable").Value(1UL);
        for (int i = 0; i < 200; i++)
        {
            bench.Source.Send(new byte[60]);
        }

        bench.Clock.RunUntil(() => bench.Wire.Bursts.Count == 200);
        Assert.IsTrue(bench.Wire.Bursts.Skip(1).All(b => b.Gap == 12));
    }

    [TestMethod]
    [DynamicData(nameof(Clocks))]
    public void Good_frames_come_up_and_bad_ones_are_dropped_and_counted_once(int width, int period, int txPeriod, int rxPeriod, double rate)
    {
        Random random = TestSeed.Random();
        using Bench bench = new(width, period, txPeriod, rxPeriod, random, rate);
        bench.Sink.Stall = 0.1;
        bench.Pin("rx_enable").Value(1UL);
        List<(CarrierEvent Event, RxVerdict Verdict, byte[] Frame)> played = [];
        for (int i = 0; i < 200; i++)
        {
            played.Add(RandomCarrier.Next(random));
            bench.Talker.Play(played[^1].Event);
        }

        bench.Clock.RunUntil(() => bench.Talker.Pending == 0, limit: 20_000_000);
        bench.Clock.Run(4000 * period);
        foreach ((_, RxVerdict verdict, byte[] frame) in played)
        {
            if (verdict == RxVerdict.Good)
            {
                CollectionAssert.AreEqual(frame, bench.Sink.Frames.Dequeue().Data);
            }
        }

        Assert.AreEqual(0, bench.Sink.Frames.Count);
        Assert.AreEqual(Count(RxVerdict.BadCheckSequence), bench.Pulses["rx_bad_fcs"].Count);
        Assert.AreEqual(Count(RxVerdict.PhyError), bench.Pulses["rx_phy_error"].Count);
        Assert.AreEqual(Count(RxVerdict.Undersize), bench.Pulses["rx_undersize"].Count);
        Assert.AreEqual(Count(RxVerdict.Oversize), bench.Pulses["rx_oversize"].Count);
        Assert.AreEqual(0, bench.Pulses["rx_overflow"].Count);
        Assert.AreEqual(0, bench.Pulses["rx_disabled"].Count);
        Assert.IsTrue(bench.Pin("idle").IsSet);

        int Count(RxVerdict verdict) => played.Count(p => p.Verdict == verdict);
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void A_core_that_does_not_take_frames_costs_whole_frames_and_each_is_counted(int width)
    {
        Random random = TestSeed.Random();
        using Bench bench = new(width, 8, 8, 8, random);
        bench.Sink.Stall = 1;
        bench.Pin("rx_enable").Value(1UL);
        List<byte[]> frames = [];
        for (int i = 0; i < 40; i++)
        {
            (CarrierEvent carrierEvent, _, byte[] frame) = RandomCarrier.Good(random, 1000 + i);
            frames.Add(frame);
            bench.Talker.Play(carrierEvent);
        }

        bench.Clock.RunUntil(() => bench.Talker.Pending == 0);
        Assert.IsFalse(bench.Pin("idle").IsSet);
        bench.Sink.Stall = 0;
        bench.Clock.Run(8 * 20_000);
        int came = bench.Sink.Frames.Count;
        Assert.IsGreaterThanOrEqualTo(8192 / 1200, came);
        Assert.AreEqual(frames.Count - came, bench.Pulses["rx_overflow"].Count);
        RandomFrames.AreEqual(frames.Take(came).Select(f => new StreamFrame(f, [0, 0])), bench.Sink.Frames);
    }

    [TestMethod]
    public void A_core_clock_that_is_too_slow_costs_whole_frames_only()
    {
        // 8 bits at a third of the wire's clock: the crossing itself runs over.
        Random random = TestSeed.Random();
        using Bench bench = new(8, 24, 8, 8, random);
        bench.Pin("rx_enable").Value(1UL);
        List<byte[]> frames = [];
        for (int i = 0; i < 60; i++)
        {
            (CarrierEvent carrierEvent, _, byte[] frame) = RandomCarrier.Good(random, random.Next(60, 300), gap: random.Next(12, 600));
            frames.Add(frame);
            bench.Talker.Play(carrierEvent);
        }

        bench.Clock.RunUntil(() => bench.Talker.Pending == 0);
        bench.Clock.Run(24 * 2000);
        Assert.IsGreaterThan(0, bench.Pulses["rx_overflow"].Count);
        Assert.AreEqual(0, bench.Pulses["rx_bad_fcs"].Count);
        foreach (byte[] frame in frames)
        {
            if (bench.Sink.Frames.TryPeek(out StreamFrame? next) && frame.AsSpan().SequenceEqual(next.Data))
            {
                bench.Sink.Frames.Dequeue();
            }
        }

        Assert.AreEqual(0, bench.Sink.Frames.Count, "a frame came that was never sent");
        Assert.IsTrue(bench.Pin("idle").IsSet);
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(64)]
    public void Switched_on_in_a_frame_the_receiver_starts_with_a_whole_one(int width)
    {
        Random random = TestSeed.Random();
        using Bench bench = new(width, 8, 8, 8, random);
        List<byte[]> frames = [];
        for (int i = 0; i < 40; i++)
        {
            (CarrierEvent carrierEvent, _, byte[] frame) = RandomCarrier.Good(random, random.Next(60, 200));
            frames.Add(frame);
            bench.Talker.Play(carrierEvent);
        }

        for (int i = 0; bench.Talker.Pending > 0; i++)
        {
            bench.Pin("rx_enable").Value((ulong)(i & 1));
            bench.Clock.Run(8 * random.Next(1, 700));
        }

        bench.Clock.Run(8 * 1000);
        int came = bench.Sink.Frames.Count;
        Assert.IsGreaterThan(0, came);
        Assert.AreEqual(frames.Count - came, bench.Pulses["rx_disabled"].Count);
        foreach (byte[] frame in frames)
        {
            if (bench.Sink.Frames.TryPeek(out StreamFrame? next) && frame.AsSpan().SequenceEqual(next.Data))
            {
                bench.Sink.Frames.Dequeue();
            }
        }

        Assert.AreEqual(0, bench.Sink.Frames.Count, "a frame came in part");
    }

    /// <summary>The MAC with a core on one side and a wire on the other.</summary>
    private sealed class Bench : IDisposable
    {
        private static readonly string[] s_pulses = ["rx_bad_fcs", "rx_phy_error", "rx_undersize", "rx_oversize", "rx_overflow", "rx_disabled"];

        public Bench(int width, int period, int txPeriod, int rxPeriod, Random random, double rate = 1)
        {
            Clock = new MultiClockBench($"fn_mac_gmii_{width}");
            MultiClockBench.Domain core = Clock.AddClock("clk", period);
            Source = core.Add(new AxiStreamSource(Clock.Model, "s_axis", random));
            Sink = core.Add(new AxiStreamSink(Clock.Model, "m_axis", random));
            Pulses = s_pulses.ToDictionary(p => p, p => core.Add(new PulseCounter(Clock.Model, p)), StringComparer.Ordinal);
            Wire = Clock.AddClock("gmii_tx_clk", txPeriod).Add(new GmiiListener(Clock.Model, random, rate));
            Talker = Clock.AddClock("gmii_rx_clk", rxPeriod).Add(new GmiiTalker(Clock.Model, random, rate));
            Clock.Reset(8, "rst");
            Clock.Run((long)(80 * Math.Max(period, Math.Max(txPeriod, rxPeriod)) / rate));
        }

        public MultiClockBench Clock { get; }

        public AxiStreamSource Source { get; }

        public AxiStreamSink Sink { get; }

        public GmiiListener Wire { get; }

        public GmiiTalker Talker { get; }

        public Dictionary<string, PulseCounter> Pulses { get; }

        public Port Pin(string name) => Clock.Model.Port(name);

        public void Dispose() => Clock.Dispose();
    }
}
