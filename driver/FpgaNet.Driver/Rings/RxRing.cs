using FpgaNet.Packets.Buffers;

namespace FpgaNet.Driver.Rings;

/// <summary>
/// The receive ring: free buffers for the card. It is full at all times, because a slot's buffer leaves only in exchange for
/// another: a ring that could run empty would never wake anybody who could fill it again.
/// </summary>
internal sealed class RxRing
{
    private readonly DmaMemory _memory;
    private readonly PoolMappings _pools;
    private readonly PacketBuffer[] _buffers;
    private ushort _posted;

    /// <summary>Fills the ring from a pool.</summary>
    /// <exception cref="ArgumentException">The pool has too few buffers.</exception>
    public RxRing(DmaMemory memory, int log2, PoolMappings pools, BufferPool pool)
    {
        _memory = memory;
        _pools = pools;
        Log2 = log2;
        _buffers = new PacketBuffer[1 << log2];
        for (int i = 0; i < _buffers.Length; i++)
        {
            _buffers[i] = pool.TryRent() ?? throw new ArgumentException($"The receive pool has fewer free buffers than the ring of {_buffers.Length}.", nameof(pool));
        }

        Restart();
    }

    public int Log2 { get; }

    public int Size => _buffers.Length;

    public ulong BusAddress => _memory.BusAddress;

    /// <summary>Position of the next descriptor that the card will use, as a free-running count.</summary>
    public ushort Next { get; private set; }

    /// <summary>Descriptors filled, as a free-running count: the doorbell's value.</summary>
    public ushort Producer => (ushort)(Next + Size);

    /// <summary>The buffer at <see cref="Next"/>.</summary>
    public PacketBuffer Current => _buffers[Next & (Size - 1)];

    /// <summary>So many descriptors were filled since the last doorbell that the card should hear of them.</summary>
    public bool DoorbellDue => (ushort)(Producer - _posted) >= Math.Max(1, Size >> 3);

    /// <summary>Puts a buffer where <see cref="Current"/> was and goes on; the caller owns the buffer that was there, if it is another.</summary>
    public void Replace(PacketBuffer buffer)
    {
        int slot = Next & (Size - 1);
        _buffers[slot] = buffer;
        Write(slot);
        Next++;
    }

    /// <summary>The value for the card's Producer register, which is to be written now.</summary>
    public uint Post() => _posted = Producer;

    /// <summary>Offers the same buffers again from position 0: only when the card is known to be quiet.</summary>
    public void Restart()
    {
        Next = 0;
        _posted = 0;
        for (int i = 0; i < _buffers.Length; i++)
        {
            Write(i);
        }
    }

    /// <summary>Gives the buffers back and frees the ring: only when the card is known to be quiet.</summary>
    public void Free()
    {
        foreach (PacketBuffer buffer in _buffers)
        {
            buffer.Release();
        }

        _memory.Free();
    }

    private void Write(int slot)
    {
        PacketBuffer buffer = _buffers[slot];
        ulong bus = _pools.BusAddress(new BufferSlice(buffer, 0, buffer.Capacity));
        _memory.Entries<RxDescriptor>()[slot] = new RxDescriptor
        {
            AddressLow = (uint)bus,
            AddressHigh = (uint)(bus >> 32),
            Length = (uint)Math.Min(buffer.Capacity, ushort.MaxValue),
        };
    }
}
