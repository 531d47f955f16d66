using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Mac;
using FpgaNet.Sim;

namespace FpgaNet.Rtl.Tests.Nic;

/// <summary>fn_nic_xgmii with all its sides at one clock: host streams, register bus, and an XGMII on which the test talks, or another card.</summary>
internal sealed class NicXgmiiBench : IDisposable
{
    private readonly RtlBench _bench;
    private readonly RegisterBus _bus;

    /// <param name="random">For noise.</param>
    /// <param name="peer">A card whose XGMII out is this one's XGMII in, and the other way round.</param>
    /// <param name="model">The model.</param>
    public NicXgmiiBench(Random random, NicXgmiiBench? peer = null, string model = "fn_nic_xgmii_plain")
    {
        _bench = new RtlBench(model);
        Host = _bench.Source("s_axis_tx", random);
        Host.FlagPin = "s_axis_tx_tabort";
        Received = _bench.Sink("m_axis_rx", random);
        Statuses = _bench.Sink("m_tx_status", random);
        Sent = _bench.Add(new XgmiiListener(_bench.Model));
        _bus = new RegisterBus(_bench);
        Wire = peer is null ? _bench.Add(new XgmiiTalker(_bench.Model, random)) : null;
        if (peer is not null)
        {
            _bench.Add(new Cable(peer._bench.Model, _bench.Model));
            peer._bench.Add(new Cable(_bench.Model, peer._bench.Model)); // in place of its Wire, which nobody plays on
        }

        _bench.Reset();
        _bench.Step(100); // the MAC's own reset is longer
        Write(CoreRegisters.Control, 0xF);
    }

    public AxiStreamSource Host { get; }

    public AxiStreamSink Received { get; }

    public AxiStreamSink Statuses { get; }

    public XgmiiListener Sent { get; }

    public XgmiiTalker? Wire { get; }

    public long Cycles => _bench.Cycles;

    public bool IsIdle => _bench.Model.Port("idle").IsSet;

    public void Step(int cycles = 1) => _bench.Step(cycles);

    public void StepUntil(Func<bool> condition, int limit = 200_000) => _bench.StepUntil(condition, limit);

    public uint Read(uint address) => _bus.Read(address);

    public void Write(uint address, uint value)
    {
        VerilatedModel model = _bench.Model;
        model.Port("reg_address").Value(address);
        model.Port("reg_wdata").Value(value);
        model.Port("reg_write").Value(1);
        _bench.Step();
        model.Port("reg_write").Value(0);
        _bench.StepUntil(() => model.Port("reg_ack").IsSet, _bus.Limit);
        _bench.Step();
    }

    public ulong Counter(int index)
    {
        uint address = StatisticsRegisters.Counters + (8 * (uint)index);
        ulong low = Read(address);
        return low | ((ulong)Read(address + 4) << 32);
    }

    public void Send(byte[] frame) => Host.Send(frame, 0, 0, (uint)frame.Length | (1u << 24), 0);

    public void Play(byte[] frame) => Wire!.Play(new CarrierEvent(EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(frame))));

    public void Dispose() => _bench.Dispose();

    private sealed class Cable(VerilatedModel from, VerilatedModel to) : IBenchDriver
    {
        private readonly (Port From, Port To)[] _wires = [(from.Port("xgmii_txd"), to.Port("xgmii_rxd")), (from.Port("xgmii_txc"), to.Port("xgmii_rxc"))];

        public void Drive()
        {
            foreach ((Port from, Port to) in _wires)
            {
                Port pin = to;
                pin.Value = from.Value;
            }
        }

        public void Sample()
        {
        }
    }
}
