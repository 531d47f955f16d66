namespace FpgaNet.Simulation;

/// <summary>A clock that moves only when told to.</summary>
public sealed class VirtualTime : TimeProvider
{
    private long _ticks;

    public TimeSpan Elapsed => new(_ticks);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public void MoveTo(TimeSpan elapsed) => _ticks = Math.Max(_ticks, elapsed.Ticks);
}
