using System.Buffers.Binary;
using System.Globalization;

namespace FpgaNet.Packets.Wire;

/// <summary>A 48-bit IEEE 802 station address.</summary>
/// <param name="Value">The address as a number, first octet on the wire most significant.</param>
public readonly record struct MacAddress(ulong Value)
{
    /// <summary>Octets in an address.</summary>
    public const int Length = 6;

    /// <summary>ff:ff:ff:ff:ff:ff.</summary>
    public static MacAddress Broadcast { get; } = new(0xFFFF_FFFF_FFFF);

    /// <summary>The address is for a group (IEEE 802 §8.2: I/G bit), broadcast included.</summary>
    public bool IsMulticast => (Value >> 40 & 1) != 0;

    /// <summary>The station address of an IP group: its last 23 bits behind 01:00:5e (RFC 1112 §6.4), or its last 32 behind 33:33 (RFC 2464 §7).</summary>
    /// <param name="group">A multicast address.</param>
    public static MacAddress ForGroup(IpAddress group) =>
        new(group.IsIPv4 ? 0x0100_5E00_0000 | (group.Low & 0x7F_FFFF) : 0x3333_0000_0000 | (group.Low & 0xFFFF_FFFF));

    /// <summary>Reads an address from its six octets.</summary>
    /// <param name="bytes">Six octets or more.</param>
    public static MacAddress Read(ReadOnlySpan<byte> bytes) =>
        new(((ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes) << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]));

    /// <summary>Writes the six octets.</summary>
    /// <param name="bytes">Receives them; six octets or more.</param>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(Value >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[2..], (uint)Value);
    }

    /// <summary>Reads text such as <c>02:00:5e:10:00:01</c>.</summary>
    /// <param name="text">Six octets in hexadecimal with colons or hyphens.</param>
    /// <exception cref="FormatException">The text is not an address.</exception>
    public static MacAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(':', '-');
        ulong value = 0;
        foreach (string part in parts)
        {
            if (parts.Length != Length || !byte.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte octet))
            {
                throw new FormatException($"'{text}' is not a MAC address: write six octets as in 02:00:5e:10:00:01.");
            }

            value = (value << 8) | octet;
        }

        return new MacAddress(value);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(byte)(Value >> 40):x2}:{(byte)(Value >> 32):x2}:{(byte)(Value >> 24):x2}:{(byte)(Value >> 16):x2}:{(byte)(Value >> 8):x2}:{(byte)Value:x2}");
}
