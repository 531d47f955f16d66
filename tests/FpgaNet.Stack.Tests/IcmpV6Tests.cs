using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Tests.Scripts;

namespace FpgaNet.Stack.Tests;

/// <summary>ICMPv6 (RFC 4443), extension headers (RFC 8200 §4) and fragments of packets made by hand.</summary>
[TestClass]
public sealed class IcmpV6Tests
{
    private static readonly IPv6Address s_allNodes = IPv6Address.AllNodes;

    [TestMethod]
    public void An_echo_request_is_answered_from_the_address_that_was_asked_and_a_group_from_ours()
    {
        using LinkScript link = Known();
        byte[] data = [1, 2, 3, 4, 5];
        link.Sends(LinkScript.Peer, LinkScript.Host, Icmpv6Type.EchoRequest, 0, 0x1234_0007, data, hopLimit: 64);
        SentFrame answer = link.Takes(Icmpv6Type.EchoReply);
        Assert.IsTrue(answer.ChecksumIsGood);
        Assert.AreEqual(0x1234_0007u, answer.Parameter);
        Assert.AreEqual(LinkScript.Host, answer.Source);
        CollectionAssert.AreEqual(data, answer.Body.ToArray());
        link.Sends(LinkScript.Peer, s_allNodes, Icmpv6Type.EchoRequest, 0, 1, data);
        answer = link.Takes(Icmpv6Type.EchoReply);
        Assert.IsTrue(answer.ChecksumIsGood);
        Assert.AreEqual(LinkScript.Host, answer.Source);
    }

    [TestMethod]
    public void A_closed_port_is_reported_with_as_much_of_the_datagram_as_fits_in_1280_bytes()
    {
        using LinkScript link = Known();
        byte[] datagram = LinkScript.Udp(LinkScript.Peer, LinkScript.Host, 1000, 9, new byte[1400]);
        link.Sends(datagram);
        SentFrame error = link.Takes(Icmpv6Type.DestinationUnreachable);
        Assert.IsTrue(error.ChecksumIsGood);
        Assert.AreEqual((byte)Icmpv6UnreachableCode.Port, error.Code);
        Assert.HasCount(1280 + 14, error.Bytes);
        CollectionAssert.AreEqual(datagram[14..(14 + 1232)], error.Body.ToArray());
    }

    [TestMethod]
    public void Errors_are_never_sent_about_errors_or_groups_and_only_so_many_a_second()
    {
        using LinkScript link = Known(new NetworkStackOptions { IcmpPerSecond = 5 });
        byte[] unknown = [58, 0, 0x80, 0, 0, 0, 0, 0];
        link.Sends(LinkScript.Udp(LinkScript.Peer, s_allNodes, 1000, 9, [1])).SaysNothing();

        // An error with an unknown option in front of it: the option asks for a report, but nobody reports an error.
        byte[] error = LinkScript.Icmp(LinkScript.Peer, LinkScript.Host, Icmpv6Type.PacketTooBig, 0, 1280, new byte[48])[54..];
        link.Sends(LinkScript.Packet(LinkScript.Peer, LinkScript.Host, IpProtocol.DestinationOptions, [.. unknown, .. error]));
        link.SaysNothing();
        link.After(TimeSpan.FromSeconds(2));
        for (int i = 0; i < 20; i++)
        {
            link.Sends(LinkScript.Udp(LinkScript.Peer, LinkScript.Host, 1000, 9, [1]));
        }

        Assert.HasCount(5, link.TakesAll());
        Assert.AreEqual(15ul, link[StackCounter.IcmpRateLimited]);
    }

    [TestMethod]
    public void Unknown_protocols_and_headers_in_the_wrong_place_are_reported_with_a_pointer()
    {
        using LinkScript link = Known();
        link.Sends(LinkScript.Packet(LinkScript.Peer, LinkScript.Host, (IpProtocol)99, new byte[20]));
        Problem(Icmpv6ParameterCode.NextHeader, 6);
        link.Sends(LinkScript.Packet(LinkScript.Peer, LinkScript.Host, IpProtocol.DestinationOptions, [99, 0, 1, 4, 0, 0, 0, 0, .. new byte[20]]));
        Problem(Icmpv6ParameterCode.NextHeader, 40);
        link.Sends(LinkScript.Packet(LinkScript.Peer, LinkScript.Host, IpProtocol.DestinationOptions, [0, 0, 1, 4, 0, 0, 0, 0, 59, 0, 1, 4, 0, 0, 0, 0]));
        Problem(Icmpv6ParameterCode.NextHeader, 40); // hop-by-hop options behind others
        link.Sends(LinkScript.Packet(LinkScript.Peer, LinkScript.Host, IpProtocol.RoutingHeader, [58, 2, 0, 1, .. new byte[20], 128, .. new byte[19]]));
        Problem(Icmpv6ParameterCode.HeaderField, 42); // RFC 5095
        link.Sends(LinkScript.Packet(LinkScript.Peer, LinkScript.Host, IpProtocol.NoNextHeader, new byte[20])).SaysNothing();

        void Problem(Icmpv6ParameterCode code, uint pointer)
        {
            SentFrame error = link.Takes(Icmpv6Type.ParameterProblem);
            Assert.AreEqual((byte)code, error.Code);
            Assert.AreEqual(pointer, error.Parameter);
            link.SaysNothing();
        }
    }

    [TestMethod]
    [DataRow(0x1E, false, true, false)] // 00: skip
    [DataRow(0x5E, false, false, false)] // 01: drop
    [DataRow(0x9E, false, false, true)] // 10: drop and report
    [DataRow(0x9E, true, false, true)]
    [DataRow(0xDE, false, false, true)] // 11: report unless it went to a group
    [DataRow(0xDE, true, false, false)]
    public void What_happens_with_an_unknown_option_its_two_highest_bits_say(int type, bool toGroup, bool delivered, bool reported)
    {
        using LinkScript link = Known();
        IPv6Address to = toGroup ? s_allNodes : LinkScript.Host;
        byte[] echo = LinkScript.Icmp(LinkScript.Peer, to, Icmpv6Type.EchoRequest, 0, 0, [1])[54..];
        foreach (IpProtocol header in new[] { IpProtocol.HopByHopOptions, IpProtocol.DestinationOptions })
        {
            link.Sends(LinkScript.Packet(LinkScript.Peer, to, header, [58, 0, 0, (byte)type, 3, 0, 0, 0, .. echo]));
            if (delivered)
            {
                link.Takes(Icmpv6Type.EchoReply);
            }
            else if (reported)
            {
                SentFrame error = link.Takes(Icmpv6Type.ParameterProblem);
                Assert.AreEqual((byte)Icmpv6ParameterCode.Option, error.Code);
                Assert.AreEqual(43u, error.Parameter);
            }

            link.SaysNothing();
        }
    }

    [TestMethod]
    public void A_packet_behind_known_extension_headers_is_delivered_and_endless_ones_are_not_walked()
    {
        using LinkScript link = Known();
        byte[] echo = LinkScript.Icmp(LinkScript.Peer, LinkScript.Host, Icmpv6Type.EchoRequest, 0, 0, [1])[54..];
        byte[] headers =
        [
            60, 0, 1, 4, 0, 0, 0, 0, // hop-by-hop: padding
            43, 0, 1, 4, 0, 0, 0, 0, // destination options
            44, 0, 9, 0, 0, 0, 0, 0, // routing without segments left
            58, 0, 0, 0, 0, 0, 0, 7, // an atomic fragment (RFC 6946)
        ];
        link.Sends(LinkScript.Packet(LinkScript.Peer, LinkScript.Host, IpProtocol.HopByHopOptions, [.. headers, .. echo])).Takes(Icmpv6Type.EchoReply);
        byte[] many = [.. Enumerable.Repeat<byte[]>([60, 0, 1, 4, 0, 0, 0, 0], 20).SelectMany(h => h)];
        link.Sends(LinkScript.Packet(LinkScript.Peer, LinkScript.Host, IpProtocol.DestinationOptions, [.. many, 58, 0, 1, 4, 0, 0, 0, 0, .. echo])).SaysNothing();
        Assert.AreEqual(1ul, link[StackCounter.RxExtensionRefused]);
        link.Sends(LinkScript.Packet(LinkScript.Peer, LinkScript.Host, IpProtocol.DestinationOptions, [58, 9, 1, 4, 0, 0, 0, 0])).SaysNothing();
        link.Sends(LinkScript.Packet(LinkScript.Peer, LinkScript.Host, IpProtocol.DestinationOptions, [58, 0, 1, 5, 0, 0, 0, 0, .. echo])).SaysNothing();
        Assert.AreEqual(2ul, link[StackCounter.RxMalformed]);
    }

    [TestMethod]
    public void Addresses_that_cannot_be_are_dropped()
    {
        using LinkScript link = Known();
        link.Device.Addresses.Promiscuous = true; // what the card would leave out comes, too
        Dropped("ff02::1", "2001:db8::1");
        Dropped("::1", "2001:db8::1");
        Dropped("::ffff:192.0.2.1", "2001:db8::1");
        Dropped("2001:db8::1", "2001:db8::1");
        Dropped("::", "2001:db8::1");
        Dropped("2001:db8::99", "::1");
        Dropped("2001:db8::99", "ff01::1");
        Assert.AreEqual(7ul, link[StackCounter.RxMartian]);
        Dropped("2001:db8::99", "2001:db8::2");
        Dropped("2001:db8::99", "ff02::1:ff12:3456");
        Assert.AreEqual(2ul, link[StackCounter.RxNotForUs]);

        void Dropped(string source, string destination) =>
            link.Sends(LinkScript.Udp(IPv6Address.Parse(source), IPv6Address.Parse(destination), 1000, 9, [1])).SaysNothing();
    }

    [TestMethod]
    public void Fragments_are_put_together_and_what_is_left_of_a_datagram_is_reported_after_a_minute()
    {
        using LinkScript link = Known();
        byte[] echo = LinkScript.Icmp(LinkScript.Peer, LinkScript.Host, Icmpv6Type.EchoRequest, 0, 5, new byte[992])[54..]; // 1000 bytes
        link.Sends(Fragment(1, 504, echo[504..], more: false)).SaysNothing();
        link.Sends(Fragment(1, 0, echo[..504], more: true));
        Assert.AreEqual(992, link.Takes(Icmpv6Type.EchoReply).Body.Length);
        Assert.AreEqual(1ul, link[StackCounter.RxReassembled]);

        link.Sends(Fragment(2, 0, echo[..504], more: true)).After(TimeSpan.FromSeconds(59));
        Assert.IsFalse(link.TakesAll().Exists(f => f.IcmpType == Icmpv6Type.TimeExceeded));
        link.Introduces(LinkScript.Peer).After(TimeSpan.FromSeconds(2));
        SentFrame error = link.TakesAll().Single(f => f.IcmpType == Icmpv6Type.TimeExceeded);
        Assert.AreEqual((byte)1, error.Code);
        Assert.AreEqual(1ul, link[StackCounter.RxReassemblyTimeouts]);
        link.Forgets();

        link.Sends(Fragment(3, 0, echo[..501], more: true)); // not in units of 8 bytes
        error = link.Takes(Icmpv6Type.ParameterProblem);
        Assert.AreEqual(4u, error.Parameter);
        link.Sends(Fragment(4, 65528, echo[..16], more: false)); // beyond 65535
        error = link.Takes(Icmpv6Type.ParameterProblem);
        Assert.AreEqual(42u, error.Parameter);

        static byte[] Fragment(uint id, int offset, byte[] part, bool more)
        {
            byte[] header = new byte[8];
            new IPv6FragmentHeader(IpProtocol.Icmpv6, offset, more, id).Write(header);
            return LinkScript.Packet(LinkScript.Peer, LinkScript.Host, IpProtocol.FragmentHeader, [.. header, .. part]);
        }
    }

    [TestMethod]
    [DataRow(Icmpv6Type.DestinationUnreachable, 0, SocketError.NetworkUnreachable)]
    [DataRow(Icmpv6Type.DestinationUnreachable, 3, SocketError.HostUnreachable)]
    [DataRow(Icmpv6Type.DestinationUnreachable, 4, SocketError.ConnectionRefused)]
    [DataRow(Icmpv6Type.TimeExceeded, 0, SocketError.HostUnreachable)]
    [DataRow(Icmpv6Type.ParameterProblem, 1, SocketError.HostUnreachable)]
    public void An_error_about_a_datagram_reaches_its_socket_and_one_about_a_stranger_nobody(Icmpv6Type type, int code, SocketError expected)
    {
        using LinkScript link = Known();
        using UdpSocket socket = link.Stack.OpenUdp(new IPEndPoint(IPAddress.IPv6Any, 4000));
        socket.Connect(new IPEndPoint(LinkScript.Peer.ToIPAddress(), 9));
        socket.Send([1, 2, 3]);
        byte[] packet = link.Takes().Bytes[14..];
        byte[] forged = [.. packet];
        forged[41] ^= 1; // another port of ours
        link.Sends(LinkScript.Peer, LinkScript.Host, type, (byte)code, 0, forged, hopLimit: 64);
        forged = [.. packet];
        forged[43] ^= 1; // another port of the peer's
        link.Sends(LinkScript.Peer, LinkScript.Host, type, (byte)code, 0, forged, hopLimit: 64);
        Assert.AreEqual(2ul, link[StackCounter.IcmpErrorsIgnored]);
        socket.Send([4]);
        link.Forgets().Sends(LinkScript.Peer, LinkScript.Host, type, (byte)code, 0, packet, hopLimit: 64);
        Assert.AreEqual(expected, Assert.ThrowsExactly<SocketException>(() => socket.Send([5])).SocketErrorCode);
        socket.Send([6]); // told once
    }

    [TestMethod]
    public void A_datagram_without_a_checksum_is_refused()
    {
        using LinkScript link = Known();
        byte[] frame = LinkScript.Udp(LinkScript.Peer, LinkScript.Host, 1000, 9, [1]);
        frame[60] = frame[61] = 0;
        link.Sends(frame).SaysNothing();
        Assert.AreEqual(1ul, link[StackCounter.RxBadTransportChecksum]);
    }

    [TestMethod]
    public void Random_packets_leave_it_answering()
    {
        Random random = Testing.TestSeed.Random();
        using LinkScript link = Known(new NetworkStackOptions { IcmpPerSecond = 100_000 });
        using TcpListenerSocket listener = link.Stack.Listen(new IPEndPoint(IPAddress.IPv6Any, 80));
        byte[][] models =
        [
            LinkScript.Icmp(LinkScript.Peer, LinkScript.Host, Icmpv6Type.EchoRequest, 0, 0, new byte[40]),
            LinkScript.Icmp(LinkScript.Peer, LinkScript.Host, Icmpv6Type.PacketTooBig, 0, 1300, LinkScript.Udp(LinkScript.Host, LinkScript.Peer, 9, 9, [1]).AsSpan(14)),
            LinkScript.Icmp(LinkScript.Peer, LinkScript.Host.SolicitedNode, Icmpv6Type.NeighborSolicitation, 0, 0, LinkScript.Body(LinkScript.Host, NdpOptionType.SourceLinkLayerAddress)),
            LinkScript.Icmp(LinkScript.PeerLinkLocal, s_allNodes, Icmpv6Type.RouterAdvertisement, 0, 1800, new byte[40]),
            LinkScript.Icmp(LinkScript.PeerLinkLocal, s_allNodes, Icmpv6Type.MulticastListenerQuery, 0, 0, new byte[20], hopLimit: 1),
            LinkScript.Packet(LinkScript.Peer, LinkScript.Host, IpProtocol.FragmentHeader, [58, 0, 0, 1, 0, 0, 0, 1, .. new byte[64]]),
            LinkScript.Packet(LinkScript.Peer, LinkScript.Host, IpProtocol.HopByHopOptions, [43, 0, 1, 4, 0, 0, 0, 0, 60, 0, 0, 0, 1, 2, 3, 4, 58, 0, 1, 4, 0, 0, 0, 0]),
        ];
        for (int i = 0; i < 20_000; i++)
        {
            byte[] frame = [.. models[random.Next(models.Length)]];
            if (random.Next(4) == 0)
            {
                frame = frame[..random.Next(15, frame.Length)];
            }

            for (int flips = random.Next(1, 5); flips > 0; flips--)
            {
                frame[random.Next(14, frame.Length)] = (byte)random.Next(256);
            }

            Repair(frame);
            link.Sends(frame);
            if (i % 1000 == 0)
            {
                link.After(TimeSpan.FromSeconds(1)).Forgets();
            }
        }

        link.After(TimeSpan.FromMinutes(2)).Forgets();
        link.Introduces(LinkScript.Peer);
        link.Sends(LinkScript.Peer, LinkScript.Host, Icmpv6Type.EchoRequest, 0, 0x1234_0007, [1], hopLimit: 64);
        Assert.IsTrue(link.TakesAll().Exists(f => f.IcmpType == Icmpv6Type.EchoReply));
    }

    // Makes the checksum of an ICMPv6 message right again, so that it gets further.
    private static void Repair(byte[] frame)
    {
        if (frame.Length < 58 || frame[20] != (byte)IpProtocol.Icmpv6)
        {
            return;
        }

        frame[56] = frame[57] = 0;
        Span<byte> message = frame.AsSpan(54);
        uint pseudo = InternetChecksum.PseudoHeader(IPv6Address.Read(frame.AsSpan(22)), IPv6Address.Read(frame.AsSpan(38)), IpProtocol.Icmpv6, message.Length);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(56), InternetChecksum.Finish(InternetChecksum.Sum(message, pseudo)));
    }

    private static LinkScript Known(NetworkStackOptions? options = null) => new LinkScript(options: options).Introduces(LinkScript.Peer);
}
