using FpgaNet.Driver;
using FpgaNet.Sim.Pci;

namespace FpgaNet.Rtl.Tests.Pcie;

/// <summary>What a frame costs of a 64-bit link behind fn_pcie_host, each way alone, against a host that answers reads after 100 clocks: docs/mac.md makes rates of these.</summary>
[TestClass]
public sealed class HostRateTests
{
    private const int Warm = 40;

    [TestMethod]
    [DataRow(60, 20.5)]
    [DataRow(590, 87)]
    [DataRow(1514, 210)]
    public void Clocks_of_a_frame_to_the_wire(int bytes, double documented)
    {
        int frames = Frames(bytes);
        using PcieBench bench = Bench();
        bench.Core.StatusStall = 0;
        TxTraffic traffic = new(bench, TxQueueRegisters.Offset, log2: 8);
        int added = 0;
        Check(bench, frames, documented, () =>
        {
            if (added < frames && traffic.Queue.Free > 1)
            {
                traffic.Add([traffic.RandomBytes(bytes)]);
                traffic.Queue.Post();
                added++;
            }

            int done = 0;
            for (; traffic.Queue.TryTake(out TxCompletion completion); done++)
            {
                traffic.Check(completion);
                traffic.Queue.Acknowledge();
            }

            return done;
        });
    }

    [TestMethod]
    [DataRow(60, 15.7)]
    [DataRow(590, 86.5)]
    [DataRow(1514, 209)]
    public void Clocks_of_a_frame_from_the_wire(int bytes, double documented)
    {
        int frames = Frames(bytes);
        using PcieBench bench = Bench();
        RxTraffic traffic = new(bench, 0, log2: 8, completionLog2: 8);
        for (int i = 0; i < frames; i++)
        {
            traffic.AddBuffer(bytes + 2);
        }

        traffic.Queue.Post();
        bench.Bench.Step(1000); // the first buffers are fetched
        int sent = 0;
        Check(bench, frames, documented, () =>
        {
            for (; sent < frames && bench.Received.Pending < 4; sent++)
            {
                traffic.Receive(bytes);
            }

            int done = 0;
            for (; traffic.Queue.TryTake(out RxCompletion completion); done++)
            {
                traffic.Check(completion);
                traffic.Queue.Acknowledge();
            }

            return done;
        });
    }

    // As many as the memory has room for.
    private static int Frames(int bytes) => Math.Min(240, 130_000 / bytes);

    private static PcieBench Bench() => new(new Random(1), PciRootOptions.Fast with { MinimumReadLatency = 100, MaximumReadLatency = 100, MaximumPayload = 256 });

    private static void Check(PcieBench bench, int frames, double documented, Func<int> step)
    {
        int done = 0;
        long start = 0;
        while (done < frames)
        {
            bench.Bench.Step();
            Assert.IsLessThan(400_000, bench.Bench.Cycles, "stuck");
            int before = done;
            done += step();
            start = before < Warm && done >= Warm ? bench.Bench.Cycles : start;
        }

        double clocks = (bench.Bench.Cycles - start) / (double)(frames - Warm);
        Console.WriteLine($"{clocks:F1} clocks a frame");
        Assert.IsInRange(0.96 * documented, 1.01 * documented, clocks);
        bench.Finish();
    }
}
