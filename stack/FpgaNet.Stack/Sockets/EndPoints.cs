using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Sockets;

/// <summary>Turns .NET's end points into ours, and back.</summary>
internal static class EndPoints
{
    /// <summary>The address of a peer, and the index of the interface that its scope id names, 0: none.</summary>
    public static IpAddress Remote(IPEndPoint endPoint, out int scope)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return Remote(endPoint.Address, out scope);
    }

    /// <inheritdoc cref="Remote(IPEndPoint, out int)"/>
    public static IpAddress Remote(IPAddress address, out int scope)
    {
        ArgumentNullException.ThrowIfNull(address);
        IpAddress own = IpAddress.FromIPAddress(address);
        scope = own.NeedsScope ? (int)address.ScopeId : 0;
        return own;
    }

    /// <summary>An address to bind to: ours, 0.0.0.0 for any of IPv4, or :: for any of both families.</summary>
    /// <exception cref="SocketException">AddressNotAvailable: it is not ours.</exception>
    public static IpAddress Local(IPEndPoint endPoint, IpLayer ip)
    {
        IpAddress address = Remote(endPoint, out _);
        return address.IsUnspecified || ip.IsOwn(address) ? address : throw new SocketException((int)SocketError.AddressNotAvailable);
    }

    /// <summary>The .NET type for an address and a port.</summary>
    public static IPEndPoint ToIPEndPoint(IpAddress address, int scope, ushort port) => new(address.ToIPAddress(scope), port);
}
