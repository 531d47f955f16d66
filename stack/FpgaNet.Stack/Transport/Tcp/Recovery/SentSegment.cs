using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp.Congestion;

namespace FpgaNet.Stack.Transport.Tcp.Recovery;

/// <summary>What is known of something sent. Without a mark it is on its way for the first time.</summary>
[Flags]
internal enum SentMarks
{
    None = 0,

    /// <summary>The last transmission was not the first.</summary>
    Retransmitted = 1,

    /// <summary>The peer reports to have it (RFC 2018).</summary>
    Sacked = 2,

    /// <summary>Its last transmission is taken to be lost, and it was not sent again since.</summary>
    Lost = 4,

    /// <summary>It is one segment that is larger than the path is known to carry (RFC 4821 §7.2); what is sent again is not.</summary>
    MtuProbe = 8,
}

/// <summary>The record of one transmission: a segment, or a super-frame of many. It begins where the one before it ends.</summary>
internal struct SentSegment
{
    /// <summary>One behind its last byte; FIN counts.</summary>
    public SequenceNumber End;

    /// <summary>What is known of it.</summary>
    public SentMarks Marks;

    /// <summary>The state of delivery when it was last sent.</summary>
    public DeliveryStamp Stamp;

    /// <summary>When it was last sent.</summary>
    public readonly Instant SentAt => Stamp.SentAt;

    public readonly bool Is(SentMarks marks) => (Marks & marks) != SentMarks.None;
}
