using System.Buffers.Binary;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;

namespace FpgaNet.Stack.Tests.Scripts;

/// <summary>The peer's wire: frames of either family, ARP and Neighbour Discovery, UDP and ICMP.</summary>
public sealed partial class ScriptedPeer
{
    private static readonly IPv4Address s_host = IPv4Address.Parse("192.0.2.1");
    private static readonly IPv4Address s_peer = IPv4Address.Parse("192.0.2.2");
    private static readonly IPv6Address s_host6 = IPv6Address.Parse("2001:db8::1");
    private static readonly IPv6Address s_peer6 = IPv6Address.Parse("2001:db8::2");
    private static readonly MacAddress s_peerMac = new(0x0200_5E00_0099);

    /// <summary>Whether this script runs over IPv6.</summary>
    public bool IsIPv6 { get; }

    private int HeaderLength => EthernetHeader.Length + (IsIPv6 ? IPv6Header.Length : IPv4Header.MinimumLength);

    /// <summary>Sends a segment with IPv4 options, padded to a multiple of four bytes.</summary>
    public ScriptedPeer Sends(Seg seg, params ReadOnlySpan<byte> ipOptions)
    {
        byte[] plain = Build(seg);
        byte[] frame = [.. plain[..HeaderLength], .. ipOptions, .. plain[HeaderLength..]];
        Span<byte> ip = frame.AsSpan(EthernetHeader.Length, IPv4Header.MinimumLength + ipOptions.Length);
        ip[0] = (byte)(0x40 | (ip.Length / 4));
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(frame.Length - EthernetHeader.Length));
        IPv4Header.WriteChecksum(ip);
        return SendsRaw(frame);
    }

    /// <summary>An ICMP error about the latest segment that was expected.</summary>
    /// <param name="type">Its type, of the script's family.</param>
    /// <param name="code">Its code.</param>
    /// <param name="sequence">Added to the quoted sequence number.</param>
    /// <param name="parameter">Bytes 4 to 7: the next hop's MTU of "fragmentation needed" and "packet too big".</param>
    public ScriptedPeer Complains(int type, int code, int sequence = 0, uint parameter = 0)
    {
        byte[] quoted = [.. LastFrame[EthernetHeader.Length..]];
        Span<byte> number = quoted.AsSpan((IsIPv6 ? IPv6Header.Length : (quoted[0] & 0xF) * 4) + 4);
        BinaryPrimitives.WriteUInt32BigEndian(number, BinaryPrimitives.ReadUInt32BigEndian(number) + (uint)sequence);
        byte[] packet = IsIPv6
            ? IcmpError.Version6(s_peer6, quoted, (byte)type, (byte)code, parameter)
            : IcmpError.Version4(s_peer, quoted, (byte)type, (byte)code, parameter);
        byte[] frame = new byte[EthernetHeader.Length + packet.Length];
        EthernetHeader.Write(frame, _device.MacAddress, s_peerMac, IsIPv6 ? EtherType.IPv6 : EtherType.IPv4);
        packet.CopyTo(frame.AsSpan(EthernetHeader.Length));
        return SendsRaw(frame);
    }

    /// <summary>A datagram from the peer's port to one of the stack's.</summary>
    public ScriptedPeer SendsDatagram(ushort hostPort, params ReadOnlySpan<byte> payload)
    {
        byte[] datagram = new byte[UdpHeader.HeaderLength + payload.Length];
        UdpHeader.Write(datagram, Port, hostPort, payload.Length, 0);
        payload.CopyTo(datagram.AsSpan(UdpHeader.HeaderLength));
        return SendsRaw(Wrap(IpProtocol.Udp, UdpHeader.ChecksumOffset, datagram, 0));
    }

    /// <summary>The stack has sent this datagram, and it is the next thing that it sent.</summary>
    public ScriptedPeer ExpectsDatagram(ushort hostPort, params ReadOnlySpan<byte> payload)
    {
        byte[] frame = TakesPacket();
        string seen = FrameText.Describe(frame);
        PacketView view = PacketView.Of(frame);
        Assert.AreEqual(IpProtocol.Udp, view.Protocol, seen);
        Assert.AreEqual((hostPort, Port), (view.SourcePort, view.DestinationPort), seen);
        CheckSum(frame, view);
        int start = view.TransportOffset + UdpHeader.HeaderLength;
        Assert.IsTrue(payload.SequenceEqual(frame.AsSpan(start, view.PayloadLength)), $"other bytes came: {Convert.ToHexString(frame[start..])}");
        return this;
    }

    private byte[] Build(Seg seg)
    {
        TcpOptions options = OptionsOf(seg);
        int optionsLength = seg.RawOptions?.Length ?? options.EncodedLength;
        byte[] tcp = new byte[TcpHeader.MinimumLength + optionsLength + seg.Length];
        TcpHeader.Write(
            tcp,
            new TcpFields
            {
                SourcePort = Port,
                DestinationPort = HostPort,
                SequenceNumber = seg.IsAbsolute ? (uint)seg.Sequence.GetValueOrDefault() : PeerIss + (uint)seg.Sequence.GetValueOrDefault(),
                AcknowledgmentNumber = seg.Acknowledges is { } ack ? _hostIss + (uint)ack : 0,
                Flags = seg.Flags,
                Window = (ushort)(seg.WindowField ?? 30000),
                UrgentPointer = seg.Urgent,
            },
            seg.RawOptions is null ? options : default);
        seg.RawOptions?.CopyTo(tcp, TcpHeader.MinimumLength);
        tcp[12] = (byte)(((TcpHeader.MinimumLength + optionsLength) << 2) | seg.Reserved);
        for (int i = 0; i < seg.Length; i++)
        {
            tcp[tcp.Length - seg.Length + i] = PeerByte(seg.Sequence.GetValueOrDefault() + i + ((seg.Flags & TcpFlags.Syn) != TcpFlags.None ? 1 : 0));
        }

        return Wrap(IpProtocol.Tcp, TcpHeader.ChecksumOffset, tcp, seg.TrafficClass ?? 0);
    }

    private TcpOptions OptionsOf(Seg seg)
    {
        TcpOptions options = new()
        {
            MaximumSegmentSize = (seg.Flags & TcpFlags.Syn) != TcpFlags.None ? seg.MaximumSegment : null,
            WindowScale = seg.Scale,
            SackPermitted = seg.Sack,
            UserTimeout = seg.UserTimeout,
            FastOpen = seg.Cookie is { } cookie ? new FastOpenCookie(cookie.Span) : null,
        };
        if (seg.Timestamp is { } value)
        {
            options.HasTimestamps = true;
            options.TimestampValue = value;
            options.TimestampEchoReply = seg.TimestampEcho;
        }

        foreach ((int left, int right) in seg.Blocks ?? [])
        {
            options.TryAddSack(new SackBlock(_hostIss + (uint)left, _hostIss + (uint)right));
        }

        return options;
    }

    private byte[] Wrap(IpProtocol protocol, int checksumOffset, byte[] message, byte trafficClass)
    {
        byte[] frame = new byte[HeaderLength + message.Length];
        EthernetHeader.Write(frame, _device.MacAddress, s_peerMac, IsIPv6 ? EtherType.IPv6 : EtherType.IPv4);
        Span<byte> packet = frame.AsSpan(EthernetHeader.Length);
        if (IsIPv6)
        {
            IPv6Header.Write(packet, new IPv6Fields
            {
                Source = s_peer6,
                Destination = s_host6,
                NextHeader = protocol,
                TrafficClass = trafficClass,
                PayloadLength = message.Length,
                HopLimit = 64,
            });
        }
        else
        {
            IPv4Header.Write(packet, new IPv4Fields
            {
                Source = s_peer,
                Destination = s_host,
                Protocol = protocol,
                TrafficClass = trafficClass,
                PayloadLength = message.Length,
                TimeToLive = 64,
            });
        }

        uint pseudo = IsIPv6
            ? InternetChecksum.PseudoHeader(s_peer6, s_host6, protocol, message.Length)
            : InternetChecksum.PseudoHeader(s_peer, s_host, protocol, message.Length);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(checksumOffset), InternetChecksum.Finish(InternetChecksum.Sum(message, pseudo)));
        message.CopyTo(frame, HeaderLength);
        return frame;
    }

    private static void CheckSum(byte[] frame, in PacketView view)
    {
        ReadOnlySpan<byte> message = frame.AsSpan(view.TransportOffset);
        uint pseudo;
        if (view.IpVersion == 4)
        {
            Assert.IsTrue(IPv4Header.TryParse(frame.AsSpan(view.NetworkOffset), out IPv4Header ip) && ip.ChecksumIsGood, "the header's checksum");
            pseudo = InternetChecksum.PseudoHeader(ip.Source, SourceRouteOption.FinalDestination(ip), view.Protocol, message.Length);
        }
        else
        {
            pseudo = InternetChecksum.PseudoHeader(new IPv6Address(view.Source), new IPv6Address(view.Destination), view.Protocol, message.Length);
        }

        Assert.AreEqual(0, InternetChecksum.Finish(InternetChecksum.Sum(message, pseudo)), $"the checksum of {FrameText.Describe(frame)}");
    }

    private void OnSent(VirtualDevice device, byte[] frame)
    {
        Assert.IsTrue(EthernetHeader.TryParse(frame, out EthernetHeader ethernet));
        if (ethernet.EtherType == EtherType.Arp)
        {
            AnswerArp(ethernet.Payload);
            return;
        }

        if (NeighborAnswer.To(frame, s_peerMac, NeighborAnswer.Solicited | NeighborAnswer.Override, s_peer6) is { } answer)
        {
            _device.Deliver(answer);
            return;
        }

        if (IsIPv6 && ethernet.Destination.IsMulticast)
        {
            return; // group reports
        }

        Assert.AreEqual(s_peerMac, ethernet.Destination);
        _sent.Enqueue((Time.Elapsed, frame));
    }

    private void AnswerArp(ReadOnlySpan<byte> packet)
    {
        Assert.IsTrue(ArpPacket.TryParse(packet, out ArpPacket arp));
        if (arp.Operation == ArpOperation.Request && arp.TargetProtocol == s_peer)
        {
            byte[] reply = new byte[60];
            EthernetHeader.Write(reply, arp.SenderHardware, s_peerMac, EtherType.Arp);
            ArpPacket.Write(reply.AsSpan(14), new ArpFields(ArpOperation.Reply, s_peerMac, s_peer, arp.SenderHardware, arp.SenderProtocol));
            _device.Deliver(reply);
        }
    }
}
