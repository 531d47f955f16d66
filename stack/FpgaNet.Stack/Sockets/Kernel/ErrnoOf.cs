using System.Net.Sockets;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Kernel;

/// <summary>Errors of .NET's sockets, which the protocols below use, as the manuals call them; and back.</summary>
public static class ErrnoOf
{
    private static readonly (SocketError Error, Errno Number)[] s_pairs =
    [
        (SocketError.Success, Errno.None),
        (SocketError.Interrupted, Errno.EINTR),
        (SocketError.AccessDenied, Errno.EACCES),
        (SocketError.AccessDenied, Errno.EPERM),
        (SocketError.Fault, Errno.EFAULT),
        (SocketError.InvalidArgument, Errno.EINVAL),
        (SocketError.TooManyOpenSockets, Errno.EMFILE),
        (SocketError.TooManyOpenSockets, Errno.ENFILE),
        (SocketError.WouldBlock, Errno.EAGAIN),
        (SocketError.InProgress, Errno.EINPROGRESS),
        (SocketError.AlreadyInProgress, Errno.EALREADY),
        (SocketError.NotSocket, Errno.ENOTSOCK),
        (SocketError.DestinationAddressRequired, Errno.EDESTADDRREQ),
        (SocketError.MessageSize, Errno.EMSGSIZE),
        (SocketError.ProtocolType, Errno.EPROTOTYPE),
        (SocketError.ProtocolOption, Errno.ENOPROTOOPT),
        (SocketError.ProtocolNotSupported, Errno.EPROTONOSUPPORT),
        (SocketError.SocketNotSupported, Errno.ESOCKTNOSUPPORT),
        (SocketError.OperationNotSupported, Errno.EOPNOTSUPP),
        (SocketError.ProtocolFamilyNotSupported, Errno.EPFNOSUPPORT),
        (SocketError.AddressFamilyNotSupported, Errno.EAFNOSUPPORT),
        (SocketError.AddressAlreadyInUse, Errno.EADDRINUSE),
        (SocketError.AddressNotAvailable, Errno.EADDRNOTAVAIL),
        (SocketError.NetworkDown, Errno.ENETDOWN),
        (SocketError.NetworkUnreachable, Errno.ENETUNREACH),
        (SocketError.NetworkReset, Errno.ENETRESET),
        (SocketError.ConnectionAborted, Errno.ECONNABORTED),
        (SocketError.ConnectionReset, Errno.ECONNRESET),
        (SocketError.NoBufferSpaceAvailable, Errno.ENOBUFS),
        (SocketError.NoBufferSpaceAvailable, Errno.ENOMEM),
        (SocketError.IsConnected, Errno.EISCONN),
        (SocketError.NotConnected, Errno.ENOTCONN),
        (SocketError.Shutdown, Errno.EPIPE),
        (SocketError.Shutdown, Errno.ESHUTDOWN),
        (SocketError.TimedOut, Errno.ETIMEDOUT),
        (SocketError.ConnectionRefused, Errno.ECONNREFUSED),
        (SocketError.HostDown, Errno.EHOSTDOWN),
        (SocketError.HostUnreachable, Errno.EHOSTUNREACH),
        (SocketError.OperationAborted, Errno.ECANCELED),
        (SocketError.OperationAborted, Errno.EBADF),
    ];

    /// <summary>The manuals' name for an error of .NET's; what has none is EIO.</summary>
    /// <param name="error">The error.</param>
    public static Errno From(SocketError error)
    {
        foreach ((SocketError candidate, Errno number) in s_pairs)
        {
            if (candidate == error)
            {
                return number;
            }
        }

        return Errno.EIO;
    }

    /// <summary>.NET's name for an error of the manuals; what has none is <see cref="SocketError.SocketError"/>.</summary>
    /// <param name="error">The error.</param>
    public static SocketError ToSocketError(this Errno error)
    {
        foreach ((SocketError candidate, Errno number) in s_pairs)
        {
            if (number == error)
            {
                return candidate;
            }
        }

        return SocketError.SocketError;
    }
}
