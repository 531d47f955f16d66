using FpgaNet.Driver;
using FpgaNet.Packets.Offload;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Stream;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Tx;

/// <summary>fn_tx: cutting, checksums and tags in one pipe, one status for each frame of the host.</summary>
[TestClass]
public sealed class TxTests
{
    [TestMethod]
    [DataRow(8, 0.0)]
    [DataRow(8, 0.3)]
    [DataRow(32, 0.0)]
    [DataRow(32, 0.3)]
    [DataRow(64, 0.0)]
    [DataRow(64, 0.3)]
    public void Frames_good_and_bad_come_out_as_software_makes_them_with_one_status_each_in_order(int width, double stall)
    {
        Random random = TestSeed.Random();
        using OwedFrames frames = new(random);
        using Bench bench = new($"fn_tx_{width}", random, stall);
        List<OwedFrame> sent = [.. Enumerable.Range(0, 150).Select(_ => frames.Next())];
        sent.ForEach(f => bench.Source.Send(f.Sent));
        bench.Finish(sent.Count);
        CollectionAssert.AreEqual(sent.Select(static f => f.Status).ToArray(), bench.Statuses());
        int came = bench.Sink.Frames.Count;
        OwedFrames.AssertWire(sent, bench.Wire());
        Assert.AreEqual(sent.Count(static f => f.Status != Status.Ok), bench.Refused.Count);
        Assert.AreEqual(sent.Count(static f => f.Segmented && !f.Partly), bench.Cut.Count);
        Assert.AreEqual(came - sent.Count(static f => !f.Segmented && f.Status == Status.Ok), bench.Segments.Count);
        Assert.IsLessThanOrEqualTo(bench.Tags.Count, sent.Sum(static f => f.Paid.Tags));
        Assert.IsTrue(bench.Idle);
    }

    [TestMethod]
    public void What_is_not_built_in_is_refused_once_for_each_frame()
    {
        Random random = TestSeed.Random();
        using Bench bench = new("fn_tx_plain_64", random, 0.1);
        LargePacket packet = LargePacket.Random(random, Segmentation.Tcp4, 500, 100);
        byte[] frame = RandomFrames.Bytes(random, 100);
        bench.Source.Send(OwedFrames.Stream(packet.Bytes, packet.Header()));
        bench.Source.Send(OwedFrames.Stream(frame, new TxHeader { Length = 100, InsertVlan = true }));
        bench.Source.Send(OwedFrames.Stream(frame, new TxHeader { Length = 100 }));
        bench.Finish(3);
        CollectionAssert.AreEqual(new[] { Status.Unsupported, Status.Unsupported, Status.Ok }, bench.Statuses());
        CollectionAssert.AreEqual(frame, bench.Wire().Single());
        Assert.AreEqual(2, bench.Refused.Count);
    }

    // Without a tag to insert nobody refuses but the segmenter; with one that is not built in, every segment is refused and the frame has one status.
    [TestMethod]
    public void Segments_that_are_all_refused_give_one_status()
    {
        Random random = TestSeed.Random();
        using Bench bench = new("fn_tx_untagged_64", random, 0.1);
        LargePacket packet = LargePacket.Random(random, Segmentation.Udp6, 500, 100);
        packet.Offload.InsertVlan = true;
        bench.Source.Send(OwedFrames.Stream(packet.Bytes, packet.Header()));
        bench.Source.Send(OwedFrames.Stream(new byte[60], new TxHeader { Length = 60 }));
        bench.Finish(2);
        CollectionAssert.AreEqual(new[] { Status.Unsupported, Status.Ok }, bench.Statuses());
        Assert.AreEqual(1, bench.Refused.Count);
        Assert.HasCount(1, bench.Wire());
    }

    [TestMethod]
    [DataRow(8, false)]
    [DataRow(8, true)]
    [DataRow(32, false)]
    [DataRow(32, true)]
    [DataRow(64, false)]
    [DataRow(64, true)]
    public void Segments_follow_one_another_without_a_lost_clock(int width, bool tag)
    {
        Random random = TestSeed.Random();
        using OwedFrames frames = new(random);
        using Bench bench = new($"fn_tx_{width}", random, 0);
        const int Mss = 1448, Headers = 66, Frames = 2;
        int lanes = width / 8;
        int Beats(int bytes) => (bytes + lanes - 1) / lanes;
        List<OwedFrame> sent = [];
        long beats = 0;
        for (int i = 0; i < Frames; i++)
        {
            LargePacket packet = LargePacket.Make(random, Segmentation.Tcp4, 14, 34, Headers, 45 * Mss, Mss);
            packet.Offload.InsertVlan = tag;
            sent.Add(frames.Large(packet));
            bench.Source.Send(sent[^1].Sent);
            beats += sent[^1].Wire.Sum(f => Beats(f.Length));
        }

        bench.Clock.StepUntil(() => bench.Sink.Beats == 1);
        long first = bench.Clock.Cycles;
        bench.Clock.StepUntil(() => bench.Sink.Beats == beats, 10_000_000);
        long lost = bench.Clock.Cycles - first - (beats - 1);

        // With a sink that takes a beat in every clock the store never fills, so what the headers take to be read and judged is seen. Where tags
        // take beats of their own it fills meanwhile, and nothing is lost: as on any wire, which has gaps between frames.
        Assert.AreEqual(tag && width < 64 ? 0 : (Frames - 1) * (Beats(Headers) + 6), lost);
        bench.Finish(Frames);
        OwedFrames.AssertWire(sent, bench.Wire());
    }

    private sealed class Bench : IDisposable
    {
        private readonly AxiStreamSink _statuses;

        public Bench(string model, Random random, double stall)
        {
            Clock = new RtlBench(model);
            Source = Clock.Source("s_axis", random, stall);
            Source.FlagPin = "s_axis_tabort";
            Sink = Clock.Sink("m_axis", random, stall);
            _statuses = Clock.Sink("m_status", random, stall);
            Refused = Clock.Add(new PulseCounter(Clock.Model, "count_refused"));
            Cut = Clock.Add(new PulseCounter(Clock.Model, "count_cut"));
            Segments = Clock.Add(new PulseCounter(Clock.Model, "count_segment"));
            Tags = Clock.Add(new PulseCounter(Clock.Model, "count_tag"));
            Clock.Reset();
        }

        public RtlBench Clock { get; }

        public AxiStreamSource Source { get; }

        public AxiStreamSink Sink { get; }

        public PulseCounter Refused { get; }

        public PulseCounter Cut { get; }

        public PulseCounter Segments { get; }

        public PulseCounter Tags { get; }

        public bool Idle => Clock.Model.Port("idle").IsSet;

        public Status[] Statuses() => [.. _statuses.Frames.Select(static f => (Status)f.Data[0])];

        /// <summary>The frames that came out; taken away.</summary>
        public Queue<byte[]> Wire()
        {
            Queue<byte[]> wire = new(Sink.Frames.Select(static f => f.Data));
            Sink.Frames.Clear();
            return wire;
        }

        public void Finish(int frames)
        {
            Clock.StepUntil(() => Source.Pending == 0 && _statuses.Frames.Count == frames && Idle, 10_000_000);
            Clock.Step(5);
            Assert.AreEqual(frames, _statuses.Frames.Count);
            Assert.IsFalse(Sink.InFrame);
        }

        public void Dispose() => Clock.Dispose();
    }
}
