namespace FpgaNet.Driver;

/// <summary>A run of bits in a 32-bit word, as Registers.g.cs places them.</summary>
/// <param name="Shift">The lowest bit, 0 to 31.</param>
/// <param name="Width">Bits, 1 to 32 − <paramref name="Shift"/>.</param>
public readonly record struct BitField(int Shift, int Width)
{
    /// <summary>Ones where the field lies.</summary>
    public uint Mask => (uint)((1UL << Width) - 1) << Shift;

    /// <summary>The field's value in a word.</summary>
    /// <param name="word">The word.</param>
    public uint Get(uint word) => (word & Mask) >> Shift;

    /// <summary>Whether any bit of the field is 1.</summary>
    /// <param name="word">The word.</param>
    public bool IsSet(uint word) => (word & Mask) != 0;

    /// <summary>The word with the field replaced.</summary>
    /// <param name="word">The word.</param>
    /// <param name="value">The new value; bits that do not fit are dropped.</param>
    public uint Set(uint word, uint value) => (word & ~Mask) | ((value << Shift) & Mask);
}
