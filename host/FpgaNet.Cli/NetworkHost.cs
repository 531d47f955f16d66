using FpgaNet.AspNetCore;
using FpgaNet.Cli.Nic;
using FpgaNet.Cli.Terminal;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack;
using FpgaNet.Stack.Network;
using Microsoft.AspNetCore.Connections;

namespace FpgaNet.Cli;

/// <summary>A host on the network: a device, a stack on it, and the thread that runs it.</summary>
internal sealed class NetworkHost : IAsyncDisposable
{
    private readonly StackThread _thread;
    private readonly IDisposable _device;

    /// <param name="device">What the stack sits on; belongs to the host.</param>
    /// <param name="addresses">Its addresses and nets.</param>
    public NetworkHost(INetworkDevice device, IReadOnlyList<AddressPrefix> addresses)
        : this(device, device, addresses, [])
    {
    }

    private NetworkHost(INetworkDevice device, IDisposable owned, IReadOnlyList<AddressPrefix> addresses, IReadOnlyList<IpAddress> gateways)
    {
        _device = owned;
        Stack = new NetworkStack(new NetworkStackOptions());
        Stack.AddInterface(device, new InterfaceOptions { Addresses = addresses, Gateways = gateways });
        _thread = new StackThread(Stack);
    }

    public NetworkStack Stack { get; }

    /// <summary>For Kestrel.</summary>
    public IConnectionListenerFactory Transport => new FpgaNetTransportFactory(Stack);

    /// <summary>A host on a NIC that was opened; the NIC belongs to it.</summary>
    public static NetworkHost On(OpenNic nic, IReadOnlyList<AddressPrefix> addresses, IReadOnlyList<IpAddress> gateways) => new(nic.Device, nic, addresses, gateways);

    /// <summary>Waits until the host's addresses can be used.</summary>
    /// <exception cref="UserException">Another host has one of them.</exception>
    public async Task WaitForAddressesAsync(CancellationToken cancellation)
    {
        IReadOnlyList<IpAddress> taken = await Stack.Interfaces[0].WaitForAddressesAsync(cancellation);
        if (taken.Count != 0)
        {
            throw new UserException($"Another host on the link has {string.Join(" and ", taken)}.");
        }
    }

    /// <summary>An HTTP client whose connections go through the stack. It has no time limit: simulated cards are slow.</summary>
    public HttpClient MakeHttpClient() => new(new SocketsHttpHandler { ConnectCallback = FpgaNetHosting.ConnectCallback(Stack), UseProxy = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Stops in order: the loop, the connections, the device.</summary>
    public ValueTask DisposeAsync()
    {
        _thread.Dispose();
        Stack.Dispose();
        _device.Dispose();
        return ValueTask.CompletedTask;
    }
}
