namespace FpgaNet.Driver;

// Watching the card, and bringing it back. No step waits long: a call makes a bounded number of polls, and the next one goes on.
public sealed partial class FpgaNic
{
    private const int PollsPerCall = 64;
    private const uint AllOnes = 0xFFFF_FFFF;

    private Phase _phase;
    private bool _failedQuiet;
    private bool _failureTold;
    private bool _linkUp;
    private int _attempts;
    private int _polls;
    private long _resetStarted;

    // The last look at the card.
    private uint _calls;
    private long _lastCheck;
    private long _txProgress;
    private ushort _txReleased;
    private bool _rxMissing;
    private ushort _rxMissingAt;

    private enum Phase
    {
        /// <summary>Not started yet.</summary>
        Closed,

        /// <summary>Frames flow.</summary>
        Running,

        /// <summary>The card was told to reset itself and has not said that it is done.</summary>
        CardReset,

        /// <summary>It never said so, and the function was reset.</summary>
        FunctionReset,

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
        if (!ReadLink())
        {
            Misbehaved(Misbehaviour.NoAnswer, AllOnes);
            return;
        }

        uint tx = ReadQueue(TxQueueRegisters.Offset, TxQueueRegisters.Status);
        uint rx = ReadQueue(RxQueueRegisters.Offset, TxQueueRegisters.Status);
        if (IsHalted(tx) || IsHalted(rx))
        {
            Misbehaved(Misbehaviour.QueueHalted, IsHalted(tx) ? tx : rx);
        }
        else if (IsTransmitStuck(now))
        {
            Misbehaved(Misbehaviour.TransmitStuck, _txReleased);
        }
        else if (IsCompletionLost())
        {
            Misbehaved(Misbehaviour.CompletionLost, _rxCompletions.Consumer);
        }
    }

    // Halted by an error, or off although it was switched on: somebody else has reset the function.
    private static bool IsHalted(uint status) => TxQueueRegisters.StatusError.Get(status) != 0 || !TxQueueRegisters.StatusActive.IsSet(status);

    /// <summary>Looks at the link.</summary>
    /// <returns>False when the card does not answer.</returns>
    private bool ReadLink()
    {
        uint status = _card.ReadCore(CoreRegisters.Status);
        if (status == AllOnes)
        {
            return false;
        }

        bool up = CoreRegisters.StatusLinkUp.IsSet(status);
        if (up != _linkUp)
        {
            _linkUp = up;
            DriverLog.Link(_logger, Name, up ? "up" : "down");
            Wake();
        }

        return true;
    }

    private bool IsTransmitStuck(long now)
    {
        ReapTransmit();
        if (_phase != Phase.Running || _tx.InFlight == 0 || _txWasIdle || _tx.Released != _txReleased)
        {
            _txWasIdle = false;
            _txReleased = _tx.Released;
            _txProgress = now;
            return false;
        }

        return _time.GetElapsedTime(_txProgress, now) >= _options.StuckTimeout;
    }

    // The card writes an entry before it counts it, and a register read does not overtake a write of the card (PCIe Base 4.0
    // §2.4.1): an entry that is counted but not seen twice in a row was written elsewhere or with the wrong phase.
    private bool IsCompletionLost()
    {
        ushort missing = (ushort)(ReadQueue(RxQueueRegisters.Offset, TxQueueRegisters.CompletionProducer) - _rxCompletions.Consumer);
        if (_phase != Phase.Running || missing == 0 || _rxCompletions.HasEntry)
        {
            _rxMissing = false;
            return false;
        }

        bool lost = _rxMissing && _rxMissingAt == _rxCompletions.Consumer;
        _rxMissing = true;
        _rxMissingAt = _rxCompletions.Consumer;
        return lost || missing > _rxCompletions.Size;
    }

    private void ForgetHealth()
    {
        long now = _time.GetTimestamp();
        _lastCheck = now;
        _txProgress = now;
        _txReleased = 0;
        _rxMissing = false;
        _txShort = false;
    }

    private void Misbehaved(Misbehaviour misbehaviour, uint detail)
    {
        if (_phase != Phase.Running)
        {
            return;
        }

        _counters.CountMisbehaviour(misbehaviour);
        DriverLog.Misbehaved(_logger, Name, misbehaviour, detail, _attempts + 1);
        RememberCardCounters();
        BeginReset();
        Wake();
    }

    private void BeginReset()
    {
        _attempts++;
        _phase = Phase.CardReset;
        _polls = 0;
        _resetStarted = _time.GetTimestamp();
        _card.WritePcie(PcieRegisters.Control, PcieRegisters.ControlReset.Mask);
    }

    /// <summary>Goes on with a reset.</summary>
    /// <returns>True when the card runs again.</returns>
    private bool Recover()
    {
        for (int i = 0; i < PollsPerCall && _phase is Phase.CardReset or Phase.FunctionReset; i++)
        {
            uint control = _card.ReadPcie(PcieRegisters.Control);
            if (!PcieRegisters.ControlReset.IsSet(control) && _card.IsPresent)
            {
                Restart();
            }
            else if (control == AllOnes || ++_polls > MaxPauses || _time.GetElapsedTime(_resetStarted) > _options.ResetTimeout)
            {
                Escalate();
            }
            else
            {
                _function.Pause();
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
            _function.Reset();
            _phase = Phase.FunctionReset;
            _polls = 0;
            _resetStarted = _time.GetTimestamp();
        }
        else if (_attempts < _options.ResetAttempts)
        {
            BeginReset();
        }
        else
        {
            // It may still hold addresses of buffers: they are never used again.
            _counters.LeakedFrames += (ulong)_tx.InFlight;
            DriverLog.MemoryLeaked(_logger, Name);
            Fail(quiet: false);
        }
    }

    private void Restart()
    {
        // The card says that nothing of it is under way any more: its memory is the host's again.
        int lost = _tx.Restart();
        _counters.TxLostInReset += (ulong)lost;
        if (_attempts > _options.ResetAttempts)
        {
            Fail(quiet: true);
            return;
        }

        _counters.Resets++;
        Start();
        DriverLog.Recovered(_logger, Name, lost);
        Wake();
    }

    private void Fail(bool quiet)
    {
        _failedQuiet = quiet;
        _phase = Phase.Failed;
        DriverLog.Failed(_logger, Name, Math.Min(_attempts, _options.ResetAttempts));
        _failureTold = Wake();
    }
}
