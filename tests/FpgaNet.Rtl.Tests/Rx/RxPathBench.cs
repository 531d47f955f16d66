using System.Buffers.Binary;
using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Sim;

namespace FpgaNet.Rtl.Tests.Rx;

/// <summary>fn_rx with all its sides: frames with random stalls or in the rhythm of a wire, registers, and what the host sees.</summary>
internal sealed class RxPathBench : IDisposable
{
    public const int Slots = 256;

    private readonly RtlBench _bench;
    private readonly RegisterBus _bus;

    /// <param name="model">Of fn_rx.</param>
    /// <param name="random">For stalls.</param>
    /// <param name="stall">Chance of a stall on both sides; null: frames come as on a wire, and the host always takes.</param>
    public RxPathBench(string model, Random random, double? stall)
    {
        _bench = new RtlBench(model);
        _bus = new RegisterBus(_bench);
        if (stall is { } chance)
        {
            Source = _bench.Source("s_axis", random, chance);
        }
        else
        {
            Wire = _bench.Add(new PacedSource(_bench));
        }

        Host = _bench.Sink("m_axis", random, stall ?? 0);
        Counts = _bench.Add(new Pulses(_bench.Model));
        _bench.Reset();
    }

    public AxiStreamSource? Source { get; }

    public PacedSource? Wire { get; }

    public AxiStreamSink Host { get; }

    public Pulses Counts { get; }

    public long Cycles => _bench.Cycles;

    /// <summary>Programs key, enables, queues, filter and flows; an entry that finds no free slot is taken out of the classifier.</summary>
    public void Program(RxReference reference, RxClassifier classifier, Random random, bool hasFlows = true)
    {
        Pin("checksum_enable").Value(1);
        Pin("hash_enable").Value(1);
        Pin("hash_types").Value(reference.HashTypes >> 1);
        Pin("strip_enable").Value(classifier.Strip ? 1UL : 0);
        for (uint i = 0; i < 10; i++)
        {
            Pin("key_index").Value(i);
            Pin("key_wdata").Value(BinaryPrimitives.ReadUInt32BigEndian(reference.Key.AsSpan((int)(4 * i))));
            Pin("key_write").Value(1);
            _bench.Step();
        }

        Pin("key_write").Value(0);
        _bus.Write(RssRegisters.DefaultQueue, classifier.DefaultQueue);
        for (uint i = 0; i < 32; i++)
        {
            _bus.Write(RssRegisters.Indirection + (4 * i), BitConverter.ToUInt32(classifier.Indirection, 4 * (int)i));
        }

        uint entry = FilterRegisters.Exact;
        foreach (ulong station in classifier.Stations.Skip(1))
        {
            _bus.Write(entry, (uint)station);
            _bus.Write(entry + 4, (uint)(station >> 32) | (1u << 31));
            entry += 8;
        }

        Pin("station").Value(classifier.Stations.FirstOrDefault());
        _bus.Write(FilterRegisters.Control, classifier.Promiscuous ? 1u : 4);
        if (hasFlows)
        {
            ProgramFlows(classifier, random);
        }
    }

    public void StepUntil(Func<bool> condition) => _bench.StepUntil(condition, limit: 2_000_000);

    public void Step(int cycles) => _bench.Step(cycles);

    public bool IsIdle => Pin("idle").IsSet;

    public void Dispose() => _bench.Dispose();

    private void ProgramFlows(RxClassifier classifier, Random random)
    {
        HashSet<int> taken = [];
        foreach ((string name, (uint[] key, uint action)) in classifier.Flows.ToArray())
        {
            int[] free = [.. classifier.Slots(key, action, Slots).Where(slot => !taken.Contains(slot))];
            if (free.Length == 0)
            {
                classifier.Flows.Remove(name);
                continue;
            }

            int slot = free[random.Next(free.Length)];
            taken.Add(slot);
            _bus.Write(FlowTableRegisters.Slot, (uint)slot);
            for (uint i = 0; i < 9; i++)
            {
                _bus.Write(FlowTableRegisters.Key + (4 * i), key[i]);
            }

            _bus.Write(FlowTableRegisters.Action, action | (1u << 31));
        }
    }

    private Port Pin(string name) => _bench.Model.Port(name);

    /// <summary>Frames as a wire brings them: 24 byte times (preamble, check sequence, gap) from one's end to the next one's begin, rounded up to a beat. It cannot wait.</summary>
    internal sealed class PacedSource(RtlBench bench) : IBenchDriver
    {
        private readonly Queue<byte[]> _frames = new();
        private readonly int _lanes = bench.Model.Port("s_axis_tdata").Bits / 8;
        private long _byteTime;
        private int _position;

        public int Pending => _frames.Count;

        /// <summary>Clocks in which a beat came and was not taken.</summary>
        public int Refused { get; private set; }

        public void Send(byte[] frame) => _frames.Enqueue(frame);

        public void Drive()
        {
            bool begins = _position == 0 && (_frames.Count == 0 || bench.Cycles * _lanes < _byteTime);
            bench.Model.Port("s_axis_tvalid").Value(begins ? 0UL : 1);
            if (begins)
            {
                return;
            }

            byte[] frame = _frames.Peek();
            if (_position == 0)
            {
                _byteTime = Math.Max(_byteTime, (bench.Cycles - 1) * _lanes) + frame.Length + 24;
            }

            int count = Math.Min(_lanes, frame.Length - _position);
            ulong beat = 0;
            for (int i = 0; i < count; i++)
            {
                beat |= (ulong)frame[_position + i] << (8 * i);
            }

            bench.Model.Port("s_axis_tdata").Value(beat);
            bench.Model.Port("s_axis_tkeep").Value((1UL << count) - 1);
            bench.Model.Port("s_axis_tlast").Value(_position + count == frame.Length ? 1UL : 0);
        }

        public void Sample()
        {
            if (!bench.Model.Port("s_axis_tvalid").IsSet)
            {
                return;
            }

            if (!bench.Model.Port("s_axis_tready").IsSet)
            {
                Refused++;
                return;
            }

            _position += _lanes;
            if (_position >= _frames.Peek().Length)
            {
                _frames.Dequeue();
                _position = 0;
            }
        }
    }

    /// <summary>The dropped frames, as the counters will see them.</summary>
    internal sealed class Pulses(VerilatedModel model) : IBenchDriver
    {
        public int Filtered { get; private set; }

        public int FlowDropped { get; private set; }

        public void Drive()
        {
        }

        public void Sample()
        {
            Filtered += model.Port("count_filtered").IsSet ? 1 : 0;
            FlowDropped += model.Port("count_flow_dropped").IsSet ? 1 : 0;
        }
    }
}
