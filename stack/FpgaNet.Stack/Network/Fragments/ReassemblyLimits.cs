namespace FpgaNet.Stack.Network.Fragments;

/// <summary>
/// What reassembly may hold: a fragment costs a sender little and its receiver a buffer for as long as the rest does not come, so that everything is bounded.
/// </summary>
public sealed record ReassemblyLimits
{
    /// <summary>Datagrams that are being put together at once; the oldest goes for a new one.</summary>
    public int Datagrams { get; init; } = 64;

    /// <summary>Of these from one source address; its oldest goes for a new one.</summary>
    public int DatagramsPerSource { get; init; } = 16;

    /// <summary>Fragments of one datagram: 64 KB in packets of 1280 bytes and some more.</summary>
    public int FragmentsPerDatagram { get; init; } = 64;

    /// <summary>Bytes of receive buffers that fragments keep, whole buffers counted.</summary>
    public int Bytes { get; init; } = 2 << 20;

    /// <summary>Buffers of 64 KB for datagrams of more pieces than a frame has slices.</summary>
    public int GatherBuffers { get; init; } = 8;

    /// <summary>How long the fragments of an IPv4 datagram wait for the rest, from the first that came (RFC 791 §3.2; RFC 1122 §3.3.2 has 60 s and more, which today's rates make dangerous: RFC 4963).</summary>
    public TimeSpan IPv4Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The same for IPv6 (RFC 8200 §4.5).</summary>
    public TimeSpan IPv6Timeout { get; init; } = TimeSpan.FromSeconds(60);
}
