using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>A valid IPv4 packet for this host, on its way up. The transport takes what it wants of <see cref="Frame"/>; the rest is released after it.</summary>
internal ref struct IPv4Packet
{
    /// <summary>The frame it came in.</summary>
    public ref RxFrame Frame;

    /// <summary>The sender.</summary>
    public IPv4Address Source;

    /// <summary>The receiver: our address, or a broadcast one.</summary>
    public IPv4Address Destination;

    /// <summary>First byte of the IP header in the frame.</summary>
    public int NetworkOffset;

    /// <summary>First byte behind the IP header in the frame.</summary>
    public int TransportOffset;

    /// <summary>Bytes behind the IP header, padding excluded.</summary>
    public int TransportLength;

    /// <summary>It went to more than one host.</summary>
    public bool IsBroadcast;

    /// <summary>As much of the transport's bytes as lie in the frame's first slice.</summary>
    public readonly ReadOnlySpan<byte> Head
    {
        get
        {
            ReadOnlySpan<byte> first = Frame.Frame.Header.Span;
            return first[TransportOffset..Math.Min(first.Length, TransportOffset + TransportLength)];
        }
    }

    /// <summary>The IP header and as much behind it as lies in the first slice.</summary>
    public readonly ReadOnlySpan<byte> Quote
    {
        get
        {
            ReadOnlySpan<byte> first = Frame.Frame.Header.Span;
            return first[NetworkOffset..Math.Min(first.Length, TransportOffset + TransportLength)];
        }
    }
}

/// <summary>What the network layer needs of a protocol above it.</summary>
internal interface ITransportProtocol
{
    /// <summary>Takes a packet.</summary>
    void Receive(ref IPv4Packet packet);

    /// <summary>A packet of ours did not arrive.</summary>
    /// <param name="destination">Where it was going.</param>
    /// <param name="head">The first eight bytes or more of its transport header.</param>
    /// <param name="reason">Why.</param>
    void Undeliverable(IPv4Address destination, ReadOnlySpan<byte> head, DeliveryFailure reason);
}

/// <summary>Why a packet of ours did not arrive.</summary>
internal enum DeliveryFailure
{
    /// <summary>No route to the network.</summary>
    NetworkUnreachable,

    /// <summary>No route to the host, or it does not answer ARP.</summary>
    HostUnreachable,

    /// <summary>The protocol or the port is not served, or forbidden.</summary>
    Refused,
}
