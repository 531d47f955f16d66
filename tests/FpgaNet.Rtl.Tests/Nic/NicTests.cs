using System.Buffers.Binary;
using FpgaNet.Driver;
using FpgaNet.Packets.Offload;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Mac;
using FpgaNet.Rtl.Tests.Rx;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Nic;

/// <summary>The whole core, from the host's streams to the GMII and back.</summary>
[TestClass]
public sealed class NicTests
{
    [TestMethod]
    [DataRow(8, 0.0)]
    [DataRow(8, 0.2)]
    [DataRow(32, 0.2)]
    [DataRow(64, 0.0)]
    [DataRow(64, 0.3)]
    public void Frames_of_every_kind_go_round_the_loop_with_checksums_inserted_and_verified(int width, double stall)
    {
        Random random = TestSeed.Random();
        using NicBench nic = new(width, random, stall, loop: true);
        RxReference reference = nic.Enable(random);
        RandomPackets packets = new(random);
        List<byte[]> expected = [];
        int checksums = 0;
        for (int i = 0; i < 120; i++)
        {
            byte[] frame = packets.Next();
            byte[] result = [.. frame];
            uint[] header = [0, 0, (uint)frame.Length | (1u << 24), 0];
            if (random.Next(2) == 0)
            {
                int start = random.Next(14, frame.Length - 1);
                int offset = random.Next(frame.Length - start - 1);
                bool zeroAsOnes = random.Next(2) == 0;
                header[0] = (uint)(start | (offset << 16));
                header[3] = zeroAsOnes ? 3u : 1u;
                ushort sum = (ushort)~RxReference.Sum(frame.AsSpan(start));
                BinaryPrimitives.WriteUInt16BigEndian(result.AsSpan(start + offset), sum == 0 && zeroAsOnes ? (ushort)0xFFFF : sum);
                checksums++;
            }

            nic.Host.Send(frame, header);
            expected.Add(EthernetReference.Padded(result));
        }

        nic.Settle();
        nic.StepUntil(() => nic.Received.Frames.Count == expected.Count);
        Assert.IsTrue(nic.Statuses.Frames.All(s => s.Data[0] == (byte)Status.Ok));
        List<RxFindings> findings = [];
        for (int i = 0; i < expected.Count; i++)
        {
            StreamFrame got = nic.Received.Frames.Dequeue();
            CollectionAssert.AreEqual(expected[i], got.Data, $"frame {i}");
            findings.Add(RxFindings.Unpack(got.User));
            Assert.AreEqual(reference.Examine(expected[i]), findings[i], $"frame {i}: {Convert.ToHexString(expected[i])}");
        }

        ulong bytes = (ulong)expected.Sum(f => f.Length);
        AreEqual(nic.Counters(), new()
        {
            [CardCounters.RxFrames] = (ulong)expected.Count,
            [CardCounters.RxBytes] = bytes,
            [CardCounters.RxChecksumGood] = Count(f => f.TransportChecksum == ChecksumVerdict.Good),
            [CardCounters.RxChecksumBad] = Count(f => f.TransportChecksum == ChecksumVerdict.Bad),
            [CardCounters.RxIpChecksumBad] = Count(f => f.NetworkChecksum == ChecksumVerdict.Bad),
            [CardCounters.RxFragments] = Count(f => f.Fragment),
            [CardCounters.RxVlan] = Count(f => f.VlanTag is not null),
            [CardCounters.RxHashed] = Count(f => f.HashType != RssHashType.None),
            [CardCounters.RxChecksumNone] = Count(f => f.Transport is TransportProtocol.Tcp or TransportProtocol.Udp && f.TransportChecksum == ChecksumVerdict.Unknown),
            [CardCounters.RxQinq] = Count(f => f.InnerVlan),
            [CardCounters.RxOtherNetwork] = Count(f => f.Headers == HeaderWalk.OtherNetwork),
            [CardCounters.RxMalformed] = Count(f => f.Headers == HeaderWalk.Malformed),
            [CardCounters.RxTooDeep] = Count(f => f.Headers == HeaderWalk.TooDeep),
            [CardCounters.TxFrames] = (ulong)expected.Count,
            [CardCounters.TxBytes] = bytes,
            [CardCounters.TxChecksums] = (ulong)checksums,
        });

        ulong octets = bytes + (4 * (ulong)expected.Count);
        Assert.AreEqual((octets, octets), (nic.Counter(CardCounters.RxOctets), nic.Counter(CardCounters.TxOctets)));
        Assert.AreEqual((ulong)expected.Count, nic.Counter(CardCounters.RxUnicast) + nic.Counter(CardCounters.RxMulticast) + nic.Counter(CardCounters.RxBroadcast));

        ulong Count(Func<RxFindings, bool> condition) => (ulong)findings.Count(condition);
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void Bad_frames_are_dropped_and_counted_by_their_kind_and_good_ones_pass(int width)
    {
        Random random = TestSeed.Random();
        using NicBench nic = new(width, random, stall: 0.05);
        nic.Enable(random);
        List<(CarrierEvent Event, RxVerdict Verdict, byte[] Frame)> events = [.. Enumerable.Range(0, 200).Select(_ => RandomCarrier.Next(random))];
        events.ForEach(e => nic.Wire!.Play(e.Event));
        nic.Settle();
        byte[][] good = [.. events.Where(e => e.Verdict == RxVerdict.Good).Select(e => e.Frame)];
        Assert.HasCount(good.Length, nic.Received.Frames);
        foreach (byte[] frame in good)
        {
            CollectionAssert.AreEqual(frame, nic.Received.Frames.Dequeue().Data);
        }

        ulong[] counters = nic.Counters();
        Assert.AreEqual(Count(RxVerdict.Good), counters[CardCounters.RxFrames]);
        Assert.AreEqual(Count(RxVerdict.BadCheckSequence), counters[CardCounters.RxBadFcs]);
        Assert.AreEqual(Count(RxVerdict.PhyError), counters[CardCounters.RxPhyError]);
        Assert.AreEqual(Count(RxVerdict.Undersize), counters[CardCounters.RxUndersize]);
        Assert.AreEqual(Count(RxVerdict.Oversize), counters[CardCounters.RxOversize]);
        Assert.AreEqual(0UL, counters[CardCounters.RxOverflow] + counters[CardCounters.RxDisabled]);

        ulong Count(RxVerdict verdict) => (ulong)events.Count(e => e.Verdict == verdict);
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void The_shortest_frames_back_to_back_all_arrive_when_the_host_keeps_up(int width)
    {
        Random random = TestSeed.Random();
        using NicBench nic = new(width, random);
        RxReference reference = nic.Enable(random);
        RandomPackets packets = new(random) { MinimumLength = 60, MaximumLength = 62 };
        List<byte[]> frames = [.. Enumerable.Range(0, 500).Select(_ => packets.Next())];
        frames.ForEach(f => nic.Wire!.Play(new CarrierEvent(EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(f)))));
        frames.ForEach(f => nic.Host.Send(f, 0, 0, (uint)f.Length | (1u << 24), 0)); // both ways at once
        nic.Settle();
        Assert.HasCount(frames.Count, nic.Received.Frames);
        foreach (byte[] frame in frames)
        {
            StreamFrame got = nic.Received.Frames.Dequeue();
            CollectionAssert.AreEqual(frame, got.Data);
            Assert.AreEqual(reference.Examine(frame), RxFindings.Unpack(got.User));
        }

        Assert.HasCount(frames.Count, nic.Sent.Bursts);
        Assert.IsTrue(nic.Sent.Bursts.Skip(1).All(b => b.Gap == 12), "the wire was left idle between frames");
        Assert.AreEqual(0UL, nic.Counter(CardCounters.RxOverflow));
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(64)]
    public void When_the_host_does_not_keep_up_frames_are_lost_whole_and_counted(int width)
    {
        Random random = TestSeed.Random();
        using NicBench nic = new(width, random);
        RxReference reference = nic.Enable(random);
        RandomPackets packets = new(random) { MinimumLength = 60 };
        List<byte[]> frames = [.. Enumerable.Range(0, 400).Select(_ => packets.Next())];
        void Play(List<byte[]> some) => some.ForEach(f => nic.Wire!.Play(new CarrierEvent(EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(f)))));
        Play(frames[..^1]);
        nic.Received.Stall = 1;
        nic.StepUntil(() => nic.Wire!.Pending < 100);
        nic.Received.Stall = 0.1;
        nic.Settle();
        Play(frames[^1..]);
        nic.Settle();

        ulong[] counters = nic.Counters();
        Assert.IsGreaterThan(10UL, counters[CardCounters.RxOverflow]);
        Assert.AreEqual((ulong)frames.Count, counters[CardCounters.RxFrames] + counters[CardCounters.RxOverflow]);
        Assert.AreEqual(counters[CardCounters.RxFrames], (ulong)nic.Received.Frames.Count);
        int at = 0;
        foreach (StreamFrame got in nic.Received.Frames)
        {
            // Whole, in order, with their own findings.
            at = 1 + frames.FindIndex(at, f => f.AsSpan().SequenceEqual(got.Data));
            Assert.AreNotEqual(0, at, "a frame came that was not sent, or out of order");
            Assert.AreEqual(reference.Examine(got.Data), RxFindings.Unpack(got.User));
        }

        Assert.AreEqual(frames.Count, at, "the last frame came when there was room again");
    }

    [TestMethod]
    public void While_disabled_received_frames_are_dropped_and_frames_to_send_wait()
    {
        Random random = TestSeed.Random();
        using NicBench nic = new(64, random);
        (CarrierEvent carrier, _, byte[] frame) = RandomCarrier.Good(random, 100);
        nic.Wire!.Play(carrier);
        nic.Host.Send(frame, 0, 0, 100 | (1u << 24), 0);
        nic.Step(500);
        Assert.AreEqual(1UL, nic.Counter(CardCounters.RxDisabled));
        Assert.IsEmpty(nic.Received.Frames);
        Assert.IsEmpty(nic.Sent.Bursts);

        nic.Enable(random);
        nic.Wire.Play(carrier);
        nic.Settle();
        Assert.HasCount(1, nic.Received.Frames);
        Assert.HasCount(1, nic.Sent.Bursts);
        Assert.AreEqual(1UL, nic.Counter(CardCounters.RxDisabled));
    }

    [TestMethod]
    public void Without_the_enables_frames_go_up_without_verdict_and_hash()
    {
        Random random = TestSeed.Random();
        using NicBench nic = new(64, random);
        RxReference reference = nic.Enable(random);
        nic.Write(CoreRegisters.Control, 3);
        reference = new RxReference { Key = reference.Key, ChecksumEnable = false, HashEnable = false };
        RandomPackets packets = new(random) { MinimumLength = 60 };
        List<byte[]> frames = [.. Enumerable.Range(0, 50).Select(_ => packets.Next())];
        frames.ForEach(f => nic.Wire!.Play(new CarrierEvent(EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(f)))));
        nic.Settle();
        foreach (byte[] frame in frames)
        {
            Assert.AreEqual(reference.Examine(frame), RxFindings.Unpack(nic.Received.Frames.Dequeue().User));
        }

        ulong[] counters = nic.Counters();
        Assert.AreEqual(0UL, counters[CardCounters.RxHashed] + counters[CardCounters.RxChecksumGood] + counters[CardCounters.RxChecksumBad]);
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(64)]
    public void A_frame_that_cannot_be_sent_is_refused_with_its_reason_and_leaves_no_trace(int width)
    {
        Random random = TestSeed.Random();
        using NicBench nic = new(width, random, stall: 0.1);
        nic.Enable(random);
        byte[] frame = new byte[200];
        random.NextBytes(frame);
        const uint Length = 200 | (1u << 24);
        nic.Host.Send(frame, 100 | (99 << 16), 0, Length, 1); // the field's second byte lies behind the end
        nic.Host.Send(frame, 0, 0, Length + 1, 0);
        nic.Host.Send(frame, 0, 0, Length, 1 << 4); // segmentation without a checksum
        nic.Host.Send(new byte[1515], 0, 0, 1515 | (1u << 24), 1 << 2); // no room for the tag
        nic.Host.Send(new byte[1519], 0, 0, 1519 | (1u << 24), 0);
        nic.Host.Send(new StreamFrame(frame, [0, 0, Length, 0], Flag: true)); // aborted by the host
        nic.Host.Send(frame, 0, 0, Length, 0);
        nic.Settle();
        Status[] statuses = [.. nic.Statuses.Frames.Select(s => (Status)s.Data[0])];
        CollectionAssert.AreEqual(
            new[] { Status.ChecksumRange, Status.LengthMismatch, Status.BadSegmentation, Status.Oversize, Status.Oversize },
            statuses[..5]);
        Assert.AreEqual(Status.Ok, statuses[6]);
        Assert.HasCount(1, nic.Sent.Bursts);
        CollectionAssert.AreEqual(EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(frame)), nic.Sent.Bursts.Dequeue().Bytes);
        Assert.AreEqual(5UL, nic.Counter(CardCounters.TxRefused));
        Assert.AreEqual(1UL, nic.Counter(CardCounters.TxFrames));
    }

    [TestMethod]
    public void Idle_means_that_nothing_moves_any_more()
    {
        Random random = TestSeed.Random();
        using NicBench nic = new(64, random, loop: true);
        nic.Enable(random);
        Assert.IsTrue(nic.IsIdle);
        nic.Host.Send(new byte[300], 0, 0, 300 | (1u << 24), 0);
        nic.Step(2);
        while (nic.Received.Frames.Count == 0)
        {
            Assert.IsFalse(nic.IsIdle, "idle with a frame on its way");
            nic.Step();
        }

        nic.Settle();
    }

    private static void AreEqual(ulong[] counters, Dictionary<int, ulong> expected)
    {
        for (int i = 0; i < CardCounters.RxOctets; i++) // those of RMON have a test of their own
        {
            Assert.AreEqual(expected.GetValueOrDefault(i), counters[i], $"counter {CardCounters.Names[i]}");
        }
    }
}
