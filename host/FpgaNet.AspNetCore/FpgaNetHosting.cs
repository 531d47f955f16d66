using System.Net;
using System.Net.Sockets;
using FpgaNet.Stack;
using FpgaNet.Stack.Dns;
using FpgaNet.Stack.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace FpgaNet.AspNetCore;

/// <summary>Plugs the user-space stack into ASP.NET Core and <see cref="HttpClient"/>.</summary>
public static class FpgaNetHosting
{
    /// <summary>Lets Kestrel take its IPv4 connections from a stack.</summary>
    /// <param name="builder">The web host.</param>
    /// <param name="stack">The stack; it must outlive the server.</param>
    /// <param name="options">How the transport buffers; null: the defaults.</param>
    public static IWebHostBuilder UseFpgaNet(this IWebHostBuilder builder, NetworkStack stack, FpgaNetTransportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);

        // Of several transports Kestrel asks the one registered last first.
        return builder.ConfigureServices(services => services.AddSingleton<IConnectionListenerFactory>(new FpgaNetTransportFactory(stack, options)));
    }

    /// <summary>A <see cref="SocketsHttpHandler.ConnectCallback"/> that connects through a stack. </summary>
    /// <param name="stack">The stack; it must outlive the handler.</param>
    /// <param name="resolver">Finds addresses of names; null: hosts must be addresses.</param>
    public static Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> ConnectCallback(NetworkStack stack, DnsResolver? resolver = null)
    {
        ArgumentNullException.ThrowIfNull(stack);
        return async (context, cancellationToken) =>
        {
            DnsEndPoint remote = context.DnsEndPoint;
            TcpSocket socket = IPAddress.TryParse(remote.Host, out IPAddress? address)
                ? await stack.ConnectAsync(new IPEndPoint(address, remote.Port), cancellationToken)
                : await stack.ConnectAsync(remote.Host, remote.Port, resolver ?? throw new SocketException((int)SocketError.HostNotFound), cancellationToken);
            socket.NoDelay = true;
            return socket.GetStream();
        };
    }
}
