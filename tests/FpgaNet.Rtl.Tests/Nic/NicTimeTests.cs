using FpgaNet.Driver;
using FpgaNet.Packets.Offload;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Mac;
using FpgaNet.Rtl.Tests.Stream;
using FpgaNet.Rtl.Tests.Time;
using FpgaNet.Rtl.Tests.Tx;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Nic;

/// <summary>Time in the whole core, its GMII a loop, all at one clock of 8 ns: what the card says against what its pins did.</summary>
[TestClass]
public sealed class NicTimeTests
{
    private const uint Timestamp = 1 << 24;
    private const uint Launch = 1 << 25;
    private const int PreambleLength = 8;
    private const int CheckSequenceLength = 4;
    private const ulong Period = 8;

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void Both_stamps_are_the_moment_of_the_start_delimiter_on_the_pins(int width)
    {
        Random random = TestSeed.Random();
        using Bench bench = new(width, random, stall: 0.1, loop: true);
        List<bool> asked = [];
        for (int i = 0; i < 150; i++)
        {
            asked.Add(random.Next(2) == 0);
            bench.Send(random.Next(14, 400), asked[i] ? Timestamp : 0);
        }

        bench.Nic.Settle();
        bench.Nic.StepUntil(() => bench.Nic.Received.Frames.Count == asked.Count);
        Assert.HasCount(asked.Count, bench.Starts);
        for (int i = 0; i < asked.Count; i++)
        {
            StreamFrame status = bench.Nic.Statuses.Frames.Dequeue();
            Assert.AreEqual((byte)Status.Ok, status.Data[0]);
            Assert.AreEqual(asked[i] ? bench.Starts[i] : 0, Time(status.User, 0), $"sent, frame {i}");
            Assert.AreEqual(bench.Starts[i], Time(bench.Nic.Received.Frames.Dequeue().User, 4), $"received, frame {i}");
        }
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(64)]
    public void Each_status_has_its_own_frame_s_stamp_whatever_became_of_the_frames_around_it(int width)
    {
        Random random = TestSeed.Random();
        using OwedFrames frames = new(random);
        using Bench bench = new(width, random, stall: 0.1);
        List<OwedFrame> sent = [.. Enumerable.Range(0, 150).Select(_ => With(frames.Next(), random.Next(2) == 0 ? Timestamp : 0))];
        sent.ForEach(f => bench.Nic.Host.Send(f.Sent));
        bench.Nic.Settle();
        Queue<(byte[] Bytes, ulong Start)> wire = new(bench.Nic.Sent.Bursts.Select((b, i) => (b.Bytes, bench.Starts[i])));
        for (int i = 0; i < sent.Count; i++)
        {
            ulong start = 0;
            foreach (byte[] frame in sent[i].Wire)
            {
                byte[] line = EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(EthernetReference.Padded(frame)));
                if (wire.TryPeek(out (byte[] Bytes, ulong Start) next) && next.Bytes.AsSpan().SequenceEqual(line))
                {
                    start = wire.Dequeue().Start;
                    continue;
                }

                Assert.IsTrue(sent[i].Partly, $"frame {i} is missing");
                break;
            }

            StreamFrame status = bench.Nic.Statuses.Frames.Dequeue();
            bool stamped = sent[i].Status == Status.Ok && !sent[i].Sent.Flag && (sent[i].Sent.User[3] & Timestamp) != 0;
            Assert.AreEqual(stamped ? start : 0, Time(status.User, 0), $"frame {i}, {sent[i].Status}");
        }

        Assert.IsEmpty(wire);
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void A_frame_leaves_in_the_first_clock_at_its_launch_time(int width)
    {
        Random random = TestSeed.Random();
        using Bench bench = new(width, random, loop: true);
        ulong time = bench.Now + 40_000;
        List<ulong> launches = [];
        for (int i = 0; i < 80; i++)
        {
            int length = random.Next(4) == 0 ? random.Next(14, 1519) : random.Next(14, 200);
            launches.Add(time);
            bench.Send(length, Launch | Timestamp, time);
            // As close as the wire allows, or not; rarely so far that the gate closes.
            ulong onWire = (ulong)(Math.Max(length, 60) + CheckSequenceLength + 12 + PreambleLength) * Period;
            time += onWire + (ulong)random.Next(3) switch { 0 => 0, 1 => (ulong)random.Next(100), _ => (ulong)random.Next(60_000) };
        }

        bench.Nic.StepUntil(() => bench.Nic.Statuses.Frames.Count == launches.Count, limit: 4_000_000);
        for (int i = 0; i < launches.Count; i++)
        {
            Assert.IsTrue(bench.Starts[i] >= launches[i] && bench.Starts[i] < launches[i] + Period, $"frame {i} left {(long)(bench.Starts[i] - launches[i])} ns behind its time");
            Assert.AreEqual(bench.Starts[i], Time(bench.Nic.Statuses.Frames.Dequeue().User, 0));
        }

        Assert.AreEqual(0UL, bench.Nic.Counters()[CardCounters.TxLaunchLate]);
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(64)]
    public void Late_frames_go_at_once_far_ones_are_refused_and_the_others_keep_their_order(int width)
    {
        Random random = TestSeed.Random();
        using Bench bench = new(width, random, stall: 0.1, loop: true);
        bench.Nic.Write(ClockRegisters.LaunchHorizon, 100_000);
        List<(int Length, Status Status)> sent = [];
        int late = 0;
        for (int i = 0; i < 60; i++)
        {
            int length = random.Next(60, 300);
            Status status = Status.Ok;
            switch (random.Next(4))
            {
                case 0:
                    bench.Send(length, Timestamp);
                    break;
                case 1:
                    bench.Send(length, Launch | Timestamp, bench.Now - (ulong)random.Next(1, 1 << 30));
                    late++;
                    break;
                case 2:
                    bench.Send(length, Launch | Timestamp, bench.Now + 50_000_000 + (ulong)random.NextInt64(1L << random.Next(20, 62)));
                    status = Status.LaunchTooFar;
                    break;
                default:
                    bench.Send(length, Launch | Timestamp, bench.Now + (ulong)random.Next(90_000));
                    break;
            }

            sent.Add((length, status));
            bench.Nic.StepUntil(() => bench.Nic.Statuses.Frames.Count == sent.Count);
        }

        bench.Nic.Settle();
        CollectionAssert.AreEqual(sent.Select(static s => s.Status).ToArray(), bench.Nic.Statuses.Frames.Select(static s => (Status)s.Data[0]).ToArray());
        Assert.IsTrue(bench.Nic.Statuses.Frames.All(static s => (Time(s.User, 0) != 0) == (s.Data[0] == (byte)Status.Ok)));
        CollectionAssert.AreEqual(
            sent.Where(static s => s.Status == Status.Ok).Select(static s => s.Length).ToArray(), bench.Nic.Received.Frames.Select(static f => f.Data.Length).ToArray());
        ulong[] counters = bench.Nic.Counters();
        Assert.AreEqual((ulong)sent.Count(static s => s.Status != Status.Ok), counters[CardCounters.TxRefused]);
        Assert.IsGreaterThanOrEqualTo((ulong)late, counters[CardCounters.TxLaunchLate]);
    }

    // 16 launches may be to come and 16 stamps be owed (fn_tx_launch); what comes behind waits and loses nothing.
    [TestMethod]
    [DataRow(Launch)]
    [DataRow(Timestamp)]
    [DataRow(Launch | Timestamp)]
    public void More_launches_and_stamps_than_can_be_owed_wait(uint flags)
    {
        const int Frames = 200; // more than the stores behind it hold
        Random random = TestSeed.Random();
        using Bench bench = new(64, random, loop: true);
        ulong launch = bench.Now + 15_000; // within the lead: all come as far as they can
        bench.Nic.Write(CoreRegisters.Control, 0xE); // nothing is transmitted, so nothing is stamped
        for (int i = 0; i < Frames; i++)
        {
            bench.Send(60, flags, (flags & Launch) == 0 ? 0 : launch + (ulong)(10 * i));
        }

        bench.Nic.Step(3000);
        Assert.AreNotEqual(0, bench.Nic.Host.Pending, "nothing waits");
        bench.Nic.Write(CoreRegisters.Control, 0xF);
        bench.Nic.Settle();
        Assert.HasCount(Frames, bench.Nic.Received.Frames);
        ulong[] stamps = [.. bench.Nic.Statuses.Frames.Select(static s => Time(s.User, 0))];
        Assert.IsTrue(bench.Nic.Statuses.Frames.All(static s => s.Data[0] == (byte)Status.Ok));
        if ((flags & Timestamp) != 0)
        {
            CollectionAssert.AreEqual(bench.Starts, stamps);
        }

        if ((flags & Launch) != 0)
        {
            Assert.IsTrue(bench.Starts.Select((at, i) => at >= launch + (ulong)(10 * i)).All(static late => late), "a frame left too early");
        }
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(64)]
    public void Of_a_frame_that_is_cut_the_first_segment_has_the_launch_time_and_the_last_one_the_stamp(int width)
    {
        Random random = TestSeed.Random();
        using OwedFrames frames = new(random);
        using Bench bench = new(width, random);
        int segments = 0;
        for (int i = 0; i < 5; i++)
        {
            ulong launch = bench.Now + (ulong)random.Next(30_000, 90_000);
            OwedFrame frame = With(frames.Large(LargePacket.Random(random, Segmentation.Tcp4, random.Next(2000, 6000), 1000)), Launch | Timestamp, launch);
            bench.Nic.Host.Send(frame.Sent);
            bench.Nic.StepUntil(() => bench.Nic.Statuses.Frames.Count == i + 1);
            ulong first = bench.Starts[segments];
            Assert.IsTrue(first >= launch && first < launch + Period, $"the first segment left {(long)(first - launch)} ns behind its time");
            segments += frame.Wire.Count;
            bench.Nic.Settle();
            Assert.HasCount(segments, bench.Starts);
            Assert.AreEqual(bench.Starts[^1], Time(bench.Nic.Statuses.Frames.Last().User, 0));
        }
    }

    private static ulong Time(uint[] words, int at) => words[at] | ((ulong)words[at + 1] << 32);

    private static OwedFrame With(OwedFrame frame, uint flags, ulong launch = 0)
    {
        uint[] user = [.. frame.Sent.User.AsSpan(0, 4), (uint)launch, (uint)(launch >> 32)];
        user[3] |= flags;
        return frame with { Sent = frame.Sent with { User = user } };
    }

    /// <summary>The core, and its clock's time of every cycle.</summary>
    private sealed class Bench : IDisposable
    {
        private readonly Random _random;
        private readonly StartDelimiterWatch _pins;
        private readonly ulong _zero;

        public Bench(int width, Random random, double stall = 0, bool loop = false)
        {
            _random = random;
            Nic = new NicBench(width, random, stall, loop);
            _pins = Nic.Add(new StartDelimiterWatch(Nic.Model, "gmii_txd", "gmii_tx_en"));
            Nic.Enable(random);
            long cycle = _pins.Cycle;
            _zero = Nic.Read(ClockRegisters.TimeLow) - (Period * (ulong)(cycle + 1)); // read in the clock behind the request
        }

        public NicBench Nic { get; }

        public ulong Now => _zero + (Period * (ulong)_pins.Cycle);

        /// <summary>When start delimiters stood on the transmit pins.</summary>
        public List<ulong> Starts => [.. _pins.Times.Select(c => _zero + (Period * (ulong)c))];

        public void Send(int length, uint flags, ulong launch = 0) =>
            Nic.Host.Send(RandomFrames.Bytes(_random, length), 0, 0, (uint)length | (1u << 24), flags, (uint)launch, (uint)(launch >> 32));

        public void Dispose() => Nic.Dispose();
    }
}
