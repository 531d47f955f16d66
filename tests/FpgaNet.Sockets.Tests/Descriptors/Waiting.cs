namespace FpgaNet.Sockets.Tests.Descriptors;

/// <summary>A thread that waits in a call of ours: the constructor returns when it sleeps.</summary>
internal sealed class Waiting
{
    private readonly Thread _thread;

    public Waiting(Action call)
    {
        _thread = new Thread(() => call());
        _thread.Start();
        while (_thread.ThreadState is not (ThreadState.WaitSleepJoin or ThreadState.Stopped))
        {
            Thread.Yield();
        }
    }

    public bool IsAsleep => _thread.ThreadState == ThreadState.WaitSleepJoin;

    public void Interrupt() => _thread.Interrupt();

    public void Join() => Assert.IsTrue(_thread.Join(TimeSpan.FromSeconds(30)), "it was not woken");
}
