namespace FpgaNet.Packets.Devices;

/// <summary>
/// A clock in a device, in nanoseconds, by which it stamps frames and launches them. It starts at 0 and at its nominal rate; what its zero means is for whoever
/// sets it to say (docs/time.md). Calls wait for the device and are not for the data path; any thread may make them.
/// </summary>
public interface IHardwareClock
{
    /// <summary>How often the device lost time and rate since it was opened, by a reset: whoever steers the clock begins anew then.</summary>
    int Restarts { get; }

    /// <summary>Nanoseconds that pass between two states of the clock: no stamp is better than that.</summary>
    double Resolution { get; }

    /// <summary>Reads the time.</summary>
    /// <returns>Nanoseconds.</returns>
    /// <exception cref="InvalidOperationException">The device does not answer.</exception>
    long Read();

    /// <summary>Sets the time, and stops the pulses.</summary>
    /// <param name="time">Nanoseconds, 0 or more. It counts from when the device gets it.</param>
    void Set(long time);

    /// <summary>Moves the time on or back by exactly so much, and stops the pulses. Nothing of the time between is lost.</summary>
    /// <param name="difference">Nanoseconds.</param>
    void AdjustPhase(long difference);

    /// <summary>Runs the clock faster or slower than its oscillator says, from now on.</summary>
    /// <param name="partsPerBillion">Deviation from the nominal rate; 0 is that rate.</param>
    /// <exception cref="ArgumentOutOfRangeException">The clock cannot run at that rate.</exception>
    void AdjustRate(double partsPerBillion);

    /// <summary>Reads the time together with the host's.</summary>
    /// <returns>The closest of a few attempts.</returns>
    /// <exception cref="InvalidOperationException">The device does not answer.</exception>
    ClockCorrelation Correlate();

    /// <summary>Gives pulses on the device's pin.</summary>
    /// <param name="first">When the first one rises: nanoseconds of the clock, ahead of it. A full second, and a period of one, make a pulse per second.</param>
    /// <param name="period">Nanoseconds from one to the next, 100 or more.</param>
    /// <param name="width">Nanoseconds that each one lasts, 50 or more and less than the period.</param>
    /// <exception cref="ArgumentOutOfRangeException">Period or width is out of range.</exception>
    void StartPulse(long first, uint period, uint width);

    /// <summary>Ends the pulses.</summary>
    void StopPulse();
}

/// <summary>A moment on two clocks: the device's reading was taken between the host's two.</summary>
/// <param name="HostBefore">Timestamp of the host's <see cref="TimeProvider"/> before.</param>
/// <param name="Device">The device's clock, in nanoseconds.</param>
/// <param name="HostAfter">Timestamp of the host's <see cref="TimeProvider"/> after.</param>
public readonly record struct ClockCorrelation(long HostBefore, long Device, long HostAfter);
