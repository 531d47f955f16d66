using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp.Congestion;

/// <summary>How fast the path delivered, measured over the flight of the newest segment that an acknowledgement covers (<see cref="DeliveryRateEstimator"/>).</summary>
public readonly struct DeliverySample
{
    /// <summary>Bytes per second; 0: no sample, since nothing was delivered or the time was too short to mean anything.</summary>
    public long Rate { get; init; }

    /// <summary>The application left the path idle meanwhile: the path is at least as fast.</summary>
    public bool IsApplicationLimited { get; init; }

    /// <summary>Bytes delivered on this connection up to now.</summary>
    public long Delivered { get; init; }

    /// <summary>Bytes that had been delivered when the newest segment was sent; −1: no segment.</summary>
    public long PriorDelivered { get; init; }

    /// <summary>Bytes found to be lost since that segment was sent.</summary>
    public long Lost { get; init; }

    /// <summary>Bytes on their way once that segment had been sent, its own among them.</summary>
    public int InFlightWhenSent { get; init; }

    /// <summary>The time that the sample spans.</summary>
    public TimeSpan Interval { get; init; }
}

/// <summary>What is remembered with each sent segment (draft-ietf-ccwg-bbr §4.1.2.2): the state of delivery when it left. <see cref="DeliveryRateEstimator.Sent"/> fills it.</summary>
internal struct DeliveryStamp
{
    /// <summary>P.send_time.</summary>
    public Instant SentAt;

    /// <summary>P.first_send_time: when the flight began that this segment ends.</summary>
    public Instant FirstSentAt;

    /// <summary>P.delivered_time.</summary>
    public Instant DeliveredAt;

    /// <summary>P.delivered.</summary>
    public long Delivered;

    /// <summary>P.lost.</summary>
    public long Lost;

    /// <summary>P.tx_in_flight, in bytes.</summary>
    public int InFlight;

    /// <summary>P.is_app_limited.</summary>
    public bool IsApplicationLimited;
}
