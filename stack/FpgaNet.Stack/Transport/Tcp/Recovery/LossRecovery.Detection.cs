using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp.Congestion;

namespace FpgaNet.Stack.Transport.Tcp.Recovery;

/// <summary>What is lost, and what that means for the window.</summary>
internal sealed partial class LossRecovery
{
    // RFC 6675 §4, IsLost: reports in as many places.
    private const int DuplicateThreshold = 3;

    // All that arrives was sent once and in order, and so was all that is on its way: there is nothing to find out.
    private bool IsUntroubled => _hasSack && !IsWatching && !_ack.IsProvenSpurious && _sent.Lost == 0 && _sent.RetransmittedInFlight == 0 && _reorderDue == Instant.Never;

    /// <inheritdoc/>
    public void Conclude(bool isDuplicate, int segmentSize, in RoundTripEstimator roundTrip)
    {
        if (IsUntroubled)
        {
            return;
        }

        bool advanced = _ack.Acknowledged != 0;
        if (!_hasSack)
        {
            CountDuplicates(isDuplicate, segmentSize);
        }

        CheckSpurious(advanced, isDuplicate);
        if (_phase != Phase.Open && _sent.Start >= _recoveryPoint)
        {
            FinishRecovery();
        }

        if (_probe.Acknowledged(_sent.Start, _ack.DuplicateEnd, isDuplicate && !_ack.HasNews) && _phase == Phase.Open)
        {
            // RFC 8985 §7.4.2: the probe has repaired a loss that nobody else saw; the window answers for it.
            ReduceFor(CongestionCause.Loss, _ack.PriorInFlight);
            _congestion.Recovered(InFlight);
            _spurious.Disarm();
        }

        DetectLosses(advanced, segmentSize, roundTrip);
        if (_phase == Phase.Recovery)
        {
            _reduction.Acknowledged(_ack.Delivered, advanced && _ack.Lost == 0, InFlight, _congestion.SlowStartThreshold, segmentSize);
        }
    }

    /// <inheritdoc/>
    public bool OnTimer(Instant now, int segmentSize, in RoundTripEstimator roundTrip)
    {
        if (_reorderDue > now)
        {
            _probe.Cancel();
            return true;
        }

        // The reordering timer (RFC 8985 §6.2 step 5).
        _reorderDue = Instant.Never;
        Begin(now, roundTrip.Minimum, null);
        DetectLosses(advanced: false, segmentSize, roundTrip);
        if (_phase == Phase.Recovery)
        {
            _reduction.Acknowledged(0, isSafe: false, InFlight, _congestion.SlowStartThreshold, segmentSize);
        }

        return false;
    }

    /// <inheritdoc/>
    public void TimedOut(Instant now, bool first, int segmentSize, in RoundTripEstimator roundTrip)
    {
        int flight = _sent.End - _sent.Start;
        _spurious.TimedOut(_sent.Start, isNew: _phase == Phase.Open);
        _probe.Cancel();
        _probe.Forget();
        _newReno.Forget();
        _reorderDue = Instant.Never;
        _phase = Phase.Loss;
        BeginRecovery();

        // RFC 2018 §8: a peer that had the first byte would have acknowledged it; it has thrown away what it reported.
        bool reneged = _sent.Count != 0 && _sent[0].Is(SentMarks.Sacked);
        TimeSpan window = ReorderingWindow(segmentSize, roundTrip);
        for (int i = 0; i < _sent.Count; i++)
        {
            bool counts = _sent[i].Is(SentMarks.Sacked) ? reneged : !_sent[i].Is(SentMarks.Lost);
            if (counts && (i == 0 || reneged || !_hasSack || _rack.IsOverdue(_sent[i], now, window)))
            {
                Lose(i);
            }
        }

        _isUrgent = true;
        _congestion.TimedOut(flight, first);
    }

    /// <inheritdoc/>
    public void Echoed()
    {
        if (_phase == Phase.Open)
        {
            ReduceFor(CongestionCause.EcnEcho, _sent.End - _sent.Start);
            _spurious.Disarm();
        }
    }

    private void CountDuplicates(bool isDuplicate, int segmentSize)
    {
        if (_ack.Acknowledged != 0)
        {
            // After a timeout only what is new counts as departed, and it lies behind all that goes again.
            _ack.Delivered = _phase == Phase.Loss
                ? _ack.Acknowledged
                : _newReno.Advanced(_sent.Start, _ack.Acknowledged, segmentSize, IsRecovering);
        }
        else if (isDuplicate)
        {
            // What goes again after a timeout may itself cause duplicates; those tell nothing.
            int outstanding = _phase == Phase.Loss ? Math.Max(_sent.End - _recoveryPoint, 0) : _sent.InFlight;
            _ack.Delivered = _newReno.Duplicate(segmentSize, outstanding);
        }
    }

    private void CheckSpurious(bool advanced, bool isDuplicate)
    {
        bool isSpurious = _ack.IsProvenSpurious;
        if (_phase == Phase.Loss && (advanced || isDuplicate || _ack.HasNews))
        {
            isSpurious |= _spurious.Acknowledged(advanced, _ack.CoversLostOriginal && !_ack.CoversRetransmission);
        }

        if (_phase != Phase.Open && advanced && _echoedAt is { } echo)
        {
            isSpurious |= _spurious.IsEarlier(_sent.Start, echo);
        }

        if (isSpurious)
        {
            Undo();
        }
    }

    // RFC 4015 §3: back to where it was, and what was taken to be lost is on its way.
    private void Undo()
    {
        _counters.Add(StackCounter.TcpSpuriousRecoveries);
        for (int i = 0; i < _sent.Count && _sent.Lost != 0; i++)
        {
            SentMarks marks = _sent[i].Marks;
            if ((marks & SentMarks.Lost) != SentMarks.None)
            {
                _delivery.LoseNot(_sent.LengthOf(i));
                _sent.Mark(i, marks & ~SentMarks.Lost);
            }
        }

        if (_phase != Phase.Open)
        {
            EndPhase();
        }

        _congestion.Undo();
        _spurious.Disarm();
    }

    private void FinishRecovery()
    {
        bool wasFast = _phase == Phase.Recovery;
        EndPhase();
        if (wasFast)
        {
            // RFC 9937 §6: the window is the threshold now; without reports what is on its way is known too badly for that (RFC 6582 §3.2 step 3).
            _congestion.Recovered(_hasSack ? Math.Max(InFlight, _congestion.SlowStartThreshold) : InFlight);
        }
    }

    private void EndPhase()
    {
        _phase = Phase.Open;
        _isUrgent = false;
        _newReno.Forget();
        _rack.RecoveryEnded();
        _spurious.GiveUp();
    }

    private void DetectLosses(bool advanced, int segmentSize, in RoundTripEstimator roundTrip)
    {
        if (!_hasSack)
        {
            if (_phase == Phase.Open ? _newReno.IsLoss(_sent.Start) : _phase == Phase.Recovery && advanced)
            {
                LoseFirst(segmentSize);
            }
        }
        else if (_sent.Sacked != 0 || _sent.RetransmittedInFlight != 0)
        {
            // Without either, everything on its way was sent later than all that has arrived.
            DetectByTime(segmentSize, roundTrip);
        }
        else
        {
            _reorderDue = Instant.Never;
        }

        if (_phase == Phase.Open && _sent.Lost > Forgiven)
        {
            EnterRecovery();
        }
    }

    // RACK_detect_loss (RFC 8985 §6.2 step 5).
    private void DetectByTime(int segmentSize, in RoundTripEstimator roundTrip)
    {
        TimeSpan window = ReorderingWindow(segmentSize, roundTrip);
        TimeSpan longest = TimeSpan.Zero;
        SequenceNumber limit = SequenceNumber.Max(_rack.Reaches, _highestRetransmitted); // what lies beyond was sent later than all that has arrived
        for (int i = 0; i < _sent.Count && _sent.StartOf(i) < limit; i++)
        {
            if (_sent[i].Is(SentMarks.Sacked | SentMarks.Lost) || _rack.TimeLeft(_sent[i], _now, window) is not { } left)
            {
                continue;
            }

            if (left <= TimeSpan.Zero)
            {
                Lose(i);
            }
            else
            {
                longest = left > longest ? left : longest;
            }
        }

        _reorderDue = longest == TimeSpan.Zero ? Instant.Never : _now + longest;
    }

    private TimeSpan ReorderingWindow(int segmentSize, in RoundTripEstimator roundTrip)
    {
        bool isScattered = false;
        if (!_rack.ReorderingSeen && _phase == Phase.Open && _sent.Count >= 2 * DuplicateThreshold - 1)
        {
            int places = 0;
            for (int i = 0; i < _sent.Count && places < DuplicateThreshold; i++)
            {
                places += _sent[i].Is(SentMarks.Sacked) ? 1 : 0;
            }

            isScattered = places == DuplicateThreshold;
        }

        return _rack.ReorderingWindow(_phase != Phase.Open, _sent.Sacked, isScattered, segmentSize, roundTrip);
    }

    // RFC 5681 §3.2 step 2, RFC 6582 §3.2 step 3: one segment, unless it is on its way again.
    private void LoseFirst(int segmentSize)
    {
        if (_sent.Count == 0 || _sent[0].Marks != SentMarks.None)
        {
            return;
        }

        if (_sent.LengthOf(0) > segmentSize)
        {
            _sent.TrySplit(0, _sent.Start + segmentSize);
        }

        Lose(0);
        _isUrgent = true;
    }

    private void Lose(int index)
    {
        if (_sent[index].Is(SentMarks.MtuProbe))
        {
            _mtuProbe = MtuProbeResult.Lost;
            Forgive(_sent.StartOf(index), _sent[index].End);
            MarkLost(index);
        }
        else
        {
            _ack.Lost += _sent.LengthOf(index);
            _congestion.SegmentLost(MarkLost(index));
        }
    }

    private LostSegment MarkLost(int index)
    {
        SequenceNumber from = _sent.StartOf(index);
        _firstLost = _sent.Lost == 0 ? from : SequenceNumber.Min(_firstLost, from);
        _sent.Mark(index, (_sent[index].Marks & SentMarks.Retransmitted) | SentMarks.Lost);
        return _delivery.Lose(_sent[index].Stamp, _sent.LengthOf(index));
    }

    private void EnterRecovery()
    {
        _phase = Phase.Recovery;
        _isUrgent = true;
        BeginRecovery();
        _spurious.Begin(_sent.Start);
        _probe.Cancel();
        _probe.Forget();
        _counters.Add(StackCounter.TcpFastRetransmits);

        // RFC 9937 §6: what had arrived before this acknowledgement is not delivered again, what it tells of itself is.
        int flight = _sent.End - _sent.Start;
        _reduction.Begin(flight - _sent.Sacked - _newReno.Departed + _ack.Delivered);
        ReduceFor(CongestionCause.Loss, flight + _ack.Acknowledged);
    }

    private void BeginRecovery()
    {
        _recoveryPoint = _sent.End;
        _newReno.Begin(_sent.End);
        _highestRetransmitted = SequenceNumber.Max(_highestRetransmitted, _sent.Start);
    }

    private void ReduceFor(CongestionCause cause, int flight) =>
        _congestion.LossDetected(new LossEvent { Now = _now, BytesInFlight = flight, Cause = cause });
}
