namespace FpgaNet.Stack.Transport.Tcp.Recovery;

/// <summary>
/// Proportional rate reduction (RFC 9937, before that RFC 6937): in a recovery, what may be sent follows what is delivered, so that the window comes down to the threshold
/// smoothly, and up to it without a burst.
/// </summary>
internal struct ProportionalRateReduction
{
    private long _flight; // RecoverFS
    private long _delivered; // prr_delivered
    private long _sent; // prr_out

    /// <summary>The congestion window for now.</summary>
    public int Window { get; private set; }

    /// <summary>A recovery begins.</summary>
    /// <param name="flight">RecoverFS: what was sent and not known to have arrived before the acknowledgement that began it.</param>
    public void Begin(int flight)
    {
        _flight = Math.Max(flight, 1);
        _delivered = 0;
        _sent = 0;
    }

    /// <summary>An acknowledgement in a recovery, the first one included; or a loss found by the timer, with nothing delivered.</summary>
    /// <param name="delivered">DeliveredData: bytes newly known to have arrived.</param>
    /// <param name="isSafe">SafeACK: SND.UNA moved and nothing more was found to be lost.</param>
    /// <param name="inFlight">Bytes on their way now.</param>
    /// <param name="threshold">The slow start threshold.</param>
    /// <param name="segmentSize">SMSS.</param>
    public void Acknowledged(int delivered, bool isSafe, int inFlight, int threshold, int segmentSize)
    {
        _delivered += delivered;
        long send;
        if (inFlight > threshold)
        {
            send = (((_delivered * threshold) + _flight - 1) / _flight) - _sent;
        }
        else
        {
            send = Math.Max(_delivered - _sent, delivered) + (isSafe ? segmentSize : 0);
            send = Math.Min(threshold - inFlight, send);
        }

        // A retransmission is due at once, and when nothing is on its way nothing else would bring the next acknowledgement.
        send = _sent == 0 || inFlight == 0 ? Math.Max(send, segmentSize) : Math.Max(send, 0);
        Window = (int)Math.Min(inFlight + send, int.MaxValue);
    }

    /// <summary>Something was sent, again or for the first time.</summary>
    public void Sent(int bytes) => _sent += bytes;
}
