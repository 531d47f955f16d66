using System.Text;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Dhcp;

/// <summary>A route that a server gave.</summary>
/// <param name="Prefix">The net.</param>
/// <param name="Gateway">The router; 0.0.0.0: the net is on the link.</param>
public readonly record struct DhcpRoute(AddressPrefix Prefix, IPv4Address Gateway);

/// <summary>What a server has lent and told (RFC 2131 §2, RFC 2132).</summary>
public sealed record DhcpLease
{
    // As many as a message of the size that we say we take can hold.
    private const int LongestOption = 1024;

    /// <summary>The address and its net.</summary>
    public required AddressPrefix Address { get; init; }

    /// <summary>The server.</summary>
    public required IPv4Address Server { get; init; }

    /// <summary>How long the address may be used; <see cref="Timeout.InfiniteTimeSpan"/>: for ever.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>After which time the server is asked again (T1).</summary>
    public required TimeSpan RenewalTime { get; init; }

    /// <summary>After which time any server is asked (T2).</summary>
    public required TimeSpan RebindingTime { get; init; }

    /// <summary>Routes, the default route among them: those of RFC 3442, else those made of the routers.</summary>
    public IReadOnlyList<DhcpRoute> Routes { get; init; } = [];

    /// <summary>Name servers, the preferred first.</summary>
    public IReadOnlyList<IPv4Address> NameServers { get; init; } = [];

    /// <summary>The host's domain.</summary>
    public string? DomainName { get; init; }

    /// <summary>Domains to look names up in (RFC 3397).</summary>
    public IReadOnlyList<string> SearchList { get; init; } = [];

    /// <summary>Largest packet on the link; null: not said.</summary>
    public int? MaximumTransmissionUnit { get; init; }

    /// <summary>Reads an offer or acknowledgement.</summary>
    /// <returns>Null when what must be there is missing or cannot be.</returns>
    internal static DhcpLease? Read(in DhcpMessage message)
    {
        IPv4Address address = message.YourAddress;
        if (address.Value >> 24 is 0 or 127 or >= 224
            || !message.TryGetUInt32(DhcpOption.ServerIdentifier, out uint server)
            || !message.TryGetUInt32(DhcpOption.LeaseTime, out uint seconds) || seconds == 0)
        {
            return null;
        }

        int prefixLength = PrefixLength(message, address);
        if (prefixLength < 0 || IsNetOrBroadcast(address, prefixLength))
        {
            return null;
        }

        bool forEver = seconds == uint.MaxValue;
        TimeSpan duration = TimeSpan.FromSeconds(seconds);

        // RFC 2131 §4.4.5: T1 before T2 before the end, else the usual parts of the lease.
        TimeSpan rebinding = message.TryGetUInt32(DhcpOption.RebindingTime, out uint t2) && t2 < seconds ? TimeSpan.FromSeconds(t2) : duration * 0.875;
        TimeSpan renewal = message.TryGetUInt32(DhcpOption.RenewalTime, out uint t1) && TimeSpan.FromSeconds(t1) < rebinding
            ? TimeSpan.FromSeconds(t1)
            : TimeSpan.FromTicks(Math.Min(duration.Ticks / 2, rebinding.Ticks));
        bool hasMtu = message.TryGetUInt16(DhcpOption.InterfaceMtu, out ushort mtu) && mtu >= 576; // RFC 2132 §5.1 allows 68: too small to be meant
        return new DhcpLease
        {
            Address = new AddressPrefix(address, prefixLength),
            Server = new IPv4Address(server),
            Duration = forEver ? Timeout.InfiniteTimeSpan : duration,
            RenewalTime = forEver ? Timeout.InfiniteTimeSpan : renewal,
            RebindingTime = forEver ? Timeout.InfiniteTimeSpan : rebinding,
            Routes = ReadRoutes(message),
            NameServers = ReadAddresses(message, DhcpOption.DomainNameServers),
            DomainName = ReadText(message, DhcpOption.DomainName),
            SearchList = ReadSearchList(message),
            MaximumTransmissionUnit = hasMtu ? mtu : null,
        };
    }

    // −1: what is given is no mask.
    private static int PrefixLength(in DhcpMessage message, IPv4Address address)
    {
        if (!message.TryGet(DhcpOption.SubnetMask, stackalloc byte[LongestOption], out ReadOnlySpan<byte> value))
        {
            return address.Value >> 31 == 0 ? 8 : address.Value >> 30 == 2 ? 16 : 24; // RFC 791 §3.2's classes
        }

        if (value.Length != IPv4Address.Length)
        {
            return -1;
        }

        uint mask = IPv4Address.Read(value).Value;
        int length = (int)uint.LeadingZeroCount(~mask);
        return length != 0 && (length == 32 || mask << length == 0) ? length : -1;
    }

    // RFC 1122 §3.2.1.3; nets of two addresses have neither (RFC 3021).
    private static bool IsNetOrBroadcast(IPv4Address address, int prefixLength)
    {
        uint hosts = prefixLength < 31 ? uint.MaxValue >> prefixLength : 0;
        return hosts != 0 && ((address.Value & hosts) == 0 || (address.Value & hosts) == hosts);
    }

    private static List<IPv4Address> ReadAddresses(in DhcpMessage message, DhcpOption option)
    {
        List<IPv4Address> addresses = [];
        if (message.TryGet(option, stackalloc byte[LongestOption], out ReadOnlySpan<byte> value) && value.Length % IPv4Address.Length == 0)
        {
            for (; !value.IsEmpty; value = value[IPv4Address.Length..])
            {
                addresses.Add(IPv4Address.Read(value));
            }
        }

        return addresses;
    }

    // RFC 3442: when these are given, the routers are not looked at.
    private static List<DhcpRoute> ReadRoutes(in DhcpMessage message)
    {
        List<DhcpRoute> routes = [];
        if (!message.TryGet(DhcpOption.ClasslessStaticRoutes, stackalloc byte[LongestOption], out ReadOnlySpan<byte> value))
        {
            foreach (IPv4Address router in ReadAddresses(message, DhcpOption.Routers))
            {
                if (IsRouter(router))
                {
                    routes.Add(new DhcpRoute(new AddressPrefix(IPv4Address.Any, 0), router));
                }
            }

            return routes;
        }

        Span<byte> net = stackalloc byte[IPv4Address.Length];
        while (!value.IsEmpty)
        {
            int prefixLength = value[0];
            int significant = (prefixLength + 7) / 8;
            if (prefixLength > 32 || value.Length < 1 + significant + IPv4Address.Length)
            {
                return []; // RFC 3442: a list that makes no sense is not used at all
            }

            net.Clear();
            value.Slice(1, significant).CopyTo(net);
            IpAddress address = IPv4Address.Read(net);
            IPv4Address router = IPv4Address.Read(value[(1 + significant)..]);
            if (router == IPv4Address.Any || IsRouter(router))
            {
                routes.Add(new DhcpRoute(new AddressPrefix(address.Prefix(prefixLength), prefixLength), router));
            }

            value = value[(1 + significant + IPv4Address.Length)..];
        }

        return routes;
    }

    private static bool IsRouter(IPv4Address address) => address.Value >> 24 is not (0 or 127 or >= 224);

    private static string? ReadText(in DhcpMessage message, DhcpOption option)
    {
        if (!message.TryGet(option, stackalloc byte[255], out ReadOnlySpan<byte> value))
        {
            return null;
        }

        value = value.TrimEnd((byte)0);
        return value.IsEmpty || value.IndexOfAnyExceptInRange((byte)0x21, (byte)0x7E) >= 0 ? null : Encoding.ASCII.GetString(value);
    }

    // RFC 3397 §2: names as in DNS, with compression pointers into the option itself.
    private static List<string> ReadSearchList(in DhcpMessage message)
    {
        List<string> names = [];
        if (!message.TryGet(DhcpOption.DomainSearch, stackalloc byte[LongestOption], out ReadOnlySpan<byte> value))
        {
            return names;
        }

        for (int at = 0; at < value.Length;)
        {
            if (!Dns.DomainName.TryRead(value, ref at, out string? name))
            {
                return [];
            }

            names.Add(name);
        }

        return names;
    }
}
