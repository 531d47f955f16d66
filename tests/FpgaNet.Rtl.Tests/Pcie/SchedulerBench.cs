using System.Collections;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Sim;

namespace FpgaNet.Rtl.Tests.Pcie;

/// <summary><c>fn_tx_scheduler</c> with queues that have packets or none, and a taker that takes what it is shown, as <c>fn_tx_payload</c> does.</summary>
public sealed class SchedulerBench : IDisposable, IEnumerable<SchedulerBench.Queue>, IBenchDriver
{
    public const int Queues = 4;

    /// <summary>Clocks for which the taker is busy with a packet before it looks for the next.</summary>
    public const int Busy = 2;

    private readonly RtlBench _bench = new("fn_tx_scheduler_4");
    private readonly Queue[] _queues = [.. Enumerable.Range(0, Queues).Select(i => new Queue(i))];
    private readonly Random _random;
    private readonly Port _valid, _hold, _level, _weight, _rate, _burst, _look, _found, _pick, _take, _length;
    private int _busy;
    private bool _wanted;
    private int? _taken;

    public SchedulerBench(Random random)
    {
        _random = random;
        VerilatedModel model = _bench.Model;
        _valid = model.Port("valid");
        _hold = model.Port("hold");
        _level = model.Port("level");
        _weight = model.Port("weight");
        _rate = model.Port("rate");
        _burst = model.Port("burst");
        _look = model.Port("look");
        _found = model.Port("found");
        _pick = model.Port("pick");
        _take = model.Port("take");
        _length = model.Port("length");
        _bench.Add(this);
        _bench.Reset();
    }

    public long Cycles => _bench.Cycles;

    /// <summary>When the last packet was taken: the highest level of a queue whose packet had been there for the two clocks that a choice takes.</summary>
    public int BestLevel { get; private set; }

    public Queue this[int index] => _queues[index];

    public void Step(int cycles) => _bench.Step(cycles);

    /// <summary>Takes the next packet: whose it was.</summary>
    public int Take() => TryTake(1_000_000) ?? throw new AssertFailedException("nobody was chosen");

    /// <summary>Takes the next packet if one is found in time.</summary>
    public int? TryTake(int limit)
    {
        _taken = null;
        _wanted = true;
        for (int i = 0; i < limit && _taken is null; i++)
        {
            _bench.Step();
        }

        _wanted = false;
        return _taken;
    }

    public void Drive()
    {
        ulong valid = 0, hold = 0, levels = 0, weights = 0;
        UInt128 rates = 0, bursts = 0;
        foreach (Queue queue in _queues)
        {
            queue.Show();
            valid |= queue.Length != 0 ? 1UL << queue.Index : 0;
            hold |= queue.Held ? 1UL << queue.Index : 0;
            levels |= (ulong)queue.Level << (3 * queue.Index);
            weights |= (ulong)queue.Weight << (8 * queue.Index);
            rates |= (UInt128)(uint)queue.Rate << (20 * queue.Index);
            bursts |= (UInt128)(uint)queue.Burst << (12 * queue.Index);
        }

        _valid.Value = valid;
        _hold.Value = hold;
        _level.Value = levels;
        _weight.Value = weights;
        _burst.Value = (ulong)bursts;
        for (int i = 0; i < _rate.Words.Length; i++)
        {
            _rate.Words[i] = (uint)(rates >> (32 * i));
        }

        _busy = Math.Max(0, _busy - 1);
        _look.Value = _busy == 0 ? 1UL : 0;

        // `found` and `pick` come from registers: what they are now is what this edge takes.
        bool takes = _wanted && _taken is null && _busy == 0 && _found.IsSet;
        _take.Value = takes ? 1UL : 0;
        _length.Value = takes ? (ulong)_queues[_pick.Value].Length : (ulong)_random.Next(1 << 20);
        if (takes)
        {
            _taken = (int)_pick.Value;
        }
    }

    public void Sample()
    {
        foreach (Queue queue in _queues)
        {
            queue.Waited += queue.Length != 0 && !queue.Held ? 1 : 0;
        }

        if (_take.IsSet)
        {
            Queue queue = _queues[_taken!.Value];
            Assert.IsGreaterThan(0, queue.Length, "a queue without a packet was chosen");
            BestLevel = _queues.Where(q => q.Waited > 2).Max(q => (int?)q.Level) ?? 0;
            queue.Taken();
            _busy = Busy;
        }
    }

    public IEnumerator<Queue> GetEnumerator() => ((IEnumerable<Queue>)_queues).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose() => _bench.Dispose();

    /// <summary>A queue's settings, and the packet at its head.</summary>
    public sealed class Queue(int index)
    {
        public int Index { get; } = index;

        public int Level { get; set; }

        public int Weight { get; set; } = 1;

        public int Rate { get; set; }

        public int Burst { get; set; }

        public bool Held { get; set; }

        /// <summary>The queue has a packet whenever one was taken.</summary>
        public bool Backlogged { get; set; }

        public Func<int> NextLength { get; set; } = () => 60;

        /// <summary>Bytes of the packet at the head; 0: none.</summary>
        public int Length { get; private set; }

        /// <summary>Clocks for which it has been there.</summary>
        public int Waited { get; set; }

        /// <summary>Bytes taken so far.</summary>
        public long Bytes { get; private set; }

        public void Show()
        {
            if (Length == 0 && Backlogged)
            {
                Length = NextLength();
                Waited = 0;
            }
        }

        public void Taken()
        {
            Bytes += Length;
            Length = 0;
            Waited = 0;
        }
    }
}
