using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Tests.Devices;

/// <summary>Packets for the tests of devices, built by hand so that nothing under test is needed to make them.</summary>
internal static class SampleSegments
{
    private const int Headers = 54;

    /// <summary>A TCP segment over IPv4 in one slice, 192.0.2.2 to 192.0.2.1, which owes its checksum and, where it is too long, the cut.</summary>
    public static TxFrame OwingTcp(BufferPool pool, int payloadLength, ushort segmentSize)
    {
        TxFrame frame = Frames.Filled(pool, Headers + payloadLength, 0x5A);
        Span<byte> bytes = frame.Frame.Header.Span;
        Ip(bytes, protocol: 6, payloadLength + 20, new MacAddress(0x02_00_5E_00_00_0B), new MacAddress(0x02_00_5E_00_00_0A));
        Span<byte> tcp = bytes[34..];
        tcp[..20].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(tcp, 80);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], 40000);
        tcp[12] = 5 << 4;
        tcp[13] = 0x18; // ACK, PSH
        BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], PseudoHeader(bytes, payloadLength + 20));
        frame.Offload = new TxOffload
        {
            Checksum = true,
            ChecksumStart = 34,
            ChecksumOffset = 16,
            Segmentation = payloadLength > segmentSize ? Segmentation.Tcp4 : Segmentation.None,
            MaximumSegmentSize = segmentSize,
            NetworkOffset = 14,
            HeaderLength = Headers,
        };
        return frame;
    }

    /// <summary>A UDP datagram over IPv4 which owes its checksum, and the cut where it is too long.</summary>
    public static TxFrame OwingUdp(BufferPool pool, ReadOnlySpan<byte> payload, ushort segmentSize, MacAddress to, MacAddress from, ushort port)
    {
        TxFrame frame = Frames.Filled(pool, 42 + payload.Length, 0);
        Span<byte> bytes = frame.Frame.Header.Span;
        payload.CopyTo(bytes[42..]);
        Ip(bytes, protocol: 17, payload.Length + 8, to, from);
        Span<byte> udp = bytes[34..];
        BinaryPrimitives.WriteUInt16BigEndian(udp, 5000);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)(payload.Length + 8));
        BinaryPrimitives.WriteUInt16BigEndian(udp[6..], PseudoHeader(bytes, payload.Length + 8));
        frame.Offload = new TxOffload
        {
            Checksum = true,
            ChecksumZeroAsOnes = true,
            ChecksumStart = 34,
            ChecksumOffset = 6,
            Segmentation = payload.Length > segmentSize ? Segmentation.Udp4 : Segmentation.None,
            MaximumSegmentSize = segmentSize,
            NetworkOffset = 14,
            HeaderLength = 42,
        };
        return frame;
    }

    /// <summary>The TCP checksum that such a frame must have on the wire, by the definition of RFC 9293 §3.1, 16 bits at a time.</summary>
    public static ushort TcpChecksum(ReadOnlySpan<byte> frame)
    {
        byte[] copy = frame.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(copy.AsSpan(50), 0);
        return (ushort)~Sum(copy.AsSpan(34), PseudoHeader(copy, copy.Length - 34));
    }

    private static void Ip(Span<byte> frame, byte protocol, int length, MacAddress to, MacAddress from)
    {
        frame[..34].Clear();
        to.Write(frame);
        from.Write(frame[6..]);
        frame[12] = 8;
        Span<byte> ip = frame[14..34];
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(length + 20));
        ip[8] = 64;
        ip[9] = protocol;
        IPv4Address.Parse("192.0.2.2").Write(ip[12..]);
        IPv4Address.Parse("192.0.2.1").Write(ip[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], (ushort)~Sum(ip, 0));
    }

    private static ushort PseudoHeader(ReadOnlySpan<byte> frame, int length) => Sum(frame.Slice(26, 8), (uint)(frame[23] + length));

    private static ushort Sum(ReadOnlySpan<byte> bytes, uint sum)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            sum += (uint)bytes[i] << (i % 2 == 0 ? 8 : 0);
        }

        while (sum > 0xFFFF)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)sum;
    }
}
