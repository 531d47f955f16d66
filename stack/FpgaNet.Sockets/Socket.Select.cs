using System.Collections;
using System.Diagnostics;
using FpgaNet.Sockets.Waiting;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Sockets;

/// <summary>Asking whether a call would wait: of one socket, and of many at once.</summary>
public partial class Socket
{
    // What select(2) asks for on Linux.
    private const PollEvents ReadEvents = PollEvents.POLLIN | PollEvents.POLLRDNORM | PollEvents.POLLHUP | PollEvents.POLLERR;
    private const PollEvents WriteEvents = PollEvents.POLLOUT | PollEvents.POLLWRNORM | PollEvents.POLLERR;
    private const PollEvents ErrorEvents = PollEvents.POLLPRI;

    /// <summary>Whether a call would not wait; waits for that.</summary>
    /// <param name="microSeconds">How long at most; negative: for ever.</param>
    /// <param name="mode">Which call: receiving or accepting, sending, or receiving urgent data.</param>
    public bool Poll(int microSeconds, SelectMode mode) => Poll(microSeconds < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMicroseconds(microSeconds), mode);

    /// <summary>Whether a call would not wait; waits for that.</summary>
    /// <param name="timeout">How long at most; infinite: for ever.</param>
    /// <param name="mode">Which call: receiving or accepting, sending, or receiving urgent data.</param>
    public bool Poll(TimeSpan timeout, SelectMode mode)
    {
        CheckTimeout(timeout);
        KernelSocket kernel = Kernel;
        PollEvents events = mode switch
        {
            SelectMode.SelectRead => ReadEvents,
            SelectMode.SelectWrite => WriteEvents,
            SelectMode.SelectError => ErrorEvents,
            _ => PollEvents.None,
        };
        if (events == PollEvents.None)
        {
            return false;
        }

        using SelectWaiter waiter = new();
        long start = Stopwatch.GetTimestamp();
        waiter.Add(kernel, events);
        while (true)
        {
            waiter.Reset();
            if ((kernel.Poll() & events) != PollEvents.None)
            {
                return true;
            }

            if (kernel.IsClosed)
            {
                throw ExceptionOf(Errno.EBADF);
            }

            if (!waiter.Wait(Left(timeout, start)))
            {
                return (kernel.Poll() & events) != PollEvents.None;
            }
        }
    }

    /// <summary>Waits until one of many sockets is ready, and leaves in the lists those that are (select(2)).</summary>
    /// <param name="checkRead">To be received from or accepted from; null: none.</param>
    /// <param name="checkWrite">To be sent to; null: none.</param>
    /// <param name="checkError">With urgent data; null: none.</param>
    /// <param name="microSeconds">How long at most; negative: for ever.</param>
    public static void Select(IList? checkRead, IList? checkWrite, IList? checkError, int microSeconds) =>
        Select(checkRead, checkWrite, checkError, microSeconds < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMicroseconds(microSeconds));

    /// <summary>Waits until one of many sockets is ready, and leaves in the lists those that are (select(2)).</summary>
    /// <param name="checkRead">To be received from or accepted from; null: none.</param>
    /// <param name="checkWrite">To be sent to; null: none.</param>
    /// <param name="checkError">With urgent data; null: none.</param>
    /// <param name="timeout">How long at most; infinite: for ever.</param>
    public static void Select(IList? checkRead, IList? checkWrite, IList? checkError, TimeSpan timeout)
    {
        CheckTimeout(timeout);
        (IList? List, PollEvents Events)[] lists = [(checkRead, ReadEvents), (checkWrite, WriteEvents), (checkError, ErrorEvents)];
        if (Array.TrueForAll(lists, list => list.List is null or { Count: 0 }))
        {
            throw new ArgumentNullException(nameof(checkRead), "There is no socket.");
        }

        using SelectWaiter waiter = new();
        long start = Stopwatch.GetTimestamp();
        foreach ((IList? list, PollEvents events) in lists)
        {
            foreach (object? item in list ?? Array.Empty<Socket>())
            {
                waiter.Add(item is Socket socket ? socket.Kernel : throw new ArgumentException($"A list holds something that is no {nameof(Socket)}.", nameof(checkRead)), events);
            }
        }

        bool isLast = timeout == TimeSpan.Zero;
        while (true)
        {
            waiter.Reset();
            bool isReady = Array.Exists(lists, list => AnyReady(list.List, list.Events));
            if (isReady || isLast)
            {
                Array.ForEach(lists, list => KeepReady(list.List, list.Events));
                return;
            }

            isLast = !waiter.Wait(Left(timeout, start));
        }
    }

    private static bool AnyReady(IList? list, PollEvents events)
    {
        foreach (Socket socket in list ?? Array.Empty<Socket>())
        {
            if (IsReady(socket, events))
            {
                return true;
            }
        }

        return false;
    }

    private static void KeepReady(IList? list, PollEvents events)
    {
        for (int i = (list?.Count ?? 0) - 1; i >= 0; i--)
        {
            if (!IsReady((Socket)list![i]!, events))
            {
                list.RemoveAt(i);
            }
        }
    }

    // A socket that was closed meanwhile is no reason to wait.
    private static bool IsReady(Socket socket, PollEvents events) => (socket._kernel.Poll() & (events | PollEvents.POLLNVAL)) != PollEvents.None;

    private static void CheckTimeout(TimeSpan timeout)
    {
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        }
    }

    private static TimeSpan Left(TimeSpan timeout, long start)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            return timeout;
        }

        TimeSpan left = timeout - Stopwatch.GetElapsedTime(start);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
