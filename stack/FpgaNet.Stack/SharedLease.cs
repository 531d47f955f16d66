using FpgaNet.Stack.Dhcp;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack;

/// <summary>What a DHCP client on one shard was given, on the other shards too, as long as it has it.</summary>
internal sealed class SharedLease
{
    private readonly DhcpClient _client;
    private readonly NetworkStack[] _others;
    private readonly Lock _lock = new();
    private DhcpLease? _shared;

    /// <param name="client">The client.</param>
    /// <param name="others">The shards without one, each with one interface.</param>
    public SharedLease(DhcpClient client, IEnumerable<NetworkStack> others)
    {
        _client = client;
        _others = [.. others];
        client.LeaseChanged += (_, _) => Update();
        Update(); // it may have been quick
    }

    private void Update()
    {
        lock (_lock)
        {
            DhcpLease? lease = _client.Lease;
            foreach (NetworkStack stack in _others)
            {
                Update(stack, stack.Interfaces[0], _shared, lease);
            }

            _shared = lease;
        }
    }

    private static void Update(NetworkStack stack, StackInterface network, DhcpLease? before, DhcpLease? now)
    {
        if (before is not null && before.Address != now?.Address)
        {
            network.RemoveAddress(before.Address.Address);
        }

        if (now is not null && before?.Address != now.Address)
        {
            network.AddAddress(now.Address, AddressOrigin.Dhcp);
        }

        Route[] wanted = Routes(network, now);
        foreach (Route route in Routes(network, before).Except(wanted))
        {
            stack.Routes.Remove(route);
        }

        Array.ForEach(wanted, route => stack.Routes.Add(route));
        using (network.Network.Context.Enter())
        {
            network.Network.SetLinkMtu4(now?.MaximumTransmissionUnit);
        }
    }

    private static Route[] Routes(StackInterface network, DhcpLease? lease) => lease is null ? [] : [.. lease.Routes.Select(route => new Route(
        route.Prefix, network.Index, route.Gateway == Packets.Wire.IPv4Address.Any ? null : route.Gateway, network.Network.Options.Metric, RouteOrigin.Dhcp))];
}
