using FpgaNet.Driver;
using FpgaNet.Sim;
using FpgaNet.Sim.Pci;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Pcie;

/// <summary>Registers Schedule and Pace at work: whose frames come out of the host interface, in bytes over time.</summary>
[TestClass]
public sealed class TxScheduleTests
{
    [TestMethod]
    public void Schedule_and_pace_keep_what_is_written_over_a_life_of_the_queue_and_have_their_reset_values()
    {
        using PcieBench bench = new(TestSeed.Random(), model: "fn_pcie_host_queues");
        HostQueue<TxCompletion> queue = new(bench, TxQueueRegisters.Offset + TxQueueRegisters.Stride);
        Assert.AreEqual(0x0100u, queue.Read(TxQueueRegisters.Schedule));
        Assert.AreEqual(0u, queue.Read(TxQueueRegisters.Pace));
        queue.Write(TxQueueRegisters.Schedule, 0xFFFF_FFFF);
        queue.Write(TxQueueRegisters.Pace, 0xABC1_2345);
        queue.Start();
        queue.Disable();
        bench.Bench.StepUntil(() => !queue.IsActive);
        Assert.AreEqual(0xFF07u, queue.Read(TxQueueRegisters.Schedule));
        Assert.AreEqual(0xABC1_2345u, queue.Read(TxQueueRegisters.Pace));
        Assert.AreEqual(0u, bench.Read(RxQueueRegisters.Offset + TxQueueRegisters.Schedule));
        bench.Write(PcieRegisters.Control, 1);
        bench.Bench.StepUntil(() => bench.Read(PcieRegisters.Control) == 0);
        Assert.AreEqual(0x0100u, queue.Read(TxQueueRegisters.Schedule));
        Assert.AreEqual(0u, queue.Read(TxQueueRegisters.Pace));
    }

    [TestMethod]
    public void Weights_share_the_wire_by_bytes_and_priority_goes_before()
    {
        Random random = TestSeed.Random();
        using PcieBench bench = Open(random, out TxLoad load);
        load.Queue(0).Write(TxQueueRegisters.Schedule, 3 << 8);
        load.Queue(1).Write(TxQueueRegisters.Schedule, 1 << 8);
        long[] bytes = load.Run(clocks: 60_000);
        double ratio = bytes[0] / (double)bytes[1];
        Console.WriteLine($"weights 3 and 1, frames of 1500 and 300 bytes: {bytes[0]} and {bytes[1]} bytes, {ratio:F3}");
        Assert.IsTrue(ratio is > 2.8 and < 3.2, $"{ratio}");

        load.Queue(1).Write(TxQueueRegisters.Schedule, (1 << 8) | 5);
        load.Run(clocks: 3000); // what was chosen before leaves
        bytes = load.Run(clocks: 20_000);
        Assert.AreEqual(0, bytes[0]);
        Assert.IsGreaterThan(38_000, bytes[1]);
    }

    [TestMethod]
    public void A_paced_queue_sends_at_its_rate_and_leaves_the_rest_to_the_other()
    {
        Random random = TestSeed.Random();
        using PcieBench bench = Open(random, out TxLoad load);
        load.Queue(0).Write(TxQueueRegisters.Schedule, (1 << 8) | 7); // first, whenever its pace allows
        load.Queue(0).Write(TxQueueRegisters.Pace, (64u << 20) | 16_384); // a quarter of a byte a clock, 4 KB at once
        load.Run(clocks: 30_000);
        long[] bytes = load.Run(clocks: 60_000);
        Console.WriteLine($"paced to 15000 bytes: {bytes[0]}; the other {bytes[1]}");
        Assert.IsTrue(bytes[0] is >= 13_500 and <= 16_500, $"{bytes[0]}");
        Assert.IsGreaterThan(120_000 - 16_500 - 6000, bytes[1], "the wire is never left idle for a queue that waits for its pace");
    }

    [TestMethod]
    public void A_queue_whose_next_packet_is_far_from_its_launch_time_lets_the_others_pass()
    {
        const ulong Lead = 1000, Horizon = 100_000, Launch = 50_000;
        using PcieBench bench = new(TestSeed.Random(), PciRootOptions.Fast, "fn_pcie_host_queues");
        Port now = bench.Bench.Model.Port("now");
        Port lead = bench.Bench.Model.Port("launch_lead");
        Port horizon = bench.Bench.Model.Port("launch_horizon");
        (lead.Value, horizon.Value) = (Lead, Horizon);
        TxTraffic[] queues = [new(bench, TxQueueRegisters.Offset), new(bench, TxQueueRegisters.Offset + TxQueueRegisters.Stride)];
        queues[0].Add([queues[0].RandomBytes(100)], launch: Launch);
        queues[0].Add([queues[0].RandomBytes(60)]); // the order within a queue stays
        queues[0].Add([queues[0].RandomBytes(60)], launch: Launch + (2 * Horizon)); // the core will refuse it
        queues[0].Queue.Post();
        bench.Bench.Step(300);
        for (int i = 0; i < 5; i++)
        {
            queues[1].Add([queues[1].RandomBytes(64)], launch: i % 2 == 0 ? null : 1); // long past
        }

        queues[1].Queue.Post();
        queues[1].CheckAll();
        foreach (ulong time in new[] { 20_000UL, Launch - Lead - 1 })
        {
            now.Value = time;
            bench.Bench.Step(500);
            Assert.IsEmpty(bench.Sent.Frames, $"a packet left at {time}");
        }

        now.Value = Launch - Lead;
        queues[0].CheckAll();
    }

    private static PcieBench Open(Random random, out TxLoad load)
    {
        PcieBench bench = new(random, PciRootOptions.Fast with { MinimumReadLatency = 60, MaximumReadLatency = 60 }, "fn_pcie_host_queues");
        bench.Core.StatusStall = 0;
        bench.Sent.Stall = 0.75; // the wire takes two bytes a clock
        load = new TxLoad(bench, frameBytes: [1500, 300]);
        return bench;
    }
}
