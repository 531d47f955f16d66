using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp.Congestion;

/// <summary>
/// Delivery rate samples (draft-ietf-ccwg-bbr §4.1, before that draft-cheng-iccrg-delivery-rate-estimation). Every sent segment carries a <see cref="DeliveryStamp"/>; an
/// acknowledgement calls <see cref="Deliver"/> for each segment that it covers, <see cref="Lose"/> for each that is found to be lost, and then once <see cref="Take"/>.
/// </summary>
internal sealed class DeliveryRateEstimator
{
    private Instant _firstSentAt;
    private Instant _deliveredAt;
    private long _applicationLimitedUntil = 1; // in bytes delivered; 0: not limited. Before the first write there was nothing to send (§4.1.2.4)
    private bool _hasSample;
    private DeliveryStamp _newest;

    /// <summary>C.delivered: bytes that have arrived, each counted once.</summary>
    public long Delivered { get; private set; }

    /// <summary>C.lost: bytes found to be lost, retransmissions too.</summary>
    public long Lost { get; private set; }

    /// <summary>Bytes per second of the last sample; one that the application limited counts only if it is higher. 0 before the first.</summary>
    public long Rate { get; private set; }

    /// <summary>What is on its way does not show what the path can do.</summary>
    public bool IsApplicationLimited => _applicationLimitedUntil != 0;

    /// <summary>A segment is sent, or sent again: fills its stamp (§4.1.2.2).</summary>
    /// <param name="stamp">Kept with the segment.</param>
    /// <param name="bytes">Its payload.</param>
    /// <param name="bytesInFlight">What was on its way before it.</param>
    /// <param name="now">Time on the stack's clock.</param>
    public void Sent(out DeliveryStamp stamp, int bytes, int bytesInFlight, Instant now)
    {
        if (bytesInFlight == 0)
        {
            // A flight begins; the time before says nothing about the path.
            _firstSentAt = now;
            _deliveredAt = now;
        }

        stamp.SentAt = now;
        stamp.FirstSentAt = _firstSentAt;
        stamp.DeliveredAt = _deliveredAt;
        stamp.Delivered = Delivered;
        stamp.Lost = Lost;
        stamp.InFlight = bytesInFlight + bytes;
        stamp.IsApplicationLimited = _applicationLimitedUntil != 0;
    }

    /// <summary>A segment, or a part of one, has arrived: acknowledged or reported for the first time (§4.1.2.3, UpdateRateSample).</summary>
    /// <param name="stamp">Of its last transmission.</param>
    /// <param name="bytes">How much of it.</param>
    /// <param name="now">Time on the stack's clock.</param>
    public void Deliver(in DeliveryStamp stamp, int bytes, Instant now)
    {
        Delivered += bytes;
        _deliveredAt = now;
        if (!_hasSample || stamp.SentAt > _newest.SentAt || (stamp.SentAt == _newest.SentAt && stamp.Delivered >= _newest.Delivered))
        {
            _hasSample = true;
            _newest = stamp;
        }
    }

    /// <summary>A segment, or a part of one, is found to be lost.</summary>
    /// <param name="stamp">Of its last transmission.</param>
    /// <param name="bytes">How much of it.</param>
    /// <returns>What <see cref="ICongestionControl.SegmentLost"/> is told.</returns>
    public LostSegment Lose(in DeliveryStamp stamp, int bytes)
    {
        Lost += bytes;
        return new LostSegment
        {
            Bytes = bytes,
            InFlightWhenSent = stamp.InFlight,
            LostSinceSent = Lost - stamp.Lost,
            IsApplicationLimited = stamp.IsApplicationLimited,
        };
    }

    /// <summary>A loss was spurious: the segment had arrived after all.</summary>
    public void LoseNot(int bytes) => Lost -= bytes;

    /// <summary>The application has nothing more to send, though the window would allow it (§4.1.2.4): until what is on its way has arrived, samples are too low.</summary>
    public void LimitedByApplication(int bytesInFlight) => _applicationLimitedUntil = Math.Max(Delivered + bytesInFlight, 1);

    /// <summary>The sample of all that was delivered since the last call (§4.1.2.3, GenerateRateSample).</summary>
    /// <param name="minimumRoundTrip">A shorter time is a burst of acknowledgements and no sample.</param>
    public DeliverySample Take(TimeSpan minimumRoundTrip)
    {
        if (_applicationLimitedUntil != 0 && Delivered > _applicationLimitedUntil)
        {
            _applicationLimitedUntil = 0;
        }

        if (!_hasSample)
        {
            return new DeliverySample { Delivered = Delivered, PriorDelivered = -1 };
        }

        _hasSample = false;
        _firstSentAt = _newest.SentAt;
        TimeSpan sending = _newest.SentAt - _newest.FirstSentAt;
        TimeSpan arriving = _deliveredAt - _newest.DeliveredAt;
        TimeSpan interval = sending > arriving ? sending : arriving; // a rate can be no higher than either
        bool counts = interval > TimeSpan.Zero && interval >= minimumRoundTrip;
        long rate = counts ? (Delivered - _newest.Delivered) * TimeSpan.TicksPerSecond / interval.Ticks : 0; // of no more than a window: nothing overflows
        Rate = rate > Rate || (counts && !_newest.IsApplicationLimited) ? rate : Rate;
        return new DeliverySample
        {
            Rate = rate,
            IsApplicationLimited = _newest.IsApplicationLimited,
            Delivered = Delivered,
            PriorDelivered = _newest.Delivered,
            Lost = Lost - _newest.Lost,
            InFlightWhenSent = _newest.InFlight,
            Interval = interval,
        };
    }
}
