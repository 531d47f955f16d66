using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FpgaNet.Driver;

/// <summary>How a card is to be run. The defaults suit a 1 Gb/s card.</summary>
public sealed record FpgaNicOptions
{
    /// <summary>The device's name; without one, <c>fpga-</c> and the function's location.</summary>
    public string? Name { get; init; }

    /// <summary>The station's address; without one, the card's own.</summary>
    public MacAddress? MacAddress { get; init; }

    /// <summary>
    /// Queue pairs to use, 1 to 16: <see cref="FpgaNic.Queues"/>. Received flows are spread over them by their hash, as <see cref="FlowSteering"/> says with
    /// <see cref="FpgaNic.HashKey"/>; the rest comes to the first.
    /// </summary>
    public int Queues { get; init; } = 1;

    /// <summary>Log2 of the transmit ring's size in units of 16 bytes (a packet takes one, and one for each slice), 5 to 15.</summary>
    public int TxRingLog2 { get; init; } = 10;

    /// <summary>Log2 of the receive ring's size in buffers, 4 to 14.</summary>
    public int RxRingLog2 { get; init; } = 9;

    /// <summary>
    /// Where received frames are put; its buffers hold a longest frame each. Without one the driver makes its own of
    /// <see cref="ReceiveBuffers"/> buffers for each queue.
    /// </summary>
    public BufferPool? ReceivePool { get; init; }

    /// <summary>Buffers in the driver's own receive pool: the ring's, and those that the stack may hold.</summary>
    public int ReceiveBuffers { get; init; } = 4096;

    /// <summary>
    /// The longest frame in bytes that the card may make of TCP segments (<see cref="OffloadFeatures.RxCoalesce"/>), up to 65535; the buffers of the driver's own receive pool hold one,
    /// and with <see cref="ReceivePool"/> it is at most their size. Less than two longest frames, or 0: the card is not asked for it.
    /// </summary>
    public int CoalescedLength { get; init; } = 8192;

    /// <summary>The longest that a segment waits for others to join it, up to 4 ms.</summary>
    public TimeSpan CoalesceTimeout { get; init; } = TimeSpan.FromMicroseconds(100);

    /// <summary>Without a further segment for so long, up to 4 ms, those that came wait no more.</summary>
    public TimeSpan CoalesceQuiet { get; init; } = TimeSpan.FromMicroseconds(20);

    /// <summary>
    /// The 40-byte key of the receive hash, for who wants the same spread every time; empty: a random one of the device's own (<see cref="FpgaNic.HashKey"/>), with which nobody outside can choose flows
    /// that share a queue or the slots of the flow table.
    /// </summary>
    public ReadOnlyMemory<byte> RssKey { get; init; }

    /// <summary>An armed interrupt waits for this many frames, 1 to 255, or for <see cref="InterruptDelay"/>.</summary>
    public int InterruptFrames { get; init; } = 16;

    /// <summary>The longest that a single frame waits for company before it interrupts.</summary>
    public TimeSpan InterruptDelay { get; init; } = TimeSpan.FromMicroseconds(10);

    /// <summary>False: wake requests are served by a timer and not by interrupts.</summary>
    public bool UseInterrupts { get; init; } = true;

    /// <summary>How long the card waits for host memory before it gives a read up (PCIe completion timeout).</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Frames in flight of which none was finished for so long mean that the card is stuck, and it is reset.</summary>
    public TimeSpan StuckTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a reset may take before the next stronger means is used.</summary>
    public TimeSpan ResetTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the card's state is looked at while the device is in use.</summary>
    public TimeSpan HealthInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Resets in a row, none of which brought a working card, after which the device has failed.</summary>
    public int ResetAttempts { get; init; } = 3;

    /// <summary>The clock by which all of these are measured.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where the driver says what happened.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>The key of Microsoft's RSS specification, which everybody knows.</summary>
    public static ReadOnlyMemory<byte> DefaultRssKey { get; } = ToeplitzHash.DefaultKey.ToArray();

    internal const int KeyLength = 4 * RssRegisters.KeyCount;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Queues, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Queues, TxQueueRegisters.MaxCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(TxRingLog2, 5);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(TxRingLog2, 15);
        ArgumentOutOfRangeException.ThrowIfLessThan(RxRingLog2, 4);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RxRingLog2, 14);
        ArgumentOutOfRangeException.ThrowIfLessThan(InterruptFrames, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(InterruptFrames, 255);
        ArgumentOutOfRangeException.ThrowIfLessThan(ResetAttempts, 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(RssKey.Length, RssKey.IsEmpty ? 0 : KeyLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReadTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(InterruptDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(CoalescedLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(CoalescedLength, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(CoalesceTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(CoalesceQuiet, TimeSpan.Zero);
    }
}
