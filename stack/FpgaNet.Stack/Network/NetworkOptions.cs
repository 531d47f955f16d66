using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>How a stack's network layer is set up.</summary>
public record NetworkOptions
{
    /// <summary>Our IPv4 address.</summary>
    public required IPv4Address Address { get; init; }

    /// <summary>Bits of the address that name the link's net, 0 to 32.</summary>
    public int PrefixLength { get; init; } = 24;

    /// <summary>Router for all that is not on the link; null: there is none.</summary>
    public IPv4Address? Gateway { get; init; }

    /// <summary>Where time comes from.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>
    /// Seed of everything that must be hard to guess: initial sequence numbers, ports, time stamps. Null, as it should be outside tests: taken from
    /// the operating system.
    /// </summary>
    public ulong? Seed { get; init; }

    /// <summary>Frames that wait for the device at most.</summary>
    public int OutputQueueFrames { get; init; } = 512;

    /// <summary>Buffers of 128 bytes for headers: as many as frames can be on their way at once.</summary>
    public int HeaderBuffers { get; init; } = 4096;

    /// <summary>Neighbours that are remembered at most.</summary>
    public int NeighborCacheEntries { get; init; } = 256;

    /// <summary>Time to live of what we send (RFC 1122 §3.2.1.7).</summary>
    public byte TimeToLive { get; init; } = 64;

    /// <summary>ICMP messages a second that are answered or sent as errors, each.</summary>
    public int IcmpPerSecond { get; init; } = 1000;

    /// <summary>
    /// Run an application's continuations on the thread that completed its call, right after the stack's lock is free, instead of on the thread pool: for
    /// single-threaded programs and tests. The lock is never held while they run.
    /// </summary>
    public bool InlineCompletions { get; init; }

    /// <summary>Announce the address on the link at the start (RFC 5227 §3).</summary>
    public bool Announce { get; init; } = true;
}
