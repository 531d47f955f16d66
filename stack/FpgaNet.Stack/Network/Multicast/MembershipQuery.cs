using System.Buffers.Binary;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network.Multicast;

/// <summary>A router's question (RFC 3376 §4.1, RFC 3810 §5.1, and their older forms, which are told by the length: RFC 3376 §7.1, RFC 3810 §8.1).</summary>
internal readonly ref struct MembershipQuery
{
    private readonly MembershipProtocol _protocol;
    private readonly ReadOnlySpan<byte> _sources;

    private MembershipQuery(MembershipProtocol protocol, ReadOnlySpan<byte> sources)
    {
        _protocol = protocol;
        _sources = sources;
    }

    /// <summary>1, 2 or 3, as IGMP counts.</summary>
    public int Version { get; private init; }

    /// <summary>The group asked about; unspecified: all.</summary>
    public IpAddress Group { get; private init; }

    /// <summary>Whether it is about all groups.</summary>
    public bool IsGeneral => Group.IsUnspecified;

    /// <summary>How long an answer may take.</summary>
    public TimeSpan MaximumDelay { get; private init; }

    /// <summary>How often a state change is told; 0: not said.</summary>
    public int Robustness { get; private init; }

    /// <summary>How often general queries come; zero: not said.</summary>
    public TimeSpan Interval { get; private init; }

    /// <summary>Sources asked about; 0: the whole group.</summary>
    public int SourceCount => _sources.Length / _protocol.AddressLength;

    /// <summary>One of these.</summary>
    /// <param name="index">From 0.</param>
    public IpAddress Source(int index) => _protocol.ReadAddress(_sources[(index * _protocol.AddressLength)..]);

    /// <summary>Looks at a query whose checksum was right.</summary>
    public static bool TryParse(MembershipProtocol protocol, ReadOnlySpan<byte> message, out MembershipQuery query)
    {
        query = default;
        int fixedLength = protocol.FixedLength;
        int shortLength = protocol.ShortLength;
        if (message.Length < shortLength || message[0] != protocol.QueryType)
        {
            return false;
        }

        IpAddress group = protocol.ReadAddress(message[fixedLength..]);
        if (!group.IsUnspecified && !group.IsMulticast)
        {
            return false;
        }

        if (message.Length == shortLength)
        {
            TimeSpan delay = protocol.IsIPv4
                ? TimeSpan.FromMilliseconds(100 * message[1])
                : TimeSpan.FromMilliseconds(BinaryPrimitives.ReadUInt16BigEndian(message[4..]));
            bool first = protocol.IsIPv4 && message[1] == 0; // RFC 3376 §7.2.1: and an answer takes 10 s at most
            query = new MembershipQuery(protocol, []) { Version = first ? 1 : 2, Group = group, MaximumDelay = first ? TimeSpan.FromSeconds(10) : delay };
            return true;
        }

        if (message.Length < shortLength + 4)
        {
            return false; // RFC 3376 §7.1: of no version
        }

        ReadOnlySpan<byte> rest = message[shortLength..];
        int sources = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]) * protocol.AddressLength;
        if (sources > rest.Length - 4 || (sources != 0 && group.IsUnspecified))
        {
            return false;
        }

        query = new MembershipQuery(protocol, rest.Slice(4, sources))
        {
            Version = 3,
            Group = group,
            MaximumDelay = protocol.IsIPv4
                ? TimeSpan.FromMilliseconds(100 * Decode(message[1], 4))
                : TimeSpan.FromMilliseconds(Decode(BinaryPrimitives.ReadUInt16BigEndian(message[4..]), 12)),
            Robustness = rest[0] & 7,
            Interval = TimeSpan.FromSeconds(Decode(rest[1], 4)),
        };
        return true;
    }

    // RFC 3376 §4.1.1, §4.1.7, RFC 3810 §5.1.3: a small floating-point number, when its first bit is set.
    private static int Decode(int code, int mantissaBits)
    {
        int top = 1 << (mantissaBits + 3);
        return code < top ? code : ((1 << mantissaBits) | (code & ((1 << mantissaBits) - 1))) << (((code >> mantissaBits) & 7) + 3);
    }
}
