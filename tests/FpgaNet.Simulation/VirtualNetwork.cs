using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Simulation;

/// <summary>
/// Hosts, routers and links in virtual time: one thread, no sleeping, everything decided by one seed. An application's continuations run inline, so that a run is
/// the same every time. Hosts stand on one Ethernet segment unless a topology says otherwise.
/// </summary>
public sealed partial class VirtualNetwork : IDisposable
{
    private readonly LinkModel _model;
    private readonly List<VirtualHost> _hosts = [];
    private readonly List<Link> _links = [];
    private readonly Dictionary<UInt128, MacAddress> _stations = [];
    private EthernetSegment? _lan;
    private ulong _lastMac = 0x0200_5E00_0000;
    private bool _failed;

    public VirtualNetwork(int seed, LinkModel? model = null)
    {
        Seed = seed;
        Random = new Random(seed);
        _model = model ?? new LinkModel();
    }

    public int Seed { get; }

    /// <summary>What this run is, for its report.</summary>
    public string Scenario { get; set; } = string.Empty;

    /// <summary>More for the report, such as what applications were doing.</summary>
    public Func<string>? Details { get; set; }

    public VirtualTime Time { get; } = new();

    /// <summary>Whether faults happen; switched off to let a test end quietly.</summary>
    public bool IsFaulty { get; set; } = true;

    public FrameLog Log { get; } = new();

    public IReadOnlyList<VirtualHost> Hosts => _hosts;

    public IReadOnlyList<Link> Links => _links;

    /// <summary>The draws of the links.</summary>
    internal Random Random { get; }

    /// <summary>Settings whose pools suit many stacks in one process.</summary>
    public static TcpSettings SmallPools { get; } = new() { SendChunks = 40, ReceiveChunks = 40, ReceiveBufferSize = 256 << 10, SendBufferSize = 256 << 10 };

    /// <summary>Adds a host to the common segment: 192.0.2.1 first, then 192.0.2.2 and so on.</summary>
    public NetworkStack AddHost(TcpSettings? tcp = null, int mtu = 1500, bool segments = true, int buffers = 4096, bool inSoftware = false) => AddHost(
        new HostModel
        {
            Tcp = tcp ?? SmallPools,
            MaximumTransmissionUnit = mtu,
            Features = VirtualDevice.Features(segments),
            ReceiveBuffers = buffers,
            InSoftware = inSoftware,
        },
        _lan ??= AddSegment("lan"),
        new IPv4Address(0xC000_0201u + (uint)_hosts.Count)).Stack;

    /// <summary>Adds a host to a segment.</summary>
    /// <param name="host">How it is.</param>
    /// <param name="segment">Where.</param>
    /// <param name="address">Its address.</param>
    /// <param name="gateway">Its router.</param>
    /// <param name="up">The link from it to the switch; null: as the network's.</param>
    /// <param name="down">The link back; null: it takes no time.</param>
    public VirtualHost AddHost(HostModel host, EthernetSegment segment, IPv4Address address, IPv4Address? gateway = null, LinkModel? up = null, LinkModel? down = null)
    {
        int number = _hosts.Count + 1;
        MacAddress mac = NextMac();
        Link link = null!;
        VirtualDevice device = null!;
        device = new VirtualDevice($"host{number}", mac, host.MaximumTransmissionUnit, host.Features, host.ReceiveBuffers, () => HasRoom(device, link), (_, bytes) => link.Send(new WireFrame(bytes)));
        link = AddLink($"host{number}>", up ?? _model, segment.Plug(mac, AddLink($">host{number}", down ?? LinkModel.Ideal, device)), holdsSenderBack: true);
        _stations.Add(PacketView.Key(address), mac);
        if (host.IPv6Address is { } address6)
        {
            _stations.Add(address6.Value, mac);
        }

        INetworkDevice top = host.InSoftware ? new SoftwareOffload(device) { EnabledFeatures = host.StackFeatures } : device;
        NetworkStack stack = new(top, new NetworkStackOptions
        {
            Address = host.IsUnconfigured ? null : address,
            Gateway = gateway,
            IPv6Address = host.IPv6Address,
            IPv6Gateway = host.IPv6Gateway,
            IPv6 = host.IPv6,
            DuplicateAddressTransmits = host.DetectsDuplicates ? 1 : 0,
            TimeProvider = Time,
            Seed = (ulong)(uint)(Seed * 31) + (uint)number,
            SourceRouting = host.SourceRouting,
            InlineCompletions = true,
            OutputQueueFrames = 128,
            HeaderBuffers = 512,
            Tcp = host.Tcp,
        });
        VirtualHost added = new(this, stack, device, top, link, address) { Address6 = host.IPv6Address };
        _hosts.Add(added);
        MarkDirty(added);
        return added;
    }

    /// <summary>Gives a host one more card.</summary>
    /// <param name="host">The host.</param>
    /// <param name="segment">Where the card is plugged in.</param>
    /// <param name="address">The host's address there, in a /24.</param>
    public VirtualHost AddInterface(VirtualHost host, EthernetSegment segment, IPv4Address address)
    {
        string name = $"host{_hosts.IndexOf(host) + 1}.{host.MoreDevices.Count + 1}";
        MacAddress mac = NextMac();
        Link link = null!;
        VirtualDevice device = null!;
        device = new VirtualDevice(name, mac, 1500, VirtualDevice.Features(segments: true), 4096, () => HasRoom(device, link), (_, bytes) => link.Send(new WireFrame(bytes)));
        link = AddLink($"{name}>", _model, segment.Plug(mac, AddLink($">{name}", LinkModel.Ideal, device)), holdsSenderBack: true);
        _stations.Add(PacketView.Key(address), mac);
        host.MoreDevices.Add(device);
        host.Stack.AddInterface(device, new InterfaceOptions { Addresses = [new AddressPrefix(address, 24)], OutputQueueFrames = 128, HeaderBuffers = 512 });
        MarkDirty(host);
        return host;
    }

    /// <summary>Plugs a station that is no host of ours into a segment: a peer by hand, an attacker.</summary>
    /// <param name="station">Receives frames.</param>
    /// <param name="segment">Where.</param>
    /// <param name="address">Its address, for routers.</param>
    /// <param name="mac">Its station address.</param>
    /// <returns>Where it sends its frames to.</returns>
    public IWireEnd Plug(IWireEnd station, EthernetSegment segment, IPv4Address address, MacAddress mac)
    {
        _stations[PacketView.Key(address)] = mac;
        return segment.Plug(mac, AddLink($">{mac}", LinkModel.Ideal, station));
    }

    /// <summary>Has a router advertise a /64 to the segment at one of its ports, and route to it.</summary>
    public static void Advertise(Router router, Router.Port port, IPv6Address prefix)
    {
        port.Prefix = prefix;
        router.AddRoute(prefix.Value, 64, port, null);
    }

    /// <summary>Tells routers where an address is that a host made itself.</summary>
    public void AddStation(IPv6Address address, VirtualHost host) => _stations[address.Value] = host.Device.MacAddress;

    public EthernetSegment AddSegment(string name) => new(name);

    public Router AddRouter(string name) => new(this, name);

    /// <summary>Plugs a router into a segment.</summary>
    /// <param name="router">The router.</param>
    /// <param name="segment">Where.</param>
    /// <param name="address">Its address there; its link is the /24 around it.</param>
    /// <param name="toSegment">The link from the router to the switch: its queue is the one that overflows.</param>
    public Router.Port Connect(Router router, EthernetSegment segment, IPv4Address address, LinkModel? toSegment = null)
    {
        Router.Port port = NewPort(router, address);
        port.Link = AddLink(
            $"{router.Name}>{segment.Name}", toSegment ?? LinkModel.Ideal, segment.Plug(port.MacAddress, AddLink($"{segment.Name}>{router.Name}", LinkModel.Ideal, port)));
        _stations[PacketView.Key(address)] = port.MacAddress;
        router.AddRoute(PacketView.Key(address) & ~(UInt128)0xFF, 120, port, null);
        return port;
    }

    /// <summary>Joins two routers by a cable of their own.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <param name="toRight">The direction from left to right.</param>
    /// <param name="toLeft">The direction back; null: the same.</param>
    public (Router.Port Left, Router.Port Right) Connect(Router left, Router right, LinkModel toRight, LinkModel? toLeft = null)
    {
        // Point-to-point links need addresses only as the source of ICMP errors.
        uint net = 0xCB00_7100u + (uint)(_links.Count * 2);
        Router.Port a = NewPort(left, new IPv4Address(net));
        Router.Port b = NewPort(right, new IPv4Address(net + 1));
        a.Link = AddLink($"{left.Name}>{right.Name}", toRight, b);
        b.Link = AddLink($"{right.Name}>{left.Name}", toLeft ?? toRight, a);
        return (a, b);
    }

    /// <summary>The station that has an address.</summary>
    internal MacAddress? MacOf(UInt128 address) => _stations.TryGetValue(address, out MacAddress mac) ? mac : null;

    /// <summary>Ends all stacks, and checks what must hold when a run is over (<see cref="Invariants"/>) unless the run has failed already.</summary>
    public void Dispose()
    {
        if (!_failed)
        {
            Invariants.CheckAlive(this);
        }

        foreach (VirtualHost host in _hosts)
        {
            host.Stack.Dispose();
        }

        try
        {
            foreach (VirtualHost host in _hosts)
            {
                host.Top.Dispose();
                host.MoreDevices.ForEach(static device => device.Dispose());
            }

            if (!_failed)
            {
                Invariants.CheckEnded(this);
            }
        }
        catch (SimulationException e) when (!_failed)
        {
            Fail(e.Message);
        }
    }

    private Router.Port NewPort(Router router, IPv4Address address)
    {
        MacAddress mac = NextMac();
        Router.Port port = router.AddPort(mac, address, new IPv6Address(((UInt128)0xFE80_0000_0000_0000 << 64) | mac.Value));
        return port;
    }

    private MacAddress NextMac() => new(++_lastMac);

    private Link AddLink(string name, LinkModel model, IWireEnd to, bool holdsSenderBack = false)
    {
        Link link = new(this, name, _links.Count, model, to, holdsSenderBack);
        _links.Add(link);
        return link;
    }

    private bool HasRoom(VirtualDevice device, Link link)
    {
        if (link.HasRoom)
        {
            return true;
        }

        if (!device.IsBlocked)
        {
            At(link.RoomAt, device.RoomCame);
        }

        return false;
    }
}
