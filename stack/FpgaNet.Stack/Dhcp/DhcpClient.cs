using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Dhcp;

/// <summary>
/// Gives an interface an IPv4 address and routes that a DHCP server lends (RFC 2131), for as long as this object lives. It may be used from any thread.
/// </summary>
public sealed class DhcpClient : IDhcpLink, ICompletion, IDisposable
{
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(1);

    private readonly StackContext _context;
    private readonly IpLayer _ip;
    private readonly DhcpPort _port;
    private readonly DhcpProtocol _protocol;
    private readonly AddressProbe _probe;
    private readonly StackTimer _timer;
    private readonly List<TaskCompletionSource<DhcpLease>> _waiting = [];
    private readonly List<Route> _routes = [];
    private IpAddress? _address;
    private bool _changed; // and nobody was told yet
    private bool _disposed;

    internal DhcpClient(DhcpPort port, NetworkInterface network, DhcpSettings settings)
    {
        _port = port;
        _context = port.Context;
        _ip = port.Ip;
        Network = network;
        _protocol = new DhcpProtocol(this, network.Device.MacAddress, settings, _context.Random);
        _probe = new AddressProbe(network, Probed);
        _timer = new StackTimer(_context.Timers, OnTimer);
    }

    /// <summary>A lease came, was prolonged with other parameters, or was lost: see <see cref="Lease"/>. Called without the stack's lock.</summary>
    public event EventHandler? LeaseChanged;

    /// <summary>How far the client is.</summary>
    public DhcpState State => _protocol.State;

    /// <summary>The lease that is used; null: none. To be given to <see cref="DhcpSettings.Previous"/> after a restart.</summary>
    public DhcpLease? Lease => _protocol.Lease;

    internal NetworkInterface Network { get; }

    /// <summary>It was disposed of, and has only to withdraw.</summary>
    internal bool IsLeaving => _disposed;

    /// <inheritdoc/>
    ICompletion? ICompletion.NextCompletion { get; set; }

    /// <summary>Waits until there is a lease.</summary>
    /// <param name="cancellationToken">Stops waiting; the client goes on.</param>
    /// <exception cref="ObjectDisposedException">The client was disposed of.</exception>
    public Task<DhcpLease> WaitForLeaseAsync(CancellationToken cancellationToken = default)
    {
        TaskCompletionSource<DhcpLease> source = new();
        using (_context.Enter())
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (Lease is { } lease)
            {
                return Task.FromResult(lease);
            }

            _waiting.Add(source);
        }

        return source.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Gives the address back, unless <see cref="DhcpSettings.ReleaseOnDispose"/> says otherwise, and ends.</summary>
    public void Dispose()
    {
        using (_context.Enter())
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _probe.End();
            _protocol.Stop(_context.Now);

            // The address stays until the server's station was found out, if that is not known: else the farewell would not leave.
            _timer.Set(_context.Now + s_farewell);
            Tell(); // who waits
        }
    }

    /// <summary>Begins, under the lock.</summary>
    internal void Start()
    {
        _protocol.Start(_context.Now);
        SetTimer();
    }

    /// <summary>Takes in what came to the clients' port, under the lock.</summary>
    /// <returns>Whether it was for this client.</returns>
    internal bool Receive(ReadOnlySpan<byte> message)
    {
        if (_disposed)
        {
            return false;
        }

        bool taken = _protocol.Receive(message, _context.Now);
        SetTimer();
        return taken;
    }

    /// <summary>Leaves nothing behind, under the lock.</summary>
    internal void Withdraw()
    {
        _timer.Remove();
        TakeAway();
        _port.Remove(this);
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        TaskCompletionSource<DhcpLease>[] waiting = [];
        DhcpLease? lease;
        using (_context.Enter())
        {
            _changed = false;
            lease = Lease;
            if (lease is not null || _disposed)
            {
                waiting = [.. _waiting];
                _waiting.Clear();
            }
        }

        LeaseChanged?.Invoke(this, EventArgs.Empty); // first: who waits may rely on what hangs on it
        foreach (TaskCompletionSource<DhcpLease> source in waiting)
        {
            if (lease is not null)
            {
                source.TrySetResult(lease);
            }
            else
            {
                source.TrySetException(new ObjectDisposedException(nameof(DhcpClient)));
            }
        }
    }

    /// <inheritdoc/>
    void IDhcpLink.Send(ReadOnlySpan<byte> message, IPv4Address source, IPv4Address destination)
    {
        if (destination == IPv4Address.Broadcast)
        {
            DhcpPort.Broadcast(Network, source, message);
        }
        else
        {
            _port.SendTo(Network, destination, message);
        }
    }

    /// <inheritdoc/>
    void IDhcpLink.Probe(IPv4Address address) => _probe.Begin(address);

    /// <inheritdoc/>
    void IDhcpLink.Bound(DhcpLease lease)
    {
        List<Route> wanted = [.. lease.Routes.Select(route => new Route(
            route.Prefix, Network.Index, route.Gateway == IPv4Address.Any ? null : route.Gateway, Network.Options.Metric, RouteOrigin.Dhcp))];
        if (_address is null && _ip.AddAddress(Network, lease.Address, AddressOrigin.Dhcp))
        {
            _address = lease.Address.Address;
        }

        RemoveRoutes(route => !wanted.Contains(route));
        foreach (Route route in wanted)
        {
            if (_ip.Routes.Add(route))
            {
                _routes.Add(route);
            }
        }

        Network.SetLinkMtu4(lease.MaximumTransmissionUnit);
        Tell();
    }

    /// <inheritdoc/>
    void IDhcpLink.Lost()
    {
        if (!_disposed)
        {
            _probe.End();
            TakeAway();
        }

        Tell();
    }

    private void TakeAway()
    {
        RemoveRoutes(static _ => true);
        if (_address is { } address)
        {
            _ip.RemoveAddress(Network, address);
            _address = null;
        }

        Network.SetLinkMtu4(null);
    }

    private void RemoveRoutes(Predicate<Route> which)
    {
        foreach (Route route in _routes.FindAll(which))
        {
            _ip.Routes.Remove(route);
            _routes.Remove(route);
        }
    }

    private void Tell()
    {
        if (!_changed)
        {
            _changed = true;
            _context.Completions.Add(this);
        }
    }

    private void Probed(bool inUse)
    {
        _protocol.Probed(inUse, _context.Now);
        SetTimer();
    }

    private void OnTimer()
    {
        if (_disposed)
        {
            Withdraw();
            return;
        }

        _protocol.Run(_context.Now);
        SetTimer();
    }

    private void SetTimer()
    {
        if (_protocol.Next == Instant.Never)
        {
            _timer.Stop();
        }
        else
        {
            _timer.Set(_protocol.Next);
        }
    }
}
