using System.Net;

namespace FpgaNet.Sockets;

/// <summary>The arguments and results of one call that ends by an event, used again and again, as <see cref="System.Net.Sockets.SocketAsyncEventArgs"/>.</summary>
public class SocketAsyncEventArgs : EventArgs, IDisposable
{
    private readonly Action _finish;
    private IList<ArraySegment<byte>>? _bufferList;
    private byte[]? _buffer;
    private Socket? _socket;
    private ValueTask<int> _count;
    private ValueTask<Socket> _accepted;
    private int _isBusy;
    private bool _isDisposed;

    /// <summary>Makes one.</summary>
    public SocketAsyncEventArgs() => _finish = FinishLater;

    /// <summary>Makes one.</summary>
    /// <param name="unsafeSuppressExecutionContextFlow">The event runs without the context of the caller; it always does here.</param>
    public SocketAsyncEventArgs(bool unsafeSuppressExecutionContextFlow)
        : this()
    {
        _ = unsafeSuppressExecutionContextFlow;
    }

    /// <summary>The call that was pending has ended; not raised when it ended at once.</summary>
    public event EventHandler<SocketAsyncEventArgs>? Completed;

    /// <summary>Takes an accepted connection; null: a new socket does, and is here afterwards.</summary>
    public Socket? AcceptSocket { get; set; }

    /// <summary>The socket that connected.</summary>
    public Socket? ConnectSocket { get; private set; }

    /// <summary>The array of the buffer, when it has one.</summary>
    public byte[]? Buffer => _buffer;

    /// <summary>The buffer, wholly.</summary>
    public Memory<byte> MemoryBuffer { get; private set; }

    /// <summary>Where in the buffer the call begins.</summary>
    public int Offset { get; private set; }

    /// <summary>How many bytes it is about.</summary>
    public int Count { get; private set; }

    /// <summary>Several runs in place of the buffer; null: one.</summary>
    public IList<ArraySegment<byte>>? BufferList
    {
        get => _bufferList;
        set
        {
            if (value is not null && !MemoryBuffer.IsEmpty)
            {
                throw new ArgumentException($"A {nameof(Buffer)} is set.", nameof(value));
            }

            _bufferList = value;
        }
    }

    /// <summary>Bytes sent or received.</summary>
    public int BytesTransferred { get; private set; }

    /// <summary>Not supported: see <see cref="Socket.Disconnect"/>.</summary>
    public bool DisconnectReuseSocket { get; set; }

    /// <summary>What was called.</summary>
    public SocketAsyncOperation LastOperation { get; private set; }

    /// <summary>Where a message was sent to.</summary>
    public IPPacketInformation ReceiveMessageFromPacketInfo { get; private set; }

    /// <summary>The peer; receives who sent.</summary>
    public EndPoint? RemoteEndPoint { get; set; }

    /// <summary>How it ended.</summary>
    public SocketError SocketError { get; set; }

    /// <summary>How; receives whether a message was cut.</summary>
    public SocketFlags SocketFlags { get; set; }

    /// <summary>The caller's own.</summary>
    public object? UserToken { get; set; }

    /// <summary>What went wrong with a name that was to be connected to.</summary>
    public Exception? ConnectByNameError { get; private set; }

    /// <summary>Sets the buffer.</summary>
    /// <param name="buffer">The bytes, or room for them; null: none.</param>
    /// <param name="offset">The first.</param>
    /// <param name="count">How many.</param>
    public void SetBuffer(byte[]? buffer, int offset, int count)
    {
        SetBuffer(buffer.AsMemory());
        _buffer = buffer;
        SetBuffer(offset, count);
    }

    /// <summary>Sets which part of the buffer the next call is about.</summary>
    /// <param name="offset">The first byte.</param>
    /// <param name="count">How many.</param>
    public void SetBuffer(int offset, int count)
    {
        ThrowIfBusy();
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)offset, (uint)MemoryBuffer.Length, nameof(offset));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(MemoryBuffer.Length - offset), nameof(count));
        (Offset, Count) = (offset, count);
    }

    /// <summary>Sets the buffer.</summary>
    /// <param name="buffer">The bytes, or room for them.</param>
    public void SetBuffer(Memory<byte> buffer)
    {
        ThrowIfBusy();
        if (!buffer.IsEmpty && _bufferList is not null)
        {
            throw new ArgumentException($"A {nameof(BufferList)} is set.", nameof(buffer));
        }

        (_buffer, MemoryBuffer, Offset, Count) = (null, buffer, 0, buffer.Length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        GC.SuppressFinalize(this);
    }

    /// <summary>Raises <see cref="Completed"/>.</summary>
    /// <param name="e">This.</param>
#pragma warning disable MA0091 // the socket is the sender, as System.Net.Sockets has it
    protected virtual void OnCompleted(SocketAsyncEventArgs e) => Completed?.Invoke(e._socket, e);
#pragma warning restore MA0091

    /// <summary>Begins a call that moves bytes.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="operation">What is called.</param>
    /// <param name="begin">Makes the call.</param>
    /// <returns>Whether it is pending.</returns>
    internal bool Begin(Socket socket, SocketAsyncOperation operation, Func<Socket, SocketAsyncEventArgs, ValueTask<int>> begin)
    {
        Start(socket, operation);
        try
        {
#pragma warning disable CA2012 // kept until the call is done, and taken once, by Finish
            _count = begin(socket, this);
#pragma warning restore CA2012
        }
        catch
        {
            _isBusy = 0;
            throw;
        }

        if (_count.IsCompleted)
        {
            Finish();
            return false;
        }

        _count.GetAwaiter().UnsafeOnCompleted(_finish);
        return true;
    }

    /// <summary>Begins to take a connection.</summary>
    /// <param name="socket">The socket.</param>
    /// <returns>Whether it is pending.</returns>
    internal bool BeginAccept(Socket socket)
    {
        Start(socket, SocketAsyncOperation.Accept);
        try
        {
#pragma warning disable CA2012 // kept until the call is done, and taken once, by Finish
            _accepted = socket.AcceptAsync(AcceptSocket, CancellationToken.None);
#pragma warning restore CA2012
        }
        catch
        {
            _isBusy = 0;
            throw;
        }

        if (_accepted.IsCompleted)
        {
            Finish();
            return false;
        }

        _accepted.GetAwaiter().UnsafeOnCompleted(_finish);
        return true;
    }

    /// <summary>Takes who sent a datagram.</summary>
    internal void Take(in SocketReceiveMessageFromResult result) => (RemoteEndPoint, SocketFlags, ReceiveMessageFromPacketInfo) = (result.RemoteEndPoint, result.SocketFlags, result.PacketInformation);

    private void Start(Socket socket, SocketAsyncOperation operation)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (Interlocked.Exchange(ref _isBusy, 1) != 0)
        {
            throw new InvalidOperationException("A call with these arguments is pending.");
        }

        (_socket, LastOperation, BytesTransferred, SocketError, ConnectByNameError) = (socket, operation, 0, SocketError.Success, null);
    }

    private void FinishLater()
    {
        Finish();
        OnCompleted(this);
    }

    private void Finish()
    {
        try
        {
            if (LastOperation == SocketAsyncOperation.Accept)
            {
                AcceptSocket = _accepted.GetAwaiter().GetResult();
            }
            else
            {
                BytesTransferred = _count.GetAwaiter().GetResult();
                ConnectSocket = LastOperation == SocketAsyncOperation.Connect ? _socket : ConnectSocket;
            }
        }
        catch (SocketException e)
        {
            SocketError = e.SocketErrorCode;
            ConnectByNameError = LastOperation == SocketAsyncOperation.Connect && RemoteEndPoint is DnsEndPoint ? e : null;
        }
        catch (ObjectDisposedException)
        {
            SocketError = SocketError.OperationAborted;
        }

        Volatile.Write(ref _isBusy, 0);
    }

    private void ThrowIfBusy()
    {
        if (Volatile.Read(ref _isBusy) != 0)
        {
            throw new InvalidOperationException("A call with these arguments is pending.");
        }
    }
}
