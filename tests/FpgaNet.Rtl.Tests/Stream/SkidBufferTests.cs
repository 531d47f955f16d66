using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Stream;

[TestClass]
public sealed class SkidBufferTests
{
    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void Frames_pass_unchanged_under_random_stalls(int width)
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new($"fn_skid_buffer_{width}");
        AxiStreamSource source = bench.Source("s_axis", random, stall: 0.3);
        AxiStreamSink sink = bench.Sink("m_axis", random, stall: 0.3);
        bench.Reset();
        List<StreamFrame> sent = [];
        for (int i = 0; i < 200; i++)
        {
            sent.Add(RandomFrames.Next(random, 1, 60, userBits: 5));
            source.Send(sent[^1]);
        }

        bench.StepUntil(() => sink.Frames.Count == sent.Count);
        RandomFrames.AreEqual(sent, sink.Frames);
    }

    [TestMethod]
    public void A_sink_that_takes_every_second_clock_gets_a_beat_each_time()
    {
        using RtlBench bench = new("fn_skid_buffer_64");
        AxiStreamSource source = bench.Source("s_axis", new Random(1));
        AxiStreamSink sink = bench.Sink("m_axis", new Random(1));
        bench.Reset();
        source.Send(new byte[8 * 100]);
        bench.Step();
        for (int i = 0; i < 100; i++)
        {
            sink.Stall = i % 2;
            bench.Step();
        }

        Assert.AreEqual(50, sink.Beats);
    }
}
