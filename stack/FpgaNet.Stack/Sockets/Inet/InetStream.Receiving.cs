using System.Runtime.InteropServices;
using FpgaNet.Packets.Buffers;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Transport.Tcp;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>recv(2): tcp_recvmsg_locked() and tcp_recv_urg() of Linux; and what ioctl(2) tells of the queues (tcp(7)).</summary>
internal sealed partial class InetStream
{
    /// <inheritdoc/>
    public override int ReceiveLowWater => _options.ReceiveLowWater;

    /// <inheritdoc/>
    public override Errno Receive(ref MessageIn message, out int received)
    {
        received = 0;
        using (_net.Enter())
        {
            if (_isClosed)
            {
                return Errno.EBADF;
            }

            if ((message.Flags & MessageFlags.MSG_ERRQUEUE) != MessageFlags.None)
            {
                return Errno.EAGAIN; // a stream tells its errors otherwise
            }

            if (_listener is not null)
            {
                return Errno.ENOTCONN;
            }

            if ((message.Flags & MessageFlags.MSG_OOB) != MessageFlags.None)
            {
                return ReceiveUrgent(ref message, out received);
            }

            if (_connection is { Readable: > 0 } connection && !message.Data.IsEmpty)
            {
                bool peeks = (message.Flags & MessageFlags.MSG_PEEK) != MessageFlags.None;
                if (peeks && IsWaitedFor(connection, message.Target))
                {
                    return Errno.EAGAIN;
                }

                // What was read before ends before the mark, so that SIOCATMARK can tell it.
                if (message.Progress == 0 || !connection.IsAtMark)
                {
                    received = (message.Flags & MessageFlags.MSG_TRUNC) != MessageFlags.None ? Skip(connection, message.Data.Length, peeks)
                        : peeks ? Peek(connection, message.Data)
                        : Read(connection, message.Data);
                }

                message.IsComplete = connection.IsAtMark || connection.IsAtEnd;
                if (received > 0)
                {
                    return Errno.None;
                }
            }

            return message.Data.IsEmpty && _connection is { Readable: > 0 } ? Errno.None : ReceiveNothing(ref message);
        }
    }

    /// <inheritdoc/>
    public override Errno Receive(Span<BufferSlice> chain, MessageFlags flags, out int count)
    {
        count = 0;
        using (_net.Enter())
        {
            if (_isClosed)
            {
                return Errno.EBADF;
            }

            if (_listener is not null)
            {
                return Errno.ENOTCONN;
            }

            if ((flags & (MessageFlags.MSG_OOB | MessageFlags.MSG_PEEK)) != MessageFlags.None)
            {
                return Errno.EOPNOTSUPP;
            }

            while (_connection is { Readable: > 0 } connection && count < chain.Length && (count == 0 || !connection.IsAtMark))
            {
                BufferSlice run = connection.ReadRun();
                if (run.Length == 0)
                {
                    break;
                }

                chain[count++] = run;
            }

            MessageIn nothing = default;
            return count > 0 ? Errno.None : ReceiveNothing(ref nothing);
        }
    }

    /// <inheritdoc/>
    public override Errno Control(int request, Span<byte> argument)
    {
        using (_net.Enter())
        {
            if (_isClosed)
            {
                return Errno.EBADF;
            }

            if (request is FIONREAD or SIOCOUTQ or SIOCOUTQNSD && _listener is not null)
            {
                return Errno.EINVAL;
            }

            int? value = request switch
            {
                FIONREAD => _connection is not null && !IsOpening ? _connection.BytesToMark : 0,
                SIOCOUTQ => _connection?.Unsettled ?? 0,
                SIOCOUTQNSD => _connection is not null && !IsOpening ? _connection.Unsent : 0,
                SIOCATMARK => _connection is { IsAtMark: true } ? 1 : 0,
                _ => null,
            };
            if (value is not { } found)
            {
                return Errno.ENOTTY;
            }

            if (argument.Length < sizeof(int))
            {
                return Errno.EFAULT;
            }

            MemoryMarshal.Write(argument, found);
            return Errno.None;
        }
    }

    // Less than the call waits for, and more may come: bytes that stay where they are cannot be counted together over several rounds.
    private bool IsWaitedFor(TcpConnection connection, int target)
    {
        int run = connection.RunLength(out _);
        return run < target && run == connection.Readable && !connection.IsFinReceived && !_receiveShut && _error == Errno.None && !IsOver;
    }

    private Errno ReceiveNothing(ref MessageIn message)
    {
        if (_connection is { IsFinReceived: true })
        {
            return Errno.None; // SOCK_DONE: an error stays for others
        }

        if (_error != Errno.None)
        {
            message.IsComplete = true;
            return TakePending(message.Progress > 0);
        }

        if (_receiveShut || (IsOver && _connection is not null))
        {
            return Errno.None;
        }

        return IsOver ? Errno.ENOTCONN : Errno.EAGAIN;
    }

    // This call never waits, whatever the socket is, as those of 4.4BSD and Linux.
    private Errno ReceiveUrgent(ref MessageIn message, out int received)
    {
        received = 0;
        if (_options.OutOfBandInline || _connection is not { IsUrgentPending: true } connection)
        {
            return Errno.EINVAL;
        }

        if (!connection.HasUrgentByte)
        {
            return IsOver || _receiveShut ? Errno.None : Errno.EAGAIN;
        }

        message.Found |= MessageFlags.MSG_OOB;
        byte value = connection.PeekUrgentByte();
        if ((message.Flags & MessageFlags.MSG_PEEK) == MessageFlags.None)
        {
            connection.TryTakeUrgentByte(out value);
        }

        if (message.Data.IsEmpty)
        {
            message.Found |= MessageFlags.MSG_TRUNC;
            return Errno.None;
        }

        received = message.Data.CopyFrom([value]);
        return Errno.None;
    }

    private static int Read(TcpConnection connection, ScatterList data)
    {
        int received = 0;
        for (ScatterList left = data; !left.IsEmpty && (received == 0 || !connection.IsAtMark); left = left.Slice(left.First.Length))
        {
            int count = connection.Read(left.First);
            received += count;
            if (count < left.First.Length)
            {
                break;
            }
        }

        return received;
    }

    private static int Peek(TcpConnection connection, ScatterList data)
    {
        int received = 0;
        for (ScatterList left = data; !left.IsEmpty; left = left.Slice(left.First.Length))
        {
            int count = connection.Peek(received, left.First);
            received += count;
            if (count < left.First.Length)
            {
                break;
            }
        }

        return received;
    }

    // MSG_TRUNC, tcp(7): counted and thrown away.
    private static int Skip(TcpConnection connection, int most, bool peeks) => peeks ? Math.Min(connection.RunLength(out _), most) : connection.Discard(most);
}
