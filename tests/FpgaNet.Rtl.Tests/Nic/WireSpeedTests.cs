using FpgaNet.Sim.WireSpeed;

namespace FpgaNet.Rtl.Tests.Nic;

/// <summary>Every core keeps its wire full, both ways at once, with every offload on. <c>make bench</c> prints the same as a table.</summary>
[TestClass]
public sealed class WireSpeedTests
{
    public static IEnumerable<object[]> Cores => Enumerable.Range(0, WireSpeedRun.Cores.Count).Select(static i => new object[] { i });

    [TestMethod]
    [DynamicData(nameof(Cores))]
    public void The_wire_is_full_both_ways(int core)
    {
        (string Name, string Model, int Divider) measured = WireSpeedRun.Cores[core];
        int scale = measured.Divider > 1 ? 1 : 2;
        foreach (WireTraffic traffic in new[] { WireTraffic.Shortest(150 * scale), WireTraffic.Mixed(24 * scale), WireTraffic.Longest(12 * scale), WireTraffic.Segmented(1) })
        {
            WireSpeedRow row = WireSpeedRun.Measure(measured, traffic);
            Assert.IsInRange(0.99, 1.0005, row.TransmitShare, $"{row.Core}, {row.Traffic}: transmit");
            Assert.AreEqual(1.0, row.ReceiveShare, $"{row.Core}, {row.Traffic}: receive");
        }
    }
}
