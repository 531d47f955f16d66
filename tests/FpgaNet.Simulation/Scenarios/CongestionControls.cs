using FpgaNet.Stack.Transport.Tcp.Congestion;

namespace FpgaNet.Simulation.Scenarios;

/// <summary>Every congestion control, by name.</summary>
public static class CongestionControls
{
    public static IReadOnlyList<(string Name, Func<ICongestionControl> Make)> All { get; } =
    [
        ("newreno", static () => new NewReno()),
        ("cubic", static () => new Cubic()),
        ("bbr", static () => new Bbr()),
    ];
}
