using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Stack.Sockets.Descriptors;

/// <summary>Calls that make sockets and connect them.</summary>
public sealed partial class DescriptorTable
{
    private const int CreationFlags = SocketOptions.SOCK_NONBLOCK | SocketOptions.SOCK_CLOEXEC;

    /// <summary>socket(2).</summary>
    /// <param name="domain">The family.</param>
    /// <param name="kind">The type, with SOCK_NONBLOCK and SOCK_CLOEXEC.</param>
    /// <param name="protocol">The protocol; 0: the usual one.</param>
    /// <returns>A descriptor; −1: EACCES, EAFNOSUPPORT, EINVAL, EMFILE, ENFILE, EPROTONOSUPPORT, ESOCKTNOSUPPORT, ENOBUFS.</returns>
    public int Socket(SocketDomain domain, SocketKind kind, int protocol)
    {
        Errno error = Create(domain, kind, protocol, out KernelSocket socket);
        if (error != Errno.None)
        {
            return Fail(error);
        }

        if (!TryReserve(out int descriptor))
        {
            socket.Close();
            return Fail(Errno.EMFILE);
        }

        return Install(descriptor, socket, HasCloseOnExec((int)kind));
    }

    /// <summary>socketpair(2).</summary>
    /// <param name="domain">The family; AF_LOCAL.</param>
    /// <param name="kind">The type, with SOCK_NONBLOCK and SOCK_CLOEXEC.</param>
    /// <param name="protocol">The protocol; 0: the usual one.</param>
    /// <param name="first">Receives one descriptor.</param>
    /// <param name="second">Receives the other.</param>
    /// <returns>0; −1: as <see cref="Socket"/>, and EOPNOTSUPP: the family has no pairs.</returns>
    public int SocketPair(SocketDomain domain, SocketKind kind, int protocol, out int first, out int second)
    {
        first = second = -1;
        if (!TryReserve(out int one))
        {
            return Fail(Errno.EMFILE);
        }

        if (!TryReserve(out int two))
        {
            return Unreserve(one, Errno.EMFILE);
        }

        Errno error = _system.CreatePair(new SocketRequest(domain, kind & (SocketKind)~CreationFlags, protocol, Credentials), out KernelSocket? left, out KernelSocket? right);
        if (error == Errno.None)
        {
            left!.IsNonBlocking = right!.IsNonBlocking = ((int)kind & SocketOptions.SOCK_NONBLOCK) != 0;
            first = Install(one, left, HasCloseOnExec((int)kind));
            second = Install(two, right, HasCloseOnExec((int)kind));
            return 0;
        }

        Unreserve(two, error);
        return Unreserve(one, error);
    }

    /// <summary>bind(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="address">Our address.</param>
    /// <returns>0; −1: EACCES, EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, EBADF, EINVAL, ENOTSOCK.</returns>
    public int Bind(int descriptor, in SockAddr address)
    {
        Errno error = Find(descriptor, out KernelSocket socket);
        return Result(error == Errno.None ? socket.Bind(address) : error);
    }

    /// <summary>bind(2) with an address in C's layout.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="address">A <c>struct sockaddr</c>.</param>
    /// <returns>0; −1: as <see cref="Bind(int, in SockAddr)"/>, EFAULT: no address, EINVAL: not of the right length.</returns>
    public int Bind(int descriptor, ReadOnlySpan<byte> address)
    {
        Errno error = Find(descriptor, address, out KernelSocket socket, out SockAddr read);
        return Result(error == Errno.None ? socket.Bind(read) : error);
    }

    /// <summary>listen(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="backlog">Connections that may wait to be accepted.</param>
    /// <returns>0; −1: EADDRINUSE, EBADF, EDESTADDRREQ, EINVAL, ENOTSOCK, EOPNOTSUPP.</returns>
    public int Listen(int descriptor, int backlog)
    {
        Errno error = Find(descriptor, out KernelSocket socket);
        return Result(error == Errno.None ? socket.Listen(backlog) : error);
    }

    /// <summary>accept(2).</summary>
    /// <param name="descriptor">The listening socket.</param>
    /// <param name="peer">Receives the peer's address.</param>
    /// <returns>A descriptor; −1: EAGAIN, EBADF, ECONNABORTED, EINTR, EINVAL, EMFILE, ENFILE, ENOTSOCK, EOPNOTSUPP.</returns>
    public int Accept(int descriptor, out SockAddr peer) => Accept4(descriptor, out peer, 0);

    /// <summary>accept4(2).</summary>
    /// <param name="descriptor">The listening socket.</param>
    /// <param name="peer">Receives the peer's address.</param>
    /// <param name="flags">SOCK_NONBLOCK, SOCK_CLOEXEC.</param>
    /// <returns>A descriptor; −1: as <see cref="Accept"/>, EINVAL: other flags.</returns>
    public int Accept4(int descriptor, out SockAddr peer, int flags)
    {
        peer = default;
        if ((flags & ~CreationFlags) != 0)
        {
            return Fail(Errno.EINVAL);
        }

        Errno error = Find(descriptor, out KernelSocket socket);
        if (error != Errno.None)
        {
            return Fail(error);
        }

        // The number first: without one the connection stays in the queue (EMFILE).
        if (!TryReserve(out int number))
        {
            return Fail(Errno.EMFILE);
        }

        ThreadWaiter thread = ThreadWaiter.Current;
        thread.Enter(this, descriptor);
        error = socket.Accept(out KernelSocket? accepted, out peer);
        thread.Leave();
        if (error != Errno.None)
        {
            return Unreserve(number, error);
        }

        accepted!.IsNonBlocking = (flags & SocketOptions.SOCK_NONBLOCK) != 0;
        return Install(number, accepted, HasCloseOnExec(flags));
    }

    /// <summary>connect(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="address">The peer.</param>
    /// <returns>
    /// 0; −1: EACCES, EADDRNOTAVAIL, EAFNOSUPPORT, EALREADY, EBADF, ECONNREFUSED, EHOSTUNREACH, EINPROGRESS, EINTR, EISCONN, ENETUNREACH, ENOTSOCK, EPROTOTYPE, ETIMEDOUT.
    /// </returns>
    public int Connect(int descriptor, in SockAddr address)
    {
        Errno error = Find(descriptor, out KernelSocket socket);
        return Result(error == Errno.None ? Connect(descriptor, socket, address) : error);
    }

    /// <summary>connect(2) with an address in C's layout.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="address">A <c>struct sockaddr</c>.</param>
    /// <returns>0; −1: as <see cref="Connect(int, in SockAddr)"/>, EFAULT: no address, EINVAL: not of the right length.</returns>
    public int Connect(int descriptor, ReadOnlySpan<byte> address)
    {
        Errno error = Find(descriptor, address, out KernelSocket socket, out SockAddr read);
        return Result(error == Errno.None ? Connect(descriptor, socket, read) : error);
    }

    /// <summary>shutdown(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="how">Which direction.</param>
    /// <returns>0; −1: EBADF, EINVAL, ENOTCONN, ENOTSOCK.</returns>
    public int Shutdown(int descriptor, SocketShutdown how)
    {
        Errno error = Find(descriptor, out KernelSocket socket);
        if (error == Errno.None)
        {
            error = how is SocketShutdown.Receive or SocketShutdown.Send or SocketShutdown.Both ? socket.Shutdown(how) : Errno.EINVAL;
        }

        return Result(error);
    }

    /// <summary>getsockname(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="address">Receives our address; <see cref="SockAddr.Write"/> gives C's layout.</param>
    /// <returns>0; −1: EBADF, ENOTSOCK.</returns>
    public int GetSockName(int descriptor, out SockAddr address)
    {
        address = default;
        Errno error = Find(descriptor, out KernelSocket socket);
        return Result(error == Errno.None ? socket.GetLocalAddress(out address) : error);
    }

    /// <summary>getpeername(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="address">Receives the peer's address; <see cref="SockAddr.Write"/> gives C's layout.</param>
    /// <returns>0; −1: EBADF, ENOTCONN, ENOTSOCK.</returns>
    public int GetPeerName(int descriptor, out SockAddr address)
    {
        address = default;
        Errno error = Find(descriptor, out KernelSocket socket);
        return Result(error == Errno.None ? socket.GetRemoteAddress(out address) : error);
    }

    private Errno Connect(int descriptor, KernelSocket socket, in SockAddr address)
    {
        ThreadWaiter thread = ThreadWaiter.Current;
        thread.Enter(this, descriptor);
        Errno error = socket.Connect(address);
        thread.Leave();
        return error;
    }

    private static bool HasCloseOnExec(int flags) => (flags & SocketOptions.SOCK_CLOEXEC) != 0;

    private Errno Create(SocketDomain domain, SocketKind kind, int protocol, out KernelSocket socket)
    {
        Errno error = _system.Create(new SocketRequest(domain, kind & (SocketKind)~CreationFlags, protocol, Credentials), out KernelSocket? made);
        socket = made!;
        if (error == Errno.None)
        {
            socket.IsNonBlocking = ((int)kind & SocketOptions.SOCK_NONBLOCK) != 0;
        }

        return error;
    }

    private Errno Find(int descriptor, ReadOnlySpan<byte> bytes, out KernelSocket socket, out SockAddr address)
    {
        address = default;
        Errno error = Find(descriptor, out socket);
        return error == Errno.None ? Read(socket.Request.Domain, bytes, out address) : error;
    }

    /// <summary>Reads an address that a program gives to a socket: which lengths will do, the socket's family says (ip(7), ipv6(7), unix(7), packet(7)).</summary>
    private static Errno Read(SocketDomain domain, ReadOnlySpan<byte> bytes, out SockAddr address)
    {
        address = default;
        if (Unsafe.IsNullRef(in MemoryMarshal.GetReference(bytes)))
        {
            return Errno.EFAULT;
        }

        // connect(2): AF_UNSPEC dissolves an association; of it only the family is read.
        bool isUnspecified = bytes.Length >= sizeof(ushort) && MemoryMarshal.Read<ushort>(bytes) == (ushort)SocketDomain.AF_UNSPEC;
        int least = isUnspecified ? sizeof(ushort) : domain switch
        {
            SocketDomain.AF_INET => 16,
            SocketDomain.AF_INET6 => 24,
            SocketDomain.AF_PACKET => 12,
            _ => sizeof(ushort),
        };
        return bytes.Length < least ? Errno.EINVAL : SockAddr.TryRead(bytes, out address);
    }
}
