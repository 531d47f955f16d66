namespace FpgaNet.Driver;

// Who wants to be called when something has happened: by interrupt, and by a timer for what no interrupt tells of.
public sealed partial class FpgaNic
{
    private const int InterruptVector = 0;

    // Without interrupts, and while a reset goes on, the caller is asked to look again so soon.
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(1);

    private readonly ITimer _timer;
    private readonly bool _interrupts;
    private Action? _onInterrupt;
    private Action? _wake;

    /// <inheritdoc/>
    public void ArmWake(Action wake)
    {
        ArgumentNullException.ThrowIfNull(wake);
        Volatile.Write(ref _wake, wake);
        if (_phase == Phase.Running || Recover())
        {
            ArmInterrupts();
        }
        else if (_phase == Phase.Failed)
        {
            // Once: nothing will ever happen here again, and a caller that arms in a loop must not spin.
            if (!_failureTold)
            {
                _failureTold = Wake();
            }

            return;
        }

        // No interrupt tells of a stuck card or a pulled cable: now and then the caller is asked to look.
        if (Volatile.Read(ref _wake) is not null)
        {
            _timer.Change(_phase == Phase.Running && _interrupts ? _options.StuckTimeout : s_pollInterval, Timeout.InfiniteTimeSpan);
        }
    }

    private void ArmInterrupts()
    {
        ReapTransmit();
        CheckHealth();
        if (_phase != Phase.Running)
        {
            return;
        }

        if (_interrupts)
        {
            // The card compares with its own count: a completion that it wrote before the arm arrived fires too.
            WriteQueue(RxQueueRegisters.Offset, TxQueueRegisters.CompletionConsumer, _rxCompletions.Acknowledge() | TxQueueRegisters.CompletionConsumerArm.Mask);
            if (_txShort)
            {
                AcknowledgeTransmit();
            }
        }

        if (_rxCompletions.HasEntry || (_txShort && (_tx.HasRoom || _txCompletions.HasEntry)))
        {
            Wake();
        }
    }

    private void OnInterrupt()
    {
        Interlocked.Increment(ref _counters.Interrupts);
        Wake();
    }

    /// <summary>Calls whoever waits.</summary>
    /// <returns>False when nobody did.</returns>
    private bool Wake()
    {
        Action? wake = Interlocked.Exchange(ref _wake, null);
        wake?.Invoke();
        return wake is not null;
    }

    // An acknowledgement must not take back an arm for which somebody waits.
    private uint ArmIfAwaited() => _interrupts && Volatile.Read(ref _wake) is not null ? TxQueueRegisters.CompletionConsumerArm.Mask : 0;
}
