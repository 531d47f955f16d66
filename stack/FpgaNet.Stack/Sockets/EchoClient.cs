using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Sockets;

/// <summary>The answer to an echo request.</summary>
/// <param name="Address">Who answered.</param>
/// <param name="Length">Bytes of echo data.</param>
/// <param name="RoundTrip">From request to answer.</param>
public readonly record struct EchoReply(IPAddress Address, int Length, TimeSpan RoundTrip);

/// <summary>Asks hosts for echoes (RFC 792, RFC 4443 §4), one at a time.</summary>
public sealed class EchoClient : IEchoUser, IDisposable
{
    private readonly StackContext _network;
    private readonly IpLayer _ip;
    private readonly ushort _identifier;
    private readonly SocketOperation _waiting;
    private readonly StackTimer _timer;
    private ushort _sequence;
    private Instant _sentAt;
    private TimeSpan _roundTrip;
    private IpAddress _from;
    private int _scope;

    // Under the lock.
    internal EchoClient(StackContext network, IpLayer ip)
    {
        _network = network;
        _ip = ip;
        _waiting = new SocketOperation(network);
        _timer = new StackTimer(network.Timers, () => _waiting.Complete(0, SocketError.TimedOut));
        do
        {
            _identifier++;
        }
        while (!ip.Icmp.Echo.TryRegister(_identifier, this));
    }

    /// <summary>Asks for an echo and waits for it.</summary>
    /// <param name="address">Whom, of either family.</param>
    /// <param name="length">Bytes of data to be echoed, 0 to what fits a datagram: 65507 with IPv4, 65527 with IPv6. What is longer than the path carries goes in fragments.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SocketException">TimedOut, HostUnreachable, NetworkUnreachable, ConnectionRefused (forbidden), NetworkDown, NoBufferSpaceAvailable.</exception>
    public async ValueTask<EchoReply> PingAsync(IPAddress address, int length, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        IpAddress to = EndPoints.Remote(address, out int scope);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        cancellationToken.ThrowIfCancellationRequested();
        using (_network.Enter())
        {
            _waiting.ThrowIfUsed();
            if (_network.IsDown)
            {
                throw new SocketException((int)SocketError.NetworkDown);
            }

            Destination destination = _ip.Find(to, scope: scope) ?? throw new SocketException((int)SocketError.NetworkUnreachable);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(length, destination.MaximumPayload - IcmpHeader.Length);
            BufferPool pool = length <= destination.Interface.Packets.BufferSize ? destination.Interface.Packets : _network.LongPackets;
            if (pool.TryRent() is not { } buffer)
            {
                throw new SocketException((int)SocketError.NoBufferSpaceAvailable);
            }

            for (int i = 0; i < length; i++)
            {
                buffer.Span[i] = (byte)i;
            }

            _sequence++;
            _sentAt = _network.Now;
            _timer.Set(_network.Now + timeout);
            _waiting.Start(cancellationToken);
            if (_ip.Icmp.Echo.Send(destination, _identifier, _sequence, new BufferSlice(buffer, 0, length)) is { } failure)
            {
                ((IEchoUser)this).Failed(_sequence, failure);
            }
        }

        int received = await _waiting.AsValueTask().ConfigureAwait(false);
        return new EchoReply(_from.ToIPAddress(_scope), received, _roundTrip);
    }

    /// <summary>Gives the identifier back and ends a wait.</summary>
    public void Dispose()
    {
        using (_network.Enter())
        {
            _ip.Icmp.Echo.Unregister(_identifier);
            _timer.Remove();
            _waiting.Complete(0, SocketError.OperationAborted);
        }
    }

    /// <inheritdoc/>
    void IEchoUser.Replied(ushort sequenceNumber, IpAddress from, int scope, int bytes)
    {
        if (sequenceNumber == _sequence && _waiting.IsPending)
        {
            _timer.Stop();
            _from = from;
            _scope = scope;
            _roundTrip = _network.Now - _sentAt;
            _waiting.Complete(bytes, SocketError.Success);
        }
    }

    /// <inheritdoc/>
    void IEchoUser.Failed(ushort sequenceNumber, DeliveryFailure reason)
    {
        if (sequenceNumber == _sequence)
        {
            _timer.Stop();
            _waiting.Complete(0, reason switch
            {
                DeliveryFailure.Refused => SocketError.ConnectionRefused,
                DeliveryFailure.NetworkUnreachable => SocketError.NetworkUnreachable,
                _ => SocketError.HostUnreachable,
            });
        }
    }
}
