using FpgaNet.Packets.Wire;

namespace FpgaNet.Simulation;

/// <summary>What a frame carries, as far as it can be read: for rules that pick frames, and for people.</summary>
public readonly record struct PacketView
{
    public EtherType EtherType { get; private init; }

    /// <summary>4, 6, or 0 when it is no IP packet.</summary>
    public int IpVersion { get; private init; }

    public IpProtocol Protocol { get; private init; }

    /// <summary>Source address; IPv4 as ::ffff:a.b.c.d.</summary>
    public UInt128 Source { get; private init; }

    public UInt128 Destination { get; private init; }

    public ushort SourcePort { get; private init; }

    public ushort DestinationPort { get; private init; }

    public bool IsFragment { get; private init; }

    /// <summary>The two ECN bits (RFC 3168 §5).</summary>
    public int Ecn { get; private init; }

    public bool IsTcp { get; private init; }

    public TcpFlags Flags { get; private init; }

    public uint Sequence { get; private init; }

    public uint Acknowledgment { get; private init; }

    public ushort Window { get; private init; }

    /// <summary>Bytes behind the TCP or UDP header, else behind the IP header.</summary>
    public int PayloadLength { get; private init; }

    /// <summary>First byte behind the Ethernet header, in the frame.</summary>
    public int NetworkOffset { get; private init; }

    /// <summary>First byte behind the IP header, in the frame.</summary>
    public int TransportOffset { get; private init; }

    public TcpOptions Options { get; private init; }

    public bool IsTcpData => IsTcp && PayloadLength > 0;

    public bool IsSyn => IsTcp && (Flags & TcpFlags.Syn) != TcpFlags.None;

    public bool IsFin => IsTcp && (Flags & TcpFlags.Fin) != TcpFlags.None;

    public bool IsPureAck => IsTcp && PayloadLength == 0 && (Flags & (TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Rst | TcpFlags.Ack)) == TcpFlags.Ack;

    /// <summary>Addresses and ports of one direction.</summary>
    public (UInt128 Source, ushort SourcePort, UInt128 Destination, ushort DestinationPort) Flow => (Source, SourcePort, Destination, DestinationPort);

    /// <summary>An IPv4 address as this type has it.</summary>
    public static UInt128 Key(IPv4Address address) => new(0, 0xFFFF_0000_0000UL | address.Value);

    public static PacketView Of(ReadOnlySpan<byte> frame)
    {
        if (!EthernetHeader.TryParse(frame, out EthernetHeader ethernet))
        {
            return default;
        }

        int offset = EthernetHeader.Length;
        EtherType type = ethernet.EtherType;
        if (VlanTag.Follows(type) && VlanTag.TryParse(frame[offset..], out _, out type))
        {
            offset += VlanTag.Length;
        }

        if (type == EtherType.IPv4 && IPv4Header.TryParse(frame[offset..], out IPv4Header ip4))
        {
            PacketView view = new()
            {
                EtherType = type,
                IpVersion = 4,
                Protocol = ip4.Protocol,
                Source = Key(ip4.Source),
                Destination = Key(ip4.Destination),
                IsFragment = ip4.IsFragment,
                Ecn = ip4.TrafficClass & 3,
                NetworkOffset = offset,
                TransportOffset = offset + ip4.HeaderLength,
                PayloadLength = ip4.PayloadLength,
            };
            return ip4.IsFragment ? view : WithTransport(view, ip4.Payload);
        }

        if (type == EtherType.IPv6 && IPv6Header.TryParse(frame[offset..], out IPv6Header ip6))
        {
            PacketView view = new()
            {
                EtherType = type,
                IpVersion = 6,
                Protocol = ip6.NextHeader,
                Source = ip6.Source.Value,
                Destination = ip6.Destination.Value,
                Ecn = ip6.TrafficClass & 3,
                NetworkOffset = offset,
                TransportOffset = offset + IPv6Header.Length,
                PayloadLength = ip6.PayloadLength,
            };
            return WithTransport(view, ip6.Payload);
        }

        return new PacketView { EtherType = type, NetworkOffset = offset };
    }

    private static PacketView WithTransport(PacketView view, ReadOnlySpan<byte> segment)
    {
        if (view.Protocol == IpProtocol.Tcp && TcpHeader.TryParse(segment, out TcpHeader tcp))
        {
            return view with
            {
                IsTcp = true,
                SourcePort = tcp.SourcePort,
                DestinationPort = tcp.DestinationPort,
                Flags = tcp.Flags,
                Sequence = tcp.SequenceNumber,
                Acknowledgment = tcp.AcknowledgmentNumber,
                Window = tcp.Window,
                PayloadLength = tcp.Payload.Length,
                Options = TcpOptions.TryParse(tcp.Options, out TcpOptions options) ? options : default,
            };
        }

        if (view.Protocol == IpProtocol.Udp && UdpHeader.TryParse(segment, segment.Length, out UdpHeader udp))
        {
            return view with { SourcePort = udp.SourcePort, DestinationPort = udp.DestinationPort, PayloadLength = udp.Payload.Length };
        }

        return view;
    }
}
