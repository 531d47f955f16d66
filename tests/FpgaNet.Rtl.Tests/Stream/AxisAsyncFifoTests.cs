using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Stream;

/// <summary>fn_axis_async_fifo, built with 16 beats (by beat) and 32 beats (by frame), at several clock ratios.</summary>
[TestClass]
public sealed class AxisAsyncFifoTests
{
    [TestMethod]
    [DataRow(8, 8, 8)]
    [DataRow(32, 7, 11)]
    [DataRow(64, 11, 7)]
    [DataRow(64, 30, 7)]
    [DataRow(8, 7, 30)]
    public void By_beat_frames_cross_unchanged(int width, int sourcePeriod, int sinkPeriod) =>
        Cross($"fn_axis_async_fifo_beat_{width}", sourcePeriod, sinkPeriod, longest: 200, sinkStall: 0.2);

    [TestMethod]
    [DataRow(8, 8, 8)]
    [DataRow(8, 7, 11)]
    [DataRow(32, 11, 7)]
    [DataRow(64, 30, 7)]
    [DataRow(64, 7, 30)]
    public void By_frame_frames_cross_unchanged(int width, int sourcePeriod, int sinkPeriod) =>
        Cross($"fn_axis_async_fifo_frame_{width}", sourcePeriod, sinkPeriod, longest: 32 * width / 8, sinkStall: 0.2);

    [TestMethod]
    [DataRow(8)]
    [DataRow(64)]
    public void By_frame_a_frame_once_begun_comes_without_a_pause(int width)
    {
        Random random = TestSeed.Random();
        using MultiClockBench bench = new($"fn_axis_async_fifo_frame_{width}");
        AxiStreamSource source = bench.AddClock("s_clk", 29).Add(new AxiStreamSource(bench.Model, "s_axis", random, stall: 0.4));
        MultiClockBench.Domain output = bench.AddClock("m_clk", 7);
        AxiStreamSink sink = output.Add(new AxiStreamSink(bench.Model, "m_axis", random));
        PauseCounter pauses = output.Add(new PauseCounter(bench, sink));
        bench.Reset(8, "s_rst", "m_rst");
        for (int i = 0; i < 100; i++)
        {
            source.Send(RandomFrames.Next(random, 1, 32 * width / 8, userBits: 5));
        }

        bench.RunUntil(() => sink.Frames.Count == 100);
        Assert.AreEqual(0, pauses.Count);
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void By_frame_a_frame_longer_than_the_FIFO_is_dropped_whole(int width)
    {
        Random random = TestSeed.Random();
        using MultiClockBench bench = new($"fn_axis_async_fifo_frame_{width}");
        MultiClockBench.Domain input = bench.AddClock("s_clk", 9);
        AxiStreamSource source = input.Add(new AxiStreamSource(bench.Model, "s_axis", random, stall: 0.2));
        PulseCounter overflow = input.Add(new PulseCounter(bench.Model, "overflow"));
        AxiStreamSink sink = bench.AddClock("m_clk", 8).Add(new AxiStreamSink(bench.Model, "m_axis", random, stall: 0.2));
        bench.Reset(8, "s_rst", "m_rst");
        int room = 32 * width / 8;
        List<StreamFrame> kept = [];
        for (int i = 0; i < 100; i++)
        {
            StreamFrame frame = RandomFrames.Next(random, 1, room + (room / 2), userBits: 5);
            source.Send(frame);
            if (frame.Data.Length <= room)
            {
                kept.Add(frame);
            }
        }

        bench.RunUntil(() => source.Pending == 0);
        bench.Run(10_000);
        RandomFrames.AreEqual(kept, sink.Frames);
        Assert.AreEqual(100 - kept.Count, overflow.Count);
        Assert.IsTrue(bench.Model.Port("m_empty").IsSet);
    }

    [TestMethod]
    public void With_equal_clocks_a_beat_passes_every_clock()
    {
        using MultiClockBench bench = new("fn_axis_async_fifo_beat_64");
        AxiStreamSource source = bench.AddClock("s_clk", 8).Add(new AxiStreamSource(bench.Model, "s_axis", new Random(1)));
        AxiStreamSink sink = bench.AddClock("m_clk", 8).Add(new AxiStreamSink(bench.Model, "m_axis", new Random(1)));
        bench.Reset(8, "s_rst", "m_rst");
        source.Send(new byte[8 * 500]);
        bench.Run(8 * (500 + 6));
        Assert.AreEqual(500, sink.Beats);
    }

    private static void Cross(string model, int sourcePeriod, int sinkPeriod, int longest, double sinkStall)
    {
        Random random = TestSeed.Random();
        using MultiClockBench bench = new(model);
        AxiStreamSource source = bench.AddClock("s_clk", sourcePeriod).Add(new AxiStreamSource(bench.Model, "s_axis", random, stall: 0.2));
        AxiStreamSink sink = bench.AddClock("m_clk", sinkPeriod).Add(new AxiStreamSink(bench.Model, "m_axis", random, sinkStall));
        bench.Reset(8, "s_rst", "m_rst");
        List<StreamFrame> sent = [];
        for (int i = 0; i < 200; i++)
        {
            sent.Add(RandomFrames.Next(random, 1, longest, userBits: 5));
            source.Send(sent[^1]);
        }

        bench.RunUntil(() => sink.Frames.Count == sent.Count);
        RandomFrames.AreEqual(sent, sink.Frames);
    }

    /// <summary>Counts the clocks inside a frame in which no beat is offered.</summary>
    private sealed class PauseCounter(MultiClockBench bench, AxiStreamSink sink) : IBenchDriver
    {
        public int Count { get; private set; }

        public void Drive()
        {
            if (sink.InFrame && !bench.Model.Port("m_axis_tvalid").IsSet)
            {
                Count++;
            }
        }

        public void Sample()
        {
        }
    }
}
