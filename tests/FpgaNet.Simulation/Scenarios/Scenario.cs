using System.Globalization;
using System.Text;
using FpgaNet.Simulation.Flows;

namespace FpgaNet.Simulation.Scenarios;

/// <summary>How hosts are joined.</summary>
public enum Topology
{
    /// <summary>Two hosts on a switch.</summary>
    Pair,

    /// <summary>Several hosts on a hub, where everybody hears everything.</summary>
    Hub,

    /// <summary>Several senders and receivers, and one link that all share.</summary>
    Dumbbell,

    /// <summary>One sender, one receiver and several routers in a line.</summary>
    Line,
}

/// <summary>Something that changes in the middle of a run.</summary>
public enum Disturbance
{
    /// <summary>A cable is pulled and plugged in again.</summary>
    LinkDown,

    /// <summary>A link becomes slower.</summary>
    Slower,

    /// <summary>The way becomes longer.</summary>
    Longer,

    /// <summary>A router's next hop takes smaller packets only, and it says so.</summary>
    SmallerMtu,

    /// <summary>The same, and nobody says so.</summary>
    BlackHole,
}

/// <summary>A whole run, drawn from one seed: who is there, how they are joined, what goes wrong and what the applications do.</summary>
public sealed record Scenario
{
    public required int Seed { get; init; }

    public required Topology Topology { get; init; }

    /// <summary>Hosts on the left of a dumbbell or line, and as many on the right; else hosts, less one.</summary>
    public required int Pairs { get; init; }

    /// <summary>Each shared link, both directions; on a switch or hub the first: from a host, to a host.</summary>
    public required IReadOnlyList<(LinkModel Right, LinkModel Left)> Hops { get; init; }

    public required HostModel Client { get; init; }

    public required HostModel Server { get; init; }

    public required IReadOnlyList<FlowModel> Flows { get; init; }

    /// <summary>Largest packet on the links between routers.</summary>
    public int PathMtu { get; init; } = 9000;

    /// <summary>Routers say nothing of packets that they drop.</summary>
    public bool AreRoutersSilent { get; init; }

    /// <summary>What happens when, and to which hop.</summary>
    public IReadOnlyList<(TimeSpan At, Disturbance What, int Hop)> Disturbances { get; init; } = [];

    /// <summary>For people.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"  {Topology} of {Pairs}, path MTU {PathMtu}{(AreRoutersSilent ? ", silent routers" : string.Empty)}").AppendLine();
        foreach ((LinkModel right, LinkModel left) in Hops)
        {
            text.Append("  link > ").Append(right).AppendLine().Append("  link < ").Append(left).AppendLine();
        }

        text.Append("  client ").Append(Client).AppendLine().Append("  server ").Append(Server).AppendLine();
        foreach ((TimeSpan at, Disturbance what, int hop) in Disturbances)
        {
            text.Append(CultureInfo.InvariantCulture, $"  at {at.TotalSeconds:f3} s: {what}, hop {hop}").AppendLine();
        }

        return text.ToString();
    }
}
