namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>A TCP sequence number: arithmetic modulo 2³², where "before" means less than half the space away (RFC 9293 §3.4).</summary>
internal readonly record struct SequenceNumber(uint Value)
{
    public static SequenceNumber operator +(SequenceNumber start, int count) => new(start.Value + (uint)count);

    /// <summary>How far <paramref name="left"/> is ahead of <paramref name="right"/>; negative when it is behind.</summary>
    public static int operator -(SequenceNumber left, SequenceNumber right) => (int)(left.Value - right.Value);

    public static bool operator <(SequenceNumber left, SequenceNumber right) => left - right < 0;

    public static bool operator >(SequenceNumber left, SequenceNumber right) => left - right > 0;

    public static bool operator <=(SequenceNumber left, SequenceNumber right) => left - right <= 0;

    public static bool operator >=(SequenceNumber left, SequenceNumber right) => left - right >= 0;

    public static SequenceNumber Max(SequenceNumber left, SequenceNumber right) => left > right ? left : right;

    public static SequenceNumber Min(SequenceNumber left, SequenceNumber right) => left < right ? left : right;
}
