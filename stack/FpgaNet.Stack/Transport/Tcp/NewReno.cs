namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>The congestion control of RFC 5681 with the initial window of RFC 6928 and byte counting after RFC 3465.</summary>
public sealed class NewReno : ICongestionControl
{
    private const int MaximumWindow = 1 << 30;

    private int _segment = 536;
    private int _credit; // bytes acknowledged towards the next increase in congestion avoidance

    /// <inheritdoc/>
    public string Name => "newreno";

    /// <inheritdoc/>
    public int CongestionWindow { get; private set; } = 536;

    /// <inheritdoc/>
    public int SlowStartThreshold { get; private set; } = int.MaxValue;

    // RFC 6928 §2.
    private int InitialWindow => Math.Min(10 * _segment, Math.Max(2 * _segment, 14600));

    /// <inheritdoc/>
    public void Start(int maximumSegmentSize)
    {
        _segment = maximumSegmentSize;
        CongestionWindow = InitialWindow;
    }

    /// <inheritdoc/>
    public void Acknowledged(int bytes, bool windowWasFull, TimeSpan roundTrip, TimeSpan elapsed)
    {
        if (!windowWasFull || CongestionWindow >= MaximumWindow)
        {
            return;
        }

        if (CongestionWindow < SlowStartThreshold)
        {
            // RFC 3465 §2.2, without its limit L: one acknowledgement may stand for a whole super-frame.
            int slow = Math.Min(bytes, SlowStartThreshold - CongestionWindow);
            CongestionWindow += slow;
            bytes -= slow;
        }

        // RFC 3465 §2.1: one segment for every window of bytes acknowledged.
        _credit += bytes;
        if (_credit >= CongestionWindow)
        {
            _credit -= CongestionWindow;
            CongestionWindow += _segment;
        }
    }

    /// <inheritdoc/>
    public void LossDetected(int bytesInFlight)
    {
        // RFC 5681 equation (4); RFC 6675 §5 (4.2).
        SlowStartThreshold = Math.Max(bytesInFlight / 2, 2 * _segment);
        CongestionWindow = SlowStartThreshold;
        _credit = 0;
    }

    /// <inheritdoc/>
    public void Recovered(int bytesInFlight) =>
        CongestionWindow = Math.Min(SlowStartThreshold, Math.Max(bytesInFlight, _segment) + _segment); // RFC 6582 §3.2 (3), no burst

    /// <inheritdoc/>
    public void TimedOut(int bytesInFlight, bool first)
    {
        if (first)
        {
            SlowStartThreshold = Math.Max(bytesInFlight / 2, 2 * _segment);
        }

        CongestionWindow = _segment; // RFC 5681 §3.1: the loss window
        _credit = 0;
    }

    /// <inheritdoc/>
    public void Idle() => CongestionWindow = Math.Min(CongestionWindow, InitialWindow);
}
