namespace FpgaNet.Stack.Transport.Tcp.Congestion;

/// <summary>What all windows have in common that grow until something is lost (RFC 5681): the initial window, slow start, the loss window, undoing, restarting, pacing.</summary>
public abstract class LossBasedControl : ICongestionControl
{
    /// <summary>No window grows beyond it.</summary>
    private const int MaximumWindow = 1 << 30;

    private bool _isRecovering;
    private int _priorThreshold;

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public int CongestionWindow { get; protected set; } = 536;

    /// <inheritdoc/>
    public int SlowStartThreshold { get; protected set; } = int.MaxValue;

    /// <inheritdoc/>
    public long PacingRate { get; private set; }

    /// <inheritdoc/>
    public bool OwnsRecovery => false;

    /// <summary>SMSS.</summary>
    protected int SegmentSize { get; private set; } = 536;

    /// <summary>The window before the last congestion event; 0: there is nothing to undo.</summary>
    protected int PriorWindow { get; private set; }

    /// <summary>What is sent is spread over the round trip.</summary>
    protected bool IsPaced { get; private set; }

    /// <summary>The window grows exponentially.</summary>
    protected bool IsInSlowStart => CongestionWindow < SlowStartThreshold;

    /// <inheritdoc/>
    public virtual void Start(in StartEvent start)
    {
        SegmentSize = start.MaximumSegmentSize;
        CongestionWindow = InitialWindow.For(start);
        IsPaced = start.IsPaced;
        Pace(start.RoundTrip);
    }

    /// <inheritdoc/>
    public void Acknowledged(in AckEvent ack)
    {
        Observe(ack);

        // What duplicates report does not count (RFC 3042 §2), nor, when a hole is closed after a timeout, what lay behind it and had arrived before.
        int bytes = Math.Min(ack.BytesAcknowledged, ack.BytesDelivered);
        if (bytes > 0 && !ack.IsRecovering && ack.WindowWasFull && CongestionWindow < MaximumWindow)
        {
            Grow(bytes, ack);
            CongestionWindow = Math.Min(CongestionWindow, MaximumWindow);
        }

        Pace(ack.SmoothedRoundTrip);
    }

    /// <inheritdoc/>
    public void LossDetected(in LossEvent loss)
    {
        Remember();
        SlowStartThreshold = Reduce(loss.BytesInFlight);
        CongestionWindow = SlowStartThreshold;
        _isRecovering = loss.Cause == CongestionCause.Loss;
    }

    /// <inheritdoc/>
    public void Recovered(int bytesInFlight)
    {
        // RFC 6582 §3.2 (3): no burst when little is left on its way.
        CongestionWindow = Math.Min(SlowStartThreshold, Math.Max(bytesInFlight, SegmentSize) + SegmentSize);
        _isRecovering = false;
    }

    /// <inheritdoc/>
    public virtual void TimedOut(int bytesInFlight, bool first)
    {
        if (first)
        {
            if (!_isRecovering)
            {
                Remember(); // in a recovery the window was reduced already, and what was before that is what counts
            }

            SlowStartThreshold = Reduce(bytesInFlight);
        }

        CongestionWindow = SegmentSize; // RFC 5681 §3.1: the loss window
        _isRecovering = false;
    }

    /// <inheritdoc/>
    public virtual void Undo()
    {
        if (PriorWindow != 0)
        {
            CongestionWindow = Math.Max(CongestionWindow, PriorWindow);
            SlowStartThreshold = Math.Max(SlowStartThreshold, _priorThreshold);
            PriorWindow = 0;
            _isRecovering = false;
        }
    }

    /// <inheritdoc/>
    public virtual void Idle(in IdleEvent idle)
    {
        if (idle.Duration > idle.Timeout && CongestionWindow > InitialWindow.For(SegmentSize))
        {
            // RFC 5681 §4.1. What the path carried is worth trying again soon, as in RFC 7661 §4.4.3.
            SlowStartThreshold = Math.Max(SlowStartThreshold, CongestionWindow / 4 * 3);
            CongestionWindow = InitialWindow.For(SegmentSize);
        }
    }

    /// <inheritdoc/>
    public void SegmentSizeChanged(int maximumSegmentSize)
    {
        SegmentSize = maximumSegmentSize;
        CongestionWindow = Math.Max(CongestionWindow, maximumSegmentSize);
    }

    /// <summary>Sees every acknowledgement, before the window may grow.</summary>
    protected virtual void Observe(in AckEvent ack)
    {
    }

    /// <summary>The window was full, and something was acknowledged: it may grow.</summary>
    /// <param name="bytes">How much counts.</param>
    /// <param name="ack">The acknowledgement.</param>
    protected abstract void Grow(int bytes, in AckEvent ack);

    /// <summary>A congestion event.</summary>
    /// <param name="bytesInFlight">What was on its way.</param>
    /// <returns>The new slow start threshold.</returns>
    protected abstract int Reduce(int bytesInFlight);

    /// <summary>What <see cref="Undo"/> will go back to.</summary>
    protected virtual void Remember()
    {
        PriorWindow = CongestionWindow;
        _priorThreshold = SlowStartThreshold;
    }

    /// <summary>Grows by what was acknowledged, up to the slow start threshold (RFC 3465 §2.2, without its limit L: one acknowledgement may stand for a whole super-frame).</summary>
    /// <returns>What was acknowledged beyond that.</returns>
    protected int GrowExponentially(int bytes)
    {
        int slow = Math.Clamp(SlowStartThreshold - CongestionWindow, 0, bytes);
        CongestionWindow += slow;
        return bytes - slow;
    }

    // As Linux paces what does not pace itself: twice the window in a round trip while it may double, and then room to grow.
    private void Pace(TimeSpan roundTrip)
    {
        if (IsPaced && roundTrip > TimeSpan.Zero)
        {
            double gain = CongestionWindow < SlowStartThreshold / 2 ? 2.0 : 1.2;
            PacingRate = (long)(gain * CongestionWindow * TimeSpan.TicksPerSecond / roundTrip.Ticks);
        }
    }
}
