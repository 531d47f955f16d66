using System.Buffers.Binary;

namespace FpgaNet.Packets.Wire;

/// <summary>What an IPv6 header means, for writing one.</summary>
public readonly record struct IPv6Fields
{
    /// <summary>The sender.</summary>
    public required IPv6Address Source { get; init; }

    /// <summary>The receiver.</summary>
    public required IPv6Address Destination { get; init; }

    /// <summary>What follows.</summary>
    public required IpProtocol NextHeader { get; init; }

    /// <summary>Bytes behind the header, extension headers included, 0 to 65535.</summary>
    public required int PayloadLength { get; init; }

    /// <summary>Differentiated services code point and ECN (RFC 2474, RFC 3168).</summary>
    public byte TrafficClass { get; init; }

    /// <summary>Flow label, 20 bits (RFC 6437).</summary>
    public uint FlowLabel { get; init; }

    /// <summary>Routers that the packet may still pass.</summary>
    public byte HopLimit { get; init; }
}

/// <summary>Where the extension headers of an IPv6 packet end, and what they say.</summary>
/// <param name="Protocol">The first header that is not an extension header.</param>
/// <param name="Offset">Its first byte, counted from the IPv6 header.</param>
/// <param name="IsFragment">There is a fragment header that says more than "the whole packet" (RFC 6946: an atomic fragment is no fragment).</param>
/// <param name="FragmentOffset">Where this fragment's payload belongs, in bytes; behind a fragment other than the first lies no transport header.</param>
/// <param name="MoreFragments">Further fragments follow.</param>
/// <param name="Identification">Groups the fragments of a packet.</param>
/// <param name="RoutingPending">A routing header has segments left: the destination in the header is not the final one.</param>
public readonly record struct IPv6UpperLayer(
    IpProtocol Protocol, int Offset, bool IsFragment, int FragmentOffset, bool MoreFragments, uint Identification, bool RoutingPending);

/// <summary>A view of an IPv6 header (RFC 8200 §3).</summary>
public readonly ref struct IPv6Header
{
    /// <summary>Bytes in the header, extension headers not counted.</summary>
    public const int Length = 40;

    private const int FragmentHeaderLength = 8;

    private readonly ReadOnlySpan<byte> _packet;

    private IPv6Header(ReadOnlySpan<byte> packet) => _packet = packet;

    /// <summary>Differentiated services code point and ECN.</summary>
    public byte TrafficClass => (byte)(BinaryPrimitives.ReadUInt16BigEndian(_packet) >> 4);

    /// <summary>Flow label, 20 bits.</summary>
    public uint FlowLabel => BinaryPrimitives.ReadUInt32BigEndian(_packet) & 0xF_FFFF;

    /// <summary>Bytes behind the header, extension headers included.</summary>
    public int PayloadLength => BinaryPrimitives.ReadUInt16BigEndian(_packet[4..]);

    /// <summary>What follows: an extension header or a transport protocol.</summary>
    public IpProtocol NextHeader => (IpProtocol)_packet[6];

    /// <summary>Routers that the packet may still pass.</summary>
    public byte HopLimit => _packet[7];

    /// <summary>The sender.</summary>
    public IPv6Address Source => IPv6Address.Read(_packet[8..]);

    /// <summary>The receiver.</summary>
    public IPv6Address Destination => IPv6Address.Read(_packet[24..]);

    /// <summary>The bytes behind the header, without link-layer padding, as far as they are in the span that was parsed.</summary>
    public ReadOnlySpan<byte> Payload => _packet[Length..Math.Min(Length + PayloadLength, _packet.Length)];

    /// <summary>Looks at a packet that is whole in one span. A jumbogram (RFC 2675) is not parsed.</summary>
    /// <param name="packet">The bytes from the IP header on; padding may follow.</param>
    /// <param name="header">The view.</param>
    /// <returns>Whether version and lengths are right.</returns>
    public static bool TryParse(ReadOnlySpan<byte> packet, out IPv6Header header) => TryParse(packet, packet.Length, out header);

    /// <summary>Looks at a packet of which only the front, with all headers, is in one span.</summary>
    /// <param name="packet">The bytes from the IP header on.</param>
    /// <param name="packetLength">Bytes of the packet in all slices together, padding included.</param>
    /// <param name="header">The view.</param>
    /// <returns>Whether version and lengths are right.</returns>
    public static bool TryParse(ReadOnlySpan<byte> packet, int packetLength, out IPv6Header header)
    {
        bool good = packet.Length >= Length && packet[0] >> 4 == 6
            && Length + BinaryPrimitives.ReadUInt16BigEndian(packet[4..]) <= packetLength;
        header = good ? new IPv6Header(packet) : default;
        return good;
    }

    /// <summary>Walks over the extension headers. Every step moves forward by at least eight bytes, so the walk ends.</summary>
    /// <param name="upper">What lies behind them.</param>
    /// <returns>Whether all of them are whole and inside the packet.</returns>
    public bool TryWalkExtensions(out IPv6UpperLayer upper)
    {
        ReadOnlySpan<byte> payload = Payload;
        IpProtocol next = NextHeader;
        int at = 0;
        int fragmentOffset = 0;
        bool moreFragments = false;
        uint identification = 0;
        bool routingPending = false;
        while (true)
        {
            int length;
            switch (next)
            {
                case IpProtocol.HopByHopOptions or IpProtocol.DestinationOptions or IpProtocol.RoutingHeader or IpProtocol.AuthenticationHeader:
                    if (payload.Length - at < 8)
                    {
                        upper = default;
                        return false;
                    }

                    // RFC 4302 §2.2: the authentication header alone counts in 4-byte words, less two.
                    length = next == IpProtocol.AuthenticationHeader ? (payload[at + 1] + 2) * 4 : (payload[at + 1] + 1) * 8;
                    routingPending |= next == IpProtocol.RoutingHeader && payload[at + 3] != 0;
                    break;

                case IpProtocol.FragmentHeader:
                    if (payload.Length - at < FragmentHeaderLength)
                    {
                        upper = default;
                        return false;
                    }

                    length = FragmentHeaderLength;
                    ushort field = BinaryPrimitives.ReadUInt16BigEndian(payload[(at + 2)..]);
                    fragmentOffset = field & 0xFFF8;
                    moreFragments = (field & 1) != 0;
                    identification = BinaryPrimitives.ReadUInt32BigEndian(payload[(at + 4)..]);
                    if (fragmentOffset != 0)
                    {
                        // What follows is the middle of the original packet, not a header.
                        upper = new IPv6UpperLayer(
                            (IpProtocol)payload[at], Length + at + length, true, fragmentOffset, moreFragments, identification, routingPending);
                        return true;
                    }

                    break;

                default:
                    upper = new IPv6UpperLayer(next, Length + at, moreFragments, 0, moreFragments, identification, routingPending);
                    return true;
            }

            next = (IpProtocol)payload[at];
            at += length;
            if (at > payload.Length)
            {
                upper = default;
                return false;
            }
        }
    }

    /// <summary>Writes a header.</summary>
    /// <param name="destination">Receives it; <see cref="Length"/> bytes or more.</param>
    /// <param name="fields">Its meaning.</param>
    /// <returns>Bytes written: 40.</returns>
    public static int Write(Span<byte> destination, in IPv6Fields fields)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, 0x6000_0000 | ((uint)fields.TrafficClass << 20) | (fields.FlowLabel & 0xF_FFFF));
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], (ushort)fields.PayloadLength);
        destination[6] = (byte)fields.NextHeader;
        destination[7] = fields.HopLimit;
        fields.Source.Write(destination[8..]);
        fields.Destination.Write(destination[24..]);
        return Length;
    }
}
