using System.Buffers.Binary;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Sim;

namespace FpgaNet.Rtl.Tests.Rx;

/// <summary>fn_rx_inspect at its pins: frames in, findings out.</summary>
internal sealed class RxBench : IDisposable
{
    private readonly RtlBench _bench;
    private readonly AxiStreamSource _source;
    private readonly Completions _completions;

    public RxBench(int width, Random random, double stall)
    {
        _bench = new RtlBench($"fn_rx_inspect_{width}");
        _source = _bench.Source("s_axis", random, stall);
        _completions = _bench.Add(new Completions(_bench.Model));
        _bench.Reset();
    }

    public long Cycles => _bench.Cycles;

    /// <summary>Sets key, hash types and enables, and with them the reference that must agree.</summary>
    public RxReference Configure(RxReference reference)
    {
        Pin("checksum_enable").Value = reference.ChecksumEnable ? 1u : 0u;
        Pin("hash_enable").Value = reference.HashEnable ? 1u : 0u;
        Pin("hash_types").Value = reference.HashTypes >> 1;
        for (uint i = 0; i < 10; i++)
        {
            Pin("key_index").Value = i;
            Pin("key_wdata").Value = BinaryPrimitives.ReadUInt32BigEndian(reference.Key.AsSpan((int)(4 * i)));
            Pin("key_write").Value = 1;
            _bench.Step();
        }

        Pin("key_write").Value = 0;
        _bench.Step(2);
        return reference;
    }

    public uint ReadKey(uint index)
    {
        Pin("key_index").Value = index;
        _bench.Step();
        return (uint)Pin("key_rdata").Value;
    }

    public List<RxFindings> Run(IReadOnlyCollection<byte[]> frames)
    {
        foreach (byte[] frame in frames)
        {
            _source.Send(frame);
        }

        _bench.StepUntil(() => _completions.Found.Count == frames.Count, limit: 2_000_000);
        _bench.Step(20);
        List<RxFindings> found = [.. _completions.Found];
        _completions.Found.Clear();
        return found;
    }

    public void Dispose() => _bench.Dispose();

    private Port Pin(string name) => _bench.Model.Port(name);

    private sealed class Completions(VerilatedModel model) : IBenchDriver
    {
        private readonly Port _valid = model.Port("m_valid");
        private readonly Port _completion = model.Port("m_completion");

        public List<RxFindings> Found { get; } = [];

        public void Drive()
        {
        }

        public void Sample()
        {
            if (_valid.IsSet)
            {
                Found.Add(RxFindings.Unpack(_completion.Words));
            }
        }
    }
}
