using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Tests.Scripts;

namespace FpgaNet.Stack.Tests;

/// <summary>Conversations about data: acknowledgements, windows, retransmission, congestion (RFC 9293 §3.8, 5681, 6298, 6582, 6675, 7323).</summary>
[TestClass]
public sealed class TcpDataScriptTests
{
    private static readonly TimeSpan s_delayedAck = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan s_rto = TimeSpan.FromMilliseconds(200);

    [TestMethod]
    public void Every_second_full_segment_is_acknowledged_at_once_and_a_single_one_later()
    {
        (ScriptedPeer peer, _) = ScriptedPeer.Accepted();
        using (peer)
        {
            peer.Sends(Seg.Data(1, 1460, 1)).ExpectsNothing().Sends(Seg.Data(1461, 1460, 1)).Expects(Seg.Ack(1, 2921));
            peer.Sends(Seg.Data(2921, 1460, 1)).ExpectsAfter(s_delayedAck, Seg.Ack(1, 4381)).ExpectsNothing();
        }
    }

    [TestMethod]
    public void An_acknowledgement_rides_on_data()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            peer.Sends(Seg.Data(1, 10, 1)).ExpectsNothing();
            socket.TrySend(new byte[20]);
            peer.Expects(Seg.Data(1, 20, 11)).Sends(Seg.Ack(11, 21)).After(s_delayedAck).ExpectsNothing();
        }
    }

    [TestMethod]
    public void An_answer_that_acknowledges_and_changes_the_window_takes_the_short_way()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.NoDelay = true;
            socket.TrySend(new byte[20]);
            peer.Expects(Seg.Data(1, 20, 1));
            ulong before = peer.Stack.Counters[StackCounter.TcpPredicted];
            peer.Sends(Seg.Data(1, 10, 21).Window(100)).ExpectsNothing();
            Assert.AreEqual(before + 1, peer.Stack.Counters[StackCounter.TcpPredicted]);
            Assert.AreEqual(10, socket.GetStatistics().BytesUnread);
            socket.TrySend(new byte[100]);
            peer.Expects(Seg.Data(21, 100, 11));

            // Old acknowledgement numbers and numbers that were never sent are for the long way.
            peer.Sends(Seg.Data(11, 10, 20)).ExpectsAfter(s_delayedAck, Seg.Ack(121, 21));
            peer.Sends(Seg.Data(21, 10, 122)).Expects(Seg.Ack(121, 21));
            Assert.AreEqual(before + 1, peer.Stack.Counters[StackCounter.TcpPredicted]);
        }
    }

    [TestMethod]
    public void A_segment_out_of_order_is_acknowledged_at_once_and_reported()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(ScriptedPeer.Plain with { SelectiveAcknowledgements = true }, s => s.WithSack());
        using (peer)
        {
            peer.Sends(Seg.Data(1001, 1000, 1)).Expects(Seg.Ack(1, 1).Reporting((1001, 2001)));
            peer.Sends(Seg.Data(3001, 1000, 1)).Expects(Seg.Ack(1, 1).Reporting((3001, 4001), (1001, 2001)));
            peer.Sends(Seg.Data(2001, 1000, 1)).Expects(Seg.Ack(1, 1).Reporting((1001, 4001)));
            peer.Sends(Seg.Data(1, 1000, 1)).Expects(Seg.Ack(1, 4001).Reporting());
            byte[] buffer = new byte[5000];
            Assert.IsTrue(socket.TryReceive(buffer, out int count));
            Assert.AreEqual(4000, count);
            for (int i = 0; i < count; i++)
            {
                Assert.AreEqual(ScriptedPeer.PeerByte(i + 1), buffer[i]);
            }
        }
    }

    [TestMethod]
    public void A_peer_without_SACK_gets_its_three_duplicates_for_segments_that_the_card_has_merged()
    {
        (ScriptedPeer peer, _) = ScriptedPeer.Accepted();
        using (peer)
        {
            peer.SendsMerged(Seg.Data(1001, 1000, 1), 2).Expects(Seg.Ack(1, 1)).Expects(Seg.Ack(1, 1)).ExpectsNothing();
            peer.SendsMerged(Seg.Data(2001, 1200, 1), 12).Expects(Seg.Ack(1, 1)).Expects(Seg.Ack(1, 1)).Expects(Seg.Ack(1, 1)).ExpectsNothing();
        }

        (peer, _) = ScriptedPeer.Accepted(ScriptedPeer.Plain with { SelectiveAcknowledgements = true }, static s => s.WithSack());
        using (peer)
        {
            peer.SendsMerged(Seg.Data(1001, 1000, 1), 12).Expects(Seg.Ack(1, 1).Reporting((1001, 2001))).ExpectsNothing();
        }
    }

    [TestMethod]
    public void Old_data_is_acknowledged_again_and_overlap_is_cut_off()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            peer.Sends(Seg.Data(1, 100, 1)).ExpectsAfter(s_delayedAck, Seg.Ack(1, 101));
            peer.Sends(Seg.Data(1, 100, 1)).Expects(Seg.Ack(1, 101));
            peer.Sends(Seg.Data(51, 100, 1)).ExpectsAfter(s_delayedAck, Seg.Ack(1, 151));
            byte[] buffer = new byte[500];
            socket.TryReceive(buffer, out int count);
            Assert.AreEqual(150, count);
            Assert.AreEqual(ScriptedPeer.PeerByte(150), buffer[149]);
        }
    }

    [TestMethod]
    public void Nagle_keeps_a_second_small_segment_back_and_NoDelay_does_not()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.TrySend(new byte[10]);
            peer.Expects(Seg.Data(1, 10, 1));
            socket.TrySend(new byte[10]);
            socket.TrySend(new byte[10]);
            peer.ExpectsNothing().Sends(Seg.Ack(1, 11)).Expects(Seg.Data(11, 20, 1));
            socket.NoDelay = true;
            socket.TrySend(new byte[5]);
            peer.Expects(Seg.Data(31, 5, 1));
        }
    }

    [TestMethod]
    public void Data_is_sent_in_segments_of_the_peers_size_within_the_initial_window()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(syn: s => s.Mss(1000), window: 60000);
        using (peer)
        {
            Assert.AreEqual(20000, socket.TrySend(new byte[20000]));
            for (int i = 0; i < 10; i++)
            {
                peer.Expects(Seg.Data(1 + (1000 * i), 1000, 1)); // RFC 6928: ten segments
            }

            // Slow start: what is acknowledged is sent again as much, and as much more.
            peer.ExpectsNothing().Sends(Seg.Ack(1, 2001).Window(60000));
            for (int i = 10; i < 14; i++)
            {
                peer.Expects(Seg.Data(1 + (1000 * i), 1000, 1));
            }

            peer.ExpectsNothing();
        }
    }

    [TestMethod]
    public void Lost_data_is_sent_again_after_timeouts_that_double()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(ScriptedPeer.Plain with { Retries = 3 });
        using (peer)
        {
            Task<int> receiving = socket.ReceiveAsync(new byte[1]).AsTask();
            socket.TrySend(new byte[100]);
            peer.Expects(Seg.Data(1, 100, 1)).ExpectsAfter(s_rto, Seg.Data(1, 100, 1)).ExpectsAfter(2 * s_rto, Seg.Data(1, 100, 1))
                .ExpectsAfter(4 * s_rto, Seg.Data(1, 100, 1)).After(8 * s_rto).ExpectsNothing();
            Assert.AreEqual(SocketError.TimedOut, TcpScriptTests.ErrorOf(receiving));
        }
    }

    [TestMethod]
    public void After_a_timeout_sending_begins_again_with_one_segment()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(syn: s => s.Mss(1000), window: 60000);
        using (peer)
        {
            socket.TrySend(new byte[5000]);
            for (int i = 0; i < 5; i++)
            {
                peer.Expects(Seg.Data(1 + (1000 * i), 1000, 1));
            }

            peer.ExpectsAfter(s_rto, Seg.Data(1, 1000, 1)).ExpectsNothing();
            peer.Sends(Seg.Ack(1, 1001).Window(60000)).Expects(Seg.Data(1001, 1000, 1)).Expects(Seg.Data(2001, 1000, 1)).ExpectsNothing();
            peer.Sends(Seg.Ack(1, 5001).Window(60000)).After(TimeSpan.FromSeconds(5)).ExpectsNothing();
        }
    }

    [TestMethod]
    public void Three_duplicates_bring_a_fast_retransmit_and_a_partial_acknowledgement_the_next()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(syn: s => s.Mss(1000), window: 60000);
        using (peer)
        {
            socket.TrySend(new byte[10000]);
            for (int i = 0; i < 10; i++)
            {
                peer.Expects(Seg.Data(1 + (1000 * i), 1000, 1));
            }

            peer.Sends(Seg.Ack(1, 1).Window(60000)).Sends(Seg.Ack(1, 1).Window(60000)).ExpectsNothing();
            peer.Sends(Seg.Ack(1, 1).Window(60000)).Expects(Seg.Data(1, 1000, 1)).ExpectsNothing();

            // The third segment was lost as well.
            peer.Sends(Seg.Ack(1, 2001).Window(60000)).Expects(Seg.Data(2001, 1000, 1)).ExpectsNothing();
            peer.Sends(Seg.Ack(1, 10001).Window(60000)).After(TimeSpan.FromSeconds(5)).ExpectsNothing();
            Assert.AreEqual(1ul, peer.Stack.Counters[StackCounter.TcpFastRetransmits]);
            Assert.AreEqual(0ul, peer.Stack.Counters[StackCounter.TcpTimeouts]);
        }
    }

    [TestMethod]
    public void Limited_transmit_sends_new_data_on_the_first_duplicates()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(syn: s => s.Mss(1000), window: 60000);
        using (peer)
        {
            socket.TrySend(new byte[20000]);
            for (int i = 0; i < 10; i++)
            {
                peer.Expects(Seg.Data(1 + (1000 * i), 1000, 1));
            }

            peer.Sends(Seg.Ack(1, 1).Window(60000)).Expects(Seg.Data(10001, 1000, 1));
            peer.Sends(Seg.Ack(1, 1).Window(60000)).Expects(Seg.Data(11001, 1000, 1));
            peer.Sends(Seg.Ack(1, 1).Window(60000)).Expects(Seg.Data(1, 1000, 1)).ExpectsNothing();
        }
    }

    [TestMethod]
    public void With_SACK_only_the_holes_are_sent_again()
    {
        (ScriptedPeer peer, TcpSocket socket) =
            ScriptedPeer.Accepted(ScriptedPeer.Plain with { SelectiveAcknowledgements = true }, s => s.Mss(1000).WithSack(), window: 60000);
        using (peer)
        {
            socket.TrySend(new byte[10000]);
            for (int i = 0; i < 10; i++)
            {
                peer.Expects(Seg.Data(1 + (1000 * i), 1000, 1));
            }

            // The first and the fourth are lost.
            peer.After(TimeSpan.FromMilliseconds(1));
            peer.Sends(Seg.Ack(1, 1).Window(60000).Reporting((1001, 2001))).ExpectsNothing();
            peer.Sends(Seg.Ack(1, 1).Window(60000).Reporting((1001, 3001))).ExpectsNothing();
            peer.Sends(Seg.Ack(1, 1).Window(60000).Reporting((4001, 5001), (1001, 3001))).Expects(Seg.Data(1, 1000, 1)).ExpectsNothing();
            peer.Sends(Seg.Ack(1, 1).Window(60000).Reporting((4001, 6001), (1001, 3001))).Expects(Seg.Data(3001, 1000, 1)).ExpectsNothing();
            peer.Sends(Seg.Ack(1, 1).Window(60000).Reporting((4001, 7001), (1001, 3001))).ExpectsNothing();
            peer.Sends(Seg.Ack(1, 10001).Window(60000)).After(TimeSpan.FromSeconds(5)).ExpectsNothing();
            Assert.AreEqual(2000ul, peer.Stack.Counters[StackCounter.TcpBytesRetransmitted]);
        }
    }

    [TestMethod]
    public void A_window_smaller_than_a_segment_is_filled_but_crumbs_of_it_are_not()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(window: 1000);
        using (peer)
        {
            socket.TrySend(new byte[3000]);
            peer.Expects(Seg.Data(1, 1000, 1)).ExpectsNothing();

            // Less than half of the largest window seen: only the override timer sends it (RFC 9293 §3.8.6.2.1).
            peer.Sends(Seg.Ack(1, 1001).Window(300)).ExpectsNothing().ExpectsAfter(s_rto, Seg.Data(1001, 300, 1));
        }
    }

    [TestMethod]
    public void A_zero_window_is_probed_at_doubling_times_for_as_long_as_the_peer_answers()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(window: 2920);
        using (peer)
        {
            socket.TrySend(new byte[5000]);
            peer.Expects(Seg.Data(1, 1460, 1)).Expects(Seg.Data(1461, 1460, 1)).ExpectsNothing();
            for (int i = 0; i < 30; i++)
            {
                TimeSpan wait = s_rto * Math.Pow(2, i) < TimeSpan.FromSeconds(60) ? s_rto * Math.Pow(2, i) : TimeSpan.FromSeconds(60);
                peer.Sends(Seg.Ack(1, 2921).Window(0)).ExpectsAfter(wait, Seg.Data(2921, 1, 1));
            }

            peer.Sends(Seg.Ack(1, 2921).Window(30000)).Expects(Seg.Data(2921, 1460, 1)).Expects(Seg.Data(4381, 620, 1));
        }
    }

    [TestMethod]
    public void A_reader_that_stops_closes_the_window_and_opens_it_when_it_reads()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            int sequence = 1;
            for (int i = 0; i < 20; i++, sequence += 1460)
            {
                peer.Sends(Seg.Data(sequence, 1460, 1));
            }

            peer.After(TimeSpan.FromSeconds(1));
            Assert.IsTrue(socket.TryReceive(new byte[1460], out _)); // too little to be worth a window update
            byte[] all = new byte[40000];
            Assert.IsTrue(socket.TryReceive(all, out int count));
            Assert.AreEqual((20 * 1460) - 1460, count);
            Assert.AreEqual(ScriptedPeer.PeerByte(1461), all[0]);
        }
    }

    [TestMethod]
    public void An_old_timestamp_is_refused_and_acknowledged()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(ScriptedPeer.Plain with { Timestamps = true }, s => s.Stamped(50));
        using (peer)
        {
            peer.Sends(Seg.Data(1, 10, 1).Stamped(2000)).ExpectsAfter(s_delayedAck, Seg.Ack(1, 11));
            Assert.AreEqual(2000u, peer.LastOptions.TimestampEchoReply);
            peer.Sends(Seg.Data(11, 10, 1).Stamped(1500)).Expects(Seg.Ack(1, 11));
            peer.Sends(Seg.Data(11, 10, 1)).ExpectsNothing(); // agreed, and yet without one
            Assert.IsTrue(socket.TryReceive(new byte[100], out int count));
            Assert.AreEqual(10, count);
        }
    }

    [TestMethod]
    public void A_full_device_loses_nothing()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(syn: s => s.Mss(1000), window: 60000);
        using (peer)
        {
            peer.IsFull = true;
            socket.TrySend(new byte[3000]);
            peer.ExpectsNothing();
            peer.IsFull = false;
            peer.Expects(Seg.Data(1, 1000, 1)).Expects(Seg.Data(1001, 1000, 1)).Expects(Seg.Data(2001, 1000, 1)).ExpectsNothing();
        }
    }

    [TestMethod]
    public void A_send_waits_for_room_and_is_done_when_all_is_buffered()
    {
        (ScriptedPeer peer, TcpSocket socket) =
            ScriptedPeer.Accepted(ScriptedPeer.Plain with { SendBufferSize = 4000 }, s => s.Mss(1000), window: 60000);
        using (peer)
        {
            Task sending = socket.SendAsync(new byte[6000]).AsTask();
            Assert.IsFalse(sending.IsCompleted);
            for (int i = 0; i < 4; i++)
            {
                peer.Expects(Seg.Data(1 + (1000 * i), 1000, 1));
            }

            peer.Sends(Seg.Ack(1, 1001).Window(60000));
            Assert.IsFalse(sending.IsCompleted);
            peer.Sends(Seg.Ack(1, 2001).Window(60000));
            Assert.IsTrue(sending.IsCompletedSuccessfully);
        }
    }

    [TestMethod]
    public void Data_with_the_last_segment_of_the_handshake_is_kept()
    {
        using ScriptedPeer peer = new();
        using TcpListenerSocket listener = peer.Stack.Listen(new System.Net.IPEndPoint(System.Net.IPAddress.Any, 80));
        peer.Sends(Seg.Syn()).Expects(Seg.SynAck()).Sends(Seg.Data(1, 50, 1) with { Flags = TcpFlags.Ack });
        using TcpSocket socket = listener.TryAccept()!;
        Assert.IsTrue(socket.TryReceive(new byte[100], out int count));
        Assert.AreEqual(50, count);
    }
}
