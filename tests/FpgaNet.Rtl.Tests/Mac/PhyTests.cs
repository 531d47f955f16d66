using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Stream;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Mac;

/// <summary>fn_mii, fn_rmii and fn_rgmii in front of fn_mac_gmii, at pin level and at every speed.</summary>
[TestClass]
public sealed class PhyTests
{
    private static readonly string[] s_pulses = ["rx_bad_fcs", "rx_phy_error", "rx_undersize", "rx_oversize", "rx_overflow", "rx_disabled"];

    public static IEnumerable<object[]> Interfaces =>
    [
        .. from width in new[] { 8, 32, 64 }
           from phy in Enum.GetValues<PhyInterface>()
           from speed in phy == PhyInterface.Rgmii ? new[] { 0, 1, 2 } : [0, 1]
           where speed > 0 || width == 8 // the widths differ behind the adapters only
           select new object[] { phy, speed, width },
    ];

    [TestMethod]
    [DynamicData(nameof(Interfaces))]
    public void Frames_cross_whole_both_ways_at_wire_speed_and_bad_ones_are_told_apart(PhyInterface phy, int speed, int width)
    {
        Random random = TestSeed.Random();
        using MultiClockBench bench = new($"fn_phy_{phy.ToString().ToLowerInvariant()}_{width}");
        PhyTalker talker = new(bench.Model, phy, speed, random);
        PhyListener listener = new(bench.Model, phy, speed);
        AddClocks(bench, phy, speed, talker, listener);
        // The core is a little faster than its wire, so that the slow speeds do not cost a long simulation.
        MultiClockBench.Domain core = bench.AddClock("clk", speed switch { 2 => 5, 1 => 40, _ => 300 });
        AxiStreamSource source = core.Add(new AxiStreamSource(bench.Model, "s_axis", random, stall: 0.02));
        AxiStreamSink sink = core.Add(new AxiStreamSink(bench.Model, "m_axis", random, stall: 0.02));
        Dictionary<string, PulseCounter> pulses = s_pulses.ToDictionary(p => p, p => core.Add(new PulseCounter(bench.Model, p)), StringComparer.Ordinal);
        bench.Model.Port("speed").Value((ulong)speed);
        bench.Reset(8, "rst");
        bench.Model.Port("rx_enable").Value(1);
        bench.Run(40_000);

        int count = speed == 0 ? 25 : 70;
        List<byte[]> sent = [];
        List<(CarrierEvent Event, RxVerdict Verdict, byte[] Frame)> played = [];
        for (int i = 0; i < count; i++)
        {
            sent.Add(RandomFrames.Bytes(random, i % 16 == 15 ? random.Next(14, 1519) : random.Next(14, 130)));
            source.Send(sent[^1]);
            // Gaps may shrink on the way to a receiver (IEEE 802.3 annex 4A.4.2): down to 8 bytes here.
            played.Add(RandomCarrier.Next(random, gap: random.Next(4) == 0 ? random.Next(8, 40) : 12));
            talker.Play(played[^1].Event);
        }

        // With the first long frame stored the core stays ahead of the wire.
        bench.RunUntil(() => source.Sent == 16);
        bench.Model.Port("tx_enable").Value(1);
        bench.RunUntil(() => talker.Pending == 0 && listener.Bursts.Count == count && bench.Model.Port("idle").IsSet, limit: 200_000_000);
        foreach ((byte[] frame, int i) in sent.Select((f, i) => (f, i)))
        {
            (byte[] bytes, int gap, bool spoiled) = listener.Bursts.Dequeue();
            CollectionAssert.AreEqual(EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(EthernetReference.Padded(frame))), bytes, $"frame {i}");
            Assert.IsFalse(spoiled);
            Assert.IsTrue(i == 0 || gap == 12, $"{gap} bytes of gap before frame {i}");
        }

        foreach ((_, RxVerdict verdict, byte[] frame) in played)
        {
            if (verdict == RxVerdict.Good)
            {
                CollectionAssert.AreEqual(frame, sink.Frames.Dequeue().Data);
            }
        }

        Assert.AreEqual(0, sink.Frames.Count);
        Assert.AreEqual(Count(RxVerdict.BadCheckSequence), pulses["rx_bad_fcs"].Count);
        Assert.AreEqual(Count(RxVerdict.PhyError), pulses["rx_phy_error"].Count);
        Assert.AreEqual(Count(RxVerdict.Undersize), pulses["rx_undersize"].Count);
        Assert.AreEqual(Count(RxVerdict.Oversize), pulses["rx_oversize"].Count);
        Assert.AreEqual(0, pulses["rx_overflow"].Count + pulses["rx_disabled"].Count);
        if (phy == PhyInterface.Rgmii)
        {
            Assert.AreEqual((1UL, (ulong)speed, 1UL), (Pin("inband_link_up"), Pin("inband_speed"), Pin("inband_full_duplex")));
        }

        int Count(RxVerdict verdict) => played.Count(p => p.Verdict == verdict);

        ulong Pin(string name) => bench.Model.Port(name).Value;
    }

    [TestMethod]
    public void A_false_carrier_on_an_RMII_is_one_error_and_a_carrier_without_data_is_nothing()
    {
        using MultiClockBench bench = new("fn_phy_rmii_8");
        MultiClockBench.Domain clock = bench.AddClock("rx_pin_clk", 20);
        MultiClockBench.Domain core = bench.AddClock("clk", 20);
        PulseCounter errors = core.Add(new PulseCounter(bench.Model, "rx_phy_error"));
        PulseCounter runts = core.Add(new PulseCounter(bench.Model, "rx_undersize"));
        bench.Model.Port("speed").Value(1);
        bench.Reset(8, "rst");
        bench.Model.Port("rx_enable").Value(1);
        bench.Run(2000);
        Carrier(0);
        Assert.AreEqual((0, 0), (errors.Count, runts.Count));
        Carrier(2); // section 5.2.1: "10" until the carrier ends
        Assert.AreEqual((1, 0), (errors.Count, runts.Count));
        Carrier(2);
        Assert.AreEqual((2, 0), (errors.Count, runts.Count));

        void Carrier(ulong data)
        {
            bench.Model.Port("rx_valid").Value(1);
            bench.Model.Port("rx_pins").Value(data);
            bench.Run(30 * clock.Period);
            bench.Model.Port("rx_valid").Value(0);
            bench.Model.Port("rx_pins").Value(0);
            bench.Run(60 * clock.Period);
        }
    }

    // Periods in nanoseconds.
    private static void AddClocks(MultiClockBench bench, PhyInterface phy, int speed, PhyTalker talker, PhyListener listener)
    {
        switch (phy)
        {
            case PhyInterface.Mii:
                bench.AddClock("rx_pin_clk", speed == 0 ? 400 : 40).Add(talker);
                bench.AddClock("tx_pin_clk", speed == 0 ? 404 : 41).Add(listener);
                break;
            case PhyInterface.Rmii:
                MultiClockBench.Domain reference = bench.AddClock("rx_pin_clk", 20);
                reference.Add(talker);
                reference.Add(listener);
                break;
            default:
                bench.AddDoubleRateClock("rx_pin_clk", speed switch { 2 => 4, 1 => 20, _ => 200 }).Add(talker);
                bench.AddDoubleRateClock("tx_pin_clk", 4).Add(listener);
                break;
        }
    }
}
