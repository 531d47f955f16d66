using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Tests.Scripts;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Stack.Tests;

/// <summary>Conversations about keep-alive, user timeout, SO_LINGER and giving up (RFC 9293 §3.8.3, §3.8.4, RFC 5482).</summary>
[TestClass]
public sealed class TcpServiceTests
{
    private static readonly TimeSpan s_rto = TimeSpan.FromMilliseconds(200);

    [TestMethod]
    public void Keep_alive_is_off_by_default()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            peer.After(TimeSpan.FromDays(3)).ExpectsNothing();
            Assert.AreEqual(TcpState.Established, socket.State);
        }
    }

    [TestMethod]
    public void Keep_alive_asks_after_two_hours_of_silence_and_gives_up_only_after_many_unanswered_probes()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.KeepAlive = new TcpKeepAlive();
            Task<int> receiving = socket.ReceiveAsync(new byte[10]).AsTask();
            peer.ExpectsAfter(TimeSpan.FromHours(2), Seg.Ack(0, 1)).Sends(Seg.Ack(1, 1));
            peer.ExpectsAfter(TimeSpan.FromHours(2), Seg.Ack(0, 1));
            for (int i = 1; i < 9; i++)
            {
                peer.ExpectsAfter(TimeSpan.FromSeconds(75), Seg.Ack(0, 1));
            }

            Assert.AreEqual(TcpState.Established, socket.State);
            peer.ExpectsAfter(TimeSpan.FromSeconds(75), Seg.RstAck(1, 1));
            Assert.AreEqual(SocketError.TimedOut, TcpScriptTests.ErrorOf(receiving));
            Assert.AreEqual(10ul, peer.Stack.Counters[StackCounter.TcpKeepAlives]);
        }
    }

    [TestMethod]
    public void Keep_alive_is_set_for_one_connection_and_waits_while_segments_come()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.KeepAlive = new TcpKeepAlive { Idle = TimeSpan.FromSeconds(10), Interval = TimeSpan.FromSeconds(1), Probes = 2 };
            peer.After(TimeSpan.FromSeconds(9)).Sends(Seg.Data(1, 10, 1)).ExpectsAfter(TimeSpan.FromMilliseconds(40), Seg.Ack(1, 11));
            peer.After(TimeSpan.FromSeconds(9)).ExpectsNothing().After(TimeSpan.FromSeconds(1)).Expects(Seg.Ack(0, 11));
            socket.KeepAlive = null;
            peer.Sends(Seg.Ack(11, 1)).After(TimeSpan.FromHours(10)).ExpectsNothing();
        }
    }

    [TestMethod]
    public void Keep_alive_leaves_unacknowledged_data_to_its_own_timer()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.KeepAlive = new TcpKeepAlive { Idle = TimeSpan.FromMilliseconds(100), Interval = TimeSpan.FromMilliseconds(100), Probes = 1 };
            socket.TrySend(new byte[10]);
            peer.Expects(Seg.Data(1, 10, 1)).ExpectsAfter(s_rto, Seg.Data(1, 10, 1)).ExpectsAfter(2 * s_rto, Seg.Data(1, 10, 1)).ExpectsNothing();
        }
    }

    [TestMethod]
    public void Settings_may_give_every_connection_keep_alive()
    {
        (ScriptedPeer peer, _) = ScriptedPeer.Accepted(ScriptedPeer.Plain with { KeepAlive = new TcpKeepAlive { Idle = TimeSpan.FromSeconds(5) } });
        using (peer)
        {
            peer.ExpectsAfter(TimeSpan.FromSeconds(5), Seg.Ack(0, 1));
        }
    }

    [TestMethod]
    public void A_user_timeout_ends_a_connection_whose_data_stays_unacknowledged_and_starts_anew_with_progress()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.UserTimeout = TimeSpan.FromSeconds(5);
            peer.Expects(Seg.Ack(1, 1));
            Assert.AreEqual((ushort)5, peer.LastOptions.UserTimeout, "the peer is told (RFC 5482 §3.1)");
            socket.TrySend(new byte[10]);
            peer.After(TimeSpan.FromSeconds(4)).Forget();
            peer.Sends(Seg.Ack(1, 11));
            socket.TrySend(new byte[10]);
            peer.After(TimeSpan.FromSeconds(4.9));
            Assert.AreEqual(TcpState.Established, socket.State);
            peer.After(TimeSpan.FromSeconds(0.2)).Forget();
            Assert.AreEqual(SocketError.TimedOut, Assert.ThrowsExactly<SocketException>(() => socket.TrySend(new byte[1])).SocketErrorCode);
        }
    }

    [TestMethod]
    public void A_user_timeout_spares_a_peer_that_answers_with_a_closed_window_and_not_one_that_is_gone()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(window: 0);
        using (peer)
        {
            socket.UserTimeout = TimeSpan.FromSeconds(5);
            peer.Expects(Seg.Ack(1, 1));
            socket.TrySend(new byte[10]);
            TimeSpan wait = s_rto;
            for (int i = 0; i < 20; i++, wait = wait < TimeSpan.FromSeconds(30) ? 2 * wait : TimeSpan.FromSeconds(60))
            {
                peer.After(wait).Forget();
                peer.Sends(Seg.Ack(1, 1).Window(0));
                Assert.AreEqual(TcpState.Established, socket.State, $"probe {i}");
            }

            peer.After(TimeSpan.FromMinutes(3)).Forget();
            Assert.AreEqual(TcpState.Closed, socket.State);
        }
    }

    [TestMethod]
    public void A_user_timeout_may_be_longer_than_R2()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(ScriptedPeer.Plain with { Retries = 3 });
        using (peer)
        {
            socket.UserTimeout = TimeSpan.FromMinutes(10);
            socket.TrySend(new byte[10]);
            peer.After(TimeSpan.FromMinutes(9)).Forget();
            peer.Sends(Seg.Ack(1, 11)).ExpectsNothing();
            Assert.AreEqual(TcpState.Established, socket.State);
        }
    }

    [TestMethod]
    public void A_user_timeout_set_before_connecting_goes_with_the_SYN_and_one_beyond_nine_hours_in_minutes()
    {
        using ScriptedPeer peer = new();
        TcpSocket socket = peer.Stack.CreateTcpSocket();
        socket.UserTimeout = TimeSpan.FromHours(12);
        Task connecting = socket.ConnectAsync(new IPEndPoint(IPAddress.Parse("192.0.2.2"), peer.Port)).AsTask();
        peer.HostPort = (ushort)socket.LocalEndPoint!.Port;
        peer.Expects(Seg.Syn());
        Assert.AreEqual((ushort)(0x8000 | 720), peer.LastOptions.UserTimeout);
        peer.Sends(Seg.SynAck()).Expects(Seg.Ack(1, 1));
        Assert.IsNull(peer.LastOptions.UserTimeout);
        Assert.IsTrue(connecting.IsCompletedSuccessfully);
        socket.Abort();
        peer.Forget();
    }

    [TestMethod]
    [DataRow(30, 100, DisplayName = "less than L_LIMIT")]
    [DataRow(600, 600, DisplayName = "between the limits")]
    [DataRow(0x8000 | 300, 3600, DisplayName = "five hours, more than U_LIMIT")]
    public void The_peers_user_timeout_counts_within_limits(int option, int seconds)
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(ScriptedPeer.Plain with { Retries = 3 });
        using (peer)
        {
            peer.Sends(Seg.Ack(1, 1) with { UserTimeout = (ushort)option });
            socket.TrySend(new byte[10]);
            peer.After(TimeSpan.FromSeconds(seconds - 1)).Forget();
            Assert.AreEqual(TcpState.Established, socket.State);
            peer.After(TimeSpan.FromSeconds(2)).Forget();
            Assert.AreEqual(TcpState.Closed, socket.State);
        }
    }

    [TestMethod]
    public void The_peers_user_timeout_does_not_change_what_the_application_set()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.UserTimeout = TimeSpan.FromSeconds(5);
            peer.Expects(Seg.Ack(1, 1)).Sends(Seg.Ack(1, 1) with { UserTimeout = 1000 });
            socket.TrySend(new byte[10]);
            peer.After(TimeSpan.FromSeconds(6)).Forget();
            Assert.AreEqual(TcpState.Closed, socket.State);
        }
    }

    [TestMethod]
    public void R1_tells_the_application_and_R2_ends_the_connection_after_100_seconds_or_more()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            Task<int> receiving = socket.ReceiveAsync(new byte[10]).AsTask();
            socket.TrySend(new byte[10]);
            peer.Expects(Seg.Data(1, 10, 1)).ExpectsAfter(s_rto, Seg.Data(1, 10, 1)).ExpectsAfter(2 * s_rto, Seg.Data(1, 10, 1));
            Assert.AreEqual(SocketError.Success, socket.SoftError);
            peer.ExpectsAfter(4 * s_rto, Seg.Data(1, 10, 1));
            Assert.AreEqual(SocketError.TimedOut, socket.SoftError, "R1 is three retransmissions (SHLD-9, SHLD-10)");
            peer.After(TimeSpan.FromSeconds(98)).Forget();
            Assert.AreEqual(TcpState.Established, socket.State, "R2 is 100 s at least (SHLD-11)");
            peer.After(TimeSpan.FromMinutes(10)).Forget();
            Assert.AreEqual(SocketError.TimedOut, TcpScriptTests.ErrorOf(receiving));
        }
    }

    [TestMethod]
    public void What_the_network_complained_about_is_over_when_data_is_acknowledged_again()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.TrySend(new byte[10]);
            peer.Expects(Seg.Data(1, 10, 1)).Complains(3, 1);
            Assert.AreEqual(SocketError.HostUnreachable, socket.SoftError);
            peer.Sends(Seg.Ack(1, 1));
            Assert.AreEqual(SocketError.HostUnreachable, socket.SoftError, "nothing new was acknowledged");
            peer.Sends(Seg.Ack(1, 11));
            Assert.AreEqual(SocketError.Success, socket.SoftError);
        }
    }

    [TestMethod]
    public void Connecting_goes_on_for_three_minutes_at_least()
    {
        using ScriptedPeer peer = new();
        (_, Task connecting) = peer.Connects();
        peer.After(TimeSpan.FromSeconds(180)).Forget();
        Assert.IsFalse(connecting.IsCompleted);
        peer.After(TimeSpan.FromSeconds(10)).ExpectsNothing();
        Assert.AreEqual(SocketError.TimedOut, TcpScriptTests.ErrorOf(connecting));
    }

    [TestMethod]
    public void The_DiffServ_code_point_goes_into_every_packet_as_it_was_given()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(ScriptedPeer.Plain with { TrafficClass = 40 << 2 });
        using (peer)
        {
            Assert.AreEqual(40 << 2, peer.LastTrafficClass, "the SYN-ACK");
            Assert.AreEqual(40, socket.DiffServ);
            socket.TrySend(new byte[10]);
            peer.Expects(Seg.Data(1, 10, 1)).Sends(Seg.Ack(1, 11));
            Assert.AreEqual(40 << 2, peer.LastTrafficClass);
            socket.DiffServ = 46;
            socket.TrySend(new byte[10]);
            peer.Expects(Seg.Data(11, 10, 1));
            Assert.AreEqual(46 << 2, peer.LastTrafficClass);
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => socket.DiffServ = 64);
        }
    }

    [TestMethod]
    public void An_acknowledgement_cannot_be_set_to_be_delayed_for_half_a_second()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ScriptedPeer.Plain with { DelayedAcknowledgement = TimeSpan.FromSeconds(0.5) });
        TimeSpan most = TimeSpan.FromMilliseconds(499);
        (ScriptedPeer peer, _) = ScriptedPeer.Accepted(ScriptedPeer.Plain with { DelayedAcknowledgement = most });
        using (peer)
        {
            peer.Sends(Seg.Data(1, 10, 1)).ExpectsAfter(most, Seg.Ack(1, 11));
        }
    }

    [TestMethod]
    [DataRow(true, DisplayName = "with time stamps")]
    [DataRow(false, DisplayName = "without")]
    public void A_port_in_TIME_WAIT_is_used_again_when_time_stamps_tell_the_connections_apart(bool timestamps)
    {
        using ScriptedPeer peer = new(ScriptedPeer.Plain with { Timestamps = timestamps });
        (TcpSocket first, _) = peer.Connects();
        int port = first.LocalEndPoint!.Port;
        Seg With(Seg seg) => timestamps ? seg.Stamped(100, peer.LastOptions.TimestampValue) : seg;
        peer.Expects(Seg.Syn()).Sends(With(Seg.SynAck())).Expects(Seg.Ack(1, 1));
        first.Dispose();
        peer.Expects(Seg.Fin(1, 1)).Sends(With(Seg.Fin(1, 2))).Expects(Seg.Ack(2, 2));
        uint old = peer.HostIss;
        Assert.AreEqual(SocketError.AddressAlreadyInUse, Again(), "a second must have passed, so that the time stamp has moved on");
        peer.After(TimeSpan.FromSeconds(1));
        Assert.AreEqual(timestamps ? SocketError.Success : SocketError.AddressAlreadyInUse, Again());
        if (timestamps)
        {
            peer.ForgetConnection();
            peer.Expects(Seg.Syn());
            Assert.IsGreaterThan(2, (int)(peer.HostIss - old), "beyond what the old connection had used");
        }

        SocketError Again()
        {
            TcpSocket second = peer.Stack.CreateTcpSocket();
            second.Bind(new IPEndPoint(IPAddress.Any, port));
            try
            {
                _ = second.ConnectAsync(new IPEndPoint(IPAddress.Parse("192.0.2.2"), peer.Port)).AsTask();
                return SocketError.Success;
            }
            catch (SocketException e)
            {
                return e.SocketErrorCode;
            }
        }
    }

    [TestMethod]
    public void Linger_of_zero_resets_at_once()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.TrySend(new byte[10]);
            peer.Expects(Seg.Data(1, 10, 1));
            socket.Dispose();
            peer.Expects(Seg.RstAck(11, 1)).ExpectsNothing();
            Assert.AreEqual(0, peer.Stack.Tcp.ConnectionCount);
        }
    }

    [TestMethod]
    public void Linger_gives_the_data_so_much_time_and_then_resets()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.LingerState = new LingerOption(true, 3);
            socket.TrySend(new byte[10]);
            Task closing = socket.CloseAsync().AsTask();
            peer.After(TimeSpan.FromSeconds(2.9)).Forget();
            Assert.IsFalse(closing.IsCompleted);
            peer.After(TimeSpan.FromSeconds(0.1)).Expects(Seg.RstAck(12, 1));
            Assert.AreEqual(SocketError.TimedOut, TcpScriptTests.ErrorOf(closing));
        }
    }

    [TestMethod]
    public void Linger_that_is_in_time_closes_in_order()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.LingerState = new LingerOption(true, 3);
            socket.TrySend(new byte[10]);
            socket.Dispose();
            peer.Expects(Seg.Data(1, 10, 1) with { Flags = TcpFlags.Ack }).Expects(Seg.Fin(11, 1)).Sends(Seg.Ack(1, 12));
            peer.After(TimeSpan.FromSeconds(10)).ExpectsNothing().Sends(Seg.Fin(1, 12)).Expects(Seg.Ack(12, 2));
        }
    }
}
