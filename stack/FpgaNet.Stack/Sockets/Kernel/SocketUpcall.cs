using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Kernel;

/// <summary>
/// A callback for when a socket becomes ready (soupcall_set(9)). It runs on the thread pool, never twice at once and never with a lock of ours held, so that it may call the socket; after each event it runs at least once
/// more. With <see cref="PollEvents.POLLPRI"/> it is the manuals' SIGURG, with POLLIN and POLLOUT their SIGIO.
/// </summary>
public sealed class SocketUpcall : SocketWaiter, IThreadPoolWorkItem, IDisposable
{
    private const int Idle = 0;
    private const int Scheduled = 1;
    private const int Running = 2;
    private const int RunsAgain = 3;

    private readonly KernelSocket _socket;
    private readonly Action<KernelSocket> _call;
    private int _state;
    private volatile bool _isDisposed;

    internal SocketUpcall(KernelSocket socket, PollEvents interest, Action<KernelSocket> call)
    {
        _socket = socket;
        _call = call;
        Interest = interest;
        socket.Waiters.Add(this);
        if ((socket.Poll() & (interest | WaitQueue.Always)) != PollEvents.None)
        {
            Signal(interest);
        }
    }

    /// <summary>No further call begins (soupcall_clear(9)).</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _socket.Waiters.Remove(this);
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        do
        {
            Volatile.Write(ref _state, Running);
            if (!_isDisposed)
            {
                _call(_socket);
            }
        }
        while (Interlocked.CompareExchange(ref _state, Idle, Running) != Running);
    }

    /// <inheritdoc/>
    protected internal override void Signal(PollEvents events)
    {
        while (true)
        {
            int state = Volatile.Read(ref _state);
            if (state is Scheduled or RunsAgain)
            {
                return;
            }

            if (Interlocked.CompareExchange(ref _state, state + 1, state) == state)
            {
                if (state == Idle)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                }

                return;
            }
        }
    }
}
