using FpgaNet.Stack.Network;

namespace FpgaNet.Stack;

/// <summary>The routes of a <see cref="NetworkStack"/>: the longest prefix wins, then the lowest metric. They may be used from any thread.</summary>
public sealed class StackRoutes
{
    private readonly IpLayer _ip;

    internal StackRoutes(IpLayer ip) => _ip = ip;

    /// <summary>A copy of the list, the most special routes first.</summary>
    public IReadOnlyList<Route> List()
    {
        using (_ip.Context.Enter())
        {
            return [.. _ip.Routes.Routes];
        }
    }

    /// <summary>Adds a route. Connections that it is better for use it from now on.</summary>
    /// <param name="route">The route.</param>
    /// <returns>False when it is there already.</returns>
    /// <exception cref="ArgumentException">There is no such interface, the prefix is longer than its address, or the gateway is of another family.</exception>
    public bool Add(Route route)
    {
        ArgumentNullException.ThrowIfNull(route);
        AddressPrefix to = route.Destination;
        if (to.PrefixLength < 0 || to.PrefixLength > to.Address.Length * 8)
        {
            throw new ArgumentException($"{to} has a prefix longer than the address.", nameof(route));
        }

        if (route.Gateway is { } gateway && (gateway.IsIPv4 != to.Address.IsIPv4 || gateway.IsMulticast || gateway.IsUnspecified))
        {
            throw new ArgumentException($"{gateway} cannot be the gateway to {to}.", nameof(route));
        }

        using (_ip.Context.Enter())
        {
            return _ip.Context.FindInterface(route.Interface) is not null
                ? _ip.Routes.Add(Normalize(route))
                : throw new ArgumentException($"There is no interface {route.Interface}.", nameof(route));
        }
    }

    /// <summary>Takes a route away.</summary>
    /// <param name="route">The route, as it was added or listed.</param>
    /// <returns>Whether it was there.</returns>
    public bool Remove(Route route)
    {
        ArgumentNullException.ThrowIfNull(route);
        using (_ip.Context.Enter())
        {
            return _ip.Routes.Remove(Normalize(route));
        }
    }

    private static Route Normalize(Route route) =>
        route with { Destination = new AddressPrefix(route.Destination.Network, route.Destination.PrefixLength) };
}
