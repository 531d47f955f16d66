using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Kernel;

/// <summary>A thread that sleeps until a socket is ready. Each thread has one, so that waiting allocates nothing.</summary>
internal sealed class ThreadWaiter : SocketWaiter
{
    [ThreadStatic]
    private static ThreadWaiter? s_current;

    private readonly object _gate = new();
    private bool _isSignaled;
    private bool _isInterrupted;
    private bool _isAsleep;
    private IWaitScope? _scope;
    private int _scopeKey;

    /// <summary>The calling thread's.</summary>
    public static ThreadWaiter Current => s_current ??= new ThreadWaiter();

    /// <summary>The thread sleeps.</summary>
    public bool IsAsleep
    {
        get
        {
            lock (_gate)
            {
                return _isAsleep && !_isSignaled && !_isInterrupted;
            }
        }
    }

    /// <summary>The thread enters a call by way of something that may end before the socket does: a descriptor.</summary>
    /// <param name="scope">Who says whether it has.</param>
    /// <param name="key">Its number there.</param>
    public void Enter(IWaitScope scope, int key) => (_scope, _scopeKey) = (scope, key);

    /// <summary>The call is over.</summary>
    public void Leave() => _scope = null;

    /// <summary>Whether the call has lost the way that it came by, and must not wait any longer.</summary>
    /// <param name="description">What it waits for.</param>
    public bool HasLost(IOpenDescription description) => _scope is { } scope && !scope.IsOpen(_scopeKey, description);

    /// <summary>Forgets an earlier signal.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _isSignaled = false;
        }
    }

    /// <summary>The wait under way, or else the next one, ends with EINTR.</summary>
    public void Interrupt()
    {
        lock (_gate)
        {
            _isInterrupted = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Sleeps.</summary>
    /// <param name="timeout">For how long at most; infinite: for ever.</param>
    /// <returns>None: it was signalled; EAGAIN: the time is up; EINTR: <see cref="Interrupt"/> or <see cref="Thread.Interrupt"/>, which stand for the manuals' signals.</returns>
    public Errno Wait(TimeSpan timeout)
    {
        long end = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : Environment.TickCount64 + (long)Math.Ceiling(Math.Min(timeout.TotalMilliseconds, int.MaxValue));
        try
        {
            lock (_gate)
            {
                while (true)
                {
                    _isAsleep = false;
                    if (_isInterrupted)
                    {
                        _isInterrupted = false;
                        return Errno.EINTR;
                    }

                    if (_isSignaled)
                    {
                        return Errno.None;
                    }

                    int left = end == long.MaxValue ? Timeout.Infinite : (int)Math.Max(0, end - Environment.TickCount64);
                    if (left == 0)
                    {
                        return Errno.EAGAIN;
                    }

                    _isAsleep = true;
                    Monitor.Wait(_gate, left);
                }
            }
        }
        catch (ThreadInterruptedException)
        {
            Volatile.Write(ref _isAsleep, false);
            return Errno.EINTR;
        }
    }

    /// <inheritdoc/>
    protected internal override void Signal(PollEvents events) => SignalExclusive(events);

    /// <inheritdoc/>
    internal override bool SignalExclusive(PollEvents events)
    {
        lock (_gate)
        {
            bool isFirst = !_isSignaled;
            _isSignaled = true;
            Monitor.Pulse(_gate);
            return isFirst;
        }
    }
}

/// <summary>By what way calls come to a socket: a table of descriptors.</summary>
internal interface IWaitScope
{
    /// <summary>Whether the way is still there.</summary>
    /// <param name="key">Its number.</param>
    /// <param name="description">Where it led.</param>
    bool IsOpen(int key, IOpenDescription description);
}
