namespace FpgaNet.Stack.Time;

/// <summary>One timer. It is made once with what owns it; setting, moving and stopping it never allocates.</summary>
internal sealed class StackTimer
{
    /// <summary>It lies in no slot of the wheel.</summary>
    internal const int Nowhere = -1;

    /// <summary>Its time has come, and its turn has not.</summary>
    internal const int Expiring = -2;

    private readonly TimerWheel _wheel;
    private readonly Action<object> _action;
    private readonly object _state;

    public StackTimer(TimerWheel wheel, Action action)
        : this(wheel, static state => ((Action)state)(), action)
    {
    }

    /// <summary>A timer of which there are many: a static action and whom it concerns need no delegate for each.</summary>
    public StackTimer(TimerWheel wheel, Action<object> action, object state)
    {
        _wheel = wheel;
        _action = action;
        _state = state;
    }

    /// <summary>When it fires; <see cref="Instant.Never"/> when it is not set.</summary>
    public Instant Due { get; internal set; } = Instant.Never;

    /// <summary>Whether it is set.</summary>
    public bool IsSet => Due != Instant.Never;

    /// <summary>For when it lies where it lies; it may be due later by now.</summary>
    internal Instant Queued { get; set; }

    /// <summary>How many were set before it.</summary>
    internal long Order { get; set; }

    /// <summary>Its slot, or one of the constants.</summary>
    internal int Place { get; set; } = Nowhere;

    /// <summary>Neighbours in the slot.</summary>
    internal StackTimer? Next { get; set; }

    internal StackTimer? Previous { get; set; }

    /// <summary>Sets it, or moves it.</summary>
    public void Set(Instant due) => _wheel.Set(this, due);

    /// <summary>Stops it for now: it stays where it is, since it will most likely be set again soon.</summary>
    public void Stop() => Due = Instant.Never;

    /// <summary>Stops it for good.</summary>
    public void Remove() => _wheel.Remove(this);

    internal void Fire() => _action(_state);
}
