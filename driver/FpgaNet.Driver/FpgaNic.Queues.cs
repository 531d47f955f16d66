namespace FpgaNet.Driver;

// The card's other queues, each with a user of its own: they run while the card does, and stand still while it is looked after.
public sealed partial class FpgaNic
{
    /// <summary>Frames flow.</summary>
    internal bool IsRunning => _phase == Phase.Running;

    /// <summary>An armed queue tells by itself that it has something.</summary>
    internal bool Signals => _transport.Signals;

    /// <summary>A queue has found a fault of the card: this device's user is called, whose next call begins the reset.</summary>
    internal void LookAfter() => Wake();

    private CardFault? CheckQueues()
    {
        HoldOthers();
        try
        {
            return _transport.Check(IsHeld);
        }
        finally
        {
            LetOthersGo();
        }
    }

    private void WakeAll()
    {
        Wake();
        WakeOthers();
    }

    private void WakeOthers() => Array.ForEach(_others, static queue => queue.Wake());

    // Always in the same order, and nobody who is kept out holds anything that is wanted here.
    private void HoldOthers() => Array.ForEach(_others, static queue => queue.Hold());

    private void LetOthersGo() => Array.ForEach(_others, static queue => queue.LetGo());
}
