using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>How an interface is set up.</summary>
public sealed record InterfaceOptions
{
    /// <summary>Its addresses, of either family, with the prefixes of their nets. More can be added later.</summary>
    public IReadOnlyList<AddressPrefix> Addresses { get; init; } = [];

    /// <summary>Routers for all that is not on the link, at most one of each family.</summary>
    public IReadOnlyList<IpAddress> Gateways { get; init; } = [];

    /// <summary>Preference of its routes among those to the same prefix; the lowest wins.</summary>
    public int Metric { get; init; }

    /// <summary>Frames that wait for the device at most.</summary>
    public int OutputQueueFrames { get; init; } = 512;

    /// <summary>Buffers of 128 bytes for headers: as many as frames can be on their way at once.</summary>
    public int HeaderBuffers { get; init; } = 4096;

    /// <summary>Announce IPv4 addresses on the link when they are added (RFC 5227 §3).</summary>
    public bool Announce { get; init; } = true;
}
