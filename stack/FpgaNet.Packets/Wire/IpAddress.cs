using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace FpgaNet.Packets.Wire;

/// <summary>
/// An address of either family in 16 bytes: an IPv4 address is kept as an IPv4-mapped one (RFC 4291 §2.5.5.2), which never appears on a wire here.
/// <c>default</c> is ::, "any address of any family".
/// </summary>
/// <param name="High">The first eight octets as a number.</param>
/// <param name="Low">The last eight octets as a number.</param>
public readonly record struct IpAddress(ulong High, ulong Low)
{
    /// <summary>Bits in an address of the longer family.</summary>
    public const int Bits = 128;

    // ::ffff:0:0/96
    private const ulong Mapped = 0xFFFF_0000_0000;
    private const int MappedBits = 96;

    /// <summary>::, any address of any family.</summary>
    public static IpAddress Any { get; }

    /// <summary>0.0.0.0, any IPv4 address.</summary>
    public static IpAddress IPv4Any { get; } = new(0, Mapped);

    /// <summary>It is an IPv4 address.</summary>
    public bool IsIPv4 => High == 0 && Low >> 32 == 0xFFFF;

    /// <summary>:: or 0.0.0.0.</summary>
    public bool IsUnspecified => High == 0 && (Low | Mapped) == Mapped;

    /// <summary>224.0.0.0/4 or ff00::/8.</summary>
    public bool IsMulticast => High >> 56 == 0xFF || (IsIPv4 && IPv4.IsMulticast);

    /// <summary>127.0.0.0/8 or ::1.</summary>
    public bool IsLoopback => High == 0 && (Low == 1 || Low >> 24 == 0xFF_FF7F);

    /// <summary>fe80::/10 or 169.254.0.0/16: means something on one link only.</summary>
    public bool IsLinkLocal => High >> 54 == 0x3FA || (High == 0 && Low >> 16 == 0xFFFF_A9FE);

    /// <summary>An address that must be told together with an interface (RFC 4007 §6): IPv6 link-local unicast, and multicast of interface or link scope.</summary>
    public bool NeedsScope => High >> 54 == 0x3FA || (High >> 56 == 0xFF && (High >> 48 & 0xF) is 1 or 2);

    /// <summary>The IPv4 address, when <see cref="IsIPv4"/>.</summary>
    public IPv4Address IPv4 => new((uint)Low);

    /// <summary>The IPv6 address; of an IPv4 one the mapped form.</summary>
    public IPv6Address IPv6 => new(new UInt128(High, Low));

    /// <summary>Octets of the address on the wire: 4 or 16.</summary>
    public int Length => IsIPv4 ? IPv4Address.Length : IPv6Address.Length;

    /// <summary>Takes over an IPv4 address.</summary>
    /// <param name="address">The address.</param>
    public static implicit operator IpAddress(IPv4Address address) => new(0, Mapped | address.Value);

    /// <summary>Takes over an IPv6 address.</summary>
    /// <param name="address">The address; a mapped one is an IPv4 address from here on.</param>
    public static implicit operator IpAddress(IPv6Address address) => new(address.High, address.Low);

    /// <summary>The same as the conversion.</summary>
    /// <param name="address">The address.</param>
    public static IpAddress FromIPv4Address(IPv4Address address) => address;

    /// <summary>The same as the conversion.</summary>
    /// <param name="address">The address.</param>
    public static IpAddress FromIPv6Address(IPv6Address address) => address;

    /// <summary>Takes over an <see cref="IPAddress"/>. A scope id is not part of an address: ask for it yourself.</summary>
    /// <param name="address">The address.</param>
    public static IpAddress FromIPAddress(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[IPv6Address.Length];
        address.TryWriteBytes(bytes, out int length);
        return length == IPv4Address.Length ? IPv4Address.Read(bytes) : IPv6Address.Read(bytes);
    }

    /// <summary>Reads text of either family.</summary>
    /// <param name="text">Such as <c>192.0.2.1</c> or <c>2001:db8::1</c>.</param>
    /// <exception cref="FormatException">The text is not an address.</exception>
    public static IpAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Contains(':', StringComparison.Ordinal) ? IPv6Address.Parse(text) : IPv4Address.Parse(text);
    }

    /// <summary>The same address as the .NET type, of its own family.</summary>
    public IPAddress ToIPAddress() => IsIPv4 ? IPv4.ToIPAddress() : IPv6.ToIPAddress();

    /// <summary>The same with an interface's index, where the address needs one (<see cref="NeedsScope"/>).</summary>
    /// <param name="scope">The interface's index.</param>
    public IPAddress ToIPAddress(int scope)
    {
        IPAddress address = ToIPAddress();
        if (NeedsScope)
        {
            address.ScopeId = scope;
        }

        return address;
    }

    /// <summary>Writes the octets of the address's own family.</summary>
    /// <param name="bytes">Receives them; <see cref="Length"/> octets or more.</param>
    public void Write(Span<byte> bytes)
    {
        if (IsIPv4)
        {
            IPv4.Write(bytes);
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
            BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
        }
    }

    /// <summary>The address with all bits behind the first <paramref name="prefixLength"/> cleared.</summary>
    /// <param name="prefixLength">Bits to keep, counted in the address's own family: 0 to 32 or 128.</param>
    public IpAddress Prefix(int prefixLength)
    {
        int bits = IsIPv4 ? MappedBits + prefixLength : prefixLength;
        ulong high = bits >= 64 ? High : bits == 0 ? 0 : High & (ulong.MaxValue << (64 - bits));
        ulong low = bits <= 64 ? 0 : Low & (ulong.MaxValue << (128 - bits));
        return new IpAddress(high, low);
    }

    /// <summary>Whether both addresses are of one family and begin with the same bits.</summary>
    /// <param name="other">The other address.</param>
    /// <param name="prefixLength">Bits that are compared, counted in the address's own family.</param>
    public bool SharesPrefix(IpAddress other, int prefixLength) => IsIPv4 == other.IsIPv4 && Prefix(prefixLength) == other.Prefix(prefixLength);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(High, Low);

    /// <inheritdoc/>
    public override string ToString() => IsIPv4 ? IPv4.ToString() : string.Create(CultureInfo.InvariantCulture, $"{IPv6}");
}
