using System.Net.Sockets;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Sockets.Names;

/// <summary>The name that needs nobody to be asked (RFC 6761 §6.3), for a host without a resolver.</summary>
internal sealed class LocalHost : IHostNames
{
    private const string Name = "localhost";

    /// <summary>The only one.</summary>
    public static LocalHost Instance { get; } = new();

    /// <inheritdoc/>
    public Task<HostEntry> FindAsync(string name, bool wantsIPv4, bool wantsIPv6, CancellationToken cancellationToken = default)
    {
        string bare = name.TrimEnd('.');
        if (!bare.Equals(Name, StringComparison.OrdinalIgnoreCase) && !bare.EndsWith("." + Name, StringComparison.OrdinalIgnoreCase))
        {
            return Task.FromException<HostEntry>(new SocketException((int)SocketError.HostNotFound));
        }

        IpAddress[] addresses = [.. wantsIPv6 ? (ReadOnlySpan<IpAddress>)[IPv6Address.Loopback] : [], .. wantsIPv4 ? (ReadOnlySpan<IpAddress>)[IPv4Address.Loopback] : []];
        return Task.FromResult(new HostEntry(Name, addresses));
    }

    /// <inheritdoc/>
    public Task<string> FindNameAsync(IpAddress address, CancellationToken cancellationToken = default) =>
        address.IsLoopback ? Task.FromResult(Name) : Task.FromException<string>(new SocketException((int)SocketError.HostNotFound));
}
