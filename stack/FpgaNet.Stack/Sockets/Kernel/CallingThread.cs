namespace FpgaNet.Stack.Sockets.Kernel;

/// <summary>
/// A thread as the calls that wait see it: what pthread_kill(3) with a handled signal does to them elsewhere. <see cref="Thread.Interrupt"/> does
/// the same to a thread that sleeps in a call; but a thread that only waits for a lock at that moment gets an exception by it, which <see cref="Interrupt"/> spares.
/// </summary>
public sealed class CallingThread
{
    [ThreadStatic]
    private static CallingThread? s_current;

    private readonly ThreadWaiter _waiter = ThreadWaiter.Current;

    private CallingThread()
    {
    }

    /// <summary>The calling thread.</summary>
    public static CallingThread Current => s_current ??= new CallingThread();

    /// <summary>A call waits on this thread.</summary>
    internal bool IsAsleep => _waiter.IsAsleep;

    /// <summary>The call that waits on this thread ends with EINTR; when none does, the next that would wait. It may be called from any thread, such as by a cancellation token.</summary>
    public void Interrupt() => _waiter.Interrupt();
}
