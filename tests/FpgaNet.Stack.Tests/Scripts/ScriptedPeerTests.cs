using System.Net;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;

namespace FpgaNet.Stack.Tests.Scripts;

/// <summary>The scripted peer itself: it notices what it should, in both families.</summary>
[TestClass]
public sealed class ScriptedPeerTests
{
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_script_runs_over_both_families(bool ipv6)
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(ipv6: ipv6);
        using (peer)
        {
            peer.Sends(Seg.Data(1, 5, 1));
            byte[] received = new byte[10];
            Assert.IsTrue(socket.TryReceive(received, out int count));
            Assert.AreEqual(5, count);
            Assert.AreEqual(ScriptedPeer.PeerByte(3), received[2]);
            socket.TrySend([1, 2, 3]);
            peer.Expects(Seg.Data(1, 3, 6));
            peer.ExpectsAfter(TimeSpan.FromMilliseconds(220), Seg.Data(1, 3, 6), tolerance: TimeSpan.FromMilliseconds(30));
            peer.Sends(Seg.Ack(6, 4)).ExpectsSilence(TimeSpan.FromMinutes(1));
            socket.Abort();
            peer.Expects(Seg.RstAck(4, 6));
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Datagrams_and_errors_come_and_go_over_both_families(bool ipv6)
    {
        using ScriptedPeer peer = new(ipv6: ipv6);
        using UdpSocket socket = peer.Stack.OpenUdp(new IPEndPoint(ipv6 ? IPAddress.IPv6Any : IPAddress.Any, 9));
        peer.SendsDatagram(9, 1, 2, 3);
        byte[] buffer = new byte[10];
        Assert.IsTrue(socket.TryReceiveFrom(buffer, out UdpDatagram datagram));
        Assert.AreEqual(3, datagram.Length);
        socket.SendTo([4, 5], datagram.RemoteEndPoint);
        peer.ExpectsDatagram(9, 4, 5).ExpectsNothing();
    }

    [TestMethod]
    [DataRow(false, 3, 1)]
    [DataRow(true, 1, 3)]
    public void An_error_about_a_segment_reaches_the_stack(bool ipv6, int type, int code)
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(ipv6: ipv6);
        using (peer)
        {
            socket.TrySend(new byte[100]);
            peer.Expects(Seg.Data(1, 100, 1)).Complains(type, code);
            Assert.AreEqual(1ul, peer.Stack.Counters[StackCounter.IcmpErrorsReceived]);
            socket.Abort();
        }
    }

    [TestMethod]
    public void What_differs_is_said_in_two_columns()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.TrySend(new byte[100]);
            AssertFailedException failure = Assert.ThrowsExactly<AssertFailedException>(() => peer.Expects(Seg.Fin(1, 1).Window(7)));
            StringAssert.Contains(failure.Message, "* flags          F.                      .");
            StringAssert.Contains(failure.Message, "* length         0                       100");
            StringAssert.Contains(failure.Message, "  sequence       1                       1");
            StringAssert.Contains(failure.Message, "* window         7                       30000");
            socket.Abort();
        }
    }

    [TestMethod]
    public void Each_part_of_a_segment_is_compared()
    {
        Seg expected = Seg.SynAck() with { TrafficClass = 0 };
        Answers(expected, differs: false);
        Answers(expected with { TrafficClass = 1 }, differs: true);
        Answers(expected with { Flags = TcpFlags.Syn }, differs: true);
        Answers(expected with { Sequence = 1 }, differs: true);
        Answers(expected with { Acknowledges = 2 }, differs: true);
        Answers(expected with { Length = 1 }, differs: true);
        Answers(expected with { Urgent = 1 }, differs: true);
        Answers(expected with { MaximumSegment = 1 }, differs: true);
        Answers(expected.Scaled(1), differs: true);
        Answers(expected.WithSack(), differs: true);
        Answers(expected.Stamped(1), differs: true);
        Answers(expected.Reporting((1, 2)), differs: true);

        static void Answers(Seg expected, bool differs)
        {
            using ScriptedPeer peer = new();
            using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
            peer.Sends(Seg.Syn());
            if (differs)
            {
                Assert.ThrowsExactly<AssertFailedException>(() => peer.Expects(expected), expected.ToString());
            }
            else
            {
                peer.Expects(expected);
            }
        }
    }

    [TestMethod]
    public void Silence_and_time_are_kept()
    {
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted();
        using (peer)
        {
            socket.TrySend(new byte[100]);
            peer.Expects(Seg.Data(1, 100, 1));
            Assert.ThrowsExactly<AssertFailedException>(() => peer.ExpectsSilence(TimeSpan.FromSeconds(1)));
            peer.Forget();
            Assert.ThrowsExactly<AssertFailedException>(() => peer.ExpectsAfter(TimeSpan.FromMilliseconds(1), Seg.Data(1, 100, 1), TimeSpan.FromMilliseconds(1)));
            socket.Abort();
        }
    }
}
