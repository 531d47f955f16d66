namespace FpgaNet.Sim.Pci;

/// <summary>How the simulated root complex behaves, within what PCI Express allows. The same seed gives the same run.</summary>
public sealed record PciRootOptions
{
    /// <summary>Seed of everything random.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Clocks from a read request to its first completion, at least.</summary>
    public int MinimumReadLatency { get; init; } = 20;

    /// <summary>Clocks from a read request to its first completion, at most.</summary>
    public int MaximumReadLatency { get; init; } = 100;

    /// <summary>Cut completions at random read completion boundaries; otherwise they are as long as they may be.</summary>
    public bool SplitCompletions { get; init; } = true;

    /// <summary>Answer reads with different tags in random order; otherwise in the order asked.</summary>
    public bool ReorderCompletions { get; init; } = true;

    /// <summary>Chance, 0 to 1, that the root takes nothing from the card in a clock (<c>m_axis_tx_tready</c> is 0).</summary>
    public double Backpressure { get; init; } = 0.1;

    /// <summary>Chance, 0 to 1, that the root offers nothing to the card in a clock in which it could.</summary>
    public double Stall { get; init; } = 0.1;

    /// <summary>Clocks, at most, until an interrupt is taken from the card.</summary>
    public int MaximumInterruptLatency { get; init; } = 16;

    /// <summary>Largest payload of a packet in bytes: 128, 256, 512 …</summary>
    public int MaximumPayload { get; init; } = 256;

    /// <summary>Largest read request in bytes: 128, 256, 512 …</summary>
    public int MaximumReadRequest { get; init; } = 512;

    /// <summary>Tags that the card may use: 32, or 256 with extended tags (PCIe Base 4.0 §2.2.6.2).</summary>
    public int Tags { get; init; } = 32;

    /// <summary>Interrupt vectors given to the card: 1, 2, 4 … 32.</summary>
    public int InterruptVectors { get; init; } = 32;

    /// <summary>Bus address of the first DMA mapping, page aligned. From 4 GB on, requests carry 64-bit addresses.</summary>
    public ulong FirstBusAddress { get; init; } = 0x1000_0000;

    /// <summary>Bus address of BAR 0, a multiple of its size (64 KiB).</summary>
    public ulong BarAddress { get; init; } = 0xF7A0_0000;

    /// <summary>Bus, device and function of the card.</summary>
    public ushort CardId { get; init; } = 0x0300;

    /// <summary>Clocks in which the card must answer a register read; longer is an error of the card.</summary>
    public int RegisterReadLimit { get; init; } = 10_000;

    /// <summary>Without anything random, for speed: fixed latency, no splits, no reordering, no stalls.</summary>
    public static PciRootOptions Fast { get; } = new()
    {
        MinimumReadLatency = 40,
        MaximumReadLatency = 40,
        SplitCompletions = false,
        ReorderCompletions = false,
        Backpressure = 0,
        Stall = 0,
        MaximumInterruptLatency = 1,
    };
}

/// <summary>What passed between card and root complex. Counts only grow.</summary>
public sealed class PciStatistics
{
    /// <summary>Read requests of the card.</summary>
    public long ReadRequests { get; internal set; }

    /// <summary>Bytes that they asked for.</summary>
    public long ReadBytes { get; internal set; }

    /// <summary>Completions sent to the card.</summary>
    public long Completions { get; internal set; }

    /// <summary>Write requests of the card.</summary>
    public long WriteRequests { get; internal set; }

    /// <summary>Bytes that they carried.</summary>
    public long WriteBytes { get; internal set; }

    /// <summary>Interrupts that the card signalled.</summary>
    public long Interrupts { get; internal set; }

    /// <summary>Register reads of the host.</summary>
    public long RegisterReads { get; internal set; }

    /// <summary>Register writes of the host.</summary>
    public long RegisterWrites { get; internal set; }

    /// <summary>Reads whose answer was spoilt on demand.</summary>
    public long FaultsInjected { get; internal set; }

    /// <summary>Most reads outstanding at once.</summary>
    public int MostReadsOutstanding { get; internal set; }
}
