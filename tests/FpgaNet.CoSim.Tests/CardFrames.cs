using System.Buffers.Binary;
using FpgaNet.Packets.Offload;

namespace FpgaNet.CoSim.Tests;

/// <summary>A transport over a network protocol, for <see cref="CardFrames"/>.</summary>
internal enum Flow
{
    Tcp4,
    Udp4,
    Tcp6,
    Udp6,
}

/// <summary>Frames of which the test knows every byte, built here from the RFCs and not by the code under test.</summary>
internal static class CardFrames
{
    private static readonly byte[] s_addresses =
    [
        0x02, 0, 0x5e, 0x10, 0, 1, 0x02, 0, 0x5e, 0x10, 0, 2,
    ];

    /// <summary>A frame that is no IP packet (IEEE 802's local experimental EtherType).</summary>
    public static byte[] Raw(Random random, int length)
    {
        byte[] frame = new byte[length];
        random.NextBytes(frame);
        s_addresses.AsSpan().CopyTo(frame);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x88B5);
        return frame;
    }

    /// <summary>A TCP or UDP packet with the right checksums.</summary>
    public static byte[] Packet(Random random, Flow flow, int payload)
    {
        int transport = TransportOffset(flow);
        int header = IsTcp(flow) ? 20 : 8;
        byte[] frame = Raw(random, transport + header + payload);
        Span<byte> ip = frame.AsSpan(14);
        byte protocol = (byte)(IsTcp(flow) ? 6 : 17);
        if (IsV4(flow))
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x0800);
            ip[0] = 0x45; // RFC 791 §3.1
            ip[1] = 0;
            ip[6..8].Clear();
            ip[8] = 64;
            ip[9] = protocol;
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x86DD);
            ip[0] = 0x60; // RFC 8200 §3
            ip[1] = 0;
            ip[6] = protocol;
            ip[7] = 64;
        }

        if (IsTcp(flow))
        {
            frame[transport + 12] = 0x50; // RFC 9293 §3.1: five words of header
        }

        WriteLengthsAndChecksums(frame, flow);
        return frame;
    }

    /// <summary>The packets that a large one becomes (docs/offload.md).</summary>
    public static List<byte[]> Segments(byte[] packet, Flow flow, int mss)
    {
        const byte Fin = 0x01, Push = 0x08, Reduced = 0x80;
        int headers = Overhead(flow);
        int transport = TransportOffset(flow);
        List<byte[]> segments = [];
        for (int at = headers; at < packet.Length; at += mss)
        {
            bool last = at + mss >= packet.Length;
            byte[] frame = [.. packet[..headers], .. packet[at..Math.Min(packet.Length, at + mss)]];
            if (IsV4(flow))
            {
                ushort identification = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(18)) + segments.Count);
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(18), identification);
            }

            if (IsTcp(flow))
            {
                uint sequence = BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(transport + 4)) + (uint)(at - headers);
                BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(transport + 4), sequence);
                frame[transport + 13] &= (byte)~((last ? 0 : Fin | Push) | (at == headers ? 0 : Reduced));
            }

            WriteLengthsAndChecksums(frame, flow);
            segments.Add(frame);
        }

        return segments;
    }

    /// <summary>The same packet as a stack hands it down: the checksum field holds the sum of the pseudo-header, the rest is owed.</summary>
    public static (byte[] Bytes, TxOffload Offload) Owing(byte[] packet, Flow flow)
    {
        byte[] bytes = [.. packet];
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(TransportOffset(flow) + ChecksumOffset(flow)), (ushort)Fold(PseudoHeader(packet, flow)));
        return (bytes, new TxOffload
        {
            Checksum = true,
            ChecksumZeroAsOnes = !IsTcp(flow),
            ChecksumStart = (ushort)TransportOffset(flow),
            ChecksumOffset = (ushort)ChecksumOffset(flow),
        });
    }

    /// <summary>The frame as it is on the wire: padded to 60 bytes (IEEE 802.3 §3.2.8).</summary>
    public static byte[] Padded(byte[] frame) => frame.Length >= 60 ? frame : [.. frame, .. new byte[60 - frame.Length]];

    public static uint Hash(ToeplitzHash hash, byte[] frame, Flow flow)
    {
        ReadOnlySpan<byte> ip = frame.AsSpan(14);
        ReadOnlySpan<byte> addresses = IsV4(flow) ? ip[12..20] : ip[8..40];
        return hash.Compute([.. addresses, .. frame.AsSpan(TransportOffset(flow), 4)]);
    }

    public static RssHashType HashType(Flow flow) => flow switch
    {
        Flow.Tcp4 => RssHashType.TcpIPv4,
        Flow.Udp4 => RssHashType.UdpIPv4,
        Flow.Tcp6 => RssHashType.TcpIPv6,
        _ => RssHashType.UdpIPv6,
    };

    public static bool IsV4(Flow flow) => flow is Flow.Tcp4 or Flow.Udp4;

    public static bool IsTcp(Flow flow) => flow is Flow.Tcp4 or Flow.Tcp6;

    public static int TransportOffset(Flow flow) => 14 + (IsV4(flow) ? 20 : 40);

    public static int ChecksumOffset(Flow flow) => IsTcp(flow) ? 16 : 6;

    public static int Overhead(Flow flow) => TransportOffset(flow) + (IsTcp(flow) ? 20 : 8);

    private static void WriteLengthsAndChecksums(byte[] frame, Flow flow)
    {
        Span<byte> ip = frame.AsSpan(14);
        Span<byte> bytes = frame.AsSpan(TransportOffset(flow));
        if (IsV4(flow))
        {
            BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)ip.Length);
            ip[10..12].Clear();
            BinaryPrimitives.WriteUInt16BigEndian(ip[10..], (ushort)~Fold(Sum(ip[..20])));
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)bytes.Length);
        }

        if (!IsTcp(flow))
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes[4..], (ushort)bytes.Length);
        }

        Span<byte> field = bytes.Slice(ChecksumOffset(flow), 2);
        field.Clear();
        ushort checksum = (ushort)~Fold(PseudoHeader(frame, flow) + Sum(bytes));
        BinaryPrimitives.WriteUInt16BigEndian(field, checksum == 0 && !IsTcp(flow) ? (ushort)0xFFFF : checksum);
    }

    private static uint PseudoHeader(byte[] frame, Flow flow)
    {
        // RFC 9293 §3.1 and RFC 8200 §8.1.
        ReadOnlySpan<byte> addresses = IsV4(flow) ? frame.AsSpan(26, 8) : frame.AsSpan(22, 32);
        int segment = IsV4(flow) ? BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(16)) - 20 : BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(18));
        return Sum(addresses) + (uint)segment + (IsTcp(flow) ? 6u : 17u);
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            sum += (i & 1) == 0 ? (uint)bytes[i] << 8 : bytes[i];
        }

        return sum;
    }

    private static uint Fold(uint sum)
    {
        while (sum >> 16 != 0)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return sum;
    }
}
