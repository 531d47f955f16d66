using System.Buffers.Binary;
using System.Net.Sockets;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Transport.Udp;

/// <summary>UDP (RFC 768, RFC 1122 §4.1).</summary>
internal sealed class UdpProtocol(StackContext context, IpLayer ip) : ITransportProtocol
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

        if (packet.Destination.IsMulticast && !endpoint.TakesFromGroup(packet.Destination, packet.Source, packet.Interface))
        {
            counters.Add(StackCounter.UdpNoSocket);
            return;
        }

        UdpDatagramIn datagram = new()
        {
            Frame = packet.Frame.Frame,
            Offset = packet.TransportOffset + UdpHeader.HeaderLength,
            Length = header.Length - UdpHeader.HeaderLength,
            Source = packet.Source,
            Scope = packet.Scope,
            SourcePort = header.SourcePort,
        };
        if (endpoint.TryEnqueue(datagram))
        {
            counters.Add(StackCounter.UdpReceived);
            packet.Frame.Frame = default; // its references are the queue's now
        }
        else
        {
            counters.Add(StackCounter.UdpQueueFull);
        }
    }

    public bool HasSent(in SentPacket packet) => Find(packet) is not null;

    public void PathMtuChanged(in SentPacket packet, int mtu)
    {
        // The next datagram that is too long goes in fragments; nobody has to know.
    }

    public void Undeliverable(in SentPacket packet, DeliveryFailure reason)
    {
        // RFC 1122 §4.1.3.3: passed to the application that sent it.
        if (Find(packet) is { } endpoint)
        {
            endpoint.Fail(reason switch
            {
                DeliveryFailure.Refused => SocketError.ConnectionRefused,
                DeliveryFailure.NetworkUnreachable => SocketError.NetworkUnreachable,
                _ => SocketError.HostUnreachable,
            });
        }
    }

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

    // RFC 6056 §3.3.1, algorithm 1, with numbers that nobody can tell from random ones who has no key: whoever knows the ports of some sockets knows nothing of the next.
    private uint DrawPort()
    {
        Span<byte> input = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(input, ++_portsChosen);
        return (uint)(_ports.Compute(input) >> 33); // 31 bits: adding an attempt does not wrap
    }

    /// <summary>Gives the port back.</summary>
    public void Unbind(UdpEndpoint endpoint)
    {
        _endpoints.Remove(endpoint);
        endpoint.Clear();
    }

    /// <summary>Sends a datagram.</summary>
    /// <param name="endpoint">From where.</param>
    /// <param name="address">To whom.</param>
    /// <param name="scope">Index of the interface to send through; 0: whichever suits.</param>
    /// <param name="port">To which port.</param>
    /// <param name="payload">The bytes.</param>
    public SocketError Send(UdpEndpoint endpoint, IpAddress address, int scope, ushort port, ReadOnlySpan<byte> payload)
    {
        if (endpoint.LocalAddress.IsIPv4 && !address.IsIPv4)
        {
            return SocketError.AddressFamilyNotSupported;
        }

        if (ip.Find(address, endpoint.LocalAddress, scope != 0 ? scope : endpoint.Interface) is not { } destination)
        {
            return SocketError.NetworkUnreachable;
        }

        int length = UdpHeader.HeaderLength + payload.Length;
        if (length > destination.MaximumPayload)
        {
            return SocketError.MessageSize;
        }

        int offset = destination.PayloadOffset;
        BufferPool pool = offset + length <= destination.Interface.Packets.BufferSize ? destination.Interface.Packets : context.LongPackets;
        if (pool.TryRent() is not { } buffer)
        {
            context.Counters.Add(StackCounter.TxQueueFull);
            return SocketError.NoBufferSpaceAvailable;
        }

        ushort pseudo = InternetChecksum.Fold(InternetChecksum.PseudoHeader(destination.Source, address, IpProtocol.Udp, length));
        UdpHeader.Write(buffer.Span[offset..], endpoint.Port, port, payload.Length, pseudo);
        payload.CopyTo(buffer.Span[(offset + UdpHeader.HeaderLength)..]);
        TxFrame frame = new()
        {
            Frame = new Frame(new BufferSlice(buffer, 0, offset + length)),
            Offload = new TxOffload
            {
                Checksum = true,
                ChecksumZeroAsOnes = true,
                ChecksumStart = (ushort)offset,
                ChecksumOffset = UdpHeader.ChecksumOffset,
                NetworkOffset = EthernetHeader.Length,
                HeaderLength = (ushort)(offset + UdpHeader.HeaderLength),
            },
        };
        context.Counters.Add(StackCounter.UdpSent);
        return ip.Send(destination, IpProtocol.Udp, trafficClass: 0, ref frame, destination.IsGroup ? endpoint.MulticastHopLimit : (byte)0)
            ? SocketError.Success
            : SocketError.NetworkUnreachable;
    }

    // The endpoint that may have sent a packet.
    private UdpEndpoint? Find(in SentPacket packet) => UdpHeader.TryParse(packet.Head, int.MaxValue, out UdpHeader header)
        ? _endpoints.Find(packet.Source, header.SourcePort, packet.Destination, header.DestinationPort, packet.Interface.Index) : null;

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
            endpoint.Clear();
        }

        _endpoints.Clear();
    }
}
