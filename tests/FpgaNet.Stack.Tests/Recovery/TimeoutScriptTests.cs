using System.Net;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Tests.Scripts;
using FpgaNet.Stack.Transport.Tcp.Congestion;

namespace FpgaNet.Stack.Tests.Recovery;

/// <summary>Timeouts that were real and timeouts that were not: F-RTO (RFC 5682), and the timer itself (RFC 6298).</summary>
[TestClass]
public sealed class TimeoutScriptTests
{
    private static readonly TimeSpan s_roundTrip = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_timeout = 3 * s_roundTrip; // SRTT + 4 · SRTT/2, after the handshake's measurement

    [TestMethod]
    public void Originals_that_arrive_after_a_timeout_prove_it_spurious_and_nothing_more_is_sent_again()
    {
        (ScriptedPeer peer, TcpSocket socket) = Open();
        using (peer)
        {
            TimeOut(peer, socket);
            int before = socket.GetStatistics().CongestionWindow;
            Assert.AreEqual(1000, before);

            // Step 2 (b): new data, not what is taken to be lost; step 3 (b): and more originals arrive.
            peer.Sends(Ack(1001)).Expects(Seg.Data(10001, 1000, 1)).Expects(Seg.Data(11001, 1000, 1)).ExpectsNothing();
            peer.Sends(Ack(3001)).Expects(Seg.Data(12001, 1000, 1)).Expects(Seg.Data(13001, 1000, 1));
            Assert.IsGreaterThanOrEqualTo(10_000, socket.GetStatistics().CongestionWindow);
            Assert.AreEqual(1ul, peer.Stack.Counters[StackCounter.TcpSpuriousRecoveries]);
            peer.Forget();
            Assert.AreEqual(1000ul, peer.Stack.Counters[StackCounter.TcpBytesRetransmitted]);
        }
    }

    [TestMethod]
    public void A_duplicate_after_the_new_data_proves_the_timeout_real()
    {
        (ScriptedPeer peer, TcpSocket socket) = Open();
        using (peer)
        {
            TimeOut(peer, socket);
            peer.Sends(Ack(1001)).Expects(Seg.Data(10001, 1000, 1)).Expects(Seg.Data(11001, 1000, 1)).ExpectsNothing();
            peer.Sends(Ack(1001)).Expects(Seg.Data(1001, 1000, 1)).ExpectsNothing();
            peer.Sends(Ack(1001)).Expects(Seg.Data(2001, 1000, 1)).ExpectsNothing();
            Assert.AreEqual(0ul, peer.Stack.Counters[StackCounter.TcpSpuriousRecoveries]);
        }
    }

    [TestMethod]
    public void A_duplicate_before_anything_new_is_acknowledged_proves_it_real_too()
    {
        (ScriptedPeer peer, TcpSocket socket) = Open();
        using (peer)
        {
            TimeOut(peer, socket);
            peer.Sends(Ack(1)).ExpectsNothing();
            peer.Sends(Ack(1001)).Expects(Seg.Data(1001, 1000, 1)).Expects(Seg.Data(2001, 1000, 1)).ExpectsNothing();
        }
    }

    [TestMethod]
    public void Without_new_data_everything_lost_goes_again_in_slow_start()
    {
        (ScriptedPeer peer, TcpSocket socket) = Open();
        using (peer)
        {
            socket.TrySend(new byte[5000]);
            peer.Forget();
            peer.After(s_timeout).Expects(Seg.Data(1, 1000, 1)).ExpectsNothing();
            peer.Sends(Ack(1001)).Expects(Seg.Data(1001, 1000, 1)).Expects(Seg.Data(2001, 1000, 1)).ExpectsNothing();
        }
    }

    [TestMethod]
    public void With_reports_an_original_that_is_reported_after_the_timeout_proves_it_spurious()
    {
        (ScriptedPeer peer, TcpSocket socket) = Open(sack: true);
        using (peer)
        {
            socket.TrySend(new byte[20000]);
            peer.Forget();
            peer.ExpectsAfter(2 * s_roundTrip, Seg.Data(10001, 1000, 1)); // the probe, of something new
            peer.ExpectsAfter(s_timeout, Seg.Data(1, 1000, 1)).ExpectsNothing();
            peer.Sends(Ack(1).Reporting((1001, 2001)));
            Assert.AreEqual(1ul, peer.Stack.Counters[StackCounter.TcpSpuriousRecoveries]);
            Assert.IsGreaterThanOrEqualTo(10_000, socket.GetStatistics().CongestionWindow);
        }
    }

    [TestMethod]
    public void The_timer_runs_from_the_latest_transmission_of_the_oldest_segment()
    {
        (ScriptedPeer peer, TcpSocket socket) = Open();
        using (peer)
        {
            socket.TrySend(new byte[5000]);
            peer.Forget();
            peer.After(TimeSpan.FromMilliseconds(250)).Sends(Ack(1)).Sends(Ack(1)).Sends(Ack(1)).Expects(Seg.Data(1, 1000, 1)).ExpectsNothing();
            peer.ExpectsAfter(s_timeout, Seg.Data(1, 1000, 1));
            Assert.AreEqual(1ul, peer.Stack.Counters[StackCounter.TcpTimeouts]);
        }
    }

    [TestMethod]
    public void A_peer_that_shrinks_its_window_to_nothing_still_gets_what_it_lacks()
    {
        (ScriptedPeer peer, TcpSocket socket) = Open();
        using (peer)
        {
            socket.TrySend(new byte[3000]);
            peer.Forget();
            peer.After(s_roundTrip).Sends(Seg.Ack(1, 1001).Window(0));
            peer.After(TimeSpan.FromSeconds(1)).Expects(Seg.Data(1001, 1000, 1)).Forget();
            peer.Sends(Seg.Ack(1, 1001).Window(60000)).After(TimeSpan.FromSeconds(2)).Expects(Seg.Data(1001, 1000, 1));
        }
    }

    private static void TimeOut(ScriptedPeer peer, TcpSocket socket)
    {
        socket.TrySend(new byte[20000]);
        for (int i = 0; i < 10; i++)
        {
            peer.Expects(Seg.Data(1 + (1000 * i), 1000, 1));
        }

        peer.ExpectsAfter(s_timeout, Seg.Data(1, 1000, 1)).ExpectsNothing();
    }

    private static (ScriptedPeer Peer, TcpSocket Socket) Open(bool sack = false)
    {
        ScriptedPeer peer = new(ScriptedPeer.Plain with { SelectiveAcknowledgements = sack, CongestionControl = static () => new NewReno() });
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        Seg syn = Seg.Syn().Mss(1000).Window(60000);
        peer.Sends(sack ? syn.WithSack() : syn).Expects(Seg.SynAck() with { MaximumSegment = null });
        peer.After(s_roundTrip).Sends(Ack(1));
        return (peer, listener.TryAccept() ?? throw new AssertFailedException("nothing to accept"));
    }

    private static Seg Ack(int ack) => Seg.Ack(1, ack).Window(60000);
}
