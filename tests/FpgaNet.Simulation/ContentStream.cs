using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace FpgaNet.Simulation;

/// <summary>An endless stream of bytes that a key decides: sender and receiver know what stands at every position without keeping it.</summary>
/// <param name="Key">Which stream.</param>
public readonly record struct ContentStream(ulong Key)
{
    /// <summary>Writes the bytes from a position on.</summary>
    public void Fill(long position, Span<byte> bytes)
    {
        while (!bytes.IsEmpty && (position & 7) != 0)
        {
            bytes[0] = At(position++);
            bytes = bytes[1..];
        }

        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        for (int i = 0; i < words.Length; i++)
        {
            ulong word = Word((position >> 3) + i);
            words[i] = BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);
        }

        for (int i = words.Length * 8; i < bytes.Length; i++)
        {
            bytes[i] = At(position + i);
        }
    }

    /// <summary>The first byte that is another than the stream has from a position on; -1: none.</summary>
    public int FirstDifference(long position, ReadOnlySpan<byte> bytes)
    {
        Span<byte> expected = stackalloc byte[512];
        for (int at = 0; at < bytes.Length; at += expected.Length)
        {
            ReadOnlySpan<byte> part = bytes[at..Math.Min(at + expected.Length, bytes.Length)];
            Fill(position + at, expected);
            int same = part.CommonPrefixLength(expected[..part.Length]);
            if (same < part.Length)
            {
                return at + same;
            }
        }

        return -1;
    }

    private byte At(long position) => (byte)(Word(position >> 3) >> (int)((position & 7) * 8));

    // SplitMix64.
    private ulong Word(long index)
    {
        ulong z = Key + ((ulong)index * 0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }
}
