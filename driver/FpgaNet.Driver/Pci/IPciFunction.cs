namespace FpgaNet.Driver.Pci;

/// <summary>
/// A PCI Express function as a driver sees it: registers behind BAR 0, DMA mappings, interrupts and reset.
/// The simulated board, kernel VFIO and vfio-user each implement it; the driver above cannot tell which.
/// </summary>
public interface IPciFunction : IDisposable
{
    /// <summary>Where the function is, for people: <c>0000:03:00.0</c> or <c>sim0</c>.</summary>
    string Location { get; }

    /// <summary>Reads a 32-bit register. Waits for the completion; not for the data path.</summary>
    /// <param name="offset">Byte offset in BAR 0, a multiple of 4.</param>
    /// <returns>The value; 0xFFFFFFFF when the function did not answer (PCIe Base 4.0 §2.3.2: an unsuccessful completion reads as ones).</returns>
    uint ReadRegister(uint offset);

    /// <summary>Writes a 32-bit register. Posted: it may reach the function later, but writes stay in order, and all memory
    /// that the caller wrote before is visible to the function's DMA by then.</summary>
    /// <param name="offset">Byte offset in BAR 0, a multiple of 4.</param>
    /// <param name="value">The value.</param>
    void WriteRegister(uint offset, uint value);

    /// <summary>Lets the function read and write a run of host memory.</summary>
    /// <param name="address">First byte, page aligned (4096).</param>
    /// <param name="length">Bytes, a multiple of the page size; the caller pads its allocation.</param>
    /// <returns>The bus address of the first byte.</returns>
    ulong MapDma(nint address, nuint length);

    /// <summary>Ends a mapping. The function must no longer use it.</summary>
    /// <param name="busAddress">What <see cref="MapDma"/> returned.</param>
    void UnmapDma(ulong busAddress);

    /// <summary>Message-signalled interrupt vectors that the driver may use.</summary>
    int InterruptVectors { get; }

    /// <summary>Says what to call when a vector is signalled; from any thread. The handler must be quick and must not block.</summary>
    /// <param name="vector">0 to <see cref="InterruptVectors"/> − 1.</param>
    /// <param name="handler">What to call; null to stop.</param>
    void SetInterruptHandler(int vector, Action? handler);

    /// <summary>Lets time pass for the function while the driver waits for a register to change: a short sleep on hardware,
    /// a run of clock cycles in a simulation.</summary>
    void Pause();

    /// <summary>Function-level reset: registers return to their reset values, DMA and interrupts stop. Mappings stay.</summary>
    void Reset();
}
