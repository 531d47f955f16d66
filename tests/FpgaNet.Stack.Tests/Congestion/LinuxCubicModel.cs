using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp.Congestion;

namespace FpgaNet.Stack.Tests.Congestion;

/// <summary>
/// A model of Linux's CUBIC, to be measured against: windows in whole packets; a counter of acknowledged packets for each one more; the function evaluated ahead by the least
/// round trip and at most 32 times a second while the window stands; β = 717/1024; Reno's estimate grown by α_cubic packets in a round trip; growth
/// of half a window in a round trip at most, and of a twentieth at least before the first loss. Without HyStart, and with a recovery that costs no time: both in its favour.
/// </summary>
internal sealed class LinuxCubicModel : ICongestionControl
{
    private const double Beta = 717.0 / 1024;

    private int _segment;
    private int _packets = 10;
    private int _threshold = int.MaxValue;
    private int _counter;
    private int _count; // packets for one more
    private double _lastMaximum;
    private double _origin;
    private double _k;
    private bool _hasEpoch;
    private Instant _epoch;
    private Instant _updated;
    private int _updatedAt;
    private int _reno;
    private int _renoAcknowledged;
    private int _acknowledged;

    public string Name => "linux-cubic-model";

    public int CongestionWindow => _packets * _segment;

    public int SlowStartThreshold => _threshold == int.MaxValue ? int.MaxValue : _threshold * _segment;

    public long PacingRate => 0;

    public bool OwnsRecovery => false;

    public void Start(in StartEvent start) => _segment = start.MaximumSegmentSize;

    public void Acknowledged(in AckEvent ack)
    {
        if (!ack.WindowWasFull || ack.IsRecovering)
        {
            return;
        }

        _acknowledged += ack.BytesAcknowledged;
        int acknowledged = _acknowledged / _segment;
        _acknowledged -= acknowledged * _segment;
        if (_packets < _threshold)
        {
            int window = Math.Min(_packets + acknowledged, _threshold);
            acknowledged -= window - _packets;
            _packets = window;
            if (acknowledged == 0)
            {
                return;
            }
        }

        Update(acknowledged, ack);
        if (_counter >= _count)
        {
            _counter = 0; // what was counted for a slower growth is worth one packet
            _packets++;
        }

        _counter += acknowledged;
        int more = _counter / _count;
        _counter -= more * _count;
        _packets += more;
    }

    public void LossDetected(in LossEvent loss)
    {
        _hasEpoch = false;
        _lastMaximum = _packets < _lastMaximum ? _packets * (1 + Beta) / 2 : _packets;
        _threshold = Math.Max((int)(_packets * Beta), 2);
        _packets = _threshold;
    }

    public void Recovered(int bytesInFlight)
    {
    }

    public void TimedOut(int bytesInFlight, bool first)
    {
        LossDetected(default);
        _lastMaximum = 0;
        _packets = 1;
    }

    public void Undo()
    {
    }

    public void Idle(in IdleEvent idle)
    {
    }

    public void SegmentSizeChanged(int maximumSegmentSize)
    {
    }

    private void Update(int acknowledged, in AckEvent ack)
    {
        _renoAcknowledged += acknowledged;
        if (_hasEpoch && _packets == _updatedAt && ack.Now - _updated <= TimeSpan.FromSeconds(1.0 / 32))
        {
            return;
        }

        _updated = ack.Now;
        _updatedAt = _packets;
        if (!_hasEpoch)
        {
            _hasEpoch = true;
            _epoch = ack.Now;
            _renoAcknowledged = acknowledged;
            _reno = _packets;
            _k = _lastMaximum <= _packets ? 0 : Math.Cbrt((_lastMaximum - _packets) / 0.4);
            _origin = Math.Max(_lastMaximum, _packets);
        }

        double t = (ack.Now - _epoch + ack.MinimumRoundTrip).TotalSeconds - _k;
        int target = (int)(_origin + (0.4 * t * t * t));
        _count = target > _packets ? _packets / (target - _packets) : 100 * _packets;
        _count = _lastMaximum == 0 ? Math.Min(_count, 20) : _count;

        // Packets that make Reno's window with this β one larger.
        int step = (int)(_packets * (1 + Beta) / (3 * (1 - Beta)));
        while (_renoAcknowledged > step)
        {
            _renoAcknowledged -= step;
            _reno++;
        }

        if (_reno > _packets)
        {
            _count = Math.Min(_count, _packets / (_reno - _packets));
        }

        _count = Math.Max(_count, 2);
    }
}
