using System.Runtime.InteropServices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>SOL_IP (ip(7)): of AF_INET sockets, and of AF_INET6 sockets towards mapped addresses.</summary>
internal sealed partial class InetOptions
{
    private const byte CongestionMask = 3; // RFC 3168 §5

    // Linux's priority of each type of service (tc-prio(8)): RFC 1349's "minimise delay" is interactive, "maximise throughput" bulk.
    private static ReadOnlySpan<byte> PriorityOfService => [0, 0, 0, 0, 2, 2, 2, 2, 6, 6, 6, 6, 4, 4, 4, 4];

    /// <summary>IP_TOS.</summary>
    public byte TypeOfService { get; private set; }

    /// <summary>IP_TTL; null: the stack's.</summary>
    public byte? TimeToLive { get; private set; }

    /// <summary>IP_MULTICAST_TTL.</summary>
    public byte MulticastTimeToLive { get; private set; } = 1;

    /// <summary>IP_MULTICAST_LOOP: what is sent to a group comes back to its members here.</summary>
    public bool MulticastLoop4 { get; private set; } = true;

    /// <summary>IP_MULTICAST_ALL: what other sockets have joined comes too.</summary>
    public bool MulticastAll4 { get; private set; }

    /// <summary>IP_MULTICAST_IF: index of the interface that groups are reached through; 0: whichever suits.</summary>
    public int MulticastInterface4 { get; private set; }

    /// <summary>IP_MULTICAST_IF: our address towards groups; unspecified: whichever suits.</summary>
    public IPv4Address MulticastSource { get; private set; }

    /// <summary>IP_MTU_DISCOVER.</summary>
    public int MtuDiscovery4 { get; private set; } = IP_PMTUDISC_WANT;

    /// <summary>IP_RECVERR: errors come with their story through the error queue.</summary>
    public bool ReceiveErrors4 { get; private set; }

    /// <summary>IP_FREEBIND: addresses that are not ours may be bound to.</summary>
    public bool FreeBind { get; private set; }

    /// <summary>IP_HDRINCL: what is sent begins with its IP header.</summary>
    public bool HeaderIncluded { get; set; }

    private Errno SetIPv4(int name, ReadOnlySpan<byte> value)
    {
        // A char does for an int, and nothing is 0, but where a value is asked for.
        int number = value.Length >= sizeof(int) ? MemoryMarshal.Read<int>(value) : value.IsEmpty ? 0 : value[0];
        bool flag = number != 0;
        switch (name)
        {
            case IP_TOS:
                SetTypeOfService((byte)number);
                return Errno.None;
            case IP_TTL:
                if (value.IsEmpty || number is not (-1 or (>= 1 and <= 255)))
                {
                    return Errno.EINVAL;
                }

                TimeToLive = number < 0 ? null : (byte)number;
                return Errno.None;
            case IP_RECVTOS:
                Tell(ReceiveNews.TypeOfService, flag);
                return Errno.None;
            case IP_RECVTTL:
                Tell(ReceiveNews.TimeToLive, flag);
                return Errno.None;
            case IP_PKTINFO:
                Tell(ReceiveNews.PacketInfo4, flag);
                return Errno.None;
            case IP_RECVERR:
                ReceiveErrors4 = flag;
                return Errno.None;
            case IP_MTU_DISCOVER:
                if (number is < IP_PMTUDISC_DONT or > IP_PMTUDISC_OMIT)
                {
                    return Errno.EINVAL;
                }

                MtuDiscovery4 = number;
                return Errno.None;
            case IP_HDRINCL when _kind == SocketKind.SOCK_RAW:
                HeaderIncluded = flag;
                return Errno.None;
            case IP_FREEBIND:
                FreeBind = flag;
                return value.IsEmpty ? Errno.EINVAL : Errno.None;
            case IP_MULTICAST_ALL:
                if (value.IsEmpty || number is not (0 or 1))
                {
                    return Errno.EINVAL;
                }

                MulticastAll4 = flag;
                return Errno.None;
            case IP_MULTICAST_LOOP:
                if (value.IsEmpty)
                {
                    return Errno.EINVAL;
                }

                MulticastLoop4 = flag;
                return Errno.None;
            case IP_MULTICAST_TTL:
                if (_kind == SocketKind.SOCK_STREAM || value.IsEmpty || number is < -1 or > 255)
                {
                    return Errno.EINVAL;
                }

                MulticastTimeToLive = number < 0 ? (byte)1 : (byte)number;
                return Errno.None;
            case IP_MULTICAST_IF:
                return SetMulticastInterface(value);
            default:
                return Errno.ENOPROTOOPT;
        }
    }

    private Errno GetIPv4(int name, Span<byte> value, out int length)
    {
        length = 0;
        if (name == IP_MULTICAST_IF)
        {
            Span<byte> address = stackalloc byte[IPv4Address.Length];
            MulticastSource.Write(address);
            return OptionValue.Write(value, address, out length);
        }

        int? number = name switch
        {
            IP_TOS => TypeOfService,
            IP_TTL => TimeToLive ?? _net.Options.TimeToLive,
            IP_RECVTOS => Number((News & ReceiveNews.TypeOfService) != ReceiveNews.None),
            IP_RECVTTL => Number((News & ReceiveNews.TimeToLive) != ReceiveNews.None),
            IP_PKTINFO => Number((News & ReceiveNews.PacketInfo4) != ReceiveNews.None),
            IP_RECVERR => Number(ReceiveErrors4),
            IP_MTU_DISCOVER => MtuDiscovery4,
            IP_HDRINCL => Number(HeaderIncluded),
            IP_FREEBIND => Number(FreeBind),
            IP_MULTICAST_ALL => Number(MulticastAll4),
            IP_MULTICAST_LOOP => Number(MulticastLoop4),
            IP_MULTICAST_TTL => MulticastTimeToLive,
            _ => null,
        };
        return number is { } found ? Write(value, found, out length) : Errno.ENOPROTOOPT;
    }

    // RFC 3168 §5: of a stream the two lowest bits are TCP's.
    private void SetTypeOfService(byte value)
    {
        TypeOfService = _kind == SocketKind.SOCK_STREAM ? (byte)((value & ~CongestionMask) | (TypeOfService & CongestionMask)) : value;
        Priority = PriorityOfService[(value & 0x1E) >> 1];
    }

    // struct ip_mreqn, struct ip_mreq or struct in_addr.
    private Errno SetMulticastInterface(ReadOnlySpan<byte> value)
    {
        const int IndexOffset = 8;
        if (_kind == SocketKind.SOCK_STREAM || value.Length < IPv4Address.Length)
        {
            return Errno.EINVAL;
        }

        IPv4Address address = IPv4Address.Read(value.Length >= IndexOffset ? value[IPv4Address.Length..] : value);
        int index = value.Length >= IndexOffset + sizeof(int) ? MemoryMarshal.Read<int>(value[IndexOffset..]) : 0;
        if (index == 0 && address == default)
        {
            (MulticastInterface4, MulticastSource) = (0, default);
            return Errno.None;
        }

        NetworkInterface? network = index != 0 ? _net.FindInterface(index) : Array.Find(_net.Interfaces, candidate => candidate.FindAddress(address) is not null);
        if (network is null)
        {
            return Errno.EADDRNOTAVAIL;
        }

        if (Interface != 0 && Interface != network.Index)
        {
            return Errno.EINVAL;
        }

        (MulticastInterface4, MulticastSource) = (network.Index, address);
        return Errno.None;
    }

    // ip(7) on Linux: who gives room for less than an int gets a char, where that holds the value.
    private static Errno Write(Span<byte> value, int number, out int length)
    {
        if (value.Length is > 0 and < sizeof(int) && number is >= 0 and <= 255)
        {
            value[0] = (byte)number;
            length = 1;
            return Errno.None;
        }

        return OptionValue.Write(value, number, out length);
    }
}
