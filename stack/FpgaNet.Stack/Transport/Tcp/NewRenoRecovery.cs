namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>
/// Fast retransmit and fast recovery for peers without SACK (RFC 5681 §3.2, RFC 6582 §3.2). The RFC inflates the congestion window by a segment for every duplicate; here
/// the estimate of what is on its way shrinks by as much, which comes to the same and leaves the window to congestion control.
/// </summary>
internal sealed class NewRenoRecovery : ILossRecovery
{
    private const int DuplicateThreshold = 3;

    private int _duplicates;
    private int _departed; // bytes that duplicates have shown to have left the network
    private bool _resend;
    private bool _hasRecover;
    private SequenceNumber _recover;

    public bool IsRecovering { get; private set; }

    public bool IsWatching => IsRecovering || _duplicates != 0;

    public bool NextIsUrgent => true;

    public bool Reported(SequenceNumber left, SequenceNumber right) => false;

    public RecoveryEvent Duplicate(in SendSpace space)
    {
        _duplicates++;
        _departed += space.SegmentSize;
        if (IsRecovering || _duplicates < DuplicateThreshold)
        {
            return RecoveryEvent.None;
        }

        // RFC 6582 §3.2 (1): what a timeout sends again causes duplicates too; they are no loss.
        if (_hasRecover && space.Una <= _recover)
        {
            return RecoveryEvent.None;
        }

        IsRecovering = true;
        _hasRecover = true;
        _recover = space.Max;
        _resend = true;
        return RecoveryEvent.Entered;
    }

    public RecoveryEvent Advanced(in SendSpace space, int acknowledged)
    {
        _duplicates = 0;
        if (!IsRecovering)
        {
            _departed = 0;
            _hasRecover &= space.Una <= _recover;
            return RecoveryEvent.None;
        }

        if (space.Una >= _recover)
        {
            IsRecovering = false;
            _departed = 0;
            _resend = false;
            return RecoveryEvent.Finished;
        }

        // §3.2 (3), partial acknowledgement: the next hole is lost too.
        _departed = Math.Max(_departed - Math.Max(acknowledged - space.SegmentSize, 0), 0);
        _resend = true;
        return RecoveryEvent.None;
    }

    public void TimedOut(in SendSpace space)
    {
        IsRecovering = false;
        _resend = false;
        _duplicates = 0;
        _departed = 0;
        _hasRecover = true;
        _recover = space.Max;
    }

    public int Pipe(in SendSpace space) => IsRecovering ? Math.Max(space.Next - space.Una - _departed, 0) : space.Next - space.Una;

    public int Allowance(in SendSpace space) =>
        !IsRecovering && _duplicates is 1 or 2 && space.Next == space.Max ? _duplicates * space.SegmentSize : 0;

    public bool TryNext(in SendSpace space, out SequenceNumber from, out int length)
    {
        from = space.Una;
        length = Math.Min(space.SegmentSize, space.Max - space.Una);
        return _resend && length > 0;
    }

    public void Retransmitted(SequenceNumber from, int length) => _resend = false;

    public SequenceNumber NextHole(SequenceNumber from, out int length)
    {
        length = int.MaxValue;
        return from;
    }
}
