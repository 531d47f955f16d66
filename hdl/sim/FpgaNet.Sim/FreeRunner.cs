using FpgaNet.Sim.Pci;

namespace FpgaNet.Sim;

/// <summary>
/// Runs a card on a thread of its own while anything is in flight, and sleeps otherwise until a register is accessed or a frame arrives. Everything that others
/// want of the card goes through a queue of orders, so that only this thread touches the model.
/// </summary>
internal sealed class FreeRunner : IDisposable
{
    // Clocks between two looks at the queue of orders.
    private const int Burst = 32;

    private readonly SimulatedCard _card;
    private readonly Thread _thread;
    private readonly Lock _lock = new();
    private readonly Queue<Order> _orders = new();
    private readonly Lock _callLock = new();
    private readonly ManualResetEventSlim _answered = new(false, spinCount: 200);
    private readonly Signal _work = new();
    private volatile bool _hasOrders;
    private volatile bool _stopping;
    private volatile Exception? _fault;
    private int _sleeping;
    private int _readTag = -1;
    private uint _answer;

    public FreeRunner(SimulatedCard card, string name)
    {
        _card = card;
        card.Phy.FrameArrived = Wake;
        _thread = new Thread(Run) { IsBackground = true, Name = $"card {name}" };
        _thread.Start();
    }

    private enum OrderKind
    {
        Write,
        Read,
        Reset,
    }

    public Exception? Fault => _fault;

    public Action<Exception>? Faulted { get; set; }

    public void Write(uint offset, uint value) => Enqueue(new Order(OrderKind.Write, offset, value));

    /// <summary>Reads a register and waits for the answer; all ones when the card has stopped.</summary>
    public uint Read(uint offset) => Call(new Order(OrderKind.Read, offset, 0));

    public void Reset() => Call(new Order(OrderKind.Reset, 0, 0));

    public void Dispose()
    {
        _stopping = true;
        _work.Set();
        _thread.Join();
        _card.Phy.FrameArrived = null;
        _answered.Set();
    }

    private uint Call(Order order)
    {
        lock (_callLock)
        {
            _answered.Reset();
            Enqueue(order);
            while (!_answered.Wait(millisecondsTimeout: 100))
            {
                if (_fault is not null || !_thread.IsAlive)
                {
                    return uint.MaxValue;
                }
            }

            return _fault is null ? _answer : uint.MaxValue;
        }
    }

    private void Enqueue(Order order)
    {
        if (_fault is not null || _stopping)
        {
            return;
        }

        lock (_lock)
        {
            _orders.Enqueue(order);
            _hasOrders = true;
        }

        Wake();
    }

    // The sleeper first says that it sleeps and then looks for work; here work is put down first and then the sleeper looked for. The exchange and
    // the lock above are full barriers, so one of the two sees the other.
    private void Wake()
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
                Obey();
                if (!_card.IsIdle)
                {
                    _card.Step(Burst);
                    Answer();
                }
                else
                {
                    Sleep();
                }
            }
        }
#pragma warning disable CA1031 // a thread's last catch: the fault is kept, told and shown by every later read
        catch (Exception e)
#pragma warning restore CA1031
        {
            _fault = e;
            _answer = uint.MaxValue;
            _answered.Set();
            Faulted?.Invoke(e);
        }
    }

    private void Sleep()
    {
        Interlocked.Exchange(ref _sleeping, 1);
        if (_hasOrders || _stopping || !_card.IsIdle)
        {
            Volatile.Write(ref _sleeping, 0);
            return;
        }

        _work.Wait(Timeout.InfiniteTimeSpan);
    }

    private void Obey()
    {
        if (!_hasOrders)
        {
            return;
        }

        lock (_lock)
        {
            while (_orders.TryDequeue(out Order order))
            {
                switch (order.Kind)
                {
                    case OrderKind.Write:
                        _card.Root.WriteRegister(order.Offset, order.Value);
                        break;
                    case OrderKind.Read:
                        _readTag = _card.Root.BeginRegisterRead(order.Offset, _card.Cycles);
                        break;
                    default:
                        _card.Reset();
                        _readTag = -1;
                        _answered.Set();
                        break;
                }
            }

            _hasOrders = false;
        }
    }

    private void Answer()
    {
        if (_readTag >= 0 && _card.Root.TryEndRegisterRead(_readTag, out RegisterReadResult result))
        {
            _readTag = -1;
            _answer = result.Value;
            _answered.Set();
        }
    }

    private readonly record struct Order(OrderKind Kind, uint Offset, uint Value);
}
