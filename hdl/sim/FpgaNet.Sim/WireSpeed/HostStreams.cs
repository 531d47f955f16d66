namespace FpgaNet.Sim.WireSpeed;

/// <summary>A host that always has a beat for the core and always takes one.</summary>
internal sealed class HostStreams
{
    private readonly Queue<(byte[] Frame, uint[] User)> _frames;
    private readonly int _lanes;
    private Port _data;
    private Port _keep;
    private Port _valid;
    private Port _last;
    private readonly Port _ready;
    private readonly Port _user;
    private readonly Port _received;
    private readonly Port _receivedLast;
    private readonly bool _wide;
    private int _position;
    private bool _offered;

    public HostStreams(VerilatedModel model, IEnumerable<(byte[] Frame, uint[] User)> frames)
    {
        _frames = new(frames);
        _data = model.Port("s_axis_tx_tdata");
        _keep = model.Port("s_axis_tx_tkeep");
        _valid = model.Port("s_axis_tx_tvalid");
        _last = model.Port("s_axis_tx_tlast");
        _ready = model.Port("s_axis_tx_tready");
        _user = model.Port("s_axis_tx_tuser");
        _received = model.Port("m_axis_rx_tvalid");
        _receivedLast = model.Port("m_axis_rx_tlast");
        _lanes = _data.Bits / 8;
        _wide = _user.Bits > 64;
        model.Port("m_axis_rx_tready").IsSet = true;
        model.Port("m_tx_status_tready").IsSet = true;
    }

    /// <summary>Frames handed up.</summary>
    public int Received { get; private set; }

    public void Drive()
    {
        if (_offered)
        {
            return;
        }

        _offered = _frames.TryPeek(out (byte[] Frame, uint[] User) now);
        _valid.IsSet = _offered;
        if (!_offered)
        {
            return;
        }

        int count = Math.Min(_lanes, now.Frame.Length - _position);
        ulong beat = 0;
        for (int i = 0; i < count; i++)
        {
            beat |= (ulong)now.Frame[_position + i] << (8 * i);
        }

        _data.Value = beat;
        _keep.Value = (1UL << count) - 1;
        _last.IsSet = _position + count == now.Frame.Length;
        if (_wide && _position == 0)
        {
            now.User.CopyTo(_user.Words);
        }
    }

    public void Sample()
    {
        if (_received.IsSet && _receivedLast.IsSet)
        {
            Received++;
        }

        if (_offered && _ready.IsSet)
        {
            _offered = false;
            _position += _lanes;
            if (_position >= _frames.Peek().Frame.Length)
            {
                _frames.Dequeue();
                _position = 0;
            }
        }
    }
}
