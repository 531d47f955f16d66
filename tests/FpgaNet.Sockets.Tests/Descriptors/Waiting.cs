using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Sockets.Tests.Descriptors;

/// <summary>A thread that waits in a call of either side: the constructor returns when it sleeps there, or is done.</summary>
internal sealed class Waiting
{
    private readonly Thread _thread;
    private readonly int? _descriptor;
    private volatile CallingThread? _calling;
    private volatile LinuxThread? _linux;

    public Waiting(Action call)
        : this(Side.Ours, null, () =>
        {
            call();
            return 0;
        })
    {
    }

    /// <summary>As the other, with a result.</summary>
    /// <param name="side">Whose call it is.</param>
    /// <param name="descriptor">What the call has as its first argument, by which it is known on Linux; null: none, and there the constructor returns at once.</param>
    /// <param name="call">The call.</param>
    public Waiting(Side side, int? descriptor, Func<int> call)
    {
        _descriptor = descriptor;
        _thread = new Thread(() =>
        {
            (_calling, _linux) = side == Side.Ours ? (CallingThread.Current, (LinuxThread?)null) : (null, new LinuxThread());
            Result = call();
        })
        {
            IsBackground = true, // a call on Linux's side outlives a test that fails
        };
        _thread.Start();
        bool isThere = SpinWait.SpinUntil(() => !_thread.IsAlive || IsAsleep || (descriptor is null && _linux is not null), 30_000);
        Assert.IsTrue(isThere, "it neither sleeps nor ends");
    }

    public bool IsAsleep => _calling is { IsAsleep: true } || (_descriptor is { } descriptor && _linux?.SleepsIn(descriptor) == true);

    /// <summary>What the call returned, once it is done.</summary>
    public int Result { get; private set; }

    /// <summary>The thread as our calls see it.</summary>
    public CallingThread Calling => _calling!;

    /// <summary>Interrupts the call and waits for its end: by Thread.Interrupt, on Linux by signals, as one may come before the call has begun.</summary>
    public void Interrupt()
    {
        if (_linux is { } linux)
        {
            do
            {
                linux.Interrupt();
            }
            while (!_thread.Join(TimeSpan.FromMilliseconds(10)));
            return;
        }

        _thread.Interrupt();
        Join();
    }

    public void Join(string name = "it") => Assert.IsTrue(_thread.Join(TimeSpan.FromSeconds(30)), $"{name} was not woken");
}
