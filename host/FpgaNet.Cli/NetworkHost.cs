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

/// <summary>A host on the network: a device, a stack on it, and the thread that runs it.</summary>
internal sealed class NetworkHost : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly StackThread _thread;
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
        Stack = new NetworkStack(new NetworkStackOptions());
        Stack.AddInterface(device, options);
        _thread = new StackThread(Stack);
    }

    public NetworkStack Stack { get; }

    /// <summary>For Kestrel.</summary>
    public IConnectionListenerFactory Transport => new FpgaNetTransportFactory(Stack);

    /// <summary>Its addresses, once it has started.</summary>
    public IReadOnlyList<AddressPrefix> Addresses => Stack.Interfaces[0].Addresses;

    /// <summary>A host on a NIC that was opened; the NIC belongs to it.</summary>
    public static NetworkHost On(OpenNic nic, IReadOnlyList<AddressPrefix> addresses) => new(nic.Device, nic, new InterfaceOptions { Addresses = addresses });

    /// <summary>A host on a NIC that was opened, as the user wants it, with addresses that can be used; the NIC belongs to it.</summary>
    /// <exception cref="UserException">Another host has an address, or nobody gives one.</exception>
    public static async Task<NetworkHost> StartAsync(OpenNic nic, NicOptions options, CancellationToken cancellation)
    {
        NetworkHost host = new(nic.Device, nic, new InterfaceOptions
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
        _thread.Dispose();
        Stack.Dispose();
        _device.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ConfigureAsync(NicOptions options, CancellationToken cancellation)
    {
        StackInterface network = Stack.Interfaces[0];
        List<IpAddress> nameServers = [.. options.NameServers];
        IReadOnlyList<string> searchList = [];
        if (options.Dhcp)
        {
            _dhcp = Stack.StartDhcp(network);
            DhcpLease lease = await WaitAsync(_dhcp.WaitForLeaseAsync(cancellation), "No DHCP server answers");
            nameServers.AddRange(lease.NameServers.Select(static server => (IpAddress)server));
            searchList = lease.SearchList;
        }

        if (options.Slaac)
        {
            await WaitAsync(WaitForRouterAsync(network, cancellation), "No router announces a prefix");
            nameServers.AddRange(network.AdvertisedNameServers);
        }

        IReadOnlyList<IpAddress> taken = await network.WaitForAddressesAsync(cancellation);
        if (taken.Count != 0)
        {
            throw new UserException($"Another host on the link has {string.Join(" and ", taken)}.");
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
