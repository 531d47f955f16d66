namespace FpgaNet.Sim.Cable;

/// <summary>Frames on their way from one end of a wire to the other.</summary>
internal sealed class WireDirection : IDisposable
{
    private readonly WireOptions _options;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly Lock _lock = new();
    private readonly long _delay;
    private readonly long _reorderingDelay;

    // Sorted by the time a frame comes out and, at the same time, by when it went in.
    private readonly PriorityQueue<WireFrame, (long Due, long Order)> _frames = new();
    private readonly Stack<WireFrame> _free = new();
    private readonly ITimer? _timer;
    private long _order;
    private long _firstDue = long.MaxValue;
    private int _count;
    private bool _wasFull;

    public WireDirection(WireOptions options, int seed, TimeProvider time)
    {
        _options = options;
        _time = time;
        _random = new Random(seed);
        _delay = Ticks(options.Delay);
        _reorderingDelay = options.Reordering > 0 ? Ticks(options.ReorderingDelay) : 0;
        if (_delay != 0 || _reorderingDelay != 0)
        {
            _timer = time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public WireCounters Counters { get; } = new();

    public Action? Arrived { get; set; }

    public Action? RoomCame { get; set; }

    public int Count => Volatile.Read(ref _count);

    public bool HasRoom => Count < _options.Capacity;

    // Cheap when there is nothing: the card asks every few clocks.
    public bool HasDue => Count != 0 && (_timer is null || Volatile.Read(ref _firstDue) <= _time.GetTimestamp());

    public void Dispose() => _timer?.Dispose();

    public bool TrySend(ReadOnlySpan<byte> bytes, LineDefects defects)
    {
        lock (_lock)
        {
            if (_frames.Count >= _options.Capacity)
            {
                Counters.Full++;
                _wasFull = true;
                return false;
            }

            Counters.Sent++;
            if (Happens(_options.Loss))
            {
                Counters.Lost++;
                return true;
            }

            Enqueue(bytes, defects);
            if (Happens(_options.Duplication))
            {
                Counters.Duplicated++;
                Enqueue(bytes, defects);
            }
        }

        if (_timer is null)
        {
            Arrived?.Invoke();
        }

        return true;
    }

    public WireFrame? TryTake()
    {
        if (!HasDue)
        {
            return null;
        }

        WireFrame frame;
        bool tellRoom;
        lock (_lock)
        {
            if (_frames.Count == 0 || (_timer is not null && _firstDue > _time.GetTimestamp()))
            {
                return null;
            }

            frame = _frames.Dequeue();
            Counters.Delivered++;
            tellRoom = _wasFull;
            _wasFull = false;
            Publish();
        }

        if (tellRoom)
        {
            RoomCame?.Invoke();
        }

        return frame;
    }

    public void Return(WireFrame frame)
    {
        lock (_lock)
        {
            _free.Push(frame);
        }
    }

    private static void FlipBit(Span<byte> bytes, int bit) => bytes[bit / 8] ^= (byte)(1 << (bit % 8));

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _time.TimestampFrequency);

    private bool Happens(double rate) => rate > 0 && _random.NextDouble() < rate;

    private void Enqueue(ReadOnlySpan<byte> bytes, LineDefects defects)
    {
        WireFrame frame = _free.TryPop(out WireFrame? used) ? used : new WireFrame();
        Span<byte> target = frame.Prepare(bytes.Length);
        bytes.CopyTo(target);
        frame.Defects = defects;
        if (Happens(_options.Corruption))
        {
            Counters.Corrupted++;
            FlipBit(target, _random.Next(target.Length * 8));
            frame.Defects |= LineDefects.BadFrameCheck;
        }

        if (Happens(_options.HiddenCorruption))
        {
            Counters.HiddenCorrupted++;
            FlipBit(target, _random.Next(target.Length * 8));
        }

        long due = _timer is null ? 0 : _time.GetTimestamp() + _delay;
        if (Happens(_options.Reordering))
        {
            Counters.Reordered++;
            due += 1 + (long)(_random.NextDouble() * _reorderingDelay);
        }

        _frames.Enqueue(frame, (due, _order++));
        Publish();
    }

    // Under the lock: what others may read without it, and the timer for the next arrival.
    private void Publish()
    {
        long due = _frames.TryPeek(out _, out (long Due, long Order) first) ? first.Due : long.MaxValue;
        Volatile.Write(ref _count, _frames.Count);
        if (due == _firstDue)
        {
            return;
        }

        Volatile.Write(ref _firstDue, due);
        if (_timer is not null && due != long.MaxValue)
        {
            // Rounded up to TimeSpan's unit, so that the timer does not come before its frame.
            double left = Math.Max(0, due - _time.GetTimestamp()) / (double)_time.TimestampFrequency;
            _timer.Change(new TimeSpan((long)Math.Ceiling(left * TimeSpan.TicksPerSecond)), Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        if (HasDue)
        {
            Arrived?.Invoke();
            return;
        }

        lock (_lock)
        {
            _firstDue = long.MaxValue; // the timer came early: set it again
            Publish();
        }
    }
}
