using FpgaNet.Driver;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Sim;
using FpgaNet.Sim.Cable;
using FpgaNet.Sim.Pci;

namespace FpgaNet.CoSim.Tests;

/// <summary>
/// The driver on the Verilated card in lockstep, with the test at the other end of the wire. Its end checks that nothing leaked: no
/// buffer, no mapping, no read of the card.
/// </summary>
internal sealed class DriverOnCard : IDisposable
{
    private readonly TxFrame[] _one = new TxFrame[1];
    private readonly RxFrame[] _batch = new RxFrame[32];
    private readonly Random _random;

    /// <param name="random">Where slices, alignments and the host's whims come from.</param>
    /// <param name="options">Rings and timeouts; the times are short, because simulated time is dear.</param>
    public DriverOnCard(Random random, FpgaNicOptions? options = null)
    {
        _random = random;
        Wire = new Wire(time: Clock);
        Card = new SimulatedCard(new SimulatedCardOptions { Pci = new PciRootOptions { Seed = random.Next() }, CycleBudget = 60_000_000 }, Wire.First);
        Clock.Add(Card);
        Function = SimulatedPciFunction.Lockstep(Card);
        Nic = FpgaNic.Open(Function, (options ?? new FpgaNicOptions()) with
        {
            TimeProvider = Clock,
            ReceivePool = RxPool,
            TxRingLog2 = 6,
            RxRingLog2 = 5,
            ReadTimeout = TimeSpan.FromMicroseconds(40),
            HealthInterval = TimeSpan.FromMicroseconds(20),
            StuckTimeout = TimeSpan.FromMilliseconds(1),
            ResetTimeout = TimeSpan.FromMilliseconds(2),
        });
    }

    public LockstepClock Clock { get; } = new();

    public Wire Wire { get; }

    public SimulatedCard Card { get; }

    public SimulatedPciFunction Function { get; }

    public FpgaNic Nic { get; }

    public BufferPool TxPool { get; } = new(256, 2048);

    public BufferPool RxPool { get; } = new(128, 1536);

    /// <summary>What the driver handed up, oldest first.</summary>
    public Queue<(byte[] Bytes, RxOffload Offload)> Received { get; } = [];

    /// <summary>What came out at the other end of the wire, oldest first.</summary>
    public Queue<byte[]> OnWire { get; } = [];

    /// <summary>Hands a frame down, cut into slices anywhere; runs the card while it is full.</summary>
    public void Send(byte[] bytes, TxOffload offload = default)
    {
        for (long limit = Card.Cycles + 2_000_000; !TrySend(bytes, offload); Run(64))
        {
            Assert.IsTrue(Card.Cycles < limit, $"the device has been full for two million cycles; {Describe()}");
        }
    }

    public bool TrySend(byte[] bytes, TxOffload offload = default)
    {
        var frame = new TxFrame { Offload = offload };
        int slices = Math.Min(_random.Next(1, Frame.MaxSlices + 1), bytes.Length);
        for (int start = 0; slices > 0; slices--)
        {
            int left = bytes.Length - start;
            int length = slices == 1 ? left : _random.Next(1, left - slices + 2);
            if (TxPool.TryRent() is not { } buffer)
            {
                frame.Frame.Release();
                return false;
            }

            var slice = new BufferSlice(buffer, _random.Next(0, 130), length);
            bytes.AsSpan(start, length).CopyTo(slice.Span);
            frame.Frame.Add(slice);
            start += length;
        }

        _one[0] = frame;
        if (Nic.Transmit(_one) == 1)
        {
            return true;
        }

        frame.Frame.Release();
        return false;
    }

    /// <summary>A frame comes from the wire; runs the card while the wire is full.</summary>
    public void Deliver(ReadOnlySpan<byte> bytes, LineDefects defects = LineDefects.None)
    {
        while (!Wire.Second.TrySend(bytes, defects))
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
            TakeFromWire();
            Receive();
        }
    }

    /// <summary>Runs until something holds.</summary>
    public void RunUntil(Func<bool> condition, string what, int limit = 2_000_000)
    {
        for (long end = Card.Cycles + limit; !condition(); Run(64))
        {
            Assert.IsTrue(Card.Cycles < end, $"{what}: not in {limit} cycles; {Describe()}");
        }
    }

    /// <summary>Runs until all that was sent and delivered has arrived.</summary>
    public void RunUntilIdle() =>
        RunUntil(() => Card.IsIdle && !Wire.Second.HasFrame && TxPool.Available == TxPool.BufferCount && Wire.IsIdle, "the card is idle");

    public void Receive()
    {
        int count = Nic.Receive(_batch);
        foreach (ref RxFrame frame in _batch.AsSpan(0, count))
        {
            Received.Enqueue((frame.Frame.Header.Span.ToArray(), frame.Offload));
            frame.Frame.Release();
        }
    }

    public void TakeFromWire()
    {
        while (Wire.Second.TryTake() is { } frame)
        {
            Assert.AreEqual(LineDefects.None, frame.Defects, "the card sent a bad frame");
            OnWire.Enqueue(frame.Bytes.ToArray());
            Wire.Second.Return(frame);
        }
    }

    public ulong Counter(string name)
    {
        var counters = new List<DeviceCounter>();
        Nic.ReadCounters(counters);
        return counters.Single(c => string.Equals(c.Name, name, StringComparison.Ordinal)).Value;
    }

    /// <summary>Spoils reads of the card from a run of host memory.</summary>
    public void SpoilReadsOf(BufferPool pool, ReadFault fault, int skip = 0, int count = 1) =>
        Card.Root.Faults.SpoilReads(fault, skip, count, (bus, _) => IsIn(pool, bus));

    /// <summary>Spoils reads of the card from its descriptor rings.</summary>
    public void SpoilDescriptorReads(ReadFault fault, int skip = 0, int count = 1) =>
        Card.Root.Faults.SpoilReads(fault, skip, count, (bus, _) => !IsIn(TxPool, bus) && !IsIn(RxPool, bus));

    /// <summary>Frames still go both ways, and arrive as they were.</summary>
    public void CheckTraffic(int frames = 20)
    {
        RunUntil(() => Nic.State == DeviceState.Up && Card.IsIdle, "the device is up and idle");
        OnWire.Clear();
        Received.Clear();
        var sent = new List<byte[]>();
        for (int i = 0; i < frames; i++)
        {
            byte[] bytes = CardFrames.Raw(_random, _random.Next(60, 1515));
            sent.Add(bytes);
            Send(bytes);
            Deliver(bytes);
        }

        RunUntilIdle();
        Assert.HasCount(frames, OnWire, Describe());
        Assert.HasCount(frames, Received, Describe());
        foreach (byte[] bytes in sent)
        {
            CollectionAssert.AreEqual(bytes, OnWire.Dequeue());
            CollectionAssert.AreEqual(bytes, Received.Dequeue().Bytes);
        }
    }

    public string Describe()
    {
        var counters = new List<DeviceCounter>();
        Nic.ReadCounters(counters);
        return $"{Nic.State}, cycle {Card.Cycles}, {(Card.IsIdle ? "idle" : "busy")}, {TxPool.Available} and {RxPool.Available} buffers free; "
            + string.Join(' ', counters.Where(static c => c.Value != 0).Select(static c => $"{c.Name}={c.Value}"));
    }

    public void Dispose()
    {
        Nic.Dispose();
        bool leaked = TxPool.Available != TxPool.BufferCount || RxPool.Available != RxPool.BufferCount;
        int regions = Card.Root.Memory.RegionCount;
        string state = $"{TxPool.Available} of {TxPool.BufferCount} and {RxPool.Available} of {RxPool.BufferCount} buffers, {regions} mappings";
        bool idle = Card.StepUntilIdle(100_000);
        Card.Root.CheckQuiescent();
        Function.Dispose();
        Wire.Dispose();
        TxPool.Dispose();
        RxPool.Dispose();
        Assert.IsTrue(idle, "a closed card has work left");
        Assert.IsFalse(leaked || regions != 0, $"leaked: {state}");
    }

    private bool IsIn(BufferPool pool, ulong bus) =>
        Card.Root.Memory.TryTranslate(bus, 1, out nint address) && address >= pool.Address && address < pool.Address + (nint)pool.ByteLength;
}
