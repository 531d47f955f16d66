using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Offload;

namespace FpgaNet.Stack.Network;

/// <summary>Sums over a frame's slices, for devices that do not verify what they receive.</summary>
internal static class PacketChecksum
{
    /// <summary>The partial sum of <paramref name="length"/> bytes from <paramref name="offset"/> on, added to <paramref name="initial"/>.</summary>
    public static uint Sum(in Frame frame, int offset, int length, uint initial)
    {
        uint sum = initial;
        bool odd = false;
        for (int i = 0; i < frame.SliceCount && length > 0; i++)
        {
            ReadOnlySpan<byte> bytes = frame[i].Span;
            if (offset >= bytes.Length)
            {
                offset -= bytes.Length;
                continue;
            }

            bytes = bytes.Slice(offset, Math.Min(bytes.Length - offset, length));
            uint part = InternetChecksum.Sum(bytes);
            sum += odd ? InternetChecksum.SwapForOddOffset(part) : part;
            odd ^= (bytes.Length & 1) != 0;
            length -= bytes.Length;
            offset = 0;
        }

        return sum;
    }
}
