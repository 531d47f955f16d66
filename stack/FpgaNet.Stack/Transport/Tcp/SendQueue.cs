using FpgaNet.Packets.Buffers;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>
/// Data that the application has handed over, from SND.UNA on: the retransmission queue and what is not sent yet (RFC 9293 §3.8). It lies in pinned chunks of ours, or in buffers that the application gave
/// away; segments refer to either, so that sending and sending again copies nothing. Who has little to send begins with a small chunk: many connections can have something on their way at once.
/// </summary>
internal sealed class SendQueue(BufferPool pool, BufferPool smallPool, TcpMemory memory, int limit)
{
    // A reference that comes and goes costs more than copying less.
    private const int LeastShared = 1024;

    // Slices of a frame behind its headers.
    private const int FrameRuns = Frame.MaxSlices - 1;

    private Ring<SendRun> _runs;
    private uint _start; // position of the first byte in the stream
    private int _sharedRuns;

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
            if ((_runs.Count == 0 || _runs[_runs.Count - 1].Room == 0) && !TryAddChunk(data.Length))
            {
                break;
            }

            ref SendRun last = ref _runs[_runs.Count - 1];
            int part = Math.Min(data.Length, last.Room);
            data[..part].CopyTo(last.Buffer.Span[last.End..]);
            data = data[part..];
            last.Length += part;
            Length += part;
            taken += part;
        }

        return taken;
    }

    /// <summary>Takes a buffer over, whatever the limit says.</summary>
    /// <param name="slice">The bytes; their reference is the queue's from now on. Few are copied and let go of at once.</param>
    public void Append(BufferSlice slice)
    {
        if (slice.Length < LeastShared && slice.Length <= Room)
        {
            int copied = Append(slice.Span);
            slice = slice.Slice(copied, slice.Length - copied);
        }

        if (slice.Length == 0)
        {
            slice.Release();
            return;
        }

        _runs.Add(memory.ChunkRings) = new SendRun { Buffer = slice.Buffer, Offset = slice.Offset, Length = slice.Length, Begin = _start + (uint)Length, IsShared = true };
        Length += slice.Length;
        _sharedRuns++;
        memory.Take(slice.Length);
    }

    /// <summary>How much of a run of the queue one frame can hold: all of it, unless it lies in many buffers of the application's.</summary>
    /// <param name="offset">First byte, from the queue's beginning.</param>
    /// <param name="length">Bytes; one more than there are when FIN follows.</param>
    public int Fit(int offset, int length) => _sharedRuns == 0 ? length : FitShared(offset, length);

    /// <summary>Adds a run of the queue to a frame, by reference.</summary>
    /// <param name="frame">The frame; a run of up to 64 KiB takes one or two of its slices when it lies in chunks of ours.</param>
    /// <param name="offset">First byte, from the queue's beginning.</param>
    /// <param name="length">Bytes, no more than <see cref="Fit"/>.</param>
    public void AddTo(ref Frame frame, int offset, int length)
    {
        int index = Locate(offset, out int at);
        while (length > 0)
        {
            ref SendRun run = ref _runs[index++];
            BufferSlice slice = new(run.Buffer, run.Offset + at, Math.Min(length, run.Length - at));
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
        int index = Locate(offset, out int at);
        while (!destination.IsEmpty)
        {
            ref SendRun run = ref _runs[index++];
            Span<byte> bytes = run.Buffer.Span.Slice(run.Offset + at, Math.Min(run.Length - at, destination.Length));
            bytes.CopyTo(destination);
            destination = destination[bytes.Length..];
            at = 0;
        }
    }

    /// <summary>Lets go of the oldest bytes: they were acknowledged.</summary>
    public void Release(int length)
    {
        _start += (uint)length;
        Length -= length;
        while (_runs.Count != 0 && _start - _runs[0].Begin >= (uint)_runs[0].Length)
        {
            SendRun run = _runs[0];
            _runs.RemoveFirst(memory.ChunkRings);
            if (run.IsShared)
            {
                _sharedRuns--;
                memory.Give(run.Length);
                run.Buffer.Release();
            }
            else
            {
                memory.Give(run.Buffer.Capacity);
                run.Buffer.ReleaseOwned();
            }
        }
    }

    /// <summary>Lets go of everything.</summary>
    public void Clear() => Release(Length);

    private int FitShared(int offset, int length)
    {
        int data = Math.Min(length, Length - offset);
        if (data <= 0)
        {
            return length;
        }

        int index = Locate(offset, out int within);
        int fit = 0;
        for (int i = index; i < Math.Min(index + FrameRuns, _runs.Count); i++)
        {
            fit += _runs[i].Length - within;
            within = 0;
        }

        return fit < data ? fit : length;
    }

    private int Locate(int offset, out int within)
    {
        uint position = _start + (uint)offset;
        int low = 0;
        for (int high = _runs.Count - 1; low < high;)
        {
            int middle = (low + high + 1) >> 1;
            if ((int)(position - _runs[middle].Begin) >= 0)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        within = (int)(position - _runs[low].Begin);
        return low;
    }

    private bool TryAddChunk(int wanted)
    {
        if (_runs.Count == 0 && wanted <= smallPool.BufferSize && smallPool.TryRentOwned() is { } small)
        {
            Add(small);
            return true;
        }

        // A dynamic threshold: who holds little may always take, who holds much must leave to others as much again.
        if (_runs.Count - _sharedRuns > pool.Available / 4 || (_runs.Count != 0 && memory.IsFull) || pool.TryRentOwned() is not { } chunk)
        {
            return false;
        }

        Add(chunk);
        return true;
    }

    private void Add(PacketBuffer chunk)
    {
        _runs.Add(memory.ChunkRings) = new SendRun { Buffer = chunk, Begin = _start + (uint)Length };
        memory.Take(chunk.Capacity);
    }
}

/// <summary>A run of the stream in one buffer of a <see cref="SendQueue"/>.</summary>
internal struct SendRun
{
    /// <summary>The buffer.</summary>
    public PacketBuffer Buffer;

    /// <summary>Its first byte that belongs to the stream.</summary>
    public int Offset;

    /// <summary>Bytes of the stream in it.</summary>
    public int Length;

    /// <summary>Position of the first of them in the stream, modulo 2³².</summary>
    public uint Begin;

    /// <summary>The application has given the buffer away: nothing is added to it.</summary>
    public bool IsShared;

    /// <summary>One behind the last byte, in the buffer.</summary>
    public readonly int End => Offset + Length;

    /// <summary>Bytes that may be added.</summary>
    public readonly int Room => IsShared ? 0 : Buffer.Capacity - End;
}
