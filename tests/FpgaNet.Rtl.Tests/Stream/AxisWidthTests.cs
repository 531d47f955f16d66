using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Stream;

[TestClass]
public sealed class AxisWidthTests
{
    public static IEnumerable<object[]> Widths =>
        from source in new[] { 8, 32, 64 } from sink in new[] { 8, 32, 64 } select new object[] { source, sink };

    [TestMethod]
    [DynamicData(nameof(Widths))]
    public void Frames_keep_their_bytes_and_ends(int from, int to)
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new($"fn_axis_width_{from}_{to}");
        AxiStreamSource source = bench.Source("s_axis", random, stall: 0.2);
        AxiStreamSink sink = bench.Sink("m_axis", random, stall: 0.3);
        bench.Reset();
        List<StreamFrame> sent = [];
        for (int i = 0; i < 200; i++)
        {
            sent.Add(RandomFrames.Next(random, 1, 70, userBits: 5));
            source.Send(sent[^1]);
        }

        bench.StepUntil(() => sink.Frames.Count == sent.Count);
        RandomFrames.AreEqual(sent, sink.Frames);
    }

    [TestMethod]
    [DataRow(8, 64)]
    [DataRow(64, 8)]
    [DataRow(32, 64)]
    [DataRow(32, 8)]
    public void The_narrow_side_moves_a_beat_every_clock(int from, int to)
    {
        using RtlBench bench = new($"fn_axis_width_{from}_{to}");
        AxiStreamSource source = bench.Source("s_axis", new Random(1));
        AxiStreamSink sink = bench.Sink("m_axis", new Random(1));
        bench.Reset();
        for (int i = 0; i < 20; i++)
        {
            source.Send(new byte[64], 1);
        }

        bench.Step((20 * 64 * 8 / Math.Min(from, to)) + 1);
        Assert.AreEqual(20 * 64 * 8 / to, sink.Beats);
    }
}
