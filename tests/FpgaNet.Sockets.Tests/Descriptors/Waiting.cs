namespace FpgaNet.Sockets.Tests.Descriptors;

/// <summary>A thread that waits in a call of ours: the constructor returns when it sleeps.</summary>
internal sealed class Waiting
{
    private readonly Thread _thread;

    public Waiting(Action call)
    {
        _thread = new Thread(() => call());
        _thread.Start();
        for (int seen = 0; seen < 3; seen = _thread.ThreadState switch
        {
            ThreadState.Stopped => 3,
            ThreadState.WaitSleepJoin => seen + 1, // once might be a lock that another has
            _ => 0,
        })
        {
            Thread.Sleep(5);
        }
    }

    public bool IsAsleep => _thread.ThreadState == ThreadState.WaitSleepJoin;

    public void Interrupt() => _thread.Interrupt();

    public void Join() => Assert.IsTrue(_thread.Join(TimeSpan.FromSeconds(30)), "it was not woken");
}
