using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;

namespace FpgaNet.Driver;

// Frames on their way out: what is refused, what is queued, and what the card reports of it.
public sealed partial class FpgaNic
{
    // The last Transmit took fewer frames than it was offered: whoever arms a wake waits for room too.
    private bool _txShort;

    /// <inheritdoc/>
    public int Transmit(ReadOnlySpan<TxFrame> frames)
    {
        if (_phase != Phase.Running && !Recover())
        {
            return _phase == Phase.Failed ? DropAll(frames, ref _counters.TxFailed) : 0;
        }

        if (!_linkUp)
        {
            CheckHealth();
            if (!_linkUp && _phase == Phase.Running)
            {
                return DropAll(frames, ref _counters.TxNoCarrier);
            }
        }

        ReapTransmit();
        bool added = false;
        int taken = 0;
        while (taken < frames.Length && _phase == Phase.Running)
        {
            ref readonly TxFrame frame = ref frames[taken];
            if (IsRefused(frame))
            {
                Drop(frame);
            }
            else if (_queue.TryAdd(frame))
            {
                added = true;
                _counters.TxFrames++;
                _counters.TxBytes += (ulong)frame.Frame.Length;
            }
            else
            {
                break;
            }

            taken++;
        }

        _txShort = taken < frames.Length;
        if (added)
        {
            _queue.Post();
        }

        CheckHealthSometimes();
        return taken;
    }

    private static void Drop(in TxFrame frame)
    {
        Frame bytes = frame.Frame;
        bytes.Release();
    }

    private static int DropAll(ReadOnlySpan<TxFrame> frames, ref ulong counter)
    {
        foreach (ref readonly TxFrame frame in frames)
        {
            Drop(frame);
        }

        counter += (ulong)frames.Length;
        return frames.Length;
    }

    // The contract of INetworkDevice.Transmit: a frame that owes what is not enabled, that is no Ethernet frame of this
    // link, or that was merged on receive of more slices than a descriptor lists, is taken, dropped and counted.
    private bool IsRefused(in TxFrame frame)
    {
        if ((frame.Offload.RequiredFeatures() & ~_enabledFeatures) != OffloadFeatures.None)
        {
            _counters.TxRefusedOffload++;
            return true;
        }

        if (!IsLengthRight(frame))
        {
            _counters.TxRefusedLength++;
            return true;
        }

        if (frame.Frame.SliceCount > Frame.MaxSlices)
        {
            _counters.TxRefusedSlices++;
            return true;
        }

        return false;
    }

    private bool IsLengthRight(in TxFrame frame)
    {
        ref readonly TxOffload offload = ref frame.Offload;
        int length = frame.Frame.Length;
        if (offload.Segmentation != Segmentation.None)
        {
            // The card looks at the headers themselves. It knows offsets of 8 bits.
            if (length > Capabilities.MaximumSegmentationSize || offload.HeaderLength > Math.Min(length, byte.MaxValue) || offload.NetworkOffset > offload.HeaderLength)
            {
                return false;
            }

            length = offload.HeaderLength + Math.Min(offload.MaximumSegmentSize, length - offload.HeaderLength);
        }

        // A tag comes on top of a longest packet, in the frame or by the card.
        int longest = Capabilities.MaximumTransmissionUnit + HeaderLength;
        return length >= HeaderLength && (length <= longest || (length <= longest + TagLength && !offload.InsertVlan && IsTagged(frame)));
    }

    private static bool IsTagged(in TxFrame frame)
    {
        // IEEE 802.1Q §9: tag protocol identifiers of a C-tag and an S-tag, behind the addresses.
        Span<byte> header = frame.Frame.Header.Span;
        return header.Length >= HeaderLength && BinaryPrimitives.ReadUInt16BigEndian(header[12..]) is 0x8100 or 0x88A8;
    }

    private void ReapTransmit()
    {
        if (_queue.Reap() != 0)
        {
            _attempts = 0;
        }

        HasFault();
    }
}
