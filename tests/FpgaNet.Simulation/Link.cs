using FpgaNet.Packets.Wire;

namespace FpgaNet.Simulation;

/// <summary>One direction of a wire: a queue, a speed, a delay, and faults drawn from the network's seed.</summary>
public sealed class Link
{
    private const int FrameOverhead = 24; // preamble, frame check sequence and gap (IEEE 802.3)

    private static readonly TimeSpan s_longestBurstPause = TimeSpan.FromSeconds(1);

    private readonly VirtualNetwork _network;
    private readonly IWireEnd _to;
    private readonly bool _holdsSenderBack;
    private readonly Queue<(TimeSpan SentAt, int Bytes)> _queue = new();
    private readonly List<Rule> _rules = [];
    private TimeSpan _busyUntil;
    private TimeSpan _lastArrival;
    private bool _isBad;
    private TimeSpan _lastDrawAt;

    internal Link(VirtualNetwork network, string name, int number, LinkModel model, IWireEnd to, bool holdsSenderBack)
    {
        _network = network;
        _to = to;
        _holdsSenderBack = holdsSenderBack;
        Name = name;
        Number = number;
        Model = model;
    }

    public string Name { get; }

    /// <summary>How it treats frames; may be changed at any time.</summary>
    public LinkModel Model { get; set; }

    /// <summary>Whether the cable is plugged in: frames sent meanwhile are lost.</summary>
    public bool IsUp { get; set; } = true;

    /// <summary>Frames offered, and what became of them.</summary>
    public long Offered { get; private set; }

    public long Delivered { get; private set; }

    public long BytesDelivered { get; private set; }

    /// <summary>Lost on the wire, to rules of the test, or while the link was down.</summary>
    public long Lost { get; private set; }

    public long QueueDrops { get; private set; }

    public long Marked { get; private set; }

    /// <summary>Most bytes that ever waited.</summary>
    public long PeakQueueBytes { get; private set; }

    /// <summary>Bytes that wait now.</summary>
    public long QueuedBytes
    {
        get
        {
            Prune();
            return QueuedBytesUnpruned;
        }
    }

    /// <summary>Whether a host may send now; otherwise it is told when room has come.</summary>
    internal bool HasRoom
    {
        get
        {
            Prune();
            return _queue.Count < Model.QueueFrames && QueuedBytesUnpruned < Model.QueueBytes;
        }
    }

    /// <summary>When the queue's first frame is gone.</summary>
    internal TimeSpan RoomAt => _queue.TryPeek(out (TimeSpan SentAt, int) first) ? first.SentAt : _network.Time.Elapsed;

    internal int Number { get; }

    private long QueuedBytesUnpruned { get; set; }

    /// <summary>Drops frames that a test picks: those that fit, after the first <paramref name="skip"/>, <paramref name="times"/> of them.</summary>
    /// <returns>This link.</returns>
    public Link Drops(Func<PacketView, bool> which, int skip = 0, int times = int.MaxValue)
    {
        _rules.Add(new Rule(which, skip, times));
        return this;
    }

    /// <summary>Drops the first frame that fits of each flow: "every SYN once".</summary>
    /// <returns>This link.</returns>
    public Link DropsFirstOfEachFlow(Func<PacketView, bool> which)
    {
        HashSet<(UInt128, ushort, UInt128, ushort)> seen = [];
        return Drops(view => which(view) && seen.Add(view.Flow));
    }

    /// <summary>Sends a frame.</summary>
    public void Send(WireFrame frame)
    {
        Offered++;
        TimeSpan now = _network.Time.Elapsed;
        Prune();
        if (!IsUp)
        {
            Lose(frame, Fate.LinkDown);
            return;
        }

        int length = frame.Bytes.Length;
        LinkModel model = Model;
        if (!_holdsSenderBack && (_queue.Count >= model.QueueFrames || QueuedBytesUnpruned + length > model.QueueBytes))
        {
            QueueDrops++;
            _network.Log.Add(now, this, frame.Bytes, Fate.QueueFull);
            return;
        }

        Fate fate = Fate.Sent;
        if (QueuedBytesUnpruned >= model.EcnThresholdBytes && TryMark(ref frame))
        {
            Marked++;
            fate = Fate.Marked;
        }

        _busyUntil = (_busyUntil > now ? _busyUntil : now) + Serialize(length);
        if (_busyUntil > now)
        {
            _queue.Enqueue((_busyUntil, length));
            QueuedBytesUnpruned += length;
            PeakQueueBytes = Math.Max(PeakQueueBytes, QueuedBytesUnpruned);
        }

        Carry(frame, model, fate);
    }

    private void Carry(WireFrame frame, LinkModel model, Fate fate)
    {
        Random random = _network.Random;
        bool faulty = _network.IsFaulty;
        if (IsPicked(frame))
        {
            Lose(frame, Fate.Dropped);
            return;
        }

        if (faulty && (Draw(random, model.Loss) | IsLostInBurst(random, model.Burst)))
        {
            Lose(frame, Fate.Lost);
            return;
        }

        if (faulty && !frame.IsDamaged && Draw(random, model.Corrupt))
        {
            byte[] damaged = [.. frame.Bytes];
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            frame = new WireFrame(damaged, IsDamaged: true);
            fate = Fate.Damaged;
        }

        int copies = 1;
        if (faulty && Draw(random, model.Duplicate))
        {
            copies = 2;
            fate = Fate.Duplicated;
        }

        _network.Log.Add(_network.Time.Elapsed, this, frame.Bytes, fate);
        for (int i = 0; i < copies; i++)
        {
            TimeSpan at = _busyUntil + model.Delay;
            if (model.Jitter > TimeSpan.Zero)
            {
                at += TimeSpan.FromTicks(random.NextInt64(model.Jitter.Ticks + 1));
            }

            if (faulty && Draw(random, model.Reorder))
            {
                at += TimeSpan.FromTicks(random.NextInt64((model.ReorderDelay ?? model.Delay).Ticks + 1));
            }
            else
            {
                at = _lastArrival = at > _lastArrival ? at : _lastArrival;
            }

            Delivered++;
            BytesDelivered += frame.Bytes.Length;
            _network.Schedule(at, _to, frame);
        }
    }

    private void Lose(WireFrame frame, Fate fate)
    {
        Lost++;
        _network.Log.Add(_network.Time.Elapsed, this, frame.Bytes, fate);
    }

    private bool IsPicked(WireFrame frame)
    {
        if (_rules.Count == 0)
        {
            return false;
        }

        PacketView view = PacketView.Of(frame.Bytes);
        bool picked = false;
        foreach (Rule rule in _rules)
        {
            picked |= rule.Picks(view);
        }

        return picked;
    }

    private bool IsLostInBurst(Random random, GilbertElliott? burst)
    {
        if (burst is null)
        {
            return false;
        }

        // The chain moves with each frame; a pause ends a burst as well, or a sender that has slowed down would wait for ever in the bad state.
        _isBad &= _network.Time.Elapsed - _lastDrawAt < s_longestBurstPause;
        _lastDrawAt = _network.Time.Elapsed;
        _isBad = _isBad ? !Draw(random, burst.ToGood) : Draw(random, burst.ToBad);
        return Draw(random, _isBad ? burst.LossInBad : burst.LossInGood);
    }

    // No draw where nothing can happen: a model without faults leaves the run of random numbers to others.
    private static bool Draw(Random random, double probability) => probability > 0 && random.NextDouble() < probability;

    private TimeSpan Serialize(int bytes) =>
        Model.BitsPerSecond == 0 ? TimeSpan.Zero : new TimeSpan((bytes + FrameOverhead) * 8L * TimeSpan.TicksPerSecond / Model.BitsPerSecond);

    private void Prune()
    {
        while (_queue.TryPeek(out (TimeSpan SentAt, int Bytes) first) && first.SentAt <= _network.Time.Elapsed)
        {
            _queue.Dequeue();
            QueuedBytesUnpruned -= first.Bytes;
        }
    }

    // RFC 3168 §5: ECT(0) and ECT(1) may become CE.
    private static bool TryMark(ref WireFrame frame)
    {
        PacketView view = PacketView.Of(frame.Bytes);
        if (view.Ecn is 0 or 3)
        {
            return false;
        }

        byte[] marked = [.. frame.Bytes];
        Span<byte> packet = marked.AsSpan(view.NetworkOffset);
        if (view.IpVersion == 4)
        {
            packet[1] |= 3;
            IPv4Header.WriteChecksum(packet[..(view.TransportOffset - view.NetworkOffset)]);
        }
        else
        {
            packet[1] |= 0x30;
        }

        frame = frame with { Bytes = marked };
        return true;
    }

    private sealed class Rule(Func<PacketView, bool> which, int skip, int times)
    {
        private int _skip = skip;
        private int _times = times;

        public bool Picks(in PacketView view)
        {
            if (_times == 0 || !which(view))
            {
                return false;
            }

            if (_skip > 0)
            {
                _skip--;
                return false;
            }

            _times--;
            return true;
        }
    }
}
