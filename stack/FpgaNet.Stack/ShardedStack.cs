using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Stack.Dhcp;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;

namespace FpgaNet.Stack;

/// <summary>
/// One host on a device with several queues: a stack for each queue, with the same addresses, which share nothing. Receive side scaling spreads the flows over them; each is polled by a
/// thread of its own (<see cref="StackThread"/>), and a connection lives with the shard whose queue its segments arrive in.
/// </summary>
public sealed class ShardedStack : IDisposable
{
    private readonly NetworkStack[] _shards;
    private readonly FlowSteering _steering;
    private int _next;

    /// <summary>Makes the shards.</summary>
    /// <param name="queues">The device's queues in order, each of which inserts checksums and tells receive hashes, as every <c>SoftwareOffload</c> does. They belong to the stack from now on.</param>
    /// <param name="options">How each shard is set up.</param>
    /// <param name="steering">The rule by which the device steers; null: that of its own key (<see cref="INetworkDevice.HashKey"/>).</param>
    /// <exception cref="ArgumentException">The numbers of queues differ; a queue lacks checksums or hashes.</exception>
    public ShardedStack(IReadOnlyList<INetworkDevice> queues, NetworkStackOptions options, FlowSteering? steering = null)
    {
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(options);
        _steering = steering ?? (queues is [{ HashKey: { IsEmpty: false } key }, ..] ? new FlowSteering(queues.Count, key.Span) : new FlowSteering(queues.Count));
        Queues = ShardQueue.Join(queues, _steering);

        // Addresses that they make themselves are the same; one of them announces the address and asks whether somebody has it.
        options = options with { StableAddressSecret = options.StableAddressSecret ?? options.Seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) };
        _shards = [.. Queues.Select((queue, index) => new NetworkStack(queue, options with { Shard = new Shard(_steering, index), Announce = options.Announce && index == 0 }))];
    }

    /// <summary>The shards, one for each queue. To connect or to open sockets on one of them is allowed: free ports are chosen so that they suit it.</summary>
    public IReadOnlyList<NetworkStack> Shards => _shards;

    /// <summary>The queues.</summary>
    public IReadOnlyList<ShardQueue> Queues { get; }

    /// <summary>Connects, from one shard after the other.</summary>
    /// <param name="remote">The peer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SocketException">As <see cref="TcpSocket.ConnectAsync"/>.</exception>
    public ValueTask<TcpSocket> ConnectAsync(IPEndPoint remote, CancellationToken cancellationToken = default)
    {
        uint turn = (uint)Interlocked.Increment(ref _next);
        return _shards[turn % (uint)_shards.Length].ConnectAsync(remote, cancellationToken);
    }

    /// <summary>Listens on every shard: each accepts the connections that arrive with it, as with SO_REUSEPORT.</summary>
    /// <param name="local">Our address or any, and the port; port 0: a free one, the same for all.</param>
    /// <param name="backlog">Established connections that may wait to be accepted, for each shard.</param>
    /// <returns>A listener for each shard.</returns>
    /// <exception cref="SocketException">AddressAlreadyInUse, AddressNotAvailable.</exception>
    public IReadOnlyList<TcpListenerSocket> Listen(IPEndPoint local, int backlog = 128)
    {
        ArgumentNullException.ThrowIfNull(local);
        List<TcpListenerSocket> listeners = [];
        try
        {
            foreach (NetworkStack shard in _shards)
            {
                listeners.Add(shard.Listen(local, backlog));
                local = new IPEndPoint(local.Address, listeners[0].LocalEndPoint.Port);
            }
        }
        catch
        {
            listeners.ForEach(static listener => listener.Dispose());
            throw;
        }

        return listeners;
    }

    /// <summary>Asks a DHCP server for an address, from the shard that the answers come to; all shards have what it is given.</summary>
    /// <param name="settings">How; null for the defaults.</param>
    /// <exception cref="SocketException">AddressAlreadyInUse: somebody else uses the clients' port.</exception>
    public DhcpClient StartDhcp(DhcpSettings? settings = null)
    {
        NetworkStack asking = _shards[_steering.QueueOfUdp(DhcpProtocol.ClientPort)];
        DhcpClient client = asking.StartDhcp(asking.Interfaces[0], settings);
        _ = new SharedLease(client, _shards.Where(shard => shard != asking));
        return client;
    }

    /// <summary>Opens a UDP socket on the shard that the port belongs to.</summary>
    /// <param name="local">Our address or any, and the port; port 0: a free one.</param>
    /// <exception cref="SocketException">AddressAlreadyInUse, AddressNotAvailable.</exception>
    public UdpSocket OpenUdp(IPEndPoint local)
    {
        ArgumentNullException.ThrowIfNull(local);
        return _shards[_steering.QueueOfUdp((ushort)local.Port)].OpenUdp(local);
    }

    /// <summary>Ends every connection without a word to the peers and disposes of the queues. No shard may be polled any more.</summary>
    public void Dispose()
    {
        Array.ForEach(_shards, static shard => shard.Dispose());
        foreach (ShardQueue queue in Queues)
        {
            queue.Dispose();
        }
    }
}
