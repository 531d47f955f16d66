using System.Runtime.InteropServices;

namespace FpgaNet.Packets.Buffers;

/// <summary>
/// A slab of page-aligned memory outside the managed heap, cut into equal buffers. A device maps the whole slab for DMA
/// once (<see cref="Address"/>, <see cref="ByteLength"/>) and afterwards knows the bus address of every buffer.
/// Renting and returning are lock-free, may be done from any thread, and never allocate.
/// </summary>
/// <remarks>
/// The free list is a stack (the buffer that came back last is warm in the cache and goes out first). Its head is one 64-bit word, changed by one
/// interlocked operation: the index of the first free buffer, how many are free, and a count of takings. The count defeats ABA: a thread that read
/// the head, slept, and finds the same first buffer again would put a stale successor in its place; it fails unless exactly a multiple of
/// 2²⁴ takings came in between.
/// </remarks>
public sealed unsafe class BufferPool : IDisposable
{
    /// <summary>Most buffers in a pool.</summary>
    public const int MaximumBufferCount = (1 << IndexBits) - 2;

    private const int PageSize = 4096;
    private const int IndexBits = 20;
    private const long IndexMask = (1L << IndexBits) - 1;
    private const long OneFree = 1L << IndexBits;
    private const long OneTaking = 1L << (2 * IndexBits);

    private const int OwnedCapacity = 8;

    // In the place of an index: no further buffer.
    private const int None = (int)IndexMask;

    // What Dispose came to.
    private const int InUse = 0;
    private const int Disposed = 1;
    private const int Freed = 2;

    private static readonly Lock s_poolsLock = new();
    private static BufferPool?[] s_pools = new BufferPool?[16];
    private static int s_lastId;

    private readonly BufferControl* _controls;

    // What the owner has given back and not yet taken again.
    private readonly int[] _owned = new int[OwnedCapacity];
    private int _ownedCount;

    private PaddedHead _list;
    private int _state;

    /// <summary>Makes a pool.</summary>
    /// <param name="bufferCount">Buffers, 1 to <see cref="MaximumBufferCount"/>.</param>
    /// <param name="bufferSize">Bytes in a buffer, 64 or more; rounded up to a multiple of 64 (a cache line).</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of range.</exception>
    public BufferPool(int bufferCount, int bufferSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bufferCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bufferCount, MaximumBufferCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(bufferSize, 64);
        BufferSize = (bufferSize + 63) & ~63;
        BufferCount = bufferCount;
        ByteLength = checked((long)bufferCount * BufferSize);
        Address = (nint)NativeMemory.AlignedAlloc((nuint)ByteLength, PageSize);
        NativeMemory.Clear((void*)Address, (nuint)ByteLength);

        Id = Register(this);
        _controls = BufferControls.Rent(bufferCount);
        for (int i = 0; i < bufferCount; i++)
        {
            _controls[i] = new BufferControl
            {
                Address = Address + (nint)((long)i * BufferSize),
                Capacity = BufferSize,
                Index = i,
                PoolId = Id,
                Next = i + 1 < bufferCount ? i + 1 : None,
            };
        }

        _list.Head = bufferCount * OneFree;
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
    public int Available => Free(Volatile.Read(ref _list.Head)) + Volatile.Read(ref _ownedCount);

    /// <summary>Takes a free buffer with one reference held by the caller; its contents are not cleared.</summary>
    /// <returns>The buffer, or null when the pool is empty: the caller drops, counts and goes on.</returns>
    public PacketBuffer? TryRent()
    {
        while (true)
        {
            long head = Volatile.Read(ref _list.Head);
            int index = (int)(head & IndexMask);
            if (index == None || Volatile.Read(ref _state) != InUse)
            {
                return null;
            }

            // The successor may be stale, when others took and returned meanwhile; then the exchange fails.
            long rest = (head & ~IndexMask) + OneTaking - OneFree;
            if (Interlocked.CompareExchange(ref _list.Head, rest | (uint)Volatile.Read(ref _controls[index].Next), head) == head)
            {
                Volatile.Write(ref _controls[index].References, 1);
                return new PacketBuffer(_controls + index);
            }
        }
    }

    /// <summary>
    /// As <see cref="TryRent()"/>, for a pool that has an owner: callers of this and of <see cref="PacketBuffer.ReleaseOwned"/> who keep each other out by a lock of their own. A few
    /// buffers that come and go in turn then take no interlocked operation.
    /// </summary>
    /// <returns>The buffer, or null when the pool is empty.</returns>
    public PacketBuffer? TryRentOwned()
    {
        if (_ownedCount == 0 || Volatile.Read(ref _state) != InUse)
        {
            return TryRent();
        }

        BufferControl* control = _controls + _owned[--_ownedCount];
        control->References = 1;
        return new PacketBuffer(control);
    }

    /// <summary>Takes free buffers in one interlocked operation, each with one reference held by the caller.</summary>
    /// <param name="buffers">Receives them, from the front.</param>
    /// <returns>How many: fewer than asked for when the pool has no more.</returns>
    public int TryRent(Span<PacketBuffer> buffers)
    {
        while (!buffers.IsEmpty && Volatile.Read(ref _state) == InUse)
        {
            // What is read on the way down the list may be stale; then the exchange fails.
            long head = Volatile.Read(ref _list.Head);
            int index = (int)(head & IndexMask);
            int count = 0;
            for (; count < buffers.Length && index != None; count++)
            {
                buffers[count] = new PacketBuffer(_controls + index);
                index = Volatile.Read(ref _controls[index].Next);
            }

            if (count == 0)
            {
                break;
            }

            long rest = (head & ~IndexMask) + (count * (OneTaking - OneFree));
            if (Interlocked.CompareExchange(ref _list.Head, rest | (uint)index, head) == head)
            {
                foreach (PacketBuffer buffer in buffers[..count])
                {
                    buffer.MarkRented();
                }

                return count;
            }
        }

        return 0;
    }

    /// <summary>The pool of a number, which has buffers out.</summary>
    internal static BufferPool Find(int id) => s_pools[id]!;

    internal void ReturnOwned(BufferControl* buffer)
    {
        if (_ownedCount == OwnedCapacity || Volatile.Read(ref _state) != InUse)
        {
            Return(buffer);
            return;
        }

        _owned[_ownedCount++] = buffer->Index;
    }

    internal void Return(BufferControl* buffer)
    {
        while (true)
        {
            long head = Volatile.Read(ref _list.Head);
            Volatile.Write(ref buffer->Next, (int)(head & IndexMask));
            if (Interlocked.CompareExchange(ref _list.Head, ((head & ~IndexMask) + OneFree) | (uint)buffer->Index, head) == head)
            {
                break;
            }
        }

        if (Volatile.Read(ref _state) != InUse)
        {
            FreeWhenAllAreBack();
        }
    }

    /// <summary>Lends no more buffers, and frees the slab: now, or, when buffers are still held, as soon as the last one comes back. Every device
    /// must have unmapped it.</summary>
    public void Dispose()
    {
        if (Interlocked.CompareExchange(ref _state, Disposed, InUse) == InUse)
        {
            FreeWhenAllAreBack();
        }
    }

    // Buffers hold their pool's number. A pool stays in the table until its last buffer is back, so that a slot that is read is never about to change.
    private static int Register(BufferPool pool)
    {
        lock (s_poolsLock)
        {
            int id = ++s_lastId;
            if (id == s_pools.Length)
            {
                Array.Resize(ref s_pools, 2 * id);
            }

            s_pools[id] = pool;
            return id;
        }
    }

    private static int Free(long head) => (int)((head >> IndexBits) & IndexMask);

    private void FreeWhenAllAreBack()
    {
        if (Available == BufferCount && Interlocked.CompareExchange(ref _state, Freed, Disposed) == Disposed)
        {
            lock (s_poolsLock)
            {
                s_pools[Id] = null;
            }

            BufferControls.Return(_controls, BufferCount);
            NativeMemory.AlignedFree((void*)Address);
        }
    }

    // From bit 0: index of the first free buffer, count of free ones, count of takings (24 bits, wraps). On cache lines of its own: the
    // pool's other fields never change, and threads that only read them must not wait for the line that everybody writes.
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct PaddedHead
    {
        [FieldOffset(64)]
        public long Head;
    }
}
