using FpgaNet.Sim.Pci;

namespace FpgaNet.Sim;

/// <summary>Runs a card on PCI Express; what is wanted of it are register accesses and resets.</summary>
internal sealed class PciRunner(SimulatedCard card, string name) : FreeRunner(card, name)
{
    private readonly Lock _lock = new();
    private readonly Queue<Order> _orders = new();
    private readonly Lock _callLock = new();
    private readonly ManualResetEventSlim _answered = new(false, spinCount: 200);
    private volatile bool _hasOrders;
    private int _readTag = -1;
    private uint _answer;

    private enum OrderKind
    {
        Write,
        Read,
        Reset,
    }

    protected override bool HasOrders => _hasOrders;

    public void Write(uint offset, uint value) => Enqueue(new Order(OrderKind.Write, offset, value));

    /// <summary>Reads a register and waits for the answer; all ones when the card has stopped.</summary>
    public uint Read(uint offset) => Call(new Order(OrderKind.Read, offset, 0));

    public void Reset() => Call(new Order(OrderKind.Reset, 0, 0));

    public override void Dispose()
    {
        base.Dispose();
        _answered.Set();
    }

    protected override void Obey()
    {
        lock (_lock)
        {
            while (_orders.TryDequeue(out Order order))
            {
                switch (order.Kind)
                {
                    case OrderKind.Write:
                        card.Root.WriteRegister(order.Offset, order.Value);
                        break;
                    case OrderKind.Read:
                        _readTag = card.Root.BeginRegisterRead(order.Offset, card.Cycles);
                        break;
                    default:
                        card.Reset();
                        _readTag = -1;
                        _answered.Set();
                        break;
                }
            }

            _hasOrders = false;
        }
    }

    protected override void Answer()
    {
        if (_readTag >= 0 && card.Root.TryEndRegisterRead(_readTag, out RegisterReadResult result))
        {
            _readTag = -1;
            _answer = result.Value;
            _answered.Set();
        }
    }

    protected override void End()
    {
        _answer = uint.MaxValue;
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
                if (IsOver)
                {
                    return uint.MaxValue;
                }
            }

            return Fault is null ? _answer : uint.MaxValue;
        }
    }

    private void Enqueue(Order order)
    {
        if (IsOver)
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

    private readonly record struct Order(OrderKind Kind, uint Offset, uint Value);
}
