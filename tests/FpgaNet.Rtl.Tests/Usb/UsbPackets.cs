using FpgaNet.Rtl.Tests.Mac;

namespace FpgaNet.Rtl.Tests.Usb;

/// <summary>Packets on the USB pipe by RFC 1662, one byte after the other; independent of the driver's.</summary>
internal static class UsbPackets
{
    public const byte Flag = 0x7E;
    public const byte Escape = 0x7D;

    /// <summary>A packet as it stands in the pipe: flags, stuffing, check.</summary>
    public static byte[] Frame(params ReadOnlySpan<byte> packet)
    {
        List<byte> stuffed = [Flag];
        foreach (byte value in EthernetReference.WithCheckSequence(packet))
        {
            if (value is Flag or Escape)
            {
                stuffed.AddRange([Escape, (byte)(value ^ 0x20)]);
            }
            else
            {
                stuffed.Add(value);
            }
        }

        stuffed.Add(Flag);
        return [.. stuffed];
    }

    public static byte[] Read(byte tag, uint address) => Frame(0x20, tag, (byte)address, (byte)(address >> 8));

    public static byte[] Write(byte tag, uint address, uint value) =>
        Frame(0x21, tag, (byte)address, (byte)(address >> 8), (byte)value, (byte)(value >> 8), (byte)(value >> 16), (byte)(value >> 24));

    /// <summary>Bytes that hold flags and escapes more often than chance has it.</summary>
    public static byte[] Noise(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        for (int i = 0; i < length; i += random.Next(1, 40))
        {
            bytes[i] = random.Next(2) == 0 ? Flag : Escape;
        }

        return bytes;
    }
}

/// <summary>Takes packets out of a pipe.</summary>
internal sealed class UsbPacketReader
{
    private readonly List<byte> _bytes = [];
    private bool _escaped;

    public Queue<byte[]> Packets { get; } = new();

    public int Bad { get; private set; }

    public void Take(byte value)
    {
        if (value == UsbPackets.Flag)
        {
            byte[] all = [.. _bytes];
            if (all.Length > 4 && !_escaped && EthernetReference.WithCheckSequence(all.AsSpan(0, all.Length - 4)).AsSpan().SequenceEqual(all))
            {
                Packets.Enqueue(all[..^4]);
            }
            else if (all.Length != 0 || _escaped)
            {
                Bad++;
            }

            _bytes.Clear();
            _escaped = false;
        }
        else if (value == UsbPackets.Escape)
        {
            _escaped = true;
        }
        else
        {
            _bytes.Add(_escaped ? (byte)(value ^ 0x20) : value);
            _escaped = false;
        }
    }
}
