namespace FpgaNet.Stack.Transport.Tcp.Congestion;

/// <summary>The congestion control of RFC 5681 with the initial window of RFC 6928 and byte counting after RFC 3465.</summary>
public sealed class NewReno : LossBasedControl
{
    private long _credit; // bytes acknowledged towards the next increase in congestion avoidance

    /// <inheritdoc/>
    public override string Name => "newreno";

    /// <inheritdoc/>
    protected override void Grow(int bytes, in AckEvent ack)
    {
        // RFC 3465 §2.1: one segment for every window of bytes acknowledged.
        _credit += GrowExponentially(bytes);
        if (_credit >= CongestionWindow)
        {
            _credit -= CongestionWindow;
            CongestionWindow += SegmentSize;
        }
    }

    /// <inheritdoc/>
    protected override int Reduce(int bytesInFlight)
    {
        // RFC 5681 equation (4); RFC 6675 §5 (4.2).
        _credit = 0;
        return Math.Max(bytesInFlight / 2, 2 * SegmentSize);
    }
}
