namespace FpgaNet.Simulation;

/// <summary>How one direction of a link treats its frames. Probabilities are per frame; all draws come from the network's seed.</summary>
public sealed record LinkModel
{
    /// <summary>A link that takes no time and loses nothing.</summary>
    public static LinkModel Ideal { get; } = new() { Delay = TimeSpan.Zero, BitsPerSecond = 0, QueueFrames = int.MaxValue };

    /// <summary>From the last bit sent to the last bit received.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Added to the delay, uniformly from zero to this; the order is kept.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Speed; 0: frames take no time to send.</summary>
    public long BitsPerSecond { get; init; } = 100_000_000;

    /// <summary>Frames that wait to be sent at most. A host that finds its link full is held back; anybody else's frame is dropped.</summary>
    public int QueueFrames { get; init; } = 200;

    /// <summary>Bytes that wait to be sent at most.</summary>
    public int QueueBytes { get; init; } = int.MaxValue;

    /// <summary>From this many waiting bytes on, packets that allow it are marked "congestion experienced" (RFC 3168 §5); null: never.</summary>
    public int? EcnThresholdBytes { get; init; }

    /// <summary>Random loss.</summary>
    public double Loss { get; init; }

    /// <summary>Loss in bursts, besides <see cref="Loss"/>.</summary>
    public GilbertElliott? Burst { get; init; }

    /// <summary>Frames that are delayed once more by up to <see cref="ReorderDelay"/> and overtaken.</summary>
    public double Reorder { get; init; }

    /// <summary>Longest extra delay of a reordered frame; null: as long as <see cref="Delay"/>.</summary>
    public TimeSpan? ReorderDelay { get; init; }

    /// <summary>Frames that arrive twice.</summary>
    public double Duplicate { get; init; }

    /// <summary>Frames of which one bit, anywhere, is turned over.</summary>
    public double Corrupt { get; init; }

    /// <summary>Round trips' worth of data on a link of this speed, in bytes: for queue limits.</summary>
    public long BandwidthDelayProduct(TimeSpan roundTrip) => (long)(BitsPerSecond / 8.0 * roundTrip.TotalSeconds);
}

/// <summary>The Gilbert–Elliott model: two states with losses of their own, and a change of state drawn for every frame.</summary>
/// <param name="ToBad">Probability of going from the good state to the bad one.</param>
/// <param name="ToGood">Probability of going back: bursts are 1/ToGood frames long on average.</param>
/// <param name="LossInBad">Loss in the bad state.</param>
/// <param name="LossInGood">Loss in the good state.</param>
public sealed record GilbertElliott(double ToBad, double ToGood, double LossInBad = 1, double LossInGood = 0);
