using FpgaNet.Driver;
using FpgaNet.Sim.Pci;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Pcie;

/// <summary>Packets from a transmit ring to the core's stream. The strict root complex checks every request on the way.</summary>
[TestClass]
public sealed class TxQueueTests
{
    [TestMethod]
    [DataRow(128, 0x1000_0000UL)]
    [DataRow(256, 0x1000_0000UL)]
    [DataRow(512, 0xFFFF_0000UL)] // the buffers lie above 4 GB, some rings below
    [DataRow(4096, 0x20_0000_0000UL)]
    public void Random_packets_arrive_byte_exact_with_their_headers_and_complete_in_order(int maximumReadRequest, ulong firstAddress)
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random, new PciRootOptions { MaximumReadRequest = maximumReadRequest, FirstBusAddress = firstAddress });
        TxTraffic traffic = new(bench, TxQueueRegisters.Offset);
        bench.Sent.Stall = random.NextDouble() * 0.6;
        traffic.Run(packets: 150);
        bench.Finish();
    }

    [TestMethod]
    public void Two_queues_share_the_core_and_neither_starves()
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random, model: "fn_pcie_host_queues");
        TxTraffic[] queues = [new(bench, TxQueueRegisters.Offset), new(bench, TxQueueRegisters.Offset + 0x80)];
        List<byte[]> both = TxTraffic.RunTogether(bench, queues, packets: 60);
        Assert.HasCount(120, both);
        bench.Finish();
    }

    [TestMethod]
    public void Payload_flows_at_a_beat_a_clock_behind_a_slow_host()
    {
        using PcieBench bench = new(
            new Random(1), PciRootOptions.Fast with { MinimumReadLatency = 60, MaximumReadLatency = 60 });
        TxTraffic traffic = new(bench, TxQueueRegisters.Offset, log2: 8);
        for (int i = 0; i < 40; i++)
        {
            traffic.Add(TxTraffic.Slices(new byte[1500], 1), alignment: 0);
        }

        traffic.Queue.Post();
        bench.Bench.StepUntil(() => bench.Sent.Frames.Count == 8);
        long beats = bench.Sent.Beats;
        long start = bench.Bench.Cycles;
        bench.Bench.StepUntil(() => bench.Sent.Frames.Count == 38);
        double rate = (bench.Sent.Beats - beats) / (double)(bench.Bench.Cycles - start);
        Assert.IsGreaterThan(0.85, rate, "beats a clock; completion headers take the rest");
    }

    [TestMethod]
    [DataRow(40, 1)]
    [DataRow(40, 2)]
    [DataRow(100, 1)]
    [DataRow(100, 2)]
    [DataRow(100, 4)]
    public void Shortest_frames_leave_at_wire_speed_behind_a_slow_host(int latency, int slices)
    {
        // Preamble and delimiter 8, frame 60, check sequence 4, gap 12: a byte a clock (IEEE 802.3 clauses 3, 4 and 35).
        const int WireClocks = 84;
        const int Packets = 400;
        using PcieBench bench = new(
            new Random(1), PciRootOptions.Fast with { MinimumReadLatency = latency, MaximumReadLatency = latency });
        bench.Core.StatusStall = 0;
        TxTraffic traffic = new(bench, TxQueueRegisters.Offset, log2: 8);
        int added = 0;
        int done = 0;
        long start = 0;
        while (done < Packets)
        {
            // One packet a doorbell, into a ring that is filled up at once and kept so: what limits the rate is the card.
            if (added < Packets && traffic.Queue.Free > slices)
            {
                traffic.Add(TxTraffic.Slices(traffic.RandomBytes(60), slices));
                traffic.Queue.Post();
                added++;
            }

            bench.Bench.Step(1);
            while (traffic.Queue.TryTake(out TxCompletion completion))
            {
                traffic.Check(completion);
                traffic.Queue.Acknowledge();
                done++;
                start = done == Packets / 4 ? bench.Bench.Cycles : start;
            }
        }

        double clocks = (bench.Bench.Cycles - start) / (Packets * 0.75);
        Console.WriteLine($"{clocks:F1} clocks a packet, {bench.Root.Statistics.MostReadsOutstanding} reads outstanding at most");
        Assert.IsLessThanOrEqualTo(WireClocks, clocks, "clocks a packet, completions included");
        bench.Finish();
    }

    [TestMethod]
    public void A_completion_ring_that_is_full_holds_the_queue_until_the_host_takes_entries()
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random);
        TxTraffic traffic = new(bench, TxQueueRegisters.Offset, log2: 8, completionLog2: 4);
        for (int i = 0; i < 40; i++)
        {
            traffic.Add(TxTraffic.Slices(traffic.RandomBytes(64), 1));
        }

        traffic.Queue.Post();
        bench.Bench.Step(6000);
        Assert.AreEqual(16u, traffic.Queue.Read(TxQueueRegisters.CompletionProducer));
        for (int i = 0; i < 40; i++)
        {
            traffic.Check();
            traffic.Queue.Acknowledge();
        }

        Assert.AreEqual(40u, traffic.Queue.Read(TxQueueRegisters.CompletionProducer));
        bench.Finish();
    }

    [TestMethod]
    public void Refused_packets_wait_for_room_in_the_completion_ring_as_others_do()
    {
        const int Packets = 100;
        using PcieBench bench = new(TestSeed.Random());
        TxTraffic traffic = new(bench, TxQueueRegisters.Offset, log2: 8, completionLog2: 4);
        for (int i = 0; i < Packets; i++)
        {
            traffic.Queue.Add(new TxHeader { Length = 60 });
        }

        traffic.Queue.Post();
        bench.Bench.Step(6000);
        Assert.AreEqual(16u, traffic.Queue.Read(TxQueueRegisters.CompletionProducer));
        for (int i = 1; i <= Packets; i++)
        {
            TxCompletion completion = traffic.Queue.Take();
            Assert.AreEqual((Status.BadDescriptor, i), ((Status)completion.Status, (int)completion.RingPosition));
            traffic.Queue.Acknowledge();
        }

        bench.Finish();
    }

    [TestMethod]
    public void Bad_packets_are_refused_each_by_its_status_and_good_ones_around_them_pass()
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random);
        TxTraffic traffic = new(bench, TxQueueRegisters.Offset, log2: 8);
        DmaBuffer data = bench.Allocate(4096);
        HostQueue<TxCompletion> queue = traffic.Queue;
        List<(ushort End, Status Status)> expected = [];

        void Good()
        {
            queue.Add(new TxHeader { Length = 60, SliceCount = 2 });
            queue.Add(new TxSlice { AddressLow = (uint)data.Bus, Length = 20 });
            queue.Add(new TxSlice { AddressLow = (uint)data.Bus + 20, Length = 40 });
            expected.Add((queue.Producer, Status.Ok));
        }

        void Bad(Status status, uint length, uint count, params uint[] slices)
        {
            queue.Add(new TxHeader { Length = length, SliceCount = count });
            foreach (uint slice in slices)
            {
                queue.Add(new TxSlice { AddressLow = (uint)data.Bus, Length = slice });
            }

            expected.Add((queue.Producer, status));
        }

        void BadTimed(Status status, uint length, uint count, params uint[] slices)
        {
            queue.Add(new TxHeader { Length = length, SliceCount = count, Launch = true });
            queue.Add(new TxLaunch { TimeLow = (uint)random.NextInt64(), TimeHigh = (uint)random.NextInt64() });
            foreach (uint slice in slices)
            {
                queue.Add(new TxSlice { AddressLow = (uint)data.Bus, Length = slice });
            }

            expected.Add((queue.Producer, status));
        }

        Good();
        Bad(Status.BadDescriptor, 60, 0);
        BadTimed(Status.BadDescriptor, 60, 0); // its launch time is no header
        Good();
        BadTimed(Status.LengthMismatch, 60, 2, 30, 29);
        Bad(Status.BadDescriptor, 60, 2, 60, 0);
        Bad(Status.LengthMismatch, 60, 2, 30, 29);
        Bad(Status.LengthMismatch, 0, 1, 1);
        Bad(Status.LengthMismatch, 8, 3, 0x80000, 0x80000, 8); // adds up to 8 in 20 bits
        Good();
        Bad(Status.BadDescriptor, 60, 5, 10, 10); // the producer ends here, inside the packet
        queue.Post();
        foreach ((ushort end, Status status) in expected)
        {
            TxCompletion completion = queue.Take();
            Assert.AreEqual(status, (Status)completion.Status);
            Assert.AreEqual(end, completion.RingPosition);
        }

        expected.Clear();
        Good(); // the packet that was cut short does not eat its successor
        queue.Post();
        Assert.AreEqual(expected[0], ((ushort)queue.Take().RingPosition, Status.Ok));
        Assert.HasCount(4, bench.Sent.Frames);

        queue.Add(new TxHeader { Length = 60, SliceCount = 1, Launch = true }); // the producer ends before the launch time
        queue.Post();
        Assert.AreEqual((Status.BadDescriptor, queue.Producer), Outcome(queue.Take()));
        expected.Clear();
        Good();
        queue.Post();
        Assert.AreEqual((Status.Ok, queue.Producer), Outcome(queue.Take()));

        static (Status, ushort) Outcome(TxCompletion completion) => ((Status)completion.Status, (ushort)completion.RingPosition);
        bench.Finish();
    }

    [TestMethod]
    public void The_cores_status_comes_back_with_the_completion()
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random);
        TxTraffic traffic = new(bench, TxQueueRegisters.Offset);
        foreach (Status status in (Status[])[Status.Ok, Status.Oversize, Status.Unsupported, Status.ChecksumRange, Status.Ok])
        {
            bench.Core.Statuses.Enqueue((byte)status);
            traffic.Add(TxTraffic.Slices(traffic.RandomBytes(100), 2), status: status);
        }

        traffic.Queue.Post();
        traffic.CheckAll();
        bench.Finish();
    }

    [TestMethod]
    [DataRow(ReadFault.UnsupportedRequest, Status.ReadError)]
    [DataRow(ReadFault.CompleterAbort, Status.ReadError)]
    [DataRow(ReadFault.Poisoned, Status.Poisoned)]
    [DataRow(ReadFault.Missing, Status.ReadTimeout)]
    [DataRow(ReadFault.Truncated, Status.ReadTimeout)]
    [DataRow(ReadFault.Overlong, Status.ReadTimeout)]
    public void A_failed_read_aborts_its_frame_and_no_other(ReadFault fault, Status status)
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random);
        bench.Write(PcieRegisters.ReadTimeout, 5000);
        TxTraffic traffic = new(bench, TxQueueRegisters.Offset, log2: 8);
        for (int i = 0; i < 15; i++)
        {
            traffic.Add(TxTraffic.Slices(traffic.RandomBytes(random.Next(200, 1500)), random.Next(1, 4)));
        }

        ulong victim = traffic.FirstSlice(7);
        traffic.Expect(7, status);
        bench.Root.Faults.SpoilReads(fault, where: (address, length) => victim >= address && victim < address + (ulong)length);
        traffic.Queue.Post();
        traffic.CheckAll();
        Assert.AreEqual(1, bench.Core.Aborted.Count(aborted => aborted));
        Assert.AreEqual(status == Status.ReadTimeout ? 1u : 0u, bench.Read(PcieRegisters.ReadTimeouts));
        Assert.AreEqual(status == Status.ReadTimeout ? 0u : 1u, bench.Read(PcieRegisters.ReadErrors));
        Assert.AreEqual(fault == ReadFault.Overlong ? 1u : 0u, bench.Read(PcieRegisters.UnexpectedCompletions));
        bench.Finish(expectErrors: true);
    }

    [TestMethod]
    [DataRow(ReadFault.Duplicated)]
    [DataRow(ReadFault.Unexpected)]
    public void Completions_that_nobody_asked_for_are_counted_and_dropped(ReadFault fault)
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random);
        TxTraffic traffic = new(bench, TxQueueRegisters.Offset, log2: 8);
        bench.Root.Faults.SpoilReads(fault, skip: 2, count: 20);
        for (int i = 0; i < 40; i++)
        {
            traffic.Add(TxTraffic.Slices(traffic.RandomBytes(random.Next(1, 1500)), random.Next(1, 4)));
        }

        traffic.Queue.Post();
        for (int i = 0; i < 40; i++)
        {
            traffic.Check();
        }

        bench.Bench.StepUntil(() => bench.Root.IsIdle);
        Assert.AreEqual(20u, bench.Read(PcieRegisters.UnexpectedCompletions));
        bench.Finish(expectErrors: true);
    }

    [TestMethod]
    public void With_every_tag_lost_reads_fail_at_once_and_a_function_reset_brings_them_back()
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random, new PciRootOptions { MaximumReadLatency = 40 });
        bench.Write(PcieRegisters.ReadTimeout, 400);
        TxTraffic traffic = new(bench, TxQueueRegisters.Offset, log2: 8);
        ulong from = traffic.Memory.Bus;
        bench.Root.Faults.SpoilReads(ReadFault.Missing, count: 32, where: (address, _) => address >= from);
        for (int i = 0; i < 36; i++)
        {
            traffic.Add(TxTraffic.Slices(traffic.RandomBytes(64), 1), alignment: 0, status: i < 32 ? Status.ReadTimeout : null);
            traffic.Queue.Post();
            if (i < 32)
            {
                traffic.Check();
                traffic.Queue.Acknowledge();
            }
        }

        // The last tag died with the 32nd read: now a descriptor fetch fails, unsent.
        bench.Bench.StepUntil(() => traffic.Queue.Error == Status.ReadTimeout);
        Assert.AreEqual(32u, bench.Read(PcieRegisters.ReadTimeouts));
        bench.Bench.Reset();
        bench.Root.Reset();
        traffic = new TxTraffic(bench, TxQueueRegisters.Offset);
        traffic.Run(packets: 20);
        bench.Finish();
    }

    [TestMethod]
    [DataRow(ReadFault.CompleterAbort, Status.ReadError)]
    [DataRow(ReadFault.Poisoned, Status.Poisoned)]
    [DataRow(ReadFault.Missing, Status.ReadTimeout)]
    public void A_failed_descriptor_fetch_halts_the_queue_until_it_is_enabled_again(ReadFault fault, Status status)
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random);
        bench.Write(PcieRegisters.ReadTimeout, 5000);
        TxTraffic traffic = new(bench, TxQueueRegisters.Offset, log2: 8);
        ulong ring = traffic.Queue.Ring.Bus;
        bench.Root.Faults.SpoilReads(fault, skip: 2, where: (address, _) => address >= ring && address < ring + 4096);
        for (int i = 0; i < 30; i++)
        {
            traffic.Add(TxTraffic.Slices(traffic.RandomBytes(80), 1));
        }

        traffic.Queue.Post();
        bench.Bench.StepUntil(() => traffic.Queue.Error != Status.Ok);
        Assert.AreEqual(status, traffic.Queue.Error);
        for (int i = 0; i < 8; i++)
        {
            traffic.Check(); // two reads of eight units each came through: eight packets
        }

        bench.Bench.StepUntil(() => bench.IsIdle);
        Assert.IsFalse(traffic.Queue.TryTake(out _));
        traffic.Queue.Disable();
        bench.Bench.StepUntil(() => !traffic.Queue.IsActive);
        Assert.AreEqual(Status.Ok, traffic.Queue.Error);
        traffic.Restart();
        traffic.Run(packets: 10);
        bench.Finish(expectErrors: true);
    }

    [TestMethod]
    public void A_disabled_queue_finishes_what_it_began_and_starts_afresh()
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random);
        TxTraffic traffic = new(bench, TxQueueRegisters.Offset, log2: 8, completionLog2: 7);
        for (int round = 0; round < 12; round++)
        {
            for (int i = 0; i < 30; i++)
            {
                traffic.Add(TxTraffic.Slices(traffic.RandomBytes(random.Next(1, 300)), random.Next(1, 3)));
            }

            traffic.Queue.Post();
            bench.Bench.Step(random.Next(1, 1500));
            traffic.Queue.Disable();
            bench.Bench.StepUntil(() => !traffic.Queue.IsActive);
            long reads = bench.Root.Statistics.ReadRequests;
            int done = 0;
            while (traffic.Queue.TryTake(out TxCompletion completion))
            {
                traffic.Check(completion);
                done++;
            }

            Assert.IsEmpty(bench.Sent.Frames, "a frame without a completion");
            bench.Bench.Step(200);
            Assert.AreEqual(reads, bench.Root.Statistics.ReadRequests, "the queue reads after it went inactive");
            Console.WriteLine($"round {round}: {done} of 30 finished");
            traffic.Restart();
        }

        bench.Finish();
    }
}
