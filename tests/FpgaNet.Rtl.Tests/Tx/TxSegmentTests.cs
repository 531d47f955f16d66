using System.Buffers.Binary;
using FpgaNet.Driver;
using FpgaNet.Packets.Offload;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Stream;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Tx;

/// <summary>fn_tx_segment against the software that does the same: <see cref="TxSegmentReference"/>.</summary>
[TestClass]
public sealed class TxSegmentTests
{
    private const int LongestFrame = 1518;
    private const OffloadFeatures AllButCutting = OffloadFeatures.TxChecksum | OffloadFeatures.TxVlanInsert;

    private static readonly Segmentation[] s_kinds = [Segmentation.Tcp4, Segmentation.Tcp6, Segmentation.Udp4, Segmentation.Udp6];

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void Random_packets_are_cut_as_software_cuts_them_and_whole_frames_pass(int width)
    {
        Random random = TestSeed.Random();
        using TxSegmentReference reference = new(AllButCutting);
        for (int round = 0; round < 4; round++)
        {
            using TxSegmentBench bench = new(width, random, stall: round % 2 == 0 ? 0 : 0.3);
            List<Action> expectations = [];
            int frames = 60;
            for (int i = 0; i < frames; i++)
            {
                if (random.Next(3) == 0)
                {
                    byte[] whole = RandomFrames.Bytes(random, random.Next(1, 200));
                    uint[] words = bench.Send(whole, RandomHeader(random));
                    expectations.Add(() =>
                    {
                        (StreamFrame frame, bool more) = bench.Next();
                        CollectionAssert.AreEqual(whole, frame.Data);
                        CollectionAssert.AreEqual(words, frame.User);
                        Assert.IsFalse(more);
                    });
                }
                else
                {
                    LargePacket packet = RandomPacket(random, s_kinds[random.Next(4)]);
                    uint[] words = bench.Send(packet);
                    expectations.Add(() =>
                    {
                        var segments = reference.Cut(packet);
                        Assert.AreNotEqual(0, segments.Count, $"the software refuses {packet}");
                        bench.ExpectSegments(segments, words, segments.Count, $"{packet}");
                    });
                }
            }

            bench.Finish();
            expectations.ForEach(static e => e());
            Assert.AreEqual(0, bench.Segments.Count);
            CollectionAssert.AreEqual(Enumerable.Repeat(Status.Ok, frames).ToArray(), bench.Done.ToArray());
        }
    }

    // Every turn of the payload against every place of the headers' end, and lengths around multiples of the segment size.
    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void Every_alignment_and_length_around_a_multiple_of_the_segment_size_comes_out_right(int width)
    {
        Random random = TestSeed.Random();
        using TxSegmentReference reference = new(AllButCutting);
        using TxSegmentBench bench = new(width, random);
        List<(LargePacket Packet, uint[] Words)> sent = [];
        foreach (Segmentation kind in s_kinds)
        {
            bool tcp = kind is Segmentation.Tcp4 or Segmentation.Tcp6;
            int fixedLength = kind is Segmentation.Tcp4 or Segmentation.Udp4 ? 20 : 40;
            for (int mss = 1; mss <= 17; mss++)
            {
                foreach (int network in new[] { 14, 18, 22 })
                {
                    int multiple = random.Next(1, 5);
                    for (int more = -1; more <= 1; more++)
                    {
                        int transport = network + fixedLength;
                        int headerLength = transport + (tcp ? 20 + (4 * random.Next(11)) : 8);
                        LargePacket packet = LargePacket.Make(random, kind, network, transport, headerLength, Math.Max(1, (mss * multiple) + more), mss);
                        sent.Add((packet, bench.Send(packet)));
                    }
                }
            }
        }

        bench.Finish();
        foreach ((LargePacket packet, uint[] words) in sent)
        {
            var segments = reference.Cut(packet);
            bench.ExpectSegments(segments, words, segments.Count, $"{packet}");
        }

        Assert.AreEqual(0, bench.Segments.Count);
    }

    [TestMethod]
    [DataRow(8, 1400)]
    [DataRow(32, 1400)]
    [DataRow(64, 1400)]
    [DataRow(64, 1)]
    [DataRow(64, 8)]
    public void The_longest_packets_are_cut(int width, int mss)
    {
        Random random = TestSeed.Random();
        using TxSegmentReference reference = new(AllButCutting);
        using TxSegmentBench bench = new(width, random);
        foreach (Segmentation kind in mss == 1 ? [Segmentation.Tcp4] : s_kinds)
        {
            int transport = kind is Segmentation.Tcp4 or Segmentation.Udp4 ? 34 : 54;
            int headerLength = transport + (kind is Segmentation.Tcp4 or Segmentation.Tcp6 ? 32 : 8);
            LargePacket packet = LargePacket.Make(random, kind, 14, transport, headerLength, 65535 + 14 - headerLength, mss);
            uint[] words = bench.Send(packet);
            bench.Finish();
            var segments = reference.Cut(packet);
            Assert.AreNotEqual(0, segments.Count);
            bench.ExpectSegments(segments, words, segments.Count, $"{packet}");
            Assert.AreEqual(Status.Ok, bench.Done.Dequeue());
        }
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void Flags_stand_in_the_segments_where_they_belong(int width)
    {
        const int Fin = 0x01, Push = 0x08, Reduced = 0x80;
        Random random = TestSeed.Random();
        using TxSegmentBench bench = new(width, random);
        foreach (Segmentation kind in new[] { Segmentation.Tcp4, Segmentation.Tcp6 })
        {
            for (int flags = 0; flags < 256; flags++)
            {
                LargePacket packet = LargePacket.Random(random, kind, 25, 10);
                packet.Bytes[packet.Offload.ChecksumStart + 13] = (byte)flags;
                bench.Send(packet);
                bench.Finish();
                int Flags() => bench.Next().Frame.Data[packet.Offload.ChecksumStart + 13];
                Assert.AreEqual(flags & ~(Fin | Push), Flags(), "first");
                Assert.AreEqual(flags & ~(Fin | Push | Reduced), Flags(), "middle");
                Assert.AreEqual(flags & ~Reduced, Flags(), "last");
            }
        }
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void Sequence_number_and_identification_wrap(int width)
    {
        Random random = TestSeed.Random();
        using TxSegmentReference reference = new(AllButCutting);
        using TxSegmentBench bench = new(width, random);
        LargePacket packet = LargePacket.Make(random, Segmentation.Tcp4, 14, 34, 54, 100, 16);
        BinaryPrimitives.WriteUInt32BigEndian(packet.Bytes.AsSpan(38), 0xFFFFFFF0);
        BinaryPrimitives.WriteUInt16BigEndian(packet.Bytes.AsSpan(18), 0xFFFE);
        uint[] words = bench.Send(packet);
        bench.Finish();
        bench.ExpectSegments(reference.Cut(packet), words, 7, $"{packet}");
    }

    // The sums of RFC 1624 are folded, and at the edges a fold carries once more: any checksum in the packet goes, so each edge can be had.
    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void The_header_checksum_keeps_every_carry(int width)
    {
        Random random = TestSeed.Random();
        using TxSegmentReference reference = new(AllButCutting);
        using TxSegmentBench bench = new(width, random);
        List<(LargePacket Packet, uint[] Words)> sent = [];
        void Send(int identification, int checksum)
        {
            LargePacket packet = LargePacket.Make(random, Segmentation.Udp4, 14, 34, 42, 40, 16);
            BinaryPrimitives.WriteUInt16BigEndian(packet.Bytes.AsSpan(18), (ushort)identification);
            BinaryPrimitives.WriteUInt16BigEndian(packet.Bytes.AsSpan(24), (ushort)checksum);
            sent.Add((packet, bench.Send(packet)));
        }

        const int OldLength = 68, NewLength = 44;
        foreach (int identification in new[] { 0, 1, 0x8000, 0xFF00, 0xFFFB, 0xFFFF })
        {
            // ~HC + ~m, where m is both the old length and the old identification; then with m'.
            int constant = (0xFFFF - OldLength) + (0xFFFF - identification);
            foreach (int edge in new[] { 0xFFFF, 0x1FFFF, 0x2FFFF })
            {
                for (int below = 0; below < 4; below++)
                {
                    Send(identification, ~(edge - below - constant));
                    int folded = edge - below - NewLength - identification;
                    Send(identification, ~((folded + 0x1FFFE - constant) % 0xFFFF));
                }
            }
        }

        bench.Finish();
        foreach ((LargePacket packet, uint[] words) in sent)
        {
            var segments = reference.Cut(packet);
            bench.ExpectSegments(segments, words, segments.Count, $"{packet}");
        }
    }

    // What is wrong with the request is named, nothing of it comes out, and the next packet is cut as ever.
    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void Requests_that_do_not_fit_their_packet_are_refused_whole(int width)
    {
        Random random = TestSeed.Random();
        using TxSegmentReference reference = new(AllButCutting);
        using TxSegmentBench bench = new(width, random, stall: 0.1);
        List<(Status Status, LargePacket Packet, uint[] Words)> sent = [];
        void Bad(Segmentation kind, Action<LargePacket> spoil, Status status = Status.BadSegmentation, int payload = 100, int mss = 30)
        {
            LargePacket packet = LargePacket.Random(random, kind, payload, mss);
            spoil(packet);
            sent.Add((status, packet, bench.Send(packet)));
            LargePacket good = RandomPacket(random, kind);
            sent.Add((Status.Ok, good, bench.Send(good)));
        }

        foreach (Segmentation kind in s_kinds)
        {
            bool tcp = kind is Segmentation.Tcp4 or Segmentation.Tcp6;
            Bad(kind, static p => p.Offload.MaximumSegmentSize = 0);
            Bad(kind, static p => p.Offload.Checksum = false);
            Bad(kind, p => p.Offload.Segmentation = (Segmentation)random.Next(5, 8));
            Bad(kind, static _ => { }, payload: 0);
            Bad(kind, static p => p.Offload.HeaderLength = 0);
            Bad(kind, static p => p.Offload.HeaderLength -= 4);
            Bad(kind, static p => p.Offload.HeaderLength += 4);
            Bad(kind, static p => p.Offload.HeaderLength--);
            Bad(kind, static p => p.Offload.HeaderLength = 255, payload: 1);
            foreach (int shift in new[] { 4, -4 })
            {
                Bad(kind, p =>
                {
                    p.Offload.ChecksumStart = (ushort)(p.Offload.ChecksumStart + shift);
                    p.Bytes[p.Offload.ChecksumStart + 12] = 0; // never by chance what it should be there
                });
            }

            Bad(kind, static p => p.Offload.ChecksumStart += 256);
            Bad(kind, static p => p.Offload.ChecksumStart = 0);
            Bad(kind, static p => p.Offload.ChecksumOffset ^= 1);
            Bad(kind, static p => p.Offload.NetworkOffset = 10);
            Bad(kind, static p => p.Offload.NetworkOffset = 0);
            Bad(kind, static p => p.Offload.NetworkOffset++);
            Bad(kind, static p => p.Offload.NetworkOffset = 254);
            Bad(kind, static p => p.Bytes[p.Offload.NetworkOffset] ^= 0x10);
            Bad(kind, static p => p.Offload.NetworkOffset = (ushort)(p.Offload.ChecksumStart - 16));
            Bad(kind, static _ => { }, Status.Oversize, payload: 1600, mss: 1500);
            if (tcp)
            {
                Bad(kind, static p => p.Bytes[p.Offload.ChecksumStart + 12] ^= 0x10);
                Bad(kind, static p => p.Bytes[p.Offload.ChecksumStart + 12] &= 0x0F);
            }

            if (kind is Segmentation.Tcp4 or Segmentation.Udp4)
            {
                Bad(kind, static p => p.Bytes[p.Offload.NetworkOffset] ^= 1);
            }

            int transport = kind is Segmentation.Tcp4 or Segmentation.Udp4 ? 34 : 54;
            int headerLength = transport + (tcp ? 20 : 8);
            LargePacket large = LargePacket.Make(random, kind, 14, transport, headerLength, 65536 + 14 - headerLength, 1000);
            sent.Add((Status.BadSegmentation, large, bench.Send(large)));
            for (int shift = 1; shift < 4; shift++)
            {
                // No Ethernet header has such a length, though all looks right at the places where headers may begin.
                LargePacket shifted = LargePacket.Make(random, kind, 14 + shift, transport + shift, headerLength + shift, 100, 30);
                shifted.Bytes[14] = shifted.Bytes[18] = shifted.Bytes[14 + shift];
                shifted.Bytes[transport + 12] = shifted.Bytes[transport + 16] = shifted.Bytes[transport + shift + 12];
                sent.Add((Status.BadSegmentation, shifted, bench.Send(shifted)));
            }
        }

        bench.Finish();
        foreach ((Status status, LargePacket packet, uint[] words) in sent)
        {
            Assert.AreEqual(status, bench.Done.Dequeue(), $"{packet}");
            if (status == Status.Ok)
            {
                var segments = reference.Cut(packet);
                bench.ExpectSegments(segments, words, segments.Count, $"{packet}");
            }
        }

        Assert.AreEqual(0, bench.Segments.Count, "something of a refused packet came out");
    }

    // Whatever is asked, either the segments come out that the software makes, or none.
    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void Nonsense_is_refused_or_is_none(int width)
    {
        Random random = TestSeed.Random();
        using TxSegmentReference reference = new(AllButCutting);
        using TxSegmentBench bench = new(width, random);
        int cut = 0;
        for (int round = 0; round < 2000; round++)
        {
            LargePacket packet = LargePacket.Random(random, s_kinds[random.Next(4)], random.Next(0, 100), random.Next(1, 60));
            switch (round % 9)
            {
                case 0: packet.Offload.ChecksumStart = (ushort)random.Next(100); break;
                case 1: packet.Offload.ChecksumOffset = (ushort)random.Next(30); break;
                case 2: packet.Offload.MaximumSegmentSize = (ushort)random.Next(3); break;
                case 3: packet.Offload.NetworkOffset = (ushort)random.Next(100); break;
                case 4: packet.Offload.HeaderLength = (ushort)random.Next(256); break;
                case 5: packet.Offload.Segmentation = (Segmentation)random.Next(1, 8); break;
                case 6: random.NextBytes(packet.Bytes.AsSpan(0, packet.Offload.HeaderLength)); break;
                case 7: packet.Bytes[random.Next(packet.Offload.HeaderLength)] ^= (byte)(1 << random.Next(8)); break;
                default: break;
            }

            uint[] words = bench.Send(packet);
            bench.Finish();
            if (bench.Done.Dequeue() == Status.Ok)
            {
                cut++;
                var segments = reference.Cut(packet);
                Assert.AreNotEqual(0, segments.Count, $"the software refuses {packet}");
                bench.ExpectSegments(segments, words, segments.Count, $"{packet}");
            }

            Assert.AreEqual(0, bench.Segments.Count);
        }

        Assert.IsGreaterThan(200, cut);
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void A_frame_of_another_length_than_it_says_or_aborted_ends_with_an_aborted_segment(int width)
    {
        Random random = TestSeed.Random();
        using TxSegmentReference reference = new(AllButCutting);
        using TxSegmentBench bench = new(width, random, stall: 0.1);
        int begun = 0;
        for (int round = 0; round < 600; round++)
        {
            LargePacket packet = RandomPacket(random, s_kinds[random.Next(4)]);
            packet = LargePacket.Make(
                random, packet.Offload.Segmentation, packet.Offload.NetworkOffset, packet.Offload.ChecksumStart, packet.Offload.HeaderLength, random.Next(1, 300), random.Next(1, 120));
            bool abort = random.Next(3) == 0;
            int length = random.Next(3) switch
            {
                0 => packet.Bytes.Length - random.Next(1, Math.Min(20, packet.Bytes.Length)),
                1 => packet.Bytes.Length + random.Next(1, 20),
                _ when abort => packet.Bytes.Length,
                _ => random.Next(1, packet.Bytes.Length),
            };
            byte[] bytes = [.. packet.Bytes, .. RandomFrames.Bytes(random, 40)];
            int abortFrom = abort && random.Next(2) == 0 ? random.Next(length) : int.MaxValue;
            if (abort && abortFrom < length)
            {
                random.NextBytes(bytes.AsSpan(abortFrom));
            }

            uint[] words = bench.Send(bytes[..length], packet.Header(), abort, abortFrom);
            bench.Finish();
            Status status = bench.Done.Dequeue();
            Assert.AreEqual(abort ? Status.Ok : Status.LengthMismatch, status, $"{packet}, but {length}");

            Assert.AreEqual(0, bench.Done.Count, "it ended twice");

            // Only the last beat of the frame tells; what was cut from the beats before it is gone, and right.
            int gone = bench.Segments.Count;
            begun += gone > 0 ? 1 : 0;
            List<(byte[] Bytes, TxOffload Owed)> segments = reference.Cut(packet);
            Assert.IsLessThan(segments.Count, gone, $"{packet}, but {length}: the last segment was not aborted");
            bench.ExpectSegments(segments, words, gone, $"{packet}, but {length}");
        }

        Assert.IsGreaterThan(100, begun);
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void After_a_reset_at_any_time_it_begins_anew(int width)
    {
        Random random = TestSeed.Random();
        using TxSegmentReference reference = new(AllButCutting);
        using TxSegmentBench bench = new(width, random, stall: 0.1);
        for (int round = 0; round < 100; round++)
        {
            bench.Send(RandomPacket(random, s_kinds[random.Next(4)]));
            bench.Clock.Step(random.Next(1, 400));
            bench.Reset();
            LargePacket packet = RandomPacket(random, s_kinds[random.Next(4)]);
            uint[] words = bench.Send(packet);
            bench.Finish();
            var segments = reference.Cut(packet);
            bench.ExpectSegments(segments, words, segments.Count, $"{packet}");
            Assert.AreEqual(Status.Ok, bench.Done.Dequeue());
            Assert.AreEqual(0, bench.Done.Count + bench.Segments.Count);
        }
    }

    [TestMethod]
    [DataRow(8, 0)]
    [DataRow(32, 0)]
    [DataRow(64, 0)]
    [DataRow(8, 1)]
    [DataRow(32, 1)]
    [DataRow(64, 1)]
    [DataRow(64, 8)]
    [DataRow(64, 9)]
    [DataRow(8, 536)]
    [DataRow(32, 536)]
    [DataRow(64, 536)]
    [DataRow(64, 1448)]
    public void A_beat_comes_out_every_clock(int width, int mss)
    {
        Random random = TestSeed.Random();
        using TxSegmentBench bench = new(width, random);
        int Beats(int bytes) => (bytes + bench.Lanes - 1) / bench.Lanes;
        long clocks = 0;
        for (int i = 0; i < 20; i++)
        {
            if (mss == 0)
            {
                byte[] whole = RandomFrames.Bytes(random, random.Next(60, 200));
                bench.Send(whole, RandomHeader(random));
                clocks += Beats(whole.Length);
                continue;
            }

            LargePacket packet = LargePacket.Make(random, Segmentation.Tcp4, 14, 34, 66, random.Next(1, 10 * mss), mss);
            bench.Send(packet);
            int payload = packet.Bytes.Length - 66;
            clocks += i == 0 ? 0 : Beats(66) + 6; // the headers are stored and judged
            clocks += (payload / mss * Beats(66 + mss)) + (payload % mss == 0 ? 0 : Beats(66 + (payload % mss)));
        }

        bench.Finish();
        (long first, long last) = bench.BeatCycles;
        Assert.AreEqual(clocks, last - first + 1);
        Assert.AreEqual(mss == 0 ? 2 : Beats(66) + 8, first, "latency"); // the first clock has number 1, and the output register is one
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void The_checksum_stage_makes_of_the_segments_what_software_sends(int width)
    {
        Random random = TestSeed.Random();
        using TxSegmentReference reference = new(OffloadFeatures.None);
        using TxSegmentBench bench = new(width, random);
        List<LargePacket> packets = [];
        for (int i = 0; i < 40; i++)
        {
            packets.Add(RandomPacket(random, s_kinds[i % 4], tag: false));
            bench.Send(packets[^1]);
        }

        bench.Finish();
        using RtlBench checksum = new($"fn_tx_checksum_{width}");
        AxiStreamSource source = checksum.Source("s_axis", random, 0.1);
        source.FlagPin = "s_axis_tabort";
        AxiStreamSink sink = checksum.Sink("m_axis", random, 0.1);
        AxiStreamSink statuses = checksum.Sink("m_status", random);
        checksum.Reset();
        int count = bench.Segments.Count;
        while (bench.Segments.Count > 0)
        {
            source.Send(bench.Next().Frame);
        }

        checksum.StepUntil(() => sink.Frames.Count == count, 10_000_000);
        foreach (LargePacket packet in packets)
        {
            foreach ((byte[] bytes, _) in reference.Cut(packet))
            {
                Assert.AreEqual((byte)Status.Ok, statuses.Frames.Dequeue().Data[0]);
                byte[] sent = sink.Frames.Dequeue().Data;
                CollectionAssert.AreEqual(bytes, sent, $"{packet}");
                AssertChecksumsAreRight(sent, packet.Offload);
            }
        }

        Assert.AreEqual(0, sink.Frames.Count);
    }

    private static void AssertChecksumsAreRight(byte[] frame, in TxOffload offload)
    {
        ReadOnlySpan<byte> ip = frame.AsSpan(offload.NetworkOffset);
        bool four = offload.Segmentation is Segmentation.Tcp4 or Segmentation.Udp4;
        uint protocol = offload.Segmentation is Segmentation.Tcp4 or Segmentation.Tcp6 ? 6u : 17;
        if (four)
        {
            Assert.AreEqual(0, InternetChecksum.Compute(ip[..(offload.ChecksumStart - offload.NetworkOffset)]), "IPv4 header");
        }

        ReadOnlySpan<byte> transport = frame.AsSpan(offload.ChecksumStart);
        uint pseudo = InternetChecksum.Sum(four ? ip.Slice(12, 8) : ip.Slice(8, 32)) + protocol + (uint)transport.Length;
        Assert.AreEqual(0, InternetChecksum.Finish(InternetChecksum.Sum(transport, pseudo)), "transport");
    }

    private static LargePacket RandomPacket(Random random, Segmentation kind, bool tag = true)
    {
        int mss = random.Next(4) == 0 ? random.Next(1, 40) : random.Next(40, LongestFrame - LargePacket.LongestHeaders + 1);
        int payload = random.Next(8) == 0 ? random.Next(1, Math.Min(20_000, 40 * mss)) : random.Next(1, Math.Min(4000, 3 * mss) + 1);
        LargePacket packet = LargePacket.Random(random, kind, payload, mss);
        if (tag && random.Next(4) == 0)
        {
            packet.Offload.InsertVlan = true;
            packet.Offload.VlanTag = (ushort)random.Next(0x10000);
        }

        return packet;
    }

    private static TxHeader RandomHeader(Random random) => new()
    {
        Word0 = (uint)random.NextInt64(),
        Word1 = (uint)random.NextInt64(),
        Word2 = (uint)random.Next(1 << 20),
        Word3 = (uint)random.Next(1 << 24),
        Segmentation = 0,
    };
}
