using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Stream;
using FpgaNet.Sim;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Rx;

/// <summary>fn_rx_coalesce against the software that does the same, and against its own undoing.</summary>
[TestClass]
public sealed class RxCoalesceTests
{
    [TestMethod]
    [DataRow(8, 0.0)]
    [DataRow(32, 0.2)]
    [DataRow(64, 0.0)]
    [DataRow(64, 0.2)]
    public void Frames_are_merged_as_software_merges_them(int width, double stall)
    {
        Random random = TestSeed.Random();
        using Bench bench = new($"fn_rx_coalesce_{width}", random, stall);
        int merged = 0;
        for (int round = 0; round < 12; round++)
        {
            TcpStreams streams = new(random, 3) { Trouble = round % 3 * 0.1, MaximumSegment = round % 2 == 0 ? 1400 : 100 };
            List<byte[]> frames = [.. Enumerable.Range(0, 30).Select(_ => streams.Next())];
            bench.Configure(enable: true, timeout: 4095, limit: 65535);
            frames.ForEach(f => bench.Source.Send(TcpStreams.WithCompletion(f)));
            bench.Drain();
            bench.Configure(enable: false, timeout: 0, limit: 0);
            bench.Finish();
            List<(byte[] Frame, int Segments, int Size)> expected = CoalescedFrames.BySoftware(frames);
            List<(byte[] Frame, int Segments, int Size)> came = bench.Take();
            Assert.HasCount(expected.Count, came);
            foreach (uint flow in frames.Select(CoalescedFrames.Flow).Distinct())
            {
                var should = expected.Where(e => CoalescedFrames.Flow(e.Frame) == flow).ToList();
                var does = came.Where(e => CoalescedFrames.Flow(e.Frame) == flow).ToList();
                Assert.HasCount(should.Count, does);
                for (int i = 0; i < should.Count; i++)
                {
                    Assert.AreEqual((should[i].Segments, should[i].Size), (does[i].Segments, does[i].Size));
                    CollectionAssert.AreEqual(should[i].Frame, does[i].Frame);
                }
            }

            merged += expected.Count(static e => e.Segments > 1);
        }

        Assert.IsGreaterThan(20, merged);
    }

    // More flows than contexts, a store that runs short, a limit, short timeouts, other traffic in between: whatever is merged can be undone, and no flow is reordered.
    [TestMethod]
    [DataRow("fn_rx_coalesce_8", 0.1)]
    [DataRow("fn_rx_coalesce_32", 0.2)]
    [DataRow("fn_rx_coalesce_64", 0.0)]
    [DataRow("fn_rx_coalesce_64", 0.3)]
    [DataRow("fn_rx_coalesce_small", 0.0)]
    [DataRow("fn_rx_coalesce_small", 0.3)]
    public void What_is_merged_can_be_undone_and_no_flow_is_reordered(string model, double stall)
    {
        Random random = TestSeed.Random();
        using Bench bench = new(model, random, stall);
        RandomPackets others = new(random) { MinimumLength = 60 };
        for (int round = 0; round < 6; round++)
        {
            TcpStreams streams = new(random, random.Next(1, 7)) { Trouble = 0.05, MaximumSegment = random.Next(2) == 0 ? 1400 : 60 };
            List<byte[]> sent = [];
            bench.Configure(enable: true, timeout: random.Next(1, 60), limit: random.Next(4) == 0 ? random.Next(2000) : random.Next(2000, 65536), quiet: random.Next(1, 100));
            for (int i = 0; i < 80; i++)
            {
                sent.Add(random.Next(20) == 0 ? others.Next() : streams.Next());
                bench.Source.Send(TcpStreams.WithCompletion(sent[^1]));
            }

            bench.Finish();
            List<(byte[] Frame, int Segments, int Size)> came = bench.Take();
            Assert.AreEqual(sent.Count - came.Count, bench.TakeJoins());
            List<byte[]> undone = [.. came.SelectMany(static c => CoalescedFrames.Undo(c.Frame, c.Segments, c.Size))];
            Assert.HasCount(sent.Count, undone);
            foreach (uint flow in sent.Select(CoalescedFrames.Flow).Distinct())
            {
                byte[][] should = [.. sent.Where(f => CoalescedFrames.Flow(f) == flow).Select(CoalescedFrames.Comparable)];
                byte[][] does = [.. undone.Where(f => CoalescedFrames.Flow(f) == flow).Select(CoalescedFrames.Comparable)];
                Assert.HasCount(should.Length, does);
                for (int i = 0; i < should.Length; i++)
                {
                    CollectionAssert.AreEqual(should[i], does[i], $"frame {i} of flow {flow:x}");
                }
            }
        }
    }

    [TestMethod]
    [DataRow(20, 4095)]
    [DataRow(4095, 20)]
    public void A_frame_goes_up_when_its_time_is_out(int timeout, int quiet)
    {
        Random random = TestSeed.Random();
        using Bench bench = new("fn_rx_coalesce_64", random, 0);
        TcpStreams streams = new(random, 1) { Trouble = 0, TimePasses = false };
        bench.Configure(enable: true, timeout, limit: 65535, quiet);
        bench.Source.Send(TcpStreams.WithCompletion(streams.Next()));
        bench.Source.Send(TcpStreams.WithCompletion(streams.Next()));
        bench.Drain();
        Assert.IsFalse(bench.Idle);
        int clocks = 0;
        for (; bench.Sink.Frames.Count == 0; clocks++)
        {
            bench.Clock.Step();
        }

        Assert.IsInRange(18 * 125, 23 * 125, clocks);
        Assert.AreEqual(2, bench.Take().Single().Segments);
        bench.Finish();
    }

    [TestMethod]
    public void No_frame_is_longer_than_the_limit()
    {
        Random random = TestSeed.Random();
        using Bench bench = new("fn_rx_coalesce_64", random, 0);
        TcpStreams streams = new(random, 1) { Trouble = 0, TimePasses = false };
        bench.Configure(enable: true, timeout: 200, limit: 8000);
        for (int i = 0; i < 120; i++)
        {
            bench.Source.Send(TcpStreams.WithCompletion(streams.Next()));
        }

        bench.Finish();
        List<(byte[] Frame, int Segments, int Size)> came = bench.Take();
        Assert.IsTrue(came.All(static c => c.Frame.Length <= 8000));
        Assert.IsTrue(came.SkipLast(1).All(static c => c.Frame.Length + c.Size > 8000), "another segment would have fitted");
    }

    // Frames as close as on a 10G wire: preamble, check sequence and gap are 24 bytes, three beats. The shortest, full ones, of one flow and of many.
    [TestMethod]
    [DataRow(6, 1)]
    [DataRow(6, 5)]
    [DataRow(600, 3)]
    [DataRow(1448, 1)]
    [DataRow(1448, 5)]
    public void The_wire_is_never_stalled_while_the_host_takes_a_beat_a_clock(int segment, int flows)
    {
        Random random = TestSeed.Random();
        using Bench bench = new("fn_rx_coalesce_64", random, 0);
        TcpStreams streams = new(random, flows) { Trouble = 0.02, MaximumSegment = segment };
        bench.Configure(enable: true, timeout: 50, limit: 16384);
        bench.Clock.Step(300);
        for (int i = 0; i < 300; i++)
        {
            byte[] frame = streams.Next();
            bench.Source.Send(TcpStreams.WithCompletion(frame));
            bench.Clock.Step(((frame.Length + 24) + 7) / 8);
            Assert.AreEqual(0, bench.Source.Pending, $"frame {i} was held up");
        }

        bench.Finish();
        Assert.AreEqual(300, bench.Take().Sum(static c => Math.Max(1, c.Segments)));
    }

    private sealed class Bench : IDisposable
    {
        private readonly PulseCounter _joins;
        private int _joinsTaken;

        public Bench(string model, Random random, double stall)
        {
            Clock = new RtlBench(model);
            Source = Clock.Source("s_axis", random, stall);
            Sink = Clock.Sink("m_axis", random, stall);
            _joins = Clock.Add(new PulseCounter(Clock.Model, "count_join"));
            Clock.Reset();
        }

        public RtlBench Clock { get; }

        public AxiStreamSource Source { get; }

        public AxiStreamSink Sink { get; }

        public bool Idle => Clock.Model.Port("idle").IsSet;

        public void Configure(bool enable, int timeout, int limit, int quiet = 4095)
        {
            Write(CoalesceRegisters.Timeout, (uint)(timeout | (quiet << 16)));
            Write(CoalesceRegisters.MaximumLength, (uint)limit);
            Write(CoalesceRegisters.Control, enable ? 1u : 0);
        }

        /// <summary>All that was sent is in.</summary>
        public void Drain()
        {
            Clock.StepUntil(() => Source.Pending == 0, 10_000_000);
            Clock.Step(40);
        }

        public void Finish()
        {
            Drain();
            Clock.StepUntil(() => Idle, 10_000_000);
            Clock.Step(5);
            Assert.IsFalse(Sink.InFrame);
        }

        public int TakeJoins()
        {
            int joins = _joins.Count - _joinsTaken;
            _joinsTaken = _joins.Count;
            return joins;
        }

        /// <summary>The frames that came, with what their completions say; taken away.</summary>
        public List<(byte[] Frame, int Segments, int Size)> Take()
        {
            List<(byte[], int, int)> result = [];
            foreach (StreamFrame frame in Sink.Frames)
            {
                Assert.AreEqual(frame.Data.Length, (int)(frame.User[0] >> 16), "Length");
                result.Add((frame.Data, (int)(frame.User[6] >> 16 & 0xFF), (int)(frame.User[7] >> 8 & 0xFFFF)));
            }

            Sink.Frames.Clear();
            return result;
        }

        public void Dispose() => Clock.Dispose();

        private void Write(uint address, uint value)
        {
            Port pin = Clock.Model.Port("reg_address");
            pin.Value = address;
            pin = Clock.Model.Port("reg_wdata");
            pin.Value = value;
            Port write = Clock.Model.Port("reg_write");
            write.Value = 1;
            Clock.Step();
            write.Value = 0;
            Clock.Step();
        }
    }
}
