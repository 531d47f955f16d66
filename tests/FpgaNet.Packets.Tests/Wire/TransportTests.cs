using FpgaNet.Packets.Wire;
using FpgaNet.Testing;

namespace FpgaNet.Packets.Tests.Wire;

[TestClass]
public sealed class TransportTests
{
    [TestMethod]
    public void A_TCP_header_with_options_comes_back()
    {
        TcpFields fields = new()
        {
            SourcePort = 0x1234,
            DestinationPort = 80,
            SequenceNumber = 0xDEADBEEF,
            AcknowledgmentNumber = 0x01020304,
            Flags = TcpFlags.Syn | TcpFlags.Ece | TcpFlags.Cwr,
            Window = 65535,
            Checksum = 0xABCD,
            UrgentPointer = 7,
        };
        TcpOptions options = new() { MaximumSegmentSize = 1460, WindowScale = 7, SackPermitted = true, HasTimestamps = true, TimestampValue = 5, TimestampEchoReply = 6 };
        byte[] segment = new byte[64];
        int length = TcpHeader.Write(segment, fields, options);
        Assert.AreEqual(40, length);
        CollectionAssert.AreEqual(
            new byte[] { 2, 4, 5, 0xB4, 4, 2, 8, 10, 0, 0, 0, 5, 0, 0, 0, 6, 1, 3, 3, 7 }, segment[20..40], "the order that RFC 7323 appendix A shows");
        Assert.IsTrue(TcpHeader.TryParse(segment, out TcpHeader tcp));
        Assert.AreEqual(fields, tcp.Fields);
        Assert.AreEqual(40, tcp.HeaderLength);
        Assert.AreEqual(24, tcp.Payload.Length);
        Assert.IsTrue(TcpOptions.TryParse(tcp.Options, out TcpOptions parsed));
        Assert.AreEqual(options, parsed);
    }

    [TestMethod]
    public void SACK_blocks_come_back_and_fill_the_header_but_no_more()
    {
        TcpOptions options = default;
        for (uint i = 0; i < 4; i++)
        {
            Assert.IsTrue(options.TryAddSack(new SackBlock(100 * i, (100 * i) + 50)));
        }

        Assert.IsFalse(options.TryAddSack(default), "four blocks fill the header");
        byte[] bytes = new byte[40];
        Assert.AreEqual(36, options.Write(bytes));
        Assert.IsTrue(TcpOptions.TryParse(bytes.AsSpan(0, 36), out TcpOptions parsed));
        Assert.AreEqual(4, parsed.SackBlockCount);
        Assert.AreEqual(new SackBlock(300, 350), parsed.Sack(3));
        Assert.AreEqual(options, parsed);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => parsed.Sack(4));

        options = new TcpOptions { HasTimestamps = true };
        Assert.IsTrue(options.TryAddSack(default) && options.TryAddSack(default) && options.TryAddSack(default));
        Assert.IsFalse(options.TryAddSack(default), "beside timestamps there is room for three");
        Assert.AreEqual(40, options.Write(bytes));
        options.MaximumSegmentSize = 1460;
        Assert.ThrowsExactly<ArgumentException>(() => options.Write(bytes));
    }

    [TestMethod]
    public void Malformed_options_are_told_and_end_the_list()
    {
        Assert.IsFalse(TcpOptions.TryParse([2, 4, 5, 0xB4, 3, 0], out TcpOptions parsed));
        Assert.AreEqual((ushort)1460, parsed.MaximumSegmentSize);
        Assert.IsFalse(TcpOptions.TryParse([1, 1, 8, 10, 0, 0], out _));
        Assert.IsFalse(TcpOptions.TryParse([3], out _));
        Assert.IsFalse(TcpOptions.TryParse([3, 1, 0, 0], out _));
        Assert.IsTrue(TcpOptions.TryParse([1, 254, 4, 9, 9, 3, 3, 14, 0, 3, 3, 2], out parsed), "unknown options are passed over, and End ends");
        Assert.AreEqual((byte)14, parsed.WindowScale);
        Assert.IsTrue(TcpOptions.TryParse([2, 3, 1, 3, 2], out parsed), "known kinds of a wrong length are passed over");
        Assert.IsNull(parsed.MaximumSegmentSize);
        Assert.IsNull(parsed.WindowScale);
    }

    [TestMethod]
    public void Random_options_never_throw_and_are_read_the_same_way_by_both_readers()
    {
        Random random = TestSeed.Random();
        byte[] bytes = new byte[40];
        for (int round = 0; round < 20_000; round++)
        {
            random.NextBytes(bytes);
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = random.Next(3) == 0 ? bytes[i] : (byte)(bytes[i] % 11);
            }

            int length = 4 * random.Next(0, 11);
            bool good = TcpOptions.TryParse(bytes.AsSpan(0, length), out TcpOptions parsed);
            TcpOptionReader reader = new(bytes.AsSpan(0, length));
            bool timestamps = false;
            while (reader.MoveNext())
            {
                timestamps |= reader.Kind == TcpOptionKind.Timestamps && reader.Value.Length == 8;
            }

            Assert.AreEqual(!reader.Malformed, good, $"round {round}");
            Assert.AreEqual(timestamps, parsed.HasTimestamps, $"round {round}");
        }
    }

    [TestMethod]
    [DataRow("", 4)]
    [DataRow("01020304", 8)]
    [DataRow("0102030405060708", 12)]
    [DataRow("000102030405060708090a0b0c0d0e0f", 20)]
    public void A_Fast_Open_cookie_and_a_user_timeout_come_back(string cookie, int length)
    {
        FastOpenCookie sent = new(Convert.FromHexString(cookie));
        TcpOptions options = new() { FastOpen = sent, UserTimeout = 0x8005 };
        byte[] bytes = new byte[options.EncodedLength];
        Assert.AreEqual(length + 4, options.Write(bytes));
        Assert.IsTrue(TcpOptions.TryParse(bytes, out TcpOptions parsed));
        Assert.AreEqual(sent, parsed.FastOpen);
        Assert.AreEqual((ushort)0x8005, parsed.UserTimeout);
        Assert.AreEqual(cookie, parsed.FastOpen!.Value.ToString());
    }

    [TestMethod]
    public void A_Fast_Open_cookie_of_a_length_that_cannot_be_is_passed_over()
    {
        foreach (int length in new[] { 1, 2, 3, 5, 17, 18 })
        {
            byte[] bytes = new byte[20];
            bytes[0] = 34;
            bytes[1] = (byte)(2 + length);
            Assert.IsTrue(TcpOptions.TryParse(bytes, out TcpOptions parsed));
            Assert.IsNull(parsed.FastOpen, $"{length} bytes");
        }
    }

    [TestMethod]
    public void TCP_lengths_that_contradict_each_other_are_refused()
    {
        byte[] segment = new byte[24];
        segment[12] = 0x60;
        Assert.IsTrue(TcpHeader.TryParse(segment, out TcpHeader tcp));
        Assert.AreEqual(4, tcp.Options.Length);
        segment[12] = 0x70;
        Assert.IsFalse(TcpHeader.TryParse(segment, out _));
        segment[12] = 0x40;
        Assert.IsFalse(TcpHeader.TryParse(segment, out _));
        Assert.IsFalse(TcpHeader.TryParse(segment.AsSpan(0, 19), out _));
    }

    [TestMethod]
    public void A_UDP_header_comes_back_and_its_length_is_held_against_the_packet()
    {
        byte[] datagram = new byte[20];
        Assert.AreEqual(8, UdpHeader.Write(datagram, 53, 5353, 10, 0x1357));
        Assert.IsTrue(UdpHeader.TryParse(datagram, out UdpHeader udp));
        Assert.AreEqual((53, 5353, 18, 0x1357), (udp.SourcePort, udp.DestinationPort, udp.Length, udp.Checksum));
        Assert.AreEqual(10, udp.Payload.Length);
        Assert.IsTrue(UdpHeader.TryParse(datagram.AsSpan(0, 8), 18, out _), "the rest may lie in other slices");
        Assert.IsFalse(UdpHeader.TryParse(datagram.AsSpan(0, 17), out _));
        Assert.IsFalse(UdpHeader.TryParse(datagram.AsSpan(0, 7), 18, out _));
        datagram[5] = 7;
        Assert.IsFalse(UdpHeader.TryParse(datagram, out _));
    }

    [TestMethod]
    public void ICMP_fields_are_where_the_RFCs_say()
    {
        byte[] message = new byte[12];
        IcmpHeader.WriteEcho(message, (byte)IcmpType.EchoRequest, 0x1111, 0x2222);
        Assert.IsTrue(IcmpHeader.TryParse(message, out IcmpHeader icmp));
        Assert.AreEqual((IcmpType.EchoRequest, (ushort)0x1111, (ushort)0x2222), (icmp.Type, icmp.EchoIdentifier, icmp.EchoSequenceNumber));
        Assert.AreEqual(4, icmp.Body.Length);

        IcmpHeader.Write(message, (byte)IcmpType.DestinationUnreachable, (byte)IcmpUnreachableCode.FragmentationNeeded, 1400);
        CollectionAssert.AreEqual(new byte[] { 3, 4, 0, 0, 0, 0, 0x05, 0x78 }, message[..8], "RFC 1191 §4");
        Assert.AreEqual(1400, icmp.NextHopMtu);
        IcmpHeader.Write(message, (byte)Icmpv6Type.PacketTooBig, 0, 70_000);
        Assert.AreEqual((Icmpv6Type.PacketTooBig, 70_000u), (icmp.Type6, icmp.PacketTooBigMtu));
        Assert.IsFalse(IcmpHeader.TryParse(message.AsSpan(0, 7), out _));
    }

    [TestMethod]
    public void Ethernet_tags_and_ARP_come_back()
    {
        byte[] frame = new byte[60];
        MacAddress to = MacAddress.Parse("02:00:5e:10:00:01");
        MacAddress from = MacAddress.Parse("02:00:5e:10:00:02");
        EthernetHeader.Write(frame, to, from, EtherType.Vlan);
        new VlanTag(100, 5, true).Write(frame.AsSpan(14), EtherType.Arp);
        ArpFields fields = new(ArpOperation.Reply, from, IPv4Address.Parse("192.0.2.1"), to, IPv4Address.Parse("192.0.2.2"));
        ArpPacket.Write(frame.AsSpan(18), fields);

        Assert.IsTrue(EthernetHeader.TryParse(frame, out EthernetHeader ethernet));
        Assert.AreEqual((to, from, EtherType.Vlan), (ethernet.Destination, ethernet.Source, ethernet.EtherType));
        Assert.IsTrue(VlanTag.TryParse(ethernet.Payload, out VlanTag tag, out EtherType inner));
        Assert.AreEqual((100, 5, true, EtherType.Arp), (tag.Id, tag.Priority, tag.DropEligible, inner));
        Assert.IsTrue(ArpPacket.TryParse(ethernet.Payload[4..], out ArpPacket arp));
        Assert.AreEqual(fields, arp.Fields);
        Assert.IsFalse(ArpPacket.TryParse(frame.AsSpan(18, 27), out _));
        frame[18 + 4] = 8;
        Assert.IsFalse(ArpPacket.TryParse(frame.AsSpan(18), out _), "hardware addresses of another length");
        Assert.IsFalse(EthernetHeader.TryParse(frame.AsSpan(0, 13), out _));
        Assert.IsFalse(VlanTag.TryParse(frame.AsSpan(0, 3), out _, out _));
    }
}
