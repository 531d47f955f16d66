using System.Buffers.Binary;
using FpgaNet.Sim.Cable;

namespace FpgaNet.Sim.WireSpeed;

/// <summary>A core's wire in both directions, kept full on the way in and watched on the way out. Times are counted in bytes.</summary>
internal abstract class WireLine(int skip)
{
    protected const int Gap = 12;
    protected const int Preamble = 8;

    /// <summary>Frames that left.</summary>
    public int Frames { get; protected set; }

    /// <summary>Bytes from the preamble of the first frame that counts to the end of the last frame, with the least gaps that the standard allows.</summary>
    protected long Used { get; set; }

    /// <summary>Byte times since the measurement began.</summary>
    protected long Since { get; set; }

    /// <summary>The same bytes as they stood on the wire.</summary>
    protected long Elapsed { get; set; }

    /// <summary>Share of the wire's byte times that were used, 0 to 1; at an XGMII over 1 by as much as the deficit of 3 bytes in idle.</summary>
    public double Share => Elapsed == 0 ? 0 : (double)Used / Elapsed;

    /// <summary>Everything to be received has been on the pins.</summary>
    public bool Played { get; protected set; }

    /// <summary>Sets the receive pins for the coming clock.</summary>
    public abstract void Drive();

    /// <summary>Looks at the transmit pins as the coming clock edge sees them.</summary>
    public abstract void Sample();

    /// <summary>A frame begins: with the first that counts the measurement does, each later one has the least gap before it for free.</summary>
    protected void Begin()
    {
        Used = Frames == skip ? 0 : Used + Gap;
        Since = Frames == skip ? 1 : Since;
    }

    /// <summary>A frame from preamble to check sequence.</summary>
    protected static byte[] OnWire(byte[] frame)
    {
        byte[] wire = new byte[Preamble + frame.Length + FrameCheckSequence.Length];
        wire.AsSpan(0, Preamble - 1).Fill(0x55);
        wire[Preamble - 1] = 0xD5;
        frame.CopyTo(wire, Preamble);
        BinaryPrimitives.WriteUInt32LittleEndian(wire.AsSpan(Preamble + frame.Length), FrameCheckSequence.Compute(frame));
        return wire;
    }
}

/// <summary>A GMII, a byte in every <c>divider</c>-th clock: 1 for gigabit, 4 behind an RMII at 50 MHz.</summary>
internal sealed class GmiiLine(VerilatedModel model, IEnumerable<byte[]> frames, int skip, int divider) : WireLine(skip)
{
    private readonly Queue<byte[]> _toCore = new(frames.Select(OnWire).Prepend([])); // a gap first: a carrier that stands when the reset ends would be skipped
    private Port _rxEnable = model.Port("gmii_rx_ce");
    private Port _rxData = model.Port("gmii_rxd");
    private Port _rxValid = model.Port("gmii_rx_dv");
    private Port _txEnable = model.Port("gmii_tx_ce");
    private Port _txValid = model.Port("gmii_tx_en");
    private int _clock;
    private int _position;
    private bool _inFrame;

    public override void Drive()
    {
        bool enable = _clock++ % divider == 0;
        _rxEnable.IsSet = enable;
        _txEnable.IsSet = enable;
        if (!enable)
        {
            return;
        }

        bool valid = _toCore.TryPeek(out byte[]? now) && _position < now.Length;
        _rxValid.IsSet = valid;
        _rxData.Value = valid ? now![_position] : 0u;
        Played = now is null;
        if (now is not null && ++_position == now.Length + Gap)
        {
            _toCore.Dequeue();
            _position = 0;
        }
    }

    public override void Sample()
    {
        if (!_txEnable.IsSet)
        {
            return;
        }

        Since++;
        if (_txValid.IsSet)
        {
            if (!_inFrame)
            {
                Begin();
            }

            Used++;
            _inFrame = true;
        }
        else if (_inFrame)
        {
            _inFrame = false;
            Frames++;
            Elapsed = Since - 1;
        }
    }
}

/// <summary>An XGMII of 64 bits; its gaps average 12 bytes by a deficit idle count (IEEE 802.3 clause 46.3.1.4).</summary>
internal sealed class XgmiiLine : WireLine
{
    private const byte Idle = 0x07;
    private const byte Start = 0xFB;
    private const byte Terminate = 0xFD;

    private readonly List<(byte Value, bool Control)> _toCore = [];
    private readonly Port _rxData;
    private readonly Port _rxControl;
    private readonly Port _txData;
    private readonly Port _txControl;
    private int _position;
    private bool _inFrame;

    public XgmiiLine(VerilatedModel model, IEnumerable<byte[]> frames, int skip)
        : base(skip)
    {
        _rxData = model.Port("xgmii_rxd");
        _rxControl = model.Port("xgmii_rxc");
        _txData = model.Port("xgmii_txd");
        _txControl = model.Port("xgmii_txc");
        int deficit = 0;
        foreach (byte[] wire in frames.Select(OnWire))
        {
            _toCore.Add((Start, true));
            _toCore.AddRange(wire[1..].Select(b => (b, false)));
            _toCore.Add((Terminate, true));
            deficit += wire.Length % 4;
            int gap = Gap - (wire.Length % 4) + (deficit > 3 ? 4 : 0);
            deficit %= 4;
            _toCore.AddRange(Enumerable.Repeat((Idle, true), gap - 1));
        }
    }

    public override void Drive()
    {
        ulong data = 0;
        ulong control = 0;
        for (int lane = 0; lane < 8; lane++, _position++)
        {
            (byte value, bool isControl) = _position < _toCore.Count ? _toCore[_position] : (Idle, true);
            data |= (ulong)value << (8 * lane);
            control |= isControl ? 1UL << lane : 0;
        }

        Port dataPin = _rxData;
        Port controlPin = _rxControl;
        dataPin.Value = data;
        controlPin.Value = control;
        Played = _position >= _toCore.Count;
    }

    public override void Sample()
    {
        ulong data = _txData.Value;
        ulong control = _txControl.Value;
        for (int lane = 0; lane < 8; lane++)
        {
            bool isControl = (control >> lane & 1) != 0;
            byte value = (byte)(data >> (8 * lane));
            Since++;
            if (isControl && value == Start)
            {
                Begin();
                _inFrame = true;
            }
            else if (isControl && value == Terminate)
            {
                _inFrame = false;
                Frames++;
                Elapsed = Since - 1;
            }

            Used += _inFrame ? 1 : 0;
        }
    }
}
