namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>Loss recovery with selective acknowledgements (RFC 6675).</summary>
internal sealed class SackRecovery : ILossRecovery
{
    private const int DuplicateThreshold = 3;

    private readonly SackScoreboard _scoreboard = new();
    private int _duplicates;
    private int _timeouts;
    private SequenceNumber _highestRetransmitted;
    private bool _hasRecover;
    private SequenceNumber _recover;
    private bool _first; // the first retransmission goes out whatever the window says (§5 (4.3))

    public bool IsRecovering { get; private set; }

    public bool IsWatching => IsRecovering || _duplicates != 0 || !_scoreboard.IsEmpty;

    public bool NextIsUrgent => _first;

    public bool Reported(SequenceNumber left, SequenceNumber right) => _scoreboard.Add(left, right);

    public RecoveryEvent Duplicate(in SendSpace space)
    {
        _duplicates++;
        return TryEnter(space);
    }

    public RecoveryEvent Advanced(in SendSpace space, int acknowledged)
    {
        _duplicates = 0;
        _timeouts = 0;
        _scoreboard.Advance(space.Una);
        if (IsRecovering)
        {
            _highestRetransmitted = SequenceNumber.Max(_highestRetransmitted, space.Una);
            if (space.Una < _recover)
            {
                return RecoveryEvent.None;
            }

            IsRecovering = false;
            return RecoveryEvent.Finished;
        }

        _hasRecover &= space.Una < _recover;
        return RecoveryEvent.None;
    }

    public void TimedOut(in SendSpace space)
    {
        IsRecovering = false;
        _duplicates = 0;
        _hasRecover = true;
        _recover = space.Max;

        // RFC 2018 §8: the peer may have thrown away what it reported. One timeout is most likely a lost retransmission; a second in a row is a reason for doubt.
        if (++_timeouts > 1)
        {
            _scoreboard.Clear();
        }
    }

    public int Pipe(in SendSpace space)
    {
        int pipe = space.Next - space.Una;
        if (_scoreboard.IsEmpty)
        {
            return pipe;
        }

        if (!IsRecovering)
        {
            return pipe - _scoreboard.BytesIn(space.Una, space.Next);
        }

        // Holes that are lost and not sent again yet are on their way no more.
        SequenceNumber from = SequenceNumber.Max(_highestRetransmitted, space.Una);
        SequenceNumber lost = _scoreboard.LostBelow(space.Una, space.SegmentSize);
        int missing = lost > from ? lost - from - _scoreboard.BytesIn(from, lost) : 0;
        return pipe - _scoreboard.Bytes - missing;
    }

    // RFC 3042, with §5 (3): the reported bytes have left the network already; for duplicates without a report the RFC's segment or two.
    public int Allowance(in SendSpace space) =>
        !IsRecovering && _scoreboard.IsEmpty && _duplicates is 1 or 2 && space.Next == space.Max ? _duplicates * space.SegmentSize : 0;

    public bool TryNext(in SendSpace space, out SequenceNumber from, out int length)
    {
        from = default;
        length = 0;
        if (!IsRecovering)
        {
            return false;
        }

        from = _scoreboard.NextHole(SequenceNumber.Max(_highestRetransmitted, space.Una), out length);
        SequenceNumber limit = _scoreboard.LostBelow(space.Una, space.SegmentSize);
        if (_first)
        {
            limit = SequenceNumber.Max(limit, space.Una + Math.Min(space.SegmentSize, space.Max - space.Una));
        }

        length = Math.Min(Math.Min(length, limit - from), space.SegmentSize);
        return length > 0;
    }

    public void Retransmitted(SequenceNumber from, int length)
    {
        _first = false;
        _highestRetransmitted = SequenceNumber.Max(_highestRetransmitted, from + length);
    }

    public SequenceNumber NextHole(SequenceNumber from, out int length) => _scoreboard.NextHole(from, out length);

    private RecoveryEvent TryEnter(in SendSpace space)
    {
        if (IsRecovering || (_hasRecover && space.Una < _recover))
        {
            return RecoveryEvent.None;
        }

        if (_duplicates < DuplicateThreshold && _scoreboard.LostBelow(space.Una, space.SegmentSize) <= space.Una)
        {
            return RecoveryEvent.None;
        }

        IsRecovering = true;
        _first = true;
        _hasRecover = true;
        _recover = space.Max;
        _highestRetransmitted = space.Una;
        return RecoveryEvent.Entered;
    }
}
