using FpgaNet.Driver;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Sim;
using FpgaNet.Sim.Cable;
using FpgaNet.Sim.Pci;

namespace FpgaNet.CoSim.Tests.Queues;

/// <summary>The driver with four queues on a Verilated card that has as many, in lockstep, with the test at the other end of the wire.</summary>
internal sealed class QueuesOnCard : IDisposable
{
    public const int Count = 4;

    private readonly TxFrame[] _one = new TxFrame[1];
    private readonly RxFrame[] _batch = new RxFrame[16];

    public QueuesOnCard(Random random, int rxRingLog2 = 6, int interruptVectors = 8)
    {
        Wire = new Wire(time: Clock);
        Card = new SimulatedCard(
            new SimulatedCardOptions
            {
                Model = "fn_nic_pcie_queues",
                Pci = PciRootOptions.Fast with { Seed = random.Next(), InterruptVectors = interruptVectors },
                CycleBudget = 60_000_000,
            },
            Wire.First);
        Clock.Add(Card);
        Function = SimulatedPciFunction.Lockstep(Card);
        Nic = FpgaNic.Open(Function, new FpgaNicOptions
        {
            Queues = Count,
            RssKey = FpgaNicOptions.DefaultRssKey,
            TimeProvider = Clock,
            TxRingLog2 = 7,
            RxRingLog2 = rxRingLog2,
            ReceiveBuffers = 256,
            ReadTimeout = TimeSpan.FromMicroseconds(40),
            HealthInterval = TimeSpan.FromMicroseconds(20),
            StuckTimeout = TimeSpan.FromMilliseconds(5),
            ResetTimeout = TimeSpan.FromMilliseconds(2),
        });

        // Frames that wait for company may be overtaken by those of other flows; here the order of a queue's frames is to be seen.
        Nic.EnabledFeatures &= ~OffloadFeatures.RxCoalesce;
    }

    public LockstepClock Clock { get; } = new();

    public Wire Wire { get; }

    public SimulatedCard Card { get; }

    public SimulatedPciFunction Function { get; }

    public FpgaNic Nic { get; }

    public BufferPool TxPool { get; } = new(512, 2048);

    /// <summary>What came out of each queue, oldest first.</summary>
    public Queue<byte[]>[] Received { get; } = [.. Enumerable.Range(0, Count).Select(static _ => new Queue<byte[]>())];

    /// <summary>What came out at the other end of the wire, oldest first.</summary>
    public Queue<byte[]> OnWire { get; } = [];

    /// <summary>The queue's user sleeps: nobody takes its frames.</summary>
    public bool[] Asleep { get; } = new bool[Count];

    public bool TrySend(int queue, byte[] bytes)
    {
        if (TxPool.TryRent() is not { } buffer)
        {
            return false;
        }

        bytes.CopyTo(buffer.Span);
        _one[0] = new TxFrame { Frame = new Frame(new BufferSlice(buffer, 0, bytes.Length)) };
        if (Nic.Queues[queue].Transmit(_one) == 1)
        {
            return true;
        }

        buffer.Release();
        return false;
    }

    /// <summary>A frame comes from the wire; runs the card while the wire is full.</summary>
    public void Deliver(byte[] bytes)
    {
        while (!Wire.Second.TrySend(bytes))
        {
            Run(256);
        }
    }

    /// <summary>Runs the card, and takes what comes out at both sides.</summary>
    public void Run(int cycles)
    {
        for (; cycles > 0; cycles -= 64)
        {
            Card.Step(64);
            while (Wire.Second.TryTake() is { } frame)
            {
                OnWire.Enqueue(frame.Bytes.ToArray());
                Wire.Second.Return(frame);
            }

            for (int i = 0; i < Count; i++)
            {
                Take(i);
            }
        }
    }

    public void RunUntil(Func<bool> condition, string what, int limit = 2_000_000)
    {
        for (long end = Card.Cycles + limit; !condition(); Run(64))
        {
            Assert.IsLessThan(end, Card.Cycles, what);
        }
    }

    /// <summary>All that was sent and delivered has arrived.</summary>
    public void RunUntilIdle() => RunUntil(() => Card.IsIdle && Wire.IsIdle && TxPool.Available == TxPool.BufferCount, "the card is idle");

    public ulong Counter(int queue, string name)
    {
        List<DeviceCounter> counters = [];
        Nic.Queues[queue].ReadCounters(counters);
        return counters.Single(c => string.Equals(c.Name, name, StringComparison.Ordinal)).Value;
    }

    public void Dispose()
    {
        Nic.Dispose();
        bool leaked = TxPool.Available != TxPool.BufferCount || Card.Root.Memory.RegionCount != 0;
        bool idle = Card.StepUntilIdle(100_000);
        Card.Root.CheckQuiescent();
        Function.Dispose();
        Wire.Dispose();
        TxPool.Dispose();
        Assert.IsTrue(idle, "a closed card has work left");
        Assert.IsFalse(leaked, "buffers or mappings leaked");
    }

    private void Take(int queue)
    {
        if (Asleep[queue])
        {
            return;
        }

        int count = Nic.Queues[queue].Receive(_batch);
        foreach (ref RxFrame frame in _batch.AsSpan(0, count))
        {
            Received[queue].Enqueue(frame.Frame.Header.Span.ToArray());
            frame.Frame.Release();
        }
    }
}
