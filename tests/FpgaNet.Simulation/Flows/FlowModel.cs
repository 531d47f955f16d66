using System.Globalization;

namespace FpgaNet.Simulation.Flows;

/// <summary>What two applications do with each other.</summary>
public enum FlowKind
{
    /// <summary>The client sends, closes and goes; the server reads to the end.</summary>
    Bulk,

    /// <summary>Both send at once, and end their direction when they have sent all.</summary>
    BothWays,

    /// <summary>The client ends its direction; only then does the server answer.</summary>
    HalfClose,

    /// <summary>Requests and answers in turn on one connection.</summary>
    RequestResponse,

    /// <summary>Many connections, several at a time, with a few bytes each.</summary>
    ManyShort,

    /// <summary>The server reads late and in small pieces: the window closes.</summary>
    SlowReader,

    /// <summary>One side resets the connection in the middle.</summary>
    Abort,

    /// <summary>The client waits until all is acknowledged before it goes.</summary>
    Linger,

    /// <summary>Datagrams: those that come are whole.</summary>
    Datagrams,

    /// <summary>Nobody listens: the client is refused.</summary>
    Refused,
}

/// <summary>One flow of a scenario.</summary>
public sealed record FlowModel
{
    public required FlowKind Kind { get; init; }

    public required int Port { get; init; }

    public required int Seed { get; init; }

    /// <summary>Bytes that the client sends.</summary>
    public long Up { get; init; }

    /// <summary>Bytes that the server sends.</summary>
    public long Down { get; init; }

    /// <summary>Connections, or requests.</summary>
    public int Rounds { get; init; } = 1;

    public int LargestWrite { get; init; } = 65536;

    public double PauseProbability { get; init; }

    public bool NoDelay { get; init; }

    /// <summary>Over IPv6.</summary>
    public bool IsIPv6 { get; init; }

    /// <summary>The first application begins so late.</summary>
    public TimeSpan StartsAt { get; init; }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Kind} to port {Port}{(IsIPv6 ? " over IPv6" : string.Empty)}, up {Up}, down {Down}, rounds {Rounds}, writes up to {LargestWrite}, pauses {PauseProbability:f2}{(NoDelay ? ", no delay" : string.Empty)}");
}
