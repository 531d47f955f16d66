using System.Numerics;
using System.Runtime.CompilerServices;

namespace FpgaNet.Sim.Usb;

/// <summary>
/// A FIFO chip at the card's pins in 245 synchronous FIFO mode: FT232H or FT2232H (DS_FT232H §4.4, AN_130), 8 bits at 60 MHz, or FT600 or FT601 (DS_FT600Q-FT601Q), 16 or
/// 32 bits at 100 MHz. It has a clock, two buffers, and the strobes, which it checks. A card that breaks a rule ends the simulation with a
/// <see cref="UsbProtocolException"/>.
/// </summary>
/// <remarks>
/// Rules: RD# falls a clock after OE# at the earliest (table 4.1, t9); the card's drivers are off while OE# is low and in the clock behind; never both strobes;
/// SIWU# lasts 250 ns. A strobe may stay low while its flag is high: then nothing is read (§4.4.1: what is on the bus is to be ignored) or written (§4.4.2: the
/// card has to look whether TXE# was low too). FT600 and FT601: byte enables count from lane 0, a word that is part full is the last before WR# rises, and SIWU_N,
/// reserved, is high. What was written goes to the host when WR# rises, or sooner when it fills a packet.
/// </remarks>
internal sealed unsafe class Ft245Chip : IHostPins
{
    // The chip's clock beside the simulation's 125 MHz, edge by edge.
    private const int BoardMegahertz = 1000 / SimulatedBoard.NanosecondsPerCycle;
    private const int LeastPulse = 15;

    private readonly Ft245ChipOptions _options;
    private readonly Random _random;
    private readonly byte* _clock;
    private readonly byte* _rxf;
    private readonly byte* _txe;
    private readonly byte* _rd;
    private readonly byte* _wr;
    private readonly byte* _oe;
    private readonly byte* _siwu;
    private readonly byte* _dataIn;
    private readonly byte* _dataOut;
    private readonly byte* _enablesIn;
    private readonly byte* _enablesOut;
    private readonly byte* _drive;
    private readonly SimulatedUsbBus _host;
    private readonly int _wordLength;

    // Lengths of the host's packets that are in the buffer: a word never holds bytes of two.
    private readonly Queue<int> _packets = new();
    private int _leftOfPacket;
    private bool _partWritten;

    private int _phase;
    private bool _edge;
    private bool _enabled;
    private bool _wasEnabledForReading;
    private int _rxfStall;
    private int _txeStall;
    private int _pulse;

    public Ft245Chip(VerilatedModel model, SimulatedUsbBus host, Ft245ChipOptions options)
    {
        _options = options;
        _host = host;
        _random = new Random(options.Seed);
        _wordLength = options.WordLength;
        _clock = model.Port("ft_clkout").Address;
        _rxf = model.Port("ft_rxf_n").Address;
        _txe = model.Port("ft_txe_n").Address;
        _rd = model.Port("ft_rd_n").Address;
        _wr = model.Port("ft_wr_n").Address;
        _oe = model.Port("ft_oe_n").Address;
        _siwu = model.Port("ft_siwu_n").Address;
        _dataIn = model.Port("ft_data_in").Address;
        _dataOut = model.Port("ft_data_out").Address;
        _enablesIn = model.Port("ft_be_in").Address;
        _enablesOut = model.Port("ft_be_out").Address;
        _drive = model.Port("ft_data_drive").Address;
        FromHost = new ByteQueue(options.BufferLength);
        ToHost = new ByteQueue(options.BufferLength);
        SetMode(fifo: options.IsFt600);
    }

    /// <summary>Bytes for the card.</summary>
    public ByteQueue FromHost { get; }

    /// <summary>Bytes of the card.</summary>
    public ByteQueue ToHost { get; }

    /// <summary>Of <see cref="ToHost"/>, what a packet shall carry even if it is short: SIWU# or the end of a write has asked for it.</summary>
    public int Flushed { get; private set; }

    public bool IsIdle => _host.IsIdle && (!_enabled || (FromHost.Count == 0 && ToHost.Count == 0 && _pulse == 0));

    public long LastActivity { get; private set; }

    /// <summary>Switches synchronous FIFO mode on or off. Off, the clock stands still.</summary>
    public void SetMode(bool fifo)
    {
        _enabled = fifo;
        *_rxf = 1;
        *_txe = 1;
    }

    public void PurgeFromHost()
    {
        FromHost.Clear();
        _packets.Clear();
        _leftOfPacket = 0;
    }

    /// <summary>The host has sent a packet; there is room for it.</summary>
    public void Put(ReadOnlySpan<byte> packet)
    {
        foreach (byte b in packet)
        {
            FromHost.Add(b);
        }

        if (_leftOfPacket == 0)
        {
            _leftOfPacket = packet.Length;
        }
        else
        {
            _packets.Enqueue(packet.Length);
        }
    }

    public void PurgeToHost()
    {
        ToHost.Clear();
        Flushed = 0;
    }

    /// <summary>The host took bytes.</summary>
    public void OnTaken(int count) => Flushed = Math.Max(0, Flushed - count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Drive(long cycle)
    {
        *_clock = 0;
        if (_edge)
        {
            SetFlags();
        }

        _host.Advance(cycle);
        _edge = false;
        if (_enabled)
        {
            _phase += _options.Megahertz;
            if (_phase >= BoardMegahertz)
            {
                _phase -= BoardMegahertz;
                _edge = true;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Sample(long cycle)
    {
        if (_edge)
        {
            // It rises with the board's clocks.
            *_clock = 1;
            SampleEdge(cycle);
        }
    }

    public void CheckTime(long cycle)
    {
    }

    public void Reset()
    {
        _wasEnabledForReading = false;
        _pulse = 0;
    }

    private void SetFlags()
    {
        _rxfStall = NextStall(_rxfStall);
        _txeStall = NextStall(_txeStall);
        *_rxf = FromHost.Count == 0 || _rxfStall > 0 ? (byte)1 : (byte)0;
        *_txe = ToHost.Free < _wordLength || _txeStall > 0 ? (byte)1 : (byte)0;

        // What is not valid is noise, so that a card that looks at it is found out.
        int valid = *_oe == 0 && *_rxf == 0 ? Math.Min(_wordLength, _leftOfPacket) : 0;
        for (int i = 0; i < _wordLength; i++)
        {
            _dataIn[i] = i < valid ? FromHost[i] : (byte)_random.Next();
        }

        *_enablesIn = (byte)((valid != 0 ? (1 << valid) - 1 : _random.Next()) & ((1 << _wordLength) - 1));
    }

    private int NextStall(int left) =>
        left > 0 ? left - 1 : _options.Stall > 0 && _random.NextDouble() < _options.Stall ? _random.Next(1, _options.MaximumStall) : 0;

    private void SampleEdge(long cycle)
    {
        bool reading = *_rd == 0, writing = *_wr == 0, enabled = *_oe == 0, driven = *_drive != 0;
        Require(!(reading && writing), cycle, "RD# and WR# are low at once");
        Require(!reading || (enabled && _wasEnabledForReading), cycle, "RD# is low without OE# low in the clock before");
        Require(!driven || !(enabled || _wasEnabledForReading), cycle, "the card drives the bus while the chip does, or in the clock behind");
        Require(!writing || driven, cycle, "WR# is low and the card does not drive the bus");
        _wasEnabledForReading = enabled;

        if (reading && *_rxf == 0)
        {
            TakeWord();
            LastActivity = cycle;
        }

        if (writing && *_txe == 0)
        {
            PutWord(cycle);
            LastActivity = cycle;
        }
        else if (!writing)
        {
            _partWritten = false;
            Flushed = _options.IsFt600 ? ToHost.Count : Flushed;
        }

        SampleSendImmediate(cycle);
    }

    private void TakeWord()
    {
        for (int i = Math.Min(_wordLength, _leftOfPacket); i > 0; i--)
        {
            FromHost.Take();
            _leftOfPacket--;
        }

        if (_leftOfPacket == 0)
        {
            _packets.TryDequeue(out _leftOfPacket);
        }
    }

    private void PutWord(long cycle)
    {
        int enables = *_enablesOut, count = BitOperations.PopCount((uint)enables);
        Require(count != 0 && enables == (1 << count) - 1, cycle, $"byte enables {enables:b} do not count from lane 0");
        Require(!_partWritten, cycle, "a word behind one that was part full, and WR# did not rise between them");
        _partWritten = count < _wordLength;
        for (int i = 0; i < count; i++)
        {
            ToHost.Add(_dataOut[i]);
        }
    }

    private void SampleSendImmediate(long cycle)
    {
        if (*_siwu == 0)
        {
            Require(!_options.IsFt600, cycle, "SIWU_N is low, and reserved");
            _pulse++;
            Flushed = ToHost.Count;
            LastActivity = cycle;
        }
        else if (_pulse != 0)
        {
            Require(_pulse >= LeastPulse, cycle, $"SIWU# was low for {_pulse} clocks only");
            _pulse = 0;
        }
    }

    private static void Require(bool condition, long cycle, string rule)
    {
        if (!condition)
        {
            throw new UsbProtocolException($"cycle {cycle}: {rule} (245 synchronous FIFO mode).");
        }
    }
}
