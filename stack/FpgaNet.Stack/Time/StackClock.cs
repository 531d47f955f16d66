namespace FpgaNet.Stack.Time;

/// <summary>Turns a <see cref="TimeProvider"/>'s time stamps into <see cref="Instant"/>s.</summary>
internal sealed class StackClock
{
    private const long NanosecondUnits = 100;

    private readonly TimeProvider _provider;
    private readonly long _origin;
    private readonly long _unitsPerTick;

    public StackClock(TimeProvider provider)
    {
        _provider = provider;
        _origin = provider.GetTimestamp();
        _unitsPerTick = provider.TimestampFrequency % TimeSpan.TicksPerSecond == 0 ? provider.TimestampFrequency / TimeSpan.TicksPerSecond : 0;
    }

    /// <summary>The time now.</summary>
    public Instant Read()
    {
        // Most clocks count a whole number of units in a tick: then integers do, which take half the time of GetElapsedTime.
        long now = _provider.GetTimestamp();
        if (_unitsPerTick == NanosecondUnits)
        {
            return new Instant((now - _origin) / NanosecondUnits); // Linux: by a constant, which is a multiplication
        }

        return new Instant(_unitsPerTick > 0 ? (now - _origin) / _unitsPerTick : _provider.GetElapsedTime(_origin, now).Ticks);
    }
}
