using System.Globalization;
using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets.Abi;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Names;

/// <summary>getaddrinfo and getnameinfo (POSIX.1-2017, RFC 3493 §6; where they leave it open, as glibc). Calls wait until the names are found.</summary>
/// <param name="ip">The stack's network layer, for its interfaces and routes.</param>
internal sealed partial class NameResolver(IpLayer ip)
{
    private const AddrInfoFlags KnownFlags = AddrInfoFlags.AI_PASSIVE | AddrInfoFlags.AI_CANONNAME | AddrInfoFlags.AI_NUMERICHOST | AddrInfoFlags.AI_V4MAPPED | AddrInfoFlags.AI_ALL
        | AddrInfoFlags.AI_ADDRCONFIG | AddrInfoFlags.AI_NUMERICSERV;

    // The types that a result may be of, in glibc's order.
    private static readonly (SocketKind Kind, int Protocol)[] s_transports = [(SocketKind.SOCK_STREAM, IPPROTO_TCP), (SocketKind.SOCK_DGRAM, IPPROTO_UDP), (SocketKind.SOCK_RAW, 0)];

    // glibc's, where POSIX has none.
    private static readonly AddrInfo s_usualHints = new() { Flags = AddrInfoFlags.AI_V4MAPPED | AddrInfoFlags.AI_ADDRCONFIG };

    /// <summary>Who knows names of other hosts; null: nobody.</summary>
    public IHostNames? HostNames { get; set; }

    /// <summary>This host's name (gethostname(2)).</summary>
    public string HostName { get; set; } = "localhost";

    /// <summary>getaddrinfo(3).</summary>
    /// <param name="node">A name or the text of an address; null: this host.</param>
    /// <param name="service">A name or a number; null: none.</param>
    /// <param name="hints">What is asked for; null: all.</param>
    /// <param name="first">Receives the results, the one to be preferred first.</param>
    public GaiError GetAddrInfo(string? node, string? service, AddrInfo? hints, out AddrInfo? first)
    {
        first = null;
        hints ??= s_usualHints;
        node = string.Equals(node, "*", StringComparison.Ordinal) ? null : node;
        service = string.Equals(service, "*", StringComparison.Ordinal) ? null : service;
        if (node is null && service is null)
        {
            return GaiError.EAI_NONAME;
        }

        if ((hints.Flags & ~KnownFlags) != AddrInfoFlags.None || (Has(hints, AddrInfoFlags.AI_CANONNAME) && node is null))
        {
            return GaiError.EAI_BADFLAGS;
        }

        if (hints.Family is not (SocketDomain.AF_UNSPEC or SocketDomain.AF_INET or SocketDomain.AF_INET6))
        {
            return GaiError.EAI_FAMILY;
        }

        (bool hasIPv4, bool hasIPv6) = Configured(hints);
        if ((hints.Family == SocketDomain.AF_INET && !hasIPv4) || (hints.Family == SocketDomain.AF_INET6 && !hasIPv6))
        {
            return GaiError.EAI_NONAME;
        }

        GaiError error = FindTransports(service, hints, out List<(SocketKind Kind, int Protocol, ushort Port)> transports);
        if (error == GaiError.None)
        {
            error = FindAddresses(node, hints, hasIPv4, hasIPv6, out List<SockAddr> addresses, out string? canonicalName);
            first = error == GaiError.None ? Results(hints, transports, addresses, canonicalName) : null;
        }

        return error;
    }

    private static bool Has(AddrInfo hints, AddrInfoFlags flag) => (hints.Flags & flag) != AddrInfoFlags.None;

    private static AddrInfo? Results(AddrInfo hints, List<(SocketKind Kind, int Protocol, ushort Port)> transports, List<SockAddr> addresses, string? canonicalName)
    {
        AddrInfo? first = null;
        AddrInfo? last = null;
        foreach (SockAddr address in addresses)
        {
            foreach ((SocketKind kind, int protocol, ushort port) in transports)
            {
                AddrInfo result = new()
                {
                    Flags = hints.Flags,
                    Family = address.Family,
                    Kind = kind,
                    Protocol = protocol,
                    Address = address with { Port = port },
                    CanonicalName = first is null && Has(hints, AddrInfoFlags.AI_CANONNAME) ? canonicalName : null,
                };
                if (last is null)
                {
                    first = result;
                }
                else
                {
                    last.Next = result;
                }

                last = result;
            }
        }

        return first;
    }

    private static GaiError FindTransports(string? service, AddrInfo hints, out List<(SocketKind Kind, int Protocol, ushort Port)> found)
    {
        found = [];
        long port = 0;
        bool isNumber = service is null || TryReadNumber(service, out port);
        if (!isNumber && Has(hints, AddrInfoFlags.AI_NUMERICSERV))
        {
            return GaiError.EAI_NONAME;
        }

        bool isAny = hints.Kind == default && hints.Protocol == 0;
        bool isKnown = false;
        foreach ((SocketKind kind, int protocol) in s_transports)
        {
            bool isRaw = kind == SocketKind.SOCK_RAW;
            if ((hints.Kind != default && hints.Kind != kind) || (hints.Protocol != 0 && !isRaw && hints.Protocol != protocol))
            {
                continue;
            }

            isKnown = true;
            if (isNumber)
            {
                // A raw socket has no port: without a type it is told of, with its type the service is refused.
                if (port is >= 0 and <= ushort.MaxValue && (!isRaw || string.IsNullOrEmpty(service) || isAny))
                {
                    found.Add((kind, isRaw ? hints.Protocol : protocol, (ushort)port));
                }
            }
            else if (!isRaw && ServiceTable.FindPort(service!, kind == SocketKind.SOCK_DGRAM) is { } known)
            {
                found.Add((kind, protocol, known));
            }

            if (!isAny)
            {
                break; // the first that suits
            }
        }

        return !isKnown ? hints.Kind != default ? GaiError.EAI_SOCKTYPE : GaiError.EAI_SERVICE : found.Count == 0 ? GaiError.EAI_SERVICE : GaiError.None;
    }

    // strtoul: white space and a sign may stand in front.
    private static bool TryReadNumber(string text, out long number)
    {
        number = 0;
        ReadOnlySpan<char> digits = text.AsSpan().TrimStart(" \t\n\v\f\r");
        bool isNegative = digits.StartsWith("-");
        digits = digits.StartsWith("-") || digits.StartsWith("+") ? digits[1..] : digits;
        if (digits.IsEmpty)
        {
            return text.Length == 0;
        }

        foreach (char digit in digits)
        {
            if (!char.IsAsciiDigit(digit))
            {
                return false;
            }

            number = Math.Min((number * 10) + (digit - '0'), uint.MaxValue);
        }

        number = isNegative ? -number : number;
        return true;
    }

    private GaiError FindAddresses(string? node, AddrInfo hints, bool hasIPv4, bool hasIPv6, out List<SockAddr> addresses, out string? canonicalName)
    {
        canonicalName = node;
        addresses = [];
        if (node is null)
        {
            bool isPassive = Has(hints, AddrInfoFlags.AI_PASSIVE);
            SockAddr four = SockAddr.Inet(isPassive ? default : IPv4Address.Loopback, 0);
            SockAddr six = SockAddr.Inet6(isPassive ? IpAddress.Any : IPv6Address.Loopback, 0);
            addresses.AddRange(hints.Family switch
            {
                SocketDomain.AF_INET => [four],
                SocketDomain.AF_INET6 => [six],
                _ => isPassive ? [four, six] : (ReadOnlySpan<SockAddr>)[six, four],
            });
            return GaiError.None;
        }

        if (AddressText.TryReadOldIPv4(node, isExact: true, out IPv4Address literal))
        {
            bool isMapped = hints.Family == SocketDomain.AF_INET6;
            if (isMapped && !Has(hints, AddrInfoFlags.AI_V4MAPPED))
            {
                return GaiError.EAI_ADDRFAMILY;
            }

            addresses.Add(isMapped ? SockAddr.Inet6(literal, 0) : SockAddr.Inet(literal, 0));
            return GaiError.None;
        }

        bool isWhole = TryReadScoped(node, out IPv6Address six6, out int scope, out bool isAddress);
        if (isAddress)
        {
            IpAddress address = six6;
            if (hints.Family == SocketDomain.AF_INET && !address.IsIPv4)
            {
                return GaiError.EAI_ADDRFAMILY;
            }

            addresses.Add(hints.Family == SocketDomain.AF_INET ? SockAddr.Inet(address.IPv4, 0) : SockAddr.Inet6(address, 0, scope));
            return isWhole ? GaiError.None : GaiError.EAI_NONAME; // else an interface that there is not
        }

        return node.Length == 0 || Has(hints, AddrInfoFlags.AI_NUMERICHOST) ? GaiError.EAI_NONAME : LookUp(node, hints, hasIPv4, hasIPv6, addresses, ref canonicalName);
    }

    private GaiError LookUp(string node, AddrInfo hints, bool hasIPv4, bool hasIPv6, List<SockAddr> addresses, ref string? canonicalName)
    {
        bool isMapped = hints.Family == SocketDomain.AF_INET6;
        bool wantsIPv6 = hints.Family != SocketDomain.AF_INET && hasIPv6;
        bool wantsIPv4 = isMapped ? Has(hints, AddrInfoFlags.AI_V4MAPPED) : hasIPv4;
        HostEntry entry;
        try
        {
            entry = (HostNames ?? LocalHost.Instance).FindAsync(node, wantsIPv4, wantsIPv6).GetAwaiter().GetResult();
        }
        catch (SocketException exception)
        {
            return ErrorOf(exception.SocketErrorCode);
        }

        canonicalName = entry.CanonicalName;
        bool hasSix = entry.Addresses.Any(static address => !address.IsIPv4);
        bool takesFour = wantsIPv4 && (!isMapped || !hasSix || Has(hints, AddrInfoFlags.AI_ALL));
        foreach (IpAddress address in DestinationOrder.Sort(ip, [.. entry.Addresses.Where(address => address.IsIPv4 ? takesFour : wantsIPv6)]))
        {
            addresses.Add(address.IsIPv4 && !isMapped ? SockAddr.Inet(address.IPv4, 0) : SockAddr.Inet6(address, 0));
        }

        return addresses.Count == 0 ? GaiError.EAI_NODATA : GaiError.None;
    }

    private static GaiError ErrorOf(SocketError error) => error switch
    {
        SocketError.HostNotFound => GaiError.EAI_NONAME,
        SocketError.NoData => GaiError.EAI_NODATA,
        SocketError.TryAgain or SocketError.NoBufferSpaceAvailable => GaiError.EAI_AGAIN,
        _ => GaiError.EAI_FAIL,
    };

    // RFC 4007 §11: address%zone.
    private bool TryReadScoped(string text, out IPv6Address address, out int scope, out bool isAddress)
    {
        int percent = text.IndexOf('%', StringComparison.Ordinal);
        scope = 0;
        isAddress = AddressText.TryReadIPv6(percent < 0 ? text : text.AsSpan(0, percent), out address);
        if (!isAddress || percent < 0)
        {
            return isAddress;
        }

        string zone = text[(percent + 1)..];
        IpAddress scoped = address;
        scope = scoped.NeedsScope || scoped.IsMulticast ? InterfaceNames.IndexOf(ip, zone) : 0;
        return scope != 0 || (zone.Length > 0 && zone.All(char.IsAsciiDigit) && int.TryParse(zone, CultureInfo.InvariantCulture, out scope));
    }

    private (bool IPv4, bool IPv6) Configured(AddrInfo hints)
    {
        if (!Has(hints, AddrInfoFlags.AI_ADDRCONFIG))
        {
            return (true, true);
        }

        using (ip.Context.Enter())
        {
            bool four = false;
            bool six = false;
            foreach (NetworkInterface network in ip.Context.Interfaces)
            {
                four |= Array.Exists(network.Addresses, static own => own.IsUsable && own.Address.IsIPv4 && !own.Address.IsLoopback);
                six |= Array.Exists(network.Addresses, static own => own.IsUsable && !own.Address.IsIPv4 && !own.Address.IsLoopback);
            }

            return four || six ? (four, six) : (true, true); // a host without any can still talk to itself
        }
    }
}
