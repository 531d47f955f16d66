using FpgaNet.Sim.Cable;

namespace FpgaNet.Sim.Usb;

/// <summary>How a simulated card on USB is built.</summary>
public sealed record SimulatedUsbCardOptions
{
    /// <summary>The card's model in <c>hdl/sim/models.mk</c>.</summary>
    public string Model { get; init; } = "fn_nic_usb";

    /// <summary>The chip at its pins.</summary>
    public Ft245ChipOptions Chip { get; init; } = new();

    /// <summary>A waveform file (FST) to write, or null. It takes the model that <c>make trace</c> builds, and several times the time.</summary>
    public string? TracePath { get; init; }

    /// <summary>Clock cycles after which the simulation gives up, so that a test cannot run for ever.</summary>
    public long CycleBudget { get; init; } = long.MaxValue;

    /// <summary>Longest frame, without frame check sequence, that the card may send.</summary>
    public int MaximumFrame { get; init; } = 1518;
}

/// <summary>The Verilated card on USB, with an FTDI FIFO chip at its pins. The host plugs in by <see cref="SimulatedUsbDevice"/>.</summary>
public sealed class SimulatedUsbCard : SimulatedBoard
{
    /// <summary>Builds a board and resets the card on it.</summary>
    /// <param name="options">How; null for the usual.</param>
    /// <param name="wire">The cable's end at the card; null for a wire with nobody at the other end.</param>
    /// <exception cref="FileNotFoundException">The model has not been built.</exception>
    public SimulatedUsbCard(SimulatedUsbCardOptions? options = null, WireEnd? wire = null)
        : this(options ?? new SimulatedUsbCardOptions(), wire, new SimulatedUsbBus((options ?? new SimulatedUsbCardOptions()).Chip))
    {
    }

    private SimulatedUsbCard(SimulatedUsbCardOptions options, WireEnd? wire, SimulatedUsbBus bus)
        : base(options.Model, options.TracePath, bus.Attach, wire, options.MaximumFrame, options.CycleBudget)
    {
        Bus = bus;
    }

    /// <summary>The host's side.</summary>
    internal SimulatedUsbBus Bus { get; }
}
