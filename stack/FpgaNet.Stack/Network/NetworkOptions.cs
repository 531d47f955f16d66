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

    /// <summary>Time to live, or hop limit, of what we send (RFC 1122 §3.2.1.7).</summary>
    public byte TimeToLive { get; init; } = 64;

    /// <summary>ICMP messages a second that are answered or sent as errors, each.</summary>
    public int IcmpPerSecond { get; init; } = 1000;

    /// <summary>
    /// Run an application's continuations on the thread that completed its call, right after the stack's lock is free, instead of on the thread pool: for
    /// single-threaded programs and tests. The lock is never held while they run.
    /// </summary>
    public bool InlineCompletions { get; init; }
}
