using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Stream;
using FpgaNet.Sim;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Tx;

[TestClass]
public sealed class TxVlanTests
{
    [TestMethod]
    [DataRow(8, 0.0)]
    [DataRow(8, 0.3)]
    [DataRow(32, 0.0)]
    [DataRow(32, 0.3)]
    [DataRow(64, 0.0)]
    [DataRow(64, 0.3)]
    public void Tags_stand_behind_the_addresses_and_other_frames_pass(int width, double stall)
    {
        Random random = TestSeed.Random();
        using Bench bench = new(width, random, stall);
        List<StreamFrame> expected = [];
        int tags = 0;
        for (int i = 0; i < 200; i++)
        {
            bool insert = random.Next(3) != 0;
            byte[] frame = RandomFrames.Bytes(random, random.Next(4) == 0 ? random.Next(200, 1515) : random.Next(13, 80));
            (ushort tag, uint user) = ((ushort)random.Next(65536), (uint)random.Next(32));
            bench.Send(frame, insert, tag, user);
            expected.Add(new StreamFrame(insert ? OwedFrames.WithTag(frame, tag) : frame, [user]));
            tags += insert ? 1 : 0;
        }

        bench.Clock.StepUntil(() => bench.Sink.Frames.Count == expected.Count, 1_000_000);
        bench.Clock.Step(5);
        RandomFrames.AreEqual(expected, bench.Sink.Frames);
        Assert.AreEqual(tags, bench.Tags.Count);
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void A_beat_comes_out_every_clock(int width)
    {
        Random random = TestSeed.Random();
        using Bench bench = new(width, random, stall: 0);
        int lanes = width / 8;
        long beats = 0;
        for (int i = 0; i < 100; i++)
        {
            bool insert = random.Next(2) == 0;
            byte[] frame = RandomFrames.Bytes(random, random.Next(13, 100));
            bench.Send(frame, insert, 7, 0);
            beats += (frame.Length + (insert ? 4 : 0) + lanes - 1) / lanes;
        }

        bench.Clock.StepUntil(() => bench.Sink.Beats == 1);
        bench.Clock.Step((int)beats - 1);
        Assert.AreEqual(100, bench.Sink.Frames.Count);
    }

    private sealed class Bench : IDisposable
    {
        private readonly RequestPins _request;

        public Bench(int width, Random random, double stall)
        {
            Clock = new RtlBench($"fn_tx_vlan_{width}");
            Source = Clock.Source("s_axis", random, stall);
            _request = Clock.Add(new RequestPins(Clock.Model, Source, random));
            Sink = Clock.Sink("m_axis", random, stall);
            Tags = Clock.Add(new PulseCounter(Clock.Model, "count_tag"));
            Clock.Reset();
        }

        public RtlBench Clock { get; }

        public AxiStreamSource Source { get; }

        public AxiStreamSink Sink { get; }

        public PulseCounter Tags { get; }

        public void Send(byte[] frame, bool insert, ushort tag, uint user)
        {
            Source.Send(frame, user);
            _request.Requests.Add((insert, tag));
        }

        public void Dispose() => Clock.Dispose();
    }

    /// <summary>What is asked for the frame at the input; noise while there is none.</summary>
    private sealed class RequestPins(VerilatedModel model, AxiStreamSource source, Random random) : IBenchDriver
    {
        private readonly Port _valid = model.Port("s_axis_tvalid");
        private readonly Port _insert = model.Port("s_axis_tinsert");
        private readonly Port _tag = model.Port("s_axis_ttag");

        public List<(bool Insert, ushort Tag)> Requests { get; } = [];

        public void Drive()
        {
            (bool insert, ushort tag) = _valid.IsSet ? Requests[source.Sent] : (random.Next(2) == 0, (ushort)random.Next(65536));
            Port pin = _insert;
            pin.Value = insert ? 1UL : 0;
            pin = _tag;
            pin.Value = tag;
        }

        public void Sample()
        {
        }
    }
}
