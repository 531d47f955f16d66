using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp.Congestion;

/// <summary>What congestion control begins with.</summary>
public readonly struct StartEvent
{
    /// <summary>Time on the stack's clock.</summary>
    public required Instant Now { get; init; }

    /// <summary>Bytes of payload in a full segment.</summary>
    public required int MaximumSegmentSize { get; init; }

    /// <summary>The handshake's round-trip time; zero: not measured, since SYN was sent more than once.</summary>
    public TimeSpan RoundTrip { get; init; }

    /// <summary>The peer reports what arrives out of order (RFC 2018).</summary>
    public bool HasSelectiveAcknowledgements { get; init; }

    /// <summary>SYN or its answer had to be sent more than twice: the path is in trouble, and the initial window is one segment (RFC 5681 §3.1).</summary>
    public bool HandshakeWasLost { get; init; }

    /// <summary><see cref="TcpSettings.Pacing"/>: spread what is sent over the round trip, even where that is not the algorithm's nature.</summary>
    public bool IsPaced { get; init; }
}

/// <summary>What one acknowledgement, or one batch of them, has shown.</summary>
public readonly struct AckEvent
{
    /// <summary>Time on the stack's clock.</summary>
    public required Instant Now { get; init; }

    /// <summary>Bytes by which SND.UNA moved.</summary>
    public required int BytesAcknowledged { get; init; }

    /// <summary>Bytes that are newly known to have arrived, reported out of order (RFC 2018) or acknowledged, each counted once.</summary>
    public required int BytesDelivered { get; init; }

    /// <summary>Bytes on their way (RFC 6675 §4, pipe) before this acknowledgement.</summary>
    public required int PriorInFlight { get; init; }

    /// <summary>Bytes on their way after it.</summary>
    public required int BytesInFlight { get; init; }

    /// <summary>Bytes newly found to be lost.</summary>
    public int BytesLost { get; init; }

    /// <summary>The congestion window, not the application or the peer, had limited what was sent; only then may the window grow (RFC 7661 §3).</summary>
    public bool WindowWasFull { get; init; }

    /// <summary>The newest round-trip time of something sent once; zero: none came with this.</summary>
    public TimeSpan RoundTrip { get; init; }

    /// <summary>SRTT (RFC 6298 §2).</summary>
    public TimeSpan SmoothedRoundTrip { get; init; }

    /// <summary>The least round-trip time of the connection, or of the last minutes; zero: none yet.</summary>
    public TimeSpan MinimumRoundTrip { get; init; }

    /// <summary>SND.UNA has reached what SND.NXT was when the last round began: one round trip is over, and the next begins (RFC 9406 §4.2).</summary>
    public bool RoundStarted { get; init; }

    /// <summary>A recovery is under way; the window of who does not own it is not to grow.</summary>
    public bool IsRecovering { get; init; }

    /// <summary>How fast the path delivers.</summary>
    public DeliverySample Delivery { get; init; }
}

/// <summary>Why the window is to be reduced.</summary>
public enum CongestionCause
{
    /// <summary>Segments were lost.</summary>
    Loss,

    /// <summary>The peer echoes a mark of explicit congestion notification (RFC 3168).</summary>
    EcnEcho,
}

/// <summary>A congestion event.</summary>
public readonly struct LossEvent
{
    /// <summary>Time on the stack's clock.</summary>
    public required Instant Now { get; init; }

    /// <summary>What was on its way (RFC 5681 §3.1, FlightSize).</summary>
    public required int BytesInFlight { get; init; }

    /// <summary>Why.</summary>
    public CongestionCause Cause { get; init; }
}

/// <summary>A segment that is lost, and what had been on its way with it.</summary>
public readonly struct LostSegment
{
    /// <summary>Its payload.</summary>
    public required int Bytes { get; init; }

    /// <summary>Bytes on their way once it had been sent, its own among them.</summary>
    public required int InFlightWhenSent { get; init; }

    /// <summary>Bytes of all that was found to be lost since it was sent, its own among them.</summary>
    public required long LostSinceSent { get; init; }

    /// <summary>It was sent while the application, not the path, was the limit.</summary>
    public bool IsApplicationLimited { get; init; }
}

/// <summary>Sending begins again after nothing was on its way.</summary>
public readonly struct IdleEvent
{
    /// <summary>Time on the stack's clock.</summary>
    public required Instant Now { get; init; }

    /// <summary>Time since the last segment was sent.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The retransmission timeout: what is idle for longer has lost its ACK clock (RFC 5681 §4.1).</summary>
    public required TimeSpan Timeout { get; init; }
}
