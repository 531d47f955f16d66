using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FpgaNet.Packets.Offload;

/// <summary>
/// Ones'-complement sums of bytes in the machine's own byte order, folded to 16 bits: the kernels behind <see cref="InternetChecksum.Sum"/>.
/// A sum of words in swapped order is the swapped sum (RFC 1071 §2 (B)), so no kernel ever swaps a word.
/// </summary>
internal static class SumKernels
{
    /// <summary>64 bits at a time, carries counted by hand.</summary>
    internal static ushort Scalar(ReadOnlySpan<byte> data)
    {
        ulong sum = 0;
        ref byte start = ref MemoryMarshal.GetReference(data);
        int i = 0;
        for (; i <= data.Length - 8; i += 8)
        {
            ulong word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, i));
            sum += word;
            sum += sum < word ? 1UL : 0UL;
        }

        ulong tail = 0;
        for (int shift = 0; i < data.Length; i++, shift += 8)
        {
            tail |= (ulong)data[i] << (BitConverter.IsLittleEndian ? shift : 56 - shift);
        }

        sum += tail;
        sum += sum < tail ? 1UL : 0UL;
        return Fold(sum);
    }

    internal static ushort Fold(ulong sum)
    {
        sum = (sum & 0xFFFF_FFFF) + (sum >> 32);
        sum = (sum & 0xFFFF_FFFF) + (sum >> 32);
        uint low = (uint)(sum & 0xFFFF) + (uint)(sum >> 16);
        low = (low & 0xFFFF) + (low >> 16);
        return (ushort)((low & 0xFFFF) + (low >> 16));
    }
}
