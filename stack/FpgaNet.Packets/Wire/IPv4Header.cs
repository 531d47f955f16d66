using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FpgaNet.Packets.Wire;

/// <summary>What an IPv4 header means, for writing one. The header checksum is computed by the writer.</summary>
public readonly record struct IPv4Fields
{
    /// <summary>The sender.</summary>
    public required IPv4Address Source { get; init; }

    /// <summary>The receiver.</summary>
    public required IPv4Address Destination { get; init; }

    /// <summary>What follows.</summary>
    public required IpProtocol Protocol { get; init; }

    /// <summary>Bytes behind the header and its options, 0 to 65515.</summary>
    public required int PayloadLength { get; init; }

    /// <summary>Differentiated services code point and ECN (RFC 2474, RFC 3168).</summary>
    public byte TrafficClass { get; init; }

    /// <summary>Groups the fragments of a packet (RFC 6864).</summary>
    public ushort Identification { get; init; }

    /// <summary>The packet must not be cut on its way.</summary>
    public bool DontFragment { get; init; }

    /// <summary>Further fragments follow.</summary>
    public bool MoreFragments { get; init; }

    /// <summary>Where this fragment's payload belongs, in bytes; a multiple of 8.</summary>
    public int FragmentOffset { get; init; }

    /// <summary>Routers that the packet may still pass.</summary>
    public byte TimeToLive { get; init; }
}

/// <summary>A view of an IPv4 header (RFC 791 §3.1).</summary>
public readonly ref struct IPv4Header
{
    /// <summary>Bytes in a header without options.</summary>
    public const int MinimumLength = 20;

    /// <summary>Bytes in a header with as many options as fit.</summary>
    public const int MaximumLength = 60;

    /// <summary>Longest packet in bytes, header included.</summary>
    public const int MaximumPacketLength = 65535;

    /// <summary>Where the checksum lies in the header.</summary>
    public const int ChecksumOffset = 10;

    private readonly ReadOnlySpan<byte> _packet;

    private IPv4Header(ReadOnlySpan<byte> packet) => _packet = packet;

    /// <summary>Bytes in the header, options included: 20 to 60.</summary>
    public int HeaderLength => (_packet[0] & 0xF) * 4;

    /// <summary>Differentiated services code point and ECN.</summary>
    public byte TrafficClass => _packet[1];

    /// <summary>Bytes in the packet, header included.</summary>
    public int TotalLength => BinaryPrimitives.ReadUInt16BigEndian(_packet[2..]);

    /// <summary>Bytes behind the header.</summary>
    public int PayloadLength => TotalLength - HeaderLength;

    /// <summary>Groups the fragments of a packet.</summary>
    public ushort Identification => BinaryPrimitives.ReadUInt16BigEndian(_packet[4..]);

    /// <summary>The packet must not be cut on its way.</summary>
    public bool DontFragment => (_packet[6] & 0x40) != 0;

    /// <summary>Further fragments follow.</summary>
    public bool MoreFragments => (_packet[6] & 0x20) != 0;

    /// <summary>Where this fragment's payload belongs, in bytes; a multiple of 8.</summary>
    public int FragmentOffset => (BinaryPrimitives.ReadUInt16BigEndian(_packet[6..]) & 0x1FFF) * 8;

    /// <summary>The packet is a fragment, the first included.</summary>
    public bool IsFragment => (BinaryPrimitives.ReadUInt16BigEndian(_packet[6..]) & 0x3FFF) != 0;

    /// <summary>The packet is whole and its header has no options, as nearly all.</summary>
    public bool IsPlain => ((_packet[0] ^ 0x45) | (BinaryPrimitives.ReadUInt16BigEndian(_packet[6..]) & 0x3FFF)) == 0;

    /// <summary>Routers that the packet may still pass.</summary>
    public byte TimeToLive => _packet[8];

    /// <summary>What follows.</summary>
    public IpProtocol Protocol => (IpProtocol)_packet[9];

    /// <summary>The header checksum as it stands there.</summary>
    public ushort Checksum => BinaryPrimitives.ReadUInt16BigEndian(_packet[ChecksumOffset..]);

    /// <summary>Whether the header checksum is right. It is not looked at by <see cref="TryParse(ReadOnlySpan{byte}, out IPv4Header)"/>.</summary>
    public bool ChecksumIsGood => SumHeader(_packet[..HeaderLength]) == 0xFFFF;

    /// <summary>The sender.</summary>
    public IPv4Address Source => IPv4Address.Read(_packet[12..]);

    /// <summary>The receiver.</summary>
    public IPv4Address Destination => IPv4Address.Read(_packet[16..]);

    /// <summary>The options, padding included; a multiple of four bytes, most often empty.</summary>
    public ReadOnlySpan<byte> Options => _packet[MinimumLength..HeaderLength];

    /// <summary>The header with its options.</summary>
    public ReadOnlySpan<byte> Header => _packet[..HeaderLength];

    /// <summary>The bytes behind the header, without link-layer padding, as far as they are in the span that was parsed.</summary>
    public ReadOnlySpan<byte> Payload => _packet[HeaderLength..Math.Min(TotalLength, _packet.Length)];

    /// <summary>Looks at a packet that is whole in one span.</summary>
    /// <param name="packet">The bytes from the IP header on; padding may follow.</param>
    /// <param name="header">The view.</param>
    /// <returns>Whether version and all lengths are right.</returns>
    public static bool TryParse(ReadOnlySpan<byte> packet, out IPv4Header header) => TryParse(packet, packet.Length, out header);

    /// <summary>Looks at a packet of which only the front, with all headers, is in one span.</summary>
    /// <param name="packet">The bytes from the IP header on.</param>
    /// <param name="packetLength">Bytes of the packet in all slices together, padding included.</param>
    /// <param name="header">The view.</param>
    /// <returns>Whether version and all lengths are right.</returns>
    public static bool TryParse(ReadOnlySpan<byte> packet, int packetLength, out IPv4Header header)
    {
        if (packet.Length >= MinimumLength && packet[0] >> 4 == 4)
        {
            int headerLength = (packet[0] & 0xF) * 4;
            int totalLength = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
            if (headerLength >= MinimumLength && headerLength <= packet.Length && totalLength >= headerLength && totalLength <= packetLength)
            {
                header = new IPv4Header(packet);
                return true;
            }
        }

        header = default;
        return false;
    }

    /// <summary>Writes a header without options, with its checksum.</summary>
    /// <param name="destination">Receives it; 20 bytes or more.</param>
    /// <param name="fields">Its meaning.</param>
    /// <returns>Bytes written: 20.</returns>
    public static int Write(Span<byte> destination, in IPv4Fields fields) => Write(destination, fields, []);

    /// <summary>Writes a header with options, with its checksum.</summary>
    /// <param name="destination">Receives it.</param>
    /// <param name="fields">Its meaning.</param>
    /// <param name="options">Options, padded to a multiple of four bytes; at most 40.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentException">The options are too long or not padded.</exception>
    public static int Write(Span<byte> destination, in IPv4Fields fields, ReadOnlySpan<byte> options)
    {
        if ((options.Length & 3) != 0 || options.Length > MaximumLength - MinimumLength)
        {
            throw new ArgumentException("IPv4 options are padded to a multiple of four bytes, at most 40.", nameof(options));
        }

        int length = MinimumLength + options.Length;
        destination = destination[..length];
        destination[0] = (byte)(0x40 | (length >> 2));
        destination[1] = fields.TrafficClass;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)(length + fields.PayloadLength));
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], fields.Identification);
        BinaryPrimitives.WriteUInt16BigEndian(
            destination[6..], (ushort)((fields.FragmentOffset >> 3) | (fields.DontFragment ? 0x4000 : 0) | (fields.MoreFragments ? 0x2000 : 0)));
        destination[8] = fields.TimeToLive;
        destination[9] = (byte)fields.Protocol;
        fields.Source.Write(destination[12..]);
        fields.Destination.Write(destination[16..]);
        options.CopyTo(destination[MinimumLength..]);
        WriteChecksum(destination);
        return length;
    }

    /// <summary>Lets routers cut a packet whose header is written (RFC 791 §3.1).</summary>
    /// <param name="packet">The packet from its first byte.</param>
    public static void ClearDontFragment(Span<byte> packet)
    {
        packet[6] &= 0xBF;
        WriteChecksum(packet[..((packet[0] & 0xF) * 4)]);
    }

    /// <summary>Computes and writes the checksum of a header whose other fields stand.</summary>
    /// <param name="header">The header with its options, exactly.</param>
    public static void WriteChecksum(Span<byte> header)
    {
        BinaryPrimitives.WriteUInt16BigEndian(header[ChecksumOffset..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(header[ChecksumOffset..], (ushort)~SumHeader(header));
    }

    // 5 to 15 words: too short for a vector kernel to pay.
    internal static ushort SumHeader(ReadOnlySpan<byte> header)
    {
        ulong sum = 0;
        if (header.Length == MinimumLength)
        {
            // Nearly every one, with no loop. The words may be summed as they stand and the sum be swapped (RFC 1071 §2 (B)).
            ref byte first = ref MemoryMarshal.GetReference(header);
            sum = (ulong)Unsafe.ReadUnaligned<uint>(ref first) + Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, 4))
                + Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, 8)) + Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, 12))
                + Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, 16));
            sum = (sum & 0xFFFF) + (sum >> 16 & 0xFFFF) + (sum >> 32);
            sum = (sum & 0xFFFF) + (sum >> 16);
            ushort folded = (ushort)((sum & 0xFFFF) + (sum >> 16));
            return BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(folded) : folded;
        }

        for (; header.Length >= 4; header = header[4..])
        {
            sum += BinaryPrimitives.ReadUInt32BigEndian(header);
        }

        sum = (sum & 0xFFFF_FFFF) + (sum >> 32);
        sum = (sum & 0xFFFF) + (sum >> 16 & 0xFFFF) + (sum >> 32);
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)((sum & 0xFFFF) + (sum >> 16));
    }
}
