namespace FpgaNet.Stack.Sockets.Abi;

/// <summary>What datagrams, raw sockets and time need besides (ip(7), ipv6(7), udp(7), raw(7), packet(7), and Linux's timestamping and tc-etf(8)).</summary>
public static partial class SocketOptions
{
#pragma warning disable CS1591 // the manuals say what each is; docs/sockets.md says what we do
    public const int SO_SNDBUFFORCE = 32, SO_RCVBUFFORCE = 33, SO_MARK = 36, SO_BINDTOIFINDEX = 62;

    public const int IP_MULTICAST_ALL = 49, MCAST_BLOCK_SOURCE = 43, MCAST_UNBLOCK_SOURCE = 44, IPV6_FREEBIND = 78, IPV6_MULTICAST_ALL = 29, IPV6_DONTFRAG = 62;

    public const int IP_PMTUDISC_DONT = 0, IP_PMTUDISC_WANT = 1, IP_PMTUDISC_DO = 2, IP_PMTUDISC_PROBE = 3, IP_PMTUDISC_INTERFACE = 4, IP_PMTUDISC_OMIT = 5;

    public const int UDP_CORK = 1, UDP_SEGMENT = 103, UDP_GRO = 104;

    public const int ICMP_FILTER = 1, ICMPV6_FILTER = 1;

    public const int PACKET_ADD_MEMBERSHIP = 1, PACKET_DROP_MEMBERSHIP = 2, PACKET_STATISTICS = 6, ETH_P_ALL = 3;

    public const byte PACKET_HOST = 0, PACKET_BROADCAST = 1, PACKET_MULTICAST = 2, PACKET_OTHERHOST = 3, PACKET_OUTGOING = 4;

    public const byte SO_EE_ORIGIN_NONE = 0, SO_EE_ORIGIN_LOCAL = 1, SO_EE_ORIGIN_ICMP = 2, SO_EE_ORIGIN_ICMP6 = 3, SO_EE_ORIGIN_TIMESTAMPING = 4, SO_EE_ORIGIN_TXTIME = 6;

    public const byte SO_EE_CODE_TXTIME_INVALID_PARAM = 1, SO_EE_CODE_TXTIME_MISSED = 2;

    public const int SCM_TSTAMP_SND = 0, SCM_TSTAMP_SCHED = 1, SOF_TXTIME_DEADLINE_MODE = 1, SOF_TXTIME_REPORT_ERRORS = 2;

    public const int CLOCK_REALTIME = 0, CLOCK_MONOTONIC = 1, CLOCK_TAI = 11;
#pragma warning restore CS1591
}

/// <summary>SOF_TIMESTAMPING_…: what a socket stamps, and what it tells of that (SO_TIMESTAMPING, Linux's <c>Documentation/networking/timestamping</c>).</summary>
[Flags]
public enum TimestampingFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The device stamps what is sent.</summary>
    TX_HARDWARE = 1,

    /// <summary>The stack stamps what it hands to the device.</summary>
    TX_SOFTWARE = 1 << 1,

    /// <summary>The device stamps what is received.</summary>
    RX_HARDWARE = 1 << 2,

    /// <summary>The stack stamps what is received.</summary>
    RX_SOFTWARE = 1 << 3,

    /// <summary>Stamps of the stack are told.</summary>
    SOFTWARE = 1 << 4,

    /// <summary>Means nothing any more.</summary>
    SYS_HARDWARE = 1 << 5,

    /// <summary>Stamps of the device are told, by its clock.</summary>
    RAW_HARDWARE = 1 << 6,

    /// <summary>Each stamp of what was sent comes with the number of its datagram.</summary>
    OPT_ID = 1 << 7,

    /// <summary>Stamps when it enters the packet scheduler.</summary>
    TX_SCHED = 1 << 8,

    /// <summary>Stamps when all was acknowledged (streams).</summary>
    TX_ACK = 1 << 9,

    /// <summary>IP_PKTINFO comes with each stamp of what was sent.</summary>
    OPT_CMSG = 1 << 10,

    /// <summary>Stamps of what was sent come without the packet.</summary>
    OPT_TSONLY = 1 << 11,

    /// <summary>Statistics come with stamps (streams).</summary>
    OPT_STATS = 1 << 12,

    /// <summary>The receiving interface comes with hardware stamps.</summary>
    OPT_PKTINFO = 1 << 13,

    /// <summary>Both stamps of one packet come.</summary>
    OPT_TX_SWHW = 1 << 14,

    /// <summary>A clock is chosen.</summary>
    BIND_PHC = 1 << 15,

    /// <summary>OPT_ID of streams begins with the bytes written (with <see cref="OPT_ID"/>).</summary>
    OPT_ID_TCP = 1 << 16,

    /// <summary>Stamps come for what was asked only.</summary>
    OPT_RX_FILTER = 1 << 17,

    /// <summary>Stamps when the device says that it is done with it (not taken here).</summary>
    TX_COMPLETION = 1 << 18,

    /// <summary>All that are known.</summary>
    All = (1 << 19) - 1,

    /// <summary>What asks for a stamp of something sent.</summary>
    Transmit = TX_HARDWARE | TX_SOFTWARE | TX_SCHED | TX_ACK,
}
