using FpgaNet.Driver.Pci;
using FpgaNet.Sim;

namespace FpgaNet.CoSim.Tests;

/// <summary>The simulated function with two more abilities: it remembers which mapping serves what, and it can be pulled out of its slot.</summary>
internal sealed class StackOnCardFunction(SimulatedCard card) : IPciFunction
{
    private readonly SimulatedPciFunction _inner = SimulatedPciFunction.Lockstep(card);
    private readonly List<(ulong Address, nuint Length)> _mappings = [];

    public string Location => _inner.Location;

    public int InterruptVectors => _inner.InterruptVectors;

    public bool IsGone { get; private set; }

    /// <summary>Whether a bus address lies in the transmit ring, the first memory that the driver maps.</summary>
    public bool IsTransmitRing(ulong address) => IsIn(0, address);

    /// <summary>Whether it lies in the receive ring, which the driver maps third, after both rings of transmission.</summary>
    public bool IsReceiveRing(ulong address) => IsIn(2, address);

    /// <summary>Pulls the card out: its DMA ends, register reads give ones, nothing else has any effect.</summary>
    public void Remove()
    {
        _inner.Reset();
        IsGone = true;
    }

    public uint ReadRegister(uint offset) => IsGone ? uint.MaxValue : _inner.ReadRegister(offset);

    public void WriteRegister(uint offset, uint value)
    {
        if (!IsGone)
        {
            _inner.WriteRegister(offset, value);
        }
    }

    public ulong MapDma(nint address, nuint length)
    {
        ulong bus = _inner.MapDma(address, length);
        _mappings.Add((bus, length));
        return bus;
    }

    public void UnmapDma(ulong busAddress) => _inner.UnmapDma(busAddress);

    public void SetInterruptHandler(int vector, Action? handler) => _inner.SetInterruptHandler(vector, handler);

    public void Pause() => _inner.Pause();

    public void Reset()
    {
        if (!IsGone)
        {
            _inner.Reset();
        }
    }

    public void Dispose() => _inner.Dispose();

    private bool IsIn(int mapping, ulong address) => address - _mappings[mapping].Address < _mappings[mapping].Length;
}
