using FpgaNet.Packets.Buffers;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Local;

/// <summary>
/// SOCK_DGRAM and SOCK_RDM of AF_LOCAL: datagrams, none of which is lost or overtaken (unix(7); 4.4BSD's reliably delivered messages). Who sends waits while the receiver's queue is
/// full. Who is connected receives from its peer only.
/// </summary>
internal sealed class LocalDatagram(LocalDomain domain, SocketKind kind, Credentials credentials) : LocalSocket(domain, kind, credentials)
{
    private const int MaximumWaiting = 10; // net.unix.max_dgram_qlen; one more goes in, as on Linux

    /// <inheritdoc/>
    protected override int ReadableBytes => Inbox.First?.Length ?? 0; // of the next datagram (unix(7))

    /// <inheritdoc/>
    public override Errno Connect(in SockAddr address)
    {
        using (Domain.Enter())
        {
            if (IsClosed)
            {
                return Errno.EBADF;
            }

            LocalSocket? target = null;
            if (address.Family != SocketDomain.AF_UNSPEC)
            {
                Errno error = FindTarget(address, out target);
                if (error != Errno.None)
                {
                    return error;
                }

                if (!MaySendTo(target!))
                {
                    return Errno.EPERM;
                }
            }

            if (Peer is { } old && old != target)
            {
                Disconnect(old);
            }

            Peer = target;
            Notify(Writable);
            return Errno.None;
        }
    }

    /// <summary>Connects two that are new (socketpair(2)).</summary>
    public void Join(LocalDatagram other)
    {
        (Peer, other.Peer) = (other, this);
        PeerCredentials = other.Credentials;
        other.PeerCredentials = Credentials;
    }

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
            if (message.Rights is not null && !Domain.Rights.HasRoom(Credentials))
            {
                return Errno.ETOOMANYREFS;
            }

            error = FindReceiver(message.Address, message.Data.Length, out LocalSocket? target);
            if (error == Errno.None)
            {
                Deliver(target!, ref message, claimed);
                sent = message.Data.Length;
            }

            return error;
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

        int length = 0;
        foreach (BufferSlice slice in chain)
        {
            length += slice.Length;
        }

        using (Domain.Enter())
        {
            Errno error = FindReceiver(default, length, out LocalSocket? target);
            if (error == Errno.None)
            {
                Deliver(target!, chain, length);
                taken = chain.Length;
            }

            return error;
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
            return IsClosed ? Errno.EBADF : ReceivePacket(ref message, out received);
        }
    }

    /// <inheritdoc/>
    public override Errno Receive(Span<BufferSlice> chain, MessageFlags flags, out int count)
    {
        count = 0;
        using (Domain.Enter())
        {
            return IsClosed ? Errno.EBADF : ReceivePacket(chain, out count);
        }
    }

    /// <inheritdoc/>
    public override PollEvents Poll()
    {
        using (Domain.Enter())
        {
            PollEvents events = Error != Errno.None ? PollEvents.POLLERR : PollEvents.None;
            events |= ReceiveShut ? Readable | PollEvents.POLLRDHUP : PollEvents.None;
            events |= ReceiveShut && SendShut ? PollEvents.POLLHUP : PollEvents.None;
            events |= Inbox.Count > 0 ? Readable : PollEvents.None;
            if (Peer is LocalDatagram peer && peer.IsFullFor(this))
            {
                WaitFor(peer);
            }

            return (IsWritable || SendShut) && !WaitsInVain() ? events | Writable : events;
        }
    }

    /// <inheritdoc/>
    protected override bool IsFullFor(LocalSocket sender) => !IsClosed && !ReceiveShut && sender != this && Peer != sender && Inbox.Count > MaximumWaiting;

    /// <inheritdoc/>
    protected override void End()
    {
        base.End();
        Peer = null;
    }

    private bool MaySendTo(LocalSocket target) => target.Peer is null || target.Peer == this;

    private Errno FindReceiver(in SockAddr address, int length, out LocalSocket? target)
    {
        target = Peer;
        if (IsClosed)
        {
            return Errno.EBADF;
        }

        bool isAddressed = address.Family != SocketDomain.AF_UNSPEC;
        if (!isAddressed && target is null)
        {
            return Errno.ENOTCONN;
        }

        Errno error = isAddressed && (address.Family != SocketDomain.AF_LOCAL || address.Path.IsEmpty) ? Errno.EINVAL : CheckPacket(length);
        if (error == Errno.None && isAddressed)
        {
            error = FindTarget(address, out target);
        }

        if (error != Errno.None)
        {
            return error;
        }

        if (!MaySendTo(target!))
        {
            return Errno.EPERM;
        }

        if (target!.IsClosed)
        {
            Peer = null;
            Disconnect(target);
            return Errno.ECONNREFUSED;
        }

        if (target.ReceiveShut)
        {
            return Errno.EPIPE;
        }

        if (((LocalDatagram)target).IsFullFor(this))
        {
            WaitFor(target);
            return Errno.EAGAIN;
        }

        return Errno.None;
    }

    // Linux: what came from the old peer is thrown away, and the old peer, if it is still connected to this socket, is told.
    private void Disconnect(LocalSocket old)
    {
        Flush();
        if (!old.IsClosed && old.Peer == this)
        {
            ((LocalDatagram)old).Error = Errno.ECONNRESET;
            ((LocalDatagram)old).Notify(PollEvents.POLLERR);
        }
    }
}
