using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Stack.Tests.Simulation;

/// <summary>How a virtual network treats its frames. Probabilities are per frame.</summary>
public sealed record LinkModel
{
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(5);

    public long BitsPerSecond { get; init; } = 100_000_000;

    public int QueueFrames { get; init; } = 200;

    public double Loss { get; init; }

    public double Reorder { get; init; }

    public double Duplicate { get; init; }

    public double Corrupt { get; init; }
}

/// <summary>
/// Hosts on a virtual Ethernet in virtual time: one thread, no sleeping, everything decided by one seed. An application's continuations run inline, so that a run is
/// the same every time.
/// </summary>
public sealed class VirtualNetwork : IDisposable
{
    private readonly Random _random;
    private readonly LinkModel _model;
    private readonly PriorityQueue<(VirtualDevice To, byte[] Bytes), (TimeSpan, long)> _wire = new();
    private readonly List<NetworkStack> _stacks = [];
    private readonly List<VirtualDevice> _devices = [];
    private readonly List<INetworkDevice> _tops = [];
    private readonly Dictionary<VirtualDevice, TimeSpan> _busyUntil = [];
    private long _order;

    public VirtualNetwork(int seed, LinkModel? model = null)
    {
        Seed = seed;
        _random = new Random(seed);
        _model = model ?? new LinkModel();
    }

    public int Seed { get; }

    public VirtualTime Time { get; } = new();

    /// <summary>Whether faults happen; switched off to let a test end quietly.</summary>
    public bool IsFaulty { get; set; } = true;

    /// <summary>Adds a host: 192.0.2.1 first, then 192.0.2.2 and so on.</summary>
    public NetworkStack AddHost(TcpSettings? tcp = null, int mtu = 1500, bool segments = true, int buffers = 4096, bool inSoftware = false)
    {
        byte number = (byte)(_stacks.Count + 1);
        VirtualDevice device = AddDevice(mtu, segments, buffers);
        INetworkDevice top = inSoftware ? new SoftwareOffload(device) : device;
        NetworkStack stack = new(top, new NetworkStackOptions
        {
            Address = new IPv4Address(0xC000_0200u | number),
            TimeProvider = Time,
            Seed = (ulong)(Seed * 31) + number,
            InlineCompletions = true,
            OutputQueueFrames = 128,
            HeaderBuffers = 512,
            Tcp = tcp ?? SmallPools,
        });
        _stacks.Add(stack);
        _tops.Add(top);
        return stack;
    }

    /// <summary>Settings whose pools suit many stacks in one process.</summary>
    public static TcpSettings SmallPools { get; } = new() { SendChunks = 40, ReceiveChunks = 40, ReceiveBufferSize = 256 << 10, SendBufferSize = 256 << 10 };

    private VirtualDevice AddDevice(int mtu, bool segments, int buffers)
    {
        MacAddress address = new(0x0200_5E00_0000u + (ulong)_devices.Count + 1);
        VirtualDevice device = null!;
        device = new VirtualDevice($"host{_devices.Count + 1}", address, mtu, segments, buffers, () => HasRoom(device), Send);
        _devices.Add(device);
        _busyUntil.Add(device, TimeSpan.Zero);
        return device;
    }

    /// <summary>Runs until <paramref name="done"/>, and fails when that takes more than <paramref name="limit"/> of virtual time.</summary>
    public void RunUntil(Func<bool> done, TimeSpan limit)
    {
        TimeSpan end = Time.Elapsed + limit;
        Settle();
        while (!done())
        {
            Assert.IsTrue(Step(end), $"seed {Seed}: no end after {limit} of virtual time; {string.Join("; ", _stacks.Select(s => s.Describe()))}");
        }
    }

    /// <summary>Ends all stacks and checks that every buffer came back.</summary>
    public void Dispose()
    {
        foreach (NetworkStack stack in _stacks)
        {
            stack.Dispose();
        }

        foreach (INetworkDevice device in _tops)
        {
            device.Dispose();
        }

        foreach (NetworkStack stack in _stacks)
        {
            Assert.AreEqual(0, stack.BuffersInUse, $"seed {Seed}: {stack.Address} lost buffers");
        }
    }

    private bool Step(TimeSpan end)
    {
        TimeSpan next = _wire.TryPeek(out _, out (TimeSpan At, long) first) ? first.At : TimeSpan.MaxValue;
        foreach (NetworkStack stack in _stacks)
        {
            long due = stack.Network.Timers.Next.Ticks;
            next = due < next.Ticks ? new TimeSpan(due) : next;
        }

        if (next > end)
        {
            return false;
        }

        Time.MoveTo(next);
        while (_wire.TryPeek(out (VirtualDevice To, byte[] Bytes) frame, out (TimeSpan At, long) at) && at.At <= next)
        {
            _wire.Dequeue();
            frame.To.Deliver(frame.Bytes);
        }

        Settle();
        return true;
    }

    private void Settle()
    {
        foreach (NetworkStack stack in _stacks)
        {
            while (stack.Poll() == TimeSpan.Zero)
            {
            }
        }
    }

    private bool HasRoom(VirtualDevice from) => _busyUntil[from] - Time.Elapsed < Serialize(1500) * _model.QueueFrames;

    private TimeSpan Serialize(int bytes) => new((bytes + 24) * 8L * TimeSpan.TicksPerSecond / _model.BitsPerSecond); // preamble, FCS and gap included

    private void Send(VirtualDevice from, byte[] bytes)
    {
        TimeSpan start = _busyUntil[from] > Time.Elapsed ? _busyUntil[from] : Time.Elapsed;
        _busyUntil[from] = start + Serialize(bytes.Length);
        if (IsFaulty && _random.NextDouble() < _model.Loss)
        {
            return;
        }

        int copies = IsFaulty && _random.NextDouble() < _model.Duplicate ? 2 : 1;
        for (int i = 0; i < copies; i++)
        {
            byte[] copy = bytes;
            if (IsFaulty && _random.NextDouble() < _model.Corrupt)
            {
                copy = [.. bytes];
                copy[_random.Next(copy.Length)] ^= (byte)(1 << _random.Next(8));
            }

            TimeSpan at = _busyUntil[from] + _model.Delay;
            if (IsFaulty && _random.NextDouble() < _model.Reorder)
            {
                at += TimeSpan.FromTicks(_random.NextInt64(_model.Delay.Ticks + 1));
            }

            MacAddress to = MacAddress.Read(copy);
            foreach (VirtualDevice device in _devices)
            {
                if (device != from && (to == device.MacAddress || to.IsMulticast))
                {
                    _wire.Enqueue((device, copy), (at, _order++));
                }
            }
        }
    }
}
