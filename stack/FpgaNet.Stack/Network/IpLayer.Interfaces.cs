using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>Interfaces and addresses that come and go, and the routes that come and go with them.</summary>
internal sealed partial class IpLayer
{
    private const int LoopbackIndex = int.MaxValue;

    private readonly NextHopSelection _nextHops;
    private readonly StableAddress _stableAddresses;
    private NetworkInterface? _loopback;
    private int _lastIndex;

    /// <summary>The interface to ourselves, made when it is first needed.</summary>
    public NetworkInterface Loopback
    {
        get
        {
            if (_loopback is null)
            {
                _loopback = new NetworkInterface(this, new LoopbackDevice(), new InterfaceOptions { HeaderBuffers = 256 }, LoopbackIndex)
                {
                    IsLoopback = true,
                    HasIPv6 = true,
                };
                Context.Add(_loopback);
            }

            return _loopback;
        }
    }

    /// <summary>What we sent to ourselves waits to be received.</summary>
    public bool HasLoopbackFrames => _loopback is { Device: LoopbackDevice { HasFrames: true } };

    /// <summary>Drops all that waits in the network layer.</summary>
    public void Clear()
    {
        Fragments.Dispose();
        _launches.Clear();
        foreach (NetworkInterface network in Context.Interfaces)
        {
            network.Neighbors.Clear();
            network.Output.Clear();
        }

        _loopback?.Device.Dispose();
    }

    /// <summary>Adds an interface without addresses.</summary>
    public NetworkInterface AddInterface(INetworkDevice device, InterfaceOptions options)
    {
        NetworkInterface network = new(this, device, options, ++_lastIndex);
        Context.Add(network);
        Routes.Invalidate();
        if (options.IPv6 != IPv6Mode.WhenAddressed)
        {
            BeginIPv6(network);
        }

        return network;
    }

    /// <summary>Adds an address, with the route to its net.</summary>
    /// <returns>False when the interface has it already.</returns>
    public bool AddAddress(NetworkInterface network, AddressPrefix prefix, AddressOrigin origin = AddressOrigin.Manual)
    {
        if (network.FindAnyAddress(prefix.Address) is not null)
        {
            return false;
        }

        if (!prefix.Address.IsIPv4)
        {
            BeginIPv6(network);
        }

        Add(network, new InterfaceAddress(prefix, origin), mayWait: false);
        Routes.Add(ConnectedRoute(network, prefix));
        return true;
    }

    /// <summary>Adds an address that is made here for a prefix (RFC 7217).</summary>
    /// <param name="network">The interface.</param>
    /// <param name="prefix">The prefix, 64 bits long.</param>
    /// <param name="model">Tells origin and lifetimes.</param>
    /// <param name="dadCounter">How many addresses of the prefix were found to be taken.</param>
    public void AddStableAddress(NetworkInterface network, IpAddress prefix, InterfaceAddress model, int dadCounter)
    {
        IPv6Address address = _stableAddresses.Create(prefix.IPv6, network.Device.MacAddress, ref dadCounter);
        if (network.FindAnyAddress(address) is not null)
        {
            return;
        }

        InterfaceAddress made = new(new AddressPrefix(address, StableAddress.PrefixLength), model.Origin)
        {
            DadCounter = dadCounter,
            PreferredUntil = model.PreferredUntil,
            ValidUntil = model.ValidUntil,
            Router = model.Router,
        };
        Add(network, made, mayWait: true);
    }

    /// <summary>Takes an address away, with the route to its net when no other address is in it.</summary>
    /// <returns>Whether it was there.</returns>
    public bool RemoveAddress(NetworkInterface network, IpAddress address)
    {
        if (network.FindAnyAddress(address) is not { } own)
        {
            return false;
        }

        network.Remove(own);
        network.Groups.Leave(own);
        Route route = ConnectedRoute(network, own.Prefix);
        if (!Array.Exists(network.Addresses, other => ConnectedRoute(network, other.Prefix) == route))
        {
            Routes.Remove(route);
        }

        Routes.Invalidate();
        return true;
    }

    /// <summary>The interface that has an address which can be used, or null.</summary>
    public NetworkInterface? InterfaceOf(IpAddress address)
    {
        foreach (NetworkInterface network in Context.Interfaces)
        {
            if (network.FindAddress(address) is not null)
            {
                return network;
            }
        }

        return null;
    }

    /// <summary>Whether packets to an address stay here.</summary>
    public bool IsOwn(IpAddress address) => address.IsLoopback || InterfaceOf(address) is not null;

    private static Route ConnectedRoute(NetworkInterface network, AddressPrefix prefix) => new(
        new AddressPrefix(prefix.Network, prefix.PrefixLength), network.Index, Gateway: null, network.Options.Metric, RouteOrigin.Connected);

    // RFC 4291 §2.8: what an interface needs as soon as it speaks IPv6.
    private void BeginIPv6(NetworkInterface network)
    {
        if (network.HasIPv6)
        {
            return;
        }

        network.HasIPv6 = true;
        IpAddress linkLocal = IPv6Address.Parse("fe80::");
        AddStableAddress(network, linkLocal, new InterfaceAddress(new AddressPrefix(linkLocal, StableAddress.PrefixLength), AddressOrigin.LinkLocal), 0);
    }

    private void Add(NetworkInterface network, InterfaceAddress address, bool mayWait)
    {
        network.Add(address);
        Routes.Invalidate();
        if (!address.Address.IsIPv4)
        {
            // RFC 4862 §5.4.2: the group comes first, so that who asks at the same time is heard.
            network.Groups.Join(address, address.Address.IPv6.SolicitedNode);
            network.DuplicateAddresses.Begin(address, mayWait);
        }
        else if (network.Options.Announce)
        {
            network.Arp.Announce(address.Address.IPv4);
        }
    }
}
