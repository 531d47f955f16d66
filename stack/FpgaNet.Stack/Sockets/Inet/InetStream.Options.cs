using System.Runtime.InteropServices;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Stack.Transport;
using FpgaNet.Stack.Transport.Tcp;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;
using TcpListener = FpgaNet.Stack.Transport.Tcp.TcpListener;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>What the options of <see cref="InetOptions"/> and <see cref="InetStreamOptions"/> do to port, listener and connection.</summary>
internal sealed partial class InetStream
{
    private const byte CongestionMask = 3; // RFC 3168 §5: the two lowest bits are TCP's own

    private bool _sendBufferIsSet;
    private bool _receiveBufferIsSet;
    private bool _keepAliveIsSet;
    private ulong _pacingLimit = ulong.MaxValue; // SO_MAX_PACING_RATE

    private PortSharing Sharing => (_options.ReuseAddress ? PortSharing.Address : PortSharing.None) | (_options.ReusePort ? PortSharing.Port : PortSharing.None);

    // Linux keeps twice what was asked for, since it counts its own overhead; the bytes that the caller asked for are what we keep.
    private int SendBuffer => _options.SendBuffer / 2;

    private int ReceiveBuffer => _options.ReceiveBuffer / 2;

    /// <inheritdoc/>
    public override Errno SetOption(int level, int name, ReadOnlySpan<byte> value)
    {
        using (_net.Enter())
        {
            if (_isClosed)
            {
                return Errno.EBADF;
            }

            Errno error = level == SOL_TCP ? _stream.Set(name, value, isClosed: _listener is null && IsOver, isListening: _listener is not null)
                : level == SOL_SOCKET && name == SO_SNDLOWAT ? Errno.ENOPROTOOPT
                : level == SOL_SOCKET && name == SO_MAX_PACING_RATE ? SetPacingLimit(value)
                : _options.Set(level, name, value);
            if (error == Errno.None)
            {
                Apply(level, name);
            }

            return error;
        }
    }

    /// <inheritdoc/>
    public override Errno GetOption(int level, int name, Span<byte> value, out int length)
    {
        using (_net.Enter())
        {
            switch (level, name)
            {
                case (SOL_TCP, _):
                    return _stream.Get(name, _tcp.Settings, _connection, _listener, value, out length);
                case (SOL_SOCKET, SO_ACCEPTCONN):
                    return OptionValue.Write(value, _listener is not null ? 1 : 0, out length);
                case (SOL_SOCKET, SO_MAX_PACING_RATE):
                    return value.Length < sizeof(ulong) ? OptionValue.Write(value, (int)(uint)Math.Min(_pacingLimit, uint.MaxValue), out length)
                        : OptionValue.Write(value, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in _pacingLimit)), out length);
                case (SOL_SOCKET, SO_SNDBUF) when _connection is { } connection && !_sendBufferIsSet:
                    return OptionValue.Write(value, 2 * connection.SendBufferSize, out length);
                case (SOL_SOCKET, SO_RCVBUF) when _connection is { } connection && !_receiveBufferIsSet:
                    return OptionValue.Write(value, 2 * connection.ReceiveBufferSize, out length);
                case (SOL_IP, IP_MTU) or (SOL_IPV6, IPV6_MTU):
                    length = 0;
                    return IsOver ? Errno.ENOTCONN : OptionValue.Write(value, _connection!.Path.PathMtu, out length);
                default:
                    return _options.Get(level, name, value, out length);
            }
        }
    }

    private void Apply(int level, int name)
    {
        switch (level, name)
        {
            case (SOL_SOCKET, SO_SNDBUF or SO_SNDBUFFORCE):
                _sendBufferIsSet = true;
                break;
            case (SOL_SOCKET, SO_RCVBUF or SO_RCVBUFFORCE):
                _receiveBufferIsSet = true;
                break;
            case (SOL_SOCKET, SO_KEEPALIVE):
                _keepAliveIsSet = true;
                break;
            case (SOL_SOCKET, SO_REUSEADDR or SO_REUSEPORT or SO_BINDTODEVICE or SO_BINDTOIFINDEX) when _binding is not null:
                _binding.Sharing = Sharing;
                _binding.Interface = _options.Interface;
                return;
            case (SOL_SOCKET, SO_RCVLOWAT):
                Notify(Ready());
                return;
        }

        if (_listener is not null)
        {
            ApplyOptions(_listener);
        }

        if (_connection is { } connection && !IsOver)
        {
            ApplyOne(connection, level, name);
        }
    }

    private void ApplyOne(TcpConnection connection, int level, int name)
    {
        switch (level, name)
        {
            case (SOL_SOCKET, SO_SNDBUF or SO_SNDBUFFORCE):
                connection.SendBufferSize = SendBuffer;
                break;
            case (SOL_SOCKET, SO_RCVBUF or SO_RCVBUFFORCE):
                connection.ReceiveBufferSize = ReceiveBuffer;
                break;
            case (SOL_SOCKET, SO_KEEPALIVE):
            case (SOL_TCP, TCP_KEEPIDLE or TCP_KEEPINTVL or TCP_KEEPCNT) when _options.KeepAlive:
                connection.KeepAlive = _options.KeepAlive ? _stream.KeepAlive : null;
                break;
            case (SOL_SOCKET, SO_MAX_PACING_RATE):
                connection.LimitPacing(PacingLimit);
                break;
            case (SOL_SOCKET, SO_OOBINLINE):
                connection.UrgentInline = _options.OutOfBandInline;
                break;
            case (SOL_IP or SOL_IPV6, _):
            case (SOL_SOCKET, SO_PRIORITY):
                ApplyHeaders(connection);
                break;
            case (SOL_TCP, TCP_USER_TIMEOUT):
                connection.UserTimeout = _stream.UserTimeout;
                break;
            case (SOL_TCP, TCP_CONGESTION):
                connection.Use(_stream.MakeCongestionControl()!);
                break;
            case (SOL_TCP, TCP_NOTSENT_LOWAT):
                connection.UnsentLimit = _stream.UnsentLimit > int.MaxValue ? 0 : (int)_stream.UnsentLimit;
                break;
            case (SOL_TCP, TCP_SYNCNT):
                connection.SynRetries = _stream.SynRetries;
                break;
            case (SOL_TCP, TCP_LINGER2):
                connection.FinWait2 = FinWait2;
                break;
            case (SOL_TCP, TCP_NODELAY or TCP_CORK or TCP_QUICKACK):
                connection.NoDelay = _stream.NoDelay;
                connection.IsCorked = _stream.IsCorked;
                connection.AcknowledgesAtOnce = _stream.AcknowledgesAtOnce == true;
                connection.Push();
                break;
        }
    }

    // Of a connection that begins: each option that was not touched costs nothing.
    private void ApplyOptions(TcpConnection connection)
    {
        connection.KeepsReceived = true;
        connection.UrgentInline = _options.OutOfBandInline;
        connection.NoDelay = _stream.NoDelay;
        connection.IsCorked = _stream.IsCorked;
        connection.AcknowledgesAtOnce = _stream.AcknowledgesAtOnce == true;
        connection.SynRetries = _stream.SynRetries;
        connection.FinWait2 = FinWait2;
        ApplyHeaders(connection);
        if (_sendBufferIsSet)
        {
            connection.SendBufferSize = SendBuffer;
        }

        if (_receiveBufferIsSet)
        {
            connection.ReceiveBufferSize = ReceiveBuffer;
        }

        if (_keepAliveIsSet)
        {
            connection.KeepAlive = _options.KeepAlive ? _stream.KeepAlive : null;
        }

        if (_stream.UserTimeout > TimeSpan.Zero)
        {
            connection.UserTimeout = _stream.UserTimeout;
        }

        if (_stream.UnsentLimit is > 0 and <= int.MaxValue)
        {
            connection.UnsentLimit = (int)_stream.UnsentLimit;
        }

        if (_stream.MaximumSegment > 0)
        {
            connection.LimitSegment(_stream.MaximumSegment);
        }

        if (_stream.MakeCongestionControl() is { } congestion)
        {
            connection.Use(congestion);
        }

        if (PacingLimit is { } limit)
        {
            connection.LimitPacing(limit);
        }
    }

    private void ApplyOptions(TcpListener listener)
    {
        listener.LargestSegment = _stream.MaximumSegment > 0 ? _stream.MaximumSegment : int.MaxValue;
        listener.ReceiveBufferSize = _receiveBufferIsSet ? ReceiveBuffer : null;
        listener.DeferRetries = _stream.DeferRetries;
        int trafficClass = (Domain == SocketDomain.AF_INET ? _options.TypeOfService : _options.TrafficClass) & ~CongestionMask;
        listener.TrafficClass = trafficClass != 0 ? (byte)trafficClass : null;
        listener.HopLimit = (Domain == SocketDomain.AF_INET ? _options.TimeToLive : _options.UnicastHops) ?? 0;
        listener.FastOpenLimit = _stream.FastOpenQueue;
    }

    private void ApplyHeaders(TcpConnection connection)
    {
        bool isIPv4 = connection.RemoteAddress.IsIPv4;
        int trafficClass = (isIPv4 ? _options.TypeOfService : _options.TrafficClass) & ~CongestionMask;
        connection.TrafficClass = trafficClass != 0 ? (byte)trafficClass : _tcp.Settings.TrafficClass;
        connection.Priority = InetOptions.BandPriority(_options.Priority);
        connection.HopLimit = (isIPv4 ? _options.TimeToLive : _options.UnicastHops) ?? 0;
    }

    private long? PacingLimit => _pacingLimit == ulong.MaxValue ? null : (long)Math.Min(_pacingLimit, long.MaxValue);

    // socket(7): an unsigned int, whose greatest value is no limit, or an unsigned long.
    private Errno SetPacingLimit(ReadOnlySpan<byte> value)
    {
        Errno error = OptionValue.TryRead(value, out int number);
        if (error == Errno.None)
        {
            _pacingLimit = value.Length == sizeof(ulong) ? MemoryMarshal.Read<ulong>(value) : number == -1 ? ulong.MaxValue : (uint)number;
        }

        return error;
    }

    private TimeSpan? FinWait2 => _stream.FinWait2 is { } seconds ? TimeSpan.FromSeconds(Math.Max(seconds, 0)) : null;
}
