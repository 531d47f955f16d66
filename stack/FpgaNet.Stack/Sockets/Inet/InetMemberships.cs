using System.Runtime.InteropServices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Network.Multicast;
using FpgaNet.Stack.Sockets.Abi;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>The groups of one socket as options join and leave them (ip(7), ipv6(7), RFC 3678). What it wants of each is kept with the interface (<see cref="InterfaceGroups"/>).</summary>
/// <param name="ip">The network layer.</param>
/// <param name="user">The socket.</param>
internal sealed class InetMemberships(IpLayer ip, object user)
{
    private const int Request4Length = 8; // struct ip_mreq: group, our address on the interface
    private const int Request4IndexLength = 12; // struct ip_mreqn: also the interface's index
    private const int SourceRequest4Length = 12; // struct ip_mreq_source: group, our address, source
    private const int Request6Length = 20; // struct ipv6_mreq: group, the interface's index
    private const int GroupRequestLength = 8 + SockAddr.MaximumLength; // struct group_req: index, group
    private const int SourceRequestLength = GroupRequestLength + SockAddr.MaximumLength; // struct group_source_req

    /// <summary>Whether an option joins, leaves or filters.</summary>
    public static bool Has(int level, int name) => level switch
    {
        SOL_IP => name is (>= IP_ADD_MEMBERSHIP and <= MCAST_LEAVE_SOURCE_GROUP),
        SOL_IPV6 => name is IPV6_ADD_MEMBERSHIP or IPV6_DROP_MEMBERSHIP or (>= MCAST_JOIN_GROUP and <= MCAST_LEAVE_SOURCE_GROUP),
        _ => false,
    };

    /// <summary>Does what an option says.</summary>
    /// <param name="level">SOL_IP or SOL_IPV6.</param>
    /// <param name="name">Such as IP_ADD_MEMBERSHIP.</param>
    /// <param name="value">The value as in C.</param>
    /// <param name="bound">Index of the one interface that the socket uses; 0: any.</param>
    /// <returns>EINVAL: no such value, or no group; ENODEV: no such interface; EADDRINUSE: a member already; EADDRNOTAVAIL: no member, or the source is there or not there; ENOBUFS.</returns>
    public Errno Set(int level, int name, ReadOnlySpan<byte> value, int bound)
    {
        Errno error = TryRead(level, name, value, out IpAddress group, out IpAddress source, out NetworkInterface? network);
        if (error != Errno.None)
        {
            return error;
        }

        if (!group.IsMulticast || group.IsIPv4 != (level == SOL_IP) || (!source.IsUnspecified && source.IsIPv4 != group.IsIPv4))
        {
            return Errno.EINVAL;
        }

        network ??= bound != 0 ? ip.Context.FindInterface(bound) : ip.Find(group)?.Interface;
        if (network is null)
        {
            return Errno.ENODEV;
        }

        SourceFilter filter = network.Groups.FilterOf(user, group);
        return name switch
        {
            IP_ADD_MEMBERSHIP or MCAST_JOIN_GROUP => !filter.IsNothing ? Errno.EADDRINUSE : Apply(network, group, FilterMode.Exclude, []),
            IPV6_ADD_MEMBERSHIP when level == SOL_IPV6 => !filter.IsNothing ? Errno.EADDRINUSE : Apply(network, group, FilterMode.Exclude, []),
            IP_ADD_SOURCE_MEMBERSHIP or MCAST_JOIN_SOURCE_GROUP => Include(network, group, source, filter),
            IP_DROP_SOURCE_MEMBERSHIP or MCAST_LEAVE_SOURCE_GROUP => Change(network, group, source, filter, FilterMode.Include, isAdded: false),
            IP_BLOCK_SOURCE or MCAST_BLOCK_SOURCE => Change(network, group, source, filter, FilterMode.Exclude, isAdded: true),
            IP_UNBLOCK_SOURCE or MCAST_UNBLOCK_SOURCE => Change(network, group, source, filter, FilterMode.Exclude, isAdded: false),
            _ => filter.IsNothing ? Errno.EADDRNOTAVAIL : Apply(network, group, FilterMode.Include, []),
        };
    }

    /// <summary>Leaves all.</summary>
    public void LeaveAll()
    {
        foreach (NetworkInterface network in ip.Context.Interfaces)
        {
            network.Groups.Leave(user);
        }
    }

    private Errno TryRead(int level, int name, ReadOnlySpan<byte> value, out IpAddress group, out IpAddress source, out NetworkInterface? network)
    {
        group = source = default;
        network = null;
        if (name is >= MCAST_JOIN_GROUP and <= MCAST_LEAVE_SOURCE_GROUP)
        {
            return TryReadRequest(level, value, name is not (MCAST_JOIN_GROUP or MCAST_LEAVE_GROUP), out group, out source, out network);
        }

        int index;
        if (level == SOL_IPV6)
        {
            if (value.Length < Request6Length)
            {
                return Errno.EINVAL;
            }

            group = IPv6Address.Read(value);
            index = MemoryMarshal.Read<int>(value[IPv6Address.Length..]);
            return FindInterface(index, out network);
        }

        bool hasSource = name is not (IP_ADD_MEMBERSHIP or IP_DROP_MEMBERSHIP);
        if (hasSource ? value.Length != SourceRequest4Length : value.Length < Request4Length)
        {
            return Errno.EINVAL;
        }

        group = IPv4Address.Read(value);
        IPv4Address own = IPv4Address.Read(value[IPv4Address.Length..]);
        source = hasSource ? IPv4Address.Read(value[(2 * IPv4Address.Length)..]) : default(IpAddress);
        index = !hasSource && value.Length >= Request4IndexLength ? MemoryMarshal.Read<int>(value[(2 * IPv4Address.Length)..]) : 0;
        if (index == 0 && own != default)
        {
            network = ip.InterfaceOf(own);
            return network is null ? Errno.ENODEV : Errno.None;
        }

        return FindInterface(index, out network);
    }

    private Errno TryReadRequest(int level, ReadOnlySpan<byte> value, bool hasSource, out IpAddress group, out IpAddress source, out NetworkInterface? network)
    {
        const int GroupOffset = 8; // behind the index, aligned
        group = source = default;
        network = null;
        SocketDomain domain = level == SOL_IP ? SocketDomain.AF_INET : SocketDomain.AF_INET6;
        if (value.Length < (hasSource ? SourceRequestLength : GroupRequestLength)
            || SockAddr.TryRead(value.Slice(GroupOffset, SockAddr.MaximumLength), out SockAddr address) != Errno.None || address.Family != domain)
        {
            return Errno.EINVAL;
        }

        group = address.Address;
        if (hasSource)
        {
            if (SockAddr.TryRead(value.Slice(GroupRequestLength, SockAddr.MaximumLength), out address) != Errno.None || address.Family != domain)
            {
                return Errno.EINVAL;
            }

            source = address.Address;
        }

        return FindInterface(MemoryMarshal.Read<int>(value), out network);
    }

    private Errno FindInterface(int index, out NetworkInterface? network)
    {
        network = index == 0 ? null : ip.Context.FindInterface(index);
        return index != 0 && network is null ? Errno.ENODEV : Errno.None;
    }

    // Linux: the first source makes a member of who is none, and turns "from everybody" into "from this one".
    private Errno Include(NetworkInterface network, IpAddress group, IpAddress source, SourceFilter filter) => filter switch
    {
        { IsNothing: true } or { Mode: FilterMode.Exclude, Sources.Count: 0 } => Apply(network, group, FilterMode.Include, [source]),
        _ => Change(network, group, source, filter, FilterMode.Include, isAdded: true),
    };

    private Errno Change(NetworkInterface network, IpAddress group, IpAddress source, SourceFilter filter, FilterMode mode, bool isAdded)
    {
        if (filter.IsNothing || filter.Mode != mode)
        {
            return Errno.EINVAL;
        }

        if (filter.Lists(source) == isAdded)
        {
            return Errno.EADDRNOTAVAIL;
        }

        return Apply(network, group, mode, isAdded ? [.. filter.Sources, source] : [.. filter.Sources.Where(other => other != source)]);
    }

    private Errno Apply(NetworkInterface network, IpAddress group, FilterMode mode, IReadOnlyList<IpAddress> sources) =>
        network.Groups.Listen(user, group, new SourceFilter(mode, sources)) ? Errno.None : Errno.ENOBUFS;
}
