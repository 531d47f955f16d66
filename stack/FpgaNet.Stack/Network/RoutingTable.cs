using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>
/// The routes of both families: the longest prefix wins, then the lowest metric (RFC 1122 §3.3.1, RFC 4861 §5.2). It is searched from its
/// beginning, since it is short and the destination cache stands before it.
/// </summary>
internal sealed class RoutingTable
{
    private readonly List<Route> _routes = [];

    /// <summary>Changes with every change, so that destinations know when to look again.</summary>
    public int Generation { get; private set; } = 1;

    /// <summary>All routes, the most special first.</summary>
    public IReadOnlyList<Route> Routes => _routes;

    /// <summary>Adds a route that is not there yet.</summary>
    /// <returns>False when it is there already.</returns>
    public bool Add(Route route)
    {
        if (_routes.Contains(route))
        {
            return false;
        }

        int at = 0;
        while (at < _routes.Count && Precedes(_routes[at], route))
        {
            at++;
        }

        _routes.Insert(at, route);
        Invalidate();
        return true;
    }

    /// <summary>Takes a route away.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(Route route)
    {
        bool removed = _routes.Remove(route);
        if (removed)
        {
            Invalidate();
        }

        return removed;
    }

    /// <summary>Something that routing depends on has changed.</summary>
    public void Invalidate() => Generation++;

    /// <summary>The route to an address, or null.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="network">The interface that must be used; null: any that works.</param>
    /// <param name="answers">Whether a route's router may be reachable: among routes with the same prefix one that may be goes first.</param>
    public Route? Find(IpAddress address, NetworkInterface? network, Predicate<Route> answers)
    {
        Route? fallback = null;
        foreach (Route route in _routes)
        {
            if (fallback is not null && route.Destination.PrefixLength != fallback.Destination.PrefixLength)
            {
                break;
            }

            if (!route.Destination.Contains(address) || (network is not null && route.Interface != network.Index))
            {
                continue;
            }

            if (answers(route))
            {
                return route;
            }

            fallback ??= route;
        }

        return fallback;
    }

    private static bool Precedes(Route left, Route right) => left.Destination.PrefixLength != right.Destination.PrefixLength
        ? left.Destination.PrefixLength > right.Destination.PrefixLength
        : left.Metric <= right.Metric;
}
