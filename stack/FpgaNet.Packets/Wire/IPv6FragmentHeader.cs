using System.Buffers.Binary;

namespace FpgaNet.Packets.Wire;

/// <summary>The fragment header of IPv6 (RFC 8200 §4.5).</summary>
/// <param name="NextHeader">What the fragmented part begins with.</param>
/// <param name="FragmentOffset">Where this fragment's bytes belong in the fragmented part, in bytes; a multiple of 8.</param>
/// <param name="MoreFragments">Further fragments follow.</param>
/// <param name="Identification">Groups the fragments of a packet.</param>
public readonly record struct IPv6FragmentHeader(IpProtocol NextHeader, int FragmentOffset, bool MoreFragments, uint Identification)
{
    /// <summary>Bytes in the header.</summary>
    public const int Length = 8;

    /// <summary>Reads a header.</summary>
    /// <param name="bytes">Eight bytes or more.</param>
    public static IPv6FragmentHeader Read(ReadOnlySpan<byte> bytes)
    {
        ushort field = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        return new IPv6FragmentHeader((IpProtocol)bytes[0], field & 0xFFF8, (field & 1) != 0, BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]));
    }

    /// <summary>Writes the header.</summary>
    /// <param name="bytes">Receives it; eight bytes or more.</param>
    /// <returns>Bytes written: 8.</returns>
    public int Write(Span<byte> bytes)
    {
        bytes[0] = (byte)NextHeader;
        bytes[1] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)(FragmentOffset | (MoreFragments ? 1 : 0)));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], Identification);
        return Length;
    }

    /// <summary>Finds the fragment header of a packet: behind at most hop-by-hop options, destination options and a routing header (RFC 8200 §4.1).</summary>
    /// <param name="packet">The bytes from the IPv6 header on, which was parsed before.</param>
    /// <param name="offset">Its first byte, counted from the IPv6 header.</param>
    /// <param name="nextHeaderAt">The byte in front of it that names it: where the chain goes on when it is taken out.</param>
    /// <returns>Whether there is one, whole.</returns>
    public static bool TryFind(ReadOnlySpan<byte> packet, out int offset, out int nextHeaderAt)
    {
        offset = IPv6Header.Length;
        nextHeaderAt = 6;
        while (packet.Length - offset >= Length)
        {
            switch ((IpProtocol)packet[nextHeaderAt])
            {
                case IpProtocol.FragmentHeader:
                    return true;
                case IpProtocol.HopByHopOptions or IpProtocol.DestinationOptions or IpProtocol.RoutingHeader:
                    nextHeaderAt = offset;
                    offset += (packet[offset + 1] + 1) * 8;
                    break;
                default:
                    return false;
            }
        }

        return false;
    }
}
