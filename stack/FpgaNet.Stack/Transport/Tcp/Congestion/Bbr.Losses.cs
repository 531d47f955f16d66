using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp.Congestion;

/// <summary>
/// What losses mean (draft-ietf-ccwg-bbr §5.5.10, §5.5.11): while probing they bound what may be on its way; otherwise bandwidth and volume follow, for the short term,
/// what was delivered. Below 2 % they hardly matter.
/// </summary>
public sealed partial class Bbr
{
    private long _bandwidthShortTerm = long.MaxValue;
    private int _inflightShortTerm = Unbounded;
    private long _bandwidthLatest;
    private int _inflightLatest;
    private bool _isLimitedByApplication; // as of the last sample
    private bool _lossInRound;
    private bool _lossRoundStarted;
    private long _lossRoundEnds;
    private long _delivered; // C.delivered as of the last acknowledgement
    private Instant _now; // of the last acknowledgement; what is found to be lost without one is judged by it

    private Phase? _undoPhase;
    private long _undoBandwidthShortTerm;
    private int _undoInflightShortTerm;
    private int _undoInflightLongTerm;

    /// <inheritdoc/>
    public void SegmentLost(in LostSegment lost)
    {
        NoteLoss();
        if (_isProbeSample && IsTooHigh(lost.LostSinceSent, lost.InFlightWhenSent))
        {
            // Where within this segment, which may be a super-frame, did losses cross the threshold?
            double before = lost.InFlightWhenSent - lost.Bytes;
            double lostBefore = lost.LostSinceSent - lost.Bytes;
            double prefix = Math.Max(((LossThreshold * before) - lostBefore) / (1 - LossThreshold), 0);
            InflightIsTooHigh((int)(before + prefix), lost.IsApplicationLimited);
        }
    }

    /// <inheritdoc/>
    public void LossDetected(in LossEvent loss)
    {
        if (loss.Cause == CongestionCause.EcnEcho)
        {
            // The draft leaves ECN open; a mark is taken for what it says (RFC 3168 §5): like a loss, and too much was on its way.
            NoteLoss();
            if (_phase == Phase.Startup && !_isLimitedByApplication)
            {
                LeaveStartup();
            }
            else if (_isProbeSample)
            {
                InflightIsTooHigh(loss.BytesInFlight, isApplicationLimited: false);
            }

            return;
        }

        SaveWindow();
        SaveModel();
        _isRecovering = true;
    }

    /// <inheritdoc/>
    public void Recovered(int bytesInFlight)
    {
        _isRecovering = false;
        _restoreAt = long.MaxValue;
        RestoreWindow();
    }

    /// <inheritdoc/>
    public void TimedOut(int bytesInFlight, bool first)
    {
        SaveWindow();
        SaveModel();
        _isRecovering = true;
        _restoreAt = _delivered;
        _lossInRound = true;
        CongestionWindow = _segment; // §5.6.4.4: nothing is on its way any more, and one segment may go
    }

    /// <inheritdoc/>
    public void Undo()
    {
        Recovered(0);
        _lossInRound = false;
        _fullPipe.Reset();
        _bandwidthShortTerm = Math.Max(_bandwidthShortTerm, _undoBandwidthShortTerm);
        _inflightShortTerm = Math.Max(_inflightShortTerm, _undoInflightShortTerm);
        _inflightLongTerm = Math.Max(_inflightLongTerm, _undoInflightLongTerm);
        if (_undoPhase == Phase.Startup)
        {
            _pipeWasFull = false;
            _phase = _phase == Phase.ProbeRoundTrip ? _phase : Phase.Startup;
        }
        else if (_undoPhase == Phase.Up && _phase is not (Phase.Up or Phase.ProbeRoundTrip))
        {
            StartRefill(_delivered);
        }

        _undoPhase = null;
    }

    private bool IsTooHigh(long lost, int inflight) => lost > 0 && (lost > inflight * LossThreshold || !_hasSack);

    private void InflightIsTooHigh(int inflight, bool isApplicationLimited)
    {
        _lastProbeWasTooHigh = true;
        _isProbeSample = false; // once for each probe
        if (!isApplicationLimited)
        {
            _inflightLongTerm = Math.Max(inflight, (int)(TargetInflight() * Beta));
        }

        if (_phase == Phase.Up)
        {
            _undoPhase = Phase.Up;
            StartDown(_now, _delivered);
        }
    }

    private void NoteLoss()
    {
        if (!_lossInRound)
        {
            _lossRoundEnds = _delivered;
            SaveWindow();
            SaveModel();
        }

        _lossInRound = true;
    }

    private void SaveModel()
    {
        _undoPhase = null;
        _undoBandwidthShortTerm = _bandwidthShortTerm;
        _undoInflightShortTerm = _inflightShortTerm;
        _undoInflightLongTerm = _inflightLongTerm;
    }

    private void UpdateLatestDelivery(in DeliverySample sample)
    {
        _delivered = sample.Delivered;
        _lossRoundStarted = false;
        if (sample.PriorDelivered < 0)
        {
            return;
        }

        _isLimitedByApplication = IsApplicationLimited(sample);
        _bandwidthLatest = Math.Max(_bandwidthLatest, sample.Rate);
        _inflightLatest = (int)Math.Max(_inflightLatest, sample.Delivered - sample.PriorDelivered);
        if (sample.PriorDelivered >= _lossRoundEnds)
        {
            _lossRoundEnds = sample.Delivered;
            _lossRoundStarted = true;
        }
    }

    private void AdvanceLatestDelivery(in DeliverySample sample)
    {
        if (_lossRoundStarted)
        {
            _bandwidthLatest = sample.Rate;
            _inflightLatest = (int)(sample.Delivered - sample.PriorDelivered);
        }
    }

    private void ResetCongestionSignals()
    {
        _lossInRound = false;
        _bandwidthLatest = 0;
        _inflightLatest = 0;
    }

    private void ResetShortTermModel()
    {
        _bandwidthShortTerm = long.MaxValue;
        _inflightShortTerm = Unbounded;
    }

    // §5.5.10.3: once in a round with losses.
    private void AdaptShortTermModel()
    {
        if (!_lossRoundStarted)
        {
            return;
        }

        if (_lossInRound && !IsProbingBandwidth)
        {
            long bandwidth = _bandwidthShortTerm == long.MaxValue ? _maximumBandwidth.Value : _bandwidthShortTerm;
            int inflight = _inflightShortTerm == Unbounded ? CongestionWindow : _inflightShortTerm;
            _bandwidthShortTerm = Math.Max(_bandwidthLatest, (long)(Beta * bandwidth));
            _inflightShortTerm = Math.Max(_inflightLatest, (int)(Beta * inflight));
        }

        _lossInRound = false;
    }
}
