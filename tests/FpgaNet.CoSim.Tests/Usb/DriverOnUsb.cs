using FpgaNet.Driver;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Sim;
using FpgaNet.Sim.Cable;
using FpgaNet.Sim.Usb;

namespace FpgaNet.CoSim.Tests.Usb;

/// <summary>
/// The driver on the Verilated USB card in lockstep, with the test at the other end of the wire. Its end checks that no buffer leaked.
/// </summary>
internal sealed class DriverOnUsb : IDisposable
{
    private readonly TxFrame[] _one = new TxFrame[1];
    private readonly RxFrame[] _batch = new RxFrame[32];
    private readonly Random _random;

    /// <param name="random">Where slices, alignments and the chip's whims come from.</param>
    /// <param name="chip">The chip; null for an awkward one.</param>
    /// <param name="options">Times are short, because simulated time is dear.</param>
    /// <param name="model">The card.</param>
    public DriverOnUsb(Random random, Ft245ChipOptions? chip = null, FpgaNicOptions? options = null, string model = "fn_nic_usb")
    {
        _random = random;
        Wire = new Wire(time: Clock);
        Card = new SimulatedUsbCard(new SimulatedUsbCardOptions { Model = model, Chip = chip ?? new Ft245ChipOptions { Seed = random.Next() }, CycleBudget = 60_000_000 }, Wire.First);
        Clock.Add(Card);
        Device = SimulatedUsbDevice.Lockstep(Card);
        Bus = new GarblingUsbDevice(Device, random);
        Nic = FpgaNic.Open(Bus, (options ?? new FpgaNicOptions()) with
        {
            TimeProvider = Clock,
            ReceivePool = RxPool,
            RxRingLog2 = 5,
            HealthInterval = TimeSpan.FromMicroseconds(500),
            StuckTimeout = TimeSpan.FromMilliseconds(5),
            ResetTimeout = TimeSpan.FromMilliseconds(10),
        });
    }

    public LockstepClock Clock { get; } = new();

    public Wire Wire { get; }

    public SimulatedUsbCard Card { get; }

    public SimulatedUsbDevice Device { get; }

    public GarblingUsbDevice Bus { get; }

    public FpgaNic Nic { get; }

    public BufferPool TxPool { get; } = new(256, 2048);

    public BufferPool RxPool { get; } = new(128, 1536);

    /// <summary>What the driver handed up, oldest first.</summary>
    public Queue<(byte[] Bytes, RxOffload Offload)> Received { get; } = [];

    /// <summary>What came out at the other end of the wire, oldest first.</summary>
    public Queue<byte[]> OnWire { get; } = [];

    /// <summary>The driver is asked for frames; otherwise what came waits.</summary>
    public bool Receiving { get; set; } = true;

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
    public void Deliver(ReadOnlySpan<byte> bytes)
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
            TakeFromWire();
            if (Receiving)
            {
                Receive();
            }
        }
    }

    /// <summary>Runs until something holds.</summary>
    public void RunUntil(Func<bool> condition, string what, int limit = 4_000_000)
    {
        for (long end = Card.Cycles + limit; !condition(); Run(64))
        {
            Assert.IsTrue(Card.Cycles < end, $"{what}: not in {limit} cycles; {Describe()}");
        }
    }

    public void Receive()
    {
        int count = Nic.Receive(_batch);
        foreach (ref RxFrame frame in _batch.AsSpan(0, count))
        {
            Received.Enqueue((frame.Frame.Header.Span.ToArray(), frame.Offload));
            frame.Frame.Release();
        }
    }

    public ulong Counter(string name)
    {
        var counters = new List<DeviceCounter>();
        Nic.ReadCounters(counters);
        return counters.Single(c => string.Equals(c.Name, name, StringComparison.Ordinal)).Value;
    }

    /// <summary>Frames still go both ways, and arrive as they were.</summary>
    public void CheckTraffic(int frames = 20)
    {
        RunUntil(() => Nic.State == DeviceState.Up && Wire.IsIdle, "the device is up and the wire idle");
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

        RunUntil(() => OnWire.Count >= frames && Received.Count >= frames, "all have arrived");
        foreach (byte[] bytes in sent)
        {
            CollectionAssert.AreEqual(bytes, OnWire.Dequeue());
            CollectionAssert.AreEqual(bytes, Received.Dequeue().Bytes);
        }
    }

    public string Describe()
    {
        if (Device.Fault is { } fault)
        {
            return fault.Message;
        }

        var counters = new List<DeviceCounter>();
        Nic.ReadCounters(counters);
        return $"{Nic.State}, cycle {Card.Cycles}, {(Card.IsIdle ? "idle" : "busy")}, {OnWire.Count} on the wire, {Received.Count} received; "
            + string.Join(' ', counters.Where(static c => c.Value != 0).Select(static c => $"{c.Name}={c.Value}"));
    }

    public void Dispose()
    {
        Nic.Dispose();
        bool leaked = TxPool.Available != TxPool.BufferCount || RxPool.Available != RxPool.BufferCount;
        string state = $"{TxPool.Available} of {TxPool.BufferCount} and {RxPool.Available} of {RxPool.BufferCount} buffers";
        Device.Dispose();
        Wire.Dispose();
        TxPool.Dispose();
        RxPool.Dispose();
        Assert.IsFalse(leaked, $"leaked: {state}");
    }

    private void TakeFromWire()
    {
        while (Wire.Second.TryTake() is { } frame)
        {
            Assert.AreEqual(LineDefects.None, frame.Defects, "the card sent a bad frame");
            OnWire.Enqueue(frame.Bytes.ToArray());
            Wire.Second.Return(frame);
        }
    }
}
