using System.Buffers.Binary;

namespace FpgaNet.Packets.Wire;

/// <summary>A view of an Ethernet II header (IEEE 802.3 §3.1.1, with a type field).</summary>
public readonly ref struct EthernetHeader
{
    /// <summary>Bytes in the header.</summary>
    public const int Length = 14;

    private readonly ReadOnlySpan<byte> _frame;

    private EthernetHeader(ReadOnlySpan<byte> frame) => _frame = frame;

    /// <summary>Who the frame is for.</summary>
    public MacAddress Destination => MacAddress.Read(_frame);

    /// <summary>Who sent it.</summary>
    public MacAddress Source => MacAddress.Read(_frame[6..]);

    /// <summary>What follows. Below 0x0600 it is not a type but an 802.3 length.</summary>
    public EtherType EtherType => (EtherType)BinaryPrimitives.ReadUInt16BigEndian(_frame[12..]);

    /// <summary>The bytes behind the header, a VLAN tag and padding included.</summary>
    public ReadOnlySpan<byte> Payload => _frame[Length..];

    /// <summary>Looks at a frame.</summary>
    /// <param name="frame">The frame from its first byte, without preamble.</param>
    /// <param name="header">The view.</param>
    /// <returns>Whether the frame is long enough.</returns>
    public static bool TryParse(ReadOnlySpan<byte> frame, out EthernetHeader header)
    {
        header = frame.Length >= Length ? new EthernetHeader(frame) : default;
        return frame.Length >= Length;
    }

    /// <summary>Writes a header.</summary>
    /// <param name="destination">Receives it; <see cref="Length"/> bytes or more.</param>
    /// <param name="to">Who the frame is for.</param>
    /// <param name="from">Who sends it.</param>
    /// <param name="type">What follows.</param>
    public static void Write(Span<byte> destination, MacAddress to, MacAddress from, EtherType type)
    {
        to.Write(destination);
        from.Write(destination[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(destination[12..], (ushort)type);
    }
}
