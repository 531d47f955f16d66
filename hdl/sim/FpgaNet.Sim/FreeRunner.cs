namespace FpgaNet.Sim;

/// <summary>
/// Runs a board on a thread of its own while anything is in flight, and sleeps otherwise until the host wants something of it or a frame arrives. What others
/// want of the board, <see cref="Obey"/> takes from a queue, so that only this thread touches the model.
/// </summary>
internal abstract class FreeRunner : IDisposable
{
    // Clocks between two looks at what is wanted.
    private const int Burst = 32;

    private readonly SimulatedBoard _board;
    private readonly Thread _thread;
    private readonly Signal _work = new();
    private volatile bool _stopping;
    private volatile Exception? _fault;
    private int _sleeping;

    protected FreeRunner(SimulatedBoard board, string name)
    {
        _board = board;
        board.Phy.FrameArrived = Wake;
        _thread = new Thread(Run) { IsBackground = true, Name = $"card {name}" };
    }

    public Exception? Fault => _fault;

    public Action<Exception>? Faulted { get; set; }

    /// <summary>Nobody will do anything any more.</summary>
    protected bool IsOver => _fault is not null || _stopping || !_thread.IsAlive;

    /// <summary>Somebody wants something.</summary>
    protected abstract bool HasOrders { get; }

    public void Start() => _thread.Start();

    public virtual void Dispose()
    {
        _stopping = true;
        _work.Set();
        _thread.Join();
        _board.Phy.FrameArrived = null;
    }

    /// <summary>Does what is wanted.</summary>
    protected abstract void Obey();

    /// <summary>Some clocks have passed.</summary>
    protected abstract void Answer();

    /// <summary>The card has stopped.</summary>
    protected abstract void End();

    // The sleeper first says that it sleeps and then looks for work; here work is put down first and then the sleeper looked for. The exchange and
    // the lock of who puts it down are full barriers, so one of the two sees the other.
    protected void Wake()
    {
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _sleeping) != 0 && Interlocked.Exchange(ref _sleeping, 0) != 0)
        {
            _work.Set();
        }
    }

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                if (HasOrders)
                {
                    Obey();
                }

                if (!_board.IsIdle)
                {
                    _board.Step(Burst);
                    Answer();
                }
                else
                {
                    Sleep();
                }
            }
        }
#pragma warning disable CA1031 // a thread's last catch: the fault is kept, told and shown by every later access
        catch (Exception e)
#pragma warning restore CA1031
        {
            _fault = e;
            End();
            Faulted?.Invoke(e);
        }
    }

    private void Sleep()
    {
        Interlocked.Exchange(ref _sleeping, 1);
        if (HasOrders || _stopping || !_board.IsIdle)
        {
            Volatile.Write(ref _sleeping, 0);
            return;
        }

        _work.Wait(Timeout.InfiniteTimeSpan);
    }
}
