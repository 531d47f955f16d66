using System.Runtime.CompilerServices;

namespace FpgaNet.Packets.Buffers;

/// <summary>
/// A frame in scatter-gather form: up to <see cref="MaxSlices"/> slices, each of which holds one reference on its buffer.
/// The first slice holds all protocol headers (or the whole frame, where that is shorter), so that headers are always contiguous. A struct, so
/// that batches of frames lie in arrays and nothing is allocated for each packet.
/// </summary>
public struct Frame
{
    /// <summary>Most slices in a frame: a header, and payload over up to three buffers.</summary>
    public const int MaxSlices = 4;

    private SliceArray _slices;

    /// <summary>Makes a frame of one slice, taking over the caller's reference.</summary>
    /// <param name="slice">The bytes.</param>
    public Frame(BufferSlice slice)
    {
        _slices[0] = slice;
        SliceCount = 1;
        Length = slice.Length;
    }

    /// <summary>Slices in use.</summary>
    public int SliceCount { get; private set; }

    /// <summary>Bytes in all slices together: Ethernet header and payload, without the frame check sequence.</summary>
    public int Length { get; private set; }

    /// <summary>The first slice, which holds the headers.</summary>
    public readonly BufferSlice Header => _slices[0];

    /// <summary>Slice <paramref name="index"/>.</summary>
    /// <param name="index">0 to <see cref="SliceCount"/> − 1.</param>
    public readonly BufferSlice this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)SliceCount);
            return _slices[index];
        }
    }

    /// <summary>Appends a slice, taking over the caller's reference.</summary>
    /// <param name="slice">The bytes.</param>
    /// <exception cref="InvalidOperationException">The frame has <see cref="MaxSlices"/> slices already.</exception>
    public void Add(BufferSlice slice)
    {
        if (SliceCount == MaxSlices)
        {
            throw new InvalidOperationException($"A frame holds at most {MaxSlices} slices.");
        }

        _slices[SliceCount++] = slice;
        Length += slice.Length;
    }

    /// <summary>Copies bytes out of the frame, whatever slices they lie in.</summary>
    /// <param name="offset">First byte, counted from the frame's start.</param>
    /// <param name="destination">Receives the bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The frame has too few bytes.</exception>
    public readonly void CopyTo(int offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, Length - offset);
        for (int i = 0; !destination.IsEmpty; i++)
        {
            Span<byte> bytes = _slices[i].Span;
            if (offset >= bytes.Length)
            {
                offset -= bytes.Length;
                continue;
            }

            int count = Math.Min(bytes.Length - offset, destination.Length);
            bytes.Slice(offset, count).CopyTo(destination);
            destination = destination[count..];
            offset = 0;
        }
    }

    /// <summary>Takes one further reference for every slice.</summary>
    public readonly void AddReferences()
    {
        for (int i = 0; i < SliceCount; i++)
        {
            _slices[i].AddReference();
        }
    }

    /// <summary>Gives back every slice's reference and empties the frame.</summary>
    public void Release()
    {
        for (int i = 0; i < SliceCount; i++)
        {
            _slices[i].Release();
        }

        this = default;
    }

    [InlineArray(MaxSlices)]
    private struct SliceArray
    {
        private BufferSlice _first;
    }
}
