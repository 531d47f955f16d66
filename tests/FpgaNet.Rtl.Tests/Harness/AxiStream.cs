using FpgaNet.Sim;

namespace FpgaNet.Rtl.Tests.Harness;

/// <summary>A frame on a stream.</summary>
/// <param name="Data">Its bytes, first on the stream first.</param>
/// <param name="User">tuser as 32-bit words, lowest first; empty for 0.</param>
/// <param name="Flag">Value of the source's <see cref="AxiStreamSource.FlagPin"/> with the last beat.</param>
/// <param name="FlagFrom">The first byte whose beat, and all behind it, have the flag too.</param>
public sealed record StreamFrame(byte[] Data, uint[] User, bool Flag = false, int FlagFrom = int.MaxValue)
{
    public StreamFrame(byte[] data)
        : this(data, [])
    {
    }
}

/// <summary>The pins of one stream; those that a module does not have are absent.</summary>
internal sealed class AxiStreamPins
{
    public AxiStreamPins(VerilatedModel model, string prefix)
    {
        Data = model.Port(prefix + "_tdata");
        Valid = model.Port(prefix + "_tvalid");
        Ready = Find("_tready");
        Keep = Find("_tkeep");
        Last = Find("_tlast");
        User = Find("_tuser");
        Lanes = Data.Bits / 8;

        Port? Find(string name) => model.HasPort(prefix + name) ? model.Port(prefix + name) : null;
    }

    public Port Data { get; }

    public Port Valid { get; }

    public Port? Ready { get; }

    public Port? Keep { get; }

    public Port? Last { get; }

    public Port? User { get; }

    /// <summary>Bytes in a beat.</summary>
    public int Lanes { get; }

    public bool IsReady => Ready is not { } ready || ready.IsSet;

    public static void Write(Port? pin, ReadOnlySpan<uint> words)
    {
        if (pin is not { } port)
        {
            return;
        }

        if (port.Bits <= 64)
        {
            port.Value = (words.Length > 0 ? words[0] : 0) | ((words.Length > 1 ? words[1] : 0UL) << 32);
            return;
        }

        Span<uint> target = port.Words;
        target.Clear();
        words[..Math.Min(words.Length, target.Length)].CopyTo(target);
        if (port.Bits % 32 != 0)
        {
            target[^1] &= (1u << (port.Bits % 32)) - 1;
        }
    }

    public static uint[] Read(Port? pin) => pin switch
    {
        null => [],
        { Bits: <= 32 } port => [(uint)port.Value],
        { Bits: <= 64 } port => [(uint)port.Value, (uint)(port.Value >> 32)],
        { } port => port.Words.ToArray(),
    };
}

/// <summary>
/// Sends frames into an AXI-Stream input. Between beats it stalls at random, and while tvalid is 0 it puts noise on the other pins, so that a module which
/// looks at them is found out. Once tvalid is 1 it holds until taken.
/// </summary>
public sealed class AxiStreamSource : IBenchDriver
{
    private readonly AxiStreamPins _pins;
    private readonly Random _random;
    private readonly Queue<StreamFrame> _queue = new();
    private readonly uint[] _beat;
    private readonly VerilatedModel _model;
    private Port? _flag;
    private int _position;
    private bool _valid;

    public AxiStreamSource(VerilatedModel model, string prefix, Random random, double stall = 0)
    {
        _model = model;
        _pins = new AxiStreamPins(model, prefix);
        _random = random;
        Stall = stall;
        _beat = new uint[Math.Max(2, (_pins.Lanes + 3) / 4)];
    }

    /// <summary>Chance, 0 to 1, that a beat is not offered in a cycle.</summary>
    public double Stall { get; set; }

    /// <summary>Chance, 0 to 1, that a stall comes inside a frame too; a module that must not be starved in a frame wants 0.</summary>
    public bool StallInsideFrames { get; set; } = true;

    /// <summary>Name of a further pin that goes with the last beat (<c>s_axis_drop</c>, <c>s_axis_tx_tabort</c>), set from <see cref="StreamFrame.Flag"/>.</summary>
    public string FlagPin
    {
        set => _flag = _model.Port(value);
    }

    /// <summary>Frames not yet fully taken.</summary>
    public int Pending => _queue.Count;

    /// <summary>Frames fully taken.</summary>
    public int Sent { get; private set; }

    /// <summary>Forgets all frames, also one half sent: the module's reset.</summary>
    public void Clear()
    {
        _queue.Clear();
        _position = 0;
        _valid = false;
    }

    public void Send(byte[] data, params uint[] user) => _queue.Enqueue(new StreamFrame(data, user));

    public void Send(StreamFrame frame) => _queue.Enqueue(frame);

    public void Drive()
    {
        if (_valid)
        {
            return; // held since the last cycle
        }

        bool mayStall = Stall > 0 && (_position == 0 || StallInsideFrames);
        if (_queue.Count == 0 || (mayStall && _random.NextDouble() < Stall))
        {
            _pins.Valid.Value(0);
            DriveNoise();
            return;
        }

        StreamFrame frame = _queue.Peek();
        int count = Math.Min(_pins.Lanes, frame.Data.Length - _position);
        bool last = _position + count == frame.Data.Length;
        Array.Clear(_beat);
        for (int i = 0; i < count; i++)
        {
            _beat[i / 4] |= (uint)frame.Data[_position + i] << (8 * (i % 4));
        }

        AxiStreamPins.Write(_pins.Data, _beat);
        _pins.Keep?.Value((1UL << count) - 1);
        _pins.Last?.Value(last ? 1UL : 0);
        AxiStreamPins.Write(_pins.User, frame.User);
        _flag?.Value(frame.Flag && (last || _position + count > frame.FlagFrom) ? 1UL : 0);
        _pins.Valid.Value(1);
        _valid = true;
    }

    public void Sample()
    {
        if (!_valid || !_pins.IsReady)
        {
            return;
        }

        _valid = false;
        _position += _pins.Lanes;
        if (_position >= _queue.Peek().Data.Length)
        {
            _queue.Dequeue();
            _position = 0;
            Sent++;
        }
    }

    private void DriveNoise()
    {
        for (int i = 0; i < _beat.Length; i++)
        {
            _beat[i] = (uint)_random.NextInt64();
        }

        AxiStreamPins.Write(_pins.Data, _beat);
        _pins.Keep?.Value(_beat[0]);
        _pins.Last?.Value(_beat[0] >> 16);
        AxiStreamPins.Write(_pins.User, _beat);
        _flag?.Value(_beat[0] >> 17);
    }
}

/// <summary>
/// Takes frames from an AXI-Stream output with tready falling at random, and checks the protocol: a beat that is offered stays as it is until taken, tkeep is contiguous
/// from lane 0 and full in every beat but the last, and tuser stands unchanged over a frame where <see cref="UserIsStable"/>.
/// </summary>
public sealed class AxiStreamSink : IBenchDriver
{
    private readonly AxiStreamPins _pins;
    private readonly Random _random;
    private readonly string _prefix;
    private readonly List<byte> _bytes = [];
    private uint[]? _frameUser;
    private (uint[] Data, ulong Keep, ulong Last, uint[] User)? _held;

    public AxiStreamSink(VerilatedModel model, string prefix, Random random, double stall = 0)
    {
        _prefix = prefix;
        _pins = new AxiStreamPins(model, prefix);
        _random = random;
        Stall = stall;
    }

    /// <summary>Chance, 0 to 1, that tready is 0 in a cycle.</summary>
    public double Stall { get; set; }

    /// <summary>tuser must be the same in every beat of a frame.</summary>
    public bool UserIsStable { get; set; } = true;

    /// <summary>Frames that came, oldest first.</summary>
    public Queue<StreamFrame> Frames { get; } = new();

    /// <summary>Beats that came.</summary>
    public long Beats { get; private set; }

    /// <summary>A frame has begun and not ended.</summary>
    public bool InFrame => _bytes.Count != 0;

    /// <summary>Forgets all frames, also one half come: the module's reset.</summary>
    public void Clear()
    {
        Frames.Clear();
        _bytes.Clear();
        _frameUser = null;
        _held = null;
    }

    public void Drive() => _pins.Ready?.Value(Stall > 0 && _random.NextDouble() < Stall ? 0UL : 1);

    public void Sample()
    {
        if (!_pins.Valid.IsSet)
        {
            Assert.IsNull(_held, $"{_prefix}: tvalid fell before the beat was taken");
            return;
        }

        uint[] data = AxiStreamPins.Read(_pins.Data);
        uint[] user = AxiStreamPins.Read(_pins.User);
        ulong full = (1UL << _pins.Lanes) - 1;
        ulong keep = _pins.Keep is { } keepPin ? keepPin.Value : full;
        ulong last = _pins.Last is { } lastPin ? lastPin.Value : 1;
        if (_held is { } held)
        {
            Assert.IsTrue(
                held.Data.AsSpan().SequenceEqual(data) && held.Keep == keep && held.Last == last && held.User.AsSpan().SequenceEqual(user),
                $"{_prefix}: a beat changed before it was taken");
        }

        if (!_pins.IsReady)
        {
            _held = (data, keep, last, user);
            return;
        }

        _held = null;
        Assert.IsTrue(keep != 0 && (keep & (keep + 1)) == 0, $"{_prefix}: tkeep {keep:x} is not contiguous from lane 0");
        Assert.IsTrue(keep == full || last != 0, $"{_prefix}: tkeep {keep:x} is not full inside a frame");
        if (UserIsStable && _frameUser is not null)
        {
            CollectionAssert.AreEqual(_frameUser, user, $"{_prefix}: tuser changed inside a frame");
        }

        _frameUser = user;
        for (int i = 0; i < _pins.Lanes && (keep >> i & 1) != 0; i++)
        {
            _bytes.Add((byte)(data[i / 4] >> (8 * (i % 4))));
        }

        Beats++;
        if (last != 0)
        {
            Frames.Enqueue(new StreamFrame([.. _bytes], user));
            _bytes.Clear();
            _frameUser = null;
        }
    }
}

/// <summary>Setting a pin as a call, so that it can stand behind <c>?.</c>.</summary>
internal static class PortExtensions
{
    public static void Value(this Port port, ulong value) => port.Value = value;
}
