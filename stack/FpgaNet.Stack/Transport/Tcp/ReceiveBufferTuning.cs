using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>
/// How large a receive buffer has to be: dynamic right-sizing (M. Fisk, W. Feng, "Dynamic Right-Sizing in TCP", 2001). What the application took during a round trip is what
/// the path and the application together can do; a window of twice as much never stands in the way of a sender that doubles its own.
/// </summary>
internal struct ReceiveBufferTuning
{
    // The sender's first window (RFC 6928: ten segments) and some more may be on its way whatever was taken so far.
    private const int Reserve = 16;

    private SequenceNumber _turnEnd;
    private Instant _turnBegan;
    private Instant _took;
    private ulong _taken; // read position when the measurement began
    private int _most; // most that was ever taken in a round trip
    private uint _echo;
    private bool _isTurning;

    /// <summary>The round trip as the receiver sees it; zero before the first measurement.</summary>
    public TimeSpan RoundTrip { get; private set; }

    /// <summary>A segment in order came, with an echo of a time stamp: what caused it was sent then (RFC 7323 §4.1 from the other side).</summary>
    /// <param name="echo">The time stamp that is echoed: each counts once, since later segments may be late for other reasons.</param>
    /// <param name="elapsed">Time since it was sent.</param>
    public void Echoed(uint echo, TimeSpan elapsed)
    {
        if (echo == _echo || elapsed < TimeSpan.Zero)
        {
            return;
        }

        _echo = echo;

        // Time stamps count milliseconds. An idle sender makes samples long, never short, so that they weigh little.
        TimeSpan sample = elapsed > TimeSpan.FromMilliseconds(1) ? elapsed : TimeSpan.FromMilliseconds(1);
        RoundTrip = RoundTrip == TimeSpan.Zero || sample < RoundTrip ? sample : RoundTrip + ((sample - RoundTrip) / 8);
    }

    /// <summary>Data in order came and there are no time stamps: no sender gets through a whole window in less than a round trip.</summary>
    /// <param name="next">RCV.NXT.</param>
    /// <param name="edge">The right edge that was offered.</param>
    /// <param name="now">Now.</param>
    public void Advanced(SequenceNumber next, SequenceNumber edge, Instant now)
    {
        if (_isTurning && next < _turnEnd)
        {
            return;
        }

        if (_isTurning)
        {
            TimeSpan turn = now - _turnBegan;
            turn = turn > TimeSpan.Zero ? turn : new TimeSpan(1);
            RoundTrip = RoundTrip == TimeSpan.Zero || turn < RoundTrip ? turn : RoundTrip;
        }

        _isTurning = true;
        _turnBegan = now;
        _turnEnd = edge;
    }

    /// <summary>
    /// Whether <see cref="Took"/> has to be told: not while less was taken since the last measurement than ever was in a round trip. That says nothing whatever the time is, and
    /// reading the clock is a good part of what a small read costs.
    /// </summary>
    /// <param name="position">Bytes taken since the connection began.</param>
    public readonly bool IsNews(ulong position) => position - _taken > (ulong)_most;

    /// <summary>The application has taken data.</summary>
    /// <param name="position">Bytes taken since the connection began.</param>
    /// <param name="segment">The peer's segment size in bytes.</param>
    /// <param name="now">Now.</param>
    /// <returns>The buffer that this asks for, in bytes; 0: no word on it.</returns>
    public long Took(ulong position, int segment, Instant now)
    {
        if (_took == default)
        {
            _took = now;
        }

        if (RoundTrip == TimeSpan.Zero || now - _took < RoundTrip)
        {
            return 0;
        }

        // Over more than a round trip when the application slept: then per round trip.
        double turns = (now - _took) / RoundTrip;
        int taken = (int)Math.Min((position - _taken) / Math.Max(turns, 1), int.MaxValue);
        _took = now;
        _taken = position;
        if (taken <= _most)
        {
            return 0;
        }

        // What grew, up to twice, may do so again before the sender hears of the window: room for that, twice over.
        long size = (2L * taken) + (Reserve * segment);
        size += _most == 0 ? 0 : 2 * size * Math.Min(taken - _most, _most) / _most;
        _most = taken;
        return size;
    }
}
