using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network;

/// <summary>Redirects (RFC 4861 §8): a router that knows a better first hop to a destination. Believed only when the interface says so, and only from the router in use.</summary>
internal sealed class RedirectInput
{
    private const int MinimumLength = 40;
    private const int MaximumRedirects = 32;

    private static readonly TimeSpan s_lifetime = TimeSpan.FromMinutes(10);

    private readonly NetworkInterface _network;
    private readonly IpLayer _ip;
    private readonly Queue<(Route Route, Instant Until)> _routes = new(); // oldest first
    private readonly StackTimer _timer;

    public RedirectInput(NetworkInterface network, IpLayer ip)
    {
        _network = network;
        _ip = ip;
        _timer = new StackTimer(network.Context.Timers, OnTimer);
    }

    /// <summary>Takes in a redirect (§8.3).</summary>
    public void Receive(in IpPacket packet, in IcmpHeader message)
    {
        if (!_network.Options.AcceptRedirects)
        {
            return;
        }

        ReadOnlySpan<byte> head = packet.Head;
        if (packet.HopLimit != NeighborDiscovery.HopLimit || !packet.Source.NeedsScope || message.Code != 0 || head.Length < MinimumLength
            || head.Length < packet.TransportLength || !NdpOptionReader.IsValid(head[MinimumLength..]))
        {
            _network.Context.Counters.Add(StackCounter.NdpInvalid);
            return;
        }

        // §8.1: from the first hop that we use, to a router's link-local address or to the destination itself.
        IpAddress target = IPv6Address.Read(head[IcmpHeader.Length..]);
        IpAddress destination = IPv6Address.Read(head[(IcmpHeader.Length + IPv6Address.Length)..]);
        bool onLink = target == destination;
        if (destination.IsMulticast || (!onLink && !target.NeedsScope) || target.IsMulticast
            || _ip.Find(destination) is not { } known || known.Interface != _network || known.NextHop != packet.Source)
        {
            _network.Context.Counters.Add(StackCounter.NdpInvalid);
            return;
        }

        if (NeighborDiscovery.LinkLayerAddress(head[MinimumLength..], NdpOptionType.TargetLinkLayerAddress) is { IsMulticast: false } mac)
        {
            _network.Neighbors.Heard(target, mac, mayAdd: true);
        }

        if (_routes.Count == MaximumRedirects)
        {
            _ip.Routes.Remove(_routes.Dequeue().Route);
        }

        Route route = new(
            new AddressPrefix(destination, IpAddress.Bits), _network.Index, onLink ? null : target, _network.Options.Metric, RouteOrigin.Redirect);
        if (!_ip.Routes.Add(route))
        {
            return; // known
        }

        _routes.Enqueue((route, _network.Context.Now + s_lifetime));
        _network.Context.Counters.Add(StackCounter.NdpRedirects);
        _timer.Set(_routes.Peek().Until);
    }

    private void OnTimer()
    {
        while (_routes.TryPeek(out (Route Route, Instant Until) oldest))
        {
            if (oldest.Until > _network.Context.Now)
            {
                _timer.Set(oldest.Until);
                return;
            }

            _ip.Routes.Remove(_routes.Dequeue().Route);
        }
    }
}
