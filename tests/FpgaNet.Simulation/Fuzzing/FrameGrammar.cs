using System.Buffers.Binary;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Simulation.Fuzzing;

/// <summary>
/// Frames that a careless or hostile station might send, by structure: each layer is mostly right, so that the next one is reached, and then bent. What comes in the
/// honest peer's name never does what only that peer or somebody between the two could do.
/// </summary>
/// <param name="random">The draws.</param>
/// <param name="target">For whom.</param>
internal sealed class FrameGrammar(Random random, FuzzTarget target)
{
    private readonly TcpGrammar _tcp = new(random, target);

    /// <summary>The next frame.</summary>
    public byte[] Next()
    {
        while (true)
        {
            byte[] frame = Make();
            bool bent = false;
            if (random.Next(4) == 0)
            {
                frame = Bend(frame);
                bent = true;
            }

            // A frame that was bent may have become what an attacker on the path would send: not this test's business.
            if (!IsTheft(frame) && (!bent || !SpeaksForPeer(frame)))
            {
                return frame;
            }
        }
    }

    private byte[] Make() => random.Next(20) switch
    {
        0 => Garbage(),
        1 => Arp(),
        2 => Tagged(Packet(six: false), six: false),
        3 => Plain(Fragment4(), six: false),
        4 => Plain(Fragment6(), six: true),
        5 or 6 or 7 => Plain(Packet(six: true), six: true),
        _ => Plain(Packet(six: false), six: false),
    };

    private byte[] Packet(bool six)
    {
        switch (random.Next(6))
        {
            case 0 or 1 when _tcp.Blind() is { } blind:
                return Wrap(IpProtocol.Tcp, blind.Segment, blind.Is6, fromPeer: true);
            case 2:
                return Wrap(IpProtocol.Udp, Udp(), six, fromPeer: random.Next(2) == 0);
            case 3:
                return six ? Wrap(IpProtocol.Icmpv6, Icmp6(), six, fromPeer: false) : Wrap(IpProtocol.Icmp, Icmp4(), six, fromPeer: random.Next(2) == 0);
            case 4 when random.Next(4) == 0:
                return Wrap((IpProtocol)random.Next(256), Bytes(random.Next(100)), six, fromPeer: false);
            default:
                (byte[] segment, bool is6) = _tcp.Own(six);
                return Wrap(IpProtocol.Tcp, segment, is6, fromPeer: false);
        }
    }

    private byte[] Plain(byte[] packet, bool six)
    {
        bool is6 = packet.Length > 0 ? packet[0] >> 4 == 6 : six;
        MacAddress to = random.Next(20) == 0 ? MacAddress.Broadcast : target.Mac;
        byte[] frame = PacketBuilder.Ethernet(to, target.AttackerMac, is6 ? EtherType.IPv6 : EtherType.IPv4, packet);
        return random.Next(4) == 0 ? [.. frame, .. Bytes(random.Next(30))] : frame; // padding
    }

    private byte[] Tagged(byte[] packet, bool six)
    {
        byte[] frame = Plain(packet, six);
        byte[] tag = new byte[VlanTag.Length];
        BinaryPrimitives.WriteUInt16BigEndian(tag, random.Next(2) == 0 ? (ushort)EtherType.Vlan : (ushort)EtherType.ServiceVlan);
        BinaryPrimitives.WriteUInt16BigEndian(tag.AsSpan(2), (ushort)(random.Next(2) == 0 ? random.Next(8) << 13 : random.Next(65536)));
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            frame = [.. frame[..12], .. tag, .. frame[12..]];
        }

        return frame;
    }

    private byte[] Garbage() => random.Next(2) == 0 ? Bytes(random.Next(100)) : PacketBuilder.Ethernet(target.Mac, target.AttackerMac, (EtherType)random.Next(65536), Bytes(random.Next(1500)));

    private byte[] Arp()
    {
        byte[] packet = new byte[random.Next(5) == 0 ? random.Next(46) : 28];
        if (packet.Length < 28)
        {
            return PacketBuilder.Ethernet(MacAddress.Broadcast, target.AttackerMac, EtherType.Arp, packet);
        }

        IPv4Address sender = random.Next(4) switch
        {
            0 => target.Attacker,
            1 => new IPv4Address((target.Address.Value & ~0xFFu) | (uint)random.Next(128, 256)), // fills the neighbour cache
            2 => target.Address,
            _ => new IPv4Address((uint)random.Next() | 0x8000_0000),
        };
        ArpPacket.Write(packet, new ArpFields(
            (ArpOperation)random.Next(4), random.Next(4) == 0 ? new MacAddress((ulong)random.NextInt64(1L << 48)) : target.AttackerMac, sender,
            target.Mac, random.Next(3) == 0 ? new IPv4Address((uint)random.Next()) : target.Address));
        return PacketBuilder.Ethernet(random.Next(2) == 0 ? MacAddress.Broadcast : target.Mac, target.AttackerMac, EtherType.Arp, packet);
    }

    private byte[] Udp()
    {
        byte[] datagram = new byte[UdpHeader.HeaderLength + random.Next(600)];
        random.NextBytes(datagram);
        ushort port = random.Next(4) == 0 ? (ushort)random.Next(65536) : target.UdpPorts[random.Next(target.UdpPorts.Count)];
        UdpHeader.Write(datagram, (ushort)random.Next(65536), port, datagram.Length - UdpHeader.HeaderLength, 0);
        if (random.Next(8) == 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(4), (ushort)random.Next(65536));
        }

        return datagram;
    }

    private byte[] Icmp4()
    {
        byte[] body = random.Next(3) == 0 ? Bytes(random.Next(100)) : Quote4();
        byte type = random.Next(4) switch { 0 => (byte)random.Next(20), 1 => (byte)IcmpType.TimeExceeded, 2 => (byte)IcmpType.EchoRequest, _ => (byte)IcmpType.DestinationUnreachable };
        return Icmp(type, (byte)random.Next(16), Parameter(), body);
    }

    private byte[] Icmp6()
    {
        byte[] body = random.Next(2) == 0 ? Bytes(random.Next(120)) : [.. Bytes(IPv6Header.Length), .. Bytes(random.Next(60))];
        byte type = random.Next(3) switch { 0 => (byte)random.Next(256), 1 => (byte)random.Next(1, 5), _ => (byte)random.Next(128, 138) };
        return Icmp(type, (byte)random.Next(8), Parameter(), body);
    }

    // RFC 5927's attacks: errors about a connection of the victim's, with numbers that an attacker has to guess.
    private byte[] Quote4()
    {
        byte[] quote = new byte[8 + random.Next(12)];
        ushort ours = target.TcpPorts[random.Next(target.TcpPorts.Count)];
        BinaryPrimitives.WriteUInt16BigEndian(quote, ours);
        BinaryPrimitives.WriteUInt16BigEndian(quote.AsSpan(2), (ushort)random.Next(65536));
        BinaryPrimitives.WriteUInt32BigEndian(quote.AsSpan(4), (uint)random.Next());
        byte[] packet = PacketBuilder.IPv4(
            new IPv4Fields
            {
                Source = target.Address,
                Destination = random.Next(2) == 0 ? target.Peer : target.Attacker,
                Protocol = random.Next(4) == 0 ? IpProtocol.Udp : IpProtocol.Tcp,
                PayloadLength = 0,
                TimeToLive = 3,
                DontFragment = true,
            },
            [],
            quote);
        return packet[..random.Next(random.Next(4) == 0 ? 0 : packet.Length, packet.Length + 1)];
    }

    private static byte[] Icmp(byte type, byte code, uint parameter, byte[] body)
    {
        byte[] message = new byte[IcmpHeader.Length + body.Length];
        IcmpHeader.Write(message, type, code, parameter);
        body.CopyTo(message, IcmpHeader.Length);
        return message;
    }

    private uint Parameter() => random.Next(4) switch { 0 => 0, 1 => 68, 2 => (uint)random.Next(1500), _ => (uint)random.Next() };

    // Pieces of a few datagrams, with overlaps, holes, tiny and huge ones.
    private byte[] Fragment4()
    {
        int offset = random.Next(4) switch { 0 => 0, 1 => 8 * random.Next(8), 2 => 8 * random.Next(200), _ => 8 * random.Next(8192) };
        IPv4Fields fields = new()
        {
            Source = random.Next(2) == 0 ? target.Attacker : target.Peer,
            Destination = target.Address,
            Protocol = random.Next(3) == 0 ? IpProtocol.Icmp : IpProtocol.Udp,
            PayloadLength = 0,
            Identification = (ushort)random.Next(random.Next(8) == 0 ? 65536 : 6),
            MoreFragments = random.Next(3) != 0,
            FragmentOffset = offset,
            TimeToLive = 9,
        };
        return PacketBuilder.IPv4(fields, [], Bytes(random.Next(3) switch { 0 => random.Next(9), 1 => 8 * random.Next(1, 20), _ => random.Next(1400) }));
    }

    private byte[] Fragment6()
    {
        int offset = random.Next(3) switch { 0 => 0, 1 => 8 * random.Next(20), _ => 8 * random.Next(8192) };
        byte[] header = new byte[8];
        header[0] = (byte)(random.Next(3) == 0 ? random.Next(256) : (int)IpProtocol.Udp);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)(offset | random.Next(2)));
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), (uint)random.Next(6));
        return PacketBuilder.IPv6(
            Fields6(44, fromPeer: random.Next(2) == 0), [.. header, .. Bytes(random.Next(2) == 0 ? 8 * random.Next(20) : random.Next(1300))]);
    }

    private byte[] Wrap(IpProtocol protocol, byte[] message, bool six, bool fromPeer)
    {
        int at = PacketBuilder.ChecksumOffset(protocol);
        if (six)
        {
            IPv6Fields fields = Fields6((byte)protocol, fromPeer);
            if (at >= 0)
            {
                PacketBuilder.Sum(message, at, InternetChecksum.PseudoHeader(fields.Source, fields.Destination, protocol, message.Length));
            }

            return PacketBuilder.IPv6(fields with { NextHeader = Chain(protocol, out byte[] extensions) }, [.. extensions, .. message]);
        }

        IPv4Fields fields4 = new()
        {
            Source = fromPeer ? target.Peer : random.Next(40) == 0 ? new IPv4Address((uint)random.Next()) : target.Attacker,
            Destination = random.Next(40) == 0 ? IPv4Address.Broadcast : target.Address,
            Protocol = protocol,
            PayloadLength = 0,
            TrafficClass = (byte)random.Next(random.Next(3) == 0 ? 256 : 1),
            Identification = (ushort)random.Next(65536),
            DontFragment = random.Next(2) == 0,
            TimeToLive = (byte)random.Next(256),
        };
        if (at >= 0)
        {
            PacketBuilder.Sum(
                message, at, protocol == IpProtocol.Icmp ? 0 : InternetChecksum.PseudoHeader(fields4.Source, fields4.Destination, protocol, message.Length));
        }

        return PacketBuilder.IPv4(fields4, random.Next(8) == 0 ? Bytes(4 * random.Next(1, 11)) : [], message);
    }

    private IPv6Fields Fields6(byte next, bool fromPeer) => new()
    {
        Source = fromPeer ? target.Peer6 : target.Attacker6,
        Destination = random.Next(40) == 0 ? new IPv6Address(((UInt128)0xFF02 << 112) | 1) : target.Address6,
        NextHeader = (IpProtocol)next,
        PayloadLength = 0,
        HopLimit = (byte)(random.Next(3) == 0 ? 255 : random.Next(256)),
        TrafficClass = (byte)random.Next(256),
        FlowLabel = (uint)random.Next(1 << 20),
    };

    // Hop-by-hop options, routing headers, destination options, in any order and number, with lengths that mostly fit.
    private IpProtocol Chain(IpProtocol protocol, out byte[] extensions)
    {
        List<byte> chain = [];
        byte next = (byte)protocol;
        if (random.Next(3) == 0)
        {
            ReadOnlySpan<byte> kinds = [0, 43, 60, 51, 59, 135, 139];
            for (int i = random.Next(1, 6); i > 0; i--)
            {
                int units = random.Next(3);
                byte[] header = Bytes(8 + (8 * units));
                header[0] = next;
                header[1] = (byte)(random.Next(10) == 0 ? random.Next(256) : units);
                chain.InsertRange(0, header);
                next = kinds[random.Next(kinds.Length)];
            }
        }

        extensions = [.. chain];
        return (IpProtocol)next;
    }

    private byte[] Bend(byte[] frame)
    {
        frame = random.Next(4) switch
        {
            0 => frame[..random.Next(frame.Length + 1)],
            1 => [.. frame, .. Bytes(random.Next(60))],
            _ => [.. frame],
        };
        for (int flips = random.Next(5); flips > 0 && frame.Length != 0; flips--)
        {
            frame[random.Next(Math.Min(12, frame.Length - 1), frame.Length)] = (byte)random.Next(256);
        }

        if (random.Next(2) == 0)
        {
            PacketBuilder.Repair(frame);
        }

        return frame;
    }

    // Claims an honest station's address on the link (ARP, Neighbour Discovery).
    private bool IsTheft(byte[] frame)
    {
        PacketView view = PacketView.Of(frame);
        if (view.EtherType == EtherType.Arp && ArpPacket.TryParse(frame.AsSpan(view.NetworkOffset), out ArpPacket arp))
        {
            return arp.SenderProtocol == target.Peer;
        }

        // RFC 4861: only what has not crossed a router counts, and says so with its hop limit.
        return view.EtherType == EtherType.IPv6 && frame.Length > view.NetworkOffset + 7 && frame[view.NetworkOffset + 7] == 255
            && frame.AsSpan(view.NetworkOffset).Length >= IPv6Header.Length && MayBeDiscovery(frame.AsSpan(view.NetworkOffset));
    }

    private static bool MayBeDiscovery(ReadOnlySpan<byte> packet) =>
        !IPv6Header.TryParse(packet, out IPv6Header ip) || !ip.TryWalkExtensions(out IPv6UpperLayer upper)
        || (upper.Protocol == IpProtocol.Icmpv6 && upper.Offset < packet.Length && packet[upper.Offset] is >= 133 and <= 137);

    private bool SpeaksForPeer(byte[] frame)
    {
        PacketView view = PacketView.Of(frame);
        return view.IsTcp && (view.Source == PacketView.Key(target.Peer) || view.Source == target.Peer6.Value);
    }

    private byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
