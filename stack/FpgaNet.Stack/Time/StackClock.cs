namespace FpgaNet.Stack.Time;

/// <summary>Turns a <see cref="TimeProvider"/>'s time stamps into <see cref="Instant"/>s.</summary>
internal sealed class StackClock
{
    private readonly TimeProvider _provider;
    private readonly long _origin;

    public StackClock(TimeProvider provider)
    {
        _provider = provider;
        _origin = provider.GetTimestamp();
    }

    /// <summary>The time now.</summary>
    public Instant Read() => new(_provider.GetElapsedTime(_origin).Ticks);
}
