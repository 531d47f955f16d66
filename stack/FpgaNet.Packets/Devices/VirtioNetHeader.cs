using System.Runtime.InteropServices;
using FpgaNet.Packets.Offload;

namespace FpgaNet.Packets.Devices;

/// <summary>
/// struct virtio_net_hdr (virtio 1.2 §5.1.6, without num_buffers; fields little endian as this host's), which stands before every frame on a TAP opened with
/// IFF_VNET_HDR, and its meaning in terms of the offload contract.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = Length)]
internal struct VirtioNetHeader
{
    public const int Length = 10;

    private const byte NeedsChecksum = 1;
    private const byte DataValid = 2;
    private const byte GsoTcp4 = 1;
    private const byte GsoTcp6 = 4;
    private const byte GsoUdp = 5; // VIRTIO_NET_HDR_GSO_UDP_L4
    private const byte GsoEcn = 0x80;

    // RFC 9293 §3.1 and RFC 3168 §6.1: CWR is the top bit of the flags octet, 13 into the TCP header.
    private const int TcpFlagsOffset = 13;
    private const byte TcpCwr = 0x80;

    private byte _flags;
    private byte _segmentation;
    private ushort _headerLength;
    private ushort _segmentSize;
    private ushort _checksumStart;
    private ushort _checksumOffset;

    /// <summary>Writes the header of a frame on its way to the kernel.</summary>
    public static VirtioNetHeader For(in TxOffload offload, ReadOnlySpan<byte> headers)
    {
        VirtioNetHeader header = default;
        if (offload.Checksum)
        {
            header._flags = NeedsChecksum;
            header._checksumStart = offload.ChecksumStart;
            header._checksumOffset = offload.ChecksumOffset;
        }

        if (offload.Segmentation != Segmentation.None)
        {
            header._segmentation = offload.Segmentation switch
            {
                Segmentation.Tcp4 => GsoTcp4,
                Segmentation.Tcp6 => GsoTcp6,
                _ => GsoUdp,
            };
            header._segmentSize = offload.MaximumSegmentSize;
            header._headerLength = offload.HeaderLength;

            // CWR belongs to the first segment only, and the kernel must be told that it is there.
            int flags = offload.ChecksumStart + TcpFlagsOffset;
            if (header._segmentation != GsoUdp && flags < headers.Length && (headers[flags] & TcpCwr) != 0)
            {
                header._segmentation |= GsoEcn;
            }
        }

        return header;
    }

    /// <summary>What the kernel says of a frame that it sends us.</summary>
    /// <param name="frameLength">Bytes of the frame.</param>
    public readonly RxOffload Read(int frameLength)
    {
        RxOffload offload = default;

        // A checksum that the kernel left to "the card" was never at risk: the peer is this very machine, which vouches for it.
        if ((_flags & (NeedsChecksum | DataValid)) != 0)
        {
            offload.TransportChecksum = ChecksumVerdict.Good;
        }

        if (_segmentation != 0 && _segmentSize != 0)
        {
            offload.CoalescedSegments = (ushort)((Math.Max(frameLength - _headerLength, 0) + _segmentSize - 1) / _segmentSize);
            offload.SegmentSize = _segmentSize;
        }

        return offload;
    }
}
