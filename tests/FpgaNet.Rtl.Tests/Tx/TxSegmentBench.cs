using System.Runtime.InteropServices;
using FpgaNet.Driver;
using FpgaNet.Packets.Offload;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Sim;

namespace FpgaNet.Rtl.Tests.Tx;

/// <summary>fn_tx_segment with a host before it, and behind it what each frame ended with.</summary>
internal sealed class TxSegmentBench : IDisposable
{
    private readonly Random _random;
    private readonly EndLog _ends;

    public TxSegmentBench(int width, Random random, double stall = 0)
    {
        _random = random;
        Lanes = width / 8;
        Clock = new RtlBench($"fn_tx_segment_{width}");
        Source = Clock.Source("s_axis", random, stall);
        Source.FlagPin = "s_axis_tabort";
        Sink = Clock.Sink("m_axis", random, stall);
        _ends = Clock.Add(new EndLog(Clock.Model));
        Clock.Reset();
    }

    public RtlBench Clock { get; }

    public AxiStreamSource Source { get; }

    public AxiStreamSink Sink { get; }

    public int Lanes { get; }

    /// <summary>Statuses of the frames taken, oldest first.</summary>
    public Queue<Status> Done { get; } = new();

    /// <summary>What came out and is to be sent, oldest first, and whether more of the same packet follows.</summary>
    public Queue<(StreamFrame Frame, bool More)> Segments { get; } = new();

    public bool Idle => Clock.Model.Port("idle").IsSet;

    /// <summary>Cycle in which the first beat came out, and the last one.</summary>
    public (long First, long Last) BeatCycles => (_ends.FirstBeat, _ends.LastBeat);

    /// <summary>Sends a frame with noise in the fields that do not matter.</summary>
    /// <returns>The words of its header, as they were sent.</returns>
    public uint[] Send(byte[] bytes, TxHeader header, bool abort = false, int abortFrom = int.MaxValue)
    {
        header.SliceCount = (uint)_random.Next(16);
        uint[] words = Words(header);
        words[2] |= (uint)_random.Next(16) << 28;
        words[3] |= (uint)_random.Next(256) << 24;
        Source.Send(new StreamFrame(bytes, words, abort, abortFrom));
        return words;
    }

    public uint[] Send(LargePacket packet, bool abort = false) => Send(packet.Bytes, packet.Header(), abort);

    /// <summary>Resets the module, and forgets what was sent and what came.</summary>
    public void Reset()
    {
        Clock.Model.Port("s_axis_tvalid").Value = 0;
        Source.Clear();
        Clock.Reset();
        Sink.Clear();
        _ends.Ends.Clear();
        Done.Clear();
        Segments.Clear();
    }

    /// <summary>Runs until all frames sent are through.</summary>
    public void Finish(int limit = 20_000_000)
    {
        Clock.StepUntil(() => Source.Pending == 0 && Idle, limit);
        Clock.Step(4);
        Assert.IsFalse(Sink.InFrame, "a frame without an end");
        while (Sink.Frames.TryDequeue(out StreamFrame? frame))
        {
            End end = _ends.Ends.Dequeue();
            Assert.IsTrue(end.Abort || end.Status == Status.Ok, "a segment to be sent with an error");
            if (!end.Abort)
            {
                Segments.Enqueue((frame, end.More));
            }

            if (!end.More)
            {
                Done.Enqueue(end.Status);
            }
        }
    }

    /// <summary>The next segment or whole frame that came out.</summary>
    public (StreamFrame Frame, bool More) Next()
    {
        Assert.AreNotEqual(0, Segments.Count, "a frame is missing");
        return Segments.Dequeue();
    }

    /// <summary>The next frames that came are these segments of a packet, each owing what it should.</summary>
    /// <param name="segments">The segments expected.</param>
    /// <param name="words">The packet's header.</param>
    /// <param name="count">How many of them came.</param>
    /// <param name="what">For the message.</param>
    public void ExpectSegments(List<(byte[] Bytes, TxOffload Owed)> segments, uint[] words, int count, string what)
    {
        for (int i = 0; i < count; i++)
        {
            (StreamFrame frame, bool more) = Next();
            CollectionAssert.AreEqual(segments[i].Bytes, frame.Data, $"segment {i} of {segments.Count}: {what}");
            uint[] owed = Words(LargePacket.Header(segments[i].Owed, segments[i].Bytes.Length));
            owed[2] |= words[2] & 0xFFF00000;
            owed[3] |= words[3] & 0xFF000000;
            if (i > 0)
            {
                owed[3] &= ~(1u << 25); // the launch time is the first one's
            }

            if (i < segments.Count - 1)
            {
                owed[3] &= ~(1u << 24); // the time stamp is the last one's
            }

            CollectionAssert.AreEqual(owed, frame.User, $"header of segment {i}: {what}");
            Assert.AreEqual(i < segments.Count - 1, more, $"end of segment {i}: {what}");
        }
    }

    public void Dispose() => Clock.Dispose();

    private static uint[] Words(TxHeader header) => MemoryMarshal.Cast<TxHeader, uint>(new ReadOnlySpan<TxHeader>(in header)).ToArray();

    private readonly record struct End(bool Abort, bool More, Status Status);

    /// <summary>What goes with the last beat, and when beats came.</summary>
    private sealed class EndLog(VerilatedModel model) : IBenchDriver
    {
        private readonly Port _valid = model.Port("m_axis_tvalid");
        private readonly Port _ready = model.Port("m_axis_tready");
        private readonly Port _last = model.Port("m_axis_tlast");
        private readonly Port _abort = model.Port("m_axis_tabort");
        private readonly Port _more = model.Port("m_axis_tmore");
        private readonly Port _status = model.Port("m_axis_tstatus");
        private long _cycle;

        public Queue<End> Ends { get; } = new();

        public long FirstBeat { get; private set; } = -1;

        public long LastBeat { get; private set; } = -1;

        public void Drive() => _cycle++;

        public void Sample()
        {
            if (!_valid.IsSet || !_ready.IsSet)
            {
                return;
            }

            FirstBeat = FirstBeat < 0 ? _cycle : FirstBeat;
            LastBeat = _cycle;
            if (_last.IsSet)
            {
                Ends.Enqueue(new End(_abort.IsSet, _more.IsSet, (Status)_status.Value));
            }
        }
    }
}
