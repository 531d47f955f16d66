using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp.Congestion;

namespace FpgaNet.Stack.Transport.Tcp.Recovery;

/// <summary>
/// Finds out what was lost, says what to send again, and tells congestion control what happened. How much may be on its way is congestion control's question, how
/// segments are made and when timers go off the connection's.
/// </summary>
internal interface ILossRecovery
{
    /// <summary>Fast recovery is under way.</summary>
    bool IsRecovering { get; }

    /// <summary>Something suspicious was seen, so that header prediction does not apply.</summary>
    bool IsWatching { get; }

    /// <summary>The network was seen to reorder segments.</summary>
    bool ReorderingSeen { get; }

    /// <summary>Bytes thought to be on their way (RFC 6675 §4, pipe).</summary>
    int InFlight { get; }

    /// <summary>Bytes of new data that the congestion window leaves room for; negative when more is on its way than may be.</summary>
    int Room { get; }

    /// <summary>When <see cref="OnTimer"/> is to be called.</summary>
    Instant Due { get; }

    /// <summary>How fast the path delivers.</summary>
    DeliveryRateEstimator Delivery { get; }

    /// <summary>What the acknowledgement at hand has shown so far.</summary>
    ref readonly AckProgress Progress { get; }

    /// <summary>Another congestion control takes over, while no recovery is under way.</summary>
    /// <param name="congestion">Which, started already.</param>
    void Use(ICongestionControl congestion);

    /// <summary>An acknowledgement has come; its reports follow, then <see cref="Advance"/> if SND.UNA moves, then <see cref="Conclude"/>.</summary>
    /// <param name="now">Time.</param>
    /// <param name="minimumRoundTrip">The least round-trip time; what is shorter is not a retransmission's.</param>
    /// <param name="echoedAt">When that was sent which it echoes, in milliseconds of the stack's clock, if it has a time stamp.</param>
    void Begin(Instant now, TimeSpan minimumRoundTrip, uint? echoedAt);

    /// <summary>The peer reports to hold bytes beyond SND.UNA.</summary>
    void Report(SequenceNumber left, SequenceNumber right);

    /// <summary>The peer reports to have received something twice (RFC 2883 §4).</summary>
    void ReportDuplicate(SequenceNumber left, SequenceNumber right);

    /// <summary>SND.UNA moves.</summary>
    void Advance(SequenceNumber una);

    /// <summary>The end of an acknowledgement that <see cref="Begin"/> began: what is lost, what was spurious, and whether a recovery begins or ends.</summary>
    /// <param name="isDuplicate">SND.UNA did not move, and nothing else was to be said (RFC 5681 §2).</param>
    /// <param name="segmentSize">Bytes in a full segment.</param>
    /// <param name="roundTrip">Round-trip times, this acknowledgement's included.</param>
    void Conclude(bool isDuplicate, int segmentSize, in RoundTripEstimator roundTrip);

    /// <summary>The peer echoes a mark of congestion (RFC 3168 §6.1.2). Within a recovery the window was reduced already.</summary>
    void Echoed();

    /// <summary>Something is taken to be lost, or was until it was sent again first of all (F-RTO): new data is not all that there is to send.</summary>
    bool NeedsRepair { get; }

    /// <summary>New data is to go before what is taken to be lost, to find out whether it is (F-RTO).</summary>
    bool PrefersNew { get; }

    /// <summary>There is no more new data, or no room for it, though it was preferred.</summary>
    /// <returns>Whether nothing else is to be sent until an acknowledgement comes.</returns>
    bool AwaitsAnswer();

    /// <summary>The oldest run of bytes that is lost.</summary>
    /// <param name="segmentSize">Bytes in a full segment.</param>
    /// <param name="from">Where it begins.</param>
    /// <param name="length">How much of it may go now: whole segments, or 0 while the congestion window has no room.</param>
    /// <returns>Whether something is lost.</returns>
    bool TryNextLost(int segmentSize, out SequenceNumber from, out int length);

    /// <summary>New data was sent.</summary>
    /// <param name="end">Where it ends.</param>
    /// <param name="now">Time.</param>
    /// <param name="isMtuProbe">It is one segment, larger than the path is known to carry: its loss says nothing of congestion (RFC 4821 §7.6).</param>
    void SentNew(SequenceNumber end, Instant now, bool isMtuProbe = false);

    /// <summary>What <see cref="TryNextLost"/> or <see cref="TryTail"/> gave was sent again, or the front of it.</summary>
    void SentAgain(SequenceNumber from, int length, Instant now);

    /// <summary>Something was sent or acknowledged: a probe may be due if nothing more is heard (RFC 8985 §7.2).</summary>
    void ScheduleProbe(Instant now, TimeSpan smoothedRoundTrip, int segmentSize, Instant retransmitDue);

    /// <summary>The last segment sent, which is what a probe sends when there is nothing new (RFC 8985 §7.3).</summary>
    bool TryTail(int segmentSize, out SequenceNumber from, out int length);

    /// <summary>The probe was sent.</summary>
    void Probed(bool isRetransmission);

    /// <summary><see cref="Due"/> has come.</summary>
    /// <returns>Whether a probe is to be sent.</returns>
    bool OnTimer(Instant now, int segmentSize, in RoundTripEstimator roundTrip);

    /// <summary>What became of the last probe of the path's MTU; told once.</summary>
    MtuProbeResult TakeMtuProbe();

    /// <summary>A segment was dropped because it was too large, and so was all that is as large and was sent after it: it goes again, and the window stays.</summary>
    /// <param name="from">Where the segment begins.</param>
    /// <param name="segmentSize">What fits.</param>
    void LoseLarger(SequenceNumber from, int segmentSize);

    /// <summary>The retransmission timer went off (RFC 6298 §5.4, RFC 8985 §6.3).</summary>
    /// <param name="now">Time.</param>
    /// <param name="first">It had not before for the same data.</param>
    /// <param name="segmentSize">Bytes in a full segment.</param>
    /// <param name="roundTrip">Round-trip times.</param>
    void TimedOut(Instant now, bool first, int segmentSize, in RoundTripEstimator roundTrip);
}
