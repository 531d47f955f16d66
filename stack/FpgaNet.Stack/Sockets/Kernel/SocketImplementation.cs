using System.Net.Sockets;
using FpgaNet.Packets.Buffers;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Kernel;

/// <summary>Whom an implementation tells that something has happened.</summary>
public interface ISocketOwner
{
    /// <summary>The socket may be ready for more than before, or has failed. Called with locks held.</summary>
    /// <param name="events">For what.</param>
    void Notify(PollEvents events);
}

/// <summary>
/// What stands behind a socket: the operations table of one kind (FreeBSD's <c>struct pr_usrreqs</c>, Zephyr's <c>struct socket_op_vtable</c>). No operation ever waits: where a caller would have to, it returns
/// EAGAIN (<see cref="Connect"/>: EINPROGRESS) and calls <see cref="ISocketOwner.Notify"/> once it is worth another try. Waiting is <see cref="KernelSocket"/>'s. Operations may be called from any thread,
/// and by several at once. After <see cref="Close"/> each returns EBADF.
/// </summary>
public abstract class SocketImplementation
{
    /// <summary>Who is told; set before the first operation, and again when the socket changes hands.</summary>
    public virtual ISocketOwner? Owner { get; set; }

    /// <summary>Takes an address (bind(2)).</summary>
    public virtual Errno Bind(in SockAddr address) => Errno.EOPNOTSUPP;

    /// <summary>Takes connections from now on (listen(2)).</summary>
    public virtual Errno Listen(int backlog) => Errno.EOPNOTSUPP;

    /// <summary>Begins to connect, or sets the peer (connect(2)). EINPROGRESS: <see cref="Poll"/> says POLLOUT, POLLERR or POLLHUP once it is decided, and <see cref="TakeError"/> how.</summary>
    public virtual Errno Connect(in SockAddr address) => Errno.EOPNOTSUPP;

    /// <summary>What connecting has come to, for a caller that has waited for it.</summary>
    /// <returns>EINPROGRESS: nothing yet.</returns>
    public virtual Errno CompleteConnect() => TakeError();

    /// <summary>Bytes of a stream that a receiving call waits for (SO_RCVLOWAT, socket(7)).</summary>
    public virtual int ReceiveLowWater => 1;

    /// <summary>Takes a connection that waits (accept(2)).</summary>
    /// <param name="accepted">Receives it.</param>
    /// <param name="peer">Receives the peer's address.</param>
    public virtual Errno Accept(out SocketImplementation? accepted, out SockAddr peer)
    {
        accepted = null;
        peer = default;
        return Errno.EOPNOTSUPP;
    }

    /// <summary>Sends what there is room for; a datagram or record whole or not at all (sendmsg(2)).</summary>
    /// <param name="message">The message.</param>
    /// <param name="sent">Receives how many bytes were taken.</param>
    public abstract Errno Send(ref MessageOut message, out int sent);

    /// <summary>Receives what is there (recvmsg(2)). MSG_WAITALL is the caller's business.</summary>
    /// <param name="message">Where to.</param>
    /// <param name="received">Receives how many bytes; 0 at the end of a stream.</param>
    public abstract Errno Receive(ref MessageIn message, out int received);

    /// <summary>Sends buffers that the caller hands over, without a copy where the kind can (sosend(9) with an mbuf chain).</summary>
    /// <param name="chain">The buffers. The references of those taken are the socket's; the rest stays the caller's.</param>
    /// <param name="flags">How.</param>
    /// <param name="taken">Receives how many of them were taken.</param>
    public virtual Errno Send(ReadOnlySpan<BufferSlice> chain, MessageFlags flags, out int taken)
    {
        taken = 0;
        return Errno.EOPNOTSUPP;
    }

    /// <summary>Receives buffers with the data in them, without a copy where the kind can (soreceive(9) with <c>mp0</c>).</summary>
    /// <param name="chain">Receives them; their references are the caller's.</param>
    /// <param name="flags">How.</param>
    /// <param name="count">Receives how many.</param>
    public virtual Errno Receive(Span<BufferSlice> chain, MessageFlags flags, out int count)
    {
        count = 0;
        return Errno.EOPNOTSUPP;
    }

    /// <summary>Ends one direction or both (shutdown(2)).</summary>
    public virtual Errno Shutdown(SocketShutdown how) => Errno.EOPNOTSUPP;

    /// <summary>
    /// Lets go (close(2)). EAGAIN: it lingers (SO_LINGER) and is to be called again after a notification by who may wait; who may not leaves it, and it ends by itself.
    /// </summary>
    public abstract Errno Close();

    /// <summary>What would not wait now.</summary>
    public abstract PollEvents Poll();

    /// <summary>The pending error, which is cleared by this (SO_ERROR).</summary>
    public abstract Errno TakeError();

    /// <summary>Our address (getsockname(2)).</summary>
    public abstract Errno GetLocalAddress(out SockAddr address);

    /// <summary>The peer's (getpeername(2)): ENOTCONN without one.</summary>
    public abstract Errno GetRemoteAddress(out SockAddr address);

    /// <summary>Sets an option (setsockopt(2)).</summary>
    /// <param name="level">Such as SOL_SOCKET.</param>
    /// <param name="name">Such as SO_REUSEADDR.</param>
    /// <param name="value">The value as in C.</param>
    public virtual Errno SetOption(int level, int name, ReadOnlySpan<byte> value) => Errno.ENOPROTOOPT;

    /// <summary>Reads an option (getsockopt(2)).</summary>
    /// <param name="level">Such as SOL_SOCKET.</param>
    /// <param name="name">Such as SO_REUSEADDR.</param>
    /// <param name="value">Receives as much of the value as fits.</param>
    /// <param name="length">Receives how many bytes that are.</param>
    public virtual Errno GetOption(int level, int name, Span<byte> value, out int length)
    {
        length = 0;
        return Errno.ENOPROTOOPT;
    }

    /// <summary>Carries out a request (ioctl(2)) such as FIONREAD or SIOCATMARK.</summary>
    /// <param name="request">Its number.</param>
    /// <param name="argument">What it reads and writes, as in C.</param>
    public virtual Errno Control(int request, Span<byte> argument) => Errno.ENOTTY;

    /// <summary>One reference to the open description was given back, and others are left (<see cref="IOpenDescription"/>). Called without locks.</summary>
    public virtual void ReferenceGone()
    {
    }

    /// <summary>Tells the owner.</summary>
    /// <param name="events">What has happened.</param>
    protected void Notify(PollEvents events) => Owner?.Notify(events);
}
