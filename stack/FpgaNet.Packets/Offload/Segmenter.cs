using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Offload;

/// <summary>
/// Cuts one large frame into packets, one at a time, so that the work can stop where the device is full and go on later. Every packet gets a header buffer of
/// its own with the frame's headers, brought up to date; the payload is not copied but referred to. What is changed (as Linux's GSO and
/// network cards do): IPv4 total length, identification (counted up) and header checksum; IPv6 payload length; UDP length; TCP sequence
/// number; FIN and PSH stay in the last segment only (RFC 9293 §3.10), CWR in the first only (RFC 3168 §6.1.2); the partial
/// checksum is that of the new length.
/// </summary>
internal sealed class Segmenter
{
    private readonly HeaderBuffers _buffers;
    private readonly OffloadStatistics _work;

    private Frame _frame;
    private TxOffload _offload;
    private TxOffload _owed;
    private bool _tag;
    private int _position;
    private int _slice;
    private int _sliceOffset;
    private ushort _index;

    // The fields that change, as they stand in the frame's headers.
    private ushort _networkLength;
    private ushort _identification;
    private ushort _networkChecksum;
    private uint _pseudoWithoutLength;
    private uint _sequenceNumber;

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
    /// <param name="insertTag">The 802.1Q tag that is owed is inserted too; else it stays owed by every segment.</param>
    internal void Begin(in Frame frame, in TxOffload offload, bool insertTag)
    {
        _frame = frame;
        _offload = offload;
        _tag = insertTag && offload.InsertVlan;
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

        ReadOnlySpan<byte> headers = frame.Header.Span;
        ReadOnlySpan<byte> network = headers[offload.NetworkOffset..];
        ReadOnlySpan<byte> transport = headers[offload.ChecksumStart..];
        if (IsIPv4)
        {
            _networkLength = BinaryPrimitives.ReadUInt16BigEndian(network[2..]);
            _identification = BinaryPrimitives.ReadUInt16BigEndian(network[4..]);
            _networkChecksum = BinaryPrimitives.ReadUInt16BigEndian(network[IPv4Header.ChecksumOffset..]);
        }

        ushort transportLength = (ushort)(frame.Length - offload.ChecksumStart);
        _pseudoWithoutLength = BinaryPrimitives.ReadUInt16BigEndian(transport[offload.ChecksumOffset..]) + (uint)(ushort)~transportLength;
        _sequenceNumber = IsTcp ? BinaryPrimitives.ReadUInt32BigEndian(transport[4..]) : 0;
        _work.FramesSegmented++;
    }

    /// <summary>Makes the next segment. After the last one the frame is released and <see cref="IsActive"/> is false.</summary>
    /// <param name="segment">Receives the segment; its references pass to the caller.</param>
    /// <param name="owed">What is still owed to it: its checksum, which the frame owed, and the tag, when it is not inserted here.</param>
    /// <returns>False when no buffer is free: try again later.</returns>
    internal bool TryNext(out Frame segment, out TxOffload owed)
    {
        owed = _owed;
        int count = Math.Min(_offload.MaximumSegmentSize, _frame.Length - _position);
        if (_buffers.TryRent() is not { } buffer)
        {
            segment = default;
            return false;
        }

        segment = new Frame(new BufferSlice(buffer, 0, _owed.HeaderLength));
        if (!TryAddPayload(ref segment, count))
        {
            segment.Release();
            return false;
        }

        bool last = _position + count == _frame.Length;
        WriteHeaders(buffer.Span[.._owed.HeaderLength], count, last);
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
        _frame.Release();
        IsActive = false;
    }

    private void WriteHeaders(Span<byte> headers, int count, bool last)
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
        if (IsTcp)
        {
            BinaryPrimitives.WriteUInt32BigEndian(transport[4..], _sequenceNumber + (uint)(_position - _offload.HeaderLength));
            TcpFlags cleared = (last ? TcpFlags.None : TcpFlags.Fin | TcpFlags.Psh) | (_index == 0 ? TcpFlags.None : TcpFlags.Cwr);
            transport[13] &= (byte)~cleared;
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(transport[4..], (ushort)transportLength);
        }

        BinaryPrimitives.WriteUInt16BigEndian(
            transport[_offload.ChecksumOffset..], InternetChecksum.Fold(_pseudoWithoutLength + (uint)transportLength));
    }

    private bool TryAddPayload(ref Frame segment, int count)
    {
        int slice = _slice;
        int offset = _sliceOffset;
        int left = count;
        while (left > 0)
        {
            BufferSlice source = _frame[slice];
            int taken = Math.Min(source.Length - offset, left);
            if (taken > 0)
            {
                if (segment.SliceCount == Frame.MaxSlices)
                {
                    return TryGatherPayload(ref segment, count);
                }

                source.AddReference();
                segment.Add(source.Slice(offset, taken));
            }

            left -= taken;
            offset += taken;
            if (offset == source.Length && slice + 1 < _frame.SliceCount)
            {
                slice++;
                offset = 0;
            }
        }

        _slice = slice;
        _sliceOffset = offset;
        return true;
    }

    // The payload lies in four slices: with its header that is one more than a frame holds.
    private bool TryGatherPayload(ref Frame segment, int count)
    {
        if (_buffers.TryRentGather() is not { } gather)
        {
            return false;
        }

        _frame.CopyTo(_position, gather.Span[..count]);
        BufferSlice header = segment.Header;
        header.AddReference();
        segment.Release();
        segment = new Frame(header);
        segment.Add(new BufferSlice(gather, 0, count));
        _work.PayloadsCopied++;

        // On to where the payload ends.
        _slice = 0;
        _sliceOffset = _position + count;
        while (_sliceOffset >= _frame[_slice].Length && _slice + 1 < _frame.SliceCount)
        {
            _sliceOffset -= _frame[_slice++].Length;
        }

        return true;
    }
}
