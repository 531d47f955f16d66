using System.Buffers.Binary;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Simulation;

/// <summary>
/// An IP forwarder of the plainest kind, for both families: looks up the longest prefix, takes one from the time to live, cuts IPv4 packets that may be cut,
/// and tells senders of what it drops — unless it is a black hole.
/// </summary>
public sealed class Router
{
    private readonly List<Port> _ports = [];
    private readonly List<(UInt128 Prefix, int Bits, Port Port, MacAddress? NextHop)> _routes = [];

    internal Router(VirtualNetwork network, string name)
    {
        Network = network;
        Name = name;
    }

    public string Name { get; }

    /// <summary>Whether it tells senders of packets that it drops (RFC 1812 §4.3); when false they vanish.</summary>
    public bool SendsIcmp { get; set; } = true;

    public IReadOnlyList<Port> Ports => _ports;

    /// <summary>Packets dropped: no route, too large, time to live over, unreadable.</summary>
    public long Dropped { get; private set; }

    internal VirtualNetwork Network { get; }

    /// <summary>Adds a route over another router.</summary>
    /// <param name="prefix">Prefix; IPv4 as ::ffff:a.b.c.d.</param>
    /// <param name="bits">Its length of 128.</param>
    /// <param name="port">The way out.</param>
    /// <param name="nextHop">The next router; null: the destination itself is there.</param>
    public void AddRoute(UInt128 prefix, int bits, Port port, MacAddress? nextHop)
    {
        _routes.Add((prefix, bits, port, nextHop));
        _routes.Sort(static (a, b) => b.Bits.CompareTo(a.Bits));
    }

    internal Port AddPort(MacAddress mac, IPv4Address address, IPv6Address linkLocal)
    {
        Port port = new(this, mac, address, linkLocal);
        _ports.Add(port);
        return port;
    }

    private void Forward(Port from, WireFrame frame)
    {
        PacketView view = PacketView.Of(frame.Bytes);
        int length = view.IpVersion == 4
            ? BinaryPrimitives.ReadUInt16BigEndian(frame.Bytes.AsSpan(view.NetworkOffset + 2))
            : view.IpVersion == 6 ? IPv6Header.Length + BinaryPrimitives.ReadUInt16BigEndian(frame.Bytes.AsSpan(view.NetworkOffset + 4)) : 0;
        if (view.IpVersion == 0 || length > frame.Bytes.Length - view.NetworkOffset)
        {
            Dropped++;
            return;
        }

        byte[] packet = frame.Bytes[view.NetworkOffset..(view.NetworkOffset + length)];
        if (view.IpVersion == 4 && !(IPv4Header.TryParse(packet, out IPv4Header ip) && ip.ChecksumIsGood))
        {
            Dropped++;
            return;
        }

        ref byte timeToLive = ref packet[view.IpVersion == 4 ? 8 : 7];
        if (timeToLive <= 1)
        {
            Refuse(from, packet, view, (byte)IcmpType.TimeExceeded, (byte)Icmpv6Type.TimeExceeded, 0, 0);
            return;
        }

        timeToLive--;
        if (view.IpVersion == 4)
        {
            if (TryFollowSourceRoute(packet))
            {
                view = ViewOf(packet, 4);
            }

            IPv4Header.WriteChecksum(packet.AsSpan(0, (packet[0] & 0xF) * 4));
        }

        Route(from, packet, view, frame.IsDamaged);
    }

    // RFC 791 §3.1: where a route's hop is ours, its next address becomes the destination, and in its place stands ours on the way there.
    private bool TryFollowSourceRoute(byte[] packet)
    {
        if (!IPv4Header.TryParse(packet, out IPv4Header ip) || !SourceRouteOption.TryFind(ip.Options, out SourceRouteOption route) || !route.IsPresent
            || route.IsComplete)
        {
            return false;
        }

        IPv4Address here = ip.Destination;
        int option = IPv4Header.MinimumLength + route.Offset;
        Span<byte> entry = packet.AsSpan(option + route.Pointer - 1);
        IPv4Address next = IPv4Address.Read(entry);
        if (!_ports.Exists(port => port.Address == here)
            || _routes.Find(r => r.Bits == 0 || (PacketView.Key(next) ^ r.Prefix) >> (128 - r.Bits) == 0).Port is not { } way)
        {
            return false;
        }

        next.Write(packet.AsSpan(16));
        way.Address.Write(entry);
        packet[option + 2] += IPv4Address.Length;
        return true;
    }

    private static PacketView ViewOf(byte[] packet, int version) => PacketView.Of([.. new byte[12], .. version == 4 ? "\x08\0"u8 : [0x86, 0xDD], .. packet]);

    private void Route(Port? from, byte[] packet, in PacketView view, bool isDamaged)
    {
        foreach ((UInt128 prefix, int bits, Port port, MacAddress? nextHop) in _routes)
        {
            if (bits != 0 && (view.Destination ^ prefix) >> (128 - bits) != 0)
            {
                continue;
            }

            if ((nextHop ?? Network.MacOf(view.Destination)) is not { } to)
            {
                break;
            }

            if (packet.Length <= port.MaximumTransmissionUnit)
            {
                port.Transmit(to, view.IpVersion, packet, isDamaged);
            }
            else if (view.IpVersion == 4 && (packet[6] & 0x40) == 0)
            {
                Cut(port, to, packet, isDamaged);
            }
            else
            {
                Refuse(
                    from, packet, view, (byte)IcmpType.DestinationUnreachable, (byte)Icmpv6Type.PacketTooBig,
                    view.IpVersion == 4 ? (byte)IcmpUnreachableCode.FragmentationNeeded : (byte)0, (uint)port.MaximumTransmissionUnit);
            }

            return;
        }

        Refuse(
            from, packet, view, (byte)IcmpType.DestinationUnreachable, (byte)Icmpv6Type.DestinationUnreachable,
            view.IpVersion == 4 ? (byte)IcmpUnreachableCode.Host : (byte)0, 0);
    }

    // RFC 791 §3.2, the fragmentation procedure.
    private static void Cut(Port port, MacAddress to, byte[] packet, bool isDamaged)
    {
        int header = (packet[0] & 0xF) * 4;
        int part = (port.MaximumTransmissionUnit - header) & ~7;
        ushort field = BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(6));
        for (int at = header; at < packet.Length; at += part)
        {
            bool more = at + part < packet.Length || (field & 0x2000) != 0;
            byte[] fragment = [.. packet[..header], .. packet[at..Math.Min(at + part, packet.Length)]];
            BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(2), (ushort)fragment.Length);
            BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(6), (ushort)((more ? 0x2000 : 0) | ((field & 0x1FFF) + ((at - header) / 8))));
            IPv4Header.WriteChecksum(fragment.AsSpan(0, header));
            port.Transmit(to, 4, fragment, isDamaged);
        }
    }

    private void Refuse(Port? from, byte[] packet, in PacketView view, byte type4, byte type6, byte code, uint parameter)
    {
        Dropped++;
        bool isError = view.Protocol is IpProtocol.Icmp or IpProtocol.Icmpv6;
        if (from is null || !SendsIcmp || isError || view.IsFragment)
        {
            return;
        }

        byte[] error = view.IpVersion == 4
            ? IcmpError.Version4(from.Address, packet, type4, code, parameter)
            : IcmpError.Version6(from.GlobalAddress ?? from.LinkLocal, packet, type6, code, parameter);
        Route(null, error, ViewOf(error, view.IpVersion), isDamaged: false);
    }

    /// <summary>One of a router's interfaces.</summary>
    public sealed class Port : IWireEnd
    {
        private readonly Router _router;

        internal Port(Router router, MacAddress mac, IPv4Address address, IPv6Address linkLocal)
        {
            _router = router;
            MacAddress = mac;
            Address = address;
            LinkLocal = linkLocal;
        }

        /// <summary>Whose it is.</summary>
        public Router Router => _router;

        public MacAddress MacAddress { get; }

        public IPv4Address Address { get; }

        public IPv6Address LinkLocal { get; }

        /// <summary>The /64 of its link; null: there is no IPv6 but link-local.</summary>
        public IPv6Address? Prefix { get; internal set; }

        /// <summary>Its global address: the prefix and 0xfffe.</summary>
        public IPv6Address? GlobalAddress => Prefix is { } prefix ? new IPv6Address(prefix.Value | 0xFFFE) : null;

        /// <summary>Largest packet that leaves here; may be changed in the middle of a run.</summary>
        public int MaximumTransmissionUnit { get; set; } = 1500;

        /// <summary>The way out.</summary>
        public Link Link { get; internal set; } = null!;

        public void Deliver(WireFrame frame)
        {
            if (!EthernetHeader.TryParse(frame.Bytes, out EthernetHeader ethernet))
            {
                return;
            }

            if (ethernet.EtherType == EtherType.Arp)
            {
                AnswerArp(ethernet.Payload);
            }
            else if (ethernet.EtherType == EtherType.IPv6 && RouterDiscovery.Answer(this, frame.Bytes) is { } answer)
            {
                Link.Send(new WireFrame(answer));
            }
            else if (ethernet.Destination == MacAddress)
            {
                _router.Forward(this, frame);
            }
        }

        internal void Transmit(MacAddress to, int version, byte[] packet, bool isDamaged)
        {
            byte[] frame = new byte[EthernetHeader.Length + packet.Length];
            EthernetHeader.Write(frame, to, MacAddress, version == 4 ? EtherType.IPv4 : EtherType.IPv6);
            packet.CopyTo(frame, EthernetHeader.Length);
            Link.Send(new WireFrame(frame, isDamaged));
        }

        private void AnswerArp(ReadOnlySpan<byte> packet)
        {
            if (ArpPacket.TryParse(packet, out ArpPacket arp) && arp.Operation == ArpOperation.Request && arp.TargetProtocol == Address)
            {
                byte[] reply = new byte[60];
                EthernetHeader.Write(reply, arp.SenderHardware, MacAddress, EtherType.Arp);
                ArpPacket.Write(
                    reply.AsSpan(EthernetHeader.Length), new ArpFields(ArpOperation.Reply, MacAddress, Address, arp.SenderHardware, arp.SenderProtocol));
                Link.Send(new WireFrame(reply));
            }
        }
    }
}
