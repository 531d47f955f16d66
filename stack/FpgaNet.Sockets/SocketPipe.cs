using System.IO.Pipelines;

namespace FpgaNet.Sockets;

/// <summary>
/// A connected stream socket as two pipes: one loop carries bytes from the socket into <see cref="Input"/>, one from <see cref="Output"/> into the socket. Each waits when the other side is slow, so that TCP's
/// window reaches as far as the application. Completing <see cref="Output"/> ends our direction.
/// </summary>
public sealed class SocketPipe : IDuplexPipe, IAsyncDisposable
{
    private const int MinimumReceive = 4096; // bytes

    private readonly Socket _socket;
    private readonly Pipe _input;
    private readonly Pipe _output;
    private readonly Task _receiving;
    private readonly Task _sending;

    /// <summary>Puts pipes on a socket.</summary>
    /// <param name="socket">A connected stream, which belongs to the pipes from here on.</param>
    /// <param name="options">How they buffer; null: the defaults.</param>
    public SocketPipe(Socket socket, PipeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(socket);
        _socket = socket;
        options ??= new PipeOptions(useSynchronizationContext: false);
        _input = new Pipe(options);
        _output = new Pipe(options);
        _receiving = ReceiveAsync();
        _sending = SendAsync();
    }

    /// <inheritdoc/>
    public PipeReader Input => _input.Reader;

    /// <inheritdoc/>
    public PipeWriter Output => _output.Writer;

    /// <summary>Sends what was written, ends the connection and waits for it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _output.Writer.CompleteAsync();
        await _input.Reader.CompleteAsync();
        await _sending;
        _socket.Dispose(); // ends a receive that still waits
        await _receiving;
    }

    private async Task ReceiveAsync()
    {
        Exception? error = null;
        try
        {
            FlushResult flushed = default;
            while (!flushed.IsCompleted)
            {
                int count = await _socket.ReceiveAsync(_input.Writer.GetMemory(MinimumReceive));
                if (count == 0)
                {
                    break;
                }

                _input.Writer.Advance(count);
                flushed = await _input.Writer.FlushAsync();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            error = e;
        }

        await _input.Writer.CompleteAsync(error);
    }

    private async Task SendAsync()
    {
        Exception? error = null;
        try
        {
            ReadResult read = default;
            while (!read.IsCompleted)
            {
                read = await _output.Reader.ReadAsync();
                foreach (ReadOnlyMemory<byte> part in read.Buffer)
                {
                    await _socket.SendAsync(part);
                }

                _output.Reader.AdvanceTo(read.Buffer.End);
            }

            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            error = e;
        }

        await _output.Reader.CompleteAsync(error);
    }
}
