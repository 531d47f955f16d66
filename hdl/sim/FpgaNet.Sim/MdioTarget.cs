namespace FpgaNet.Sim;

/// <summary>
/// A PHY's end of the management interface (IEEE 802.3 §22.2.4.5) at the pins <c>mdc</c>, <c>mdio_o</c>, <c>mdio_oe</c> and <c>mdio_i</c>, with the pull-up of §22.2.2.13. A station that
/// breaks the rules ends the simulation with an <see cref="EthernetProtocolException"/>.
/// </summary>
public sealed unsafe class MdioTarget
{
    private const int PreambleLength = 32, HeaderLength = 14, TurnaroundLength = 2, FrameLength = 32;

    private readonly byte* _clock;
    private readonly byte* _station;
    private readonly byte* _stationDrives;
    private readonly byte* _pin;

    private byte _lastClock;
    private bool _rose;
    private int _last = 1;

    // The frame so far; before it, the ones of its preamble.
    private int _ones;
    private int _length;
    private uint _bits;
    private bool _isMine;
    private ushort _answer;

    // What the PHY drives; null: it has let go.
    private int? _driven;

    /// <summary>Stands a PHY at a model's pins.</summary>
    /// <param name="model">The model.</param>
    /// <param name="registers">The PHY's registers.</param>
    public MdioTarget(VerilatedModel model, PhyRegisters registers)
    {
        Registers = registers;
        _clock = model.Port("mdc").Address;
        _station = model.Port("mdio_o").Address;
        _stationDrives = model.Port("mdio_oe").Address;
        _pin = model.Port("mdio_i").Address;
        *_pin = 1;
    }

    /// <summary>The PHY's registers.</summary>
    public PhyRegisters Registers { get; }

    /// <summary>The PHY's address, 0 to 31.</summary>
    public int Address { get; set; }

    /// <summary>The PHY is there. One that was pulled answers nothing.</summary>
    public bool IsPresent { get; set; } = true;

    /// <summary>Frames for this PHY so far.</summary>
    public long Frames { get; private set; }

    /// <summary>Sets the card's input for the coming edge.</summary>
    internal void Drive() => *_pin = (byte)(*_stationDrives != 0 ? *_station : _driven ?? 1);

    /// <summary>Looks at the card's outputs as the coming edge sees them.</summary>
    internal void Sample(long cycle)
    {
        int state = *_stationDrives != 0 ? *_station : 2;
        if (*_clock == _lastClock && state == _last && !_rose)
        {
            return;
        }

        bool rises = *_clock != 0 && _lastClock == 0;
        if ((rises || _rose) && state != _last)
        {
            throw new EthernetProtocolException($"cycle {cycle}: MDIO changes as MDC rises (IEEE 802.3 §22.3.4).");
        }

        if (state != 2 && _driven is not null)
        {
            throw new EthernetProtocolException($"cycle {cycle}: card and PHY drive MDIO at the same time (IEEE 802.3 §22.2.4.5).");
        }

        _lastClock = *_clock;
        _last = state;
        _rose = rises;
        if (rises)
        {
            Take(state != 2 ? state : _driven ?? 1, state == 2, cycle);
        }
    }

    private void Take(int bit, bool released, long cycle)
    {
        if (_length == 0)
        {
            // Until the first bit of ST, which is 0.
            if (bit != 0)
            {
                _ones++;
                return;
            }

            if (_ones < PreambleLength)
            {
                _ones = 0;
                return;
            }

            _bits = 0;
        }

        _ones = 0;
        _bits = (_bits << 1) | (uint)bit;
        _length++;
        if (_length == HeaderLength)
        {
            _isMine = IsPresent && _bits >> 12 == 1 && ((_bits >> 5) & 31) == Address;
            if (_isMine && IsRead)
            {
                _answer = Registers.Read((int)_bits & 31);
            }
        }

        if (_length > HeaderLength && released != IsRead)
        {
            throw new EthernetProtocolException($"cycle {cycle}: the card {(released ? "let go of" : "holds")} MDIO in bit {_length - 1} of a {(IsRead ? "read" : "write")} (IEEE 802.3 §22.2.4.5).");
        }

        if (_length == FrameLength)
        {
            EndFrame(cycle);
        }
        else if (_isMine && IsRead && _length > HeaderLength)
        {
            int data = _length - HeaderLength - TurnaroundLength;
            _driven = data < 0 ? 0 : (_answer >> (15 - data)) & 1;
        }
    }

    // OP, wherever the frame stands: bit 3 of it, from 0. A 1 there reads, in clause 45 too.
    private bool IsRead => ((_bits >> (_length - 3)) & 1) != 0;

    private void EndFrame(long cycle)
    {
        if (_isMine)
        {
            Frames++;
            int operation = (int)(_bits >> 28) & 3;
            if (operation == 1)
            {
                if (((_bits >> 16) & 3) != 2)
                {
                    throw new EthernetProtocolException($"cycle {cycle}: the turnaround of a write is not 10 (IEEE 802.3 §22.2.4.5.7).");
                }

                Registers.Write((int)(_bits >> 18) & 31, (ushort)_bits);
            }
        }

        _length = 0;
        _isMine = false;
        _driven = null;
    }
}
