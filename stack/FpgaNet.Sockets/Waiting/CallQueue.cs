using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Sockets.Waiting;

/// <summary>
/// The asynchronous calls that wait in one direction of one socket, in the order in which they were made. The socket signals it, and the thread pool tries the first of them again. No wake-up is lost: a call
/// stands in the queue before it is tried for the last time on its caller's thread, and whatever happens afterwards finds it there.
/// </summary>
internal sealed class CallQueue : SocketWaiter, IThreadPoolWorkItem
{
    // Lock order: this one, then the stack's. Signal, which comes with the stack's lock held, takes none.
    private readonly Lock _gate = new();
    private readonly Socket _socket;
    private volatile SocketCall? _first;
    private SocketCall? _last;
    private SocketCall? _free;
    private int _isScheduled;

    public CallQueue(Socket socket, PollEvents events)
    {
        _socket = socket;
        Interest = events;
    }

    /// <summary>Nobody waits: a new call may be tried at once without overtaking.</summary>
    public bool IsEmpty => _first is null;

    /// <summary>A call that is free.</summary>
    /// <param name="kind">What it is to do.</param>
    /// <param name="token">Who may cancel it.</param>
    public SocketCall Rent(CallKind kind, CancellationToken token)
    {
        SocketCall? call;
        lock (_gate)
        {
            call = _free;
            _free = call?.Next;
        }

        call ??= new SocketCall(this, _socket);
        call.Next = null;
        call.Kind = kind;
        call.Token = token;
        return call;
    }

    /// <summary>Takes a call back.</summary>
    /// <param name="call">The call; nobody waits for it any more.</param>
    public void Free(SocketCall call)
    {
        lock (_gate)
        {
            call.Next = _free;
            _free = call;
        }
    }

    /// <summary>Puts a call behind the others.</summary>
    /// <param name="call">The call.</param>
    /// <returns>How many bytes it moves.</returns>
    public ValueTask<int> Start(SocketCall call)
    {
        Start(call, out short version);
        return new ValueTask<int>(call, version);
    }

    /// <summary>Puts a call behind the others.</summary>
    /// <param name="call">The call.</param>
    /// <param name="version">Receives what names this use of it.</param>
    public void Start(SocketCall call, out short version)
    {
        version = call.Version;
        Errno error = Errno.EAGAIN;
        lock (_gate)
        {
            call.IsWaiting = true;
            bool isFirst = _first is null;
            if (isFirst)
            {
                _first = call;
            }
            else
            {
                _last!.Next = call;
            }

            _last = call;
            if (isFirst)
            {
                Interlocked.MemoryBarrier(); // seen by Signal before we look at the socket
                error = _socket.Try(call);
                if (error != Errno.EAGAIN)
                {
                    Unlink(call);
                }
            }
        }

        if (error != Errno.EAGAIN)
        {
            call.Finish(error);
            return;
        }

        call.Watch();
    }

    /// <summary>Takes the lock under which calls wait and end.</summary>
    public Lock.Scope Enter() => _gate.EnterScope();

    /// <summary>Takes a call out, under the lock. It waits no more.</summary>
    /// <param name="call">The call, which is here.</param>
    public void Unlink(SocketCall call)
    {
        SocketCall? previous = null;
        for (SocketCall? other = _first; other != call; other = other!.Next)
        {
            previous = other;
        }

        if (previous is null)
        {
            _first = call.Next;
        }
        else
        {
            previous.Next = call.Next;
        }

        if (_last == call)
        {
            _last = previous;
        }

        call.Next = null;
        call.IsWaiting = false;
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Exchange(ref _isScheduled, 0); // what is signalled from here on is tried again
        SocketCall? call;
        Errno error = Errno.EAGAIN;
        lock (_gate)
        {
            call = _first;
            if (call is not null)
            {
                error = _socket.Try(call);
                if (error != Errno.EAGAIN)
                {
                    Unlink(call);
                }
            }
        }

        if (error != Errno.EAGAIN)
        {
            Retry(); // the next one's continuation does not wait for this one's
            call!.Finish(error);
        }
    }

    /// <inheritdoc/>
    protected override void Signal(PollEvents events) => Retry();

    /// <summary>Has the first call that waits tried again, by the thread pool.</summary>
    public void Retry()
    {
        if (!IsEmpty && Interlocked.Exchange(ref _isScheduled, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }
}
