using System.Net;
using System.Runtime.CompilerServices;
using FpgaNet.Stack.Dns;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Sockets;

/// <summary>Who finds the addresses of names for the sockets of a host.</summary>
public static class SocketNames
{
    private static readonly ConditionalWeakTable<SocketSystem, DnsResolver> s_resolvers = [];

    /// <summary>Lets a host's sockets connect to names.</summary>
    /// <param name="system">The host.</param>
    /// <param name="resolver">Finds addresses; it stays the caller's.</param>
    public static void Use(SocketSystem system, DnsResolver resolver) => s_resolvers.AddOrUpdate(system, resolver);

    /// <summary>The addresses of a name that a socket can connect to.</summary>
    /// <exception cref="SocketException"><see cref="SocketError.HostNotFound"/>: there are none, or the host has no resolver.</exception>
    internal static async Task<IPAddress[]> ResolveAsync(SocketSystem system, string host, CancellationToken cancellationToken)
    {
        if (string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase))
        {
            return [IPAddress.IPv6Loopback, IPAddress.Loopback]; // RFC 6761 §6.3: no server is asked
        }

        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            return [address];
        }

        if (!s_resolvers.TryGetValue(system, out DnsResolver? resolver))
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        return [.. await resolver.ResolveAsync(host, cancellationToken)];
    }

    /// <summary>The same, waiting on the calling thread.</summary>
    internal static IPAddress[] Resolve(SocketSystem system, string host) => ResolveAsync(system, host, CancellationToken.None).GetAwaiter().GetResult();
}
