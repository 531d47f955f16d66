using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Stack.Transport;
using FpgaNet.Stack.Transport.Tcp;
using TcpListener = FpgaNet.Stack.Transport.Tcp.TcpListener;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>SOCK_STREAM of AF_INET and AF_INET6: TCP (tcp(7)). One lock guards it: the stack's.</summary>
internal sealed class InetStream : SocketImplementation, ITcpUser, ITcpListenerUser
{
    private readonly TcpProtocol _tcp;
    private readonly StackContext _net;
    private readonly SocketRequest _request;
    private TcpConnection? _connection;
    private TcpListener? _listener;
    private TcpBinding? _binding;
    private bool _isConnecting;
    private bool _errorIsTold; // the end of the connection, once by an error and then by the end of the stream
    private bool _receiveShut;
    private bool _isClosed;

    public InetStream(TcpProtocol tcp, in SocketRequest request)
    {
        _tcp = tcp;
        _net = tcp.Context;
        _request = request;
    }

    private SocketDomain Domain => _request.Domain;

    /// <inheritdoc/>
    public override Errno Bind(in SockAddr address)
    {
        const int FirstUserPort = 1024; // ip(7): below, CAP_NET_BIND_SERVICE is needed
        if (address.Family != Domain)
        {
            return Errno.EAFNOSUPPORT;
        }

        using (_net.Enter())
        {
            if (_isClosed)
            {
                return Errno.EBADF;
            }

            if (!address.Address.IsUnspecified && !_tcp.Ip.IsOwn(address.Address))
            {
                return Errno.EADDRNOTAVAIL;
            }

            if (address.Port is > 0 and < FirstUserPort && _request.Credentials.User != 0)
            {
                return Errno.EACCES;
            }

            return _binding is not null || _connection is not null ? Errno.EINVAL : Bind(address.Address, address.Port);
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

            if (_connection is not null)
            {
                return Errno.EINVAL;
            }

            Errno error = _binding is null ? Bind(Any, 0) : Errno.None;
            if (error == Errno.None && _listener is null)
            {
                _listener = _tcp.TryListen(_binding!, Backlog(backlog));
                if (_listener is null)
                {
                    return Errno.EADDRINUSE;
                }

                _listener.User = this;
            }

            _listener?.Backlog = Backlog(backlog);
            return error;
        }
    }

    /// <inheritdoc/>
    public override Errno Connect(in SockAddr address)
    {
        if (address.Family != Domain)
        {
            return Errno.EAFNOSUPPORT;
        }

        using (_net.Enter())
        {
            if (_isClosed)
            {
                return Errno.EBADF;
            }

            if (_listener is not null)
            {
                return Errno.EOPNOTSUPP;
            }

            if (_connection is not null)
            {
                return _isConnecting ? Errno.EALREADY : Errno.EISCONN;
            }

            if (_net.IsDown)
            {
                return Errno.ENETDOWN;
            }

            if (address.Address.IsMulticast)
            {
                return Errno.ENETUNREACH;
            }

            if (_tcp.Ip.Find(address.Address, _binding?.LocalAddress ?? default, address.Scope) is not { IsGroup: false } path)
            {
                return Errno.ENETUNREACH;
            }

            TcpConnection? connection = _binding is null ? _tcp.TryCreate(path, address.Port, 0, PortSharing.None) : _tcp.TryCreate(path, address.Port, _binding);
            if (connection is null)
            {
                return Errno.EADDRNOTAVAIL;
            }

            _connection = connection;
            connection.User = this;
            _isConnecting = true;
            connection.Open();
            return Errno.EINPROGRESS;
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

            while (_listener.TryAccept() is { } connection)
            {
                if (connection.State == TcpState.Closed && connection.Readable == 0)
                {
                    continue; // it ended before anybody looked
                }

                InetStream stream = new(_tcp, _request) { _connection = connection };
                connection.User = stream;
                accepted = stream;
                peer = stream.AddressOf(connection.RemoteAddress, connection.RemotePort);
                return Errno.None;
            }

            return _net.IsDown ? Errno.ENETDOWN : Errno.EAGAIN;
        }
    }

    /// <inheritdoc/>
    public override Errno Send(ref MessageOut message, out int sent)
    {
        sent = 0;
        using (_net.Enter())
        {
            if (_isClosed)
            {
                return Errno.EBADF;
            }

            if (_connection is not { } connection)
            {
                return Errno.EPIPE;
            }

            if (_isConnecting)
            {
                return Errno.EAGAIN;
            }

            if (connection.State == TcpState.Closed)
            {
                return TakeEnd() is var error && error != Errno.None ? error : Errno.EPIPE;
            }

            if (!connection.CanSend)
            {
                return Errno.EPIPE;
            }

            for (GatherList left = message.Data; !left.IsEmpty; left = left.Slice(left.First.Length))
            {
                int taken = connection.Write(left.First);
                sent += taken;
                if (taken < left.First.Length)
                {
                    break;
                }
            }

            return sent > 0 || message.Data.IsEmpty ? Errno.None : Errno.EAGAIN;
        }
    }

    /// <inheritdoc/>
    public override Errno Receive(ref MessageIn message, out int received)
    {
        received = 0;
        using (_net.Enter())
        {
            if (_isClosed)
            {
                return Errno.EBADF;
            }

            if (_connection is not { } connection)
            {
                return Errno.ENOTCONN;
            }

            for (ScatterList left = message.Data; !left.IsEmpty && connection.Readable > 0; left = left.Slice(left.First.Length))
            {
                int count = connection.Read(left.First);
                received += count;
                if (count < left.First.Length)
                {
                    break;
                }
            }

            if (received > 0 || _receiveShut || connection.IsAtEnd || message.Data.IsEmpty)
            {
                return Errno.None;
            }

            return connection.State == TcpState.Closed ? TakeEnd() : Errno.EAGAIN;
        }
    }

    /// <inheritdoc/>
    public override Errno Shutdown(SocketShutdown how)
    {
        using (_net.Enter())
        {
            if (_connection is not { } connection || _isConnecting)
            {
                return Errno.ENOTCONN;
            }

            _receiveShut |= how is SocketShutdown.Receive or SocketShutdown.Both;
            if (how is SocketShutdown.Send or SocketShutdown.Both)
            {
                connection.CloseSend();
            }

            Notify(PollEvents.POLLIN | PollEvents.POLLOUT | PollEvents.POLLRDHUP);
            return Errno.None;
        }
    }

    /// <inheritdoc/>
    public override Errno Close()
    {
        using (_net.Enter())
        {
            if (!_isClosed)
            {
                _isClosed = true;
                _listener?.Close();
                _connection?.Detach();
                if (_binding is not null)
                {
                    _tcp.Release(_binding, owns: true);
                    _binding = null;
                }
            }

            return Errno.None;
        }
    }

    /// <inheritdoc/>
    public override PollEvents Poll()
    {
        using (_net.Enter())
        {
            if (_listener is { } listener)
            {
                return listener.HasWaiting ? PollEvents.POLLIN | PollEvents.POLLRDNORM : PollEvents.None;
            }

            if (_connection is not { } connection)
            {
                return PollEvents.POLLOUT | PollEvents.POLLHUP; // as Linux says of a stream that was never connected
            }

            PollEvents events = PollEvents.None;
            bool ended = connection.State == TcpState.Closed;
            if (connection.Readable > 0 || connection.IsAtEnd || _receiveShut || ended)
            {
                events |= PollEvents.POLLIN | PollEvents.POLLRDNORM;
            }

            if (connection.IsAtEnd || ended)
            {
                events |= PollEvents.POLLRDHUP;
            }

            if (ended)
            {
                events |= PollEvents.POLLHUP | PollEvents.POLLOUT | (_errorIsTold || connection.Error == SocketError.Success ? PollEvents.None : PollEvents.POLLERR);
            }
            else if (!_isConnecting && (connection.SendRoom > 0 || !connection.CanSend))
            {
                events |= PollEvents.POLLOUT | PollEvents.POLLWRNORM;
            }

            return connection.UrgentBytes > 0 ? events | PollEvents.POLLPRI : events;
        }
    }

    /// <inheritdoc/>
    public override Errno TakeError()
    {
        using (_net.Enter())
        {
            return TakeEnd();
        }
    }

    /// <inheritdoc/>
    public override Errno GetLocalAddress(out SockAddr address)
    {
        using (_net.Enter())
        {
            address = _connection is { } connection ? AddressOf(connection.LocalAddress, connection.LocalPort)
                : AddressOf(_binding?.LocalAddress ?? default, _binding?.Port ?? 0);
            return Errno.None;
        }
    }

    /// <inheritdoc/>
    public override Errno GetRemoteAddress(out SockAddr address)
    {
        using (_net.Enter())
        {
            address = default;
            if (_connection is not { } connection || _isConnecting || connection.State == TcpState.Closed)
            {
                return Errno.ENOTCONN;
            }

            address = AddressOf(connection.RemoteAddress, connection.RemotePort);
            return Errno.None;
        }
    }

    /// <inheritdoc/>
    void ITcpUser.Signal(TcpEvents events)
    {
        PollEvents told = PollEvents.None;
        if ((events & (TcpEvents.Connected | TcpEvents.Closed)) != TcpEvents.None)
        {
            _isConnecting = false;
            told |= PollEvents.POLLOUT | PollEvents.POLLWRNORM;
        }

        if ((events & TcpEvents.Readable) != TcpEvents.None)
        {
            told |= PollEvents.POLLIN | PollEvents.POLLRDNORM | PollEvents.POLLRDHUP;
        }

        if ((events & TcpEvents.Writable) != TcpEvents.None)
        {
            told |= PollEvents.POLLOUT | PollEvents.POLLWRNORM;
        }

        if ((events & TcpEvents.Urgent) != TcpEvents.None)
        {
            told |= PollEvents.POLLPRI;
        }

        if ((events & TcpEvents.Closed) != TcpEvents.None)
        {
            told |= PollEvents.POLLIN | PollEvents.POLLHUP | PollEvents.POLLRDHUP | PollEvents.POLLERR;
        }

        Notify(told);
    }

    /// <inheritdoc/>
    void ITcpListenerUser.ConnectionWaits() => Notify(PollEvents.POLLIN | PollEvents.POLLRDNORM);

    /// <inheritdoc/>
    void ITcpListenerUser.Failed(SocketError error) => Notify(PollEvents.POLLIN | PollEvents.POLLERR);

    private IpAddress Any => Domain == SocketDomain.AF_INET ? IpAddress.IPv4Any : IpAddress.Any;

    // listen(2): cut to net.core.somaxconn; a negative number is a large one without its sign. Linux takes one connection more than it says.
    private static int Backlog(int backlog) => (int)Math.Min((uint)backlog, 4096) + 1;

    private Errno Bind(IpAddress address, ushort port)
    {
        TcpBinding binding = new(_tcp, address.IsUnspecified ? (address.IsIPv4 ? address : Any) : address, port) { UserId = _request.Credentials.User };
        if (!_tcp.TryBind(binding))
        {
            return Errno.EADDRINUSE;
        }

        _binding = binding;
        return Errno.None;
    }

    private Errno TakeEnd()
    {
        if (_errorIsTold || _connection is not { State: TcpState.Closed } connection)
        {
            return Errno.None;
        }

        _errorIsTold = true;
        return connection.Error == SocketError.Success ? Errno.None : ErrnoOf.From(connection.Error);
    }

    private SockAddr AddressOf(IpAddress address, ushort port) => Domain == SocketDomain.AF_INET6
        ? SockAddr.Inet6(address, port, address.NeedsScope && _connection is { } connection ? connection.Scope : 0)
        : SockAddr.Inet(address.IPv4, port);
}
