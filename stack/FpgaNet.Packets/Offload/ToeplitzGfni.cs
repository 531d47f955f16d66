using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace FpgaNet.Packets.Offload;

/// <summary>
/// Toeplitz by GF(2) matrix multiplication (GFNI). What input byte p contributes to hash byte j depends on p + j only: it is M(p + j) · x[p],
/// where row s of the 8 × 8 bit matrix M(q) holds the key bits 8q + s to 8q + s + 7. So a 64-bit lane that holds matrix M(q) is multiplied by the bytes
/// x[q], x[q−1], x[q−2], x[q−3], which gives what they contribute to hash bytes 0 to 3; all lanes are then added. Eight
/// lanes, and so eight input bytes, a 512-bit instruction.
/// </summary>
internal sealed class ToeplitzGfni
{
    // Three zeros in front of the input stand for x[−3] to x[−1].
    private const int Lead = 3;
    private const int LanesPerBlock = 8;
    private const int PaddedLength = 64;

    // The same windows as Windows, for q = 0 to 15, into three words in host order: byte p of the input lies at p ^ 3.
    private static readonly byte[] s_tupleWindows = TupleWindows();

    private readonly ulong[] _matrices = new ulong[ToeplitzHash.KeyLength];

    internal ToeplitzGfni(ReadOnlySpan<byte> key)
    {
        for (int q = 0; q < _matrices.Length; q++)
        {
            _matrices[q] = Matrix(key, q);
        }
    }

    /// <summary>The CPU has GFNI at 512 bits (with AVX512BW for the byte shuffle) or at 256 bits (with AVX2).</summary>
#if NET10_0_OR_GREATER
    internal static bool IsSupported => Is512Supported || Is256Supported;

    internal static bool Is512Supported => Gfni.V512.IsSupported && Avx512BW.IsSupported;

    internal static bool Is256Supported => Gfni.V256.IsSupported && Avx2.IsSupported;
#else
    internal static bool IsSupported => false;
#endif

    // For lane q (two in each 128 bits, eight in 512): where x[q], x[q−1], x[q−2], x[q−3] lie in the sixteen bytes loaded from padded[8 · block].
    internal static ReadOnlySpan<byte> Windows =>
    [
        3, 2, 1, 0, 255, 255, 255, 255, 4, 3, 2, 1, 255, 255, 255, 255,
        5, 4, 3, 2, 255, 255, 255, 255, 6, 5, 4, 3, 255, 255, 255, 255,
        7, 6, 5, 4, 255, 255, 255, 255, 8, 7, 6, 5, 255, 255, 255, 255,
        9, 8, 7, 6, 255, 255, 255, 255, 10, 9, 8, 7, 255, 255, 255, 255,
    ];

    /// <summary>Matrix M(q) as GF2P8AFFINEQB wants it: output bit 7 − s is the parity of byte s of the operand and the input (Intel SDM, GF2P8AFFINEQB).</summary>
    internal static ulong Matrix(ReadOnlySpan<byte> key, int q)
    {
        uint bits = ((uint)key[q] << 8) | (q + 1 < key.Length ? key[q + 1] : 0u);
        ulong matrix = 0;
        for (int s = 0; s < 8; s++)
        {
            matrix |= (ulong)(byte)(bits >> (8 - s)) << (8 * s);
        }

        return matrix;
    }

    internal static byte[] TupleWindows()
    {
        byte[] windows = new byte[16 * 8];
        for (int i = 0; i < windows.Length; i++)
        {
            int p = (i >> 3) - (i & 7);
            windows[i] = (i & 7) < 4 && p is >= 0 and < 12 ? (byte)(p ^ 3) : (byte)0xFF;
        }

        return windows;
    }

#if NET10_0_OR_GREATER
    internal uint Compute(ReadOnlySpan<byte> input)
    {
        Span<byte> padded = stackalloc byte[PaddedLength];
        padded.Clear();
        input.CopyTo(padded[Lead..]);
        int blocks = (input.Length + Lead + LanesPerBlock - 1) / LanesPerBlock;
        return Is512Supported ? Compute512(padded, blocks) : Compute256(padded, blocks);
    }

    internal uint Compute512(ReadOnlySpan<byte> padded, int blocks)
    {
        ref byte bytes = ref MemoryMarshal.GetReference(padded);
        ref ulong matrices = ref MemoryMarshal.GetArrayDataReference(_matrices);
        Vector512<byte> windows = Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(Windows));
        Vector512<byte> sum = default;
        for (int block = 0; block < blocks; block++)
        {
            nuint at = (nuint)(block * LanesPerBlock);
            Vector128<byte> quarter = Vector128.LoadUnsafe(ref bytes, at);
            Vector256<byte> half = Vector256.Create(quarter, quarter);
            Vector512<byte> lanes = Avx512BW.Shuffle(Vector512.Create(half, half), windows);
            sum ^= Gfni.V512.GaloisFieldAffineTransform(lanes, Vector512.LoadUnsafe(ref matrices, at).AsByte(), 0);
        }

        Vector256<byte> folded = sum.GetLower() ^ sum.GetUpper();
        return Extract(folded.GetLower() ^ folded.GetUpper());
    }

    /// <summary>Hashes three words, the IPv4 4-tuple, without a detour through memory. Needs <see cref="Is512Supported"/>.</summary>
    internal uint Compute512(uint first, uint second, uint third)
    {
        ref ulong matrices = ref MemoryMarshal.GetArrayDataReference(_matrices);
        ref byte windows = ref MemoryMarshal.GetArrayDataReference(s_tupleWindows);
        Vector128<byte> quarter = Vector128.Create(first, second, third, 0).AsByte();
        Vector256<byte> half = Vector256.Create(quarter, quarter);
        Vector512<byte> input = Vector512.Create(half, half);
        Vector512<byte> sum =
            Gfni.V512.GaloisFieldAffineTransform(Avx512BW.Shuffle(input, Vector512.LoadUnsafe(ref windows)), Vector512.LoadUnsafe(ref matrices).AsByte(), 0)
            ^ Gfni.V512.GaloisFieldAffineTransform(Avx512BW.Shuffle(input, Vector512.LoadUnsafe(ref windows, 64)), Vector512.LoadUnsafe(ref matrices, 8).AsByte(), 0);
        Vector256<byte> folded = sum.GetLower() ^ sum.GetUpper();
        return Extract(folded.GetLower() ^ folded.GetUpper());
    }

    internal uint Compute256(ReadOnlySpan<byte> padded, int blocks)
    {
        ref byte bytes = ref MemoryMarshal.GetReference(padded);
        ref ulong matrices = ref MemoryMarshal.GetArrayDataReference(_matrices);
        Vector256<byte> lower = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(Windows));
        Vector256<byte> upper = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(Windows), 32);
        Vector256<byte> sum = default;
        for (int block = 0; block < blocks; block++)
        {
            nuint at = (nuint)(block * LanesPerBlock);
            Vector128<byte> quarter = Vector128.LoadUnsafe(ref bytes, at);
            Vector256<byte> half = Vector256.Create(quarter, quarter);
            sum ^= Gfni.V256.GaloisFieldAffineTransform(Avx2.Shuffle(half, lower), Vector256.LoadUnsafe(ref matrices, at).AsByte(), 0);
            sum ^= Gfni.V256.GaloisFieldAffineTransform(Avx2.Shuffle(half, upper), Vector256.LoadUnsafe(ref matrices, at + 4).AsByte(), 0);
        }

        return Extract(sum.GetLower() ^ sum.GetUpper());
    }

    private static uint Extract(Vector128<byte> sum) =>
        BinaryPrimitives.ReverseEndianness(sum.AsUInt32().GetElement(0) ^ sum.AsUInt32().GetElement(2));
#else
    internal uint Compute(ReadOnlySpan<byte> input) => throw new PlatformNotSupportedException();
#endif
}
