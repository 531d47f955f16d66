using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network;

/// <summary>What is known of a neighbour's station address (RFC 4861 §7.3.2; ARP's entries go through the same states).</summary>
internal enum NeighborState
{
    /// <summary>Asked for, not known: frames wait.</summary>
    Incomplete,

    /// <summary>Known, and known to have received packets of ours lately.</summary>
    Reachable,

    /// <summary>Known; whether it is still right shows when it is used.</summary>
    Stale,

    /// <summary>Used since it went stale: a little time for the layers above to confirm it.</summary>
    Delay,

    /// <summary>Being asked, at the address that is known.</summary>
    Probe,

    /// <summary>No longer in the cache; who holds it must look it up again.</summary>
    Removed,
}

/// <summary>An entry of the <see cref="NeighborCache"/>. Destinations keep a reference, so that sending needs no lookup.</summary>
internal sealed class Neighbor(IpAddress address)
{
    private Queue<TxFrame>? _pending;

    public IpAddress Address { get; } = address;

    public MacAddress MacAddress { get; set; }

    public NeighborState State { get; set; }

    /// <summary>It says that it is a router (RFC 4861 §4.4).</summary>
    public bool IsRouter { get; set; }

    /// <summary>Until when it counts as reachable without news.</summary>
    public Instant ReachableUntil { get; set; }

    public Instant LastUsed { get; set; }

    /// <summary>When something is to be done about it, in INCOMPLETE, DELAY and PROBE.</summary>
    public Instant Due { get; set; } = Instant.Never;

    /// <summary>Its timer runs.</summary>
    public bool IsWatched { get; set; }

    /// <summary>Solicitations sent in this state.</summary>
    public int Attempts { get; set; }

    /// <summary>Destinations are reached through it.</summary>
    public bool IsGateway { get; set; }

    /// <summary>It did not answer when it was asked: routes through others are better (RFC 4861 §6.3.6).</summary>
    public bool IsSuspect { get; set; }

    public int PendingCount => _pending?.Count ?? 0;

    /// <summary>Keeps a frame until the address is known.</summary>
    public void AddPending(in TxFrame frame)
    {
        _pending ??= new Queue<TxFrame>(4);
        _pending.Enqueue(frame);
    }

    /// <summary>Takes the oldest frame.</summary>
    public TxFrame TakePending() => _pending!.Dequeue();
}
