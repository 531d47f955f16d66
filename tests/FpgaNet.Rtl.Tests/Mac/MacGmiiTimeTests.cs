using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Stream;
using FpgaNet.Rtl.Tests.Time;
using FpgaNet.Sim;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Mac;

/// <summary>Stamps and releases of fn_mac_gmii with its clocks equal or apart: a stamp is never off by more than one period of the core's clock.</summary>
[TestClass]
public sealed class MacGmiiTimeTests
{
    private const int Spacing = 33; // clocks between start delimiters that are both stamped

    // Width, and periods of clk, gmii_tx_clk and gmii_rx_clk; the last as slow a core as 64 bits may have.
    public static IEnumerable<object[]> Clocks => [[8, 8, 8, 8], [32, 11, 8, 9], [64, 31, 8, 8], [64, 5, 17, 16], [64, 61, 8, 8]];

    [TestMethod]
    [DynamicData(nameof(Clocks))]
    public void A_received_frame_has_its_own_start_delimiter_s_time_whatever_was_on_the_wire_before(int width, int period, int txPeriod, int rxPeriod)
    {
        Random random = TestSeed.Random();
        using Bench bench = new(width, period, txPeriod, rxPeriod, random);
        bench.Pin("rx_enable").Value(1UL);
        bench.Pin("rx_latency").Value((ulong)((2 * rxPeriod) + (2 * period)));
        List<RxVerdict> verdicts = [];
        for (int i = 0; i < 250; i++)
        {
            // Stumps of a few bytes, close together, among all else.
            int gap = random.Next(3) == 0 ? random.Next(1, 12) : 12;
            (CarrierEvent carrierEvent, RxVerdict verdict, _) = random.Next(3) == 0
                ? (new CarrierEvent([.. EthernetReference.WithPreamble([], random.Next(8)), .. RandomFrames.Bytes(random, random.Next(12))], Gap: gap), RxVerdict.Undersize, [])
                : RandomCarrier.Next(random, gap);
            verdicts.Add(verdict);
            bench.Talker.Play(carrierEvent);
        }

        bench.Clock.RunUntil(() => bench.Talker.Pending == 0, limit: 20_000_000);
        bench.Clock.Run(4000 * period);
        Assert.HasCount(verdicts.Count, bench.Arrivals.Times);
        long last = long.MinValue / 2;
        int without = 0;
        for (int i = 0; i < verdicts.Count; i++)
        {
            long edge = bench.Arrivals.Times[i];
            bool apart = edge - last >= Spacing * rxPeriod;
            last = edge < 0 ? last : edge;
            if (verdicts[i] != RxVerdict.Good)
            {
                continue;
            }

            long stamp = Time(bench.Sink.Frames.Dequeue().User);
            long onPins = edge - rxPeriod;
            without += apart ? 0 : 1;
            Assert.IsTrue(apart ? stamp > onPins - period && stamp <= onPins : stamp == 0, $"event {i}: {stamp}, on the pins at {onPins}, {(apart ? "apart" : "close")}");
        }

        Assert.IsEmpty(bench.Sink.Frames);
        Assert.IsGreaterThan(0, without, "no stump was close enough to matter");
    }

    [TestMethod]
    [DynamicData(nameof(Clocks))]
    public void Frames_that_ask_are_stamped_in_order_and_the_others_not(int width, int period, int txPeriod, int rxPeriod)
    {
        Random random = TestSeed.Random();
        using Bench bench = new(width, period, txPeriod, rxPeriod, random);
        bench.Pin("tx_enable").Value(1UL);
        bench.Pin("tx_latency").Value((ulong)(txPeriod + (2 * period)));
        List<bool> asked = [];
        for (int i = 0; i < 80; i++)
        {
            asked.Add(random.Next(2) == 0);
            bench.Source.Send(RandomFrames.Bytes(random, random.Next(14, 200)), asked[i] ? 1u : 0);
        }

        bench.Clock.RunUntil(() => bench.Departures.Times.Count == asked.Count, limit: 20_000_000);
        bench.Clock.Run(20 * period);
        foreach ((bool ask, long edge) in asked.Zip(bench.Departures.Times))
        {
            long onPins = edge - txPeriod;
            Assert.IsTrue(!ask || (bench.Stamps.Dequeue() is long stamp && stamp > onPins - period && stamp <= onPins));
        }

        Assert.IsEmpty(bench.Stamps);
    }

    [TestMethod]
    [DynamicData(nameof(Clocks))]
    public void A_frame_on_hold_leaves_a_fixed_time_behind_its_release_and_holds_up_those_behind_it(int width, int period, int txPeriod, int rxPeriod)
    {
        Random random = TestSeed.Random();
        using Bench bench = new(width, period, txPeriod, rxPeriod, random);
        bench.Pin("tx_enable").Value(1UL);
        for (int i = 0; i < 12; i++)
        {
            int sent = bench.Departures.Times.Count;
            bool early = random.Next(4) == 0;
            long released = early ? bench.Release() : 0;
            bench.Source.Send(RandomFrames.Bytes(random, random.Next(14, 1000)), 2);
            bench.Source.Send(RandomFrames.Bytes(random, 60), 0);
            bench.Clock.Run(1200 * 64);
            if (!early)
            {
                Assert.HasCount(sent, bench.Departures.Times, "it did not wait");
                released = bench.Release();
            }

            bench.Clock.RunUntil(() => bench.Departures.Times.Count == sent + 2);
            long latency = bench.Departures.Times[sent] - txPeriod - released;
            Assert.IsTrue(early || (latency > period + (10 * txPeriod) && latency <= period + (11 * txPeriod)), $"{latency} behind its release");
        }
    }

    private static long Time(uint[] words) => words[0] | ((long)words[1] << 32);

    /// <summary>The MAC with time in the unit of the periods.</summary>
    private sealed class Bench : IDisposable
    {
        private readonly StampLog _log;
        private readonly int _period;

        public Bench(int width, int period, int txPeriod, int rxPeriod, Random random)
        {
            _period = period;
            Clock = new MultiClockBench($"fn_mac_gmii_{width}");
            MultiClockBench.Domain core = Clock.AddClock("clk", period);
            Source = core.Add(new AxiStreamSource(Clock.Model, "s_axis", random));
            Sink = core.Add(new AxiStreamSink(Clock.Model, "m_axis", random));
            _log = core.Add(new StampLog(Clock, period));
            MultiClockBench.Domain tx = Clock.AddClock("gmii_tx_clk", txPeriod);
            tx.Add(new GmiiListener(Clock.Model));
            Departures = tx.Add(new StartDelimiterWatch(Clock.Model, "gmii_txd", "gmii_tx_en", time: () => Clock.Time));
            MultiClockBench.Domain rx = Clock.AddClock("gmii_rx_clk", rxPeriod);
            Talker = rx.Add(new GmiiTalker(Clock.Model, random));
            Arrivals = rx.Add(new StartDelimiterWatch(Clock.Model, "gmii_rxd", "gmii_rx_dv", "gmii_rx_er", () => Clock.Time));
            Clock.Reset(8, "rst");
            Clock.Run(40 * Math.Max(period, Math.Max(txPeriod, rxPeriod)));
        }

        public MultiClockBench Clock { get; }

        public AxiStreamSource Source { get; }

        public AxiStreamSink Sink { get; }

        public GmiiTalker Talker { get; }

        public StartDelimiterWatch Arrivals { get; }

        public StartDelimiterWatch Departures { get; }

        public Queue<long> Stamps => _log.Stamps;

        public Port Pin(string name) => Clock.Model.Port(name);

        /// <summary>Releases a frame.</summary>
        /// <returns>When the clock cycle of the pulse began.</returns>
        public long Release()
        {
            _log.ReleaseNext = true;
            Clock.RunUntil(() => !_log.ReleaseNext);
            return Clock.Time - _period;
        }

        public void Dispose() => Clock.Dispose();
    }

    private sealed class StampLog(MultiClockBench clock, int period) : IBenchDriver
    {
        private readonly Port _now = clock.Model.Port("now");
        private readonly Port _release = clock.Model.Port("tx_release");
        private readonly Port _valid = clock.Model.Port("tx_stamp_valid");
        private readonly Port _stamp = clock.Model.Port("tx_stamp");

        public Queue<long> Stamps { get; } = new();

        public bool ReleaseNext { get; set; }

        public void Drive()
        {
            // The cycle that ends with the coming edge began a period ago.
            _now.Value((ulong)(clock.Time - period));
            _release.Value(ReleaseNext ? 1UL : 0);
            ReleaseNext = false;
        }

        public void Sample()
        {
            if (_valid.IsSet)
            {
                Stamps.Enqueue((long)_stamp.Value);
            }
        }
    }
}
