using FpgaNet.Driver;
using FpgaNet.Packets.Offload;
using FpgaNet.Sim.Pci;
using FpgaNet.Testing;

namespace FpgaNet.CoSim.Tests.Queues;

/// <summary>Several queues of one card, each a device: what comes where, what one does to another, and how they share the wire.</summary>
[TestClass]
public sealed class QueuesOnCardTests
{
    private const int Count = QueuesOnCard.Count;
    private static readonly ToeplitzHash s_hash = new(ToeplitzHash.DefaultKey);
    private static readonly FlowSteering s_steering = new(Count);

    [TestMethod]
    public void Flows_come_to_the_queue_that_the_hosts_own_rule_says_byte_exact_and_in_order()
    {
        Random random = TestSeed.Random();
        using QueuesOnCard rig = new(random);
        Queue<byte[]>[] expected = Expected();
        for (int i = 0; i < 200; i++)
        {
            byte[] frame = RandomFrame(random, out int queue);
            expected[queue].Enqueue(frame);
            rig.Deliver(frame);
        }

        rig.RunUntilIdle();
        CheckAll(expected, rig.Received);
        for (int i = 0; i < Count; i++)
        {
            Assert.IsGreaterThan(10ul, rig.Counter(i, "driver_rx_frames"));
        }

        Assert.AreEqual(200ul, rig.Counter(0, "rx_frames"));
        Assert.AreEqual(0ul, rig.Counter(0, "rx_queue_full"));
    }

    [TestMethod]
    public void Shortest_frames_at_wire_speed_to_every_queue_are_not_lost()
    {
        const int Frames = 600;
        const int WireClocks = 84; // preamble and delimiter 8, frame 60, check sequence 4, gap 12, a byte a clock
        Random random = TestSeed.Random();
        using QueuesOnCard rig = new(random);
        Queue<byte[]>[] expected = Expected();
        long start = rig.Card.Cycles;
        for (int i = 0; i < Frames; i++)
        {
            byte[] frame = CardFrames.Packet(random, Flow.Udp4, 60 - CardFrames.Overhead(Flow.Udp4));
            expected[s_steering.QueueOf(CardFrames.Hash(s_hash, frame, Flow.Udp4))].Enqueue(frame);
            rig.Deliver(frame);
        }

        rig.RunUntil(() => rig.Received.Sum(static queue => queue.Count) == Frames, "all frames");
        Assert.IsInRange(Frames * WireClocks, (Frames * WireClocks) + 2000, rig.Card.Cycles - start);
        CheckAll(expected, rig.Received);
    }

    [TestMethod]
    public void A_queue_that_nobody_serves_drops_its_own_frames_and_no_others()
    {
        Random random = TestSeed.Random();
        using QueuesOnCard rig = new(random, rxRingLog2: 4);
        rig.Asleep[3] = true;
        Queue<byte[]>[] expected = Expected();
        for (int i = 0; i < 600; i++)
        {
            byte[] frame = RandomFrame(random, out int queue);
            expected[queue].Enqueue(frame);
            rig.Deliver(frame);
        }

        rig.RunUntilIdle();
        CheckAll(expected[..3], rig.Received[..3]);
        ulong dropped = rig.Counter(3, "queue_dropped");
        Assert.IsGreaterThan(20ul, dropped);
        Assert.AreEqual(dropped, rig.Counter(0, "rx_queue_full"));
        Assert.AreEqual(0ul, rig.Counter(0, "rx_overflow"), "nothing waited at the wire");

        // Its user wakes up: what had room comes, whole and in order, and then all that follows.
        rig.Asleep[3] = false;
        rig.Run(64);
        rig.RunUntilIdle();
        Queue<byte[]> late = rig.Received[3];
        Assert.HasCount(expected[3].Count - (int)dropped, late);
        foreach (byte[] frame in late)
        {
            while (!expected[3].Dequeue().AsSpan().SequenceEqual(frame))
            {
                Assert.IsNotEmpty(expected[3], "a frame that nobody sent, or out of order");
            }
        }

        late.Clear();
        for (int queue = -1; queue != 3;)
        {
            byte[] frame = RandomFrame(random, out queue);
            rig.Deliver(frame);
            rig.RunUntilIdle();
            CollectionAssert.AreEqual(frame, rig.Received[queue].Dequeue());
        }

        Assert.AreEqual(0ul, rig.Counter(0, "driver_resets"));
    }

    [TestMethod]
    [DataRow(8, DisplayName = "a vector each")]
    [DataRow(2, DisplayName = "two vectors for four queues")]
    public void Each_queue_wakes_its_own_user(int vectors)
    {
        Random random = TestSeed.Random();
        using QueuesOnCard rig = new(random, interruptVectors: vectors);
        int[] woken = new int[Count];
        Array.Fill(rig.Asleep, true);
        for (int i = 0; i < Count; i++)
        {
            int queue = i;
            rig.Nic.Queues[i].ArmWake(() => woken[queue]++);
        }

        rig.Run(1000);
        CollectionAssert.AreEqual(new int[Count], woken);
        byte[] frame = RandomFrame(random, out int owner);
        rig.Deliver(frame);
        rig.RunUntil(() => woken[owner] == 1, "its user is woken");
        rig.Run(2000);
        for (int i = 0; i < Count; i++)
        {
            // Those that share the vector look in vain.
            Assert.AreEqual(i % vectors == owner % vectors ? 1 : 0, woken[i], $"queue {i}");
        }

        Array.Fill(rig.Asleep, false);
        rig.Run(64);
        CollectionAssert.AreEqual(frame, rig.Received[owner].Dequeue());
    }

    [TestMethod]
    public void Queues_share_the_wire_by_weight_and_priority()
    {
        Random random = TestSeed.Random();
        using QueuesOnCard rig = new(random);
        SetSchedule(rig, 0, new TransmitSchedule(Priority: 1, Weight: 1));
        SetSchedule(rig, 1, new TransmitSchedule(Priority: 1, Weight: 2));
        SetSchedule(rig, 2, new TransmitSchedule(Priority: 1, Weight: 5));
        SetSchedule(rig, 3, new TransmitSchedule(Priority: 0, Weight: 255));
        Load(rig, cycles: 20_000);
        long[] bytes = Load(rig, cycles: 100_000);
        Console.WriteLine(string.Join(' ', bytes));
        Assert.IsTrue(bytes[1] / (double)bytes[0] is > 1.85 and < 2.15);
        Assert.IsTrue(bytes[2] / (double)bytes[0] is > 4.6 and < 5.4);
        Assert.AreEqual(0, bytes[3], "a queue of lower priority sends while others have something to send");
    }

    [TestMethod]
    public void A_pace_limits_its_queue_and_survives_a_reset_of_the_card()
    {
        Random random = TestSeed.Random();
        using QueuesOnCard rig = new(random);
        SetSchedule(rig, 2, new TransmitSchedule(Priority: 7, BitsPerSecond: 100_000_000, BurstBytes: 3200));
        for (int round = 0; round < 2; round++)
        {
            Load(rig, cycles: 30_000);
            long[] bytes = Load(rig, cycles: 125_000); // 1 ms: 12,500 bytes
            Console.WriteLine(string.Join(' ', bytes));
            Assert.IsTrue(bytes[2] is > 11_000 and < 14_000, $"{bytes[2]}");
            Assert.IsGreaterThan(100_000, bytes.Sum(), "the wire is full all the same");
            if (round == 0)
            {
                rig.Function.Reset();
                rig.Run(10_000);
                Assert.AreEqual(1ul, rig.Counter(0, "driver_resets"));
            }
        }
    }

    [TestMethod]
    public void A_fault_of_one_queue_resets_the_card_and_all_queues_go_on()
    {
        Random random = TestSeed.Random();
        using QueuesOnCard rig = new(random);
        Load(rig, cycles: 2_000);
        rig.Card.Root.Faults.SpoilReads(ReadFault.CompleterAbort, count: 1, where: (bus, bytes) => bytes == 16 * 2 || bytes == 128);
        rig.RunUntil(
            () =>
            {
                Load(rig, cycles: 500);
                return rig.Counter(0, "driver_resets") == 1;
            },
            "a halted queue is seen");
        rig.RunUntilIdle();
        rig.OnWire.Clear();
        Array.ForEach(rig.Received, static queue => queue.Clear());
        Queue<byte[]>[] expected = Expected();
        for (int i = 0; i < 40; i++)
        {
            byte[] frame = RandomFrame(random, out int queue);
            expected[queue].Enqueue(frame);
            rig.Deliver(frame);
            Assert.IsTrue(rig.TrySend(i % Count, frame));
        }

        rig.RunUntilIdle();
        CheckAll(expected, rig.Received);
        Assert.HasCount(40, rig.OnWire);
    }

    [TestMethod]
    public void What_the_card_does_not_have_is_refused()
    {
        using QueuesOnCard rig = new(TestSeed.Random());
        Assert.HasCount(Count, rig.Nic.Queues);
        Assert.AreSame(rig.Nic, rig.Nic.Queues[0]);
        Assert.ThrowsExactly<ArgumentException>(() => FpgaNic.Open(rig.Function, new FpgaNicOptions { Queues = 5 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => FpgaNic.Open(rig.Function, new FpgaNicOptions { Queues = 17 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => rig.Nic.Schedule = new TransmitSchedule(Priority: 8));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ((FpgaNicQueue)rig.Nic.Queues[1]).Schedule = new TransmitSchedule(Weight: 0));
        Assert.AreEqual(new TransmitSchedule(), rig.Nic.Schedule);
    }

    private static Queue<byte[]>[] Expected() => [.. Enumerable.Range(0, Count).Select(static _ => new Queue<byte[]>())];

    private static byte[] RandomFrame(Random random, out int queue)
    {
        if (random.Next(8) == 0)
        {
            queue = 0; // no IP packet, no hash
            return CardFrames.Raw(random, random.Next(60, 1515));
        }

        Flow flow = (Flow)random.Next(4);
        byte[] frame = CardFrames.Packet(random, flow, random.Next(60, 1400));
        queue = s_steering.QueueOf(CardFrames.Hash(s_hash, frame, flow));
        return frame;
    }

    private static void CheckAll(Queue<byte[]>[] expected, Queue<byte[]>[] received)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.HasCount(expected[i].Count, received[i], $"queue {i}");
            while (expected[i].TryDequeue(out byte[]? frame))
            {
                CollectionAssert.AreEqual(frame, received[i].Dequeue(), $"queue {i}");
            }
        }
    }

    private static void SetSchedule(QueuesOnCard rig, int queue, TransmitSchedule schedule)
    {
        if (queue == 0)
        {
            rig.Nic.Schedule = schedule;
        }
        else
        {
            ((FpgaNicQueue)rig.Nic.Queues[queue]).Schedule = schedule;
        }
    }

    // Keeps every queue full: bytes on the wire of each meanwhile, told by a byte in the frame.
    private static long[] Load(QueuesOnCard rig, int cycles)
    {
        int[] lengths = [1514, 700, 1200, 300];
        long[] bytes = new long[Count];
        for (long end = rig.Card.Cycles + cycles; rig.Card.Cycles < end; rig.Run(256))
        {
            for (int queue = 0; queue < Count; queue++)
            {
                byte[] frame = new byte[lengths[queue]];
                frame[12] = 0x88;
                frame[13] = 0xB5;
                frame[14] = (byte)queue;
                for (int i = 0; i < 40 && rig.TrySend(queue, frame); i++)
                {
                }
            }

            while (rig.OnWire.TryDequeue(out byte[]? frame))
            {
                bytes[frame[14]] += frame.Length;
            }
        }

        return bytes;
    }
}
