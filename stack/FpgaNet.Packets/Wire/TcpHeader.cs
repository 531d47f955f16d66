using System.Buffers.Binary;

namespace FpgaNet.Packets.Wire;

/// <summary>TCP's control bits (RFC 9293 §3.1, RFC 3168).</summary>
[Flags]
public enum TcpFlags : byte
{
    /// <summary>No bit.</summary>
    None = 0,

    /// <summary>The sender has no more data.</summary>
    Fin = 0x01,

    /// <summary>Synchronise sequence numbers.</summary>
    Syn = 0x02,

    /// <summary>Reset the connection.</summary>
    Rst = 0x04,

    /// <summary>Push what has come to the application.</summary>
    Psh = 0x08,

    /// <summary>The acknowledgement number counts.</summary>
    Ack = 0x10,

    /// <summary>The urgent pointer counts.</summary>
    Urg = 0x20,

    /// <summary>ECN echo.</summary>
    Ece = 0x40,

    /// <summary>Congestion window reduced.</summary>
    Cwr = 0x80,
}

/// <summary>What a TCP header means, options aside (<see cref="TcpOptions"/>).</summary>
public readonly record struct TcpFields
{
    /// <summary>The sender's port.</summary>
    public required ushort SourcePort { get; init; }

    /// <summary>The receiver's port.</summary>
    public required ushort DestinationPort { get; init; }

    /// <summary>Sequence number of the first byte, or of SYN.</summary>
    public required uint SequenceNumber { get; init; }

    /// <summary>Next sequence number expected, when <see cref="TcpFlags.Ack"/> is set.</summary>
    public uint AcknowledgmentNumber { get; init; }

    /// <summary>Control bits.</summary>
    public required TcpFlags Flags { get; init; }

    /// <summary>Receive window as it stands in the header, not scaled.</summary>
    public ushort Window { get; init; }

    /// <summary>The checksum, or the folded pseudo-header sum when the checksum is left owing.</summary>
    public ushort Checksum { get; init; }

    /// <summary>Urgent pointer, when <see cref="TcpFlags.Urg"/> is set.</summary>
    public ushort UrgentPointer { get; init; }
}

/// <summary>A view of a TCP header (RFC 9293 §3.1).</summary>
public readonly ref struct TcpHeader
{
    /// <summary>Bytes in a header without options.</summary>
    public const int MinimumLength = 20;

    /// <summary>Bytes in a header with as many options as fit.</summary>
    public const int MaximumLength = 60;

    /// <summary>Where the checksum lies in the header.</summary>
    public const int ChecksumOffset = 16;

    private readonly ReadOnlySpan<byte> _segment;

    private TcpHeader(ReadOnlySpan<byte> segment) => _segment = segment;

    /// <summary>The sender's port.</summary>
    public ushort SourcePort => BinaryPrimitives.ReadUInt16BigEndian(_segment);

    /// <summary>The receiver's port.</summary>
    public ushort DestinationPort => BinaryPrimitives.ReadUInt16BigEndian(_segment[2..]);

    /// <summary>Sequence number of the first byte, or of SYN.</summary>
    public uint SequenceNumber => BinaryPrimitives.ReadUInt32BigEndian(_segment[4..]);

    /// <summary>Next sequence number expected, when <see cref="TcpFlags.Ack"/> is set.</summary>
    public uint AcknowledgmentNumber => BinaryPrimitives.ReadUInt32BigEndian(_segment[8..]);

    /// <summary>Bytes in the header, options included: 20 to 60.</summary>
    public int HeaderLength => (_segment[12] >> 4) * 4;

    /// <summary>Control bits.</summary>
    public TcpFlags Flags => (TcpFlags)_segment[13];

    /// <summary>Receive window as it stands in the header, not scaled.</summary>
    public ushort Window => BinaryPrimitives.ReadUInt16BigEndian(_segment[14..]);

    /// <summary>The checksum as it stands there.</summary>
    public ushort Checksum => BinaryPrimitives.ReadUInt16BigEndian(_segment[ChecksumOffset..]);

    /// <summary>Urgent pointer, when <see cref="TcpFlags.Urg"/> is set.</summary>
    public ushort UrgentPointer => BinaryPrimitives.ReadUInt16BigEndian(_segment[18..]);

    /// <summary>The options, padding included; read them with <see cref="TcpOptions.TryParse"/> or <see cref="TcpOptionReader"/>.</summary>
    public ReadOnlySpan<byte> Options => _segment[MinimumLength..HeaderLength];

    /// <summary>The bytes behind the header, as far as they are in the span that was parsed.</summary>
    public ReadOnlySpan<byte> Payload => _segment[HeaderLength..];

    /// <summary>All fields but the options.</summary>
    public TcpFields Fields => new()
    {
        SourcePort = SourcePort,
        DestinationPort = DestinationPort,
        SequenceNumber = SequenceNumber,
        AcknowledgmentNumber = AcknowledgmentNumber,
        Flags = Flags,
        Window = Window,
        Checksum = Checksum,
        UrgentPointer = UrgentPointer,
    };

    /// <summary>Looks at a segment. Its length is what IP says; only the header has to be in the span.</summary>
    /// <param name="segment">The IP packet's payload, or its front with the whole header.</param>
    /// <param name="header">The view.</param>
    /// <returns>Whether all lengths are right.</returns>
    public static bool TryParse(ReadOnlySpan<byte> segment, out TcpHeader header)
    {
        if (segment.Length >= MinimumLength)
        {
            int length = (segment[12] >> 4) * 4;
            if (length >= MinimumLength && length <= segment.Length)
            {
                header = new TcpHeader(segment);
                return true;
            }
        }

        header = default;
        return false;
    }

    /// <summary>Writes a header without options.</summary>
    /// <param name="destination">Receives it; 20 bytes or more.</param>
    /// <param name="fields">Its meaning.</param>
    /// <returns>Bytes written: 20.</returns>
    public static int Write(Span<byte> destination, in TcpFields fields)
    {
        WriteFields(destination, fields, MinimumLength);
        return MinimumLength;
    }

    /// <summary>Writes a header with options.</summary>
    /// <param name="destination">Receives it; 20 bytes and <see cref="TcpOptions.EncodedLength"/> or more.</param>
    /// <param name="fields">Its meaning.</param>
    /// <param name="options">Its options.</param>
    /// <returns>Bytes written, 20 to 60.</returns>
    /// <exception cref="ArgumentException">The options do not fit in 40 bytes.</exception>
    public static int Write(Span<byte> destination, in TcpFields fields, in TcpOptions options)
    {
        int length = MinimumLength + options.Write(destination[MinimumLength..]);
        WriteFields(destination, fields, length);
        return length;
    }

    private static void WriteFields(Span<byte> destination, in TcpFields fields, int length)
    {
        destination = destination[..MinimumLength];
        BinaryPrimitives.WriteUInt16BigEndian(destination, fields.SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], fields.DestinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], fields.SequenceNumber);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], fields.AcknowledgmentNumber);
        destination[12] = (byte)(length << 2);
        destination[13] = (byte)fields.Flags;
        BinaryPrimitives.WriteUInt16BigEndian(destination[14..], fields.Window);
        BinaryPrimitives.WriteUInt16BigEndian(destination[16..], fields.Checksum);
        BinaryPrimitives.WriteUInt16BigEndian(destination[18..], fields.UrgentPointer);
    }
}
