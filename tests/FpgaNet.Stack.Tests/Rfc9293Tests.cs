using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Tests.Scripts;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Stack.Tests;

/// <summary>Requirements of RFC 9293's appendix B that no other test is about; the last section of docs/tcp.md has them all.</summary>
[TestClass]
public sealed class Rfc9293Tests
{
    private static readonly IPv4Address s_host = IPv4Address.Parse("192.0.2.1");
    private static readonly IPv4Address s_peer = IPv4Address.Parse("192.0.2.2");

    [TestMethod]
    public void The_window_is_an_unsigned_number()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(window: 65535);
        using (peer)
        {
            Assert.AreEqual(65535, socket.GetStatistics().SendWindow);
            socket.TrySend(new byte[10]);
            peer.Expects(Seg.Data(1, 10, 1));
        }
    }

    [TestMethod]
    public void A_scaled_window_is_a_number_of_32_bits()
    {
        TcpSettings settings = ScriptedPeer.Plain with { WindowScaling = true };
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(settings, s => s.Scaled(14), window: 65535);
        using (peer)
        {
            Assert.AreEqual(65535 << 14, socket.GetStatistics().SendWindow);
            socket.TrySend(new byte[10]);
            peer.Expects(Seg.Data(1, 10, 1));
        }
    }

    [TestMethod]
    public void A_segment_with_a_wrong_checksum_is_dropped()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            byte[] frame = peer.Frame(Seg.Data(1, 10, 1), s_peer);
            frame[^1] ^= 1;
            peer.SendsRaw(frame).After(TimeSpan.FromSeconds(1)).ExpectsNothing();
            Assert.IsFalse(socket.TryReceive(new byte[20], out _));
            Assert.AreEqual(1ul, peer.Stack.Counters[StackCounter.RxBadTransportChecksum]);
        }
    }

    [TestMethod]
    public void Options_are_read_wherever_they_stand_unknown_ones_passed_over_and_nothing_behind_the_end_counts()
    {
        using ScriptedPeer peer = new();
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));

        // NOP, an experimental option of 5 bytes, MSS 700 at an odd place, End, and a segment size behind it that is none.
        byte[] options = [1, 253, 5, 0xAA, 0xBB, 0xCC, 1, 2, 4, 700 >> 8, 700 & 0xFF, 0, 2, 4, 0, 100];
        peer.Sends(Seg.Syn() with { RawOptions = options }).Expects(Seg.SynAck()).Sends(Seg.Ack(1, 1));
        using TcpSocket socket = listener.TryAccept()!;
        Assert.AreEqual(700, socket.GetStatistics().SegmentSize);

        // In any other segment too, and there a segment size means nothing.
        peer.Sends(Seg.Data(1, 10, 1) with { RawOptions = [2, 4, 0, 100, 253, 4, 1, 2] });
        Assert.IsTrue(socket.TryReceive(new byte[20], out int count));
        Assert.AreEqual(10, count);
        Assert.AreEqual(700, socket.GetStatistics().SegmentSize);
    }

    [TestMethod]
    [DataRow(new byte[] { 2, 0, 0, 0 }, DisplayName = "length 0")]
    [DataRow(new byte[] { 2, 1, 0, 0 }, DisplayName = "length 1")]
    [DataRow(new byte[] { 1, 1, 2, 4 }, DisplayName = "beyond the header")]
    [DataRow(new byte[] { 1, 1, 1, 8 }, DisplayName = "no length at all")]
    public void Options_of_illegal_length_do_no_harm(byte[] options)
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            peer.Sends(Seg.Data(1, 10, 1) with { RawOptions = options }).ExpectsNothing();
            Assert.IsFalse(socket.TryReceive(new byte[20], out _));
            Assert.AreEqual(1ul, peer.Stack.Counters[StackCounter.RxMalformed]);
            peer.Sends(Seg.Data(1, 10, 1));
            Assert.IsTrue(socket.TryReceive(new byte[20], out _));
        }
    }

    [TestMethod]
    public void Every_option_that_we_send_has_its_length_and_padding_is_no_garbage()
    {
        TcpOptions all = new()
        {
            MaximumSegmentSize = 1460,
            SackPermitted = true,
            HasTimestamps = true,
            WindowScale = 7,
            UserTimeout = 5,
            FastOpen = new FastOpenCookie([1, 2, 3, 4, 5, 6, 7, 8]),
        };
        byte[] bytes = new byte[all.EncodedLength];
        Assert.AreEqual(0, all.Write(bytes) % 4);
        List<TcpOptionKind> kinds = [];
        TcpOptionReader reader = new(bytes);
        while (reader.MoveNext())
        {
            kinds.Add(reader.Kind);
        }

        Assert.IsFalse(reader.Malformed);
        CollectionAssert.AreEquivalent(
            new[]
            {
                TcpOptionKind.MaximumSegmentSize, TcpOptionKind.SackPermitted, TcpOptionKind.Timestamps, TcpOptionKind.WindowScale, TcpOptionKind.UserTimeout, TcpOptionKind.FastOpen,
            },
            kinds);
    }

    [TestMethod]
    public void Reserved_bits_are_ignored_and_sent_as_zero()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            peer.Sends(Seg.Data(1, 10, 1) with { Reserved = 0xF });
            Assert.IsTrue(socket.TryReceive(new byte[20], out int count));
            Assert.AreEqual(10, count);
            socket.TrySend(new byte[10]);
            peer.Expects(Seg.Data(1, 10, 11));
            Assert.AreEqual(0, peer.LastFrame[46] & 0xF);
        }
    }

    [TestMethod]
    public void Initial_sequence_numbers_follow_a_clock_and_a_secret()
    {
        FlowKey key = new(s_host, s_peer, (5000u << 16) | 80, 0);
        using ScriptedPeer peer = new();
        SequenceNumber first = peer.Stack.Tcp.InitialSequence(key);
        Assert.AreEqual(first, peer.Stack.Tcp.InitialSequence(key));
        Assert.AreNotEqual(first, peer.Stack.Tcp.InitialSequence(key with { Ports = (5001u << 16) | 80 }));
        peer.After(TimeSpan.FromSeconds(1)).ExpectsNothing();
        Assert.AreEqual(250_000, peer.Stack.Tcp.InitialSequence(key) - first, "one every 4 µs");
        uint other = new KeyedHash(SipHash.Create(8)).Compute(0, key.Local, key.LocalPort, key.Remote, key.RemotePort);
        Assert.AreNotEqual(first.Value, other, "another secret, another number");
    }

    [TestMethod]
    public void A_peer_that_says_nothing_gets_segments_of_536_bytes_and_over_IPv6_of_1220()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(syn: s => s with { MaximumSegment = null });
        using (peer)
        {
            socket.TrySend(new byte[1000]);
            peer.Expects(Seg.Data(1, 536, 1)).Expects(Seg.Data(537, 464, 1));
        }

        Assert.AreEqual(536, TcpConnection.DefaultSegmentOf(s_peer));
        Assert.AreEqual(1220, TcpConnection.DefaultSegmentOf(IpAddress.Parse("2001:db8::1")));
    }

    [TestMethod]
    public void The_segment_size_is_the_smaller_of_both_less_the_options()
    {
        TcpSettings settings = ScriptedPeer.Plain with { Timestamps = true };
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(settings, s => s.Mss(9000).Stamped(5), mtu: 1400);
        using (peer)
        {
            Assert.AreEqual((ushort)1360, peer.LastOptions.MaximumSegmentSize, "what our IP can take in, less 40 (MUST-67)");
            socket.TrySend(new byte[3000]);
            peer.Expects(Seg.Data(1, 1348, 1));
            Assert.IsNull(peer.LastOptions.MaximumSegmentSize, "only in a SYN (MUST-65)");
        }
    }

    [TestMethod]
    public void Segments_become_smaller_when_a_router_says_that_they_are_too_large()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.TrySend(new byte[1460]);
            peer.Expects(Seg.Data(1, 1460, 1)).Complains(3, 4, parameter: 1000);
            Assert.AreEqual(960, socket.GetStatistics().SegmentSize);
            peer.Forget();
            peer.Sends(Seg.Ack(1, 1461));
            socket.TrySend(new byte[1460]);
            peer.Expects(Seg.Data(1461, 960, 1)).Expects(Seg.Data(2421, 500, 1));
        }
    }

    [TestMethod]
    public void What_was_sent_again_is_not_timed()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            TimeSpan before = socket.GetStatistics().RoundTrip;
            socket.TrySend(new byte[10]);
            peer.Expects(Seg.Data(1, 10, 1)).ExpectsAfter(TimeSpan.FromMilliseconds(200), Seg.Data(1, 10, 1)).After(TimeSpan.FromMilliseconds(100)).Sends(Seg.Ack(1, 11));
            Assert.AreEqual(before, socket.GetStatistics().RoundTrip);
            socket.TrySend(new byte[10]);
            peer.Expects(Seg.Data(11, 10, 1)).After(TimeSpan.FromMilliseconds(100)).Sends(Seg.Ack(1, 21));
            Assert.IsGreaterThan(before, socket.GetStatistics().RoundTrip);
        }
    }

    [TestMethod]
    public void The_last_segment_of_what_was_handed_over_has_PSH_and_no_other()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(syn: s => s.Mss(1000), window: 60000);
        using (peer)
        {
            socket.TrySend(new byte[2500]);
            for (int i = 0; i < 3; i++)
            {
                peer.Expects(Seg.Data(1 + (1000 * i), i < 2 ? 1000 : 500, 1));
                Assert.AreEqual(i == 2, peer.LastFlags.HasFlag(TcpFlags.Psh), $"segment {i}");
            }
        }
    }

    [TestMethod]
    public void A_peer_that_takes_its_window_back_is_borne()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(syn: s => s.Mss(1000), window: 10000);
        using (peer)
        {
            socket.TrySend(new byte[8000]);
            for (int i = 0; i < 8; i++)
            {
                peer.Expects(Seg.Data(1 + (1000 * i), 1000, 1));
            }

            // From 10001 back to 4001: nothing new is sent, what was sent comes again, within the window, for as long as it takes.
            peer.Sends(Seg.Ack(1, 1001).Window(3000));
            socket.TrySend(new byte[5000]);
            peer.ExpectsNothing().After(TimeSpan.FromSeconds(20));
            Assert.AreEqual(TcpState.Established, socket.State);
            peer.Forget();
            peer.Sends(Seg.Ack(1, 8001).Window(20000)).Expects(Seg.Data(8001, 1000, 1));
        }
    }

    [TestMethod]
    public void Our_window_never_goes_back()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            int edge = 1 + 30000;
            for (int i = 0; i < 15; i++)
            {
                peer.Sends(Seg.Data(1 + (1460 * i), 1460, 1)).After(TimeSpan.FromMilliseconds(40)).Expects(Seg.Ack(1, 1 + (1460 * (i + 1))));
                int now = 1 + (1460 * (i + 1)) + peer.LastWindow;
                Assert.IsGreaterThanOrEqualTo(edge, now);
                edge = now;
                if (i == 10)
                {
                    socket.TryReceive(new byte[5000], out _);
                    peer.Forget();
                }
            }
        }
    }

    [TestMethod]
    public void One_acknowledgement_answers_all_that_had_come()
    {
        (ScriptedPeer peer, _) = ScriptedPeer.Accepted();
        using (peer)
        {
            for (int i = 0; i < 6; i++)
            {
                peer.Injects(peer.Frame(Seg.Data(1 + (1000 * i), 1000, 1), s_peer));
            }

            peer.Expects(Seg.Ack(1, 6001)).ExpectsNothing();
        }
    }

    [TestMethod]
    public void A_port_can_be_listened_on_while_a_connection_of_that_port_is_being_opened()
    {
        using ScriptedPeer peer = new();
        (TcpSocket socket, Task connecting) = peer.Connects();
        peer.Expects(Seg.Syn());
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, socket.LocalEndPoint!.Port));
        peer.Sends(Seg.SynAck()).Expects(Seg.Ack(1, 1));
        Assert.IsTrue(connecting.IsCompletedSuccessfully);
        peer.Port++;
        peer.ForgetConnection();
        peer.Sends(Seg.Syn()).Expects(Seg.SynAck()).Sends(Seg.Ack(1, 1));
        Assert.IsNotNull(listener.TryAccept());
        Assert.AreEqual(TcpState.Established, socket.State, "a passive OPEN disturbs no connection (MUST-41)");
    }

    [TestMethod]
    public void The_network_layer_chooses_our_address_or_the_application_does()
    {
        using ScriptedPeer peer = new();
        (TcpSocket socket, _) = peer.Connects();
        Assert.AreEqual("192.0.2.1", socket.LocalEndPoint!.Address.ToString());
        using TcpSocket bound = peer.Stack.CreateTcpSocket();
        bound.Bind(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 4444));
        _ = bound.ConnectAsync(new IPEndPoint(IPAddress.Parse("192.0.2.2"), 80)).AsTask();
        Assert.AreEqual("192.0.2.1:4444", bound.LocalEndPoint!.ToString());
        using TcpSocket foreign = peer.Stack.CreateTcpSocket();
        SocketException refused = Assert.ThrowsExactly<SocketException>(() => foreign.Bind(new IPEndPoint(IPAddress.Parse("192.0.2.7"), 4444)));
        Assert.AreEqual(SocketError.AddressNotAvailable, refused.SocketErrorCode);
    }

    [TestMethod]
    [DataRow("224.0.0.1")]
    [DataRow("255.255.255.255")]
    [DataRow("192.0.2.255")]
    [DataRow("0.0.0.0")]
    [DataRow("ff02::1")]
    [DataRow("::")]
    public void Nobody_connects_to_an_address_that_is_no_hosts(string address)
    {
        using ScriptedPeer peer = new();
        using TcpSocket socket = peer.Stack.CreateTcpSocket();
        Assert.ThrowsExactly<SocketException>(() => { _ = socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(address), 80)).AsTask(); });
        peer.ExpectsNothing();
    }

    [TestMethod]
    [DataRow("224.0.0.5", "192.0.2.1", DisplayName = "from a group")]
    [DataRow("255.255.255.255", "192.0.2.1", DisplayName = "from everybody")]
    [DataRow("192.0.2.255", "192.0.2.1", DisplayName = "from everybody here")]
    [DataRow("127.0.0.1", "192.0.2.1", DisplayName = "from the loopback net")]
    [DataRow("192.0.2.1", "192.0.2.1", DisplayName = "from ourselves")]
    [DataRow("192.0.2.2", "192.0.2.255", DisplayName = "to everybody")]
    [DataRow("192.0.2.2", "224.0.0.1", DisplayName = "to a group")]
    public void A_SYN_from_or_to_an_address_that_is_no_hosts_is_dropped_silently(string source, string destination)
    {
        using ScriptedPeer peer = new();
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        peer.SendsRaw(peer.Frame(Seg.Syn(), IPv4Address.Parse(source), IPv4Address.Parse(destination))).ExpectsNothing();
        Assert.AreEqual(0, peer.Stack.Tcp.HalfOpenCount);
    }

    [TestMethod]
    public void The_time_to_live_can_be_chosen()
    {
        using ScriptedPeer peer = new(hopLimit: 17);
        peer.Connects();
        peer.Expects(Seg.Syn());
        Assert.AreEqual(17, peer.LastHopLimit);
    }

    [TestMethod]
    [DataRow(new byte[] { 1, 1, 1, 0 }, DisplayName = "no operation")]
    [DataRow(new byte[] { 0x88, 4, 0, 1 }, DisplayName = "stream identifier, obsolete")]
    [DataRow(new byte[] { 0x83, 7, 8, 203, 0, 113, 9, 0 }, DisplayName = "a source route that is complete")]
    public void IP_options_are_passed_over(byte[] options)
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            peer.Sends(Seg.Data(1, 10, 1), options);
            Assert.IsTrue(socket.TryReceive(new byte[20], out int count));
            Assert.AreEqual(10, count);
            peer.After(TimeSpan.FromMilliseconds(40)).Expects(Seg.Ack(1, 11));
            Assert.AreEqual(0x45, peer.LastFrame[14], "the answer takes the ordinary way");
        }
    }

    [TestMethod]
    [DataRow(3, 0, SocketError.NetworkUnreachable)]
    [DataRow(3, 1, SocketError.HostUnreachable)]
    [DataRow(3, 5, SocketError.HostUnreachable)]
    [DataRow(11, 0, SocketError.HostUnreachable)]
    [DataRow(11, 1, SocketError.HostUnreachable)]
    [DataRow(12, 0, SocketError.HostUnreachable)]
    public void A_soft_ICMP_error_ends_no_connection_and_is_told(int type, int code, SocketError error)
    {
        using ScriptedPeer peer = new();
        (TcpSocket socket, Task connecting) = peer.Connects();
        peer.Expects(Seg.Syn()).Complains(type, code);
        Assert.IsFalse(connecting.IsCompleted);
        Assert.AreEqual(error, socket.SoftError);
        peer.ExpectsAfter(TimeSpan.FromSeconds(1), Seg.Syn()).Sends(Seg.SynAck()).Expects(Seg.Ack(1, 1));
        Assert.IsTrue(connecting.IsCompletedSuccessfully);
        Assert.AreEqual(SocketError.Success, socket.SoftError, "it got better");
    }

    [TestMethod]
    public void Connecting_that_times_out_says_what_the_network_had_said()
    {
        using ScriptedPeer peer = new(ScriptedPeer.Plain with { SynRetries = 1 });
        (_, Task connecting) = peer.Connects();
        peer.Expects(Seg.Syn()).Complains(3, 1).After(TimeSpan.FromSeconds(10)).Forget();
        Assert.AreEqual(SocketError.HostUnreachable, TcpScriptTests.ErrorOf(connecting));
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    public void A_hard_ICMP_error_ends_connecting_but_no_connection(int code)
    {
        using ScriptedPeer peer = new();
        (_, Task connecting) = peer.Connects();
        peer.Expects(Seg.Syn()).Complains(3, code);
        Assert.AreEqual(SocketError.ConnectionRefused, TcpScriptTests.ErrorOf(connecting));

        peer.ForgetConnection();
        (TcpSocket socket, _) = peer.Connects();
        peer.Expects(Seg.Syn()).Sends(Seg.SynAck()).Expects(Seg.Ack(1, 1));
        socket.TrySend(new byte[10]);
        peer.Expects(Seg.Data(1, 10, 1)).Complains(3, code);
        Assert.AreEqual(TcpState.Established, socket.State, "RFC 5927 §5.2");
        Assert.AreEqual(SocketError.ConnectionRefused, socket.SoftError);
    }

    [TestMethod]
    public void An_ICMP_error_about_what_is_not_on_its_way_and_Source_Quench_are_ignored()
    {
        using ScriptedPeer peer = new();
        (TcpSocket socket, Task connecting) = peer.Connects();
        peer.Expects(Seg.Syn());
        peer.Complains(3, 3, sequence: 1).Complains(3, 3, sequence: -1).Complains(4, 0);
        Assert.IsFalse(connecting.IsCompleted);
        Assert.AreEqual(SocketError.Success, socket.SoftError);
    }

    [TestMethod]
    public void An_ICMP_error_ends_a_half_open_connection_only_when_it_is_hard_and_quotes_our_number()
    {
        using ScriptedPeer peer = new();
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        peer.Sends(Seg.Syn()).Expects(Seg.SynAck()).Complains(3, 3, sequence: 5).Complains(3, 1);
        Assert.AreEqual(1, peer.Stack.Tcp.HalfOpenCount);
        peer.Complains(3, 3);
        Assert.AreEqual(0, peer.Stack.Tcp.HalfOpenCount);
    }

    [TestMethod]
    public void A_half_open_connection_is_found_out_and_made_anew()
    {
        // RFC 9293 §3.5.1, figure 9: the peer has crashed and opens again with its old port.
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        using (TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 8080)))
        {
            peer.Sends(Seg.Syn(400)).Expects(Seg.Ack(1, 1)); // "?", and the peer resets what it does not know
            peer.Sends(Seg.Rst(1)).ExpectsNothing();
            Assert.AreEqual(TcpState.Closed, socket.State);
        }
    }

    [TestMethod]
    public void An_old_duplicate_SYN_is_found_out_by_the_peer_and_harms_nothing()
    {
        // RFC 9293 §3.5, figure 8.
        using ScriptedPeer peer = new();
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        peer.Sends(Seg.Syn(-500)).Expects(Seg.SynAck(0, -499)).Sends(Seg.Rst(-499)).ExpectsNothing();
        Assert.AreEqual(0, peer.Stack.Tcp.HalfOpenCount);
        peer.ForgetConnection();
        peer.Sends(Seg.Syn()).Expects(Seg.SynAck()).Sends(Seg.Ack(1, 1));
        Assert.IsNotNull(listener.TryAccept());
    }

    [TestMethod]
    public void After_a_reset_of_the_peers_a_send_says_so_and_after_closing_ones_own_direction_a_send_is_refused()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.Shutdown(SocketShutdown.Send);
            Assert.AreEqual(SocketError.Shutdown, Assert.ThrowsExactly<SocketException>(() => socket.TrySend(new byte[1])).SocketErrorCode);
            peer.Expects(Seg.Fin(1, 1)).Sends(Seg.Rst(1));
            Assert.AreEqual(SocketError.ConnectionReset, Assert.ThrowsExactly<SocketException>(() => socket.TryReceive(new byte[1], out _)).SocketErrorCode);
        }
    }
}
