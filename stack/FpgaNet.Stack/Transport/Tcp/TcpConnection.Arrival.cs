using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>SEGMENT ARRIVES (RFC 9293 §3.10.7.4), with the time stamps of RFC 7323 §5 and the defence of RFC 5961.</summary>
internal sealed partial class TcpConnection
{
    // RFC 5961 §7 wants a limit; counted for each connection, it tells an attacker nothing about others.
    private const int ChallengesPerSecond = 10;

    // RFC 7323 §5.5: after 24 days a time stamp may have wrapped.
    private static readonly TimeSpan s_timestampLife = TimeSpan.FromDays(24);

    private uint _recentTimestamp;
    private Instant _recentTimestampAt;
    private Instant _challengeWindow;
    private int _challenges;

    private uint TimestampNow => (uint)_net.Now.Milliseconds + _timestampOffset;

    public void Arrive(ref TcpSegment segment)
    {
        _lastReceived = _net.Now;
        _segmentsReceived += Math.Max((uint)segment.Frame.Offload.CoalescedSegments, 1);
        if (State == TcpState.Established && TryPredict(ref segment))
        {
            _net.Counters.Add(StackCounter.TcpPredicted);
            return;
        }

        if (State == TcpState.SynSent)
        {
            ArriveInSynSent(ref segment);
            return;
        }

        // First (RFC 7323 §5.3 R1 to R3, and then the sequence number): is it acceptable?
        if (!CheckTimestamp(ref segment) || !Trim(ref segment))
        {
            return;
        }

        if (segment.Has(TcpFlags.Rst))
        {
            ArriveReset(segment);
            return;
        }

        if (segment.Has(TcpFlags.Syn))
        {
            ArriveSyn(segment);
            return;
        }

        if (!segment.Has(TcpFlags.Ack) || !ArriveAcknowledgment(ref segment))
        {
            return;
        }

        if (segment.Options.UserTimeout is { } timeout)
        {
            TakeUserTimeout(timeout);
        }

        if (segment.SourceRouteOffset != 0)
        {
            TakeSourceRoute(segment);
        }

        TakeText(ref segment);
        _tcp.MakePending(this);
    }

    // RFC 9293 §3.10.7.4, sixth to eighth.
    private void TakeText(ref TcpSegment segment)
    {
        if (segment.Has(TcpFlags.Urg))
        {
            TakeUrgentPointer(segment);
        }

        if (segment.PayloadLength > 0 && State is TcpState.Established or TcpState.FinWait1 or TcpState.FinWait2)
        {
            TakeData(ref segment);
        }

        TakeFin(segment);
    }

    /// <summary>
    /// Header prediction: the next segment of the peer's stream, an acknowledgement of ours, or both in one, as in request and response; everything else goes the long way.
    /// </summary>
    private bool TryPredict(ref TcpSegment segment)
    {
        const TcpFlags Decisive = TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Rst | TcpFlags.Urg | TcpFlags.Ece | TcpFlags.Cwr | TcpFlags.Ack;
        if ((segment.Flags & Decisive) != TcpFlags.Ack || segment.Sequence != _rcvNext || _next != _max || _recovery!.IsWatching
            || segment.Options.SackBlockCount != 0 || _detached || segment.Options.UserTimeout.HasValue
            || (segment.IsMarked | segment.SourceRouteOffset != 0))
        {
            return false;
        }

        if (_timestamps && (!segment.Options.HasTimestamps || (int)(segment.Options.TimestampValue - _recentTimestamp) < 0))
        {
            return false;
        }

        // What does neither may be a duplicate, a window update or an answer to a probe.
        bool acknowledges = segment.Acknowledgment != _una;
        bool carries = segment.PayloadLength != 0;
        if (acknowledges ? segment.Acknowledgment < _una || segment.Acknowledgment > _max : !carries)
        {
            return false;
        }

        if (carries && (_reassembly is { IsEmpty: false } || segment.PayloadLength > _rcvEdge - _rcvNext || !_receive.CanKeep(LastBuffer(segment))))
        {
            return false;
        }

        segment.SetsTimestamp = SetsTimestamp(segment);
        NoteTimestamp(segment);
        SetSendWindow(segment); // neither number can be older than what SND.WL1 and SND.WL2 hold
        if (acknowledges)
        {
            BeginAcknowledgment(segment);
            Acknowledge(segment);
        }

        if (carries)
        {
            AppendInOrder(ref segment);
        }

        _tcp.MakePending(this);
        return true;
    }

    // RFC 7323 §5.3: PAWS.
    private bool CheckTimestamp(ref TcpSegment segment)
    {
        if (!_timestamps || segment.Has(TcpFlags.Rst))
        {
            return true;
        }

        if (!segment.Options.HasTimestamps)
        {
            // RFC 7323 §3.2: once agreed, a segment without time stamps is to be dropped. A SYN belongs to another connection and is challenged further down.
            if (segment.Has(TcpFlags.Syn))
            {
                return true;
            }

            _net.Counters.Add(StackCounter.TcpUnacceptable);
            return false;
        }

        if ((int)(segment.Options.TimestampValue - _recentTimestamp) < 0 && _net.Now - _recentTimestampAt < s_timestampLife)
        {
            _net.Counters.Add(StackCounter.TcpUnacceptable);
            SendAcknowledgment();
            return false;
        }

        segment.SetsTimestamp = SetsTimestamp(segment);
        return true;
    }

    // RFC 7323 §4.3 (2): only a segment that begins where our last acknowledgement ended, or before, sets TS.Recent.
    private bool SetsTimestamp(in TcpSegment segment) => _timestamps && segment.Sequence <= _lastAckSent && segment.End >= _lastAckSent;

    // Only once the acknowledgement number was found acceptable as well: a blind attacker's time stamp would make all of the peer's segments old (RFC 5961 §5).
    private void NoteTimestamp(in TcpSegment segment)
    {
        if (segment.SetsTimestamp)
        {
            _recentTimestamp = segment.Options.TimestampValue;
            _recentTimestampAt = _net.Now;
        }
    }

    /// <summary>The sequence number test (RFC 9293 §3.10.7.4, first), and cutting off what lies outside the window.</summary>
    /// <returns>Whether there is anything left to do.</returns>
    private bool Trim(ref TcpSegment segment)
    {
        int old = _rcvNext - segment.Sequence;
        if (old > 0)
        {
            if (segment.Has(TcpFlags.Syn))
            {
                // Judged by its flag alone (RFC 5961 §4); what it carries does not count.
                segment.PayloadLength = 0;
                segment.Flags &= ~TcpFlags.Fin;
                return true;
            }

            if (segment.Has(TcpFlags.Rst))
            {
                _net.Counters.Add(StackCounter.TcpUnacceptable);
                return false;
            }

            if (_sack && segment.PayloadLength > 0)
            {
                _sackList.AddDuplicate(segment.Sequence, segment.Sequence + Math.Min(old, segment.PayloadLength));
            }

            bool finIsOld = segment.End <= _rcvNext;
            if (old >= segment.PayloadLength)
            {
                // Nothing new in it: acknowledge again. Once synchronised, its acknowledgement still counts (RFC 9293 appendix A.2).
                _net.Counters.Add(StackCounter.TcpUnacceptable);
                if (segment.End != segment.Sequence)
                {
                    SendAcknowledgment();
                }
                else
                {
                    Challenge(); // limited: two hosts that find each other's acknowledgements old must not talk for ever
                }

                if (finIsOld)
                {
                    segment.Flags &= ~TcpFlags.Fin;
                }

                if (State == TcpState.TimeWait && _finReceived)
                {
                    RestartTimeWait(); // RFC 9293 §3.10.7.4, eighth: the peer's FIN came again
                }

                segment.PayloadLength = 0;
                segment.Sequence = _rcvNext;
                segment.IsTrimmed = true;
                return State is not (TcpState.SynReceived or TcpState.TimeWait);
            }

            segment.TrimFront(old);
        }

        int beyond = segment.Sequence + segment.PayloadLength - _rcvEdge;
        if (beyond > 0)
        {
            _net.Counters.Add(StackCounter.TcpUnacceptable);
            if (segment.Has(TcpFlags.Rst))
            {
                return false;
            }

            if (segment.PayloadLength == 0)
            {
                Challenge();
                return false;
            }

            SendAcknowledgment();
            if (beyond >= segment.PayloadLength && segment.Sequence != _rcvNext)
            {
                return false;
            }

            segment.PayloadLength -= Math.Min(beyond, segment.PayloadLength);
            segment.Flags &= ~TcpFlags.Fin;
            segment.IsTrimmed = true;
        }

        return true;
    }

    // RFC 5961 §3.2: only a reset at exactly RCV.NXT is believed.
    private void ArriveReset(in TcpSegment segment)
    {
        if (segment.Sequence != _rcvNext)
        {
            Challenge();
            return;
        }

        _net.Counters.Add(StackCounter.TcpResetsReceived);
        switch (State)
        {
            case TcpState.SynReceived:
                Terminate(SocketError.ConnectionRefused);
                break;
            case TcpState.Closing or TcpState.LastAck or TcpState.TimeWait:
                Terminate(SocketError.Success);
                break;
            default:
                Terminate(SocketError.ConnectionReset);
                break;
        }
    }

    // RFC 9293 §3.10.7.4, fourth; RFC 5961 §4.2: in any synchronised state, a challenge and nothing else.
    private void ArriveSyn(in TcpSegment segment)
    {
        if (State != TcpState.SynReceived)
        {
            Challenge();
        }
        else if (segment.Sequence != _irs)
        {
            if (Listener is null)
            {
                Challenge();
            }
            else
            {
                Terminate(SocketError.ConnectionAborted); // back to LISTEN
            }
        }
        else if (segment.Has(TcpFlags.Ack) && segment.Acknowledgment == _max)
        {
            // The other half of a simultaneous open (RFC 9293 §3.5, figure 7, line 6).
            MeasureHandshake();
            _una = segment.Acknowledgment;
            _ackNow = true;
            Establish();
        }
        else
        {
            SendSyn(); // the peer's SYN came again: our answer was lost
        }
    }

    private void Challenge()
    {
        if (_net.Now >= _challengeWindow)
        {
            _challengeWindow = _net.Now + TimeSpan.FromSeconds(1);
            _challenges = 0;
        }

        if (_challenges++ < ChallengesPerSecond)
        {
            _net.Counters.Add(StackCounter.TcpChallengeAcks);
            SendAcknowledgment();
        }
    }
}
