namespace FpgaNet.Driver;

/// <summary>How a transmit queue stands to the card's others (docs/descriptors.md).</summary>
/// <param name="Priority">0 to 7: a queue sends only while none with a larger number can.</param>
/// <param name="Weight">1 to 255: its share, in bytes, among the queues of its priority that have something to send.</param>
/// <param name="BitsPerSecond">Its own limit, counting the bytes of frames as they are handed to the device; 0: none. The card rounds it up to a multiple of
/// its clock's hertz / 8192 (15 kb/s at 125 MHz).</param>
/// <param name="BurstBytes">What may leave at once after a pause beyond that limit, up to 262,080; less than two of the longest frames cost some of the rate.</param>
public readonly record struct TransmitSchedule(int Priority = 0, int Weight = 1, long BitsPerSecond = 0, int BurstBytes = 16384)
{
    private const int BurstUnit = 64;

    /// <summary>Makes the schedule of a queue that nobody has told otherwise.</summary>
    public TransmitSchedule()
        : this(Priority: 0)
    {
    }

    /// <summary>The value of register Schedule.</summary>
    internal uint ToSchedule()
    {
        uint schedule = TxQueueRegisters.SchedulePriority.Set(0, (uint)Priority);
        return TxQueueRegisters.ScheduleWeight.Set(schedule, (uint)Weight);
    }

    /// <summary>The value of register Pace.</summary>
    /// <param name="clockHertz">Of the card.</param>
    internal uint ToPace(long clockHertz)
    {
        if (BitsPerSecond == 0)
        {
            return 0;
        }

        // Bytes a clock, in 65536ths.
        UInt128 rate = (((UInt128)BitsPerSecond << 13) + (UInt128)(clockHertz - 1)) / (UInt128)clockHertz;
        UInt128 most = (1u << TxQueueRegisters.PaceRate.Width) - 1;
        uint pace = TxQueueRegisters.PaceRate.Set(0, (uint)UInt128.Min(rate, most));
        return TxQueueRegisters.PaceBurst.Set(pace, (uint)(BurstBytes / BurstUnit));
    }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Priority);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Priority, 7);
        ArgumentOutOfRangeException.ThrowIfLessThan(Weight, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Weight, 255);
        ArgumentOutOfRangeException.ThrowIfNegative(BitsPerSecond);
        ArgumentOutOfRangeException.ThrowIfNegative(BurstBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BurstBytes, BurstUnit * 4095);
    }
}
