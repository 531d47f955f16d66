using System.Runtime.InteropServices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>SOL_IPV6 (ipv6(7), RFC 3493, RFC 3542).</summary>
internal sealed partial class InetOptions
{
    private const int PacketInfoLength = 20; // struct in6_pktinfo
    private const int LeastMtu = 1280; // RFC 8200 §5

    /// <summary>IPV6_V6ONLY: nothing of IPv4 comes through this socket.</summary>
    public bool OnlyIPv6 { get; private set; }

    /// <summary>IPV6_TCLASS.</summary>
    public byte TrafficClass { get; private set; }

    /// <summary>IPV6_UNICAST_HOPS; null: the interface's.</summary>
    public byte? UnicastHops { get; private set; }

    /// <summary>IPV6_MULTICAST_HOPS.</summary>
    public byte MulticastHops { get; private set; } = 1;

    /// <summary>IPV6_MULTICAST_LOOP.</summary>
    public bool MulticastLoop6 { get; private set; } = true;

    /// <summary>IPV6_MULTICAST_ALL.</summary>
    public bool MulticastAll6 { get; private set; } = true;

    /// <summary>IPV6_MULTICAST_IF: index of the interface that groups are reached through; 0: whichever suits.</summary>
    public int MulticastInterface6 { get; private set; }

    /// <summary>IPV6_PKTINFO as an option: our address, and the interface, of what is sent (RFC 3542 §6.2).</summary>
    public (IpAddress Source, int Interface) StickyPacketInfo { get; private set; }

    /// <summary>IPV6_MTU_DISCOVER.</summary>
    public int MtuDiscovery6 { get; private set; } = IP_PMTUDISC_WANT;

    /// <summary>IPV6_MTU: longest packet that is sent whole; 0: the path's.</summary>
    public int FragmentSize { get; private set; }

    /// <summary>IPV6_DONTFRAG.</summary>
    public bool DontFragment6 { get; private set; }

    /// <summary>IPV6_RECVERR.</summary>
    public bool ReceiveErrors6 { get; private set; }

    private Errno SetIPv6(int name, ReadOnlySpan<byte> value)
    {
        if (name == IPV6_PKTINFO)
        {
            return SetStickyPacketInfo(value);
        }

        bool isShort = OptionValue.TryRead(value, out int number) != Errno.None;
        bool flag = number != 0;
        bool isStream = _kind == SocketKind.SOCK_STREAM;
        switch (name)
        {
            case IPV6_MULTICAST_IF or IPV6_MULTICAST_HOPS when isStream:
                return Errno.ENOPROTOOPT;
            case IPV6_V6ONLY or IPV6_UNICAST_HOPS or IPV6_MULTICAST_IF or IPV6_MULTICAST_HOPS or IPV6_MULTICAST_LOOP or IPV6_MULTICAST_ALL or IPV6_MTU_DISCOVER or IPV6_MTU or IPV6_RECVERR
                or IPV6_RECVPKTINFO or IPV6_RECVHOPLIMIT or IPV6_RECVTCLASS or IPV6_TCLASS or IPV6_FREEBIND when isShort:
            case IPV6_V6ONLY when IsBound:
            case IPV6_UNICAST_HOPS or IPV6_MULTICAST_HOPS or IPV6_TCLASS when number is < -1 or > 255:
            case IPV6_MULTICAST_LOOP when number is not (0 or 1):
            case IPV6_MTU_DISCOVER when number is < IP_PMTUDISC_DONT or > IP_PMTUDISC_OMIT:
            case IPV6_MTU when number != 0 && number < LeastMtu:
            case IPV6_MULTICAST_IF when number < 0 || (number != 0 && Interface != 0 && Interface != number):
                return Errno.EINVAL;
            case IPV6_MULTICAST_IF when number != 0 && _net.FindInterface(number) is null:
                return Errno.ENODEV;
            case IPV6_V6ONLY:
                OnlyIPv6 = flag;
                return Errno.None;
            case IPV6_UNICAST_HOPS:
                UnicastHops = number < 0 ? null : (byte)number;
                return Errno.None;
            case IPV6_MULTICAST_HOPS:
                MulticastHops = number < 0 ? (byte)1 : (byte)number;
                return Errno.None;
            case IPV6_TCLASS:
                TrafficClass = number < 0 ? (byte)0 : (byte)number;
                return Errno.None;
            case IPV6_MULTICAST_IF:
                MulticastInterface6 = number;
                return Errno.None;
            case IPV6_MULTICAST_LOOP:
                MulticastLoop6 = flag;
                return Errno.None;
            case IPV6_MULTICAST_ALL:
                MulticastAll6 = flag;
                return Errno.None;
            case IPV6_MTU_DISCOVER:
                MtuDiscovery6 = number;
                return Errno.None;
            case IPV6_MTU:
                FragmentSize = number;
                return Errno.None;
            case IPV6_DONTFRAG:
                DontFragment6 = flag;
                return Errno.None;
            case IPV6_RECVERR:
                ReceiveErrors6 = flag;
                return Errno.None;
            case IPV6_RECVPKTINFO:
                Tell(ReceiveNews.PacketInfo6, flag);
                return Errno.None;
            case IPV6_RECVHOPLIMIT:
                Tell(ReceiveNews.HopLimit, flag);
                return Errno.None;
            case IPV6_RECVTCLASS:
                Tell(ReceiveNews.TrafficClass, flag);
                return Errno.None;
            case IPV6_FREEBIND:
                FreeBind = flag;
                return Errno.None;
            default:
                return Errno.ENOPROTOOPT;
        }
    }

    private Errno GetIPv6(int name, Span<byte> value, out int length)
    {
        length = 0;
        if (name == IPV6_PKTINFO)
        {
            Span<byte> bytes = stackalloc byte[PacketInfoLength];
            StickyPacketInfo.Source.IPv6.Write(bytes);
            MemoryMarshal.Write(bytes[IPv6Address.Length..], StickyPacketInfo.Interface);
            return OptionValue.Write(value, bytes, out length);
        }

        int? number = name switch
        {
            IPV6_V6ONLY => Number(OnlyIPv6),
            IPV6_UNICAST_HOPS => UnicastHops ?? _net.Options.TimeToLive,
            IPV6_MULTICAST_HOPS => MulticastHops,
            IPV6_TCLASS => TrafficClass,
            IPV6_MULTICAST_IF => MulticastInterface6,
            IPV6_MULTICAST_LOOP => Number(MulticastLoop6),
            IPV6_MULTICAST_ALL => Number(MulticastAll6),
            IPV6_MTU_DISCOVER => MtuDiscovery6,
            IPV6_DONTFRAG => Number(DontFragment6),
            IPV6_RECVERR => Number(ReceiveErrors6),
            IPV6_RECVPKTINFO => Number((News & ReceiveNews.PacketInfo6) != ReceiveNews.None),
            IPV6_RECVHOPLIMIT => Number((News & ReceiveNews.HopLimit) != ReceiveNews.None),
            IPV6_RECVTCLASS => Number((News & ReceiveNews.TrafficClass) != ReceiveNews.None),
            IPV6_FREEBIND => Number(FreeBind),
            _ => null,
        };
        return number is { } found ? OptionValue.Write(value, found, out length) : Errno.ENOPROTOOPT;
    }

    private Errno SetStickyPacketInfo(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            StickyPacketInfo = default;
            return Errno.None;
        }

        if (value.Length < PacketInfoLength)
        {
            return Errno.EINVAL;
        }

        IpAddress source = IPv6Address.Read(value);
        int index = MemoryMarshal.Read<int>(value[IPv6Address.Length..]);
        if (Interface != 0 && index != 0 && Interface != index)
        {
            return Errno.EINVAL;
        }

        StickyPacketInfo = (source, index);
        return Errno.None;
    }
}
