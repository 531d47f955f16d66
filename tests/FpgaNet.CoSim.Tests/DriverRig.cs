using FpgaNet.Driver;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Sim;
using FpgaNet.Sim.Cable;

namespace FpgaNet.CoSim.Tests;

/// <summary>The driver on a Verilated card in lockstep, with the test at the other end of the wire. Its end checks that no buffer leaked.</summary>
internal abstract class DriverRig : IDisposable
{
    private readonly Random _random;
    private readonly TxFrame[] _one = new TxFrame[1];
    private readonly RxFrame[] _batch = new RxFrame[32];

    /// <param name="random">Where slices and alignments come from.</param>
    protected DriverRig(Random random)
    {
        _random = random;
        Wire = new Wire(time: Clock);
    }

    public LockstepClock Clock { get; } = new();

    public Wire Wire { get; }

    public abstract FpgaNic Nic { get; }

    public BufferPool TxPool { get; } = new(256, 2048);

    public BufferPool RxPool { get; } = new(128, 1536);

    /// <summary>What the driver handed up, oldest first.</summary>
    public Queue<(byte[] Bytes, RxOffload Offload)> Received { get; } = [];

    /// <summary>What came out at the other end of the wire, oldest first.</summary>
    public Queue<byte[]> OnWire { get; } = [];

    /// <summary>The driver is asked for frames; otherwise what came waits.</summary>
    public bool Receiving { get; set; } = true;

    /// <summary>The card's end of the cable.</summary>
    public EthernetPhy Phy => Board.Phy;

    /// <summary>Cycles that the card has run.</summary>
    public long Cycles => Board.Cycles;

    protected abstract SimulatedBoard Board { get; }

    /// <summary>Nothing is on its way.</summary>
    protected abstract bool IsSettled { get; }

    /// <summary>Hands a frame down, cut into slices anywhere; runs the card while it is full.</summary>
    public void Send(byte[] bytes, TxOffload offload = default)
    {
        for (long limit = Board.Cycles + 2_000_000; !TrySend(bytes, offload); Run(64))
        {
            Assert.IsTrue(Board.Cycles < limit, $"the device has been full for two million cycles; {Describe()}");
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
            Board.Step(64);
            TakeFromWire();
            if (Receiving)
            {
                Receive();
            }
        }
    }

    /// <summary>Runs the card for a single cycle and asks the driver for nothing: its registers take cycles of their own.</summary>
    public void Step() => Board.Step(1);

    /// <summary>Runs until something holds.</summary>
    public void RunUntil(Func<bool> condition, string what, int limit = 4_000_000)
    {
        for (long end = Board.Cycles + limit; !condition(); Run(64))
        {
            Assert.IsTrue(Board.Cycles < end, $"{what}: not in {limit} cycles; {Describe()}");
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

    /// <summary>Frames still go both ways, and arrive as they were.</summary>
    public void CheckTraffic(int frames = 20)
    {
        RunUntil(() => Nic.State == DeviceState.Up && IsSettled, "the device is up and nothing on its way");
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

        RunUntil(() => OnWire.Count >= frames && Received.Count >= frames && IsSettled, "all have arrived");
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
        if (Board.Fault is { } fault)
        {
            return fault.Message;
        }

        var counters = new List<DeviceCounter>();
        Nic.ReadCounters(counters);
        return $"{Nic.State}, cycle {Board.Cycles}, {(Board.IsIdle ? "idle" : "busy")}, {OnWire.Count} on the wire, {Received.Count} received, "
            + $"{TxPool.Available} and {RxPool.Available} buffers free; "
            + string.Join(' ', counters.Where(static c => c.Value != 0).Select(static c => $"{c.Name}={c.Value}"));
    }

    public void Dispose()
    {
        Nic.Dispose();
        bool leaked = TxPool.Available != TxPool.BufferCount || RxPool.Available != RxPool.BufferCount;
        string state = $"{TxPool.Available} of {TxPool.BufferCount} and {RxPool.Available} of {RxPool.BufferCount} buffers";
        string? left = Close();
        Wire.Dispose();
        TxPool.Dispose();
        RxPool.Dispose();
        Assert.IsNull(left, left);
        Assert.IsFalse(leaked, $"leaked: {state}");
    }

    /// <summary>Closes what is below the driver, which is closed.</summary>
    /// <returns>What was left there that should not be, or null.</returns>
    protected abstract string? Close();
}
