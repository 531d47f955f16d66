using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Stream;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Mac;

[TestClass]
public sealed class MacGmiiTxTests
{
    private const int InterFrameGap = 12;

    [TestMethod]
    public void Frames_that_wait_go_out_padded_checked_and_12_bytes_apart()
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new("fn_mac_gmii_tx");
        AxiStreamSource source = bench.Source("s_axis", random);
        GmiiListener wire = bench.Add(new GmiiListener(bench.Model));
        PulseCounter sent = bench.Add(new PulseCounter(bench.Model, "sent"));
        bench.Reset();
        bench.Model.Port("enable").Value = 1;
        List<byte[]> frames = [];
        int[] edges = [1, 14, 58, 59, 60, 61, 62, 63, 64, 65, 1514, 1518];
        for (int i = 0; i < 60; i++)
        {
            frames.Add(RandomFrames.Bytes(random, i < edges.Length ? edges[i] : random.Next(1, 200)));
            source.Send(frames[^1]);
        }

        long start = bench.Cycles;
        bench.StepUntil(() => sent.Count == frames.Count);
        for (int i = 0; i < frames.Count; i++)
        {
            (byte[] bytes, int gap, bool spoiled) = wire.Bursts.Dequeue();
            byte[] expected = EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(EthernetReference.Padded(frames[i])));
            CollectionAssert.AreEqual(expected, bytes, $"frame {i} of {frames[i].Length} bytes");
            Assert.IsFalse(spoiled);
            if (i > 0)
            {
                Assert.AreEqual(InterFrameGap, gap, $"gap before frame {i}");
            }
        }

        // Wire speed: preamble 8, frame, check sequence 4, gap 12; and one clock each to begin and to report the end.
        Assert.AreEqual(frames.Sum(f => 8 + Math.Max(60, f.Length) + 4 + InterFrameGap) + 1, bench.Cycles - start);
    }

    [TestMethod]
    [DataRow(1.0)]
    [DataRow(0.3)]
    public void Frames_that_come_with_pauses_go_out_no_closer_than_the_gap(double rate)
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new("fn_mac_gmii_tx");
        AxiStreamSource source = bench.Source("s_axis", random, stall: 0.98);
        source.StallInsideFrames = false;
        GmiiListener wire = bench.Add(new GmiiListener(bench.Model, random, rate));
        bench.Reset();
        bench.Model.Port("enable").Value = 1;
        for (int i = 0; i < 50; i++)
        {
            source.Send(RandomFrames.Bytes(random, 60 + i));
        }

        bench.StepUntil(() => wire.Bursts.Count == 50);
        Assert.IsTrue(wire.Bursts.Skip(1).All(b => b.Gap >= InterFrameGap));
        Assert.IsTrue(wire.Bursts.Any(b => b.Gap > InterFrameGap));
    }

    [TestMethod]
    public void While_disabled_frames_wait_and_the_one_on_the_wire_is_finished()
    {
        using RtlBench bench = new("fn_mac_gmii_tx");
        AxiStreamSource source = bench.Source("s_axis", new Random(1));
        GmiiListener wire = bench.Add(new GmiiListener(bench.Model));
        bench.Reset();
        source.Send(new byte[100]);
        source.Send(new byte[100]);
        bench.Step(300);
        Assert.AreEqual(0, wire.Bursts.Count);
        bench.Model.Port("enable").Value = 1;
        bench.Step(50);
        bench.Model.Port("enable").Value = 0;
        bench.Step(500);
        Assert.AreEqual(1, wire.Bursts.Count);
        Assert.AreEqual(8 + 100 + 4, wire.Bursts.Peek().Bytes.Length);
        bench.Model.Port("enable").Value = 1;
        bench.StepUntil(() => wire.Bursts.Count == 2);
    }

    [TestMethod]
    public void A_frame_that_runs_dry_is_spoiled_and_the_next_one_is_whole()
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new("fn_mac_gmii_tx");
        AxiStreamSource source = bench.Source("s_axis", random);
        GmiiListener wire = bench.Add(new GmiiListener(bench.Model));
        PulseCounter underrun = bench.Add(new PulseCounter(bench.Model, "underrun"));
        bench.Reset();
        bench.Model.Port("enable").Value = 1;
        byte[] next = RandomFrames.Bytes(random, 80);
        source.Send(RandomFrames.Bytes(random, 200));
        source.Send(next);
        bench.Step(100);
        source.Stall = 1;
        bench.Step(3);
        source.Stall = 0;
        bench.StepUntil(() => wire.Bursts.Count == 2);
        (byte[] bytes, _, bool spoiled) = wire.Bursts.Dequeue();
        Assert.IsTrue(spoiled);
        Assert.IsLessThan(8 + 200, bytes.Length);
        Assert.AreEqual(1, underrun.Count);
        (bytes, int gap, spoiled) = wire.Bursts.Dequeue();
        Assert.IsFalse(spoiled);
        Assert.IsGreaterThanOrEqualTo(InterFrameGap, gap);
        CollectionAssert.AreEqual(EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(next)), bytes);
    }
}
