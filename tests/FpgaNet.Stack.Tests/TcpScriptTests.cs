using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Tests.Scripts;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Stack.Tests;

/// <summary>Conversations about opening, closing and resetting (RFC 9293 §3.5, §3.6, §3.10; RFC 5961).</summary>
[TestClass]
public sealed class TcpScriptTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [TestMethod]
    public void Passive_open_negotiates_options()
    {
        TcpSettings all = ScriptedPeer.Plain with { Timestamps = true, SelectiveAcknowledgements = true, WindowScaling = true, ReceiveBufferSize = 1 << 20 };
        using ScriptedPeer peer = new(all);
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        peer.Sends(Seg.Syn().Scaled(7).WithSack().Stamped(55)).Expects(Seg.SynAck());
        Assert.IsTrue(peer.LastOptions.SackPermitted);
        Assert.AreEqual((byte)5, peer.LastOptions.WindowScale);
        Assert.AreEqual(55u, peer.LastOptions.TimestampEchoReply);
        peer.Sends(Seg.Ack(1, 1).Stamped(56, peer.LastOptions.TimestampValue)).ExpectsNothing();
        using TcpSocket socket = listener.TryAccept()!;
        Assert.AreEqual(TcpState.Established, socket.State);
        Assert.AreEqual(ScriptedPeer.PeerPort, socket.RemoteEndPoint!.Port);
    }

    [TestMethod]
    public void Passive_open_offers_no_option_that_the_peer_did_not_offer()
    {
        TcpSettings all = ScriptedPeer.Plain with { Timestamps = true, SelectiveAcknowledgements = true, WindowScaling = true };
        using ScriptedPeer peer = new(all);
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        peer.Sends(Seg.Syn()).Expects(Seg.SynAck());
        Assert.IsFalse(peer.LastOptions.SackPermitted || peer.LastOptions.HasTimestamps || peer.LastOptions.WindowScale.HasValue);
    }

    [TestMethod]
    public void Active_open_connects()
    {
        using ScriptedPeer peer = new();
        (TcpSocket socket, Task connecting) = peer.Connects();
        peer.Expects(Seg.Syn()).Sends(Seg.SynAck()).Expects(Seg.Ack(1, 1)).ExpectsNothing();
        Assert.IsTrue(connecting.IsCompletedSuccessfully);
        Assert.AreEqual(TcpState.Established, socket.State);
        socket.Abort();
        peer.Expects(Seg.RstAck(1, 1));
    }

    [TestMethod]
    public void A_SYN_is_sent_again_with_doubled_timeouts_until_connecting_fails()
    {
        using ScriptedPeer peer = new(ScriptedPeer.Plain with { SynRetries = 3 });
        (TcpSocket socket, Task connecting) = peer.Connects();
        peer.Expects(Seg.Syn()).ExpectsAfter(s_second, Seg.Syn()).ExpectsAfter(2 * s_second, Seg.Syn()).ExpectsAfter(4 * s_second, Seg.Syn());
        peer.After(8 * s_second).ExpectsNothing();
        Assert.AreEqual(SocketError.TimedOut, ErrorOf(connecting));
        Assert.AreEqual(TcpState.Closed, socket.State);
    }

    [TestMethod]
    public void A_reset_refuses_a_connection_only_when_it_acknowledges_the_SYN()
    {
        using ScriptedPeer peer = new();
        (_, Task connecting) = peer.Connects();
        peer.Expects(Seg.Syn()).Sends(Seg.RstAck(0, 5)).ExpectsNothing();
        Assert.IsFalse(connecting.IsCompleted);
        peer.Sends(Seg.RstAck(0, 1));
        Assert.AreEqual(SocketError.ConnectionRefused, ErrorOf(connecting));
    }

    [TestMethod]
    public void A_wrong_acknowledgement_while_connecting_is_answered_with_a_reset()
    {
        using ScriptedPeer peer = new();
        (_, Task connecting) = peer.Connects();
        peer.Expects(Seg.Syn()).Sends(Seg.Ack(0, 9)).Expects(Seg.Rst(9));
        Assert.IsFalse(connecting.IsCompleted);
    }

    [TestMethod]
    public void Simultaneous_open_connects()
    {
        using ScriptedPeer peer = new();
        (TcpSocket socket, Task connecting) = peer.Connects();
        peer.Expects(Seg.Syn()).Sends(Seg.Syn()).Expects(Seg.SynAck());
        Assert.AreEqual(TcpState.SynReceived, socket.State);
        peer.Sends(Seg.Ack(1, 1)).ExpectsNothing();
        Assert.IsTrue(connecting.IsCompletedSuccessfully);
        Assert.AreEqual(TcpState.Established, socket.State);
    }

    [TestMethod]
    public void A_SYN_ACK_is_sent_again_until_the_handshake_is_given_up()
    {
        using ScriptedPeer peer = new(ScriptedPeer.Plain with { SynRetries = 2 });
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        peer.Sends(Seg.Syn()).Expects(Seg.SynAck()).ExpectsAfter(s_second, Seg.SynAck()).ExpectsAfter(2 * s_second, Seg.SynAck());
        peer.After(4 * s_second).ExpectsNothing();
        Assert.AreEqual(0, peer.Stack.Tcp.ConnectionCount);
        Assert.IsNull(listener.TryAccept());
    }

    [TestMethod]
    public void A_SYN_that_comes_again_gets_the_same_answer()
    {
        using ScriptedPeer peer = new();
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        peer.Sends(Seg.Syn()).Expects(Seg.SynAck()).Sends(Seg.Syn()).Expects(Seg.SynAck()).ExpectsNothing();
        Assert.AreEqual(1, peer.Stack.Tcp.HalfOpenCount);
    }

    [TestMethod]
    public void A_closed_port_refuses()
    {
        using ScriptedPeer peer = new();
        peer.Sends(Seg.Syn()).Expects(Seg.RstAck(0, 1) with { Sequence = 0, IsAbsolute = true });
        peer.Sends(Seg.Rst(1)).ExpectsNothing();
        peer.Sends(Seg.Data(1, 10, 77)).Expects(Seg.Rst(77));
    }

    [TestMethod]
    public void Backlog_and_half_open_connections_are_bounded()
    {
        using ScriptedPeer peer = new(ScriptedPeer.Plain with { HalfOpenConnections = 4, SynCookies = SynCookieUse.Never });
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80), backlog: 2);
        for (ushort i = 0; i < 100; i++)
        {
            peer.Port = (ushort)(6000 + i);
            peer.Sends(Seg.Syn());
            Assert.AreEqual(Math.Min(i + 1, 4), peer.Stack.Tcp.HalfOpenCount);
        }

        Assert.AreEqual(96ul, peer.Stack.Counters[StackCounter.TcpListenDropped]);
    }

    [TestMethod]
    public void A_full_backlog_drops_the_last_acknowledgement_and_the_connection_comes_later()
    {
        using ScriptedPeer peer = new();
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80), backlog: 1);
        peer.Sends(Seg.Syn()).Expects(Seg.SynAck());
        ushort first = peer.Port;
        peer.Sends(Seg.Ack(1, 1)).ExpectsNothing();
        Assert.AreEqual(1, peer.Stack.Tcp.ConnectionCount);
        peer.Port = 5001;
        peer.Sends(Seg.Syn()).ExpectsNothing();
        Assert.AreEqual(1ul, peer.Stack.Counters[StackCounter.TcpListenDropped]);
        using TcpSocket accepted = listener.TryAccept()!;
        Assert.AreEqual(first, accepted.RemoteEndPoint!.Port);
    }

    [TestMethod]
    public void Active_close_goes_through_FIN_WAIT_and_TIME_WAIT()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.Shutdown(SocketShutdown.Send);
            peer.Expects(Seg.Fin(1, 1));
            Assert.AreEqual(TcpState.FinWait1, socket.State);
            peer.Sends(Seg.Ack(1, 2)).ExpectsNothing();
            Assert.AreEqual(TcpState.FinWait2, socket.State);
            peer.Sends(Seg.Fin(1, 2)).Expects(Seg.Ack(2, 2));
            Assert.AreEqual(TcpState.TimeWait, socket.State);

            // The peer's FIN comes again: acknowledged, and the time begins anew.
            peer.After(TimeSpan.FromSeconds(50)).Sends(Seg.Fin(1, 2)).Expects(Seg.Ack(2, 2));
            peer.After(TimeSpan.FromSeconds(59));
            Assert.AreEqual(TcpState.TimeWait, socket.State);
            peer.After(TimeSpan.FromSeconds(1)).ExpectsNothing();
            Assert.AreEqual(TcpState.Closed, socket.State);
            Assert.IsTrue(socket.TryReceive(new byte[1], out int count));
            Assert.AreEqual(0, count);
        }
    }

    [TestMethod]
    public void FIN_with_the_acknowledgement_of_ours_goes_straight_to_TIME_WAIT()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.Dispose();
            peer.Expects(Seg.Fin(1, 1)).Sends(Seg.Fin(1, 2)).Expects(Seg.Ack(2, 2));
            Assert.AreEqual(TcpState.TimeWait, socket.State);
        }
    }

    [TestMethod]
    public void Passive_close_goes_through_CLOSE_WAIT_and_LAST_ACK()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            peer.Sends(Seg.Fin(1, 1)).Expects(Seg.Ack(1, 2));
            Assert.AreEqual(TcpState.CloseWait, socket.State);
            Assert.AreEqual(100, socket.TrySend(new byte[100]));
            peer.Expects(Seg.Data(1, 100, 2)).Sends(Seg.Ack(2, 101));
            socket.Shutdown(SocketShutdown.Send);
            peer.Expects(Seg.Fin(101, 2));
            Assert.AreEqual(TcpState.LastAck, socket.State);
            peer.Sends(Seg.Ack(2, 102)).ExpectsNothing();
            Assert.AreEqual(TcpState.Closed, socket.State);
            Assert.AreEqual(0, peer.Stack.Tcp.ConnectionCount);
        }
    }

    [TestMethod]
    public void Simultaneous_close_goes_through_CLOSING()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.Shutdown(SocketShutdown.Send);
            peer.Expects(Seg.Fin(1, 1)).Sends(Seg.Fin(1, 1)).Expects(Seg.Ack(2, 2));
            Assert.AreEqual(TcpState.Closing, socket.State);
            peer.Sends(Seg.Ack(2, 2)).ExpectsNothing();
            Assert.AreEqual(TcpState.TimeWait, socket.State);
        }
    }

    [TestMethod]
    public void A_FIN_is_sent_again_when_it_is_lost()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.Shutdown(SocketShutdown.Send);
            peer.Expects(Seg.Fin(1, 1)).ExpectsAfter(TimeSpan.FromMilliseconds(200), Seg.Fin(1, 1)).ExpectsAfter(TimeSpan.FromMilliseconds(400), Seg.Fin(1, 1));
            peer.Sends(Seg.Ack(1, 2)).After(s_second).ExpectsNothing();
            Assert.AreEqual(TcpState.FinWait2, socket.State);
        }
    }

    [TestMethod]
    public void Data_still_arrives_after_we_closed_our_direction()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.Shutdown(SocketShutdown.Send);
            peer.Expects(Seg.Fin(1, 1)).Sends(Seg.Ack(1, 2)).Sends(Seg.Data(1, 1000, 2));
            byte[] buffer = new byte[2000];
            Assert.IsTrue(socket.TryReceive(buffer, out int count));
            Assert.AreEqual(1000, count);
            Assert.AreEqual(ScriptedPeer.PeerByte(1000), buffer[999]);
        }
    }

    [TestMethod]
    public void A_FIN_behind_a_hole_counts_once_the_hole_is_filled()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            peer.Sends(Seg.Data(101, 100, 1) with { Flags = TcpFlags.Ack | TcpFlags.Fin }).Expects(Seg.Ack(1, 1));
            Assert.AreEqual(TcpState.Established, socket.State);
            peer.Sends(Seg.Data(1, 100, 1)).Expects(Seg.Ack(1, 202));
            Assert.AreEqual(TcpState.CloseWait, socket.State);
        }
    }

    [TestMethod]
    public void Closing_with_unread_data_resets()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            peer.Sends(Seg.Data(1, 100, 1));
            socket.Dispose();
            peer.Expects(Seg.RstAck(1, 101)).ExpectsNothing();
            Assert.AreEqual(0, peer.Stack.Tcp.ConnectionCount);
        }
    }

    [TestMethod]
    public void Data_for_a_closed_socket_resets()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.Dispose();
            peer.Expects(Seg.Fin(1, 1)).Sends(Seg.Data(1, 10, 2)).Expects(Seg.RstAck(2, 1));
            Assert.AreEqual(0, peer.Stack.Tcp.ConnectionCount);
        }
    }

    [TestMethod]
    public void A_closed_socket_does_not_wait_for_the_peers_FIN_for_ever()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.Dispose();
            peer.Expects(Seg.Fin(1, 1)).Sends(Seg.Ack(1, 2)).After(TimeSpan.FromSeconds(60)).ExpectsNothing();
            Assert.AreEqual(0, peer.Stack.Tcp.ConnectionCount);
        }
    }

    [TestMethod]
    public void A_reset_at_exactly_the_next_byte_is_believed()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            Task<int> receiving = socket.ReceiveAsync(new byte[10]).AsTask();
            peer.Sends(Seg.Rst(1)).ExpectsNothing();
            Assert.AreEqual(SocketError.ConnectionReset, ErrorOf(receiving));
            Assert.AreEqual(SocketError.ConnectionReset, Assert.ThrowsExactly<SocketException>(() => socket.TrySend(new byte[1])).SocketErrorCode);
        }
    }

    [TestMethod]
    public void A_reset_elsewhere_in_the_window_is_challenged_and_one_outside_ignored()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            peer.Sends(Seg.Rst(100)).Expects(Seg.Ack(1, 1)).Sends(Seg.Rst(40000)).ExpectsNothing();
            peer.Sends(Seg.Rst(-5)).ExpectsNothing();
            Assert.AreEqual(TcpState.Established, socket.State);
            Assert.AreEqual(1ul, peer.Stack.Counters[StackCounter.TcpChallengeAcks]);
        }
    }

    [TestMethod]
    public void A_SYN_in_a_connection_is_challenged_and_challenges_are_limited()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            for (int i = 0; i < 10; i++)
            {
                peer.Sends(Seg.Syn(50 * i)).Expects(Seg.Ack(1, 1));
            }

            peer.Sends(Seg.Syn(77)).ExpectsNothing().After(s_second).Sends(Seg.Syn(77)).Expects(Seg.Ack(1, 1));
            Assert.AreEqual(TcpState.Established, socket.State);
        }
    }

    [TestMethod]
    public void An_acknowledgement_of_what_was_never_sent_is_answered_and_one_far_too_old_challenged()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            peer.Sends(Seg.Ack(1, 2)).Expects(Seg.Ack(1, 1)).Sends(Seg.Ack(1, -40000)).Expects(Seg.Ack(1, 1)).ExpectsNothing();
            Assert.AreEqual(TcpState.Established, socket.State);
        }
    }

    [TestMethod]
    public void A_new_SYN_in_TIME_WAIT_opens_a_new_connection()
    {
        using ScriptedPeer peer = new();
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        peer.Sends(Seg.Syn()).Expects(Seg.SynAck()).Sends(Seg.Ack(1, 1));
        TcpSocket socket = listener.TryAccept()!;
        socket.Dispose();
        peer.Expects(Seg.Fin(1, 1)).Sends(Seg.Fin(1, 2)).Expects(Seg.Ack(2, 2));
        peer.Sends(Seg.Syn(500)).Expects(Seg.SynAck(0, 501) with { Sequence = null });
    }

    [TestMethod]
    public void A_dead_device_ends_everything_with_NetworkDown()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            Task<int> receiving = socket.ReceiveAsync(new byte[10]).AsTask();
            ((FpgaNet.Simulation.VirtualDevice)peer.Stack.Device).State = FpgaNet.Packets.Devices.DeviceState.Failed;
            peer.ExpectsNothing();
            Assert.AreEqual(SocketError.NetworkDown, ErrorOf(receiving));
        }
    }

    [TestMethod]
    public void Cancelling_a_receive_loses_nothing()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        using (CancellationTokenSource source = new())
        {
            Task<int> receiving = socket.ReceiveAsync(new byte[10], source.Token).AsTask();
            source.Cancel();
            Assert.IsTrue(receiving.IsCanceled);
            peer.Sends(Seg.Data(1, 5, 1));
            Assert.IsTrue(socket.TryReceive(new byte[10], out int count));
            Assert.AreEqual(5, count);
        }
    }

    internal static SocketError ErrorOf(Task task)
    {
        Assert.IsTrue(task.IsFaulted, $"the call is {task.Status}");
        return ((SocketException)task.Exception!.InnerException!).SocketErrorCode;
    }
}
