using System.Buffers.Binary;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network;

/// <summary>
/// A host's side of router discovery (RFC 4861 §6.3) and stateless address autoconfiguration (RFC 4862 §5.5): asks for routers, and keeps what they advertise for as
/// long as it is valid. All of it is bounded, whatever a router, or who claims to be one, advertises.
/// </summary>
internal sealed class RouterDiscovery
{
    private const int MinimumLength = 16;
    private const int PrefixOptionLength = 32;
    private const int MaximumRouters = 8;
    private const int MaximumPrefixes = 16;
    private const int MinimumMtu = 1280; // RFC 8200 §5
    private const int AdvertisedMetric = 100; // behind what somebody asked for

    // RFC 4861 §10 and RFC 7559 §2.
    private static readonly TimeSpan s_firstInterval = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan s_longestInterval = TimeSpan.FromSeconds(3600);
    private static readonly TimeSpan s_maximumDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestReachableTime = TimeSpan.FromHours(1); // RFC 4861 §6.2.1
    private static readonly TimeSpan s_twoHours = TimeSpan.FromHours(2);

    private readonly NetworkInterface _network;
    private readonly StackContext _context;
    private readonly IpLayer _ip;
    private readonly StackTimer _timer;
    private readonly List<(Route Route, Instant Until)> _routes = [];
    private readonly List<(IpAddress Server, Instant Until)> _nameServers = [];
    private Instant _solicitDue = Instant.Never;
    private TimeSpan _interval;

    public RouterDiscovery(NetworkInterface network, IpLayer ip)
    {
        _network = network;
        _context = network.Context;
        _ip = ip;
        _timer = new StackTimer(_context.Timers, OnTimer);
    }

    /// <summary>Name servers that routers advertise (RFC 8106 §5.1), for whoever resolves names.</summary>
    public IEnumerable<IpAddress> NameServers => _nameServers.Select(static entry => entry.Server);

    /// <summary>The link-local address can be used: begins to look for routers, when the interface is to configure itself.</summary>
    public void Begin()
    {
        if (_network.Options.IPv6 == IPv6Mode.Autoconfigured && _solicitDue == Instant.Never && _interval == TimeSpan.Zero)
        {
            _solicitDue = _context.Now + (s_maximumDelay * _context.Random.NextDouble()); // RFC 4861 §6.3.7
            SetTimer();
        }
    }

    /// <summary>Takes in an advertisement (§6.3.4).</summary>
    public void ReceiveAdvertisement(in IpPacket packet, in IcmpHeader message)
    {
        if (_network.Options.IPv6 != IPv6Mode.Autoconfigured)
        {
            return;
        }

        // §6.1.2.
        ReadOnlySpan<byte> head = packet.Head;
        if (packet.HopLimit != NeighborDiscovery.HopLimit || !packet.Source.NeedsScope || message.Code != 0 || head.Length < MinimumLength
            || head.Length < packet.TransportLength || !NdpOptionReader.IsValid(head[MinimumLength..]))
        {
            _context.Counters.Add(StackCounter.NdpInvalid);
            return;
        }

        _context.Counters.Add(StackCounter.NdpRouterAdvertisements);
        TakeParameters(head);
        TakeRouter(packet.Source, head[5], TimeSpan.FromSeconds(BinaryPrimitives.ReadUInt16BigEndian(head[6..])));
        NdpOptionReader options = new(head[MinimumLength..]);
        while (options.TryNext())
        {
            switch (options.Type)
            {
                case NdpOptionType.SourceLinkLayerAddress when options.LinkLayerAddress is { IsMulticast: false } mac:
                    _network.Neighbors.Heard(packet.Source, mac, mayAdd: true);
                    if (_network.Neighbors.Peek(packet.Source) is { } router)
                    {
                        router.IsRouter = true;
                    }

                    break;
                case NdpOptionType.PrefixInformation when options.Option.Length == PrefixOptionLength:
                    TakePrefix(packet.Source, options.Option);
                    break;
                case NdpOptionType.Mtu when options.Option.Length == 8:
                    TakeMtu(BinaryPrimitives.ReadUInt32BigEndian(options.Option[4..]));
                    break;
                case NdpOptionType.RecursiveDnsServer:
                    TakeNameServers(options.Option);
                    break;
            }
        }

        SetTimer();
    }

    private void TakeParameters(ReadOnlySpan<byte> head)
    {
        if (head[4] != 0)
        {
            _network.HopLimit = head[4];
        }

        TimeSpan reachable = TimeSpan.FromMilliseconds(BinaryPrimitives.ReadUInt32BigEndian(head[8..]));
        if (reachable > TimeSpan.Zero && reachable <= s_longestReachableTime)
        {
            _network.Neighbors.BaseReachableTime = reachable;
        }

        // A liar's extremes would stop address resolution, or make it a flood.
        TimeSpan retransmit = TimeSpan.FromMilliseconds(BinaryPrimitives.ReadUInt32BigEndian(head[12..]));
        if (retransmit >= TimeSpan.FromMilliseconds(100) && retransmit <= TimeSpan.FromSeconds(10))
        {
            _network.Neighbors.RetransmitTime = retransmit;
        }
    }

    private void TakeRouter(IpAddress router, byte flags, TimeSpan lifetime)
    {
        // RFC 4191 §2.2: 01 high, 00 medium, 11 low; 10 is to be taken for medium.
        int preference = (flags >> 3 & 3) switch
        {
            1 => 0,
            3 => 2,
            _ => 1,
        };
        Route route = new(
            new AddressPrefix(IpAddress.Any, 0), _network.Index, router, _network.Options.Metric + AdvertisedMetric + preference, RouteOrigin.RouterAdvertisement);
        DropRoutes(known => known.Gateway == router && known.Metric != route.Metric);
        KeepRoute(route, lifetime, MaximumRouters, static known => known.Gateway is not null);
        if (lifetime > TimeSpan.Zero)
        {
            _solicitDue = Instant.Never; // RFC 7559 §2: a default router has answered
        }
    }

    private void TakePrefix(IpAddress router, ReadOnlySpan<byte> option)
    {
        int length = option[2];
        bool onLink = (option[3] & 0x80) != 0;
        bool autonomous = (option[3] & 0x40) != 0;
        TimeSpan valid = Lifetime(option[4..]);
        TimeSpan preferred = Lifetime(option[8..]);
        IpAddress prefix = IPv6Address.Read(option[16..]);
        if (length > IpAddress.Bits || prefix.IsLinkLocal || prefix.IsMulticast || prefix.IsIPv4)
        {
            return;
        }

        prefix = prefix.Prefix(length);
        if (onLink)
        {
            Route route = new(
                new AddressPrefix(prefix, length), _network.Index, Gateway: null, _network.Options.Metric + AdvertisedMetric, RouteOrigin.RouterAdvertisement);
            KeepRoute(route, valid, MaximumPrefixes, static known => known.Gateway is null);
        }

        // RFC 4862 §5.5.3: (c), and the length that our identifiers need.
        if (autonomous && preferred <= valid && length == StableAddress.PrefixLength)
        {
            TakeAutonomousPrefix(router, prefix, preferred, valid);
        }
    }

    private void TakeAutonomousPrefix(IpAddress router, IpAddress prefix, TimeSpan preferred, TimeSpan valid)
    {
        Instant now = _context.Now;
        int count = 0;
        foreach (InterfaceAddress own in _network.Addresses)
        {
            if (own.Origin != AddressOrigin.RouterAdvertisement)
            {
                continue;
            }

            count++;
            if (!own.Prefix.Contains(prefix))
            {
                continue;
            }

            // (e): a short lifetime could take an address away from under its users; nobody may do that with less than two hours' notice.
            TimeSpan remaining = own.ValidUntil == Instant.Never ? TimeSpan.MaxValue : own.ValidUntil - now;
            if (valid > s_twoHours || valid > remaining)
            {
                own.ValidUntil = Until(valid);
            }
            else if (remaining > s_twoHours)
            {
                own.ValidUntil = now + s_twoHours;
            }

            own.PreferredUntil = Until(preferred);
            own.Router = router;
            UpdateState(own);
            return;
        }

        if (valid > TimeSpan.Zero && count < MaximumPrefixes)
        {
            InterfaceAddress model = new(new AddressPrefix(prefix, StableAddress.PrefixLength), AddressOrigin.RouterAdvertisement)
            {
                PreferredUntil = Until(preferred),
                ValidUntil = Until(valid),
                Router = router,
            };
            _ip.AddStableAddress(_network, prefix, model, 0);
        }
    }

    private void TakeMtu(uint mtu)
    {
        if (mtu >= MinimumMtu && mtu <= _network.MaximumTransmissionUnit && mtu != _network.LinkMtu6)
        {
            _network.LinkMtu6 = (int)mtu;
            _ip.Routes.Invalidate();
        }
    }

    private void TakeNameServers(ReadOnlySpan<byte> option)
    {
        TimeSpan lifetime = Lifetime(option[4..]);
        for (int at = 8; at + IPv6Address.Length <= option.Length; at += IPv6Address.Length)
        {
            IpAddress server = IPv6Address.Read(option[at..]);
            _nameServers.RemoveAll(entry => entry.Server == server);
            if (lifetime > TimeSpan.Zero && !server.IsMulticast && !server.IsUnspecified && _nameServers.Count < MaximumRouters)
            {
                _nameServers.Add((server, Until(lifetime)));
            }
        }
    }

    // A lifetime of zero takes a route away.
    private void KeepRoute(Route route, TimeSpan lifetime, int most, Predicate<Route> isAlike)
    {
        int at = _routes.FindIndex(entry => entry.Route == route);
        if (lifetime == TimeSpan.Zero)
        {
            DropRoutes(known => known == route);
        }
        else if (at >= 0)
        {
            _routes[at] = (route, Until(lifetime));
        }
        else if (_routes.FindAll(entry => isAlike(entry.Route)).Count < most)
        {
            _routes.Add((route, Until(lifetime)));
            _ip.Routes.Add(route);
        }
    }

    private void DropRoutes(Predicate<Route> isOver)
    {
        for (int i = _routes.Count - 1; i >= 0; i--)
        {
            if (isOver(_routes[i].Route))
            {
                _ip.Routes.Remove(_routes[i].Route);
                _routes.RemoveAt(i);
            }
        }
    }

    private void OnTimer()
    {
        Instant now = _context.Now;
        if (_solicitDue <= now)
        {
            Solicit();
        }

        for (int i = _routes.Count - 1; i >= 0; i--)
        {
            if (_routes[i].Until <= now)
            {
                _ip.Routes.Remove(_routes[i].Route);
                _routes.RemoveAt(i);
            }
        }

        _nameServers.RemoveAll(entry => entry.Until <= now);
        foreach (InterfaceAddress own in _network.Addresses)
        {
            if (own.ValidUntil <= now)
            {
                _ip.RemoveAddress(_network, own.Address);
            }
            else
            {
                UpdateState(own);
            }
        }

        SetTimer();
    }

    // RFC 7559 §2: RT = 2 RTprev ± 10 %, up to an hour, for as long as no router answers.
    private void Solicit()
    {
        _interval = _interval == TimeSpan.Zero ? s_firstInterval : _interval * 2;
        _interval = _interval < s_longestInterval ? _interval : s_longestInterval;
        _interval *= 0.9 + (0.2 * _context.Random.NextDouble());
        _solicitDue = _context.Now + _interval;
        Span<byte> option = stackalloc byte[8];
        NdpOptionReader.WriteLinkLayerAddress(option, NdpOptionType.SourceLinkLayerAddress, _network.Device.MacAddress);

        // RFC 4861 §4.1: without an address it comes from ::, and then says nothing of the station address.
        IpAddress source = _network.LinkLocal ?? default;
        IPv6Address to = IPv6Address.AllRouters;
        _network.NeighborDiscovery.Send(
            source.IPv6, to, MacAddress.ForGroup(to), Icmpv6Type.RouterSolicitation, 0, source.IsUnspecified ? default : option);
    }

    private void UpdateState(InterfaceAddress own)
    {
        AddressState state = own.PreferredUntil <= _context.Now ? AddressState.Deprecated : AddressState.Preferred;
        if (own.IsUsable && own.State != state)
        {
            own.State = state;
            _ip.Routes.Invalidate();
        }
    }

    private Instant Until(TimeSpan lifetime) => lifetime == TimeSpan.MaxValue ? Instant.Never : _context.Now + lifetime;

    // RFC 4861 §4.6.2: all ones is for ever.
    private static TimeSpan Lifetime(ReadOnlySpan<byte> bytes)
    {
        uint seconds = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return seconds == uint.MaxValue ? TimeSpan.MaxValue : TimeSpan.FromSeconds(seconds);
    }

    private void SetTimer()
    {
        Instant next = _solicitDue;
        foreach ((_, Instant until) in _routes)
        {
            next = until < next ? until : next;
        }

        foreach ((_, Instant until) in _nameServers)
        {
            next = until < next ? until : next;
        }

        foreach (InterfaceAddress own in _network.Addresses)
        {
            next = own.ValidUntil < next ? own.ValidUntil : next;
            next = own.State == AddressState.Preferred && own.PreferredUntil < next ? own.PreferredUntil : next;
        }

        if (next != Instant.Never)
        {
            _timer.Set(next);
        }
    }
}
