namespace FpgaNet.Sim.Usb;

/// <summary>How awkward the USB chip and its host are.</summary>
public sealed record Ft245ChipOptions
{
    /// <summary>Seed of everything random here.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>What the chip calls itself (idProduct): 6014 is an FT232H, 6010 an FT2232H, 601e an FT600, 601f an FT601.</summary>
    public ushort ProductId { get; init; } = 0x6014;

    /// <summary>Bytes in each of its two buffers: 1024 in an FT232H, 4096 in an FT2232H and in an FT600 or FT601 with one channel.</summary>
    public int BufferLength { get; init; } = 1024;

    /// <summary>Chance, at a clock of the chip, that RXF# or TXE# rises for a while although there are bytes or room.</summary>
    public double Stall { get; init; } = 0.01;

    /// <summary>Clocks of the chip that such a stall lasts at most.</summary>
    public int MaximumStall { get; init; } = 40;

    /// <summary>
    /// Nanoseconds that a packet takes on the bus. Of 512 bytes, 13 in a microframe of 125 µs are the most that USB 2.0 §5.8.4 allows; 2560 for 1024 bytes are
    /// the 400 MB/s of an FT600 or FT601.
    /// </summary>
    public int PacketNanoseconds { get; init; } = 9615;

    /// <summary>As quick as a chip can be.</summary>
    public static Ft245ChipOptions Fast { get; } = new() { Stall = 0 };

    /// <summary>An FT600 (16 bits) at SuperSpeed.</summary>
    public static Ft245ChipOptions Ft600 { get; } = new() { ProductId = 0x601E, BufferLength = 4096, PacketNanoseconds = 2560 };

    /// <summary>An FT601 (32 bits) at SuperSpeed.</summary>
    public static Ft245ChipOptions Ft601 { get; } = Ft600 with { ProductId = 0x601F };

    /// <summary>An FT600 or FT601: no status in packets, no modes and timers; the host asks for every transfer, and byte enables tell how much of a word counts.</summary>
    internal bool IsFt600 => ProductId is 0x601E or 0x601F;

    /// <summary>Bytes of a word at its pins.</summary>
    internal int WordLength => ProductId switch { 0x601E => 2, 0x601F => 4, _ => 1 };

    /// <summary>MHz of its clock.</summary>
    internal int Megahertz => IsFt600 ? 100 : 60;
}
