using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp.Congestion;

namespace FpgaNet.Stack.Transport.Tcp.Recovery;

/// <summary>What leaves, for the first time or again.</summary>
internal sealed partial class LossRecovery
{
    private SequenceNumber _firstLost; // nothing before it is lost
    private SequenceNumber _highestRetransmitted;
    private bool _isUrgent; // the first retransmission of a recovery goes whatever the window says

    /// <summary>The congestion window: in a fast recovery the one that proportional rate reduction leaves, unless congestion control keeps that to itself.</summary>
    private int Window => _phase == Phase.Recovery && !_congestion.OwnsRecovery ? _reduction.Window : _congestion.CongestionWindow;

    /// <inheritdoc/>
    public int Room => _sent.HasRoom ? Window - InFlight : 0;

    /// <inheritdoc/>
    public bool NeedsRepair => _sent.Lost != 0 || _spurious.PrefersNew;

    /// <inheritdoc/>
    public bool PrefersNew => _spurious.PrefersNew;

    /// <inheritdoc/>
    public void SentNew(SequenceNumber end, Instant now, bool isMtuProbe = false)
    {
        int bytes = end - _sent.End;
        int inFlight = InFlight;
        _delivery.Sent(out _sent.Push(end, now, isMtuProbe ? SentMarks.MtuProbe : SentMarks.None), bytes, inFlight, now);
        _reduction.Sent(bytes);
    }

    /// <inheritdoc/>
    public bool AwaitsAnswer()
    {
        if (_sent.End > _recoveryPoint)
        {
            return true;
        }

        _spurious.GiveUp();
        return false;
    }

    /// <inheritdoc/>
    public bool TryNextLost(int segmentSize, out SequenceNumber from, out int length)
    {
        from = default;
        length = 0;
        if (_sent.Lost == 0)
        {
            return false;
        }

        int index = _sent.Find(SequenceNumber.Max(_firstLost, _sent.Start));
        while (!_sent[index].Is(SentMarks.Lost))
        {
            index++;
        }

        from = _firstLost = _sent.StartOf(index);
        while (index < _sent.Count && _sent[index].Is(SentMarks.Lost))
        {
            length += _sent.LengthOf(index++);
        }

        int room = Math.Max(Window - InFlight, _isUrgent ? segmentSize : 0);
        length = length <= room ? length : room - (room % segmentSize);
        return true;
    }

    /// <inheritdoc/>
    public void SentAgain(SequenceNumber from, int length, Instant now)
    {
        SequenceNumber end = from + length;
        _delivery.Sent(out DeliveryStamp stamp, length, InFlight, now);
        int index = _sent.Find(from);
        while (index < _sent.Count && _sent.StartOf(index) < end)
        {
            if (_sent[index].End > end)
            {
                // Without a place for one more record, the rest counts as sent with it: it will be found lost once more.
                _sent.TrySplit(index, end);
            }

            _sent.Mark(index, SentMarks.Retransmitted);
            _sent[index].Stamp = stamp;
            index = _sent.Merge(index) + 1;
        }

        _isUrgent = false;
        _forgivenFrom = SequenceNumber.Max(_forgivenFrom, end);
        _highestRetransmitted = SequenceNumber.Max(_highestRetransmitted, end);
        _reduction.Sent(length);
        if (_phase != Phase.Open)
        {
            _spurious.Retransmitted(end, length, (uint)now.Milliseconds);
        }
    }

    /// <inheritdoc/>
    public void ScheduleProbe(Instant now, TimeSpan smoothedRoundTrip, int segmentSize, Instant retransmitDue)
    {
        if (_hasSack && _phase == Phase.Open && _sent.Count != 0 && _sent.Sacked == 0 && !_probe.IsOut)
        {
            _probe.Schedule(now, smoothedRoundTrip, InFlight <= segmentSize, retransmitDue);
        }
        else
        {
            _probe.Cancel();
        }
    }

    /// <inheritdoc/>
    public bool TryTail(int segmentSize, out SequenceNumber from, out int length)
    {
        from = default;
        length = 0;
        if (_sent.Count == 0)
        {
            return false;
        }

        int last = _sent.Count - 1;
        int whole = _sent.LengthOf(last);
        length = whole % segmentSize == 0 ? segmentSize : whole % segmentSize;
        from = _sent.End + -length;
        return length == whole || _sent.TrySplit(last, from);
    }

    /// <inheritdoc/>
    public void Probed(bool isRetransmission)
    {
        _counters.Add(StackCounter.TcpTailLossProbes);
        _probe.Sent(_sent.End, isRetransmission);
    }
}
