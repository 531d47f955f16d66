using System.Buffers.Binary;

namespace FpgaNet.Packets.Wire;

/// <summary>A view of a UDP header (RFC 768).</summary>
public readonly ref struct UdpHeader
{
    /// <summary>Bytes in the header.</summary>
    public const int HeaderLength = 8;

    /// <summary>Where the checksum lies in the header.</summary>
    public const int ChecksumOffset = 6;

    private readonly ReadOnlySpan<byte> _datagram;

    private UdpHeader(ReadOnlySpan<byte> datagram) => _datagram = datagram;

    /// <summary>The sender's port.</summary>
    public ushort SourcePort => BinaryPrimitives.ReadUInt16BigEndian(_datagram);

    /// <summary>The receiver's port.</summary>
    public ushort DestinationPort => BinaryPrimitives.ReadUInt16BigEndian(_datagram[2..]);

    /// <summary>Bytes in the datagram, header included.</summary>
    public int Length => BinaryPrimitives.ReadUInt16BigEndian(_datagram[4..]);

    /// <summary>The checksum as it stands there; 0 over IPv4: the sender computed none.</summary>
    public ushort Checksum => BinaryPrimitives.ReadUInt16BigEndian(_datagram[ChecksumOffset..]);

    /// <summary>The bytes behind the header, as far as they are in the span that was parsed.</summary>
    public ReadOnlySpan<byte> Payload => _datagram[HeaderLength..Math.Min(Length, _datagram.Length)];

    /// <summary>Looks at a datagram that is whole in one span.</summary>
    /// <param name="datagram">The IP packet's payload.</param>
    /// <param name="header">The view.</param>
    /// <returns>Whether all lengths are right.</returns>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out UdpHeader header) => TryParse(datagram, datagram.Length, out header);

    /// <summary>Looks at a datagram of which only the front is in one span.</summary>
    /// <param name="datagram">The front of the IP packet's payload.</param>
    /// <param name="payloadLength">Bytes of the IP packet's payload in all slices together.</param>
    /// <param name="header">The view.</param>
    /// <returns>Whether all lengths are right.</returns>
    public static bool TryParse(ReadOnlySpan<byte> datagram, int payloadLength, out UdpHeader header)
    {
        if (datagram.Length >= HeaderLength)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(datagram[4..]);
            if (length >= HeaderLength && length <= payloadLength)
            {
                header = new UdpHeader(datagram);
                return true;
            }
        }

        header = default;
        return false;
    }

    /// <summary>Writes a header.</summary>
    /// <param name="destination">Receives it; eight bytes or more.</param>
    /// <param name="sourcePort">The sender's port.</param>
    /// <param name="destinationPort">The receiver's port.</param>
    /// <param name="payloadLength">Bytes behind the header.</param>
    /// <param name="checksum">The checksum, or the folded pseudo-header sum when the checksum is left owing.</param>
    /// <returns>Bytes written: 8.</returns>
    public static int Write(Span<byte> destination, ushort sourcePort, ushort destinationPort, int payloadLength, ushort checksum)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], destinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], (ushort)(HeaderLength + payloadLength));
        BinaryPrimitives.WriteUInt16BigEndian(destination[ChecksumOffset..], checksum);
        return HeaderLength;
    }
}
