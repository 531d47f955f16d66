namespace FpgaNet.Packets.Offload;

/// <summary>What is known of a checksum.</summary>
public enum ChecksumVerdict : byte
{
    /// <summary>Nobody has looked, or the packet has none (a fragment; UDP over IPv4 with a zero field).</summary>
    Unknown = 0,

    /// <summary>Verified and right, or vouched for by a local peer that has not filled it in.</summary>
    Good = 1,

    /// <summary>Verified and wrong: the packet is to be dropped and counted.</summary>
    Bad = 2,
}

/// <summary>The network-layer protocol that a parser found.</summary>
public enum NetworkProtocol : byte
{
    /// <summary>Not parsed, or not IP.</summary>
    Unknown = 0,

    /// <summary>IPv4.</summary>
    IPv4 = 1,

    /// <summary>IPv6.</summary>
    IPv6 = 2,

    /// <summary>ARP.</summary>
    Arp = 3,
}

/// <summary>The transport-layer protocol that a parser found.</summary>
public enum TransportProtocol : byte
{
    /// <summary>Not parsed, not present (a fragment other than the first) or another one.</summary>
    Unknown = 0,

    /// <summary>TCP.</summary>
    Tcp = 1,

    /// <summary>UDP.</summary>
    Udp = 2,

    /// <summary>ICMP or ICMPv6.</summary>
    Icmp = 3,
}

/// <summary>What the hash was computed over.</summary>
public enum RssHashType : byte
{
    /// <summary>There is no hash.</summary>
    None = 0,

    /// <summary>IPv4 source and destination addresses.</summary>
    IPv4 = 1,

    /// <summary>IPv4 addresses and TCP ports.</summary>
    TcpIPv4 = 2,

    /// <summary>IPv4 addresses and UDP ports.</summary>
    UdpIPv4 = 3,

    /// <summary>IPv6 source and destination addresses.</summary>
    IPv6 = 4,

    /// <summary>IPv6 addresses and TCP ports.</summary>
    TcpIPv6 = 5,

    /// <summary>IPv6 addresses and UDP ports.</summary>
    UdpIPv6 = 6,
}

/// <summary>
/// What has already been found out about a received frame: the receive half of the offload contract (docs/offload.md).
/// <c>default</c> knows nothing. The enum values are those of the card's receive completion (docs/registers.md).
/// </summary>
public struct RxOffload
{
    private const byte FragmentFlag = 1;
    private const byte HasVlanFlag = 2;
    private const byte VlanStrippedFlag = 4;
    private const byte FlowMatchedFlag = 8;

    /// <summary>When the frame came, in nanoseconds of the device's clock (<see cref="Devices.IHardwareClock"/>): its start delimiter. 0: nobody knows.</summary>
    public long Timestamp;

    /// <summary>The IPv4 header checksum.</summary>
    public ChecksumVerdict NetworkChecksum;

    /// <summary>The TCP or UDP checksum.</summary>
    public ChecksumVerdict TransportChecksum;

    /// <summary>The network protocol.</summary>
    public NetworkProtocol Network;

    /// <summary>The transport protocol.</summary>
    public TransportProtocol Transport;

    /// <summary>First byte of the network header, from the frame's start, when <see cref="Network"/> is known.</summary>
    public byte NetworkOffset;

    /// <summary>First byte of the transport header, from the frame's start, when <see cref="Transport"/> is known.</summary>
    public byte TransportOffset;

    /// <summary>What <see cref="Hash"/> covers.</summary>
    public RssHashType HashType;

    private byte _flags;

    /// <summary>Tag control information of the outermost tag.</summary>
    public ushort VlanTag;

    /// <summary>Segments that were merged into this frame; 0 or 1: none.</summary>
    public ushort CoalescedSegments;

    /// <summary>Bytes of payload in each of the merged segments, the last perhaps excepted; 0: not known, or none were merged.</summary>
    public ushort SegmentSize;

    /// <summary>What the device's flow table says of the flow, with <see cref="FlowMatched"/>.</summary>
    public ushort FlowId;

    /// <summary>The receive queue of the device.</summary>
    public ushort Queue;

    /// <summary>The Toeplitz hash.</summary>
    public uint Hash;

    /// <summary>The packet is an IP fragment (any, the first included).</summary>
    public bool Fragment
    {
        readonly get => (_flags & FragmentFlag) != 0;
        set => SetFlag(FragmentFlag, value);
    }

    /// <summary>An 802.1Q or 802.1ad tag was seen; <see cref="VlanTag"/> holds it.</summary>
    public bool HasVlan
    {
        readonly get => (_flags & HasVlanFlag) != 0;
        set => SetFlag(HasVlanFlag, value);
    }

    /// <summary>The outermost tag is no longer in the frame.</summary>
    public bool VlanStripped
    {
        readonly get => (_flags & VlanStrippedFlag) != 0;
        set => SetFlag(VlanStrippedFlag, value);
    }

    /// <summary>The device knows the frame's flow; <see cref="FlowId"/> is what it was told to say then.</summary>
    public bool FlowMatched
    {
        readonly get => (_flags & FlowMatchedFlag) != 0;
        set => SetFlag(FlowMatchedFlag, value);
    }

    private void SetFlag(byte flag, bool value) => _flags = (byte)(value ? _flags | flag : _flags & ~flag);
}
