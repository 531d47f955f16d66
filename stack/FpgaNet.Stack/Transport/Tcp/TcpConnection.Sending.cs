using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp.Congestion;
using FpgaNet.Stack.Transport.Tcp.Recovery;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>What goes out and when (RFC 9293 §3.8.6.2.1, §3.7.4; RFC 6675 §5): super-frames within the windows, Nagle, acknowledgements.</summary>
internal sealed partial class TcpConnection
{
    private readonly SendQueue _send;
    private readonly SegmentTemplate _template;
    private int _segment;
    private bool _finSent;
    private bool _congestionLimited;
    private SequenceNumber _smallEnd; // behind the last segment that was not full
    private Instant _lastSent;
    private Pacer _pacer;
    private Instant _paceDue = Instant.Never;

    /// <summary>Sends whatever may be sent now.</summary>
    private void Output()
    {
        if (State is TcpState.Closed or TcpState.SynSent or TcpState.SynReceived)
        {
            return;
        }

        if (State is TcpState.Established or TcpState.CloseWait or TcpState.FinWait1 or TcpState.Closing or TcpState.LastAck)
        {
            // RFC 2018 §3 wants reports in every acknowledgement; beside data there may be no room for them, so that they go first and alone.
            if (_ackNow && !_sackList.IsEmpty)
            {
                SendAcknowledgment();
            }

            if (_send.Length != 0 || _finQueued)
            {
                SendData();
            }
        }

        if (_ackNow)
        {
            SendAcknowledgment();
        }

        SetTimer();
    }

    /// <summary>What is lost goes first, then what is new, each as far as the windows allow.</summary>
    private void SendData()
    {
        if (_una == _max)
        {
            _congestion.Idle(new IdleEvent { Now = _net.Now, Duration = _net.Now - _lastSent, Timeout = _roundTrip.Timeout });
        }

        ILossRecovery recovery = _recovery!;
        SequenceNumber end = _una + _send.Length;
        SequenceNumber sentBefore = _next;
        FollowPathMtu();
        int largest = _send.Length <= _segment ? _segment : LargestPayload();
        bool isPaced = _congestion.PacingRate > 0;
        if (isPaced)
        {
            largest = Math.Min(largest, Pacer.Quantum(_congestion.PacingRate, _segment));
        }

        _congestionLimited &= isPaced; // pacing spreads over a round what the window allows: what the round has shown counts until its end
        SendResult result;
        do
        {
            result = SendNext(end, largest);
        }
        while (result == SendResult.Sent && (_next != end || _finQueued || recovery.NeedsRepair));
        if (_next != sentBefore)
        {
            recovery.ScheduleProbe(_net.Now, _roundTrip.Smoothed, _segment, _retransmitDue);
        }

        if (result != SendResult.Blocked)
        {
            if (recovery.Room > 0 && end - _next < _segment)
            {
                recovery.Delivery.LimitedByApplication(recovery.InFlight);
            }

            WatchWindow(end);
        }
    }

    private enum SendResult
    {
        Nothing,
        Sent,

        /// <summary>Something is lost or new, but windows or memory are in the way.</summary>
        Blocked,
    }

    private SendResult SendNext(SequenceNumber end, int largest)
    {
        ILossRecovery recovery = _recovery!;
        if (!recovery.NeedsRepair)
        {
            return SendNew(end, largest);
        }

        if (recovery.PrefersNew)
        {
            SendResult result = SendNew(end, largest);
            if (result != SendResult.Nothing)
            {
                return result;
            }

            if (recovery.AwaitsAnswer())
            {
                return SendResult.Blocked;
            }
        }

        SendResult lost = SendLost(end, largest);
        return lost == SendResult.Nothing ? SendNew(end, largest) : lost;
    }

    /// <summary>Whether the device has room and the pace allows it; if not, who will say when.</summary>
    private bool MayLeave()
    {
        FrameOutput output = _path.Interface.Output;
        if (!(Priority == 0 ? output : output.For(Priority)).HasRoom)
        {
            _tcp.WaitForOutput(this);
            return false;
        }

        if (_congestion.PacingRate > 0 && !_pacer.MaySend(_net.Now))
        {
            _paceDue = _pacer.Due;
            return false;
        }

        return true;
    }

    private SendResult SendLost(SequenceNumber end, int largest)
    {
        if (!_recovery!.TryNextLost(_segment, out SequenceNumber from, out int length))
        {
            return SendResult.Nothing;
        }

        if (!MayLeave())
        {
            return SendResult.Blocked;
        }

        // A peer that has shrunk its window still gets its next segment: the answer tells what it has (RFC 9293 §3.8.6).
        int windowRoom = from == _una ? Math.Max(_sendWindow, _segment) : _una + _sendWindow - from;
        _congestionLimited |= length == 0;
        length = _send.Fit(from - _una, Math.Min(Math.Min(length, largest), windowRoom));
        return length > 0 && Resend(from, length, end) ? SendResult.Sent : SendResult.Blocked;
    }

    private bool Resend(SequenceNumber from, int length, SequenceNumber end)
    {
        bool fin = from + length > end;
        int data = fin ? end - from : length;
        if (!TrySendData(from, data, fin, push: fin, isNew: false))
        {
            return false;
        }

        _net.Counters.Add(StackCounter.TcpBytesRetransmitted, data);
        _recovery!.SentAgain(from, length, _net.Now);
        if (_retransmitDue == Instant.Never || from == _una)
        {
            _retransmitDue = _net.Now + _roundTrip.Timeout; // RFC 6298 §5.1, for the oldest segment's latest transmission
        }

        return true;
    }

    private SendResult SendNew(SequenceNumber end, int largest)
    {
        if (TryProbeMtu(end))
        {
            return SendResult.Sent;
        }

        int unsent = end - _next; // −1 once FIN is out
        int windowRoom = _una + _sendWindow - _next;
        int length = Math.Min(Math.Min(unsent, windowRoom), largest);
        int congestionRoom = _recovery!.Room;
        if (length > congestionRoom)
        {
            length = congestionRoom;
            _congestionLimited = true;
        }

        int fit = _send.Fit(_next - _una, length);
        bool isCut = fit < length; // what lies in many buffers goes in more segments than it needs
        length = Math.Max(fit, 0);
        bool fin = _finQueued && length == unsent;
        if ((length == 0 && !fin) || (!isCut && !MaySend(ref length, ref fin, unsent)))
        {
            return SendResult.Nothing;
        }

        if (!MayLeave())
        {
            return SendResult.Blocked;
        }

        if (!TrySendData(_next, length, fin, push: length == unsent, isNew: true))
        {
            return SendResult.Blocked;
        }

        AdvanceNext(length, fin);
        return SendResult.Sent;
    }

    /// <summary>Tail loss probe (RFC 8985 §7.3): something new if there is, else the last segment again, whatever the congestion window says.</summary>
    private void ProbeTail()
    {
        ILossRecovery recovery = _recovery!;
        SequenceNumber end = _una + _send.Length;
        int length = _send.Fit(_next - _una, Math.Min(Math.Min(end - _next, _una + _sendWindow - _next), _segment));
        if (length > 0)
        {
            bool fin = _finQueued && _next + length == end;
            if (TrySendData(_next, length, fin, push: true, isNew: true))
            {
                AdvanceNext(length, fin);
                recovery.Probed(isRetransmission: false);
            }
        }
        else if (recovery.TryTail(_segment, out SequenceNumber from, out length) && Resend(from, _send.Fit(from - _una, length), end))
        {
            recovery.Probed(isRetransmission: true);
        }

        _retransmitDue = _net.Now + _roundTrip.Timeout;
    }

    private void AdvanceNext(int length, bool fin, bool isMtuProbe = false)
    {
        bool wasEnough = IsSentEnough;
        _next += length + (fin ? 1 : 0);
        if (!wasEnough && IsSentEnough)
        {
            Notify(TcpEvents.Writable);
        }

        _max = SequenceNumber.Max(_max, _next);
        _recovery!.SentNew(_next, _net.Now, isMtuProbe);
        _finSent |= fin;
        _persistDue = Instant.Never;
        _lastSent = _net.Now;
        if (Rest(length) != 0)
        {
            _smallEnd = _next;
        }

        if (_retransmitDue == Instant.Never)
        {
            _retransmitDue = _net.Now + _roundTrip.Timeout; // RFC 6298 §5.1
        }
    }

    // What whole segments leave over. Most messages are shorter than one, and a division takes as long as copying 64 bytes does.
    private int Rest(int length) => length < _segment ? length : length % _segment;

    /// <summary>Silly window avoidance and Nagle's algorithm: full segments always; a rest only when there is a reason.</summary>
    private bool MaySend(ref int length, ref bool fin, int unsent)
    {
        int rest = Rest(length);
        if (rest == 0 && length > 0)
        {
            return true;
        }

        // Nagle in Minshall's reading: one small segment on its way at a time, full ones do not count.
        bool isLast = length == unsent;
        bool isHeld = IsCorked || _moreFollows;
        if (isLast && (SendsUrgent || fin || (!isHeld && (NoDelay || _una == _next || _smallEnd <= _una))))
        {
            return true;
        }

        if (length > rest)
        {
            length -= rest;
            fin = false;
            return true;
        }

        return length >= _maximumSendWindow / 2 && length > 0 && _una == _next && !(isHeld && isLast);
    }

    /// <summary>Nothing is on its way and yet something waits: only the peer's window can be the reason, and its update may be lost.</summary>
    private void WatchWindow(SequenceNumber end)
    {
        if (_next == _una)
        {
            _retransmitDue = Instant.Never;
            if (end != _una && _persistDue == Instant.Never)
            {
                _persistDue = _net.Now + _roundTrip.Timeout;
            }
        }
    }

    /// <summary>Bytes of payload in the largest frame that the device takes, cutting it itself or not.</summary>
    private int LargestPayload()
    {
        INetworkDevice device = _path.Interface.Device;
        int headers = _path.PayloadOffset + TcpHeader.MinimumLength + (_timestamps ? TimestampsLength : 0);
        int room = !SendsUrgent && (device.EnabledFeatures & _path.Segmentation) != OffloadFeatures.None
            ? Math.Min(device.Capabilities.MaximumSegmentationSize, IPv4Header.MaximumPacketLength) - headers
            : 0;
        return room > _segment ? room - (room % _segment) : _segment;
    }

    private bool TrySendData(SequenceNumber sequence, int length, bool fin, bool push, bool isNew)
    {
        TcpFlags flags = TcpFlags.Ack;
        if (fin)
        {
            flags |= TcpFlags.Fin;
        }

        if (push && length > 0)
        {
            flags |= TcpFlags.Psh;
        }

        if (!Transmit(sequence, length, flags, OfferWindow(), isNew && length > 0))
        {
            _tcp.WaitForMemory(this);
            return false;
        }

        if (_congestion.PacingRate > 0)
        {
            _pacer.Sent(length, _congestion.PacingRate, _net.Now);
        }

        Acknowledged();
        return true;
    }

    private void SendAcknowledgment()
    {
        // SND.NXT, but never beyond the window: there the peer would not look at it.
        SequenceNumber sequence = SequenceNumber.Min(_max, _una + _sendWindow);
        if (_sack && !_sackList.IsEmpty ? TrySendReport(sequence) : Transmit(sequence, 0, TcpFlags.Ack, OfferWindow()))
        {
            _sackList.ForgetDuplicate();
            Acknowledged();
        }
        else
        {
            _ackNow = true;
            _tcp.WaitForMemory(this);
        }
    }

    private bool TrySendReport(SequenceNumber sequence)
    {
        TcpOptions options = default;
        AddTimestamps(ref options);
        _sackList.WriteTo(ref options);
        return Transmit(sequence, 0, TcpFlags.Ack, options, OfferWindow());
    }

    private void Acknowledged()
    {
        _ackNow = false;
        _delayedAckDue = Instant.Never;
        _lastAckSent = _rcvNext;
    }

    private void AddTimestamps(ref TcpOptions options)
    {
        if (_timestamps)
        {
            options.HasTimestamps = true;
            options.TimestampValue = TimestampNow;
            options.TimestampEchoReply = _recentTimestamp;
        }
    }

    /// <summary>A reset. Its window does not matter, and it may be lost.</summary>
    private void SendControl(SequenceNumber sequence, TcpFlags flags) => Transmit(sequence, 0, flags, 0);

    private bool Transmit(SequenceNumber sequence, int length, TcpFlags flags, in TcpOptions options, ushort window)
    {
        if (_path.Interface.Output.TryRentHeader() is not { } buffer)
        {
            return false;
        }

        ushort urgentPointer = CompleteFlags(sequence, ref flags, isNewData: false);
        int headerLength = TcpHeader.MinimumLength + options.EncodedLength;
        TcpHeader.Write(
            buffer.Span[_path.PayloadOffset..],
            new TcpFields
            {
                SourcePort = LocalPort,
                DestinationPort = RemotePort,
                SequenceNumber = sequence.Value,
                AcknowledgmentNumber = (flags & TcpFlags.Ack) != TcpFlags.None ? _rcvNext.Value : 0,
                Flags = flags,
                Window = window,
                UrgentPointer = urgentPointer,
                Checksum = InternetChecksum.Fold(
                    InternetChecksum.PseudoHeader(LocalAddress, RemoteAddress, IpProtocol.Tcp, headerLength + length)),
            },
            options);
        Transmit(buffer, headerLength, sequence, length, isNewData: false);
        return true;
    }

    /// <summary>A segment without options but time stamps.</summary>
    private bool Transmit(SequenceNumber sequence, int length, TcpFlags flags, ushort window, bool isNewData = false)
    {
        if (_path.Interface.Output.TryRentHeader() is not { } buffer)
        {
            return false;
        }

        ushort urgentPointer = CompleteFlags(sequence, ref flags, isNewData);
        SequenceNumber acknowledgment = (flags & TcpFlags.Ack) != TcpFlags.None ? _rcvNext : default;
        ulong? timestamps = _timestamps ? ((ulong)TimestampNow << 32) | _recentTimestamp : null;
        int headerLength = _template.Write(buffer.Span[_path.PayloadOffset..], sequence, acknowledgment, flags, window, urgentPointer, length, timestamps);
        Transmit(buffer, headerLength, sequence, length, isNewData);
        return true;
    }

    private ushort CompleteFlags(SequenceNumber sequence, ref TcpFlags flags, bool isNewData)
    {
        if ((flags & (TcpFlags.Syn | TcpFlags.Rst)) == TcpFlags.None)
        {
            flags |= _ecn.FlagsFor(isNewData);
        }

        return UrgentPointer(sequence, ref flags);
    }

    private void Transmit(PacketBuffer buffer, int headerLength, SequenceNumber sequence, int length, bool isNewData)
    {
        int offset = _path.PayloadOffset;
        int headers = offset + headerLength;

        // A reference that comes and goes costs more than these few bytes (benchmark suite "tcp").
        bool isCopied = length <= buffer.Capacity - headers;
        if (isCopied && length > 0)
        {
            _send.CopyTo(sequence - _una, buffer.Span.Slice(headers, length));
        }

        TxFrame frame = new()
        {
            Frame = new Frame(new BufferSlice(buffer, 0, isCopied ? headers + length : headers)),
            Offload = new TxOffload
            {
                Checksum = true,
                ChecksumStart = (ushort)offset,
                ChecksumOffset = TcpHeader.ChecksumOffset,
                NetworkOffset = EthernetHeader.Length,
                HeaderLength = (ushort)headers,
            },
        };
        if (!isCopied)
        {
            _send.AddTo(ref frame.Frame, sequence - _una, length);
            if (length > _segment && !_sendsMtuProbe)
            {
                frame.Offload.Segmentation = _path.IsIPv4 ? Segmentation.Tcp4 : Segmentation.Tcp6;
                frame.Offload.MaximumSegmentSize = (ushort)_segment;
            }
        }

        if (Priority != 0)
        {
            frame.Offload.Priority = Priority;
        }

        CountSent(sequence, length);
        _net.Counters.Add(StackCounter.TcpSegmentsSent);
        byte trafficClass = isNewData && _ecn.IsOn ? (byte)(TrafficClass | ExplicitCongestionNotification.Capable) : TrafficClass;
        _tcp.Ip.Send(_path, IpProtocol.Tcp, trafficClass, ref frame, HopLimit); // no route any more: as good as lost on the way
    }
}
