using System.Buffers.Binary;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Sim.Cable;

/// <summary>A PAUSE frame of 802.3x flow control (IEEE 802.3 annex 31B).</summary>
public static class PauseFrame
{
    /// <summary>Bit times in a quantum.</summary>
    public const int QuantumBits = 512;

    private const int Length = 60;
    private const int QuantaOffset = 16;

    // To the group 01-80-C2-00-00-01, which no bridge forwards; type and opcode.
    private static ReadOnlySpan<byte> Destination => [0x01, 0x80, 0xC2, 0, 0, 1];

    private static ReadOnlySpan<byte> Opcode => [0x88, 0x08, 0, 1];

    /// <summary>Makes one, padded, without check sequence.</summary>
    /// <param name="source">Who asks.</param>
    /// <param name="quanta">For how long; 0 ends a pause.</param>
    public static byte[] Make(MacAddress source, ushort quanta)
    {
        byte[] frame = new byte[Length];
        Destination.CopyTo(frame);
        source.Write(frame.AsSpan(Destination.Length));
        Opcode.CopyTo(frame.AsSpan(QuantaOffset - Opcode.Length));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(QuantaOffset), quanta);
        return frame;
    }

    /// <summary>Reads one.</summary>
    /// <param name="frame">A frame of 60 bytes or more, without check sequence.</param>
    /// <param name="quanta">For how long it asks.</param>
    /// <returns>False when it is another frame.</returns>
    public static bool TryRead(ReadOnlySpan<byte> frame, out ushort quanta)
    {
        quanta = BinaryPrimitives.ReadUInt16BigEndian(frame[QuantaOffset..]);
        return frame.StartsWith(Destination) && frame[(QuantaOffset - Opcode.Length)..].StartsWith(Opcode);
    }
}
