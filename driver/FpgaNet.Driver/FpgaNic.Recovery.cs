namespace FpgaNet.Driver;

// Watching the card, and bringing it back. No step waits long: a call makes a bounded number of polls, and the next one goes on.
public sealed partial class FpgaNic
{
    private const int PollsPerCall = 64;
    private const uint AllOnes = 0xFFFF_FFFF;

    // The other queues' threads look whether the card runs.
    private volatile Phase _phase;
    private bool _failedQuiet;
    private bool _failureTold;
    private int _attempts;
    private int _polls;
    private long _resetStarted;

    // The last look at the card.
    private uint _calls;
    private long _lastCheck;

    private enum Phase
    {
        /// <summary>Not started yet.</summary>
        Closed,

        /// <summary>Frames flow.</summary>
        Running,

        /// <summary>The card was told to reset itself and has not said that it is done.</summary>
        CardReset,

        /// <summary>It never said so, and the stronger means was used.</summary>
        HardReset,

        /// <summary>Given up.</summary>
        Failed,
    }

    private void CheckHealthSometimes()
    {
        if ((++_calls & 31) == 0)
        {
            CheckHealth();
        }
    }

    private void CheckHealth()
    {
        long now = _time.GetTimestamp();
        if (_phase != Phase.Running || _time.GetElapsedTime(_lastCheck, now) < _options.HealthInterval)
        {
            return;
        }

        _lastCheck = now;
        if (!SetStatus(_transport.PollStatus()))
        {
            Misbehaved(new CardFault(Misbehaviour.NoAnswer, AllOnes));
        }
        else if (CheckQueues() is { } fault)
        {
            Misbehaved(fault);
        }
    }

    /// <summary>Asks the queues whether the card did what no sound card does; then its reset has begun.</summary>
    private bool HasFault()
    {
        if (_phase == Phase.Running && _queue.Fault is { } fault)
        {
            Misbehaved(fault);
        }

        foreach (FpgaNicQueue queue in _others)
        {
            if (_phase == Phase.Running && queue.TakeFault() is { } other)
            {
                Misbehaved(other);
            }
        }

        return _phase != Phase.Running;
    }

    private void ForgetHealth()
    {
        _lastCheck = _time.GetTimestamp();
        _txShort = false;
    }

    private void Misbehaved(CardFault fault)
    {
        if (_phase != Phase.Running)
        {
            return;
        }

        _counters.CountMisbehaviour(fault.Misbehaviour);
        DriverLog.Misbehaved(_logger, Name, fault.Misbehaviour, fault.Detail, _attempts + 1);
        RememberCardCounters();
        BeginReset();
        WakeAll();
    }

    private void BeginReset()
    {
        _attempts++;
        _phase = Phase.CardReset;
        _filter?.Stop();
        FlowTable?.Stop();
        _polls = 0;
        _resetStarted = _time.GetTimestamp();
        _transport.BeginReset();
    }

    /// <summary>Goes on with a reset.</summary>
    /// <returns>True when the card runs again.</returns>
    private bool Recover()
    {
        for (int i = 0; i < PollsPerCall && _phase is Phase.CardReset or Phase.HardReset; i++)
        {
            ResetProgress progress = _transport.PollReset();
            if (progress == ResetProgress.Done)
            {
                Restart();
            }
            else if (progress == ResetProgress.NoAnswer || ++_polls > MaxPauses || _time.GetElapsedTime(_resetStarted) > _options.ResetTimeout)
            {
                Escalate();
            }
            else
            {
                _transport.Pause();
            }
        }

        return _phase == Phase.Running;
    }

    private void Escalate()
    {
        if (_phase == Phase.CardReset)
        {
            DriverLog.FunctionReset(_logger, Name);
            _counters.FunctionResets++;
            _transport.HardReset();
            _phase = Phase.HardReset;
            _polls = 0;
            _resetStarted = _time.GetTimestamp();
        }
        else if (_attempts < _options.ResetAttempts)
        {
            BeginReset();
        }
        else if (!_transport.WritesHostMemory)
        {
            _counters.TxLostInReset += (ulong)_transport.Abandon();
            Fail(quiet: true);
        }
        else
        {
            // It may still hold addresses of buffers: they are never used again.
            _counters.LeakedFrames += (ulong)_transport.Queues.Sum(static queue => queue.InFlight);
            DriverLog.MemoryLeaked(_logger, Name);
            Fail(quiet: false);
        }
    }

    private void Restart()
    {
        // The card says that nothing of it is under way any more: its memory is the host's again.
        int lost;
        HoldOthers();
        try
        {
            lost = _transport.Abandon();
            _counters.TxLostInReset += (ulong)lost;
            if (_attempts <= _options.ResetAttempts)
            {
                _counters.Resets++;
                if (_clock is not null)
                {
                    _clock.Restarts++;
                }

                Start();
            }
        }
        finally
        {
            LetOthersGo();
        }

        if (_phase != Phase.Running)
        {
            Fail(quiet: true);
            return;
        }

        DriverLog.Recovered(_logger, Name, lost);
        WakeAll();
    }

    private void Fail(bool quiet)
    {
        _failedQuiet = quiet;
        _phase = Phase.Failed;
        DriverLog.Failed(_logger, Name, Math.Min(_attempts, _options.ResetAttempts));
        _failureTold = Wake();
        WakeOthers();
    }
}
