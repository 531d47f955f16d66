using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>
/// IP of both families as an end host speaks it (RFC 1122 §3, RFC 8200): what comes in is checked and handed up; what goes out (Output) gets its route, its header and
/// its neighbour; interfaces and addresses come and go (Interfaces).
/// </summary>
internal sealed partial class IpLayer
{
    private readonly IPv4Input _input4;
    private readonly IPv6Input _input6;

    public IpLayer(StackContext context)
    {
        Context = context;
        Destinations = new DestinationCache(context.Options.DestinationCacheEntries);
        Icmp = new IcmpLayer(context, this);
        Fragments = new FragmentLayer(context, this);
        PathMtu = new PathMtuDiscovery(context, this);
        _launches = new LaunchQueue(this);
        _nextHops = new NextHopSelection(context, this);
        _input4 = new IPv4Input(this);
        _input6 = new IPv6Input(this);
        _stableAddresses = new StableAddress(context.Options.StableAddressSecret ?? context.Options.Seed);
    }

    public StackContext Context { get; }

    public RoutingTable Routes { get; } = new();

    public DestinationCache Destinations { get; }

    public IcmpLayer Icmp { get; }

    public FragmentLayer Fragments { get; }

    public PathMtuDiscovery PathMtu { get; }

    public ITransportProtocol? Tcp { get; set; }

    public ITransportProtocol? Udp { get; set; }

    /// <summary>Who sees every packet for this host; null: nobody.</summary>
    public IPacketObserver? Raw { get; set; }

    /// <summary>Takes in a frame. The caller releases afterwards what is left of it.</summary>
    public void Receive(NetworkInterface network, ref RxFrame frame)
    {
        StackCounters counters = Context.Counters;
        counters.Add(StackCounter.RxFrames);
        counters.Add(StackCounter.RxBytes, frame.Frame.Length);
        if (network.IsLoopback)
        {
            counters.Add(StackCounter.LoopbackFrames);
        }

        if (Context.FrameObserver is { } observer)
        {
            observer.Received(network, frame);
        }

        ReadOnlySpan<byte> bytes = frame.Frame.SliceCount == 0 ? default : frame.Frame.Header.Span;
        if (!EthernetHeader.TryParse(bytes, out EthernetHeader ethernet))
        {
            counters.Add(StackCounter.RxMalformed);
            return;
        }

        MacAddress destination = ethernet.Destination;
        bool isGroup = destination.IsMulticast;
        if (!isGroup && destination != network.Device.MacAddress)
        {
            counters.Add(StackCounter.RxNotForUs);
            return;
        }

        int offset = EthernetHeader.Length;
        EtherType type = ethernet.EtherType;
        if (frame.Offload.VlanStripped)
        {
            if (new VlanTag(frame.Offload.VlanTag).Id != 0 || VlanTag.Follows(type))
            {
                counters.Add(StackCounter.RxUnknownType);
                return;
            }
        }
        else if (VlanTag.Follows(type))
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
                _input4.Receive(network, ref frame, offset, isGroup);
                break;
            case EtherType.IPv6:
                _input6.Receive(network, ref frame, offset, isGroup);
                break;
            case EtherType.Arp:
                network.Arp.Receive(bytes[offset..]);
                break;
            default:
                counters.Add(StackCounter.RxUnknownType);
                break;
        }
    }

    /// <summary>Takes in a packet without looking at its Ethernet header: one that was put together.</summary>
    public void ReceivePacket(NetworkInterface network, ref RxFrame frame, int offset, bool isIPv4, bool isGroup)
    {
        if (isIPv4)
        {
            _input4.Receive(network, ref frame, offset, isGroup);
        }
        else
        {
            _input6.Receive(network, ref frame, offset, isGroup);
        }
    }

    /// <summary>Hands a packet whose headers were checked to whom it is for.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="nextHeaderAt">Where in IPv6 the protocol's number stands, counted from the IP header.</param>
    public void Deliver(ref IpPacket packet, int nextHeaderAt)
    {
        IpProtocol protocol = packet.Protocol;
        bool isSpoken = Raw is not null && Raw.Observe(packet);
        if (protocol is IpProtocol.Tcp or IpProtocol.Udp)
        {
            if (packet.Source.IsUnspecified)
            {
                Context.Counters.Add(StackCounter.RxMartian);
                return;
            }

            if (!TransportChecksumIsGood(packet, protocol))
            {
                Context.Counters.Add(StackCounter.RxBadTransportChecksum);
                return;
            }
        }

        switch (protocol)
        {
            case IpProtocol.Tcp when Tcp is not null:
                if (!packet.IsGroup)
                {
                    Tcp.Receive(ref packet);
                }
                else
                {
                    Context.Counters.Add(StackCounter.RxMartian); // RFC 1122 §4.2.3.10
                }

                break;
            case IpProtocol.Udp when Udp is not null:
                Udp.Receive(ref packet);
                break;
            case IpProtocol.Icmp when packet.Source.IsIPv4:
                Icmp.Receive(packet);
                break;
            case IpProtocol.Igmp when packet.Source.IsIPv4:
                ReceiveIgmp(packet);
                break;
            case IpProtocol.Icmpv6 when !packet.Source.IsIPv4:
                Icmp.Receive6(packet);
                break;
            default:
                if (isSpoken)
                {
                    break;
                }

                Context.Counters.Add(StackCounter.RxUnknownProtocol);
                if (packet.Source.IsIPv4)
                {
                    Icmp.Errors.SendProtocolUnreachable(packet);
                }
                else
                {
                    Icmp.Errors.SendParameterProblem(packet, Icmpv6ParameterCode.NextHeader, nextHeaderAt); // RFC 8200 §4
                }

                break;
        }
    }

    /// <summary>Whether a packet that somebody complains about may be ours and still matter.</summary>
    public bool HasSent(in SentPacket packet) => packet.Protocol switch
    {
        IpProtocol.Tcp => Tcp is not null && Tcp.HasSent(packet),
        IpProtocol.Udp => Udp is not null && Udp.HasSent(packet),
        IpProtocol.Icmp or IpProtocol.Icmpv6 => Icmp.Echo.HasSent(packet.Head),
        _ => false,
    } || (Raw is not null && Raw.HasSent(packet));

    /// <summary>Tells the transport that a packet of ours did not arrive.</summary>
    public void Report(in SentPacket packet, DeliveryFailure reason)
    {
        Raw?.Undeliverable(packet, reason);
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
            case IpProtocol.Icmp or IpProtocol.Icmpv6:
                Icmp.Echo.Undeliverable(packet.Head, reason);
                break;
        }
    }

    /// <summary>Tells the transport that its packets are too large.</summary>
    public void PathMtuChanged(in SentPacket packet, int mtu)
    {
        Raw?.Undeliverable(packet, DeliveryFailure.TooLong);
        switch (packet.Protocol)
        {
            case IpProtocol.Tcp:
                Tcp?.PathMtuChanged(packet, mtu);
                break;
            case IpProtocol.Udp:
                Udp?.PathMtuChanged(packet, mtu);
                break;
        }
    }

    /// <summary>A frame of ours could not be sent, since its neighbour does not answer.</summary>
    public void ReportUndeliverable(NetworkInterface network, TxFrame frame)
    {
        ReadOnlySpan<byte> packet = frame.Frame.Header.Span[EthernetHeader.Length..];
        int length = frame.Frame.Length - EthernetHeader.Length;
        if (IPv4Header.TryParse(packet, length, out IPv4Header header))
        {
            Report(
                new SentPacket
                {
                    Source = header.Source,
                    Destination = SourceRouteOption.FinalDestination(header),
                    Protocol = header.Protocol,
                    Head = header.Payload,
                    Interface = network,
                    Complaint = new IcmpComplaint(header.Source, (byte)IcmpType.DestinationUnreachable, (byte)IcmpUnreachableCode.Host),
                },
                DeliveryFailure.NoNeighbor);
        }
        else if (IPv6Header.TryParse(packet, length, out IPv6Header header6) && header6.TryWalkExtensions(out IPv6UpperLayer upper)
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
                    Complaint = new IcmpComplaint(header6.Source, (byte)Icmpv6Type.DestinationUnreachable, (byte)Icmpv6UnreachableCode.Address),
                },
                DeliveryFailure.NoNeighbor);
        }
    }

    private void ReceiveIgmp(in IpPacket packet)
    {
        if (InternetChecksum.Finish(FrameChecksum.Sum(packet.Frame.Frame, packet.TransportOffset, packet.TransportLength, 0)) != 0)
        {
            Context.Counters.Add(StackCounter.RxBadTransportChecksum);
            return;
        }

        Context.Counters.Add(StackCounter.IgmpReceived);
        packet.Interface.Groups.Receive(packet);
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
