using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Tests.Scripts;
using FpgaNet.Stack.Transport.Tcp;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests;

/// <summary>IPv4 source routes of TCP (RFC 9293 §3.9.2.1, RFC 1122 §3.2.1.8 (c)).</summary>
[TestClass]
public sealed class SourceRouteTests
{
    private const int OptionsAt = EthernetHeader.Length + IPv4Header.MinimumLength;

    private static readonly IPAddress s_first = IPAddress.Parse("203.0.113.1");
    private static readonly IPAddress s_second = IPAddress.Parse("203.0.113.2");

    // What the peer's packets have recorded: its own router first; and the way back.
    private static readonly byte[] s_arrived = [131, 11, 12, 203, 0, 113, 7, 203, 0, 113, 8, 0];
    private static readonly byte[] s_back = [131, 11, 4, 203, 0, 113, 7, 192, 0, 2, 2, 0];
    private static readonly IPv4Address s_backFirst = IPv4Address.Parse("203.0.113.8");

    [TestMethod]
    [DataRow(false, (byte)131)]
    [DataRow(true, (byte)137)]
    public void An_application_chooses_the_way_when_it_connects_and_all_segments_take_it(bool onLink, byte type)
    {
        using ScriptedPeer peer = new(sourceRouting: true);
        IPAddress first = onLink ? IPAddress.Parse("192.0.2.2") : s_first;
        byte[] option = [type, 11, 4, 203, 0, 113, 2, 192, 0, 2, 2, 0];
        (TcpSocket socket, Task connecting) = peer.Connects(new SourceRoute([first, s_second], isStrict: onLink));
        peer.Expects(Seg.Syn().Mss(1460));
        AssertRoute(peer, IPv4Address.FromIPAddress(first), option);
        peer.ExpectsAfter(TimeSpan.FromSeconds(1), Seg.Syn());
        AssertRoute(peer, IPv4Address.FromIPAddress(first), option);
        peer.Sends(Seg.SynAck().Mss(1460)).Expects(Seg.Ack(1, 1));
        AssertRoute(peer, IPv4Address.FromIPAddress(first), option);
        Assert.IsTrue(connecting.IsCompletedSuccessfully);

        // RFC 9293 §3.7.1, MUST-16: what the option takes is missing in the segment.
        socket.TrySend(new byte[3000]);
        peer.Expects(Seg.Data(1, 1448, 1));
        AssertRoute(peer, IPv4Address.FromIPAddress(first), option);
        Assert.HasCount(1514, peer.LastFrame);
        peer.Expects(Seg.Data(1449, 1448, 1));
        peer.Sends(Seg.Ack(1, 2897)).Expects(Seg.Data(2897, 104, 1));
        peer.Sends(Seg.Ack(1, 3001));
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
        peer.Expects(Seg.RstAck(3001, 1));
        AssertRoute(peer, IPv4Address.FromIPAddress(first), option);
    }

    [TestMethod]
    public void The_applications_way_goes_before_the_one_that_a_segment_came_by()
    {
        using ScriptedPeer peer = new(sourceRouting: true);
        (TcpSocket socket, _) = peer.Connects(new SourceRoute([s_first]));
        byte[] option = [131, 7, 4, 192, 0, 2, 2, 0];
        peer.Expects(Seg.Syn()).Sends(Seg.SynAck(), s_arrived).Expects(Seg.Ack(1, 1));
        AssertRoute(peer, IPv4Address.FromIPAddress(s_first), option);
        peer.Sends(Seg.Data(1, 10, 1), s_arrived);
        socket.TrySend(new byte[10]);
        peer.Expects(Seg.Data(1, 10, 11));
        AssertRoute(peer, IPv4Address.FromIPAddress(s_first), option);
    }

    [TestMethod]
    public void Who_connects_the_ordinary_way_stays_with_it()
    {
        using ScriptedPeer peer = new(sourceRouting: true);
        peer.Connects();
        peer.Expects(Seg.Syn()).Sends(Seg.SynAck(), s_arrived).Expects(Seg.Ack(1, 1));
        AssertOrdinary(peer);
    }

    [TestMethod]
    [DataRow(new byte[] { 131, 11, 12, 203, 0, 113, 7, 203, 0, 113, 8, 0 }, (byte)131, DisplayName = "loose")]
    [DataRow(new byte[] { 1, 131, 15, 16, 192, 0, 2, 2, 203, 0, 113, 7, 203, 0, 113, 8 }, (byte)131, DisplayName = "with its source in front")]
    public void A_SYNs_way_back_is_taken_by_all_segments_of_the_connection(byte[] arrived, byte type)
    {
        using ScriptedPeer peer = new(sourceRouting: true);
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        byte[] back = [type, .. s_back[1..]];
        peer.Sends(Seg.Syn(), arrived).Expects(Seg.SynAck().Mss(1460));
        AssertRoute(peer, s_backFirst, back);
        peer.ExpectsAfter(TimeSpan.FromSeconds(1), Seg.SynAck());
        AssertRoute(peer, s_backFirst, back);
        peer.Sends(Seg.Data(50_000, 1, 1)).Expects(Seg.Ack(1, 1));
        AssertRoute(peer, s_backFirst, back);
        peer.Sends(Seg.Ack(1, 1));
        TcpSocket socket = listener.TryAccept()!;
        socket.TrySend(new byte[10]);
        peer.Expects(Seg.Data(1, 10, 1));
        AssertRoute(peer, s_backFirst, back);
        peer.Sends(Seg.Data(1, 10, 11)).After(TimeSpan.FromMilliseconds(50)).Expects(Seg.Ack(11, 11));
        AssertRoute(peer, s_backFirst, back);
        socket.Dispose();
        peer.Forget();
    }

    [TestMethod]
    public void A_way_back_is_strict_when_the_way_was()
    {
        using ScriptedPeer peer = new(sourceRouting: true);
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        peer.Sends(Seg.Syn(), 137, 11, 12, 203, 0, 113, 7, 192, 0, 2, 2, 0).Expects(Seg.SynAck());
        AssertRoute(peer, IPv4Address.Parse("192.0.2.2"), [137, 11, 4, 203, 0, 113, 7, 192, 0, 2, 2, 0]);
        peer.ForgetConnection();
        peer.Port++;
        peer.Sends(Seg.Syn(), 137, 11, 12, 192, 0, 2, 7, 203, 0, 113, 8, 0).ExpectsNothing(); // its last hop is no neighbour of ours
    }

    [TestMethod]
    public void A_later_way_goes_before_an_earlier_one_when_its_segment_is_acceptable()
    {
        using ScriptedPeer peer = new(sourceRouting: true);
        TcpSocket socket = Accept(peer, s_arrived);
        byte[] other = [131, 15, 16, 203, 0, 113, 4, 203, 0, 113, 5, 203, 0, 113, 6, 0];
        peer.Sends(Seg.Data(100_000, 10, 1), other).Expects(Seg.Ack(1, 1));
        AssertRoute(peer, s_backFirst, s_back);
        peer.Sends(Seg.Data(1, 10, 1), other);
        socket.TrySend(new byte[2000]);
        peer.Expects(Seg.Data(1, 1444, 11));
        Assert.HasCount(1514, peer.LastFrame);
        byte[] otherBack = [131, 15, 4, 203, 0, 113, 5, 203, 0, 113, 4, 192, 0, 2, 2, 0];
        AssertRoute(peer, IPv4Address.Parse("203.0.113.6"), otherBack);

        // One that came without any says nothing.
        peer.Sends(Seg.Ack(11, 1445)).Expects(Seg.Data(1445, 556, 11));
        AssertRoute(peer, IPv4Address.Parse("203.0.113.6"), otherBack);
    }

    [TestMethod]
    public void A_way_that_comes_in_the_middle_of_a_connection_is_taken()
    {
        using ScriptedPeer peer = new(sourceRouting: true);
        TcpSocket socket = Accept(peer);
        AssertOrdinary(peer);
        peer.Sends(Seg.Data(1, 10, 1), s_arrived);
        socket.TrySend(new byte[10]);
        peer.Expects(Seg.Data(1, 10, 11));
        AssertRoute(peer, s_backFirst, s_back);
    }

    [TestMethod]
    public void Segments_grow_back_only_to_what_the_peer_takes_less_the_option()
    {
        using ScriptedPeer peer = new(ScriptedPeer.Plain with { PathMtuDiscovery = PathMtuMode.Icmp }, sourceRouting: true);
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        peer.Sends(Seg.Syn().Mss(1000)).Expects(Seg.SynAck()).Sends(Seg.Ack(1, 1)).Sends(Seg.Data(1, 10, 1), s_arrived);
        TcpSocket socket = listener.TryAccept()!;
        socket.TrySend(new byte[988]);
        peer.Expects(Seg.Data(1, 988, 11)).Complains(3, 4, parameter: 600);
        peer.Expects(Seg.Data(1, 548, 11)).Expects(Seg.Data(549, 440, 11)).Sends(Seg.Ack(11, 989));
        peer.After(TimeSpan.FromMinutes(11)).Forget(); // RFC 1191 §6.3
        socket.TrySend(new byte[1]);
        peer.Expects(Seg.Data(989, 1, 11)).Sends(Seg.Ack(11, 990));
        socket.TrySend(new byte[2000]);
        peer.Expects(Seg.Data(990, 988, 11));
    }

    [TestMethod]
    public void SYN_cookies_need_no_memory_of_the_way()
    {
        using ScriptedPeer peer = new(ScriptedPeer.Plain with { SynCookies = SynCookieUse.Always }, sourceRouting: true);
        TcpSocket socket = Accept(peer, s_arrived, s_arrived);
        socket.TrySend(new byte[10]);
        peer.Expects(Seg.Data(1, 10, 1));
        AssertRoute(peer, s_backFirst, s_back);
    }

    [TestMethod]
    [DataRow(new byte[] { 131, 11, 8, 203, 0, 113, 7, 203, 0, 113, 8, 0 }, StackCounter.RxSourceRouteRefused, DisplayName = "not complete")]
    [DataRow(new byte[] { 131, 11, 13, 203, 0, 113, 7, 203, 0, 113, 8, 0 }, StackCounter.RxMalformed, DisplayName = "pointer beside an address")]
    [DataRow(new byte[] { 131, 11, 16, 203, 0, 113, 7, 203, 0, 113, 8, 0 }, StackCounter.RxMalformed, DisplayName = "pointer beyond the end")]
    [DataRow(new byte[] { 131, 11, 0, 203, 0, 113, 7, 203, 0, 113, 8, 0 }, StackCounter.RxMalformed, DisplayName = "pointer before the first")]
    [DataRow(new byte[] { 131, 10, 12, 203, 0, 113, 7, 203, 0, 113, 8, 0 }, StackCounter.RxMalformed, DisplayName = "half an address")]
    [DataRow(new byte[] { 131, 15, 16, 203, 0, 113, 7, 203, 0, 113, 8, 0 }, StackCounter.RxMalformed, DisplayName = "longer than the header")]
    [DataRow(new byte[] { 131, 0, 12, 0 }, StackCounter.RxMalformed, DisplayName = "no length")]
    [DataRow(new byte[] { 131, 7, 8, 203, 0, 113, 7, 131, 7, 8, 203, 0, 113, 8, 0, 0 }, StackCounter.RxMalformed, DisplayName = "two")]
    public void A_route_that_is_wrong_or_not_complete_is_refused_whether_routes_are_used_or_not(byte[] options, StackCounter counter)
    {
        foreach (bool sourceRouting in (bool[])[false, true])
        {
            using ScriptedPeer peer = new(sourceRouting: sourceRouting);
            using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
            peer.Sends(Seg.Syn(), options).ExpectsNothing();
            Assert.AreEqual(0, peer.Stack.Tcp.HalfOpenCount);
            Assert.AreEqual(1ul, peer.Stack.Counters[counter]);
        }
    }

    [TestMethod]
    [DataRow("224.0.0.1")]
    [DataRow("255.255.255.255")]
    [DataRow("127.0.0.1")]
    [DataRow("0.0.0.0")]
    [DataRow("192.0.2.1", DisplayName = "ourselves")]
    public void No_way_leads_over_what_is_no_host(string hop)
    {
        using ScriptedPeer peer = new(sourceRouting: true);
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        peer.Sends(Seg.Syn(), [131, 7, 8, .. IPAddress.Parse(hop).GetAddressBytes(), 0]).ExpectsNothing();
        Assert.AreEqual(1ul, peer.Stack.Counters[StackCounter.RxSourceRouteRefused]);
    }

    [TestMethod]
    public void Routes_are_not_used_unless_allowed()
    {
        using ScriptedPeer peer = new();
        using TcpSocket socket = peer.Stack.CreateTcpSocket();
        SocketException refused = Assert.ThrowsExactly<SocketException>(() => socket.SourceRoute = new SourceRoute([s_first]));
        Assert.AreEqual(SocketError.OperationNotSupported, refused.SocketErrorCode);
        Accept(peer, s_arrived, s_arrived);
        AssertOrdinary(peer);
    }

    [TestMethod]
    public void A_route_has_one_to_nine_hops_that_are_hosts_and_belongs_to_IPv4()
    {
        Assert.ThrowsExactly<ArgumentException>(() => new SourceRoute([]));
        Assert.ThrowsExactly<ArgumentException>(() => new SourceRoute([.. Enumerable.Repeat(s_first, 10)]));
        Assert.ThrowsExactly<ArgumentException>(() => new SourceRoute([IPAddress.IPv6Loopback]));
        Assert.ThrowsExactly<ArgumentException>(() => new SourceRoute([IPAddress.Broadcast]));
        SourceRoute longest = new([.. Enumerable.Repeat(s_first, 8), s_second]);
        Assert.HasCount(9, longest.Hops);
        Assert.AreEqual(s_second, longest.Hops[8]);
        using ScriptedPeer peer = new(ipv6: true, sourceRouting: true);
        Assert.AreEqual(
            SocketError.AddressFamilyNotSupported, Assert.ThrowsExactly<SocketException>(() => peer.Connects(longest)).SocketErrorCode);
        using ScriptedPeer peer4 = new(sourceRouting: true);
        (TcpSocket socket, _) = peer4.Connects(longest);
        peer4.Expects(Seg.Syn());
        Assert.AreEqual(0x4F, peer4.LastFrame[EthernetHeader.Length]);
        Assert.AreEqual(SocketError.IsConnected, Assert.ThrowsExactly<SocketException>(() => socket.SourceRoute = null).SocketErrorCode);
    }

    [TestMethod]
    public void ICMP_errors_about_packets_on_their_way_find_the_connection()
    {
        using ScriptedPeer peer = new(sourceRouting: true);
        (TcpSocket socket, _) = peer.Connects(new SourceRoute([s_first, s_second]));
        peer.Expects(Seg.Syn()).Complains(3, 5); // source route failed: a soft error (RFC 9293 §3.9.2.2)
        Assert.AreEqual(SocketError.HostUnreachable, socket.SoftError);
        peer.Sends(Seg.SynAck().Mss(1460)).Expects(Seg.Ack(1, 1));
        socket.TrySend(new byte[1448]);
        peer.Expects(Seg.Data(1, 1448, 1)).Complains(3, 4, parameter: 1000);
        peer.Expects(Seg.Data(1, 1000 - 20 - 20 - 12, 1));
        Assert.HasCount(1014, peer.LastFrame);
        Assert.AreEqual(1000, socket.GetStatistics().PathMtu);
    }

    [TestMethod]
    public void A_first_hop_that_does_not_answer_is_told_to_the_connection()
    {
        using ScriptedPeer peer = new(sourceRouting: true);
        (_, Task connecting) = peer.Connects(new SourceRoute([IPAddress.Parse("192.0.2.77")]));
        peer.After(TimeSpan.FromSeconds(10)).ExpectsNothing();
        Assert.AreEqual(SocketError.HostUnreachable, TcpScriptTests.ErrorOf(connecting));
    }

    [TestMethod]
    public void Random_options_do_no_harm()
    {
        Random random = TestSeed.Random();
        byte[] options = new byte[40];
        for (int i = 0; i < 20_000; i++)
        {
            random.NextBytes(options);
            Span<byte> some = options.AsSpan(0, 4 * random.Next(11));
            for (int at = 0; at < some.Length; at += random.Next(1, 6))
            {
                some[at] = (byte)random.Next(16);
            }

            if (some.Length > 0 && random.Next(2) == 0)
            {
                some[0] = SourceRouteOption.LooseType;
            }

            if (SourceRouteOption.TryFind(some, out SourceRouteOption route) && route.IsPresent)
            {
                Assert.AreEqual(0, route.Addresses.Length % 4);
                Assert.IsTrue(route.IsComplete || route.Pointer + 3 <= route.Addresses.Length + SourceRouteOption.HeaderLength);
                SourceRoute.Reverse(route, default, null);
            }
        }
    }

    [TestMethod]
    public void A_transfer_runs_over_routers_that_have_no_route_there_and_back()
    {
        using VirtualNetwork network = new(TestSeed.Take());
        EthernetSegment left = network.AddSegment("left");
        EthernetSegment middle = network.AddSegment("middle");
        EthernetSegment right = network.AddSegment("right");
        Router near = network.AddRouter("near");
        Router far = network.AddRouter("far");
        network.Connect(near, left, IPv4Address.Parse("192.0.2.254"));
        network.Connect(near, middle, IPv4Address.Parse("203.0.113.1"));
        network.Connect(far, middle, IPv4Address.Parse("203.0.113.2"));
        network.Connect(far, right, IPv4Address.Parse("198.51.100.254"));
        HostModel host = new() { SourceRouting = true };
        NetworkStack client = network.AddHost(host, left, IPv4Address.Parse("192.0.2.1")).Stack;
        NetworkStack server = network.AddHost(host, right, IPv4Address.Parse("198.51.100.1")).Stack;
        using TcpListenerSocket listener = server.Listen(new IPEndPoint(IPAddress.Any, 80));
        using TcpSocket socket = client.CreateTcpSocket();
        socket.SourceRoute = new SourceRoute([IPAddress.Parse("192.0.2.254"), s_second]);
        Task connecting = socket.ConnectAsync(new IPEndPoint(IPAddress.Parse("198.51.100.1"), 80)).AsTask();
        TcpSocket? accepted = null;
        network.RunUntil(() => connecting.IsCompletedSuccessfully && (accepted ??= listener.TryAccept()) is not null, TimeSpan.FromSeconds(10));
        Assert.AreEqual(OffloadFeatures.None, socket.Connection!.Path.Segmentation, "not every card repeats the option");
        Pour(network, socket, accepted!);
        Pour(network, accepted!, socket);
        Assert.AreEqual(0, near.Dropped + far.Dropped);
        accepted!.Dispose();
    }

    private static void Pour(VirtualNetwork network, TcpSocket from, TcpSocket to)
    {
        const int Length = 1 << 20;
        ContentStream content = new((ulong)network.Seed);
        byte[] sent = new byte[Length];
        byte[] received = new byte[Length];
        content.Fill(0, sent);
        int at = 0;
        int got = 0;
        network.RunUntil(
            () =>
            {
                at += from.TrySend(sent.AsSpan(at));
                while (got < Length && to.TryReceive(received.AsSpan(got), out int count))
                {
                    got += count;
                }

                return got == Length;
            },
            TimeSpan.FromSeconds(60));
        Assert.IsTrue(sent.AsSpan().SequenceEqual(received));
    }

    private static TcpSocket Accept(ScriptedPeer peer, byte[]? synOptions = null, byte[]? ackOptions = null)
    {
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        peer.Sends(Seg.Syn().Mss(1460), synOptions).Expects(Seg.SynAck()).Sends(Seg.Ack(1, 1), ackOptions);
        return listener.TryAccept() ?? throw new AssertFailedException("nothing to accept");
    }

    private static void AssertRoute(ScriptedPeer peer, IPv4Address first, byte[] options)
    {
        ReadOnlySpan<byte> packet = peer.LastFrame.AsSpan(EthernetHeader.Length);
        Assert.AreEqual(first, IPv4Address.Read(packet[16..]));
        Assert.AreEqual(0x45 + (options.Length / 4), packet[0]);
        Assert.AreEqual(Convert.ToHexString(options), Convert.ToHexString(peer.LastFrame.AsSpan(OptionsAt, options.Length)));
    }

    private static void AssertOrdinary(ScriptedPeer peer)
    {
        Assert.AreEqual(0x45, peer.LastFrame[EthernetHeader.Length]);
        Assert.AreEqual(IPv4Address.Parse("192.0.2.2"), IPv4Address.Read(peer.LastFrame.AsSpan(30)));
    }
}
