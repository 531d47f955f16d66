using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Transport.Udp;

/// <summary>Who uses a UDP port. Called under the stack's lock.</summary>
internal interface IUdpUser
{
    /// <summary>There is a datagram or an error.</summary>
    void Signal();

    /// <summary>A datagram that was sent from the port did not arrive.</summary>
    void Failed(in SentPacket packet, DeliveryFailure reason);

    /// <summary>The stack ends: what is held of its buffers is given back.</summary>
    void Drop();
}

/// <summary>A UDP port with its bounded queue.</summary>
internal sealed class UdpEndpoint(IUdpUser user) : IPortUser<UdpEndpoint>
{
    /// <summary>Who uses it.</summary>
    public IUdpUser User => user;

    /// <inheritdoc/>
    public required IpAddress LocalAddress { get; set; }

    /// <inheritdoc/>
    public ushort Port { get; set; }

    /// <inheritdoc/>
    public UdpEndpoint? NextOnPort { get; set; }

    /// <inheritdoc/>
    public int Interface { get; set; }

    /// <inheritdoc/>
    public bool IsIPv6Only { get; set; }

    /// <inheritdoc/>
    public PortSharing Sharing { get; set; }

    /// <inheritdoc/>
    public uint UserId { get; set; }

    /// <summary>The peer that it is connected to; unspecified: none.</summary>
    public IpAddress RemoteAddress { get; set; }

    /// <summary>The peer's port.</summary>
    public ushort RemotePort { get; set; }

    /// <summary>Hop limit of what goes to groups (RFC 1112 §6.1: 1 unless the application says otherwise).</summary>
    public byte MulticastHopLimit { get; set; } = 1;

    /// <summary>Datagrams of groups of IPv4 that only others have joined come too (IP_MULTICAST_ALL).</summary>
    public bool TakesAllGroups4 { get; set; } = true;

    /// <summary>The same for IPv6.</summary>
    public bool TakesAllGroups6 { get; set; } = true;

    /// <summary>Each datagram is to say when it was queued.</summary>
    public bool StampsArrivals { get; set; }

    /// <summary>What waits.</summary>
    public DatagramQueue Queue { get; } = new();

    /// <summary>An error that the application has not been told of.</summary>
    public SocketError Error { get; private set; }

    /// <inheritdoc/>
    public bool Holds(UdpEndpoint other) => PortTable<UdpEndpoint>.Overlap(this, other);

    /// <inheritdoc/>
    public int Fit(IpAddress remote, ushort remotePort, int network)
    {
        // Who is connected says more than who is not, and who uses one interface more than who uses any (compute_score() of Linux).
        int peer = RemoteAddress.IsUnspecified ? 0 : RemoteAddress == remote && RemotePort == remotePort ? 2 : -1;
        return peer < 0 || (Interface != 0 && Interface != network) ? -1 : peer + (Interface != 0 ? 1 : 0);
    }

    /// <summary>Whether a datagram to a group is for it: RFC 3376 §3.2, what the interface takes for all its users need not be for this one.</summary>
    public bool TakesFromGroup(IpAddress group, IpAddress source, NetworkInterface network)
    {
        Network.Multicast.SourceFilter filter = network.Groups.FilterOf(user, group);
        return filter.IsNothing ? (group.IsIPv4 ? TakesAllGroups4 : TakesAllGroups6) : filter.Accepts(source);
    }

    public void Fail(SocketError error)
    {
        Error = error;
        user.Signal();
    }

    public SocketError TakeError()
    {
        SocketError error = Error;
        Error = SocketError.Success;
        return error;
    }
}
