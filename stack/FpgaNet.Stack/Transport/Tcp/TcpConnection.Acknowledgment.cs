using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp.Congestion;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>What the peer acknowledges (RFC 9293 §3.10.7.4, fifth): RTT, congestion control, loss recovery, the send window.</summary>
internal sealed partial class TcpConnection
{
    private readonly ICongestionControl _congestion;
    private ILossRecovery? _recovery;
    private RoundTripEstimator _roundTrip;
    private SequenceNumber _una;
    private SequenceNumber _next;
    private SequenceNumber _max;
    private int _sendWindow;
    private int _maximumSendWindow;
    private SequenceNumber _windowSequence; // SND.WL1
    private SequenceNumber _windowAcknowledgment; // SND.WL2
    private bool _isTiming;
    private SequenceNumber _roundEnd;
    private SequenceNumber _timedSequence;
    private Instant _timedAt;

    private SendSpace Space => new(_una, _next, _max, _segment);

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

            if (Listener is { HasRoom: false })
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

        bool news = TakeSackBlocks(segment);
        if (ack > _una)
        {
            UpdateWindow(segment);
            Acknowledge(segment);
        }
        else
        {
            // RFC 5681 §2: a duplicate acknowledges nothing new, carries nothing and does not change the window, while data is on its way; the
            // answers to zero-window probes are none.
            bool duplicate = ack == _una && segment.PayloadLength == 0 && _next != _una && !segment.IsTrimmed
                && !segment.Has(TcpFlags.Fin) && segment.Window << _sendShift == _sendWindow;
            UpdateWindow(segment);
            if ((duplicate && !_sack) || news || (duplicate && segment.Options.SackBlockCount != 0))
            {
                Recover(_recovery!.Duplicate(Space));
            }
        }

        // After this segment the user may have been told, and the connection may be gone.
        return State is not (TcpState.Closed or TcpState.TimeWait);
    }

    private void Acknowledge(in TcpSegment segment)
    {
        SequenceNumber ack = segment.Acknowledgment;
        int acknowledged = ack - _una;
        int flight = _max - _una;
        bool wasFull = _congestionLimited
            || (_congestion.CongestionWindow < _congestion.SlowStartThreshold && flight >= _congestion.CongestionWindow / 2);
        int priorPipe = _recovery!.Pipe(Space);
        bool isMeasured = MeasureRoundTrip(segment);

        int data = Math.Min(acknowledged, _send.Length);
        _send.Release(data);
        _bytesAcknowledged += (uint)data;
        _una = ack;
        _smallEnd = SequenceNumber.Max(_smallEnd, ack);
        _next = SequenceNumber.Max(_next, ack);
        _retries = 0;
        _roundTrip.Progressed();

        // RFC 9406 §4.2: a round is over when all is acknowledged that had been sent when it began.
        bool roundStarted = ack >= _roundEnd;
        _roundEnd = roundStarted ? _max : _roundEnd;

        bool wasRecovering = _recovery.IsRecovering;
        Recover(_recovery.Advanced(Space, acknowledged));
        _congestion.Acknowledged(new AckEvent
        {
            Now = _net.Now,
            BytesAcknowledged = data,
            BytesDelivered = data,
            PriorInFlight = priorPipe,
            BytesInFlight = _recovery.Pipe(Space),
            WindowWasFull = wasFull,
            RoundTrip = isMeasured ? _roundTrip.Latest : TimeSpan.Zero,
            SmoothedRoundTrip = _roundTrip.Smoothed,
            MinimumRoundTrip = _roundTrip.Minimum,
            RoundStarted = roundStarted,
            IsRecovering = wasRecovering,
        });

        // RFC 6298 §5.2, §5.3.
        _retransmitDue = _una == _max ? Instant.Never : _net.Now + _roundTrip.Timeout;
        if (_finQueued && _una == _max && _send.Length == 0 && _finSent)
        {
            OurFinWasAcknowledged();
        }

        if (data > 0)
        {
            Notify(TcpEvents.Writable);
        }
    }

    private void OurFinWasAcknowledged()
    {
        switch (State)
        {
            case TcpState.FinWait1:
                State = TcpState.FinWait2;
                if (_detached)
                {
                    _lingerDue = _net.Now + _settings.FinWait2;
                }

                Notify(TcpEvents.Writable);
                break;
            case TcpState.Closing:
                EnterTimeWait();
                break;
            case TcpState.LastAck:
                Terminate(SocketError.Success);
                break;
        }
    }

    private bool MeasureRoundTrip(in TcpSegment segment)
    {
        bool isMeasured = false;
        if (_timestamps && segment.Options.HasTimestamps && segment.Options.TimestampEchoReply != 0)
        {
            // RFC 7323 §4.1: the echo tells which transmission was meant, sent again or not.
            int elapsed = (int)(TimestampNow - segment.Options.TimestampEchoReply);
            if (elapsed >= 0)
            {
                _roundTrip.Measure(TimeSpan.FromMilliseconds(elapsed));
                isMeasured = true;
            }
        }
        else if (_isTiming && segment.Acknowledgment >= _timedSequence)
        {
            // RFC 6298 §3, Karn: what was sent again is never timed (Retransmit stops the measurement).
            _roundTrip.Measure(_net.Now - _timedAt);
            isMeasured = true;
        }

        _isTiming &= segment.Acknowledgment < _timedSequence;
        return isMeasured;
    }

    private bool TakeSackBlocks(in TcpSegment segment)
    {
        bool news = false;
        if (_sack)
        {
            SequenceNumber from = SequenceNumber.Max(_una, segment.Acknowledgment);
            for (int i = 0; i < segment.Options.SackBlockCount; i++)
            {
                SackBlock block = segment.Options.Sack(i);
                SequenceNumber left = new(block.Left);
                SequenceNumber right = new(block.Right);

                // What was never sent or is acknowledged already is no report (RFC 2018 §5; a D-SACK, RFC 2883, lies below).
                if (left < right && left > from && right <= _max)
                {
                    news |= _recovery!.Reported(left, right);
                }
            }
        }

        return news;
    }

    private void Recover(RecoveryEvent what)
    {
        switch (what)
        {
            case RecoveryEvent.Entered:
                _net.Counters.Add(StackCounter.TcpFastRetransmits);
                _congestion.LossDetected(new LossEvent { Now = _net.Now, BytesInFlight = _max - _una });
                _isTiming = false;
                break;
            case RecoveryEvent.Finished:
                _congestion.Recovered(_recovery!.Pipe(Space));
                break;
        }
    }

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
