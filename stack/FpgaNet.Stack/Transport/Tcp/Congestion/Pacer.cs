using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp.Congestion;

/// <summary>
/// Spreads what is sent over time (draft-ietf-ccwg-bbr §5.6.2, §5.6.3). Data leaves in quanta of about a millisecond's worth, so that a super-frame is still a
/// super-frame; a timer that comes late by up to that much costs no throughput.
/// </summary>
internal struct Pacer
{
    private const int LargestQuantum = 64 << 10;
    private const int QuantaPerSecond = 1000;
    private const int MostQuantaPerSecond = 10_000; // no timer is of use that goes off more often

    private static readonly TimeSpan s_credit = TimeSpan.FromMilliseconds(1);

    /// <summary>When the next quantum may leave.</summary>
    public Instant Due { get; private set; }

    /// <summary>Whether a quantum may leave now.</summary>
    public readonly bool MaySend(Instant now) => Due <= now;

    /// <summary>How much may leave at once: a millisecond's worth up to 64 KiB, at least two segments; on the fastest paths a tenth of a millisecond's worth.</summary>
    /// <returns>Bytes, in whole segments.</returns>
    public static int Quantum(long bytesPerSecond, int segmentSize)
    {
        long quantum = Math.Min(bytesPerSecond / QuantaPerSecond, LargestQuantum);
        quantum = Math.Max(quantum, Math.Min(bytesPerSecond / MostQuantaPerSecond, int.MaxValue / 2));
        return Math.Max((int)quantum / segmentSize, 2) * segmentSize;
    }

    /// <summary>So much has left.</summary>
    public void Sent(int bytes, long bytesPerSecond, Instant now)
    {
        Instant earliest = new(now.Ticks - s_credit.Ticks);
        Instant from = Due > earliest ? Due : earliest;
        Due = from + new TimeSpan((long)((double)bytes * TimeSpan.TicksPerSecond / bytesPerSecond));
    }
}
