using System.Runtime.InteropServices;
using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Sim;
using FpgaNet.Sim.Pci;

namespace FpgaNet.Rtl.Tests.Pcie;

/// <summary>
/// <c>fn_pcie_host</c> between the strict root complex and a stand-in for the core: a sink for transmitted frames that answers with statuses, a source of
/// received frames, and a register bus that answers late. Every test ends with <see cref="Finish"/>.
/// </summary>
public sealed class PcieBench : IDisposable
{
    private readonly List<nint> _allocations = [];
    private readonly Port _idle;

    public PcieBench(Random random, PciRootOptions? options = null, string model = "fn_pcie_host")
    {
        Random = random;
        Bench = new RtlBench(model);
        Root = new PciRootComplex((options ?? new PciRootOptions()) with { Seed = random.Next() });
        Pins = new PinsDriver(Bench, Root);
        Bench.Add(Pins);
        Bench.Add(new CoreReset(this));
        Core = Bench.Add(new CoreModel(Bench.Model, random));
        Sent = Bench.Sink("core_tx", random);
        Received = Bench.Source("core_rx", random);
        Received.StallInsideFrames = false;
        _idle = Bench.Model.Port("idle");
        Bench.Reset();
        Bench.Step(4); // the core's reset ends a clock later
        Root.InterruptHandler = vector => Interrupts.Add((vector, Bench.Cycles));
    }

    public Random Random { get; }

    public RtlBench Bench { get; }

    public PciRootComplex Root { get; }

    /// <summary>Registers, statuses and aborts at the core's side.</summary>
    public CoreModel Core { get; }

    /// <summary>Frames that went to the core.</summary>
    public AxiStreamSink Sent { get; }

    /// <summary>Frames that the core received.</summary>
    public AxiStreamSource Received { get; }

    /// <summary>Interrupts so far.</summary>
    public List<(int Vector, long Cycle)> Interrupts { get; } = [];

    private PinsDriver Pins { get; }

    public bool IsIdle => _idle.IsSet;

    public void Write(uint offset, uint value) => Root.WriteRegister(offset, value);

    public uint Read(uint offset)
    {
        RegisterReadResult result = ReadAny(offset);
        Assert.AreEqual(CompletionStatus.Success, result.Status, $"register {offset:x4}");
        return result.Value;
    }

    /// <summary>A register read of any shape.</summary>
    public RegisterReadResult ReadAny(uint offset, int words = 1, int first = 0xF, int last = 0)
    {
        int tag = Root.BeginRegisterRead(offset, Bench.Cycles, words, first, last);
        RegisterReadResult result = default;
        Bench.StepUntil(() => Root.TryEndRegisterRead(tag, out result), 20_000);
        return result;
    }

    /// <summary>Allocates memory that the card can reach: zeroed, page aligned.</summary>
    public DmaBuffer Allocate(int bytes)
    {
        int size = (bytes + HostMemory.PageSize - 1) / HostMemory.PageSize * HostMemory.PageSize;
        nint address;
        unsafe
        {
            address = (nint)NativeMemory.AlignedAlloc((nuint)size, HostMemory.PageSize);
            new Span<byte>((void*)address, size).Clear();
        }

        _allocations.Add(address);
        return new DmaBuffer(address, size, Root.Memory.Map(address, (nuint)size));
    }

    /// <summary>Steps until the interface says it is idle, then checks that nothing is left over and nothing was counted as an error.</summary>
    public void Finish(bool expectErrors = false)
    {
        Bench.StepUntil(() => IsIdle && Root.IsIdle && Core.Owed == 0 && Received.Pending == 0);
        Root.CheckQuiescent();
        if (!expectErrors)
        {
            Assert.AreEqual(0u, Read(PcieRegisters.ReadErrors), "ReadErrors");
            Assert.AreEqual(0u, Read(PcieRegisters.ReadTimeouts), "ReadTimeouts");
            Assert.AreEqual(0u, Read(PcieRegisters.UnexpectedCompletions), "UnexpectedCompletions");
            Assert.AreEqual(0u, Read(PcieRegisters.MalformedRequests), "MalformedRequests");
        }
    }

    public void Dispose()
    {
        Bench.Dispose();
        foreach (nint address in _allocations)
        {
            unsafe
            {
                NativeMemory.AlignedFree((void*)address);
            }
        }
    }

    // The core forgets everything while core_rst is 1.
    private sealed class CoreReset(PcieBench bench) : IBenchDriver
    {
        private readonly Port _reset = bench.Bench.Model.Port("core_rst");

        public void Drive()
        {
        }

        public void Sample()
        {
            if (_reset.IsSet)
            {
                bench.Core.Clear();
                bench.Sent.Clear();
                bench.Received.Clear();
            }
        }
    }

    private sealed class PinsDriver(RtlBench bench, PciRootComplex root) : IBenchDriver
    {
        private readonly TlpPins _pins = new(bench.Model, root);

        public void Drive() => _pins.Drive(bench.Cycles);

        public void Sample() => _pins.Sample(bench.Cycles);
    }
}

/// <summary>Memory that the card can reach.</summary>
/// <param name="Address">Of the process.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Bus">Bus address.</param>
public sealed record DmaBuffer(nint Address, int Length, ulong Bus)
{
    public unsafe Span<byte> Bytes => new((void*)Address, Length);

    public Span<T> As<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes);
}

/// <summary>The core's side besides its streams: it owes a status for each frame it took and gives it late, notes aborted frames, and answers register accesses late.</summary>
public sealed class CoreModel : IBenchDriver
{
    private readonly Random _random;
    private readonly Port _valid, _ready, _last, _abort, _status, _stamp, _statusValid, _statusReady;
    private readonly Port _write, _read, _address, _wdata, _rdata, _ack;
    private readonly Queue<(byte Status, ulong Stamp)> _owed = new();
    private int _answerIn;
    private bool _offering;

    public CoreModel(VerilatedModel model, Random random)
    {
        _random = random;
        _valid = model.Port("core_tx_tvalid");
        _ready = model.Port("core_tx_tready");
        _last = model.Port("core_tx_tlast");
        _abort = model.Port("core_tx_tabort");
        _status = model.Port("core_tx_status_tdata");
        _stamp = model.Port("core_tx_status_tuser");
        _statusValid = model.Port("core_tx_status_tvalid");
        _statusReady = model.Port("core_tx_status_tready");
        _write = model.Port("core_reg_write");
        _read = model.Port("core_reg_read");
        _address = model.Port("core_reg_address");
        _wdata = model.Port("core_reg_wdata");
        _rdata = model.Port("core_reg_rdata");
        _ack = model.Port("core_reg_ack");
    }

    /// <summary>Registers by offset.</summary>
    public Dictionary<uint, uint> Registers { get; } = [];

    /// <summary>Whether each frame was aborted, in order.</summary>
    public List<bool> Aborted { get; } = [];

    /// <summary>Statuses that frames get, in order; Ok when empty.</summary>
    public Queue<byte> Statuses { get; } = new();

    /// <summary>The time stamps that the frames' statuses bring, in order.</summary>
    public Queue<ulong> Stamps { get; } = new();

    /// <summary>Chance that no status is given in a cycle in which one could.</summary>
    public double StatusStall { get; set; } = 0.5;

    /// <summary>Never acknowledge a register access, as a core in reset.</summary>
    public bool IsDeaf { get; set; }

    public int Owed => _owed.Count;

    /// <summary>Forgets what it owes: the core's reset.</summary>
    public void Clear()
    {
        _owed.Clear();
        Stamps.Clear();
        _offering = false;
        _answerIn = 0;
    }

    public void Drive()
    {
        if (!_offering)
        {
            _offering = _owed.Count != 0 && _random.NextDouble() >= StatusStall;
            _statusValid.Value(_offering ? 1UL : 0);
            (byte status, ulong stamp) = _offering ? _owed.Peek() : ((byte)0xEE, 0xEEUL);
            _status.Value(status);
            _stamp.Value(stamp);
        }

        _ack.Value(0);
        _rdata.Value(0xBAD0_BAD0);
        if (_answerIn > 0 && --_answerIn == 0)
        {
            _ack.Value(1);
            _rdata.Value(Registers.GetValueOrDefault((uint)_address.Value));
        }
    }

    public void Sample()
    {
        if (_offering && _statusReady.IsSet)
        {
            _owed.Dequeue();
            _offering = false;
        }

        if (_valid.IsSet && _ready.IsSet && _last.IsSet)
        {
            Aborted.Add(_abort.IsSet);
            ulong stamp = (ulong)_random.NextInt64();
            _owed.Enqueue((Statuses.TryDequeue(out byte status) ? status : (byte)0, stamp));
            Stamps.Enqueue(stamp);
        }

        if ((_write.IsSet || _read.IsSet) && !IsDeaf)
        {
            Assert.AreEqual(0, _answerIn, "a register access before the last was acknowledged");
            _answerIn = _random.Next(1, 9);
            if (_write.IsSet)
            {
                Registers[(uint)_address.Value] = (uint)_wdata.Value;
            }
        }
    }
}
