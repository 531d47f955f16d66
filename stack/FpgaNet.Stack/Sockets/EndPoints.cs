using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Sockets;

/// <summary>Turns .NET's end points into ours.</summary>
internal static class EndPoints
{
    /// <summary>The address of a peer.</summary>
    public static IPv4Address Remote(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        if (endPoint.AddressFamily == AddressFamily.InterNetworkV6 && !endPoint.Address.IsIPv4MappedToIPv6)
        {
            throw new SocketException((int)SocketError.AddressFamilyNotSupported);
        }

        return IPv4Address.FromIPAddress(endPoint.Address);
    }

    /// <summary>Checks an address to bind to: ours, or any.</summary>
    public static void CheckLocal(IPEndPoint endPoint, NetworkInterface network)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        if (endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any))
        {
            return;
        }

        if (Remote(endPoint) != network.Address)
        {
            throw new SocketException((int)SocketError.AddressNotAvailable);
        }
    }
}
