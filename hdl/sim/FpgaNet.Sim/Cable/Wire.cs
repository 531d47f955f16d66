namespace FpgaNet.Sim.Cable;

/// <summary>What a wire does to the frames that pass it. Rates are chances from 0 to 1 for each frame, drawn from the seed, for both directions alike.</summary>
public sealed record WireOptions
{
    /// <summary>Seed of everything random.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Time that a frame takes.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Frames that vanish.</summary>
    public double Loss { get; init; }

    /// <summary>Frames in which a bit flips, so that their check sequence is wrong.</summary>
    public double Corruption { get; init; }

    /// <summary>Frames in which bits flip so that the check sequence still fits: only a checksum above can find it.</summary>
    public double HiddenCorruption { get; init; }

    /// <summary>Frames that come twice.</summary>
    public double Duplication { get; init; }

    /// <summary>Frames that are held back, and overtaken by later ones.</summary>
    public double Reordering { get; init; }

    /// <summary>How long, at most, a frame is held back.</summary>
    public TimeSpan ReorderingDelay { get; init; } = TimeSpan.FromMicroseconds(100);

    /// <summary>Frames that a direction holds; the sender of one more is told to wait.</summary>
    public int Capacity { get; init; } = 512;
}

/// <summary>What became of the frames in one direction.</summary>
public sealed class WireCounters
{
    /// <summary>Frames handed to the wire.</summary>
    public long Sent { get; internal set; }

    /// <summary>Frames taken from it at the other end.</summary>
    public long Delivered { get; internal set; }

    /// <summary>Frames that vanished.</summary>
    public long Lost { get; internal set; }

    /// <summary>Frames with a flipped bit and a wrong check sequence.</summary>
    public long Corrupted { get; internal set; }

    /// <summary>Frames with flipped bits and a right check sequence.</summary>
    public long HiddenCorrupted { get; internal set; }

    /// <summary>Extra copies.</summary>
    public long Duplicated { get; internal set; }

    /// <summary>Frames held back.</summary>
    public long Reordered { get; internal set; }

    /// <summary>Times a sender found the wire full.</summary>
    public long Full { get; internal set; }
}

/// <summary>
/// A cable between two ends, with faults by seed: the same seed and the same frames in the same order give the same faults. Thread-safe; each direction
/// holds a bounded number of frames, and nothing is dropped but what the options ask for.
/// </summary>
public sealed class Wire : IDisposable
{
    private readonly WireDirection _toSecond;
    private readonly WireDirection _toFirst;

    /// <summary>Makes a wire.</summary>
    /// <param name="options">Its faults; null for a perfect one.</param>
    /// <param name="time">Whose time delays count in: a <see cref="LockstepClock"/>, or null for the system's.</param>
    public Wire(WireOptions? options = null, TimeProvider? time = null)
    {
        options ??= new WireOptions();
        time ??= TimeProvider.System;
        _toSecond = new WireDirection(options, options.Seed, time);
        _toFirst = new WireDirection(options, unchecked((options.Seed * 31) + 17), time);
        First = new WireEnd(_toSecond, _toFirst);
        Second = new WireEnd(_toFirst, _toSecond);
    }

    /// <summary>One end.</summary>
    public WireEnd First { get; }

    /// <summary>The other end.</summary>
    public WireEnd Second { get; }

    /// <summary>No frame is on the wire, in either direction.</summary>
    public bool IsIdle => _toFirst.Count == 0 && _toSecond.Count == 0;

    /// <summary>Stops the wire's timers.</summary>
    public void Dispose()
    {
        _toFirst.Dispose();
        _toSecond.Dispose();
    }
}

/// <summary>One end of a <see cref="Wire"/>.</summary>
public sealed class WireEnd
{
    private readonly WireDirection _out;
    private readonly WireDirection _in;

    internal WireEnd(WireDirection outgoing, WireDirection incoming)
    {
        _out = outgoing;
        _in = incoming;
    }

    /// <summary>What became of the frames sent from here.</summary>
    public WireCounters SentCounters => _out.Counters;

    /// <summary>A frame can be taken now.</summary>
    public bool HasFrame => _in.HasDue;

    /// <summary>A frame can be sent now.</summary>
    public bool HasRoom => _out.HasRoom;

    /// <summary>Called when a frame can be taken at this end; from any thread, quick, and not to call the wire.</summary>
    public Action? FrameArrived
    {
        get => _in.Arrived;
        set => _in.Arrived = value;
    }

    /// <summary>Called when room comes after <see cref="TrySend"/> found none; from any thread, quick, and not to call the wire.</summary>
    public Action? RoomCame
    {
        get => _out.RoomCame;
        set => _out.RoomCame = value;
    }

    /// <summary>Sends a frame; the bytes are copied.</summary>
    /// <param name="frame">From the destination address on, without frame check sequence.</param>
    /// <param name="defects">What is to be wrong with it.</param>
    /// <returns>False when the wire is full.</returns>
    public bool TrySend(ReadOnlySpan<byte> frame, LineDefects defects = LineDefects.None) => _out.TrySend(frame, defects);

    /// <summary>Takes the next frame that has arrived; <see cref="Return"/> it when done.</summary>
    /// <returns>Null when there is none.</returns>
    public WireFrame? TryTake() => _in.TryTake();

    /// <summary>Gives a frame back to the wire.</summary>
    /// <param name="frame">What <see cref="TryTake"/> returned.</param>
    public void Return(WireFrame frame) => _in.Return(frame);
}
