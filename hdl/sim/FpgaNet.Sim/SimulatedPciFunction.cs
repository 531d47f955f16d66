using FpgaNet.Driver.Pci;
using FpgaNet.Sim.Pci;

namespace FpgaNet.Sim;

/// <summary>
/// The simulated card as a driver sees it. In <em>lockstep</em> the caller's thread is the clock: <see cref="ReadRegister"/> and <see cref="Pause"/> run it, and
/// between calls a <see cref="LockstepClock"/> does; a broken rule is thrown to whoever runs it. <em>Free-running</em>, the card has a thread of its own that runs while anything is in flight and
/// sleeps otherwise; a broken rule stops the card: see <see cref="Fault"/>.
/// </summary>
public sealed class SimulatedPciFunction : IPciFunction
{
    // Clocks in a Pause of lockstep time.
    private const int PauseCycles = 64;

    private readonly SimulatedCard _card;
    private readonly PciRunner? _runner;
    private readonly Action?[] _handlers;
    private bool _disposed;

    private SimulatedPciFunction(SimulatedCard card, bool freeRunning, string location)
    {
        _card = card;
        Location = location;
        _handlers = new Action?[card.Root.Options.InterruptVectors];
        card.Root.InterruptHandler = vector => Volatile.Read(ref _handlers[vector])?.Invoke();
        if (freeRunning)
        {
            _runner = new PciRunner(card, location);
            _runner.Start();
        }
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <summary>The board.</summary>
    public SimulatedCard Card => _card;

    /// <inheritdoc/>
    public int InterruptVectors => _handlers.Length;

    /// <summary>What stopped the card, or null. A stopped card reads as all ones and ignores writes.</summary>
    public Exception? Fault => _runner is null ? _card.Fault : _runner.Fault;

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

    /// <summary>Makes a function whose clock the caller runs. It owns the card from now on.</summary>
    /// <param name="card">The card.</param>
    /// <param name="location">A name for people.</param>
    public static SimulatedPciFunction Lockstep(SimulatedCard card, string location = "sim0")
    {
        ArgumentNullException.ThrowIfNull(card);
        return new SimulatedPciFunction(card, freeRunning: false, location);
    }

    /// <summary>Makes a function with a thread of its own and starts it. It owns the card from now on, and nobody else may step it.</summary>
    /// <param name="card">The card.</param>
    /// <param name="location">A name for people.</param>
    public static SimulatedPciFunction FreeRunning(SimulatedCard card, string location = "sim0")
    {
        ArgumentNullException.ThrowIfNull(card);
        return new SimulatedPciFunction(card, freeRunning: true, location);
    }

    /// <inheritdoc/>
    public uint ReadRegister(uint offset)
    {
        if (_runner is not null)
        {
            return _runner.Read(offset);
        }

        if (_card.Fault is not null)
        {
            return uint.MaxValue;
        }

        int tag = _card.Root.BeginRegisterRead(offset, _card.Cycles);
        RegisterReadResult result;
        while (!_card.Root.TryEndRegisterRead(tag, out result))
        {
            _card.Step(1);
        }

        return result.Value;
    }

    /// <inheritdoc/>
    public void WriteRegister(uint offset, uint value)
    {
        if (_runner is not null)
        {
            _runner.Write(offset, value);
        }
        else
        {
            _card.Root.WriteRegister(offset, value);
        }
    }

    /// <inheritdoc/>
    public ulong MapDma(nint address, nuint length) => _card.Root.Memory.Map(address, length);

    /// <inheritdoc/>
    public void UnmapDma(ulong busAddress) => _card.Root.Memory.Unmap(busAddress);

    /// <inheritdoc/>
    public void SetInterruptHandler(int vector, Action? handler) => Volatile.Write(ref _handlers[vector], handler);

    /// <inheritdoc/>
    public void Pause()
    {
        if (_runner is null)
        {
            _card.Step(PauseCycles);
        }
        else
        {
            Thread.Yield();
        }
    }

    /// <inheritdoc/>
    public void Reset()
    {
        if (_runner is null)
        {
            _card.Reset();
        }
        else
        {
            _runner.Reset();
        }
    }

    /// <summary>Stops the card's thread and ends the simulation.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _runner?.Dispose();
            _card.Dispose();
        }
    }
}
