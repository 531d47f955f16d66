using FpgaNet.Packets.Buffers;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Local;

/// <summary>Messages that stay whole: datagrams and records.</summary>
internal abstract partial class LocalSocket
{
    private const int LeastOverhead = 32; // what Linux takes off SO_SNDBUF for the longest message

    /// <summary>What is wrong with a message before it is known to whom it goes.</summary>
    /// <returns>EMSGSIZE: it is longer than all room there is; EPIPE: sending was ended; EAGAIN: no room now; or the pending error.</returns>
    protected Errno CheckPacket(int length)
    {
        if (length > SendBuffer - LeastOverhead)
        {
            return Errno.EMSGSIZE;
        }

        Errno error = TakeErrorHeld();
        return error != Errno.None ? error : SendShut ? Errno.EPIPE : HasRoom ? Errno.None : Errno.EAGAIN;
    }

    /// <summary>Puts a message into a socket's queue.</summary>
    protected void Deliver(LocalSocket target, ref MessageOut message, Credentials? claimed)
    {
        LocalMessage made = Rent(message.Data.Length, claimed, target);
        made.Append(message.Data, int.MaxValue);
        made.EndsRecord = (message.Flags & MessageFlags.MSG_EOR) != MessageFlags.None;
        Charge(made, made.Length);
        if (message.Rights is { Length: > 0 } rights)
        {
            made.Rights = rights;
        }

        message.Rights = null;
        target.Enqueue(made);
    }

    /// <summary>Puts a message into a socket's queue that is handed over in buffers: one goes as it is, several are copied.</summary>
    protected void Deliver(LocalSocket target, ReadOnlySpan<BufferSlice> chain, int length)
    {
        bool isOne = chain.Length == 1;
        LocalMessage made = Rent(isOne ? 0 : length, null, target);
        foreach (BufferSlice slice in chain)
        {
            if (isOne)
            {
                made.Take(slice);
            }
            else
            {
                made.Append(slice.Span);
                slice.Release();
            }
        }

        Charge(made, length);
        target.Enqueue(made);
    }

    /// <summary>Receives a whole message.</summary>
    /// <returns>EAGAIN: there is none; or the pending error.</returns>
    protected Errno ReceivePacket(ref MessageIn message, out int received)
    {
        received = 0;
        Errno error = TakeErrorHeld(); // Linux tells it first
        if (error != Errno.None)
        {
            return error;
        }

        if (Inbox.First is not { } first)
        {
            return ReceiveShut ? Errno.None : Errno.EAGAIN;
        }

        bool isPeeked = (message.Flags & MessageFlags.MSG_PEEK) != MessageFlags.None;
        int copied = message.Data.CopyFrom(first.Bytes);
        received = (message.Flags & MessageFlags.MSG_TRUNC) != MessageFlags.None ? first.Length : copied;
        message.Found |= copied < first.Length ? MessageFlags.MSG_TRUNC : MessageFlags.None;
        message.Found |= first.EndsRecord && Kind == SocketKind.SOCK_SEQPACKET ? MessageFlags.MSG_EOR : MessageFlags.None;
        message.Address = first.From?.Address ?? default;
        TellAncillary(first, ref message, isPeeked);
        if (!isPeeked)
        {
            Dequeue();
        }

        return Errno.None;
    }

    /// <summary>Receives a whole message in the buffer that it was handed over in.</summary>
    /// <returns>EOPNOTSUPP: it is in none; EAGAIN: there is none; or the pending error.</returns>
    protected Errno ReceivePacket(Span<BufferSlice> chain, out int count)
    {
        count = 0;
        Errno error = TakeErrorHeld();
        if (error != Errno.None)
        {
            return error;
        }

        if (Inbox.First is not { } first)
        {
            return ReceiveShut ? Errno.None : Errno.EAGAIN;
        }

        if (chain.IsEmpty)
        {
            return Errno.EINVAL;
        }

        if (!first.TryHandOver(out chain[0]))
        {
            return Errno.EOPNOTSUPP;
        }

        count = 1;
        Dequeue();
        return Errno.None;
    }
}
