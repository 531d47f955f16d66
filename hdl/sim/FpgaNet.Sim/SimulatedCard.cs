using FpgaNet.Sim.Cable;
using FpgaNet.Sim.Pci;

namespace FpgaNet.Sim;

/// <summary>How a simulated card is built.</summary>
public sealed record SimulatedCardOptions
{
    /// <summary>The card's model in <c>hdl/sim/models.mk</c>.</summary>
    public string Model { get; init; } = "fn_nic_pcie";

    /// <summary>The host around it.</summary>
    public PciRootOptions Pci { get; init; } = new();

    /// <summary>A waveform file (FST) to write, or null. It takes the model that <c>make trace</c> builds, and several times the time.</summary>
    public string? TracePath { get; init; }

    /// <summary>Clock cycles after which the simulation gives up, so that a test cannot run for ever.</summary>
    public long CycleBudget { get; init; } = long.MaxValue;

    /// <summary>Longest frame, without frame check sequence, that the card may send.</summary>
    public int MaximumFrame { get; init; } = 1518;
}

/// <summary>The Verilated card on PCI Express, with a root complex at its pins.</summary>
public sealed class SimulatedCard : SimulatedBoard
{
    /// <summary>Builds a board and resets the card on it.</summary>
    /// <param name="options">How; null for the usual.</param>
    /// <param name="wire">The cable's end at the card; null for a wire with nobody at the other end.</param>
    /// <exception cref="FileNotFoundException">The model has not been built.</exception>
    public SimulatedCard(SimulatedCardOptions? options = null, WireEnd? wire = null)
        : this(options ?? new SimulatedCardOptions(), wire, new PciRootComplex((options ?? new SimulatedCardOptions()).Pci))
    {
    }

    private SimulatedCard(SimulatedCardOptions options, WireEnd? wire, PciRootComplex root)
        : base(options.Model, options.TracePath, model => new TlpPins(model, root), wire, options.MaximumFrame, options.CycleBudget)
    {
        Root = root;
    }

    /// <summary>The host's side.</summary>
    public PciRootComplex Root { get; }
}
