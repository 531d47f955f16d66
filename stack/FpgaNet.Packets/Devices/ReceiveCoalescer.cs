using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Devices;

/// <summary>
/// Receive coalescing (GRO): in one batch from the device, consecutive TCP segments of a flow become one frame, which costs the stack as much as one segment. The payload
/// is not copied: the frame lists the segments' slices. Nothing is held beyond the batch, and nothing is lost by it: the merged frame says with how
/// many segments of what size it was made, and a segment joins only when it says nothing new but its bytes.
/// </summary>
/// <remarks>
/// A segment joins when both checksums are right; it begins where the frame ends; addresses, ports, type of service with its ECN bits, time to live,
/// Don't Fragment, IP options, tags, acknowledgement, window, urgent pointer and TCP options (time stamps among them) are the same bytes; its flags are the same but for
/// PSH and FIN, which end the frame, and are none of SYN, RST, URG and CWR; IPv4 identifications count up where RFC 6864 gives them a meaning; it is not
/// longer than the first (a shorter one ends the frame); and it is neither padded nor a fragment. That is what Linux's tcp_gro_receive asks for, and the window besides.
/// </remarks>
internal sealed class ReceiveCoalescer(ReceiveInspector inspector, HeaderBuffers buffers, OffloadStatistics work)
{
    private const int MaximumFlows = 8;
    private const TcpFlags Endings = TcpFlags.Psh | TcpFlags.Fin;
    private const TcpFlags Prohibited = TcpFlags.Syn | TcpFlags.Rst | TcpFlags.Urg | TcpFlags.Cwr;

    private readonly Flow[] _flows = new Flow[MaximumFlows];
    private int _count;
    private int _victim;

    // References that fell free by merging, given back together.
    private ReleaseBatch _headers;
    private ReleaseBatch _payloads;

    /// <summary>Completes what is known of a batch of frames and merges what may be merged.</summary>
    /// <param name="frames">The batch; the frames that are left move to its front.</param>
    /// <param name="features">What <see cref="ReceiveInspector.Inspect"/> is to find out.</param>
    /// <returns>Frames that are left.</returns>
    internal int Coalesce(Span<RxFrame> frames, OffloadFeatures features)
    {
        int kept = 0;
        for (int i = 0; i < frames.Length; i++)
        {
            if (TryJoin(frames, ref frames[i]))
            {
                continue;
            }

            ref RxFrame frame = ref frames[kept];
            if (kept != i)
            {
                frame = frames[i];
            }

            inspector.Inspect(frame.Frame, ref frame.Offload, features);
            if (frame.Offload.Network == NetworkProtocol.Unknown && frame.Frame.SliceCount != 0)
            {
                PacketParser.Parse(frame.Frame.Header.Span, frame.Frame.Length, ref frame.Offload); // who knows the checksums need not have said what it is
            }

            Begin(frames, kept++, mayBegin: i + 1 < frames.Length);
        }

        _count = 0;
        _headers.Flush();
        _payloads.Flush();
        return kept;
    }

    // Adds a segment to the frame that it continues. Whatever else of the same flow comes between two segments ends the frame: Begin sees to that.
    private bool TryJoin(Span<RxFrame> frames, ref RxFrame segment)
    {
        if (_count == 0 || segment.Frame.SliceCount == 0 || segment.Offload.CoalescedSegments > 1)
        {
            return false;
        }

        ReadOnlySpan<byte> headers = segment.Frame.Header.Span;
        for (int i = 0; i < _count; i++)
        {
            ref Flow flow = ref _flows[i];
            ref RxFrame target = ref frames[flow.Place];
            if (!flow.IsContinuedBy(headers, target.Frame.Header.Span) || !HaveSameTag(segment.Offload, target.Offload))
            {
                continue;
            }

            int payload = segment.Frame.Length - flow.HeaderLength;
            TcpFlags flags = (TcpFlags)headers[flow.TransportOffset + 13];
            if (payload <= 0 || payload > flow.SegmentSize || flow.PayloadLength(headers) != payload
                || target.Frame.Length + payload - flow.NetworkOffset > IPv4Header.MaximumPacketLength
                || ((flags ^ flow.Flags) & ~Endings) != TcpFlags.None
                || !IsGood(ref segment, flow, payload) || !TryAppend(ref flow, ref target, ref segment))
            {
                return false; // and Begin closes the flow
            }

            flow.Next += (uint)payload;
            flow.Identification++;
            target.Offload.CoalescedSegments++;
            flow.WriteHeaders(target.Frame.Header.Span, target.Frame.Length, flags & Endings);
            work.SegmentsCoalesced++;
            if (payload < flow.SegmentSize || (flags & Endings) != TcpFlags.None)
            {
                Close(i);
            }

            return true;
        }

        return false;
    }

    // A tag that is in the frames is among the bytes that must be the same.
    private static bool HaveSameTag(in RxOffload segment, in RxOffload target) =>
        segment.VlanStripped == target.VlanStripped && (!segment.VlanStripped || segment.VlanTag == target.VlanTag);

    // Most header fields are known to be the same as those of the first segment, whose sums are known: what is left is the fields that differ, and the payload.
    private bool IsGood(ref RxFrame segment, in Flow flow, int payload)
    {
        ReadOnlySpan<byte> headers = segment.Frame.Header.Span;
        if (flow.IsIPv4 && segment.Offload.NetworkChecksum == ChecksumVerdict.Unknown)
        {
            inspector.JudgeNetwork(InternetChecksum.Finish(flow.NetworkSum + flow.SumNetworkFields(headers)) == 0, ref segment.Offload);
        }

        if (segment.Offload.TransportChecksum == ChecksumVerdict.Unknown)
        {
            int length = flow.HeaderLength - flow.TransportOffset + payload;
            uint sum = flow.TransportSum + flow.SumTransportFields(headers) + (uint)length;
            inspector.JudgeTransport(FrameChecksum.Sum(segment.Frame, flow.HeaderLength, payload, sum), length, ref segment.Offload);
        }

        return segment.Offload.TransportChecksum == ChecksumVerdict.Good && (!flow.IsIPv4 || segment.Offload.NetworkChecksum == ChecksumVerdict.Good);
    }

    private bool TryAppend(ref Flow flow, ref RxFrame target, ref RxFrame segment)
    {
        if (target.Offload.CoalescedSegments <= 1 && !TryBecomeTarget(flow, ref target))
        {
            return false;
        }

        if (target.Frame.Capacity - target.Frame.SliceCount < segment.Frame.SliceCount)
        {
            if (target.Frame.Capacity > Frame.MaxSlices || buffers.TryRentList() is not { } list)
            {
                return false;
            }

            target.Frame.Extend(list);
        }

        AppendPayload(ref target.Frame, segment.Frame, flow.HeaderLength);
        segment.Frame.Forget();
        return true;
    }

    // The first segment's headers become the frame's. They will be changed, and whoever sent them may still look at them: copied.
    private bool TryBecomeTarget(in Flow flow, ref RxFrame target)
    {
        if (buffers.TryRent() is not { } buffer)
        {
            return false;
        }

        target.Frame.Header.Span[..flow.HeaderLength].CopyTo(buffer.Span);
        Frame merged = new(new BufferSlice(buffer, 0, flow.HeaderLength));
        AppendPayload(ref merged, target.Frame, flow.HeaderLength);
        target.Frame = merged;
        target.Offload.CoalescedSegments = 1;
        target.Offload.SegmentSize = flow.SegmentSize;
        return true;
    }

    private void AppendPayload(ref Frame target, in Frame segment, int headerLength)
    {
        for (int i = 0; i < segment.SliceCount; i++)
        {
            BufferSlice slice = segment[i];
            if (i == 0)
            {
                if (slice.Length == headerLength)
                {
                    _headers.Add(slice.Buffer);
                    continue;
                }

                slice = slice.Slice(headerLength, slice.Length - headerLength);
            }

            if (!target.Append(slice))
            {
                _payloads.Add(slice.Buffer);
            }
        }
    }

    // A frame that stands alone: does it end another, may others join it?
    private void Begin(Span<RxFrame> frames, int place, bool mayBegin)
    {
        ref RxFrame frame = ref frames[place];
        if (frame.Offload.Fragment || (frame.Offload.Transport == TransportProtocol.Unknown && frame.Offload.Network != NetworkProtocol.Arp))
        {
            _count = 0; // it may belong to any flow
            return;
        }

        if (frame.Offload.Transport != TransportProtocol.Tcp)
        {
            return;
        }

        ReadOnlySpan<byte> headers = frame.Frame.Header.Span;
        for (int i = _count - 1; i >= 0; i--)
        {
            if (_flows[i].IsSameFlow(frames[_flows[i].Place].Frame.Header.Span, headers, frame.Offload))
            {
                Close(i);
            }
        }

        if (mayBegin && Flow.TryBegin(frame, place, out Flow flow))
        {
            if (_count < MaximumFlows)
            {
                _flows[_count++] = flow;
                return;
            }

            _flows[_victim] = flow;
            _victim = (_victim + 1) % MaximumFlows;
        }
    }

    private void Close(int index) => _flows[index] = _flows[--_count];

    /// <summary>A frame that further segments may join: where it is, and what the next one must be.</summary>
    private struct Flow
    {
        public int Place;
        public bool IsIPv4;
        public bool HasIdentification;
        public byte NetworkOffset;
        public byte TransportOffset;
        public ushort HeaderLength;
        public ushort SegmentSize;
        public ushort Identification;
        public TcpFlags Flags;
        public uint Next;

        /// <summary>Sums of what all segments have in common: of the IPv4 header, and of TCP's header and pseudo-header without the length.</summary>
        public uint NetworkSum;
        public uint TransportSum;

        // Ones where a segment's headers must be those of the first.
        private HeaderMask _mask;

        private readonly int LengthOffset => NetworkOffset + (IsIPv4 ? 2 : 4);

        public static bool TryBegin(in RxFrame frame, int place, out Flow flow)
        {
            ref readonly RxOffload offload = ref frame.Offload;
            ReadOnlySpan<byte> headers = frame.Frame.Header.Span;
            flow = new Flow
            {
                Place = place,
                IsIPv4 = offload.Network == NetworkProtocol.IPv4,
                NetworkOffset = offload.NetworkOffset,
                TransportOffset = offload.TransportOffset,
            };
            if (offload.TransportChecksum != ChecksumVerdict.Good || (flow.IsIPv4 && offload.NetworkChecksum != ChecksumVerdict.Good)
                || offload.CoalescedSegments > 1 || frame.Frame.SliceCount > Frame.MaxSlices || !TcpHeader.TryParse(headers[flow.TransportOffset..], out TcpHeader tcp))
            {
                return false;
            }

            int headerLength = flow.TransportOffset + tcp.HeaderLength;
            int payload = frame.Frame.Length - headerLength;
            if (headerLength > HeaderBuffers.HeaderSize || headers.Length < headerLength || payload <= 0
                || (tcp.Flags & (Prohibited | Endings | TcpFlags.Ack)) != TcpFlags.Ack)
            {
                return false;
            }

            flow.HeaderLength = (ushort)headerLength;
            flow.SegmentSize = (ushort)payload;
            flow.Flags = tcp.Flags;
            flow.Next = tcp.SequenceNumber + (uint)payload;
            ReadOnlySpan<byte> network = headers[flow.NetworkOffset..];
            flow.HasIdentification = flow.IsIPv4 && (network[6] & 0x40) == 0; // RFC 6864 §4.1: with Don't Fragment set it means nothing
            flow.Identification = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(network[4..]) + 1);
            if (flow.PayloadLength(headers) != payload)
            {
                return false;
            }

            flow.Prepare(headers[..headerLength]);
            return true;
        }

        private void Prepare(ReadOnlySpan<byte> headers)
        {
            Span<byte> mask = _mask;
            mask[..HeaderLength].Fill(0xFF);
            mask.Slice(LengthOffset, 2).Clear();
            if (IsIPv4)
            {
                mask.Slice(NetworkOffset + 4, 2).Clear(); // identification
                mask.Slice(NetworkOffset + IPv4Header.ChecksumOffset, 2).Clear();
            }

            mask.Slice(TransportOffset + 4, 4).Clear(); // sequence number
            mask[TransportOffset + 13] = 0; // flags
            mask.Slice(TransportOffset + TcpHeader.ChecksumOffset, 2).Clear();

            // A complement is what is added to take away (RFC 1071 §1).
            ReadOnlySpan<byte> packet = headers[NetworkOffset..];
            ReadOnlySpan<byte> addresses = IsIPv4 ? packet.Slice(12, 2 * IPv4Address.Length) : packet.Slice(8, 2 * IPv6Address.Length);
            NetworkSum = IsIPv4 ? InternetChecksum.Sum(packet[..(TransportOffset - NetworkOffset)]) + (ushort)~InternetChecksum.Fold(SumNetworkFields(headers)) : 0;
            TransportSum = InternetChecksum.Sum(addresses, (uint)IpProtocol.Tcp);
            TransportSum = InternetChecksum.Sum(headers[TransportOffset..], TransportSum) + (ushort)~InternetChecksum.Fold(SumTransportFields(headers));
        }

        /// <summary>Sum of the fields of the IPv4 header in which segments differ.</summary>
        public readonly uint SumNetworkFields(ReadOnlySpan<byte> headers)
        {
            ReadOnlySpan<byte> network = headers[NetworkOffset..];
            return (uint)BinaryPrimitives.ReadUInt16BigEndian(network[2..]) + BinaryPrimitives.ReadUInt16BigEndian(network[4..])
                + BinaryPrimitives.ReadUInt16BigEndian(network[IPv4Header.ChecksumOffset..]);
        }

        /// <summary>Sum of the fields of the TCP header in which segments differ.</summary>
        public readonly uint SumTransportFields(ReadOnlySpan<byte> headers)
        {
            ReadOnlySpan<byte> transport = headers[TransportOffset..];
            uint sequence = BinaryPrimitives.ReadUInt32BigEndian(transport[4..]);
            return (sequence >> 16) + (sequence & 0xFFFF) + BinaryPrimitives.ReadUInt16BigEndian(transport[12..])
                + BinaryPrimitives.ReadUInt16BigEndian(transport[TcpHeader.ChecksumOffset..]);
        }

        /// <summary>Bytes of payload that the network header speaks of.</summary>
        public readonly int PayloadLength(ReadOnlySpan<byte> headers) =>
            BinaryPrimitives.ReadUInt16BigEndian(headers[LengthOffset..]) + (IsIPv4 ? 0 : IPv6Header.Length) + NetworkOffset - HeaderLength;

        /// <summary>The next segment of the stream, and all its header fields the same that must be.</summary>
        public readonly bool IsContinuedBy(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> own)
        {
            if (headers.Length < HeaderLength || BinaryPrimitives.ReadUInt32BigEndian(headers[(TransportOffset + 4)..]) != Next
                || (HasIdentification && BinaryPrimitives.ReadUInt16BigEndian(headers[(NetworkOffset + 4)..]) != Identification))
            {
                return false;
            }

            ref byte one = ref MemoryMarshal.GetReference(headers);
            ref byte other = ref MemoryMarshal.GetReference(own[..HeaderLength]);
            ref byte mask = ref Unsafe.As<HeaderMask, byte>(ref Unsafe.AsRef(in _mask));
            Vector128<byte> difference = default;
            for (nuint i = 0; i + (nuint)Vector128<byte>.Count < HeaderLength; i += (nuint)Vector128<byte>.Count)
            {
                difference |= (Vector128.LoadUnsafe(ref one, i) ^ Vector128.LoadUnsafe(ref other, i)) & Vector128.LoadUnsafe(ref mask, i);
            }

            // The last ones overlap those before: headers are 54 bytes at least.
            nuint last = (nuint)(HeaderLength - Vector128<byte>.Count);
            difference |= (Vector128.LoadUnsafe(ref one, last) ^ Vector128.LoadUnsafe(ref other, last)) & Vector128.LoadUnsafe(ref mask, last);
            return difference == Vector128<byte>.Zero;
        }

        /// <summary>Addresses and ports are the same, wherever they stand.</summary>
        public readonly bool IsSameFlow(ReadOnlySpan<byte> own, ReadOnlySpan<byte> headers, in RxOffload offload)
        {
            int addresses = IsIPv4 ? 12 : 8;
            int length = IsIPv4 ? 2 * IPv4Address.Length : 2 * IPv6Address.Length;
            return IsIPv4 == (offload.Network == NetworkProtocol.IPv4)
                && headers.Length >= offload.TransportOffset + 4
                && headers.Slice(offload.TransportOffset, 4).SequenceEqual(own.Slice(TransportOffset, 4))
                && headers.Slice(offload.NetworkOffset + addresses, length).SequenceEqual(own.Slice(NetworkOffset + addresses, length));
        }

        /// <summary>Brings the merged frame's headers up to date; its transport checksum stays as it is, since the verdict stands for it.</summary>
        public readonly void WriteHeaders(Span<byte> headers, int frameLength, TcpFlags endings)
        {
            headers[TransportOffset + 13] |= (byte)endings;
            Span<byte> length = headers.Slice(LengthOffset, 2);
            ushort before = BinaryPrimitives.ReadUInt16BigEndian(length);
            ushort after = (ushort)(frameLength - NetworkOffset - (IsIPv4 ? 0 : IPv6Header.Length));
            BinaryPrimitives.WriteUInt16BigEndian(length, after);
            if (IsIPv4)
            {
                Span<byte> checksum = headers.Slice(NetworkOffset + IPv4Header.ChecksumOffset, 2);
                BinaryPrimitives.WriteUInt16BigEndian(
                    checksum, InternetChecksum.Update(BinaryPrimitives.ReadUInt16BigEndian(checksum), before, after));
            }
        }
    }

    [InlineArray(HeaderBuffers.HeaderSize)]
    private struct HeaderMask
    {
        private byte _first;
    }

    /// <summary>References on one buffer after another, each given back in one operation.</summary>
    private struct ReleaseBatch
    {
        private PacketBuffer _buffer;
        private int _count;

        public void Add(PacketBuffer buffer)
        {
            if (_count != 0 && buffer != _buffer)
            {
                Flush();
            }

            _buffer = buffer;
            _count++;
        }

        public void Flush()
        {
            if (_count != 0)
            {
                _buffer.Release(_count);
                _count = 0;
            }
        }
    }
}
