using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Network.Multicast;

namespace FpgaNet.Stack.Sockets;

/// <summary>Whom a socket talks with: one peer that it is connected to, or groups.</summary>
public sealed partial class UdpSocket
{
    private int _remoteScope;

    /// <summary>The peer that it is connected to; null: none.</summary>
    public IPEndPoint? RemoteEndPoint { get; private set; }

    /// <summary>Hop limit of what goes to groups (RFC 1112 §6.1): at first 1, which no router passes on.</summary>
    public byte MulticastHopLimit
    {
        get => _endpoint.MulticastHopLimit;
        set
        {
            ArgumentOutOfRangeException.ThrowIfZero(value);
            using (_network.Enter())
            {
                _endpoint.MulticastHopLimit = value;
            }
        }
    }

    /// <summary>Connects: from now on only this peer's datagrams are received, and errors about datagrams to it come with the next call.</summary>
    /// <param name="remote">The peer; null: any again.</param>
    /// <exception cref="SocketException">AddressFamilyNotSupported, NetworkUnreachable.</exception>
    public void Connect(IPEndPoint? remote)
    {
        using (_network.Enter())
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (remote is null)
            {
                _endpoint.RemoteAddress = default;
                RemoteEndPoint = null;
                return;
            }

            IpAddress address = EndPoints.Remote(remote, out _remoteScope);
            if (_endpoint.LocalAddress.IsIPv4 && !address.IsIPv4)
            {
                throw new SocketException((int)SocketError.AddressFamilyNotSupported);
            }

            if (_udp.Ip.Find(address, _endpoint.LocalAddress, _remoteScope != 0 ? _remoteScope : _endpoint.Interface) is null)
            {
                throw new SocketException((int)SocketError.NetworkUnreachable);
            }

            _endpoint.RemoteAddress = address;
            _endpoint.RemotePort = (ushort)remote.Port;
            RemoteEndPoint = remote;
        }
    }

    /// <summary>Sends a datagram to the peer that the socket is connected to.</summary>
    /// <param name="payload">As with <see cref="SendTo"/>.</param>
    /// <exception cref="SocketException">NotConnected; an ICMP error about an earlier datagram; as <see cref="SendTo"/>.</exception>
    public void Send(ReadOnlySpan<byte> payload)
    {
        using (_network.Enter())
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_endpoint.RemoteAddress.IsUnspecified)
            {
                throw new SocketException((int)SocketError.NotConnected);
            }

            SocketError error = _network.IsDown ? SocketError.NetworkDown : _endpoint.TakeError();
            error = error != SocketError.Success ? error : _udp.Send(_endpoint, _endpoint.RemoteAddress, _remoteScope, _endpoint.RemotePort, payload);
            if (error != SocketError.Success)
            {
                throw new SocketException((int)error);
            }
        }
    }

    /// <summary>Becomes a member of a group (RFC 3376 §2, RFC 3810 §3): datagrams to it are received.</summary>
    /// <param name="group">The group.</param>
    /// <param name="network">Index of the interface.</param>
    /// <exception cref="SocketException">InvalidArgument: no multicast address; AddressNotAvailable: no such interface; NoBufferSpaceAvailable: too many groups.</exception>
    public void JoinGroup(IPAddress group, int network)
    {
        IpAddress address = EndPoints.Remote(group, out _);
        if (!address.IsMulticast)
        {
            throw new SocketException((int)SocketError.InvalidArgument);
        }

        using (_network.Enter())
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!Find(network).Groups.Join(this, address))
            {
                throw new SocketException((int)SocketError.NoBufferSpaceAvailable);
            }
        }
    }

    /// <summary>Leaves a group.</summary>
    /// <param name="group">The group.</param>
    /// <param name="network">Index of the interface.</param>
    public void LeaveGroup(IPAddress group, int network)
    {
        using (_network.Enter())
        {
            Find(network).Groups.Leave(this, EndPoints.Remote(group, out _));
        }
    }

    /// <summary>Says from which senders a group's datagrams are wanted (RFC 3678 §4, setsourcefilter): joins the group, changes what was said before, or leaves it.</summary>
    /// <param name="group">The group. From now on the socket gets datagrams of groups only as it has said itself, not as other sockets have.</param>
    /// <param name="network">Index of the interface.</param>
    /// <param name="mode">Whether the senders are the only ones wanted or the only ones not wanted.</param>
    /// <param name="sources">The senders; none to include is to leave, none to exclude is to join for all.</param>
    /// <exception cref="SocketException">As <see cref="JoinGroup"/>; NoBufferSpaceAvailable also for more than 64 senders.</exception>
    public void SetGroupFilter(IPAddress group, int network, FilterMode mode, IReadOnlyCollection<IPAddress> sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        IpAddress address = EndPoints.Remote(group, out _);
        SourceFilter filter = new(mode, [.. sources.Select(IpAddress.FromIPAddress).Distinct()]);
        if (!address.IsMulticast || filter.Sources.Any(source => source.IsIPv4 != address.IsIPv4))
        {
            throw new SocketException((int)SocketError.InvalidArgument);
        }

        using (_network.Enter())
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!Find(network).Groups.Listen(this, address, filter))
            {
                throw new SocketException((int)SocketError.NoBufferSpaceAvailable);
            }

            _endpoint.TakesAllGroups4 = _endpoint.TakesAllGroups6 = false;
        }
    }

    private NetworkInterface Find(int index) => _network.FindInterface(index) ?? throw new SocketException((int)SocketError.AddressNotAvailable);

    private void LeaveAllGroups()
    {
        foreach (NetworkInterface network in _network.Interfaces)
        {
            network.Groups.Leave(this);
        }
    }
}
