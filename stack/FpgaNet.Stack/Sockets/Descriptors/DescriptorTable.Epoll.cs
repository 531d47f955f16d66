using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Stack.Sockets.Descriptors;

/// <summary>Sets of descriptors that remember what they watch (epoll(7)).</summary>
public sealed partial class DescriptorTable
{
    // epoll_ctl(2): what may stand beside EPOLLEXCLUSIVE.
    private const EpollEvents BesideExclusive = EpollEvents.EPOLLIN | EpollEvents.EPOLLOUT | EpollEvents.EPOLLERR | EpollEvents.EPOLLHUP
        | EpollEvents.EPOLLWAKEUP | EpollEvents.EPOLLET | EpollEvents.EPOLLEXCLUSIVE;

    private static readonly Lock s_nesting = new(); // taken before any set's lock, by who puts a set into a set

    /// <summary>epoll_create(2).</summary>
    /// <param name="size">Once a hint; greater than zero.</param>
    /// <returns>A descriptor; −1: EINVAL, EMFILE.</returns>
    public int EpollCreate(int size) => size > 0 ? EpollCreate1(0) : Fail(Errno.EINVAL);

    /// <summary>epoll_create1(2).</summary>
    /// <param name="flags">EPOLL_CLOEXEC, which is SOCK_CLOEXEC.</param>
    /// <returns>A descriptor; −1: EINVAL, EMFILE.</returns>
    public int EpollCreate1(int flags)
    {
        if ((flags & ~SocketOptions.SOCK_CLOEXEC) != 0)
        {
            return Fail(Errno.EINVAL);
        }

        return TryReserve(out int descriptor) ? Install(descriptor, new EpollSet(), HasCloseOnExec(flags)) : Fail(Errno.EMFILE);
    }

    /// <summary>epoll_ctl(2).</summary>
    /// <param name="set">The set.</param>
    /// <param name="operation">What to do.</param>
    /// <param name="descriptor">The member.</param>
    /// <param name="wanted">What to watch it for, and what to tell with it; not looked at by EPOLL_CTL_DEL.</param>
    /// <returns>0; −1: EBADF, EEXIST, EINVAL, ELOOP, ENOENT.</returns>
    public int EpollCtl(int set, EpollOperation operation, int descriptor, in EpollEvent wanted)
    {
        IPolledDescription? found = Find(set);
        if (found is null || Find(descriptor) is not { } file)
        {
            return Fail(Errno.EBADF);
        }

        if (found is not EpollSet target || file == found)
        {
            return Fail(Errno.EINVAL);
        }

        if (operation != EpollOperation.EPOLL_CTL_DEL && (wanted.Events & EpollEvents.EPOLLEXCLUSIVE) != EpollEvents.None
            && (operation != EpollOperation.EPOLL_CTL_ADD || file is EpollSet || (wanted.Events & ~BesideExclusive) != EpollEvents.None))
        {
            return Fail(Errno.EINVAL);
        }

        switch (operation)
        {
            case EpollOperation.EPOLL_CTL_ADD when file is EpollSet inner:
                lock (s_nesting)
                {
                    Errno error = inner.CheckNesting(target, 1);
                    return Result(error == Errno.None ? target.Add(file, descriptor, wanted) : error);
                }

            case EpollOperation.EPOLL_CTL_ADD:
                return Result(target.Add(file, descriptor, wanted));
            case EpollOperation.EPOLL_CTL_MOD:
                return Result(target.Modify(file, descriptor, wanted));
            case EpollOperation.EPOLL_CTL_DEL:
                return Result(target.Remove(file, descriptor));
            default:
                return Fail(Errno.EINVAL);
        }
    }

    /// <summary>epoll_wait(2).</summary>
    /// <param name="set">The set.</param>
    /// <param name="events">Receives what has happened.</param>
    /// <param name="milliseconds">How long to wait for the first; 0: not at all; negative: for ever.</param>
    /// <returns>How many events, 0: the time is up; −1: EBADF, EINTR, EINVAL.</returns>
    public int EpollWait(int set, Span<EpollEvent> events, int milliseconds) => EpollWait(set, events, milliseconds < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(milliseconds));

    /// <summary>epoll_pwait2(2), without its mask of signals.</summary>
    /// <param name="set">The set.</param>
    /// <param name="events">Receives what has happened.</param>
    /// <param name="timeout">How long to wait for the first; infinite: for ever.</param>
    /// <returns>As <see cref="EpollWait(int, Span{EpollEvent}, int)"/>.</returns>
    public int EpollWait(int set, Span<EpollEvent> events, TimeSpan timeout)
    {
        if (events.IsEmpty || (timeout < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan))
        {
            return Fail(Errno.EINVAL);
        }

        if (Find(set) is not { } found)
        {
            return Fail(Errno.EBADF);
        }

        if (found is not EpollSet target)
        {
            return Fail(Errno.EINVAL);
        }

        ThreadWaiter thread = ThreadWaiter.Current;
        thread.Enter(this, set);
        Errno error = target.Wait(events, timeout, out int count);
        thread.Leave();
        return error == Errno.None ? count : Fail(error);
    }
}
