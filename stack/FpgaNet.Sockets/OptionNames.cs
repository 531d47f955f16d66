using System.Buffers.Binary;
using System.Net;
using FpgaNet.Stack.Sockets.Abi;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets;

/// <summary>.NET's names of options, which are Windows's numbers, as the manuals name them.</summary>
internal static class OptionNames
{
    /// <summary>IP_PMTUDISC_DONT, IP_PMTUDISC_DO (ip(7)): values of IP_MTU_DISCOVER.</summary>
    public const int PathMtuDont = 0, PathMtuDo = 2;

    /// <summary>Finds an option.</summary>
    /// <param name="level">.NET's level.</param>
    /// <param name="name">.NET's name.</param>
    /// <param name="foundLevel">Receives the manuals' level.</param>
    /// <param name="foundName">Receives the manuals' name.</param>
    /// <returns>EOPNOTSUPP: Linux has none such.</returns>
    public static Errno TryFind(SocketOptionLevel level, SocketOptionName name, out int foundLevel, out int foundName)
    {
        (foundLevel, foundName) = (level, name) switch
        {
            (SocketOptionLevel.Socket, SocketOptionName.Debug) => (SOL_SOCKET, SO_DEBUG),
            (SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) => (SOL_SOCKET, SO_ACCEPTCONN),
            (SocketOptionLevel.Socket, SocketOptionName.ReuseAddress) => (SOL_SOCKET, SO_REUSEADDR),
            (SocketOptionLevel.Socket, SocketOptionName.KeepAlive) => (SOL_SOCKET, SO_KEEPALIVE),
            (SocketOptionLevel.Socket, SocketOptionName.DontRoute) => (SOL_SOCKET, SO_DONTROUTE),
            (SocketOptionLevel.Socket, SocketOptionName.Broadcast) => (SOL_SOCKET, SO_BROADCAST),
            (SocketOptionLevel.Socket, SocketOptionName.Linger) => (SOL_SOCKET, SO_LINGER),
            (SocketOptionLevel.Socket, SocketOptionName.OutOfBandInline) => (SOL_SOCKET, SO_OOBINLINE),
            (SocketOptionLevel.Socket, SocketOptionName.SendBuffer) => (SOL_SOCKET, SO_SNDBUF),
            (SocketOptionLevel.Socket, SocketOptionName.ReceiveBuffer) => (SOL_SOCKET, SO_RCVBUF),
            (SocketOptionLevel.Socket, SocketOptionName.SendLowWater) => (SOL_SOCKET, SO_SNDLOWAT),
            (SocketOptionLevel.Socket, SocketOptionName.ReceiveLowWater) => (SOL_SOCKET, SO_RCVLOWAT),
            (SocketOptionLevel.Socket, SocketOptionName.Error) => (SOL_SOCKET, SO_ERROR),
            (SocketOptionLevel.Socket, SocketOptionName.Type) => (SOL_SOCKET, SO_TYPE),
            (SocketOptionLevel.IP, SocketOptionName.HeaderIncluded) => (IPPROTO_IP, IP_HDRINCL),
            (SocketOptionLevel.IP, SocketOptionName.TypeOfService) => (IPPROTO_IP, IP_TOS),
            (SocketOptionLevel.IP, SocketOptionName.IpTimeToLive) => (IPPROTO_IP, IP_TTL),
            (SocketOptionLevel.IP, SocketOptionName.MulticastInterface) => (IPPROTO_IP, IP_MULTICAST_IF),
            (SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive) => (IPPROTO_IP, IP_MULTICAST_TTL),
            (SocketOptionLevel.IP, SocketOptionName.MulticastLoopback) => (IPPROTO_IP, IP_MULTICAST_LOOP),
            (SocketOptionLevel.IP, SocketOptionName.AddMembership) => (IPPROTO_IP, IP_ADD_MEMBERSHIP),
            (SocketOptionLevel.IP, SocketOptionName.DropMembership) => (IPPROTO_IP, IP_DROP_MEMBERSHIP),
            (SocketOptionLevel.IP, SocketOptionName.AddSourceMembership) => (IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP),
            (SocketOptionLevel.IP, SocketOptionName.DropSourceMembership) => (IPPROTO_IP, IP_DROP_SOURCE_MEMBERSHIP),
            (SocketOptionLevel.IP, SocketOptionName.BlockSource) => (IPPROTO_IP, IP_BLOCK_SOURCE),
            (SocketOptionLevel.IP, SocketOptionName.UnblockSource) => (IPPROTO_IP, IP_UNBLOCK_SOURCE),
            (SocketOptionLevel.IP, SocketOptionName.PacketInformation) => (IPPROTO_IP, IP_PKTINFO),
            (SocketOptionLevel.IPv6, SocketOptionName.HopLimit) => (IPPROTO_IPV6, IPV6_HOPLIMIT),
            (SocketOptionLevel.IPv6, SocketOptionName.IpTimeToLive) => (IPPROTO_IPV6, IPV6_UNICAST_HOPS),
            (SocketOptionLevel.IPv6, SocketOptionName.IPv6Only) => (IPPROTO_IPV6, IPV6_V6ONLY),
            (SocketOptionLevel.IPv6, SocketOptionName.MulticastInterface) => (IPPROTO_IPV6, IPV6_MULTICAST_IF),
            (SocketOptionLevel.IPv6, SocketOptionName.MulticastTimeToLive) => (IPPROTO_IPV6, IPV6_MULTICAST_HOPS),
            (SocketOptionLevel.IPv6, SocketOptionName.MulticastLoopback) => (IPPROTO_IPV6, IPV6_MULTICAST_LOOP),
            (SocketOptionLevel.IPv6, SocketOptionName.AddMembership) => (IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP),
            (SocketOptionLevel.IPv6, SocketOptionName.DropMembership) => (IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP),
            (SocketOptionLevel.IPv6, SocketOptionName.PacketInformation) => (IPPROTO_IPV6, IPV6_RECVPKTINFO),
            (SocketOptionLevel.Tcp, SocketOptionName.NoDelay) => (IPPROTO_TCP, TCP_NODELAY),
            (SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime) => (IPPROTO_TCP, TCP_KEEPIDLE),
            (SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval) => (IPPROTO_TCP, TCP_KEEPINTVL),
            (SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount) => (IPPROTO_TCP, TCP_KEEPCNT),
            (SocketOptionLevel.Tcp, SocketOptionName.FastOpen) => (IPPROTO_TCP, TCP_FASTOPEN),
            _ => (0, 0),
        };
        return foundName == 0 ? Errno.EOPNOTSUPP : Errno.None;
    }

    /// <summary>A membership as C has it: <c>struct ip_mreqn</c> (ip(7)).</summary>
    /// <param name="option">The membership.</param>
    public static byte[] Membership(MulticastOption option)
    {
        byte[] value = new byte[12];
        option.Group.TryWriteBytes(value, out _);
        (option.LocalAddress ?? IPAddress.Any).TryWriteBytes(value.AsSpan(4), out _);
        BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(8), option.InterfaceIndex);
        return value;
    }

    /// <summary>A membership as C has it: <c>struct ipv6_mreq</c> (ipv6(7)).</summary>
    /// <param name="option">The membership.</param>
    public static byte[] Membership(IPv6MulticastOption option)
    {
        byte[] value = new byte[20];
        option.Group.TryWriteBytes(value, out _);
        BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(16), (int)option.InterfaceIndex);
        return value;
    }
}
