using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp.Congestion;

/// <summary>How much more arrives at once than the bandwidth explains (draft-ietf-ccwg-bbr §5.5.9): the window has to bridge the silence between such bursts of acknowledgements.</summary>
internal struct AckAggregation
{
    private const int PeriodRounds = 5; // two periods make the filter's ten rounds

    private WindowedMaximum _filter;
    private Instant _intervalStart;
    private long _delivered;
    private int _rounds;

    /// <summary>Bytes.</summary>
    public readonly long Extra => _filter.Value;

    /// <summary>The time before <paramref name="now"/> does not count.</summary>
    public void Restart(Instant now)
    {
        _intervalStart = now;
        _delivered = 0;
    }

    /// <summary>An acknowledgement.</summary>
    /// <param name="ack">The acknowledgement.</param>
    /// <param name="bandwidth">Expected, bytes per second.</param>
    /// <param name="window">The congestion window: more cannot have come.</param>
    /// <param name="roundStarted">It began a round.</param>
    /// <param name="pipeIsFull">Startup is over; before, only the last round counts.</param>
    public void Update(in AckEvent ack, long bandwidth, int window, bool roundStarted, bool pipeIsFull)
    {
        if (roundStarted && ++_rounds >= (pipeIsFull ? PeriodRounds : 1))
        {
            _rounds = 0;
            _filter.Advance();
        }

        double expected = bandwidth * (ack.Now - _intervalStart).TotalSeconds;
        if (_delivered <= expected)
        {
            Restart(ack.Now);
            expected = 0;
        }

        _delivered += ack.BytesDelivered;
        _filter.Add(Math.Min((long)(_delivered - expected), window));
    }
}
