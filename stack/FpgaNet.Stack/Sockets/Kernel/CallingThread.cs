namespace FpgaNet.Stack.Sockets.Kernel;

/// <summary>A thread as the calls that wait see it: what pthread_kill(3) with a handled signal does to them elsewhere. <see cref="Thread.Interrupt"/> does the same.</summary>
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

    /// <summary>The call that waits on this thread ends with EINTR; when none does, the next that would wait. It may be called from any thread, such as by a cancellation token.</summary>
    public void Interrupt() => _waiter.Interrupt();
}
