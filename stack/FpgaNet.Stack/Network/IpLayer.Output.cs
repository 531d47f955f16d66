using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>What goes out (RFC 1122 §3.3.1, RFC 4861 §5.2): the destination cache, the next hop, the source address, the header.</summary>
internal sealed partial class IpLayer
{
    private ushort _identification;

    /// <summary>How to reach an address.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="source">Our address that must be used; unspecified: whichever suits.</param>
    /// <param name="scope">Index of the interface that must be used; 0: whichever suits.</param>
    /// <returns>Null when there is no route. It may be used until the next call here; <see cref="DestinationCache.Hold"/> keeps it longer.</returns>
    public Destination? Find(IpAddress address, IpAddress source = default, int scope = 0)
    {
        DestinationKey key = new(address, source.IsUnspecified ? default : source, scope);
        Destination? destination = Destinations.Find(key);
        if (destination is not null)
        {
            return destination.Generation == Routes.Generation || TryResolve(destination) ? destination : null;
        }

        if (FindHop(key) is not { } hop)
        {
            return null;
        }

        destination = Destinations.Add(key, hop.Interface);
        destination.PathMtu = hop.Interface.MaximumTransmissionUnit;
        Apply(destination, hop);
        return destination;
    }

    /// <summary>Sends one transport message whose bytes begin behind <see cref="Destination.PayloadOffset"/> in <paramref name="frame"/>'s first slice.</summary>
    /// <returns>Whether there is a route; the references are taken over either way.</returns>
    public bool Send(Destination destination, IpProtocol protocol, byte trafficClass, ref TxFrame frame)
    {
        if (destination.Generation != Routes.Generation && !TryResolve(destination))
        {
            frame.Frame.Release();
            return false;
        }

        WriteHeaders(destination, protocol, trafficClass, frame.Frame);
        NetworkInterface network = destination.Interface;
        if (destination.Neighbor is not { } neighbor)
        {
            destination.GroupAddress.Write(frame.Frame.Header.Span);
            network.Output.Enqueue(ref frame);
            return true;
        }

        if (neighbor.State == NeighborState.Removed)
        {
            destination.Neighbor = neighbor = network.Neighbors.Find(destination.NextHop);
        }

        network.Neighbors.Transmit(neighbor, ref frame);
        return true;
    }

    /// <summary>Negative advice from above (RFC 1122 §3.3.1.4): what is sent to a destination does not seem to arrive, so that its way is looked for anew.</summary>
    public void Doubt(Destination destination) => destination.Generation = Routes.Generation - 1;

    /// <summary>Packets are never cut (DF is set), so that the number need not be unique (RFC 6864 §4.1); it helps people who read captures.</summary>
    public ushort NextIdentification() => ++_identification;

    private bool TryResolve(Destination destination)
    {
        // Who holds it has promised its source address to a peer: a new route must keep it.
        DestinationKey key = destination.Users != 0 ? destination.Key with { Source = destination.Source } : destination.Key;
        if (FindHop(key) is not { } hop)
        {
            return false;
        }

        Apply(destination, hop);
        return true;
    }

    private void Apply(Destination destination, in NextHop hop)
    {
        if (destination.Interface != hop.Interface)
        {
            destination.Interface = hop.Interface;
            destination.PathMtu = hop.Interface.MaximumTransmissionUnit;
        }

        destination.Source = hop.Source;
        destination.NextHop = hop.Address;
        destination.IsGroup = hop.IsGroup;
        destination.GroupAddress = hop.GroupAddress;
        destination.Neighbor = hop.IsGroup ? null : hop.Interface.Neighbors.Find(hop.Address);
        destination.Generation = Routes.Generation;
    }

    private NextHop? FindHop(in DestinationKey key)
    {
        IpAddress address = key.Address;
        NetworkInterface? network = key.Scope != 0 ? _context.FindInterface(key.Scope) : null;
        if ((key.Scope != 0 && network is null) || address.IsUnspecified)
        {
            return null;
        }

        if (network is null && !key.Source.IsUnspecified)
        {
            network = InterfaceOf(key.Source);
            if (network is null)
            {
                return null;
            }
        }

        IpAddress next = address;
        bool isGroup = address.IsMulticast || address == IPv4Address.Broadcast;
        if (isGroup || address.NeedsScope)
        {
            network ??= Routes.Find(address, null) is { } groupRoute ? _context.FindInterface(groupRoute.Interface) : FirstWith(address.IsIPv4);
        }
        else if (Routes.Find(address, network) is { } route)
        {
            network = _context.FindInterface(route.Interface);
            next = route.Gateway ?? address;
        }
        else
        {
            return null;
        }

        if (network is null)
        {
            return null;
        }

        isGroup |= network.IsBroadcast(address);
        IpAddress source = key.Source.IsUnspecified ? SelectSource(network, address, next) : key.Source;
        if (source.IsUnspecified)
        {
            return null;
        }

        MacAddress group = !isGroup ? default : address.IsMulticast ? MacAddress.ForGroup(address) : MacAddress.Broadcast;
        return new NextHop(network, next, source, isGroup, group);
    }

    private NetworkInterface? FirstWith(bool ipv4)
    {
        foreach (NetworkInterface network in _context.Interfaces)
        {
            foreach (InterfaceAddress own in network.Addresses)
            {
                if (own.Address.IsIPv4 == ipv4)
                {
                    return network;
                }
            }
        }

        return null;
    }

    private static IpAddress SelectSource(NetworkInterface network, IpAddress destination, IpAddress next)
    {
        IpAddress best = default;
        foreach (InterfaceAddress own in network.Addresses)
        {
            if (own.Address.IsIPv4 != destination.IsIPv4 || (own.Address.NeedsScope && !destination.NeedsScope && !destination.IsMulticast))
            {
                continue;
            }

            if (own.Prefix.Contains(next))
            {
                return own.Address;
            }

            best = best.IsUnspecified ? own.Address : best;
        }

        return best;
    }

    private void WriteHeaders(Destination destination, IpProtocol protocol, byte trafficClass, in Frame frame)
    {
        Span<byte> header = frame.Header.Span;
        MacAddress own = destination.Interface.Device.MacAddress; // the neighbour's address follows
        if (destination.IsIPv4)
        {
            EthernetHeader.Write(header, MacAddress.Broadcast, own, EtherType.IPv4);
            IPv4Header.Write(header[EthernetHeader.Length..], new IPv4Fields
            {
                Source = destination.Source.IPv4,
                Destination = destination.Address.IPv4,
                Protocol = protocol,
                PayloadLength = frame.Length - EthernetHeader.Length - IPv4Header.MinimumLength,
                TrafficClass = trafficClass,
                Identification = NextIdentification(),
                DontFragment = true,
                TimeToLive = _context.Options.TimeToLive,
            });
        }
        else
        {
            EthernetHeader.Write(header, MacAddress.Broadcast, own, EtherType.IPv6);
            IPv6Header.Write(header[EthernetHeader.Length..], new IPv6Fields
            {
                Source = destination.Source.IPv6,
                Destination = destination.Address.IPv6,
                NextHeader = protocol,
                PayloadLength = frame.Length - EthernetHeader.Length - IPv6Header.Length,
                TrafficClass = trafficClass,
                HopLimit = _context.Options.TimeToLive,
            });
        }
    }

    private readonly record struct NextHop(NetworkInterface Interface, IpAddress Address, IpAddress Source, bool IsGroup, MacAddress GroupAddress);
}
