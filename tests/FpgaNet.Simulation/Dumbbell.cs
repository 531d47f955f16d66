using FpgaNet.Packets.Wire;

namespace FpgaNet.Simulation;

/// <summary>
/// Senders on the left, receivers on the right, and between them a line of routers:
/// <c>192.0.2.n, 2001:db8:1::n — router — link — router — … — router — 198.51.100.n, 2001:db8:2::n</c>. With two routers the one link between them is what all share. Only the routers'
/// queues drop.
/// </summary>
public sealed class Dumbbell
{
    private static readonly IPv4Address s_leftGateway = IPv4Address.Parse("192.0.2.254");
    private static readonly IPv4Address s_rightGateway = IPv4Address.Parse("198.51.100.254");
    private static readonly IPv6Address s_leftPrefix = IPv6Address.Parse("2001:db8:1::");
    private static readonly IPv6Address s_rightPrefix = IPv6Address.Parse("2001:db8:2::");

    private readonly List<Router> _routers = [];
    private readonly List<(Router.Port Right, Router.Port Left)> _hops = [];

    /// <param name="network">Where it is built.</param>
    /// <param name="pairs">Senders, and as many receivers.</param>
    /// <param name="bottleneck">The shared link to the right.</param>
    /// <param name="back">The shared link to the left; null: the same without its faults and with a long queue.</param>
    /// <param name="host">How hosts are; given the number of the pair, from 0.</param>
    /// <param name="access">The link of a sender, by number of the pair; null: it takes no time. Different delays make different round trips.</param>
    public Dumbbell(
        VirtualNetwork network, int pairs, LinkModel bottleneck, LinkModel? back = null, Func<int, HostModel>? host = null, Func<int, LinkModel>? access = null)
        : this(
            network,
            pairs,
            [(bottleneck, back ?? new LinkModel { BitsPerSecond = bottleneck.BitsPerSecond, Delay = bottleneck.Delay, QueueFrames = 10_000 })],
            i => host?.Invoke(i) ?? new HostModel(),
            i => host?.Invoke(i) ?? new HostModel(),
            access)
    {
    }

    /// <param name="network">Where it is built.</param>
    /// <param name="pairs">Senders, and as many receivers.</param>
    /// <param name="hops">The links between routers, from left to right, both directions of each; with none there is one router.</param>
    /// <param name="sender">How the hosts on the left are.</param>
    /// <param name="receiver">How the hosts on the right are.</param>
    /// <param name="access">The link of a sender.</param>
    public Dumbbell(
        VirtualNetwork network,
        int pairs,
        IReadOnlyList<(LinkModel Right, LinkModel Left)> hops,
        Func<int, HostModel> sender,
        Func<int, HostModel> receiver,
        Func<int, LinkModel>? access = null)
    {
        for (int i = 0; i <= hops.Count; i++)
        {
            _routers.Add(network.AddRouter($"router{i + 1}"));
        }

        EthernetSegment left = network.AddSegment("left");
        EthernetSegment right = network.AddSegment("right");
        ToSenders = network.Connect(_routers[0], left, s_leftGateway);
        ToReceivers = network.Connect(_routers[^1], right, s_rightGateway);
        AddPrefix(_routers[0], ToSenders, s_leftPrefix);
        AddPrefix(_routers[^1], ToReceivers, s_rightPrefix);
        for (int i = 0; i < hops.Count; i++)
        {
            (Router.Port a, Router.Port b) = network.Connect(_routers[i], _routers[i + 1], hops[i].Right, hops[i].Left);
            _routers[i].AddRoute(PacketView.Key(s_rightGateway) & ~(UInt128)0xFF, 120, a, b.MacAddress);
            _routers[i + 1].AddRoute(PacketView.Key(s_leftGateway) & ~(UInt128)0xFF, 120, b, a.MacAddress);
            _routers[i].AddRoute(s_rightPrefix.Value, 64, a, b.MacAddress);
            _routers[i + 1].AddRoute(s_leftPrefix.Value, 64, b, a.MacAddress);
            _hops.Add((a, b));
        }

        LinkModel fast = new() { Delay = TimeSpan.Zero, BitsPerSecond = 10_000_000_000, QueueFrames = 1000 };
        Senders = [.. Enumerable.Range(0, pairs).Select(
            i => network.AddHost(WithIPv6(sender(i), ToSenders, i), left, new IPv4Address(s_leftGateway.Value - 253 + (uint)i), s_leftGateway, access?.Invoke(i) ?? fast))];
        Receivers = [.. Enumerable.Range(0, pairs).Select(
            i => network.AddHost(WithIPv6(receiver(i), ToReceivers, i), right, new IPv4Address(s_rightGateway.Value - 253 + (uint)i), s_rightGateway, fast))];
    }

    public IReadOnlyList<Router> Routers => _routers;

    public IReadOnlyList<VirtualHost> Senders { get; }

    public IReadOnlyList<VirtualHost> Receivers { get; }

    /// <summary>The ports at the two ends of each link between routers, from left to right.</summary>
    public IReadOnlyList<(Router.Port Right, Router.Port Left)> Hops => _hops;

    /// <summary>The first shared link, to the right: its counters tell utilisation and drops.</summary>
    public Link Bottleneck => _hops[0].Right.Link;

    /// <summary>The same, to the left.</summary>
    public Link Back => _hops[0].Left.Link;

    /// <summary>The first router's port to the senders.</summary>
    public Router.Port ToSenders { get; }

    /// <summary>The last router's port to the receivers.</summary>
    public Router.Port ToReceivers { get; }

    private static void AddPrefix(Router router, Router.Port port, IPv6Address prefix)
    {
        port.Prefix = prefix;
        router.AddRoute(prefix.Value, 64, port, null);
    }

    // RFC 8200 §5: no IPv6 where 1280 bytes do not fit.
    private static HostModel WithIPv6(HostModel host, Router.Port gateway, int number) => host.MaximumTransmissionUnit < 1280
        ? host
        : host with { IPv6Address = new IPv6Address(gateway.Prefix!.Value.Value + (uint)number + 1), IPv6Gateway = gateway.LinkLocal };
}
