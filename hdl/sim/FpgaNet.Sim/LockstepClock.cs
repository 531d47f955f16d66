namespace FpgaNet.Sim;

/// <summary>
/// Simulated time, and the scheduler that moves it, on one thread: poll everybody, run the cards for a few clocks, and when nothing is in flight jump to the next
/// deadline. The same program with the same seeds does the same in every run. Time is the cards' clock (8 ns a cycle) and the idle time that was
/// skipped; a timestamp is a number of nanoseconds.
/// </summary>
public sealed class LockstepClock : TimeProvider
{
    /// <summary>What a participant returns that waits for nothing but frames and calls.</summary>
    public const long NoDeadline = long.MaxValue;

    private static readonly DateTimeOffset s_epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly List<AttachedCard> _cards = [];
    private readonly List<Func<long>> _participants = [];
    private readonly PriorityQueue<LockstepTimer, (long Due, long Order)> _timers = new();
    private readonly Lock _timersLock = new();
    private readonly Signal _woken = new();
    private long _order;
    private long _now;

    /// <summary>Clock cycles that the cards run between two polls.</summary>
    public int Quantum { get; set; } = 32;

    /// <summary>
    /// Wall-clock time to wait for <see cref="Wake"/> before idle time is skipped: for programs in which other threads act on the simulated hosts. Zero, the
    /// default, is for programs of one thread and keeps the run deterministic.
    /// </summary>
    public TimeSpan IdleGrace { get; set; }

    /// <inheritdoc/>
    public override long TimestampFrequency => 1_000_000_000;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Simulated time since the clock was made.</summary>
    public TimeSpan Elapsed => new(GetTimestamp() / 100);

    /// <inheritdoc/>
    public override long GetTimestamp() => Volatile.Read(ref _now);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => s_epoch + Elapsed;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        LockstepTimer timer = new(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Lets the clock run a card. Its cycles from now on are this clock's time.</summary>
    /// <param name="card">The card.</param>
    public void Add(SimulatedBoard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        AttachedCard attached = new(card, GetTimestamp());
        _cards.Add(attached);
        card.Stepped = () => Advance(attached.Time);
    }

    /// <summary>Adds somebody to be polled: a stack, a device that must be pumped.</summary>
    /// <param name="poll">
    /// Does what can be done now and returns the timestamp of its next deadline (<see cref="NoDeadline"/> for none; one that has passed to be polled again at once).
    /// </param>
    public void Add(Func<long> poll)
    {
        ArgumentNullException.ThrowIfNull(poll);
        _participants.Add(poll);
    }

    /// <summary>Adds an event loop, such as a stack's, in place of its thread: it is polled while there is work, and then again when it is woken or its time has come.</summary>
    /// <param name="poll">Does what can be done now and returns when to call again at the latest: zero when there is more to do, <see cref="Timeout.InfiniteTimeSpan"/> for never.</param>
    /// <param name="armWake">Asks for one call as soon as there is something new.</param>
    public void Add(Func<TimeSpan> poll, Action<Action> armWake)
    {
        ArgumentNullException.ThrowIfNull(poll);
        ArgumentNullException.ThrowIfNull(armWake);
        bool woken = true;
        long deadline = NoDeadline;
        Action wake = () => Volatile.Write(ref woken, true);
        Add(() =>
        {
            if (!Volatile.Read(ref woken) && GetTimestamp() < deadline)
            {
                return deadline;
            }

            Volatile.Write(ref woken, false);
            TimeSpan wait = poll();
            deadline = wait == Timeout.InfiniteTimeSpan ? NoDeadline : GetTimestamp() + (wait.Ticks * 100);
            if (wait != TimeSpan.Zero)
            {
                armWake(wake);
            }

            return Volatile.Read(ref woken) ? 0 : deadline;
        });
    }

    /// <summary>Says that a participant has something to do, from any thread.</summary>
    public void Wake() => _woken.Set();

    /// <summary>One round: timers, polls, then clock cycles or a jump.</summary>
    /// <param name="limit">Timestamp that a jump does not pass.</param>
    /// <returns>False when nothing is in flight and nobody has a deadline: without a call from outside nothing will happen any more.</returns>
    public bool Step(long limit = long.MaxValue) => Round(limit, null);

    /// <summary>Runs until a condition holds.</summary>
    /// <param name="condition">Asked after every round.</param>
    /// <param name="limit">Simulated time to give up after.</param>
    /// <returns>Whether the condition holds. False also when nothing will happen any more.</returns>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(condition);
        long end = GetTimestamp() + (limit.Ticks * 100);
        while (!condition())
        {
            if (GetTimestamp() >= end || !Round(end, condition))
            {
                return condition();
            }
        }

        return true;
    }

    /// <summary>Runs for a span of simulated time.</summary>
    /// <param name="time">How long.</param>
    public void RunFor(TimeSpan time)
    {
        long end = GetTimestamp() + (time.Ticks * 100);
        while (GetTimestamp() < end)
        {
            Step(end);
        }
    }

    private bool Round(long limit, Func<bool>? condition)
    {
        FireTimers();
        long deadline = NoDeadline;
        foreach (Func<long> poll in _participants)
        {
            deadline = Math.Min(deadline, poll());
        }

        bool busy = false;
        foreach (AttachedCard attached in _cards)
        {
            busy |= !attached.Card.IsIdle;
        }

        long now = GetTimestamp();
        if (busy)
        {
            RunCards(now + ((long)Quantum * SimulatedBoard.NanosecondsPerCycle));
            return true;
        }

        if (deadline <= now)
        {
            // Somebody wants another turn. Time creeps on, so that nobody can hold it for ever.
            Skip(now + SimulatedBoard.NanosecondsPerCycle);
            return true;
        }

        if (condition is not null && condition())
        {
            return true; // no jump beyond what was waited for
        }

        if (IdleGrace > TimeSpan.Zero && _woken.Wait(IdleGrace))
        {
            return true;
        }

        deadline = Math.Min(deadline, NextTimer());
        if (deadline == NoDeadline)
        {
            if (limit != long.MaxValue)
            {
                Skip(limit);
            }

            return false;
        }

        Skip(Math.Min(deadline, limit));
        return true;
    }

    private void RunCards(long target)
    {
        foreach (AttachedCard attached in _cards)
        {
            long cycles = (target - attached.Time) / SimulatedBoard.NanosecondsPerCycle;
            if (cycles <= 0)
            {
                continue; // it was stepped by a register read and is ahead
            }

            if (attached.Card.IsIdle)
            {
                attached.Skipped += cycles * SimulatedBoard.NanosecondsPerCycle;
            }
            else
            {
                attached.Card.Step((int)cycles);
            }
        }

        Advance(target);
    }

    private void Skip(long target)
    {
        foreach (AttachedCard attached in _cards)
        {
            attached.Skipped += Math.Max(0, target - attached.Time);
        }

        Advance(target);
    }

    private void Advance(long time)
    {
        if (time > _now)
        {
            Volatile.Write(ref _now, time);
        }
    }

    private long NextTimer()
    {
        lock (_timersLock)
        {
            return _timers.TryPeek(out _, out (long Due, long Order) first) ? first.Due : NoDeadline;
        }
    }

    private void FireTimers()
    {
        while (true)
        {
            LockstepTimer timer;
            lock (_timersLock)
            {
                if (!_timers.TryPeek(out _, out (long Due, long Order) first) || first.Due > GetTimestamp())
                {
                    return;
                }

                timer = _timers.Dequeue();
            }

            timer.Fire();
        }
    }

    private sealed class AttachedCard(SimulatedBoard card, long now)
    {
        public SimulatedBoard Card { get; } = card;

        /// <summary>Nanoseconds that the card's clock stood still, the time before it was attached included.</summary>
        public long Skipped { get; set; } = now - (card.Cycles * SimulatedBoard.NanosecondsPerCycle);

        public long Time => Skipped + (Card.Cycles * SimulatedBoard.NanosecondsPerCycle);
    }

    private sealed class LockstepTimer(LockstepClock clock, TimerCallback callback, object? state) : ITimer
    {
        private long _period;
        private bool _disposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._timersLock)
            {
                if (_disposed)
                {
                    return false;
                }

                clock._timers.Remove(this, out _, out _);
                _period = period == Timeout.InfiniteTimeSpan ? 0 : period.Ticks * 100;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    clock._timers.Enqueue(this, (clock.GetTimestamp() + (dueTime.Ticks * 100), clock._order++));
                }

                return true;
            }
        }

        public void Fire()
        {
            lock (clock._timersLock)
            {
                if (_disposed)
                {
                    return;
                }

                if (_period != 0)
                {
                    clock._timers.Enqueue(this, (clock.GetTimestamp() + _period, clock._order++));
                }
            }

            callback(state);
        }

        public void Dispose()
        {
            lock (clock._timersLock)
            {
                _disposed = true;
                clock._timers.Remove(this, out _, out _);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
