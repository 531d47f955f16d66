using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp;
using FpgaNet.Stack.Transport.Udp;
using TcpListener = FpgaNet.Stack.Transport.Tcp.TcpListener;

namespace FpgaNet.Stack;

/// <summary>
/// A TCP/IP host on one device. It starts no thread, never sleeps and reads no clock of its own: somebody calls <see cref="Poll"/> when a
/// frame has come or a time is up (<see cref="StackThread"/> does), and applications call its sockets from any thread. One lock guards it all.
/// </summary>
public sealed class NetworkStack : IDisposable
{
    private const int BatchFrames = 64;
    private const int BatchesPerPoll = 8;

    private readonly NetworkInterface _network;
    private readonly IPv4Layer _ip;
    private readonly TcpProtocol _tcp;
    private readonly UdpProtocol _udp;
    private readonly RxFrame[] _batch = new RxFrame[BatchFrames];
    private readonly BufferPool[] _pools;
    private bool _disposed;

    /// <summary>Makes a stack.</summary>
    /// <param name="device">What it sends and receives through; it must insert transmit checksums, as every <c>SoftwareOffload</c> does. It stays the caller's.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">The device owes checksums.</exception>
    public NetworkStack(INetworkDevice device, NetworkStackOptions options)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)options.PrefixLength, 32u);
        if (!device.EnabledFeatures.HasFlag(OffloadFeatures.TxChecksum))
        {
            throw new ArgumentException($"{device.Name} does not insert checksums: wrap it in SoftwareOffload.", nameof(device));
        }

        _network = new NetworkInterface(device, options);
        _ip = new IPv4Layer(_network);
        _tcp = new TcpProtocol(_network, _ip, options.Tcp);
        _udp = new UdpProtocol(_network, _ip);
        _ip.Tcp = _tcp;
        _ip.Udp = _udp;
        _network.Settle = Settle;
        _pools = [.. _tcp.Pools, _network.Packets, _network.Output.Headers];
        if (options.Announce)
        {
            using (_network.Enter())
            {
                _network.Neighbors.Announce();
            }
        }
    }

    /// <summary>Our address.</summary>
    public IPv4Address Address => _network.Address;

    /// <summary>The device.</summary>
    public INetworkDevice Device => _network.Device;

    /// <summary>What was counted.</summary>
    public StackCounters Counters => _network.Counters;

    internal TcpProtocol Tcp => _tcp;

    internal NetworkInterface Network => _network;

    /// <summary>
    /// Does all that can be done now: takes frames from the device, runs timers, sends.
    /// </summary>
    /// <returns>
    /// When to call again at the latest: zero when there is more to do, <see cref="Timeout.InfiniteTimeSpan"/> when only a frame or an application can
    /// bring something new (see <see cref="ArmWake"/>).
    /// </returns>
    public TimeSpan Poll()
    {
        bool more = true;
        TimeSpan wait;
        StackScope scope = _network.Enter();
        try
        {
            if (_disposed)
            {
                return Timeout.InfiniteTimeSpan;
            }

            if (_network.Device.State == DeviceState.Failed)
            {
                GoDown();
            }

            for (int i = 0; i < BatchesPerPoll && more; i++)
            {
                more = ReceiveBatch() == BatchFrames;
                Settle();
            }

            _network.Timers.Run(_network.Now);
            Settle();
            Instant next = _network.Timers.Next;
            _network.SleepsUntil = next;
            wait = next == Instant.Never ? Timeout.InfiniteTimeSpan : next - _network.Now;
            if (more || (next != Instant.Never && wait < TimeSpan.Zero))
            {
                wait = TimeSpan.Zero;
            }
        }
        finally
        {
            scope.Dispose();
        }

        return wait;
    }

    /// <summary>Asks for one call of <paramref name="wake"/> when <see cref="Poll"/> has something to do before its time is up.</summary>
    /// <param name="wake">What to call, from any thread; it must be quick and must not call the stack.</param>
    public void ArmWake(Action wake)
    {
        lock (_network.Gate)
        {
            _network.Wake = wake;
            _network.WaitsForRoom = _network.Output.IsBlocked;
            _network.Device.ArmWake(wake);
        }
    }

    /// <summary>A socket to connect with.</summary>
    public TcpSocket CreateTcpSocket() => new(_tcp);

    /// <summary>Connects.</summary>
    /// <param name="remote">The peer; IPv4.</param>
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

    /// <summary>Listens.</summary>
    /// <param name="local">Our address or any, and the port; port 0: a free one.</param>
    /// <param name="backlog">Established connections that may wait to be accepted.</param>
    /// <exception cref="SocketException">AddressAlreadyInUse, AddressNotAvailable.</exception>
    public TcpListenerSocket Listen(IPEndPoint local, int backlog = 128)
    {
        EndPoints.CheckLocal(local, _network);
        using (_network.Enter())
        {
            TcpListener listener = _tcp.TryListen((ushort)local.Port, backlog) ?? throw new SocketException((int)SocketError.AddressAlreadyInUse);
            return new TcpListenerSocket(_tcp, listener);
        }
    }

    /// <summary>Opens a UDP socket.</summary>
    /// <param name="local">Our address or any, and the port; port 0: a free one.</param>
    /// <exception cref="SocketException">AddressAlreadyInUse, AddressNotAvailable.</exception>
    public UdpSocket OpenUdp(IPEndPoint local)
    {
        EndPoints.CheckLocal(local, _network);
        using (_network.Enter())
        {
            return new UdpSocket(_udp, (ushort)local.Port);
        }
    }

    /// <summary>Something to ping with.</summary>
    public EchoClient CreateEchoClient()
    {
        using (_network.Enter())
        {
            return new EchoClient(_network, _ip);
        }
    }

    /// <summary>
    /// Ends every connection without a word to the peers, and gives all buffers back. Memory that the device, or a peer in this process, still refers to is
    /// freed once that has given it back.
    /// </summary>
    public void Dispose()
    {
        using (_network.Enter())
        {
            if (_disposed)
            {
                return;
            }

            FailAll(SocketError.OperationAborted);
            _udp.Clear();
            _network.Neighbors.Clear();
            _network.Output.Clear();
            _disposed = true;
            _network.IsDown = true;
            _network.Settle = null;
            foreach (BufferPool pool in _pools)
            {
                pool.Dispose();
            }
        }
    }

    /// <summary>Buffers of the stack's own that are not in their pools: with connections or on their way, and none after the stack and its devices were disposed of.</summary>
    internal int BuffersInUse => _pools.Sum(static pool => pool.BufferCount - pool.Available);

    /// <summary>All connections for people who look for a fault.</summary>
    internal string Describe() => $"{Address}: {string.Join(", ", _tcp.Connections)}";

    private int ReceiveBatch()
    {
        int count = _network.Device.Receive(_batch);
        for (int i = 0; i < count; i++)
        {
            ref RxFrame frame = ref _batch[i];
            _ip.Receive(ref frame);
            frame.Frame.Release();
        }

        return count;
    }

    private void Settle()
    {
        _tcp.Service();
        _network.Output.Flush();
        _tcp.OutputDrained();
        _tcp.Service();
        _network.Output.Flush();
    }

    private void GoDown()
    {
        if (!_network.IsDown)
        {
            _network.IsDown = true;
            FailAll(SocketError.NetworkDown);
        }
    }

    private void FailAll(SocketError error)
    {
        _tcp.FailAll(error);
        _udp.FailAll(error);
        _tcp.Service();
    }
}
