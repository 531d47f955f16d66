using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>A valid IP packet for this host, of either family, on its way up. The transport takes what it wants of <see cref="Frame"/>; the rest is released after it.</summary>
internal ref struct IpPacket
{
    /// <summary>The frame it came in.</summary>
    public ref RxFrame Frame;

    /// <summary>The interface it came in through.</summary>
    public NetworkInterface Interface;

    /// <summary>What it carries.</summary>
    public IpProtocol Protocol;

    /// <summary>The sender.</summary>
    public IpAddress Source;

    /// <summary>The receiver: our address, a group or a broadcast address.</summary>
    public IpAddress Destination;

    /// <summary>First byte of the IP header in the frame.</summary>
    public int NetworkOffset;

    /// <summary>First byte behind the IP header and its extension headers in the frame.</summary>
    public int TransportOffset;

    /// <summary>Bytes behind the IP header and its extension headers, padding excluded.</summary>
    public int TransportLength;

    /// <summary>Where in the frame the option with a complete source route begins (RFC 791 §3.1); 0: there is none, or nobody wants it (<see cref="NetworkOptions.SourceRouting"/>).</summary>
    public int SourceRouteOffset;

    /// <summary>Differentiated services code point and, in the two lowest bits, ECN (RFC 2474, RFC 3168).</summary>
    public byte TrafficClass;

    /// <summary>Time to live or hop limit as it came.</summary>
    public byte HopLimit;

    /// <summary>It has a router alert option (RFC 2711).</summary>
    public bool HasRouterAlert;

    /// <summary>It went to more than one host, by its IP or by its station address.</summary>
    public bool IsGroup;

    /// <summary>Index of the interface when the sender's address means something on one link only, else 0.</summary>
    public readonly int Scope => Source.NeedsScope ? Interface.Index : 0;

    /// <summary>The station that it came from: the sender or a router.</summary>
    public readonly MacAddress LinkSource => MacAddress.Read(Frame.Frame.Header.Span[MacAddress.Length..]);

    /// <summary>As much of the transport's bytes as lie in the frame's first slice.</summary>
    public readonly ReadOnlySpan<byte> Head
    {
        get
        {
            ReadOnlySpan<byte> first = Frame.Frame.Header.Span;
            return first[TransportOffset..Math.Min(first.Length, TransportOffset + TransportLength)];
        }
    }
}

/// <summary>A packet of ours that something is said about: by a router or a host in an ICMP error, or by our own network layer.</summary>
internal readonly ref struct SentPacket
{
    /// <summary>Our address.</summary>
    public required IpAddress Source { get; init; }

    /// <summary>Where it was going in the end.</summary>
    public required IpAddress Destination { get; init; }

    /// <summary>It was to take the way that a source route prescribes.</summary>
    public bool IsSourceRouted { get; init; }

    /// <summary>What it carries.</summary>
    public required IpProtocol Protocol { get; init; }

    /// <summary>The first eight bytes or more of its transport header.</summary>
    public required ReadOnlySpan<byte> Head { get; init; }

    /// <summary>The interface that the news came in through, or that the packet was to leave through.</summary>
    public required NetworkInterface Interface { get; init; }

    /// <summary>What the ICMP error says; of our own network layer's news what such an error would say.</summary>
    public IcmpComplaint Complaint { get; init; }

    /// <summary>Index of the interface when the destination means something on one link only, else 0.</summary>
    public int Scope => Destination.NeedsScope ? Interface.Index : 0;
}

/// <summary>What an ICMP error says of a packet.</summary>
/// <param name="Offender">Who says so: a router, the host, or we ourselves.</param>
/// <param name="Type">Type of the message, in the packet's family.</param>
/// <param name="Code">Its code.</param>
/// <param name="Parameter">What fits, when the packet was too long; a pointer, when a field made no sense.</param>
internal readonly record struct IcmpComplaint(IpAddress Offender, byte Type, byte Code, uint Parameter = 0);

/// <summary>What the network layer needs of a protocol above it.</summary>
internal interface ITransportProtocol
{
    /// <summary>Takes a packet.</summary>
    void Receive(ref IpPacket packet);

    /// <summary>Whether a packet that an ICMP error quotes may be ours and still matter (RFC 5927 §4): anybody can send such errors.</summary>
    bool HasSent(in SentPacket packet);

    /// <summary>A packet of ours did not arrive. <see cref="HasSent"/> was asked when somebody else says so.</summary>
    /// <param name="packet">Which.</param>
    /// <param name="reason">Why.</param>
    void Undeliverable(in SentPacket packet, DeliveryFailure reason);

    /// <summary>A packet of ours was too large for its path; <see cref="Destination.PathMtu"/> says already what fits. <see cref="HasSent"/> was asked.</summary>
    /// <param name="packet">Which.</param>
    /// <param name="mtu">Largest packet in bytes that fits.</param>
    void PathMtuChanged(in SentPacket packet, int mtu);
}

/// <summary>Why a packet of ours did not arrive.</summary>
internal enum DeliveryFailure
{
    /// <summary>No route to the network.</summary>
    NetworkUnreachable,

    /// <summary>A router says that the host cannot be reached now.</summary>
    HostUnreachable,

    /// <summary>The host, or the router to it, does not answer on our own link.</summary>
    NoNeighbor,

    /// <summary>The protocol or the port is not served, or forbidden.</summary>
    Refused,

    /// <summary>It was too long for its path.</summary>
    TooLong,
}
