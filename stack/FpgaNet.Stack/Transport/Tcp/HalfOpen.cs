using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>What is kept of a SYN that was answered (SYN-RECEIVED after a passive OPEN): a hundred bytes or so in an array, not a connection (RFC 4987 §3.4).</summary>
internal struct HalfOpen
{
    public FlowKey Key;
    public SequenceNumber PeerIss;
    public SequenceNumber Iss;
    public TcpFlags Flags;
    public int Window;
    public ushort? MaximumSegmentSize;
    public byte? WindowScale;
    public bool SackPermitted;
    public bool HasTimestamps;
    public uint TimestampValue;
    public ushort? UserTimeout;

    /// <summary>The way back when the SYN came by a source route (RFC 9293 §3.9.2.1, MUST-53); null: the ordinary one.</summary>
    public Destination? ReturnPath;

    /// <summary>The peer has asked for a Fast Open cookie, or come with one that is none of ours (RFC 7413 §4.2.2).</summary>
    public bool WantsCookie;

    /// <summary>The peer has acknowledged our answer, and is waited for until it sends something (TCP_DEFER_ACCEPT).</summary>
    public bool IsAcknowledged;

    /// <summary>How often our answer was sent again.</summary>
    public int Retries;
    public Instant SentAt;
    public Instant Due;

    /// <summary>Neighbours among those of as many retries; −1: none.</summary>
    public int Next;
    public int Previous;

    public HalfOpen(in FlowKey key, in TcpSegment syn, SequenceNumber iss, Instant now)
    {
        Key = key;
        PeerIss = syn.Sequence;
        Iss = iss;
        Flags = syn.Flags;
        Window = syn.Window;
        MaximumSegmentSize = syn.Options.MaximumSegmentSize;
        WindowScale = syn.Options.WindowScale;
        SackPermitted = syn.Options.SackPermitted;
        HasTimestamps = syn.Options.HasTimestamps;
        TimestampValue = syn.Options.TimestampValue;
        UserTimeout = syn.Options.UserTimeout;
        WantsCookie = syn.Options.FastOpen.HasValue;
        SentAt = now;
    }

    /// <summary>The SYN as it came, without data.</summary>
    public readonly TcpSegment Syn => new()
    {
        Sequence = PeerIss,
        Flags = Flags,
        Window = Window,
        Options = new TcpOptions
        {
            MaximumSegmentSize = MaximumSegmentSize,
            WindowScale = WindowScale,
            SackPermitted = SackPermitted,
            HasTimestamps = HasTimestamps,
            TimestampValue = TimestampValue,
            UserTimeout = UserTimeout,
            FastOpen = WantsCookie ? default(FastOpenCookie) : null,
        },
    };
}
