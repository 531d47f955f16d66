using FpgaNet.Driver;
using FpgaNet.Sim.Pci;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Pcie;

/// <summary>Frames from the core's stream to buffers in host memory. The strict root complex checks every write on the way.</summary>
[TestClass]
public sealed class RxQueueTests
{
    [TestMethod]
    [DataRow(128, 0x1000_0000UL)]
    [DataRow(256, 0x1000_0000UL)]
    [DataRow(1024, 0x20_0000_0000UL)]
    public void Random_frames_arrive_byte_exact_in_random_buffers(int maximumPayload, ulong firstAddress)
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random, new PciRootOptions { MaximumPayload = maximumPayload, FirstBusAddress = firstAddress });
        bench.Received.Stall = random.NextDouble() * 0.3;
        RxTraffic traffic = new(bench);
        traffic.Run(frames: 200);
        bench.Finish();
    }

    [TestMethod]
    public void Every_length_and_alignment_of_a_short_frame()
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random, PciRootOptions.Fast with { MaximumPayload = 128 });
        RxTraffic traffic = new(bench, 0, log2: 8, completionLog2: 8);
        for (int length = 1; length <= 140; length++)
        {
            traffic.AddBuffer(160);
            traffic.Receive(length);
        }

        traffic.Queue.Post();
        for (int length = 1; length <= 140; length++)
        {
            Assert.AreEqual(Status.Ok, traffic.Check());
        }

        bench.Finish();
    }

    [TestMethod]
    public void A_frame_longer_than_its_buffer_is_dropped_whole_and_uses_the_buffer_up()
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random);
        RxTraffic traffic = new(bench);
        foreach ((int buffer, int frame, Status status) in ((int, int, Status)[])
            [(100, 100, Status.Ok), (100, 101, Status.BufferTooSmall), (0, 60, Status.BufferTooSmall), (1600, 1518, Status.Ok)])
        {
            traffic.AddBuffer(buffer);
            traffic.Queue.Post();
            traffic.Receive(frame);
            Assert.AreEqual(status, traffic.Check());
        }

        bench.Finish();
    }

    [TestMethod]
    public void Without_a_buffer_frames_wait_and_so_they_do_with_a_full_completion_ring()
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random);
        RxTraffic traffic = new(bench, 0, log2: 6, completionLog2: 4);
        for (int i = 0; i < 40; i++)
        {
            traffic.Receive(100);
        }

        bench.Bench.Step(2000);
        Assert.AreEqual(0, bench.Root.Statistics.WriteRequests, "a frame was written without a buffer");
        Assert.IsGreaterThan(0, bench.Received.Pending, "with one queue nothing is dropped: what does not fit stays with the core");
        for (int i = 0; i < 40; i++)
        {
            traffic.AddBuffer(200);
        }

        traffic.Queue.Post();
        bench.Bench.Step(6000);
        Assert.AreEqual(16u, traffic.Queue.Read(TxQueueRegisters.CompletionProducer));
        for (int i = 0; i < 40; i++)
        {
            traffic.Check();
            traffic.Queue.Acknowledge();
        }

        bench.Finish();
    }

    [TestMethod]
    public void Receive_runs_at_nearly_a_beat_a_clock()
    {
        using PcieBench bench = new(new Random(1), PciRootOptions.Fast);
        RxTraffic traffic = new(bench, 0, log2: 7, completionLog2: 7);
        for (int i = 0; i < 60; i++)
        {
            traffic.AddBuffer(1520);
        }

        traffic.Queue.Post();
        bench.Bench.Step(1000);
        for (int i = 0; i < 60; i++)
        {
            traffic.Receive(1512);
        }

        long start = bench.Bench.Cycles;
        bench.Bench.StepUntil(() => traffic.Queue.Read(TxQueueRegisters.CompletionProducer) == 60);
        double rate = 60 * 1512 / 8.0 / (bench.Bench.Cycles - start);
        Assert.IsGreaterThan(0.75, rate, "beats a clock; write headers and completion entries take the rest");
    }

    [TestMethod]
    public void A_queue_may_be_disabled_in_any_clock_while_a_frame_is_begun()
    {
        using PcieBench bench = new(TestSeed.Random(), PciRootOptions.Fast);
        RxTraffic traffic = new(bench);
        for (int clock = 0; clock < 40; clock++)
        {
            traffic.AddBuffer(100);
            traffic.AddBuffer(100);
            traffic.Queue.Post();
            bench.Bench.Step(200); // the buffers are there
            traffic.Receive(60);
            bench.Bench.Step(clock);
            traffic.Queue.Disable();
            bench.Bench.StepUntil(() => !traffic.Queue.IsActive);
            while (traffic.Queue.TryTake(out RxCompletion completion))
            {
                Assert.AreEqual(Status.Ok, traffic.Check(completion));
            }

            // Either it has come, or it waits for the queue's next life.
            traffic.StartOver();
            for (int i = traffic.Expected; i > 0; i--)
            {
                traffic.AddBuffer(100);
                traffic.Queue.Post();
                Assert.AreEqual(Status.Ok, traffic.Check());
                traffic.Queue.Acknowledge();
            }

            traffic.Queue.Disable();
            bench.Bench.StepUntil(() => !traffic.Queue.IsActive);
            traffic.Restart();
        }

        bench.Finish();
    }

    [TestMethod]
    [DataRow(ReadFault.UnsupportedRequest, Status.ReadError)]
    [DataRow(ReadFault.Missing, Status.ReadTimeout)]
    public void A_failed_descriptor_fetch_halts_the_queue_until_it_is_enabled_again(ReadFault fault, Status status)
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random);
        bench.Write(PcieRegisters.ReadTimeout, 2000);
        RxTraffic traffic = new(bench);
        bench.Root.Faults.SpoilReads(fault);
        traffic.AddBuffer(100);
        traffic.Queue.Post();
        bench.Bench.StepUntil(() => traffic.Queue.Error != Status.Ok);
        Assert.AreEqual(status, traffic.Queue.Error);
        Assert.IsTrue(traffic.Queue.IsActive);
        traffic.Queue.Disable();
        bench.Bench.StepUntil(() => !traffic.Queue.IsActive);
        traffic.Restart();
        traffic.Run(frames: 20);
        bench.Finish(expectErrors: true);
    }

    [TestMethod]
    public void A_disabled_queue_finishes_its_frame_and_starts_afresh()
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random);
        RxTraffic traffic = new(bench);
        for (int round = 0; round < 12; round++)
        {
            for (int i = 0; i < 20; i++)
            {
                traffic.AddBuffer(1600);
                traffic.Receive(random.Next(60, 600));
            }

            traffic.Queue.Post();
            bench.Bench.Step(random.Next(1, 1500));
            traffic.Queue.Disable();
            bench.Bench.StepUntil(() => !traffic.Queue.IsActive);
            (long reads, long writes) = (bench.Root.Statistics.ReadRequests, bench.Root.Statistics.WriteRequests);
            uint begun = traffic.Queue.Read(TxQueueRegisters.CompletionProducer);
            uint done = 0;
            while (traffic.Queue.TryTake(out RxCompletion completion))
            {
                traffic.Check(completion);
                done++;
            }

            Assert.AreEqual(begun, done, "the queue counts an entry that is not there");
            bench.Bench.Step(300);
            Assert.AreEqual((reads, writes), (bench.Root.Statistics.ReadRequests, bench.Root.Statistics.WriteRequests));

            // The frames that wait go to the queue's next life: those that come first in it.
            traffic.StartOver();
            for (int i = traffic.Expected; i > 0; i--)
            {
                traffic.AddBuffer(1600);
                traffic.Queue.Post();
                Assert.AreEqual(Status.Ok, traffic.Check());
                traffic.Queue.Acknowledge();
            }

            traffic.Queue.Disable();
            bench.Bench.StepUntil(() => !traffic.Queue.IsActive);
            traffic.Restart();
        }

        bench.Finish();
    }
}
