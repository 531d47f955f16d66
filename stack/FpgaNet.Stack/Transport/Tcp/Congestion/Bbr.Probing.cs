using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp.Congestion;

/// <summary>
/// ProbeBW (draft-ietf-ccwg-bbr §5.3.3): slower for a moment (Down), at the path's rate (Cruise), the pipe filled again (Refill), faster (Up), and what that shows about
/// how much may be on its way in the long term.
/// </summary>
public sealed partial class Bbr
{
    private const int MostProbeUpRounds = 30;
    private const int RenoRounds = 63;

    private int _inflightLongTerm = Unbounded; // BBR.inflight_longterm, once called inflight_hi
    private AckPhase _ackPhase;
    private bool _isProbeSample; // BBR.is_bw_probe_sample: what arrives was sent while probing
    private bool _lastProbeWasTooHigh;
    private bool _lastProbeWasCautious;
    private Instant _cycleStarted;
    private TimeSpan _probeWait;
    private int _roundsSinceProbe;
    private int _probeUpRounds;
    private long _probeUpAcknowledged;
    private long _probeUpPerSegment = long.MaxValue;

    // What acknowledgements tell about the last probe (§5.3.3.9).
    private enum AckPhase
    {
        None,
        Starting,
        Feedback,
        Stopping,
        Refilling,
    }

    private void UpdateProbing(in AckEvent ack)
    {
        if (!_pipeWasFull || AdaptLongTermModel(ack))
        {
            return;
        }

        switch (_phase)
        {
            case Phase.Down when IsTimeToProbe(ack.Now):
            case Phase.Cruise when IsTimeToProbe(ack.Now):
                StartRefill(ack.Delivery.Delivered);
                break;
            case Phase.Down when IsTimeToCruise(ack.BytesInFlight):
                _phase = Phase.Cruise;
                break;
            case Phase.Refill when _round.HasStarted:
                _isProbeSample = true;
                StartUp(ack.Delivery);
                break;
            case Phase.Up when IsTimeToGoDown(ack):
                _lastProbeWasTooHigh = false;
                StartDown(ack.Now, ack.Delivery.Delivered);
                break;
        }
    }

    private void StartDown(Instant now, long delivered)
    {
        ResetCongestionSignals();
        _probeUpPerSegment = long.MaxValue;
        PickProbeWait(now, delivered);
        _cycleStarted = now;
        _ackPhase = AckPhase.Stopping;
        _round.Restart(delivered);
        _phase = Phase.Down;
    }

    private void StartRefill(long delivered)
    {
        ResetShortTermModel();
        _probeUpRounds = 0;
        _probeUpAcknowledged = 0;
        _lastProbeWasCautious = false;
        _ackPhase = AckPhase.Refilling;
        _round.Restart(delivered);
        _phase = Phase.Refill;
    }

    private void StartUp(in DeliverySample sample)
    {
        _ackPhase = AckPhase.Starting;
        _round.Restart(sample.Delivered);
        _fullPipe.Reset(sample.Rate);
        _phase = Phase.Up;
        RaiseSlope();
    }

    // §5.3.3.8: two to three seconds, or as many rounds as Reno would need. The times are spread by what differs between connections, and a run can be repeated.
    private void PickProbeWait(Instant now, long delivered)
    {
        ulong mixed = ((ulong)now.Ticks * 0x9E37_79B9_7F4A_7C15) ^ ((ulong)delivered * 0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 31)) * 0x94D0_49BB_1331_11EB;
        _roundsSinceProbe = (int)(mixed >> 63);
        _probeWait = TimeSpan.FromSeconds(2) + new TimeSpan((long)((mixed >> 20) % TimeSpan.TicksPerSecond));
    }

    private bool IsTimeToProbe(Instant now) =>
        now > _cycleStarted + _probeWait || _roundsSinceProbe >= Math.Min(TargetInflight() / _segment, RenoRounds);

    private bool IsTimeToCruise(int inflight) =>
        inflight <= InflightWithHeadroom() && inflight <= WithQuanta(BandwidthDelay(_maximumBandwidth.Value, 1));

    private bool IsTimeToGoDown(in AckEvent ack)
    {
        if (_lastProbeWasTooHigh && ack.BytesInFlight >= _inflightLongTerm)
        {
            _lastProbeWasCautious = true; // §5.3.3.6: no whole round at a level that did harm
            return true;
        }

        if (ack.WindowWasFull && CongestionWindow >= _inflightLongTerm)
        {
            _fullPipe.Reset(ack.Delivery.Rate); // not the path is the limit, but our bound
            return false;
        }

        return _fullPipe.IsFull;
    }

    // Leaves room for others.
    private int InflightWithHeadroom() => _inflightLongTerm == Unbounded
        ? Unbounded
        : Math.Max(_inflightLongTerm - Math.Max(_segment, (int)(Headroom * _inflightLongTerm)), MinimumWindow);

    private void RaiseSlope()
    {
        _probeUpPerSegment = Math.Max(CongestionWindow >> _probeUpRounds, _segment);
        _probeUpRounds = Math.Min(_probeUpRounds + 1, MostProbeUpRounds);
    }

    // By 1, 2, 4, ... segments in a round.
    private void RaiseInflight(in AckEvent ack)
    {
        if (!ack.WindowWasFull || CongestionWindow < _inflightLongTerm)
        {
            return;
        }

        _probeUpAcknowledged += ack.BytesDelivered;
        long segments = _probeUpAcknowledged / _probeUpPerSegment;
        _probeUpAcknowledged -= segments * _probeUpPerSegment;
        _inflightLongTerm = (int)Math.Min(_inflightLongTerm + (segments * _segment), MaximumWindow);
        if (_round.HasStarted)
        {
            RaiseSlope();
        }
    }

    /// <returns>Whether the next phase was decided.</returns>
    private bool AdaptLongTermModel(in AckEvent ack)
    {
        if (_round.HasStarted && _ackPhase == AckPhase.Starting)
        {
            _ackPhase = AckPhase.Feedback;
        }
        else if (_round.HasStarted && _ackPhase == AckPhase.Stopping)
        {
            // All that the last probe sent has been heard of: a cycle of the bandwidth filter is over.
            _isProbeSample = false;
            _ackPhase = AckPhase.None;
            if (IsInProbeBandwidth && !IsApplicationLimited(ack.Delivery))
            {
                _maximumBandwidth.Advance();
            }

            if (IsInProbeBandwidth && _lastProbeWasCautious && !_lastProbeWasTooHigh)
            {
                StartRefill(ack.Delivery.Delivered); // §5.3.3.6: it did no harm, on with it
                return true;
            }
        }

        if (_inflightLongTerm != Unbounded && !IsTooHigh(ack.Delivery.Lost, ack.Delivery.InFlightWhenSent))
        {
            _inflightLongTerm = Math.Max(_inflightLongTerm, ack.Delivery.InFlightWhenSent);
            if (_phase == Phase.Up)
            {
                RaiseInflight(ack);
            }
        }

        return false;
    }
}
