using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp;
using TcpListener = FpgaNet.Stack.Transport.Tcp.TcpListener;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>
/// SOCK_STREAM of AF_INET and AF_INET6: TCP (tcp(7)). Where the manuals leave room it does what Linux does (inet_stream_ops and tcp_prot). One lock guards it: the stack's. The parts: this one (addresses,
/// listening, the end), Connecting, Sending, Receiving, Events and Options.
/// </summary>
internal sealed partial class InetStream : SocketImplementation, ITcpUser, ITcpListenerUser
{
    private const int FirstUserPort = 1024; // ip(7): below, CAP_NET_BIND_SERVICE is needed
    private const int MostBacklog = 4096; // net.core.somaxconn

    private readonly TcpProtocol _tcp;
    private readonly StackContext _net;
    private readonly SocketRequest _request;
    private readonly InetOptions _options;
    private readonly InetStreamOptions _stream;
    private TcpBinding? _binding;
    private TcpConnection? _connection;
    private TcpListener? _listener;
    private Phase _phase;
    private Errno _error; // sk_err: told once
    private ushort _formerPort; // of a connection that was dissolved
    private bool _portIsChosen; // by bind(): it outlives what disconnects
    private bool _receiveShut;
    private bool _sendShut;
    private bool _isStarved; // there was room for more, but no memory
    private bool _isClosed;
    private StackTimer? _lingering;

    public InetStream(TcpProtocol tcp, in SocketRequest request)
        : this(tcp, request, new InetOptions(tcp.Context, request.Domain, request.Kind, request.Credentials), new InetStreamOptions())
    {
    }

    private InetStream(TcpProtocol tcp, in SocketRequest request, InetOptions options, InetStreamOptions stream)
    {
        _tcp = tcp;
        _net = tcp.Context;
        _request = request;
        _options = options;
        _stream = stream;
    }

    // socket_state of Linux: what connect() has come to, whatever has become of the connection since.
    private enum Phase
    {
        Unconnected,
        Connecting,
        Connected,
    }

    private SocketDomain Domain => _request.Domain;

    private IpAddress Any => Domain == SocketDomain.AF_INET ? IpAddress.IPv4Any : IpAddress.Any;

    // TCP_CLOSE: there is no connection any more, or never was one. In TIME-WAIT Linux's socket has let go of it.
    private bool IsOver => _connection is not { State: not (TcpState.Closed or TcpState.TimeWait) };

    private bool IsOpening => _connection is { State: TcpState.SynSent or TcpState.SynReceived } && !(_phase == Phase.Connected);

    /// <inheritdoc/>
    public override Errno Bind(in SockAddr address)
    {
        if (address.Family != Domain)
        {
            return WrongFamily(address);
        }

        using (_net.Enter())
        {
            if (_isClosed)
            {
                return Errno.EBADF;
            }

            if (!_options.FreeBind && !address.Address.IsUnspecified && !_tcp.Ip.IsOwn(address.Address))
            {
                return Errno.EADDRNOTAVAIL;
            }

            if (address.Port is > 0 and < FirstUserPort && _request.Credentials.User != 0)
            {
                return Errno.EACCES;
            }

            if (_binding is not null || !IsOver)
            {
                return Errno.EINVAL;
            }

            if (_options.OnlyIPv6 && address.Address.IsIPv4)
            {
                return Errno.EINVAL;
            }

            Errno error = TakePort(address.Address, address.Port);
            _portIsChosen = error == Errno.None && address.Port != 0;
            return error;
        }
    }

    /// <inheritdoc/>
    public override Errno Listen(int backlog)
    {
        using (_net.Enter())
        {
            if (_isClosed)
            {
                return Errno.EBADF;
            }

            if (_phase != Phase.Unconnected)
            {
                return Errno.EINVAL;
            }

            // listen(2): cut to net.core.somaxconn; a negative number is a large one without its sign. Linux takes one connection more than it says.
            int waiting = (int)Math.Min((uint)backlog, MostBacklog) + 1;
            Errno error = _binding is null ? TakePort(Any, 0) : Errno.None;
            if (error != Errno.None)
            {
                return error;
            }

            if (_listener is null)
            {
                _listener = _tcp.TryListen(_binding!, waiting);
                if (_listener is null)
                {
                    return Errno.EADDRINUSE;
                }

                _listener.User = this;
                ApplyOptions(_listener);
            }

            _listener.Backlog = waiting;
            return Errno.None;
        }
    }

    /// <inheritdoc/>
    public override Errno Accept(out SocketImplementation? accepted, out SockAddr peer)
    {
        accepted = null;
        peer = default;
        using (_net.Enter())
        {
            if (_isClosed)
            {
                return Errno.EBADF;
            }

            if (_listener is null)
            {
                return Errno.EINVAL;
            }

            if (_listener.TryAccept() is not { } connection)
            {
                return _net.IsDown ? Errno.ENETDOWN : Errno.EAGAIN;
            }

            // One that has ended meanwhile is told as Linux tells it: by its first call.
            InetStream stream = new(_tcp, _request, _options.Inherit(), _stream.Inherit()) { _sendBufferIsSet = _sendBufferIsSet, _receiveBufferIsSet = _receiveBufferIsSet, _keepAliveIsSet = _keepAliveIsSet, _pacingLimit = _pacingLimit };
            stream.Attach(connection, Phase.Connected);
            accepted = stream;
            peer = stream.AddressOf(connection.RemoteAddress, connection.RemotePort);
            return Errno.None;
        }
    }

    /// <inheritdoc/>
    public override Errno Shutdown(SocketShutdown how)
    {
        using (_net.Enter())
        {
            if (_isClosed)
            {
                return Errno.EBADF;
            }

            if (how is not (SocketShutdown.Receive or SocketShutdown.Send or SocketShutdown.Both))
            {
                return Errno.EINVAL;
            }

            Errno error = Errno.None;
            if (_listener is not null)
            {
                if (how != SocketShutdown.Send)
                {
                    Disconnect();
                }
            }
            else if (IsOpening)
            {
                Disconnect();
            }
            else
            {
                // inet_shutdown(): noted even where there is nothing to end.
                error = IsOver ? Errno.ENOTCONN : Errno.None;
                _receiveShut |= how != SocketShutdown.Send;
                _sendShut |= how != SocketShutdown.Receive;
                if (how != SocketShutdown.Receive)
                {
                    _connection?.CloseSend();
                }
            }

            Notify(Ready());
            return error;
        }
    }

    /// <inheritdoc/>
    public override Errno Close()
    {
        using (_net.Enter())
        {
            if (_isClosed)
            {
                return EndLingering();
            }

            _isClosed = true;
            _listener?.Close();
            _listener = null;
            if (_connection is { } connection)
            {
                LetGo(connection);
            }

            ReleasePort();
            return _lingering is null ? Errno.None : Errno.EAGAIN;
        }
    }

    /// <inheritdoc/>
    public override Errno GetLocalAddress(out SockAddr address)
    {
        using (_net.Enter())
        {
            address = _connection is { } connection ? AddressOf(connection.LocalAddress, connection.LocalPort)
                : AddressOf(_binding?.LocalAddress ?? Any, _binding?.Port ?? _formerPort);
            return Errno.None;
        }
    }

    /// <inheritdoc/>
    public override Errno GetRemoteAddress(out SockAddr address)
    {
        using (_net.Enter())
        {
            address = default;
            if (IsOver || _connection is not { State: not TcpState.SynSent } connection)
            {
                return Errno.ENOTCONN;
            }

            address = AddressOf(connection.RemoteAddress, connection.RemotePort);
            return Errno.None;
        }
    }

    // Too short for an AF_INET6 socket is found out before anybody looks at the family.
    private Errno WrongFamily(in SockAddr address) => Domain == SocketDomain.AF_INET6 && address.Length < SockAddr.Inet6(default, 0).Length ? Errno.EINVAL : Errno.EAFNOSUPPORT;

    private Errno TakePort(IpAddress address, ushort port)
    {
        TcpBinding binding = new(_tcp, address.IsUnspecified && !address.IsIPv4 ? Any : address, port)
        {
            IsIPv6Only = _options.OnlyIPv6,
            Interface = _options.Interface,
            Sharing = Sharing,
            UserId = _request.Credentials.User,
        };
        if (!_tcp.TryBind(binding))
        {
            return Errno.EADDRINUSE;
        }

        _binding = binding;
        _options.IsBound = true;
        return Errno.None;
    }

    private void ReleasePort()
    {
        if (_binding is { } binding)
        {
            _binding = null;
            _tcp.Release(binding, owns: true);
        }
    }

    private void Attach(TcpConnection connection, Phase phase)
    {
        _connection = connection;
        _phase = phase;
        _options.IsBound = true;
        connection.User = this;
        if (connection.State == TcpState.Closed && phase == Phase.Connected)
        {
            NoteEnd(connection);
        }
    }

    // tcp_disconnect(): back to where socket() left it, but for a port that bind() has chosen.
    private void Disconnect()
    {
        _listener?.Close();
        _listener = null;
        if (_connection is { } connection)
        {
            if (!IsOver)
            {
                _error = Errno.ECONNRESET;
            }

            Forget(connection);
        }

        if (!_portIsChosen)
        {
            _formerPort = _binding?.Port ?? _formerPort;
            ReleasePort();
            _options.IsBound = false;
        }

        _phase = Phase.Unconnected;
        _receiveShut = _sendShut = false;
    }

    private void Forget(TcpConnection connection)
    {
        _connection = null;
        _formerPort = connection.LocalPort;
        connection.User = null;
        connection.Abort();
        connection.Detach();
    }

    // tcp_close(): what was not read, and SO_LINGER with no time, reset the connection.
    private void LetGo(TcpConnection connection)
    {
        if (_options.Linger == TimeSpan.Zero)
        {
            connection.Abort();
        }

        connection.Detach();
        if (_options.Linger is { } time && time > TimeSpan.Zero && !connection.IsDelivered)
        {
            connection.User = this;
            _lingering = new StackTimer(_net.Timers, () => Notify(PollEvents.POLLOUT));
            _lingering.Set(_net.Now + time);
        }
    }

    // socket(7): once all is acknowledged or the time is up. Then the connection goes on in the background, as on Linux.
    private Errno EndLingering()
    {
        if (_lingering is not { } lingering)
        {
            return Errno.EBADF;
        }

        if (_connection is { IsDelivered: false } && lingering.Due > _net.Now && lingering.IsSet)
        {
            return Errno.EAGAIN;
        }

        lingering.Remove();
        _lingering = null;
        _connection!.User = null;
        return Errno.None;
    }

    private SockAddr AddressOf(IpAddress address, ushort port) => Domain == SocketDomain.AF_INET6
        ? SockAddr.Inet6(address, port, address.NeedsScope && _connection is { } connection ? connection.Scope : 0)
        : SockAddr.Inet(address.IPv4, port);
}
