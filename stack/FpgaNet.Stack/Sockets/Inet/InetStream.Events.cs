using System.Net.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>What happens to the connection, and what poll(2) tells of it (tcp_poll() of Linux).</summary>
internal sealed partial class InetStream
{
    /// <inheritdoc/>
    public override PollEvents Poll()
    {
        using (_net.Enter())
        {
            return Ready();
        }
    }

    /// <inheritdoc/>
    public override Errno TakeError()
    {
        using (_net.Enter())
        {
            Errno error = TakePending(hasProgress: false);
            return error != Errno.None ? error : SoftError();
        }
    }

    /// <inheritdoc/>
    void ITcpUser.Signal(TcpEvents events)
    {
        PollEvents told = PollEvents.None;
        if ((events & TcpEvents.SoftError) != TcpEvents.None && IsOpening && _connection is { SoftError: not SocketError.TimedOut } connection)
        {
            // tcp_v4_err() of Linux: while connecting, any word from the network that the peer cannot be reached is the end. RFC 5461 §4.1 describes it.
            connection.Fail(connection.TakeSoftError());
            events |= TcpEvents.Closed;
        }

        if ((events & TcpEvents.Connected) != TcpEvents.None)
        {
            told |= PollEvents.POLLOUT | PollEvents.POLLWRNORM;
        }

        if ((events & TcpEvents.Readable) != TcpEvents.None)
        {
            told |= PollEvents.POLLIN | PollEvents.POLLRDNORM | (_connection is { IsFinReceived: true } ? Ready() & (PollEvents.POLLRDHUP | PollEvents.POLLHUP) : PollEvents.None)
                | (_connection is { HasUrgentByte: true } ? PollEvents.POLLPRI : PollEvents.None);
        }

        if ((events & TcpEvents.Writable) != TcpEvents.None)
        {
            _isStarved = false;
            told |= PollEvents.POLLOUT | PollEvents.POLLWRNORM;
        }

        if ((events & TcpEvents.Urgent) != TcpEvents.None)
        {
            told |= PollEvents.POLLPRI; // the manuals' SIGURG (KernelSocket.SetUpcall): announced, though it may not have come yet
        }

        if ((events & TcpEvents.Closed) != TcpEvents.None && _connection is not null)
        {
            NoteEnd(_connection);
            told |= PollEvents.POLLIN | PollEvents.POLLOUT | PollEvents.POLLHUP | PollEvents.POLLRDHUP | PollEvents.POLLERR;
        }

        Notify(told);
    }

    /// <inheritdoc/>
    void ITcpListenerUser.ConnectionWaits() => Notify(PollEvents.POLLIN | PollEvents.POLLRDNORM);

    /// <inheritdoc/>
    void ITcpListenerUser.Prepare(TcpConnection connection) => ApplyOptions(connection);

    /// <inheritdoc/>
    void ITcpListenerUser.Failed(SocketError error) => Notify(PollEvents.POLLIN | PollEvents.POLLERR);

    private PollEvents Ready()
    {
        const PollEvents Readable = PollEvents.POLLIN | PollEvents.POLLRDNORM;
        const PollEvents Writable = PollEvents.POLLOUT | PollEvents.POLLWRNORM;
        if (_listener is { } listener)
        {
            return (listener.HasWaiting ? Readable : PollEvents.None) | (_net.IsDown ? PollEvents.POLLERR : PollEvents.None);
        }

        // tcp_done() ends both directions; a socket that was never connected has neither.
        bool isOver = IsOver;
        bool isDone = isOver && _connection is not null;
        bool receiveShut = _receiveShut || isDone || _connection is { IsFinReceived: true };
        bool sendShut = _sendShut || isDone;
        PollEvents events = isOver || (receiveShut && sendShut) ? PollEvents.POLLHUP : PollEvents.None;
        events |= receiveShut ? Readable | PollEvents.POLLRDHUP : PollEvents.None;
        if (!IsOpening)
        {
            events |= IsReadable ? Readable : PollEvents.None;
            events |= sendShut || isOver || IsWritable ? Writable : PollEvents.None;
            events |= _connection is { HasUrgentByte: true } ? PollEvents.POLLPRI : PollEvents.None;
        }
        else if (_isDeferred)
        {
            events |= Writable;
        }

        return events | (_error != Errno.None ? PollEvents.POLLERR : PollEvents.None);
    }

    // sock_rcvlowat(): so much must be there; of a mark that is reached, the urgent byte does not count.
    private bool IsReadable => _connection is { Readable: > 0 } connection
        && (connection.Readable >= _options.ReceiveLowWater + (connection.IsAtMark && !_options.OutOfBandInline ? 1 : 0) || (_options.ReceiveLowWater > 1 && connection.IsWindowShut));

    // sk_stream_is_writeable(): a third of the buffer is free.
    private bool IsWritable => _connection is { } connection && !_isStarved && connection.IsSentEnough && connection.SendRoom > 0 && connection.SendRoom >= (connection.SendBufferSize - connection.SendRoom) / 2;

    private void NoteEnd(TcpConnection connection)
    {
        // tcp_reset() of Linux: the peer does not read any more what it has let us send.
        Errno error = connection.Error switch
        {
            SocketError.Success => Errno.None,
            SocketError.OperationAborted => _net.IsDown ? Errno.ENETDOWN : Errno.None,
            SocketError.ConnectionReset when connection.EndedIn == TcpState.CloseWait => Errno.EPIPE,
            SocketError other => ErrnoOf.From(other),
        };
        _error = error != Errno.None ? error : _error;
    }

    private Errno SoftError() => _connection is { SoftError: not (SocketError.Success or SocketError.TimedOut) } connection ? ErrnoOf.From(connection.TakeSoftError()) : Errno.None;
}
