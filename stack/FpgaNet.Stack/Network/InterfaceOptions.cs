using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>When an interface speaks IPv6.</summary>
public enum IPv6Mode
{
    /// <summary>As soon as it is given an IPv6 address; it then has a link-local one too.</summary>
    WhenAddressed,

    /// <summary>From the start, with a link-local address.</summary>
    LinkLocal,

    /// <summary>From the start; it looks for routers and takes addresses, routes and parameters from them (RFC 4861 §6.3, RFC 4862).</summary>
    Autoconfigured,
}

/// <summary>How an interface is set up.</summary>
public sealed record InterfaceOptions
{
    /// <summary>Its addresses, of either family, with the prefixes of their nets. More can be added later.</summary>
    public IReadOnlyList<AddressPrefix> Addresses { get; init; } = [];

    /// <summary>Routers for all that is not on the link, at most one of each family.</summary>
    public IReadOnlyList<IpAddress> Gateways { get; init; } = [];

    /// <summary>Preference of its routes among those to the same prefix; the lowest wins.</summary>
    public int Metric { get; init; }

    /// <summary>When it speaks IPv6, and whether routers configure it.</summary>
    public IPv6Mode IPv6 { get; init; }

    /// <summary>Solicitations of duplicate address detection for each IPv6 address (RFC 4862 §5.1); 0: an address is used at once and unasked.</summary>
    public int DuplicateAddressTransmits { get; init; } = 1;

    /// <summary>Believe redirects (RFC 4861 §8). Off, since whoever is on the link can send them.</summary>
    public bool AcceptRedirects { get; init; }

    /// <summary>Further queues of the same device for what is urgent (SO_PRIORITY).</summary>
    public IReadOnlyList<TransmitBand> Bands { get; init; } = [];

    /// <summary>Frames that wait for the device at most.</summary>
    public int OutputQueueFrames { get; init; } = 512;

    /// <summary>Buffers of 128 bytes for headers: as many as frames can be on their way at once.</summary>
    public int HeaderBuffers { get; init; } = 4096;

    /// <summary>Announce addresses on the link when they can be used (RFC 5227 §3, RFC 4861 §7.2.6).</summary>
    public bool Announce { get; init; } = true;
}
