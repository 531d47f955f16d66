using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Kernel;

/// <summary>
/// Calls that wait for what comes: they try, wait for whatever happens, and try again. <see cref="Poll"/> is not asked: an error queue, say, makes a socket ready and gives a receiving call nothing.
/// </summary>
public sealed partial class KernelSocket
{
    /// <summary>soreceive; waits until something is there, with MSG_WAITALL (recv(2)) and SO_RCVLOWAT (socket(7)) until so much is.</summary>
    /// <param name="message">Where to.</param>
    /// <param name="received">Receives the bytes; 0 at the end of a stream.</param>
    /// <returns>An error only when nothing was received.</returns>
    public Errno Receive(ref MessageIn message, out int received)
    {
        const MessageFlags NeverWaits = MessageFlags.MSG_DONTWAIT | MessageFlags.MSG_OOB | MessageFlags.MSG_ERRQUEUE;
        received = 0;
        bool waits = !IsNonBlocking && (message.Flags & NeverWaits) == MessageFlags.None;
        bool peeks = (message.Flags & MessageFlags.MSG_PEEK) != MessageFlags.None;
        int target = waits ? TargetOf(message) : 1;
        ThreadWaiter? waiter = null;
        long end = 0;
        try
        {
            // Whatever comes is worth another try: how much there is says nothing about how much is still to come.
            while (true)
            {
                waiter?.Reset();
                if (HasGone(waiter))
                {
                    return received > 0 ? Errno.None : Errno.EBADF;
                }

                if (target > 1)
                {
                    message.Progress = received;
                    message.Target = peeks ? target : target - received;
                }

                Errno error = _implementation.Receive(ref message, out int count);
                received += count;
                if (error == Errno.None && (target == 1 || peeks || count == 0 || received >= target || message.IsComplete || message.Rights is not null))
                {
                    return Errno.None;
                }

                if (error == Errno.None)
                {
                    message.Data = message.Data.Slice(count);
                    continue; // there may be more at once
                }

                if (error == Errno.EAGAIN && waits)
                {
                    error = WaitOnce(ref waiter, ref end, PollEvents.POLLIN, ReceiveTimeout, isExclusive: Request.Kind != Abi.SocketKind.SOCK_STREAM);
                    if (error == Errno.EAGAIN && peeks && target > 1)
                    {
                        message.Target = 1;
                        return _implementation.Receive(ref message, out received);
                    }
                }

                if (error != Errno.None || (received > 0 && HasPendingError))
                {
                    return received > 0 ? Errno.None : error;
                }
            }
        }
        finally
        {
            Leave(waiter);
        }
    }

    // sock_rcvlowat() of Linux. Who may not wait gets what is there.
    private int TargetOf(in MessageIn message)
    {
        if (Request.Kind != Abi.SocketKind.SOCK_STREAM)
        {
            return 1;
        }

        int length = message.Data.Length;
        return Math.Max(1, (message.Flags & MessageFlags.MSG_WAITALL) != MessageFlags.None ? length : Math.Min(length, _implementation.ReceiveLowWater));
    }

    // It was closed, or the descriptor was by which the call came.
    private bool HasGone(ThreadWaiter? waiter) => _isClosed || waiter?.HasLost(this) == true;

    /// <summary>Puts the thread among those who wait; when it is there already, sleeps until something happens. The caller tries in between, and so misses nothing.</summary>
    /// <param name="waiter">The thread's; null: it is not there yet. <see cref="Leave"/> takes it out.</param>
    /// <param name="end">When the time is up; set before the first wait.</param>
    /// <param name="interest">What it waits for.</param>
    /// <param name="timeout">How long at most, over all waits of the call.</param>
    /// <param name="isExclusive">One event is for one such thread, since one alone can take what has come.</param>
    /// <returns>EAGAIN: the time is up; EINTR.</returns>
    private Errno WaitOnce(ref ThreadWaiter? waiter, ref long end, PollEvents interest, TimeSpan timeout, bool isExclusive)
    {
        if (waiter is not null)
        {
            return waiter.Wait(TimeUntil(end));
        }

        end = EndOf(timeout);
        waiter = ThreadWaiter.Current;
        waiter.Interest = interest;
        waiter.IsExclusive = isExclusive;
        Waiters.Add(waiter);
        return Errno.None;
    }

    private void Leave(ThreadWaiter? waiter)
    {
        if (waiter is null)
        {
            return;
        }

        Waiters.Remove(waiter);

        // Who was woken for all may leave something: more has come than one can take, it took nothing (a time-out, an interruption, a peek), or what has come is for all (an end).
        if (waiter.IsExclusive && Poll() is var found && (found & (PollEvents.POLLIN | WaitQueue.Always)) != PollEvents.None)
        {
            Waiters.PassOn(found);
        }
    }

    private static long EndOf(TimeSpan timeout) =>
        timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : Environment.TickCount64 + (long)Math.Ceiling(Math.Min(timeout.TotalMilliseconds, int.MaxValue));

    private static TimeSpan TimeUntil(long end) => end == long.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Max(0, end - Environment.TickCount64));
}
