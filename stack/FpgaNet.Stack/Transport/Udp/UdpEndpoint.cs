using System.Net.Sockets;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Transport.Udp;

/// <summary>A datagram that waits to be received.</summary>
internal struct UdpDatagramIn
{
    public Frame Frame;
    public int Offset;
    public int Length;
    public IpAddress Source;
    public int Scope; // index of the interface it came through, when the source means something on one link only
    public ushort SourcePort;
}

/// <summary>Who uses a UDP port. Called under the stack's lock.</summary>
internal interface IUdpUser
{
    /// <summary>There is a datagram or an error.</summary>
    void Signal();
}

/// <summary>A UDP port with its bounded queue.</summary>
internal sealed class UdpEndpoint(IUdpUser user, int capacity) : IPortUser<UdpEndpoint>
{
    private readonly Queue<UdpDatagramIn> _queue = new(capacity);

    /// <inheritdoc/>
    public required IpAddress LocalAddress { get; init; }

    /// <inheritdoc/>
    public ushort Port { get; set; }

    /// <inheritdoc/>
    public UdpEndpoint? NextOnPort { get; set; }

    /// <summary>Index of the one interface that it uses; 0: any.</summary>
    public int Interface { get; init; }

    /// <summary>The peer that it is connected to; unspecified: none.</summary>
    public IpAddress RemoteAddress { get; set; }

    /// <summary>The peer's port.</summary>
    public ushort RemotePort { get; set; }

    /// <summary>Hop limit of what goes to groups (RFC 1112 §6.1: 1 unless the application says otherwise).</summary>
    public byte MulticastHopLimit { get; set; } = 1;

    /// <inheritdoc/>
    public bool Holds(UdpEndpoint other) => PortTable<UdpEndpoint>.Overlap(this, other);

    /// <inheritdoc/>
    public int Fit(IpAddress remote, ushort remotePort, int network)
    {
        // Who is connected says more than who is not, and who uses one interface more than who uses any (compute_score() of Linux).
        int peer = RemoteAddress.IsUnspecified ? 0 : RemoteAddress == remote && RemotePort == remotePort ? 2 : -1;
        return peer < 0 || (Interface != 0 && Interface != network) ? -1 : peer + (Interface != 0 ? 1 : 0);
    }

    /// <summary>It asked for some senders of some group only.</summary>
    public bool HasGroupFilters { get; set; }

    /// <summary>Whether a datagram to a group is for it: RFC 3376 §3.2, what the interface takes for all its users need not be for this one.</summary>
    public bool TakesFromGroup(IpAddress group, IpAddress source, NetworkInterface network) =>
        !HasGroupFilters || network.Groups.FilterOf(user, group).Accepts(source);

    /// <summary>An error that the application has not been told of.</summary>
    public SocketError Error { get; private set; }

    public bool TryEnqueue(in UdpDatagramIn datagram)
    {
        BufferPool pool = datagram.Frame.Header.Buffer.Pool;
        if (_queue.Count >= capacity || pool.Available < pool.BufferCount / 4)
        {
            return false;
        }

        _queue.Enqueue(datagram);
        user.Signal();
        return true;
    }

    public bool TryDequeue(out UdpDatagramIn datagram) => _queue.TryDequeue(out datagram);

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

    public void Clear()
    {
        while (_queue.TryDequeue(out UdpDatagramIn datagram))
        {
            datagram.Frame.Release();
        }
    }
}
