using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Sockets.Waiting;

/// <summary>A thread that waits for several sockets.</summary>
internal sealed class SelectWaiter : IDisposable
{
    private readonly List<(WaitQueue Queue, Watch Watch)> _watches = [];
    private readonly ManualResetEventSlim _signal = new(initialState: false, spinCount: 0);

    /// <summary>Watches a socket.</summary>
    /// <param name="socket">The socket; it may be watched already.</param>
    /// <param name="events">For what.</param>
    public void Add(KernelSocket socket, PollEvents events)
    {
        Watch watch = new(_signal) { Interest = events };
        socket.Waiters.Add(watch);
        _watches.Add((socket.Waiters, watch));
    }

    /// <summary>Forgets an earlier signal; the sockets are to be asked after this.</summary>
    public void Reset() => _signal.Reset();

    /// <summary>Sleeps until a socket is signalled.</summary>
    /// <param name="timeout">How long at most.</param>
    /// <returns>False: the time is up.</returns>
    public bool Wait(TimeSpan timeout) => _signal.Wait(timeout);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((WaitQueue queue, Watch watch) in _watches)
        {
            queue.Remove(watch);
        }

        _signal.Dispose(); // nobody signals a waiter that was taken out
    }

    private sealed class Watch(ManualResetEventSlim signal) : SocketWaiter
    {
        protected override void Signal(PollEvents events) => signal.Set();
    }
}
