using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Tests.Scripts;

namespace FpgaNet.Stack.Tests;

/// <summary>Faults that runs by seed have found, each cut down to what brings it about.</summary>
[TestClass]
public sealed class FoundBySoakTests
{
    [TestMethod]
    public void What_is_sent_into_a_small_window_after_waiting_is_sent_again_when_it_is_lost()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(window: 1460);
        using (peer)
        {
            socket.TrySend(new byte[3000]);
            peer.Expects(Seg.Data(1, 1460, 1));
            peer.Sends(Seg.Ack(1, 1461).Window(400)).ExpectsNothing(); // too little to be worth a segment
            peer.After(TimeSpan.FromSeconds(1)).Expects(Seg.Data(1461, 400, 1)); // RFC 9293 §3.8.6.2.1: but not for ever
            peer.After(TimeSpan.FromSeconds(5)).Expects(Seg.Data(1461, 400, 1));
            socket.Abort();
        }
    }

    [TestMethod]
    public void Data_out_of_order_does_not_take_the_last_buffers_from_the_device()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            VirtualDevice device = (VirtualDevice)peer.Stack.Device;
            for (int i = 1; i < 100; i++)
            {
                peer.Sends(Seg.Data(1 + (i * 10), 10, 1)).Forget();
            }

            Assert.AreEqual(0, device.Overruns);
            Assert.IsGreaterThan(device.Pool.BufferCount / 5, device.Pool.Available);
            for (int i = 0; i < 100; i++)
            {
                peer.Sends(Seg.Data(1 + (i * 10), 10, 1)).Forget();
            }

            byte[] received = new byte[1000];
            int count = 0;
            while (count < received.Length && socket.TryReceive(received.AsSpan(count), out int part))
            {
                count += part;
            }

            Assert.AreEqual(1000, count);
            socket.Abort();
        }
    }

    [TestMethod]
    [DataRow(TcpFlags.Fin, 0)]
    [DataRow(TcpFlags.Ack, 1 << 30)]
    public void A_time_stamp_in_a_segment_with_no_acceptable_acknowledgement_does_not_make_the_peers_segments_old(TcpFlags flags, int ack)
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(ScriptedPeer.Plain with { Timestamps = true }, syn => syn.Stamped(50));
        using (peer)
        {
            peer.Sends((Seg.Data(1, 10, ack) with { Flags = flags }).Stamped(1_000_000)).Forget();
            peer.Sends(peer.Answering(Seg.Data(1, 10, 1)));
            Assert.IsTrue(socket.TryReceive(new byte[100], out int count));
            Assert.AreEqual(10, count);
            socket.Abort();
        }
    }

    [TestMethod]
    public void A_scaled_window_is_not_rounded_up_beyond_the_buffer_byte_after_byte()
    {
        const int Buffer = 131_072; // so that the window is scaled
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(
            ScriptedPeer.Plain with { WindowScaling = true, ReceiveBufferSize = Buffer }, syn => syn.Scaled(0));
        using (peer)
        {
            int at = 1;
            for (; at + 1460 < Buffer - 1000; at += 1460)
            {
                peer.Sends(Seg.Data(at, 1460, 1)).Forget();
            }

            peer.Sends(Seg.Data(at, Buffer - 10 - at, 1)).Forget();
            for (at = Buffer - 10; at < Buffer + 100; at++)
            {
                peer.Sends(Seg.Data(at, 1, 1)).After(TimeSpan.FromMilliseconds(50)).Forget(); // each is acknowledged
            }

            byte[] received = new byte[2 * Buffer];
            Assert.IsTrue(socket.TryReceive(received, out int count));
            Assert.AreEqual(Buffer, count);
            socket.Abort();
        }
    }
}
