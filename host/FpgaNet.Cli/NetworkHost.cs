using System.Globalization;
using System.Net;
using FpgaNet.AspNetCore;
using FpgaNet.Cli.Nic;
using FpgaNet.Cli.Terminal;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack;
using FpgaNet.Stack.Dhcp;
using FpgaNet.Stack.Dns;
using FpgaNet.Stack.Network;
using Microsoft.AspNetCore.Connections;

namespace FpgaNet.Cli;

/// <summary>A host on the network: a device, a stack on it, and the thread that runs it; or one of each for every queue of the device.</summary>
internal sealed class NetworkHost : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly StackThread[] _threads;
    private readonly ShardedStack? _sharded;
    private readonly IDisposable _device;
    private DhcpClient? _dhcp;
    private DnsResolver? _resolver;

    /// <param name="device">What the stack sits on; belongs to the host.</param>
    /// <param name="addresses">Its addresses and nets.</param>
    public NetworkHost(INetworkDevice device, IReadOnlyList<AddressPrefix> addresses)
        : this(device, device, new InterfaceOptions { Addresses = addresses })
    {
    }

    private NetworkHost(INetworkDevice device, IDisposable owned, InterfaceOptions options)
    {
        _device = owned;
        NetworkStack stack = new(new NetworkStackOptions());
        stack.AddInterface(device, options);
        Shards = [stack];
        _threads = [new StackThread(stack)];
    }

    private NetworkHost(OpenNic nic, NetworkStackOptions options)
    {
        _device = nic;
        _sharded = new ShardedStack(nic.Queues, options);
        Shards = _sharded.Shards;
        _threads = [.. Shards.Select(static shard => new StackThread(shard))];
    }

    /// <summary>The stack, or the first of several.</summary>
    public NetworkStack Stack => Shards[0];

    /// <summary>A stack for each queue of the device.</summary>
    public IReadOnlyList<NetworkStack> Shards { get; }

    /// <summary>For Kestrel.</summary>
    public IConnectionListenerFactory Transport => new FpgaNetTransportFactory(Shards);

    /// <summary>Its addresses, once it has started.</summary>
    public IReadOnlyList<AddressPrefix> Addresses => Stack.Interfaces[0].Addresses;

    /// <summary>A host on a NIC that was opened; the NIC belongs to it.</summary>
    public static NetworkHost On(OpenNic nic, IReadOnlyList<AddressPrefix> addresses) => new(nic.Device, nic, new InterfaceOptions { Addresses = addresses });

    /// <summary>A host on a NIC that was opened, as the user wants it, with addresses that can be used; the NIC belongs to it.</summary>
    /// <exception cref="UserException">Another host has an address, or nobody gives one.</exception>
    public static async Task<NetworkHost> StartAsync(OpenNic nic, NicOptions options, CancellationToken cancellation)
    {
        NetworkHost host = options.Queues > 1 ? new(nic, ForShards(options)) : new(nic.Device, nic, new InterfaceOptions
        {
            Addresses = options.Addresses,
            Gateways = options.Gateways,
            IPv6 = options.Slaac ? IPv6Mode.Autoconfigured : IPv6Mode.WhenAddressed,
        });
        try
        {
            await host.ConfigureAsync(options, cancellation);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>An HTTP client whose connections go through the stack. It has no time limit: simulated cards are slow.</summary>
    public HttpClient MakeHttpClient() => new(new SocketsHttpHandler { ConnectCallback = FpgaNetHosting.ConnectCallback(Stack, _resolver), UseProxy = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Stops in order: the loop, the connections, the device.</summary>
    public ValueTask DisposeAsync()
    {
        _resolver?.Dispose();
        _dhcp?.Dispose();
        Array.ForEach(_threads, static thread => thread.Dispose());
        if (_sharded is null)
        {
            Stack.Dispose();
        }

        _sharded?.Dispose();
        _device.Dispose();
        return ValueTask.CompletedTask;
    }

    // Of what the user gives, shards have an address of each family.
    private static NetworkStackOptions ForShards(NicOptions options)
    {
        AddressPrefix? own4 = Only(options.Addresses.Where(static own => own.Address.IsIPv4), "IPv4");
        AddressPrefix? own6 = Only(options.Addresses.Where(static own => !own.Address.IsIPv4), "IPv6");
        return new NetworkStackOptions
        {
            Address = own4?.Address.IPv4,
            PrefixLength = own4?.PrefixLength ?? 24,
            Gateway = options.Gateways.Where(static router => router.IsIPv4).Select(static router => (IPv4Address?)router.IPv4).FirstOrDefault(),
            IPv6Address = own6?.Address.IPv6,
            IPv6PrefixLength = own6?.PrefixLength ?? 64,
            IPv6 = options.Slaac ? IPv6Mode.Autoconfigured : IPv6Mode.WhenAddressed,
            IPv6Gateway = options.Gateways.Where(static router => !router.IsIPv4).Select(static router => (IPv6Address?)router.IPv6).FirstOrDefault(),
        };

        static AddressPrefix? Only(IEnumerable<AddressPrefix> own, string family) => own.ToArray() switch
        {
            [] => null,
            [var one] => one,
            _ => throw new UserException($"With several queues there is one {family} address."),
        };
    }

    private async Task ConfigureAsync(NicOptions options, CancellationToken cancellation)
    {
        StackInterface network = Stack.Interfaces[0];
        List<IpAddress> nameServers = [.. options.NameServers];
        IReadOnlyList<string> searchList = [];
        if (options.Dhcp)
        {
            _dhcp = _sharded?.StartDhcp() ?? Stack.StartDhcp(network);
            DhcpLease lease = await WaitAsync(_dhcp.WaitForLeaseAsync(cancellation), "No DHCP server answers");
            nameServers.AddRange(lease.NameServers.Select(static server => (IpAddress)server));
            searchList = lease.SearchList;
        }

        if (options.Slaac)
        {
            await WaitAsync(Task.WhenAll(Shards.Select(shard => WaitForRouterAsync(shard.Interfaces[0], cancellation))), "No router announces a prefix");
            nameServers.AddRange(network.AdvertisedNameServers);
        }

        foreach (NetworkStack shard in Shards)
        {
            IReadOnlyList<IpAddress> taken = await shard.Interfaces[0].WaitForAddressesAsync(cancellation);
            if (taken.Count != 0)
            {
                throw new UserException($"Another host on the link has {string.Join(" and ", taken)}.");
            }
        }

        _resolver = Stack.CreateResolver(new DnsSettings
        {
            Servers = [.. nameServers.Distinct().Select(static server => new IPEndPoint(server.ToIPAddress(), DnsSettings.DefaultPort))],
            SearchList = searchList,
        });
    }

    private static async Task WaitForRouterAsync(StackInterface network, CancellationToken cancellation)
    {
        while (!network.Addresses.Any(static own => own.Address is { IsIPv4: false, IsLinkLocal: false }))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellation);
        }
    }

    private static async Task<T> WaitAsync<T>(Task<T> task, string failure)
    {
        await WaitAsync((Task)task, failure);
        return await task;
    }

    private static async Task WaitAsync(Task task, string failure)
    {
        try
        {
            await task.WaitAsync(s_patience);
        }
        catch (TimeoutException)
        {
            throw new UserException(string.Create(CultureInfo.InvariantCulture, $"{failure} within {s_patience.TotalSeconds:F0} s: say with --address which address is ours."));
        }
    }
}
