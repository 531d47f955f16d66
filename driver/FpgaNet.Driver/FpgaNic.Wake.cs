namespace FpgaNet.Driver;

// Who wants to be called when something has happened: by interrupt, and by a timer for what no interrupt tells of.
public sealed partial class FpgaNic
{
    // Without interrupts, and while a reset goes on, the caller is asked to look again so soon.
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(1);

    private readonly ITimer _timer;
    private Action? _wake;

    /// <inheritdoc/>
    public void ArmWake(Action wake)
    {
        ArgumentNullException.ThrowIfNull(wake);
        Volatile.Write(ref _wake, wake);
        if (_phase == Phase.Running || Recover())
        {
            ArmQueue();
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
            _timer.Change(_phase == Phase.Running && _transport.Signals ? _options.StuckTimeout : s_pollInterval, Timeout.InfiniteTimeSpan);
        }
    }

    private void ArmQueue()
    {
        ReapTransmit();
        CheckHealth();
        if (_phase == Phase.Running && _queue.Arm(room: _txShort))
        {
            Wake();
        }
    }

    /// <summary>Calls whoever waits.</summary>
    /// <returns>False when nobody did.</returns>
    private bool Wake()
    {
        Action? wake = Interlocked.Exchange(ref _wake, null);
        wake?.Invoke();
        return wake is not null;
    }
}
