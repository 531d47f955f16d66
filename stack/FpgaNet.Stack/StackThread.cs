using System.Diagnostics;

namespace FpgaNet.Stack;

/// <summary>The event loop: a thread that polls a stack, sleeps when there is nothing to do, and is woken by the device, by an application's call or by time.</summary>
public sealed class StackThread : IDisposable
{
    // As long as a wake takes: who spins longer than that wastes more than it gains.
    private static readonly TimeSpan s_spin = TimeSpan.FromMicroseconds(20);

    private readonly NetworkStack _stack;
    // Not a kernel object: a device may still hold the wake, and call it, when the loop has ended.
    private readonly ManualResetEventSlim _event = new(initialState: false, spinCount: 0);
    private readonly Action _wake;
    private readonly Thread _thread;
    private volatile bool _stop;

    /// <summary>Starts the loop.</summary>
    /// <param name="stack">The stack; it stays the caller's.</param>
    /// <exception cref="ArgumentException">The stack is not <see cref="Network.NetworkOptions.Synchronized"/>: the loop's calls would overlap with the program's.</exception>
    public StackThread(NetworkStack stack)
    {
        ArgumentNullException.ThrowIfNull(stack);
        if (!stack.IsSynchronized)
        {
            throw new ArgumentException($"A stack that is to be polled by a thread of its own must be {nameof(NetworkStackOptions.Synchronized)}.", nameof(stack));
        }

        _stack = stack;
        _wake = () => _event.Set();
        _thread = new Thread(Run) { Name = $"stack {stack.Device.Name}", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Stops the loop and waits for its end. Connections stay as they are.</summary>
    public void Dispose()
    {
        _stop = true;
        _event.Set();
        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
            _event.Dispose();
        }
    }

    private void Run()
    {
        long idleSince = 0;
        while (!_stop)
        {
            TimeSpan wait = _stack.Poll();
            if (wait == TimeSpan.Zero)
            {
                idleSince = 0;
                continue;
            }

            if (idleSince == 0)
            {
                idleSince = Stopwatch.GetTimestamp();
            }

            if (Stopwatch.GetElapsedTime(idleSince) < s_spin)
            {
                Thread.SpinWait(20);
                continue;
            }

            _stack.ArmWake(_wake);
            _event.Wait(wait == Timeout.InfiniteTimeSpan ? wait : Round(wait));
            _event.Reset(); // before the next poll: a wake from now on counts for the one after
            idleSince = 0;
        }
    }

    // The operating system's waits count milliseconds; too early is harmless, too late is not.
    private static TimeSpan Round(TimeSpan wait) => TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 1, int.MaxValue - 1));
}
