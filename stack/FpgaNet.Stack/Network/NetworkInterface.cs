using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>A device with its addresses, its groups, its neighbours and its way out.</summary>
internal sealed class NetworkInterface
{
    private const int PacketPoolBytes = 1 << 20;

    private readonly IpLayer _ip;
    private int _promiscuousUsers;

    public NetworkInterface(IpLayer ip, INetworkDevice device, InterfaceOptions options, int index)
    {
        _ip = ip;
        Context = ip.Context;
        Device = device;
        Options = options;
        Devices = [device, .. options.Bands.Select(static band => band.Queue)];
        Index = index;
        MaximumTransmissionUnit = Math.Min(device.Capabilities.MaximumTransmissionUnit, IPv4Header.MaximumPacketLength);
        LinkMtu4 = LinkMtu6 = MaximumTransmissionUnit;
        HopLimit = Context.Options.TimeToLive;
        Output = new FrameOutput(this, options.OutputQueueFrames, options.HeaderBuffers);
        int packetSize = MaximumTransmissionUnit + EthernetHeader.Length;
        Packets = new BufferPool(Math.Max(PacketPoolBytes / packetSize, 16), packetSize);
        Arp = new ArpProtocol(this);
        NeighborDiscovery = new NeighborDiscovery(this);
        Neighbors = new NeighborCache(this)
        {
            Undeliverable = ip.ReportUndeliverable,
            GatewayChanged = ip.Routes.Invalidate,
            Solicit = Solicit,
        };
        DuplicateAddresses = new DuplicateAddressDetection(this, ip);
        RouterDiscovery = new RouterDiscovery(this, ip);
        Redirects = new RedirectInput(this, ip);
        Groups = new InterfaceGroups(this);
    }

    public StackContext Context { get; }

    public INetworkDevice Device { get; }

    /// <summary>The device and its further queues, all of which may have received something.</summary>
    public INetworkDevice[] Devices { get; }

    public InterfaceOptions Options { get; }

    /// <summary>The interface's number, from 1: the scope id of link-local addresses (RFC 4007 §6).</summary>
    public int Index { get; }

    public FrameOutput Output { get; }

    /// <summary>Buffers for whole packets that we make ourselves: datagrams and echo requests.</summary>
    public BufferPool Packets { get; }

    public ArpProtocol Arp { get; }

    public NeighborDiscovery NeighborDiscovery { get; }

    public NeighborCache Neighbors { get; }

    public DuplicateAddressDetection DuplicateAddresses { get; }

    public RouterDiscovery RouterDiscovery { get; }

    public RedirectInput Redirects { get; }

    public InterfaceGroups Groups { get; }

    /// <summary>Who has asked whether an IPv4 address is in use; null: nobody.</summary>
    public AddressProbe? AddressProbe { get; set; }

    /// <summary>Our addresses on this link, those that cannot be used yet among them. The array is replaced when one comes or goes, never changed.</summary>
    public InterfaceAddress[] Addresses { get; private set; } = [];

    /// <summary>Some address's duplicate address detection is under way.</summary>
    public bool HasTentativeAddresses => Array.Exists(Addresses, static own => own.State == AddressState.Tentative);

    /// <summary>Called when an address has left that state.</summary>
    public Action? AddressSettled { get; set; }

    /// <summary>Largest IP packet in bytes.</summary>
    public int MaximumTransmissionUnit { get; }

    /// <summary>Largest IPv4 packet in bytes: what DHCP says, and the device's at most (RFC 2132 §5.1).</summary>
    public int LinkMtu4 { get; private set; }

    /// <summary>Largest IPv6 packet in bytes: what routers advertise, and the device's at most (RFC 4861 §6.3.4).</summary>
    public int LinkMtu6 { get; set; }

    /// <summary>Hop limit of IPv6 packets: what routers advertise (RFC 4861 §6.3.4).</summary>
    public byte HopLimit { get; set; }

    /// <summary>It speaks IPv6: it has a link-local address, or is about to.</summary>
    public bool HasIPv6 { get; set; }

    /// <summary>It leads to ourselves.</summary>
    public bool IsLoopback { get; init; }

    /// <summary>The device has failed.</summary>
    public bool IsDown { get; set; }

    /// <summary>
    /// The device knows already that the event loop waits for room. Without this every turn of a loop that finds the device full would wake itself for the next.
    /// </summary>
    public bool WaitsForRoom { get; set; }

    /// <summary>The first IPv4 address; null: there is none.</summary>
    public IPv4Address? FirstIPv4
    {
        get
        {
            foreach (InterfaceAddress own in Addresses)
            {
                if (own.Address.IsIPv4)
                {
                    return own.Address.IPv4;
                }
            }

            return null;
        }
    }

    /// <summary>The link-local IPv6 address; null: there is none that can be used.</summary>
    public IpAddress? LinkLocal
    {
        get
        {
            foreach (InterfaceAddress own in Addresses)
            {
                if (own.IsUsable && own.Address.NeedsScope)
                {
                    return own.Address;
                }
            }

            return null;
        }
    }

    /// <summary>Somebody wants to see what goes to other stations too.</summary>
    public void RequestPromiscuous() => SetPromiscuous(_promiscuousUsers + 1);

    /// <summary>He does so no more.</summary>
    public void ReleasePromiscuous() => SetPromiscuous(_promiscuousUsers - 1);

    /// <summary>Bounds IPv4 packets; null: the device alone does.</summary>
    public void SetLinkMtu4(int? bytes)
    {
        int mtu = Math.Min(bytes ?? MaximumTransmissionUnit, MaximumTransmissionUnit);
        if (mtu != LinkMtu4)
        {
            LinkMtu4 = mtu;
            _ip.Routes.Invalidate();
        }
    }

    /// <summary>Adds an address that is not there yet.</summary>
    public void Add(InterfaceAddress address) => Addresses = [.. Addresses, address];

    /// <summary>Takes an address away.</summary>
    public void Remove(InterfaceAddress address) => Addresses = Array.FindAll(Addresses, other => other != address);

    /// <summary>Our address that is equal to this one and can be used, or null.</summary>
    public InterfaceAddress? FindAddress(IpAddress address)
    {
        foreach (InterfaceAddress own in Addresses)
        {
            if (own.Address == address)
            {
                return own.IsUsable ? own : null;
            }
        }

        return null;
    }

    /// <summary>Our address that is equal to this one, whether it can be used or not, or null.</summary>
    public InterfaceAddress? FindAnyAddress(IpAddress address) => Array.Find(Addresses, own => own.Address == address);

    /// <summary>A net's broadcast address, or the limited one.</summary>
    public bool IsBroadcast(IpAddress address)
    {
        if (!address.IsIPv4)
        {
            return false;
        }

        foreach (InterfaceAddress own in Addresses)
        {
            if (own.Broadcast == address && own.Address.IsIPv4)
            {
                return true;
            }
        }

        return address == IPv4Address.Broadcast;
    }

    /// <summary>Our address in whose net a neighbour lies, or null.</summary>
    public InterfaceAddress? FindAddressOnLinkWith(IpAddress neighbor)
    {
        foreach (InterfaceAddress own in Addresses)
        {
            if (own.IsUsable && own.Prefix.Contains(neighbor))
            {
                return own;
            }
        }

        return null;
    }

    /// <summary>Whether packets to a unicast address are taken here: of our addresses only this link's (the strong host model, RFC 1122 §3.3.4.2).</summary>
    public bool Accepts(IpAddress address) => FindAddress(address) is not null || (IsLoopback && _ip.IsOwn(address));

    private void SetPromiscuous(int users)
    {
        _promiscuousUsers = users;
        if (Device.AddressFilter is { } filter)
        {
            filter.Promiscuous = users != 0;
        }
    }

    private void Solicit(Neighbor neighbor)
    {
        if (neighbor.Address.IsIPv4)
        {
            Arp.Solicit(neighbor);
        }
        else
        {
            NeighborDiscovery.Solicit(neighbor);
        }
    }
}
