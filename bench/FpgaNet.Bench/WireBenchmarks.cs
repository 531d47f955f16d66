using FpgaNet.Sim.WireSpeed;

namespace FpgaNet.Bench;

/// <summary>The suite "wire": how much of its wire each core fills in simulation, at each width, with every offload on and both directions at once.</summary>
internal static class WireBenchmarks
{
    private const string Suite = "wire";

    /// <summary>Measures everything.</summary>
    public static IEnumerable<BenchRow> Run()
    {
        foreach ((string Name, string Model, int Divider) core in WireSpeedRun.Cores)
        {
            foreach (WireTraffic traffic in new[] { WireTraffic.Shortest(600), WireTraffic.Mixed(120), WireTraffic.Longest(60), WireTraffic.Segmented(3) })
            {
                WireSpeedRow row = WireSpeedRun.Measure(core, traffic);
                yield return new BenchRow(Suite, row.Core, $"{row.Traffic}, transmit", row.TransmitShare * 100, "%");
                yield return new BenchRow(Suite, row.Core, $"{row.Traffic}, receive", row.ReceiveShare * 100, "%");
            }
        }
    }
}
