using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network;

/// <summary>A token bucket: so many a second, and as many at once.</summary>
internal struct RateLimit
{
    private readonly int _perSecond;
    private long _credit; // in ticks of 100 ns; one event costs a second divided by the rate
    private Instant _last;

    public RateLimit(int perSecond)
    {
        _perSecond = perSecond;
        _credit = TimeSpan.TicksPerSecond;
    }

    /// <summary>Whether one more event is allowed now; if so it is counted.</summary>
    public bool TryTake(Instant now)
    {
        _credit = Math.Min(_credit + (now - _last).Ticks, TimeSpan.TicksPerSecond);
        _last = now;
        long cost = TimeSpan.TicksPerSecond / _perSecond;
        if (_credit < cost)
        {
            return false;
        }

        _credit -= cost;
        return true;
    }
}
