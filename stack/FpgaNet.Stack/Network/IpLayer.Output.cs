using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>What goes out: the destination cache (RFC 4861 §5.2), the header, the neighbour, and cutting what is too long.</summary>
internal sealed partial class IpLayer
{
    private readonly LaunchQueue _launches;
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

        if (_nextHops.Find(key) is not { } hop)
        {
            return null;
        }

        destination = Destinations.Add(key, hop.Interface);
        ForgetPathMtu(destination);
        Apply(destination, hop);
        return destination;
    }

    /// <summary>How to reach an address over routers that we prescribe.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="source">Our address that must be used; unspecified: whichever suits.</param>
    /// <param name="route">The way there.</param>
    /// <returns>Null when its first hop cannot be reached. It is the caller's own: each has another way.</returns>
    public Destination? Find(IPv4Address address, IpAddress source, SourceRoute route)
    {
        DestinationKey key = new(route.FirstHop, source.IsUnspecified ? default : source, 0);
        if (_nextHops.Find(key) is not { IsGroup: false, Interface.IsLoopback: false } hop || (route.IsStrict && hop.Address != key.Address))
        {
            return null;
        }

        Destination destination = new() { Interface = hop.Interface, SourceRoute = route, HeaderOptions = route.OptionTo(address), Users = 1 };
        destination.Assign(key, address);
        ForgetPathMtu(destination);
        Apply(destination, hop);
        return destination;
    }

    /// <summary>Sends one transport message whose bytes begin behind <see cref="Destination.PayloadOffset"/> in <paramref name="frame"/>'s first slice.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="protocol">What it is.</param>
    /// <param name="trafficClass">Differentiated services code point and ECN (RFC 2474, RFC 3168).</param>
    /// <param name="frame">The frame; its references are taken over.</param>
    /// <param name="hopLimit">Time to live or hop limit; 0: the interface's.</param>
    /// <returns>Whether there is a route.</returns>
    public bool Send(Destination destination, IpProtocol protocol, byte trafficClass, ref TxFrame frame, byte hopLimit = 0)
    {
        if (!TryWriteHeaders(destination, protocol, trafficClass, ref frame, hopLimit))
        {
            return false;
        }

        Emit(destination, protocol, ref frame);
        return true;
    }

    /// <summary>Sends a packet whose headers are written, in fragments when it is too long.</summary>
    public void Emit(Destination destination, IpProtocol protocol, ref TxFrame frame)
    {
        // TCP chooses its own segments, and a device may still cut them.
        if (protocol != IpProtocol.Tcp && IsTooLong(destination, frame))
        {
            Fragments.Send(destination, protocol, ref frame);
        }
        else
        {
            Transmit(destination, ref frame);
        }
    }

    /// <summary>The same for a packet that is not like most.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="protocol">What it is.</param>
    /// <param name="options">What it is to have.</param>
    /// <param name="frame">The frame; its references are taken over.</param>
    public bool Send(Destination destination, IpProtocol protocol, in PacketOptions options, ref TxFrame frame)
    {
        if (!TryWriteHeaders(destination, protocol, options.TrafficClass, ref frame, options.HopLimit))
        {
            return false;
        }

        if (options.MayBeCut && destination.IsIPv4)
        {
            IPv4Header.ClearDontFragment(frame.Frame.Header.Span[EthernetHeader.Length..]);
        }

        RxFrame own = default;
        if (options.Loops)
        {
            own.Frame = frame.Frame;
            own.Frame.AddReferences();
        }

        if (options.StaysHere)
        {
            frame.Frame.Release();
        }
        else if (options.Launch > Context.Now)
        {
            _launches.Add(destination, protocol, ref frame, options.Launch);
        }
        else
        {
            Emit(destination, protocol, ref frame);
        }

        if (options.Loops)
        {
            ReceiveOwn(destination, protocol, options, ref own);
            own.Frame.Release();
        }

        return true;
    }

    // RFC 1112 §6.4: what is sent to a group reaches the members on this host too. Whether they are any is the transport's to find out.
    private void ReceiveOwn(Destination destination, IpProtocol protocol, in PacketOptions options, ref RxFrame frame)
    {
        frame.Offload.TransportChecksum = ChecksumVerdict.Good; // still owed perhaps, but never wrong
        IpPacket packet = new()
        {
            Frame = ref frame,
            Interface = destination.Interface,
            Source = destination.Source,
            Destination = destination.Address,
            NetworkOffset = EthernetHeader.Length,
            TransportOffset = destination.PayloadOffset,
            TransportLength = frame.Frame.Length - destination.PayloadOffset,
            Protocol = protocol,
            TrafficClass = options.TrafficClass,
            HopLimit = options.HopLimit,
            IsGroup = true,
        };
        Deliver(ref packet, nextHeaderAt: 0);
    }

    // A frame that the device cuts is checked by who asked for that.
    private static bool IsTooLong(Destination destination, in TxFrame frame) =>
        frame.Frame.Length - EthernetHeader.Length > destination.PathMtu && frame.Offload.Segmentation == Segmentation.None;

    private bool TryWriteHeaders(Destination destination, IpProtocol protocol, byte trafficClass, ref TxFrame frame, byte hopLimit)
    {
        if (destination.Generation != Routes.Generation && !TryResolve(destination))
        {
            frame.Frame.Release();
            return false;
        }

        if (destination.PathMtuUntil <= Context.Now)
        {
            ForgetPathMtu(destination);
        }

        hopLimit = hopLimit != 0 ? hopLimit : destination.IsIPv4 ? Context.Options.TimeToLive : destination.Interface.HopLimit;
        destination.Headers.Write(
            frame.Frame.Header.Span, frame.Frame.Length - destination.PayloadOffset, protocol, trafficClass, hopLimit, destination.IsIPv4 ? NextIdentification() : (ushort)0);

        return true;
    }

    /// <summary>Sends a packet whose headers are written.</summary>
    public static void Transmit(Destination destination, ref TxFrame frame)
    {
        NetworkInterface network = destination.Interface;
        if (destination.Neighbor is not { } neighbor)
        {
            destination.LinkAddress.Write(frame.Frame.Header.Span);
            network.Output.Enqueue(ref frame);
            return;
        }

        if (neighbor.State == NeighborState.Removed)
        {
            destination.Neighbor = neighbor = FindNeighbor(destination);
        }

        network.Neighbors.Transmit(neighbor, ref frame);
    }

    /// <summary>Positive advice from above (RFC 4861 §7.3.1): what is sent to a destination arrives.</summary>
    public static void Confirm(Destination destination)
    {
        if (destination.Neighbor is { } neighbor)
        {
            destination.Interface.Neighbors.Confirm(neighbor);
        }
    }

    /// <summary>Negative advice from above (RFC 1122 §3.3.1.4): what is sent to a destination does not seem to arrive, so that its way is looked for anew.</summary>
    public void Doubt(Destination destination)
    {
        destination.Generation = Routes.Generation - 1;
        if (destination.Neighbor is { } neighbor)
        {
            destination.Interface.Neighbors.Doubt(neighbor);
        }
    }

    /// <summary>Packets that are not cut need no number of their own (RFC 6864 §4.1: DF is set); it helps people who read captures.</summary>
    public ushort NextIdentification() => ++_identification;

    private bool TryResolve(Destination destination)
    {
        // Who holds it has promised its source address to a peer: a new route must keep it.
        DestinationKey key = destination.Users != 0 ? destination.Key with { Source = destination.Source } : destination.Key;
        if (_nextHops.Find(key) is not { } hop)
        {
            return false;
        }

        Apply(destination, hop);
        return true;
    }

    private void Apply(Destination destination, in NextHop hop)
    {
        bool moves = destination.Interface != hop.Interface;
        destination.Interface = hop.Interface;
        destination.Source = hop.Source;
        destination.NextHop = hop.Address;
        destination.IsGroup = hop.IsGroup;
        destination.LinkAddress = hop.LinkAddress;
        destination.WriteHeaders();
        destination.Neighbor = hop.NeedsNeighbor ? FindNeighbor(destination) : null;
        destination.Generation = Routes.Generation;
        if (moves || destination.PathMtuUntil == Time.Instant.Never)
        {
            ForgetPathMtu(destination);
        }
    }

    private static Neighbor FindNeighbor(Destination destination)
    {
        Neighbor neighbor = destination.Interface.Neighbors.Find(destination.NextHop);
        neighbor.IsGateway |= destination.NextHop != destination.Address; // the first hop of a source route is one too
        return neighbor;
    }

    private static void ForgetPathMtu(Destination destination)
    {
        destination.PathMtu = destination.IsIPv4 ? destination.Interface.LinkMtu4 : destination.Interface.LinkMtu6;
        destination.PathMtuUntil = Time.Instant.Never;
    }
}
