using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>By what a destination is known.</summary>
/// <param name="Address">Where packets go.</param>
/// <param name="Source">Our address that its user asked for; unspecified: whichever suits.</param>
/// <param name="Scope">Index of the interface that must be used; 0: whichever suits.</param>
internal readonly record struct DestinationKey(IpAddress Address, IpAddress Source, int Scope);

/// <summary>
/// An entry of the destination cache (RFC 4861 §5.1), of either family: how packets reach an address. Who sends often holds one, so that nothing has to be looked up;
/// <see cref="IpLayer.Send(Destination, IpProtocol, byte, ref FpgaNet.Packets.Devices.TxFrame)"/> brings it up to date when routes or neighbours have changed.
/// </summary>
internal sealed class Destination
{
    /// <summary>What it is known by.</summary>
    public DestinationKey Key { get; set; }

    /// <summary>Where packets go.</summary>
    public IpAddress Address => Key.Address;

    /// <summary>Our address towards it.</summary>
    public IpAddress Source { get; set; }

    /// <summary>The interface that leads there.</summary>
    public required NetworkInterface Interface { get; set; }

    /// <summary>The neighbour to send to: the address itself or a router.</summary>
    public IpAddress NextHop { get; set; }

    /// <summary>The neighbour's entry; null for a group or a broadcast address.</summary>
    public Neighbor? Neighbor { get; set; }

    /// <summary>It is a group or a broadcast address: <see cref="GroupAddress"/> is the station address.</summary>
    public bool IsGroup { get; set; }

    /// <summary>Station address of a group.</summary>
    public MacAddress GroupAddress { get; set; }

    /// <summary>Largest packet in bytes that is known to arrive (RFC 1191, RFC 8201); at first the interface's MTU.</summary>
    public int PathMtu { get; set; }

    /// <summary>Bytes of Ethernet and IP header in front of a transport message.</summary>
    public int PayloadOffset => EthernetHeader.Length + HeaderLength;

    /// <summary>Bytes of IP header.</summary>
    public int HeaderLength => IsIPv4 ? IPv4Header.MinimumLength : IPv6Header.Length;

    /// <summary>It is of IPv4.</summary>
    public bool IsIPv4 { get; set; }

    /// <summary>The routing table's generation that it was resolved with; 0: never.</summary>
    public int Generation { get; set; }

    /// <summary>Users that hold it; one that is held is not evicted.</summary>
    public int Users { get; set; }

    /// <summary>Its place among those that nobody holds, the one used longest ago first.</summary>
    public LinkedListNode<Destination>? IdleNode { get; set; }
}
