namespace FpgaNet.Sim.Usb;

/// <summary>How awkward the USB chip and its host are.</summary>
public sealed record Ft245ChipOptions
{
    /// <summary>Seed of everything random here.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>What the chip calls itself (idProduct): 6014 is an FT232H, 6010 an FT2232H.</summary>
    public ushort ProductId { get; init; } = 0x6014;

    /// <summary>Bytes in each of its two buffers: 1024 in an FT232H, 4096 in an FT2232H.</summary>
    public int BufferLength { get; init; } = 1024;

    /// <summary>Chance, at a clock of the chip, that RXF# or TXE# rises for a while although there are bytes or room.</summary>
    public double Stall { get; init; } = 0.01;

    /// <summary>Clocks of the chip that such a stall lasts at most.</summary>
    public int MaximumStall { get; init; } = 40;

    /// <summary>Nanoseconds that a packet of 512 bytes takes on the bus: 13 in a microframe of 125 µs are the most that USB 2.0 §5.8.4 allows.</summary>
    public int PacketNanoseconds { get; init; } = 9615;

    /// <summary>As quick as a chip can be.</summary>
    public static Ft245ChipOptions Fast { get; } = new() { Stall = 0 };
}
