namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>Round-trip time and retransmission timeout (RFC 6298).</summary>
internal struct RoundTripEstimator
{
    // RFC 6298 §2: G, the granularity of the clock that measures: time stamps count milliseconds.
    private static readonly TimeSpan s_granularity = TimeSpan.FromMilliseconds(1);

    private readonly TimeSpan _minimum;
    private readonly TimeSpan _maximum;
    private TimeSpan _variation;
    private TimeSpan _timeout;

    public RoundTripEstimator(TcpSettings settings)
    {
        _minimum = settings.MinimumRetransmissionTimeout;
        _maximum = settings.MaximumRetransmissionTimeout;
        _timeout = settings.InitialRetransmissionTimeout;
    }

    /// <summary>SRTT; zero before the first measurement.</summary>
    public TimeSpan Smoothed { get; private set; }

    /// <summary>The least of all measurements; zero before the first.</summary>
    public TimeSpan Minimum { get; private set; }

    /// <summary>RTTVAR.</summary>
    public readonly TimeSpan Variation => _variation;

    /// <summary>How often the timeout was doubled since the last measurement.</summary>
    public int Backoffs { get; private set; }

    /// <summary>RTO.</summary>
    public readonly TimeSpan Timeout
    {
        get
        {
            TimeSpan timeout = new(_timeout.Ticks << Math.Min(Backoffs, 16));
            return timeout < _maximum ? timeout : _maximum;
        }
    }

    /// <summary>Takes a measurement (§2.2, §2.3).</summary>
    public void Measure(TimeSpan roundTrip) => Measure(roundTrip, roundTrip);

    /// <summary>Takes a measurement.</summary>
    /// <param name="roundTrip">With all that the peer may have waited for.</param>
    /// <param name="shortest">What the path alone took, as far as that can be told.</param>
    public void Measure(TimeSpan roundTrip, TimeSpan shortest)
    {
        if (Smoothed == TimeSpan.Zero)
        {
            Smoothed = roundTrip > TimeSpan.Zero ? roundTrip : s_granularity;
            _variation = roundTrip / 2;
            Minimum = shortest > TimeSpan.Zero ? shortest : Smoothed;
        }
        else
        {
            // In ticks: TimeSpan divides and multiplies by way of double.
            _variation += new TimeSpan(((Smoothed - roundTrip).Duration() - _variation).Ticks / 4);
            Smoothed += new TimeSpan((roundTrip - Smoothed).Ticks / 8);
            Minimum = shortest < Minimum ? shortest : Minimum;
            if (Smoothed <= TimeSpan.Zero)
            {
                Smoothed = new TimeSpan(1);
            }
        }

        TimeSpan spread = new(_variation.Ticks * 4);
        TimeSpan timeout = Smoothed + (spread > s_granularity ? spread : s_granularity);
        _timeout = timeout > _minimum ? timeout : _minimum;
        Backoffs = 0;
    }

    /// <summary>Doubles the timeout (§5.5).</summary>
    public void BackOff() => Backoffs++;

    /// <summary>New data was acknowledged without a measurement to be had: the peer is alive, the doubling ends.</summary>
    public void Progressed() => Backoffs = 0;

    /// <summary>RFC 6298 §5.7: the SYN was sent again, so that data begins with three seconds until something is measured.</summary>
    public void SynWasRetransmitted()
    {
        Backoffs = 0;
        _timeout = TimeSpan.FromSeconds(3);
    }
}
