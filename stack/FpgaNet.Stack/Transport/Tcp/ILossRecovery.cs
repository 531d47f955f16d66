namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>The send sequence space (RFC 9293 §3.3.1), as far as loss recovery needs it.</summary>
/// <param name="Una">SND.UNA: oldest byte not acknowledged.</param>
/// <param name="Next">SND.NXT: next byte to be sent; behind <paramref name="Max"/> after a timeout, which sends everything again.</param>
/// <param name="Max">One behind the highest byte ever sent.</param>
/// <param name="SegmentSize">Bytes of payload in a full segment.</param>
internal readonly record struct SendSpace(SequenceNumber Una, SequenceNumber Next, SequenceNumber Max, int SegmentSize);

/// <summary>What an acknowledgement meant for loss recovery.</summary>
internal enum RecoveryEvent
{
    /// <summary>Nothing changed.</summary>
    None,

    /// <summary>A loss was found: recovery begins.</summary>
    Entered,

    /// <summary>All that was on its way when recovery began is acknowledged.</summary>
    Finished,
}

/// <summary>Finds out what was lost and says what to send again. How much may be on its way is congestion control's question, not its own.</summary>
internal interface ILossRecovery
{
    /// <summary>A recovery is under way.</summary>
    bool IsRecovering { get; }

    /// <summary>Something suspicious was seen, so that header prediction does not apply.</summary>
    bool IsWatching { get; }

    /// <summary>The peer reports to hold bytes beyond SND.UNA.</summary>
    /// <returns>Whether that was news.</returns>
    bool Reported(SequenceNumber left, SequenceNumber right);

    /// <summary>A duplicate acknowledgement (RFC 5681 §2), or one with news about what the peer holds.</summary>
    RecoveryEvent Duplicate(in SendSpace space);

    /// <summary>SND.UNA has moved.</summary>
    /// <param name="space">The space, SND.UNA already moved.</param>
    /// <param name="acknowledged">By how much.</param>
    RecoveryEvent Advanced(in SendSpace space, int acknowledged);

    /// <summary>The retransmission timer went off; SND.NXT will go back to SND.UNA.</summary>
    void TimedOut(in SendSpace space);

    /// <summary>Bytes thought to be on their way (RFC 6675 §4, SetPipe).</summary>
    int Pipe(in SendSpace space);

    /// <summary>Bytes beyond the congestion window that may be sent now (RFC 3042, limited transmit).</summary>
    int Allowance(in SendSpace space);

    /// <summary>What to send again next, if anything.</summary>
    bool TryNext(in SendSpace space, out SequenceNumber from, out int length);

    /// <summary>What <see cref="TryNext"/> gives is to be sent whatever the congestion window says.</summary>
    bool NextIsUrgent { get; }

    /// <summary>It was sent again.</summary>
    void Retransmitted(SequenceNumber from, int length);

    /// <summary>While SND.NXT lies before the highest byte sent: the next byte that really has to go again, and how many the peer lacks there.</summary>
    SequenceNumber NextHole(SequenceNumber from, out int length);
}
