using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Sockets.Tests.Descriptors;

/// <summary>A thread that waits in a call of ours: the constructor returns when it sleeps there, or is done.</summary>
internal sealed class Waiting
{
    private readonly Thread _thread;
    private volatile CallingThread? _calling;

    public Waiting(Action call)
    {
        _thread = new Thread(() =>
        {
            _calling = CallingThread.Current;
            call();
        });
        _thread.Start();
        while (_thread.IsAlive && !IsAsleep)
        {
            Thread.Sleep(1);
        }
    }

    public bool IsAsleep => _calling is { IsAsleep: true };

    /// <summary>The thread as our calls see it.</summary>
    public CallingThread Calling => _calling!;

    public void Interrupt() => _thread.Interrupt();

    public void Join() => Assert.IsTrue(_thread.Join(TimeSpan.FromSeconds(30)), "it was not woken");
}
