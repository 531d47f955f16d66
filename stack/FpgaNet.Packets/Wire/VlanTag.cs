using System.Buffers.Binary;

namespace FpgaNet.Packets.Wire;

/// <summary>The tag control information of an 802.1Q or 802.1ad tag (IEEE 802.1Q §9.6). In a frame the tag lies behind the two
/// addresses: the tag's own EtherType, the control information, then the EtherType of what follows.</summary>
/// <param name="Value">Priority in bits 15:13, drop eligible in bit 12, VLAN id in bits 11:0.</param>
public readonly record struct VlanTag(ushort Value)
{
    /// <summary>Bytes by which a tag lengthens a frame.</summary>
    public const int Length = 4;

    /// <summary>Makes a tag from its parts.</summary>
    /// <param name="id">VLAN identifier, 0 (priority only) to 4094.</param>
    /// <param name="priority">Priority code point, 0 to 7.</param>
    /// <param name="dropEligible">The frame may be dropped first.</param>
    public VlanTag(int id, int priority, bool dropEligible)
        : this((ushort)((id & 0xFFF) | (dropEligible ? 0x1000 : 0) | ((priority & 7) << 13)))
    {
    }

    /// <summary>VLAN identifier; 0: the tag carries a priority only.</summary>
    public int Id => Value & 0xFFF;

    /// <summary>Priority code point, 0 to 7.</summary>
    public int Priority => Value >> 13;

    /// <summary>The frame may be dropped before others.</summary>
    public bool DropEligible => (Value & 0x1000) != 0;

    /// <summary>Whether a type announces a tag.</summary>
    /// <param name="type">The type in front.</param>
    public static bool Follows(EtherType type) => type is EtherType.Vlan or EtherType.ServiceVlan;

    /// <summary>Reads a tag and what follows it.</summary>
    /// <param name="bytes">The bytes behind the tag's own EtherType.</param>
    /// <param name="tag">The tag.</param>
    /// <param name="inner">What follows the tag.</param>
    /// <returns>Whether there are enough bytes.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out VlanTag tag, out EtherType inner)
    {
        if (bytes.Length < Length)
        {
            (tag, inner) = (default, default);
            return false;
        }

        tag = new VlanTag(BinaryPrimitives.ReadUInt16BigEndian(bytes));
        inner = (EtherType)BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        return true;
    }

    /// <summary>Writes the four bytes behind the tag's own EtherType.</summary>
    /// <param name="destination">Receives them; four bytes or more.</param>
    /// <param name="inner">What follows the tag.</param>
    public void Write(Span<byte> destination, EtherType inner)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, Value);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)inner);
    }
}
