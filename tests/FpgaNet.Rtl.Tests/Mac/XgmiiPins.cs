using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Sim;

namespace FpgaNet.Rtl.Tests.Mac;

/// <summary>The control characters of an XGMII (IEEE 802.3 table 46-3).</summary>
internal static class XgmiiCharacter
{
    public const byte Idle = 0x07;
    public const byte Sequence = 0x9C;
    public const byte Start = 0xFB;
    public const byte Terminate = 0xFD;
    public const byte Error = 0xFE;
}

/// <summary>Reads the transmit pins of an XGMII and checks the rules of clause 46: where frames start, what stands between them.</summary>
internal sealed class XgmiiListener(VerilatedModel model) : IBenchDriver
{
    private readonly Port _data = model.Port("xgmii_txd");
    private readonly Port _control = model.Port("xgmii_txc");
    private readonly List<byte> _bytes = [];
    private readonly byte[] _column = new byte[4];
    private bool _inFrame;
    private bool _spoiled;
    private int _gap;
    private int _gapBefore;

    /// <summary>What came: bytes from the preamble (its first is the start character's place) to the check sequence, bytes of gap before from terminate on, error characters.</summary>
    public Queue<(byte[] Bytes, int Gap, bool Spoiled)> Bursts { get; } = new();

    /// <summary>Frames that started in lane 0 and in lane 4.</summary>
    public int[] Starts { get; } = new int[2];

    /// <summary>Remote fault ordered sets.</summary>
    public int RemoteFaults { get; private set; }

    public void Drive()
    {
    }

    public void Sample()
    {
        ulong data = _data.Value;
        ulong control = _control.Value;
        for (int lane = 0; lane < 8; lane++)
        {
            byte value = (byte)(data >> (8 * lane));
            bool isControl = (control >> lane & 1) != 0;
            _column[lane % 4] = value;
            if (_inFrame)
            {
                InFrame(value, isControl);
            }
            else if (isControl && value == XgmiiCharacter.Start)
            {
                Assert.AreEqual(0, lane % 4, "a frame starts in the middle of a column");
                Starts[lane / 4]++;
                (_inFrame, _spoiled, _gapBefore) = (true, false, _gap);
                _bytes.Add(0x55);
            }
            else
            {
                _gap++;
                BetweenFrames(value, isControl, lane);
            }
        }
    }

    private void InFrame(byte value, bool isControl)
    {
        if (!isControl)
        {
            _bytes.Add(value);
        }
        else if (value == XgmiiCharacter.Terminate)
        {
            Bursts.Enqueue(([.. _bytes], _gapBefore, _spoiled));
            _bytes.Clear();
            (_inFrame, _gap) = (false, 1);
        }
        else
        {
            Assert.AreEqual(XgmiiCharacter.Error, value, "a control character in a frame");
            _spoiled = true;
        }
    }

    private void BetweenFrames(byte value, bool isControl, int lane)
    {
        if (isControl && value == XgmiiCharacter.Sequence)
        {
            Assert.AreEqual(0, lane % 4, "an ordered set starts in the middle of a column");
            return;
        }

        if (isControl)
        {
            Assert.AreEqual(XgmiiCharacter.Idle, value, "a control character between frames");
            return;
        }

        Assert.AreEqual(XgmiiCharacter.Sequence, _column[0], "data between frames");
        if (lane % 4 == 3)
        {
            CollectionAssert.AreEqual(new byte[] { XgmiiCharacter.Sequence, 0, 0, 2 }, _column);
            RemoteFaults++;
        }
    }
}

/// <summary>Plays carrier events and link faults on the receive pins of an XGMII; a frame starts in the next column that may hold a start.</summary>
internal sealed class XgmiiTalker(VerilatedModel model, Random random) : IBenchDriver
{
    private readonly Port _data = model.Port("xgmii_rxd");
    private readonly Port _control = model.Port("xgmii_rxc");
    private readonly Queue<(byte Value, bool Control)> _line = new();

    public bool Pending => _line.Count != 0;

    /// <summary>Plays a carrier event as a PHY of 10 Gb/s would show it: with the whole preamble, the start character in place of its first byte.</summary>
    public void Play(CarrierEvent carrier)
    {
        int delimiter = Array.IndexOf(carrier.Bytes, (byte)0xD5);
        bool delimited = delimiter >= 0 && carrier.Bytes.AsSpan(0, delimiter).IndexOfAnyExcept((byte)0x55) < 0;
        byte[] frame = delimited ? EthernetReference.WithPreamble(carrier.Bytes.AsSpan(delimiter + 1)) : EthernetReference.WithPreamble(new byte[random.Next(90)]);
        if (!delimited)
        {
            frame[7] = 0x5D;
        }

        int error = carrier.ErrorAt < 0 ? -1 : carrier.ErrorAt <= delimiter ? 1 + (carrier.ErrorAt % 7) : carrier.ErrorAt - delimiter + 7;
        while (_line.Count % 4 != 0)
        {
            Add(XgmiiCharacter.Idle, control: true);
        }

        Add(XgmiiCharacter.Start, control: true);
        for (int i = 1; i < frame.Length; i++)
        {
            Add(i == error ? XgmiiCharacter.Error : frame[i], i == error);
        }

        Add(XgmiiCharacter.Terminate, control: true);
        for (int i = 1; i < carrier.Gap; i++)
        {
            Add(XgmiiCharacter.Idle, control: true);
        }
    }

    /// <summary>Plays ordered sets of a link fault, each in a column of its own with columns of idle behind it.</summary>
    public void PlayFault(byte fault, int count, int idleColumns)
    {
        for (int i = 0; i < count; i++)
        {
            Add(XgmiiCharacter.Sequence, control: true);
            Add(0, control: false);
            Add(0, control: false);
            Add(fault, control: false);
            for (int k = 0; k < 4 * idleColumns; k++)
            {
                Add(XgmiiCharacter.Idle, control: true);
            }
        }
    }

    public void Drive()
    {
        ulong data = 0;
        ulong control = 0;
        for (int lane = 0; lane < 8; lane++)
        {
            (byte value, bool isControl) = _line.TryDequeue(out (byte, bool) next) ? next : (XgmiiCharacter.Idle, true);
            data |= (ulong)value << (8 * lane);
            control |= isControl ? 1UL << lane : 0;
        }

        _data.Value(data);
        _control.Value(control);
    }

    public void Sample()
    {
    }

    private void Add(byte value, bool control) => _line.Enqueue((value, control));
}
