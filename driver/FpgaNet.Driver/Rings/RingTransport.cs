using FpgaNet.Driver.Pci;
using FpgaNet.Packets.Buffers;

namespace FpgaNet.Driver.Rings;

/// <summary>A card behind PCI Express: registers in BAR 0, queue pairs as rings in host memory (docs/descriptors.md), interrupts.</summary>
internal sealed class RingTransport(IPciFunction function, FpgaNicOptions options) : ICardTransport
{
    private const uint AllOnes = 0xFFFF_FFFF;

    private readonly PoolMappings _pools = new(function);
    private readonly List<RingQueuePair> _queues = [];

    public string Location => function.Location;

    public HostBlock HostBlock { get; } = new("PCI Express", PcieRegisters.Offset, PcieRegisters.BlockType, PcieRegisters.BlockVersion);

    public IReadOnlyList<(uint Register, string Name)> Counters { get; } =
    [
        (PcieRegisters.ReadErrors, "pcie_read_errors"),
        (PcieRegisters.ReadTimeouts, "pcie_read_timeouts"),
        (PcieRegisters.UnexpectedCompletions, "pcie_unexpected_completions"),
        (PcieRegisters.MalformedRequests, "pcie_malformed_requests"),
        (PcieRegisters.ReadRequests, "pcie_read_requests"),
        (PcieRegisters.WriteRequests, "pcie_write_requests"),
        (PcieRegisters.Interrupts, "pcie_interrupts"),
    ];

    public IReadOnlyList<IQueuePair> Queues => _queues;

    public bool Signals { get; } = options.UseInterrupts && function.InterruptVectors > 0;

    public bool WritesHostMemory => true;

    public bool IsNear => true;

    public bool IsStopped => _queues.TrueForAll(static q => q.IsInactive);

    // Known once the card has been recognised, which comes first.
    private Card Card { get => field ?? throw new InvalidOperationException("The card has not been recognised yet."); set; }

    public uint ReadRegister(uint offset) => function.ReadRegister(offset);

    public void WriteRegister(uint offset, uint value) => function.WriteRegister(offset, value);

    public void Pause() => function.Pause();

    public CardDescription Describe(Card card, CardDescription description)
    {
        Card = card;
        uint queues = card.ReadHost(PcieRegisters.Queues);
        return description with
        {
            TxQueues = (int)PcieRegisters.QueuesTxQueues.Get(queues),
            RxQueues = (int)PcieRegisters.QueuesRxQueues.Get(queues),
            ReadTags = (int)PcieRegisters.QueuesTags.Get(queues),
        };
    }

    public void Attach(BufferPool receivePool, DriverCounters counters)
    {
        int index = _queues.Count;
        _queues.Add(new RingQueuePair(function, _pools, receivePool, counters, options, index, Signals ? index % function.InterruptVectors : null));
    }

    public void Start()
    {
        Card.WriteHost(PcieRegisters.ReadTimeout, Card.Clocks(options.ReadTimeout, uint.MaxValue));
        uint moderation = TxQueueRegisters.InterruptPackets.Set(0, (uint)options.InterruptFrames);
        moderation = TxQueueRegisters.InterruptTime.Set(moderation, Card.Clocks(options.InterruptDelay / 16, ushort.MaxValue));
        foreach (RingQueuePair queue in _queues)
        {
            queue.Start(moderation, Card.Description.ClockHertz);
        }

        for (int vector = 0; Signals && vector < Math.Min(_queues.Count, function.InterruptVectors); vector++)
        {
            int signalled = vector;
            function.SetInterruptHandler(vector, () => OnInterrupt(signalled));
        }
    }

    public void BeginStop()
    {
        foreach (RingQueuePair queue in _queues)
        {
            queue.BeginStop();
        }
    }

    public void BeginReset() => Card.WriteHost(PcieRegisters.Control, PcieRegisters.ControlReset.Mask);

    public void HardReset() => function.Reset();

    public ResetProgress PollReset()
    {
        uint control = Card.ReadHost(PcieRegisters.Control);
        return control == AllOnes ? ResetProgress.NoAnswer
            : PcieRegisters.ControlReset.IsSet(control) || !Card.IsPresent ? ResetProgress.Pending
            : ResetProgress.Done;
    }

    public uint PollStatus() => Card.ReadCore(CoreRegisters.Status);

    public CardFault? Check(bool held)
    {
        foreach (RingQueuePair queue in _queues)
        {
            if (queue.Check(held) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    public int Abandon()
    {
        int lost = 0;
        foreach (RingQueuePair queue in _queues)
        {
            lost += queue.Abandon();
        }

        return lost;
    }

    public void Free()
    {
        foreach (RingQueuePair queue in _queues)
        {
            queue.Free();
        }

        _pools.UnmapAll();
    }

    public void Silence()
    {
        for (int vector = 0; Signals && vector < Math.Min(_queues.Count, function.InterruptVectors); vector++)
        {
            function.SetInterruptHandler(vector, null);
        }
    }

    // Where the host has fewer vectors than the card has queues, several share one.
    private void OnInterrupt(int vector)
    {
        for (int i = vector; i < _queues.Count; i += function.InterruptVectors)
        {
            _queues[i].OnInterrupt();
        }
    }
}
