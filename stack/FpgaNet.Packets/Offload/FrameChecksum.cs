using FpgaNet.Packets.Buffers;

namespace FpgaNet.Packets.Offload;

/// <summary>Sums over frames whose bytes lie in several slices.</summary>
public static class FrameChecksum
{
    /// <summary>Sums a run of a frame's bytes, whatever slices they lie in and however odd the slices' lengths are.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="start">First byte, counted from the frame's start.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="initial">A partial sum to add to.</param>
    /// <returns>The partial sum, as <see cref="InternetChecksum.Sum"/> gives it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The frame has too few bytes.</exception>
    public static uint Sum(in Frame frame, int start, int length, uint initial = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, frame.Length - start);
        bool odd = false;
        for (int i = 0; length > 0; i++)
        {
            Span<byte> bytes = frame[i].Span;
            if (start >= bytes.Length)
            {
                start -= bytes.Length;
                continue;
            }

            bytes = bytes.Slice(start, Math.Min(bytes.Length - start, length));
            uint sum = InternetChecksum.Sum(bytes);
            initial += odd ? InternetChecksum.SwapForOddOffset(sum) : sum;
            odd ^= (bytes.Length & 1) != 0;
            length -= bytes.Length;
            start = 0;
        }

        return initial;
    }
}
