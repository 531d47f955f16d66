using System.Net;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Stack.Sockets.Names;

namespace FpgaNet.Sockets;

/// <summary>Addresses of names, for calls that take a host's name: asked of <see cref="SocketSystem.HostNames"/>.</summary>
internal static class SocketNames
{
    /// <summary>The addresses of a name that a socket can connect to.</summary>
    /// <param name="system">The host that asks.</param>
    /// <param name="host">The name, or an address.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SocketException"><see cref="SocketError.HostNotFound"/>: there are none, or the host knows nobody to ask.</exception>
    public static async Task<IPAddress[]> ResolveAsync(ISocketSystem system, string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            return [address];
        }

        if (string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase))
        {
            return [IPAddress.IPv6Loopback, IPAddress.Loopback]; // RFC 6761 §6.3: nobody is asked
        }

        IHostNames names = (system as SocketSystem)?.HostNames ?? throw new SocketException((int)SocketError.HostNotFound);
        HostEntry entry = await names.FindAsync(host, wantsIPv4: true, wantsIPv6: true, cancellationToken);
        return Array.ConvertAll([.. entry.Addresses], found => found.ToIPAddress());
    }

    /// <summary>The same, waiting on the calling thread.</summary>
    public static IPAddress[] Resolve(ISocketSystem system, string host) => ResolveAsync(system, host, CancellationToken.None).GetAwaiter().GetResult();
}
