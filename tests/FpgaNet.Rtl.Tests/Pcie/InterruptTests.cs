using FpgaNet.Driver;
using FpgaNet.Sim.Pci;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Pcie;

/// <summary>Arming, moderation and order of the interrupts.</summary>
[TestClass]
public sealed class InterruptTests
{
    [TestMethod]
    public void An_interrupt_comes_once_for_each_arming_and_never_before_its_entry()
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random);
        RxTraffic traffic = Start(bench, packets: 0, time: 0, vector: 3);
        int seen = 0;
        bench.Root.InterruptHandler = vector =>
        {
            Assert.AreEqual(3, vector);
            Assert.IsTrue(traffic.Queue.TryTake(out RxCompletion completion), "an interrupt before its completion entry");
            traffic.Check(completion);
            seen++;
        };
        for (int i = 1; i <= 20; i++)
        {
            traffic.Queue.Acknowledge(arm: true);
            bench.Bench.Step(100);
            traffic.Receive(random.Next(60, 1000));
            bench.Bench.StepUntil(() => seen == i);
            traffic.Receive(60); // not armed: silent
            traffic.Check();
            bench.Bench.Step(300);
            Assert.AreEqual(i, seen);
        }

        Assert.AreEqual(20u, bench.Read(PcieRegisters.Interrupts));
        bench.Finish();
    }

    [TestMethod]
    public void Entries_that_wait_when_the_queue_is_armed_fire_at_once()
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random);
        RxTraffic traffic = Start(bench, packets: 0, time: 0, vector: 0);
        traffic.Receive(60);
        bench.Bench.StepUntil(() => traffic.Queue.Read(TxQueueRegisters.CompletionProducer) == 1);
        bench.Bench.Step(200);
        Assert.IsEmpty(bench.Interrupts);
        traffic.Queue.Acknowledge(arm: true);
        bench.Bench.StepUntil(() => bench.Interrupts.Count == 1, 200);
        Assert.AreEqual(0u, traffic.Queue.Read(TxQueueRegisters.CompletionConsumer) >> 31, "Arm reads 0 once it has fired");
        bench.Finish();
    }

    [TestMethod]
    public void Moderation_waits_for_packets_or_time()
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random, PciRootOptions.Fast);
        RxTraffic traffic = Start(bench, packets: 4, time: 100, vector: 1);
        traffic.Queue.Acknowledge(arm: true);
        Assert.AreEqual(1u, traffic.Queue.Read(TxQueueRegisters.CompletionConsumer) >> 31, "Arm reads 1 until it has fired");

        // Three entries are not enough; the time is: 1600 clocks from the first.
        traffic.Receive(60);
        bench.Bench.StepUntil(() => traffic.Queue.TryTake(out RxCompletion completion) && traffic.Check(completion) == Status.Ok);
        long first = bench.Bench.Cycles;
        traffic.Receive(60);
        traffic.Receive(60);
        traffic.Check();
        traffic.Check();
        Assert.IsFalse(bench.IsIdle, "a moderation timer runs");
        bench.Bench.StepUntil(() => bench.Interrupts.Count == 1);
        long waited = bench.Interrupts[0].Cycle - first;
        Assert.IsTrue(waited is > 1590 and < 1620, $"fired after {waited} clocks");

        // Four entries fire at once.
        traffic.Queue.Acknowledge(arm: true);
        long armed = bench.Bench.Cycles;
        for (int i = 0; i < 4; i++)
        {
            traffic.Receive(60);
        }

        bench.Bench.StepUntil(() => bench.Interrupts.Count == 2);
        Assert.IsLessThan(600, bench.Interrupts[1].Cycle - armed);
        for (int i = 0; i < 4; i++)
        {
            traffic.Check();
        }

        bench.Finish();
    }

    [TestMethod]
    public void Several_queues_signal_each_its_vector()
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random, model: "fn_pcie_host_queues");
        RxTraffic[] queues = [.. Enumerable.Range(0, 4).Select(i => new RxTraffic(bench, i))];
        for (int i = 0; i < 4; i++)
        {
            queues[i].Queue.Disable();
            RxTraffic traffic = queues[i];
            bench.Bench.StepUntil(() => !traffic.Queue.IsActive);
            traffic.Restart(vector: 10 + i);
            traffic.AddBuffer(100);
            traffic.Queue.Post();
            traffic.Queue.Acknowledge(arm: true);
        }

        for (uint i = 0; i < 4; i++)
        {
            queues[i].Receive(60);
        }

        bench.Bench.StepUntil(() => bench.Interrupts.Count == 4);
        CollectionAssert.AreEquivalent(new[] { 10, 11, 12, 13 }, bench.Interrupts.Select(x => x.Vector).ToArray());
        bench.Finish();
    }

    [TestMethod]
    public void A_vector_beyond_those_given_keeps_its_enabled_bits()
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random, new PciRootOptions { InterruptVectors = 4 });
        RxTraffic traffic = Start(bench, packets: 0, time: 0, vector: 13);
        traffic.Queue.Acknowledge(arm: true);
        traffic.Receive(60);
        bench.Bench.StepUntil(() => bench.Interrupts.Count == 1);
        Assert.AreEqual(1, bench.Interrupts[0].Vector);
        bench.Finish();
    }

    private static RxTraffic Start(PcieBench bench, int packets, int time, int vector)
    {
        RxTraffic traffic = new(bench, 0, log2: 7, completionLog2: 7);
        traffic.Queue.Disable();
        bench.Bench.StepUntil(() => !traffic.Queue.IsActive);
        traffic.Restart(packets, time, vector);
        for (int i = 0; i < 100; i++)
        {
            traffic.AddBuffer(1520);
        }

        traffic.Queue.Post();
        return traffic;
    }
}
