using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network;

/// <summary>By what a destination is known.</summary>
/// <param name="Address">Where packets go.</param>
/// <param name="Source">Our address that its user asked for; unspecified: whichever suits.</param>
/// <param name="Scope">Index of the interface that must be used; 0: whichever suits.</param>
internal readonly record struct DestinationKey(IpAddress Address, IpAddress Source, int Scope);

/// <summary>
/// An entry of the destination cache (RFC 4861 §5.1), of either family: how packets reach an address. Who sends often holds one, so that nothing has to be looked up;
/// <see cref="IpLayer"/> brings it up to date when routes or neighbours have changed.
/// </summary>
internal sealed class Destination
{
    private HeaderTemplate _headers;

    /// <summary>What it is known by.</summary>
    public DestinationKey Key { get; private set; }

    /// <summary>Where packets go in the end.</summary>
    public IpAddress Address { get; private set; }

    /// <summary>The way there when we prescribe it: <see cref="Key"/> has its first hop then. Such an entry is its user's own and not in the cache.</summary>
    public SourceRoute? SourceRoute { get; init; }

    /// <summary>What stands behind the fixed part of an IPv4 header, padded to a multiple of four bytes.</summary>
    public byte[] HeaderOptions { get; init; } = [];

    /// <summary>Our address towards it.</summary>
    public IpAddress Source { get; set; }

    /// <summary>The headers of packets there.</summary>
    public ref readonly HeaderTemplate Headers => ref _headers;

    /// <summary>The interface that leads there.</summary>
    public required NetworkInterface Interface { get; set; }

    /// <summary>The neighbour to send to: the address itself or a router.</summary>
    public IpAddress NextHop { get; set; }

    /// <summary>The neighbour's entry; null when nobody has to be asked for a station address: <see cref="LinkAddress"/> is known.</summary>
    public Neighbor? Neighbor { get; set; }

    /// <summary>It is a group or a broadcast address.</summary>
    public bool IsGroup { get; set; }

    /// <summary>Station address of a group, of everybody, or of ourselves.</summary>
    public MacAddress LinkAddress { get; set; }

    /// <summary>Largest packet in bytes that is known to arrive (RFC 1191, RFC 8201); at first the interface's MTU.</summary>
    public int PathMtu { get; set; }

    /// <summary>When <see cref="PathMtu"/> is forgotten and larger packets are tried again.</summary>
    public Instant PathMtuUntil { get; set; } = Instant.Never;

    /// <summary>Bytes of Ethernet and IP header in front of a transport message.</summary>
    public int PayloadOffset => EthernetHeader.Length + HeaderLength;

    /// <summary>Bytes of IP header.</summary>
    public int HeaderLength { get; private set; }

    /// <summary>What cuts TCP segments to this destination, in a device that has it; none for a source route, whose option not every device repeats.</summary>
    public OffloadFeatures Segmentation { get; private set; }

    /// <summary>ICMP's protocol number in this family.</summary>
    public IpProtocol IcmpProtocol => IsIPv4 ? IpProtocol.Icmp : IpProtocol.Icmpv6;

    /// <summary>Most bytes of a transport message: a datagram's longest length less the header (RFC 791 §3.1; RFC 8200 §3 does not count its own).</summary>
    public int MaximumPayload => IsIPv4 ? ushort.MaxValue - HeaderLength : ushort.MaxValue;

    /// <summary>It is of IPv4.</summary>
    public bool IsIPv4 { get; private set; }

    /// <summary>The routing table's generation that it was resolved with; 0: never.</summary>
    public int Generation { get; set; }

    /// <summary>Users that hold it; one that is held is not evicted.</summary>
    public int Users { get; set; }

    /// <summary>Its place among those that nobody holds, the one used longest ago first.</summary>
    public LinkedListNode<Destination>? IdleNode { get; set; }

    /// <summary>Gives it to an address.</summary>
    /// <param name="key">What it is known by from now on.</param>
    /// <param name="address">Where packets go in the end.</param>
    public void Assign(in DestinationKey key, IpAddress address)
    {
        Key = key;
        Address = address;
        IsIPv4 = address.IsIPv4;
        HeaderLength = (IsIPv4 ? IPv4Header.MinimumLength : IPv6Header.Length) + HeaderOptions.Length;
        Segmentation = SourceRoute is not null ? OffloadFeatures.None : IsIPv4 ? OffloadFeatures.TxSegmentationTcp4 : OffloadFeatures.TxSegmentationTcp6;
        Generation = 0;
    }

    /// <summary>Interface and source are chosen: the headers follow from them.</summary>
    public void WriteHeaders() => _headers = new HeaderTemplate(Interface.Device.MacAddress, Source, Key.Address, HeaderOptions);
}
