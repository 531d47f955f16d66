using FpgaNet.Driver.Usb;

namespace FpgaNet.Sim.Usb;

/// <summary>
/// The simulated card on USB as a driver sees it. In <em>lockstep</em> the caller's thread is the clock: <see cref="Pause"/> runs it, and between calls a
/// <see cref="LockstepClock"/> does; a broken rule is thrown to whoever runs it. <em>Free-running</em>, the card has a thread of its own that runs while anything is in flight
/// and sleeps otherwise; a broken rule stops the card, and its transfers end with −ENODEV.
/// </summary>
public sealed class SimulatedUsbDevice : IUsbDevice
{
    // Clocks in a Pause of lockstep time.
    private const int PauseCycles = 64;

    private readonly SimulatedUsbBus _bus;
    private readonly UsbRunner? _runner;
    private bool _disposed;

    private SimulatedUsbDevice(SimulatedUsbCard card, bool freeRunning, string location)
    {
        Card = card;
        _bus = card.Bus;
        Location = location;
        if (freeRunning)
        {
            _runner = new UsbRunner(card, location);
            _runner.Start();
        }
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <summary>The board.</summary>
    public SimulatedUsbCard Card { get; }

    /// <summary>What passed the bus.</summary>
    public UsbCounters Counters => _bus.Counters;

    /// <inheritdoc/>
    public ushort VendorId => 0x0403;

    /// <inheritdoc/>
    public ushort ProductId => _bus.Options.ProductId;

    /// <inheritdoc/>
    public Action<UsbTransfer>? Completed
    {
        get => _bus.Completed;
        set => _bus.Completed = value;
    }

    /// <summary>What stopped the card, or null.</summary>
    public Exception? Fault => _runner is null ? Card.Fault : _runner.Fault;

    /// <summary>Free-running: called once, on the card's thread, when <see cref="Fault"/> is set.</summary>
    public Action<Exception>? Faulted
    {
        get => _runner?.Faulted;
        set
        {
            if (_runner is not null)
            {
                _runner.Faulted = value;
            }
        }
    }

    /// <summary>The plug is in. Pulled, every transfer and request ends with −ENODEV.</summary>
    public bool Plugged
    {
        get => !_bus.Unplugged;
        set => Do(() => _bus.SetPlugged(value));
    }

    /// <summary>Makes a device whose clock the caller runs. It owns the card from now on.</summary>
    /// <param name="card">The card.</param>
    /// <param name="location">A name for people.</param>
    public static SimulatedUsbDevice Lockstep(SimulatedUsbCard card, string location = "sim0")
    {
        ArgumentNullException.ThrowIfNull(card);
        return new SimulatedUsbDevice(card, freeRunning: false, location);
    }

    /// <summary>Makes a device with a thread of its own and starts it. It owns the card from now on, and nobody else may step it.</summary>
    /// <param name="card">The card.</param>
    /// <param name="location">A name for people.</param>
    public static SimulatedUsbDevice FreeRunning(SimulatedUsbCard card, string location = "sim0")
    {
        ArgumentNullException.ThrowIfNull(card);
        return new SimulatedUsbDevice(card, freeRunning: true, location);
    }

    /// <inheritdoc/>
    public UsbResult Control(byte requestType, byte request, ushort value, ushort index)
    {
        UsbResult result = UsbResult.NoDevice;
        Do(() => result = _bus.Control(requestType, request, value, index));
        return result;
    }

    /// <inheritdoc/>
    public UsbResult Begin(UsbTransfer transfer)
    {
        ArgumentNullException.ThrowIfNull(transfer);
        if (Fault is not null || _disposed)
        {
            return UsbResult.NoDevice;
        }

        UsbResult result = _bus.Begin(transfer);
        _runner?.Notify();
        return result;
    }

    /// <inheritdoc/>
    public void Cancel() => Do(() =>
    {
        _bus.EndAll(UsbResult.Cancelled);
        _bus.Complete();
    });

    /// <inheritdoc/>
    public void Pause()
    {
        if (_runner is not null)
        {
            Thread.Yield();
        }
        else if (Card.Fault is null && !_disposed)
        {
            Card.Step(PauseCycles);
        }
    }

    /// <inheritdoc/>
    public UsbResult Reset()
    {
        UsbResult result = UsbResult.NoDevice;
        Do(() =>
        {
            result = _bus.Reset();
            _bus.Complete();
        });
        return result;
    }

    /// <summary>Stops the card's thread and ends the simulation.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _runner?.Dispose();
            _bus.EndAll(UsbResult.NoDevice);
            Card.Dispose();
        }
    }

    // The chip belongs to whoever runs the clock.
    private void Do(Action action)
    {
        if (_runner is null)
        {
            action();
        }
        else if (Fault is null && !_disposed)
        {
            _runner.Call(action);
        }
    }
}
