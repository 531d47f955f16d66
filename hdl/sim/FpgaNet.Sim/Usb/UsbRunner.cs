namespace FpgaNet.Sim.Usb;

/// <summary>Runs a card on USB; what is wanted of it are transfers, control requests and plugs, which the device puts down as actions.</summary>
internal sealed class UsbRunner(SimulatedUsbCard card, string name) : FreeRunner(card, name)
{
    private readonly Lock _lock = new();
    private readonly Queue<Action> _orders = new();
    private volatile bool _hasOrders;

    protected override bool HasOrders => _hasOrders || !card.Bus.IsIdle;

    /// <summary>A transfer was begun.</summary>
    public void Notify() => Wake();

    /// <summary>Does something on the card's thread and waits for it.</summary>
    /// <returns>False when the card has stopped.</returns>
    public bool Call(Action action)
    {
        using ManualResetEventSlim done = new(false);
        lock (_lock)
        {
            _orders.Enqueue(() =>
            {
                action();
                done.Set();
            });
            _hasOrders = true;
        }

        Wake();
        while (!done.Wait(millisecondsTimeout: 100))
        {
            if (IsOver)
            {
                return false;
            }
        }

        return true;
    }

    protected override void Obey()
    {
        while (true)
        {
            Action? order;
            lock (_lock)
            {
                _hasOrders = _orders.TryDequeue(out order);
            }

            if (order is null)
            {
                card.Bus.Complete();
                return;
            }

            order();
        }
    }

    protected override void Answer()
    {
    }

    protected override void End()
    {
        card.Bus.EndAll(Driver.Usb.UsbResult.NoDevice);
        card.Bus.Complete();
    }
}
