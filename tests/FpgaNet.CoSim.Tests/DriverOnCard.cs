using FpgaNet.Driver;
using FpgaNet.Packets.Buffers;
using FpgaNet.Sim;
using FpgaNet.Sim.Pci;

namespace FpgaNet.CoSim.Tests;

/// <summary>The driver on the card on PCI Express. Its end checks that nothing leaked: no mapping, no read of the card.</summary>
internal sealed class DriverOnCard : DriverRig
{
    /// <param name="random">Where slices, alignments and the host's whims come from.</param>
    /// <param name="options">Rings and timeouts; the times are short, because simulated time is dear.</param>
    /// <param name="prepare">What is done to the board before the driver comes.</param>
    public DriverOnCard(Random random, FpgaNicOptions? options = null, Action<SimulatedBoard>? prepare = null)
        : base(random)
    {
        Card = new SimulatedCard(new SimulatedCardOptions { Pci = new PciRootOptions { Seed = random.Next() }, CycleBudget = 60_000_000 }, Wire.First);
        Clock.Add(Card);
        prepare?.Invoke(Card);
        Function = SimulatedPciFunction.Lockstep(Card);
        Nic = FpgaNic.Open(Function, (options ?? new FpgaNicOptions()) with
        {
            TimeProvider = Clock,
            ReceivePool = RxPool,
            RssKey = FpgaNicOptions.DefaultRssKey,
            TxRingLog2 = 6,
            RxRingLog2 = 5,
            ReadTimeout = TimeSpan.FromMicroseconds(40),
            HealthInterval = TimeSpan.FromMicroseconds(20),
            StuckTimeout = TimeSpan.FromMilliseconds(1),
            ResetTimeout = TimeSpan.FromMilliseconds(2),
        });
    }

    public SimulatedCard Card { get; }

    public SimulatedPciFunction Function { get; }

    public override FpgaNic Nic { get; }

    protected override SimulatedBoard Board => Card;

    protected override bool IsSettled => Card.IsIdle && !Wire.Second.HasFrame && TxPool.Available == TxPool.BufferCount && Wire.IsIdle;

    /// <summary>Runs until all that was sent and delivered has arrived.</summary>
    public void RunUntilIdle() => RunUntil(() => IsSettled, "the card is idle");

    /// <summary>Spoils reads of the card from a run of host memory.</summary>
    public void SpoilReadsOf(BufferPool pool, ReadFault fault, int skip = 0, int count = 1) =>
        Card.Root.Faults.SpoilReads(fault, skip, count, (bus, _) => IsIn(pool, bus));

    /// <summary>Spoils reads of the card from its descriptor rings.</summary>
    public void SpoilDescriptorReads(ReadFault fault, int skip = 0, int count = 1) =>
        Card.Root.Faults.SpoilReads(fault, skip, count, (bus, _) => !IsIn(TxPool, bus) && !IsIn(RxPool, bus));

    protected override string? Close()
    {
        int regions = Card.Root.Memory.RegionCount;
        bool idle = Card.StepUntilIdle(100_000);
        Card.Root.CheckQuiescent();
        Function.Dispose();
        return !idle ? "a closed card has work left" : regions != 0 ? $"{regions} mappings leaked" : null;
    }

    private bool IsIn(BufferPool pool, ulong bus) =>
        Card.Root.Memory.TryTranslate(bus, 1, out nint address) && address >= pool.Address && address < pool.Address + (nint)pool.ByteLength;
}
