namespace FpgaNet.Sim;

/// <summary>
/// Wakes one waiting thread and remembers one call that came early, as an <see cref="AutoResetEvent"/> does, but has nothing to dispose: a late
/// call from a device or timer after the end is harmless.
/// </summary>
internal sealed class Signal
{
    private readonly object _lock = new();
    private bool _set;

    public void Set()
    {
        lock (_lock)
        {
            _set = true;
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Waits for a call.</summary>
    /// <param name="timeout">How long; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <returns>Whether one came.</returns>
    public bool Wait(TimeSpan timeout)
    {
        lock (_lock)
        {
            if (!_set)
            {
                Monitor.Wait(_lock, timeout);
            }

            bool set = _set;
            _set = false;
            return set;
        }
    }
}
