using System.Runtime.CompilerServices;

namespace FpgaNet.Sim;

/// <summary>
/// A pin of a <see cref="VerilatedModel"/>: the address of Verilator's own variable, so that reading and writing cost a few
/// nanoseconds. The struct is valid until the model is disposed.
/// </summary>
public readonly unsafe struct Port
{
    private readonly byte* _address;

    internal Port(byte* address, int bits, bool isInput)
    {
        _address = address;
        Bits = bits;
        IsInput = isInput;
    }

    /// <summary>Width in bits.</summary>
    public int Bits { get; }

    /// <summary>The module reads the pin; it may be written.</summary>
    public bool IsInput { get; }

    /// <summary>
    /// The pin as a number, least significant bit of the vector in bit 0; of a pin wider than 64 bits the lowest 64. Only the
    /// <see cref="Bits"/> lowest bits of what is written count.
    /// </summary>
    // Verilator keeps 1-8 bits in a byte, 9-16 in two, 17-32 in four, 33-64 in eight, and wider ones in 32-bit words, lowest first;
    // bits above the width must be 0.
    public ulong Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Bits <= 8 ? *_address : Bits <= 16 ? *(ushort*)_address : Bits <= 32 ? *(uint*)_address : *(ulong*)_address;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        set
        {
            if (Bits <= 8)
            {
                *_address = (byte)(value & Mask);
            }
            else if (Bits <= 16)
            {
                *(ushort*)_address = (ushort)(value & Mask);
            }
            else if (Bits <= 32)
            {
                *(uint*)_address = (uint)(value & Mask);
            }
            else
            {
                *(ulong*)_address = value & Mask;
            }
        }
    }

    /// <summary>The pin is not zero; or, of a one-bit pin, its level.</summary>
    public bool IsSet
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Value != 0;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        set => Value = value ? 1UL : 0UL;
    }

    /// <summary>A pin wider than 64 bits as 32-bit words, lowest first. Bits above <see cref="Bits"/> must be written as 0.</summary>
    /// <exception cref="InvalidOperationException">The pin has 64 bits or fewer.</exception>
    public Span<uint> Words => Bits > 64
        ? new Span<uint>(_address, (Bits + 31) / 32)
        : throw new InvalidOperationException("A pin of 64 bits or fewer is read and written as a number.");

    /// <summary>Where Verilator keeps the pin, for models that are driven millions of times a second.</summary>
    internal byte* Address => _address;

    private ulong Mask => Bits >= 64 ? ulong.MaxValue : (1UL << Bits) - 1;
}
