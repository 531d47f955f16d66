using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Kernel;

/// <summary>Receiving calls on streams that wait for more than the first byte: MSG_WAITALL (recv(2)) and SO_RCVLOWAT (socket(7)).</summary>
public sealed partial class KernelSocket
{
    // sock_rcvlowat() of Linux. Who may not wait gets what is there.
    private int TargetOf(in MessageIn message)
    {
        const MessageFlags Other = MessageFlags.MSG_DONTWAIT | MessageFlags.MSG_OOB | MessageFlags.MSG_ERRQUEUE;
        if (IsNonBlocking || Request.Kind != Abi.SocketKind.SOCK_STREAM || (message.Flags & Other) != MessageFlags.None)
        {
            return 1;
        }

        int length = message.Data.Length;
        return (message.Flags & MessageFlags.MSG_WAITALL) != MessageFlags.None ? length : Math.Min(length, _implementation.ReceiveLowWater);
    }

    /// <summary>As <see cref="Receive(ref MessageIn, out int)"/>, until so many bytes are there, or the implementation says that the call ends before (<see cref="MessageIn.IsComplete"/>).</summary>
    private Errno ReceiveTarget(ref MessageIn message, int target, out int received)
    {
        received = 0;
        bool peeks = (message.Flags & MessageFlags.MSG_PEEK) != MessageFlags.None;
        long end = EndOf(ReceiveTimeout);
        ThreadWaiter waiter = ThreadWaiter.Current;
        waiter.Interest = PollEvents.POLLIN;
        waiter.IsExclusive = false;
        Waiters.Add(waiter);
        try
        {
            // Whatever comes is worth another try: how much there is says nothing about how much is still to come.
            while (true)
            {
                waiter.Reset();
                if (_isClosed || waiter.HasLost(this))
                {
                    return received > 0 ? Errno.None : Errno.EBADF;
                }

                message.Progress = received;
                message.Target = peeks ? target : target - received;
                Errno error = _implementation.Receive(ref message, out int count);
                received += count;
                if (error == Errno.None && (peeks || count == 0 || received >= target || message.IsComplete || message.Rights is not null))
                {
                    return Errno.None;
                }

                if (error == Errno.None)
                {
                    message.Data = message.Data.Slice(count);
                    continue; // there may be more at once
                }

                if (error == Errno.EAGAIN)
                {
                    error = waiter.Wait(TimeUntil(end));
                }

                if (error == Errno.EAGAIN && peeks)
                {
                    message.Target = 1;
                    return _implementation.Receive(ref message, out received);
                }

                if (error != Errno.None || (received > 0 && HasPendingError))
                {
                    return received > 0 ? Errno.None : error;
                }
            }
        }
        finally
        {
            Waiters.Remove(waiter);
        }
    }

    private static long EndOf(TimeSpan timeout) =>
        timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : Environment.TickCount64 + (long)Math.Ceiling(Math.Min(timeout.TotalMilliseconds, int.MaxValue));

    private static TimeSpan TimeUntil(long end) => end == long.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Max(0, end - Environment.TickCount64));
}
