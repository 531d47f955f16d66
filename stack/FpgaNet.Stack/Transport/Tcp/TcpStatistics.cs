using System.Globalization;
using System.Text;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>What a connection has done and what it believes: a moment's picture, as TCP_INFO gives. Sizes are in bytes.</summary>
public readonly record struct TcpStatistics
{
    /// <summary>The state (RFC 9293 §3.3.2).</summary>
    public TcpState State { get; init; }

    /// <summary>The congestion control's name.</summary>
    public string CongestionControl { get; init; }

    /// <summary>Congestion window.</summary>
    public int CongestionWindow { get; init; }

    /// <summary>Slow-start threshold; <see cref="int.MaxValue"/>: none yet.</summary>
    public int SlowStartThreshold { get; init; }

    /// <summary>Bytes a second that are sent at most; 0: not paced.</summary>
    public long PacingRate { get; init; }

    /// <summary>Bytes a second that arrived lately; 0: not measured.</summary>
    public long DeliveryRate { get; init; }

    /// <summary>Smoothed round-trip time (RFC 6298 §2); zero: not measured.</summary>
    public TimeSpan RoundTrip { get; init; }

    /// <summary>Its variation.</summary>
    public TimeSpan RoundTripVariation { get; init; }

    /// <summary>The least round-trip time seen; zero: not measured.</summary>
    public TimeSpan MinimumRoundTrip { get; init; }

    /// <summary>Retransmission timeout, backed off as it is.</summary>
    public TimeSpan RetransmissionTimeout { get; init; }

    /// <summary>Payload of a full segment that we send.</summary>
    public int SegmentSize { get; init; }

    /// <summary>Payload of the fullest segment that came.</summary>
    public int ReceivedSegmentSize { get; init; }

    /// <summary>Largest IP packet that the path takes, as far as known.</summary>
    public int PathMtu { get; init; }

    /// <summary>Sent and not acknowledged.</summary>
    public int BytesUnacknowledged { get; init; }

    /// <summary>Of these, those that are believed to be on their way.</summary>
    public int BytesInFlight { get; init; }

    /// <summary>Handed over by the application and not sent yet.</summary>
    public int BytesUnsent { get; init; }

    /// <summary>Received in order and not taken by the application yet.</summary>
    public int BytesUnread { get; init; }

    /// <summary>What the peer lets us send beyond what it has acknowledged.</summary>
    public int SendWindow { get; init; }

    /// <summary>What we let the peer send.</summary>
    public int ReceiveWindow { get; init; }

    /// <summary>Most that the send buffer holds now.</summary>
    public int SendBufferSize { get; init; }

    /// <summary>Most that the receive buffer holds now.</summary>
    public int ReceiveBufferSize { get; init; }

    /// <summary>Time stamps are in use (RFC 7323 §3).</summary>
    public bool Timestamps { get; init; }

    /// <summary>Selective acknowledgements are in use (RFC 2018).</summary>
    public bool SelectiveAcknowledgements { get; init; }

    /// <summary>Explicit congestion notification is in use (RFC 3168).</summary>
    public bool CongestionNotification { get; init; }

    /// <summary>The peer's window scale (RFC 7323 §2), then ours; null: no scaling.</summary>
    public (int Peer, int Own)? WindowScale { get; init; }

    /// <summary>Whether a SYN carried data that was taken (RFC 7413).</summary>
    public bool FastOpen { get; init; }

    /// <summary>Payload sent, that sent again included.</summary>
    public ulong BytesSent { get; init; }

    /// <summary>Payload sent again.</summary>
    public ulong BytesRetransmitted { get; init; }

    /// <summary>Payload acknowledged.</summary>
    public ulong BytesAcknowledged { get; init; }

    /// <summary>Payload received in order.</summary>
    public ulong BytesReceived { get; init; }

    /// <summary>Segments sent; a super-frame counts as what it is cut into.</summary>
    public ulong SegmentsSent { get; init; }

    /// <summary>Segments received; a coalesced one counts as what it was made of.</summary>
    public ulong SegmentsReceived { get; init; }

    /// <summary>Segments sent again.</summary>
    public uint Retransmissions { get; init; }

    /// <summary>Retransmission timeouts in a row at this moment.</summary>
    public int Timeouts { get; init; }

    /// <summary>Whether a loss is being repaired.</summary>
    public bool IsRecovering { get; init; }

    /// <summary>The network was seen to reorder segments.</summary>
    public bool ReorderingSeen { get; init; }

    /// <summary>Since the peer was last heard.</summary>
    public TimeSpan SinceLastReceived { get; init; }

    /// <summary>One line in the manner of <c>ss -ti</c>: windows in segments, times in milliseconds.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{State}");
        Append(text, Timestamps, " ts");
        Append(text, SelectiveAcknowledgements, " sack");
        Append(text, CongestionNotification, " ecn");
        Append(text, FastOpen, " fastopen");
        text.Append(CultureInfo.InvariantCulture, $" {CongestionControl}");
        if (WindowScale is { } scale)
        {
            text.Append(CultureInfo.InvariantCulture, $" wscale:{scale.Peer},{scale.Own}");
        }

        int segment = Math.Max(SegmentSize, 1);
        text.Append(CultureInfo.InvariantCulture, $" rto:{RetransmissionTimeout.TotalMilliseconds:0}");
        text.Append(CultureInfo.InvariantCulture, $" rtt:{RoundTrip.TotalMilliseconds:0.###}/{RoundTripVariation.TotalMilliseconds:0.###}");
        text.Append(CultureInfo.InvariantCulture, $" mss:{SegmentSize} pmtu:{PathMtu} rcvmss:{ReceivedSegmentSize} cwnd:{CongestionWindow / segment}");
        if (SlowStartThreshold != int.MaxValue)
        {
            text.Append(CultureInfo.InvariantCulture, $" ssthresh:{SlowStartThreshold / segment}");
        }

        text.Append(CultureInfo.InvariantCulture, $" bytes_sent:{BytesSent} bytes_retrans:{BytesRetransmitted} bytes_acked:{BytesAcknowledged}");
        text.Append(CultureInfo.InvariantCulture, $" bytes_received:{BytesReceived} segs_out:{SegmentsSent} segs_in:{SegmentsReceived}");
        if (RoundTrip > TimeSpan.Zero)
        {
            text.Append(CultureInfo.InvariantCulture, $" send {Rate(CongestionWindow / RoundTrip.TotalSeconds)}");
        }

        text.Append(CultureInfo.InvariantCulture, $" lastrcv:{SinceLastReceived.TotalMilliseconds:0}");
        AppendRate(text, " pacing_rate ", PacingRate);
        AppendRate(text, " delivery_rate ", DeliveryRate);
        text.Append(CultureInfo.InvariantCulture, $" unacked:{(BytesUnacknowledged + segment - 1) / segment} retrans:{Timeouts}/{Retransmissions}");
        Append(text, IsRecovering, " recovering");
        Append(text, ReorderingSeen, " reord_seen");
        text.Append(CultureInfo.InvariantCulture, $" notsent:{BytesUnsent} unread:{BytesUnread} snd_wnd:{SendWindow} rcv_wnd:{ReceiveWindow}");
        text.Append(CultureInfo.InvariantCulture, $" sndbuf:{SendBufferSize} rcvbuf:{ReceiveBufferSize}");
        if (MinimumRoundTrip > TimeSpan.Zero)
        {
            text.Append(CultureInfo.InvariantCulture, $" minrtt:{MinimumRoundTrip.TotalMilliseconds:0.###}");
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, bool condition, string word)
    {
        if (condition)
        {
            text.Append(word);
        }
    }

    private static void AppendRate(StringBuilder text, string word, long bytesPerSecond)
    {
        if (bytesPerSecond > 0)
        {
            text.Append(word).Append(Rate(bytesPerSecond));
        }
    }

    private static string Rate(double bytesPerSecond)
    {
        double bits = bytesPerSecond * 8;
        return bits >= 1e9 ? string.Create(CultureInfo.InvariantCulture, $"{bits / 1e9:0.##}Gbps")
            : bits >= 1e6 ? string.Create(CultureInfo.InvariantCulture, $"{bits / 1e6:0.##}Mbps")
            : string.Create(CultureInfo.InvariantCulture, $"{bits / 1e3:0.##}Kbps");
    }
}
