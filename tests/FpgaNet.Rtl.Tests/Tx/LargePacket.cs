using System.Buffers.Binary;
using FpgaNet.Driver;
using FpgaNet.Packets.Offload;

namespace FpgaNet.Rtl.Tests.Tx;

/// <summary>A TCP or UDP packet larger than a frame, with what it owes. Everything in its headers that segmentation does not look at is random.</summary>
internal sealed class LargePacket
{
    public const int LongestHeaders = 252;

    private static readonly int[] s_tagTypes = [0x8100, 0x88A8];

    public required byte[] Bytes { get; init; }

    public TxOffload Offload;

    public static LargePacket Random(Random random, Segmentation kind, int payloadLength, int mss)
    {
        bool tcp = kind is Segmentation.Tcp4 or Segmentation.Tcp6;
        bool four = kind is Segmentation.Tcp4 or Segmentation.Udp4;
        int network = 14 + (4 * (random.Next(3) == 0 ? random.Next(1, 3) : 0));
        int transportLength = tcp ? 20 + (random.Next(2) == 0 ? 4 * random.Next(11) : 0) : 8;
        int transport = network + (four ? 20 + (random.Next(3) == 0 ? 4 * random.Next(11) : 0) : 40);
        if (!four && random.Next(3) == 0)
        {
            transport += 8 * random.Next(1, ((LongestHeaders - transport - transportLength) / 8) + 1);
        }

        return Make(random, kind, network, transport, transport + transportLength, payloadLength, mss);
    }

    /// <summary>A packet whose headers begin where they are told to.</summary>
    public static LargePacket Make(Random random, Segmentation kind, int network, int transport, int headerLength, int payloadLength, int mss)
    {
        bool tcp = kind is Segmentation.Tcp4 or Segmentation.Tcp6;
        bool four = kind is Segmentation.Tcp4 or Segmentation.Udp4;
        byte[] bytes = new byte[headerLength + payloadLength];
        random.NextBytes(bytes);
        for (int at = 12; at < network - 2; at += 4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at), (ushort)s_tagTypes[random.Next(2)]);
        }

        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(network - 2), (ushort)(four ? 0x0800 : 0x86DD));
        Span<byte> ip = bytes.AsSpan(network);
        byte protocol = (byte)(tcp ? 6 : 17);
        if (four)
        {
            ip[0] = (byte)(0x40 | (transport - network) / 4);
            BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)ip.Length);
            BinaryPrimitives.WriteUInt16BigEndian(ip[6..], (ushort)(random.Next(2) << 14)); // don't fragment
            ip[9] = protocol;
            ip[10] = ip[11] = 0;
            BinaryPrimitives.WriteUInt16BigEndian(ip[10..], InternetChecksum.Compute(ip[..(transport - network)]));
        }
        else
        {
            ip[0] = (byte)(0x60 | (ip[0] & 15));
            BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)(ip.Length - 40));
            int extension = transport - network - 40;
            ip[6] = extension > 0 ? (byte)60 : protocol;
            if (extension > 0)
            {
                ip[40] = protocol; // destination options: one PadN
                ip[41] = (byte)((extension / 8) - 1);
                ip[42] = 1;
                ip[43] = (byte)(extension - 4);
            }
        }

        Span<byte> l4 = bytes.AsSpan(transport);
        if (tcp)
        {
            l4[12] = (byte)((headerLength - transport) / 4 << 4 | (l4[12] & 15));
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(l4[4..], (ushort)l4.Length);
        }

        uint pseudo = InternetChecksum.Sum(four ? ip.Slice(12, 8) : ip.Slice(8, 32)) + protocol + (uint)l4.Length;
        int field = tcp ? 16 : 6;
        BinaryPrimitives.WriteUInt16BigEndian(l4[field..], InternetChecksum.Fold(pseudo));
        return new LargePacket
        {
            Bytes = bytes,
            Offload = new TxOffload
            {
                Checksum = true,
                ChecksumZeroAsOnes = !tcp,
                ChecksumStart = (ushort)transport,
                ChecksumOffset = (ushort)field,
                Segmentation = kind,
                MaximumSegmentSize = (ushort)mss,
                NetworkOffset = (ushort)network,
                HeaderLength = (ushort)headerLength,
            },
        };
    }

    /// <summary>What the driver would write in front of it.</summary>
    public static TxHeader Header(in TxOffload offload, int length) => new()
    {
        ChecksumStart = offload.ChecksumStart,
        ChecksumOffset = offload.ChecksumOffset,
        VlanTag = offload.VlanTag,
        MaximumSegmentSize = offload.MaximumSegmentSize,
        Length = (uint)length,
        Checksum = offload.Checksum,
        ChecksumZeroAsOnes = offload.ChecksumZeroAsOnes,
        InsertVlan = offload.InsertVlan,
        Segmentation = (uint)offload.Segmentation,
        NetworkOffset = offload.NetworkOffset,
        HeaderLength = offload.HeaderLength,
    };

    public TxHeader Header() => Header(Offload, Bytes.Length);

    public override string ToString() =>
        $"{Offload.Segmentation}, {Bytes.Length} bytes, headers {Offload.NetworkOffset}/{Offload.ChecksumStart}/{Offload.HeaderLength}, MSS {Offload.MaximumSegmentSize}";
}
