namespace FpgaNet.Stack.Transport.Tcp.Congestion;

/// <summary>
/// How much may be on its way, and how fast it may leave (RFC 5681 and its successors). Which bytes are lost is not its question: loss recovery says so. One
/// object serves one connection; every call is made under the stack's lock, must not block, and should not allocate.
/// </summary>
/// <remarks>Users may bring their own: <see cref="TcpSettings.CongestionControl"/> makes one for each connection. docs/tcp.md, "Congestion control".</remarks>
public interface ICongestionControl
{
    /// <summary>Its name, such as <c>cubic</c>.</summary>
    string Name { get; }

    /// <summary>Bytes that may be on their way; at least one segment.</summary>
    int CongestionWindow { get; }

    /// <summary>Below it the window grows exponentially; in bytes. In a recovery it is the window that proportional rate reduction steers to (RFC 6937).</summary>
    int SlowStartThreshold { get; }

    /// <summary>Bytes per second at which data may leave; 0: as fast as the windows allow.</summary>
    long PacingRate { get; }

    /// <summary>The window is used as it is during a recovery too; proportional rate reduction (RFC 6937) stays out.</summary>
    bool OwnsRecovery { get; }

    /// <summary>The connection is established.</summary>
    void Start(in StartEvent start);

    /// <summary>Something was delivered: SND.UNA moved or the peer reported more (RFC 2018); in a recovery too.</summary>
    void Acknowledged(in AckEvent ack);

    /// <summary>One segment was found to be lost; called once for each, before <see cref="LossDetected"/> and <see cref="Acknowledged"/> of the same acknowledgement.</summary>
    void SegmentLost(in LostSegment lost)
    {
    }

    /// <summary>A congestion event, once for each window of data: a recovery begins, or the peer echoes congestion (RFC 3168 §6.1.2).</summary>
    void LossDetected(in LossEvent loss);

    /// <summary>The recovery that <see cref="LossDetected"/> began is over.</summary>
    /// <param name="bytesInFlight">What is on its way now.</param>
    void Recovered(int bytesInFlight);

    /// <summary>A retransmission timeout.</summary>
    /// <param name="bytesInFlight">What was on its way.</param>
    /// <param name="first">Not yet a second timeout of the same data.</param>
    void TimedOut(int bytesInFlight, bool first);

    /// <summary>The last <see cref="LossDetected"/> or <see cref="TimedOut"/> was spurious: nothing had been lost (RFC 4015, RFC 9438 §4.9).</summary>
    void Undo();

    /// <summary>Sending begins again after nothing was on its way (RFC 5681 §4.1).</summary>
    void Idle(in IdleEvent idle);

    /// <summary>The path takes larger or smaller segments than before.</summary>
    /// <param name="maximumSegmentSize">Bytes of payload in a full segment.</param>
    void SegmentSizeChanged(int maximumSegmentSize);
}
