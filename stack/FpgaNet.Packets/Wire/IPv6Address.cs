using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace FpgaNet.Packets.Wire;

/// <summary>An IPv6 address (RFC 4291).</summary>
/// <param name="Value">The address as a number, first octet on the wire most significant.</param>
public readonly record struct IPv6Address(UInt128 Value)
{
    /// <summary>Octets in an address.</summary>
    public const int Length = 16;

    /// <summary>::, "unspecified" (RFC 4291 §2.5.2).</summary>
    public static IPv6Address Any { get; }

    /// <summary>::1 (RFC 4291 §2.5.3).</summary>
    public static IPv6Address Loopback { get; } = new(UInt128.One);

    /// <summary>ff02::1, all nodes on the link (RFC 4291 §2.7.1).</summary>
    public static IPv6Address AllNodes { get; } = new(new UInt128(0xFF02_0000_0000_0000, 1));

    /// <summary>ff02::2, all routers on the link (RFC 4291 §2.7.1).</summary>
    public static IPv6Address AllRouters { get; } = new(new UInt128(0xFF02_0000_0000_0000, 2));

    /// <summary>The group in which whoever has this address listens: ff02::1:ff and its last 24 bits (RFC 4291 §2.7.1).</summary>
    public IPv6Address SolicitedNode => new(new UInt128(0xFF02_0000_0000_0000, 0x1_FF00_0000 | (Low & 0xFF_FFFF)));

    /// <summary>ff00::/8 (RFC 4291 §2.7).</summary>
    public bool IsMulticast => High >> 56 == 0xFF;

    /// <summary>fe80::/10 (RFC 4291 §2.5.6).</summary>
    public bool IsLinkLocal => High >> 54 == 0x3FA;

    /// <summary>::1.</summary>
    public bool IsLoopback => Value == UInt128.One;

    /// <summary>The first eight octets as a number.</summary>
    public ulong High => (ulong)(Value >> 64);

    /// <summary>The last eight octets as a number.</summary>
    public ulong Low => (ulong)Value;

    /// <summary>Reads an address from its sixteen octets.</summary>
    /// <param name="bytes">Sixteen octets or more.</param>
    public static IPv6Address Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    /// <summary>Writes the sixteen octets.</summary>
    /// <param name="bytes">Receives them; sixteen octets or more.</param>
    public void Write(Span<byte> bytes) => BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);

    /// <summary>Reads text as RFC 4291 §2.2 has it. A zone (<c>%eth0</c>) is not part of an address and is refused.</summary>
    /// <param name="text">Such as <c>2001:db8::1</c>.</param>
    /// <exception cref="FormatException">The text is not an IPv6 address.</exception>
    public static IPv6Address Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.AsSpan().IndexOfAny("%[]/") < 0 && IPAddress.TryParse(text, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6
            ? FromIPAddress(address)
            : throw new FormatException($"'{text}' is not an IPv6 address: write it as in 2001:db8::1.");
    }

    /// <summary>Takes over an <see cref="IPAddress"/>; IPv4 is mapped (RFC 4291 §2.5.5.2).</summary>
    /// <param name="address">The address.</param>
    public static IPv6Address FromIPAddress(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return Read(address.MapToIPv6().GetAddressBytes());
    }

    /// <summary>The same address as the .NET type.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[Length];
        Write(bytes);
        return new IPAddress(bytes);
    }

    /// <inheritdoc/>
    public override string ToString() => ToIPAddress().ToString();
}
