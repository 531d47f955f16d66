using System.Net;
using System.Net.Sockets;
using FpgaNet.Stack;
using FpgaNet.Stack.Sockets;
using Microsoft.AspNetCore.Connections;

namespace FpgaNet.AspNetCore;

/// <summary>Lets Kestrel listen on a <see cref="NetworkStack"/> instead of the operating system. It binds IPv4 endpoints: the stack's address, or any.</summary>
/// <param name="shards">The stacks of one host (<see cref="ShardedStack.Shards"/>); they must outlive the server.</param>
/// <param name="options">How it buffers; null: the defaults.</param>
public sealed class FpgaNetTransportFactory(IReadOnlyList<NetworkStack> shards, FpgaNetTransportOptions? options = null) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly FpgaNetTransportOptions _options = options ?? new FpgaNetTransportOptions();

    /// <summary>Lets Kestrel listen on one stack.</summary>
    /// <param name="stack">The stack; it must outlive the server.</param>
    /// <param name="options">How it buffers; null: the defaults.</param>
    public FpgaNetTransportFactory(NetworkStack stack, FpgaNetTransportOptions? options = null)
        : this([stack], options)
    {
    }

    /// <summary>Listens.</summary>
    /// <param name="endpoint">An <see cref="IPEndPoint"/>.</param>
    /// <param name="cancellationToken">Not needed: binding does not wait.</param>
    /// <exception cref="AddressInUseException">Somebody listens there already.</exception>
    /// <exception cref="SocketException">The address is not the stack's.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        if (endpoint is not IPEndPoint address)
        {
            throw new NotSupportedException($"{endpoint} is not an IP endpoint.");
        }

        List<TcpListenerSocket> listeners = [];
        try
        {
            foreach (NetworkStack shard in shards)
            {
                listeners.Add(shard.Listen(address, _options.Backlog));
                address = new IPEndPoint(address.Address, listeners[0].LocalEndPoint.Port);
            }

            return ValueTask.FromResult<IConnectionListener>(new FpgaNetConnectionListener(listeners, _options));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            listeners.ForEach(static listener => listener.Dispose());
            throw new AddressInUseException(e.Message, e);
        }
    }

    /// <summary>Whether an endpoint is for this transport.</summary>
    /// <param name="endpoint">The endpoint.</param>
    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;
}
