using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FpgaNet.Packets.Buffers;

/// <summary>
/// A frame in scatter-gather form: slices, each of which holds one reference on its buffer. The first slice holds all protocol headers (or the
/// whole frame, where that is shorter), so that headers are always contiguous. A struct, so that batches of frames lie in arrays and nothing is
/// allocated for each packet.
/// </summary>
/// <remarks>
/// A frame on its way out has at most <see cref="MaxSlices"/> slices, which is what devices can take. One that was merged from many on its way in may have
/// more; those are listed in a buffer that <see cref="Extend"/> adds.
/// </remarks>
public struct Frame
{
    /// <summary>Most slices in a frame that was not extended: a header, and payload over up to three buffers.</summary>
    public const int MaxSlices = 4;

    private SliceArray _slices;
    private PacketBuffer _list;
    private int _count;
    private int _length;

    /// <summary>Makes a frame of one slice, taking over the caller's reference.</summary>
    /// <param name="slice">The bytes.</param>
    public Frame(BufferSlice slice)
    {
        _slices[0] = slice;
        _count = 1;
        _length = slice.Length;
    }

    /// <summary>Slices in use.</summary>
    public readonly int SliceCount => _count;

    /// <summary>Bytes in all slices together: Ethernet header and payload, without the frame check sequence.</summary>
    public readonly int Length => _length;

    /// <summary>Slices that the frame can hold.</summary>
    public readonly int Capacity => MaxSlices + (_list.IsNone ? 0 : _list.Capacity / Unsafe.SizeOf<BufferSlice>());

    /// <summary>The first slice, which holds the headers.</summary>
    public readonly BufferSlice Header => _slices[0];

    /// <summary>Slice <paramref name="index"/>.</summary>
    /// <param name="index">0 to <see cref="SliceCount"/> − 1.</param>
    public readonly BufferSlice this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_count);
            return index < MaxSlices ? _slices[index] : List(_list)[index - MaxSlices];
        }
    }

    /// <summary>Appends a slice, taking over the caller's reference.</summary>
    /// <param name="slice">The bytes.</param>
    /// <exception cref="InvalidOperationException">The frame has as many slices as it holds.</exception>
    public void Add(BufferSlice slice)
    {
        if (_count < MaxSlices)
        {
            _slices[_count++] = slice;
        }
        else
        {
            AddToList(slice);
        }

        _length += slice.Length;
    }

    /// <summary>
    /// Appends a slice as <see cref="Add"/> does, or, when it begins where the last slice ends in the same buffer, makes that one longer; then the
    /// slice's reference is one too many and stays the caller's.
    /// </summary>
    /// <param name="slice">The bytes.</param>
    /// <returns>Whether the slice's reference was taken over.</returns>
    /// <exception cref="InvalidOperationException">The frame has as many slices as it holds.</exception>
    public bool Append(BufferSlice slice)
    {
        ref BufferSlice last = ref Slot(_count - 1);
        if (_count < 2 || last.Buffer != slice.Buffer || last.End != slice.Offset)
        {
            Add(slice);
            return true;
        }

        last = new BufferSlice(last.Buffer, last.Offset, last.Length + slice.Length);
        _length += slice.Length;
        return false;
    }

    /// <summary>Makes room for more slices.</summary>
    /// <param name="list">Where they are listed, 16 bytes each. The caller's reference is taken over and released with the frame.</param>
    /// <exception cref="InvalidOperationException">The frame was extended already.</exception>
    public void Extend(PacketBuffer list)
    {
        if (!_list.IsNone)
        {
            throw new InvalidOperationException("A frame is extended once.");
        }

        _list = list;
    }

    /// <summary>Appends a run of another frame's bytes by reference, taking further references on their buffers.</summary>
    /// <param name="source">The other frame, which has the bytes.</param>
    /// <param name="offset">First byte, counted from the other frame's start.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>False when this frame has too few slices left; some of the bytes may have been appended then.</returns>
    public bool TryAppend(in Frame source, int offset, int length)
    {
        for (int i = 0; length > 0; i++)
        {
            BufferSlice slice = source[i];
            if (offset >= slice.Length)
            {
                offset -= slice.Length;
                continue;
            }

            if (_count == Capacity)
            {
                return false;
            }

            slice = slice.Slice(offset, Math.Min(slice.Length - offset, length));
            slice.AddReference();
            Add(slice);
            length -= slice.Length;
            offset = 0;
        }

        return true;
    }

    /// <summary>Leaves out the frame's first bytes, which lie in its first slice.</summary>
    /// <param name="count">Bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The first slice has too few.</exception>
    public void RemoveFront(int count)
    {
        _slices[0] = _slices[0].Slice(count, _slices[0].Length - count);
        _length -= count;
    }

    /// <summary>Copies bytes out of the frame, whatever slices they lie in.</summary>
    /// <param name="offset">First byte, counted from the frame's start.</param>
    /// <param name="destination">Receives the bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The frame has too few bytes.</exception>
    public readonly void CopyTo(int offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, _length - offset);
        for (int i = 0; !destination.IsEmpty; i++)
        {
            Span<byte> bytes = this[i].Span;
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
        for (int i = 0; i < _count; i++)
        {
            this[i].AddReference();
        }

        if (!_list.IsNone)
        {
            _list.AddReference();
        }
    }

    /// <summary>Gives back every slice's reference and empties the frame.</summary>
    public void Release()
    {
        for (int i = 0; i < _count; i++)
        {
            this[i].Release();
        }

        Forget();
    }

    /// <summary>Empties the frame without releasing its slices: their references were taken over by somebody.</summary>
    public void Forget()
    {
        if (!_list.IsNone)
        {
            _list.Release();
            _list = default;
        }

        _count = 0;
        _length = 0;
    }

    private static Span<BufferSlice> List(PacketBuffer list) => MemoryMarshal.Cast<byte, BufferSlice>(list.Span);

    [UnscopedRef]
    private ref BufferSlice Slot(int index)
    {
        if (index < MaxSlices)
        {
            return ref _slices[Math.Max(index, 0)];
        }

        return ref List(_list)[index - MaxSlices];
    }

    private void AddToList(BufferSlice slice)
    {
        if (_count >= Capacity)
        {
            throw new InvalidOperationException($"A frame holds at most {Capacity} slices.");
        }

        List(_list)[_count++ - MaxSlices] = slice;
    }

    [InlineArray(MaxSlices)]
    private struct SliceArray
    {
        private BufferSlice _first;
    }
}
