using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>
/// IP of both families as an end host speaks it (RFC 1122 §3, RFC 8200): what comes in is checked and handed up; what goes out (Output) gets its route, its header and
/// its neighbour.
/// </summary>
internal sealed partial class IpLayer
{
    private readonly StackContext _context;
    private readonly IPv4Input _input4;
    private readonly IPv6Input _input6;

    public IpLayer(StackContext context)
    {
        _context = context;
        Destinations = new DestinationCache(context.Options.DestinationCacheEntries);
        Icmp = new IcmpLayer(context, this);
        _input4 = new IPv4Input(this);
        _input6 = new IPv6Input(this);
    }

    public StackContext Context => _context;

    public RoutingTable Routes { get; } = new();

    public DestinationCache Destinations { get; }

    public IcmpLayer Icmp { get; }

    public ITransportProtocol? Tcp { get; set; }

    public ITransportProtocol? Udp { get; set; }

    /// <summary>Takes in a frame. The caller releases afterwards what is left of it.</summary>
    public void Receive(NetworkInterface network, ref RxFrame frame)
    {
        StackCounters counters = _context.Counters;
        counters.Add(StackCounter.RxFrames);
        counters.Add(StackCounter.RxBytes, frame.Frame.Length);
        ReadOnlySpan<byte> bytes = frame.Frame.SliceCount == 0 ? default : frame.Frame.Header.Span;
        if (!EthernetHeader.TryParse(bytes, out EthernetHeader ethernet))
        {
            counters.Add(StackCounter.RxMalformed);
            return;
        }

        MacAddress destination = ethernet.Destination;
        if (destination != network.Device.MacAddress && !destination.IsMulticast)
        {
            counters.Add(StackCounter.RxNotForUs);
            return;
        }

        int offset = EthernetHeader.Length;
        EtherType type = ethernet.EtherType;
        if (VlanTag.Follows(type))
        {
            // IEEE 802.1Q §9.6: VLAN 0 only carries a priority; any other is not ours.
            if (!VlanTag.TryParse(bytes[offset..], out VlanTag tag, out type) || tag.Id != 0)
            {
                counters.Add(StackCounter.RxUnknownType);
                return;
            }

            offset += VlanTag.Length;
        }

        switch (type)
        {
            case EtherType.IPv4:
                _input4.Receive(network, ref frame, offset, destination.IsMulticast);
                break;
            case EtherType.IPv6:
                _input6.Receive(network, ref frame, offset, destination.IsMulticast);
                break;
            case EtherType.Arp:
                network.Neighbors.Receive(bytes[offset..]);
                break;
            default:
                counters.Add(StackCounter.RxUnknownType);
                break;
        }
    }

    /// <summary>Hands a packet whose headers were checked to whom it is for.</summary>
    public void Deliver(ref IpPacket packet, IpProtocol protocol)
    {
        if (protocol is IpProtocol.Tcp or IpProtocol.Udp && !TransportChecksumIsGood(packet, protocol))
        {
            _context.Counters.Add(StackCounter.RxBadTransportChecksum);
            return;
        }

        switch (protocol)
        {
            case IpProtocol.Tcp when Tcp is not null && !packet.IsGroup:
                Tcp.Receive(ref packet);
                break;
            case IpProtocol.Udp when Udp is not null:
                Udp.Receive(ref packet);
                break;
            case IpProtocol.Icmp when packet.Source.IsIPv4:
                Icmp.Receive(ref packet);
                break;
            default:
                _context.Counters.Add(StackCounter.RxUnknownProtocol);
                Icmp.SendUnreachable(packet, IcmpUnreachableCode.Protocol);
                break;
        }
    }

    /// <summary>Tells the transport that a packet of ours did not arrive.</summary>
    internal void Report(in SentPacket packet, DeliveryFailure reason)
    {
        if (packet.Head.Length < 8)
        {
            return;
        }

        switch (packet.Protocol)
        {
            case IpProtocol.Tcp:
                Tcp?.Undeliverable(packet, reason);
                break;
            case IpProtocol.Udp:
                Udp?.Undeliverable(packet, reason);
                break;
            case IpProtocol.Icmp:
                Icmp.Undeliverable(packet.Head, reason);
                break;
        }
    }

    /// <summary>A frame of ours could not be sent, since its neighbour does not answer.</summary>
    internal void ReportUndeliverable(NetworkInterface network, TxFrame frame)
    {
        ReadOnlySpan<byte> packet = frame.Frame.Header.Span[EthernetHeader.Length..];
        if (IPv4Header.TryParse(packet, frame.Frame.Length - EthernetHeader.Length, out IPv4Header header))
        {
            Report(
                new SentPacket
                {
                    Source = header.Source,
                    Destination = header.Destination,
                    Protocol = header.Protocol,
                    Head = header.Payload,
                    Interface = network,
                },
                DeliveryFailure.HostUnreachable);
        }
        else if (IPv6Header.TryParse(packet, frame.Frame.Length - EthernetHeader.Length, out IPv6Header header6) && header6.TryWalkExtensions(out IPv6UpperLayer upper)
            && upper.Offset <= packet.Length)
        {
            Report(
                new SentPacket
                {
                    Source = header6.Source,
                    Destination = header6.Destination,
                    Protocol = upper.Protocol,
                    Head = packet[upper.Offset..],
                    Interface = network,
                },
                DeliveryFailure.HostUnreachable);
        }
    }

    private static bool TransportChecksumIsGood(in IpPacket packet, IpProtocol protocol)
    {
        ref RxFrame frame = ref packet.Frame;
        switch (frame.Offload.TransportChecksum)
        {
            case ChecksumVerdict.Good:
                return true;
            case ChecksumVerdict.Bad:
                return false;
            default:
                // RFC 768: zero means that the sender computed none. RFC 8200 §8.1: over IPv6 it may not.
                ReadOnlySpan<byte> head = packet.Head;
                if (protocol == IpProtocol.Udp && head.Length >= UdpHeader.HeaderLength && head[6] == 0 && head[7] == 0)
                {
                    return packet.Source.IsIPv4;
                }

                uint pseudo = InternetChecksum.PseudoHeader(packet.Source, packet.Destination, protocol, packet.TransportLength);
                return InternetChecksum.Finish(FrameChecksum.Sum(frame.Frame, packet.TransportOffset, packet.TransportLength, pseudo)) == 0;
        }
    }
}
