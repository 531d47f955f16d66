using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Dhcp;
using FpgaNet.Stack.Dns;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Sockets.Inet;
using FpgaNet.Stack.Transport.Raw;
using FpgaNet.Stack.Transport.Tcp;
using FpgaNet.Stack.Transport.Udp;
using TcpListener = FpgaNet.Stack.Transport.Tcp.TcpListener;

namespace FpgaNet.Stack;

/// <summary>
/// A TCP/IP host on one device or several. It starts no thread, never sleeps and reads no clock of its own: somebody calls <see cref="Poll"/> when a
/// frame has come or a time is up (<see cref="StackThread"/> does), and applications call its sockets from any thread. One lock guards it all.
/// </summary>
public sealed partial class NetworkStack : IDisposable
{
    private readonly StackContext _context;
    private readonly IpLayer _ip;
    private readonly TcpProtocol _tcp;
    private readonly UdpProtocol _udp;
    private readonly DhcpPort _dhcp;
    private StackInterface[] _interfaces = [];
    private bool _disposed;

    /// <summary>Makes a stack.</summary>
    /// <param name="device">What it sends and receives through; it must insert transmit checksums, as every <c>SoftwareOffload</c> does. It stays the caller's.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">The device owes checksums.</exception>
    public NetworkStack(INetworkDevice device, NetworkStackOptions options)
        : this(options)
    {
        AddInterface(device, options.ToInterfaceOptions());
    }

    /// <summary>Makes a stack without an interface: <see cref="AddInterface"/> adds the first.</summary>
    /// <param name="options">How; what it says of addresses is not looked at.</param>
    public NetworkStack(NetworkStackOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _context = new StackContext(options);
        _ip = new IpLayer(_context);
        _tcp = new TcpProtocol(_context, _ip, options.Tcp);
        _udp = new UdpProtocol(_context, _ip);
        Raw = new RawProtocol(_context, _ip);
        Taps = new PacketTaps(_context);
        _dhcp = new DhcpPort(_udp);
        _ip.Tcp = _tcp;
        _ip.Udp = _udp;
        _context.Settle = Settle;
        Routes = new StackRoutes(_ip);
    }

    /// <summary>The interfaces, in the order in which they were added.</summary>
    public IReadOnlyList<StackInterface> Interfaces => _interfaces;

    /// <summary>The routes.</summary>
    public StackRoutes Routes { get; }

    /// <summary>The first IPv4 address of the first interface that has one; 0.0.0.0: there is none.</summary>
    public IPv4Address Address
    {
        get
        {
            foreach (StackInterface network in _interfaces)
            {
                foreach (AddressPrefix prefix in network.Addresses)
                {
                    if (prefix.Address.IsIPv4)
                    {
                        return prefix.Address.IPv4;
                    }
                }
            }

            return default;
        }
    }

    /// <inheritdoc cref="NetworkOptions.Synchronized"/>
    public bool IsSynchronized => _context.Options.Synchronized;

    /// <summary>The first interface's device.</summary>
    /// <exception cref="InvalidOperationException">There is no interface yet.</exception>
    public INetworkDevice Device => _interfaces.Length != 0 ? _interfaces[0].Device : throw new InvalidOperationException("The stack has no interface yet.");

    /// <summary>What was counted.</summary>
    public StackCounters Counters => _context.Counters;

    internal TcpProtocol Tcp => _tcp;

    internal UdpProtocol Udp => _udp;

    internal RawProtocol Raw { get; }

    internal PacketTaps Taps { get; }

    internal StackContext Network => _context;

    internal IpLayer Ip => _ip;

    /// <summary>Adds an interface.</summary>
    /// <param name="device">What it sends and receives through; it must insert transmit checksums, as every <c>SoftwareOffload</c> does. It stays the caller's.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">The device owes checksums; a prefix is longer than its address.</exception>
    public StackInterface AddInterface(INetworkDevice device, InterfaceOptions options)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(options);
        INetworkDevice[] queues = [device, .. options.Bands.Select(static band => band.Queue)];
        if (!Array.TrueForAll(queues, static queue => queue.EnabledFeatures.HasFlag(OffloadFeatures.TxChecksum)))
        {
            throw new ArgumentException($"{device.Name} does not insert checksums: wrap it in SoftwareOffload.", nameof(device));
        }

        StackInterface added;
        using (_context.Enter())
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            NetworkInterface network = _ip.AddInterface(device, options);
            added = new StackInterface(_ip, network);
            _interfaces = [.. _interfaces, added];
        }

        foreach (AddressPrefix address in options.Addresses)
        {
            added.AddAddress(address);
        }

        foreach (IpAddress gateway in options.Gateways)
        {
            IpAddress any = gateway.IsIPv4 ? IpAddress.IPv4Any : IpAddress.Any;
            Routes.Add(new Route(new AddressPrefix(any, 0), added.Index, gateway, options.Metric));
        }

        return added;
    }

    /// <summary>A socket to connect with.</summary>
    public TcpSocket CreateTcpSocket() => new(_tcp);

    /// <summary>Connects.</summary>
    /// <param name="remote">The peer, of either family.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SocketException">As <see cref="TcpSocket.ConnectAsync"/>.</exception>
    public async ValueTask<TcpSocket> ConnectAsync(IPEndPoint remote, CancellationToken cancellationToken = default)
    {
        TcpSocket socket = CreateTcpSocket();
        try
        {
            await socket.ConnectAsync(remote, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Finds a host's addresses and connects to the first that answers (RFC 8305).</summary>
    /// <param name="host">Its name, or the text of an address.</param>
    /// <param name="port">The port.</param>
    /// <param name="resolver">Finds the addresses.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SocketException">As <see cref="DnsResolver.ResolveAsync"/> and <see cref="TcpSocket.ConnectAsync"/>.</exception>
    public async ValueTask<TcpSocket> ConnectAsync(string host, int port, DnsResolver resolver, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resolver);
        IReadOnlyList<IPAddress> addresses = await resolver.ResolveAsync(host, cancellationToken).ConfigureAwait(false);
        return await new HappyEyeballs(_context, _tcp).ConnectAsync(addresses, port, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Listens.</summary>
    /// <param name="local">Our address, 0.0.0.0 (any of IPv4) or :: (any of both families), and the port; port 0: a free one.</param>
    /// <param name="backlog">Established connections that may wait to be accepted.</param>
    /// <exception cref="SocketException">AddressAlreadyInUse, AddressNotAvailable.</exception>
    public TcpListenerSocket Listen(IPEndPoint local, int backlog = 128)
    {
        IpAddress address = EndPoints.Local(local, _ip);
        using (_context.Enter())
        {
            TcpListener listener = _tcp.TryListen(address, (ushort)local.Port, backlog) ?? throw new SocketException((int)SocketError.AddressAlreadyInUse);
            return new TcpListenerSocket(_tcp, listener);
        }
    }

    /// <summary>Opens a UDP socket.</summary>
    /// <param name="local">Our address, 0.0.0.0 (any of IPv4) or :: (any of both families), and the port; port 0: a free one.</param>
    /// <param name="network">The one interface that it is to use; null: any.</param>
    /// <exception cref="SocketException">AddressAlreadyInUse, AddressNotAvailable.</exception>
    public UdpSocket OpenUdp(IPEndPoint local, StackInterface? network = null)
    {
        IpAddress address = EndPoints.Local(local, _ip);
        using (_context.Enter())
        {
            return new UdpSocket(_udp, address, (ushort)local.Port, network?.Index ?? 0);
        }
    }

    /// <summary>Begins to get an interface an IPv4 address, routes and name servers from a DHCP server.</summary>
    /// <param name="network">One of <see cref="Interfaces"/>.</param>
    /// <param name="settings">How; null: as it is usual.</param>
    /// <exception cref="SocketException">AddressAlreadyInUse: UDP port 68 is used, or the interface has a client.</exception>
    public DhcpClient StartDhcp(StackInterface network, DhcpSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        using (_context.Enter())
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            DhcpClient client = new(_dhcp, network.Network, settings ?? new DhcpSettings());
            if (!_dhcp.TryAdd(client))
            {
                throw new SocketException((int)SocketError.AddressAlreadyInUse);
            }

            client.Start();
            return client;
        }
    }

    /// <summary>Something to find addresses of names with.</summary>
    /// <param name="settings">Which servers, and how.</param>
    public DnsResolver CreateResolver(DnsSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new DnsResolver(_context, _ip, _udp, _tcp, settings);
    }

    /// <summary>Something to ping with.</summary>
    public EchoClient CreateEchoClient()
    {
        using (_context.Enter())
        {
            return new EchoClient(_context, _ip);
        }
    }

    /// <summary>
    /// Ends every connection without a word to the peers, and gives all buffers back. Memory that the device, or a peer in this process, still refers to is
    /// freed once that has given it back.
    /// </summary>
    public void Dispose()
    {
        using (_context.Enter())
        {
            if (_disposed)
            {
                return;
            }

            _context.IsDown = true; // before who waits is told, so that an end of the stack is none of a connection
            FailAll(SocketError.OperationAborted);
            _udp.Clear();
            Raw.Clear();
            Taps.Clear();
            _ip.Clear();
            foreach (StackInterface network in _interfaces)
            {
                network.Abandon();
            }

            _disposed = true;
            _context.Settle = null;
            foreach (BufferPool pool in Pools)
            {
                pool.Dispose();
            }
        }
    }

    /// <summary>Buffers of the stack's own that are not in their pools: with connections or on their way, and none after the stack and its devices were disposed of.</summary>
    public int BuffersInUse => Pools.Sum(static pool => pool.BufferCount - pool.Available) - _context.Interfaces.Sum(static network => network.Output.SpareHeaders)
        + _ip.Fragments.BuffersInUse;

    /// <summary>All connections for people who look for a fault.</summary>
    internal string Describe() => $"{Address}: {string.Join(", ", _tcp.Connections)}";

    private IEnumerable<BufferPool> Pools
    {
        get
        {
            foreach (BufferPool pool in _tcp.Pools)
            {
                yield return pool;
            }

            foreach (NetworkInterface network in _context.Interfaces)
            {
                yield return network.Packets;
                yield return network.Output.Headers;
            }

            if (_context.LongPacketsIfMade is { } longPackets)
            {
                yield return longPackets;
            }
        }
    }

    private void FailAll(SocketError error)
    {
        _tcp.FailAll(error, null);
        _udp.FailAll(error);
        _tcp.Service();
    }
}
