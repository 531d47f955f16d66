using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>An address with the number of bits that name its net, as in 192.0.2.1/24.</summary>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">Bits of the address that name the net, counted in its own family.</param>
public readonly record struct AddressPrefix(IpAddress Address, int PrefixLength)
{
    /// <summary>The net's own address.</summary>
    public IpAddress Network => Address.Prefix(PrefixLength);

    /// <summary>Whether an address lies in the net.</summary>
    /// <param name="other">The address.</param>
    public bool Contains(IpAddress other) => Address.SharesPrefix(other, PrefixLength);

    /// <inheritdoc/>
    public override string ToString() => $"{Address}/{PrefixLength}";
}

/// <summary>An address of an interface.</summary>
internal sealed class InterfaceAddress(AddressPrefix prefix)
{
    public IpAddress Address => prefix.Address;

    public AddressPrefix Prefix => prefix;

    /// <summary>The directed broadcast address of an IPv4 net (RFC 919 §7), or the limited one where the net is too small to have one (RFC 3021).</summary>
    public IpAddress Broadcast { get; } = prefix.Address.IsIPv4 && prefix.PrefixLength < 31
        ? new IPv4Address(prefix.Address.IPv4.Value | (uint)(uint.MaxValue >> prefix.PrefixLength))
        : IPv4Address.Broadcast;
}
