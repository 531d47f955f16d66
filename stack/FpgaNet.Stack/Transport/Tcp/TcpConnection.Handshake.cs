using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp.Congestion;
using FpgaNet.Stack.Transport.Tcp.Recovery;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>Opening: SYN-SENT and SYN-RECEIVED (RFC 9293 §3.5, §3.10.7.3), and the options agreed then (RFC 7323, RFC 2018).</summary>
internal sealed partial class TcpConnection
{
    public const int MaximumShift = 14; // RFC 7323 §2.3

    private const int TimestampsLength = 12;

    private int _offeredSegment;
    private readonly byte _receiveShift;
    private readonly uint _timestampOffset;
    private SequenceNumber _irs;
    private int _sendShift;
    private bool _timestamps;
    private bool _sack;
    private bool _handshakeWasLost;
    private bool _peerScales = true; // until its SYN says otherwise

    /// <summary>What a host can take when it does not say (RFC 9293 §3.7.1, MUST-15).</summary>
    public static int DefaultSegmentOf(IpAddress peer) => peer.IsIPv4 ? 536 : 1220;

    /// <summary>OPEN, passive: a SYN had come to a listener, and this is the segment that answers our SYN-ACK.</summary>
    public void Complete(in HalfOpen opened, ref TcpSegment segment)
    {
        _isPassive = true;
        _segmentsReceived = _segmentsSent = 1;
        TakeSyn(opened.Syn);
        _synSentAt = opened.SentAt;
        _retries = opened.Retries;
        _next = _max = Iss + 1;
        _rcvEdge = _rcvNext + Listener!.Window;
        State = TcpState.SynReceived;
        Arrive(ref segment);
    }

    // RFC 9293 §3.10.7.3.
    private void ArriveInSynSent(ref TcpSegment segment)
    {
        bool acceptable = false;
        if (segment.Has(TcpFlags.Ack))
        {
            if (segment.Acknowledgment <= Iss || segment.Acknowledgment > _max)
            {
                if (!segment.Has(TcpFlags.Rst))
                {
                    SendControl(segment.Acknowledgment, TcpFlags.Rst);
                    _net.Counters.Add(StackCounter.TcpResetsSent);
                }

                return;
            }

            acceptable = true;
        }

        if (segment.Has(TcpFlags.Rst))
        {
            if (acceptable)
            {
                _net.Counters.Add(StackCounter.TcpResetsReceived);
                Terminate(SocketError.ConnectionRefused);
            }

            return;
        }

        if (!segment.Has(TcpFlags.Syn))
        {
            return;
        }

        TakeSyn(segment);
        if (acceptable)
        {
            FinishFastOpen(segment);
            MeasureHandshake();
            _una = _next = _max = segment.Acknowledgment;
            _ackNow = true;
            Establish();

            // RFC 9293 §3.10.7.3, fourth: text and FIN beside the SYN are dealt with as elsewhere.
            segment.Flags &= ~TcpFlags.Syn;
            segment.Sequence += 1;
            if (State != TcpState.Closed && segment.End != segment.Sequence)
            {
                _rcvEdge = _rcvNext + ControlSegment.Window(_settings);
                TakeText(ref segment);
            }
        }
        else
        {
            // Simultaneous open (RFC 9293 §3.5, figure 7).
            State = TcpState.SynReceived;
            _synData = 0;
            _roundTrip.Progressed();
            SendSyn();
        }
    }

    private void TakeSyn(in TcpSegment syn)
    {
        _irs = syn.Sequence;
        _rcvNext = syn.Sequence + 1;
        _rcvEdge = _rcvNext;
        _lastAckSent = _rcvNext;
        _sendWindow = syn.Window; // never scaled in a SYN (RFC 7323 §2.2)
        _maximumSendWindow = Math.Max(_sendWindow, 1);
        _windowSequence = syn.Sequence;
        _windowAcknowledgment = syn.Has(TcpFlags.Ack) ? syn.Acknowledgment : _una;

        TcpOptions options = syn.Options;
        _peerScales = _settings.WindowScaling && options.WindowScale.HasValue;
        _sendShift = _peerScales ? Math.Min(options.WindowScale.GetValueOrDefault(), (byte)MaximumShift) : 0;
        _timestamps = _settings.Timestamps && options.HasTimestamps;
        _sack = _settings.SelectiveAcknowledgements && options.SackPermitted;
        if (_timestamps)
        {
            _recentTimestamp = options.TimestampValue;
            _recentTimestampAt = _net.Now;
        }

        if (options.UserTimeout is { } timeout)
        {
            TakeUserTimeout(timeout);
        }

        // RFC 9293 §3.7.1 and RFC 6691: the option counts no options, so that ours come off here, IP's as well.
        int segment = Math.Min(options.MaximumSegmentSize ?? DefaultSegmentOf(RemoteAddress), _offeredSegment);
        StartPathMtu(segment - (_timestamps ? TimestampsLength : 0) - _path.HeaderOptions.Length);
        _ecn.Agree(syn.Flags, _settings.ExplicitCongestionNotification, Iss + 1);
        _recovery = new LossRecovery(_congestion, _net.Counters, _sack, syn.Has(TcpFlags.Ack) ? syn.Acknowledgment : Iss + 1, _tcp.Memory.SentRings);
    }

    private void MeasureHandshake()
    {
        _handshakeWasLost = _retries > 1;
        if (_retries == 0)
        {
            _roundTrip.Measure(_net.Now - _synSentAt);
        }
        else
        {
            _roundTrip.SynWasRetransmitted();
        }

        _retries = 0;
    }

    private void Establish()
    {
        State = TcpState.Established;
        SoftError = SocketError.Success;
        _userTimeoutDue = Instant.Never;
        StartKeepAlive();
        _retransmitDue = Instant.Never;
        _retries = 0;
        _roundEnd = _max;
        _congestion.Start(Beginning);
        _net.Counters.Add(StackCounter.TcpEstablished);
        if (_finQueued)
        {
            State = TcpState.FinWait1;
        }

        if (!_isFastOpened)
        {
            Listener?.Established(this);
        }

        LeaveFastOpen();
        Notify(TcpEvents.Connected | TcpEvents.Writable);
    }

    private StartEvent Beginning => new()
    {
        Now = _net.Now,
        MaximumSegmentSize = _segment,
        RoundTrip = _roundTrip.Smoothed,
        HasSelectiveAcknowledgements = _sack,
        HandshakeWasLost = _handshakeWasLost,
        IsPaced = _settings.Pacing,
    };

    private void SendSyn()
    {
        TcpFlags flags = State == TcpState.SynSent ? TcpFlags.Syn : TcpFlags.Syn | TcpFlags.Ack;
        bool isAnswer = State == TcpState.SynReceived;
        TcpOptions options = new()
        {
            MaximumSegmentSize = (ushort)_offeredSegment,
            SackPermitted = isAnswer ? _sack : _settings.SelectiveAcknowledgements,
            WindowScale = (isAnswer ? _peerScales : _settings.WindowScaling) ? _receiveShift : null,
        };
        if (isAnswer)
        {
            flags |= _ecn.Answer;
        }
        else if (_settings.ExplicitCongestionNotification)
        {
            flags |= _ecn.Offer(_retries);
        }

        AddUserTimeout(ref options);
        if (isAnswer ? _timestamps : _settings.Timestamps)
        {
            options.HasTimestamps = true;
            options.TimestampValue = TimestampNow;
            options.TimestampEchoReply = isAnswer ? _recentTimestamp : 0;
        }

        int window = Math.Clamp(ReceiveLimit - _receive.Length, 0, ushort.MaxValue);
        _synSentAt = _retries == 0 ? _net.Now : _synSentAt;
        Transmit(Iss, AddFastOpen(ref options), flags, options, (ushort)window);
        _next = _max = Iss + 1 + _synData;
        _rcvEdge = _rcvNext + window;
        _retransmitDue = _net.Now + _roundTrip.Timeout;
        SetTimer();
    }
}
