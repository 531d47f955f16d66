using System.Net;
using System.Net.Sockets;
using FpgaNet.Stack.Sockets;
using Microsoft.AspNetCore.Connections;

namespace FpgaNet.AspNetCore;

/// <summary>Hands the connections of listening sockets to Kestrel: one socket, or one of each shard of a host.</summary>
internal sealed class FpgaNetConnectionListener(IReadOnlyList<TcpListenerSocket> listeners, FpgaNetTransportOptions options) : IConnectionListener
{
    // Of several sockets each has an accept under way, which outlives the call that another socket answered.
    private readonly Task<TcpSocket>?[] _accepting = new Task<TcpSocket>?[listeners.Count];

    public EndPoint EndPoint => listeners[0].LocalEndPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            TcpSocket socket = listeners is [var only] ? await only.AcceptAsync(cancellationToken) : await AcceptAnyAsync(cancellationToken);
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
        foreach (TcpListenerSocket listener in listeners)
        {
            listener.Dispose();
        }

        foreach (Task<TcpSocket>? accepting in _accepting)
        {
            if (accepting is { IsCompletedSuccessfully: true })
            {
                accepting.Result.Dispose(); // it came when nobody asked any more
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    private async Task<TcpSocket> AcceptAnyAsync(CancellationToken cancellationToken)
    {
        for (int i = 0; i < _accepting.Length; i++)
        {
            _accepting[i] ??= listeners[i].AcceptAsync(CancellationToken.None).AsTask();
        }

        Task<TcpSocket> first = await Task.WhenAny(_accepting!).WaitAsync(cancellationToken);
        _accepting[Array.IndexOf(_accepting, first)] = null;
        return await first;
    }
}
