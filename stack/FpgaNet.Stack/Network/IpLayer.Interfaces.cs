using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>Interfaces and addresses that come and go, and the routes that come and go with them.</summary>
internal sealed partial class IpLayer
{
    /// <summary>Adds an interface without addresses.</summary>
    public NetworkInterface AddInterface(INetworkDevice device, InterfaceOptions options)
    {
        NetworkInterface network = new(Context, device, options, Context.Interfaces.Length + 1);
        network.Neighbors.Undeliverable = ReportUndeliverable;
        Context.Add(network);
        Routes.Invalidate();
        return network;
    }

    /// <summary>Adds an address, with the route to its net.</summary>
    /// <returns>False when the interface has it already.</returns>
    public bool AddAddress(NetworkInterface network, AddressPrefix prefix)
    {
        if (network.FindAddress(prefix.Address) is not null)
        {
            return false;
        }

        network.Add(new InterfaceAddress(prefix));
        Routes.Add(ConnectedRoute(network, prefix));
        Routes.Invalidate();
        if (network.Options.Announce && prefix.Address.IsIPv4)
        {
            network.Neighbors.Announce(prefix.Address.IPv4);
        }

        return true;
    }

    /// <summary>Takes an address away, with the route to its net when no other address is in it.</summary>
    /// <returns>Whether it was there.</returns>
    public bool RemoveAddress(NetworkInterface network, IpAddress address)
    {
        if (network.FindAddress(address) is not { } own)
        {
            return false;
        }

        network.Remove(own);
        Route route = ConnectedRoute(network, own.Prefix);
        if (!Array.Exists(network.Addresses, other => ConnectedRoute(network, other.Prefix) == route))
        {
            Routes.Remove(route);
        }

        Routes.Invalidate();
        return true;
    }

    /// <summary>The interface that has an address, or null.</summary>
    public NetworkInterface? InterfaceOf(IpAddress address)
    {
        foreach (NetworkInterface network in Context.Interfaces)
        {
            if (network.FindAddress(address) is not null)
            {
                return network;
            }
        }

        return null;
    }

    private static Route ConnectedRoute(NetworkInterface network, AddressPrefix prefix) => new(
        new AddressPrefix(prefix.Network, prefix.PrefixLength), network.Index, Gateway: null, network.Options.Metric, RouteOrigin.Connected);
}
