using System.Runtime.CompilerServices;
using FpgaNet.Driver.Pci;
using FpgaNet.Packets.Buffers;

namespace FpgaNet.Driver.Rings;

/// <summary>The pools that the card can reach. A pool is mapped when its first buffer comes by; after that a bus address is an
/// array lookup and an addition. Any thread.</summary>
internal sealed class PoolMappings(IPciFunction function)
{
    private const ulong PageSize = 4096;

    private readonly Lock _lock = new();

    // By pool: what to add to an address, a multiple of the page size, and 1; 0: not mapped. A longer array takes the place of the old one, which readers may still have.
    private ulong[] _toBus = new ulong[16];
    private BufferPool?[] _pools = new BufferPool?[16];

    /// <summary>Bus address of a slice's first byte.</summary>
    public ulong BusAddress(in BufferSlice slice)
    {
        BufferPool pool = slice.Buffer.Pool;
        ulong[] toBus = Volatile.Read(ref _toBus);
        ulong entry = (uint)pool.Id < (uint)toBus.Length ? toBus[pool.Id] : 0;
        return (entry != 0 ? entry : Map(pool)) - 1 + (ulong)slice.Address;
    }

    /// <summary>Ends all mappings: only when the card is known to be quiet.</summary>
    public void UnmapAll()
    {
        for (int i = 0; i < _pools.Length; i++)
        {
            if (_pools[i] is { } pool)
            {
                function.UnmapDma(_toBus[i] - 1 + (ulong)pool.Address);
                _pools[i] = null;
                _toBus[i] = 0;
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong Map(BufferPool pool)
    {
        lock (_lock)
        {
            if (pool.Id >= _pools.Length)
            {
                int length = Math.Max(pool.Id + 1, 2 * _pools.Length);
                Array.Resize(ref _pools, length);
                ulong[] longer = new ulong[length];
                _toBus.CopyTo(longer, 0);
                Volatile.Write(ref _toBus, longer);
            }

            if (_pools[pool.Id] is null)
            {
                // The slab starts on a page but need not end on one; the card is never told of an address behind it.
                ulong bytes = ((ulong)pool.ByteLength + PageSize - 1) & ~(PageSize - 1);
                _toBus[pool.Id] = function.MapDma(pool.Address, (nuint)bytes) - (ulong)pool.Address + 1;
                _pools[pool.Id] = pool;
            }

            return _toBus[pool.Id];
        }
    }
}
