using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FpgaNet.Packets.Wire;

/// <summary>An IPv4 address.</summary>
/// <param name="Value">The address as a number: 192.0.2.1 is 0xC0000201.</param>
public readonly record struct IPv4Address(uint Value)
{
    /// <summary>Octets in an address.</summary>
    public const int Length = 4;

    /// <summary>0.0.0.0, "any" when bound and "not known" when sent (RFC 1122 §3.2.1.3).</summary>
    public static IPv4Address Any { get; }

    /// <summary>127.0.0.1, this host (RFC 1122 §3.2.1.3).</summary>
    public static IPv4Address Loopback { get; } = new(0x7F00_0001);

    /// <summary>255.255.255.255, limited broadcast.</summary>
    public static IPv4Address Broadcast { get; } = new(0xFFFF_FFFF);

    /// <summary>224.0.0.0/4 (RFC 5771).</summary>
    public bool IsMulticast => Value >> 28 == 0xE;

    /// <summary>127.0.0.0/8 (RFC 1122 §3.2.1.3).</summary>
    public bool IsLoopback => Value >> 24 == 127;

    /// <summary>Reads an address from its four octets.</summary>
    /// <param name="bytes">Four octets or more.</param>
    public static IPv4Address Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt32BigEndian(bytes));

    /// <summary>Writes the four octets.</summary>
    /// <param name="bytes">Receives them; four octets or more.</param>
    public void Write(Span<byte> bytes) => BinaryPrimitives.WriteUInt32BigEndian(bytes, Value);

    /// <summary>Reads text in dotted decimal.</summary>
    /// <param name="text">Such as <c>192.0.2.1</c>.</param>
    /// <exception cref="FormatException">The text is not an IPv4 address.</exception>
    public static IPv4Address Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split('.').Length == 4 && IPAddress.TryParse(text, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetwork
            ? FromIPAddress(address)
            : throw new FormatException($"'{text}' is not an IPv4 address: write four numbers as in 192.0.2.1.");
    }

    /// <summary>Takes over an <see cref="IPAddress"/> (IPv4, or IPv4 mapped into IPv6).</summary>
    /// <param name="address">The address.</param>
    /// <exception cref="ArgumentException">It is an IPv6 address.</exception>
    public static IPv4Address FromIPAddress(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[16];
        if (!(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).TryWriteBytes(bytes, out int length) || length != Length)
        {
            throw new ArgumentException($"{address} is not an IPv4 address.", nameof(address));
        }

        return Read(bytes);
    }

    /// <summary>The same address as the .NET type.</summary>
    public IPAddress ToIPAddress() => new([(byte)(Value >> 24), (byte)(Value >> 16), (byte)(Value >> 8), (byte)Value]);

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Value >> 24}.{(byte)(Value >> 16)}.{(byte)(Value >> 8)}.{(byte)Value}");
}
