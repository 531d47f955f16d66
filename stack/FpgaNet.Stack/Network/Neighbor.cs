using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network;

/// <summary>What is known of a neighbour's station address.</summary>
internal enum NeighborState
{
    /// <summary>Asked for, not known yet: frames wait.</summary>
    Incomplete,

    /// <summary>Known and confirmed lately.</summary>
    Reachable,

    /// <summary>Known, and being asked again (RFC 1122 §2.3.2.1: unicast poll).</summary>
    Probing,

    /// <summary>No longer in the cache; who holds it must look it up again.</summary>
    Removed,
}

/// <summary>An entry of the <see cref="NeighborCache"/>. Connections keep a reference, so that sending needs no lookup.</summary>
internal sealed class Neighbor(IpAddress address)
{
    // RFC 1122 §2.3.2.2: at least the latest packet is kept; a few more spare the first flight of a connection a timeout.
    private const int MaximumPending = 4;

    private TxFrame[]? _pending;

    public IpAddress Address { get; } = address;

    public MacAddress MacAddress { get; set; }

    public NeighborState State { get; set; }

    public Instant Confirmed { get; set; }

    public Instant LastUsed { get; set; }

    public Instant NextAttempt { get; set; }

    public int Attempts { get; set; }

    public int PendingCount { get; private set; }

    /// <summary>Keeps a frame until the address is known; the oldest goes when there are too many.</summary>
    /// <returns>Whether one had to go.</returns>
    public bool AddPending(in TxFrame frame)
    {
        _pending ??= new TxFrame[MaximumPending];
        bool full = PendingCount == MaximumPending;
        if (full)
        {
            TakePending().Frame.Release();
        }

        _pending[PendingCount++] = frame;
        return full;
    }

    /// <summary>Takes the oldest frame.</summary>
    public TxFrame TakePending()
    {
        TxFrame frame = _pending![0];
        Array.Copy(_pending, 1, _pending, 0, --PendingCount);
        _pending[PendingCount] = default;
        return frame;
    }
}
