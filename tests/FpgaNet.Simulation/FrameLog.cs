using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace FpgaNet.Simulation;

/// <summary>What became of a frame on a link.</summary>
public enum Fate
{
    /// <summary>It arrives, perhaps late.</summary>
    Sent,

    /// <summary>It arrives twice.</summary>
    Duplicated,

    /// <summary>It arrives with a bit turned over.</summary>
    Damaged,

    /// <summary>It arrives marked "congestion experienced".</summary>
    Marked,

    /// <summary>Lost on the wire.</summary>
    Lost,

    /// <summary>The queue was full.</summary>
    QueueFull,

    /// <summary>The link was down.</summary>
    LinkDown,

    /// <summary>A rule of the test took it.</summary>
    Dropped,
}

/// <summary>The last frames of a run, for its report, and a hash over all of them with their times and fates: two runs with the same hash are the same run.</summary>
public sealed class FrameLog(int capacity = 64)
{
    private readonly (TimeSpan At, string Link, byte[] Bytes, Fate Fate)[] _entries = new (TimeSpan, string, byte[], Fate)[capacity];

    /// <summary>Frames seen.</summary>
    public long Count { get; private set; }

    /// <summary>Hash of every frame on every link, with time and fate.</summary>
    public ulong Hash { get; private set; } = 0x9E37_79B9_7F4A_7C15;

    /// <summary>Told of every frame, when set.</summary>
    public Action<TimeSpan, Link, byte[], Fate>? Watcher { get; set; }

    internal void Add(TimeSpan at, Link link, byte[] bytes, Fate fate)
    {
        _entries[Count++ % capacity] = (at, link.Name, bytes, fate);
        Mix((ulong)at.Ticks);
        Mix(((ulong)link.Number << 8) | (uint)fate);
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            Mix(word);
        }

        for (int i = bytes.Length & ~7; i < bytes.Length; i++)
        {
            Mix(bytes[i]);
        }

        Watcher?.Invoke(at, link, bytes, fate);
    }

    public override string ToString()
    {
        StringBuilder text = new();
        for (long i = Math.Max(0, Count - capacity); i < Count; i++)
        {
            (TimeSpan at, string link, byte[] bytes, Fate fate) = _entries[i % capacity];
            text.Append(CultureInfo.InvariantCulture, $"  {at.TotalSeconds,12:f6} {link,-14} {(fate == Fate.Sent ? string.Empty : fate),-10} {FrameText.Describe(bytes)}").AppendLine();
        }

        return text.ToString();
    }

    private void Mix(ulong value)
    {
        // The finaliser of SplitMix64 over the running value.
        ulong mixed = (Hash ^ value) * 0xBF58_476D_1CE4_E5B9;
        Hash = mixed ^ (mixed >> 29);
    }
}
