using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Stream;
using FpgaNet.Sim;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Tx;

[TestClass]
public sealed class TxChecksumTests
{
    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void Random_frames_are_judged_summed_and_counted(int width)
    {
        Random random = TestSeed.Random();
        using Bench bench = new(width, random, stall: 0.15);
        List<(byte[] Frame, TxRequest Request, bool Aborted)> sent = [];
        for (int i = 0; i < 400; i++)
        {
            (byte[] frame, TxRequest request) = RandomRequest(random);
            bool abort = random.Next(12) == 0;
            sent.Add((frame, request, abort));
            bench.Send(frame, request, abort);
        }

        bench.Finish(sent.Count);
        (int frames, int bytes, int checksums, int refused) = (0, 0, 0, 0);
        foreach ((byte[] frame, TxRequest request, bool aborted) in sent)
        {
            TxStatus expected = aborted ? TxStatus.Ok : TxChecksumReference.Judge(frame, request);
            Assert.AreEqual(expected, bench.NextStatus(), $"{frame.Length} bytes, {request}, aborted {aborted}");
            if (expected != TxStatus.Ok)
            {
                refused++;
            }
            else if (!aborted)
            {
                frames++;
                bytes += Math.Max(60, frame.Length);
                checksums += request.Checksum ? 1 : 0;
                CollectionAssert.AreEqual(TxChecksumReference.Apply(frame, request), bench.Sink.Frames.Dequeue().Data, $"{frame.Length} bytes, {request}");
            }
        }

        Assert.AreEqual(0, bench.Sink.Frames.Count);
        Assert.AreEqual((frames, bytes, checksums, refused), (bench.Frames.Count, bench.BytesSent, bench.Checksums.Count, bench.Refused.Count));
        Assert.IsTrue(bench.Idle);
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void Every_start_and_every_place_of_the_field_comes_out_right(int width)
    {
        Random random = TestSeed.Random();
        using Bench bench = new(width, random, stall: 0);
        List<(byte[] Frame, TxRequest Request)> sent = [];
        for (int start = 0; start < 20; start++)
        {
            for (int offset = 0; offset < 18; offset++)
            {
                byte[] frame = RandomFrames.Bytes(random, start + offset + 2 + random.Next(14, 20));
                sent.Add((frame, new TxRequest(frame.Length) { Checksum = true, Start = start, Offset = offset }));
                bench.Send(frame, sent[^1].Request);
            }
        }

        bench.Finish(sent.Count);
        foreach ((byte[] frame, TxRequest request) in sent)
        {
            CollectionAssert.AreEqual(TxChecksumReference.Apply(frame, request), bench.Sink.Frames.Dequeue().Data, $"{request}");
        }
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void A_sum_of_zero_is_written_as_ones_only_where_asked(int width)
    {
        using Bench bench = new(width, new Random(1), stall: 0);
        foreach (int start in new[] { 14, 15 })
        {
            // The bytes from the start on sum to 0xFFFF, whose complement is 0: RFC 768 wants 0xFFFF on the wire.
            byte[] frame = new byte[60];
            frame[start + 2] = 0xFF;
            frame[start + 3] = 0xFF;
            TxRequest request = new(60) { Checksum = true, Start = start, Offset = 6 };
            bench.Send(frame, request);
            bench.Send(frame, request with { ZeroAsOnes = true });
            bench.Finish(2);
            byte[] plain = bench.Sink.Frames.Dequeue().Data;
            byte[] ones = bench.Sink.Frames.Dequeue().Data;
            Assert.AreEqual(0, plain[start + 6] | plain[start + 7]);
            Assert.AreEqual(0xFF, ones[start + 6] & ones[start + 7]);
            bench.NextStatus();
            bench.NextStatus();
        }
    }

    // n words 0xFFFF and one of n - 1 sum to (n - 1) * 65536 + 0xFFFF: folding that carries a second time.
    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void The_largest_sums_keep_both_their_carries(int width)
    {
        using Bench bench = new(width, new Random(1), stall: 0);
        foreach (int start in new[] { 0, 1, 14, 15 })
        {
            int length = TxChecksumReference.LongestFrame - (start & 1);
            int words = ((length - start) / 2) - 1;
            byte[] frame = new byte[length];
            frame.AsSpan().Fill(0xFF);
            frame[^2] = (byte)((words - 1) >> 8);
            frame[^1] = (byte)(words - 1);
            TxRequest request = new(length) { Checksum = true, Start = start, Offset = 100 };
            bench.Send(frame, request);
            bench.Finish(1);
            byte[] result = bench.Sink.Frames.Dequeue().Data;
            CollectionAssert.AreEqual(TxChecksumReference.Apply(frame, request), result);
            bench.NextStatus();
        }
    }

    [TestMethod]
    [DataRow(8, 60)]
    [DataRow(32, 60)]
    [DataRow(64, 60)]
    [DataRow(64, 1514)]
    public void Back_to_back_frames_pass_at_one_beat_a_clock(int width, int length)
    {
        using Bench bench = new(width, new Random(1), stall: 0);
        int beats = (length + (width / 8) - 1) / (width / 8);
        const int Frames = 100;
        for (int i = 0; i < Frames; i++)
        {
            bench.Send(new byte[length], new TxRequest(length) { Checksum = true, Start = 34, Offset = 16 });
        }

        // The first frame's own length and the latency, then a beat every clock without a gap.
        bench.Clock.StepUntil(() => bench.Sink.Beats == 1);
        Assert.IsLessThanOrEqualTo(beats + 10, bench.Clock.Cycles);
        bench.Clock.Step((beats * Frames) - 1);
        Assert.AreEqual(Frames, bench.Sink.Frames.Count);
    }

    // 4096 bytes are stored, of 64 frames at most.
    [TestMethod]
    [DataRow(8, 12, 1000)]
    [DataRow(32, 12, 1000)]
    [DataRow(64, 12, 1000)]
    [DataRow(8, 100, 14)]
    [DataRow(32, 100, 14)]
    [DataRow(64, 100, 14)]
    public void A_sink_that_takes_nothing_holds_the_stream_and_loses_nothing(int width, int frames, int length)
    {
        Random random = TestSeed.Random();
        using Bench bench = new(width, random, stall: 0);
        bench.Sink.Stall = 1;
        List<byte[]> sent = [.. Enumerable.Range(0, frames).Select(_ => RandomFrames.Bytes(random, random.Next(length, length * 3 / 2)))];
        sent.ForEach(f => bench.Send(f, new TxRequest(f.Length)));
        bench.Clock.Step(frames * length * 3 / 2);
        Assert.AreNotEqual(0, bench.Source.Pending);
        bench.Sink.Stall = 0;
        bench.Finish(sent.Count);
        foreach (byte[] frame in sent)
        {
            Assert.AreEqual(TxStatus.Ok, bench.NextStatus());
            CollectionAssert.AreEqual(frame, bench.Sink.Frames.Dequeue().Data);
        }
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void A_status_that_nobody_takes_holds_the_stream_and_loses_nothing(int width)
    {
        Random random = TestSeed.Random();
        using Bench bench = new(width, random, stall: 0);
        bench.Statuses.Stall = 1;
        for (int i = 0; i < 60; i++)
        {
            bench.Send(RandomFrames.Bytes(random, 20), new TxRequest(i % 2 == 0 ? 20 : 21));
        }

        bench.Clock.Step(2000);
        Assert.AreNotEqual(0, bench.Source.Pending);
        bench.Statuses.Stall = 0;
        bench.Finish(60);
        for (int i = 0; i < 60; i++)
        {
            Assert.AreEqual(i % 2 == 0 ? TxStatus.Ok : TxStatus.LengthMismatch, bench.NextStatus());
        }

        Assert.AreEqual(30, bench.Sink.Frames.Count);
    }

    private static (byte[] Frame, TxRequest Request) RandomRequest(Random random)
    {
        int length = random.Next(12) switch
        {
            0 => random.Next(1, 16),
            1 => random.Next(1510, 1530),
            2 => random.Next(1530, 9000),
            3 => 1514,
            4 => random.Next(2) == 0 ? 14 : 1518,
            _ => random.Next(14, 200),
        };
        byte[] frame = RandomFrames.Bytes(random, length);
        int start = random.Next(Math.Min(length, 80));
        TxRequest request = new(random.Next(15) == 0 ? random.Next(1 << 20) : length)
        {
            Checksum = random.Next(4) != 0,
            Start = random.Next(20) == 0 ? random.Next(65536) : start,
            Offset = random.Next(20) == 0 ? random.Next(65536) : random.Next(Math.Max(1, Math.Min(40, length - start))),
            ZeroAsOnes = random.Next(2) == 0,
            InsertVlan = random.Next(25) == 0,
            Segmentation = random.Next(25) == 0 ? random.Next(8) : 0,
        };
        return (frame, request);
    }

    /// <summary>The module with a host before it and a MAC behind it.</summary>
    private sealed class Bench : IDisposable
    {
        private readonly Random _random;

        public Bench(int width, Random random, double stall)
        {
            _random = random;
            Clock = new RtlBench($"fn_tx_checksum_{width}");
            Source = Clock.Source("s_axis", random, stall);
            Source.FlagPin = "s_axis_tabort";
            Sink = Clock.Sink("m_axis", random, stall);
            Statuses = Clock.Sink("m_status", random, stall);
            Refused = Clock.Add(new PulseCounter(Clock.Model, "count_refused"));
            Checksums = Clock.Add(new PulseCounter(Clock.Model, "count_checksum"));
            Frames = Clock.Add(new FrameCounter(Clock.Model));
            Clock.Reset();
        }

        public RtlBench Clock { get; }

        public AxiStreamSource Source { get; }

        public AxiStreamSink Sink { get; }

        public AxiStreamSink Statuses { get; }

        public PulseCounter Refused { get; }

        public PulseCounter Checksums { get; }

        public FrameCounter Frames { get; }

        public int BytesSent => Frames.Bytes;

        public bool Idle => Clock.Model.Port("idle").IsSet;

        public void Send(byte[] frame, TxRequest request, bool abort = false) => Source.Send(new StreamFrame(frame, request.ToWords(_random), abort));

        public TxStatus NextStatus() => (TxStatus)Statuses.Frames.Dequeue().Data[0];

        /// <summary>Runs until every frame has its status and nothing is left inside.</summary>
        public void Finish(int frames)
        {
            Clock.StepUntil(() => Statuses.Frames.Count == frames && Idle, limit: 1_000_000);
            Clock.Step(5);
            Assert.AreEqual(frames, Statuses.Frames.Count);
        }

        public void Dispose() => Clock.Dispose();
    }

    /// <summary>Frames and bytes as the statistics would count them.</summary>
    private sealed class FrameCounter(VerilatedModel model) : IBenchDriver
    {
        private readonly Port _frame = model.Port("count_frame");
        private readonly Port _bytes = model.Port("count_bytes");

        public int Count { get; private set; }

        public int Bytes { get; private set; }

        public void Drive()
        {
        }

        public void Sample()
        {
            if (_frame.IsSet)
            {
                Count++;
                Bytes += (int)_bytes.Value;
            }
        }
    }
}
