namespace FpgaNet.Packets.Buffers;

/// <summary>A run of bytes in a <see cref="PacketBuffer"/>: 16 bytes without a managed reference. Copying the struct does not take a reference on the buffer: say so with <see cref="AddReference"/>.</summary>
/// <param name="Buffer">The buffer that holds the bytes.</param>
/// <param name="Offset">First byte, counted from the buffer's start.</param>
/// <param name="Length">Bytes.</param>
public readonly record struct BufferSlice(PacketBuffer Buffer, int Offset, int Length)
{
    /// <summary>The bytes.</summary>
    public Span<byte> Span => Buffer.Span.Slice(Offset, Length);

    /// <summary>Address of the first byte.</summary>
    public nint Address => Buffer.Address + Offset;

    /// <summary>First byte behind the slice, counted from the buffer's start.</summary>
    public int End => Offset + Length;

    /// <summary>A part of this slice, on the same buffer and without a further reference.</summary>
    /// <param name="start">First byte, counted from this slice's start.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside the slice.</exception>
    public BufferSlice Slice(int start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)start, (uint)Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)(Length - start));
        return new BufferSlice(Buffer, Offset + start, length);
    }

    /// <summary>Takes a further reference on the buffer.</summary>
    public void AddReference() => Buffer.AddReference();

    /// <summary>Gives one reference on the buffer back.</summary>
    public void Release() => Buffer.Release();
}
