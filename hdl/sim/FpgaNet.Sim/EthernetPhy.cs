using System.Runtime.CompilerServices;
using FpgaNet.Sim.Cable;

namespace FpgaNet.Sim;

/// <summary>What passed a PHY.</summary>
public sealed class PhyCounters
{
    /// <summary>Frames that the card sent.</summary>
    public long FromCard { get; internal set; }

    /// <summary>Their bytes, without frame check sequence.</summary>
    public long BytesFromCard { get; internal set; }

    /// <summary>Frames sent to the card, the bad ones included.</summary>
    public long ToCard { get; internal set; }

    /// <summary>Their bytes, without frame check sequence.</summary>
    public long BytesToCard { get; internal set; }

    /// <summary>Frames of the card that found the wire full and were dropped, as a switch with full queues would.</summary>
    public long DroppedAtWire { get; internal set; }
}

/// <summary>
/// A gigabit PHY at the card's GMII pins (IEEE 802.3 clause 35), between the card and one end of a wire. It puts frames on the pins with preamble, padding,
/// check sequence and gap, or with the defects asked for; and it checks what the card sends to the byte: preamble, sizes,
/// check sequence, gap. A card that breaks these rules ends the simulation with an <see cref="EthernetProtocolException"/>.
/// </summary>
public sealed unsafe class EthernetPhy
{
    private const byte Preamble = 0x55;
    private const byte StartDelimiter = 0xD5;
    private const int PreambleLength = 7;
    private const int MinimumFrame = 60;
    private const int MinimumGap = 12; // IEEE 802.3 §4.4.2: 96 bit times

    // A card that reads the PHY's registers knows of a change by then.
    private const int NoticeCycles = 8192;

    private readonly WireEnd _wire;
    private readonly int _maximumFrame;

    // wire → card
    private readonly byte* _rxData;
    private readonly byte* _rxValid;
    private readonly byte* _rxError;
    private readonly byte[] _line = new byte[WireFrame.MaximumLength + 64];
    private int _linePosition;
    private int _lineLength;
    private int _errorPosition = -1;
    private int _gapLeft;

    // card → wire
    private readonly byte* _txData;
    private readonly byte* _txEnable;
    private readonly byte* _txError;
    private readonly byte[] _sent = new byte[WireFrame.MaximumLength];
    private int _sentLength;
    private bool _sending;
    private long _idleSince = -MinimumGap;

    // Until when the other end has been asked to send nothing.
    private long _pausedUntil;

    private readonly Port _linkUp;
    private readonly Port? _speed;
    private bool _hadLink;

    internal EthernetPhy(VerilatedModel model, WireEnd wire, int maximumFrame)
    {
        _wire = wire;
        _maximumFrame = maximumFrame;
        _rxData = model.Port("gmii_rxd").Address;
        _rxValid = model.Port("gmii_rx_dv").Address;
        _rxError = model.Port("gmii_rx_er").Address;
        _txData = model.Port("gmii_txd").Address;
        _txEnable = model.Port("gmii_tx_en").Address;
        _txError = model.Port("gmii_tx_er").Address;
        _linkUp = model.Port("link_up");
        _linkUp.Value = 1;
        _speed = model.HasPort("link_speed") ? model.Port("link_speed") : null;
        Management = model.HasPort("mdc") ? new MdioTarget(model, new PhyRegisters()) : null;
        _hadLink = LinkUp;
        foreach (string enable in (ReadOnlySpan<string>)["gmii_rx_ce", "gmii_tx_ce"])
        {
            if (model.HasPort(enable))
            {
                Port pin = model.Port(enable);
                pin.Value = 1; // a byte in every clock, as at a gigabit
            }
        }
    }

    /// <summary>What has passed.</summary>
    public PhyCounters Counters { get; } = new();

    /// <summary>The PHY's registers and the pins behind which they stand; null: the card has no such pins, and its pin <c>link_up</c> tells of the cable.</summary>
    public MdioTarget? Management { get; }

    /// <summary>The speed at which the card runs its MAC interface, as its pin <c>link_speed</c> has it: 0, 10 Mb/s; 1, 100 Mb/s; 2, 1 Gb/s. These pins run at the last whatever it says.</summary>
    public int Speed => _speed is { } pin ? (int)pin.Value : 2;

    /// <summary>There is a link; set, the cable goes in or out. Without a link frames from the wire wait.</summary>
    public bool LinkUp
    {
        get => Management is null ? _linkUp.IsSet : Management.IsPresent && Management.Registers.Link != LinkModes.None;
        set
        {
            if (Management is null)
            {
                _linkUp.IsSet = value;
            }
            else
            {
                Management.Registers.HasCable = value;
            }
        }
    }

    /// <summary>
    /// The other end of the cable obeys the card's PAUSE frames, as the MAC of a switch's port would (IEEE 802.3 annex 31B): it begins no frame while it is held, and hands them on to nobody.
    /// Otherwise they are frames as others, and go to the wire.
    /// </summary>
    public bool ObeysPause { get; set; }

    /// <summary>The wire has no frame for the card, and none is on the pins.</summary>
    public bool IsIdle
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _lineLength == 0 && !_sending && *_txEnable == 0 && (!LinkUp || !_wire.HasFrame) && _hadLink == LinkUp;
    }

    /// <summary>A cable of pins in the wire's place; null: none. What the card sends is checked all the same.</summary>
    internal IPinLine? Line { get; set; }

    /// <summary>Called when the wire has a frame for the card: from any thread.</summary>
    internal Action? FrameArrived
    {
        set => _wire.FrameArrived = value;
    }

    /// <summary>The last cycle in which a byte passed the pins.</summary>
    internal long LastActivity { get; private set; }

    /// <summary>Sets the card's inputs for the coming edge.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Drive(long cycle)
    {
        Management?.Drive();
        if (_hadLink != LinkUp)
        {
            _hadLink = !_hadLink;
            LastActivity = cycle + NoticeCycles;
        }

        if (Line is not null)
        {
            DriveLine(cycle);
        }
        else if (_lineLength != 0)
        {
            LastActivity = cycle;
            DriveByte();
        }
        else if (_gapLeft != 0)
        {
            _gapLeft--;
        }
        else if (_wire.HasFrame && cycle >= _pausedUntil)
        {
            StartFrame();
        }
    }

    /// <summary>Looks at the card's outputs as the coming edge sees them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Sample(long cycle)
    {
        Management?.Sample(cycle);
        Line?.Leaving(cycle, new PinState(*_txData, *_txEnable != 0, *_txError != 0));
        if (*_txEnable != 0)
        {
            SampleByte(cycle);
        }
        else if (_sending)
        {
            EndFrame(cycle);
        }
        else if (*_txError != 0)
        {
            throw new EthernetProtocolException($"cycle {cycle}: gmii_tx_er without gmii_tx_en (IEEE 802.3 table 35-1).");
        }
    }

    internal void Reset()
    {
        _sending = false;
        _sentLength = 0;
        _lineLength = 0;
        _pausedUntil = 0;
        *_rxValid = 0;
        *_rxError = 0;
    }

    private void DriveLine(long cycle)
    {
        PinState pins = Line!.Arriving(cycle);
        *_rxData = pins.Data;
        *_rxValid = pins.Valid ? (byte)1 : (byte)0;
        *_rxError = pins.Error ? (byte)1 : (byte)0;
        if (pins.Valid)
        {
            LastActivity = cycle;
        }
    }

    private void StartFrame()
    {
        if (!LinkUp || _wire.TryTake() is not { } frame)
        {
            return;
        }

        LineDefects defects = frame.Defects;
        int preamble = (defects & LineDefects.ShortPreamble) != LineDefects.None ? 1 : PreambleLength;
        Span<byte> line = _line;
        line[..preamble].Fill(Preamble);
        line[preamble] = (defects & LineDefects.NoStartDelimiter) != LineDefects.None ? Preamble : StartDelimiter;
        int start = preamble + 1;
        frame.Bytes.CopyTo(line[start..]);
        int length = frame.Length;
        if (length < MinimumFrame && (defects & LineDefects.NoPadding) == LineDefects.None)
        {
            line.Slice(start + length, MinimumFrame - length).Clear();
            length = MinimumFrame;
        }

        uint check = FrameCheckSequence.Compute(line.Slice(start, length));
        if ((defects & LineDefects.BadFrameCheck) != LineDefects.None)
        {
            check ^= 0x0000_0100;
        }

        BitConverter.TryWriteBytes(line[(start + length)..], check);
        _lineLength = start + length + FrameCheckSequence.Length;
        if ((defects & LineDefects.Cut) != LineDefects.None)
        {
            _lineLength = start + (length / 2);
        }

        _errorPosition = (defects & LineDefects.PhyError) != LineDefects.None ? start + (length / 3) : -1;
        _linePosition = 0;
        Counters.ToCard++;
        Counters.BytesToCard += length;
        _wire.Return(frame);
        DriveByte();
    }

    private void DriveByte()
    {
        if (_linePosition == _lineLength)
        {
            *_rxValid = 0;
            *_rxError = 0;
            *_rxData = 0;
            _lineLength = 0;
            _gapLeft = MinimumGap - 1;
            return;
        }

        *_rxError = _linePosition == _errorPosition ? (byte)1 : (byte)0;
        *_rxData = _line[_linePosition++];
        *_rxValid = 1;
    }

    private void SampleByte(long cycle)
    {
        LastActivity = cycle;
        if (!_sending)
        {
            // Every station must leave the gap; that a receiver may see less of it (§4.2.3.2.2) does not concern a sender.
            if (cycle - _idleSince < MinimumGap)
            {
                throw new EthernetProtocolException($"cycle {cycle}: the card left a gap of {cycle - _idleSince} bytes between frames (IEEE 802.3 §4.4.2).");
            }

            _sending = true;
            _sentLength = 0;
        }

        if (*_txError != 0)
        {
            throw new EthernetProtocolException($"cycle {cycle}: the card spoilt its own frame with gmii_tx_er.");
        }

        if (_sentLength == _sent.Length)
        {
            throw new EthernetProtocolException($"cycle {cycle}: the card's frame does not end.");
        }

        _sent[_sentLength++] = *_txData;
    }

    private void EndFrame(long cycle)
    {
        _sending = false;
        _idleSince = cycle;
        ReadOnlySpan<byte> frame = CheckFrame(_sent.AsSpan(0, _sentLength), cycle, _maximumFrame);
        Counters.FromCard++;
        Counters.BytesFromCard += frame.Length;
        if (ObeysPause && PauseFrame.TryRead(frame, out ushort quanta))
        {
            _pausedUntil = cycle + (quanta * PauseFrame.QuantumBits / 8);
        }
        else if (Line is null && (!LinkUp || !_wire.TrySend(frame)))
        {
            Counters.DroppedAtWire++;
        }
    }

    /// <summary>Checks what a station put on the line from the first byte of its preamble to the last of its check sequence.</summary>
    /// <param name="line">The bytes.</param>
    /// <param name="cycle">The clock cycle, for messages.</param>
    /// <param name="maximumFrame">Longest frame allowed, without check sequence.</param>
    /// <returns>The frame, without preamble and check sequence.</returns>
    /// <exception cref="EthernetProtocolException">A rule of IEEE 802.3 is broken.</exception>
    public static ReadOnlySpan<byte> CheckFrame(ReadOnlySpan<byte> line, long cycle, int maximumFrame)
    {
        if (line.Length < PreambleLength + 1 || line[..PreambleLength].ContainsAnyExcept(Preamble) || line[PreambleLength] != StartDelimiter)
        {
            throw new EthernetProtocolException($"cycle {cycle}: the card's frame does not begin with seven bytes 55 and D5 (IEEE 802.3 §3.2.1, §3.2.2).");
        }

        line = line[(PreambleLength + 1)..];
        if (line.Length < MinimumFrame + FrameCheckSequence.Length || line.Length > maximumFrame + FrameCheckSequence.Length)
        {
            throw new EthernetProtocolException($"cycle {cycle}: the card's frame has {line.Length} bytes with its check sequence (IEEE 802.3 §4.4.2).");
        }

        ReadOnlySpan<byte> frame = line[..^FrameCheckSequence.Length];
        uint check = BitConverter.ToUInt32(line[^FrameCheckSequence.Length..]);
        if (check != FrameCheckSequence.Compute(frame))
        {
            throw new EthernetProtocolException($"cycle {cycle}: the card's frame of {frame.Length} bytes has a wrong check sequence (IEEE 802.3 §3.2.9).");
        }

        return frame;
    }
}

/// <summary>The card broke a rule of IEEE 802.3 on its GMII pins.</summary>
public sealed class EthernetProtocolException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">The rule and the cycle.</param>
    public EthernetProtocolException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    public EthernetProtocolException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">The rule and the cycle.</param>
    /// <param name="innerException">Its cause.</param>
    public EthernetProtocolException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
