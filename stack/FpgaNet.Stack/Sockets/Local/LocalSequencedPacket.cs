using FpgaNet.Packets.Buffers;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Local;

/// <summary>
/// SOCK_SEQPACKET of AF_LOCAL: records over a connection (unix(7)). Each send is one record, and what of it does not fit where it is received is lost, as on Linux; POSIX would have records of several sends, which end
/// with MSG_EOR. A record that was sent with MSG_EOR is told to have it.
/// </summary>
internal sealed class LocalSequencedPacket(LocalDomain domain, Credentials credentials) : LocalConnection(domain, SocketKind.SOCK_SEQPACKET, credentials)
{
    /// <inheritdoc/>
    public override Errno Send(ref MessageOut message, out int sent)
    {
        sent = 0;
        Errno error = LocalControl.Read(message.Control, Credentials, out Credentials? claimed);
        if (error != Errno.None || message.Rights?.Length > RightsInFlight.MaximumPerMessage)
        {
            return error != Errno.None ? error : Errno.EINVAL;
        }

        using (Domain.Enter())
        {
            error = Check(message.Data.Length, message.Flags);
            if (error == Errno.None && message.Rights is not null && !Domain.Rights.HasRoom(Credentials))
            {
                error = Errno.ETOOMANYREFS;
            }

            if (error == Errno.None)
            {
                Deliver(Peer!, ref message, claimed); // an address is ignored (as Linux)
                sent = message.Data.Length;
            }

            return error;
        }
    }

    /// <inheritdoc/>
    public override Errno Send(ReadOnlySpan<BufferSlice> chain, MessageFlags flags, out int taken)
    {
        taken = 0;
        int length = 0;
        foreach (BufferSlice slice in chain)
        {
            length += slice.Length;
        }

        using (Domain.Enter())
        {
            Errno error = Check(length, flags);
            if (error == Errno.None)
            {
                Deliver(Peer!, chain, length);
                taken = chain.Length;
            }

            return error;
        }
    }

    /// <inheritdoc/>
    public override Errno Receive(ref MessageIn message, out int received)
    {
        received = 0;
        using (Domain.Enter())
        {
            Errno error = CheckReceive(message.Flags);
            return error == Errno.None ? ReceivePacket(ref message, out received) : error;
        }
    }

    /// <inheritdoc/>
    public override Errno Receive(Span<BufferSlice> chain, MessageFlags flags, out int count)
    {
        count = 0;
        using (Domain.Enter())
        {
            Errno error = CheckReceive(flags);
            return error == Errno.None ? ReceivePacket(chain, out count) : error;
        }
    }

    /// <inheritdoc/>
    protected override LocalConnection Make() => new LocalSequencedPacket(Domain, Credentials);

    private Errno Check(int length, MessageFlags flags)
    {
        if (IsClosed)
        {
            return Errno.EBADF;
        }

        Errno error = TakeErrorHeld();
        if (error != Errno.None || !IsConnected)
        {
            return error != Errno.None ? error : Errno.ENOTCONN;
        }

        return (flags & MessageFlags.MSG_OOB) != MessageFlags.None ? Errno.EOPNOTSUPP : CheckPacket(length);
    }

    private Errno CheckReceive(MessageFlags flags)
    {
        if (IsClosed)
        {
            return Errno.EBADF;
        }

        return !IsConnected ? Errno.ENOTCONN : (flags & MessageFlags.MSG_OOB) != MessageFlags.None ? Errno.EOPNOTSUPP : Errno.None;
    }
}
