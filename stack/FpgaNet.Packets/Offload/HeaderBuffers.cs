using FpgaNet.Packets.Buffers;

namespace FpgaNet.Packets.Offload;

/// <summary>
/// What <c>SoftwareOffload</c> writes into: small buffers for single headers, slabs in which the headers of a cut frame's segments lie one behind the other, and a
/// few large ones for payloads that have to be gathered. A peer in the same process may keep a header for as long as its application leaves the payload
/// unread; so when all are out, more are made, up to a bound. Used by one thread at a time (buffers come back from any).
/// </summary>
internal sealed class HeaderBuffers : IDisposable
{
    /// <summary>Bytes in a header buffer: the longest headers that are cut or rewritten, and a tag.</summary>
    internal const int HeaderSize = 256;

    /// <summary>Bytes in a slab: the headers of a super-frame cut at an Ethernet's segment size.</summary>
    internal const int SlabSize = 4096;

    private const int HeaderCount = 256;
    private const int SlabCount = 64;
    private const int GatherCount = 16;
    private const int ListCount = 64;
    private const int ListSize = 1024;

    private readonly GrowingPool _headers = new(HeaderCount, HeaderSize);
    private readonly GrowingPool _slabs = new(SlabCount, SlabSize);
    private readonly BufferPool _lists = new(ListCount, ListSize);
    private readonly BufferPool _gather;

    /// <param name="gatherSize">Bytes in a large buffer.</param>
    internal HeaderBuffers(int gatherSize) => _gather = new BufferPool(GatherCount, gatherSize);

    /// <summary>Buffers that somebody holds.</summary>
    internal int Outstanding => _headers.Outstanding + _slabs.Outstanding + _lists.BufferCount - _lists.Available
        + _gather.BufferCount - _gather.Available;

    /// <summary>A header buffer, or null when as many as there may be are out.</summary>
    internal PacketBuffer? TryRent() => _headers.TryRent();

    /// <summary>A slab, or null when as many as there may be are out.</summary>
    internal PacketBuffer? TryRentSlab() => _slabs.TryRent();

    /// <summary>A large buffer, or null when all are out.</summary>
    internal PacketBuffer? TryRentGather() => _gather.TryRent();

    /// <summary>A buffer that lists the slices of a merged frame, or null when all are out.</summary>
    internal PacketBuffer? TryRentList() => _lists.TryRent();

    /// <summary>Frees the memory; that of buffers still held is freed when they come back.</summary>
    public void Dispose()
    {
        _headers.Dispose();
        _slabs.Dispose();
        _lists.Dispose();
        _gather.Dispose();
    }

    private sealed class GrowingPool(int bufferCount, int bufferSize) : IDisposable
    {
        private const int MaximumPools = 64;

        private readonly BufferPool[] _pools = new BufferPool[MaximumPools];
        private int _count;
        private int _current;

        public int Outstanding
        {
            get
            {
                int outstanding = 0;
                for (int i = 0; i < _count; i++)
                {
                    outstanding += _pools[i].BufferCount - _pools[i].Available;
                }

                return outstanding;
            }
        }

        public PacketBuffer? TryRent() => (_count == 0 ? null : _pools[_current].TryRent()) ?? TryRentElsewhere();

        public void Dispose()
        {
            for (int i = 0; i < _count; i++)
            {
                _pools[i].Dispose();
            }
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
            _pools[_count++] = new BufferPool(bufferCount, bufferSize);
            return _pools[_current].TryRent();
        }
    }
}
