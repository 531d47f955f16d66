using System.Runtime.CompilerServices;
using FpgaNet.Driver.Pci;
using FpgaNet.Packets.Buffers;

namespace FpgaNet.Driver.Rings;

/// <summary>The pools that the card can reach. A pool is mapped when its first buffer comes by; after that a bus address is an
/// array lookup and an addition.</summary>
internal sealed class PoolMappings(IPciFunction function)
{
    private const ulong PageSize = 4096;

    private BufferPool?[] _pools = new BufferPool?[16];
    private ulong[] _toBus = new ulong[16];

    /// <summary>Bus address of a slice's first byte.</summary>
    public ulong BusAddress(in BufferSlice slice)
    {
        BufferPool pool = slice.Buffer.Pool;
        int id = pool.Id;
        if ((uint)id >= (uint)_pools.Length || _pools[id] is null)
        {
            Map(pool);
        }

        return _toBus[id] + (ulong)slice.Address;
    }

    /// <summary>Ends all mappings: only when the card is known to be quiet.</summary>
    public void UnmapAll()
    {
        for (int i = 0; i < _pools.Length; i++)
        {
            if (_pools[i] is { } pool)
            {
                function.UnmapDma(_toBus[i] + (ulong)pool.Address);
                _pools[i] = null;
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Map(BufferPool pool)
    {
        if (pool.Id >= _pools.Length)
        {
            int length = Math.Max(pool.Id + 1, 2 * _pools.Length);
            Array.Resize(ref _pools, length);
            Array.Resize(ref _toBus, length);
        }

        // The slab starts on a page but need not end on one; the card is never told of an address behind it.
        ulong bytes = ((ulong)pool.ByteLength + PageSize - 1) & ~(PageSize - 1);
        _toBus[pool.Id] = function.MapDma(pool.Address, (nuint)bytes) - (ulong)pool.Address;
        _pools[pool.Id] = pool;
    }
}
