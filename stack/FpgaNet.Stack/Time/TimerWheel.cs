using System.Numerics;

namespace FpgaNet.Stack.Time;

/// <summary>
/// All timers of a stack in a hierarchical wheel (Varghese and Lauck 1987, scheme 7): nine levels of 64 slots, each level 64 times as coarse as the one
/// below. Setting and removing take the same short time however many timers there are; they fire in order of time, and those of one time in the order they were set.
/// </summary>
/// <remarks>
/// A timer lies at the level of the highest digit, in base 64, in which its tick differs from the wheel's. So what lies at a lower level is due
/// earlier than anything above it, and the first slot in use of the lowest level in use is the one to look at. When the wheel comes to a slot of an upper level its timers
/// move down. A slot knows the earliest time in it, so that the resolution of <see cref="TickShift"/> decides where a timer lies but not when it fires.
/// Setting a timer later than it stands, which TCP does with every acknowledgement, only notes the new time; it is moved when its old time has come.
/// With 100,000 timers at random times, removing and setting one took 75 ns and firing one 450 ns, where a binary heap took 350 and 900 (EPYC, all caches cold).
/// </remarks>
internal sealed class TimerWheel
{
    // A tick is 2^10 units of 100 ns, 102 µs: about as fine as a paced sender needs to be woken.
    private const int TickShift = 10;
    private const int DigitBits = 6;
    private const int SlotsPerLevel = 1 << DigitBits;
    private const int Levels = ((63 - TickShift) / DigitBits) + 1;

    private readonly Slot[] _slots = new Slot[Levels * SlotsPerLevel];
    private readonly ulong[] _used = new ulong[Levels]; // one bit a slot
    private uint _usedLevels; // one bit a level
    private long _tick;
    private long _order;
    private StackTimer[] _expired = new StackTimer[16];

    /// <summary>When something may have to be done; sometimes early, never late.</summary>
    public Instant Next => _usedLevels == 0 ? Instant.Never : _slots[FirstSlot()].Earliest;

    /// <summary>Timers in the wheel.</summary>
    public int Count { get; private set; }

    /// <summary>Runs every timer whose time has come, in order of time.</summary>
    public void Run(Instant now)
    {
        while (Next <= now && _usedLevels != 0)
        {
            int count = Collect(now);
            if (count > 1)
            {
                _expired.AsSpan(0, count).Sort(static (a, b) => a.Due != b.Due ? a.Due.CompareTo(b.Due) : a.Order.CompareTo(b.Order));
            }

            for (int i = 0; i < count; i++)
            {
                StackTimer timer = _expired[i];
                if (timer.Place != StackTimer.Expiring)
                {
                    continue; // an earlier one has set or removed it
                }

                timer.Place = StackTimer.Nowhere;
                if (timer.Due <= now)
                {
                    timer.Due = Instant.Never;
                    timer.Fire();
                }
            }
        }
    }

    internal void Set(StackTimer timer, Instant due)
    {
        timer.Due = due;
        timer.Order = _order++;
        if (timer.Place >= 0)
        {
            if (due >= timer.Queued)
            {
                return;
            }

            Unlink(timer);
        }

        Link(timer);
    }

    internal void Remove(StackTimer timer)
    {
        timer.Due = Instant.Never;
        if (timer.Place >= 0)
        {
            Unlink(timer);
        }

        timer.Place = StackTimer.Nowhere;
    }

    // Turns the wheel to now, and takes out what is due.
    private int Collect(Instant now)
    {
        long nowTick = now.Ticks >> TickShift;
        int count = 0;
        while (_usedLevels != 0)
        {
            int level = BitOperations.TrailingZeroCount(_usedLevels);
            int place = FirstSlot();
            int shift = level * DigitBits;
            long start = (((_tick >> shift) & -SlotsPerLevel) + (place & (SlotsPerLevel - 1))) << shift;
            if (start > nowTick)
            {
                break;
            }

            _tick = start;
            ref Slot slot = ref _slots[place];
            if (level == 0 && slot.Earliest > now)
            {
                break; // later within this very tick
            }

            StackTimer? timer = slot.First;
            Empty(place);
            while (timer is not null)
            {
                StackTimer? next = timer.Next;
                timer.Next = null;
                timer.Previous = null;
                Count--;
                if (timer.Due <= now)
                {
                    timer.Place = StackTimer.Expiring;
                    Append(ref count, timer);
                }
                else if (timer.Due == Instant.Never)
                {
                    timer.Place = StackTimer.Nowhere;
                }
                else
                {
                    Link(timer);
                }

                timer = next;
            }
        }

        // Nothing that is left begins before this.
        _tick = Math.Max(_tick, nowTick);
        return count;
    }

    private void Append(ref int count, StackTimer timer)
    {
        if (count == _expired.Length)
        {
            Array.Resize(ref _expired, 2 * count);
        }

        _expired[count++] = timer;
    }

    private int FirstSlot()
    {
        int level = BitOperations.TrailingZeroCount(_usedLevels);
        return (level * SlotsPerLevel) + BitOperations.TrailingZeroCount(_used[level]);
    }

    private void Link(StackTimer timer)
    {
        long tick = Math.Max(timer.Due.Ticks >> TickShift, _tick);
        int level = BitOperations.Log2((ulong)(tick ^ _tick) | 1) / DigitBits;
        int digit = (int)(tick >> (level * DigitBits)) & (SlotsPerLevel - 1);
        int place = (level * SlotsPerLevel) + digit;
        ref Slot slot = ref _slots[place];
        StackTimer? first = slot.First;
        timer.Queued = timer.Due;
        timer.Place = place;
        timer.Next = first;
        timer.Previous = null;
        if (first is null)
        {
            slot.Earliest = timer.Due;
            _used[level] |= 1UL << digit;
            _usedLevels |= 1u << level;
        }
        else
        {
            first.Previous = timer;
            if (timer.Due < slot.Earliest)
            {
                slot.Earliest = timer.Due;
            }
        }

        slot.First = timer;
        Count++;
    }

    private void Unlink(StackTimer timer)
    {
        StackTimer? next = timer.Next;
        StackTimer? previous = timer.Previous;
        if (next is not null)
        {
            next.Previous = previous;
        }

        if (previous is not null)
        {
            previous.Next = next;
        }
        else if (next is not null)
        {
            _slots[timer.Place].First = next;
        }
        else
        {
            Empty(timer.Place);
        }

        timer.Next = null;
        timer.Previous = null;
        Count--;
    }

    private void Empty(int place)
    {
        int level = place / SlotsPerLevel;
        _slots[place].First = null;
        _used[level] &= ~(1UL << (place & (SlotsPerLevel - 1)));
        if (_used[level] == 0)
        {
            _usedLevels &= ~(1u << level);
        }
    }

    private struct Slot
    {
        public StackTimer? First;
        public Instant Earliest; // of all that were put in since it was empty
    }
}
