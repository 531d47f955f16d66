using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace FpgaNet.Packets.Offload;

/// <summary>
/// Ones'-complement sums of bytes in the machine's own byte order, folded to 16 bits: the kernels behind <see cref="InternetChecksum.Sum"/>.
/// A sum of words in swapped order is the swapped sum (RFC 1071 §2 (B)), so no kernel ever swaps a word.
/// </summary>
/// <remarks>
/// The vector kernels hold two accumulators for each 64-bit lane: <c>all</c>, the wrapping sum of the lane, and <c>high</c>, the exact sum of its upper
/// halves. The exact sum of the lower halves is then all − high · 2³², which cannot wrap below 2³² vectors. That is three
/// operations a vector (add, shift, add) and no shuffle; widening both halves takes four or more (benchmark suite "kernels").
/// The bytes that are left at the end are read as one more full vector that overlaps the last one, with the bytes already counted masked out; when that vector
/// begins at an odd offset its lanes are turned by one byte, which modulo 2⁶⁴ − 1 swaps every word (RFC 1071 §2 (B) again).
/// </remarks>
internal static class SumKernels
{
    // 64 zeros, then 64 ones: loaded at offset r it keeps the last r bytes of a vector.
    private static ReadOnlySpan<byte> TailMask =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    ];

    // A header that was written a moment ago in words of eight bytes and less can be read at once in such words, but as part of a vector only when all those stores have reached the
    // cache: for a small segment that wait is longer than the sum takes (benchmark suite "tcp").
    private const int LongestScalar = 128;

    /// <summary>The CPU has 512-bit integer vectors. The runtime's own <see cref="Vector512.IsHardwareAccelerated"/> says no on CPUs that
    /// lower their clock for them; this kernel gains there all the same (benchmark suite "kernels").</summary>
    internal static bool Has512 => Avx512F.IsSupported || Vector512.IsHardwareAccelerated;

    /// <summary>The widest kernel that pays for the length. The checks are constants to the JIT compiler.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ushort Best(ReadOnlySpan<byte> data)
    {
        if (data.Length <= LongestScalar || !Vector128.IsHardwareAccelerated)
        {
            return Scalar(data);
        }

        if (Has512 && data.Length >= Vector512<byte>.Count)
        {
            return Sum512(data);
        }

        return Vector256.IsHardwareAccelerated && data.Length >= Vector256<byte>.Count ? Sum256(data) : Sum128(data);
    }

    /// <summary>64 bits at a time, with the two sums that the vectors have.</summary>
    internal static ushort Scalar(ReadOnlySpan<byte> data)
    {
        nuint length = (nuint)data.Length;
        ref byte start = ref MemoryMarshal.GetReference(data);
        ulong all = 0, high = 0;
        nuint i = 0;
        for (; i + 32 <= length; i += 32)
        {
            ulong a = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, i));
            ulong b = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, i + 8));
            ulong c = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, i + 16));
            ulong d = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, i + 24));
            all += a;
            high += a >> 32;
            all += b;
            high += b >> 32;
            all += c;
            high += c >> 32;
            all += d;
            high += d >> 32;
        }

        for (; i + 4 <= length; i += 4)
        {
            all += Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, i));
        }

        if ((length & 2) != 0)
        {
            all += Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref start, i));
            i += 2;
        }

        if ((length & 1) != 0)
        {
            uint last = Unsafe.Add(ref start, i);
            all += BitConverter.IsLittleEndian ? last : last << 8;
        }

        ulong low = all - (high << 32);
        return Fold((low & 0xFFFF_FFFF) + (low >> 32) + (high & 0xFFFF_FFFF) + (high >> 32));
    }

    /// <summary>128-bit vectors (SSE2, AdvSimd). Shorter data goes to <see cref="Scalar"/>.</summary>
    internal static ushort Sum128(ReadOnlySpan<byte> data)
    {
        nuint width = (nuint)Vector128<byte>.Count;
        nuint length = (nuint)data.Length;
        if (length < width)
        {
            return Scalar(data);
        }

        ref byte start = ref MemoryMarshal.GetReference(data);
        Vector128<ulong> all0 = default, all1 = default, high0 = default, high1 = default;
        nuint i = 0;
        for (; i + (4 * width) <= length; i += 4 * width)
        {
            Vector128<ulong> a = Vector128.LoadUnsafe(ref start, i).AsUInt64();
            Vector128<ulong> b = Vector128.LoadUnsafe(ref start, i + width).AsUInt64();
            Vector128<ulong> c = Vector128.LoadUnsafe(ref start, i + (2 * width)).AsUInt64();
            Vector128<ulong> d = Vector128.LoadUnsafe(ref start, i + (3 * width)).AsUInt64();
            all0 += a;
            all1 += b;
            high0 += a >>> 32;
            high1 += b >>> 32;
            all0 += c;
            all1 += d;
            high0 += c >>> 32;
            high1 += d >>> 32;
        }

        for (; i + width <= length; i += width)
        {
            Vector128<ulong> a = Vector128.LoadUnsafe(ref start, i).AsUInt64();
            all0 += a;
            high0 += a >>> 32;
        }

        if (i < length)
        {
            Vector128<byte> mask = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(TailMask), 64 - width + (length - i));
            Vector128<ulong> a = (Vector128.LoadUnsafe(ref start, length - width) & mask).AsUInt64();
            a = (length & 1) != 0 ? (a << 8) | (a >>> 56) : a;
            all0 += a;
            high0 += a >>> 32;
        }

        Vector128<ulong> high = high0 + high1;
        return Fold(Vector128.Sum(all0 + all1 - (high << 32) + high));
    }

    /// <summary>256-bit vectors (AVX2). Shorter data goes to <see cref="Sum128"/>.</summary>
    internal static ushort Sum256(ReadOnlySpan<byte> data)
    {
        nuint width = (nuint)Vector256<byte>.Count;
        nuint length = (nuint)data.Length;
        if (length < width)
        {
            return Sum128(data);
        }

        ref byte start = ref MemoryMarshal.GetReference(data);
        Vector256<ulong> all0 = default, all1 = default, high0 = default, high1 = default;
        nuint i = 0;
        for (; i + (4 * width) <= length; i += 4 * width)
        {
            Vector256<ulong> a = Vector256.LoadUnsafe(ref start, i).AsUInt64();
            Vector256<ulong> b = Vector256.LoadUnsafe(ref start, i + width).AsUInt64();
            Vector256<ulong> c = Vector256.LoadUnsafe(ref start, i + (2 * width)).AsUInt64();
            Vector256<ulong> d = Vector256.LoadUnsafe(ref start, i + (3 * width)).AsUInt64();
            all0 += a;
            all1 += b;
            high0 += a >>> 32;
            high1 += b >>> 32;
            all0 += c;
            all1 += d;
            high0 += c >>> 32;
            high1 += d >>> 32;
        }

        for (; i + width <= length; i += width)
        {
            Vector256<ulong> a = Vector256.LoadUnsafe(ref start, i).AsUInt64();
            all0 += a;
            high0 += a >>> 32;
        }

        if (i < length)
        {
            Vector256<byte> mask = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(TailMask), 64 - width + (length - i));
            Vector256<ulong> a = (Vector256.LoadUnsafe(ref start, length - width) & mask).AsUInt64();
            a = (length & 1) != 0 ? (a << 8) | (a >>> 56) : a;
            all0 += a;
            high0 += a >>> 32;
        }

        Vector256<ulong> high = high0 + high1;
        return Fold(Vector256.Sum(all0 + all1 - (high << 32) + high));
    }

    /// <summary>512-bit vectors (AVX-512). Shorter data goes to <see cref="Sum256"/>.</summary>
    internal static ushort Sum512(ReadOnlySpan<byte> data)
    {
        nuint width = (nuint)Vector512<byte>.Count;
        nuint length = (nuint)data.Length;
        if (length < width)
        {
            return Sum256(data);
        }

        ref byte start = ref MemoryMarshal.GetReference(data);
        Vector512<ulong> all0 = default, all1 = default, high0 = default, high1 = default;
        nuint i = 0;
        for (; i + (4 * width) <= length; i += 4 * width)
        {
            Vector512<ulong> a = Vector512.LoadUnsafe(ref start, i).AsUInt64();
            Vector512<ulong> b = Vector512.LoadUnsafe(ref start, i + width).AsUInt64();
            Vector512<ulong> c = Vector512.LoadUnsafe(ref start, i + (2 * width)).AsUInt64();
            Vector512<ulong> d = Vector512.LoadUnsafe(ref start, i + (3 * width)).AsUInt64();
            all0 += a;
            all1 += b;
            high0 += a >>> 32;
            high1 += b >>> 32;
            all0 += c;
            all1 += d;
            high0 += c >>> 32;
            high1 += d >>> 32;
        }

        for (; i + width <= length; i += width)
        {
            Vector512<ulong> a = Vector512.LoadUnsafe(ref start, i).AsUInt64();
            all0 += a;
            high0 += a >>> 32;
        }

        if (i < length)
        {
            Vector512<byte> mask = Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(TailMask), length - i);
            Vector512<ulong> a = (Vector512.LoadUnsafe(ref start, length - width) & mask).AsUInt64();
            a = (length & 1) != 0 ? (a << 8) | (a >>> 56) : a;
            all0 += a;
            high0 += a >>> 32;
        }

        Vector512<ulong> high = high0 + high1;
        return Fold(Vector512.Sum(all0 + all1 - (high << 32) + high));
    }

    private static ushort Fold(ulong sum)
    {
        sum = (sum & 0xFFFF_FFFF) + (sum >> 32);
        sum = (sum & 0xFFFF_FFFF) + (sum >> 32);
        uint low = (uint)(sum & 0xFFFF) + (uint)(sum >> 16);
        low = (low & 0xFFFF) + (low >> 16);
        return (ushort)((low & 0xFFFF) + (low >> 16));
    }
}
