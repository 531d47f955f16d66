using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;

namespace FpgaNet.Stack.Tests.Simulation;

/// <summary>The simulator's routers, seen from outside.</summary>
[TestClass]
public sealed class RouterTests
{
    private static readonly IPv4Address s_left = IPv4Address.Parse("192.0.2.1");
    private static readonly IPv4Address s_right = IPv4Address.Parse("198.51.100.1");

    [TestMethod]
    public void A_packet_is_forwarded_with_one_hop_less() => Assert.AreEqual((byte)8, Forward(9, 100, dontFragment: true).Right.Single()[14 + 8]);

    [TestMethod]
    public void A_packet_that_lived_too_long_comes_back_as_time_exceeded()
    {
        (List<byte[]> left, List<byte[]> right) = Forward(1, 100, dontFragment: true);
        Assert.IsEmpty(right);
        Icmp(left.Single(), 11, 0, 0);
    }

    [TestMethod]
    public void A_packet_that_may_not_be_cut_comes_back_with_the_next_hops_MTU()
    {
        (List<byte[]> left, List<byte[]> right) = Forward(9, 1400, dontFragment: true, mtu: 1280);
        Assert.IsEmpty(right);
        Icmp(left.Single(), 3, 4, 1280);
    }

    [TestMethod]
    public void A_black_hole_says_nothing() => Assert.IsEmpty(Forward(9, 1400, dontFragment: true, mtu: 1280, sendsIcmp: false).Left);

    [TestMethod]
    public void A_packet_that_may_be_cut_arrives_in_parts()
    {
        List<byte[]> parts = Forward(9, 1400, dontFragment: false, mtu: 600).Right;
        Assert.HasCount(3, parts);
        byte[] whole = new byte[1400 - 20];
        foreach (byte[] part in parts)
        {
            Assert.IsTrue(IPv4Header.TryParse(part.AsSpan(14), out IPv4Header ip) && ip.ChecksumIsGood);
            Assert.AreEqual(part != parts[^1], ip.MoreFragments);
            Assert.IsLessThanOrEqualTo(600, ip.TotalLength);
            ip.Payload.CopyTo(whole.AsSpan(ip.FragmentOffset));
        }

        for (int i = 0; i < whole.Length; i++)
        {
            Assert.AreEqual((byte)i, whole[i]);
        }
    }

    [TestMethod]
    public void A_router_answers_for_its_IPv6_address_and_advertises_its_prefix()
    {
        using VirtualNetwork network = new(1);
        Router router = network.AddRouter("r");
        Router.Port port = router.AddPort(new MacAddress(5), s_left, IPv6Address.Parse("fe80::5"));
        port.Prefix = IPv6Address.Parse("2001:db8:1::");
        byte[] solicitation = NeighborAnswer.Message(
            port.MacAddress, IPv6Address.Parse("fe80::9"), port.MacAddress, IPv6Address.Parse("ff02::1:ff00:5"), Icmpv6Type.NeighborSolicitation, 0, IPv6(port.LinkLocal));
        byte[] answer = RouterDiscovery.Answer(port, solicitation)!;
        Assert.IsTrue(IPv6Header.TryParse(answer.AsSpan(14), out IPv6Header ip));
        Assert.IsTrue(IcmpHeader.TryParse(ip.Payload, out IcmpHeader icmp));
        Assert.AreEqual(Icmpv6Type.NeighborAdvertisement, icmp.Type6);
        Assert.AreEqual(port.LinkLocal, IPv6Address.Read(icmp.Body));
        solicitation = NeighborAnswer.Message(
            port.MacAddress, IPv6Address.Parse("fe80::9"), port.MacAddress, IPv6Address.Parse("ff02::2"), Icmpv6Type.RouterSolicitation, 0, []);
        Assert.IsTrue(IPv6Header.TryParse(RouterDiscovery.Answer(port, solicitation)!.AsSpan(14), out ip));
        Assert.IsTrue(IcmpHeader.TryParse(ip.Payload, out icmp));
        Assert.AreEqual(Icmpv6Type.RouterAdvertisement, icmp.Type6);
        Assert.AreEqual(port.Prefix, IPv6Address.Read(icmp.Body[32..]));
    }

    private static byte[] IPv6(IPv6Address address)
    {
        byte[] bytes = new byte[16];
        address.Write(bytes);
        return bytes;
    }

    private static void Icmp(byte[] frame, int type, int code, int mtu)
    {
        Assert.IsTrue(IPv4Header.TryParse(frame.AsSpan(14), out IPv4Header ip) && ip.ChecksumIsGood);
        Assert.IsTrue(IcmpHeader.TryParse(ip.Payload, out IcmpHeader icmp));
        Assert.AreEqual(s_left, ip.Destination);
        Assert.AreEqual((type, code, mtu), ((int)icmp.Type, icmp.Code, icmp.NextHopMtu));
        Assert.IsTrue(IPv4Header.TryParse(icmp.Body, 2000, out IPv4Header quoted));
        Assert.AreEqual(s_right, quoted.Destination);
    }

    // One packet from the left station through a router to the right one; what each of them gets.
    private static (List<byte[]> Left, List<byte[]> Right) Forward(byte timeToLive, int length, bool dontFragment, int mtu = 1500, bool sendsIcmp = true)
    {
        using VirtualNetwork network = new(1);
        Router router = network.AddRouter("r");
        router.SendsIcmp = sendsIcmp;
        EthernetSegment leftNet = network.AddSegment("left");
        EthernetSegment rightNet = network.AddSegment("right");
        Router.Port leftPort = network.Connect(router, leftNet, IPv4Address.Parse("192.0.2.254"));
        Router.Port rightPort = network.Connect(router, rightNet, IPv4Address.Parse("198.51.100.254"));
        rightPort.MaximumTransmissionUnit = mtu;
        Station left = new(network, leftNet, s_left, 0xA);
        Station right = new(network, rightNet, s_right, 0xB);
        byte[] frame = new byte[14 + length];
        EthernetHeader.Write(frame, leftPort.MacAddress, new MacAddress(0xA), EtherType.IPv4);
        IPv4Header.Write(frame.AsSpan(14), new IPv4Fields
        {
            Source = s_left,
            Destination = s_right,
            Protocol = IpProtocol.Udp,
            PayloadLength = length - 20,
            DontFragment = dontFragment,
            TimeToLive = timeToLive,
        });
        for (int i = 34; i < frame.Length; i++)
        {
            frame[i] = (byte)(i - 34);
        }

        left.Out.Deliver(new WireFrame(frame));
        network.Run(TimeSpan.FromSeconds(1));
        return (left.Got, right.Got);
    }

    private sealed class Station : IWireEnd
    {
        public Station(VirtualNetwork network, EthernetSegment segment, IPv4Address address, ulong mac) => Out = network.Plug(this, segment, address, new MacAddress(mac));

        public List<byte[]> Got { get; } = [];

        public IWireEnd Out { get; }

        public void Deliver(WireFrame frame) => Got.Add(frame.Bytes);
    }
}
