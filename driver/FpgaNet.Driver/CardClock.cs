using FpgaNet.Packets.Devices;

namespace FpgaNet.Driver;

/// <summary>The card's block Clock (docs/registers.md) as a clock. Any thread: registers that belong together are written and read under a lock.</summary>
internal sealed class CardClock : IHardwareClock
{
    private const int CorrelationAttempts = 5;
    private const uint ShortestPeriod = 100;
    private const uint ShortestWidth = 50;
    private const double FractionsPerNanosecond = 4294967296.0; // 2^32
    private const double NanosecondsPerSecond = 1e9;

    private readonly Card _card;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();

    public CardClock(Card card, TimeProvider time)
    {
        _card = card;
        _time = time;
        Resolution = NanosecondsPerSecond / card.Description.ClockHertz;
    }

    public int Restarts { get; set; }

    public double Resolution { get; }

    /// <summary>Lets the card refuse launch times that are farther ahead than this: a queue that waits longer looks stuck.</summary>
    public void LimitLaunches(TimeSpan horizon) =>
        _card.WriteClock(ClockRegisters.LaunchHorizon, (uint)Math.Min(uint.MaxValue, horizon.TotalNanoseconds));

    public long Read() => Attempt().Device;

    public void Set(long time)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(time);
        Command(time, ClockRegisters.CommandSet);
    }

    public void AdjustPhase(long difference) => Command(difference, ClockRegisters.CommandStep);

    public void AdjustRate(double partsPerBillion)
    {
        double increment = Math.Round(Resolution * (1 + (partsPerBillion / NanosecondsPerSecond)) * FractionsPerNanosecond);
        double highest = (ClockRegisters.IncrementNanosecondsNanoseconds.Mask + 1) * FractionsPerNanosecond;
        if (!(increment >= 0 && increment < highest))
        {
            throw new ArgumentOutOfRangeException(nameof(partsPerBillion), partsPerBillion, $"The clock of {Resolution} ns a step cannot run at that rate.");
        }

        // The second write puts both to work.
        ulong fixedPoint = (ulong)increment;
        lock (_gate)
        {
            _card.WriteClock(ClockRegisters.IncrementFraction, (uint)fixedPoint);
            _card.WriteClock(ClockRegisters.IncrementNanoseconds, (uint)(fixedPoint >> 32));
        }
    }

    public ClockCorrelation Correlate()
    {
        ClockCorrelation best = Attempt();
        for (int i = 1; i < CorrelationAttempts; i++)
        {
            ClockCorrelation next = Attempt();
            best = next.HostAfter - next.HostBefore < best.HostAfter - best.HostBefore ? next : best;
        }

        return best;
    }

    public void StartPulse(long first, uint period, uint width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(period, ShortestPeriod);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, ShortestWidth);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(width, period);
        lock (_gate)
        {
            _card.WriteClock(ClockRegisters.PulsePeriod, period);
            _card.WriteClock(ClockRegisters.PulseWidth, width);
            Command(first, ClockRegisters.CommandStartPulse);
        }
    }

    public void StopPulse() => _card.WriteClock(ClockRegisters.Command, ClockRegisters.CommandStopPulse.Mask);

    // The low half latches the high one.
    private ClockCorrelation Attempt()
    {
        lock (_gate)
        {
            long before = _time.GetTimestamp();
            uint low = _card.ReadClock(ClockRegisters.TimeLow);
            long after = _time.GetTimestamp();
            uint high = _card.ReadClock(ClockRegisters.TimeHigh);
            return (low & high) != uint.MaxValue
                ? new ClockCorrelation(before, (long)(((ulong)high << 32) | low), after)
                : throw new InvalidOperationException("The card does not answer: its clock cannot be read.");
        }
    }

    private void Command(long value, BitField command)
    {
        lock (_gate)
        {
            _card.WriteClock(ClockRegisters.ValueLow, (uint)value);
            _card.WriteClock(ClockRegisters.ValueHigh, (uint)(value >> 32));
            _card.WriteClock(ClockRegisters.Command, command.Mask);
        }
    }
}
