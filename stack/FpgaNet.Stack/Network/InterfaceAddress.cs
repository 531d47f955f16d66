using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network;

/// <summary>How far an address may be used (RFC 4862 §2).</summary>
public enum AddressState
{
    /// <summary>Duplicate address detection is under way: nothing is sent from it or taken for it.</summary>
    Tentative,

    /// <summary>It may be used.</summary>
    Preferred,

    /// <summary>What uses it may go on, new connections take another.</summary>
    Deprecated,

    /// <summary>Somebody else on the link has it.</summary>
    Duplicate,
}

/// <summary>Where an address comes from.</summary>
public enum AddressOrigin
{
    /// <summary>Somebody asked for it.</summary>
    Manual,

    /// <summary>Made here: the link-local address (RFC 4862 §5.3).</summary>
    LinkLocal,

    /// <summary>Made from an advertised prefix (RFC 4862 §5.5.3).</summary>
    RouterAdvertisement,

    /// <summary>DHCP told us.</summary>
    Dhcp,
}

/// <summary>An address of an interface.</summary>
internal sealed class InterfaceAddress(AddressPrefix prefix, AddressOrigin origin)
{
    public IpAddress Address => prefix.Address;

    public AddressPrefix Prefix => prefix;

    public AddressOrigin Origin => origin;

    public AddressState State { get; set; } = AddressState.Preferred;

    /// <summary>Packets may be sent from it and are taken for it.</summary>
    public bool IsUsable => State is AddressState.Preferred or AddressState.Deprecated;

    /// <summary>When it is deprecated.</summary>
    public Instant PreferredUntil { get; set; } = Instant.Never;

    /// <summary>When it is taken away.</summary>
    public Instant ValidUntil { get; set; } = Instant.Never;

    /// <summary>The router that advertised its prefix (RFC 6724 §5 rule 5.5); unspecified: none.</summary>
    public IpAddress Router { get; set; }

    /// <summary>How often an address of this prefix was found to be taken (RFC 7217 §5).</summary>
    public int DadCounter { get; init; }

    /// <summary>Solicitations of duplicate address detection that were sent.</summary>
    public int DadTransmits { get; set; }

    /// <summary>When the next one goes, or when it is over.</summary>
    public Instant DadDue { get; set; } = Instant.Never;

    /// <summary>The directed broadcast address of an IPv4 net (RFC 919 §7), or the limited one where the net is too small to have one (RFC 3021).</summary>
    public IpAddress Broadcast { get; } = prefix.Address.IsIPv4 && prefix.PrefixLength < 31
        ? new IPv4Address(prefix.Address.IPv4.Value | (uint.MaxValue >> prefix.PrefixLength))
        : IPv4Address.Broadcast;
}
