using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Transport;
using FpgaNet.Stack.Transport.Udp;

namespace FpgaNet.Stack.Dhcp;

/// <summary>
/// The clients' UDP port, which the clients of all interfaces share. What goes to everybody is put together here, since it must be possible without an address and without
/// a route (RFC 2131 §4.1).
/// </summary>
internal sealed class DhcpPort : IUdpUser
{
    private readonly UdpProtocol _udp;
    private readonly UdpEndpoint _endpoint;
    private readonly List<DhcpClient> _clients = [];
    private readonly byte[] _message = new byte[DhcpProtocol.MaximumMessageLength];

    public DhcpPort(UdpProtocol udp)
    {
        _udp = udp;
        _endpoint = new UdpEndpoint(this) { LocalAddress = IpAddress.IPv4Any };
    }

    public StackContext Context => _udp.Context;

    public IpLayer Ip => _udp.Ip;

    /// <summary>Adds a client, under the lock.</summary>
    /// <returns>False when somebody else uses the port, or the interface has a client.</returns>
    public bool TryAdd(DhcpClient client)
    {
        _clients.Find(other => other.Network == client.Network && other.IsLeaving)?.Withdraw();
        if (_clients.Exists(other => other.Network == client.Network) || (_clients.Count == 0 && !_udp.TryBind(_endpoint, DhcpProtocol.ClientPort)))
        {
            return false;
        }

        _clients.Add(client);
        return true;
    }

    /// <summary>Takes a client away, under the lock.</summary>
    public void Remove(DhcpClient client)
    {
        if (_clients.Remove(client) && _clients.Count == 0)
        {
            _udp.Unbind(_endpoint);
        }
    }

    /// <summary>Sends to one server.</summary>
    public void SendTo(NetworkInterface network, IPv4Address server, ReadOnlySpan<byte> message) =>
        _udp.Send(_endpoint, server, network.Index, DhcpProtocol.ServerPort, message); // what cannot be sent is asked again later

    /// <summary>Sends to all on the link.</summary>
    public static void Broadcast(NetworkInterface network, IPv4Address source, ReadOnlySpan<byte> message)
    {
        if (network.Packets.TryRent() is not { } buffer)
        {
            network.Context.Counters.Add(StackCounter.TxQueueFull);
            return;
        }

        const int IpOffset = EthernetHeader.Length;
        const int UdpOffset = IpOffset + IPv4Header.MinimumLength;
        int length = UdpHeader.HeaderLength + message.Length;
        EthernetHeader.Write(buffer.Span, MacAddress.Broadcast, network.Device.MacAddress, EtherType.IPv4);
        IPv4Header.Write(buffer.Span[IpOffset..], new IPv4Fields
        {
            Source = source,
            Destination = IPv4Address.Broadcast,
            Protocol = IpProtocol.Udp,
            PayloadLength = length,
            TimeToLive = network.Context.Options.TimeToLive,
        });
        uint pseudo = InternetChecksum.PseudoHeader(source, IPv4Address.Broadcast, IpProtocol.Udp, length);
        UdpHeader.Write(buffer.Span[UdpOffset..], DhcpProtocol.ClientPort, DhcpProtocol.ServerPort, message.Length, InternetChecksum.Fold(pseudo));
        message.CopyTo(buffer.Span[(UdpOffset + UdpHeader.HeaderLength)..]);
        TxFrame frame = new()
        {
            Frame = new Frame(new BufferSlice(buffer, 0, UdpOffset + length)),
            Offload = new TxOffload
            {
                Checksum = true,
                ChecksumZeroAsOnes = true,
                ChecksumStart = UdpOffset,
                ChecksumOffset = UdpHeader.ChecksumOffset,
                NetworkOffset = IpOffset,
                HeaderLength = UdpOffset + UdpHeader.HeaderLength,
            },
        };
        network.Context.Counters.Add(StackCounter.UdpSent);
        network.Output.Enqueue(ref frame);
    }

    /// <inheritdoc/>
    void IUdpUser.Failed(in SentPacket packet, DeliveryFailure reason)
    {
        // A server that is not there: the others are asked in time.
    }

    /// <inheritdoc/>
    void IUdpUser.Drop()
    {
        // It holds nothing but what waits.
    }

    /// <inheritdoc/>
    void IUdpUser.Signal()
    {
        while (_endpoint.Queue.TryDequeue(out DatagramIn datagram))
        {
            int length = Math.Min(datagram.Length, _message.Length);
            datagram.Frame.CopyTo(datagram.Offset, _message.AsSpan(0, length));
            datagram.Frame.Release();
            for (int i = 0; i < _clients.Count && datagram.SourcePort == DhcpProtocol.ServerPort && !_clients[i].Receive(_message.AsSpan(0, length)); i++)
            {
            }
        }
    }
}
