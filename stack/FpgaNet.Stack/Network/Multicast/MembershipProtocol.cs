using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network.Multicast;

/// <summary>Types of group records in a report (RFC 3376 §4.2.12, RFC 3810 §5.2.12: the same numbers).</summary>
internal enum GroupRecordType : byte
{
    /// <summary>The state is: from these sources.</summary>
    ModeIsInclude = 1,

    /// <summary>The state is: from all but these.</summary>
    ModeIsExclude = 2,

    /// <summary>The state has become: from these.</summary>
    ChangeToInclude = 3,

    /// <summary>The state has become: from all but these.</summary>
    ChangeToExclude = 4,

    /// <summary>These are wanted too.</summary>
    AllowNewSources = 5,

    /// <summary>These are not wanted any more.</summary>
    BlockOldSources = 6,
}

/// <summary>
/// In what IGMP (RFC 3376, RFC 9776; RFC 2236; RFC 1112) and MLD (RFC 3810, RFC 9777; RFC 2710) differ: numbers, addresses and lengths. MLDv2 is IGMPv3 for IPv6, and
/// MLDv1 is IGMPv2; versions here are counted as IGMP's.
/// </summary>
internal sealed class MembershipProtocol
{
    /// <summary>IGMP.</summary>
    public static MembershipProtocol Igmp { get; } = new()
    {
        AddressLength = IPv4Address.Length,
        QueryType = 0x11,
        FirstReportType = 0x12,
        SecondReportType = 0x16,
        LeaveType = 0x17,
        ThirdReportType = 0x22,
        FixedLength = 4,
        AllHosts = IPv4Address.Parse("224.0.0.1"),
        AllRouters = IPv4Address.Parse("224.0.0.2"),
        Reports = IPv4Address.Parse("224.0.0.22"),
    };

    /// <summary>MLD.</summary>
    public static MembershipProtocol Mld { get; } = new()
    {
        AddressLength = IPv6Address.Length,
        QueryType = 130,
        FirstReportType = 131, // there is no older one
        SecondReportType = 131,
        LeaveType = 132,
        ThirdReportType = 143,
        FixedLength = 8,
        AllHosts = IPv6Address.Parse("ff02::1"),
        AllRouters = IPv6Address.Parse("ff02::2"),
        Reports = IPv6Address.Parse("ff02::16"),
    };

    /// <summary>Bytes of an address.</summary>
    public required int AddressLength { get; init; }

    /// <summary>Message type of all queries.</summary>
    public required byte QueryType { get; init; }

    /// <summary>Message type of IGMPv1's report.</summary>
    public required byte FirstReportType { get; init; }

    /// <summary>Message type of the report of IGMPv2 and MLDv1.</summary>
    public required byte SecondReportType { get; init; }

    /// <summary>Message type of IGMPv2's "leave" and MLDv1's "done".</summary>
    public required byte LeaveType { get; init; }

    /// <summary>Message type of the report of IGMPv3 and MLDv2.</summary>
    public required byte ThirdReportType { get; init; }

    /// <summary>Bytes in front of the group in a query and in the older messages.</summary>
    public required int FixedLength { get; init; }

    /// <summary>The group of all hosts, of which everybody is a member without saying so.</summary>
    public required IpAddress AllHosts { get; init; }

    /// <summary>Where the older "leave" goes.</summary>
    public required IpAddress AllRouters { get; init; }

    /// <summary>Where the newer report goes.</summary>
    public required IpAddress Reports { get; init; }

    /// <summary>Bytes of the older messages.</summary>
    public int ShortLength => FixedLength + AddressLength;

    /// <summary>It is IGMP.</summary>
    public bool IsIPv4 => AddressLength == IPv4Address.Length;

    /// <summary>Whether routers are told about a group (RFC 3376 §5: not all hosts; RFC 3810 §6: nor what does not leave the node).</summary>
    public bool IsReported(IpAddress group) => group != AllHosts && (IsIPv4 || (group.High >> 48 & 0xF) > 1);

    /// <summary>Reads an address.</summary>
    public IpAddress ReadAddress(ReadOnlySpan<byte> bytes) => IsIPv4 ? IPv4Address.Read(bytes) : IPv6Address.Read(bytes);

    /// <summary>Writes an address.</summary>
    public void WriteAddress(IpAddress address, Span<byte> bytes)
    {
        if (IsIPv4)
        {
            address.IPv4.Write(bytes);
        }
        else
        {
            address.IPv6.Write(bytes);
        }
    }

    /// <summary>Writes a report or "leave" of the older versions.</summary>
    /// <returns>Bytes written.</returns>
    public int WriteShort(Span<byte> message, byte type, IpAddress group)
    {
        message[..ShortLength].Clear();
        message[0] = type;
        WriteAddress(group, message[FixedLength..]);
        return ShortLength;
    }
}
