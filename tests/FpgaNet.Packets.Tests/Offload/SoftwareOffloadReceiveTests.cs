using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Testing;

namespace FpgaNet.Packets.Tests.Offload;

[TestClass]
public sealed class SoftwareOffloadReceiveTests
{
    [TestMethod]
    public void Right_and_wrong_checksums_of_any_packet_are_told_apart_and_every_flow_is_hashed()
    {
        Random random = TestSeed.Random();
        using BufferPool pool = new(8, 4096);
        using RecordingDevice device = new(OffloadFeatures.None);
        using SoftwareOffload software = new(device) { EnabledFeatures = OffloadFeatures.All & ~OffloadFeatures.RxVlanStrip };
        RxFrame[] received = new RxFrame[1];
        for (int round = 0; round < 1000; round++)
        {
            Segmentation kind = (Segmentation)random.Next(1, 5);
            SuperFrame packet = Complete(SuperFrame.Random(random, kind, random.Next(0, 1300), 0));
            bool spoil = random.Next(2) == 0;
            int spoiled = packet.Offload.ChecksumStart + (packet.Offload.ChecksumOffset == 6 ? 8 : 20);
            spoil &= spoiled < packet.Bytes.Length;
            if (spoil)
            {
                packet.Bytes[random.Next(spoiled, packet.Bytes.Length)] ^= (byte)(1 << random.Next(8));
            }

            RxOffload seen = Receive(software, device, packet.Slice(random, pool), received);
            Assert.AreEqual(spoil ? ChecksumVerdict.Bad : ChecksumVerdict.Good, seen.TransportChecksum, $"round {round}");
            bool four = kind is Segmentation.Tcp4 or Segmentation.Udp4;
            bool tcp = kind is Segmentation.Tcp4 or Segmentation.Tcp6;
            Assert.AreEqual(four ? ChecksumVerdict.Good : ChecksumVerdict.Unknown, seen.NetworkChecksum);
            Assert.AreEqual(four ? NetworkProtocol.IPv4 : NetworkProtocol.IPv6, seen.Network);
            Assert.AreEqual(tcp ? TransportProtocol.Tcp : TransportProtocol.Udp, seen.Transport);
            Assert.AreEqual(packet.Offload.NetworkOffset, seen.NetworkOffset);
            Assert.AreEqual(packet.Offload.ChecksumStart, seen.TransportOffset);
            Assert.AreEqual(packet.Offload.NetworkOffset == 18, seen.HasVlan);
            Assert.IsFalse(seen.Fragment);

            ReadOnlySpan<byte> bytes = packet.Bytes;
            byte[] input =
            [
                .. four ? bytes.Slice(seen.NetworkOffset + 12, 8) : bytes.Slice(seen.NetworkOffset + 8, 32),
                .. bytes.Slice(seen.TransportOffset, 4),
            ];
            Assert.AreEqual(ToeplitzHash.Scalar(ToeplitzHash.DefaultKey, input), seen.Hash);
            Assert.AreEqual(
                (four, tcp) switch
                {
                    (true, true) => RssHashType.TcpIPv4,
                    (true, false) => RssHashType.UdpIPv4,
                    (false, true) => RssHashType.TcpIPv6,
                    _ => RssHashType.UdpIPv6,
                },
                seen.HashType);
        }

        Assert.AreEqual(pool.BufferCount, pool.Available);
    }

    [TestMethod]
    public void A_wrong_IPv4_header_checksum_is_seen()
    {
        (RxOffload seen, SoftwareOffload software) = ReceiveOne(Segmentation.Tcp4, static p => p.Bytes[p.Offload.NetworkOffset + 8]--);
        Assert.AreEqual(ChecksumVerdict.Bad, seen.NetworkChecksum);
        Assert.AreEqual(ChecksumVerdict.Good, seen.TransportChecksum);
        Assert.AreEqual(1UL, Devices.Frames.Counter(software, "sw_rx_ip_checksum_bad"));
    }

    [TestMethod]
    public void Fragments_have_no_transport_and_are_hashed_by_address()
    {
        (RxOffload seen, SoftwareOffload software) = ReceiveOne(Segmentation.Udp4, static p =>
        {
            Span<byte> header = p.Bytes.AsSpan(p.Offload.NetworkOffset..p.Offload.ChecksumStart);
            header[6] |= 0x20;
            IPv4Header.WriteChecksum(header);
        });
        Assert.IsTrue(seen.Fragment);
        Assert.AreEqual(TransportProtocol.Unknown, seen.Transport);
        Assert.AreEqual(ChecksumVerdict.Unknown, seen.TransportChecksum);
        Assert.AreEqual(ChecksumVerdict.Good, seen.NetworkChecksum);
        Assert.AreEqual(RssHashType.IPv4, seen.HashType);
        Assert.AreEqual(1UL, software.Work.Hashes);
    }

    [TestMethod]
    [DataRow(Segmentation.Udp4, ChecksumVerdict.Unknown)]
    [DataRow(Segmentation.Udp6, ChecksumVerdict.Bad)]
    public void UDP_without_a_checksum_is_allowed_over_IPv4_only(Segmentation kind, ChecksumVerdict expected)
    {
        (RxOffload seen, _) = ReceiveOne(kind, static p => p.Bytes.AsSpan(p.Offload.ChecksumStart + 6, 2).Clear());
        Assert.AreEqual(expected, seen.TransportChecksum);
    }

    [TestMethod]
    public void A_UDP_length_beyond_the_packet_is_not_judged()
    {
        (RxOffload seen, _) = ReceiveOne(Segmentation.Udp4, static p => p.Bytes[p.Offload.ChecksumStart + 4] ^= 0x40);
        Assert.AreEqual(TransportProtocol.Udp, seen.Transport);
        Assert.AreEqual(ChecksumVerdict.Unknown, seen.TransportChecksum);
    }

    [TestMethod]
    public void What_the_device_found_out_stands()
    {
        Random random = TestSeed.Random();
        using BufferPool pool = new(8, 4096);
        using RecordingDevice device = new(OffloadFeatures.RxChecksum | OffloadFeatures.RxHash);
        using SoftwareOffload software = new(device);
        SuperFrame packet = SuperFrame.Random(random, Segmentation.Tcp4, 100, 0); // its checksum is only partial
        TxFrame frame = packet.Slice(random, pool);
        device.Feed(new RxFrame
        {
            Frame = frame.Frame,
            Offload = new RxOffload
            {
                Network = NetworkProtocol.IPv4,
                NetworkChecksum = ChecksumVerdict.Good,
                TransportChecksum = ChecksumVerdict.Good,
                HashType = RssHashType.TcpIPv4,
                Hash = 12345,
                Queue = 3,
            },
        });
        RxFrame[] received = new RxFrame[4];
        Assert.AreEqual(1, software.Receive(received));
        Assert.AreEqual(ChecksumVerdict.Good, received[0].Offload.TransportChecksum);
        Assert.AreEqual(12345u, received[0].Offload.Hash);
        Assert.AreEqual(3, received[0].Offload.Queue);
        Assert.AreEqual(0UL, software.Work.ChecksumsVerified + software.Work.Hashes + software.Work.NetworkChecksumsVerified);
        received[0].Frame.Release();
    }

    [TestMethod]
    public void Nothing_is_looked_at_when_nothing_is_wanted()
    {
        Random random = TestSeed.Random();
        using BufferPool pool = new(8, 4096);
        using RecordingDevice device = new(OffloadFeatures.None);
        using SoftwareOffload software = new(device);
        software.EnabledFeatures = OffloadFeatures.All & ~(OffloadFeatures.RxChecksum | OffloadFeatures.RxHash | OffloadFeatures.RxVlanStrip);
        SuperFrame packet = Complete(SuperFrame.Random(random, Segmentation.Tcp4, 100, 0));
        RxOffload seen = Receive(software, device, packet.Slice(random, pool), new RxFrame[1]);
        Assert.AreEqual(default, seen);
    }

    [TestMethod]
    public void Noise_never_throws_and_never_passes_for_a_good_packet_it_is_not()
    {
        Random random = TestSeed.Random();
        using BufferPool pool = new(8, 4096);
        using RecordingDevice device = new(OffloadFeatures.None);
        using SoftwareOffload software = new(device) { EnabledFeatures = OffloadFeatures.All & ~OffloadFeatures.RxVlanStrip };
        RxFrame[] received = new RxFrame[1];
        for (int round = 0; round < 6000; round++)
        {
            // Right packets with some bytes of the headers turned, and cut off somewhere.
            SuperFrame packet = Complete(SuperFrame.Random(random, (Segmentation)random.Next(1, 5), random.Next(0, 60), 0));
            byte[] bytes = packet.Bytes[..random.Next(1, packet.Bytes.Length + 1)];
            for (int i = random.Next(0, 4); i > 0; i--)
            {
                bytes[random.Next(Math.Min(bytes.Length, 100))] = (byte)random.Next(256);
            }

            PacketBuffer buffer = pool.TryRent()!.Value;
            bytes.CopyTo(buffer.Span);
            RxOffload seen = Receive(software, device, new TxFrame { Frame = new Frame(new BufferSlice(buffer, 0, bytes.Length)) }, received);
            if (seen.TransportChecksum == ChecksumVerdict.Good)
            {
                Assert.IsTrue(SuperFrame.ChecksumIsRight(bytes, seen.NetworkOffset, seen.TransportOffset), $"round {round}");
            }
        }
    }

    [TestMethod]
    [DataRow(new byte[] { 0x81, 0x00, 0x60, 0x05 }, true, 0x6005, 18)]
    [DataRow(new byte[] { 0x88, 0xA8, 0x20, 0x07, 0x81, 0x00, 0x60, 0x05 }, true, 0x2007, 22)]
    [DataRow(new byte[] { }, false, 0, 14)]
    public void Tags_are_stepped_over_and_the_outer_one_is_told(byte[] tags, bool hasVlan, int vlanTag, int offset)
    {
        byte[] frame = new byte[60 + tags.Length];
        tags.CopyTo(frame, 12);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12 + tags.Length), (ushort)EtherType.Arp);
        ArpPacket.Write(frame.AsSpan(14 + tags.Length), default);
        RxOffload seen = default;
        Assert.AreEqual(0, PacketParser.Parse(frame, frame.Length, ref seen));
        Assert.AreEqual(NetworkProtocol.Arp, seen.Network);
        Assert.AreEqual(offset, seen.NetworkOffset);
        Assert.AreEqual(hasVlan, seen.HasVlan);
        Assert.AreEqual(vlanTag, seen.VlanTag);
    }

    /// <summary>Pays the checksum that the packet owes.</summary>
    private static SuperFrame Complete(SuperFrame packet)
    {
        ushort checksum = (ushort)~InternetChecksumTests.Reference(packet.Bytes.AsSpan(packet.Offload.ChecksumStart));
        checksum = checksum == 0 && packet.Offload.ChecksumZeroAsOnes ? (ushort)0xFFFF : checksum;
        BinaryPrimitives.WriteUInt16BigEndian(packet.Bytes.AsSpan(packet.Offload.ChecksumStart + packet.Offload.ChecksumOffset), checksum);
        return packet;
    }

    private static RxOffload Receive(SoftwareOffload software, RecordingDevice device, TxFrame frame, RxFrame[] received)
    {
        device.Feed(new RxFrame { Frame = frame.Frame });
        Assert.AreEqual(1, software.Receive(received));
        received[0].Frame.Release();
        return received[0].Offload;
    }

    private static (RxOffload Seen, SoftwareOffload Software) ReceiveOne(Segmentation kind, Action<SuperFrame> change)
    {
        Random random = TestSeed.Random();
        using BufferPool pool = new(8, 4096);
        using RecordingDevice device = new(OffloadFeatures.None);
        using SoftwareOffload software = new(device) { EnabledFeatures = OffloadFeatures.All };
        SuperFrame packet = Complete(SuperFrame.Random(random, kind, 100, 0));
        change(packet);
        return (Receive(software, device, packet.Slice(random, pool), new RxFrame[1]), software);
    }
}
