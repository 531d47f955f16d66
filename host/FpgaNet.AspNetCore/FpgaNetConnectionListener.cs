using System.Net;
using System.Net.Sockets;
using FpgaNet.Stack.Sockets;
using Microsoft.AspNetCore.Connections;

namespace FpgaNet.AspNetCore;

/// <summary>Hands a listening socket's connections to Kestrel.</summary>
internal sealed class FpgaNetConnectionListener(TcpListenerSocket listener, FpgaNetTransportOptions options) : IConnectionListener
{
    public EndPoint EndPoint => listener.LocalEndPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            TcpSocket socket = await listener.AcceptAsync(cancellationToken);
            socket.NoDelay = true; // HTTP writes whole messages: holding back the last segment only delays
            return new FpgaNetConnectionContext(socket, options);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.OperationAborted or SocketError.NetworkDown)
        {
            return null; // unbound, or the device is gone: nothing more will come
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        listener.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => UnbindAsync();
}
