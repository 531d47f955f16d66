using FpgaNet.Packets.Wire;

namespace FpgaNet.Simulation;

/// <summary>
/// Senders on the left, receivers on the right, and between two routers the one link that they share:
/// <c>192.0.2.n — left router — bottleneck — right router — 198.51.100.n</c>. Only the routers' queues drop.
/// </summary>
public sealed class Dumbbell
{
    private static readonly IPv4Address s_leftGateway = IPv4Address.Parse("192.0.2.254");
    private static readonly IPv4Address s_rightGateway = IPv4Address.Parse("198.51.100.254");

    /// <param name="network">Where it is built.</param>
    /// <param name="pairs">Senders, and as many receivers.</param>
    /// <param name="bottleneck">The shared link to the right.</param>
    /// <param name="back">The shared link to the left; null: the same without its faults and with a long queue.</param>
    /// <param name="host">How hosts are; given the number of the pair, from 0.</param>
    /// <param name="access">The link of a sender, by number of the pair; null: it takes no time. Different delays make different round trips.</param>
    public Dumbbell(
        VirtualNetwork network, int pairs, LinkModel bottleneck, LinkModel? back = null, Func<int, HostModel>? host = null, Func<int, LinkModel>? access = null)
    {
        Left = network.AddRouter("left");
        Right = network.AddRouter("right");
        EthernetSegment senders = network.AddSegment("senders");
        EthernetSegment receivers = network.AddSegment("receivers");
        Router.Port toSenders = network.Connect(Left, senders, s_leftGateway);
        Router.Port toReceivers = network.Connect(Right, receivers, s_rightGateway);
        (Router.Port a, Router.Port b) = network.Connect(
            Left, Right, bottleneck, back ?? new LinkModel { BitsPerSecond = bottleneck.BitsPerSecond, Delay = bottleneck.Delay, QueueFrames = 10_000 });
        Left.AddRoute(PacketView.Key(s_rightGateway) & ~(UInt128)0xFF, 120, a, b.MacAddress);
        Right.AddRoute(PacketView.Key(s_leftGateway) & ~(UInt128)0xFF, 120, b, a.MacAddress);
        ToSenders = toSenders;
        ToReceivers = toReceivers;
        Bottleneck = a.Link;
        Back = b.Link;

        LinkModel fast = new() { Delay = TimeSpan.Zero, BitsPerSecond = 10_000_000_000, QueueFrames = 1000 };
        Senders = [.. Enumerable.Range(0, pairs).Select(i => network.AddHost(
            host?.Invoke(i) ?? new HostModel(), senders, new IPv4Address(s_leftGateway.Value - 253 + (uint)i), s_leftGateway, access?.Invoke(i) ?? fast))];
        Receivers = [.. Enumerable.Range(0, pairs).Select(i => network.AddHost(
            host?.Invoke(i) ?? new HostModel(), receivers, new IPv4Address(s_rightGateway.Value - 253 + (uint)i), s_rightGateway, fast))];
    }

    public Router Left { get; }

    public Router Right { get; }

    public IReadOnlyList<VirtualHost> Senders { get; }

    public IReadOnlyList<VirtualHost> Receivers { get; }

    /// <summary>The shared link, to the right: its counters tell utilisation and drops.</summary>
    public Link Bottleneck { get; }

    /// <summary>The shared link, to the left.</summary>
    public Link Back { get; }

    /// <summary>The left router's port to the senders.</summary>
    public Router.Port ToSenders { get; }

    /// <summary>The right router's port to the receivers.</summary>
    public Router.Port ToReceivers { get; }
}
