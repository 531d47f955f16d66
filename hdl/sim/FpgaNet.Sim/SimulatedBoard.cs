using FpgaNet.Sim.Cable;
using FpgaNet.Sim.Pci;
using FpgaNet.Sim.Usb;

namespace FpgaNet.Sim;

/// <summary>
/// A Verilated card on its simulated board: the host's side at its pins there, a PHY at its GMII pins, and a clock that
/// <see cref="Step"/> runs. One thread at a time.
/// </summary>
public abstract class SimulatedBoard : IDisposable
{
    /// <summary>Nanoseconds in a clock cycle: 125 MHz, GMII's own clock.</summary>
    public const int NanosecondsPerCycle = 8;

    // Clocks without anything at the pins before the card's word that it is idle is taken: what crosses its clock domains takes a few.
    private const int QuietCycles = 32;

    // How often slow checks are made; a power of two.
    private const int CheckInterval = 4096;

    private const int ResetCycles = 16;

    private readonly VerilatedModel _model;
    private readonly IHostPins _pins;
    private readonly Port _idle;
    private readonly Port _reset;
    private readonly Port _pulse;
    private readonly long _cycleBudget;
    private bool _disposed;

    private protected SimulatedBoard(string model, string? tracePath, Func<VerilatedModel, IHostPins> pins, WireEnd? wire, int maximumFrame, long cycleBudget)
    {
        _model = VerilatedModel.Load(tracePath is null ? model : model + "_trace", tracePath);
        try
        {
            _cycleBudget = cycleBudget;
            _pins = pins(_model);
            Phy = new EthernetPhy(_model, wire ?? new Wire().First, maximumFrame);
            _idle = _model.Port("idle");
            _reset = _model.Port("rst");
            _pulse = _model.Port("clock_pulse");
            Reset();
        }
        catch
        {
            _model.Dispose();
            throw;
        }
    }

    /// <summary>The cable's side.</summary>
    public EthernetPhy Phy { get; }

    /// <summary>The pin of block Clock's pulses.</summary>
    public bool ClockPulse => _pulse.IsSet;

    /// <summary>Clock cycles simulated so far, <see cref="NanosecondsPerCycle"/> each.</summary>
    public long Cycles { get; private set; }

    /// <summary>Called at the end of every <see cref="Step"/>: a clock that follows this one.</summary>
    internal Action? Stepped { get; set; }

    /// <summary>Nothing is in flight: not in the card, not at its pins, not in the host or on the wire for it. Further cycles would change nothing.</summary>
    public bool IsIdle => _disposed || Fault is not null
        || (_idle.IsSet && _pins.IsIdle && Phy.IsIdle && Cycles - Math.Max(_pins.LastActivity, Phy.LastActivity) > QuietCycles);

    /// <summary>The rule that the card broke, or null. A card that broke one stands still for good.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>Runs the clock. After a <see cref="Fault"/>, which the call that found it throws, it does nothing.</summary>
    /// <param name="cycles">How many cycles.</param>
    /// <exception cref="PciProtocolException">The card broke a rule of PCI Express.</exception>
    /// <exception cref="UsbProtocolException">The card broke a rule of the USB chip.</exception>
    /// <exception cref="EthernetProtocolException">The card broke a rule of Ethernet.</exception>
    /// <exception cref="TimeoutException">The cycle budget is used up.</exception>
    public void Step(int cycles)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Fault is null)
        {
            try
            {
                Run(cycles);
            }
            catch (Exception e)
            {
                Fault = e;
                throw;
            }
        }

        Stepped?.Invoke();
    }

    /// <summary>Runs the clock until the card is idle.</summary>
    /// <param name="limit">Cycles after which it gives up.</param>
    /// <returns>Whether the card became idle.</returns>
    public bool StepUntilIdle(int limit = 1_000_000)
    {
        for (long end = Cycles + limit; Cycles < end; Step(16))
        {
            if (IsIdle)
            {
                return true;
            }
        }

        return IsIdle;
    }

    /// <summary>Resets the card by its reset pin, as a function-level reset does: what was on its way is lost, DMA mappings stay.</summary>
    public void Reset()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _pins.Reset();
        Phy.Reset();
        _reset.Value = 1;
        for (int i = 0; i < ResetCycles; i++)
        {
            // A frame to the PHY's registers goes on over a reset.
            Phy.Management?.Drive();
            _model.Settle();
            Phy.Management?.Sample(Cycles);
            _model.Rise();
            Cycles++;
        }

        _reset.Value = 0;
    }

    /// <summary>Ends the simulation and closes a waveform.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _model.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    private void Run(int cycles)
    {
        VerilatedModel model = _model;
        IHostPins pins = _pins;
        EthernetPhy phy = Phy;
        long cycle = Cycles;
        for (long end = cycle + cycles; cycle < end;)
        {
            pins.Drive(cycle);
            phy.Drive(cycle);
            model.Settle();
            pins.Sample(cycle);
            phy.Sample(cycle);
            model.Rise();
            Cycles = ++cycle;
            if ((cycle & (CheckInterval - 1)) == 0)
            {
                Check(cycle);
            }
        }
    }

    private void Check(long cycle)
    {
        _pins.CheckTime(cycle);
        if (cycle >= _cycleBudget)
        {
            throw new TimeoutException($"The simulation's budget of {_cycleBudget} clock cycles is used up.");
        }
    }
}
