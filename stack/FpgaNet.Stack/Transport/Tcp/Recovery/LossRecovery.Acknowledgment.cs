using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp.Recovery;

/// <summary>What an acknowledgement has shown.</summary>
internal struct AckProgress
{
    /// <summary>Bytes on their way before it.</summary>
    public int PriorInFlight;

    /// <summary>Bytes that SND.UNA moved.</summary>
    public int Acknowledged;

    /// <summary>Bytes newly known to have arrived.</summary>
    public int Delivered;

    /// <summary>Bytes newly found to be lost.</summary>
    public int Lost;

    /// <summary>A fast recovery was under way when it came.</summary>
    public bool WasRecovering;

    /// <summary>A round-trip time can be told: something arrived that was sent only once, and nothing that may hide when (RFC 6298 §3).</summary>
    public bool HasRoundTrip;

    /// <summary>Of what had waited longest, with the peer's delays: for the timeout.</summary>
    public TimeSpan LongestRoundTrip;

    /// <summary>Of what was sent last: the path's.</summary>
    public TimeSpan RoundTrip;

    /// <summary>It stands for something that was sent again.</summary>
    internal bool CoversRetransmission;

    /// <summary>It stands for something taken to be lost and never sent again.</summary>
    internal bool CoversLostOriginal;

    /// <summary>The peer reports something new.</summary>
    internal bool HasNews;

    /// <summary>The right edge of what the peer has received twice (RFC 2883).</summary>
    internal SequenceNumber? DuplicateEnd;

    /// <summary>All that was sent again in the last recovery was received twice.</summary>
    internal bool IsProvenSpurious;
}

/// <summary>What the peer has: in order, and reported out of order.</summary>
internal sealed partial class LossRecovery
{
    private AckProgress _ack;
    private Instant _now;
    private uint? _echoedAt;
    private TimeSpan _minimumRoundTrip;

    /// <inheritdoc/>
    public ref readonly AckProgress Progress => ref _ack;

    /// <inheritdoc/>
    public void Begin(Instant now, TimeSpan minimumRoundTrip, uint? echoedAt)
    {
        _now = now;
        _minimumRoundTrip = minimumRoundTrip;
        _echoedAt = echoedAt;
        _ack = new AckProgress { PriorInFlight = InFlight, WasRecovering = IsRecovering };
        _rack.Begin();
    }

    /// <inheritdoc/>
    public void Report(SequenceNumber left, SequenceNumber right)
    {
        right = SequenceNumber.Min(right, _sent.End);
        left = SequenceNumber.Max(left, _sent.Start);
        int index = _sent.Find(left);
        while (index < _sent.Count && _sent.StartOf(index) < right)
        {
            if (!_sent[index].Is(SentMarks.Sacked))
            {
                if ((_sent.StartOf(index) < left && !_sent.TrySplit(index++, left))
                    || (_sent[index].End > right && !_sent.TrySplit(index, right)))
                {
                    return; // not noted: it is sent again for nothing, no more
                }

                Deliver(_sent[index], _sent.StartOf(index), _sent[index].End);
                _sent.Mark(index, SentMarks.Sacked);
                index = _sent.Merge(index);
                _ack.HasNews = true;
            }

            index++;
        }
    }

    /// <inheritdoc/>
    public void ReportDuplicate(SequenceNumber left, SequenceNumber right)
    {
        _ack.DuplicateEnd = right;
        _counters.Add(StackCounter.TcpDuplicatesReported);
        if (!_probe.EndsAt(right))
        {
            _rack.Duplicated(_sent.Start, _sent.End);
        }

        _ack.IsProvenSpurious = _spurious.Duplicated(left, right);
    }

    /// <inheritdoc/>
    public void Advance(SequenceNumber una)
    {
        _ack.Acknowledged = una - _sent.Start;
        while (_sent.Count != 0 && _sent.Start < una)
        {
            ref SentSegment first = ref _sent[0];
            SequenceNumber end = SequenceNumber.Min(first.End, una);
            if (!first.Is(SentMarks.Sacked))
            {
                _ack.CoversRetransmission |= first.Is(SentMarks.Retransmitted);
                Deliver(first, _sent.Start, end);
            }

            _sent.RemoveFront(end);
        }

        if (_sent.Count == 0)
        {
            _sent.Reset(una); // beyond what is recorded lies a zero-window probe at most
        }
    }

    private void Deliver(in SentSegment segment, SequenceNumber from, SequenceNumber end)
    {
        int bytes = end - from;
        _ack.Delivered += bytes;
        _mtuProbe = segment.Is(SentMarks.MtuProbe) ? MtuProbeResult.Delivered : _mtuProbe;
        _delivery.Deliver(segment.Stamp, bytes, _now);
        if (segment.Is(SentMarks.Lost))
        {
            _delivery.LoseNot(bytes);
            _ack.CoversLostOriginal |= !segment.Is(SentMarks.Retransmitted);
        }

        TimeSpan roundTrip = _now - segment.SentAt;
        bool isOriginals = false;
        if (!segment.Is(SentMarks.Retransmitted))
        {
            _ack.LongestRoundTrip = roundTrip > _ack.LongestRoundTrip ? roundTrip : _ack.LongestRoundTrip;
            _ack.RoundTrip = !_ack.HasRoundTrip || roundTrip < _ack.RoundTrip ? roundTrip : _ack.RoundTrip;
            _ack.HasRoundTrip = true;
        }
        else
        {
            // RFC 8985 §6.2 step 2: sent before this transmission, or back too soon.
            isOriginals = (_echoedAt is { } echo && (int)(echo - (uint)segment.SentAt.Milliseconds) < 0) || roundTrip < _minimumRoundTrip;
        }

        if (_hasSack)
        {
            _rack.Delivered(segment, from, end, _now, isOriginals);
        }
    }
}
