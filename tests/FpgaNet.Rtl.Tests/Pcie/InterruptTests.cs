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
    public void The_wait_is_counted_from_the_arming_when_entries_came_before_it()
    {
        using PcieBench bench = new(TestSeed.Random(), PciRootOptions.Fast);
        RxTraffic traffic = Start(bench, packets: 9, time: 50, vector: 0);
        traffic.Receive(60);
        traffic.Check();
        bench.Bench.Step(2000); // far longer than the wait, and nobody is told
        Assert.IsEmpty(bench.Interrupts);
        Arm(traffic);
        long armed = ReadArmed(bench, traffic);
        bench.Bench.StepUntil(() => bench.Interrupts.Count == 1);
        Assert.IsInRange(50 * 16 - 60, 50 * 16 + 20, bench.Interrupts[0].Cycle - armed);
        bench.Finish();
    }

    [TestMethod]
    public void Arming_anew_starts_the_wait_anew_and_an_acknowledgement_without_arm_ends_it()
    {
        using PcieBench bench = new(TestSeed.Random(), PciRootOptions.Fast);
        RxTraffic traffic = Start(bench, packets: 9, time: 100, vector: 0);
        Arm(traffic);
        traffic.Receive(60);
        long last = 0;
        for (int i = 0; i < 5; i++)
        {
            bench.Bench.Step(1000);
            Arm(traffic);
            last = ReadArmed(bench, traffic);
        }

        Assert.IsEmpty(bench.Interrupts);
        bench.Bench.StepUntil(() => bench.Interrupts.Count == 1);
        Assert.IsInRange(1600 - 60, 1600 + 20, bench.Interrupts[0].Cycle - last);

        Arm(traffic);
        bench.Bench.Step(1000);
        traffic.Queue.Write(TxQueueRegisters.CompletionConsumer, 0); // the entry stays, the arm goes
        bench.Bench.Step(4000);
        Assert.HasCount(1, bench.Interrupts);
        Assert.IsTrue(bench.IsIdle, "no timer runs");
        traffic.Check();
        bench.Finish();
    }

    [TestMethod]
    [DataRow(0, DisplayName = "0 packets count as 1")]
    [DataRow(1)]
    [DataRow(7)]
    [DataRow(32)]
    public void So_many_entries_fire_at_once_and_one_fewer_does_not(int packets)
    {
        using PcieBench bench = new(TestSeed.Random(), PciRootOptions.Fast);
        RxTraffic traffic = Start(bench, packets, time: 0xFFFF, vector: 0);
        Arm(traffic);
        for (int i = 1; i < packets; i++)
        {
            traffic.Receive(60);
        }

        bench.Bench.Step(2000);
        Assert.IsEmpty(bench.Interrupts);
        traffic.Receive(60);
        bench.Bench.StepUntil(() => bench.Interrupts.Count == 1, 200);
        for (int i = 0; i < Math.Max(1, packets); i++)
        {
            traffic.Check();
        }

        // Entries that the host has taken do not count any more.
        traffic.Queue.Acknowledge(arm: true);
        bench.Bench.Step(500);
        Assert.HasCount(1, bench.Interrupts);
        bench.Write(PcieRegisters.Control, 1);
        bench.Bench.StepUntil(() => bench.Read(PcieRegisters.Control) == 0);
    }

    [TestMethod]
    public void Without_MSI_nothing_is_sent_and_what_waited_fires_when_the_host_enables_it()
    {
        using PcieBench bench = new(TestSeed.Random(), PciRootOptions.Fast);
        bench.Bench.Model.Port("cfg_interrupt_msienable").Value = 0;
        RxTraffic traffic = Start(bench, packets: 0, time: 0, vector: 0);
        Arm(traffic);
        traffic.Receive(60);
        traffic.Check();
        bench.Bench.Step(1000);
        Assert.AreEqual(0u, bench.Read(PcieRegisters.Interrupts));
        Assert.AreEqual(1u, traffic.Queue.Read(TxQueueRegisters.CompletionConsumer) >> 31, "it stays armed");
        bench.Bench.Model.Port("cfg_interrupt_msienable").Value = 1;
        bench.Bench.StepUntil(() => bench.Interrupts.Count == 1, 100);
        bench.Finish();
    }

    [TestMethod]
    public void Transmit_queues_moderate_as_receive_queues_do_each_with_its_own_numbers()
    {
        using PcieBench bench = new(TestSeed.Random(), PciRootOptions.Fast, "fn_pcie_host_queues");
        TxTraffic[] queues = [new(bench, TxQueueRegisters.Offset), new(bench, TxQueueRegisters.Offset + TxQueueRegisters.Stride)];
        (int Packets, int Time)[] rules = [(3, 0xFFFF), (200, 40)];
        for (int i = 0; i < 2; i++)
        {
            queues[i].Queue.Write(TxQueueRegisters.Interrupt, (uint)((20 + i) | (rules[i].Packets << 8) | (rules[i].Time << 16)));
            queues[i].Queue.Acknowledge(arm: true);
            queues[i].Add(TxTraffic.Slices(queues[i].RandomBytes(80), 1));
            queues[i].Queue.Post();
        }

        bench.Bench.Step(3000);
        CollectionAssert.AreEqual(new[] { 21 }, bench.Interrupts.Select(static x => x.Vector).ToArray(), "the second waited for time, the first waits for packets");
        for (int i = 0; i < 2; i++)
        {
            queues[0].Add(TxTraffic.Slices(queues[0].RandomBytes(80), 1));
        }

        queues[0].Queue.Post();
        bench.Bench.StepUntil(() => bench.Interrupts.Count == 2);
        Assert.AreEqual(20, bench.Interrupts[1].Vector);
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

    // Nothing was taken: the ring's entries keep waiting.
    private static void Arm(RxTraffic traffic) => traffic.Queue.Write(TxQueueRegisters.CompletionConsumer, 0x8000_0000);

    // A read follows the write, so the queue is armed by now: at most some fifty clocks ago.
    private static long ReadArmed(PcieBench bench, RxTraffic traffic)
    {
        Assert.AreEqual(1u, traffic.Queue.Read(TxQueueRegisters.CompletionConsumer) >> 31);
        return bench.Bench.Cycles;
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
