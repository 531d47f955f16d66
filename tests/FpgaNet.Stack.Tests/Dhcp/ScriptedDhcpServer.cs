using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;
using FpgaNet.Stack.Dhcp;

namespace FpgaNet.Stack.Tests.Dhcp;

/// <summary>A DHCP server as a station on the virtual Ethernet, 192.0.2.53: it sees the frames as they are on the wire.</summary>
internal sealed class ScriptedDhcpServer : IWireEnd
{
    public static readonly IPv4Address Address = IPv4Address.Parse("192.0.2.53");

    private static readonly MacAddress s_mac = new(0x0200_5E00_0053);

    private readonly IWireEnd _wire;

    public ScriptedDhcpServer(VirtualNetwork network, EthernetSegment segment) => _wire = network.Plug(this, segment, Address, s_mac);

    /// <summary>A server that is alone on a cable with its client.</summary>
    public ScriptedDhcpServer(IWireEnd client) => _wire = client;

    /// <summary>What clients said, with where it came from and went to.</summary>
    public List<string> Heard { get; } = [];

    /// <summary>The next address to give.</summary>
    public IPv4Address Next { get; set; } = IPv4Address.Parse("192.0.2.100");

    public uint LeaseSeconds { get; set; } = 1000;

    /// <summary>Further options of all answers.</summary>
    public DhcpScript.OptionSetter? Options { get; set; }

    public bool IsSilent { get; set; }

    /// <summary>Addresses that another station has: it answers to ARP for them.</summary>
    public HashSet<IPv4Address> Taken { get; } = [];

    public void Deliver(WireFrame frame)
    {
        ReadOnlySpan<byte> bytes = frame.Bytes;
        if (!EthernetHeader.TryParse(bytes, out EthernetHeader ethernet))
        {
            return;
        }

        if (ethernet.EtherType == EtherType.Arp && ArpPacket.TryParse(bytes[EthernetHeader.Length..], out ArpPacket arp))
        {
            if (arp.Operation == ArpOperation.Request && (arp.TargetProtocol == Address || Taken.Contains(arp.TargetProtocol)))
            {
                SendArp(arp.SenderHardware, new ArpFields(ArpOperation.Reply, s_mac, arp.TargetProtocol, arp.SenderHardware, arp.SenderProtocol));
            }

            return;
        }

        if (ethernet.EtherType == EtherType.IPv4 && IPv4Header.TryParse(bytes[EthernetHeader.Length..], out IPv4Header ip) && ip.Protocol == IpProtocol.Udp
            && UdpHeader.TryParse(ip.Payload, out UdpHeader udp) && udp.DestinationPort == 67 && DhcpMessage.TryParse(ip.Payload[UdpHeader.HeaderLength..], out DhcpMessage message))
        {
            Assert.AreEqual(0, InternetChecksum.Finish(InternetChecksum.Sum(ip.Payload, InternetChecksum.PseudoHeader(ip.Source, ip.Destination, IpProtocol.Udp, ip.PayloadLength))));
            Assert.AreEqual(ip.Destination == IPv4Address.Broadcast, ethernet.Destination == MacAddress.Broadcast);
            Heard.Add($"{message.Type} {ip.Source} > {ip.Destination}");
            Answer(message);
        }
    }

    /// <summary>Somebody claims an address.</summary>
    public void Claim(IPv4Address address) => SendArp(MacAddress.Broadcast, new ArpFields(ArpOperation.Request, s_mac, address, default, address));

    private void Answer(in DhcpMessage message)
    {
        DhcpMessageType? type = message.Type switch
        {
            DhcpMessageType.Discover => DhcpMessageType.Offer,
            DhcpMessageType.Request => DhcpMessageType.Ack,
            _ => null,
        };
        if (message.Type == DhcpMessageType.Decline)
        {
            Next = new IPv4Address(Next.Value + 1);
        }

        if (type is null || IsSilent)
        {
            return;
        }

        byte[] body = new byte[1400];
        DhcpWriter writer = new(body, DhcpMessage.BootReply, type.Value, message.TransactionId, message.Hardware) { YourAddress = Next };
        writer.Add(DhcpOption.ServerIdentifier, Address);
        writer.Add(DhcpOption.LeaseTime, LeaseSeconds);
        writer.Add(DhcpOption.SubnetMask, 0xFFFF_FF00);
        Options?.Invoke(ref writer);
        ReadOnlySpan<byte> payload = writer.Finish();

        // To the client's address when it has one, as RFC 2131 §4.1 says.
        bool unicast = message.ClientAddress != IPv4Address.Any;
        IPv4Address destination = unicast ? message.ClientAddress : IPv4Address.Broadcast;
        const int UdpOffset = EthernetHeader.Length + IPv4Header.MinimumLength;
        byte[] frame = new byte[UdpOffset + UdpHeader.HeaderLength + payload.Length];
        EthernetHeader.Write(frame, unicast ? message.Hardware : MacAddress.Broadcast, s_mac, EtherType.IPv4);
        int length = UdpHeader.HeaderLength + payload.Length;
        IPv4Header.Write(frame.AsSpan(EthernetHeader.Length), new IPv4Fields { Source = Address, Destination = destination, Protocol = IpProtocol.Udp, PayloadLength = length, TimeToLive = 64 });
        payload.CopyTo(frame.AsSpan(UdpOffset + UdpHeader.HeaderLength));
        UdpHeader.Write(frame.AsSpan(UdpOffset), 67, 68, payload.Length, 0);
        ushort sum = InternetChecksum.Finish(InternetChecksum.Sum(frame.AsSpan(UdpOffset), InternetChecksum.PseudoHeader(Address, destination, IpProtocol.Udp, length)));
        frame[UdpOffset + UdpHeader.ChecksumOffset] = (byte)(sum >> 8);
        frame[UdpOffset + UdpHeader.ChecksumOffset + 1] = (byte)sum;
        _wire.Deliver(new WireFrame(frame));
    }

    private void SendArp(MacAddress to, in ArpFields fields)
    {
        byte[] frame = new byte[60];
        EthernetHeader.Write(frame, to, s_mac, EtherType.Arp);
        ArpPacket.Write(frame.AsSpan(EthernetHeader.Length), fields);
        _wire.Deliver(new WireFrame(frame));
    }
}
