namespace FpgaNet.Stack.Sockets.Abi;

/// <summary>Why a call failed, in the manuals' words (POSIX.1-2017 §2.3, socket(2), Linux's numbers). <see cref="None"/> is success.</summary>
public enum Errno
{
    /// <summary>Success.</summary>
    None = 0,

    /// <summary>Operation not permitted.</summary>
    EPERM = 1,

    /// <summary>No such name.</summary>
    ENOENT = 2,

    /// <summary>No such process.</summary>
    ESRCH = 3,

    /// <summary>The call was interrupted while it waited.</summary>
    EINTR = 4,

    /// <summary>Input or output error.</summary>
    EIO = 5,

    /// <summary>No such device or address.</summary>
    ENXIO = 6,

    /// <summary>No open descriptor, or it was closed while the call waited.</summary>
    EBADF = 9,

    /// <summary>It would have to wait (EWOULDBLOCK), or a time-out of the socket was reached.</summary>
    EAGAIN = 11,

    /// <summary>No memory.</summary>
    ENOMEM = 12,

    /// <summary>Permission denied.</summary>
    EACCES = 13,

    /// <summary>No valid buffer.</summary>
    EFAULT = 14,

    /// <summary>Busy.</summary>
    EBUSY = 16,

    /// <summary>It exists already.</summary>
    EEXIST = 17,

    /// <summary>No such device.</summary>
    ENODEV = 19,

    /// <summary>A part of the path is no directory.</summary>
    ENOTDIR = 20,

    /// <summary>Invalid argument.</summary>
    EINVAL = 22,

    /// <summary>The system has no descriptor left.</summary>
    ENFILE = 23,

    /// <summary>The process has no descriptor left.</summary>
    EMFILE = 24,

    /// <summary>The request does not suit the descriptor.</summary>
    ENOTTY = 25,

    /// <summary>No room left.</summary>
    ENOSPC = 28,

    /// <summary>A socket has no position.</summary>
    ESPIPE = 29,

    /// <summary>The socket is shut for sending, or the peer has closed.</summary>
    EPIPE = 32,

    /// <summary>Out of the function's domain.</summary>
    EDOM = 33,

    /// <summary>The result does not fit.</summary>
    ERANGE = 34,

    /// <summary>The name is too long.</summary>
    ENAMETOOLONG = 36,

    /// <summary>There is no such call.</summary>
    ENOSYS = 38,

    /// <summary>A circle, or too deep a nesting.</summary>
    ELOOP = 40,

    /// <summary>No message of that kind: a time stamp in the error queue.</summary>
    ENOMSG = 42,

    /// <summary>No data.</summary>
    ENODATA = 61,

    /// <summary>The time is up.</summary>
    ETIME = 62,

    /// <summary>The machine is not on the network.</summary>
    ENONET = 64,

    /// <summary>Protocol error.</summary>
    EPROTO = 71,

    /// <summary>Not a valid message.</summary>
    EBADMSG = 74,

    /// <summary>The value does not fit.</summary>
    EOVERFLOW = 75,

    /// <summary>The descriptor is no socket.</summary>
    ENOTSOCK = 88,

    /// <summary>No peer is set, and none was given.</summary>
    EDESTADDRREQ = 89,

    /// <summary>The message is too long for the protocol.</summary>
    EMSGSIZE = 90,

    /// <summary>The peer's socket is of another type.</summary>
    EPROTOTYPE = 91,

    /// <summary>No such option at that level.</summary>
    ENOPROTOOPT = 92,

    /// <summary>The protocol is not supported, or not with that type.</summary>
    EPROTONOSUPPORT = 93,

    /// <summary>The type is not supported in that domain.</summary>
    ESOCKTNOSUPPORT = 94,

    /// <summary>The socket does not do that.</summary>
    EOPNOTSUPP = 95,

    /// <summary>The protocol family is not supported.</summary>
    EPFNOSUPPORT = 96,

    /// <summary>The address family is not supported, or is not the socket's.</summary>
    EAFNOSUPPORT = 97,

    /// <summary>The address is in use.</summary>
    EADDRINUSE = 98,

    /// <summary>No such address here, or no free port.</summary>
    EADDRNOTAVAIL = 99,

    /// <summary>The network is down.</summary>
    ENETDOWN = 100,

    /// <summary>No route to the network.</summary>
    ENETUNREACH = 101,

    /// <summary>The network dropped the connection.</summary>
    ENETRESET = 102,

    /// <summary>The connection was ended before it was accepted, or from our side.</summary>
    ECONNABORTED = 103,

    /// <summary>The peer reset the connection.</summary>
    ECONNRESET = 104,

    /// <summary>No buffers, or the output queue is full.</summary>
    ENOBUFS = 105,

    /// <summary>The socket is connected already.</summary>
    EISCONN = 106,

    /// <summary>The socket is not connected.</summary>
    ENOTCONN = 107,

    /// <summary>The socket is shut.</summary>
    ESHUTDOWN = 108,

    /// <summary>Too many descriptors are on their way.</summary>
    ETOOMANYREFS = 109,

    /// <summary>The peer did not answer in time.</summary>
    ETIMEDOUT = 110,

    /// <summary>The peer refused.</summary>
    ECONNREFUSED = 111,

    /// <summary>The host is down.</summary>
    EHOSTDOWN = 112,

    /// <summary>No route to the host.</summary>
    EHOSTUNREACH = 113,

    /// <summary>Such a call is under way.</summary>
    EALREADY = 114,

    /// <summary>It was begun, and goes on without the caller.</summary>
    EINPROGRESS = 115,

    /// <summary>Stale.</summary>
    ESTALE = 116,

    /// <summary>No medium.</summary>
    ENOMEDIUM = 123,

    /// <summary>The call was cancelled.</summary>
    ECANCELED = 125,

    /// <summary>No such credential.</summary>
    ENOKEY = 126,

    /// <summary>The same as <see cref="EAGAIN"/>.</summary>
    EWOULDBLOCK = EAGAIN,

    /// <summary>The same as <see cref="EOPNOTSUPP"/>.</summary>
    ENOTSUP = EOPNOTSUPP,
}
