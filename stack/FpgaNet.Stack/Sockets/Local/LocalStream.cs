using FpgaNet.Packets.Buffers;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Local;

/// <summary>SOCK_STREAM of AF_LOCAL: a stream of bytes (unix(7)). It has no out-of-band data: so says unix(7), and so we do, although later versions of Linux can have one byte of it.</summary>
internal sealed class LocalStream(LocalDomain domain, Credentials credentials) : LocalConnection(domain, SocketKind.SOCK_STREAM, credentials)
{
    private Credentials _lastSender; // of the bytes received last

    /// <inheritdoc/>
    public override Errno Send(ref MessageOut message, out int sent)
    {
        sent = 0;
        if ((message.Flags & MessageFlags.MSG_OOB) != MessageFlags.None)
        {
            return Errno.EOPNOTSUPP;
        }

        Errno error = LocalControl.Read(message.Control, Credentials, out Credentials? claimed);
        if (error != Errno.None || message.Rights?.Length > RightsInFlight.MaximumPerMessage)
        {
            return error != Errno.None ? error : Errno.EINVAL;
        }

        using (Domain.Enter())
        {
            error = Check(isAddressed: message.Address.Family != SocketDomain.AF_UNSPEC);
            if (error != Errno.None)
            {
                return error;
            }

            if (message.Rights is not null && !Domain.Rights.HasRoom(Credentials))
            {
                return Errno.ETOOMANYREFS;
            }

            if (message.Data.IsEmpty)
            {
                // Nothing goes, and what was to go with it is lost (as Linux).
                DeferredRelease.Add(message.Rights);
                message.Rights = null;
                return Errno.None;
            }

            LocalStream peer = (LocalStream)Peer!;
            while (sent < message.Data.Length && HasRoom)
            {
                LocalMessage run = peer.TailFor(this, message.Rights is null, CredentialsFor(claimed, peer)) ?? Rent(Math.Min(message.Data.Length - sent, LocalMessagePool.LargestRun), claimed, peer);
                int count = run.Append(message.Data.Slice(sent), Room);
                sent += count;
                Charge(run, count);
                if (peer.Inbox.Last == run)
                {
                    peer.Notify(Readable);
                    continue;
                }

                run.Rights = message.Rights is { Length: > 0 } rights ? rights : null;
                message.Rights = null;
                peer.Enqueue(run);
            }

            return sent > 0 ? Errno.None : Errno.EAGAIN;
        }
    }

    /// <inheritdoc/>
    public override Errno Send(ReadOnlySpan<BufferSlice> chain, MessageFlags flags, out int taken)
    {
        taken = 0;
        if ((flags & MessageFlags.MSG_OOB) != MessageFlags.None)
        {
            return Errno.EOPNOTSUPP;
        }

        using (Domain.Enter())
        {
            Errno error = Check(isAddressed: false);
            if (error != Errno.None)
            {
                return error;
            }

            for (; taken < chain.Length && HasRoom; taken++)
            {
                if (chain[taken].Length == 0)
                {
                    chain[taken].Release();
                    continue;
                }

                LocalMessage run = Rent(0, null, Peer!);
                run.Take(chain[taken]);
                Charge(run, run.Length);
                ((LocalStream)Peer!).Enqueue(run);
            }

            return taken > 0 || chain.IsEmpty ? Errno.None : Errno.EAGAIN;
        }
    }

    /// <inheritdoc/>
    public override Errno Receive(ref MessageIn message, out int received)
    {
        received = 0;
        if ((message.Flags & MessageFlags.MSG_OOB) != MessageFlags.None)
        {
            return Errno.EOPNOTSUPP;
        }

        using (Domain.Enter())
        {
            if (IsClosed)
            {
                return Errno.EBADF;
            }

            if (!IsConnected)
            {
                return Errno.EINVAL; // as Linux; POSIX has ENOTCONN
            }

            if (message.Data.IsEmpty && Inbox.Count == 0)
            {
                return Errno.None;
            }

            if (Inbox.Count == 0)
            {
                Errno error = TakeErrorHeld();
                return error != Errno.None || ReceiveShut ? error : Errno.EAGAIN;
            }

            received = Read(ref message);
            return Errno.None;
        }
    }

    /// <inheritdoc/>
    public override Errno Receive(Span<BufferSlice> chain, MessageFlags flags, out int count)
    {
        count = 0;
        using (Domain.Enter())
        {
            if (IsClosed || !IsConnected)
            {
                return IsClosed ? Errno.EBADF : Errno.EINVAL;
            }

            if (Inbox.Count == 0)
            {
                Errno error = TakeErrorHeld();
                return error != Errno.None || ReceiveShut ? error : Errno.EAGAIN;
            }

            while (count < chain.Length && Inbox.First is { } run && run.TryHandOver(out chain[count]))
            {
                count++;
                Dequeue();
            }

            return count > 0 || chain.IsEmpty ? Errno.None : Errno.EOPNOTSUPP;
        }
    }

    /// <inheritdoc/>
    protected override LocalConnection Make() => new LocalStream(Domain, Credentials);

    private Errno Check(bool isAddressed)
    {
        if (IsClosed)
        {
            return Errno.EBADF;
        }

        if (isAddressed)
        {
            return IsConnected ? Errno.EISCONN : Errno.EOPNOTSUPP;
        }

        return !IsConnected ? Errno.ENOTCONN : SendShut ? Errno.EPIPE : Errno.None;
    }

    // The last run in the queue, when more of the same sender's bytes can be put behind it: small writes take no message each.
    private LocalMessage? TailFor(LocalStream sender, bool isPlain, Credentials credentials) =>
        isPlain && Inbox.Last is { Rights: null, Room: > 0 } last && last.Sender == sender && last.Credentials == credentials && last.From == sender.Name ? last : null;

    private int Read(ref MessageIn message)
    {
        bool isPeeked = (message.Flags & MessageFlags.MSG_PEEK) != MessageFlags.None;
        int received = 0;
        _lastSender = message.Progress > 0 ? _lastSender : Inbox.First!.Credentials;
        for (LocalMessage? run = Inbox.First; run is not null; run = isPeeked ? run.Next : Inbox.First)
        {
            // unix(7): bytes of different senders do not come as one, once it matters who sent them.
            if (PassesCredentials && run.Credentials != _lastSender)
            {
                message.IsComplete = true;
                break;
            }

            ScatterList room = message.Data.Slice(received);
            int count = room.CopyFrom(run.Bytes);
            bool hasRights = run.Rights is not null;
            if (received == 0 || hasRights)
            {
                message.Address = run.From?.Address ?? default;
                TellAncillary(run, ref message, isPeeked);
            }

            received += count;
            bool isAll = count == run.Length;
            if (!isPeeked)
            {
                run.Skip(count);
                if (isAll)
                {
                    Dequeue();
                }
            }

            // Rights end a run of bytes: those behind belong to another message.
            message.IsComplete |= hasRights;
            if (!isAll || hasRights || received == message.Data.Length)
            {
                break;
            }
        }

        return received;
    }
}
