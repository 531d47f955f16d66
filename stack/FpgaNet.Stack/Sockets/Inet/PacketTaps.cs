using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Transport;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>All packet sockets of a stack, to which its frames are shown (packet(7)). The network layer knows of it only while there is one.</summary>
internal sealed class PacketTaps(StackContext net) : IFrameObserver
{
    private readonly List<PacketSocket> _sockets = [];

    public StackContext Context => net;

    /// <summary>Whose frame is being sent: he does not get it back.</summary>
    public PacketSocket? Sender { get; set; }

    public void Add(PacketSocket socket)
    {
        _sockets.Add(socket);
        net.FrameObserver = this;
    }

    public void Remove(PacketSocket socket)
    {
        _sockets.Remove(socket);
        if (_sockets.Count == 0)
        {
            net.FrameObserver = null;
        }
    }

    /// <summary>Drops all that waits.</summary>
    public void Clear()
    {
        foreach (PacketSocket socket in _sockets)
        {
            socket.Drop();
        }
    }

    /// <inheritdoc/>
    public void Received(NetworkInterface network, in RxFrame frame)
    {
        ReadOnlySpan<byte> bytes = frame.Frame.SliceCount == 0 ? default : frame.Frame.Header.Span;
        if (!EthernetHeader.TryParse(bytes, out EthernetHeader header))
        {
            return;
        }

        MacAddress to = header.Destination;
        byte kind = to == MacAddress.Broadcast ? PACKET_BROADCAST : to.IsMulticast ? PACKET_MULTICAST : to == network.Device.MacAddress ? PACKET_HOST : PACKET_OTHERHOST;
        Show(network, new DatagramIn { Frame = frame.Frame, PacketKind = kind, DeviceTime = frame.Offload.Timestamp }, (ushort)header.EtherType);
    }

    /// <inheritdoc/>
    public void Sent(NetworkInterface network, in TxFrame frame)
    {
        if (EthernetHeader.TryParse(frame.Frame.Header.Span, out EthernetHeader header))
        {
            Show(network, new DatagramIn { Frame = frame.Frame, PacketKind = PACKET_OUTGOING }, (ushort)header.EtherType);
        }
    }

    private void Show(NetworkInterface network, DatagramIn datagram, ushort type)
    {
        datagram.Interface = network.Index;
        datagram.SourcePort = type;
        foreach (PacketSocket socket in _sockets)
        {
            if (socket != Sender && socket.Wants(network, type, datagram.PacketKind))
            {
                socket.Take(datagram);
            }
        }
    }
}
