using System.Buffers.Binary;

namespace FpgaNet.Packets.Wire;

/// <summary>Types of ICMP messages for IPv4 (RFC 792; IANA "ICMP Type Numbers").</summary>
public enum IcmpType : byte
{
    /// <summary>Answer to an echo request.</summary>
    EchoReply = 0,

    /// <summary>A packet could not be delivered; the code says why.</summary>
    DestinationUnreachable = 3,

    /// <summary>Please answer.</summary>
    EchoRequest = 8,

    /// <summary>A packet lived too long.</summary>
    TimeExceeded = 11,

    /// <summary>A packet's header was not understood.</summary>
    ParameterProblem = 12,
}

/// <summary>Codes of <see cref="IcmpType.DestinationUnreachable"/> (RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1).</summary>
public enum IcmpUnreachableCode : byte
{
    /// <summary>No route to the network.</summary>
    Network = 0,

    /// <summary>No route to the host.</summary>
    Host = 1,

    /// <summary>The host does not speak the protocol.</summary>
    Protocol = 2,

    /// <summary>Nobody listens on the port.</summary>
    Port = 3,

    /// <summary>The packet must be cut but must not (RFC 1191 adds the next hop's MTU).</summary>
    FragmentationNeeded = 4,

    /// <summary>Source route failed.</summary>
    SourceRouteFailed = 5,

    /// <summary>A filter forbids it.</summary>
    AdministrativelyProhibited = 13,
}

/// <summary>Codes of <see cref="Icmpv6Type.DestinationUnreachable"/> (RFC 4443 §3.1).</summary>
public enum Icmpv6UnreachableCode : byte
{
    /// <summary>No route to the destination.</summary>
    NoRoute = 0,

    /// <summary>A filter forbids it.</summary>
    AdministrativelyProhibited = 1,

    /// <summary>The source address does not reach so far.</summary>
    BeyondScope = 2,

    /// <summary>The destination does not answer on its link.</summary>
    Address = 3,

    /// <summary>Nobody listens on the port.</summary>
    Port = 4,

    /// <summary>The source address was refused.</summary>
    SourcePolicy = 5,

    /// <summary>The route to the destination says: reject.</summary>
    RejectRoute = 6,
}

/// <summary>Codes of <see cref="Icmpv6Type.ParameterProblem"/> (RFC 4443 §3.4).</summary>
public enum Icmpv6ParameterCode : byte
{
    /// <summary>A field makes no sense.</summary>
    HeaderField = 0,

    /// <summary>A next header that is not known.</summary>
    NextHeader = 1,

    /// <summary>An option that is not known.</summary>
    Option = 2,

    /// <summary>A first fragment without all headers (RFC 7112 §5).</summary>
    FirstFragment = 3,
}

/// <summary>Types of ICMPv6 messages (RFC 4443, RFC 4861).</summary>
public enum Icmpv6Type : byte
{
    /// <summary>A packet could not be delivered; the code says why.</summary>
    DestinationUnreachable = 1,

    /// <summary>A packet does not fit the next hop; its MTU is given.</summary>
    PacketTooBig = 2,

    /// <summary>A packet lived too long.</summary>
    TimeExceeded = 3,

    /// <summary>A packet's header was not understood.</summary>
    ParameterProblem = 4,

    /// <summary>Please answer.</summary>
    EchoRequest = 128,

    /// <summary>Answer to an echo request.</summary>
    EchoReply = 129,

    /// <summary>Multicast listener query (RFC 3810 §5.1).</summary>
    MulticastListenerQuery = 130,

    /// <summary>Multicast listener report of version 1 (RFC 2710 §3).</summary>
    MulticastListenerReport = 131,

    /// <summary>Multicast listener done of version 1 (RFC 2710 §3).</summary>
    MulticastListenerDone = 132,

    /// <summary>Router solicitation (RFC 4861 §4.1).</summary>
    RouterSolicitation = 133,

    /// <summary>Router advertisement (RFC 4861 §4.2).</summary>
    RouterAdvertisement = 134,

    /// <summary>Neighbour solicitation (RFC 4861 §4.3).</summary>
    NeighborSolicitation = 135,

    /// <summary>Neighbour advertisement (RFC 4861 §4.4).</summary>
    NeighborAdvertisement = 136,

    /// <summary>Redirect (RFC 4861 §4.5).</summary>
    Redirect = 137,

    /// <summary>Multicast listener report of version 2 (RFC 3810 §5.2).</summary>
    MulticastListenerReport2 = 143,
}

/// <summary>
/// A view of an ICMP message, of IPv4 (RFC 792) or IPv6 (RFC 4443): both have the same eight bytes in front. The checksum covers the whole message, and
/// for IPv6 the pseudo-header too.
/// </summary>
public readonly ref struct IcmpHeader
{
    /// <summary>Bytes in the header.</summary>
    public const int Length = 8;

    /// <summary>Where the checksum lies in the header.</summary>
    public const int ChecksumOffset = 2;

    private readonly ReadOnlySpan<byte> _message;

    private IcmpHeader(ReadOnlySpan<byte> message) => _message = message;

    /// <summary>Type, when the message is of IPv4.</summary>
    public IcmpType Type => (IcmpType)_message[0];

    /// <summary>Type, when the message is of IPv6.</summary>
    public Icmpv6Type Type6 => (Icmpv6Type)_message[0];

    /// <summary>Code; what it means depends on the type.</summary>
    public byte Code => _message[1];

    /// <summary>The checksum as it stands there.</summary>
    public ushort Checksum => BinaryPrimitives.ReadUInt16BigEndian(_message[ChecksumOffset..]);

    /// <summary>The four bytes behind the checksum, as a number.</summary>
    public uint Parameter => BinaryPrimitives.ReadUInt32BigEndian(_message[4..]);

    /// <summary>Identifier of an echo request or reply.</summary>
    public ushort EchoIdentifier => BinaryPrimitives.ReadUInt16BigEndian(_message[4..]);

    /// <summary>Sequence number of an echo request or reply.</summary>
    public ushort EchoSequenceNumber => BinaryPrimitives.ReadUInt16BigEndian(_message[6..]);

    /// <summary>The next hop's MTU in an IPv4 "fragmentation needed" (RFC 1191 §4); 0: an old router that does not say.</summary>
    public int NextHopMtu => BinaryPrimitives.ReadUInt16BigEndian(_message[6..]);

    /// <summary>The next hop's MTU in an IPv6 "packet too big" (RFC 4443 §3.2).</summary>
    public uint PacketTooBigMtu => Parameter;

    /// <summary>The bytes behind the header: echo data, or the packet that an error is about (its IP header and at least eight more bytes), as far as they are in the span.</summary>
    public ReadOnlySpan<byte> Body => _message[Length..];

    /// <summary>Looks at a message. Its checksum is not looked at.</summary>
    /// <param name="message">The IP packet's payload, or its front.</param>
    /// <param name="header">The view.</param>
    /// <returns>Whether it is long enough.</returns>
    public static bool TryParse(ReadOnlySpan<byte> message, out IcmpHeader header)
    {
        header = message.Length >= Length ? new IcmpHeader(message) : default;
        return message.Length >= Length;
    }

    /// <summary>Writes a header with a checksum of zero; the caller writes the checksum once the body stands.</summary>
    /// <param name="destination">Receives it; eight bytes or more.</param>
    /// <param name="type">An <see cref="IcmpType"/> or <see cref="Icmpv6Type"/>.</param>
    /// <param name="code">The code.</param>
    /// <param name="parameter">The four bytes behind the checksum.</param>
    /// <returns>Bytes written: 8.</returns>
    public static int Write(Span<byte> destination, byte type, byte code, uint parameter)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, ((uint)type << 24) | ((uint)code << 16));
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], parameter);
        return Length;
    }

    /// <summary>Writes the header of an echo request or reply, with a checksum of zero.</summary>
    /// <param name="destination">Receives it; eight bytes or more.</param>
    /// <param name="type">An <see cref="IcmpType"/> or <see cref="Icmpv6Type"/>.</param>
    /// <param name="identifier">Identifier.</param>
    /// <param name="sequenceNumber">Sequence number.</param>
    /// <returns>Bytes written: 8.</returns>
    public static int WriteEcho(Span<byte> destination, byte type, ushort identifier, ushort sequenceNumber) =>
        Write(destination, type, 0, ((uint)identifier << 16) | sequenceNumber);
}
