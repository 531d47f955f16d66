using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Transport.Tcp.Recovery;

/// <summary>
/// Explicit congestion notification (RFC 3168 §6.1): a router marks instead of dropping, the receiver echoes the mark until it hears that the sender has reduced its
/// window, and the sender does so once for each window of data.
/// </summary>
internal struct ExplicitCongestionNotification
{
    /// <summary>The traffic class of a packet that may be marked: ECT(0).</summary>
    public const byte Capable = 2;

    private const TcpFlags Setup = TcpFlags.Ece | TcpFlags.Cwr;
    private const int Attempts = 2; // SYNs that ask for it; what drops them would drop the next one too

    private bool _hasOffered;
    private bool _echoes; // CE was seen, CWR not since
    private bool _announces; // CWR goes with the next new data
    private SequenceNumber _reactionEnd;

    /// <summary>Both sides can do it.</summary>
    public bool IsOn { get; private set; }

    /// <summary>Whether a packet carries the mark of congestion, CE (RFC 3168 §5).</summary>
    public static bool IsMarked(byte trafficClass) => (trafficClass & 3) == 3;

    /// <summary>An ECN-setup SYN (§6.1.1).</summary>
    public static bool IsSetup(TcpFlags syn) => (syn & Setup) == Setup;

    /// <summary>Flags that a SYN asks with; after <see cref="Attempts"/> in vain it does without (§6.1.1.1).</summary>
    public TcpFlags Offer(int retries)
    {
        _hasOffered |= retries < Attempts;
        return retries < Attempts ? Setup : TcpFlags.None;
    }

    /// <summary>Flags that a SYN-ACK agrees with.</summary>
    public readonly TcpFlags Answer => IsOn ? TcpFlags.Ece : TcpFlags.None;

    /// <summary>The peer's SYN or SYN-ACK has come.</summary>
    public void Agree(TcpFlags syn, bool isWanted, SequenceNumber next)
    {
        // A SYN-ACK with both flags is a reflection by somebody who does not know them (§6.1.1).
        IsOn = isWanted && ((syn & TcpFlags.Ack) == TcpFlags.None ? IsSetup(syn) : _hasOffered && (syn & Setup) == TcpFlags.Ece);
        _reactionEnd = next;
    }

    /// <summary>Data has arrived, inside the window (§6.1.3).</summary>
    public void Received(TcpFlags flags, bool isMarked)
    {
        _echoes = IsOn && (isMarked || (_echoes && (flags & TcpFlags.Cwr) == TcpFlags.None));
    }

    /// <summary>Whether an echo is to be reacted to: one for each window of data.</summary>
    public readonly bool IsEcho(TcpFlags flags, SequenceNumber una) => IsOn && (flags & TcpFlags.Ece) != TcpFlags.None && una > _reactionEnd;

    /// <summary>The window was reduced, for whatever reason: the peer hears of it, and what was sent until now asks for no more (§6.1.2).</summary>
    public void Reduced(SequenceNumber next)
    {
        _announces = IsOn;
        _reactionEnd = next;
    }

    /// <summary>Flags of an outgoing segment, SYN and RST aside.</summary>
    /// <param name="isNewData">It carries data for the first time.</param>
    public TcpFlags FlagsFor(bool isNewData)
    {
        TcpFlags flags = _echoes ? TcpFlags.Ece : TcpFlags.None;
        if (isNewData && _announces)
        {
            _announces = false;
            flags |= TcpFlags.Cwr;
        }

        return flags;
    }
}
