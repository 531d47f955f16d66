namespace FpgaNet.Rtl.Tests.Mac;

/// <summary>The frame check sequence by the textbook, and frames as they stand on the wire (IEEE 802.3 clause 3).</summary>
internal static class EthernetReference
{
    private static readonly uint[] s_table = MakeTable();

    /// <summary>CRC-32, bit-reversed polynomial 0xEDB88320.</summary>
    public static uint FrameCheckSequence(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc = (crc >> 8) ^ s_table[(byte)(crc ^ value)];
        }

        return ~crc;
    }

    public static byte[] WithCheckSequence(ReadOnlySpan<byte> data)
    {
        uint fcs = FrameCheckSequence(data);
        return [.. data, (byte)fcs, (byte)(fcs >> 8), (byte)(fcs >> 16), (byte)(fcs >> 24)];
    }

    /// <summary>Padded to 60 bytes with zeros.</summary>
    public static byte[] Padded(byte[] data) => data.Length >= 60 ? data : [.. data, .. new byte[60 - data.Length]];

    /// <summary>Preamble, start delimiter and what follows.</summary>
    public static byte[] WithPreamble(ReadOnlySpan<byte> rest, int preambleBytes = 7)
    {
        byte[] wire = new byte[preambleBytes + 1 + rest.Length];
        wire.AsSpan(0, preambleBytes).Fill(0x55);
        wire[preambleBytes] = 0xD5;
        rest.CopyTo(wire.AsSpan(preambleBytes + 1));
        return wire;
    }

    private static uint[] MakeTable()
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ 0xEDB88320 : value >> 1;
            }

            table[i] = value;
        }

        return table;
    }
}
