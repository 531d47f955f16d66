namespace FpgaNet.Sockets;

/// <summary>A connected stream socket as a <see cref="Stream"/>, as <see cref="System.Net.Sockets.NetworkStream"/>: errors of the socket are the inner exceptions of an <see cref="IOException"/>.</summary>
public class NetworkStream : Stream
{
    private readonly Socket _socket;
    private readonly bool _ownsSocket;
    private readonly FileAccess _access;
    private int _isDisposed;
    private int _closeTimeout = -1; // milliseconds

    /// <summary>Reads and writes a socket, which stays the caller's.</summary>
    /// <param name="socket">A connected stream.</param>
    public NetworkStream(Socket socket)
        : this(socket, FileAccess.ReadWrite, ownsSocket: false)
    {
    }

    /// <summary>Reads and writes a socket.</summary>
    /// <param name="socket">A connected stream.</param>
    /// <param name="ownsSocket">It is closed with the stream.</param>
    public NetworkStream(Socket socket, bool ownsSocket)
        : this(socket, FileAccess.ReadWrite, ownsSocket)
    {
    }

    /// <summary>Reads or writes a socket, which stays the caller's.</summary>
    /// <param name="socket">A connected stream.</param>
    /// <param name="access">Which.</param>
    public NetworkStream(Socket socket, FileAccess access)
        : this(socket, access, ownsSocket: false)
    {
    }

    /// <summary>Reads or writes a socket.</summary>
    /// <param name="socket">A connected stream.</param>
    /// <param name="access">Which.</param>
    /// <param name="ownsSocket">It is closed with the stream.</param>
    /// <exception cref="IOException">It is no such socket, or not connected.</exception>
    public NetworkStream(Socket socket, FileAccess access, bool ownsSocket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        if (!socket.Blocking)
        {
            throw new IOException("The socket must be blocking.");
        }

        if (!socket.Connected)
        {
            throw new IOException("The socket is not connected.");
        }

        if (socket.SocketType != SocketType.Stream)
        {
            throw new IOException("The socket is no stream.");
        }

        _socket = socket;
        _access = access;
        _ownsSocket = ownsSocket;
    }

    /// <summary>The socket below.</summary>
    public Socket Socket => _socket;

    /// <inheritdoc/>
    public override bool CanRead => Readable && _isDisposed == 0;

    /// <inheritdoc/>
    public override bool CanWrite => Writeable && _isDisposed == 0;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanTimeout => true;

    /// <inheritdoc/>
    public override int ReadTimeout
    {
        get => _socket.ReceiveTimeout is 0 ? Timeout.Infinite : _socket.ReceiveTimeout;
        set => _socket.ReceiveTimeout = CheckedTimeout(value);
    }

    /// <inheritdoc/>
    public override int WriteTimeout
    {
        get => _socket.SendTimeout is 0 ? Timeout.Infinite : _socket.SendTimeout;
        set => _socket.SendTimeout = CheckedTimeout(value);
    }

    /// <summary>A read would find bytes.</summary>
    public virtual bool DataAvailable
    {
        get
        {
            ThrowIfDisposed();
            return _socket.Available != 0;
        }
    }

    /// <inheritdoc/>
    public override long Length => throw NoSeeking();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw NoSeeking();
        set => throw NoSeeking();
    }

    /// <summary>Whether it was made to be read.</summary>
    protected bool Readable => _access.HasFlag(FileAccess.Read);

    /// <summary>Whether it was made to be written.</summary>
    protected bool Writeable => _access.HasFlag(FileAccess.Write);

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        ThrowUnlessReadable();
        try
        {
            return _socket.Receive(buffer);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw ReadError(e);
        }
    }

    /// <inheritdoc/>
    public override int ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        return Read(one) == 0 ? -1 : one[0];
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowUnlessReadable();
        ValueTask<int> received = _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
        return received.IsCompletedSuccessfully ? received : WithReadError(received);
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ThrowUnlessWritable();
        try
        {
            _socket.Send(buffer);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw WriteError(e);
        }
    }

    /// <inheritdoc/>
    public override void WriteByte(byte value) => Write([value]);

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowUnlessWritable();
        ValueTask<int> sent = _socket.SendAsync(buffer, SocketFlags.None, cancellationToken);
        if (!sent.IsCompletedSuccessfully)
        {
            return WithWriteError(sent);
        }

        _ = sent.Result;
        return default;
    }

    /// <inheritdoc/>
    public override IAsyncResult BeginRead(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(ReadAsync(buffer, offset, count, CancellationToken.None), callback, state);

    /// <inheritdoc/>
    public override int EndRead(IAsyncResult asyncResult) => TaskToAsyncResult.End<int>(asyncResult);

    /// <inheritdoc/>
    public override IAsyncResult BeginWrite(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(WriteAsync(buffer, offset, count, CancellationToken.None), callback, state);

    /// <inheritdoc/>
    public override void EndWrite(IAsyncResult asyncResult) => TaskToAsyncResult.End(asyncResult);

    /// <summary>Nothing is held back here.</summary>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw NoSeeking();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw NoSeeking();

    /// <summary>Closes it, and its own socket after what was written has been acknowledged.</summary>
    /// <param name="timeout">Milliseconds at most; -1: as the socket's options say.</param>
    public void Close(int timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, -1);
        _closeTimeout = timeout;
        Dispose();
    }

    /// <inheritdoc cref="Close(int)"/>
    /// <param name="timeout">How long at most; infinite: as the socket's options say.</param>
    public void Close(TimeSpan timeout) => Close((int)timeout.TotalMilliseconds);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0 && disposing && _ownsSocket)
        {
            try
            {
                _socket.Shutdown(SocketShutdown.Both);
            }
            catch (SocketException)
            {
                // It has ended already.
            }
            catch (ObjectDisposedException)
            {
                // Closed by somebody else.
            }

            _socket.Close(_closeTimeout);
        }

        base.Dispose(disposing);
    }

    private static int CheckedTimeout(int value) => value is > 0 or Timeout.Infinite
        ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "A time-out is positive, or infinite.");

    private static NotSupportedException NoSeeking() => new("A network stream has no position.");

    private static IOException ReadError(Exception e) => new($"Unable to read data from the transport connection: {e.Message}.", e);

    private static IOException WriteError(Exception e) => new($"Unable to write data to the transport connection: {e.Message}.", e);

    private static async ValueTask<int> WithReadError(ValueTask<int> received)
    {
        try
        {
            return await received;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw ReadError(e);
        }
    }

    private static async ValueTask WithWriteError(ValueTask<int> sent)
    {
        try
        {
            await sent;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw WriteError(e);
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed != 0, this);

    private void ThrowUnlessReadable()
    {
        ThrowIfDisposed();
        if (!Readable)
        {
            throw new InvalidOperationException("The stream is not for reading.");
        }
    }

    private void ThrowUnlessWritable()
    {
        ThrowIfDisposed();
        if (!Writeable)
        {
            throw new InvalidOperationException("The stream is not for writing.");
        }
    }
}
