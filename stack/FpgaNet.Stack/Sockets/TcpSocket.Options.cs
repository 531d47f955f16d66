using System.Net.Sockets;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Stack.Sockets;

/// <summary>What an application may set; before connecting or at any time later.</summary>
public sealed partial class TcpSocket
{
    private bool _noDelay;
    private bool _keepAliveIsSet;
    private TcpKeepAlive? _keepAlive;
    private TimeSpan _userTimeout;
    private byte? _trafficClass;
    private SourceRoute? _sourceRoute;
    private LingerOption? _linger;
    private int? _receiveBufferSize;
    private int? _sendBufferSize;

    /// <summary>Small segments are sent at once; otherwise one at a time is on its way (RFC 9293 §3.7.4, Nagle).</summary>
    public bool NoDelay
    {
        get => _noDelay;
        set
        {
            using (_network.Enter())
            {
                _noDelay = value;
                if (_connection is not null)
                {
                    _connection.NoDelay = value;
                }
            }
        }
    }

    /// <summary>Asks the peer now and then whether it is still there (RFC 9293 §3.8.4); null: never. At first as <see cref="TcpSettings.KeepAlive"/> says.</summary>
    public TcpKeepAlive? KeepAlive
    {
        get => _keepAliveIsSet ? _keepAlive : _tcp.Settings.KeepAlive;
        set
        {
            using (_network.Enter())
            {
                _keepAliveIsSet = true;
                _keepAlive = value;
                if (_connection is not null)
                {
                    _connection.KeepAlive = value;
                }
            }
        }
    }

    /// <summary>
    /// How long sent data may stay unacknowledged before the connection fails with TimedOut, as TCP_USER_TIMEOUT (RFC 5482); the peer is told. Zero: as
    /// <see cref="TcpSettings.Retries"/> says, or as the peer asks for.
    /// </summary>
    public TimeSpan UserTimeout
    {
        get => _userTimeout;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            using (_network.Enter())
            {
                _userTimeout = value;
                if (_connection is not null)
                {
                    _connection.UserTimeout = value;
                }
            }
        }
    }

    /// <summary>The DiffServ code point of what we send (RFC 9293 §3.9.1.8, MUST-48; RFC 2474): 0 to 63. It may change while connected, though it better does not (SHLD-23).</summary>
    public int DiffServ
    {
        get => (_trafficClass ?? _tcp.Settings.TrafficClass) >> 2;
        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)value, 63u);
            using (_network.Enter())
            {
                _trafficClass = (byte)(value << 2);
                if (_connection is not null)
                {
                    _connection.TrafficClass = _trafficClass.Value;
                }
            }
        }
    }

    /// <summary>
    /// The way that packets of the connection take (RFC 9293 §3.9.2.1, MUST-51), before connecting; null: the network's choice. It goes before one that the peer's packets came by.
    /// </summary>
    /// <exception cref="SocketException">OperationNotSupported: <see cref="NetworkOptions.SourceRouting"/> is off. IsConnected.</exception>
    public SourceRoute? SourceRoute
    {
        get => _sourceRoute;
        set
        {
            using (_network.Enter())
            {
                _sourceRoute = _connection is not null ? throw new SocketException((int)SocketError.IsConnected)
                    : _network.Options.SourceRouting ? value
                    : throw new SocketException((int)SocketError.OperationNotSupported);
            }
        }
    }

    /// <summary>
    /// SO_LINGER. Not enabled, or null: closing sends what is buffered in the background. Enabled: what the peer has not acknowledged within the time is thrown away
    /// and the connection reset; with a time of zero at once.
    /// </summary>
    public LingerOption? LingerState
    {
        get => _linger;
        set
        {
            using (_network.Enter())
            {
                _linger = value;
            }
        }
    }

    /// <summary>
    /// What the network last complained about without ending the connection (RFC 9293 §3.9.2.2): TimedOut when data had to be sent again several times, HostUnreachable
    /// and its like as ICMP said. Success: nothing, or it is over, since data was acknowledged afterwards.
    /// </summary>
    public SocketError SoftError => _connection?.SoftError ?? SocketError.Success;

    /// <summary>
    /// Most bytes kept for an application that does not read, SO_RCVBUF. Setting it ends the tuning of the connection's buffer and is best done before connecting; it is cut to what
    /// lies between 2 KiB and <see cref="TcpSettings.MaximumReceiveBufferSize"/>.
    /// </summary>
    public int ReceiveBufferSize
    {
        get => _connection?.ReceiveBufferSize ?? _receiveBufferSize ?? _tcp.Settings.ReceiveBufferSize ?? _tcp.Settings.InitialReceiveBufferSize;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            using (_network.Enter())
            {
                _receiveBufferSize = value;
                if (_connection is not null)
                {
                    _connection.ReceiveBufferSize = value;
                }
            }
        }
    }

    /// <summary>
    /// Most bytes kept until the peer has acknowledged them, SO_SNDBUF. Setting it ends the tuning of the connection's buffer; it is cut to what lies between 2 KiB and
    /// <see cref="TcpSettings.MaximumSendBufferSize"/>.
    /// </summary>
    public int SendBufferSize
    {
        get => _connection?.SendBufferSize ?? _sendBufferSize ?? _tcp.Settings.SendBufferSize ?? _tcp.Settings.InitialSendBufferSize;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            using (_network.Enter())
            {
                _sendBufferSize = value;
                if (_connection is not null)
                {
                    _connection.SendBufferSize = value;
                }
            }
        }
    }

    private void ApplyOptions(TcpConnection connection)
    {
        if (_receiveBufferSize is { } receive)
        {
            connection.ReceiveBufferSize = receive;
        }

        if (_sendBufferSize is { } send)
        {
            connection.SendBufferSize = send;
        }

        connection.NoDelay = _noDelay;
        connection.TrafficClass = _trafficClass ?? connection.TrafficClass;
        if (_keepAliveIsSet)
        {
            connection.KeepAlive = _keepAlive;
        }

        if (_userTimeout > TimeSpan.Zero)
        {
            connection.UserTimeout = _userTimeout;
        }
    }

    private void LetGo(TcpConnection connection)
    {
        if (_linger is { Enabled: true, LingerTime: 0 })
        {
            connection.Abort();
        }

        connection.Detach();
        StartLinger(connection);
    }

    private void StartLinger(TcpConnection connection)
    {
        if (_linger is { Enabled: true })
        {
            connection.Linger(TimeSpan.FromSeconds(_linger.LingerTime));
        }
    }
}
