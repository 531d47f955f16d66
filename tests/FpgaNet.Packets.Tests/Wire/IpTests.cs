using System.Net;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Tests.Wire;

[TestClass]
public sealed class IpTests
{
    // The example of RFC 1071's errata and of many textbooks: 4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7.
    private static readonly byte[] s_known =
        [0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7];

    [TestMethod]
    public void A_known_IPv4_header_is_written_and_read()
    {
        IPv4Fields fields = new()
        {
            Source = IPv4Address.Parse("192.168.0.1"),
            Destination = IPv4Address.Parse("192.168.0.199"),
            Protocol = IpProtocol.Udp,
            PayloadLength = 95,
            DontFragment = true,
            TimeToLive = 64,
        };
        byte[] packet = new byte[115];
        Assert.AreEqual(20, IPv4Header.Write(packet, fields));
        CollectionAssert.AreEqual(s_known, packet[..20]);

        Assert.IsTrue(IPv4Header.TryParse(packet, out IPv4Header ip));
        Assert.IsTrue(ip.ChecksumIsGood);
        Assert.AreEqual(fields.Source, ip.Source);
        Assert.AreEqual(fields.Destination, ip.Destination);
        Assert.AreEqual(95, ip.Payload.Length);
        Assert.IsTrue(ip.DontFragment);
        Assert.IsFalse(ip.IsFragment);
        packet[8]++;
        Assert.IsTrue(IPv4Header.TryParse(packet, out ip));
        Assert.IsFalse(ip.ChecksumIsGood);
    }

    [TestMethod]
    public void Options_and_fragment_fields_come_back()
    {
        byte[] packet = new byte[60 + 16];
        IPv4Fields fields = new()
        {
            Source = new IPv4Address(1),
            Destination = new IPv4Address(2),
            Protocol = IpProtocol.Tcp,
            PayloadLength = 16,
            FragmentOffset = 65528,
            MoreFragments = true,
            Identification = 0xBEEF,
            TrafficClass = 0xB9,
        };
        byte[] options = [.. Enumerable.Range(1, 40).Select(static i => (byte)i)];
        Assert.AreEqual(60, IPv4Header.Write(packet, fields, options));
        Assert.IsTrue(IPv4Header.TryParse(packet, out IPv4Header ip));
        CollectionAssert.AreEqual(options, ip.Options.ToArray());
        Assert.AreEqual(65528, ip.FragmentOffset);
        Assert.IsTrue(ip.MoreFragments && ip.IsFragment && ip.ChecksumIsGood && !ip.DontFragment);
        Assert.AreEqual(0xBEEF, ip.Identification);
        Assert.AreEqual(0xB9, ip.TrafficClass);
        Assert.ThrowsExactly<ArgumentException>(() => IPv4Header.Write(packet, fields, new byte[3]));
        Assert.ThrowsExactly<ArgumentException>(() => IPv4Header.Write(packet, fields, new byte[44]));
    }

    [TestMethod]
    public void IPv4_lengths_that_contradict_each_other_are_refused()
    {
        Assert.IsTrue(IPv4Header.TryParse(s_known, 115, out _), "the rest may lie in other slices");
        Assert.IsFalse(IPv4Header.TryParse(s_known, out _), "shorter than its total length");
        Assert.IsFalse(IPv4Header.TryParse(s_known.AsSpan(0, 19), 115, out _));
        Assert.IsFalse(IPv4Header.TryParse([], out _));
        foreach ((int at, byte value) in ((int, byte)[])[(0, 0x44), (0, 0x65), (0, 0x46), (3, 0x13)])
        {
            byte[] broken = [.. s_known];
            broken[at] = value;
            Assert.IsFalse(IPv4Header.TryParse(broken, 115, out _), $"byte {at} = {value:x2}");
        }
    }

    [TestMethod]
    public void An_IPv6_header_comes_back()
    {
        IPv6Fields fields = new()
        {
            Source = IPv6Address.Parse("2001:db8::1"),
            Destination = IPv6Address.Parse("2001:db8::abcd:2"),
            NextHeader = IpProtocol.Tcp,
            PayloadLength = 20,
            TrafficClass = 0xA5,
            FlowLabel = 0xF1234,
            HopLimit = 63,
        };
        byte[] packet = new byte[64];
        Assert.AreEqual(40, IPv6Header.Write(packet, fields));
        Assert.IsTrue(IPv6Header.TryParse(packet, out IPv6Header ip));
        Assert.AreEqual((fields.Source, fields.Destination), (ip.Source, ip.Destination));
        Assert.AreEqual((0xA5, 0xF1234u, 63), (ip.TrafficClass, ip.FlowLabel, ip.HopLimit));
        Assert.AreEqual(20, ip.Payload.Length);
        Assert.IsTrue(ip.TryWalkExtensions(out IPv6UpperLayer upper));
        Assert.AreEqual(new IPv6UpperLayer(IpProtocol.Tcp, 40, false, 0, false, 0, false), upper);
        Assert.IsFalse(IPv6Header.TryParse(packet.AsSpan(0, 59), out _));
        Assert.IsFalse(IPv6Header.TryParse(packet.AsSpan(0, 39), out _));
        packet[0] = 0x45;
        Assert.IsFalse(IPv6Header.TryParse(packet, out _));
    }

    [TestMethod]
    public void Extension_headers_are_walked()
    {
        byte[] hop = [43, 0, 1, 4, 0, 0, 0, 0];
        byte[] routing = [60, 0, 2, 0, 0, 0, 0, 0];
        byte[] options = [51, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        byte[] authentication = [17, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        Assert.IsTrue(Walk(0, [.. hop, .. routing, .. options, .. authentication, .. new byte[8]], out IPv6UpperLayer upper));
        Assert.AreEqual(new IPv6UpperLayer(IpProtocol.Udp, 40 + 56, false, 0, false, 0, false), upper);

        routing[3] = 1;
        Assert.IsTrue(Walk(43, [.. routing, .. options, .. authentication], out upper));
        Assert.IsTrue(upper.RoutingPending);

        Assert.IsTrue(Walk(44, [6, 0, 0, 1, 0, 0, 0, 9, .. new byte[20]], out upper));
        Assert.AreEqual(new IPv6UpperLayer(IpProtocol.Tcp, 48, true, 0, true, 9, false), upper, "first fragment");
        Assert.IsTrue(Walk(44, [6, 0, 0, 0, 0, 0, 0, 9, .. new byte[20]], out upper));
        Assert.IsFalse(upper.IsFragment, "RFC 6946: an atomic fragment is no fragment");
        Assert.IsTrue(Walk(44, [0, 0, 0x05, 0xA8, 0, 0, 0, 9, 1, 2, 3], out upper));
        Assert.AreEqual(new IPv6UpperLayer(IpProtocol.HopByHopOptions, 48, true, 0x5A8, false, 9, false), upper, "what follows is no header");
    }

    [TestMethod]
    public void Extension_headers_that_leave_the_packet_are_refused()
    {
        Assert.IsFalse(Walk(0, [6, 1, 0, 0, 0, 0, 0, 0], out _));
        Assert.IsFalse(Walk(0, [6, 0, 0], out _));
        Assert.IsFalse(Walk(44, [6, 0, 0], out _));
        Assert.IsFalse(Walk(0, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], out _));
        Assert.IsTrue(Walk(59, [], out IPv6UpperLayer upper));
        Assert.AreEqual(IpProtocol.NoNextHeader, upper.Protocol);
    }

    [TestMethod]
    [DataRow("2001:db8::1")]
    [DataRow("::")]
    [DataRow("fe80::1:2:3:4")]
    public void IPv6_addresses_are_text_and_back(string text)
    {
        IPv6Address address = IPv6Address.Parse(text);
        Assert.AreEqual(text, address.ToString());
        byte[] bytes = new byte[16];
        address.Write(bytes);
        CollectionAssert.AreEqual(IPAddress.Parse(text).GetAddressBytes(), bytes);
        Assert.AreEqual(address, IPv6Address.Read(bytes));
        Assert.AreEqual(text.StartsWith("fe80", StringComparison.Ordinal), address.IsLinkLocal);
    }

    [TestMethod]
    [DataRow("192.0.2.1")]
    [DataRow("2001:db8::1%eth0")]
    [DataRow("[2001:db8::1]:80")]
    [DataRow("")]
    public void Other_text_is_no_IPv6_address(string text) => Assert.ThrowsExactly<FormatException>(() => IPv6Address.Parse(text));

    private static bool Walk(byte next, byte[] payload, out IPv6UpperLayer upper)
    {
        byte[] packet = new byte[40 + payload.Length];
        IPv6Header.Write(packet, new IPv6Fields { Source = default, Destination = default, NextHeader = (IpProtocol)next, PayloadLength = payload.Length });
        payload.CopyTo(packet, 40);
        Assert.IsTrue(IPv6Header.TryParse(packet, out IPv6Header ip));
        return ip.TryWalkExtensions(out upper);
    }
}
