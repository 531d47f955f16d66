using System.Net;
using FpgaNet.Sockets.Waiting;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets;

/// <summary>
/// A socket as .NET has it: the members, exceptions and defaults of <see cref="System.Net.Sockets.Socket"/> on Linux, over a <see cref="KernelSocket"/> of this house. Any number of calls may wait in each
/// direction; those of one direction end in the order in which they were made. Waiting allocates nothing.
/// </summary>
public partial class Socket : IDisposable
{
    private static int s_lastHandle;

    private readonly CallQueue _receives;
    private readonly CallQueue _sends;
    private KernelSocket _kernel;
    private EndPoint? _template; // makes end points of families of the caller's own
    private EndPoint? _remote;
    private bool _isBound;
    private bool _isListening;
    private bool _wasConnected; // and is not any more
    private int _isDisposed;

    /// <summary>Makes a socket of <see cref="SocketHost.Default"/>.</summary>
    /// <param name="addressFamily">The family.</param>
    /// <param name="socketType">The type.</param>
    /// <param name="protocolType">The protocol; Unspecified: the usual one.</param>
    /// <exception cref="SocketException">The host has no such sockets, or no more of them.</exception>
    public Socket(AddressFamily addressFamily, SocketType socketType, ProtocolType protocolType)
        : this(SocketHost.Default, addressFamily, socketType, protocolType)
    {
    }

    /// <summary>Makes a socket for both families of the Internet (<see cref="DualMode"/>).</summary>
    /// <param name="socketType">The type.</param>
    /// <param name="protocolType">The protocol.</param>
    /// <exception cref="SocketException">The host has no such sockets, or no more of them.</exception>
    public Socket(SocketType socketType, ProtocolType protocolType)
        : this(SocketHost.Default, AddressFamily.InterNetworkV6, socketType, protocolType) => DualMode = true;

    /// <summary>Makes a socket of a host.</summary>
    /// <param name="system">The host.</param>
    /// <param name="addressFamily">The family.</param>
    /// <param name="socketType">The type.</param>
    /// <param name="protocolType">The protocol; Unspecified: the usual one.</param>
    /// <exception cref="SocketException">The host has no such sockets, or no more of them.</exception>
    public Socket(SocketSystem system, AddressFamily addressFamily, SocketType socketType, ProtocolType protocolType)
        : this(Create(system, new SocketRequest(Domain(addressFamily), (SocketKind)socketType, Math.Max(0, (int)protocolType), Credentials.Own)))
    {
        if (addressFamily == AddressFamily.InterNetworkV6)
        {
            int one = 1;
            _kernel.SetOption(IPPROTO_IPV6, IPV6_V6ONLY, Bytes(ref one)); // .NET's default, not Linux's; a kind without the option serves one family anyway
        }
    }

    /// <summary>Puts this face on a socket of the kernel-style layer, which belongs to it from here on.</summary>
    /// <param name="kernel">The socket.</param>
    public Socket(KernelSocket kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        _kernel = kernel;
        _receives = new CallQueue(this, PollEvents.POLLIN | PollEvents.POLLRDNORM | PollEvents.POLLRDHUP);
        _sends = new CallQueue(this, PollEvents.POLLOUT | PollEvents.POLLWRNORM);
        Watch(kernel);
        Connected = kernel.GetRemoteAddress(out _) == Errno.None;
        _isBound = Connected || (kernel.GetLocalAddress(out SockAddr address) == Errno.None && (address.Port != 0 || !address.Path.IsEmpty));
        Handle = Interlocked.Increment(ref s_lastHandle);
    }

    /// <summary>Whether hosts may have IPv4: always.</summary>
    public static bool OSSupportsIPv4 => true;

    /// <summary>Whether hosts may have IPv6: always.</summary>
    public static bool OSSupportsIPv6 => true;

    /// <summary>Whether hosts may have sockets of the local family.</summary>
    public static bool OSSupportsUnixDomainSockets => true;

    /// <summary>A number of its own; no descriptor of the operating system's.</summary>
    public nint Handle { get; }

    /// <summary>The socket below.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public KernelSocket Kernel
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
            return _kernel;
        }
    }

    /// <summary>The family.</summary>
    public AddressFamily AddressFamily => _kernel.Request.Domain switch
    {
        SocketDomain.AF_INET => AddressFamily.InterNetwork,
        SocketDomain.AF_INET6 => AddressFamily.InterNetworkV6,
        SocketDomain.AF_LOCAL => AddressFamily.Unix,
        SocketDomain.AF_PACKET => AddressFamily.Packet,
        _ => AddressFamily.Unknown,
    };

    /// <summary>The type.</summary>
    public SocketType SocketType => (SocketType)_kernel.Request.Kind;

    /// <summary>The protocol asked for.</summary>
    public ProtocolType ProtocolType => (ProtocolType)_kernel.Request.Protocol;

    /// <summary>It was connected by the last call that could tell.</summary>
    public bool Connected { get; private set; }

    /// <summary>It has an address of its own.</summary>
    public bool IsBound => _isBound;

    /// <summary>Calls that are not asynchronous wait.</summary>
    public bool Blocking
    {
        get => !Kernel.IsNonBlocking;
        set => Kernel.IsNonBlocking = !value;
    }

    /// <summary>Our end; null: not bound yet.</summary>
    public EndPoint? LocalEndPoint
    {
        get
        {
            KernelSocket kernel = Kernel;
            return !_isBound ? null : kernel.GetLocalAddress(out SockAddr address) is var error && error == Errno.None ? EndPointOf.Address(address, _template) : throw ExceptionOf(error);
        }
    }

    /// <summary>The peer's end; null: not connected. Once told it stays, whatever becomes of the connection.</summary>
    public EndPoint? RemoteEndPoint
    {
        get
        {
            KernelSocket kernel = Kernel;
            if (_remote is null && Connected)
            {
                Check(kernel.GetRemoteAddress(out SockAddr address));
                _remote = EndPointOf.Address(address, _template);
            }

            return _remote;
        }
    }

    /// <summary>What an error of the manuals is in .NET.</summary>
    /// <param name="error">The error.</param>
    internal static SocketException ExceptionOf(Errno error) => new((int)error.ToSocketError());

    /// <summary>The same with the peer in the message, as .NET says why it could not connect.</summary>
    /// <param name="error">The error.</param>
    /// <param name="peer">Who was called.</param>
    internal static SocketException ExceptionOf(Errno error, EndPoint peer)
    {
        int code = (int)error.ToSocketError();
        return new SocketException(code, $"{new SocketException(code).Message} {peer}");
    }

    /// <summary>Ends the connection and lets go. Calls that wait end with <see cref="SocketError.OperationAborted"/>.</summary>
    public void Close() => Dispose();

    /// <summary>The same, waiting for what was sent to be acknowledged.</summary>
    /// <param name="timeout">Milliseconds at most; -1: as <see cref="LingerState"/> says.</param>
    public void Close(int timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, -1);
        if (timeout >= 0 && Volatile.Read(ref _isDisposed) == 0 && SocketType == SocketType.Stream)
        {
            SetLinger(new LingerOption(enable: true, (timeout + 999) / 1000));
        }

        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go.</summary>
    /// <param name="disposing">By <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            Connected = false;
            _kernel.Close();
        }
    }

    private static SocketDomain Domain(AddressFamily family) => family switch
    {
        AddressFamily.InterNetwork => SocketDomain.AF_INET,
        AddressFamily.InterNetworkV6 => SocketDomain.AF_INET6,
        AddressFamily.Unix => SocketDomain.AF_LOCAL,
        AddressFamily.Packet => SocketDomain.AF_PACKET,
        _ => throw ExceptionOf(Errno.EAFNOSUPPORT),
    };

    private static KernelSocket Create(SocketSystem system, in SocketRequest request)
    {
        ArgumentNullException.ThrowIfNull(system);
        Errno error = system.Create(request, out KernelSocket? kernel);
        return error == Errno.None ? kernel! : throw ExceptionOf(error);
    }

    private void Watch(KernelSocket kernel)
    {
        kernel.Waiters.Add(_receives);
        kernel.Waiters.Add(_sends);
    }

    // The error of a call, and what it says about the connection (what .NET's Socket concludes).
    private SocketError Note(Errno error)
    {
        SocketError told = error.ToSocketError();
        if (told is not (SocketError.Success or SocketError.WouldBlock or SocketError.TimedOut or SocketError.NoBufferSpaceAvailable or SocketError.OperationAborted))
        {
            Disconnected();
        }

        return told;
    }

    private void Disconnected()
    {
        _wasConnected |= Connected;
        Connected = false;
    }

    private void Check(Errno error)
    {
        if (error != Errno.None)
        {
            throw new SocketException((int)Note(error));
        }
    }
}
