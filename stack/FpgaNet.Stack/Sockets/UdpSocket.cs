using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Transport;
using FpgaNet.Stack.Transport.Udp;

namespace FpgaNet.Stack.Sockets;

/// <summary>A datagram that was received.</summary>
/// <param name="Length">Bytes stored in the buffer.</param>
/// <param name="IsTruncated">The buffer was too small for all of it.</param>
/// <param name="RemoteEndPoint">Who sent it.</param>
public readonly record struct UdpDatagram(int Length, bool IsTruncated, IPEndPoint RemoteEndPoint);

/// <summary>A UDP socket. At most one receive may wait at a time.</summary>
public sealed partial class UdpSocket : IUdpUser, IDisposable
{
    private const int QueuedBytes = 256 * 2304;

    private readonly UdpProtocol _udp;
    private readonly StackContext _network;
    private readonly UdpEndpoint _endpoint;
    private readonly SocketOperation _receiving;
    private IPEndPoint? _lastRemote; // most datagrams come from the same peer as the one before
    private bool _disposed;

    // Under the lock.
    internal UdpSocket(UdpProtocol udp, IpAddress local, ushort port, int network = 0)
    {
        _udp = udp;
        _network = udp.Context;
        _endpoint = new UdpEndpoint(this) { LocalAddress = local, Interface = network };
        _endpoint.Queue.Limit = QueuedBytes;
        _receiving = new SocketOperation(_network);
        if (!udp.TryBind(_endpoint, port))
        {
            throw new SocketException((int)SocketError.AddressAlreadyInUse);
        }

        LocalEndPoint = new IPEndPoint(local.ToIPAddress(), _endpoint.Port);
    }

    /// <summary>Where it is bound.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Sends a datagram. It never waits: what the device cannot take is lost, as datagrams may be.</summary>
    /// <param name="payload">Up to the path MTU less the headers: 28 bytes with IPv4, 48 with IPv6.</param>
    /// <param name="remote">To whom, of either family; a link-local address with its scope id, unless there is one interface only.</param>
    /// <exception cref="SocketException">MessageSize, NetworkUnreachable, NetworkDown, NoBufferSpaceAvailable.</exception>
    public void SendTo(ReadOnlySpan<byte> payload, IPEndPoint remote)
    {
        IpAddress address = EndPoints.Remote(remote, out int scope);
        using (_network.Enter())
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            SocketError error = _network.IsDown ? SocketError.NetworkDown : _udp.Send(_endpoint, address, scope, (ushort)remote.Port, payload);
            if (error != SocketError.Success)
            {
                throw new SocketException((int)error);
            }
        }
    }

    /// <inheritdoc cref="SendTo"/>
    public ValueTask SendToAsync(ReadOnlyMemory<byte> payload, IPEndPoint remote)
    {
        SendTo(payload.Span, remote);
        return default;
    }

    /// <summary>Receives a datagram.</summary>
    /// <param name="buffer">Receives it; what does not fit is lost.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SocketException">An ICMP error about an earlier datagram (ConnectionRefused, HostUnreachable), NetworkDown, OperationAborted.</exception>
    public async ValueTask<UdpDatagram> ReceiveFromAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using (_network.Enter())
            {
                _receiving.ThrowIfUsed();
                if (_disposed)
                {
                    throw new SocketException((int)SocketError.OperationAborted);
                }

                if (TryReceiveCore(buffer.Span, out UdpDatagram datagram))
                {
                    return datagram;
                }

                SocketError error = _endpoint.TakeError();
                if (error != SocketError.Success)
                {
                    throw new SocketException((int)error);
                }

                _receiving.Start(cancellationToken);
            }

            await _receiving.AsVoidValueTask().ConfigureAwait(false);
        }
    }

    /// <summary>Receives a datagram if one waits.</summary>
    /// <param name="buffer">Receives it.</param>
    /// <param name="datagram">What it is.</param>
    public bool TryReceiveFrom(Span<byte> buffer, out UdpDatagram datagram)
    {
        using (_network.Enter())
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return TryReceiveCore(buffer, out datagram);
        }
    }

    /// <summary>Closes the socket and drops what waits in it.</summary>
    public void Dispose()
    {
        using (_network.Enter())
        {
            if (!_disposed)
            {
                _disposed = true;
                _udp.Unbind(_endpoint);
                LeaveAllGroups();
                _receiving.Complete(0, SocketError.OperationAborted);
            }
        }
    }

    /// <inheritdoc/>
    void IUdpUser.Drop()
    {
        // It holds nothing but what waits.
    }

    /// <inheritdoc/>
    void IUdpUser.Signal() => _receiving.Complete(0, SocketError.Success);

    /// <inheritdoc/>
    void IUdpUser.Failed(in SentPacket packet, DeliveryFailure reason)
    {
        if (reason != DeliveryFailure.TooLong)
        {
            _endpoint.Fail(reason switch
            {
                DeliveryFailure.Refused => SocketError.ConnectionRefused,
                DeliveryFailure.NetworkUnreachable => SocketError.NetworkUnreachable,
                _ => SocketError.HostUnreachable,
            });
        }
    }

    private bool TryReceiveCore(Span<byte> buffer, out UdpDatagram datagram)
    {
        if (!_endpoint.Queue.TryDequeue(out DatagramIn waiting))
        {
            datagram = default;
            return false;
        }

        int length = Math.Min(waiting.Length, buffer.Length);
        waiting.Frame.CopyTo(waiting.Offset, buffer[..length]);
        waiting.Frame.Release();
        IPAddress address = waiting.Source.ToIPAddress(waiting.Scope);
        if (_lastRemote is null || _lastRemote.Port != waiting.SourcePort || !_lastRemote.Address.Equals(address))
        {
            _lastRemote = new IPEndPoint(address, waiting.SourcePort);
        }

        datagram = new UdpDatagram(length, length < waiting.Length, _lastRemote);
        return true;
    }
}
