using FpgaNet.Sim;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Harness;

/// <summary>The harness itself, proved on the simplest module.</summary>
[TestClass]
public sealed class HarnessTests
{
    [TestMethod]
    public void A_register_slice_passes_random_frames_unchanged_under_random_stalls()
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new("fn_skid_buffer");
        AxiStreamSource source = bench.Source("s_axis", random, stall: 0.3);
        AxiStreamSink sink = bench.Sink("m_axis", random, stall: 0.4);
        bench.Reset();
        List<StreamFrame> sent = [];
        for (int i = 0; i < 200; i++)
        {
            byte[] data = new byte[random.Next(1, 100)];
            random.NextBytes(data);
            sent.Add(new StreamFrame(data, [(uint)random.Next(8)]));
            source.Send(sent[^1]);
        }

        bench.StepUntil(() => sink.Frames.Count == sent.Count);
        foreach (StreamFrame frame in sent)
        {
            StreamFrame got = sink.Frames.Dequeue();
            CollectionAssert.AreEqual(frame.Data, got.Data);
            CollectionAssert.AreEqual(frame.User, got.User);
        }
    }

    [TestMethod]
    public void Without_stalls_a_beat_passes_every_clock()
    {
        using RtlBench bench = new("fn_skid_buffer");
        AxiStreamSource source = bench.Source("s_axis", new Random(1));
        AxiStreamSink sink = bench.Sink("m_axis", new Random(1));
        bench.Reset();
        source.Send(new byte[8 * 500]);
        bench.Step(501); // one clock of latency
        Assert.AreEqual(500, sink.Beats);
    }

    [TestMethod]
    public void Pins_have_names_widths_and_directions()
    {
        using VerilatedModel model = VerilatedModel.Load("fn_skid_buffer");
        Port data = model.Port("s_axis_tdata");
        Assert.AreEqual(64, data.Bits);
        Assert.IsTrue(data.IsInput);
        Assert.IsFalse(model.Port("m_axis_tdata").IsInput);
        Port user = model.Port("s_axis_tuser");
        user.Value = 0xFF;
        Assert.AreEqual(7UL, user.Value, "bits above the pin's width are cut off");
        Assert.ThrowsExactly<ArgumentException>(() => model.Port("no_such_pin"));
    }

    [TestMethod]
    public void A_failed_assertion_is_thrown_with_its_place()
    {
        using VerilatedModel model = VerilatedModel.Load("fn_assertion_probe");
        Port value = model.Port("value");
        value.Value = 3;
        model.Tick();
        value.Value = 4;
        VerilatedModelException e = Assert.ThrowsExactly<VerilatedModelException>(() => model.Tick());
        StringAssert.Contains(e.Message, "fn_assertion_probe.sv", StringComparison.Ordinal);
        value.Value = 5;
        model.Tick(); // told once
    }

    [TestMethod]
    public void A_model_that_was_not_built_is_named()
    {
        FileNotFoundException e = Assert.ThrowsExactly<FileNotFoundException>(() => VerilatedModel.Load("fn_nothing"));
        StringAssert.Contains(e.Message, "make -C hdl/sim fn_nothing", StringComparison.Ordinal);
    }
}
