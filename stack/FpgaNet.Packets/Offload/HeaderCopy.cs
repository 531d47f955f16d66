using System.Buffers.Binary;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Offload;

/// <summary>Copies headers, with or without a tag put in behind the Ethernet addresses.</summary>
internal static class HeaderCopy
{
    private const int AddressesLength = 2 * MacAddress.Length;

    /// <summary>Copies.</summary>
    /// <param name="source">A frame's headers, or its front; 12 bytes or more.</param>
    /// <param name="destination">Receives them; four bytes more when there is a tag.</param>
    /// <param name="tag">Tag control information of an 802.1Q tag; null: none.</param>
    internal static void Write(ReadOnlySpan<byte> source, Span<byte> destination, ushort? tag)
    {
        if (tag is not { } control)
        {
            source.CopyTo(destination);
            return;
        }

        source[..AddressesLength].CopyTo(destination);
        BinaryPrimitives.WriteUInt16BigEndian(destination[AddressesLength..], (ushort)EtherType.Vlan);
        BinaryPrimitives.WriteUInt16BigEndian(destination[(AddressesLength + 2)..], control);
        source[AddressesLength..].CopyTo(destination[(AddressesLength + VlanTag.Length)..]);
    }
}
