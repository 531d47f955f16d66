using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Stack.Sockets.Descriptors;

/// <summary>poll and select: the whole list is asked at each call and after each wake-up, as the manuals have it.</summary>
public sealed partial class DescriptorTable
{
    // select(2): what its three sets mean in poll's words.
    private const PollEvents SelectRead = PollEvents.POLLIN | PollEvents.POLLRDNORM | PollEvents.POLLRDBAND | PollEvents.POLLHUP | PollEvents.POLLERR;
    private const PollEvents SelectWrite = PollEvents.POLLOUT | PollEvents.POLLWRNORM | PollEvents.POLLWRBAND | PollEvents.POLLERR;
    private const PollEvents SelectExceptional = PollEvents.POLLPRI;

    /// <summary>poll(2).</summary>
    /// <param name="descriptors">What to ask; each receives its answer, POLLNVAL when it is not open.</param>
    /// <param name="milliseconds">How long to wait for the first that is ready; 0: not at all; negative: for ever.</param>
    /// <returns>How many have an answer, 0: the time is up; −1: EINTR, EINVAL: more than <see cref="Limit"/>.</returns>
    public int Poll(Span<PollFd> descriptors, int milliseconds) => Poll(descriptors, milliseconds < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(milliseconds));

    /// <summary>ppoll(2), without its mask of signals.</summary>
    /// <param name="descriptors">What to ask; each receives its answer, POLLNVAL when it is not open.</param>
    /// <param name="timeout">How long to wait for the first that is ready; infinite: for ever.</param>
    /// <returns>As <see cref="Poll(Span{PollFd}, int)"/>; EINVAL: also a negative time.</returns>
    public int Poll(Span<PollFd> descriptors, TimeSpan timeout)
    {
        if (descriptors.Length > Limit || (timeout < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan))
        {
            return Fail(Errno.EINVAL);
        }

        int ready = Ask(descriptors);
        return ready > 0 || timeout == TimeSpan.Zero ? ready : WaitAndAsk(descriptors, timeout);
    }

    /// <summary>select(2), pselect(2) without its mask of signals.</summary>
    /// <param name="count">Descriptors below this number are asked.</param>
    /// <param name="readable">Asks for what can be received or accepted; receives which.</param>
    /// <param name="writable">Asks for what can be sent; receives which.</param>
    /// <param name="exceptional">Asks for out-of-band data; receives which.</param>
    /// <param name="timeout">How long to wait for the first that is ready; infinite: for ever. It is not changed.</param>
    /// <returns>Members of the three sets together, 0: the time is up; −1: EBADF, EINTR, EINVAL.</returns>
    public int Select(int count, FdSet? readable, FdSet? writable, FdSet? exceptional, TimeSpan timeout)
    {
        if (count < 0 || (timeout < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan))
        {
            return Fail(Errno.EINVAL);
        }

        int length = 0;
        PollSession session = PollSession.Current;
        for (int descriptor = Next(0); descriptor >= 0; descriptor = Next(descriptor + 1))
        {
            if (Find(descriptor) is null)
            {
                return Fail(Errno.EBADF);
            }

            session.Room(length + 1)[length++] = new PollFd
            {
                Descriptor = descriptor,
                Events = Wants(readable, descriptor, SelectRead) | Wants(writable, descriptor, SelectWrite) | Wants(exceptional, descriptor, SelectExceptional),
            };
        }

        Span<PollFd> descriptors = session.Descriptors.AsSpan(0, length);
        int ready = AskSets(descriptors);
        if (ready == 0 && timeout != TimeSpan.Zero)
        {
            ready = WaitAndAsk(descriptors, timeout, isSelect: true);
        }

        if (ready < 0)
        {
            return ready;
        }

        ready = 0;
        foreach (ref readonly PollFd each in descriptors)
        {
            // A descriptor that was closed meanwhile is ready for everything: the next call on it says EBADF.
            PollEvents found = each.Returned == PollEvents.POLLNVAL ? SelectRead | SelectWrite : each.Returned;
            ready += Tell(readable, each.Descriptor, found & SelectRead) + Tell(writable, each.Descriptor, found & SelectWrite) + Tell(exceptional, each.Descriptor, found & SelectExceptional);
        }

        return ready;

        int Next(int from)
        {
            int next = Least(Least(readable?.Next(from) ?? -1, writable?.Next(from) ?? -1), exceptional?.Next(from) ?? -1);
            return next < count ? next : -1;
        }

        static int Least(int a, int b) => a < 0 ? b : b < 0 ? a : Math.Min(a, b);
        static PollEvents Wants(FdSet? set, int descriptor, PollEvents events) => set?.IsSet(descriptor) == true ? events : PollEvents.None;

        static int Tell(FdSet? set, int descriptor, PollEvents found)
        {
            if (set?.IsSet(descriptor) != true)
            {
                return 0;
            }

            if (found != PollEvents.None)
            {
                return 1;
            }

            set.Clear(descriptor);
            return 0;
        }
    }

    /// <summary>An answer in all of poll's words: what can be received is normal data, and so on.</summary>
    internal static PollEvents Complete(PollEvents events)
    {
        events |= (events & PollEvents.POLLIN) != PollEvents.None ? PollEvents.POLLRDNORM : PollEvents.None;
        return events | ((events & PollEvents.POLLOUT) != PollEvents.None ? PollEvents.POLLWRNORM : PollEvents.None);
    }

    /// <summary>What a queue has to tell so that no answer to these words is missed.</summary>
    internal static PollEvents Watched(PollEvents events)
    {
        events |= (events & PollEvents.POLLRDNORM) != PollEvents.None ? PollEvents.POLLIN : PollEvents.None;
        return events | ((events & (PollEvents.POLLWRNORM | PollEvents.POLLWRBAND)) != PollEvents.None ? PollEvents.POLLOUT : PollEvents.None);
    }

    private int Ask(Span<PollFd> descriptors)
    {
        int ready = 0;
        foreach (ref PollFd each in descriptors)
        {
            each.Returned = each.Descriptor < 0 ? PollEvents.None
                : Find(each.Descriptor) is { } file ? Complete(file.Poll()) & (each.Events | WaitQueue.Always)
                : PollEvents.POLLNVAL;
            ready += each.Returned != PollEvents.None ? 1 : 0;
        }

        return ready;
    }

    /// <summary>As <see cref="Ask"/>, but a hang-up or error counts only for a set that it belongs to.</summary>
    private int AskSets(Span<PollFd> descriptors)
    {
        Ask(descriptors);
        int ready = 0;
        foreach (ref readonly PollFd each in descriptors)
        {
            ready += (each.Returned & (each.Events | PollEvents.POLLNVAL)) != PollEvents.None ? 1 : 0;
        }

        return ready;
    }

    private int WaitAndAsk(Span<PollFd> descriptors, TimeSpan timeout, bool isSelect = false)
    {
        long start = Environment.TickCount64;
        PollSession session = PollSession.Current;
        session.Reset();
        try
        {
            foreach (ref readonly PollFd each in descriptors)
            {
                if (each.Descriptor >= 0 && Find(each.Descriptor) is { } file)
                {
                    session.Watch(file, Watched(each.Events));
                }
            }

            while (true)
            {
                // Asked once more now that a change cannot be missed.
                int ready = isSelect ? AskSets(descriptors) : Ask(descriptors);
                if (ready > 0)
                {
                    return ready;
                }

                TimeSpan left = timeout;
                if (timeout != Timeout.InfiniteTimeSpan)
                {
                    left -= TimeSpan.FromMilliseconds(Environment.TickCount64 - start);
                    if (left <= TimeSpan.Zero)
                    {
                        return 0;
                    }
                }

                Errno error = session.Wait(left);
                if (error == Errno.EINTR)
                {
                    return Fail(error);
                }

                session.Reset();
            }
        }
        finally
        {
            session.End();
        }
    }
}
