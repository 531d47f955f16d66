using System.Buffers.Binary;
using System.Net.Sockets;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Transport.Udp;

/// <summary>UDP (RFC 768, RFC 1122 §4.1): who has which port, and what comes in.</summary>
internal sealed partial class UdpProtocol(StackContext context, IpLayer ip) : ITransportProtocol
{
    // RFC 6056 §3.2: as many as possible.
    private const int FirstEphemeralPort = 1024;

    private readonly PortTable<UdpEndpoint> _endpoints = new(SipHash.Create(context.Options.Seed).Compute("spread"u8));
    private readonly SipHash _ports = SipHash.Create(context.Options.Seed);
    private ulong _portsChosen;

    public StackContext Context => context;

    public IpLayer Ip => ip;

    public void Receive(ref IpPacket packet)
    {
        StackCounters counters = context.Counters;
        if (!UdpHeader.TryParse(packet.Head, packet.TransportLength, out UdpHeader header))
        {
            counters.Add(StackCounter.RxMalformed);
            return;
        }

        if (packet.IsGroup)
        {
            ReceiveFromGroup(ref packet, header);
            return;
        }

        if (_endpoints.Find(packet.Destination, header.DestinationPort, packet.Source, header.SourcePort, packet.Interface.Index) is not { } endpoint)
        {
            counters.Add(StackCounter.UdpNoSocket);
            if (context.Options.Shard?.OwnsUdp(header.DestinationPort) == false)
            {
                return; // fragments reach all shards: who does not own the port is silent
            }

            ip.Icmp.Errors.SendPortUnreachable(packet); // RFC 1122 §4.1.3.1
            return;
        }

        if (TryQueue(endpoint, packet, header))
        {
            packet.Frame.Frame = default; // its references are the queue's now
        }
    }

    public bool HasSent(in SentPacket packet) => Find(packet) is not null;

    public void PathMtuChanged(in SentPacket packet, int mtu) => Undeliverable(packet, DeliveryFailure.TooLong);

    // RFC 1122 §4.1.3.3: passed to the application that sent it.
    public void Undeliverable(in SentPacket packet, DeliveryFailure reason) => Find(packet)?.User.Failed(packet, reason);

    /// <summary>Takes a port; 0: any.</summary>
    /// <returns>False when it is in use.</returns>
    public bool TryBind(UdpEndpoint endpoint, ushort port)
    {
        if (port == 0)
        {
            uint offset = DrawPort();
            for (uint i = 0; i < 65536 - FirstEphemeralPort; i++)
            {
                port = (ushort)(FirstEphemeralPort + ((offset + i) % (65536 - FirstEphemeralPort)));
                if (!_endpoints.IsUsed(port) && context.Options.Shard?.OwnsUdp(port) != false)
                {
                    break;
                }
            }
        }

        endpoint.Port = port;
        return _endpoints.TryAdd(endpoint);
    }

    /// <summary>Gives the port back; what waits stays.</summary>
    public void Release(UdpEndpoint endpoint) => _endpoints.Remove(endpoint);

    /// <summary>Gives the port back.</summary>
    public void Unbind(UdpEndpoint endpoint)
    {
        _endpoints.Remove(endpoint);
        endpoint.Queue.Clear();
    }

    /// <summary>Ends everything.</summary>
    public void FailAll(SocketError error)
    {
        foreach (UdpEndpoint endpoint in _endpoints.All)
        {
            endpoint.Fail(error);
        }
    }

    /// <summary>Drops what waits in all queues.</summary>
    public void Clear()
    {
        foreach (UdpEndpoint endpoint in _endpoints.All)
        {
            endpoint.Queue.Clear();
            endpoint.User.Drop();
        }

        _endpoints.Clear();
    }

    // RFC 1122 §4.1.3.6, RFC 3376 §3.2: everybody on the port who wants it gets one of his own. Nobody is told when there is none.
    private void ReceiveFromGroup(ref IpPacket packet, in UdpHeader header)
    {
        bool isWanted = false;
        for (UdpEndpoint? endpoint = _endpoints.First(header.DestinationPort); endpoint is not null; endpoint = endpoint.NextOnPort)
        {
            if (!PortTable<UdpEndpoint>.Covers(endpoint, packet.Destination) || endpoint.Fit(packet.Source, header.SourcePort, packet.Interface.Index) < 0
                || (packet.Destination.IsMulticast && !endpoint.TakesFromGroup(packet.Destination, packet.Source, packet.Interface)))
            {
                continue;
            }

            isWanted = true;
            packet.Frame.Frame.AddReferences();
            if (!TryQueue(endpoint, packet, header))
            {
                Frame unwanted = packet.Frame.Frame;
                unwanted.Release();
            }
        }

        if (!isWanted)
        {
            context.Counters.Add(StackCounter.UdpNoSocket);
        }
    }

    private bool TryQueue(UdpEndpoint endpoint, in IpPacket packet, in UdpHeader header)
    {
        DatagramIn datagram = DatagramIn.From(packet);
        datagram.Offset = packet.TransportOffset + UdpHeader.HeaderLength;
        datagram.Length = header.Length - UdpHeader.HeaderLength;
        datagram.SourcePort = header.SourcePort;
        if (endpoint.StampsArrivals)
        {
            datagram.Arrival = context.Options.TimeProvider.GetUtcNow();
        }

        if (!endpoint.Queue.TryEnqueue(datagram))
        {
            context.Counters.Add(StackCounter.UdpQueueFull);
            return false;
        }

        context.Counters.Add(StackCounter.UdpReceived);
        endpoint.User.Signal();
        return true;
    }

    // The endpoint that may have sent a packet.
    private UdpEndpoint? Find(in SentPacket packet) => UdpHeader.TryParse(packet.Head, int.MaxValue, out UdpHeader header)
        ? _endpoints.Find(packet.Source, header.SourcePort, packet.Destination, header.DestinationPort, packet.Interface.Index) : null;

    // RFC 6056 §3.3.1, algorithm 1, with numbers that nobody can tell from random ones who has no key: whoever knows the ports of some sockets knows nothing of the next.
    private uint DrawPort()
    {
        Span<byte> input = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(input, ++_portsChosen);
        return (uint)(_ports.Compute(input) >> 33); // 31 bits: adding an attempt does not wrap
    }
}
