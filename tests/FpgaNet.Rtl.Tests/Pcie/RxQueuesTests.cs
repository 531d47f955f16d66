using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Stream;
using FpgaNet.Sim.Pci;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Pcie;

/// <summary>Several receive queues: each gets its frames, none stops another, and what is dropped is counted. And how fast it all goes.</summary>
[TestClass]
public sealed class RxQueuesTests
{
    private const string Model = "fn_pcie_host_queues";

    /// <summary>64-bit beats that each queue of the model has room for, and those of the longest frame.</summary>
    private const int RoomBeats = 512;
    private const int LongestBeats = 190;

    [TestMethod]
    public void Every_frame_comes_to_the_queue_that_it_names_byte_exact_and_in_order()
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random, model: Model);
        RxTraffic[] queues = Queues(bench, log2: 6);
        foreach (RxTraffic traffic in queues)
        {
            AddBuffers(traffic, 40, 1600);
        }

        for (int i = 0; i < 160; i++)
        {
            RxTraffic queue = queues[random.Next(4)];
            queue.Receive(random.Next(4) == 0 ? random.Next(1000, 1519) : random.Next(60, 300));
            bench.Bench.StepUntil(() => bench.Received.Pending < 3);
            bench.Bench.Step(random.Next(150));
            long limit = bench.Bench.Cycles + 20_000;
            do
            {
                bench.Bench.Step();
                Assert.IsLessThan(limit, bench.Bench.Cycles, "stuck");
                foreach (RxTraffic traffic in queues)
                {
                    if (traffic.Queue.TryTake(out RxCompletion completion))
                    {
                        Assert.AreEqual(Status.Ok, traffic.Check(completion));
                        AddBuffers(traffic, 1, 1600);
                        traffic.Queue.Acknowledge();
                    }
                }
            }
            while (queues.Any(traffic => traffic.ExpectedBeats > RoomBeats - LongestBeats)); // whatever frame comes next, nothing is dropped
        }

        CheckAll(queues);
        Assert.IsTrue(queues.All(traffic => traffic.Queue.Read(TxQueueRegisters.Dropped) == 0));
        bench.Finish();
    }

    [TestMethod]
    [DataRow(true, 100, DisplayName = "no buffers")]
    [DataRow(true, 20, DisplayName = "no buffers, and frames shorter than there are")]
    [DataRow(false, 100, DisplayName = "no room for completions")]
    public void A_queue_whose_host_does_not_keep_up_drops_whole_frames_counts_them_and_stops_no_other(bool buffers, int frameBytes)
    {
        const int Frames = 120;
        int fit = Math.Min(RoomBeats / ((frameBytes + 7) / 8), 64); // beats a queue has room for by beats a frame has; frames of 8 beats that it has room for
        Random random = TestSeed.Random();
        using PcieBench bench = new(random, model: Model);
        RxTraffic[] queues = [.. Enumerable.Range(0, 4).Select(i => new RxTraffic(bench, i, log2: 8, completionLog2: i == 3 ? 4 : 8))];
        foreach (RxTraffic traffic in queues[..3])
        {
            AddBuffers(traffic, Frames, 600);
        }

        if (!buffers)
        {
            AddBuffers(queues[3], Frames, 600);
        }

        PulseCounter dropped = bench.Bench.Add(new PulseCounter(bench.Bench.Model, "rx_dropped"));
        int taken = buffers ? 0 : 16; // a completion ring of 16
        for (int i = 0; i < Frames; i++)
        {
            foreach (RxTraffic traffic in queues)
            {
                traffic.Receive(traffic == queues[3] ? frameBytes : random.Next(60, 500));
                bench.Bench.StepUntil(() => bench.Received.Pending == 0);
                bench.Bench.Step(60); // the host interface can write all that comes: nothing of the others may be lost
            }
        }

        CheckAll(queues[..3]);
        uint lost = queues[3].Queue.Read(TxQueueRegisters.Dropped);
        Assert.AreEqual((uint)(Frames - taken - fit), lost);
        Assert.AreEqual(lost, (uint)dropped.Count, "pulses for the sum in the statistics");
        Assert.IsTrue(queues[..3].All(traffic => traffic.Queue.Read(TxQueueRegisters.Dropped) == 0));

        // What had room comes once the host goes on, whole and in order; and then all is as before.
        queues[3].ForgetLast((int)lost);
        if (buffers)
        {
            AddBuffers(queues[3], Frames, 600);
        }

        CheckAll(queues[3..]);
        queues[3].Receive(500);
        CheckAll(queues[3..]);
        bench.Finish();
    }

    [TestMethod]
    [DataRow(1, 60, 16.8, DisplayName = "one queue, shortest frames")]
    [DataRow(4, 60, 16.8, DisplayName = "four queues in turn, shortest frames")]
    [DataRow(4, 1514, 308, DisplayName = "four queues in turn, longest frames")]
    public void Frames_back_to_back_leave_hardly_a_clock_of_the_link_unused(int active, int bytes, double wireClocks)
    {
        // wireClocks: 10 Gb/s with preamble, check sequence and gap at the 250 MHz of a 64-bit link that can carry it (5 Gb/s, 4 lanes).
        const int Frames = 240;
        using PcieBench bench = new(new Random(1), PciRootOptions.Fast with { MaximumPayload = 256 }, Model);
        RxTraffic[] queues = [.. Enumerable.Range(0, active).Select(i => new RxTraffic(bench, i, log2: 8, completionLog2: 8))];
        foreach (RxTraffic traffic in queues)
        {
            AddBuffers(traffic, Frames / active, bytes + 2);
        }

        bench.Bench.Step(1000); // the first buffers are fetched
        PulseCounter link = bench.Bench.Add(new PulseCounter(bench.Bench.Model, "m_axis_tx_tvalid"));
        int sent = 0, done = 0, beats = 0;
        long start = 0;
        while (done < Frames)
        {
            // As much as the buffers of the queues hold, so that nothing is dropped.
            for (; sent < Frames && sent - done < active * RoomBeats / ((bytes + 7) / 8) / 2; sent++)
            {
                queues[sent % active].Receive(bytes);
            }

            bench.Bench.Step();
            Assert.IsLessThan(200_000, bench.Bench.Cycles, "stuck");
            foreach (RxTraffic traffic in queues)
            {
                while (traffic.Queue.TryTake(out RxCompletion completion))
                {
                    traffic.Check(completion);
                    done++;
                    (start, beats) = done == 40 ? (bench.Bench.Cycles, link.Count) : (start, beats);
                }
            }
        }

        double clocks = (bench.Bench.Cycles - start) / (Frames - 40.0);
        double used = (link.Count - beats) / (Frames - 40.0);
        Console.WriteLine($"{clocks:F2} clocks a frame, {used:F2} of them with a beat on the link");
        Assert.IsLessThan(wireClocks, clocks);
        Assert.IsLessThan(0.05 * clocks, clocks - used);
        bench.Finish();
    }

    private static RxTraffic[] Queues(PcieBench bench, int log2) => [.. Enumerable.Range(0, 4).Select(i => new RxTraffic(bench, i, log2, log2))];

    private static void AddBuffers(RxTraffic traffic, int count, int bytes)
    {
        for (int i = 0; i < count; i++)
        {
            traffic.AddBuffer(bytes);
        }

        traffic.Queue.Post();
    }

    private static void CheckAll(RxTraffic[] queues)
    {
        foreach (RxTraffic traffic in queues)
        {
            while (traffic.Expected != 0)
            {
                Assert.AreEqual(Status.Ok, traffic.Check());
                traffic.Queue.Acknowledge();
            }
        }
    }
}
