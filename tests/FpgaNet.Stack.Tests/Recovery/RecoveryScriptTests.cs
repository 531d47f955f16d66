using System.Net;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Tests.Scripts;
using FpgaNet.Stack.Transport.Tcp.Congestion;

namespace FpgaNet.Stack.Tests.Recovery;

/// <summary>Conversations about loss with a peer that reports what it has: RACK-TLP (RFC 8985), D-SACK (RFC 2883), Eifel (RFC 3522), reneging (RFC 2018 §8).</summary>
[TestClass]
public sealed class RecoveryScriptTests
{
    private static readonly TimeSpan s_roundTrip = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_reorderingWindow = s_roundTrip / 4;
    private static readonly TimeSpan s_probeTimeout = s_roundTrip * 2;

    [TestMethod]
    public void One_report_makes_what_was_sent_before_it_lost_when_the_reordering_window_is_over()
    {
        (ScriptedPeer peer, TcpSocket socket) = Open();
        using (peer)
        {
            Send(peer, socket, 10);
            peer.After(s_roundTrip).Sends(Sack(1, (1001, 2001))).ExpectsNothing();
            peer.ExpectsAfter(s_reorderingWindow, Seg.Data(1, 1000, 1)).ExpectsNothing();
            peer.Sends(Sack(10001)).After(TimeSpan.FromSeconds(5)).ExpectsNothing();
            Assert.AreEqual(1ul, peer.Stack.Counters[StackCounter.TcpFastRetransmits]);
        }
    }

    [TestMethod]
    public void Three_reports_do_so_at_once_while_nothing_was_ever_seen_out_of_order()
    {
        (ScriptedPeer peer, TcpSocket socket) = Open();
        using (peer)
        {
            Send(peer, socket, 10);
            peer.After(s_roundTrip).Sends(Sack(1, (1001, 3001))).ExpectsNothing();
            peer.Sends(Sack(1, (1001, 4001))).Expects(Seg.Data(1, 1000, 1)).ExpectsNothing();
        }
    }

    [TestMethod]
    public void Reordering_within_the_window_costs_nothing_and_is_remembered()
    {
        (ScriptedPeer peer, TcpSocket socket) = Open();
        using (peer)
        {
            Send(peer, socket, 10);
            peer.After(s_roundTrip).Sends(Sack(1, (1001, 3001))).After(TimeSpan.FromMilliseconds(20)).Sends(Sack(10001));
            peer.After(TimeSpan.FromSeconds(1)).ExpectsNothing();
            Assert.AreEqual(0ul, peer.Stack.Counters[StackCounter.TcpFastRetransmits]);

            // From now on three reports are not enough: the window is waited for.
            Send(peer, socket, 10, 10001);
            peer.After(s_roundTrip).Sends(Sack(10001, (11001, 16001))).ExpectsNothing();
            peer.After(TimeSpan.FromMilliseconds(24)).ExpectsNothing().After(TimeSpan.FromMilliseconds(10)).Expects(Seg.Data(10001, 1000, 1)).ExpectsNothing();
        }
    }

    [TestMethod]
    public void A_retransmission_that_is_lost_too_is_found_by_what_was_sent_after_it()
    {
        (ScriptedPeer peer, TcpSocket socket) = Open();
        using (peer)
        {
            Send(peer, socket, 10);
            socket.TrySend(new byte[5000]);
            peer.After(s_roundTrip).Sends(Sack(1, (1001, 9001))).Expects(Seg.Data(1, 1000, 1));
            peer.Expects(Seg.Data(10001, 1000, 1)).Expects(Seg.Data(11001, 1000, 1)).Expects(Seg.Data(12001, 1000, 1));
            peer.Forget();
            peer.After(s_roundTrip).Sends(Sack(1, (10001, 11001), (1001, 10001))).Expects(Seg.Data(1, 1000, 1));
            Assert.AreEqual(0ul, peer.Stack.Counters[StackCounter.TcpTimeouts]);
        }
    }

    [TestMethod]
    public void A_lost_tail_is_probed_for_and_the_rest_is_found_by_the_answer()
    {
        (ScriptedPeer peer, TcpSocket socket) = Open();
        using (peer)
        {
            Send(peer, socket, 5);
            peer.After(s_roundTrip).Sends(Sack(3001)).ExpectsNothing();
            peer.ExpectsAfter(s_probeTimeout, Seg.Data(4001, 1000, 1)).ExpectsNothing();
            peer.After(s_roundTrip).Sends(Sack(3001, (4001, 5001))).Expects(Seg.Data(3001, 1000, 1)).ExpectsNothing();
            peer.After(s_roundTrip).Sends(Sack(5001)).After(TimeSpan.FromSeconds(5)).ExpectsNothing();
            Assert.AreEqual((1ul, 0ul), (peer.Stack.Counters[StackCounter.TcpTailLossProbes], peer.Stack.Counters[StackCounter.TcpTimeouts]));
        }
    }

    [TestMethod]
    [DataRow(true, false)]
    [DataRow(false, true)]
    [DataRow(false, false)]
    public void A_probe_that_repairs_a_loss_halves_the_window_and_one_that_was_not_needed_does_not(bool isNeeded, bool reportsDuplicates)
    {
        (ScriptedPeer peer, TcpSocket socket) = Open();
        using (peer)
        {
            Send(peer, socket, 10);
            int before = socket.GetStatistics().CongestionWindow;
            peer.ExpectsAfter(s_probeTimeout, Seg.Data(9001, 1000, 1)).ExpectsNothing();
            peer.After(TimeSpan.FromMilliseconds(50));
            if (isNeeded)
            {
                peer.Sends(Sack(10001));
                Send(peer, socket, 1, 10001);
                peer.Sends(Sack(11001));
                Assert.IsLessThan(before, socket.GetStatistics().CongestionWindow);
            }
            else
            {
                peer.Sends(Sack(10001)).Sends(reportsDuplicates ? Sack(10001, (9001, 10001)) : Sack(10001));
                Send(peer, socket, 1, 10001);
                peer.Sends(Sack(11001));
                Assert.IsGreaterThanOrEqualTo(before, socket.GetStatistics().CongestionWindow);
            }
        }
    }

    [TestMethod]
    public void A_probe_is_something_new_when_there_is_something_new()
    {
        (ScriptedPeer peer, TcpSocket socket) = Open();
        using (peer)
        {
            Send(peer, socket, 10);
            socket.TrySend(new byte[3000]);
            peer.ExpectsNothing().ExpectsAfter(s_probeTimeout, Seg.Data(10001, 1000, 1)).ExpectsNothing();
        }
    }

    [TestMethod]
    public void When_everything_sent_again_was_received_twice_the_window_comes_back_and_the_reordering_window_grows()
    {
        (ScriptedPeer peer, TcpSocket socket) = Open();
        using (peer)
        {
            Send(peer, socket, 10);
            int before = socket.GetStatistics().CongestionWindow;
            peer.After(s_roundTrip).Sends(Sack(1, (1001, 4001))).Expects(Seg.Data(1, 1000, 1));
            peer.Sends(Sack(10001)).ExpectsNothing();
            Assert.IsLessThan(before, socket.GetStatistics().CongestionWindow);
            peer.Sends(Sack(10001, (1, 1001)));
            Assert.IsGreaterThanOrEqualTo(before, socket.GetStatistics().CongestionWindow);
            Assert.AreEqual(1ul, peer.Stack.Counters[StackCounter.TcpSpuriousRecoveries]);

            // Two quarters of the round trip now (RFC 8985 §6.2 step 4).
            Send(peer, socket, 10, 10001);
            peer.After(s_roundTrip).Sends(Sack(10001, (11001, 12001))).ExpectsNothing();
            peer.ExpectsAfter(2 * s_reorderingWindow, Seg.Data(10001, 1000, 1));
        }
    }

    [TestMethod]
    public void A_time_stamp_from_before_the_retransmission_undoes_the_recovery()
    {
        (ScriptedPeer peer, TcpSocket socket) = Open(timestamps: true);
        using (peer)
        {
            socket.TrySend(new byte[9880]);
            for (int i = 0; i < 10; i++)
            {
                peer.Expects(Seg.Data(1 + (988 * i), 988, 1));
            }

            uint original = peer.LastOptions.TimestampValue;
            int before = socket.GetStatistics().CongestionWindow;
            peer.After(s_roundTrip).Sends(Sack(1, (989, 3953)).Stamped(200, original)).Expects(Seg.Data(1, 988, 1));
            Assert.IsLessThan(before, socket.GetStatistics().CongestionWindow);
            peer.After(TimeSpan.FromMilliseconds(10)).Sends(Sack(3953).Stamped(201, original)).ExpectsNothing();
            Assert.IsGreaterThanOrEqualTo(before, socket.GetStatistics().CongestionWindow);
            Assert.AreEqual(1ul, peer.Stack.Counters[StackCounter.TcpSpuriousRecoveries]);
        }
    }

    [TestMethod]
    public void A_time_stamp_of_the_retransmission_leaves_the_recovery_as_it_is()
    {
        (ScriptedPeer peer, TcpSocket socket) = Open(timestamps: true);
        using (peer)
        {
            socket.TrySend(new byte[9880]);
            peer.Forget();
            peer.After(s_roundTrip).Sends(Sack(1, (989, 3953)).Stamped(200, peer.LastOptions.TimestampValue)).Expects(Seg.Data(1, 988, 1));
            uint again = peer.LastOptions.TimestampValue;
            peer.After(s_roundTrip).Sends(Sack(3953).Stamped(201, again));
            Assert.AreEqual(0ul, peer.Stack.Counters[StackCounter.TcpSpuriousRecoveries]);
        }
    }

    [TestMethod]
    public void A_peer_that_throws_away_what_it_had_reported_gets_it_again_after_the_timeout()
    {
        (ScriptedPeer peer, TcpSocket socket) = Open();
        using (peer)
        {
            Send(peer, socket, 5);
            peer.After(s_roundTrip).Sends(Sack(1, (1001, 5001))).Expects(Seg.Data(1, 1000, 1));
            peer.After(s_roundTrip).Sends(Sack(1001)).ExpectsNothing(); // and not 5001

            // The first byte that it lacks stands as reported; only the timeout can tell.
            peer.After(TimeSpan.FromMilliseconds(600)).Expects(Seg.Data(1001, 1000, 1));
            peer.Sends(Sack(2001)).Expects(Seg.Data(2001, 1000, 1)).Expects(Seg.Data(3001, 1000, 1)).Sends(Sack(4001)).Expects(Seg.Data(4001, 1000, 1));
            peer.Sends(Sack(5001)).After(TimeSpan.FromSeconds(5)).ExpectsNothing();
        }
    }

    [TestMethod]
    public void What_arrives_twice_is_reported_once_and_first()
    {
        (ScriptedPeer peer, _) = Open();
        using (peer)
        {
            peer.Sends(Seg.Data(1, 1000, 1)).Sends(Seg.Data(1001, 1000, 1)).Expects(Seg.Ack(1, 2001).Reporting());
            peer.Sends(Seg.Data(1001, 1000, 1)).Expects(Seg.Ack(1, 2001).Reporting((1001, 2001)));
            peer.Sends(Seg.Data(4001, 1000, 1)).Expects(Seg.Ack(1, 2001).Reporting((4001, 5001)));
            peer.Sends(Seg.Data(4001, 500, 1)).Expects(Seg.Ack(1, 2001).Reporting((4001, 4501), (4001, 5001)));
            peer.Sends(Seg.Data(6001, 500, 1)).Expects(Seg.Ack(1, 2001).Reporting((6001, 6501), (4001, 5001)));
        }
    }

    private static (ScriptedPeer Peer, TcpSocket Socket) Open(bool timestamps = false)
    {
        ScriptedPeer peer = new(ScriptedPeer.Plain with
        {
            SelectiveAcknowledgements = true,
            Timestamps = timestamps,
            CongestionControl = static () => new NewReno(),
        });
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        Seg syn = Seg.Syn().Mss(1000).WithSack().Window(60000);
        peer.Sends(timestamps ? syn.Stamped(99) : syn).Expects(Seg.SynAck() with { MaximumSegment = null });
        peer.After(s_roundTrip).Sends(peer.Answering(Seg.Ack(1, 1)).Window(60000));
        TcpSocket socket = listener.TryAccept() ?? throw new AssertFailedException("nothing to accept");
        return (peer, socket);
    }

    private static void Send(ScriptedPeer peer, TcpSocket socket, int segments, int from = 1)
    {
        socket.TrySend(new byte[segments * 1000]);
        for (int i = 0; i < segments; i++)
        {
            peer.Expects(Seg.Data(from + (1000 * i), 1000, 1));
        }

        peer.ExpectsNothing();
    }

    private static Seg Sack(int ack, params (int Left, int Right)[] blocks) => Seg.Ack(1, ack).Window(60000).Reporting(blocks);
}
