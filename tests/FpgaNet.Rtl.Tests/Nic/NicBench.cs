using System.Buffers.Binary;
using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Mac;
using FpgaNet.Rtl.Tests.Rx;
using FpgaNet.Sim;

namespace FpgaNet.Rtl.Tests.Nic;

/// <summary>fn_nic with all its sides: host streams, register bus, and a GMII that is either a loop or a wire to talk on.</summary>
internal sealed class NicBench : IDisposable
{
    private const int LongestAcknowledge = 12;

    private readonly RtlBench _bench;

    /// <param name="width">Bits of the data path.</param>
    /// <param name="random">For stalls and noise.</param>
    /// <param name="stall">Chance of a stall at the host's streams.</param>
    /// <param name="loop">GMII out is GMII in; else <see cref="Wire"/> talks.</param>
    /// <param name="peer">A card whose GMII out is this one's GMII in, and the other way round.</param>
    /// <param name="model">The model's name up to the width.</param>
    public NicBench(int width, Random random, double stall = 0, bool loop = false, NicBench? peer = null, string model = "fn_nic")
    {
        _bench = new RtlBench($"{model}_{width}");
        Host = _bench.Source("s_axis_tx", random, stall);
        Host.FlagPin = "s_axis_tx_tabort";
        Received = _bench.Sink("m_axis_rx", random, stall);
        Statuses = _bench.Sink("m_tx_status", random, stall);
        Sent = _bench.Add(new GmiiListener(_bench.Model));
        if (loop)
        {
            _bench.Add(new Cable(_bench.Model, _bench.Model));
        }
        else if (peer is not null)
        {
            _bench.Add(new Cable(peer.Model, _bench.Model));
            peer._bench.Add(new Cable(_bench.Model, peer.Model)); // in place of its Wire, which nobody plays on
        }
        else
        {
            Wire = _bench.Add(new GmiiTalker(_bench.Model, random));
        }

        _bench.Reset();
        _bench.Step(40); // the MAC's own reset is longer
    }

    public AxiStreamSource Host { get; }

    public AxiStreamSink Received { get; }

    public AxiStreamSink Statuses { get; }

    public GmiiListener Sent { get; }

    public GmiiTalker? Wire { get; }

    public bool IsIdle => Pin("idle").IsSet;

    public VerilatedModel Model => _bench.Model;

    public T Add<T>(T driver)
        where T : IBenchDriver => _bench.Add(driver);

    public Port Pin(string name) => _bench.Model.Port(name);

    public void Step(int cycles = 1) => _bench.Step(cycles);

    public void StepUntil(Func<bool> condition, int limit = 1_000_000) => _bench.StepUntil(condition, limit);

    /// <summary>Steps until nothing moves: nothing to send, nothing on the wire, the core idle.</summary>
    public void Settle() => StepUntil(() => Host.Pending == 0 && (Wire?.Pending ?? 0) == 0 && IsIdle && Statuses.Frames.Count == Host.Sent);

    public uint Read(uint address)
    {
        Pin("reg_address").Value = address;
        Pin("reg_read").Value = 1;
        Step();
        Pin("reg_read").Value = 0;
        AwaitAcknowledge(address);
        return (uint)Pin("reg_rdata").Value;
    }

    public void Write(uint address, uint value)
    {
        Pin("reg_address").Value = address;
        Pin("reg_wdata").Value = value;
        Pin("reg_write").Value = 1;
        Step();
        Pin("reg_write").Value = 0;
        AwaitAcknowledge(address);
    }

    public ulong Counter(int index)
    {
        uint address = StatisticsRegisters.Counters + (8 * (uint)index);
        ulong low = Read(address);
        return low | ((ulong)Read(address + 4) << 32);
    }

    public ulong[] Counters() => [.. Enumerable.Range(0, (int)Read(StatisticsRegisters.Count)).Select(Counter)];

    /// <summary>Enables everything and sets a key; the reference that must agree comes back.</summary>
    public RxReference Enable(Random random)
    {
        byte[] key = new byte[40];
        random.NextBytes(key);
        for (uint i = 0; i < 10; i++)
        {
            Write(RssRegisters.Key + (4 * i), BinaryPrimitives.ReadUInt32BigEndian(key.AsSpan((int)(4 * i))));
        }

        Write(CoreRegisters.Control, 0xF);
        return new RxReference { Key = key };
    }

    public void Dispose() => _bench.Dispose();

    private void AwaitAcknowledge(uint address)
    {
        for (int clocks = 1; !Pin("reg_ack").IsSet; clocks++)
        {
            Assert.IsLessThan(LongestAcknowledge, clocks, $"register 0x{address:X4} does not answer in time");
            Step();
        }
    }

    private sealed class Cable(VerilatedModel from, VerilatedModel to) : IBenchDriver
    {
        private readonly (Port From, Port To)[] _wires =
            [(from.Port("gmii_txd"), to.Port("gmii_rxd")), (from.Port("gmii_tx_en"), to.Port("gmii_rx_dv")), (from.Port("gmii_tx_er"), to.Port("gmii_rx_er"))];

        private readonly ClockEnable _clockEnable = new(to, "gmii_rx_ce", null, 1);

        public void Drive()
        {
            _clockEnable.Drive();
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
