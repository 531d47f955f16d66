namespace FpgaNet.Stack.Transport.Tcp.Congestion;

/// <summary>
/// BBR version 3 (draft-ietf-ccwg-bbr-06): a model of the path, bandwidth and least round trip, says how fast to send and how much to have on its way; loss above 2 %
/// bounds the model. This part: what happens with every acknowledgement, and the pacing rate and window that follow from the model. The others: Startup, Probing,
/// Losses, RoundTrip.
/// </summary>
public sealed partial class Bbr : ICongestionControl
{
    private const int Unbounded = int.MaxValue;
    private const int MaximumWindow = 1 << 30;
    private const double Beta = 0.7;
    private const double LossThreshold = 0.02;
    private const double Headroom = 0.15;
    private const double PacingMargin = 0.99; // a little less than the path carries, to keep its queue short

    private WindowedMaximum _maximumBandwidth; // over two cycles of probing
    private RoundCounter _round;
    private AckAggregation _aggregation;
    private Phase _phase;
    private long _bandwidth; // BBR.bw, bytes per second
    private int _segment = 536;
    private int _initialWindow;
    private int _priorWindow;
    private bool _isRecovering;
    private long _restoreAt = long.MaxValue; // after a timeout: bytes delivered at which the window comes back
    private bool _hasSack;
    private bool _restartsFromIdle;

    private enum Phase
    {
        Startup,
        Drain,
        Down,
        Cruise,
        Refill,
        Up,
        ProbeRoundTrip,
    }

    /// <inheritdoc/>
    public string Name => "bbr";

    /// <inheritdoc/>
    public int CongestionWindow { get; private set; } = 536;

    /// <inheritdoc/>
    public int SlowStartThreshold => _pipeWasFull ? CongestionWindow : int.MaxValue;

    /// <inheritdoc/>
    public long PacingRate { get; private set; }

    /// <inheritdoc/>
    public bool OwnsRecovery => true;

    /// <summary>The state for tests and people who look for a fault.</summary>
    internal string State => _phase.ToString();

    /// <summary>The bandwidth of the path as it is known, bytes per second.</summary>
    internal long MaximumBandwidth => _maximumBandwidth.Value;

    /// <summary>The bound that losses set while probing; <see cref="int.MaxValue"/>: none.</summary>
    internal int InflightLongTerm => _inflightLongTerm;

    private int MinimumWindow => 4 * _segment;

    private bool IsProbingBandwidth => _phase is Phase.Startup or Phase.Refill or Phase.Up;

    private bool IsInProbeBandwidth => _phase is Phase.Down or Phase.Cruise or Phase.Refill or Phase.Up;

    // §5.6.1.
    private double PacingGain => _phase switch
    {
        Phase.Startup => 2.77,
        Phase.Drain => 0.5,
        Phase.Down => 0.9,
        Phase.Up => 1.25,
        _ => 1,
    };

    private double WindowGain => _phase switch
    {
        Phase.Up => 2.25,
        Phase.ProbeRoundTrip => 0.5,
        _ => 2,
    };

    /// <inheritdoc/>
    public void Start(in StartEvent start)
    {
        _segment = start.MaximumSegmentSize;
        _hasSack = start.HasSelectiveAcknowledgements;
        _initialWindow = InitialWindow.For(start);
        CongestionWindow = _initialWindow;
        TimeSpan roundTrip = start.RoundTrip > TimeSpan.Zero ? start.RoundTrip : TimeSpan.FromMilliseconds(1);
        PacingRate = (long)(PacingGain * _initialWindow * TimeSpan.TicksPerSecond / roundTrip.Ticks);
        _aggregation.Restart(start.Now);
        StartRoundTrip(start);
    }

    /// <inheritdoc/>
    public void Acknowledged(in AckEvent ack)
    {
        // §5.2.3, in its order.
        UpdateLatestDelivery(ack.Delivery);
        _round.Update(ack.Delivery);
        if (_round.HasStarted)
        {
            _roundsSinceProbe++;
        }

        UpdateMaximumBandwidth(ack.Delivery);
        AdaptShortTermModel();
        _aggregation.Update(ack, _bandwidth, CongestionWindow, _round.HasStarted, _pipeWasFull);
        CheckPipe(ack);
        UpdateProbing(ack);
        UpdateRoundTrip(ack);
        AdvanceLatestDelivery(ack.Delivery);
        _bandwidth = Math.Min(_maximumBandwidth.Value, _bandwidthShortTerm);

        if (ack.Delivery.PriorDelivered >= _restoreAt)
        {
            Recovered(ack.BytesInFlight);
        }

        SetPacingRate(PacingGain);
        SetWindow(ack);
    }

    /// <inheritdoc/>
    public void Idle(in IdleEvent idle)
    {
        // §5.4.1: no slow start, but exactly the bandwidth of the path.
        _restartsFromIdle = true;
        _aggregation.Restart(idle.Now);
        if (IsInProbeBandwidth)
        {
            SetPacingRate(1);
        }
        else if (_phase == Phase.ProbeRoundTrip)
        {
            CheckRoundTripProbed(idle.Now);
        }
    }

    /// <inheritdoc/>
    public void SegmentSizeChanged(int maximumSegmentSize)
    {
        _segment = maximumSegmentSize;
        CongestionWindow = Math.Max(CongestionWindow, maximumSegmentSize);
    }

    // §5.5.5.
    private void UpdateMaximumBandwidth(in DeliverySample sample)
    {
        if (sample.Rate > 0 && (sample.Rate >= _maximumBandwidth.Value || !IsApplicationLimited(sample)))
        {
            _maximumBandwidth.Add(sample.Rate);
        }
    }

    // What was sent while the least round trip was probed says as little as what the application held back (§5.3.4.3).
    private bool IsApplicationLimited(in DeliverySample sample) => sample.IsApplicationLimited || sample.PriorDelivered < _probedRoundTripUntil;

    private long BandwidthDelay(long bandwidth, double gain) =>
        _minimumRoundTrip == TimeSpan.MaxValue ? _initialWindow : (long)(gain * bandwidth * _minimumRoundTrip.Ticks / TimeSpan.TicksPerSecond);

    // §5.6.4.2: room for what waits in the offloads of both ends.
    private int WithQuanta(long inflight)
    {
        inflight = Math.Max(inflight, 3L * Pacer.Quantum(PacingRate, _segment));
        inflight = Math.Max(inflight, MinimumWindow);
        inflight += _phase == Phase.Up ? 2 * _segment : 0;
        return (int)Math.Min(inflight, MaximumWindow);
    }

    private int TargetInflight() => (int)Math.Min(BandwidthDelay(_bandwidth, 1), CongestionWindow);

    // §5.6.2. Never less than the least window in a second: what was measured with packets of a few bytes says little about the path.
    private void SetPacingRate(double gain)
    {
        long rate = Math.Max((long)(gain * _bandwidth * PacingMargin), MinimumWindow);
        if (_bandwidth > 0 && (_pipeWasFull || rate > PacingRate))
        {
            PacingRate = rate;
        }
    }

    // §5.6.4.6, §5.6.4.7.
    private void SetWindow(in AckEvent ack)
    {
        int most = WithQuanta(BandwidthDelay(_bandwidth, WindowGain) + _aggregation.Extra);
        int window = CongestionWindow;
        if (_pipeWasFull)
        {
            window = (int)Math.Min((long)window + ack.BytesDelivered, most);
        }
        else if (window < most || ack.Delivery.Delivered < _initialWindow)
        {
            window = (int)Math.Min((long)window + ack.BytesDelivered, MaximumWindow);
        }

        window = Math.Max(window, MinimumWindow);
        if (_phase == Phase.ProbeRoundTrip)
        {
            window = Math.Min(window, RoundTripProbeWindow());
        }

        int cap = _phase switch
        {
            Phase.Down or Phase.Refill or Phase.Up => _inflightLongTerm,
            Phase.Cruise or Phase.ProbeRoundTrip => InflightWithHeadroom(),
            _ => Unbounded,
        };
        CongestionWindow = Math.Min(window, Math.Max(Math.Min(cap, _inflightShortTerm), MinimumWindow));
    }

    private void SaveWindow() =>
        _priorWindow = _isRecovering || _phase == Phase.ProbeRoundTrip ? Math.Max(_priorWindow, CongestionWindow) : CongestionWindow;

    private void RestoreWindow() => CongestionWindow = Math.Max(CongestionWindow, _priorWindow);
}
