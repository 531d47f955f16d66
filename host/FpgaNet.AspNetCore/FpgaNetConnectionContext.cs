using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using FpgaNet.Stack.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace FpgaNet.AspNetCore;

/// <summary>
/// A connection of the user-space stack as Kestrel wants it: two pipes. One loop carries bytes from the socket into the input pipe, one from the output pipe into the socket; each
/// waits when the other side is slow, so that TCP's window reaches as far as the application.
/// </summary>
internal sealed class FpgaNetConnectionContext : ConnectionContext
{
    private const int MinimumReceive = 4096;

    private static readonly TimeSpan s_closePatience = TimeSpan.FromSeconds(5);

    private static long s_lastId;

    private readonly TcpSocket _socket;
    private readonly Pipe _input;
    private readonly Pipe _output;
    private readonly CancellationTokenSource _closed = new();
    private readonly Task _running;
    private volatile ConnectionAbortedException? _abortReason;

    public FpgaNetConnectionContext(TcpSocket socket, FpgaNetTransportOptions options)
    {
        _socket = socket;
        ConnectionId = string.Create(CultureInfo.InvariantCulture, $"fpganet-{Interlocked.Increment(ref s_lastId)}");
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        _input = new Pipe(Options(options.MaximumReadBuffer));
        _output = new Pipe(Options(options.MaximumWriteBuffer));
        Transport = new DuplexPipe(_input.Reader, _output.Writer);
        _running = RunAsync();
    }

    public override string ConnectionId { get; set; }

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new ConnectionItems();

    public override IDuplexPipe Transport { get; set; }

    public override CancellationToken ConnectionClosed { get; set; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        _abortReason = abortReason;
        _socket.Abort();
        _output.Reader.CancelPendingRead();
    }

    /// <summary>Waits until both directions have ended: what was written reaches the peer before the connection is gone.</summary>
    public override async ValueTask DisposeAsync()
    {
        await Transport.Input.CompleteAsync();
        await Transport.Output.CompleteAsync();
        await _running;
        _closed.Dispose();
        await base.DisposeAsync();
    }

    private static PipeOptions Options(int maximum) => new(
        pauseWriterThreshold: maximum,
        resumeWriterThreshold: maximum / 2,
        minimumSegmentSize: 16384,
        useSynchronizationContext: false);

    private async Task RunAsync()
    {
        Task receiving = ReceiveAsync();
        Task sending = SendAsync();
        await sending;

        // Nothing more will be answered: a peer that goes on sending is not waited for. What was sent is, so that a server that stops has
        // delivered its last answer.
        using (CancellationTokenSource patience = new(s_closePatience))
        {
            try
            {
                await _socket.CloseAsync(patience.Token);
            }
            catch (SocketException)
            {
                // The connection is gone, and with it whoever would want to know.
            }
            catch (OperationCanceledException)
            {
                // The stack goes on by itself.
            }
        }

        _input.Writer.CancelPendingFlush();
        await receiving;
        await _closed.CancelAsync();
    }

    private async Task ReceiveAsync()
    {
        Exception? error = null;
        try
        {
            while (true)
            {
                int count = await _socket.ReceiveAsync(_input.Writer.GetMemory(MinimumReceive));
                if (count == 0)
                {
                    break; // FIN
                }

                _input.Writer.Advance(count);
                FlushResult flushed = await _input.Writer.FlushAsync();
                if (flushed.IsCompleted || flushed.IsCanceled)
                {
                    break;
                }
            }
        }
        catch (SocketException e)
        {
            error = _abortReason ?? (Exception)(e.SocketErrorCode is SocketError.ConnectionReset or SocketError.TimedOut
                ? new ConnectionResetException(e.Message, e)
                : new ConnectionAbortedException(e.Message, e));
        }

        await _input.Writer.CompleteAsync(error);
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                ReadResult read = await _output.Reader.ReadAsync();
                if (read.IsCanceled)
                {
                    break; // aborted
                }

                foreach (ReadOnlyMemory<byte> segment in read.Buffer)
                {
                    await _socket.SendAsync(segment); // all of it
                }

                _output.Reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    _socket.Shutdown(SocketShutdown.Send);
                    break;
                }
            }
        }
        catch (SocketException)
        {
            // Nothing of it here: a writer that fails would end its request before anybody calls it aborted. What has happened, the input says.
        }

        await _output.Reader.CompleteAsync();
    }

    private sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input { get; } = input;

        public PipeWriter Output { get; } = output;
    }
}
