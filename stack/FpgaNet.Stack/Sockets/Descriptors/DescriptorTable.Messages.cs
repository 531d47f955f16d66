using System.Runtime.InteropServices;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Stack.Sockets.Descriptors;

/// <summary>Calls that send and receive.</summary>
public sealed partial class DescriptorTable
{
    private const int MostRights = 253; // SCM_MAX_FD, unix(7)
    private const int MostRuns = 1024; // IOV_MAX, readv(2)

    /// <summary>Is called when a call on this descriptor ended with EPIPE without MSG_NOSIGNAL, on the calling thread: the manuals' SIGPIPE (send(2)).</summary>
    public Action<int>? BrokenPipe { get; set; }

    /// <summary>send(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="buffer">The bytes.</param>
    /// <param name="flags">How.</param>
    /// <returns>Bytes taken; −1: EAGAIN, EBADF, ECONNRESET, EDESTADDRREQ, EINTR, EMSGSIZE, ENOTCONN, ENOTSOCK, EPIPE.</returns>
    public int Send(int descriptor, ReadOnlySpan<byte> buffer, MessageFlags flags)
    {
        MessageOut message = new() { Data = new GatherList(buffer), Flags = flags };
        return SendMsg(descriptor, ref message);
    }

    /// <summary>sendto(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="buffer">The bytes.</param>
    /// <param name="flags">How.</param>
    /// <param name="address">To whom; AF_UNSPEC: as <see cref="Send"/>.</param>
    /// <returns>Bytes taken; −1: as <see cref="Send"/>, and EACCES, EAFNOSUPPORT, EINVAL, EISCONN, ENETUNREACH.</returns>
    public int SendTo(int descriptor, ReadOnlySpan<byte> buffer, MessageFlags flags, in SockAddr address)
    {
        MessageOut message = new() { Data = new GatherList(buffer), Address = address, Flags = flags };
        return SendMsg(descriptor, ref message);
    }

    /// <summary>sendto(2) with an address in C's layout.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="buffer">The bytes.</param>
    /// <param name="flags">How.</param>
    /// <param name="address">A <c>struct sockaddr</c>; none: as <see cref="Send"/>.</param>
    /// <returns>Bytes taken; −1: as <see cref="SendTo(int, ReadOnlySpan{byte}, MessageFlags, in SockAddr)"/>, EINVAL: an address not of the right length.</returns>
    public int SendTo(int descriptor, ReadOnlySpan<byte> buffer, MessageFlags flags, ReadOnlySpan<byte> address)
    {
        Errno error = Find(descriptor, out KernelSocket socket);
        SockAddr read = default;
        if (error == Errno.None && !address.IsEmpty)
        {
            error = Read(socket.Request.Domain, address, out read);
        }

        return error == Errno.None ? SendTo(descriptor, buffer, flags, read) : Fail(error);
    }

    /// <summary>sendmsg(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="message">The message; what was taken is cut off its data.</param>
    /// <returns>Bytes taken; −1: as <see cref="SendTo(int, ReadOnlySpan{byte}, MessageFlags, in SockAddr)"/>, EBADF: also a descriptor in SCM_RIGHTS, EINVAL: malformed control messages,
    /// EMSGSIZE: also more than 1024 runs, ETOOMANYREFS.</returns>
    public int SendMsg(int descriptor, ref MessageOut message)
    {
        Errno error = Find(descriptor, out KernelSocket socket);
        error = error == Errno.None && message.Data.Runs > MostRuns ? Errno.EMSGSIZE : error;
        int sent = 0;
        if (error == Errno.None)
        {
            ThreadWaiter thread = ThreadWaiter.Current;
            thread.Enter(this, descriptor);
            error = message.Control.IsEmpty || socket.Request.Domain != SocketDomain.AF_LOCAL ? socket.Send(ref message, out sent) : SendRights(socket, ref message, out sent);
            thread.Leave();
        }

        return error == Errno.None ? sent : FailToSend(descriptor, socket, error, message.Flags);
    }

    /// <summary>sendmmsg(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="messages">The messages.</param>
    /// <param name="flags">How.</param>
    /// <returns>Messages sent; −1: none, and why, as <see cref="SendMsg"/>.</returns>
    public int SendMMsg(int descriptor, Span<BatchMessage> messages, MessageFlags flags)
    {
        for (int i = 0; i < messages.Length; i++)
        {
            ref BatchMessage each = ref messages[i];
            MessageOut message = new() { Data = new GatherList(each.Data.Span), Address = each.Address, Control = each.Control.Span, Flags = flags };
            int sent = SendMsg(descriptor, ref message);
            if (sent < 0)
            {
                return i > 0 ? i : -1;
            }

            each.Length = sent;
        }

        return messages.Length > 0 ? messages.Length : Result(Find(descriptor, out KernelSocket _));
    }

    /// <summary>write(2) on a socket: <see cref="Send"/> without flags.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="buffer">The bytes.</param>
    /// <returns>As <see cref="Send"/>; EINVAL: not a socket.</returns>
    public int Write(int descriptor, ReadOnlySpan<byte> buffer) =>
        Find(descriptor) is { } file and not KernelSocket ? Fail(Errno.EINVAL) : Send(descriptor, buffer, MessageFlags.None);

    /// <summary>recv(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="buffer">Receives the bytes.</param>
    /// <param name="flags">How.</param>
    /// <returns>Bytes received, 0 at the end of the stream; −1: EAGAIN, EBADF, ECONNREFUSED, ECONNRESET, EINTR, EINVAL, ENOTCONN, ENOTSOCK, ETIMEDOUT.</returns>
    public int Recv(int descriptor, Span<byte> buffer, MessageFlags flags)
    {
        MessageIn message = new() { Data = new ScatterList(buffer), Flags = flags };
        return RecvMsg(descriptor, ref message);
    }

    /// <summary>recvfrom(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="buffer">Receives the bytes.</param>
    /// <param name="flags">How.</param>
    /// <param name="address">Receives who sent it; AF_UNSPEC on a connected stream.</param>
    /// <returns>As <see cref="Recv"/>.</returns>
    public int RecvFrom(int descriptor, Span<byte> buffer, MessageFlags flags, out SockAddr address)
    {
        MessageIn message = new() { Data = new ScatterList(buffer), Flags = flags };
        int received = RecvMsg(descriptor, ref message);
        address = message.Address;
        return received;
    }

    /// <summary>recvmsg(2). Descriptors that came with it have their numbers in its control messages; those that found no room there, or no number, are closed (MSG_CTRUNC).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="message">Where to.</param>
    /// <returns>As <see cref="Recv"/>, and EMSGSIZE: more than 1024 runs.</returns>
    public int RecvMsg(int descriptor, ref MessageIn message)
    {
        Errno error = Find(descriptor, out KernelSocket socket);
        error = error == Errno.None && message.Data.Runs > MostRuns ? Errno.EMSGSIZE : error;
        int received = 0;
        if (error == Errno.None)
        {
            ThreadWaiter thread = ThreadWaiter.Current;
            thread.Enter(this, descriptor);
            message.TakesRights = true;
            error = socket.Receive(ref message, out received);
            thread.Leave();
            if (message.Rights is not null)
            {
                TakeRights(ref message);
            }
        }

        return error == Errno.None ? received : Fail(error);
    }

    /// <summary>recvmmsg(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="messages">Where to.</param>
    /// <param name="flags">How; MSG_WAITFORONE waits for the first only.</param>
    /// <param name="timeout">After how long no further message is waited for; looked at when one has come only, as on Linux.</param>
    /// <returns>Messages received; −1: none, and why, as <see cref="RecvMsg"/>, and EINVAL: a negative time.</returns>
    public int RecvMMsg(int descriptor, Span<BatchMessage> messages, MessageFlags flags, TimeSpan timeout)
    {
        if (timeout < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan)
        {
            return Fail(Errno.EINVAL);
        }

        long end = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        for (int i = 0; i < messages.Length; i++)
        {
            ref BatchMessage each = ref messages[i];
            MessageIn message = new() { Data = new ScatterList(each.Data.Span), Control = each.Control.Span, Flags = flags & ~MessageFlags.MSG_WAITFORONE };
            int received = RecvMsg(descriptor, ref message);
            if (received < 0)
            {
                return i > 0 ? i : -1;
            }

            (each.Length, each.Address, each.ControlLength, each.Found) = (received, message.Address, message.ControlLength, message.Found);
            if ((flags & MessageFlags.MSG_WAITFORONE) != MessageFlags.None)
            {
                flags |= MessageFlags.MSG_DONTWAIT;
            }

            if (Environment.TickCount64 >= end || (message.Found & MessageFlags.MSG_OOB) != MessageFlags.None)
            {
                return i + 1;
            }
        }

        return messages.Length > 0 ? messages.Length : Result(Find(descriptor, out KernelSocket _));
    }

    /// <summary>read(2) on a socket: <see cref="Recv"/> without flags.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="buffer">Receives the bytes.</param>
    /// <returns>As <see cref="Recv"/>; EINVAL: not a socket.</returns>
    public int Read(int descriptor, Span<byte> buffer) =>
        Find(descriptor) is { } file and not KernelSocket ? Fail(Errno.EINVAL) : Recv(descriptor, buffer, MessageFlags.None);

    private int FailToSend(int descriptor, KernelSocket? socket, Errno error, MessageFlags flags)
    {
        // POSIX.1-2017 send(): the signal is for sockets with a connection.
        if (error == Errno.EPIPE && (flags & MessageFlags.MSG_NOSIGNAL) == MessageFlags.None && socket!.Request.Kind is SocketKind.SOCK_STREAM or SocketKind.SOCK_SEQPACKET)
        {
            BrokenPipe?.Invoke(descriptor);
        }

        return Fail(error);
    }

    private Errno SendRights(KernelSocket socket, ref MessageOut message, out int sent)
    {
        sent = 0;
        Errno error = FindRights(message.Control, out message.Rights);
        if (error == Errno.None)
        {
            error = socket.Send(ref message, out sent);
        }

        foreach (IOpenDescription file in message.Rights ?? [])
        {
            file.Release();
        }

        message.Rights = null;
        return error;
    }

    private Errno FindRights(ReadOnlySpan<byte> control, out IOpenDescription[]? rights)
    {
        rights = null;
        ControlReader reader = new(control);
        List<IOpenDescription>? found = null;
        Errno error = Errno.None;
        while (error == Errno.None && reader.Read())
        {
            if (reader is not { Level: SocketOptions.SOL_SOCKET, Type: SocketOptions.SCM_RIGHTS })
            {
                continue;
            }

            found ??= [];
            ReadOnlySpan<int> numbers = MemoryMarshal.Cast<byte, int>(reader.Data);
            if (found.Count + numbers.Length > MostRights)
            {
                error = Errno.EINVAL;
                break;
            }

            foreach (int number in numbers)
            {
                if (Find(number) is not { } file || !file.TryAddReference())
                {
                    error = Errno.EBADF;
                    break;
                }

                found.Add(file);
            }
        }

        rights = found is { Count: > 0 } ? [.. found] : null;
        return error == Errno.None && reader.IsMalformed ? Errno.EINVAL : error;
    }

    /// <summary>Gives numbers to what came with a message and writes them behind its other control messages.</summary>
    private void TakeRights(ref MessageIn message)
    {
        bool closesOnExec = (message.Flags & MessageFlags.MSG_CMSG_CLOEXEC) != MessageFlags.None;
        Span<byte> room = message.Control[message.ControlLength..];
        int most = Math.Max(0, (room.Length - ControlReader.HeaderLength) / sizeof(int));
        Span<int> numbers = stackalloc int[MostRights];
        int count = 0;
        foreach (IOpenDescription file in message.Rights!)
        {
            // unix(7): what does not fit is closed; the same when there is no number left.
            if (count < most && count < MostRights && file is IPolledDescription known && TryReserve(out int number))
            {
                numbers[count++] = Install(number, known, closesOnExec);
            }
            else
            {
                file.Release();
                message.Found |= MessageFlags.MSG_CTRUNC;
            }
        }

        message.Rights = null;
        if (count > 0)
        {
            ControlWriter writer = new(room);
            writer.Write(SocketOptions.SOL_SOCKET, SocketOptions.SCM_RIGHTS, MemoryMarshal.AsBytes(numbers[..count]));
            message.ControlLength += writer.Length;
        }
    }
}
