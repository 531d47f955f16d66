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
