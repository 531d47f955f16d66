using System.Net.Sockets;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Transport.Udp;

/// <summary>What goes out.</summary>
internal sealed partial class UdpProtocol
{
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

        SocketError error = TryMake(endpoint.Port, destination, port, payload.Length, out TxFrame frame, out Span<byte> room);
        if (error != SocketError.Success)
        {
            return error;
        }

        payload.CopyTo(room);
        return ip.Send(destination, IpProtocol.Udp, trafficClass: 0, ref frame, destination.IsGroup ? endpoint.MulticastHopLimit : (byte)0)
            ? SocketError.Success
            : SocketError.NetworkUnreachable;
    }

    /// <summary>Makes a datagram; the caller writes its payload and hands it to <see cref="IpLayer"/>.</summary>
    /// <param name="localPort">From which port.</param>
    /// <param name="destination">To whom.</param>
    /// <param name="port">To which port.</param>
    /// <param name="length">Bytes of payload.</param>
    /// <param name="frame">Receives the datagram.</param>
    /// <param name="payload">Receives where the payload goes.</param>
    /// <returns>MessageSize, NoBufferSpaceAvailable.</returns>
    public SocketError TryMake(ushort localPort, Destination destination, ushort port, int length, out TxFrame frame, out Span<byte> payload)
    {
        frame = default;
        payload = default;
        int transport = UdpHeader.HeaderLength + length;
        if (transport > destination.MaximumPayload)
        {
            return SocketError.MessageSize;
        }

        int offset = destination.PayloadOffset;
        BufferPool pool = offset + transport <= destination.Interface.Packets.BufferSize ? destination.Interface.Packets : context.LongPackets;
        if (pool.TryRent() is not { } buffer)
        {
            context.Counters.Add(StackCounter.TxQueueFull);
            return SocketError.NoBufferSpaceAvailable;
        }

        Span<byte> bytes = buffer.Span.Slice(offset, transport);
        ushort pseudo = InternetChecksum.Fold(InternetChecksum.PseudoHeader(destination.Source, destination.Address, IpProtocol.Udp, transport));
        UdpHeader.Write(bytes, localPort, port, length, pseudo);
        payload = bytes[UdpHeader.HeaderLength..];
        frame.Frame = new Frame(new BufferSlice(buffer, 0, offset + transport));
        frame.Offload = new TxOffload
        {
            Checksum = true,
            ChecksumZeroAsOnes = true,
            ChecksumStart = (ushort)offset,
            ChecksumOffset = UdpHeader.ChecksumOffset,
            NetworkOffset = EthernetHeader.Length,
            HeaderLength = (ushort)(offset + UdpHeader.HeaderLength),
        };
        context.Counters.Add(StackCounter.UdpSent);
        return SocketError.Success;
    }
}
