using FpgaNet.Driver;
using FpgaNet.Sim.Pci;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Pcie;

/// <summary>Control.Reset, in the middle of traffic.</summary>
[TestClass]
public sealed class ResetTests
{
    [TestMethod]
    public void A_reset_in_mid_traffic_leaves_the_link_whole_and_the_card_as_new()
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random);
        for (int round = 0; round < 15; round++)
        {
            TxTraffic tx = new(bench, TxQueueRegisters.Offset, log2: 8);
            RxTraffic rx = new(bench);
            for (int i = 0; i < 30; i++)
            {
                tx.Add(TxTraffic.Slices(tx.RandomBytes(random.Next(60, 1500)), 2));
            }

            for (int i = 0; i < 20; i++)
            {
                rx.AddBuffer(1600);
                rx.Receive(random.Next(60, 1500));
            }

            tx.Queue.Post();
            rx.Queue.Post();
            bench.Bench.Step(random.Next(3000));
            Reset(bench);
            (long reads, long writes) = (bench.Root.Statistics.ReadRequests, bench.Root.Statistics.WriteRequests);
            Assert.IsTrue(bench.Root.IsIdle, "a read of before the reset is still out");
            Assert.AreEqual(0u, bench.Read(PcieRegisters.ReadRequests));
            Assert.AreEqual(6_250_000u, bench.Read(PcieRegisters.ReadTimeout));
            Assert.IsFalse(tx.Queue.IsActive || rx.Queue.IsActive);
            bench.Bench.Step(200);
            Assert.AreEqual((reads, writes), (bench.Root.Statistics.ReadRequests, bench.Root.Statistics.WriteRequests));
        }

        // As new: both directions run.
        TxTraffic after = new(bench, TxQueueRegisters.Offset);
        after.Run(20);
        new RxTraffic(bench).Run(20);
        bench.Finish();
    }

    [TestMethod]
    public void A_reset_waits_for_a_lost_read_no_longer_than_its_timeout()
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random);
        bench.Write(PcieRegisters.ReadTimeout, 3000);
        TxTraffic tx = new(bench, TxQueueRegisters.Offset);
        bench.Root.Faults.SpoilReads(ReadFault.Missing);
        tx.Add(TxTraffic.Slices(tx.RandomBytes(100), 1));
        tx.Queue.Post();
        bench.Bench.StepUntil(() => bench.Root.Statistics.FaultsInjected == 1);
        long start = bench.Bench.Cycles;
        bench.Write(PcieRegisters.Control, 1);
        bench.Bench.Step(1000);
        Assert.AreEqual(1u, bench.Read(PcieRegisters.Control), "registers answer during the reset, and it is not done");
        Assert.AreEqual(((uint)PcieRegisters.BlockVersion << 16) | PcieRegisters.BlockType, bench.Read(PcieRegisters.BlockHeader));
        bench.Bench.StepUntil(() => bench.Read(PcieRegisters.Control) == 0);
        Assert.IsLessThan(3600, bench.Bench.Cycles - start);
        tx.Restart();
        tx.Run(10);
        bench.Finish();
    }

    private static void Reset(PcieBench bench)
    {
        bench.Write(PcieRegisters.Control, 1);
        bench.Bench.StepUntil(() => bench.Read(PcieRegisters.Control) == 0);
    }
}
