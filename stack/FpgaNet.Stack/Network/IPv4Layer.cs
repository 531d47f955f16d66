using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>IPv4 (RFC 791) as an end host speaks it (RFC 1122 §3.2): what comes in is checked and handed up, what goes out gets its header and its neighbour.</summary>
internal sealed class IPv4Layer
{
    private readonly NetworkInterface _interface;
    private ushort _identification;

    public IPv4Layer(NetworkInterface networkInterface)
    {
        _interface = networkInterface;
        Icmp = new IcmpLayer(networkInterface, this);
        networkInterface.Neighbors.Undeliverable = ReportUndeliverable;
    }

    public IcmpLayer Icmp { get; }

    public ITransportProtocol? Tcp { get; set; }

    public ITransportProtocol? Udp { get; set; }

    /// <summary>Takes in a frame. The caller releases afterwards what is left of it.</summary>
    public void Receive(ref RxFrame frame)
    {
        StackCounters counters = _interface.Counters;
        counters.Add(StackCounter.RxFrames);
        counters.Add(StackCounter.RxBytes, frame.Frame.Length);
        ReadOnlySpan<byte> bytes = frame.Frame.SliceCount == 0 ? default : frame.Frame.Header.Span;
        if (!EthernetHeader.TryParse(bytes, out EthernetHeader ethernet))
        {
            counters.Add(StackCounter.RxMalformed);
            return;
        }

        MacAddress destination = ethernet.Destination;
        if (destination != _interface.Device.MacAddress && destination != MacAddress.Broadcast)
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
                ReceiveIPv4(ref frame, bytes, offset, destination == MacAddress.Broadcast);
                break;
            case EtherType.Arp:
                _interface.Neighbors.Receive(bytes[offset..]);
                break;
            default:
                counters.Add(StackCounter.RxUnknownType);
                break;
        }
    }

    /// <summary>Sends one transport message whose bytes begin behind <see cref="PayloadOffset"/> in <paramref name="frame"/>'s first slice.</summary>
    /// <returns>Whether there is a route; the references are taken over either way.</returns>
    public bool Send(IPv4Address destination, IpProtocol protocol, ref TxFrame frame)
    {
        if (_interface.IsBroadcast(destination))
        {
            WriteHeaders(destination, protocol, frame.Frame);
            _interface.Output.Enqueue(ref frame);
            return true;
        }

        if (_interface.Route(destination) is not { } neighbor)
        {
            frame.Frame.Release();
            return false;
        }

        Send(neighbor, destination, protocol, ref frame);
        return true;
    }

    /// <summary>The same for who knows the neighbour already.</summary>
    public void Send(Neighbor neighbor, IPv4Address destination, IpProtocol protocol, ref TxFrame frame)
    {
        WriteHeaders(destination, protocol, frame.Frame);
        _interface.Neighbors.Transmit(neighbor, ref frame);
    }

    /// <summary>Where a transport message begins in a frame that is to be sent.</summary>
    public static int PayloadOffset => EthernetHeader.Length + IPv4Header.MinimumLength;

    /// <summary>Packets are never cut (DF is set), so that the number need not be unique (RFC 6864 §4.1); it helps people who read captures.</summary>
    public ushort NextIdentification() => ++_identification;

    private void WriteHeaders(IPv4Address destination, IpProtocol protocol, in Frame frame)
    {
        Span<byte> header = frame.Header.Span;
        EthernetHeader.Write(header, MacAddress.Broadcast, _interface.Device.MacAddress, EtherType.IPv4); // the neighbour's address follows
        IPv4Header.Write(header[EthernetHeader.Length..], new IPv4Fields
        {
            Source = _interface.Address,
            Destination = destination,
            Protocol = protocol,
            PayloadLength = frame.Length - PayloadOffset,
            Identification = NextIdentification(),
            DontFragment = true,
            TimeToLive = _interface.Options.TimeToLive,
        });
    }

    private void ReceiveIPv4(ref RxFrame frame, ReadOnlySpan<byte> bytes, int offset, bool linkBroadcast)
    {
        StackCounters counters = _interface.Counters;
        if (!IPv4Header.TryParse(bytes[offset..], frame.Frame.Length - offset, out IPv4Header header))
        {
            counters.Add(StackCounter.RxMalformed);
            return;
        }

        if (frame.Offload.NetworkChecksum != ChecksumVerdict.Good
            && (frame.Offload.NetworkChecksum == ChecksumVerdict.Bad || !header.ChecksumIsGood))
        {
            counters.Add(StackCounter.RxBadNetworkChecksum);
            return;
        }

        IPv4Address source = header.Source;
        IPv4Address destination = header.Destination;

        // RFC 1122 §3.2.1.3: no source may be a group, a broadcast, the loopback net or unknown; ours neither, since we do not send to ourselves.
        if (source.IsMulticast || source.IsLoopback || source.Value >> 28 == 0xF || source.Value >> 24 == 0 || source == _interface.Address
            || _interface.IsBroadcast(source) || destination.IsLoopback)
        {
            counters.Add(StackCounter.RxMartian);
            return;
        }

        bool broadcast = false;
        if (destination != _interface.Address)
        {
            broadcast = _interface.IsBroadcast(destination);
            if (!broadcast)
            {
                counters.Add(StackCounter.RxNotForUs);
                return;
            }
        }
        else if (linkBroadcast)
        {
            // RFC 1122 §3.3.6: a unicast packet in a link-layer broadcast is to be dropped silently.
            counters.Add(StackCounter.RxMartian);
            return;
        }

        if (header.IsFragment)
        {
            counters.Add(StackCounter.RxFragment);
            return;
        }

        IPv4Packet packet = new()
        {
            Frame = ref frame,
            Source = source,
            Destination = destination,
            NetworkOffset = offset,
            TransportOffset = offset + header.HeaderLength,
            TransportLength = header.PayloadLength,
            IsBroadcast = broadcast,
        };
        IpProtocol protocol = header.Protocol;
        if (protocol is IpProtocol.Tcp or IpProtocol.Udp && !TransportChecksumIsGood(packet, protocol))
        {
            counters.Add(StackCounter.RxBadTransportChecksum);
            return;
        }

        switch (protocol)
        {
            case IpProtocol.Tcp when Tcp is not null && !broadcast:
                Tcp.Receive(ref packet);
                break;
            case IpProtocol.Udp when Udp is not null:
                Udp.Receive(ref packet);
                break;
            case IpProtocol.Icmp:
                Icmp.Receive(ref packet);
                break;
            default:
                counters.Add(StackCounter.RxUnknownProtocol);
                Icmp.SendUnreachable(packet, IcmpUnreachableCode.Protocol);
                break;
        }
    }

    private static bool TransportChecksumIsGood(in IPv4Packet packet, IpProtocol protocol)
    {
        ref RxFrame frame = ref packet.Frame;
        switch (frame.Offload.TransportChecksum)
        {
            case ChecksumVerdict.Good:
                return true;
            case ChecksumVerdict.Bad:
                return false;
            default:
                // RFC 768: zero means that the sender computed none.
                ReadOnlySpan<byte> head = packet.Head;
                if (protocol == IpProtocol.Udp && head.Length >= UdpHeader.HeaderLength && head[6] == 0 && head[7] == 0)
                {
                    return true;
                }

                uint pseudo = InternetChecksum.PseudoHeader(packet.Source, packet.Destination, protocol, packet.TransportLength);
                return InternetChecksum.Finish(FrameChecksum.Sum(frame.Frame, packet.TransportOffset, packet.TransportLength, pseudo)) == 0;
        }
    }

    private void ReportUndeliverable(TxFrame frame)
    {
        if (IPv4Header.TryParse(frame.Frame.Header.Span[EthernetHeader.Length..], frame.Frame.Length - EthernetHeader.Length, out IPv4Header header))
        {
            Report(header, DeliveryFailure.HostUnreachable);
        }
    }

    /// <summary>Tells the transport that a packet of ours, quoted, did not arrive.</summary>
    internal void Report(in IPv4Header quoted, DeliveryFailure reason)
    {
        ReadOnlySpan<byte> head = quoted.Payload;
        if (quoted.Source != _interface.Address || head.Length < 8)
        {
            return;
        }

        switch (quoted.Protocol)
        {
            case IpProtocol.Tcp:
                Tcp?.Undeliverable(quoted.Destination, head, reason);
                break;
            case IpProtocol.Udp:
                Udp?.Undeliverable(quoted.Destination, head, reason);
                break;
            case IpProtocol.Icmp:
                Icmp.Undeliverable(head, reason);
                break;
        }
    }
}
