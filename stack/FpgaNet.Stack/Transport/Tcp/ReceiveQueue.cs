using FpgaNet.Packets.Buffers;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>
/// Received data in order, until the application takes it (RFC 9293 §3.8.6). It stays in the buffers the device put it in, unless that would
/// hold too many of them: small segments behind others, and any once the device's pool is half empty, are copied together into chunks of our own.
/// </summary>
internal sealed class ReceiveQueue(BufferPool chunks, TcpMemory memory)
{
    private const int SmallSegment = 256;

    private Ring<BufferSlice> _entries;

    /// <summary>Bytes in the queue.</summary>
    public int Length { get; private set; }

    /// <summary>Whether a segment in such a buffer can be kept without starving the device.</summary>
    public bool CanKeep(PacketBuffer buffer) => _entries.Count == 0 || (!memory.IsFull && (!IsScarce(buffer.Pool) || chunks.Available != 0));

    /// <summary>Whether a segment in such a buffer can be kept out of order: there it stays in the buffer, and what fills the hole needs one too.</summary>
    public bool CanKeepApart(PacketBuffer buffer) => !memory.IsFull && buffer.Pool.Available >= buffer.Pool.BufferCount / 4;

    /// <summary>Appends a run of bytes and takes over its reference.</summary>
    public void Append(BufferSlice slice)
    {
        if (slice.Length == 0)
        {
            slice.Release();
            return;
        }

        Length += slice.Length;
        memory.Take(slice.Length);
        if ((slice.Length <= SmallSegment && _entries.Count != 0) || IsScarce(slice.Buffer.Pool))
        {
            slice = CopyTogether(slice);
            if (slice.Length == 0)
            {
                slice.Release();
                return;
            }
        }

        _entries.Add(memory.SliceRings) = slice;
    }

    /// <summary>One byte, which stays.</summary>
    /// <param name="offset">Which, from the queue's beginning; less than <see cref="Length"/>.</param>
    public byte Peek(int offset)
    {
        int at = 0;
        while (offset >= _entries[at].Length)
        {
            offset -= _entries[at++].Length;
        }

        return _entries[at].Span[offset];
    }

    /// <summary>Copies bytes, which stay.</summary>
    /// <param name="offset">The first, from the queue's beginning.</param>
    /// <param name="destination">Receives them; no more than there are.</param>
    public void Peek(int offset, Span<byte> destination)
    {
        for (int at = 0; !destination.IsEmpty; at++)
        {
            BufferSlice entry = _entries[at];
            if (offset >= entry.Length)
            {
                offset -= entry.Length;
                continue;
            }

            int part = Math.Min(entry.Length - offset, destination.Length);
            entry.Span.Slice(offset, part).CopyTo(destination);
            destination = destination[part..];
            offset = 0;
        }
    }

    /// <summary>Takes bytes out unseen.</summary>
    /// <param name="count">How many; no more than there are.</param>
    public void Discard(int count)
    {
        Length -= count;
        memory.Give(count);
        while (count > 0)
        {
            ref BufferSlice entry = ref _entries[0];
            int part = Math.Min(entry.Length, count);
            count -= part;
            if (part < entry.Length)
            {
                entry = entry.Slice(part, entry.Length - part);
            }
            else
            {
                Release(entry);
                _entries.RemoveFirst(memory.SliceRings);
            }
        }
    }

    /// <summary>Hands the oldest run of bytes over with its reference.</summary>
    /// <param name="most">Bytes at most, 1 or more.</param>
    /// <returns>The run; empty when nothing is there.</returns>
    public BufferSlice TakeRun(int most)
    {
        if (_entries.Count == 0)
        {
            return default;
        }

        ref BufferSlice entry = ref _entries[0];
        BufferSlice run = entry;
        if (most < run.Length)
        {
            run = run.Slice(0, most);
            run.AddReference();
            entry = entry.Slice(most, entry.Length - most);
        }
        else
        {
            _entries.RemoveFirst(memory.SliceRings);
        }

        Length -= run.Length;
        memory.Give(run.Length);
        return run;
    }

    /// <summary>Moves bytes to the application.</summary>
    /// <returns>Bytes moved.</returns>
    public int Read(Span<byte> destination)
    {
        int total = 0;
        while (_entries.Count != 0 && !destination.IsEmpty)
        {
            ref BufferSlice entry = ref _entries[0];
            int part = Math.Min(entry.Length, destination.Length);
            entry.Span[..part].CopyTo(destination);
            destination = destination[part..];
            total += part;
            if (part < entry.Length)
            {
                entry = entry.Slice(part, entry.Length - part);
            }
            else
            {
                Release(entry);
                _entries.RemoveFirst(memory.SliceRings);
            }
        }

        Length -= total;
        memory.Give(total);
        return total;
    }

    /// <summary>Lets go of everything.</summary>
    public void Clear()
    {
        while (_entries.Count != 0)
        {
            Release(_entries[0]);
            _entries.RemoveFirst(memory.SliceRings);
        }

        memory.Give(Length);
        Length = 0;
    }

    // Only the pool of chunks is ours; other buffers are the device's, or a peer's in this process.
    private void Release(BufferSlice slice)
    {
        if (slice.Buffer.Pool == chunks)
        {
            slice.Buffer.ReleaseOwned();
        }
        else
        {
            slice.Release();
        }
    }

    private static bool IsScarce(BufferPool pool) => pool.Available < pool.BufferCount / 2;

    private BufferSlice CopyTogether(BufferSlice slice)
    {
        while (slice.Length != 0)
        {
            int place = _entries.Count - 1;
            if (place < 0 || _entries[place].Buffer.Pool != chunks || RoomBehind(_entries[place]) == 0)
            {
                if (chunks.TryRentOwned() is not { } chunk)
                {
                    break;
                }

                _entries.Add(memory.SliceRings) = new BufferSlice(chunk, 0, 0);
                continue;
            }

            ref BufferSlice last = ref _entries[place];
            int part = Math.Min(RoomBehind(last), slice.Length);
            slice.Span[..part].CopyTo(last.Buffer.Span[(last.Offset + last.Length)..]);
            last = new BufferSlice(last.Buffer, last.Offset, last.Length + part);
            slice = slice.Slice(part, slice.Length - part);
        }

        return slice;
    }

    private static int RoomBehind(BufferSlice slice) => slice.Buffer.Capacity - slice.Offset - slice.Length;
}
