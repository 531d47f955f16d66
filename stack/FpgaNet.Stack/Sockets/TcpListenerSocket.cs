using System.Net;
using System.Net.Sockets;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Transport.Tcp;
using TcpListener = FpgaNet.Stack.Transport.Tcp.TcpListener;

namespace FpgaNet.Stack.Sockets;

/// <summary>A listening TCP socket. At most one accept may wait at a time.</summary>
public sealed class TcpListenerSocket : ITcpListenerUser, IDisposable
{
    private readonly TcpProtocol _tcp;
    private readonly StackContext _network;
    private readonly TcpListener _listener;
    private readonly SocketOperation _accepting;
    private bool _disposed;

    // Under the lock.
    internal TcpListenerSocket(TcpProtocol tcp, TcpListener listener)
    {
        _tcp = tcp;
        _network = tcp.Context;
        _listener = listener;
        _accepting = new SocketOperation(_network);
        listener.User = this;
        LocalEndPoint = new IPEndPoint(listener.LocalAddress.ToIPAddress(), listener.Port);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Waits for a connection.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SocketException">OperationAborted once the listener is disposed; NetworkDown.</exception>
    public async ValueTask<TcpSocket> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using (_network.Enter())
            {
                _accepting.ThrowIfUsed();
                if (_disposed)
                {
                    throw new SocketException((int)SocketError.OperationAborted);
                }

                if (TryAcceptCore() is { } socket)
                {
                    return socket;
                }

                if (_network.IsDown)
                {
                    throw new SocketException((int)SocketError.NetworkDown);
                }

                _accepting.Start(cancellationToken);
            }

            await _accepting.AsVoidValueTask().ConfigureAwait(false);
        }
    }

    /// <summary>Takes a connection that waits, if there is one.</summary>
    public TcpSocket? TryAccept()
    {
        using (_network.Enter())
        {
            return _disposed ? null : TryAcceptCore();
        }
    }

    /// <summary>Stops listening and resets connections that were not accepted.</summary>
    public void Dispose()
    {
        using (_network.Enter())
        {
            if (!_disposed)
            {
                _disposed = true;
                _listener.Close();
                _accepting.Complete(0, SocketError.OperationAborted);
            }
        }
    }

    /// <inheritdoc/>
    void ITcpListenerUser.ConnectionWaits() => _accepting.Complete(0, SocketError.Success);

    /// <inheritdoc/>
    void ITcpListenerUser.Failed(SocketError error) => _accepting.Complete(0, error);

    private TcpSocket? TryAcceptCore()
    {
        while (_listener.TryAccept() is { } connection)
        {
            // One that ended before anybody looked is nobody's business any more, unless it left data.
            if (connection.State != TcpState.Closed || connection.Readable > 0)
            {
                return new TcpSocket(_tcp, connection);
            }
        }

        return null;
    }
}
