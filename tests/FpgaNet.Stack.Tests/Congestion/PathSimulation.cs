using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp.Congestion;

namespace FpgaNet.Stack.Tests.Congestion;

/// <summary>
/// Congestion controls on one bottleneck, packet by packet, without TCP: endless data, every packet acknowledged on its own, a loss known once three later packets have arrived,
/// and the window of a recovery used as it is. What a control does here is its own doing, and no fault of loss recovery's.
/// </summary>
internal sealed class PathSimulation
{
    public const int Segment = 1448;
    private const int WireBytes = Segment + 52 + 14 + 24; // headers with time stamps, Ethernet, preamble, check sequence and gap

    private static readonly TimeSpan s_jitter = TimeSpan.FromMilliseconds(0.25);

    private readonly PriorityQueue<Event, (long, long)> _events = new();
    private readonly List<Flow> _flows = [];
    private readonly ulong _seed;
    private long _order;
    private long _busyUntil;
    private double _queueTime; // integral of the queueing delay over packets
    private long _packets;

    public PathSimulation(int seed = 1) => _seed = (ulong)seed;

    public double BitsPerSecond { get; set; } = 100e6;

    public TimeSpan RoundTrip { get; set; } = TimeSpan.FromMilliseconds(50);

    public double Loss { get; set; }

    /// <summary>Loses every n-th packet of each sender, as the response functions of the RFCs have it; 0: none.</summary>
    public int LoseEvery { get; set; }

    /// <summary>Longest time that a packet waits; beyond it is dropped.</summary>
    public TimeSpan Queue { get; set; } = TimeSpan.FromMilliseconds(50);

    public Instant Now { get; private set; }

    public long Drops { get; private set; }

    /// <summary>Average time that packets waited since it was last asked for.</summary>
    public TimeSpan TakeAverageQueue()
    {
        TimeSpan average = new((long)(_queueTime / Math.Max(1, _packets)));
        _queueTime = 0;
        _packets = 0;
        return average;
    }

    /// <summary>The part of the link that so many bytes of payload take.</summary>
    public double Utilisation(long bytes, TimeSpan time) => (double)bytes / Segment * WireBytes * 8 / (BitsPerSecond * time.TotalSeconds);

    /// <summary>Whether the n-th packet of a sender is lost: the same for every run with this seed, whatever the sender does.</summary>
    public static bool IsLost(ulong seed, long number, double loss) => Draw(seed, number) < loss;

    private static double Draw(ulong seed, long number)
    {
        ulong mixed = (seed * 0x9E37_79B9_7F4A_7C15) + (ulong)number;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58_476D_1CE4_E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
        return ((mixed ^ (mixed >> 31)) >> 11) * (1.0 / (1UL << 53));
    }

    public Flow Add(ICongestionControl control, bool isPaced = false)
    {
        Flow flow = new(this, control, _flows.Count, isPaced);
        _flows.Add(flow);
        flow.TrySend();
        return flow;
    }

    public void Run(TimeSpan time)
    {
        Instant end = Now + time;
        while (_events.TryPeek(out _, out (long At, long) first) && first.At <= end.Ticks)
        {
            Event next = _events.Dequeue();
            Now = new Instant(first.At);
            if (next.Number < 0)
            {
                next.Flow.Wake();
            }
            else
            {
                next.Flow.Arrive(next.Number);
            }
        }

        Now = end;
    }

    private void Schedule(Flow flow, long number, long at) => _events.Enqueue(new Event(flow, number), (at, _order++));

    private void Send(Flow flow, long number)
    {
        long start = Math.Max(_busyUntil, Now.Ticks);
        if (start - Now.Ticks > Queue.Ticks)
        {
            Drops++;
            return;
        }

        _queueTime += start - Now.Ticks;
        _packets++;
        _busyUntil = start + (long)(WireBytes * 8 * TimeSpan.TicksPerSecond / BitsPerSecond);
        bool lost = IsLost(_seed + ((ulong)flow.Number << 32), number, Loss) || (LoseEvery != 0 && number % LoseEvery == LoseEvery - 1);
        if (!lost)
        {
            // A little unrest on the way, as hosts have it: without, flows fall into step, and one always finds the queue full.
            long jitter = (long)(Draw(~_seed, number) * s_jitter.Ticks);
            flow.LastArrival = Math.Max(flow.LastArrival, _busyUntil + RoundTrip.Ticks + jitter);
            Schedule(flow, number, flow.LastArrival);
        }
    }

    private readonly record struct Event(Flow Flow, long Number);

    /// <summary>One sender.</summary>
    public sealed class Flow
    {
        private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(1);

        private readonly PathSimulation _path;
        private readonly Dictionary<long, DeliveryStamp> _outstanding = [];
        private readonly DeliveryRateEstimator _estimator = new();
        private Pacer _pacer;
        private long _next;
        private long _oldest;
        private long _recoveryPoint = -1;
        private long _roundEnd;
        private int _inFlight;
        private bool _isLimited;
        private bool _isIdle;
        private TimeSpan _smoothed;
        private TimeSpan _minimum = TimeSpan.MaxValue;
        private Instant _timeoutAt;
        private Instant _wakeAt = Instant.Never;

        public Flow(PathSimulation path, ICongestionControl control, int number, bool isPaced)
        {
            _path = path;
            Control = control;
            Number = number;
            control.Start(new StartEvent
            {
                Now = path.Now,
                MaximumSegmentSize = Segment,
                RoundTrip = path.RoundTrip,
                HasSelectiveAcknowledgements = true,
                IsPaced = isPaced,
            });
        }

        public ICongestionControl Control { get; }

        public int Number { get; }

        public long Delivered => _estimator.Delivered;

        public int InFlight => _inFlight;

        internal long LastArrival { get; set; }

        /// <summary>Packets that the application has at once; the rest of the time it has nothing.</summary>
        public int? ApplicationSegments { get; set; }

        public Action<AckEvent>? Seen { get; set; }

        private bool IsRecovering => _recoveryPoint >= 0;

        public void Pause() => _isIdle = true;

        public void Resume()
        {
            _isIdle = false;
            Control.Idle(new IdleEvent { Now = _path.Now, Duration = TimeSpan.FromSeconds(1), Timeout = TimeSpan.FromMilliseconds(200) });
            TrySend();
        }

        public void Wake()
        {
            if (_wakeAt <= _path.Now)
            {
                _wakeAt = Instant.Never;
            }

            if (_outstanding.Count != 0 && _path.Now >= _timeoutAt)
            {
                Control.TimedOut(_inFlight, first: true);
                LoseBefore(_next);
                _recoveryPoint = -1;
            }

            TrySend();
        }

        public void Arrive(long number)
        {
            Instant now = _path.Now;
            int prior = _inFlight;
            long lostBefore = _estimator.Lost;
            LoseBefore(number - 2);
            if (!_outstanding.Remove(number, out DeliveryStamp stamp))
            {
                return; // taken to be lost by a timeout
            }

            _inFlight -= Segment;
            _estimator.Deliver(stamp, Segment, now);
            if (_estimator.Lost != lostBefore && !IsRecovering)
            {
                _recoveryPoint = _next;
                Control.LossDetected(new LossEvent { Now = now, BytesInFlight = prior });
            }

            bool wasRecovering = IsRecovering;
            if (IsRecovering && number >= _recoveryPoint)
            {
                _recoveryPoint = -1;
                Control.Recovered(_inFlight);
            }

            bool roundStarted = number >= _roundEnd;
            _roundEnd = roundStarted ? _next : _roundEnd;
            TimeSpan roundTrip = now - stamp.SentAt;
            _minimum = roundTrip < _minimum ? roundTrip : _minimum;
            _smoothed = _smoothed == TimeSpan.Zero ? roundTrip : _smoothed + ((roundTrip - _smoothed) / 8);
            AckEvent ack = new()
            {
                Now = now,
                BytesAcknowledged = Segment,
                BytesDelivered = Segment,
                PriorInFlight = prior,
                BytesInFlight = _inFlight,
                BytesLost = (int)(_estimator.Lost - lostBefore),
                WindowWasFull = _isLimited || (Control.CongestionWindow < Control.SlowStartThreshold && prior >= Control.CongestionWindow / 2),
                RoundTrip = roundTrip,
                SmoothedRoundTrip = _smoothed,
                MinimumRoundTrip = _minimum,
                RoundStarted = roundStarted,
                IsRecovering = wasRecovering,
                Delivery = _estimator.Take(_minimum),
            };
            Control.Acknowledged(ack);
            Seen?.Invoke(ack);
            _timeoutAt = now + s_timeout;
            TrySend();
        }

        public void TrySend()
        {
            Instant now = _path.Now;
            bool waitsForWindow = false;
            while (!_isIdle)
            {
                if (_inFlight + Segment > Control.CongestionWindow)
                {
                    waitsForWindow = true;
                    break;
                }

                if (_inFlight >= ApplicationSegments * Segment)
                {
                    _estimator.LimitedByApplication(_inFlight);
                    break;
                }

                if (Control.PacingRate > 0 && !_pacer.MaySend(now))
                {
                    waitsForWindow = _isLimited; // within a round the window had been full: pacing spreads just that
                    WakeAt(_pacer.Due);
                    break;
                }

                _estimator.Sent(out DeliveryStamp stamp, Segment, _inFlight, now);
                _inFlight += Segment;
                _outstanding.Add(_next, stamp);
                if (Control.PacingRate > 0)
                {
                    _pacer.Sent(Segment, Control.PacingRate, now);
                }

                _path.Send(this, _next++);
            }

            if (_isIdle)
            {
                _estimator.LimitedByApplication(_inFlight);
            }

            _isLimited = waitsForWindow;
            if (_outstanding.Count != 0)
            {
                _timeoutAt = _timeoutAt > now ? _timeoutAt : now + s_timeout;
                WakeAt(_timeoutAt);
            }
        }

        private void WakeAt(Instant at)
        {
            if (at < _wakeAt)
            {
                _wakeAt = at;
                _path.Schedule(this, -1, at.Ticks);
            }
        }

        private void LoseBefore(long number)
        {
            for (; _oldest < number; _oldest++)
            {
                if (_outstanding.Remove(_oldest, out DeliveryStamp stamp))
                {
                    _inFlight -= Segment;
                    Control.SegmentLost(_estimator.Lose(stamp, Segment));
                }
            }
        }
    }
}
