using System.Buffers.Binary;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Interop.Tests;

/// <summary>
/// Frames that no honest peer sends: right ones with bytes flipped, cut off, with lengths that lie, and pure noise. Half of those that are IPv4 get their header
/// checksum repaired, and half of those their TCP checksum, so that they reach as deep into a stack as they can.
/// </summary>
internal static class MalformedFrames
{
    /// <summary>Who sends them: the one thing that is never damaged.</summary>
    public static readonly MacAddress Source = new(0x02_00_5E_00_00_66);

    public static IEnumerable<byte[]> Make(int seed, int count)
    {
        Random random = new(seed);
        for (int i = 0; i < count; i++)
        {
            byte[] frame = random.Next(8) == 0 ? Noise(random) : Damaged(random);
            yield return frame;
        }
    }

    private static byte[] Noise(Random random)
    {
        byte[] frame = new byte[random.Next(14, 1514)];
        random.NextBytes(frame);
        frame.AsSpan(0, 6).Fill(0xFF); // a broadcast is everybody's
        return frame;
    }

    private static byte[] Damaged(Random random)
    {
        byte[] frame = Sound(random);
        for (int i = random.Next(0, 6); i > 0; i--)
        {
            frame[random.Next(12, Math.Min(frame.Length, 80))] = (byte)random.Next(256);
        }

        if (random.Next(3) == 0)
        {
            frame = frame[..random.Next(14, frame.Length)];
        }

        bool ip = frame.Length >= 34 && frame[12] == 8 && frame[13] == 0;
        if (ip && random.Next(2) == 0)
        {
            int headerLength = Math.Min((frame[14] & 0xF) * 4, frame.Length - 14);
            if (headerLength >= 12)
            {
                RepairIp(frame.AsSpan(14, headerLength));
                if (random.Next(2) == 0)
                {
                    RepairTcp(frame, headerLength);
                }
            }
        }

        return frame;
    }

    private static byte[] Sound(Random random)
    {
        byte[] frame = new byte[54 + random.Next(0, 1000)];
        random.NextBytes(frame.AsSpan(54));
        frame.AsSpan(0, 6).Fill(0xFF);
        Source.Write(frame.AsSpan(6));
        frame[12] = 8;
        Span<byte> ip = frame.AsSpan(14);
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(frame.Length - 14));
        ip[8] = 64;
        ip[9] = random.Next(6) switch
        {
            0 => 17, // UDP
            1 => 1,  // ICMP
            _ => 6,  // TCP
        };
        IPv4Address.Parse("192.0.2.77").Write(ip[12..]);
        IPv4Address.Parse(ServedNic.Address).Write(ip[16..]);
        Span<byte> tcp = ip[20..];
        BinaryPrimitives.WriteUInt16BigEndian(tcp, (ushort)random.Next(1024, 65536));
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], 80);
        tcp[12] = (byte)(random.Next(16) << 4);
        tcp[13] = (byte)random.Next(256);
        RepairIp(ip[..20]);
        RepairTcp(frame, 20);
        return frame;
    }

    private static void RepairIp(Span<byte> header)
    {
        header[10] = header[11] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], InternetChecksum.Compute(header));
    }

    private static void RepairTcp(byte[] frame, int ipHeaderLength)
    {
        Span<byte> segment = frame.AsSpan(14 + ipHeaderLength);
        if (frame[23] == 6 && ipHeaderLength >= 20 && segment.Length >= 20)
        {
            segment[16] = segment[17] = 0;
            uint pseudo = InternetChecksum.PseudoHeader(IPv4Address.Read(frame.AsSpan(26)), IPv4Address.Read(frame.AsSpan(30)), IpProtocol.Tcp, segment.Length);
            BinaryPrimitives.WriteUInt16BigEndian(segment[16..], InternetChecksum.Finish(InternetChecksum.Sum(segment, pseudo)));
        }
    }
}
