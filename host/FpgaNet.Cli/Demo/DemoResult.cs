using FpgaNet.Packets.Offload;

namespace FpgaNet.Cli.Demo;

/// <summary>What a run of the demo measured.</summary>
internal sealed record DemoResult
{
    public required OffloadFeatures CardFeatures { get; init; }

    public required long Bytes { get; init; }

    public required string Sha256 { get; init; }

    /// <summary>Clock cycles of the card from request to last byte.</summary>
    public required long Cycles { get; init; }

    /// <summary>The same as time at the card's clock.</summary>
    public required TimeSpan SimulatedTime { get; init; }

    public required TimeSpan WallTime { get; init; }

    /// <summary>Processor time of all threads but the card's.</summary>
    public required TimeSpan HostProcessorTime { get; init; }

    public required ulong CardTransmitChecksums { get; init; }

    public required ulong CardReceiveChecksums { get; init; }

    public required ulong SoftwareTransmitChecksums { get; init; }

    public required ulong SoftwareReceiveChecksums { get; init; }

    public required ulong SoftwareBytesSummed { get; init; }

    public required ulong FramesSent { get; init; }

    public required ulong FramesReceived { get; init; }

    public required ulong Interrupts { get; init; }

    /// <summary>Frames lost in card and driver, for whatever reason.</summary>
    public required ulong Drops { get; init; }
}
