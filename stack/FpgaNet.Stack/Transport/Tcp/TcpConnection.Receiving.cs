using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>Data that arrives (RFC 9293 §3.10.7.4, seventh), what we offer (§3.8.6.2.2) and when we acknowledge (§3.8.6.3, RFC 5681 §4.2).</summary>
internal sealed partial class TcpConnection
{
    private const int DuplicateThreshold = 3; // RFC 5681 §3.2

    private readonly ReceiveQueue _receive;
    private ReassemblyQueue? _reassembly;
    private SackList _sackList;
    private SequenceNumber _rcvNext; // RCV.NXT
    private SequenceNumber _rcvEdge; // RCV.NXT + RCV.WND as last offered
    private SequenceNumber _lastAckSent;
    private int _receivedSegment; // the peer's full segment, as far as seen
    private bool _ackNow;
    private Instant _delayedAckDue = Instant.Never;

    private int ReceiveShift => _peerScales ? _receiveShift : 0;

    private void TakeData(ref TcpSegment segment)
    {
        if (_detached)
        {
            // RFC 9293 §3.6.1, MUST-13 note: data for an application that is gone.
            SendControl(_next, TcpFlags.Rst | TcpFlags.Ack);
            _net.Counters.Add(StackCounter.TcpResetsSent);
            Terminate(System.Net.Sockets.SocketError.ConnectionReset);
            segment.Flags &= ~TcpFlags.Fin;
            return;
        }

        if (_tcp.Memory.IsFull)
        {
            Prune();
        }

        if (!_receive.CanKeep(LastBuffer(segment)) || (segment.Sequence != _rcvNext && !_receive.CanKeepApart(LastBuffer(segment))))
        {
            _net.Counters.Add(StackCounter.TcpReceiveDropped);
            segment.Flags &= ~TcpFlags.Fin;
            segment.PayloadLength = 0;
            return;
        }

        _ecn.Received(segment.Flags, segment.IsMarked);
        if (segment.Sequence == _rcvNext)
        {
            AppendInOrder(ref segment);
            if (_reassembly is { IsEmpty: false })
            {
                // RFC 5681 §4.2: a segment that fills a hole is acknowledged at once.
                _ackNow = true;
                while (_reassembly.TryTake(_rcvNext, out BufferSlice slice))
                {
                    _rcvNext += slice.Length;
                    _bytesReceived += (uint)slice.Length;
                    _receive.Append(slice);
                }

                _sackList.Advance(_rcvNext);
            }
        }
        else
        {
            Reassemble(ref segment);
        }
    }

    private void AppendInOrder(ref TcpSegment segment)
    {
        int length = segment.PayloadLength;
        ref Frame frame = ref segment.Frame.Frame;
        int offset = segment.PayloadOffset;
        int left = length;
        for (int i = 0; i < frame.SliceCount; i++)
        {
            if (TakePart(frame[i], ref offset, ref left, out BufferSlice part))
            {
                _receive.Append(part);
            }
        }

        frame.Forget(); // all its references are taken

        _rcvNext += length;
        _bytesReceived += (uint)length;
        MeasureReceiverRoundTrip(segment);
        segment.TrimFront(length);
        ref readonly RxOffload offload = ref segment.Frame.Offload;
        int segmentSize = offload.SegmentSize != 0 ? offload.SegmentSize : offload.CoalescedSegments > 1 ? length / offload.CoalescedSegments : length;
        _receivedSegment = Math.Clamp(segmentSize, _receivedSegment, Math.Max(_offeredSegment, _receivedSegment));

        // RFC 5681 §4.2: at least every second full segment, and never later than the timer.
        if (_rcvNext - _lastAckSent >= 2 * _receivedSegment || AcknowledgesAtOnce)
        {
            _ackNow = true;
        }
        else if (_delayedAckDue == Instant.Never)
        {
            _delayedAckDue = _net.Now + _settings.DelayedAcknowledgement; // the timer is set when the connection is served, at the end of the batch
        }

        _events |= TcpEvents.Readable;
    }

    private void Reassemble(ref TcpSegment segment)
    {
        _net.Counters.Add(StackCounter.TcpOutOfOrder);
        if (ReassemblyQueue.Starves(LastBuffer(segment).Pool))
        {
            _net.Counters.Add(StackCounter.TcpReceiveDropped);
            segment.Flags &= ~TcpFlags.Fin;
            SendAcknowledgment();
            return;
        }

        _reassembly ??= new ReassemblyQueue(_tcp.Memory);
        ref Frame frame = ref segment.Frame.Frame;
        SequenceNumber sequence = segment.Sequence;
        int offset = segment.PayloadOffset;
        int left = segment.PayloadLength;
        for (int i = 0; i < frame.SliceCount; i++)
        {
            if (!TakePart(frame[i], ref offset, ref left, out BufferSlice part))
            {
                continue;
            }

            int length = part.Length;
            if (!_reassembly.Add(sequence, part))
            {
                _net.Counters.Add(StackCounter.TcpReceiveDropped);
                left = 0;
                continue;
            }

            sequence += length;
        }

        frame.Forget(); // all its references are taken

        if (_sack && sequence > segment.Sequence)
        {
            _sackList.Add(segment.Sequence, sequence);
        }

        // RFC 5681 §4.2: at once, so that the peer notices; and without SACK as often as it takes it to believe in a loss, when the segments came as one frame.
        for (int i = _sack ? 1 : Math.Clamp((int)segment.Frame.Offload.CoalescedSegments, 1, DuplicateThreshold); i > 0; i--)
        {
            SendAcknowledgment();
        }
    }

    /// <summary>The part of a frame's slice that belongs to a run of it, with the slice's reference; a slice without such a part is released.</summary>
    private static bool TakePart(BufferSlice slice, ref int offset, ref int left, out BufferSlice part)
    {
        if (left == 0 || offset >= slice.Length)
        {
            offset -= Math.Min(offset, slice.Length);
            part = default;
            slice.Release();
            return false;
        }

        part = slice.Slice(offset, Math.Min(slice.Length - offset, left));
        left -= part.Length;
        offset = 0;
        return true;
    }

    private static PacketBuffer LastBuffer(in TcpSegment segment) => segment.Frame.Frame[segment.Frame.Frame.SliceCount - 1].Buffer;

    /// <summary>The application has read: is the window worth a segment? (RFC 9293 §3.8.6.2.2, receiver's silly window syndrome avoidance.)</summary>
    private void ConsiderWindowUpdate()
    {
        int offered = _rcvEdge - _rcvNext;
        int limit = ReceiveLimit;
        int gain = limit - _receive.Length - offered;
        int worth = Math.Min(limit / 4, offered < 2 * _receivedSegment ? 2 * _receivedSegment : int.MaxValue);
        if (gain >= worth)
        {
            _ackNow = true;
        }
    }

    /// <summary>The window for the next segment's header; moves RCV.WND's right edge.</summary>
    private ushort OfferWindow()
    {
        int offered = Math.Max(_rcvEdge - _rcvNext, 0);
        int limit = ReceiveLimit;
        int free = Math.Max(limit - _receive.Length, 0);
        int shift = ReceiveShift;

        // The edge never goes back (RFC 9293 §3.8.6), and moves only by what is worth it. What scaling cuts off a window is still taken (RFC 7323 §2.4); were it
        // rounded up, byte after byte would carry the edge beyond the buffer.
        int window = (free - offered >= Math.Min(limit / 2, _receivedSegment) ? free : offered) >> shift;
        window = Math.Min(window, ushort.MaxValue);
        _rcvEdge = SequenceNumber.Max(_rcvEdge, _rcvNext + (window << shift));
        return (ushort)window;
    }
}
