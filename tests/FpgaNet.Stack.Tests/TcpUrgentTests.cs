using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Tests.Scripts;

namespace FpgaNet.Stack.Tests;

/// <summary>Conversations about urgent data (RFC 9293 §3.8.5, RFC 6093).</summary>
[TestClass]
public sealed class TcpUrgentTests
{
    private const TcpFlags Urgent = TcpFlags.Ack | TcpFlags.Urg;

    [TestMethod]
    public void The_pointer_tells_the_byte_behind_the_urgent_ones_until_they_are_acknowledged()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(syn: s => s.Mss(1000), window: 60000);
        using (peer)
        {
            socket.TrySend(new byte[10]);
            peer.Expects(Seg.Data(1, 10, 1));
            Assert.AreEqual(2500, socket.TrySendUrgent(new byte[2500]));
            peer.Expects(Seg.Data(11, 1000, 1) with { Flags = Urgent, Urgent = 2500 });
            peer.Expects(Seg.Data(1011, 1000, 1) with { Flags = Urgent, Urgent = 1500 });
            peer.Expects(Seg.Data(2011, 500, 1) with { Flags = Urgent, Urgent = 500 });
            socket.TrySend(new byte[1000]);
            peer.Expects(Seg.Data(2511, 1000, 1)).Sends(Seg.Ack(1, 3511).Window(60000));
            socket.TrySend(new byte[1000]);
            peer.Expects(Seg.Data(3511, 1000, 1));
        }
    }

    [TestMethod]
    public void A_pointer_that_reaches_further_than_its_field_says_as_much_as_it_can()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(ScriptedPeer.Plain with { SendBufferSize = 100_000 }, s => s.Mss(1000), window: 2000);
        using (peer)
        {
            Assert.AreEqual(70_000, socket.TrySendUrgent(new byte[70_000]));
            peer.Expects(Seg.Data(1, 1000, 1) with { Flags = Urgent, Urgent = 65535 });
        }
    }

    [TestMethod]
    public void Urgent_data_is_announced_even_to_a_closed_window()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(window: 0);
        using (peer)
        {
            socket.TrySendUrgent(new byte[3]);
            peer.Expects(Seg.Ack(1, 1) with { Flags = Urgent, Urgent = 3 });
        }
    }

    [TestMethod]
    public async Task The_application_is_told_at_once_and_learns_how_much_is_urgent()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            Task<int> waiting = socket.WaitForUrgentAsync().AsTask();
            peer.Sends(Seg.Data(1, 10, 1));
            Assert.IsFalse(waiting.IsCompleted);

            // Announced before it comes: pointer 40 at 11 means the bytes up to 50.
            peer.Sends(Seg.Ack(11, 1) with { Flags = Urgent, Urgent = 40 });
            Assert.AreEqual(50, await waiting);
            peer.Sends(Seg.Data(11, 50, 1));
            byte[] buffer = new byte[100];
            Assert.IsTrue(socket.TryReceive(buffer, out int count));
            Assert.AreEqual(49, count, "a receive ends before the mark");
            Assert.IsTrue(socket.IsAtMark);
            Assert.AreEqual(1, socket.UrgentBytes);
            Assert.IsTrue(socket.TryReceive(buffer, out count));
            Assert.AreEqual(11, count);
            Assert.AreEqual(ScriptedPeer.PeerByte(50), buffer[0], "the urgent byte stays in the stream");
            Assert.IsFalse(socket.IsAtMark);
            Assert.AreEqual(0, socket.UrgentBytes);
        }
    }

    [TestMethod]
    public void A_closed_receive_window_does_not_hide_an_urgent_pointer_or_a_reset()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(ScriptedPeer.Plain with { ReceiveBufferSize = 2000 });
        using (peer)
        {
            peer.Sends(Seg.Data(1, 1000, 1)).Sends(Seg.Data(1001, 1000, 1)).After(TimeSpan.FromMilliseconds(40)).Forget();
            peer.Sends(Seg.Data(2001, 1, 1) with { Flags = Urgent, Urgent = 1 }).Expects(Seg.Ack(1, 2001).Window(0));
            Assert.AreEqual(2001, socket.UrgentBytes);
            peer.Sends(Seg.Rst(2001));
            Assert.AreEqual(Transport.Tcp.TcpState.Closed, socket.State);
        }
    }

    [TestMethod]
    [DataRow(false, DisplayName = "taken before its place is reached")]
    [DataRow(true, DisplayName = "taken after its place was passed")]
    public void Out_of_band_the_byte_is_taken_out_of_the_stream(bool later)
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.UrgentInline = false;
            Assert.IsFalse(socket.TryReceiveUrgent(out _));
            peer.Sends(Seg.Data(1, 20, 1) with { Flags = Urgent, Urgent = 10 });
            byte value;
            if (!later)
            {
                Assert.IsTrue(socket.TryReceiveUrgent(out value));
                Assert.AreEqual(ScriptedPeer.PeerByte(10), value);
                Assert.IsFalse(socket.TryReceiveUrgent(out _), "only once");
            }

            byte[] buffer = new byte[30];
            Assert.IsTrue(socket.TryReceive(buffer, out int count));
            Assert.AreEqual(9, count);
            Assert.IsTrue(socket.TryReceive(buffer, out count));
            Assert.AreEqual(10, count);
            Assert.AreEqual(ScriptedPeer.PeerByte(11), buffer[0]);
            if (later)
            {
                Assert.IsTrue(socket.TryReceiveUrgent(out value));
                Assert.AreEqual(ScriptedPeer.PeerByte(10), value);
            }

            Assert.IsFalse(socket.TryReceiveUrgent(out _));
        }
    }

    [TestMethod]
    public void An_urgent_byte_alone_that_is_taken_out_of_the_stream_is_not_its_end()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.UrgentInline = false;
            Task<int> receiving = socket.ReceiveAsync(new byte[10]).AsTask();
            peer.Sends(Seg.Data(1, 1, 1) with { Flags = Urgent, Urgent = 1 });
            Assert.IsFalse(receiving.IsCompleted);
            Assert.IsTrue(socket.TryReceiveUrgent(out byte value));
            Assert.AreEqual(ScriptedPeer.PeerByte(1), value);
            peer.Sends(Seg.Data(2, 3, 1));
            Assert.AreEqual(3, receiving.Result);
        }
    }

    [TestMethod]
    public void A_later_pointer_moves_the_mark_and_an_earlier_one_does_not()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            peer.Sends(Seg.Ack(1, 1) with { Flags = Urgent, Urgent = 40 });
            Assert.AreEqual(40, socket.UrgentBytes);
            peer.Sends(Seg.Ack(1, 1) with { Flags = Urgent, Urgent = 20 });
            Assert.AreEqual(40, socket.UrgentBytes);
            peer.Sends(Seg.Ack(1, 1) with { Flags = Urgent, Urgent = 60 });
            Assert.AreEqual(60, socket.UrgentBytes);
        }
    }

    [TestMethod]
    public void Between_two_stacks_whose_devices_cut_segments_the_mark_comes_out_where_it_was_set()
    {
        using VirtualNetwork network = new(3);
        NetworkStack server = network.AddHost();
        NetworkStack client = network.AddHost();
        using TcpListenerSocket listener = server.Listen(new System.Net.IPEndPoint(System.Net.IPAddress.Any, 80));
        using TcpSocket from = client.CreateTcpSocket();
        Task connecting = from.ConnectAsync(new System.Net.IPEndPoint(server.Address.ToIPAddress(), 80)).AsTask();
        network.RunUntil(() => connecting.IsCompleted, TimeSpan.FromSeconds(1));
        TcpSocket? to = null;
        network.RunUntil(() => (to = listener.TryAccept()) is not null, TimeSpan.FromSeconds(1));
        using TcpSocket reader = to!;
        from.TrySend(new byte[30_000]);
        Assert.AreEqual(10_000, from.TrySendUrgent(new byte[10_000]));
        from.TrySend(new byte[5_000]);
        int total = 0;
        int mark = -1;
        byte[] buffer = new byte[4096];
        network.RunUntil(
            () =>
            {
                while (reader.TryReceive(buffer, out int count))
                {
                    total += count;
                    mark = reader.IsAtMark ? total : mark;
                }

                return total == 45_000;
            },
            TimeSpan.FromSeconds(10));
        Assert.AreEqual(39_999, mark);
    }
}
