using System.Net.Sockets;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Stack;

/// <summary>One interface of a <see cref="NetworkStack"/>: a device with its addresses. It may be used from any thread.</summary>
public sealed class StackInterface
{
    private readonly IpLayer _ip;
    private readonly NetworkInterface _network;
    private readonly List<SocketOperation> _waiting = [];

    internal StackInterface(IpLayer ip, NetworkInterface network)
    {
        _ip = ip;
        _network = network;
        network.AddressSettled = AddressSettled;
    }

    /// <summary>The device.</summary>
    public INetworkDevice Device => _network.Device;

    /// <summary>The device's name.</summary>
    public string Name => _network.Device.Name;

    /// <summary>The interface's number, from 1: the scope id of link-local addresses on it (RFC 4007 §6).</summary>
    public int Index => _network.Index;

    /// <summary>Largest IP packet in bytes.</summary>
    public int MaximumTransmissionUnit => _network.MaximumTransmissionUnit;

    /// <summary>The device works.</summary>
    public bool IsUp => !_network.IsDown;

    /// <summary>Its addresses, in the order in which they came.</summary>
    public IReadOnlyList<AddressPrefix> Addresses => Array.ConvertAll(_network.Addresses, static own => own.Prefix);

    /// <summary>Name servers that routers advertise (RFC 8106).</summary>
    public IReadOnlyList<IpAddress> AdvertisedNameServers
    {
        get
        {
            using (_ip.Context.Enter())
            {
                return [.. _network.RouterDiscovery.NameServers];
            }
        }
    }

    /// <summary>Sockets of the device's own, which SO_BINDTODEVICE chooses (Zephyr's <c>net_if_socket_offload_set</c>); null: it has none.</summary>
    public SocketProvider? Sockets { get; set; }

    internal NetworkInterface Network => _network;

    /// <summary>How far an address may be used.</summary>
    /// <param name="address">One of <see cref="Addresses"/>.</param>
    /// <returns>Null when the interface does not have it.</returns>
    public AddressState? StateOf(IpAddress address) => _network.FindAnyAddress(address)?.State;

    /// <summary>Adds an address, with the route to its net.</summary>
    /// <param name="address">The address, and how many of its bits name the net.</param>
    /// <param name="origin">Where it comes from.</param>
    /// <returns>False when it is there already.</returns>
    /// <exception cref="ArgumentException">It cannot be an interface's address, or the prefix is longer than the address.</exception>
    public bool AddAddress(AddressPrefix address, AddressOrigin origin = AddressOrigin.Manual)
    {
        if (address.Address.IsMulticast || address.Address.IsUnspecified || address.Address == IPv4Address.Broadcast)
        {
            throw new ArgumentException($"{address.Address} cannot be an interface's address.", nameof(address));
        }

        if (address.PrefixLength < 0 || address.PrefixLength > address.Address.Length * 8)
        {
            throw new ArgumentException($"{address} has a prefix longer than the address.", nameof(address));
        }

        using (_ip.Context.Enter())
        {
            return _ip.AddAddress(_network, address, origin);
        }
    }

    /// <summary>Takes an address away, with the route to its net. Connections from it end as their peers' packets are no longer taken.</summary>
    /// <param name="address">The address.</param>
    /// <returns>Whether it was there.</returns>
    public bool RemoveAddress(IpAddress address)
    {
        using (_ip.Context.Enter())
        {
            return _ip.RemoveAddress(_network, address);
        }
    }

    /// <summary>
    /// Waits until every address that the interface has now can be used, or is known to be another host's: an IPv6 address takes a second (RFC 4862 §5.4). What
    /// routers may advertise later is not waited for.
    /// </summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The addresses that another host on the link has.</returns>
    /// <exception cref="SocketException">OperationAborted: the stack was disposed of.</exception>
    public async ValueTask<IReadOnlyList<IpAddress>> WaitForAddressesAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        SocketOperation? waiting = null;
        using (_ip.Context.Enter())
        {
            if (_network.HasTentativeAddresses)
            {
                waiting = new SocketOperation(_ip.Context);
                waiting.Start(cancellationToken);
                _waiting.Add(waiting);
            }
        }

        if (waiting is not null)
        {
            await waiting.AsVoidValueTask().ConfigureAwait(false);
        }

        InterfaceAddress[] taken = Array.FindAll(_network.Addresses, static own => own.State == AddressState.Duplicate);
        return Array.ConvertAll(taken, static own => own.Address);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Index}: {Name} {string.Join(", ", Addresses)}";

    /// <summary>Ends all waits.</summary>
    internal void Abandon() => EndWaits(SocketError.OperationAborted);

    private void AddressSettled()
    {
        if (!_network.HasTentativeAddresses)
        {
            EndWaits(SocketError.Success);
        }
    }

    private void EndWaits(SocketError error)
    {
        foreach (SocketOperation waiting in _waiting)
        {
            waiting.Complete(0, error);
        }

        _waiting.Clear();
    }
}
