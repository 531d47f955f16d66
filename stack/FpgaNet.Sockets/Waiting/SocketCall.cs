using System.Net;
using System.Threading.Tasks.Sources;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Sockets.Waiting;

/// <summary>
/// One asynchronous call that waits: its arguments, and the source behind its <see cref="ValueTask"/>. It comes from its <see cref="CallQueue"/> and goes back there when the caller has taken the
/// result, so that waiting allocates nothing.
/// </summary>
internal sealed class SocketCall(CallQueue queue, Socket socket) :
    IValueTaskSource, IValueTaskSource<int>, IValueTaskSource<Socket>, IValueTaskSource<SocketReceiveFromResult>, IValueTaskSource<SocketReceiveMessageFromResult>
{
    private ManualResetValueTaskSourceCore<int> _core;
    private CancellationTokenRegistration _registration;

    /// <summary>What it does.</summary>
    public CallKind Kind { get; set; }

    /// <summary>Where received bytes go.</summary>
    public Memory<byte> Destination { get; set; }

    /// <summary>The bytes to send.</summary>
    public ReadOnlyMemory<byte> Source { get; set; }

    /// <summary>Several runs in place of <see cref="Destination"/> or <see cref="Source"/>; null: one.</summary>
    public IList<ArraySegment<byte>>? Runs { get; set; }

    /// <summary>How.</summary>
    public SocketFlags Flags { get; set; }

    /// <summary>To whom; receives from whom.</summary>
    public SockAddr Address { get; set; }

    /// <summary>What stands for a sender who is not said, and makes end points of the caller's own families.</summary>
    public EndPoint? Template { get; set; }

    /// <summary>Receives the address in .NET's form, without a new object; null: nobody wants it so.</summary>
    public SocketAddress? AddressBytes { get; set; }

    /// <summary>Connecting was begun.</summary>
    public bool IsBegun { get; set; }

    /// <summary>Bytes sent or received so far.</summary>
    public int Count { get; set; }

    /// <summary>Receives where a message was sent to, and by which interface it came.</summary>
    public IPPacketInformation PacketInformation { get; set; }

    /// <summary>Receives an accepted connection.</summary>
    public KernelSocket? Accepted { get; set; }

    /// <summary>Takes the accepted connection; null: a new socket does.</summary>
    public Socket? AcceptSocket { get; set; }

    /// <summary>Who may cancel it.</summary>
    public CancellationToken Token { get; set; }

    /// <summary>It stands in its queue.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>The call behind it, or the next free one.</summary>
    public SocketCall? Next { get; set; }

    /// <summary>What a <see cref="ValueTask"/> needs to name this use of it.</summary>
    public short Version => _core.Version;

    /// <summary>From here on it can be cancelled. Called without a lock: a token that is cancelled already calls back at once.</summary>
    public void Watch()
    {
        CancellationToken token = Token;
        if (!token.CanBeCanceled)
        {
            return;
        }

        // A call that ends in between leaves a registration behind that finds nobody waiting, or the next call with the same token, which is to be cancelled as well.
        CancellationTokenRegistration registration = token.UnsafeRegister(static (state, token) => ((SocketCall)state!).Cancel(token), this);

        using (queue.Enter())
        {
            if (IsWaiting)
            {
                _registration = registration;
                return;
            }
        }

        registration.Unregister();
    }

    /// <summary>It is done: the caller's continuation runs here. Called without a lock.</summary>
    /// <param name="error">How it ended.</param>
    public void Finish(Errno error)
    {
        _registration.Unregister();
        _registration = default;
        if (error == Errno.None)
        {
            _core.SetResult(Count);
        }
        else
        {
            _core.SetException(Kind == CallKind.Connect && error != Errno.EBADF ? Socket.ExceptionOf(error, Template!) : Socket.ExceptionOf(error));
        }
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _core.OnCompleted(continuation, state, token, flags);

    /// <inheritdoc/>
    public int GetResult(short token)
    {
        _ = _core.GetStatus(token); // throws when the result was taken already
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            Free();
        }
    }

    /// <inheritdoc/>
    void IValueTaskSource.GetResult(short token) => GetResult(token);

    /// <inheritdoc/>
    Socket IValueTaskSource<Socket>.GetResult(short token)
    {
        (KernelSocket? accepted, Socket? into) = (Accepted, AcceptSocket);
        GetResult(token);
        return socket.Adopt(accepted!, into);
    }

    /// <inheritdoc/>
    SocketReceiveFromResult IValueTaskSource<SocketReceiveFromResult>.GetResult(short token)
    {
        (SockAddr address, EndPoint? template) = (Address, Template);
        return new SocketReceiveFromResult { ReceivedBytes = GetResult(token), RemoteEndPoint = Socket.EndPointOfSender(address, template!) };
    }

    /// <inheritdoc/>
    SocketReceiveMessageFromResult IValueTaskSource<SocketReceiveMessageFromResult>.GetResult(short token)
    {
        (SockAddr address, EndPoint? template, SocketFlags flags, IPPacketInformation information) = (Address, Template, Flags, PacketInformation);
        return new SocketReceiveMessageFromResult
        {
            ReceivedBytes = GetResult(token),
            RemoteEndPoint = Socket.EndPointOfSender(address, template!),
            SocketFlags = flags,
            PacketInformation = information,
        };
    }

    private void Cancel(CancellationToken token)
    {
        using (queue.Enter())
        {
            if (!IsWaiting || Token != token)
            {
                return;
            }

            queue.Unlink(this);
        }

        queue.Retry(); // the next one may have waited for nothing but this one
        _core.RunContinuationsAsynchronously = true; // whoever cancels may hold locks of his own
        _core.SetException(new OperationCanceledException(token));
    }

    private void Free()
    {
        _core.Reset();
        _core.RunContinuationsAsynchronously = false;
        _registration = default;
        Token = default;
        Destination = default;
        Source = default;
        Runs = null;
        AddressBytes = null;
        Template = null;
        Accepted = null;
        AcceptSocket = null;
        Count = 0;
        IsBegun = false;
        queue.Free(this);
    }
}
