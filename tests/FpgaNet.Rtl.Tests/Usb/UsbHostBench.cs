using System.Buffers.Binary;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Sim;

namespace FpgaNet.Rtl.Tests.Usb;

/// <summary>
/// fn_usb_host between a host that writes and reads the pipe and a core that is played here: it takes frames, gives each its status, and has registers.
/// </summary>
internal sealed class UsbHostBench : IDisposable
{
    private readonly RtlBench _bench;
    private readonly AxiStreamSource _toCard;
    private readonly AxiStreamSource _statuses;
    private readonly AxiStreamSink _fromCard;
    private readonly AbortWatch _aborts;
    private readonly CoreRegisters _registers;
    private readonly UsbPacketReader _reader = new();
    private readonly Random _random;
    private byte _tag;

    /// <param name="model">Which build.</param>
    /// <param name="random">For stalls.</param>
    /// <param name="stall">Chance of a stall at each port.</param>
    public UsbHostBench(string model, Random random, double stall = 0)
    {
        _random = random;
        _bench = new RtlBench(model);
        _toCard = _bench.Source("s_pipe", random, stall);
        _fromCard = _bench.Sink("m_pipe", random, stall);
        CoreTx = _bench.Sink("core_tx", random, stall);
        CoreRx = _bench.Source("core_rx", random, stall);
        _statuses = _bench.Source("core_tx_status", random, stall);
        _aborts = _bench.Add(new AbortWatch(_bench.Model));
        _registers = _bench.Add(new CoreRegisters(_bench.Model, random));
        _bench.Reset();
        _bench.Step(2); // the core's reset ends a clock behind the pin's, and no sound core sends in its reset
    }

    /// <summary>What the core received; aborted frames are taken out.</summary>
    public AxiStreamSink CoreTx { get; }

    public AxiStreamSource CoreRx { get; }

    /// <summary>Chance that the host does not read in a clock; 1: it does not read at all.</summary>
    public double HostStall
    {
        set => _fromCard.Stall = value;
    }

    /// <summary>Chance that the core gives no status in a clock in which it could.</summary>
    public double StatusStall
    {
        set => _statuses.Stall = value;
    }

    /// <summary>The core's registers by address.</summary>
    public Dictionary<uint, uint> Registers => _registers.Values;

    /// <summary>The core acknowledges register accesses.</summary>
    public bool CoreAnswers
    {
        set => _registers.Answers = value;
    }

    public bool WireBusy
    {
        set => Pin("wire_busy").IsSet = value;
    }

    public bool CoreReset => Pin("core_rst").IsSet;

    public bool IsIdle => Pin("idle").IsSet && _toCard.Pending == 0;

    /// <summary>Frames that the core took whole.</summary>
    public Queue<StreamFrame> Frames { get; } = new();

    /// <summary>Frames that were given up in the core's sight.</summary>
    public int Aborted { get; private set; }

    /// <summary>The status that the core gives a frame.</summary>
    public Func<StreamFrame, (byte Status, ulong Timestamp)> Status { get; set; } = static _ => (0, 0);

    /// <summary>Packets from the card other than values, oldest first.</summary>
    public Queue<byte[]> Packets { get; } = new();

    public Dictionary<byte, uint> Values { get; } = [];

    public int BadFromCard => _reader.Bad;

    public void Send(byte[] bytes)
    {
        if (bytes.Length != 0)
        {
            _toCard.Send(bytes);
        }
    }

    public void Step(int cycles = 1)
    {
        for (int i = 0; i < cycles; i++)
        {
            _bench.Step();
            while (_fromCard.Frames.TryDequeue(out StreamFrame? taken))
            {
                _reader.Take(taken.Data[0]);
            }

            while (_reader.Packets.TryDequeue(out byte[]? packet))
            {
                if (packet[0] == 0x43)
                {
                    Values[packet[1]] = BinaryPrimitives.ReadUInt32LittleEndian(packet.AsSpan(2));
                }
                else
                {
                    Packets.Enqueue(packet);
                }
            }

            while (CoreTx.Frames.TryDequeue(out StreamFrame? frame))
            {
                bool aborted = _aborts.Ends.Dequeue();
                (byte status, ulong timestamp) = Status(frame);
                _statuses.Send([status], (uint)timestamp, (uint)(timestamp >> 32));
                if (aborted)
                {
                    Aborted++;
                }
                else
                {
                    Frames.Enqueue(frame);
                }
            }
        }
    }

    public void StepUntil(Func<bool> condition, string what, int limit = 400_000)
    {
        for (long end = _bench.Cycles + limit; !condition(); Step())
        {
            Assert.IsLessThan(end, _bench.Cycles, what);
        }
    }

    public uint Read(uint address)
    {
        byte tag = ++_tag;
        Values.Remove(tag);
        Send(UsbPackets.Read(tag, address));
        StepUntil(() => Values.ContainsKey(tag), $"no answer from 0x{address:X4}");
        return Values[tag];
    }

    public void Write(uint address, uint value) => Send(UsbPackets.Write(++_tag, address, value));

    /// <summary>Forgets what stood at the core's ports, as its reset does.</summary>
    public void ResetCore()
    {
        CoreTx.Clear();
        CoreRx.Clear();
        _statuses.Clear();
        _aborts.Ends.Clear();
    }

    public void Dispose() => _bench.Dispose();

    private Port Pin(string name) => _bench.Model.Port(name);

    /// <summary>Notes of each frame that the core took whether it ended with tabort.</summary>
    private sealed class AbortWatch(VerilatedModel model) : IBenchDriver
    {
        private readonly Port _valid = model.Port("core_tx_tvalid");
        private readonly Port _ready = model.Port("core_tx_tready");
        private readonly Port _last = model.Port("core_tx_tlast");
        private readonly Port _abort = model.Port("core_tx_tabort");

        public Queue<bool> Ends { get; } = new();

        public void Drive()
        {
        }

        public void Sample()
        {
            if (_valid.IsSet && _ready.IsSet && _last.IsSet)
            {
                Ends.Enqueue(_abort.IsSet);
            }
        }
    }

    /// <summary>The core's end of the register bus.</summary>
    private sealed class CoreRegisters(VerilatedModel model, Random random) : IBenchDriver
    {
        private Port _ack = model.Port("core_reg_ack");
        private Port _rdata = model.Port("core_reg_rdata");
        private readonly Port _write = model.Port("core_reg_write");
        private readonly Port _read = model.Port("core_reg_read");
        private readonly Port _address = model.Port("core_reg_address");
        private readonly Port _wdata = model.Port("core_reg_wdata");
        private int _wait;
        private uint _value;

        public Dictionary<uint, uint> Values { get; } = [];

        public bool Answers { get; set; } = true;

        public void Drive()
        {
            bool now = _wait == 1;
            _wait = Math.Max(0, _wait - 1);
            _ack.IsSet = now;
            _rdata.Value = now ? _value : 0;
        }

        public void Sample()
        {
            if (_write.IsSet || _read.IsSet)
            {
                uint address = (uint)_address.Value;
                if (_write.IsSet)
                {
                    Values[address] = (uint)_wdata.Value;
                }

                _value = _read.IsSet ? Values.GetValueOrDefault(address) : 0;
                _wait = Answers ? random.Next(1, 8) : 0;
            }
        }
    }
}
