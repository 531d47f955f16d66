using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Mac;
using FpgaNet.Rtl.Tests.Rx;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Nic;

/// <summary>Receive coalescing in the whole core, from the GMII's pins to the host's stream.</summary>
[TestClass]
public sealed class NicCoalescingTests
{
    [TestMethod]
    [DataRow(8)]
    [DataRow(64)]
    public void Streams_from_the_wire_come_in_fewer_frames_that_can_be_undone_and_are_counted(int width)
    {
        Random random = TestSeed.Random();
        using NicBench nic = new(width, random, stall: 0.05);
        nic.Enable(random);
        nic.Write(CoalesceRegisters.MaximumLength, 8192);
        nic.Write(CoalesceRegisters.Control, 1);
        TcpStreams streams = new(random, 3) { Trouble = 0.02 };
        List<byte[]> sent = [.. Enumerable.Range(0, 120).Select(_ => streams.Next())];
        sent.ForEach(f => nic.Wire!.Play(new CarrierEvent(EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(f)))));
        nic.Settle();
        List<byte[]> undone = [];
        int merged = 0;
        foreach (StreamFrame frame in nic.Received.Frames)
        {
            int segments = (int)(frame.User[6] >> 16 & 0xFF);
            Assert.IsLessThanOrEqualTo(8192, frame.Data.Length);
            Assert.AreEqual(segments, segments == 0 ? 0 : Math.Max(2, segments));
            undone.AddRange(CoalescedFrames.Undo(frame.Data, segments, (int)(frame.User[7] >> 8 & 0xFFFF)));
            merged += segments == 0 ? 0 : 1;
        }

        foreach (uint flow in sent.Select(CoalescedFrames.Flow).Distinct())
        {
            byte[][] should = [.. sent.Where(f => CoalescedFrames.Flow(f) == flow).Select(CoalescedFrames.Comparable)];
            byte[][] does = [.. undone.Where(f => CoalescedFrames.Flow(f) == flow).Select(CoalescedFrames.Comparable)];
            Assert.HasCount(should.Length, does);
            for (int i = 0; i < should.Length; i++)
            {
                CollectionAssert.AreEqual(should[i], does[i]);
            }
        }

        Assert.IsLessThan(sent.Count * 3 / 4, nic.Received.Frames.Count); // about 50; how many, the draw decides
        Assert.AreEqual((ulong)merged, nic.Counter(CardCounters.RxCoalescedFrames));
        Assert.AreEqual((ulong)(sent.Count - nic.Received.Frames.Count), nic.Counter(CardCounters.RxCoalescedSegments));
        Assert.AreEqual((ulong)nic.Received.Frames.Count, nic.Counter(CardCounters.RxFrames));
    }
}
