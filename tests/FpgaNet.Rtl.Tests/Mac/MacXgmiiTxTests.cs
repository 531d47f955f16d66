using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Stream;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Mac;

[TestClass]
public sealed class MacXgmiiTxTests
{
    [TestMethod]
    public void Frames_that_wait_go_out_padded_checked_and_12_bytes_apart_on_average()
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new("fn_mac_xgmii_tx");
        AxiStreamSource source = bench.Source("s_axis", random);
        XgmiiListener wire = bench.Add(new XgmiiListener(bench.Model));
        PulseCounter sent = bench.Add(new PulseCounter(bench.Model, "sent"));
        bench.Reset();
        bench.Model.Port("enable").Value = 1;
        List<byte[]> frames = [];
        for (int i = 0; i < 400; i++)
        {
            // Every length up to 140, so every place of the end and every deficit; then any.
            frames.Add(RandomFrames.Bytes(random, i < 140 ? i + 1 : i < 160 ? 60 : i < 170 ? 1518 - (i % 8) : random.Next(1, 300)));
            source.Send(frames[^1]);
        }

        bench.StepUntil(() => sent.Count == frames.Count);
        bench.Step(3);
        int deficit = 0;
        for (int i = 0; i < frames.Count; i++)
        {
            (byte[] bytes, int gap, bool spoiled) = wire.Bursts.Dequeue();
            byte[] expected = EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(EthernetReference.Padded(frames[i])));
            CollectionAssert.AreEqual(expected, bytes, $"frame {i} of {frames[i].Length} bytes");
            Assert.IsFalse(spoiled);
            if (i > 0)
            {
                // Clause 46.3.1.4: what a gap is short of 12 bytes adds up to 3 at most, and no gap is longer than it must be.
                deficit += 12 - gap;
                Assert.IsTrue(deficit is >= 0 and <= 3, $"deficit of {deficit} bytes before frame {i}");
            }
        }

        Assert.IsTrue(wire.Starts.All(s => s > 100), "starts in both columns");
    }

    [TestMethod]
    public void Frames_that_come_with_pauses_go_out_no_closer_than_9_bytes()
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new("fn_mac_xgmii_tx");
        AxiStreamSource source = bench.Source("s_axis", random, stall: 0.8);
        source.StallInsideFrames = false;
        XgmiiListener wire = bench.Add(new XgmiiListener(bench.Model));
        bench.Reset();
        bench.Model.Port("enable").Value = 1;
        byte[][] frames = [.. Enumerable.Range(0, 200).Select(_ => RandomFrames.Bytes(random, random.Next(1, 150)))];
        foreach (byte[] frame in frames)
        {
            source.Send(frame);
        }

        bench.StepUntil(() => wire.Bursts.Count == frames.Length);
        Assert.IsTrue(wire.Bursts.Skip(1).All(b => b.Gap >= 9));
        Assert.IsTrue(wire.Bursts.Any(b => b.Gap > 15));
        foreach (byte[] frame in frames)
        {
            CollectionAssert.AreEqual(EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(EthernetReference.Padded(frame))), wire.Bursts.Dequeue().Bytes);
        }
    }

    [TestMethod]
    public void A_frame_that_runs_dry_is_spoiled_and_the_next_one_is_whole()
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new("fn_mac_xgmii_tx");
        AxiStreamSource source = bench.Source("s_axis", random);
        XgmiiListener wire = bench.Add(new XgmiiListener(bench.Model));
        PulseCounter underrun = bench.Add(new PulseCounter(bench.Model, "underrun"));
        bench.Reset();
        bench.Model.Port("enable").Value = 1;
        byte[] next = RandomFrames.Bytes(random, 80);
        source.Send(RandomFrames.Bytes(random, 400));
        source.Send(next);
        bench.Step(20);
        source.Stall = 1;
        bench.Step(3);
        source.Stall = 0;
        bench.StepUntil(() => wire.Bursts.Count == 2);
        Assert.IsTrue(wire.Bursts.Dequeue().Spoiled);
        Assert.IsGreaterThan(0, underrun.Count);
        (byte[] bytes, _, bool spoiled) = wire.Bursts.Dequeue();
        Assert.IsFalse(spoiled);
        CollectionAssert.AreEqual(EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(next)), bytes);
    }

    [TestMethod]
    public void While_disabled_or_with_a_fault_frames_wait_and_a_local_fault_is_answered()
    {
        using RtlBench bench = new("fn_mac_xgmii_tx");
        AxiStreamSource source = bench.Source("s_axis", new Random(1));
        XgmiiListener wire = bench.Add(new XgmiiListener(bench.Model));
        bench.Reset();
        for (int i = 0; i < 4; i++)
        {
            source.Send(new byte[400]);
        }

        bench.Step(100);
        Assert.AreEqual(0, wire.Bursts.Count);
        bench.Model.Port("enable").Value = 1;
        bench.Step(20);
        bench.Model.Port("local_fault").Value = 1; // in the middle of a frame, which is finished
        bench.Step(200);
        Assert.AreEqual(1, wire.Bursts.Count);
        CollectionAssert.AreEqual(EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(new byte[400])), wire.Bursts.Dequeue().Bytes);
        Assert.IsGreaterThan(200, wire.RemoteFaults, "every column");
        bench.Model.Port("local_fault").Value = 0;
        bench.Model.Port("remote_fault").Value = 1;
        bench.Step(20);
        int answered = wire.RemoteFaults;
        bench.Step(200);
        Assert.AreEqual(answered, wire.RemoteFaults, "a remote fault is answered with idle");
        Assert.AreEqual(0, wire.Bursts.Count);
        bench.Model.Port("remote_fault").Value = 0;
        bench.StepUntil(() => wire.Bursts.Count == 3);
    }
}
