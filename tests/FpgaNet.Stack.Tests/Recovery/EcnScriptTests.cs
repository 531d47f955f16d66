using System.Net;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Tests.Scripts;
using FpgaNet.Stack.Transport.Tcp;
using FpgaNet.Stack.Transport.Tcp.Congestion;

namespace FpgaNet.Stack.Tests.Recovery;

/// <summary>Explicit congestion notification (RFC 3168 §6.1).</summary>
[TestClass]
public sealed class EcnScriptTests
{
    private const TcpFlags Setup = TcpFlags.Ece | TcpFlags.Cwr;
    private const byte Capable = 2;
    private const byte Marked = 3;

    private static readonly TcpSettings s_settings = ScriptedPeer.Plain with
    {
        ExplicitCongestionNotification = true,
        CongestionControl = static () => new NewReno(),
    };

    [TestMethod]
    public void Data_may_be_marked_and_nothing_else()
    {
        (ScriptedPeer peer, TcpSocket socket) = Open();
        using (peer)
        {
            socket.TrySend(new byte[1000]);
            peer.Expects(Seg.Data(1, 1000, 1).Classed(Capable));
            peer.After(TimeSpan.FromMilliseconds(200)).Expects(Seg.Data(1, 1000, 1).Classed(0)); // sent again
            peer.Sends(Ack(1001)).Sends(Seg.Data(1, 1460, 1001)).Sends(Seg.Data(1461, 1460, 1001)).Expects(Seg.Ack(1001, 2921).Classed(0));
        }
    }

    [TestMethod]
    public void Without_agreement_nothing_may_be_marked()
    {
        using ScriptedPeer peer = new(s_settings);
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        peer.Sends(Seg.Syn().Mss(1000).Window(60000)).Expects(Seg.SynAck() with { MaximumSegment = null }).Sends(Ack(1));
        using TcpSocket socket = listener.TryAccept()!;
        socket.TrySend(new byte[1000]);
        peer.Expects(Seg.Data(1, 1000, 1).Classed(0));
        peer.Sends(Seg.Data(1, 1460, 1).Classed(Marked)).Sends(Seg.Data(1461, 1460, 1)).Expects(Seg.Ack(1001, 2921)); // no echo
    }

    [TestMethod]
    public void A_connecting_host_asks_twice_and_then_does_without()
    {
        using ScriptedPeer peer = new(s_settings);
        (TcpSocket socket, Task connecting) = peer.Connects();
        peer.Expects(Seg.Syn().With(Setup).Classed(0)).ExpectsAfter(TimeSpan.FromSeconds(1), Seg.Syn().With(Setup));
        peer.ExpectsAfter(TimeSpan.FromSeconds(2), Seg.Syn());
        peer.Sends(Seg.SynAck()).Expects(Seg.Ack(1, 1));
        Assert.IsTrue(connecting.IsCompletedSuccessfully);
        socket.TrySend(new byte[1000]);
        peer.Expects(Seg.Data(1, 1000, 1).Classed(0));
        socket.Abort();
        peer.Forget();
    }

    [TestMethod]
    [DataRow(TcpFlags.Ece, Capable)]
    [DataRow(Setup, (byte)0)]
    [DataRow(TcpFlags.None, (byte)0)]
    public void A_SYN_ACK_agrees_with_ECE_alone(TcpFlags answer, byte expected)
    {
        using ScriptedPeer peer = new(s_settings);
        (TcpSocket socket, Task _) = peer.Connects();
        peer.Expects(Seg.Syn().With(Setup)).Sends(Seg.SynAck().With(answer)).Expects(Seg.Ack(1, 1).Classed(0));
        socket.TrySend(new byte[1000]);
        peer.Expects(Seg.Data(1, 1000, 1).Classed(expected));
        socket.Abort();
        peer.Forget();
    }

    [TestMethod]
    public void A_mark_is_echoed_until_the_peer_says_that_it_has_reduced_its_window()
    {
        (ScriptedPeer peer, _) = Open();
        using (peer)
        {
            peer.Sends(Seg.Data(1, 1460, 1).Classed(Marked)).Sends(Seg.Data(1461, 1460, 1).Classed(Capable)).Expects(Seg.Ack(1, 2921).With(TcpFlags.Ece));
            peer.Sends(Seg.Data(2921, 1460, 1).Classed(Capable)).Sends(Seg.Data(4381, 1460, 1).Classed(Capable));
            peer.Expects(Seg.Ack(1, 5841).With(TcpFlags.Ece));
            peer.Sends(Seg.Data(5841, 1460, 1).Classed(Capable).With(TcpFlags.Cwr)).Sends(Seg.Data(7301, 1460, 1).Classed(Capable));
            peer.Expects(Seg.Ack(1, 8761));
            peer.Sends(Seg.Data(8761, 1460, 1).Classed(Marked).With(TcpFlags.Cwr)).Sends(Seg.Data(10221, 1460, 1).Classed(Capable));
            peer.Expects(Seg.Ack(1, 11681).With(TcpFlags.Ece)); // marked again
        }
    }

    [TestMethod]
    public void An_echo_halves_the_window_once_for_each_window_and_is_answered_once()
    {
        (ScriptedPeer peer, TcpSocket socket) = Open();
        using (peer)
        {
            socket.TrySend(new byte[30000]);
            for (int i = 0; i < 10; i++)
            {
                peer.Expects(Seg.Data(1 + (1000 * i), 1000, 1));
            }

            peer.Sends(Ack(1001)).Expects(Seg.Data(10001, 1000, 1)).Expects(Seg.Data(11001, 1000, 1)).ExpectsNothing();
            peer.Sends(Ack(2001).With(TcpFlags.Ece)).ExpectsNothing();
            Assert.AreEqual(5000, socket.GetStatistics().CongestionWindow); // ten on their way
            for (int ack = 3001; ack <= 7001; ack += 1000)
            {
                peer.Sends(Ack(ack).With(TcpFlags.Ece)).ExpectsNothing();
            }

            Assert.AreEqual(5000, socket.GetStatistics().CongestionWindow);
            peer.Sends(Ack(8001).With(TcpFlags.Ece)).Expects(Seg.Data(12001, 1000, 1).With(TcpFlags.Cwr).Classed(Capable));
            peer.Sends(Ack(9001)).Expects(Seg.Data(13001, 1000, 1).Classed(Capable));
            Assert.AreEqual(1ul, peer.Stack.Counters[StackCounter.TcpCongestionEchoes]);

            // A window later an echo counts again.
            peer.Sends(Ack(13001).With(TcpFlags.Ece));
            Assert.AreEqual(2ul, peer.Stack.Counters[StackCounter.TcpCongestionEchoes]);
            peer.Forget();
        }
    }

    private static (ScriptedPeer Peer, TcpSocket Socket) Open()
    {
        ScriptedPeer peer = new(s_settings);
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        peer.Sends(Seg.Syn().Mss(1000).Window(60000).With(Setup)).Expects((Seg.SynAck() with { MaximumSegment = null }).With(TcpFlags.Ece).Classed(0));
        peer.Sends(Ack(1));
        return (peer, listener.TryAccept() ?? throw new AssertFailedException("nothing to accept"));
    }

    private static Seg Ack(int ack) => Seg.Ack(1, ack).Window(60000);
}
