using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp.Recovery;

/// <summary>RACK (RFC 8985 §6): something is lost when something sent later has arrived, and time enough for it to have been overtaken has gone by.</summary>
internal struct Rack
{
    private const int DuplicateThreshold = 3;
    private const int WindowPersistence = 16; // recoveries without a D-SACK until the window shrinks again

    // The RFC gives no least window; ours is what timers and batches of frames can tell apart.
    private static readonly TimeSpan s_leastWindow = TimeSpan.FromMilliseconds(1);

    private Instant _sentAt; // RACK.xmit_ts
    private SequenceNumber _end; // RACK.end_seq
    private TimeSpan _roundTrip; // RACK.rtt
    private SequenceNumber _reached; // RACK.fack as the acknowledgement at hand found it
    private SequenceNumber _reaches;
    private Instant _newest; // the latest transmission that this acknowledgement tells of
    private int _windowSteps; // RACK.reo_wnd_mult − 1
    private int _persistence; // RACK.reo_wnd_persist
    private bool _inDuplicateRound;
    private SequenceNumber _duplicateRoundEnd; // RACK.dsack_round

    /// <summary>Something was delivered, so that there is something to compare with.</summary>
    public bool HasSample { get; private set; }

    /// <summary>RACK.reordering_seen.</summary>
    public bool ReorderingSeen { get; private set; }

    /// <summary>RACK.fack: one behind the highest byte delivered.</summary>
    public readonly SequenceNumber Reaches => _reaches;

    public void Start(SequenceNumber una) => _reached = _reaches = una;

    /// <summary>An acknowledgement has come.</summary>
    public void Begin()
    {
        _reached = _reaches;
        _newest = default;
    }

    /// <summary>Steps 1 to 3 for one record or a part of it, newly acknowledged or reported.</summary>
    /// <param name="segment">The record, its marks as they were.</param>
    /// <param name="from">The part's first byte.</param>
    /// <param name="end">One behind its last.</param>
    /// <param name="now">Time.</param>
    /// <param name="isOriginals">A retransmission too early to be what arrived.</param>
    public void Delivered(in SentSegment segment, SequenceNumber from, SequenceNumber end, Instant now, bool isOriginals)
    {
        _reaches = SequenceNumber.Max(_reaches, end);
        if (!segment.Is(SentMarks.Retransmitted))
        {
            ReorderingSeen |= from < _reached;
        }
        else if (isOriginals)
        {
            return;
        }

        if (segment.SentAt >= _newest)
        {
            _newest = segment.SentAt;
            _roundTrip = now - segment.SentAt;
        }

        if (!HasSample || IsAfter(segment.SentAt, end, _sentAt, _end))
        {
            HasSample = true;
            _sentAt = segment.SentAt;
            _end = end;
        }
    }

    /// <summary>Step 4, growing: at most once in a round trip for what the peer has received twice.</summary>
    public void Duplicated(SequenceNumber una, SequenceNumber next)
    {
        if (!_inDuplicateRound || una >= _duplicateRoundEnd)
        {
            _inDuplicateRound = true;
            _duplicateRoundEnd = next;
            _windowSteps++;
            _persistence = WindowPersistence;
        }
    }

    /// <summary>Step 4, shrinking.</summary>
    public void RecoveryEnded()
    {
        if (--_persistence <= 0)
        {
            _persistence = 0;
            _windowSteps = 0;
        }
    }

    /// <summary>RACK_update_reo_wnd: how long something may be overtaken before it is lost.</summary>
    /// <param name="isRecovering">In a recovery, by fast retransmit or timeout.</param>
    /// <param name="reported">Bytes that the peer reports.</param>
    /// <param name="isScattered">In three or more places.</param>
    /// <param name="segmentSize">Bytes in a full segment.</param>
    /// <param name="roundTrip">What was measured.</param>
    public readonly TimeSpan ReorderingWindow(bool isRecovering, int reported, bool isScattered, int segmentSize, in RoundTripEstimator roundTrip)
    {
        // RFC 6675 §4, IsLost: three segments' worth of reports, wherever they lie.
        if (!ReorderingSeen && (isRecovering || isScattered || reported > (DuplicateThreshold - 1) * segmentSize))
        {
            return TimeSpan.Zero;
        }

        TimeSpan window = roundTrip.Minimum * (1 + _windowSteps) / 4;
        window = window < roundTrip.Smoothed ? window : roundTrip.Smoothed;
        return window > s_leastWindow ? window : s_leastWindow;
    }

    /// <summary>Step 5 for one record: how long it may still take.</summary>
    /// <returns>Zero or less: it is lost. Null: nothing sent later has arrived.</returns>
    public readonly TimeSpan? TimeLeft(in SentSegment segment, Instant now, TimeSpan window) =>
        HasSample && IsAfter(_sentAt, _end, segment.SentAt, segment.End) ? segment.SentAt + _roundTrip + window - now : null;

    /// <summary>§6.3: whether a record is old enough to be lost when the retransmission timer goes off.</summary>
    public readonly bool IsOverdue(in SentSegment segment, Instant now, TimeSpan window) => !HasSample || segment.SentAt + _roundTrip + window <= now;

    private static bool IsAfter(Instant sentAt, SequenceNumber end, Instant otherSentAt, SequenceNumber otherEnd) =>
        sentAt > otherSentAt || (sentAt == otherSentAt && end > otherEnd);
}
