using System.Runtime.InteropServices;

namespace FpgaNet.Sim.Cable;

/// <summary>The frame check sequence of Ethernet: CRC-32, least significant bit first (IEEE 802.3 §3.2.9).</summary>
public static class FrameCheckSequence
{
    /// <summary>Bytes that it adds to a frame.</summary>
    public const int Length = 4;

    private const uint Polynomial = 0xEDB8_8320;
    private const int Slices = 8;

    private static readonly uint[] s_tables = MakeTables();

    /// <summary>Computes the sequence of a frame.</summary>
    /// <param name="frame">Its bytes, from the destination address to the end of the padding.</param>
    /// <returns>The four bytes, the first on the wire in bits 7:0.</returns>
    public static uint Compute(ReadOnlySpan<byte> frame)
    {
        // Eight bytes a step, each with the table of its distance from the end of the step.
        ReadOnlySpan<uint> tables = s_tables;
        uint crc = uint.MaxValue;
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(frame))
        {
            ulong x = (BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word)) ^ crc;
            crc = tables[(7 * 256) + (byte)x] ^ tables[(6 * 256) + (byte)(x >> 8)] ^ tables[(5 * 256) + (byte)(x >> 16)] ^ tables[(4 * 256) + (byte)(x >> 24)]
                ^ tables[(3 * 256) + (byte)(x >> 32)] ^ tables[(2 * 256) + (byte)(x >> 40)] ^ tables[256 + (byte)(x >> 48)] ^ tables[(int)(x >> 56)];
        }

        foreach (byte b in frame[(frame.Length & ~7)..])
        {
            crc = tables[(byte)(crc ^ b)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint[] MakeTables()
    {
        uint[] tables = new uint[Slices * 256];
        for (int i = 0; i < 256; i++)
        {
            uint crc = (uint)i;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ Polynomial : crc >> 1;
            }

            tables[i] = crc;
        }

        for (int i = 256; i < tables.Length; i++)
        {
            tables[i] = tables[(byte)tables[i - 256]] ^ (tables[i - 256] >> 8);
        }

        return tables;
    }
}
