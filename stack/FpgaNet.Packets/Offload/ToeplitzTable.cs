using System.Buffers.Binary;
using System.Numerics;

namespace FpgaNet.Packets.Offload;

/// <summary>
/// Toeplitz by table: the hash is linear over GF(2), so it is the sum of what each half byte contributes at its place. Sixteen words
/// for each half byte: 4.5 KiB in all, which leaves the first-level cache to others (whole bytes would need 36 KiB).
/// </summary>
internal sealed class ToeplitzTable
{
    private readonly uint[] _table = new uint[ToeplitzHash.MaximumInputLength * 2 * 16];

    internal ToeplitzTable(ReadOnlySpan<byte> key)
    {
        for (int half = 0; half < ToeplitzHash.MaximumInputLength * 2; half++)
        {
            // The 32 key bits from each of the half byte's four bits on, most significant bit first.
            ulong window = BinaryPrimitives.ReadUInt64BigEndian(key[Math.Min(half >> 1, key.Length - 8)..]);
            int shift = 32 - (8 * ((half >> 1) - Math.Min(half >> 1, key.Length - 8))) - (4 * (half & 1));
            for (int value = 1; value < 16; value++)
            {
                int lowest = BitOperations.TrailingZeroCount(value);
                _table[(half * 16) + value] = _table[(half * 16) + (value & (value - 1))] ^ (uint)(window >> (shift - 3 + lowest));
            }
        }
    }

    internal uint Compute(ReadOnlySpan<byte> input)
    {
        uint hash = 0;
        ReadOnlySpan<uint> table = _table;
        foreach (byte octet in input)
        {
            hash ^= table[octet >> 4] ^ table[16 + (octet & 15)];
            table = table[32..];
        }

        return hash;
    }
}
