using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Offload;

/// <summary>Whether what a <see cref="TxOffload"/> asks for makes sense.</summary>
internal static class TransmitDebt
{
    /// <summary>All offsets lie inside the frame, and, where it is to be cut, its headers are what the offload says.</summary>
    internal static bool IsSound(in Frame frame, in TxOffload offload)
    {
        if (frame.SliceCount is 0 or > Frame.MaxSlices || frame.Length < EthernetHeader.Length)
        {
            return false;
        }

        if (offload.InsertVlan && frame.Header.Length < EthernetHeader.Length)
        {
            return false;
        }

        if (offload.Checksum
            && (offload.ChecksumStart < EthernetHeader.Length || offload.ChecksumStart + offload.ChecksumOffset + 2 > frame.Header.Length))
        {
            return false;
        }

        return offload.Segmentation == Segmentation.None || CanBeCut(frame.Header.Span, frame.Length, offload);
    }

    private static bool CanBeCut(ReadOnlySpan<byte> headers, int frameLength, in TxOffload offload)
    {
        int network = offload.NetworkOffset;
        int transport = offload.ChecksumStart;
        if (!offload.Checksum || offload.Segmentation > Segmentation.Udp6 || offload.MaximumSegmentSize == 0
            || network < EthernetHeader.Length || transport < network || offload.HeaderLength > headers.Length
            || offload.HeaderLength > HeaderBuffers.HeaderSize - VlanTag.Length || frameLength - network > IPv4Header.MaximumPacketLength)
        {
            return false;
        }

        if (offload.Segmentation is Segmentation.Tcp4 or Segmentation.Udp4)
        {
            if (transport - network < IPv4Header.MinimumLength || headers[network] != (0x40 | (transport - network) >> 2) || ((transport - network) & 3) != 0)
            {
                return false;
            }
        }
        else if (transport - network < IPv6Header.Length || headers[network] >> 4 != 6)
        {
            return false;
        }

        int headerLength = offload.HeaderLength - transport;
        return offload.Segmentation is Segmentation.Tcp4 or Segmentation.Tcp6
            ? offload.ChecksumOffset == TcpHeader.ChecksumOffset && headerLength >= TcpHeader.MinimumLength && (headers[transport + 12] >> 4) * 4 == headerLength
            : offload.ChecksumOffset == UdpHeader.ChecksumOffset && headerLength == UdpHeader.HeaderLength;
    }
}
