using FpgaNet.Packets.Buffers;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>
/// Data that the application has handed over, from SND.UNA on: the retransmission queue and what is not sent yet (RFC 9293 §3.8). It lies in pinned chunks,
/// each full but the last; segments refer to the chunks, so that sending and sending again copies nothing. Who has little to send begins with a small chunk: many connections
/// can have something on their way at once.
/// </summary>
internal sealed class SendQueue(BufferPool pool, BufferPool smallPool, TcpMemory memory, int limit)
{
    private Ring<PacketBuffer> _chunks;
    private int _offset; // first byte that counts in the oldest chunk
    private int _firstSize; // bytes in the oldest chunk; all others are of the large pool

    /// <summary>Bytes in the queue.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes that it may hold.</summary>
    public int Limit { get; set; } = limit;

    /// <summary>Bytes that may still be added before the limit; memory may end earlier.</summary>
    public int Room => Limit - Length;

    /// <summary>Copies as much in as limit and memory allow.</summary>
    /// <returns>Bytes taken.</returns>
    public int Append(ReadOnlySpan<byte> data)
    {
        int taken = 0;
        data = data[..Math.Min(data.Length, Math.Max(Room, 0))];
        while (!data.IsEmpty)
        {
            int index = Locate(_offset + Length, out int within);
            if (index == _chunks.Count && !TryAddChunk(data.Length))
            {
                break;
            }

            Span<byte> room = _chunks[index].Span[within..];
            int part = Math.Min(data.Length, room.Length);
            data[..part].CopyTo(room);
            data = data[part..];
            Length += part;
            taken += part;
        }

        return taken;
    }

    /// <summary>Adds a run of the queue to a frame, by reference.</summary>
    /// <param name="frame">The frame; a run of up to 64 KiB takes one or two of its slices.</param>
    /// <param name="offset">First byte, from the queue's beginning.</param>
    /// <param name="length">Bytes.</param>
    public void AddTo(ref Frame frame, int offset, int length)
    {
        int index = Locate(_offset + offset, out int at);
        while (length > 0)
        {
            PacketBuffer chunk = _chunks[index++];
            BufferSlice slice = new(chunk, at, Math.Min(length, chunk.Capacity - at));
            slice.AddReference();
            frame.Add(slice);
            length -= slice.Length;
            at = 0;
        }
    }

    /// <summary>Copies a run of the queue.</summary>
    /// <param name="offset">First byte, from the queue's beginning.</param>
    /// <param name="destination">Receives the bytes.</param>
    public void CopyTo(int offset, Span<byte> destination)
    {
        int index = Locate(_offset + offset, out int at);
        while (!destination.IsEmpty)
        {
            Span<byte> bytes = _chunks[index++].Span[at..];
            bytes = bytes[..Math.Min(bytes.Length, destination.Length)];
            bytes.CopyTo(destination);
            destination = destination[bytes.Length..];
            at = 0;
        }
    }

    /// <summary>Lets go of the oldest bytes: they were acknowledged.</summary>
    public void Release(int length)
    {
        _offset += length;
        Length -= length;
        while (_chunks.Count != 0 && (_offset >= _firstSize || Length == 0))
        {
            _chunks[0].ReleaseOwned();
            memory.Give(_firstSize);
            _chunks.RemoveFirst(memory.ChunkRings);
            _offset = _chunks.Count == 0 ? 0 : _offset - _firstSize;
            _firstSize = _chunks.Count == 0 ? 0 : pool.BufferSize;
        }
    }

    /// <summary>Lets go of everything.</summary>
    public void Clear() => Release(Length);

    private int Locate(int at, out int within)
    {
        if (at < _firstSize)
        {
            within = at;
            return 0;
        }

        (int index, within) = Math.DivRem(at - _firstSize, pool.BufferSize);
        return _chunks.Count == 0 ? 0 : index + 1;
    }

    private bool TryAddChunk(int wanted)
    {
        if (_chunks.Count == 0 && wanted <= smallPool.BufferSize && smallPool.TryRentOwned() is { } small)
        {
            Add(small);
            return true;
        }

        // A dynamic threshold: who holds little may always take, who holds much must leave to others as much again.
        if (_chunks.Count > pool.Available / 4 || (_chunks.Count != 0 && memory.IsFull) || pool.TryRentOwned() is not { } chunk)
        {
            return false;
        }

        Add(chunk);
        return true;
    }

    private void Add(PacketBuffer chunk)
    {
        _firstSize = _chunks.Count == 0 ? chunk.Capacity : _firstSize;
        _chunks.Add(memory.ChunkRings, chunk);
        memory.Take(chunk.Capacity);
    }
}
