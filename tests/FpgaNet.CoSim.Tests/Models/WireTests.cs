using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Sim;
using FpgaNet.Sim.Cable;
using FpgaNet.Testing;

namespace FpgaNet.CoSim.Tests.Models;

/// <summary>The wire does what its options say, the same by the same seed.</summary>
[TestClass]
public sealed class WireTests
{
    [TestMethod]
    public void A_perfect_wire_delivers_everything_in_order_both_ways()
    {
        using Wire wire = new();
        for (byte i = 0; i < 100; i++)
        {
            Assert.IsTrue(wire.First.TrySend([i, 1, 2]));
            Assert.IsTrue(wire.Second.TrySend([i, 3]));
        }

        for (byte i = 0; i < 100; i++)
        {
            CollectionAssert.AreEqual(new byte[] { i, 1, 2 }, Take(wire.Second));
            CollectionAssert.AreEqual(new byte[] { i, 3 }, Take(wire.First));
        }

        Assert.IsTrue(wire.IsIdle);
    }

    [TestMethod]
    public void Faults_replay_by_seed()
    {
        int seed = TestSeed.Take();
        (List<string> frames, WireCounters counters) = Run(seed);
        (List<string> again, _) = Run(seed);
        (List<string> other, _) = Run(seed + 1);
        CollectionAssert.AreEqual(frames, again);
        CollectionAssert.AreNotEqual(frames, other);

        // 2000 frames at 10 %: six standard deviations are 80.
        foreach (long count in new[] { counters.Lost, counters.Corrupted, counters.HiddenCorrupted, counters.Duplicated, counters.Reordered })
        {
            Assert.IsInRange(100, 320, count);
        }

        Assert.HasCount((int)(2000 - counters.Lost + counters.Duplicated), frames);
        Assert.AreEqual(counters.Corrupted, frames.Count(frame => frame.Contains("BadFrameCheck", StringComparison.Ordinal)));

        static (List<string> Frames, WireCounters Counters) Run(int seed)
        {
            LockstepClock clock = new();
            using Wire wire = new(
                new WireOptions
                {
                    Seed = seed,
                    Loss = 0.1,
                    Corruption = 0.1,
                    HiddenCorruption = 0.1,
                    Duplication = 0.1,
                    Reordering = 0.1,
                    Capacity = 5000,
                    Delay = TimeSpan.FromMicroseconds(3),
                },
                clock);
            for (int i = 0; i < 2000; i++)
            {
                wire.First.TrySend(BitConverter.GetBytes(i));
            }

            List<string> frames = [];
            Assert.IsFalse(wire.Second.HasFrame, "a frame came before its delay");
            clock.RunFor(TimeSpan.FromMilliseconds(1));
            while (wire.Second.TryTake() is { } frame)
            {
                frames.Add($"{Convert.ToHexString(frame.Bytes)} {frame.Defects}");
                wire.Second.Return(frame);
            }

            return (frames, wire.First.SentCounters);
        }
    }

    [TestMethod]
    public void A_delayed_frame_comes_when_it_is_due_and_is_announced()
    {
        LockstepClock clock = new();
        using Wire wire = new(new WireOptions { Delay = TimeSpan.FromMicroseconds(50) }, clock);
        List<TimeSpan> announced = [];
        wire.Second.FrameArrived = () => announced.Add(clock.Elapsed);
        wire.First.TrySend([1]);
        clock.RunFor(TimeSpan.FromMicroseconds(49));
        Assert.IsFalse(wire.Second.HasFrame);
        clock.RunFor(TimeSpan.FromMicroseconds(2));
        Assert.IsTrue(wire.Second.HasFrame);
        CollectionAssert.AreEqual(new[] { TimeSpan.FromMicroseconds(50) }, announced);
    }

    [TestMethod]
    public void A_full_wire_makes_the_sender_wait_and_tells_it_when_there_is_room()
    {
        using Wire wire = new(new WireOptions { Capacity = 2 });
        int told = 0;
        wire.First.RoomCame = () => told++;
        Assert.IsTrue(wire.First.TrySend([1]));
        Assert.IsTrue(wire.First.TrySend([2]));
        Assert.IsFalse(wire.First.TrySend([3]));
        Take(wire.Second);
        Assert.AreEqual(1, told);
        Assert.IsTrue(wire.First.TrySend([3]));
        Assert.AreEqual(1, wire.First.SentCounters.Full);
    }

    [TestMethod]
    public void A_peers_card_moves_frames_wakes_and_drops_bad_ones()
    {
        using Wire wire = new(new WireOptions { Capacity = 1 });
        using WireDevice first = new(wire.First, new MacAddress(0x02_00_5E_10_00_01));
        using WireDevice second = new(wire.Second, new MacAddress(0x02_00_5E_10_00_02));
        using BufferPool pool = new(4, 128);
        int woken = 0;
        second.ArmWake(() => woken++);
        Assert.AreEqual(0, woken);
        Assert.AreEqual(1, first.Transmit([Frame(pool, 1), Frame(pool, 2)]), "the wire holds one");
        Assert.AreEqual(1, woken);
        int room = 0;
        first.ArmWake(() => room++);
        RxFrame[] received = new RxFrame[4];
        Assert.AreEqual(1, second.Receive(received));
        Assert.AreEqual(1, room);
        Assert.AreEqual(1, received[0].Frame.Header.Span[0]);
        received[0].Frame.Release();

        wire.First.TrySend(new byte[64], LineDefects.BadFrameCheck);
        Assert.AreEqual(0, second.Receive(received));
        List<DeviceCounter> counters = [];
        second.ReadCounters(counters);
        Assert.AreEqual(1UL, counters.Single(counter => counter.Name.Equals("rx_bad_fcs", StringComparison.Ordinal)).Value);

        TxFrame owing = Frame(pool, 3);
        owing.Offload.Checksum = true;
        Assert.AreEqual(1, first.Transmit([owing]), "what the device cannot do is taken and dropped");
        Assert.IsTrue(wire.IsIdle);
        Assert.ThrowsExactly<ArgumentException>(() => first.EnabledFeatures = OffloadFeatures.TxChecksum);
    }

    [TestMethod]
    public void A_device_plugged_into_the_wire_carries_frames_both_ways()
    {
        using Wire inner = new();
        using WireDevice cable = new(inner.First, new MacAddress(1)); // stands for a TAP
        using WireDevice kernel = new(inner.Second, new MacAddress(2));
        using Wire wire = new();
        using BufferPool pool = new(4, 128);
        using (DeviceOnWire plug = new(cable, wire.Second))
        {
            kernel.Transmit([Frame(pool, 7)]);
            wire.First.TrySend([8, 9]);
            Assert.IsTrue(plug.Poll());
            Assert.IsFalse(plug.Poll());
        }

        Assert.AreEqual(7, Take(wire.First)[0]);
        RxFrame[] received = new RxFrame[1];
        Assert.AreEqual(1, kernel.Receive(received));
        CollectionAssert.AreEqual(new byte[] { 8, 9 }, received[0].Frame.Header.Span.ToArray());
        received[0].Frame.Release();
    }

    [TestMethod]
    public void A_device_plugged_in_with_a_thread_needs_nobody_to_poll_it()
    {
        using Wire inner = new();
        using WireDevice cable = new(inner.First, new MacAddress(1));
        using WireDevice kernel = new(inner.Second, new MacAddress(2));
        using Wire wire = new(new WireOptions { Capacity = 2 });
        using BufferPool pool = new(16, 128);
        using DeviceOnWire plug = new(cable, wire.Second);
        plug.Start();
        TxFrame[] frames = new TxFrame[16];
        for (byte i = 0; i < frames.Length; i++)
        {
            frames[i] = Frame(pool, i);
        }

        Assert.AreEqual(frames.Length, kernel.Transmit(frames));
        for (byte i = 0; i < frames.Length; i++)
        {
            Assert.IsTrue(SpinWait.SpinUntil(() => wire.First.HasFrame, 30_000), "the frame never came");
            Assert.AreEqual(i, Take(wire.First)[0]);
        }
    }

    private static byte[] Take(WireEnd end)
    {
        WireFrame? frame = end.TryTake();
        Assert.IsNotNull(frame);
        byte[] bytes = frame.Bytes.ToArray();
        end.Return(frame);
        return bytes;
    }

    private static TxFrame Frame(BufferPool pool, byte first)
    {
        PacketBuffer buffer = pool.TryRent()!.Value;
        buffer.Span[0] = first;
        return new TxFrame { Frame = new Frame(new BufferSlice(buffer, 0, 60)) };
    }
}
