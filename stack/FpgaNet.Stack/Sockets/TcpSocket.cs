using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Transport;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Stack.Sockets;

/// <summary>
/// A TCP connection as an application sees it. At most one receive and one send may wait at a time, from any threads. Errors are
/// <see cref="SocketException"/>s with the codes that the operating system's sockets give.
/// </summary>
public sealed partial class TcpSocket : ITcpUser, IDisposable, IAsyncDisposable
{
    private readonly TcpProtocol _tcp;
    private readonly StackContext _network;

    // Each is made when a call has to wait for the first time.
    private SocketOperation? _connecting;
    private SocketOperation? _receiving;
    private SocketOperation? _sending;
    private SocketOperation? _closing;
    private TcpConnection? _connection;
    private IpAddress _boundAddress;
    private ushort _boundPort;
    private bool _receiveShut;
    private bool _disposed;
    private int _sent;

    internal TcpSocket(TcpProtocol tcp)
    {
        _tcp = tcp;
        _network = tcp.Context;
    }

    // Under the lock.
    internal TcpSocket(TcpProtocol tcp, TcpConnection accepted)
        : this(tcp)
    {
        Attach(accepted);
    }

    /// <summary>Our end; null before connecting.</summary>
    public IPEndPoint? LocalEndPoint =>
        _connection is { } connection ? EndPoints.ToIPEndPoint(connection.LocalAddress, connection.Scope, connection.LocalPort) : null;

    /// <summary>The peer; null before connecting.</summary>
    public IPEndPoint? RemoteEndPoint =>
        _connection is { } connection ? EndPoints.ToIPEndPoint(connection.RemoteAddress, connection.Scope, connection.RemotePort) : null;

    /// <summary>The state of the connection (RFC 9293 §3.3.2).</summary>
    public TcpState State => _connection?.State ?? TcpState.Closed;

    internal TcpConnection? Connection => _connection;

    /// <summary>What the connection has done and what it believes (TCP_INFO; RFC 9293 §3.10.6, STATUS).</summary>
    /// <exception cref="SocketException">NotConnected: there was never a connection.</exception>
    public TcpStatistics GetStatistics()
    {
        using (_network.Enter())
        {
            return _connection?.Statistics ?? throw new SocketException((int)SocketError.NotConnected);
        }
    }

    /// <summary>Chooses our end before connecting (RFC 9293 §3.9.1.1, MUST-43).</summary>
    /// <param name="local">Our address or any (0.0.0.0, ::), and the port; port 0: a free one.</param>
    /// <exception cref="SocketException">AddressNotAvailable; IsConnected.</exception>
    public void Bind(IPEndPoint local)
    {
        IpAddress address = EndPoints.Local(local, _tcp.Ip);
        using (_network.Enter())
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_connection is not null)
            {
                throw new SocketException((int)SocketError.IsConnected);
            }

            _boundAddress = address;
            _boundPort = (ushort)local.Port;
        }
    }

    /// <summary>Connects.</summary>
    /// <param name="remote">The peer, of either family; a link-local address with its scope id, unless there is one interface only.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SocketException">ConnectionRefused, TimedOut, HostUnreachable, NetworkUnreachable, NetworkDown, AddressAlreadyInUse (no port is free, or the one asked for is in use).</exception>
    public ValueTask ConnectAsync(IPEndPoint remote, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        SocketOperation connecting;
        using (_network.Enter())
        {
            BeginConnect(remote, cancellationToken, out connecting).Open();
        }

        return connecting.AsVoidValueTask();
    }

    /// <summary>
    /// Connects with data that may go with the SYN (RFC 7413), where <see cref="TcpSettings.FastOpen"/> lets it and a cookie of the peer's is at hand; else it follows the
    /// handshake. The peer's application may get such data twice: it must be a request that bears that.
    /// </summary>
    /// <param name="remote">The peer.</param>
    /// <param name="data">The first bytes to be sent.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Bytes taken: all, as long as the send buffer has room.</returns>
    /// <exception cref="SocketException">As with <see cref="ConnectAsync"/>.</exception>
    public async ValueTask<int> ConnectFastAsync(IPEndPoint remote, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int taken;
        SocketOperation connecting;
        using (_network.Enter())
        {
            taken = BeginConnect(remote, cancellationToken, out connecting).OpenFast(data.Span);
        }

        await connecting.AsVoidValueTask().ConfigureAwait(false);
        return taken;
    }

    /// <summary>Receives what is there, and waits for it when there is nothing. With an empty buffer it only waits.</summary>
    /// <param name="buffer">Receives the bytes; it must stay valid until the call is done.</param>
    /// <param name="cancellationToken">Stops waiting; nothing is lost by it.</param>
    /// <returns>Bytes received; 0 at the end of the stream.</returns>
    /// <exception cref="SocketException">ConnectionReset, TimedOut, NetworkDown, OperationAborted, NotConnected.</exception>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int count;
        SocketError error;
        bool waits;
        using (_network.Enter())
        {
            _receiving?.ThrowIfUsed();
            waits = !TryReceiveCore(buffer.Span, out count, out error);
            if (waits)
            {
                _receiving ??= new SocketOperation(_network);
                _receiving.Destination = buffer;
                _receiving.Start(cancellationToken);
            }
        }

        return waits ? _receiving!.AsValueTask()
            : error == SocketError.Success ? new ValueTask<int>(count)
            : ValueTask.FromException<int>(new SocketException((int)error));
    }

    /// <summary>Receives what is there, without waiting.</summary>
    /// <param name="buffer">Receives the bytes.</param>
    /// <param name="count">Bytes received; 0 at the end of the stream.</param>
    /// <returns>False when there is nothing yet.</returns>
    /// <exception cref="SocketException">As with <see cref="ReceiveAsync"/>.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)] // one copy for all callers: a round trip nearly fills the instruction cache
    public bool TryReceive(Span<byte> buffer, out int count)
    {
        using (_network.Enter())
        {
            _receiving?.ThrowIfUsed();
            bool done = TryReceiveCore(buffer, out count, out SocketError error);
            return error == SocketError.Success ? done : throw new SocketException((int)error);
        }
    }

    /// <summary>Sends. It is done when all bytes are in the send buffer: they are copied, and the peer may not have them yet.</summary>
    /// <param name="buffer">The bytes; they must stay valid until the call is done.</param>
    /// <param name="cancellationToken">Stops waiting; some bytes may have been sent.</param>
    /// <exception cref="SocketException">ConnectionReset, TimedOut, NetworkDown, OperationAborted, NotConnected, Shutdown.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        SocketError error;
        bool waits = false;
        using (_network.Enter())
        {
            _sending?.ThrowIfUsed();
            error = SendError();
            int taken = error == SocketError.Success ? _connection!.Write(buffer.Span) : 0;
            if (error == SocketError.Success && taken < buffer.Length)
            {
                waits = true;
                _sent = taken;
                _sending ??= new SocketOperation(_network);
                _sending.Source = buffer[taken..];
                _sending.Start(cancellationToken);
            }
        }

        return waits ? _sending!.AsVoidValueTask()
            : error == SocketError.Success ? default
            : ValueTask.FromException(new SocketException((int)error));
    }

    /// <summary>Sends as much as the send buffer takes, without waiting.</summary>
    /// <param name="buffer">The bytes.</param>
    /// <returns>Bytes taken.</returns>
    /// <exception cref="SocketException">As with <see cref="SendAsync"/>.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)] // one copy for all callers: a round trip nearly fills the instruction cache
    public int TrySend(ReadOnlySpan<byte> buffer)
    {
        using (_network.Enter())
        {
            _sending?.ThrowIfUsed();
            SocketError error = SendError();
            return error == SocketError.Success ? _connection!.Write(buffer) : throw new SocketException((int)error);
        }
    }

    /// <summary>Ends one direction: sending with a FIN after what is buffered, receiving by no longer looking.</summary>
    /// <param name="how">Which.</param>
    public void Shutdown(SocketShutdown how)
    {
        using (_network.Enter())
        {
            if (how is SocketShutdown.Receive or SocketShutdown.Both)
            {
                _receiveShut = true;
                _receiving?.Complete(0, SocketError.Success);
            }

            if (how is SocketShutdown.Send or SocketShutdown.Both && _connection is not null)
            {
                if (_sending is { IsPending: true })
                {
                    _sending.Complete(_sent, SocketError.OperationAborted);
                }

                _connection.CloseSend();
            }
        }
    }

    /// <summary>Resets the connection.</summary>
    public void Abort()
    {
        using (_network.Enter())
        {
            _connection?.Abort();
            Release(SocketError.OperationAborted);
        }
    }

    /// <summary>Closes in order, and waits until the peer has acknowledged everything.</summary>
    /// <param name="cancellationToken">Stops waiting; the connection is closed in the background then.</param>
    /// <exception cref="SocketException">The connection ended before all was acknowledged.</exception>
    public async ValueTask CloseAsync(CancellationToken cancellationToken = default)
    {
        bool waits = false;
        using (_network.Enter())
        {
            if (!_disposed && _connection is { State: not TcpState.Closed } connection && connection.Readable == 0)
            {
                connection.CloseSend();
                StartLinger(connection);
                if (!connection.IsDelivered)
                {
                    _closing ??= new SocketOperation(_network);
                    _closing.ThrowIfUsed();
                    _closing.Start(cancellationToken);
                    waits = true;
                }
            }
        }

        try
        {
            if (waits)
            {
                await _closing!.AsVoidValueTask().ConfigureAwait(false);
            }
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>Closes in the background: what is buffered is still sent, then FIN. Data that was not received makes it a reset (RFC 2525 §2.17).</summary>
    public void Dispose()
    {
        using (_network.Enter())
        {
            TcpConnection? connection = _connection;
            bool isFirst = !_disposed;
            Release(SocketError.OperationAborted);
            if (isFirst && connection is not null)
            {
                LetGo(connection);
            }
        }
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    /// <summary>The connection as a stream, which closes the socket when it is disposed.</summary>
    public Stream GetStream() => new TcpSocketStream(this);

    /// <inheritdoc/>
    void ITcpUser.Signal(TcpEvents events)
    {
        TcpConnection connection = _connection!;
        bool closed = (events & TcpEvents.Closed) != TcpEvents.None;
        if (_connecting is { IsPending: true } && (events & (TcpEvents.Connected | TcpEvents.Closed)) != TcpEvents.None)
        {
            _connecting.Complete(0, closed ? EndError(connection) : SocketError.Success);
            _connecting = null; // never again, and an idle socket is to be small
        }

        if (_receiving is { IsPending: true } && TryReceiveCore(_receiving.Destination.Span, out int count, out SocketError error))
        {
            _receiving.Complete(count, error);
        }

        if (_sending is { IsPending: true })
        {
            ContinueSending(connection, _sending);
        }

        if ((events & (TcpEvents.Urgent | TcpEvents.Closed)) != TcpEvents.None)
        {
            _urgent?.Complete(connection.UrgentBytes, closed ? EndError(connection) : SocketError.Success);
        }

        if (_closing is { IsPending: true } && connection.IsDelivered)
        {
            _closing.Complete(0, connection.Error);
        }
    }

    private static SocketError EndError(TcpConnection connection) =>
        connection.Error == SocketError.Success ? SocketError.ConnectionAborted : connection.Error;

    // Under the lock.
    private TcpConnection BeginConnect(IPEndPoint remote, CancellationToken cancellationToken, out SocketOperation connecting)
    {
        IpAddress address = EndPoints.Remote(remote, out int scope);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_connection is not null)
        {
            throw new SocketException((int)SocketError.IsConnected);
        }

        if (_network.IsDown)
        {
            throw new SocketException((int)SocketError.NetworkDown);
        }

        if (address.IsMulticast || address.IsUnspecified)
        {
            throw new SocketException((int)SocketError.AddressNotAvailable);
        }

        if ((_boundAddress.IsIPv4 || _sourceRoute is not null) && !address.IsIPv4)
        {
            throw new SocketException((int)SocketError.AddressFamilyNotSupported);
        }

        Destination path = (_sourceRoute is null ? _tcp.Ip.Find(address, _boundAddress, scope) : _tcp.Ip.Find(address.IPv4, _boundAddress, _sourceRoute))
            ?? throw new SocketException((int)SocketError.NetworkUnreachable);
        if (path.IsGroup)
        {
            throw new SocketException((int)SocketError.AddressNotAvailable);
        }

        TcpConnection connection = _tcp.TryCreate(path, (ushort)remote.Port, _boundPort, PortSharing.Address) ?? throw new SocketException((int)SocketError.AddressAlreadyInUse);
        Attach(connection);
        _connecting = connecting = new SocketOperation(_network);
        connecting.Start(cancellationToken);
        return connection;
    }

    private void Attach(TcpConnection connection)
    {
        _connection = connection;
        connection.User = this;
        ApplyOptions(connection);
    }

    private void ContinueSending(TcpConnection connection, SocketOperation sending)
    {
        SocketError error = SendError();
        if (error != SocketError.Success)
        {
            sending.Complete(_sent, error);
            return;
        }

        int taken = connection.Write(sending.Source.Span);
        _sent += taken;
        sending.Source = sending.Source[taken..];
        if (sending.Source.IsEmpty)
        {
            sending.Complete(_sent, SocketError.Success);
        }
    }

    private bool TryReceiveCore(Span<byte> buffer, out int count, out SocketError error)
    {
        count = 0;
        error = SocketError.Success;
        if (_disposed || _connection is null)
        {
            error = _disposed ? SocketError.OperationAborted : SocketError.NotConnected;
            return true;
        }

        if (_receiveShut)
        {
            return true;
        }

        if (_connection.Readable > 0)
        {
            count = _connection.Read(buffer);
            if (count > 0 || buffer.IsEmpty)
            {
                return true;
            }

            // All there was is an urgent byte, which has been taken out of the stream.
        }

        if (_connection.IsAtEnd)
        {
            return true;
        }

        if (_connection.State == TcpState.Closed)
        {
            error = EndError(_connection);
            return true;
        }

        return false;
    }

    private SocketError SendError()
    {
        if (_disposed)
        {
            return SocketError.OperationAborted;
        }

        if (_connection is null)
        {
            return SocketError.NotConnected;
        }

        if (_connection.State == TcpState.Closed)
        {
            return EndError(_connection);
        }

        return _connection.CanSend ? SocketError.Success : SocketError.Shutdown;
    }

    private void Release(SocketError error)
    {
        _disposed = true;
        _connecting?.Complete(0, error);
        _receiving?.Complete(0, error);
        _sending?.Complete(0, error);
        _closing?.Complete(0, error);
        _urgent?.Complete(0, error);
    }
}
