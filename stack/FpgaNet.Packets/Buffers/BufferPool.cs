using System.Runtime.InteropServices;

namespace FpgaNet.Packets.Buffers;

/// <summary>
/// A slab of page-aligned memory outside the managed heap, cut into equal buffers. A device maps the whole slab for DMA
/// once (<see cref="Address"/>, <see cref="ByteLength"/>) and afterwards knows the bus address of every buffer.
/// Renting and returning are lock-free, may be done from any thread, and never allocate.
/// </summary>
public sealed unsafe class BufferPool : IDisposable
{
    private const int PageSize = 4096;

    private static int s_lastId;

    private readonly PacketBuffer[] _buffers;
    private readonly int[] _next;

    // The free list: low half the index of its first buffer (-1: empty), high half a count that defeats ABA.
    private long _head;
    private int _available;

    /// <summary>Makes a pool.</summary>
    /// <param name="bufferCount">Buffers, 1 or more.</param>
    /// <param name="bufferSize">Bytes in a buffer, 64 or more; rounded up to a multiple of 64 (a cache line).</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of range.</exception>
    public BufferPool(int bufferCount, int bufferSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bufferCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(bufferSize, 64);
        BufferSize = (bufferSize + 63) & ~63;
        BufferCount = bufferCount;
        Id = Interlocked.Increment(ref s_lastId);
        ByteLength = checked((long)bufferCount * BufferSize);
        Address = (nint)NativeMemory.AlignedAlloc((nuint)ByteLength, PageSize);
        NativeMemory.Clear((void*)Address, (nuint)ByteLength);

        _buffers = new PacketBuffer[bufferCount];
        _next = new int[bufferCount];
        for (int i = 0; i < bufferCount; i++)
        {
            _buffers[i] = new PacketBuffer(this, i, Address + (nint)((long)i * BufferSize));
            _next[i] = i + 1 < bufferCount ? i + 1 : -1;
        }

        _available = bufferCount;
        _head = 0;
    }

    /// <summary>A small number, unique in the process, by which a device can keep its DMA mapping of this pool in an array.</summary>
    public int Id { get; }

    /// <summary>First byte of the slab; page aligned.</summary>
    public nint Address { get; }

    /// <summary>Bytes in the slab.</summary>
    public long ByteLength { get; }

    /// <summary>Bytes in one buffer.</summary>
    public int BufferSize { get; }

    /// <summary>Buffers in the pool.</summary>
    public int BufferCount { get; }

    /// <summary>Buffers that are free now. A test that ends with fewer than <see cref="BufferCount"/> has found a leak.</summary>
    public int Available => Volatile.Read(ref _available);

    /// <summary>Takes a free buffer with one reference held by the caller; its contents are not cleared.</summary>
    /// <returns>The buffer, or null when the pool is empty: the caller drops, counts and goes on.</returns>
    public PacketBuffer? TryRent()
    {
        while (true)
        {
            long head = Volatile.Read(ref _head);
            int index = (int)head;
            if (index < 0)
            {
                return null;
            }

            if (Interlocked.CompareExchange(ref _head, Pack(_next[index], head), head) == head)
            {
                Interlocked.Decrement(ref _available);
                PacketBuffer buffer = _buffers[index];
                buffer.MarkRented();
                return buffer;
            }
        }
    }

    internal void Return(PacketBuffer buffer)
    {
        while (true)
        {
            long head = Volatile.Read(ref _head);
            Volatile.Write(ref _next[buffer.Index], (int)head);
            if (Interlocked.CompareExchange(ref _head, Pack(buffer.Index, head), head) == head)
            {
                Interlocked.Increment(ref _available);
                return;
            }
        }
    }

    /// <summary>Frees the slab. Every buffer must have come back and every device must have unmapped it.</summary>
    public void Dispose() => NativeMemory.AlignedFree((void*)Address);

    private static long Pack(int index, long oldHead) => (uint)index | (((oldHead >> 32) + 1) << 32);
}
