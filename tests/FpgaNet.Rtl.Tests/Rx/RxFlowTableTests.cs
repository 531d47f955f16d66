using System.Numerics;
using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Rx;

/// <summary>The exact-match flow table: lookups as close as they may come, against a table of plain records.</summary>
[TestClass]
public sealed class RxFlowTableTests
{
    private const int Slots = 256;
    private const uint Valid = 1u << 31;

    [TestMethod]
    public void Every_flow_in_the_table_is_found_in_each_of_its_slots_and_no_other_is()
    {
        Random random = TestSeed.Random();
        using Bench bench = new();
        Assert.AreEqual((4u << 16) | Slots, bench.Bus.Read(FlowTableRegisters.Size));
        Assert.AreEqual((1u << 16) | 5, bench.Bus.Read(FlowTableRegisters.BlockHeader));
        Dictionary<int, Flow> table = [];
        for (int i = 0; i < 400 && table.Count < 240; i++)
        {
            Flow flow = Flow.Random(random) with { Action = (uint)random.Next(1 << 26) };
            int[] free = [.. flow.Candidates.Where(slot => !table.ContainsKey(slot))];
            if (free.Length != 0)
            {
                int slot = free[random.Next(free.Length)];
                table[slot] = flow;
                bench.Fill(slot, flow);
            }
        }

        Assert.IsGreaterThan(200, table.Count);
        List<Flow> asked = [];
        for (int i = 0; i < 3000; i++)
        {
            Flow flow = table.Values.ElementAt(random.Next(table.Count));
            asked.Add(random.Next(6) switch
            {
                0 => Flow.Random(random),
                1 => flow with { Words = Changed(flow.Words, random) },       // in its slots, but another
                2 => flow with { Udp = !flow.Udp },
                3 => flow with { IsFragment = true },
                _ => flow,
            });
        }

        long start = bench.Cycles;
        List<uint?> found = bench.Look(asked);
        int words = asked.Sum(f => Math.Max(f.Words.Length, 6));
        Assert.IsLessThanOrEqualTo(start + words + (2L * asked.Count) + 20, bench.Cycles, "a lookup took longer than its words or the unit's period");
        for (int i = 0; i < asked.Count; i++)
        {
            Flow? entry = table.Values.FirstOrDefault(f => f.Matches(asked[i]));
            Assert.AreEqual(entry?.EntryAction, found[i], $"lookup {i}");
        }

        Assert.IsGreaterThan(800, found.Count(f => f is not null));
        Assert.IsGreaterThan(500, found.Count(f => f is null));
        foreach ((int slot, Flow flow) in table)
        {
            Assert.AreEqual((uint)asked.Count(flow.Matches), bench.ReadMatches(slot), $"slot {slot}");
        }
    }

    [TestMethod]
    public void Frames_are_counted_exactly_while_the_counts_are_read_and_a_new_key_begins_anew()
    {
        Random random = TestSeed.Random();
        using Bench bench = new();
        Flow[] flows = [.. Enumerable.Range(0, 4).Select(i => Flow.Random(random, hash: 0x12345678) with { Action = (uint)i << 4 })];
        int[] slots = [.. flows[0].Candidates];
        for (int i = 0; i < flows.Length; i++)
        {
            bench.Fill(slots[i], flows[i]);
        }

        // What was answered while a count is read may be in it or not.
        uint[] counts = new uint[flows.Length];
        bench.LookForEver(() => flows[random.Next(flows.Length)], (flow, action) => counts[Array.IndexOf(flows, flow)] += action is null ? 0u : 1);
        for (int i = 0; i < 1500; i++)
        {
            int which = random.Next(flows.Length);
            bench.Bus.Write(FlowTableRegisters.Slot, (uint)slots[which]);
            bench.Run(random.Next(12));
            uint least = counts[which];
            uint read = bench.Bus.Read(FlowTableRegisters.Matches);
            Assert.IsTrue(read + 1 >= least && read <= counts[which], $"{read} matches of {least} to {counts[which]}");
            if (random.Next(8) == 0)
            {
                bench.Bus.Write(FlowTableRegisters.Action, flows[which].EntryAction ^ 1); // an action leaves the count
                bench.Bus.Write(FlowTableRegisters.Action, flows[which].EntryAction);
            }
            else if (random.Next(8) == 0)
            {
                bench.Bus.Write(FlowTableRegisters.Action, 0);
                bench.Run(40);
                counts[which] = 0;
                bench.Fill(slots[which], flows[which]);
            }
        }

        Assert.IsGreaterThan(2000, bench.Answered);
    }

    [TestMethod]
    public void A_flow_comes_and_goes_while_frames_do_and_no_frame_meets_half_an_entry()
    {
        Random random = TestSeed.Random();
        using Bench bench = new();
        Flow[] flows = [.. Enumerable.Range(0, 6).Select(i => Flow.Random(random, hash: 0x12345678) with { Action = (uint)i << 4 })];
        Flow stays = Flow.Random(random, hash: 0x78123456) with { Action = 0xABC };      // the same four slots
        bench.Fill(0x12, stays);
        bench.LookForEver(() => random.Next(3) == 0 ? stays : flows[random.Next(flows.Length)], (flow, action) =>
        {
            if (ReferenceEquals(flow, stays))
            {
                Assert.AreEqual(stays.EntryAction, action, "an entry was missed while others were written");
            }
            else if (action is { } known)
            {
                Assert.AreEqual(flow.EntryAction & ~0xFu, known & ~0xFu, "a frame met another flow's action");
            }
        });
        Flow? present = null;
        for (int i = 0; i < 400; i++)
        {
            Flow flow = flows[random.Next(flows.Length)] with { };
            switch (random.Next(4))
            {
                case 0:
                    bench.Bus.Write(FlowTableRegisters.Slot, 0x56);
                    bench.Bus.Write(FlowTableRegisters.Action, 0);
                    present = null;
                    break;
                case 1 when present is { } entry:
                    present = entry with { Action = (entry.Action & ~0xFu) | (uint)random.Next(16) };
                    bench.Bus.Write(FlowTableRegisters.Action, present.EntryAction);
                    break;
                default:
                    bench.Fill(0x56, flow);
                    present = flow;
                    break;
            }

            bench.Expect = (asked, action) =>
            {
                if (present is { } entry && entry.Matches(asked))
                {
                    Assert.AreEqual(entry.EntryAction, action);
                }
                else if (!ReferenceEquals(asked, stays))
                {
                    Assert.IsNull(action);
                }
            };
            bench.Run(60); // what is asked from now on is answered by what stands
            bench.Expect = null;
        }

        Assert.IsGreaterThan(2000, bench.Answered);
    }

    [TestMethod]
    public void A_key_word_empties_the_slot_and_a_slot_that_is_not_there_is_nobodys()
    {
        Random random = TestSeed.Random();
        using Bench bench = new();
        Flow flow = Flow.Random(random, hash: 0x01020300) with { Action = 7 };
        bench.Fill(0, flow);
        Assert.AreEqual(flow.EntryAction, bench.Look([flow])[0]);
        bench.Bus.Write(FlowTableRegisters.Slot, Slots); // would be slot 0, were it not refused
        bench.Bus.Write(FlowTableRegisters.Key, 1);
        bench.Bus.Write(FlowTableRegisters.Action, 0);
        Assert.AreEqual((uint)Slots, bench.Bus.Read(FlowTableRegisters.Slot));
        Assert.AreEqual(flow.EntryAction, bench.Look([flow])[0]);
        bench.Bus.Write(FlowTableRegisters.Slot, 0);
        bench.Bus.Write(FlowTableRegisters.Key + 32, flow.Words[^1]);
        Assert.IsNull(bench.Look([flow])[0], "a written key word empties the slot");
        bench.Bus.Write(FlowTableRegisters.Action, flow.EntryAction);
        Assert.AreEqual(flow.EntryAction, bench.Look([flow])[0]);
        bench.Reset();
        Assert.IsNull(bench.Look([flow])[0], "a reset empties the table");
        Assert.IsTrue(bench.Bus.IsSilent(FilterRegisters.Control));
    }

    private static uint[] Changed(uint[] words, Random random)
    {
        uint[] changed = [.. words];
        changed[random.Next(words.Length)] ^= 1u << random.Next(32);
        return changed;
    }

    private sealed record Flow(uint[] Words, bool Udp, uint Hash, uint Action)
    {
        public bool IsFragment { get; init; }

        public bool IsIPv6 => Words.Length == 9;

        public uint EntryAction => Action | Valid | (Udp ? 1u << 28 : 0) | (IsIPv6 ? 1u << 29 : 0);

        public IEnumerable<int> Candidates => Enumerable.Range(0, 4).Select(c => (int)(BitOperations.RotateRight(Hash, 8 * c) % Slots));

        public static Flow Random(Random random, uint? hash = null) => new(
            [.. Enumerable.Range(0, random.Next(2) == 0 ? 3 : 9).Select(_ => (uint)random.NextInt64(1L << 32))], random.Next(2) == 0, hash ?? (uint)random.NextInt64(1L << 32), 0);

        public bool Matches(Flow asked) => !asked.IsFragment && Udp == asked.Udp && Words.SequenceEqual(asked.Words);
    }

    /// <summary>Plays the hash unit: words, the end when the table is not busy, the hash two clocks later; then the next frame at once.</summary>
    private sealed class Bench : IBenchDriver, IDisposable
    {
        private readonly RtlBench _bench = new("fn_rx_flow_table");
        private readonly Queue<Flow> _waiting = new();
        private readonly Queue<(Flow Flow, long Since)> _under = new();
        private readonly Queue<Flow?> _hashing = new([null, null]);
        private readonly List<uint?> _found = [];
        private Func<Flow>? _next;
        private Action<Flow, uint?>? _always;
        private Flow? _flow;
        private int _word;
        private bool _wasBusy;
        private long _expectSince;
        private Action<Flow, uint?>? _expect;

        public Bench()
        {
            Bus = new RegisterBus(_bench);
            _bench.Add(this);
            _bench.Reset();
        }

        public RegisterBus Bus { get; }

        public long Cycles => _bench.Cycles;

        public int Answered { get; private set; }

        /// <summary>What must hold for lookups that begin from now on.</summary>
        public Action<Flow, uint?>? Expect
        {
            set
            {
                _expect = value;
                _expectSince = _bench.Cycles;
            }
        }

        public void Fill(int slot, Flow flow)
        {
            Bus.Write(FlowTableRegisters.Slot, (uint)slot);
            for (uint i = 0; i < 9; i++)
            {
                int word = (int)i - 9 + flow.Words.Length;
                Bus.Write(FlowTableRegisters.Key + (4 * i), word < 0 ? 0 : flow.Words[word]);
            }

            Bus.Write(FlowTableRegisters.Action, flow.EntryAction);
        }

        public uint ReadMatches(int slot)
        {
            Bus.Write(FlowTableRegisters.Slot, (uint)slot);
            return Bus.Read(FlowTableRegisters.Matches);
        }

        public List<uint?> Look(List<Flow> flows)
        {
            _found.Clear();
            flows.ForEach(_waiting.Enqueue);
            _bench.StepUntil(() => _found.Count == flows.Count);
            return [.. _found];
        }

        public void LookForEver(Func<Flow> next, Action<Flow, uint?> always) => (_next, _always) = (next, always);

        public void Run(int cycles) => _bench.Step(cycles);

        public void Reset()
        {
            _bench.Reset();
            _bench.Step(Slots + 4);
        }

        public void Drive()
        {
            if (_flow is null && (_waiting.TryDequeue(out _flow) || (_flow = _next?.Invoke()) is not null))
            {
                _word = 0;
            }

            bool word = _flow is not null && _word < _flow.Words.Length;
            bool end = _flow is not null && !word && !_wasBusy;
            _bench.Model.Port("s_word_valid").Value(word ? 1UL : 0);
            _bench.Model.Port("s_word").Value(word ? _flow!.Words[_word++] : 0xDEAD);
            _bench.Model.Port("s_end").Value(end ? 1UL : 0);
            _hashing.Enqueue(end ? _flow : null);
            if (end)
            {
                _flow = null;
            }

            Flow? hashed = _hashing.Dequeue();
            _bench.Model.Port("s_valid").Value(hashed is null ? 0UL : 1);
            if (hashed is not null)
            {
                _bench.Model.Port("s_hash").Value(hashed.Hash);
                _bench.Model.Port("s_udp").Value(hashed.Udp ? 1UL : 0);
                _bench.Model.Port("s_ipv6").Value(hashed.IsIPv6 ? 1UL : 0);
                _bench.Model.Port("s_keyed").Value(hashed.IsFragment ? 0UL : 1);
                _under.Enqueue((hashed, _bench.Cycles));
            }

            _wasBusy = end;
        }

        public void Sample()
        {
            // Busy for six clocks behind an end; the hash unit's end comes a clock after it looked, as here.
            _wasBusy |= _bench.Model.Port("busy").IsSet;
            if (!_bench.Model.Port("m_valid").IsSet)
            {
                return;
            }

            (Flow flow, long since) = _under.Dequeue();
            Assert.AreEqual(since + 7, _bench.Cycles, "latency");
            uint? action = _bench.Model.Port("m_matched").IsSet ? (uint)_bench.Model.Port("m_action").Value : null;
            _found.Add(action);
            Answered++;
            _always?.Invoke(flow, action);
            if (since >= _expectSince)
            {
                _expect?.Invoke(flow, action);
            }
        }

        public void Dispose() => _bench.Dispose();
    }
}
