using System.Net.Sockets;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Transport.Udp;

/// <summary>UDP (RFC 768, RFC 1122 §4.1).</summary>
internal sealed class UdpProtocol(NetworkInterface networkInterface, IPv4Layer ip) : ITransportProtocol
{
    private const int FirstEphemeralPort = 49152;

    private readonly Dictionary<ushort, UdpEndpoint> _endpoints = [];
    private readonly Random _ports = networkInterface.Options.Seed is { } seed ? new Random((int)seed) : new Random();

    public NetworkInterface Interface => networkInterface;

    /// <summary>Largest payload that fits a packet; datagrams are not cut.</summary>
    public int MaximumPayload => networkInterface.MaximumTransmissionUnit - IPv4Header.MinimumLength - UdpHeader.HeaderLength;

    public void Receive(ref IPv4Packet packet)
    {
        StackCounters counters = networkInterface.Counters;
        if (!UdpHeader.TryParse(packet.Head, packet.TransportLength, out UdpHeader header))
        {
            counters.Add(StackCounter.RxMalformed);
            return;
        }

        if (!_endpoints.TryGetValue(header.DestinationPort, out UdpEndpoint? endpoint))
        {
            counters.Add(StackCounter.UdpNoSocket);
            ip.Icmp.SendUnreachable(packet, IcmpUnreachableCode.Port); // RFC 1122 §4.1.3.1
            return;
        }

        UdpDatagramIn datagram = new()
        {
            Frame = packet.Frame.Frame,
            Offset = packet.TransportOffset + UdpHeader.HeaderLength,
            Length = header.Length - UdpHeader.HeaderLength,
            Source = packet.Source,
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

    public void Undeliverable(IPv4Address destination, ReadOnlySpan<byte> head, DeliveryFailure reason)
    {
        // RFC 1122 §4.1.3.3: passed to the application that sent it.
        if (UdpHeader.TryParse(head, int.MaxValue, out UdpHeader header) && _endpoints.TryGetValue(header.SourcePort, out UdpEndpoint? endpoint))
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
            int offset = _ports.Next(65536 - FirstEphemeralPort);
            for (int i = 0; i < 65536 - FirstEphemeralPort; i++)
            {
                port = (ushort)(FirstEphemeralPort + ((offset + i) % (65536 - FirstEphemeralPort)));
                if (!_endpoints.ContainsKey(port))
                {
                    break;
                }
            }
        }

        endpoint.Port = port;
        return _endpoints.TryAdd(port, endpoint);
    }

    /// <summary>Gives the port back.</summary>
    public void Unbind(UdpEndpoint endpoint)
    {
        _endpoints.Remove(endpoint.Port);
        endpoint.Clear();
    }

    /// <summary>Sends a datagram.</summary>
    public SocketError Send(UdpEndpoint endpoint, IPv4Address destination, ushort port, ReadOnlySpan<byte> payload)
    {
        if (payload.Length > MaximumPayload)
        {
            return SocketError.MessageSize;
        }

        if (networkInterface.Packets.TryRent() is not { } buffer)
        {
            networkInterface.Counters.Add(StackCounter.TxQueueFull);
            return SocketError.NoBufferSpaceAvailable;
        }

        int offset = IPv4Layer.PayloadOffset;
        int length = UdpHeader.HeaderLength + payload.Length;
        ushort pseudo = InternetChecksum.Fold(InternetChecksum.PseudoHeader(networkInterface.Address, destination, IpProtocol.Udp, length));
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
        networkInterface.Counters.Add(StackCounter.UdpSent);
        return ip.Send(destination, IpProtocol.Udp, ref frame) ? SocketError.Success : SocketError.NetworkUnreachable;
    }

    /// <summary>Ends everything.</summary>
    public void FailAll(SocketError error)
    {
        foreach (UdpEndpoint endpoint in _endpoints.Values)
        {
            endpoint.Fail(error);
        }
    }

    /// <summary>Drops what waits in all queues.</summary>
    public void Clear()
    {
        foreach (UdpEndpoint endpoint in _endpoints.Values)
        {
            endpoint.Clear();
        }

        _endpoints.Clear();
    }
}
