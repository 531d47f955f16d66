using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;

namespace FpgaNet.Driver;

/// <summary>
/// The contract of <see cref="INetworkDevice.Transmit"/>: a frame that owes what is not enabled, that is no Ethernet frame of this link, or that was merged on
/// receive of more slices than a descriptor lists, is taken, dropped and counted.
/// </summary>
internal static class TransmitRules
{
    private const int HeaderLength = FpgaNic.HeaderLength;
    private const int TagLength = FpgaNic.TagLength;

    public static void Drop(in TxFrame frame)
    {
        Frame bytes = frame.Frame;
        bytes.Release();
    }

    public static int DropAll(ReadOnlySpan<TxFrame> frames, ref ulong counter)
    {
        foreach (ref readonly TxFrame frame in frames)
        {
            Drop(frame);
        }

        counter += (ulong)frames.Length;
        return frames.Length;
    }

    public static bool IsRefused(in TxFrame frame, OffloadFeatures enabled, in DeviceCapabilities capabilities, DriverCounters counters)
    {
        if ((frame.Offload.RequiredFeatures() & ~enabled) != OffloadFeatures.None)
        {
            counters.TxRefusedOffload++;
            return true;
        }

        if (!IsLengthRight(frame, capabilities))
        {
            counters.TxRefusedLength++;
            return true;
        }

        if (frame.Frame.SliceCount > Frame.MaxSlices)
        {
            counters.TxRefusedSlices++;
            return true;
        }

        return false;
    }

    private static bool IsLengthRight(in TxFrame frame, in DeviceCapabilities capabilities)
    {
        ref readonly TxOffload offload = ref frame.Offload;
        int length = frame.Frame.Length;
        if (offload.Segmentation != Segmentation.None)
        {
            // The card looks at the headers themselves. It knows offsets of 8 bits.
            if (length > capabilities.MaximumSegmentationSize || offload.HeaderLength > Math.Min(length, byte.MaxValue) || offload.NetworkOffset > offload.HeaderLength)
            {
                return false;
            }

            length = offload.HeaderLength + Math.Min(offload.MaximumSegmentSize, length - offload.HeaderLength);
        }

        // A tag comes on top of a longest packet, in the frame or by the card.
        int longest = capabilities.MaximumTransmissionUnit + HeaderLength;
        return length >= HeaderLength && (length <= longest || (length <= longest + TagLength && !offload.InsertVlan && IsTagged(frame)));
    }

    private static bool IsTagged(in TxFrame frame)
    {
        // IEEE 802.1Q §9: tag protocol identifiers of a C-tag and an S-tag, behind the addresses.
        Span<byte> header = frame.Frame.Header.Span;
        return header.Length >= HeaderLength && BinaryPrimitives.ReadUInt16BigEndian(header[12..]) is 0x8100 or 0x88A8;
    }
}
