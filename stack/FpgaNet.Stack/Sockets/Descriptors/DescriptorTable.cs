using System.Net.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Stack.Sockets.Descriptors;

/// <summary>
/// A process's descriptors and the calls of the manuals on them: each returns −1 and sets <see cref="Errno"/>, as in C. Descriptors are the lowest free integers. Any number of
/// threads may call; fork has no meaning here.
/// </summary>
public sealed partial class DescriptorTable
{
    [ThreadStatic]
    private static Errno s_errno;

    private readonly SocketSystem _system;
    private readonly Lock _gate = new();
    private KernelSocket?[] _sockets = new KernelSocket?[64];

    /// <summary>Makes an empty table.</summary>
    /// <param name="system">The host.</param>
    public DescriptorTable(SocketSystem system) => _system = system;

    /// <summary>Why the calling thread's last call that failed did so (errno).</summary>
    public static Errno Errno => s_errno;

    /// <summary>socket(2).</summary>
    /// <param name="domain">The family.</param>
    /// <param name="kind">The type, with SOCK_NONBLOCK and SOCK_CLOEXEC.</param>
    /// <param name="protocol">The protocol; 0: the usual one.</param>
    /// <returns>A descriptor; −1: EAFNOSUPPORT, EINVAL, EMFILE, EPROTONOSUPPORT, ESOCKTNOSUPPORT, ENOBUFS.</returns>
    public int Socket(SocketDomain domain, SocketKind kind, int protocol)
    {
        const int Flags = SocketOptions.SOCK_NONBLOCK | SocketOptions.SOCK_CLOEXEC;
        Errno error = _system.Create(new SocketRequest(domain, kind & (SocketKind)~Flags, protocol, Credentials.Own), out KernelSocket? socket);
        if (error != Errno.None)
        {
            return Fail(error);
        }

        socket!.IsNonBlocking = ((int)kind & SocketOptions.SOCK_NONBLOCK) != 0;
        return Add(socket);
    }

    /// <summary>close(2).</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <returns>0; −1: EBADF.</returns>
    public int Close(int descriptor)
    {
        KernelSocket? socket;
        lock (_gate)
        {
            socket = Find(descriptor);
            if (socket is null)
            {
                return Fail(Errno.EBADF);
            }

            _sockets[descriptor] = null;
        }

        return Result(socket.Close());
    }

    /// <summary>bind(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="address">Our address.</param>
    /// <returns>0; −1: EACCES, EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, EBADF, EINVAL.</returns>
    public int Bind(int descriptor, in SockAddr address) => Find(descriptor) is { } socket ? Result(socket.Bind(address)) : Fail(Errno.EBADF);

    /// <summary>listen(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="backlog">Connections that may wait to be accepted.</param>
    /// <returns>0; −1: EADDRINUSE, EBADF, EDESTADDRREQ, EINVAL, EOPNOTSUPP.</returns>
    public int Listen(int descriptor, int backlog) => Find(descriptor) is { } socket ? Result(socket.Listen(backlog)) : Fail(Errno.EBADF);

    /// <summary>accept(2).</summary>
    /// <param name="descriptor">The listening socket.</param>
    /// <param name="peer">Receives the peer's address.</param>
    /// <returns>A descriptor; −1: EAGAIN, EBADF, ECONNABORTED, EINTR, EINVAL, EMFILE, EOPNOTSUPP.</returns>
    public int Accept(int descriptor, out SockAddr peer)
    {
        peer = default;
        if (Find(descriptor) is not { } socket)
        {
            return Fail(Errno.EBADF);
        }

        Errno error = socket.Accept(out KernelSocket? accepted, out peer);
        return error == Errno.None ? Add(accepted!) : Fail(error);
    }

    /// <summary>connect(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="address">The peer.</param>
    /// <returns>0; −1: EADDRNOTAVAIL, EAFNOSUPPORT, EALREADY, EBADF, ECONNREFUSED, EHOSTUNREACH, EINPROGRESS, EINTR, EISCONN, ENETUNREACH, ETIMEDOUT.</returns>
    public int Connect(int descriptor, in SockAddr address) => Find(descriptor) is { } socket ? Result(socket.Connect(address)) : Fail(Errno.EBADF);

    /// <summary>send(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="buffer">The bytes.</param>
    /// <param name="flags">How.</param>
    /// <returns>Bytes taken; −1: EAGAIN, EBADF, ECONNRESET, EDESTADDRREQ, EINTR, EMSGSIZE, ENOTCONN, EPIPE.</returns>
    public int Send(int descriptor, ReadOnlySpan<byte> buffer, MessageFlags flags)
    {
        if (Find(descriptor) is not { } socket)
        {
            return Fail(Errno.EBADF);
        }

        MessageOut message = new() { Data = new GatherList(buffer), Flags = flags };
        Errno error = socket.Send(ref message, out int sent);
        return error == Errno.None ? sent : Fail(error);
    }

    /// <summary>recv(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="buffer">Receives the bytes.</param>
    /// <param name="flags">How.</param>
    /// <returns>Bytes received, 0 at the end of the stream; −1: EAGAIN, EBADF, ECONNREFUSED, ECONNRESET, EINTR, ENOTCONN, ETIMEDOUT.</returns>
    public int Recv(int descriptor, Span<byte> buffer, MessageFlags flags)
    {
        if (Find(descriptor) is not { } socket)
        {
            return Fail(Errno.EBADF);
        }

        MessageIn message = new() { Data = new ScatterList(buffer), Flags = flags };
        Errno error = socket.Receive(ref message, out int received);
        return error == Errno.None ? received : Fail(error);
    }

    /// <summary>shutdown(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="how">Which direction.</param>
    /// <returns>0; −1: EBADF, EINVAL, ENOTCONN.</returns>
    public int Shutdown(int descriptor, SocketShutdown how) => Find(descriptor) is { } socket ? Result(socket.Shutdown(how)) : Fail(Errno.EBADF);

    /// <summary>getsockname(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="address">Receives our address.</param>
    /// <returns>0; −1: EBADF.</returns>
    public int GetSockName(int descriptor, out SockAddr address)
    {
        address = default;
        return Find(descriptor) is { } socket ? Result(socket.GetLocalAddress(out address)) : Fail(Errno.EBADF);
    }

    private static int Fail(Errno error)
    {
        s_errno = error;
        return -1;
    }

    private static int Result(Errno error) => error == Errno.None ? 0 : Fail(error);

    private KernelSocket? Find(int descriptor)
    {
        KernelSocket?[] sockets = _sockets;
        return (uint)descriptor < (uint)sockets.Length ? Volatile.Read(ref sockets[descriptor]) : null;
    }

    private int Add(KernelSocket socket)
    {
        lock (_gate)
        {
            int lowest = Array.IndexOf(_sockets, null);
            if (lowest < 0)
            {
                lowest = _sockets.Length;
                Array.Resize(ref _sockets, 2 * lowest);
            }

            Volatile.Write(ref _sockets[lowest], socket);
            return lowest;
        }
    }
}
