using System.Buffers.Binary;
using System.Net;
using System.Text;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Sockets.Abi;

/// <summary>
/// An address of a socket, of any family: what <c>struct sockaddr_storage</c> is in C, as a value. <see cref="Write"/> and <see cref="TryRead"/> turn it into Linux's layout and back
/// (ip(7), ipv6(7), unix(7), packet(7)).
/// </summary>
public readonly struct SockAddr : IEquatable<SockAddr>
{
    /// <summary>Bytes of the largest address: <c>sizeof (struct sockaddr_storage)</c>.</summary>
    public const int MaximumLength = 128;

    /// <summary>Bytes of a name of the local family (<c>sun_path</c>).</summary>
    public const int MaximumPath = 108;

    private const int InetLength = 16;
    private const int Inet6Length = 28;
    private const int Inet6LeastLength = 24; // without a scope (RFC 2133)
    private const int PacketLength = 20;
    private const int PacketLeastLength = 12;

    /// <summary>The family; AF_UNSPEC: none.</summary>
    public SocketDomain Family { get; init; }

    /// <summary>AF_INET, AF_INET6: the port. AF_PACKET: the EtherType.</summary>
    public ushort Port { get; init; }

    /// <summary>AF_INET, AF_INET6: the address.</summary>
    public IpAddress Address { get; init; }

    /// <summary>AF_INET6: the interface that a link-local address means, 0: none said. AF_PACKET: the interface's index, 0: any.</summary>
    public int Scope { get; init; }

    /// <summary>AF_INET6: the flow label.</summary>
    public uint FlowInfo { get; init; }

    /// <summary>AF_PACKET: the station.</summary>
    public MacAddress Station { get; init; }

    /// <summary>AF_PACKET: to whom a received frame went (PACKET_HOST 0, BROADCAST 1, MULTICAST 2, OTHERHOST 3, OUTGOING 4).</summary>
    public byte PacketType { get; init; }

    /// <summary>AF_LOCAL: the name's bytes; empty: none. A name whose first byte is 0 is abstract (unix(7)).</summary>
    public ReadOnlyMemory<byte> Path { get; init; }

    /// <summary>Bytes that <see cref="Write"/> needs for all of it.</summary>
    public int Length => Family switch
    {
        SocketDomain.AF_INET => InetLength,
        SocketDomain.AF_INET6 => Inet6Length,
        SocketDomain.AF_PACKET => PacketLength,
        SocketDomain.AF_LOCAL => sizeof(ushort) + Path.Length + (Path.IsEmpty || Path.Span[0] == 0 ? 0 : 1),
        _ => sizeof(ushort),
    };

    /// <summary>An address of IPv4.</summary>
    /// <param name="address">The address.</param>
    /// <param name="port">The port.</param>
    public static SockAddr Inet(IPv4Address address, ushort port) => new() { Family = SocketDomain.AF_INET, Address = address, Port = port };

    /// <summary>An address of IPv6; one of IPv4 is written as it is mapped.</summary>
    /// <param name="address">The address.</param>
    /// <param name="port">The port.</param>
    /// <param name="scope">Index of the interface that a link-local address means; 0: none said.</param>
    public static SockAddr Inet6(IpAddress address, ushort port, int scope = 0) => new() { Family = SocketDomain.AF_INET6, Address = address, Port = port, Scope = scope };

    /// <summary>A name in the local family.</summary>
    /// <param name="name">A path, or behind a character 0 an abstract name.</param>
    public static SockAddr Local(string name) => new() { Family = SocketDomain.AF_LOCAL, Path = Encoding.UTF8.GetBytes(name) };

    /// <summary>An end point of .NET's.</summary>
    /// <param name="endPoint">The end point.</param>
    public static SockAddr From(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        IpAddress address = IpAddress.FromIPAddress(endPoint.Address);
        bool isInet = endPoint.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork;
        return new SockAddr
        {
            Family = isInet ? SocketDomain.AF_INET : SocketDomain.AF_INET6,
            Address = address,
            Port = (ushort)endPoint.Port,
            Scope = isInet ? 0 : (int)endPoint.Address.ScopeId,
        };
    }

    /// <summary>Reads Linux's layout.</summary>
    /// <param name="bytes">A <c>struct sockaddr</c> of any family.</param>
    /// <param name="address">Receives it.</param>
    /// <returns>EINVAL: too short or too long for its family; EAFNOSUPPORT: an unknown family.</returns>
    public static Errno TryRead(ReadOnlySpan<byte> bytes, out SockAddr address)
    {
        address = default;
        if (bytes.Length is < sizeof(ushort) or > MaximumLength)
        {
            return Errno.EINVAL;
        }

        SocketDomain family = (SocketDomain)BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        switch (family)
        {
            case SocketDomain.AF_UNSPEC:
                return Errno.None;
            case SocketDomain.AF_INET when bytes.Length >= InetLength:
                address = Inet(IPv4Address.Read(bytes[4..]), BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]));
                return Errno.None;
            case SocketDomain.AF_INET6 when bytes.Length >= Inet6LeastLength:
                address = new SockAddr
                {
                    Family = family,
                    Port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
                    FlowInfo = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]),
                    Address = IPv6Address.Read(bytes[8..]),
                    Scope = bytes.Length >= Inet6Length ? BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]) : 0,
                };
                return Errno.None;
            case SocketDomain.AF_PACKET when bytes.Length >= PacketLeastLength:
                address = new SockAddr
                {
                    Family = family,
                    Port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
                    Scope = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
                    PacketType = bytes[10],
                    Station = bytes.Length >= 18 && bytes[11] == MacAddress.Length ? MacAddress.Read(bytes[12..]) : default,
                };
                return Errno.None;
            case SocketDomain.AF_LOCAL when bytes.Length <= sizeof(ushort) + MaximumPath:
                ReadOnlySpan<byte> path = bytes[sizeof(ushort)..];
                int end = path.IsEmpty || path[0] == 0 ? -1 : path.IndexOf((byte)0);
                address = new SockAddr { Family = family, Path = path[..(end < 0 ? path.Length : end)].ToArray() };
                return Errno.None;
            case SocketDomain.AF_INET or SocketDomain.AF_INET6 or SocketDomain.AF_PACKET or SocketDomain.AF_LOCAL:
                return Errno.EINVAL;
            default:
                return Errno.EAFNOSUPPORT;
        }
    }

    /// <summary>Writes Linux's layout, cut to what fits (accept(2): the length returned says what would have been needed).</summary>
    /// <param name="destination">Receives it.</param>
    /// <returns><see cref="Length"/>.</returns>
    public int Write(Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[MaximumLength];
        bytes.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)Family);
        switch (Family)
        {
            case SocketDomain.AF_INET:
                BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], Port);
                Address.IPv4.Write(bytes[4..]);
                break;
            case SocketDomain.AF_INET6:
                BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], Port);
                BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], FlowInfo);
                Address.IPv6.Write(bytes[8..]);
                BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], Scope);
                break;
            case SocketDomain.AF_PACKET:
                BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], Port);
                BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], Scope);
                BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], 1); // ARPHRD_ETHER
                bytes[10] = PacketType;
                bytes[11] = MacAddress.Length;
                Station.Write(bytes[12..]);
                break;
            case SocketDomain.AF_LOCAL:
                Path.Span.CopyTo(bytes[sizeof(ushort)..]);
                break;
        }

        int length = Length;
        bytes[..Math.Min(length, destination.Length)].CopyTo(destination);
        return length;
    }

    /// <summary>As an end point of .NET's; of the families of the Internet only.</summary>
    public IPEndPoint ToIPEndPoint() => Family == SocketDomain.AF_INET6
        ? new IPEndPoint(new IPAddress(Bytes(Address), Scope), Port)
        : new IPEndPoint(Address.ToIPAddress(), Port);

    /// <inheritdoc/>
    public bool Equals(SockAddr other) => Family == other.Family && Port == other.Port && Address == other.Address && Scope == other.Scope
        && Station.Equals(other.Station) && Path.Span.SequenceEqual(other.Path.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SockAddr other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(Family);
        hash.Add(Port);
        hash.Add(Address);
        hash.AddBytes(Path.Span);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => Family switch
    {
        SocketDomain.AF_INET or SocketDomain.AF_INET6 => ToIPEndPoint().ToString(),
        SocketDomain.AF_LOCAL => Encoding.UTF8.GetString(Path.Span).Replace('\0', '@'),
        SocketDomain.AF_PACKET => $"interface {Scope} {Station} type {Port:x4}",
        _ => "none",
    };

    /// <summary>Whether two are the same.</summary>
    public static bool operator ==(SockAddr left, SockAddr right) => left.Equals(right);

    /// <summary>Whether two differ.</summary>
    public static bool operator !=(SockAddr left, SockAddr right) => !left.Equals(right);

    private static byte[] Bytes(IpAddress address)
    {
        byte[] bytes = new byte[IPv6Address.Length];
        address.IPv6.Write(bytes);
        return bytes;
    }
}
