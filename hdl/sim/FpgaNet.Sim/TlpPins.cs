using System.Runtime.CompilerServices;
using FpgaNet.Sim.Pci;

namespace FpgaNet.Sim;

/// <summary>
/// The card's PCI Express pins: packets beat by beat as the 7-series integrated block streams them (PG054, 64-bit interface), its
/// configuration pins and its interrupt handshake. Checks the stream's own rules; the packets are <see cref="PciRootComplex"/>'s.
/// </summary>
internal sealed unsafe class TlpPins : IHostPins
{
    // PG054 table "m_axis_rx_tuser": bit 1 marks a poisoned packet, bits 9:2 the BAR that was hit.
    private const uint UserPoisoned = 1 << 1;
    private const uint UserBar0 = 1 << 2;

    private readonly PciRootComplex _root;
    private readonly Random _random;
    private readonly double _backpressure;
    private readonly double _stall;

    // card → root
    private readonly ulong* _txData;
    private readonly byte* _txKeep;
    private readonly byte* _txValid;
    private readonly byte* _txLast;
    private readonly byte* _txReady;
    private readonly byte* _txUser;
    private readonly uint[] _received = new uint[Tlp.MaximumWords + 2];
    private int _receivedWords;
    private bool _held;
    private ulong _heldData;
    private int _heldControl;

    // root → card
    private readonly ulong* _rxData;
    private readonly byte* _rxKeep;
    private readonly byte* _rxValid;
    private readonly byte* _rxLast;
    private readonly byte* _rxReady;
    private readonly uint* _rxUser;
    private readonly Tlp _sending = new();
    private int _sendPosition;
    private bool _offering;

    // interrupts
    private readonly byte* _interrupt;
    private readonly byte* _interruptReady;
    private readonly byte* _interruptVector;
    private readonly byte* _busMaster;
    private long _interruptCycle = long.MaxValue;
    private int _offeredVector;
    private int _acceptedVector = -1;

    public TlpPins(VerilatedModel model, PciRootComplex root)
    {
        PciRootOptions options = root.Options;
        _root = root;
        _random = new Random(options.Seed ^ 0x5EED);
        _backpressure = options.Backpressure;
        _stall = options.Stall;
        _txData = (ulong*)model.Port("m_axis_tx_tdata").Address;
        _txKeep = model.Port("m_axis_tx_tkeep").Address;
        _txValid = model.Port("m_axis_tx_tvalid").Address;
        _txLast = model.Port("m_axis_tx_tlast").Address;
        _txReady = model.Port("m_axis_tx_tready").Address;
        _txUser = model.Port("m_axis_tx_tuser").Address;
        _rxData = (ulong*)model.Port("s_axis_rx_tdata").Address;
        _rxKeep = model.Port("s_axis_rx_tkeep").Address;
        _rxValid = model.Port("s_axis_rx_tvalid").Address;
        _rxLast = model.Port("s_axis_rx_tlast").Address;
        _rxReady = model.Port("s_axis_rx_tready").Address;
        _rxUser = (uint*)model.Port("s_axis_rx_tuser").Address;
        _interrupt = model.Port("cfg_interrupt").Address;
        _interruptReady = model.Port("cfg_interrupt_rdy").Address;
        _interruptVector = model.Port("cfg_interrupt_di").Address;

        // Device Control: 0 is 128 bytes, 1 is 256 and so on (PCIe Base 4.0 §7.5.3.4).
        Set(model, "cfg_max_payload", int.Log2(options.MaximumPayload / 128));
        Set(model, "cfg_max_read_request", int.Log2(options.MaximumReadRequest / 128));
        Set(model, "cfg_completer_id", options.CardId);
        Set(model, "cfg_interrupt_msienable", 1);
        Set(model, "cfg_interrupt_mmenable", int.Log2(options.InterruptVectors));
        _busMaster = model.Port("cfg_bus_master_enable").Address;
        *_txReady = 1;
    }

    /// <summary>Nothing stands at the pins or is under way behind them.</summary>
    public bool IsIdle
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => !_offering && _receivedWords == 0 && *_txValid == 0 && *_interrupt == 0 && _acceptedVector < 0 && _root.IsIdle;
    }

    public void CheckTime(long cycle) => _root.CheckTime(cycle);

    public void Reset()
    {
        _root.Reset();
        _receivedWords = 0;
        _sendPosition = 0;
        _held = false;
        _offering = false;
        _interruptCycle = long.MaxValue;
        _acceptedVector = -1;
        *_rxValid = 0;
        *_interruptReady = 0;
    }

    /// <summary>The last cycle in which anything moved at the pins.</summary>
    public long LastActivity { get; private set; }

    /// <summary>Sets the card's inputs for the coming edge.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Drive(long cycle)
    {
        if (_backpressure > 0)
        {
            *_txReady = _random.NextDouble() < _backpressure ? (byte)0 : (byte)1;
        }

        if (!_offering)
        {
            *_rxValid = 0;
            if (_sendPosition != 0 || _root.HasOutbound)
            {
                Offer(cycle);
            }
        }

        *_interruptReady = cycle >= _interruptCycle ? (byte)1 : (byte)0;
        *_busMaster = _root.BusMasterEnable ? (byte)1 : (byte)0;
    }

    /// <summary>Looks at the card's outputs as the coming edge sees them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Sample(long cycle)
    {
        if (*_txValid != 0)
        {
            SampleBeat(cycle);
        }
        else if (_held)
        {
            throw Broken(cycle, "m_axis_tx_tvalid fell before the beat was taken");
        }

        if (_offering && *_rxReady != 0)
        {
            _offering = false;
            LastActivity = cycle;
            if (_sendPosition == _sending.Length)
            {
                _sendPosition = 0;
            }
        }

        if (*_interrupt != 0 || _interruptCycle != long.MaxValue)
        {
            SampleInterrupt(cycle);
        }

        // PCIe Base 4.0 §2.4.1: an interrupt does not pass writes, so it waits for the end of a packet that was begun before it.
        if (_acceptedVector >= 0 && _receivedWords == 0)
        {
            int vector = _acceptedVector;
            _acceptedVector = -1;
            _root.Interrupt(vector, cycle);
        }
    }

    private static void Set(VerilatedModel model, string port, int value) => model.Port(port).Value = (ulong)value;

    private static PciProtocolException Broken(long cycle, string rule) => new($"cycle {cycle}: {rule} (PG054, transaction interface).");

    private void Offer(long cycle)
    {
        if (_stall > 0 && _random.NextDouble() < _stall)
        {
            return;
        }

        if (_sendPosition == 0 && !_root.TryTakeOutbound(cycle, _sending))
        {
            return;
        }

        ReadOnlySpan<uint> words = _sending.Words;
        int left = words.Length - _sendPosition;
        *_rxData = words[_sendPosition] | (left > 1 ? (ulong)words[_sendPosition + 1] << 32 : 0);
        *_rxKeep = left > 1 ? (byte)0xFF : (byte)0x0F;
        *_rxLast = left <= 2 ? (byte)1 : (byte)0;
        *_rxUser = (_sending.HitsBar0 ? UserBar0 : 0) | (_sending.IsPoisoned ? UserPoisoned : 0);
        *_rxValid = 1;
        _sendPosition += Math.Min(left, 2);
        _offering = true;
    }

    private void SampleBeat(long cycle)
    {
        LastActivity = cycle;
        ulong data = *_txData;
        int control = *_txKeep | (*_txLast << 8) | (*_txUser << 9);
        if (_held && (data != _heldData || control != _heldControl))
        {
            throw Broken(cycle, "a beat on m_axis_tx changed before it was taken");
        }

        _held = *_txReady == 0;
        if (_held)
        {
            _heldData = data;
            _heldControl = control;
            return;
        }

        bool last = *_txLast != 0;
        if (*_txKeep != 0xFF && !(last && *_txKeep == 0x0F))
        {
            throw Broken(cycle, $"m_axis_tx_tkeep is {*_txKeep:x2}");
        }

        // PG054 table "s_axis_tx_tuser": bit 0 digest, bit 1 poisoned, bit 3 discontinue; the card uses none. Bit 2 (streamed) is its own affair.
        if ((*_txUser & 0b1011) != 0)
        {
            throw Broken(cycle, $"m_axis_tx_tuser is {*_txUser:x}");
        }

        if (_receivedWords >= Tlp.MaximumWords)
        {
            throw Broken(cycle, "a packet on m_axis_tx does not end");
        }

        _received[_receivedWords++] = (uint)data;
        if (*_txKeep == 0xFF)
        {
            _received[_receivedWords++] = (uint)(data >> 32);
        }

        if (last)
        {
            int words = _receivedWords;
            _receivedWords = 0;
            _root.Receive(_received.AsSpan(0, words), cycle);
        }
    }

    // PG054, "MSI mode": the card holds cfg_interrupt and the vector until cfg_interrupt_rdy.
    private void SampleInterrupt(long cycle)
    {
        LastActivity = cycle;
        if (*_interrupt == 0)
        {
            if (_interruptCycle != long.MaxValue)
            {
                throw Broken(cycle, "cfg_interrupt fell before cfg_interrupt_rdy");
            }

            return;
        }

        if (_interruptCycle == long.MaxValue)
        {
            _offeredVector = *_interruptVector;
            _interruptCycle = cycle + 1 + _random.Next(Math.Max(1, _root.Options.MaximumInterruptLatency));
            return;
        }

        if (*_interruptVector != _offeredVector)
        {
            throw Broken(cycle, "cfg_interrupt_di changed before cfg_interrupt_rdy");
        }

        if (*_interruptReady != 0)
        {
            _interruptCycle = long.MaxValue;
            _acceptedVector = _offeredVector;
        }
    }
}
