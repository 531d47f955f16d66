using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Devices;

// The way out. Frames that need work are made ready into _pending and go down from there in batches; as long as anything is pending, nothing
// else may go down, so order is kept.
public sealed partial class SoftwareOffload
{
    private const int PendingCapacity = 64;

    private readonly TxFrame[] _pending = new TxFrame[PendingCapacity];
    private int _pendingHead;
    private int _pendingTail;

    // What the frame at hand has to have done here, and whether the last attempt ended because no buffer was free.
    private OffloadFeatures _unpaid;
    private bool _starved;

    // What ArmWake has to know: the last Transmit took fewer frames than offered; the inner device did so the last time it was asked.
    private bool _cameShort;
    private bool _innerCameShort;

    private bool HasPending => _pendingTail != _pendingHead || _segmenter.IsActive;

    /// <inheritdoc/>
    public int Transmit(ReadOnlySpan<TxFrame> frames)
    {
        _starved = false;
        int taken = TakeAll(frames);
        _cameShort = taken < frames.Length;
        return taken;
    }

    private int TakeAll(ReadOnlySpan<TxFrame> frames)
    {
        if (HasPending && !Drain())
        {
            return 0;
        }

        OffloadFeatures inner = _inner.EnabledFeatures;
        int taken = 0;
        while (taken < frames.Length)
        {
            int run = CountReady(frames[taken..], inner);
            if (run > 0)
            {
                if (HasPending && !Drain())
                {
                    return taken;
                }

                int sent = SendDown(frames.Slice(taken, run));
                taken += sent;
                if (sent < run)
                {
                    return taken;
                }

                continue;
            }

            if ((_segmenter.IsActive || _pendingTail == PendingCapacity) && !Drain())
            {
                return taken;
            }

            if (!TryTake(frames[taken], inner))
            {
                Drain();
                _starved = true;
                return taken;
            }

            taken++;
        }

        if (HasPending)
        {
            Drain();
        }

        return taken;
    }

    // How many frames at the front may go down as they are.
    private int CountReady(ReadOnlySpan<TxFrame> frames, OffloadFeatures inner)
    {
        int count = 0;
        while (count < frames.Length && IsReady(frames[count], inner))
        {
            count++;
        }

        return count;
    }

    private bool IsReady(in TxFrame frame, OffloadFeatures inner)
    {
        OffloadFeatures owed = frame.Offload.RequiredFeatures();
        return (owed == OffloadFeatures.None && frame.Offload.Segmentation == Segmentation.None)
            || ((owed & ~(inner & _enabled)) == OffloadFeatures.None
                && (frame.Offload.Segmentation == Segmentation.None || frame.Frame.Length <= _inner.Capabilities.MaximumSegmentationSize)
                && TransmitDebt.IsSound(frame.Frame, frame.Offload));
    }

    // Takes a frame that needs work, or that has to be refused. False: no buffer is free, and the frame stays the caller's.
    private bool TryTake(in TxFrame frame, OffloadFeatures inner)
    {
        OffloadFeatures owed = frame.Offload.RequiredFeatures();
        // What is switched off, and what is owed to the wire's own time, cannot be paid here.
        if ((owed & (~_enabled | (OffloadFeatures.Timed & ~inner))) != OffloadFeatures.None || !TransmitDebt.IsSound(frame.Frame, frame.Offload) || IsTooLong(frame))
        {
            Refuse(frame.Frame);
            return true;
        }

        _unpaid = owed & ~inner;
        if (frame.Offload.Segmentation != Segmentation.None)
        {
            _segmenter.Begin(frame.Frame, frame.Offload, _unpaid);
            return true;
        }

        ref TxFrame ready = ref _pending[_pendingTail];
        ready = frame;
        if (!TryOwnHeader(ref ready))
        {
            return false;
        }

        if ((_unpaid & OffloadFeatures.TxChecksum) != OffloadFeatures.None)
        {
            PayChecksum(ref ready);
        }

        _pendingTail++;
        return true;
    }

    private bool IsTooLong(in TxFrame frame)
    {
        ref readonly TxOffload offload = ref frame.Offload;
        int packet = frame.Frame.Length - EthernetHeader.Length;
        if (offload.Segmentation != Segmentation.None)
        {
            int payload = Math.Min(offload.MaximumSegmentSize, frame.Frame.Length - offload.HeaderLength);
            packet = offload.HeaderLength - offload.NetworkOffset + payload;
        }

        // A frame may carry tags of its own on top of the MTU.
        return packet > Capabilities.MaximumTransmissionUnit + (offload.Segmentation == Segmentation.None ? PacketParser.MaximumTags * VlanTag.Length : 0);
    }

    private void Refuse(Frame frame)
    {
        frame.Release();
        Work.TransmitRefused++;
    }

    // Makes segments and hands pending frames down. True: nothing is left.
    private bool Drain()
    {
        while (true)
        {
            while (_segmenter.IsActive && _pendingTail < PendingCapacity)
            {
                ref TxFrame next = ref _pending[_pendingTail];
                if (!_segmenter.TryNext(ref next.Frame, ref next.Offload))
                {
                    break;
                }

                _pendingTail++;
            }

            _starved = _pendingTail == _pendingHead && _segmenter.IsActive;
            if (_pendingTail == _pendingHead)
            {
                return !_segmenter.IsActive;
            }

            _pendingHead += SendDown(_pending.AsSpan(_pendingHead, _pendingTail - _pendingHead));
            if (_pendingHead < _pendingTail)
            {
                return false;
            }

            _pendingHead = 0;
            _pendingTail = 0;
        }
    }

    private int SendDown(ReadOnlySpan<TxFrame> frames)
    {
        int sent = _inner.Transmit(frames);
        _innerCameShort = sent < frames.Length;
        return sent;
    }

    private void PayChecksum(ref TxFrame frame)
    {
        ref TxOffload offload = ref frame.Offload;
        int length = frame.Frame.Length - offload.ChecksumStart;
        ushort checksum = InternetChecksum.Finish(FrameChecksum.Sum(frame.Frame, offload.ChecksumStart, length));
        checksum = checksum == 0 && offload.ChecksumZeroAsOnes ? (ushort)0xFFFF : checksum;
        BinaryPrimitives.WriteUInt16BigEndian(frame.Frame.Header.Span[(offload.ChecksumStart + offload.ChecksumOffset)..], checksum);
        offload.Checksum = false;
        offload.ChecksumZeroAsOnes = false;
        Work.ChecksumsComputed++;
        Work.BytesSummed += (ulong)length;
    }

    // Sees to it that the front of the frame may be written, and puts the tag in where that is owed. The headers are copied when somebody else holds
    // them or a tag needs room; what lies behind them in the same slice stays where it is.
    private bool TryOwnHeader(ref TxFrame frame)
    {
        bool tag = (_unpaid & OffloadFeatures.TxVlanInsert) != OffloadFeatures.None;
        BufferSlice header = frame.Frame.Header;
        if (!tag && header.Buffer.References == 1)
        {
            return true;
        }

        int needed = frame.Offload.Checksum ? frame.Offload.ChecksumStart + frame.Offload.ChecksumOffset + 2 : EthernetHeader.Length;
        int taken = Math.Min(header.Length, HeaderBuffers.HeaderSize - VlanTag.Length);
        bool whole = needed > taken || (taken < header.Length && frame.Frame.SliceCount == Frame.MaxSlices);
        taken = whole ? header.Length : taken;
        if ((whole ? _buffers.TryRentGather() : _buffers.TryRent()) is not { } buffer)
        {
            return false;
        }

        int length = taken + (tag ? VlanTag.Length : 0);
        HeaderCopy.Write(header.Span[..taken], buffer.Span[..length], tag ? frame.Offload.VlanTag : null);
        Frame copy = new(new BufferSlice(buffer, 0, length));
        if (taken < header.Length)
        {
            copy.Add(header.Slice(taken, header.Length - taken));
        }
        else
        {
            header.Release();
        }

        for (int i = 1; i < frame.Frame.SliceCount; i++)
        {
            copy.Add(frame.Frame[i]);
        }

        frame.Frame = copy;
        Work.HeadersCopied++;
        if (tag)
        {
            ref TxOffload offload = ref frame.Offload;
            offload.ChecksumStart += (ushort)(offload.Checksum ? VlanTag.Length : 0);
            offload.NetworkOffset += (ushort)(offload.NetworkOffset != 0 ? VlanTag.Length : 0);
            offload.HeaderLength += (ushort)(offload.HeaderLength != 0 ? VlanTag.Length : 0);
            offload.InsertVlan = false;
            offload.VlanTag = 0;
            Work.VlanTagsInserted++;
        }

        return true;
    }

    private void ReleasePending()
    {
        foreach (ref TxFrame frame in _pending.AsSpan(_pendingHead, _pendingTail - _pendingHead))
        {
            frame.Frame.Release();
        }

        _pendingHead = 0;
        _pendingTail = 0;
        if (_segmenter.IsActive)
        {
            _segmenter.Abandon();
        }
    }
}
