namespace FpgaNet.Stack.Transport.Tcp.Congestion;

/// <summary>
/// HyStart++ (RFC 9406): leaves the first slow start when the round trip becomes longer, before the path's queue overflows. Between slow start and congestion avoidance lies
/// conservative slow start (CSS), which grows at a quarter of the speed and goes back when the longer round trip proves to have been a passing one.
/// </summary>
internal struct HyStart
{
    // RFC 9406 §4.3.
    private const int MinimumRoundTripDivisor = 8;
    private const int SamplesPerRound = 8;
    private const int ConservativeDivisor = 4;
    private const int ConservativeRounds = 5;

    private static readonly TimeSpan s_minimumThreshold = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan s_maximumThreshold = TimeSpan.FromMilliseconds(16);

    private TimeSpan _lastRoundMinimum;
    private TimeSpan _roundMinimum;
    private TimeSpan _baseline; // cssBaselineMinRtt
    private int _samples;
    private int _rounds;

    public HyStart()
    {
        _lastRoundMinimum = TimeSpan.MaxValue;
        _roundMinimum = TimeSpan.MaxValue;
    }

    /// <summary>In conservative slow start.</summary>
    public bool IsConservative { get; private set; }

    /// <summary>Looks at an acknowledgement during the first slow start.</summary>
    /// <returns>Whether congestion avoidance begins.</returns>
    public bool Observe(in AckEvent ack)
    {
        if (ack.RoundStarted)
        {
            // §4.2: the round that began with the transition counts as one of the five.
            if (IsConservative && ++_rounds >= ConservativeRounds)
            {
                return true;
            }

            _lastRoundMinimum = _roundMinimum;
            _roundMinimum = TimeSpan.MaxValue;
            _samples = 0;
        }

        if (ack.RoundTrip <= TimeSpan.Zero)
        {
            return false;
        }

        _samples++;
        _roundMinimum = ack.RoundTrip < _roundMinimum ? ack.RoundTrip : _roundMinimum;
        if (_samples < SamplesPerRound)
        {
            return false;
        }

        if (IsConservative)
        {
            IsConservative = _roundMinimum >= _baseline;
        }
        else if (_lastRoundMinimum != TimeSpan.MaxValue && _roundMinimum >= _lastRoundMinimum + Threshold)
        {
            _baseline = _roundMinimum;
            _rounds = 0;
            IsConservative = true;
        }

        return false;
    }

    /// <summary>By how much the window grows (§4.2; its limit L is none, as where a sender paces: one acknowledgement may stand for a whole super-frame).</summary>
    public readonly int Growth(int acknowledged) => IsConservative ? acknowledged / ConservativeDivisor : acknowledged;

    private readonly TimeSpan Threshold
    {
        get
        {
            TimeSpan threshold = _lastRoundMinimum / MinimumRoundTripDivisor;
            threshold = threshold < s_maximumThreshold ? threshold : s_maximumThreshold;
            return threshold > s_minimumThreshold ? threshold : s_minimumThreshold;
        }
    }
}
