using System.Buffers.Binary;
using System.Globalization;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Testing;

namespace FpgaNet.Packets.Tests.Offload;

[TestClass]
public sealed class ReceiveCoalescingTests
{
    private const int Size = 1000;

    [TestMethod]
    [DataRow(false, false)]
    [DataRow(false, true)]
    [DataRow(true, false)]
    [DataRow(true, true)]
    public void Segments_of_a_stream_become_one_frame(bool isIPv6, bool tagged)
    {
        using BufferPool pool = new(64, 2048);
        TcpSample[] samples =
        [
            .. Enumerable.Range(0, 12).Select(i => Next(i) with
            {
                IsIPv6 = isIPv6,
                Vlan = (ushort)(tagged ? 5 : 0),
                Payload = [.. Enumerable.Range(0, i == 11 ? 10 : Size).Select(b => (byte)(b + i))],
                Flags = i == 11 ? TcpFlags.Ack | TcpFlags.Psh : TcpFlags.Ack,
            }),
        ];
        RxFrame[] frames = Receive(pool, samples, OffloadFeatures.All & ~OffloadFeatures.RxVlanStrip, out SoftwareOffload software);
        Assert.HasCount(1, frames);
        Frame frame = frames[0].Frame;
        RxOffload offload = frames[0].Offload;
        Assert.AreEqual(samples[0].HeaderLength, frame.Header.Length);
        Assert.AreEqual(13, frame.SliceCount, "payload is referred to and not copied");
        Assert.AreEqual(12, offload.CoalescedSegments);
        Assert.AreEqual(Size, offload.SegmentSize);
        Assert.AreEqual(ChecksumVerdict.Good, offload.TransportChecksum);
        Assert.AreEqual(11UL, software.Work.SegmentsCoalesced);

        byte[] bytes = Devices.Frames.Bytes(frame);
        CollectionAssert.AreEqual(samples.SelectMany(static s => s.Payload).ToArray(), bytes[samples[0].HeaderLength..]);
        Assert.IsTrue(TcpHeader.TryParse(bytes.AsSpan(samples[0].TransportOffset), out TcpHeader tcp));
        Assert.AreEqual(samples[0].Sequence, tcp.SequenceNumber);
        Assert.AreEqual(TcpFlags.Ack | TcpFlags.Psh, tcp.Flags);
        if (isIPv6)
        {
            Assert.IsTrue(IPv6Header.TryParse(bytes.AsSpan(samples[0].NetworkOffset), out IPv6Header ip));
            Assert.AreEqual(bytes.Length - samples[0].TransportOffset, ip.PayloadLength);
        }
        else
        {
            Assert.IsTrue(IPv4Header.TryParse(bytes.AsSpan(samples[0].NetworkOffset), out IPv4Header ip));
            Assert.AreEqual(bytes.Length - samples[0].NetworkOffset, ip.TotalLength);
            Assert.IsTrue(ip.ChecksumIsGood);
        }

        frame.Release();
        Assert.AreEqual(pool.BufferCount, pool.Available);
        Assert.AreEqual(0, software.BuffersOutstanding);
    }

    [TestMethod]
    [DataRow("nothing", true)]
    [DataRow("a hole", false)]
    [DataRow("the same again", false)]
    [DataRow("another port", false)]
    [DataRow("another acknowledgement", false)]
    [DataRow("another window", false)]
    [DataRow("another time stamp", false)]
    [DataRow("congestion experienced", false)]
    [DataRow("another time to live", false)]
    [DataRow("another tag", false)]
    [DataRow("Don't Fragment cleared", false)]
    [DataRow("SYN", false)]
    [DataRow("RST", false)]
    [DataRow("URG", false)]
    [DataRow("CWR", false)]
    [DataRow("ECE", false)]
    [DataRow("PSH", true)]
    [DataRow("FIN", true)]
    [DataRow("no payload", false)]
    [DataRow("longer", false)]
    [DataRow("shorter", true)]
    [DataRow("padded", false)]
    [DataRow("a fragment", false)]
    [DataRow("a wrong TCP checksum", false)]
    [DataRow("a wrong IP checksum", false)]
    [DataRow("first with PSH", false)]
    [DataRow("first with FIN", false)]
    [DataRow("first with a wrong checksum", false)]
    [DataRow("first without payload", false)]
    [DataRow("identification counted, may be fragmented", true)]
    [DataRow("identification repeated, may be fragmented", false)]
    [DataRow("identification repeated, Don't Fragment", true)]
    [DataRow("another flow label", false)]
    public void Only_a_segment_that_says_nothing_new_but_its_bytes_joins(string difference, bool joins)
    {
        TcpSample first = Next(0);
        TcpSample second = Next(1);
        (first, second) = difference switch
        {
            "a hole" => (first, second with { Sequence = second.Sequence + 1 }),
            "the same again" => (first, first),
            "another port" => (first, second with { Port = 1001 }),
            "another acknowledgement" => (first, second with { Acknowledgment = 78 }),
            "another window" => (first, second with { Window = 501 }),
            "another time stamp" => (first, second with { Timestamp = 4712 }),
            "congestion experienced" => (first, second with { TrafficClass = 3 }),
            "another time to live" => (first, second with { TimeToLive = 63 }),
            "another tag" => (first with { Vlan = 1 }, second with { Vlan = 2 }),
            "Don't Fragment cleared" => (first, second with { DontFragment = false }),
            "SYN" => (first, second with { Flags = TcpFlags.Ack | TcpFlags.Syn }),
            "RST" => (first, second with { Flags = TcpFlags.Ack | TcpFlags.Rst }),
            "URG" => (first, second with { Flags = TcpFlags.Ack | TcpFlags.Urg }),
            "CWR" => (first, second with { Flags = TcpFlags.Ack | TcpFlags.Cwr }),
            "ECE" => (first, second with { Flags = TcpFlags.Ack | TcpFlags.Ece }),
            "PSH" => (first, second with { Flags = TcpFlags.Ack | TcpFlags.Psh }),
            "FIN" => (first, second with { Flags = TcpFlags.Ack | TcpFlags.Fin }),
            "no payload" => (first, second with { Payload = [] }),
            "longer" => (first, second with { Payload = new byte[Size + 1] }),
            "shorter" => (first, second with { Payload = new byte[1] }),
            "padded" => (first, second with { Payload = new byte[1], Padding = 3 }),
            "a fragment" => (first, second with { MoreFragments = true, DontFragment = false }),
            "a wrong TCP checksum" => (first, second with { Spoiled = 500 }),
            "a wrong IP checksum" => (first, second with { SpoilNetwork = true }),
            "first with PSH" => (first with { Flags = TcpFlags.Ack | TcpFlags.Psh }, second),
            "first with FIN" => (first with { Flags = TcpFlags.Ack | TcpFlags.Fin }, second),
            "first with a wrong checksum" => (first with { Spoiled = 500 }, second),
            "first without payload" => (first with { Payload = [] }, second with { Sequence = first.Sequence }),
            "identification counted, may be fragmented" => (first with { DontFragment = false }, second with { DontFragment = false }),
            "identification repeated, may be fragmented" => (first with { DontFragment = false }, second with { DontFragment = false, Identification = first.Identification }),
            "identification repeated, Don't Fragment" => (first, second with { Identification = first.Identification }),
            "another flow label" => (first with { IsIPv6 = true, FlowLabel = 1 }, second with { IsIPv6 = true, FlowLabel = 2 }),
            _ => (first, second),
        };
        using BufferPool pool = new(4, 2048);
        RxFrame[] frames = Receive(pool, [first, second], OffloadFeatures.All, out _);
        Assert.HasCount(joins ? 1 : 2, frames);
        Devices.Frames.ReleaseAll(frames);
        Assert.AreEqual(pool.BufferCount, pool.Available);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_segment_with_any_bit_turned_stays_alone(bool isIPv6)
    {
        using BufferPool pool = new(4, 2048);
        using RecordingDevice device = new(OffloadFeatures.None);
        using SoftwareOffload software = new(device);
        TcpSample first = Next(0) with { IsIPv6 = isIPv6, Payload = new byte[9] };
        byte[] second = (first with { Sequence = first.Sequence + 9, Identification = 101 }).ToArray();
        RxFrame[] frames = new RxFrame[2];
        for (int bit = 0; bit <= 8 * second.Length; bit++)
        {
            byte[] bytes = [.. second];
            if (bit < 8 * second.Length)
            {
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            }

            device.Feed(new RxFrame { Frame = first.ToFrame(pool, apart: false) });
            device.Feed(new RxFrame { Frame = Devices.Frames.Of(pool, bytes).Frame });
            int count = software.Receive(frames);
            Assert.AreEqual(bit < 8 * second.Length ? 2 : 1, count, $"bit {bit}");
            Devices.Frames.ReleaseAll(frames.AsSpan(0, count));
        }

        Assert.AreEqual(pool.BufferCount, pool.Available);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_device_may_judge_checksums_and_say_nothing_else(bool isIPv6)
    {
        using BufferPool pool = new(4, 2048);
        using RecordingDevice device = new(OffloadFeatures.None);
        using SoftwareOffload software = new(device);
        RxOffload good = new() { NetworkChecksum = ChecksumVerdict.Good, TransportChecksum = ChecksumVerdict.Good };
        device.Feed(new RxFrame { Frame = (Next(0) with { IsIPv6 = isIPv6 }).ToFrame(pool, apart: false), Offload = good });
        device.Feed(new RxFrame { Frame = (Next(1) with { IsIPv6 = isIPv6 }).ToFrame(pool, apart: false), Offload = good });
        RxFrame[] frames = new RxFrame[2];
        Assert.AreEqual(1, software.Receive(frames));
        Assert.AreEqual(2, frames[0].Offload.CoalescedSegments);
        Assert.AreEqual(0UL, software.Work.ChecksumsVerified + software.Work.NetworkChecksumsVerified);
        frames[0].Frame.Release();
    }

    [TestMethod]
    public void Switched_off_nothing_is_merged()
    {
        using BufferPool pool = new(4, 2048);
        RxFrame[] frames = Receive(pool, [Next(0), Next(1)], OffloadFeatures.All & ~OffloadFeatures.RxCoalesce, out _);
        Assert.HasCount(2, frames);
        Devices.Frames.ReleaseAll(frames);
    }

    [TestMethod]
    public void What_a_flow_says_in_between_ends_its_frame_and_what_another_says_does_not()
    {
        using BufferPool pool = new(8, 2048);
        TcpSample pure = Next(0) with { Payload = [], Acknowledgment = 99 };
        RxFrame[] frames = Receive(pool, [Next(0), pure, Next(1)], OffloadFeatures.All, out _);
        Assert.HasCount(3, frames);
        Devices.Frames.ReleaseAll(frames);
        frames = Receive(pool, [Next(0), pure with { Port = 9 }, Next(0) with { Port = 8 }, Next(1), Next(1) with { Port = 8 }], OffloadFeatures.All, out _);
        Assert.HasCount(3, frames);
        Devices.Frames.ReleaseAll(frames);
        frames = Receive(pool, [Next(0), pure with { MoreFragments = true, DontFragment = false }, Next(1)], OffloadFeatures.All, out _);
        Assert.HasCount(3, frames, "a fragment may belong to any flow");
        Devices.Frames.ReleaseAll(frames);
        Assert.AreEqual(pool.BufferCount, pool.Available);
    }

    [TestMethod]
    public void A_frame_ends_where_its_length_could_not_be_said()
    {
        using BufferPool pool = new(70, 2048);
        RxFrame[] frames = Receive(pool, [.. Enumerable.Range(0, 70).Select(Next)], OffloadFeatures.All, out _);
        Assert.HasCount(2, frames);
        Assert.AreEqual(65, frames[0].Offload.CoalescedSegments);
        Assert.AreEqual(5, frames[1].Offload.CoalescedSegments);
        Devices.Frames.ReleaseAll(frames);
        Assert.AreEqual(pool.BufferCount, pool.Available);
    }

    [TestMethod]
    public void Random_streams_are_byte_for_byte_and_mark_for_mark_the_same_with_and_without()
    {
        Random random = TestSeed.Random();
        using BufferPool pool = new(256, 2048);
        ulong joined = 0;
        for (int round = 0; round < 300; round++)
        {
            TcpSample[] samples = Streams(random, random.Next(2, 64));
            RxFrame[] plain = Receive(pool, samples, OffloadFeatures.All & ~OffloadFeatures.RxCoalesce, out _, random);
            RxFrame[] merged = Receive(pool, samples, OffloadFeatures.All, out SoftwareOffload software, random);
            CollectionAssert.AreEqual(Story(plain), Story(merged), $"round {round}");
            joined += software.Work.SegmentsCoalesced;
            Devices.Frames.ReleaseAll(plain);
            Devices.Frames.ReleaseAll(merged);
            Assert.AreEqual(pool.BufferCount, pool.Available);
            Assert.AreEqual(0, software.BuffersOutstanding);
        }

        Assert.IsGreaterThan(1000UL, joined);
    }

    private static TcpSample Next(int index) => new()
    {
        Sequence = 5000 + (uint)(index * Size),
        Identification = (ushort)(100 + index),
        Payload = new byte[Size],
    };

    // Ten flows, more than are followed at once, most of whose segments follow each other; now and then something is different.
    private static TcpSample[] Streams(Random random, int count)
    {
        TcpSample[] flows = [.. Enumerable.Range(0, 10).Select(i => Next(0) with { Port = (ushort)i, IsIPv6 = i % 3 == 0, DontFragment = i % 2 == 0, Sequence = uint.MaxValue - 2000 })];
        TcpSample[] samples = new TcpSample[count];
        for (int i = 0; i < count; i++)
        {
            ref TcpSample flow = ref flows[random.Next(random.Next(1, flows.Length + 1))];
            byte[] payload = new byte[random.Next(8) == 0 ? random.Next(0, 200) : 100];
            random.NextBytes(payload);
            TcpSample sample = flow with { Payload = payload };
            sample = random.Next(40) switch
            {
                0 => sample with { Flags = TcpFlags.Ack | TcpFlags.Psh },
                1 => sample with { Flags = TcpFlags.Ack | TcpFlags.Fin },
                2 => sample with { TrafficClass = 3 },
                3 => sample with { Sequence = sample.Sequence - 50 },
                4 => sample with { Sequence = sample.Sequence + 100 },
                5 => sample with { Spoiled = random.Next(4, 32) },
                6 => sample with { Acknowledgment = 80 },
                7 => sample with { Flags = TcpFlags.Ack | TcpFlags.Ece },
                8 => sample with { Padding = 6 },
                9 => sample with { Window = 7 },
                _ => sample,
            };
            samples[i] = sample;
            flow = flow with { Sequence = flow.Sequence + (uint)payload.Length, Identification = (ushort)(flow.Identification + 1) };
        }

        return samples;
    }

    // What each flow was told, byte by byte, with everything in the headers that may matter, in order.
    private static List<string> Story(RxFrame[] frames)
    {
        Dictionary<int, List<string>> flows = [];
        foreach (RxFrame frame in frames)
        {
            byte[] bytes = Devices.Frames.Bytes(frame.Frame);
            int network = EthernetHeader.Length;
            bool isIPv6 = bytes[network] >> 4 == 6;
            int transport = network + (isIPv6 ? 40 : 20);
            int end = network + (isIPv6 ? 40 + BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(network + 4)) : BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(network + 2)));
            Assert.IsTrue(TcpHeader.TryParse(bytes.AsSpan(transport), out TcpHeader tcp));
            int traffic = isIPv6 ? ((bytes[network] & 0xF) << 4) | (bytes[network + 1] >> 4) : bytes[network + 1];
            TcpFlags endings = tcp.Flags & (TcpFlags.Psh | TcpFlags.Fin);
            string marks = string.Create(
                CultureInfo.InvariantCulture,
                $"{tcp.AcknowledgmentNumber} {tcp.Window} {tcp.Flags & ~endings} {traffic} {Convert.ToHexString(tcp.Options)} {frame.Offload.TransportChecksum}");
            if (!flows.TryGetValue(tcp.SourcePort, out List<string>? story))
            {
                flows.Add(tcp.SourcePort, story = []);
            }

            uint sequence = tcp.SequenceNumber;
            for (int i = transport + tcp.HeaderLength; i < end; i++)
            {
                story.Add(string.Create(CultureInfo.InvariantCulture, $"{sequence++} {bytes[i]} {marks}"));
            }

            if (end == transport + tcp.HeaderLength || endings != TcpFlags.None)
            {
                story.Add(string.Create(CultureInfo.InvariantCulture, $"{sequence} {endings} {marks}"));
            }
        }

        return [.. flows.OrderBy(static f => f.Key).SelectMany(static f => f.Value.Prepend($"flow {f.Key}"))];
    }

    private static RxFrame[] Receive(BufferPool pool, TcpSample[] samples, OffloadFeatures features, out SoftwareOffload software, Random? random = null)
    {
        using RecordingDevice device = new(OffloadFeatures.None);
        using SoftwareOffload offload = new(device);
        offload.EnabledFeatures = features;
        foreach (TcpSample sample in samples)
        {
            device.Feed(new RxFrame { Frame = sample.ToFrame(pool, random?.Next(2) == 0) });
        }

        RxFrame[] frames = new RxFrame[samples.Length];
        int count = offload.Receive(frames);
        software = offload;
        return frames[..count];
    }
}
