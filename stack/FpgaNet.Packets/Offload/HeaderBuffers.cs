using FpgaNet.Packets.Buffers;

namespace FpgaNet.Packets.Offload;

/// <summary>
/// Small buffers for headers, and a few large ones for payloads that have to be gathered. A peer in the same process may keep a header for as long as its
/// application leaves the payload unread; so when all are out, more are made, up to a bound. Used by one thread at a time (buffers come back from any).
/// </summary>
internal sealed class HeaderBuffers : IDisposable
{
    /// <summary>Bytes in a header buffer: the longest headers that are cut or rewritten, and a tag.</summary>
    internal const int HeaderSize = 256;

    private const int PoolSize = 1024;
    private const int MaximumPools = 64;
    private const int GatherCount = 16;

    private readonly BufferPool[] _pools = new BufferPool[MaximumPools];
    private readonly BufferPool _gather;
    private int _count;
    private int _current;

    /// <param name="gatherSize">Bytes in a large buffer.</param>
    internal HeaderBuffers(int gatherSize)
    {
        _pools[_count++] = new BufferPool(PoolSize, HeaderSize);
        _gather = new BufferPool(GatherCount, gatherSize);
    }

    /// <summary>Bytes in a large buffer.</summary>
    internal int GatherSize => _gather.BufferSize;

    /// <summary>Buffers that somebody holds.</summary>
    internal int Outstanding
    {
        get
        {
            int outstanding = _gather.BufferCount - _gather.Available;
            for (int i = 0; i < _count; i++)
            {
                outstanding += _pools[i].BufferCount - _pools[i].Available;
            }

            return outstanding;
        }
    }

    /// <summary>A header buffer, or null when as many as there may be are out.</summary>
    internal PacketBuffer? TryRent() => _pools[_current].TryRent() ?? TryRentElsewhere();

    /// <summary>A large buffer, or null when all are out.</summary>
    internal PacketBuffer? TryRentGather() => _gather.TryRent();

    /// <summary>Frees the memory; that of buffers still held is freed when they come back.</summary>
    public void Dispose()
    {
        for (int i = 0; i < _count; i++)
        {
            _pools[i].Dispose();
        }

        _gather.Dispose();
    }

    private PacketBuffer? TryRentElsewhere()
    {
        for (int i = 0; i < _count; i++)
        {
            if (_pools[i].TryRent() is { } buffer)
            {
                _current = i;
                return buffer;
            }
        }

        if (_count == MaximumPools)
        {
            return null;
        }

        _current = _count;
        _pools[_count++] = new BufferPool(PoolSize, HeaderSize);
        return _pools[_current].TryRent();
    }
}
