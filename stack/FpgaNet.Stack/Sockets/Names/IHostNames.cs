using System.Net.Sockets;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Sockets.Names;

/// <summary>Who knows names of hosts: a resolver of DNS, a table.</summary>
public interface IHostNames
{
    /// <summary>Finds the addresses of a host.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="wantsIPv4">IPv4 addresses are asked for.</param>
    /// <param name="wantsIPv6">IPv6 addresses are asked for.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SocketException">HostNotFound: there is no such name; NoData: it has no such address; TryAgain: nobody answers.</exception>
    Task<HostEntry> FindAsync(string name, bool wantsIPv4, bool wantsIPv6, CancellationToken cancellationToken = default);

    /// <summary>Finds the name of an address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SocketException">As <see cref="FindAsync"/>.</exception>
    Task<string> FindNameAsync(IpAddress address, CancellationToken cancellationToken = default);
}

/// <summary>A host (<c>struct hostent</c>).</summary>
/// <param name="CanonicalName">Its canonical name.</param>
/// <param name="Addresses">Its addresses, in no order; at least one.</param>
public sealed record HostEntry(string CanonicalName, IReadOnlyList<IpAddress> Addresses);
