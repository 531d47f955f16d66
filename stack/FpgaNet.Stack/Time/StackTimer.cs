namespace FpgaNet.Stack.Time;

/// <summary>One timer. It is made once with what owns it; setting, moving and stopping it never allocates.</summary>
internal sealed class StackTimer
{
    private readonly TimerQueue _queue;
    private readonly Action _action;

    public StackTimer(TimerQueue queue, Action action)
    {
        _queue = queue;
        _action = action;
    }

    /// <summary>When it fires; <see cref="Instant.Never"/> when it is not set.</summary>
    public Instant Due { get; internal set; } = Instant.Never;

    /// <summary>Whether it is set.</summary>
    public bool IsSet => Due != Instant.Never;

    internal Instant Queued { get; set; }

    internal int Position { get; set; } = -1;

    /// <summary>Sets it, or moves it.</summary>
    public void Set(Instant due) => _queue.Set(this, due);

    /// <summary>Stops it for now: it stays queued, since it will most likely be set again soon.</summary>
    public void Stop() => Due = Instant.Never;

    /// <summary>Stops it for good.</summary>
    public void Remove() => _queue.Remove(this);

    internal void Fire() => _action();
}
