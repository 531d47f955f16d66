using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Tests.Scripts;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Stack.Tests;

/// <summary>What a connection tells about itself (RFC 9293 §3.10.6, STATUS).</summary>
[TestClass]
public sealed class TcpStatisticsTests
{
    [TestMethod]
    public void What_was_sent_received_and_sent_again_is_counted()
    {
        TcpSettings settings = ScriptedPeer.Plain with { Timestamps = true, SelectiveAcknowledgements = true, WindowScaling = true };
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(settings, s => s.Mss(1012).Scaled(0).WithSack().Stamped(100), window: 60000);
        using (peer)
        {
            socket.TrySend(new byte[2500]);
            peer.Expects(Seg.Data(1, 1000, 1)).Expects(Seg.Data(1001, 1000, 1));
            peer.Sends(Seg.Ack(1, 2001).Stamped(101, peer.LastOptions.TimestampValue).Window(60000)).Expects(Seg.Data(2001, 500, 1));
            peer.ExpectsAfter(TimeSpan.FromMilliseconds(200), Seg.Data(2001, 500, 1)); // a tail loss probe, and no timeout yet
            peer.Sends(Seg.Data(1, 700, 2001).Stamped(102, peer.LastOptions.TimestampValue).Window(50000));
            TcpStatistics seen = socket.GetStatistics();
            Assert.AreEqual(TcpState.Established, seen.State);
            Assert.AreEqual((3000ul, 500ul, 2000ul, 700ul), (seen.BytesSent, seen.BytesRetransmitted, seen.BytesAcknowledged, seen.BytesReceived));
            Assert.AreEqual((1u, 500, 700, 50000), (seen.Retransmissions, seen.BytesUnacknowledged, seen.BytesUnread, seen.SendWindow));
            Assert.AreEqual((1000, 700, 0), (seen.SegmentSize, seen.ReceivedSegmentSize, seen.Timeouts));
            Assert.AreEqual(4ul, seen.SegmentsReceived, "SYN, ACK, ACK, data");
            Assert.AreEqual(5ul, seen.SegmentsSent, "SYN-ACK, three segments and one of them again");
            Assert.IsTrue(seen.Timestamps && seen.SelectiveAcknowledgements);
            Assert.AreEqual((0, 0), seen.WindowScale);
            Assert.IsGreaterThan(TimeSpan.Zero, seen.RoundTrip);
            socket.Abort();
            peer.Forget();
            Assert.AreEqual(TcpState.Closed, socket.GetStatistics().State);
        }
    }

    [TestMethod]
    public void They_read_like_ss()
    {
        TcpStatistics statistics = new()
        {
            State = TcpState.Established,
            CongestionControl = "cubic",
            CongestionWindow = 14480,
            SlowStartThreshold = 10136,
            RoundTrip = TimeSpan.FromMilliseconds(20.5),
            RoundTripVariation = TimeSpan.FromMilliseconds(3),
            MinimumRoundTrip = TimeSpan.FromMilliseconds(19),
            RetransmissionTimeout = TimeSpan.FromMilliseconds(220),
            SegmentSize = 1448,
            PathMtu = 1500,
            Timestamps = true,
            WindowScale = (7, 5),
            BytesSent = 123456,
            BytesUnacknowledged = 1449,
            Retransmissions = 3,
            DeliveryRate = 1_250_000,
        };
        string text = statistics.ToString();
        foreach (string part in new[]
        {
            "Established ts cubic wscale:7,5 rto:220 rtt:20.5/3 mss:1448 pmtu:1500", "cwnd:10 ssthresh:7 bytes_sent:123456", "send 5.65Mbps",
            "delivery_rate 10Mbps", "unacked:2 retrans:0/3", "minrtt:19",
        })
        {
            Assert.Contains(part, text);
        }
    }
}
