using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Testing;

namespace FpgaNet.CoSim.Tests;

/// <summary>Large frames and tags from descriptors to the wire.</summary>
[TestClass]
public sealed class DriverOnCardSegmentationTests
{
    [TestMethod]
    [DataRow(Segmentation.Tcp4)]
    [DataRow(Segmentation.Tcp6)]
    [DataRow(Segmentation.Udp4)]
    [DataRow(Segmentation.Udp6)]
    public void A_large_packet_of_slices_leaves_as_segments_among_other_frames(Segmentation kind)
    {
        Flow flow = kind switch
        {
            Segmentation.Tcp4 => Flow.Tcp4,
            Segmentation.Tcp6 => Flow.Tcp6,
            Segmentation.Udp4 => Flow.Udp4,
            _ => Flow.Udp6,
        };
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        List<byte[]> expected = [];
        int segments = 0;
        for (int i = 0; i < 12; i++)
        {
            byte[] other = CardFrames.Raw(random, random.Next(60, 1514));
            rig.Send(other);
            expected.Add(other);
            int mss = random.Next(100, 1500 - CardFrames.Overhead(flow));
            byte[] packet = CardFrames.Packet(random, flow, random.Next(1, 1700));
            (byte[] bytes, TxOffload offload) = Cut(packet, flow, kind, mss);
            rig.Send(bytes, offload);
            List<byte[]> cut = CardFrames.Segments(packet, flow, mss);
            segments += cut.Count;
            expected.AddRange(cut);
        }

        rig.RunUntilIdle();
        Assert.HasCount(expected.Count, rig.OnWire, rig.Describe());
        foreach (byte[] frame in expected)
        {
            CollectionAssert.AreEqual(CardFrames.Padded(frame), rig.OnWire.Dequeue());
        }

        Assert.AreEqual(12ul, rig.Counter("tx_segmented"));
        Assert.AreEqual((ulong)segments, rig.Counter("tx_segments"));
        Assert.AreEqual(24ul, rig.Counter("driver_tx_frames"));
        Assert.AreEqual(0ul, rig.Counter("tx_refused"));
    }

    [TestMethod]
    public void Tags_are_inserted()
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        List<byte[]> expected = [];
        foreach (int length in new[] { 14, 55, 60, 61, 62, 63, 64, 1000, 1513, 1514 })
        {
            byte[] frame = CardFrames.Raw(random, length);
            ushort tag = (ushort)random.Next(65536);
            rig.Send(frame, new TxOffload { InsertVlan = true, VlanTag = tag });
            expected.Add([.. frame[..12], 0x81, 0x00, (byte)(tag >> 8), (byte)tag, .. frame[12..]]);
        }

        rig.RunUntilIdle();
        Assert.HasCount(expected.Count, rig.OnWire, rig.Describe());
        expected.ForEach(frame => CollectionAssert.AreEqual(CardFrames.Padded(frame), rig.OnWire.Dequeue()));
        Assert.AreEqual((ulong)expected.Count, rig.Counter("tx_vlan"));
    }

    [TestMethod]
    public void A_request_that_does_not_fit_its_headers_is_refused_and_traffic_goes_on()
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        (byte[] bytes, TxOffload offload) = Cut(CardFrames.Packet(random, Flow.Tcp4, 1000), Flow.Tcp4, Segmentation.Tcp4, 500);
        rig.Send(bytes, offload with { Segmentation = Segmentation.Tcp6 });
        rig.RunUntilIdle();
        Assert.IsEmpty(rig.OnWire);
        Assert.AreEqual(1ul, rig.Counter("driver_tx_error_bad_segmentation"));
        Assert.AreEqual(1ul, rig.Counter("tx_refused"));
        rig.CheckTraffic();
    }

    // 64 KB packets, one behind the other, of four slices each: read over PCI Express, cut, summed and sent with no more than the gaps that Ethernet asks for.
    [TestMethod]
    public void Packets_of_64_KB_fill_the_wire()
    {
        const int Mss = 1460, Packets = 4, PreambleGapAndCheckSequence = 8 + 12 + 4;
        Random random = TestSeed.Random();
        using BufferPool pool = new(4 * Packets, 16384);
        using var rig = new DriverOnCard(random);
        byte[] packet = CardFrames.Packet(random, Flow.Tcp4, 44 * Mss);
        (byte[] bytes, TxOffload offload) = Cut(packet, Flow.Tcp4, Segmentation.Tcp4, Mss);
        int segments = Packets * CardFrames.Segments(packet, Flow.Tcp4, Mss).Count;
        TxFrame[] frames = [.. Enumerable.Range(0, Packets).Select(_ => new TxFrame { Frame = Sliced(pool, bytes), Offload = offload })];
        Assert.AreEqual(Packets, rig.Nic.Transmit(frames));
        rig.RunUntil(() => rig.OnWire.Count > 0, "the first segment is out");
        long first = rig.Card.Cycles;
        int counted = rig.OnWire.Count;
        rig.RunUntil(() => rig.OnWire.Count == segments, "all are out");

        // A byte a clock at 1 Gb/s. The model runs in steps of 64 clocks.
        long least = (segments - counted) * (long)(54 + Mss + PreambleGapAndCheckSequence);
        Assert.IsInRange(least - 64, least + 64, rig.Card.Cycles - first);
        rig.RunUntil(() => pool.Available == pool.BufferCount, "the buffers are back");
    }

    private static Frame Sliced(BufferPool pool, byte[] bytes)
    {
        Frame frame = default;
        for (int at = 0; at < bytes.Length; at += 16384)
        {
            int count = Math.Min(16384, bytes.Length - at);
            BufferSlice slice = new(pool.TryRent()!.Value, 0, count);
            bytes.AsSpan(at, count).CopyTo(slice.Span);
            frame.Add(slice);
        }

        return frame;
    }

    private static (byte[] Bytes, TxOffload Offload) Cut(byte[] packet, Flow flow, Segmentation kind, int mss)
    {
        (byte[] bytes, TxOffload offload) = CardFrames.Owing(packet, flow);
        return (bytes, offload with
        {
            Segmentation = kind,
            MaximumSegmentSize = (ushort)mss,
            NetworkOffset = 14,
            HeaderLength = (ushort)CardFrames.Overhead(flow),
        });
    }
}
