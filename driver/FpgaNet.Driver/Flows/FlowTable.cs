using System.Numerics;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Driver.Flows;

/// <summary>
/// The card's table of flows that are known exactly (block FlowTable of docs/registers.md). An entry may lie in any of four slots that its hash names; where all
/// four are taken, entries are moved to other slots of theirs until one is free (cuckoo hashing), which fills the table to more than nine tenths. Changes are made
/// while frames arrive: a frame meets the old entry or the new one, and an entry that moves is never missing. Used by any
/// thread where the card is behind PCI Express; behind USB by the one that uses the device.
/// </summary>
/// <remarks>
/// The hash is keyed by <see cref="FpgaNic.HashKey"/>. Who knows the key can choose flows that share their slots, and so bring about
/// <see cref="FlowTableStatus.Full"/>; so it is a random one unless it is given. A card that is reset gets its entries back.
/// </remarks>
public sealed class FlowTable
{
    private const int Choices = 4;
    private const int NoParent = -1;
    private const uint NoAnswer = uint.MaxValue;

    private readonly Card _card;
    private readonly ToeplitzHash _hash;
    private readonly int _queues;
    private readonly Lock _lock = new();
    private readonly Entry?[] _slots;
    private readonly Dictionary<FlowKey, int> _places = [];

    // The search for a free slot, breadth first: slots that were looked at, and from which each was reached.
    private readonly int[] _reached;
    private readonly int[] _parents;
    private readonly bool[] _seen;
    private bool _running;

    internal FlowTable(Card card, ReadOnlySpan<byte> key, int queues)
    {
        _card = card;
        _hash = new ToeplitzHash(key);
        _queues = queues;
        _slots = new Entry?[card.FlowSlots];
        _reached = new int[_slots.Length];
        _parents = new int[_slots.Length];
        _seen = new bool[_slots.Length];
    }

    /// <summary>Slots of the table.</summary>
    public int Capacity => _slots.Length;

    /// <summary>Flows in the table.</summary>
    public int Count => _places.Count;

    /// <summary>Puts a flow into the table.</summary>
    /// <param name="key">The flow.</param>
    /// <param name="action">What its frames meet.</param>
    /// <returns><see cref="FlowTableStatus.Done"/>, <see cref="FlowTableStatus.Duplicate"/> or <see cref="FlowTableStatus.Full"/>.</returns>
    /// <exception cref="ArgumentException">The key is no flow of TCP or UDP, or there is no such queue (<see cref="FpgaNicOptions.Queues"/>).</exception>
    public FlowTableStatus Add(FlowKey key, FlowAction action)
    {
        Check(key, action);
        lock (_lock)
        {
            if (_places.ContainsKey(key))
            {
                return FlowTableStatus.Duplicate;
            }

            Entry entry = new(key, action, HashOf(key));
            if (!TryMakeRoom(entry.Hash, out int slot))
            {
                return FlowTableStatus.Full;
            }

            Put(slot, entry);
            return FlowTableStatus.Done;
        }
    }

    /// <summary>Changes what a flow's frames meet, from one frame to the next.</summary>
    /// <param name="key">The flow.</param>
    /// <param name="action">What its frames meet from now on.</param>
    /// <returns><see cref="FlowTableStatus.Done"/> or <see cref="FlowTableStatus.NotFound"/>.</returns>
    /// <exception cref="ArgumentException">The key is no flow of TCP or UDP, or there is no such queue (<see cref="FpgaNicOptions.Queues"/>).</exception>
    public FlowTableStatus Change(FlowKey key, FlowAction action)
    {
        Check(key, action);
        lock (_lock)
        {
            if (!_places.TryGetValue(key, out int slot))
            {
                return FlowTableStatus.NotFound;
            }

            _slots[slot]!.Action = action;
            WriteAction(slot);
            return FlowTableStatus.Done;
        }
    }

    /// <summary>Takes a flow out of the table.</summary>
    /// <param name="key">The flow.</param>
    /// <returns><see cref="FlowTableStatus.Done"/> or <see cref="FlowTableStatus.NotFound"/>.</returns>
    public FlowTableStatus Remove(FlowKey key)
    {
        lock (_lock)
        {
            if (!_places.Remove(key, out int slot))
            {
                return FlowTableStatus.NotFound;
            }

            _slots[slot] = null;
            WriteAction(slot);
            return FlowTableStatus.Done;
        }
    }

    /// <summary>Reads which flows the table has and how many frames have met each; not for the data path. What a card counted before a reset and nobody had read is not in it.</summary>
    /// <returns>The flows, in the order of their slots.</returns>
    public IReadOnlyList<FlowEntry> Read()
    {
        lock (_lock)
        {
            List<FlowEntry> entries = new(_places.Count);
            for (int slot = 0; slot < _slots.Length; slot++)
            {
                if (_slots[slot] is { } entry)
                {
                    TakeMatches(slot, entry);
                    entries.Add(new FlowEntry(entry.Key, entry.Action, entry.Matches));
                }
            }

            return entries;
        }
    }

    /// <summary>Programs a card that is fresh from reset, and from now on with every change.</summary>
    internal void Start()
    {
        lock (_lock)
        {
            _running = true;
            for (int slot = 0; slot < _slots.Length; slot++)
            {
                if (_slots[slot] is { } entry)
                {
                    entry.Counted = 0;
                    Write(slot);
                }
            }
        }
    }

    /// <summary>The card is being reset: changes wait for the next <see cref="Start"/>.</summary>
    internal void Stop()
    {
        lock (_lock)
        {
            _running = false;
        }
    }

    private void Check(FlowKey key, FlowAction action)
    {
        if (key.Protocol is not (TransportProtocol.Tcp or TransportProtocol.Udp) || key.Source.IsIPv4 != key.Destination.IsIPv4)
        {
            throw new ArgumentException($"{key} is no flow of TCP or UDP.", nameof(key));
        }

        if (action.Queue is { } queue && (uint)queue >= (uint)_queues)
        {
            throw new ArgumentException($"There are {_queues} receive queues, and none of number {queue}.", nameof(action));
        }
    }

    private uint HashOf(FlowKey key) => key.Source.IsIPv4
        ? _hash.Compute(key.Source.IPv4, key.Destination.IPv4, key.SourcePort, key.DestinationPort)
        : _hash.Compute(key.Source.IPv6, key.Destination.IPv6, key.SourcePort, key.DestinationPort);

    private int Candidate(uint hash, int choice) => (int)(BitOperations.RotateRight(hash, 8 * choice) & (uint)(_slots.Length - 1));

    // Finds a slot of a flow that is free or can be made so, and makes it so.
    private bool TryMakeRoom(uint hash, out int slot)
    {
        Array.Clear(_seen);
        int count = 0;
        Reach(hash, NoParent, ref count);
        for (int at = 0; at < count; at++)
        {
            if (_slots[_reached[at]] is { } entry)
            {
                Reach(entry.Hash, at, ref count);
                continue;
            }

            // From the free slot back: each entry is written into its new place before its old one is given to the next.
            for (; _parents[at] != NoParent; at = _parents[at])
            {
                Move(_reached[_parents[at]], _reached[at]);
            }

            slot = _reached[at];
            return true;
        }

        slot = NoParent;
        return false;
    }

    private void Reach(uint hash, int parent, ref int count)
    {
        for (int choice = 0; choice < Choices; choice++)
        {
            int slot = Candidate(hash, choice);
            if (!_seen[slot])
            {
                _seen[slot] = true;
                _reached[count] = slot;
                _parents[count++] = parent;
            }
        }
    }

    private void Move(int from, int to)
    {
        Entry entry = _slots[from]!;
        Put(to, entry);

        // Its frames meet the new place from now on; what the old one has counted is final once it is empty.
        _slots[from] = null;
        WriteAction(from);
        TakeMatches(from, entry);
        entry.Counted = 0;
    }

    // The card counts in 32 bits, which wrap.
    private void TakeMatches(int slot, Entry entry)
    {
        if (!_running)
        {
            return;
        }

        _card.WriteFlows(FlowTableRegisters.Slot, (uint)slot);
        uint now = _card.ReadFlows(FlowTableRegisters.Matches);
        if (now == NoAnswer)
        {
            return;
        }

        entry.Matches += unchecked(now - entry.Counted);
        entry.Counted = now;
    }

    private void Put(int slot, Entry entry)
    {
        _slots[slot] = entry;
        _places[entry.Key] = slot;
        Write(slot);
    }

    private void Write(int slot)
    {
        if (!_running)
        {
            return;
        }

        FlowKey key = _slots[slot]!.Key;
        _card.WriteFlows(FlowTableRegisters.Slot, (uint)slot);
        Span<uint> words = stackalloc uint[FlowTableRegisters.KeyCount];
        words.Clear();
        if (key.Source.IsIPv4)
        {
            words[6] = key.Source.IPv4.Value;
            words[7] = key.Destination.IPv4.Value;
        }
        else
        {
            WriteAddress(words, key.Source);
            WriteAddress(words[4..], key.Destination);
        }

        words[8] = (uint)((key.SourcePort << 16) | key.DestinationPort);
        for (int i = 0; i < words.Length; i++)
        {
            _card.WriteFlows(FlowTableRegisters.Key + (4 * (uint)i), words[i]);
        }

        WriteAction(slot);
    }

    private static void WriteAddress(Span<uint> words, IpAddress address)
    {
        words[0] = (uint)(address.High >> 32);
        words[1] = (uint)address.High;
        words[2] = (uint)(address.Low >> 32);
        words[3] = (uint)address.Low;
    }

    private void WriteAction(int slot)
    {
        if (!_running)
        {
            return;
        }

        uint word = 0;
        if (_slots[slot] is { } entry)
        {
            word = FlowTableRegisters.ActionValid.Mask | FlowTableRegisters.ActionFlowId.Set(0, entry.Action.FlowId);
            word |= entry.Action.Queue is { } queue ? FlowTableRegisters.ActionToQueue.Mask | FlowTableRegisters.ActionQueue.Set(0, (uint)queue) : 0;
            word |= entry.Action.Drop ? FlowTableRegisters.ActionDrop.Mask : 0;
            word |= entry.Key.Protocol == TransportProtocol.Udp ? FlowTableRegisters.ActionUdp.Mask : 0;
            word |= entry.Key.Source.IsIPv4 ? 0 : FlowTableRegisters.ActionIPv6.Mask;
        }

        _card.WriteFlows(FlowTableRegisters.Slot, (uint)slot);
        _card.WriteFlows(FlowTableRegisters.Action, word);
    }

    private sealed class Entry(FlowKey key, FlowAction action, uint hash)
    {
        public FlowKey Key => key;

        public FlowAction Action { get; set; } = action;

        public uint Hash => hash;

        /// <summary>Frames that have met it, as of the last look; and what its slot had counted then.</summary>
        public ulong Matches { get; set; }

        public uint Counted { get; set; }
    }
}
