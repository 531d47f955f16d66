using System.Runtime.InteropServices;

namespace FpgaNet.Packets.Devices;

/// <summary>A bounded queue of received frames between one producing and one consuming thread, without locks.</summary>
internal sealed class FrameRing
{
    private readonly RxFrame[] _entries;
    private readonly uint _mask;
    private Indices _indices;

    /// <summary>Makes a ring.</summary>
    /// <param name="capacity">Frames it holds, 1 or more; rounded up to a power of two.</param>
    public FrameRing(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _entries = new RxFrame[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity)];
        _mask = (uint)_entries.Length - 1;
    }

    /// <summary>Frames that wait. Exact for neither side while the other one works, but never hides a frame or room that was there before the call.</summary>
    public int Count => (int)(Volatile.Read(ref _indices.Tail) - Volatile.Read(ref _indices.Head));

    /// <summary>Frames that still fit.</summary>
    public int Room => _entries.Length - Count;

    /// <summary>Producer: puts a frame in place <paramref name="ahead"/> of those published; nobody sees it before <see cref="Publish"/>.</summary>
    public ref RxFrame Slot(int ahead) => ref _entries[(_indices.Tail + (uint)ahead) & _mask];

    /// <summary>Producer: makes the next <paramref name="count"/> slots visible.</summary>
    public void Publish(int count) => Volatile.Write(ref _indices.Tail, _indices.Tail + (uint)count);

    /// <summary>Consumer: takes frames, oldest first.</summary>
    public int Take(Span<RxFrame> frames)
    {
        int count = Math.Min(Count, frames.Length);
        uint head = _indices.Head;
        for (int i = 0; i < count; i++)
        {
            frames[i] = _entries[(head + (uint)i) & _mask];
        }

        Volatile.Write(ref _indices.Head, head + (uint)count);
        return count;
    }

    /// <summary>Releases whatever waits. Both sides must have stopped.</summary>
    public void Drain()
    {
        Span<RxFrame> one = new RxFrame[1];
        while (Take(one) != 0)
        {
            one[0].Frame.Release();
        }
    }

    // A cache line each, so that the two sides do not take each other's line away at every frame.
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Indices
    {
        [FieldOffset(64)]
        public uint Head;

        [FieldOffset(128)]
        public uint Tail;
    }
}
