using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Stack.Sockets.Descriptors;

/// <summary>
/// A set of descriptors (epoll(7)). Members put themselves into its ready list when something happens to them, so that a wait costs what is ready, however many members there are. Three locks in this
/// order: <see cref="_scan"/> (members, and whoever takes from the ready list), those of the sockets, <see cref="_gate"/> (the ready list alone, which signals take).
/// </summary>
internal sealed class EpollSet : IPolledDescription
{
    private const EpollEvents Always = EpollEvents.EPOLLERR | EpollEvents.EPOLLHUP;

    private readonly Lock _scan = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<(IPolledDescription File, int Descriptor), EpollEntry> _members = [];
    private EpollEntry? _firstReady;
    private EpollEntry? _lastReady;
    private int _readyCount;
    private int _references = 1;
    private volatile EpollEntry? _firstDead; // closed (epoll(7), Q6): the next call on the set takes them out
    private volatile bool _isClosed;

    /// <inheritdoc/>
    public int References => Volatile.Read(ref _references);

    /// <inheritdoc/>
    public WaitQueue Waiters { get; } = new();

    /// <inheritdoc/>
    public bool IsNonBlocking { get; set; }

    /// <summary>Members.</summary>
    public int Count
    {
        get
        {
            lock (_scan)
            {
                BuryDead();
                return _members.Count;
            }
        }
    }

    /// <summary>EPOLL_CTL_ADD.</summary>
    /// <param name="file">What to watch.</param>
    /// <param name="descriptor">Its number.</param>
    /// <param name="wanted">For what, and what to tell.</param>
    public Errno Add(IPolledDescription file, int descriptor, in EpollEvent wanted)
    {
        lock (_scan)
        {
            BuryDead();
            EpollEntry entry = new(this, file, descriptor)
            {
                Events = wanted.Events | Always,
                Data = wanted.Data,
                IsExclusive = (wanted.Events & EpollEvents.EPOLLEXCLUSIVE) != EpollEvents.None,
            };
            if (!_members.TryAdd((file, descriptor), entry))
            {
                return Errno.EEXIST;
            }

            file.Waiters.Add(entry);
            if (file.References == 0)
            {
                Signal(entry, PollEvents.POLLNVAL); // closed while it was added: nobody may have told
            }

            ShowReady(entry);
            return Errno.None;
        }
    }

    /// <summary>EPOLL_CTL_MOD.</summary>
    /// <param name="file">What is watched.</param>
    /// <param name="descriptor">Its number.</param>
    /// <param name="wanted">For what, and what to tell.</param>
    public Errno Modify(IPolledDescription file, int descriptor, in EpollEvent wanted)
    {
        lock (_scan)
        {
            BuryDead();
            if (!_members.TryGetValue((file, descriptor), out EpollEntry? entry))
            {
                return Errno.ENOENT;
            }

            if (entry.IsExclusive)
            {
                return Errno.EINVAL; // epoll_ctl(2)
            }

            entry.Events = wanted.Events | Always;
            entry.Data = wanted.Data;
            ShowReady(entry);
            return Errno.None;
        }
    }

    /// <summary>EPOLL_CTL_DEL.</summary>
    /// <param name="file">What is watched.</param>
    /// <param name="descriptor">Its number.</param>
    public Errno Remove(IPolledDescription file, int descriptor)
    {
        lock (_scan)
        {
            BuryDead();
            if (!_members.Remove((file, descriptor), out EpollEntry? entry))
            {
                return Errno.ENOENT;
            }

            Bury(entry);
            return Errno.None;
        }
    }

    /// <summary>epoll_wait.</summary>
    /// <param name="events">Receives what has happened.</param>
    /// <param name="timeout">How long to wait for the first.</param>
    /// <param name="count">Receives how many.</param>
    /// <returns>EBADF: the set was closed; EINTR.</returns>
    public Errno Wait(Span<EpollEvent> events, TimeSpan timeout, out int count)
    {
        count = Take(events);
        if (count > 0 || timeout == TimeSpan.Zero)
        {
            return Errno.None;
        }

        long end = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : Environment.TickCount64 + (long)Math.Ceiling(Math.Min(timeout.TotalMilliseconds, int.MaxValue));
        ThreadWaiter waiter = ThreadWaiter.Current;
        while (true)
        {
            waiter.Interest = PollEvents.POLLIN;
            waiter.IsExclusive = true; // one event wakes one thread
            waiter.Reset();
            Waiters.Add(waiter);
            Errno error = Errno.None;
            if (!_isClosed && !HasReady)
            {
                error = waiter.HasLost(this) ? Errno.EBADF : waiter.Wait(end == long.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Max(0, end - Environment.TickCount64)));
            }

            Waiters.Remove(waiter);
            if (_isClosed || waiter.HasLost(this))
            {
                PassOn();
                return Errno.EBADF;
            }

            if (error == Errno.EINTR)
            {
                PassOn();
                return error;
            }

            // After the last moment, too: an event may have been meant for this thread and no other.
            count = Take(events);
            if (count > 0 || error == Errno.EAGAIN)
            {
                return Errno.None;
            }
        }
    }

    /// <summary>A member has been signalled; called with locks held.</summary>
    /// <param name="entry">The member.</param>
    /// <param name="events">What has happened to what it watches.</param>
    /// <returns>Whether somebody wakes by it.</returns>
    public bool Signal(EpollEntry entry, PollEvents events)
    {
        bool isNew;
        lock (_gate)
        {
            if ((events & PollEvents.POLLNVAL) != PollEvents.None)
            {
                if (!entry.IsDead)
                {
                    entry.IsDead = true;
                    entry.NextDead = _firstDead;
                    _firstDead = entry;
                }

                return false;
            }

            if (events == PollEvents.None || entry.Events == EpollEvents.None || entry.IsDead)
            {
                return false;
            }

            isNew = !entry.IsReady;
            Enqueue(entry);
        }

        // What is in the list already has woken a thread, which passes on what it leaves; a burst wakes no others.
        return Waiters.TryNotify(PollEvents.POLLIN, isNew);
    }

    /// <summary>Whether another set is in this one, or in one of its members; and how deep they are nested.</summary>
    /// <param name="sought">The other.</param>
    /// <param name="depth">Sets above this one.</param>
    /// <returns>ELOOP: it is, or it is too deep (epoll_ctl(2)).</returns>
    public Errno CheckNesting(EpollSet sought, int depth)
    {
        const int MostNested = 4; // EP_MAX_NESTS
        if (this == sought || depth > MostNested)
        {
            return Errno.ELOOP;
        }

        EpollSet[] inner;
        lock (_scan)
        {
            inner = [.. _members.Values.Select(entry => entry.File).OfType<EpollSet>()];
        }

        foreach (EpollSet set in inner)
        {
            if (set.CheckNesting(sought, depth + 1) != Errno.None)
            {
                return Errno.ELOOP;
            }
        }

        return Errno.None;
    }

    /// <inheritdoc/>
    public PollEvents Poll()
    {
        lock (_scan)
        {
            BuryDead();
            for (int left = ReadyCount; left > 0 && Dequeue() is { } entry; left--)
            {
                if (entry.Poll() != EpollEvents.None)
                {
                    lock (_gate)
                    {
                        Requeue(entry);
                    }

                    return PollEvents.POLLIN | PollEvents.POLLRDNORM;
                }
            }

            return PollEvents.None;
        }
    }

    /// <inheritdoc/>
    public Errno Control(int request, Span<byte> argument) => Errno.EINVAL; // ep_eventpoll_ioctl() of Linux

    /// <inheritdoc/>
    public bool TryAddReference()
    {
        int seen = References;
        while (seen > 0)
        {
            int found = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (found == seen)
            {
                return true;
            }

            seen = found;
        }

        return false;
    }

    /// <inheritdoc/>
    public Errno Release()
    {
        if (Interlocked.Decrement(ref _references) > 0)
        {
            return Errno.None;
        }

        _isClosed = true;
        lock (_scan)
        {
            foreach (EpollEntry entry in _members.Values)
            {
                Bury(entry);
            }

            _members.Clear();
        }

        Waiters.Notify(PollEvents.POLLNVAL);
        return Errno.None;
    }

    private int ReadyCount
    {
        get
        {
            lock (_gate)
            {
                return _readyCount;
            }
        }
    }

    private bool HasReady => ReadyCount > 0;

    /// <summary>Takes what is ready: each member that was signalled is asked once. A level stays in the list, behind all others, until it is asked and is no more; an edge leaves it.</summary>
    private int Take(Span<EpollEvent> events)
    {
        int count = 0;
        lock (_scan)
        {
            BuryDead();
            for (int left = ReadyCount; left > 0 && count < events.Length && Dequeue() is { } entry; left--)
            {
                EpollEvents found = entry.Poll();
                if (found == EpollEvents.None)
                {
                    continue;
                }

                events[count++] = new EpollEvent { Events = found, Data = entry.Data };
                if ((entry.Events & EpollEvents.EPOLLONESHOT) != EpollEvents.None)
                {
                    entry.Events = EpollEvents.None;
                }
                else if ((entry.Events & EpollEvents.EPOLLET) == EpollEvents.None)
                {
                    lock (_gate)
                    {
                        Enqueue(entry);
                    }
                }
            }
        }

        PassOn();
        return count;
    }

    /// <summary>What is left is for the next who waits.</summary>
    private void PassOn()
    {
        if (HasReady)
        {
            Waiters.PassOn(PollEvents.POLLIN); // to threads; for a set that holds this one nothing has happened
        }
    }

    private void ShowReady(EpollEntry entry)
    {
        if (entry.IsDead || entry.Poll() == EpollEvents.None)
        {
            return;
        }

        lock (_gate)
        {
            Enqueue(entry);
        }

        Waiters.Notify(PollEvents.POLLIN);
    }

    private void BuryDead()
    {
        if (_firstDead is null)
        {
            return;
        }

        EpollEntry? dead;
        lock (_gate)
        {
            (dead, _firstDead) = (_firstDead, null);
        }

        for (; dead is not null; dead = dead.NextDead)
        {
            (IPolledDescription, int) key = (dead.File, dead.Descriptor);
            if (_members.TryGetValue(key, out EpollEntry? member) && member == dead)
            {
                _members.Remove(key);
                Bury(dead);
            }
        }
    }

    private void Bury(EpollEntry entry)
    {
        entry.File.Waiters.Remove(entry);
        lock (_gate)
        {
            entry.IsDead = true;
            entry.Events = EpollEvents.None; // when it is asked it will have nothing
        }
    }

    private void Enqueue(EpollEntry entry)
    {
        if (entry.IsReady)
        {
            return;
        }

        entry.IsReady = true;
        if (_lastReady is null)
        {
            _firstReady = entry;
        }
        else
        {
            _lastReady.NextReady = entry;
        }

        _lastReady = entry;
        _readyCount++;
    }

    private void Requeue(EpollEntry entry)
    {
        if (entry.IsReady)
        {
            return;
        }

        entry.IsReady = true;
        entry.NextReady = _firstReady;
        _firstReady = entry;
        _lastReady ??= entry;
        _readyCount++;
    }

    private EpollEntry? Dequeue()
    {
        lock (_gate)
        {
            EpollEntry? entry = _firstReady;
            if (entry is not null)
            {
                _firstReady = entry.NextReady;
                _lastReady = _firstReady is null ? null : _lastReady;
                entry.NextReady = null;
                entry.IsReady = false;
                _readyCount--;
            }

            return entry;
        }
    }
}
