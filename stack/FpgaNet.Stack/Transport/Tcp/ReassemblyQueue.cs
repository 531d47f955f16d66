using FpgaNet.Packets.Buffers;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>Segments that arrived before what precedes them, in order of sequence and without overlap (RFC 9293 §3.10.7.4). What came first stays: a later copy cannot change it.</summary>
internal sealed class ReassemblyQueue(TcpMemory memory)
{
    /// <summary>Runs kept at most: each holds a buffer of the device.</summary>
    public const int MaximumEntries = 4096;

    private ReceivedRun[] _entries = [];
    private int _first;
    private int _count;

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Runs that wait.</summary>
    public int Count => _count;

    /// <summary>Whether runs that wait, of all connections, hold so many of the device's buffers that what they wait for might not get in.</summary>
    public static bool Starves(BufferPool pool) => pool.Available < pool.BufferCount / 4;

    /// <summary>Adds a run, whose reference is taken over; parts that are here already are left out.</summary>
    /// <returns>False when there was no place for all of it.</returns>
    public bool Add(SequenceNumber sequence, BufferSlice slice)
    {
        int index = FirstEndingAfter(sequence);
        while (true)
        {
            if (index < _count && Live[index].Sequence <= sequence)
            {
                int known = Live[index].End - sequence;
                if (known >= slice.Length)
                {
                    slice.Release();
                    return true;
                }

                slice = slice.Slice(known, slice.Length - known);
                sequence += known;
                index++;
                continue;
            }

            if (_count == MaximumEntries)
            {
                slice.Release();
                return false;
            }

            int gap = index < _count ? Live[index].Sequence - sequence : int.MaxValue;
            if (slice.Length <= gap)
            {
                Insert(index, new ReceivedRun(sequence, slice));
                return true;
            }

            slice.AddReference();
            Insert(index++, new ReceivedRun(sequence, slice.Slice(0, gap)));
            slice = slice.Slice(gap, slice.Length - gap);
            sequence += gap;
        }
    }

    /// <summary>Takes the first run if it begins at or before <paramref name="next"/>; its reference passes to the caller.</summary>
    /// <param name="next">The next sequence number wanted.</param>
    /// <param name="slice">The run from <paramref name="next"/> on; may be empty when all of it was known.</param>
    public bool TryTake(SequenceNumber next, out BufferSlice slice)
    {
        slice = default;
        if (_count == 0 || _entries[_first].Sequence > next)
        {
            return false;
        }

        ReceivedRun entry = _entries[_first];
        memory.Give(entry.Slice.Length);
        _first++;
        _count--;
        FreeRingWhenEmpty();
        int known = Math.Min(next - entry.Sequence, entry.Slice.Length);
        slice = entry.Slice.Slice(known, entry.Slice.Length - known);
        return true;
    }

    /// <summary>Lets go of everything.</summary>
    public void Clear()
    {
        foreach (ReceivedRun entry in Live)
        {
            memory.Give(entry.Slice.Length);
            entry.Slice.Release();
        }

        _count = 0;
        FreeRingWhenEmpty();
    }

    private void FreeRingWhenEmpty()
    {
        if (_count == 0)
        {
            memory.RunRings.Return(_entries);
            _entries = [];
            _first = 0;
        }
    }

    private int FirstEndingAfter(SequenceNumber sequence)
    {
        Span<ReceivedRun> live = Live;
        int low = 0;
        int high = _count;
        if (_count != 0 && live[^1].End <= sequence)
        {
            return _count; // most segments belong at the end
        }

        while (low < high)
        {
            int middle = (low + high) / 2;
            if (live[middle].End > sequence)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    private void Insert(int index, ReceivedRun entry)
    {
        if (_first + _count == _entries.Length)
        {
            ReceivedRun[] target = _count >= _entries.Length / 2 ? memory.RunRings.Rent(_entries.Length + 1) : _entries;
            Live.CopyTo(target);
            if (target != _entries)
            {
                memory.RunRings.Return(_entries);
                _entries = target;
            }

            _first = 0;
        }

        _count++;
        Live[index..^1].CopyTo(Live[(index + 1)..]);
        Live[index] = entry;
        memory.Take(entry.Slice.Length);
    }

    private Span<ReceivedRun> Live => _entries.AsSpan(_first, _count);
}

/// <summary>Received bytes that stand apart.</summary>
/// <param name="Sequence">Of the first byte.</param>
/// <param name="Slice">The bytes.</param>
internal readonly record struct ReceivedRun(SequenceNumber Sequence, BufferSlice Slice)
{
    /// <summary>One behind the last byte.</summary>
    public SequenceNumber End => Sequence + Slice.Length;
}
