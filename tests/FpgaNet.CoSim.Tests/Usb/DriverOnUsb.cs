using FpgaNet.Driver;
using FpgaNet.Sim;
using FpgaNet.Sim.Usb;

namespace FpgaNet.CoSim.Tests.Usb;

/// <summary>The driver on the card on USB.</summary>
internal sealed class DriverOnUsb : DriverRig
{
    /// <param name="random">Where slices, alignments and the chip's whims come from.</param>
    /// <param name="chip">The chip; null for an awkward one.</param>
    /// <param name="options">Times are short, because simulated time is dear.</param>
    /// <param name="model">The card.</param>
    /// <param name="prepare">What is done to the board before the driver comes.</param>
    public DriverOnUsb(Random random, Ft245ChipOptions? chip = null, FpgaNicOptions? options = null, string model = "fn_nic_usb", Action<SimulatedBoard>? prepare = null)
        : base(random)
    {
        Card = new SimulatedUsbCard(new SimulatedUsbCardOptions { Model = model, Chip = chip ?? new Ft245ChipOptions { Seed = random.Next() }, CycleBudget = 60_000_000 }, Wire.First);
        Clock.Add(Card);
        prepare?.Invoke(Card);
        Device = SimulatedUsbDevice.Lockstep(Card);
        Bus = new GarblingUsbDevice(Device, random);
        Nic = FpgaNic.Open(Bus, (options ?? new FpgaNicOptions()) with
        {
            TimeProvider = Clock,
            ReceivePool = RxPool,
            RssKey = FpgaNicOptions.DefaultRssKey,
            RxRingLog2 = 5,
            HealthInterval = TimeSpan.FromMicroseconds(500),
            StuckTimeout = TimeSpan.FromMilliseconds(5),
            ResetTimeout = TimeSpan.FromMilliseconds(10),
        });
    }

    public SimulatedUsbCard Card { get; }

    public SimulatedUsbDevice Device { get; }

    public GarblingUsbDevice Bus { get; }

    public override FpgaNic Nic { get; }

    protected override SimulatedBoard Board => Card;

    protected override bool IsSettled => Wire.IsIdle;

    protected override string? Close()
    {
        Device.Dispose();
        return null;
    }
}
