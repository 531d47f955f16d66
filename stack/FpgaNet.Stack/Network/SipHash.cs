using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace FpgaNet.Stack.Network;

/// <summary>
/// SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012): 64 bits that nobody can tell from random ones who does not know the key. What RFC 7217
/// and RFC 7739 ask of their function F, at a few nanoseconds.
/// </summary>
/// <param name="k0">First half of the key, little endian.</param>
/// <param name="k1">Second half.</param>
internal readonly struct SipHash(ulong k0, ulong k1)
{
    /// <summary>A function with a key of its own.</summary>
    /// <param name="seed">The key, where a run must be repeatable; null: from the operating system.</param>
    public static SipHash Create(ulong? seed)
    {
        Span<byte> key = stackalloc byte[16];
        if (seed is { } fixedSeed)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(key, fixedSeed);
            BinaryPrimitives.WriteUInt64LittleEndian(key[8..], ~fixedSeed);
        }
        else
        {
            RandomNumberGenerator.Fill(key);
        }

        return new SipHash(BinaryPrimitives.ReadUInt64LittleEndian(key), BinaryPrimitives.ReadUInt64LittleEndian(key[8..]));
    }

    /// <summary>The hash of some bytes.</summary>
    public ulong Compute(ReadOnlySpan<byte> data)
    {
        ulong v0 = k0 ^ 0x736f6d6570736575;
        ulong v1 = k1 ^ 0x646f72616e646f6d;
        ulong v2 = k0 ^ 0x6c7967656e657261;
        ulong v3 = k1 ^ 0x7465646279746573;
        ulong last = (ulong)data.Length << 56;
        for (; data.Length >= 8; data = data[8..])
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(data);
            v3 ^= word;
            Round(ref v0, ref v1, ref v2, ref v3);
            Round(ref v0, ref v1, ref v2, ref v3);
            v0 ^= word;
        }

        for (int i = 0; i < data.Length; i++)
        {
            last |= (ulong)data[i] << (8 * i);
        }

        v3 ^= last;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= last;
        v2 ^= 0xFF;
        for (int i = 0; i < 4; i++)
        {
            Round(ref v0, ref v1, ref v2, ref v3);
        }

        return v0 ^ v1 ^ v2 ^ v3;
    }

    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
