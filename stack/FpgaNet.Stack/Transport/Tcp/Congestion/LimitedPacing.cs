namespace FpgaNet.Stack.Transport.Tcp.Congestion;

/// <summary>A control whose data leaves no faster than the application lets it (SO_MAX_PACING_RATE, socket(7)); all else is the control's own business.</summary>
/// <param name="inner">The control.</param>
/// <param name="limit">Bytes a second.</param>
internal sealed class LimitedPacing(ICongestionControl inner, long limit) : ICongestionControl
{
    /// <summary>The control.</summary>
    public ICongestionControl Inner => inner;

    /// <summary>The same limit for another control.</summary>
    /// <param name="other">The other.</param>
    public LimitedPacing With(ICongestionControl other) => new(other, limit);

    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public int CongestionWindow => inner.CongestionWindow;

    /// <inheritdoc/>
    public int SlowStartThreshold => inner.SlowStartThreshold;

    /// <inheritdoc/>
    public long PacingRate => inner.PacingRate is > 0 and long rate ? Math.Min(rate, limit) : limit;

    /// <inheritdoc/>
    public bool OwnsRecovery => inner.OwnsRecovery;

    /// <inheritdoc/>
    public void Start(in StartEvent start) => inner.Start(start);

    /// <inheritdoc/>
    public void Acknowledged(in AckEvent ack) => inner.Acknowledged(ack);

    /// <inheritdoc/>
    public void SegmentLost(in LostSegment lost) => inner.SegmentLost(lost);

    /// <inheritdoc/>
    public void LossDetected(in LossEvent loss) => inner.LossDetected(loss);

    /// <inheritdoc/>
    public void Recovered(int bytesInFlight) => inner.Recovered(bytesInFlight);

    /// <inheritdoc/>
    public void TimedOut(int bytesInFlight, bool first) => inner.TimedOut(bytesInFlight, first);

    /// <inheritdoc/>
    public void Undo() => inner.Undo();

    /// <inheritdoc/>
    public void Idle(in IdleEvent idle) => inner.Idle(idle);

    /// <inheritdoc/>
    public void SegmentSizeChanged(int maximumSegmentSize) => inner.SegmentSizeChanged(maximumSegmentSize);
}
