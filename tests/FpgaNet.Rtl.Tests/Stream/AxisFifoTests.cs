using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Stream;

/// <summary>fn_axis_fifo, built with 32 beats and 8 frames (8 beats when it works beat by beat).</summary>
[TestClass]
public sealed class AxisFifoTests
{
    private const int Depth = 32;

    [TestMethod]
    [DataRow("fn_axis_fifo_stall_8", 8)]
    [DataRow("fn_axis_fifo_stall_32", 32)]
    [DataRow("fn_axis_fifo_stall_64", 64)]
    [DataRow("fn_axis_fifo_register", 8)]
    public void A_stalling_frame_FIFO_loses_only_what_is_marked_or_cannot_fit(string model, int width)
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new(model);
        AxiStreamSource source = bench.Source("s_axis", random, stall: 0.2);
        source.FlagPin = "s_axis_drop";
        AxiStreamSink sink = bench.Sink("m_axis", random, stall: 0.3);
        PulseCounter dropped = bench.Add(new PulseCounter(bench.Model, "dropped"));
        PulseCounter overflow = bench.Add(new PulseCounter(bench.Model, "overflow"));
        bench.Reset();
        int room = Depth * width / 8;
        List<StreamFrame> kept = [];
        (int marked, int tooLong) = (0, 0);
        for (int i = 0; i < 600; i++)
        {
            int longest = random.Next(4) == 0 ? room + (room / 4) : room / 4;
            StreamFrame frame = RandomFrames.Next(random, 1, longest, userBits: 9, flag: random.Next(5) == 0);
            source.Send(frame);
            if (frame.Flag)
            {
                marked++;
            }
            else if (frame.Data.Length > room)
            {
                tooLong++;
            }
            else
            {
                kept.Add(frame);
            }
        }

        bench.StepUntil(() => source.Pending == 0);
        bench.StepUntil(() => sink.Frames.Count >= kept.Count);
        bench.Step(100);
        RandomFrames.AreEqual(kept, sink.Frames);
        Assert.AreEqual(marked, dropped.Count);
        Assert.AreEqual(tooLong, overflow.Count);
        Assert.IsTrue(bench.Model.Port("empty").IsSet);
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void A_dropping_FIFO_never_stalls_and_drops_whole_frames(int width)
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new($"fn_axis_fifo_drop_{width}");
        AxiStreamSource source = bench.Source("s_axis", random, stall: 0.1);
        source.FlagPin = "s_axis_drop";
        AxiStreamSink sink = bench.Sink("m_axis", random, stall: 0.6);
        PulseCounter dropped = bench.Add(new PulseCounter(bench.Model, "dropped"));
        PulseCounter overflow = bench.Add(new PulseCounter(bench.Model, "overflow"));
        PulseCounter ready = bench.Add(new PulseCounter(bench.Model, "s_axis_tready"));
        bench.Reset();
        List<StreamFrame> sent = [];
        for (int i = 0; i < 1000; i++)
        {
            sent.Add(RandomFrames.Next(random, 1, Depth * width / 8 / 3, userBits: 9, flag: random.Next(5) == 0));
            source.Send(sent[^1]);
        }

        bench.StepUntil(() => source.Pending == 0);
        Assert.AreEqual(bench.Cycles, ready.Count);
        sink.Stall = 0;
        bench.Step(3 * Depth);
        int came = sink.Frames.Count;
        Assert.AreEqual(sent.Count(f => f.Flag), dropped.Count, "a marked frame counts as dropped, room or no room");
        Assert.AreEqual(sent.Count, came + dropped.Count + overflow.Count, "every frame came or was counted");
        Assert.IsGreaterThan(0, overflow.Count);
        Assert.IsGreaterThan(0, came);
        Assert.IsTrue(bench.Model.Port("empty").IsSet);

        // What came is what was sent, in order, with gaps.
        foreach (StreamFrame frame in sent)
        {
            if (!frame.Flag && sink.Frames.TryPeek(out StreamFrame? next)
                && frame.Data.AsSpan().SequenceEqual(next.Data) && frame.User[0] == next.User[0])
            {
                sink.Frames.Dequeue();
            }
        }

        Assert.AreEqual(0, sink.Frames.Count, "a frame came that was never sent, or out of order");
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void Beat_by_beat_it_carries_frames_longer_than_itself(int width)
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new($"fn_axis_fifo_beat_{width}");
        AxiStreamSource source = bench.Source("s_axis", random, stall: 0.3);
        AxiStreamSink sink = bench.Sink("m_axis", random, stall: 0.3);
        bench.Reset();
        List<StreamFrame> sent = [];
        for (int i = 0; i < 200; i++)
        {
            sent.Add(RandomFrames.Next(random, 1, 200, userBits: 9));
            source.Send(sent[^1]);
        }

        bench.StepUntil(() => sink.Frames.Count == sent.Count);
        RandomFrames.AreEqual(sent, sink.Frames);
    }

    [TestMethod]
    [DataRow("fn_axis_fifo_stall_8", 8, 2)]
    [DataRow("fn_axis_fifo_stall_64", 64, 2)]
    [DataRow("fn_axis_fifo_register", 8, 3)]
    public void Back_to_back_frames_pass_at_one_beat_a_clock(string model, int width, int latency)
    {
        using RtlBench bench = new(model);
        AxiStreamSource source = bench.Source("s_axis", new Random(1));
        AxiStreamSink sink = bench.Sink("m_axis", new Random(1));
        bench.Reset();
        for (int i = 0; i < 100; i++)
        {
            source.Send(new byte[8 * width / 8], 1);
        }

        // Eight beats in, the latency, then a beat every clock.
        bench.Step(8 + latency - 1 + 800);
        Assert.AreEqual(800, sink.Beats);
    }

    [TestMethod]
    [DataRow("fn_axis_fifo_stall_64", 8, 2)]
    [DataRow("fn_axis_fifo_register", 1, 3)]
    public void A_frame_shows_its_latency_after_its_end(string model, int bytes, int latency)
    {
        using RtlBench bench = new(model);
        AxiStreamSource source = bench.Source("s_axis", new Random(1));
        AxiStreamSink sink = bench.Sink("m_axis", new Random(1));
        bench.Reset();
        source.Send(new byte[bytes * 5], 1);
        bench.Step(5 + latency - 1);
        Assert.AreEqual(0, sink.Beats);
        bench.Step();
        Assert.AreEqual(1, sink.Beats);
    }
}
