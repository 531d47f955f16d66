namespace FpgaNet.Packets.Buffers;

/// <summary>
/// One fixed-size, pinned, reference-counted block of memory from a <see cref="BufferPool"/>. The objects are made once with
/// their pool and reused for ever: renting and releasing never allocate. Whoever holds a reference may read; only a sole
/// holder may write. Reference counts may be changed from any thread.
/// </summary>
public sealed unsafe class PacketBuffer
{
    private int _references;

    internal PacketBuffer(BufferPool pool, int index, nint address)
    {
        Pool = pool;
        Index = index;
        Address = address;
        Capacity = pool.BufferSize;
    }

    /// <summary>The pool this buffer returns to when its last reference is released.</summary>
    public BufferPool Pool { get; }

    /// <summary>Position in the pool, 0 to <see cref="BufferPool.BufferCount"/> − 1.</summary>
    public int Index { get; }

    /// <summary>Address of the first byte. It never changes: the memory is outside the managed heap.</summary>
    public nint Address { get; }

    /// <summary>Size in bytes.</summary>
    public int Capacity { get; }

    /// <summary>How many references are held; 0 means that the buffer lies in its pool.</summary>
    public int References => Volatile.Read(ref _references);

    /// <summary>All bytes of the buffer. The span is valid for as long as a reference is held.</summary>
    public Span<byte> Span => new((void*)Address, Capacity);

    /// <summary>Takes one more reference.</summary>
    /// <exception cref="InvalidOperationException">The buffer is not in use.</exception>
    public void AddReference()
    {
        if (Interlocked.Increment(ref _references) <= 1)
        {
            Interlocked.Decrement(ref _references);
            ThrowNotInUse();
        }
    }

    /// <summary>Gives one reference back; the last one returns the buffer to its pool.</summary>
    /// <exception cref="InvalidOperationException">No reference was held.</exception>
    public void Release()
    {
        // A sole holder needs no interlocked operation: nobody else can change the count.
        if (Volatile.Read(ref _references) == 1)
        {
            _references = 0;
            Pool.Return(this);
            return;
        }

        int left = Interlocked.Decrement(ref _references);
        if (left == 0)
        {
            Pool.Return(this);
        }
        else if (left < 0)
        {
            Interlocked.Increment(ref _references);
            ThrowNotInUse();
        }
    }

    internal void MarkRented() => Volatile.Write(ref _references, 1);

    private static void ThrowNotInUse() =>
        throw new InvalidOperationException("A packet buffer was used after its last reference was released.");
}
