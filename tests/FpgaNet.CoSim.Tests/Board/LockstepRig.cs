using System.Diagnostics;
using FpgaNet.Driver;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Sim;
using FpgaNet.Sim.Cable;

namespace FpgaNet.CoSim.Tests.Board;

/// <summary>Driver, Verilated card, wire and a software peer on one thread in simulated time.</summary>
internal sealed class LockstepRig : IDisposable
{
    public LockstepRig(SimulatedCardOptions? options = null, WireOptions? wire = null, FpgaNicOptions? driver = null)
    {
        Wire = new Wire(wire, Clock);
        Card = new SimulatedCard(options, Wire.First);
        Clock.Add(Card);
        Function = SimulatedPciFunction.Lockstep(Card);
        Peer = new WireDevice(Wire.Second, new MacAddress(0x02_00_5E_10_00_02));
        Pool = new BufferPool(512, 2048);
        Nic = FpgaNic.Open(Function, (driver ?? new FpgaNicOptions()) with { TimeProvider = Clock, RssKey = FpgaNicOptions.DefaultRssKey });
    }

    public LockstepClock Clock { get; } = new();

    public Wire Wire { get; }

    public SimulatedCard Card { get; }

    public SimulatedPciFunction Function { get; }

    public WireDevice Peer { get; }

    public BufferPool Pool { get; }

    public FpgaNic Nic { get; }

    public static byte[] RandomFrame(Random random, int length)
    {
        byte[] frame = new byte[length];
        random.NextBytes(frame);
        (frame[12], frame[13]) = (0x88, 0xB5); // IEEE 802 local experimental: no parser looks further
        return frame;
    }

    /// <summary>Sends a frame if the device takes it.</summary>
    public bool TrySend(INetworkDevice device, byte[] frame)
    {
        if (Pool.TryRent() is not { } buffer)
        {
            return false;
        }

        frame.CopyTo(buffer.Span);
        if (device.Transmit([new TxFrame { Frame = new Frame(new BufferSlice(buffer, 0, frame.Length)) }]) == 1)
        {
            return true;
        }

        buffer.Release();
        return false;
    }

    public static void Receive(INetworkDevice device, List<byte[]> frames)
    {
        RxFrame[] batch = new RxFrame[16];
        for (int count; (count = device.Receive(batch)) != 0;)
        {
            for (int i = 0; i < count; i++)
            {
                byte[] bytes = new byte[batch[i].Frame.Length];
                batch[i].Frame.CopyTo(0, bytes);
                frames.Add(bytes);
                batch[i].Frame.Release();
            }
        }
    }

    public ulong Counter(string name)
    {
        List<DeviceCounter> counters = [];
        Nic.ReadCounters(counters);
        DeviceCounter counter = counters.SingleOrDefault(counter => counter.Name.Equals(name, StringComparison.Ordinal));
        Debug.Assert(counter.Name is not null, "no such counter");
        return counter.Value;
    }

    public void Dispose()
    {
        Nic.Dispose();
        Function.Dispose();
        Peer.Dispose();
        Wire.Dispose();
        Pool.Dispose();
    }
}
