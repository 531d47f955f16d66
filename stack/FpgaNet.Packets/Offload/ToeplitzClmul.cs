using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace FpgaNet.Packets.Offload;

/// <summary>
/// Toeplitz by carry-less multiplication (PCLMULQDQ). Bit s of the hash (0: most significant) is the sum over input bits i of
/// x[i] · k[i + s]. Let X be 32 input bits as a number (bit 31 − i holds x[i]) and R the key bits from there on, reversed (bit j holds
/// k[j]); then bit 31 + s of the carry-less product X · R is just that sum. So one multiplication does 32 input bits; the products are added, and
/// bits 31 to 62 of the total, reversed, are the hash.
/// </summary>
internal sealed class ToeplitzClmul
{
    // For the word at 4i: the 63 key bits from bit 32i on, reversed. One more, so that words can be loaded in pairs.
    private readonly ulong[] _reversed = new ulong[(ToeplitzHash.MaximumInputLength / 4) + 1];

    internal ToeplitzClmul(ReadOnlySpan<byte> key)
    {
        for (int word = 0; word < ToeplitzHash.MaximumInputLength / 4; word++)
        {
            ulong window = BinaryPrimitives.ReadUInt64BigEndian(key[(4 * word)..]);
            for (int bit = 0; bit < 63; bit++)
            {
                _reversed[word] |= (window >> (63 - bit) & 1) << bit;
            }
        }
    }

    /// <summary>Hashes a multiple of four bytes.</summary>
    internal uint Compute(ReadOnlySpan<byte> input)
    {
        ref ulong keys = ref MemoryMarshal.GetArrayDataReference(_reversed);
        Vector128<ulong> sum = default;
        int word = 0;
        for (; input.Length >= 8; input = input[8..], word += 2)
        {
            ulong both = BinaryPrimitives.ReadUInt64BigEndian(input);
            sum ^= Pair(Vector128.Create(both >> 32, (uint)both), Vector128.LoadUnsafe(ref keys, (nuint)word));
        }

        if (!input.IsEmpty)
        {
            ulong last = BinaryPrimitives.ReadUInt32BigEndian(input);
            sum ^= Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(last), Vector128.LoadUnsafe(ref keys, (nuint)word), 0x00);
        }

        return Extract(sum);
    }

    /// <summary>Hashes three words: the IPv4 4-tuple.</summary>
    internal uint Compute(uint first, uint second, uint third)
    {
        ref ulong keys = ref MemoryMarshal.GetArrayDataReference(_reversed);
        Vector128<ulong> sum = Pair(Vector128.Create(first, (ulong)second), Vector128.LoadUnsafe(ref keys));
        return Extract(sum ^ Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar((ulong)third), Vector128.LoadUnsafe(ref keys, 2), 0x00));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Pair(Vector128<ulong> words, Vector128<ulong> keys) =>
        Pclmulqdq.CarrylessMultiply(words, keys, 0x00) ^ Pclmulqdq.CarrylessMultiply(words, keys, 0x11);

    // Bits 31 to 62, reversed: bits within half bytes by table (SSSE3), half bytes within bytes by shifts, bytes by BSWAP.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Extract(Vector128<ulong> sum)
    {
        Vector128<byte> bits = (sum >>> 31).AsByte();
        Vector128<byte> low = bits & Vector128.Create((byte)0x0F);
        Vector128<byte> high = (bits.AsUInt16() >>> 4).AsByte() & Vector128.Create((byte)0x0F);
        Vector128<byte> reversed =
            Ssse3.Shuffle(Vector128.Create(0x00, 0x80, 0x40, 0xC0, 0x20, 0xA0, 0x60, 0xE0, 0x10, 0x90, 0x50, 0xD0, 0x30, 0xB0, 0x70, (byte)0xF0), low)
            | Ssse3.Shuffle(Vector128.Create(0x00, 0x08, 0x04, 0x0C, 0x02, 0x0A, 0x06, 0x0E, 0x01, 0x09, 0x05, 0x0D, 0x03, 0x0B, 0x07, (byte)0x0F), high);
        return BinaryPrimitives.ReverseEndianness(reversed.AsUInt32().ToScalar());
    }
}
