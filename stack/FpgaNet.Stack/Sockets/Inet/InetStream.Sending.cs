using FpgaNet.Packets.Buffers;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>send(2): tcp_sendmsg_locked() of Linux. An address is not looked at, MSG_EOR and MSG_DONTROUTE mean nothing here.</summary>
internal sealed partial class InetStream
{
    /// <inheritdoc/>
    public override Errno Send(ref MessageOut message, out int sent)
    {
        sent = 0;
        using (_net.Enter())
        {
            if (_isClosed)
            {
                return Errno.EBADF;
            }

            if (_isDeferred || (message.Flags & MessageFlags.MSG_FASTOPEN) != MessageFlags.None)
            {
                return SendFast(ref message, out sent);
            }

            Errno error = CanSend(message.Progress > 0);
            error = error == Errno.None && !message.Control.IsEmpty ? InetControl.Check(message.Control, _options) : error;
            if (error != Errno.None)
            {
                return error;
            }

            TcpConnection connection = _connection!;
            bool more = (message.Flags & MessageFlags.MSG_MORE) != MessageFlags.None;
            bool urgent = (message.Flags & MessageFlags.MSG_OOB) != MessageFlags.None;
            int taken;
            for (GatherList left = message.Data; !left.IsEmpty; left = left.Slice(taken))
            {
                ReadOnlySpan<byte> run = left.First[..Math.Min(left.First.Length, connection.Admits)];
                bool isLast = run.Length == left.Length;
                bool moreFollows = more || (!isLast && connection.UnsentLimit == 0); // what is held back for more would be waited for

                // The last byte that is taken is the urgent one, so that only the end of the message may be marked.
                taken = urgent && isLast && run.Length <= connection.SendRoom ? connection.WriteUrgent(run) : connection.Write(run, moreFollows);
                sent += taken;
                if (taken < run.Length || taken == 0)
                {
                    break;
                }
            }

            return sent > 0 || message.Data.IsEmpty ? Errno.None : Starve(connection);
        }
    }

    /// <inheritdoc/>
    public override Errno Send(ReadOnlySpan<BufferSlice> chain, MessageFlags flags, out int taken)
    {
        taken = 0;
        using (_net.Enter())
        {
            Errno error = _isClosed ? Errno.EBADF : CanSend(hasProgress: false);
            if (error != Errno.None)
            {
                return error;
            }

            TcpConnection connection = _connection!;
            taken = connection.Admits == 0 ? 0 : connection.Write(chain, (flags & MessageFlags.MSG_MORE) != MessageFlags.None);
            return taken > 0 || chain.IsEmpty ? Errno.None : Starve(connection);
        }
    }

    private Errno CanSend(bool hasProgress)
    {
        if (IsOpening)
        {
            return _error == Errno.None ? Errno.EAGAIN : TakePending(hasProgress);
        }

        // sk_stream_error(): a pending error goes before EPIPE.
        return IsOver || _sendShut || _error != Errno.None ? TakePending(hasProgress) is var error and not Errno.None ? error : Errno.EPIPE : Errno.None;
    }

    private Errno TakePending(bool hasProgress)
    {
        if (hasProgress)
        {
            return Errno.None;
        }

        Errno error = _error;
        _error = Errno.None;
        return error;
    }

    private Errno Starve(TcpConnection connection)
    {
        _isStarved = connection.SendRoom > 0 && connection.Admits > 0;
        return Errno.EAGAIN;
    }
}
