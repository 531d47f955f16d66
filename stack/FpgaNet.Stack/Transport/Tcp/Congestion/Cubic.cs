using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp.Congestion;

/// <summary>
/// CUBIC (RFC 9438) with HyStart++ (RFC 9406): the window is a cubic function of the time since the last congestion event, flat around the window at which that happened,
/// and never grows more slowly than Reno's would.
/// </summary>
public sealed class Cubic : LossBasedControl
{
    private const double Beta = 0.7; // β_cubic, §4.6
    private const double Scale = 0.4; // C, in segments per second³, §5

    private HyStart _hyStart = new();
    private Epoch _epoch;
    private Epoch _priorEpoch;
    private double _fraction; // of a byte by which the window is to be larger

    /// <inheritdoc/>
    public override string Name => "cubic";

    /// <inheritdoc/>
    public override void TimedOut(int bytesInFlight, bool first)
    {
        base.TimedOut(bytesInFlight, first);

        // §4.8: the next epoch begins with K = 0 and W_max at the window of that moment.
        _epoch.HasBegun = false;
        _epoch.Maximum = 0;
    }

    /// <inheritdoc/>
    public override void Undo()
    {
        // §4.9: if the window has meanwhile grown beyond what it was, all stays.
        if (CongestionWindow < PriorWindow)
        {
            _epoch = _priorEpoch;
            _fraction = 0;
        }

        base.Undo();
    }

    /// <inheritdoc/>
    public override void Idle(in IdleEvent idle)
    {
        int window = CongestionWindow;
        base.Idle(idle);
        _epoch.IsHalted = true;
        if (CongestionWindow < window)
        {
            // Restarted: a new epoch leads back to the window that was.
            _epoch.HasBegun = false;
            _epoch.Maximum = Math.Max(_epoch.Maximum, window);
        }
    }

    /// <inheritdoc/>
    protected override void Observe(in AckEvent ack)
    {
        // RFC 9406 §4: for the first slow start, whose threshold is arbitrarily high.
        if (SlowStartThreshold == int.MaxValue && !ack.IsRecovering && _hyStart.Observe(ack))
        {
            SlowStartThreshold = CongestionWindow;
        }

        _epoch.IsHalted |= !ack.WindowWasFull;
    }

    /// <inheritdoc/>
    protected override void Grow(int bytes, in AckEvent ack)
    {
        if (SlowStartThreshold == int.MaxValue)
        {
            CongestionWindow += _hyStart.Growth(bytes);
            return;
        }

        if (IsInSlowStart)
        {
            bytes = GrowExponentially(bytes);
            if (bytes == 0)
            {
                return;
            }
        }

        _epoch.Advance(ack.Now, CongestionWindow, SegmentSize);
        AvoidCongestion(Math.Min(bytes, CongestionWindow), ack.SmoothedRoundTrip);
    }

    /// <inheritdoc/>
    protected override int Reduce(int bytesInFlight)
    {
        // §4.6 allows either; the lesser of the two is what the path has carried even when the window was not in use.
        int window = Math.Min(CongestionWindow, Math.Max(bytesInFlight, 2 * SegmentSize));

        // §4.7, fast convergence: whose maximum shrinks makes room for a newcomer.
        _epoch.Maximum = window < _epoch.Maximum ? window * (1 + Beta) / 2 : window;
        _epoch.Prior = window;
        _epoch.HasBegun = false;
        _fraction = 0;
        return Math.Max((int)(window * Beta), 2 * SegmentSize);
    }

    /// <inheritdoc/>
    protected override void Remember()
    {
        base.Remember();
        _priorEpoch = _epoch;
    }

    private void AvoidCongestion(int acknowledged, TimeSpan roundTrip)
    {
        double window = CongestionWindow + _fraction;
        double estimate = _epoch.GrowEstimate(acknowledged, window, SegmentSize);
        if (_epoch.WindowAt(_epoch.Elapsed, SegmentSize) < estimate)
        {
            window = Math.Max(window, estimate); // §4.3: the Reno-friendly region
        }
        else
        {
            // §4.2, §4.4, §4.5: towards where the function will be in a round trip; half of the window more in one is the most.
            double target = Math.Clamp(_epoch.WindowAt(_epoch.Elapsed + roundTrip, SegmentSize), window, 1.5 * window);
            window += (target - window) / window * acknowledged;
        }

        CongestionWindow = (int)window;
        _fraction = window - CongestionWindow;
    }

    /// <summary>The time between two congestion events (§4.1): all in bytes and seconds.</summary>
    private struct Epoch
    {
        // §4.3: α_cubic, with which β_cubic comes to Reno's average window.
        private const double Alpha = 3 * (1 - Beta) / (1 + Beta);

        private Instant _last; // when the window was last updated
        private double _k;
        private double _estimate; // W_est

        public bool HasBegun { get; set; }

        /// <summary>The application, not the window, is the limit: time stands still (§4.2).</summary>
        public bool IsHalted { get; set; }

        /// <summary>W_max.</summary>
        public double Maximum { get; set; }

        /// <summary>cwnd_prior.</summary>
        public double Prior { get; set; }

        /// <summary>t, without the time in which the window was not in use.</summary>
        public TimeSpan Elapsed { get; private set; }

        public void Advance(Instant now, int window, int segment)
        {
            if (!HasBegun)
            {
                HasBegun = true;
                Elapsed = TimeSpan.Zero;
                Maximum = Math.Max(Maximum, window);
                _k = Math.Cbrt((Maximum - window) / segment / Scale); // equation (2)
                _estimate = window;
            }
            else if (!IsHalted)
            {
                Elapsed += now - _last;
            }

            IsHalted = false;
            _last = now;
        }

        // Equation (1).
        public readonly double WindowAt(TimeSpan elapsed, int segment)
        {
            double t = elapsed.TotalSeconds - _k;
            return (Scale * t * t * t * segment) + Maximum;
        }

        // Equation (4).
        public double GrowEstimate(int acknowledged, double window, int segment)
        {
            double alpha = _estimate >= Prior ? 1 : Alpha;
            _estimate += alpha * acknowledged / window * segment;
            return _estimate;
        }
    }
}
