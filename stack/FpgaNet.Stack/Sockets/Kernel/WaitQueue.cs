using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Kernel;

/// <summary>Somebody who waits for something to happen to one socket: a blocked thread, an async call, an upcall, a set of descriptors.</summary>
public abstract class SocketWaiter
{
    /// <summary>What it waits for; POLLERR, POLLHUP and POLLNVAL are always told.</summary>
    public PollEvents Interest { get; set; }

    /// <summary>One such waiter is enough: of all that are exclusive, one that takes the event is signalled, so that a crowd does not wake for one connection (epoll_ctl(2), EPOLLEXCLUSIVE).</summary>
    internal bool IsExclusive { get; set; }

    internal SocketWaiter? Next { get; set; }

    internal SocketWaiter? Previous { get; set; }

    internal WaitQueue? Queue { get; set; }

    /// <summary>
    /// Something may have happened: the socket is to be asked again. Called with locks held, from any thread: it must be quick, must not call a socket and must not add or remove waiters.
    /// </summary>
    /// <param name="events">What.</param>
    protected internal abstract void Signal(PollEvents events);

    /// <summary>As <see cref="Signal"/>, for an exclusive waiter.</summary>
    /// <param name="events">What.</param>
    /// <returns>False: nobody wakes by it, so that another is to be signalled too.</returns>
    internal virtual bool SignalExclusive(PollEvents events)
    {
        Signal(events);
        return true;
    }
}

/// <summary>
/// Who waits for a socket. No wake-up is lost when a waiter is added first, then the socket is asked, and only then the waiter waits: whoever changes the socket's state notifies
/// afterwards.
/// </summary>
public sealed class WaitQueue
{
    /// <summary>What is told to every waiter, whatever it waits for (poll(2)).</summary>
    public const PollEvents Always = PollEvents.POLLERR | PollEvents.POLLHUP | PollEvents.POLLNVAL;

    private readonly Lock _gate = new();
    private volatile SocketWaiter? _first;

    /// <summary>Adds a waiter that waits nowhere.</summary>
    /// <param name="waiter">The waiter.</param>
    public void Add(SocketWaiter waiter)
    {
        ArgumentNullException.ThrowIfNull(waiter);
        lock (_gate)
        {
            if (waiter.Queue is not null)
            {
                throw new InvalidOperationException("The waiter waits already.");
            }

            waiter.Queue = this;
            waiter.Previous = null;
            waiter.Next = _first;
            if (_first is { } first)
            {
                first.Previous = waiter;
            }

            _first = waiter;
        }
    }

    /// <summary>Takes a waiter out; afterwards it is not signalled any more.</summary>
    /// <param name="waiter">The waiter; one that is not here is left alone.</param>
    public void Remove(SocketWaiter waiter)
    {
        ArgumentNullException.ThrowIfNull(waiter);
        lock (_gate)
        {
            if (waiter.Queue != this)
            {
                return;
            }

            if (waiter.Previous is { } previous)
            {
                previous.Next = waiter.Next;
            }
            else
            {
                _first = waiter.Next;
            }

            if (waiter.Next is { } next)
            {
                next.Previous = waiter.Previous;
            }

            waiter.Next = waiter.Previous = null;
            waiter.Queue = null;
        }
    }

    /// <summary>Signals all that wait for one of these events; of the exclusive ones, one that takes it, unless the socket closes. Costs one read when nobody waits.</summary>
    /// <param name="events">What has happened.</param>
    public void Notify(PollEvents events) => TryNotify(events);

    /// <summary>As <see cref="Notify"/>.</summary>
    /// <param name="events">What has happened.</param>
    /// <param name="includesExclusive">Exclusive waiters are signalled, too; otherwise one of them has been, for the same.</param>
    /// <returns>Whether somebody was signalled who takes it.</returns>
    internal bool TryNotify(PollEvents events, bool includesExclusive = true)
    {
        if (_first is null)
        {
            return false;
        }

        bool isTaken = false;
        bool isExclusivelyTaken = !includesExclusive;
        bool isClosing = (events & PollEvents.POLLNVAL) != PollEvents.None;
        lock (_gate)
        {
            for (SocketWaiter? waiter = _first; waiter is not null; waiter = waiter.Next)
            {
                if ((events & (waiter.Interest | Always)) == PollEvents.None)
                {
                    continue;
                }

                if (!waiter.IsExclusive || isClosing)
                {
                    waiter.Signal(events);
                    isTaken = true;
                }
                else if (!isExclusivelyTaken)
                {
                    isTaken |= isExclusivelyTaken = waiter.SignalExclusive(events);
                }
            }
        }

        return isTaken;
    }

    /// <summary>Signals one exclusive waiter: who was signalled before it has left something, or could not take it.</summary>
    /// <param name="events">What is there.</param>
    internal void PassOn(PollEvents events)
    {
        if (_first is null)
        {
            return;
        }

        lock (_gate)
        {
            for (SocketWaiter? waiter = _first; waiter is not null; waiter = waiter.Next)
            {
                if (waiter.IsExclusive && (events & (waiter.Interest | Always)) != PollEvents.None && waiter.SignalExclusive(events))
                {
                    return;
                }
            }
        }
    }

    /// <summary>Signals all, although nothing has happened to the socket: each is to look again whether it may still wait.</summary>
    internal void Rouse()
    {
        lock (_gate)
        {
            for (SocketWaiter? waiter = _first; waiter is not null; waiter = waiter.Next)
            {
                waiter.Signal(PollEvents.None);
            }
        }
    }
}
