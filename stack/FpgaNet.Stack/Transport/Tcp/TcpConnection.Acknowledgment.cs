using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp.Congestion;
using FpgaNet.Stack.Transport.Tcp.Recovery;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>What the peer acknowledges (RFC 9293 §3.10.7.4, fifth): RTT, congestion control, loss recovery, the send window.</summary>
internal sealed partial class TcpConnection
{
    private ICongestionControl _congestion;

    [SuppressMessage("Performance", "CA1859", Justification = "The connection is to know no more of loss recovery than its interface says.")]
    private ILossRecovery? _recovery;

    private RoundTripEstimator _roundTrip;
    private ExplicitCongestionNotification _ecn;
    private SequenceNumber _una;
    private SequenceNumber _next;
    private SequenceNumber _max;
    private int _sendWindow;
    private int _maximumSendWindow;
    private SequenceNumber _windowSequence; // SND.WL1
    private SequenceNumber _windowAcknowledgment; // SND.WL2
    private SequenceNumber _roundEnd;
    private bool _limitedInLastRound; // of a paced connection

    /// <returns>Whether the rest of the segment is to be looked at.</returns>
    private bool ArriveAcknowledgment(ref TcpSegment segment)
    {
        SequenceNumber ack = segment.Acknowledgment;
        if (State == TcpState.SynReceived)
        {
            if (ack <= _una || ack > _max)
            {
                SendControl(ack, TcpFlags.Rst);
                _net.Counters.Add(StackCounter.TcpResetsSent);
                return false;
            }

            if (Listener is { HasRoom: false } && !_isFastOpened)
            {
                _net.Counters.Add(StackCounter.TcpListenDropped);
                return false; // as if lost: the peer or our timer will try again
            }

            MeasureHandshake();
            SetSendWindow(segment);
            _una = Iss + 1;
            Establish();
        }

        // RFC 5961 §5.2.
        if (ack - _una < -_maximumSendWindow)
        {
            Challenge();
            return false;
        }

        if (ack > _max)
        {
            SendAcknowledgment();
            return false;
        }

        NoteTimestamp(segment);
        BeginAcknowledgment(segment);
        TakeSackBlocks(segment);
        if (ack > _una)
        {
            UpdateWindow(segment);
            Acknowledge(segment);
        }
        else
        {
            // RFC 5681 §2: a duplicate acknowledges nothing new, carries nothing and does not change the window, while data is on its way; the
            // answers to zero-window probes are none. With SACK nothing hangs on it but whether a tail loss probe arrived beside its original (RFC 8985 §7.4).
            bool isDuplicate = ack == _una && segment.PayloadLength == 0 && (_next != _una || _sack) && !segment.IsTrimmed
                && !segment.Has(TcpFlags.Fin) && segment.Window << _sendShift == _sendWindow;
            UpdateWindow(segment);
            ConcludeAcknowledgment(segment, isDuplicate);
        }

        // After this segment the user may have been told, and the connection may be gone.
        return State is not (TcpState.Closed or TcpState.TimeWait);
    }

    private void BeginAcknowledgment(in TcpSegment segment) => _recovery!.Begin(_net.Now, _roundTrip.Minimum, EchoedAt(segment));

    /// <summary>SND.UNA moves.</summary>
    private void Acknowledge(in TcpSegment segment)
    {
        SequenceNumber ack = segment.Acknowledgment;
        int data = Math.Min(ack - _una, _send.Length);
        _recovery!.Advance(ack);
        _send.Release(data);
        _bytesAcknowledged += (uint)data;
        _una = ack;
        _smallEnd = SequenceNumber.Max(_smallEnd, ack);
        _next = SequenceNumber.Max(_next, ack);
        _max = SequenceNumber.Max(_max, ack);
        _retries = 0;
        SoftError = SocketError.Success; // what the network complained about is over
        _roundTrip.Progressed();
        Network.IpLayer.Confirm(_path); // RFC 4861 §7.3.1: forward progress
        ConcludeAcknowledgment(segment, isDuplicate: false);

        TuneSendBuffer();

        // RFC 6298 §5.2, §5.3.
        _retransmitDue = _una == _next ? Instant.Never : _net.Now + _roundTrip.Timeout;
        if (_finQueued && _una == _max && _send.Length == 0 && _finSent)
        {
            OurFinWasAcknowledged();
        }

        if (data > 0)
        {
            Notify(TcpEvents.Writable);
        }
    }

    private void ConcludeAcknowledgment(in TcpSegment segment, bool isDuplicate)
    {
        ILossRecovery recovery = _recovery!;
        ref readonly AckProgress progress = ref recovery.Progress;
        bool wasFull = _congestionLimited || _limitedInLastRound
            || (_congestion.CongestionWindow < _congestion.SlowStartThreshold && progress.PriorInFlight >= _congestion.CongestionWindow / 2);
        MeasureRoundTrip(segment, progress);
        recovery.Conclude(isDuplicate, _segment, _roundTrip);
        ConcludeMtuProbe();
        if (recovery.IsRecovering && !progress.WasRecovering)
        {
            _ecn.Reduced(_next);
        }
        else if (_ecn.IsEcho(segment.Flags, _una))
        {
            _net.Counters.Add(StackCounter.TcpCongestionEchoes);
            recovery.Echoed();
            _ecn.Reduced(_next);
        }

        if (progress.Delivered == 0)
        {
            return;
        }

        // RFC 9406 §4.2: a round is over when all is acknowledged that had been sent when it began.
        bool roundStarted = _una >= _roundEnd && progress.Acknowledged != 0;
        if (roundStarted)
        {
            _roundEnd = _next;
            _limitedInLastRound = _congestion.PacingRate > 0 && _congestionLimited;
            _congestionLimited &= !_limitedInLastRound;
        }

        _congestion.Acknowledged(new AckEvent
        {
            Now = _net.Now,
            BytesAcknowledged = progress.Acknowledged,
            BytesDelivered = progress.Delivered,
            BytesLost = progress.Lost,
            PriorInFlight = progress.PriorInFlight,
            BytesInFlight = recovery.InFlight,
            WindowWasFull = wasFull && !segment.Has(TcpFlags.Ece), // RFC 3168 §6.1.2: an echo is no reason to grow
            RoundTrip = progress.HasRoundTrip ? progress.RoundTrip : TimeSpan.Zero,
            SmoothedRoundTrip = _roundTrip.Smoothed,
            MinimumRoundTrip = _roundTrip.Minimum,
            RoundStarted = roundStarted,
            IsRecovering = progress.WasRecovering || recovery.IsRecovering,
            Delivery = recovery.Delivery.Take(_roundTrip.Minimum),
        });
        recovery.ScheduleProbe(_net.Now, _roundTrip.Smoothed, _segment, _net.Now + _roundTrip.Timeout);
    }

    /// <summary>RFC 6298 §3, Karn: what was sent once is timed by its record; of the rest, a time stamp tells which transmission was meant (RFC 7323 §4.1).</summary>
    private void MeasureRoundTrip(in TcpSegment segment, in AckProgress progress)
    {
        if (progress.HasRoundTrip && !progress.CoversRetransmission)
        {
            _roundTrip.Measure(progress.LongestRoundTrip, progress.RoundTrip);
        }
        else if (progress.Acknowledged != 0 && EchoedAt(segment) is { } echo && (int)((uint)_net.Now.Milliseconds - echo) is >= 0 and int elapsed)
        {
            _roundTrip.Measure(TimeSpan.FromMilliseconds(elapsed));
        }
    }

    /// <summary>When that was sent which a segment echoes, in milliseconds of the stack's clock.</summary>
    private uint? EchoedAt(in TcpSegment segment) => _timestamps && segment.Options.HasTimestamps && segment.Options.TimestampEchoReply != 0
        ? segment.Options.TimestampEchoReply - _timestampOffset
        : null;

    private void TakeSackBlocks(in TcpSegment segment)
    {
        if (!_sack)
        {
            return;
        }

        SequenceNumber from = SequenceNumber.Max(_una, segment.Acknowledgment);
        for (int i = 0; i < segment.Options.SackBlockCount; i++)
        {
            SackBlock block = segment.Options.Sack(i);
            SequenceNumber left = new(block.Left);
            SequenceNumber right = new(block.Right);
            if (left >= right || right > _max)
            {
                continue; // never sent
            }

            // RFC 2883 §4: a first block that is acknowledged already, or that the second one holds, reports a duplicate.
            if (i == 0 && (right <= from || (segment.Options.SackBlockCount > 1 && IsWithin(left, right, segment.Options.Sack(1)))))
            {
                if (_max - left <= _maximumSendWindow + _segment)
                {
                    _recovery!.ReportDuplicate(left, right);
                }
            }
            else if (left > from)
            {
                _recovery!.Report(left, right);
            }
        }
    }

    private static bool IsWithin(SequenceNumber left, SequenceNumber right, SackBlock outer) =>
        left >= new SequenceNumber(outer.Left) && right <= new SequenceNumber(outer.Right);

    // RFC 9293 §3.10.7.4, fifth: SND.WL1 and SND.WL2 keep an old segment from changing the window.
    private void UpdateWindow(in TcpSegment segment)
    {
        if (_windowSequence < segment.Sequence
            || (_windowSequence == segment.Sequence && _windowAcknowledgment <= segment.Acknowledgment))
        {
            SetSendWindow(segment);
        }
    }

    private void SetSendWindow(in TcpSegment segment)
    {
        _sendWindow = segment.Window << _sendShift;
        _maximumSendWindow = Math.Max(_maximumSendWindow, _sendWindow);
        _windowSequence = segment.Sequence;
        _windowAcknowledgment = segment.Acknowledgment;
        _probes = 0; // the peer is alive
        if (_sendWindow > 0)
        {
            _persistDue = Instant.Never;
        }
    }
}
