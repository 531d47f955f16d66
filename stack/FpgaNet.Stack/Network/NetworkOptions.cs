using FpgaNet.Stack.Network.Fragments;

namespace FpgaNet.Stack.Network;

/// <summary>How a stack's network layer is set up, whatever its interfaces.</summary>
public record NetworkOptions
{
    /// <summary>Where time comes from.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>
    /// Seed of everything that must be hard to guess: initial sequence numbers, ports, time stamps. Null, as it should be outside tests: taken from
    /// the operating system.
    /// </summary>
    public ulong? Seed { get; init; }

    /// <summary>Neighbours that are remembered at most, on each interface.</summary>
    public int NeighborCacheEntries { get; init; } = 256;

    /// <summary>Destinations that are remembered at most, beyond those that connections hold (RFC 4861 §5.1).</summary>
    public int DestinationCacheEntries { get; init; } = 1024;

    /// <summary>What reassembly of fragments may hold.</summary>
    public ReassemblyLimits Reassembly { get; init; } = new();

    /// <summary>
    /// The secret from which stable IPv6 addresses are made (RFC 7217 §5). Kept over restarts, it keeps the addresses; null: they are new with every start (or with
    /// <see cref="Seed"/>).
    /// </summary>
    public ulong? StableAddressSecret { get; init; }

    /// <summary>Buffers of 64 KB for datagrams longer than a packet that we send, made when first needed.</summary>
    public int LongPackets { get; init; } = 16;

    /// <summary>Time to live, or hop limit, of what we send (RFC 1122 §3.2.1.7).</summary>
    public byte TimeToLive { get; init; } = 64;

    /// <summary>
    /// IPv4 source routes may be used (RFC 9293 §3.9.2.1): sockets may prescribe one, and accepted connections answer over the one that their peer came by. Off: routes that
    /// come are passed over. They let a sender choose whom answers to any address pass, which is why networks drop such packets (RFC 7126 §4.3 to §4.4).
    /// </summary>
    public bool SourceRouting { get; init; }

    /// <summary>ICMP messages a second that are answered or sent as errors, each.</summary>
    public int IcmpPerSecond { get; init; } = 1000;

    /// <summary>
    /// Run an application's continuations on the thread that completed its call, right after the stack's lock is free, instead of on the thread pool: for
    /// single-threaded programs and tests. The lock is never held while they run.
    /// </summary>
    public bool InlineCompletions { get; init; }

    /// <summary>
    /// Any thread may call at any time; the stack's lock puts the calls one behind the other. Off, the program itself sees to it that no two calls overlap, the calls that a
    /// <see cref="CancellationToken"/> or an asynchronous continuation makes included: for a program whose one thread does everything, as lwIP and smoltcp want it, which then
    /// pays for no lock. A call that comes while another is under way is refused with <see cref="InvalidOperationException"/>, where it is noticed.
    /// </summary>
    public bool Synchronized { get; init; } = true;

    /// <summary>The stack is one of several (<see cref="ShardedStack"/>); null: it is alone.</summary>
    internal Shard? Shard { get; init; }
}
