using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Kernel;

/// <summary>A thread that sleeps until a socket is ready. Each thread has one, so that waiting allocates nothing.</summary>
internal sealed class ThreadWaiter : SocketWaiter
{
    [ThreadStatic]
    private static ThreadWaiter? s_current;

    private readonly object _gate = new();
    private bool _isSignaled;

    /// <summary>The calling thread's.</summary>
    public static ThreadWaiter Current => s_current ??= new ThreadWaiter();

    /// <summary>Forgets an earlier signal.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _isSignaled = false;
        }
    }

    /// <summary>Sleeps.</summary>
    /// <param name="timeout">For how long at most; infinite: for ever.</param>
    /// <returns>None: it was signalled; EAGAIN: the time is up; EINTR: <see cref="Thread.Interrupt"/>, which stands for the manuals' signals.</returns>
    public Errno Wait(TimeSpan timeout)
    {
        long end = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : Environment.TickCount64 + (long)Math.Ceiling(Math.Min(timeout.TotalMilliseconds, int.MaxValue));
        try
        {
            lock (_gate)
            {
                while (!_isSignaled)
                {
                    int left = end == long.MaxValue ? Timeout.Infinite : (int)Math.Max(0, end - Environment.TickCount64);
                    if (left == 0 || !Monitor.Wait(_gate, left))
                    {
                        return _isSignaled ? Errno.None : Errno.EAGAIN;
                    }
                }

                return Errno.None;
            }
        }
        catch (ThreadInterruptedException)
        {
            return Errno.EINTR;
        }
    }

    /// <inheritdoc/>
    protected internal override void Signal(PollEvents events)
    {
        lock (_gate)
        {
            _isSignaled = true;
            Monitor.Pulse(_gate);
        }
    }
}
