using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Offload;

/// <summary>
/// Cuts one large frame into packets, one at a time, so that the work can stop where the device is full and go on later. Every packet gets headers of
/// its own, brought up to date, which lie one behind the other in a slab; the payload is not copied but referred to. What is changed (as Linux's GSO and
/// network cards do): IPv4 total length, identification (counted up) and header checksum; IPv6 payload length; UDP length; TCP sequence
/// number; FIN and PSH stay in the last segment only (RFC 9293 §3.10), CWR in the first only (RFC 3168 §6.1.2); the partial
/// checksum is that of the new length, or the whole one where the CPU has to pay it.
/// </summary>
/// <remarks>
/// References on slabs and payload are taken for all segments at once, and the sum of the header fields that do not change is computed once: what is left for each
/// segment is one copy of the headers, a dozen stores and the sum of its payload (benchmark suite "tcp").
/// </remarks>
internal sealed class Segmenter
{
    private readonly HeaderBuffers _buffers;
    private readonly OffloadStatistics _work;

    private Frame _frame;
    private TxOffload _offload;
    private TxOffload _owed;
    private bool _tag;
    private bool _pays;
    private int _position;
    private int _slice;
    private int _sliceOffset;
    private ushort _index;

    // Where the next headers go; references taken but not yet handed out, on the slab and on the payload's buffer at hand.
    private PacketBuffer _slab;
    private int _slabOffset;
    private int _slabReferences;
    private int _sliceReferences;

    // The fields that change, as they stand in the frame's headers, and the sum of those that do not.
    private ushort _networkLength;
    private ushort _identification;
    private ushort _networkChecksum;
    private uint _pseudoWithoutLength;
    private uint _sequenceNumber;
    private uint _constantSum;

    internal Segmenter(HeaderBuffers buffers, OffloadStatistics work)
    {
        _buffers = buffers;
        _work = work;
    }

    /// <summary>A frame is being cut.</summary>
    internal bool IsActive { get; private set; }

    private bool IsTcp => _offload.Segmentation is Segmentation.Tcp4 or Segmentation.Tcp6;

    private bool IsIPv4 => _offload.Segmentation is Segmentation.Tcp4 or Segmentation.Udp4;

    /// <summary>Begins with a frame, taking over its references.</summary>
    /// <param name="frame">A frame that <see cref="TransmitDebt.IsSound"/>.</param>
    /// <param name="offload">What is owed to it.</param>
    /// <param name="paid">Of that, what is done here: with <see cref="OffloadFeatures.TxVlanInsert"/> the tag is inserted, with
    /// <see cref="OffloadFeatures.TxChecksum"/> the checksum computed; else every segment owes it.</param>
    internal void Begin(in Frame frame, in TxOffload offload, OffloadFeatures paid)
    {
        _frame = frame;
        _offload = offload;
        _tag = offload.InsertVlan && (paid & OffloadFeatures.TxVlanInsert) != OffloadFeatures.None;
        _pays = (paid & OffloadFeatures.TxChecksum) != OffloadFeatures.None;
        IsActive = true;
        _position = offload.HeaderLength;
        _slice = 0;
        _sliceOffset = offload.HeaderLength;
        _index = 0;

        _owed = offload;
        _owed.Segmentation = Segmentation.None;
        _owed.MaximumSegmentSize = 0;
        if (_tag)
        {
            _owed.InsertVlan = false;
            _owed.VlanTag = 0;
            _owed.ChecksumStart += VlanTag.Length;
            _owed.NetworkOffset += VlanTag.Length;
            _owed.HeaderLength += VlanTag.Length;
        }

        if (_pays)
        {
            _owed.Checksum = false;
            _owed.ChecksumZeroAsOnes = false;
        }

        ReadFields(frame.Header.Span[..offload.HeaderLength]);
        _work.FramesSegmented++;
    }

    /// <summary>Makes the next segment. After the last one the frame is released and <see cref="IsActive"/> is false.</summary>
    /// <param name="segment">Receives the segment; its references pass to the caller.</param>
    /// <param name="owed">Receives what is still owed to it: its checksum and the tag, unless they are paid here.</param>
    /// <returns>False when no buffer is free: try again later.</returns>
    internal bool TryNext(ref Frame segment, ref TxOffload owed)
    {
        int count = Math.Min(_offload.MaximumSegmentSize, _frame.Length - _position);
        PacketBuffer gather = default;
        if (!HasSlab() || (_frame[_slice].Length - _sliceOffset < count && !TryGather(count, ref gather)))
        {
            return false;
        }

        BufferSlice headers = new(_slab, _slabOffset, _owed.HeaderLength);
        _slabOffset += Stride;
        _slabReferences--;
        segment = new Frame(headers);
        owed = _owed;
        uint sum = TakePayload(ref segment, count, gather);
        bool last = _position + count == _frame.Length;
        owed.LaunchTime = _index == 0 ? owed.LaunchTime : 0;
        owed.TimestampId = last ? owed.TimestampId : (ushort)0;
        WriteHeaders(headers.Span, count, last, sum);
        _position += count;
        _index++;
        _work.SegmentsMade++;
        _work.VlanTagsInserted += _tag ? 1UL : 0UL;
        if (last)
        {
            Abandon();
        }

        return true;
    }

    /// <summary>Gives up what is left of the frame.</summary>
    internal void Abandon()
    {
        if (_slabReferences > 0)
        {
            _slab.Release(_slabReferences);
            _slabReferences = 0;
        }

        if (_sliceReferences > 0)
        {
            _frame[_slice].Buffer.Release(_sliceReferences);
            _sliceReferences = 0;
        }

        _frame.Release();
        IsActive = false;
    }

    // Each segment's headers begin at a multiple of 16 bytes.
    private int Stride => (_owed.HeaderLength + 15) & ~15;

    private void ReadFields(ReadOnlySpan<byte> headers)
    {
        ReadOnlySpan<byte> network = headers[_offload.NetworkOffset..];
        ReadOnlySpan<byte> transport = headers[_offload.ChecksumStart..];
        if (IsIPv4)
        {
            _networkLength = BinaryPrimitives.ReadUInt16BigEndian(network[2..]);
            _identification = BinaryPrimitives.ReadUInt16BigEndian(network[4..]);
            _networkChecksum = BinaryPrimitives.ReadUInt16BigEndian(network[IPv4Header.ChecksumOffset..]);
        }

        ushort transportLength = (ushort)(_frame.Length - _offload.ChecksumStart);
        _pseudoWithoutLength = BinaryPrimitives.ReadUInt16BigEndian(transport[_offload.ChecksumOffset..]) + (uint)(ushort)~transportLength;
        _constantSum = InternetChecksum.Sum(transport[..4]); // ports
        if (IsTcp)
        {
            // All but the sequence number, the flags and the checksum.
            _sequenceNumber = BinaryPrimitives.ReadUInt32BigEndian(transport[4..]);
            _constantSum = InternetChecksum.Sum(transport[8..12], _constantSum);
            _constantSum = InternetChecksum.Sum(transport[14..16], _constantSum);
            _constantSum = InternetChecksum.Sum(transport[18..], _constantSum);
        }
    }

    private bool HasSlab()
    {
        if (_slabReferences > 0)
        {
            return true;
        }

        if (_buffers.TryRentSlab() is not { } slab)
        {
            return false;
        }

        int segments = Math.Max((_frame.Length - _position + _offload.MaximumSegmentSize - 1) / _offload.MaximumSegmentSize, 1); // one, too, without payload
        _slab = slab;
        _slabOffset = 0;
        _slabReferences = Math.Min(segments, HeaderBuffers.SlabSize / Stride);
        slab.AddReferences(_slabReferences - 1);
        return true;
    }

    // The segment's payload goes over the end of a slice. With its headers it may lie in more slices than a frame holds; then it has to be copied.
    private bool TryGather(int count, ref PacketBuffer gather)
    {
        int slices = 1;
        for (int i = _slice, left = count + _sliceOffset; i < _frame.SliceCount && left > 0; i++)
        {
            left -= _frame[i].Length;
            slices += _frame[i].Length == 0 ? 0 : 1;
        }

        if (slices <= Frame.MaxSlices)
        {
            return true;
        }

        if (_buffers.TryRentGather() is not { } buffer)
        {
            return false;
        }

        gather = buffer;
        _work.PayloadsCopied++;
        return true;
    }

    // Adds the payload by reference, or copies it where there is a buffer for that; returns its sum when the checksum is paid here.
    private uint TakePayload(ref Frame segment, int count, PacketBuffer gather)
    {
        uint sum = 0;
        bool odd = false;
        int left = count;
        while (left > 0)
        {
            BufferSlice source = _frame[_slice];
            int taken = Math.Min(source.Length - _sliceOffset, left);
            if (taken > 0)
            {
                TakeReferences(source, count - left);
                BufferSlice part = source.Slice(_sliceOffset, taken);
                if (_pays)
                {
                    uint partial = InternetChecksum.Sum(part.Span);
                    sum += odd ? InternetChecksum.SwapForOddOffset(partial) : partial;
                    odd ^= (taken & 1) != 0;
                }

                if (gather.IsNone)
                {
                    segment.Add(part);
                }
                else
                {
                    part.Span.CopyTo(gather.Span[(count - left)..]);
                    part.Release();
                }
            }

            left -= taken;
            _sliceOffset += taken;
            if (_sliceOffset == source.Length && _slice + 1 < _frame.SliceCount)
            {
                _slice++;
                _sliceOffset = 0;
            }
        }

        if (!gather.IsNone)
        {
            segment.Add(new BufferSlice(gather, 0, count));
        }

        return sum;
    }

    // A segment takes one reference on a slice's buffer. When the first one does, those for all segments that have a part of the rest are taken.
    private void TakeReferences(BufferSlice source, int before)
    {
        if (_sliceReferences == 0)
        {
            int mss = _offload.MaximumSegmentSize;
            _sliceReferences = (before + source.Length - _sliceOffset + mss - 1) / mss;
            source.Buffer.AddReferences(_sliceReferences);
        }

        _sliceReferences--;
    }

    private void WriteHeaders(Span<byte> headers, int count, bool last, uint payloadSum)
    {
        HeaderCopy.Write(_frame.Header.Span[.._offload.HeaderLength], headers, _tag ? _offload.VlanTag : null);
        Span<byte> network = headers[_owed.NetworkOffset..];
        Span<byte> transport = headers[_owed.ChecksumStart..];
        int networkLength = headers.Length - _owed.NetworkOffset + count;
        if (IsIPv4)
        {
            ushort identification = (ushort)(_identification + _index);
            ushort checksum = InternetChecksum.Update(_networkChecksum, _networkLength, (ushort)networkLength);
            BinaryPrimitives.WriteUInt16BigEndian(network[2..], (ushort)networkLength);
            BinaryPrimitives.WriteUInt16BigEndian(network[4..], identification);
            BinaryPrimitives.WriteUInt16BigEndian(
                network[IPv4Header.ChecksumOffset..], InternetChecksum.Update(checksum, _identification, identification));
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(network[4..], (ushort)(networkLength - IPv6Header.Length));
        }

        int transportLength = transport.Length + count;
        uint changed;
        if (IsTcp)
        {
            uint sequence = _sequenceNumber + (uint)(_position - _offload.HeaderLength);
            BinaryPrimitives.WriteUInt32BigEndian(transport[4..], sequence);
            TcpFlags cleared = (last ? TcpFlags.None : TcpFlags.Fin | TcpFlags.Psh) | (_index == 0 ? TcpFlags.None : TcpFlags.Cwr);
            transport[13] &= (byte)~cleared;
            changed = (sequence >> 16) + (sequence & 0xFFFF) + BinaryPrimitives.ReadUInt16BigEndian(transport[12..]);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(transport[4..], (ushort)transportLength);
            changed = (uint)transportLength;
        }

        uint pseudo = _pseudoWithoutLength + (uint)transportLength;
        ushort sum = InternetChecksum.Fold(pseudo);
        if (_pays)
        {
            sum = InternetChecksum.Finish(pseudo + _constantSum + changed + payloadSum);
            sum = sum == 0 && _offload.ChecksumZeroAsOnes ? (ushort)0xFFFF : sum;
            _work.ChecksumsComputed++;
            _work.BytesSummed += (ulong)transportLength;
        }

        BinaryPrimitives.WriteUInt16BigEndian(transport[_offload.ChecksumOffset..], sum);
    }
}
