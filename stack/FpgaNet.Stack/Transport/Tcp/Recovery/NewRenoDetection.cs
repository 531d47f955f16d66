namespace FpgaNet.Stack.Transport.Tcp.Recovery;

/// <summary>
/// What can be known without SACK: three duplicate acknowledgements mean that the first segment is lost, and in a recovery an acknowledgement of a part means the same of the
/// next one (RFC 5681 §3.2, RFC 6582 §3.2). Where the RFCs inflate the window by a segment for every duplicate, the estimate of what is on its way shrinks by as much: that
/// comes to the same, gives Limited Transmit (RFC 3042) for nothing, and leaves the window to congestion control.
/// </summary>
internal struct NewRenoDetection
{
    private const int DuplicateThreshold = 3;

    private bool _hasRecover;
    private SequenceNumber _recover;

    /// <summary>Duplicates since SND.UNA moved.</summary>
    public int Duplicates { get; private set; }

    /// <summary>Bytes that duplicates have shown to have left the network.</summary>
    public int Departed { get; private set; }

    /// <summary>Whether the duplicates begin a recovery. RFC 6582 §3.2 (2): those that what was sent again has caused do not.</summary>
    public readonly bool IsLoss(SequenceNumber una) => Duplicates >= DuplicateThreshold && !(_hasRecover && una <= _recover);

    /// <summary>A duplicate acknowledgement.</summary>
    /// <returns>Bytes delivered.</returns>
    public int Duplicate(int segmentSize, int outstanding)
    {
        Duplicates++;
        int bytes = Math.Min(segmentSize, outstanding - Departed);
        Departed += bytes;
        return bytes;
    }

    /// <summary>SND.UNA has moved, which fills the first hole; what had arrived behind it was counted with the duplicates.</summary>
    /// <returns>Bytes delivered that no duplicate had told of.</returns>
    public int Advanced(SequenceNumber una, int acknowledged, int segmentSize, bool isRecovering)
    {
        Duplicates = 0;
        int known = isRecovering ? Math.Min(Departed, Math.Max(acknowledged - segmentSize, 0)) : Math.Min(Departed, acknowledged);
        Departed = isRecovering ? Departed - known : 0;
        _hasRecover &= isRecovering || una <= _recover;
        return acknowledged - known;
    }

    /// <summary>A recovery begins, by duplicates or by timeout.</summary>
    public void Begin(SequenceNumber recover)
    {
        _hasRecover = true;
        _recover = recover;
    }

    /// <summary>A recovery is over, or the timer has taken everything to be lost: what is on its way is known again.</summary>
    public void Forget()
    {
        Duplicates = 0;
        Departed = 0;
    }
}
