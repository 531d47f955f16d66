namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>
/// How much may be on its way (RFC 5681 and its successors). Which bytes are lost is not its question: loss recovery says so. One
/// object serves one connection; every call is made under the stack's lock.
/// </summary>
public interface ICongestionControl
{
    /// <summary>Its name, such as <c>newreno</c>.</summary>
    string Name { get; }

    /// <summary>Bytes that may be on their way; at least one segment.</summary>
    int CongestionWindow { get; }

    /// <summary>Below it the window grows exponentially; in bytes.</summary>
    int SlowStartThreshold { get; }

    /// <summary>The connection is established.</summary>
    /// <param name="maximumSegmentSize">Bytes of payload in a full segment.</param>
    void Start(int maximumSegmentSize);

    /// <summary>New data was acknowledged while nothing is being recovered.</summary>
    /// <param name="bytes">How much.</param>
    /// <param name="windowWasFull">The window, not the application, had limited what was sent; only then may it grow.</param>
    /// <param name="roundTrip">The smoothed round-trip time.</param>
    /// <param name="elapsed">Time on the stack's clock.</param>
    void Acknowledged(int bytes, bool windowWasFull, TimeSpan roundTrip, TimeSpan elapsed);

    /// <summary>A loss was detected by duplicate acknowledgements; recovery begins.</summary>
    /// <param name="bytesInFlight">What was on its way.</param>
    void LossDetected(int bytesInFlight);

    /// <summary>The recovery that <see cref="LossDetected"/> began is over.</summary>
    /// <param name="bytesInFlight">What is on its way now.</param>
    void Recovered(int bytesInFlight);

    /// <summary>A retransmission timeout.</summary>
    /// <param name="bytesInFlight">What was on its way.</param>
    /// <param name="first">Not yet a second timeout of the same data.</param>
    void TimedOut(int bytesInFlight, bool first);

    /// <summary>Nothing was sent for longer than a retransmission timeout (RFC 5681 §4.1).</summary>
    void Idle();
}
