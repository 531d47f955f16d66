using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>connect(2): __inet_stream_connect(), tcp_v4_connect() and tcp_v6_connect() of Linux.</summary>
internal sealed partial class InetStream
{
    private bool _isDeferred; // TCP_FASTOPEN_CONNECT: the SYN waits for data

    /// <inheritdoc/>
    public override Errno Connect(in SockAddr address)
    {
        using (_net.Enter())
        {
            if (_isClosed)
            {
                return Errno.EBADF;
            }

            if (address.Family == SocketDomain.AF_UNSPEC)
            {
                Disconnect();
                Notify(Ready());
                return Errno.None;
            }

            switch (_phase)
            {
                case Phase.Connected:
                    return Errno.EISCONN;
                case Phase.Connecting:
                    return _isDeferred ? Errno.EISCONN : IsOpening ? Errno.EALREADY : ConcludeConnect();
            }

            if (_listener is not null)
            {
                return Errno.EISCONN;
            }

            Errno error = TryCreate(address, out TcpConnection? connection);
            if (error != Errno.None)
            {
                return error;
            }

            Attach(connection!, Phase.Connecting);
            if (_stream.FastOpenConnect && _tcp.FastOpenCache.HasCookie(address.Address, _net.Now))
            {
                _isDeferred = true;
                connection!.Defer();
                return Errno.None;
            }

            if (_stream.FastOpenConnect)
            {
                connection!.OpenFast([], isAsked: true);
            }
            else
            {
                connection!.Open();
            }

            return Errno.EINPROGRESS;
        }
    }

    /// <inheritdoc/>
    public override Errno CompleteConnect()
    {
        using (_net.Enter())
        {
            return _isClosed ? Errno.EBADF : IsOpening ? Errno.EINPROGRESS : _phase == Phase.Connecting ? ConcludeConnect() : Errno.None;
        }
    }

    // The connection stands, or has failed: then the socket may connect again.
    private Errno ConcludeConnect()
    {
        if (_connection is { State: not TcpState.Closed })
        {
            _phase = Phase.Connected;
            return Errno.None;
        }

        Errno error = _error != Errno.None ? _error : Errno.ECONNABORTED;
        Disconnect();
        _error = Errno.None;
        return error;
    }

    private Errno TryCreate(in SockAddr peer, out TcpConnection? connection)
    {
        connection = null;
        if (peer.Family != Domain)
        {
            return WrongFamily(peer);
        }

        if (_net.IsDown)
        {
            return Errno.ENETDOWN;
        }

        IpAddress address = peer.Address;
        if (address.IsMulticast || (address.IsIPv4 && _options.OnlyIPv6))
        {
            return Errno.ENETUNREACH;
        }

        if (address.NeedsScope && peer.Scope == 0 && _options.Interface == 0 && _net.Interfaces.Length > 1)
        {
            return Errno.EINVAL;
        }

        // connect(2): any address of ours is meant by none.
        if (address.IsUnspecified)
        {
            address = address.IsIPv4 ? new IPv4Address(0x7F00_0001) : new IpAddress(0, 1);
        }

        int network = _options.Interface != 0 ? _options.Interface : peer.Scope;
        IpAddress source = _binding?.LocalAddress ?? default;
        if (_tcp.Ip.Find(address, source, network) is not { IsGroup: false } path || (_options.DontRoute && path.NextHop != path.Address))
        {
            return Errno.ENETUNREACH;
        }

        connection = _binding is null ? _tcp.TryCreate(path, peer.Port, 0, Sharing) : _tcp.TryCreate(path, peer.Port, _binding);
        if (connection is null)
        {
            return Errno.EADDRNOTAVAIL;
        }

        ApplyOptions(connection);
        return Errno.None;
    }

    // sendto(2) with MSG_FASTOPEN: connects, and what fits goes with the SYN once the peer has given us a cookie (RFC 7413 §4.2.1).
    private Errno SendFast(ref MessageOut message, out int sent)
    {
        sent = 0;
        if (_isDeferred)
        {
            _isDeferred = false;
            sent = _connection!.OpenFast(message.Data.First, isAsked: true);
            return sent > 0 ? Errno.None : Errno.EAGAIN;
        }

        if (_phase != Phase.Unconnected || _listener is not null)
        {
            return IsOpening ? Errno.EALREADY : Errno.EISCONN;
        }

        if (message.Address.Family == SocketDomain.AF_UNSPEC)
        {
            return Errno.EOPNOTSUPP;
        }

        Errno error = TryCreate(message.Address, out TcpConnection? connection);
        if (error != Errno.None)
        {
            return error;
        }

        bool hasCookie = _tcp.FastOpenCache.HasCookie(connection!.RemoteAddress, _net.Now);
        Attach(connection, Phase.Connecting);
        sent = connection.OpenFast(hasCookie ? message.Data.First : [], isAsked: true);
        return sent > 0 ? Errno.None : Errno.EINPROGRESS;
    }
}
