using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;

namespace FpgaNet.Driver.Tests;

/// <summary>A driver on a scripted card, with a clock and pools whose buffers are counted at the end.</summary>
internal sealed class Rig : IDisposable
{
    private readonly TxFrame[] _one = new TxFrame[1];

    public Rig(FpgaNicOptions? options = null, ScriptedPciFunction? card = null)
    {
        Card = card ?? new ScriptedPciFunction();
        Nic = FpgaNic.Open(Card, (options ?? new FpgaNicOptions()) with { TimeProvider = Time, ReceivePool = RxPool, TxRingLog2 = 5, RxRingLog2 = 4 });
    }

    public ManualTime Time { get; } = new();

    public ScriptedPciFunction Card { get; }

    public BufferPool TxPool { get; } = new(64, 2048);

    public BufferPool RxPool { get; } = new(40, 1536);

    public FpgaNic Nic { get; }

    /// <summary>A frame of bytes that differ, over slices of these lengths at odd offsets.</summary>
    public TxFrame Frame(int[] slices, TxOffload offload = default)
    {
        var frame = new TxFrame { Offload = offload };
        byte next = (byte)slices[0];
        foreach (int length in slices)
        {
            PacketBuffer buffer = TxPool.TryRent() ?? throw new InvalidOperationException("The transmit pool is empty: the driver leaks.");
            var slice = new BufferSlice(buffer, 1 + (length % 7), length);
            foreach (ref byte b in slice.Span)
            {
                b = next++;
            }

            frame.Frame.Add(slice);
        }

        return frame;
    }

    public int Send(params int[] slices) => Send(Frame(slices));

    public int Send(in TxFrame frame)
    {
        _one[0] = frame;
        int taken = Nic.Transmit(_one);
        if (taken == 0)
        {
            _one[0].Frame.Release();
        }

        return taken;
    }

    public RxFrame[] Receive(int most = 64)
    {
        var frames = new RxFrame[most];
        return frames[..Nic.Receive(frames)];
    }

    public ulong Counter(string name)
    {
        var counters = new List<DeviceCounter>();
        Nic.ReadCounters(counters);
        return counters.Single(c => string.Equals(c.Name, name, StringComparison.Ordinal)).Value;
    }

    /// <summary>Lets the driver look at the card after some time.</summary>
    public void Look(double seconds)
    {
        Time.Advance(TimeSpan.FromSeconds(seconds));
        foreach (RxFrame frame in Receive())
        {
            frame.Frame.Release();
        }
    }

    /// <summary>A frame still goes each way.</summary>
    public void CheckTraffic()
    {
        int sent = Card.Sent.Count;
        Assert.AreEqual(1, Send(60, 100));
        Assert.HasCount(sent + 1, Card.Sent);
        byte[] bytes = [.. Enumerable.Range(0, 77).Select(static i => (byte)i)];
        Assert.IsTrue(Card.Deliver(bytes));
        RxFrame frame = Receive().Single();
        CollectionAssert.AreEqual(bytes, frame.Frame.Header.Span.ToArray());
        frame.Frame.Release();
    }

    public void Dispose()
    {
        Nic.Dispose();
        Assert.AreEqual(TxPool.BufferCount, TxPool.Available, "transmit buffers leaked");
        Assert.AreEqual(RxPool.BufferCount, RxPool.Available, "receive buffers leaked");
        Assert.AreEqual(0, Card.Mappings, "mappings leaked");
        TxPool.Dispose();
        RxPool.Dispose();
    }
}
