using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>Where a packet is sent to so that it reaches its destination.</summary>
/// <param name="Interface">The interface.</param>
/// <param name="Address">The neighbour: the destination or a router.</param>
/// <param name="Source">Our address.</param>
/// <param name="IsGroup">The destination is a group or a broadcast address.</param>
/// <param name="LinkAddress">The station address, where no neighbour has to be asked for it.</param>
internal readonly record struct NextHop(NetworkInterface Interface, IpAddress Address, IpAddress Source, bool IsGroup, MacAddress LinkAddress)
{
    /// <summary>The neighbour's station address must be asked for.</summary>
    public bool NeedsNeighbor => !IsGroup && !Interface.IsLoopback;
}

/// <summary>Next-hop determination (RFC 1122 §3.3.1, RFC 4861 §5.2, §6.3.6): interface, neighbour and source address for a destination.</summary>
internal sealed class NextHopSelection(StackContext context, IpLayer ip)
{
    private SourceCandidate[] _candidates = new SourceCandidate[8];

    /// <summary>Decides; null when there is no route, or no address of ours to send from.</summary>
    public NextHop? Find(in DestinationKey key)
    {
        IpAddress address = key.Address;
        if (address.IsUnspecified)
        {
            return null;
        }

        if (ip.IsOwn(address))
        {
            NetworkInterface loopback = ip.Loopback;
            return new NextHop(loopback, address, key.Source.IsUnspecified ? address : key.Source, IsGroup: false, loopback.Device.MacAddress);
        }

        NetworkInterface? network = null;
        if (key.Scope != 0 && (network = context.FindInterface(key.Scope)) is null)
        {
            return null;
        }

        if (network is null && !key.Source.IsUnspecified && (network = ip.InterfaceOf(key.Source)) is null)
        {
            return null; // an address that we no longer have, or the loopback address
        }

        IpAddress next = address;
        bool isGroup = address.IsMulticast || address == IPv4Address.Broadcast;
        if (isGroup || address.NeedsScope)
        {
            network ??= InterfaceForScoped(address);
        }
        else
        {
            Route? route = ip.Routes.Find(address, network, Answers);
            network = route is null ? null : context.FindInterface(route.Interface);
            next = route?.Gateway ?? address;
        }

        if (network is null)
        {
            return null;
        }

        isGroup |= network.IsBroadcast(address);
        IpAddress source = key.Source.IsUnspecified ? SelectSource(network, address, next) : key.Source;
        if (source.IsUnspecified)
        {
            if (key.Scope == 0 || address != IPv4Address.Broadcast)
            {
                return null;
            }

            source = IpAddress.IPv4Any; // RFC 1122 §3.2.1.3 (a): a host that asks for its address
        }

        MacAddress link = !isGroup ? default : address.IsMulticast ? MacAddress.ForGroup(address) : MacAddress.Broadcast;
        return new NextHop(network, next, source, isGroup, link);
    }

    // RFC 4861 §6.3.6: a router that may be reachable rather than one that certainly is not.
    private bool Answers(Route route) => route.Gateway is not { } gateway
        || context.FindInterface(route.Interface)?.Neighbors.Peek(gateway) is not { IsSuspect: true };

    // Without a scope id: where a route says so, else the first interface that speaks the family.
    private NetworkInterface? InterfaceForScoped(IpAddress address)
    {
        if (!address.NeedsScope && ip.Routes.Find(address, null, Answers) is { } route)
        {
            return context.FindInterface(route.Interface);
        }

        foreach (NetworkInterface network in context.Interfaces)
        {
            if (!network.IsLoopback && Array.Exists(network.Addresses, own => own.IsUsable && own.Address.IsIPv4 == address.IsIPv4))
            {
                return network;
            }
        }

        return null;
    }

    // RFC 6724 §4, §5. Only addresses of the outgoing interface: others' packets would be refused on their way back (the strong host model, RFC 1122 §3.3.4.2).
    private IpAddress SelectSource(NetworkInterface network, IpAddress destination, IpAddress next)
    {
        InterfaceAddress[] addresses = network.Addresses;
        if (addresses.Length > _candidates.Length)
        {
            _candidates = new SourceCandidate[addresses.Length];
        }

        int count = 0;
        foreach (InterfaceAddress own in addresses)
        {
            if (own.IsUsable)
            {
                _candidates[count++] = new SourceCandidate
                {
                    Address = own.Address,
                    PrefixLength = own.Prefix.PrefixLength,
                    Interface = network.Index,
                    IsDeprecated = own.State == AddressState.Deprecated,
                    Router = own.Router,
                };
            }
        }

        ReadOnlySpan<SourceCandidate> candidates = _candidates.AsSpan(0, count);
        int best = AddressSelection.SelectSource(candidates, destination, network.Index, next == destination ? default : next, PolicyTable.Default);
        return best < 0 ? default : candidates[best].Address;
    }
}
