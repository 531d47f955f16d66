using FpgaNet.Driver;
using FpgaNet.Packets.Offload;
using FpgaNet.Rtl.Tests.Mac;
using FpgaNet.Rtl.Tests.Tx;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Nic;

/// <summary>Large frames and tags through the whole core, as far as the pins of the GMII.</summary>
[TestClass]
public sealed class NicSegmentationTests
{
    private const int PreambleLength = 8;
    private const int CheckSequenceLength = 4;
    private const int Gap = 12;

    [TestMethod]
    [DataRow(8, 0.0)]
    [DataRow(32, 0.2)]
    [DataRow(64, 0.0)]
    [DataRow(64, 0.2)]
    public void Segments_and_tagged_frames_stand_on_the_wire_as_software_makes_them_among_frames_of_every_kind(int width, double stall)
    {
        Random random = TestSeed.Random();
        using OwedFrames frames = new(random);
        using NicBench nic = new(width, random, stall);
        nic.Enable(random);
        List<OwedFrame> sent = [.. Enumerable.Range(0, 80).Select(_ => frames.Next()).Where(static f => !f.Partly)];
        sent.ForEach(f => nic.Host.Send(f.Sent));
        nic.Settle();
        CollectionAssert.AreEqual(sent.Select(static f => f.Status).ToArray(), nic.Statuses.Frames.Select(static s => (Status)s.Data[0]).ToArray());
        byte[][] wire = [.. sent.SelectMany(static f => f.Wire).Select(EthernetReference.Padded)];
        Assert.HasCount(wire.Length, nic.Sent.Bursts);
        foreach (byte[] frame in wire)
        {
            CollectionAssert.AreEqual(EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(frame)), nic.Sent.Bursts.Dequeue().Bytes);
        }

        ulong[] counters = nic.Counters();
        OwedFrame[] cut = [.. sent.Where(static f => f.Segmented)];
        Assert.AreEqual((ulong)wire.Length, counters[CardCounters.TxFrames]);
        Assert.AreEqual((ulong)wire.Sum(static f => f.Length), counters[CardCounters.TxBytes]);
        Assert.AreEqual((ulong)sent.Sum(static f => f.Paid.Checksums), counters[CardCounters.TxChecksums]);
        Assert.AreEqual((ulong)sent.Sum(static f => f.Paid.Tags), counters[CardCounters.TxVlan]);
        Assert.AreEqual((ulong)sent.Count(static f => f.Status != Status.Ok), counters[CardCounters.TxRefused]);
        Assert.AreEqual((ulong)cut.Length, counters[CardCounters.TxSegmented]);
        Assert.AreEqual((ulong)cut.Sum(static f => f.Wire.Count), counters[CardCounters.TxSegments]);
    }

    // IEEE 802.3 §4.4.2: 8 bytes of preamble and delimiter, 4 of check sequence, a gap of 12: what is not these or the frames' bytes is lost.
    [TestMethod]
    [DataRow(8, 1448, false)]
    [DataRow(8, 1448, true)]
    [DataRow(32, 1448, false)]
    [DataRow(64, 1448, false)]
    [DataRow(64, 1448, true)]
    [DataRow(8, 536, false)]
    [DataRow(64, 536, false)]
    [DataRow(64, 6, false)]
    public void Frames_of_64_KB_back_to_back_leave_no_clock_of_the_wire_unused(int width, int mss, bool tag)
    {
        Random random = TestSeed.Random();
        using OwedFrames frames = new(random);
        using NicBench nic = new(width, random);
        nic.Enable(random);
        int headers = 54 + (4 * random.Next(4));
        int payload = mss < 100 ? 2000 : 65535 - 40 - (headers - 54);
        List<OwedFrame> sent = [];
        for (int i = 0; i < 2; i++)
        {
            LargePacket packet = LargePacket.Make(random, Segmentation.Tcp4, 14, 34, headers, payload, mss);
            packet.Offload.InsertVlan = tag;
            sent.Add(frames.Large(packet));
            nic.Host.Send(sent[^1].Sent);
        }

        nic.Settle();
        byte[][] wire = [.. sent.SelectMany(static f => f.Wire).Select(EthernetReference.Padded)];
        Assert.HasCount(wire.Length, nic.Sent.Bursts);
        Assert.AreEqual(wire.Length * (PreambleLength + CheckSequenceLength) + wire.Sum(static f => f.Length), nic.Sent.Bursts.Sum(static b => b.Bytes.Length));
        Assert.AreEqual((wire.Length - 1) * Gap, nic.Sent.Bursts.Skip(1).Sum(static b => b.Gap), "clocks between frames");
    }
}
