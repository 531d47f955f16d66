using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network.Fragments;
using FpgaNet.Stack.Time;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests.Fragments;

[TestClass]
public sealed class ReassemblerTests
{
    private static readonly Instant s_start = new(0);

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Datagrams_of_all_lengths_cut_for_all_links_and_shuffled_come_out_whole(bool ipv4)
    {
        Random random = TestSeed.Random();
        using DatagramFactory factory = new();
        using Reassembler reassembler = new(new ReassemblyLimits { Bytes = 16 << 20, FragmentsPerDatagram = 1200 });
        int longest = ipv4 ? 65515 : 65535;
        for (uint run = 0; run < 200; run++)
        {
            int length = run switch { 0 => longest, 1 => 9, _ => random.Next(3) == 0 ? random.Next(9, longest) : random.Next(9, 6000) };
            int mtu = length > 20000 ? random.Next(1280, 1500) : random.Next(ipv4 ? 100 : 128, 1500);
            byte[] payload = DatagramFactory.Payload(length, (int)run);
            List<Frame> fragments = factory.Cut(factory.Whole(ipv4, payload), mtu, run);
            if (random.Next(2) == 0)
            {
                Shuffle(fragments, random);
            }

            byte[]? packet = null;
            for (int i = 0; i < fragments.Count; i++)
            {
                bool last = i == fragments.Count - 1;
                if (!IsFragment(fragments[i], ipv4))
                {
                    fragments[i].Release(); // it fits
                    packet = null;
                    goto next;
                }

                if (!last && random.Next(5) == 0)
                {
                    Assert.AreEqual(FragmentVerdict.Kept, DatagramFactory.Add(reassembler, factory.Copy(fragments[i]), s_start, out _));
                    Assert.AreEqual(FragmentVerdict.Duplicate, DatagramFactory.Add(reassembler, fragments[i], s_start, out _));
                    continue;
                }

                Assert.AreEqual(last ? FragmentVerdict.Completed : FragmentVerdict.Kept, DatagramFactory.Add(reassembler, fragments[i], s_start, out packet));
            }

            DatagramFactory.AssertWhole(packet, ipv4, payload);
        next:
            Assert.AreEqual(0, reassembler.Count);
            Assert.AreEqual(0, reassembler.Bytes);
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Few_fragments_are_delivered_in_the_buffers_they_came_in_and_many_in_one(bool ipv4)
    {
        using DatagramFactory factory = new();
        using Reassembler reassembler = new(new ReassemblyLimits());
        byte[] payload = DatagramFactory.Payload(4000);
        Frame datagram = default;
        foreach (Frame fragment in factory.Cut(factory.Whole(ipv4, payload), 1500, 1))
        {
            Frame frame = fragment;
            DatagramFactory.Add(reassembler, ref frame, s_start, out datagram);
        }

        Assert.AreEqual(3, datagram.SliceCount);
        Assert.AreSame(factory.Pool, datagram[1].Buffer.Pool);
        Assert.AreEqual(0, reassembler.BuffersInUse);
        datagram.Release();

        payload = DatagramFactory.Payload(10000);
        foreach (Frame fragment in factory.Cut(factory.Whole(ipv4, payload), 1500, 1))
        {
            Frame frame = fragment;
            DatagramFactory.Add(reassembler, ref frame, s_start, out datagram);
        }

        Assert.AreEqual(1, datagram.SliceCount);
        Assert.AreEqual(1, reassembler.BuffersInUse);
        Assert.AreEqual(factory.Pool.BufferCount, factory.Pool.Available, "the device has its buffers back");
        datagram.Release();
    }

    [TestMethod]
    public void A_header_in_a_shared_buffer_is_not_written_to()
    {
        using DatagramFactory factory = new();
        using Reassembler reassembler = new(new ReassemblyLimits());
        byte[] payload = DatagramFactory.Payload(1000);
        Frame first = factory.Piece(true, 0, payload.AsSpan(0, 512), more: true);
        first.AddReferences();
        byte[] before = first.Header.Span.ToArray();
        DatagramFactory.Add(reassembler, first, s_start, out _);
        Assert.AreEqual(FragmentVerdict.Completed, DatagramFactory.Add(reassembler, factory.Piece(true, 512, payload.AsSpan(512), more: false), s_start, out byte[]? packet));
        DatagramFactory.AssertWhole(packet, true, payload);
        CollectionAssert.AreEqual(before, first.Header.Span.ToArray());
        first.Release();
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_fragment_over_several_slices_is_taken_apart_right(bool ipv4)
    {
        using DatagramFactory factory = new();
        using Reassembler reassembler = new(new ReassemblyLimits());
        byte[] payload = DatagramFactory.Payload(1400);
        Frame second = factory.Piece(ipv4, 704, payload.AsSpan(704), more: false);
        Frame scattered = new(second.Header.Slice(0, 80));
        scattered.Add(second.Header.Slice(80, 300));
        scattered.Add(second.Header.Slice(380, second.Length - 380));
        second.Header.AddReference();
        second.Header.AddReference();
        Assert.AreEqual(FragmentVerdict.Kept, DatagramFactory.Add(reassembler, scattered, s_start, out _));
        Assert.AreEqual(FragmentVerdict.Completed, DatagramFactory.Add(reassembler, factory.Piece(ipv4, 0, payload.AsSpan(0, 704), more: true), s_start, out byte[]? packet));
        DatagramFactory.AssertWhole(packet, ipv4, payload);
    }

    // RFC 5722 §4: the datagram is dropped, and the fragments of it that come later too.
    [TestMethod]
    [DataRow(true, 0, 16, true)] // inside
    [DataRow(true, 8, 16, true)] // over the end of one and the start of a gap
    [DataRow(true, 56, 16, true)] // over the start of the second
    [DataRow(true, 0, 64, true)] // the place of the first and the gap
    [DataRow(true, 24, 128, true)] // the gap, and over the second
    [DataRow(true, 72, 8, false)] // an end inside what has come
    [DataRow(true, 88, 8, true)] // behind the end
    [DataRow(true, 96, 8, false)] // another end
    [DataRow(false, 8, 16, true)]
    [DataRow(false, 56, 16, true)]
    [DataRow(false, 24, 128, true)]
    [DataRow(false, 72, 8, false)]
    [DataRow(false, 96, 8, false)]
    public void A_fragment_that_contradicts_the_others_ends_the_datagram(bool ipv4, int offset, int length, bool more)
    {
        using DatagramFactory factory = new();
        using Reassembler reassembler = new(new ReassemblyLimits());
        byte[] payload = DatagramFactory.Payload(88);
        Assert.AreEqual(FragmentVerdict.Kept, DatagramFactory.Add(reassembler, factory.Piece(ipv4, 64, payload.AsSpan(64, 24), more: false), s_start, out _));
        Assert.AreEqual(FragmentVerdict.Kept, DatagramFactory.Add(reassembler, factory.Piece(ipv4, 0, payload.AsSpan(0, 16), more: true), s_start, out _));
        byte[] other = DatagramFactory.Payload(length, 9);
        Assert.AreEqual(FragmentVerdict.Inconsistent, DatagramFactory.Add(reassembler, factory.Piece(ipv4, offset, other, more), s_start, out _));
        Assert.AreEqual(0, reassembler.Bytes);

        // What would have completed it.
        Assert.AreEqual(FragmentVerdict.Inconsistent, DatagramFactory.Add(reassembler, factory.Piece(ipv4, 16, payload.AsSpan(16, 48), more: true), s_start, out _));
        Assert.IsTrue(reassembler.TryExpire(s_start + TimeSpan.FromMinutes(2), out Frame first, out _));
        Assert.AreEqual(0, first.SliceCount, "it dies without a word");
        Assert.AreEqual(0, reassembler.Count);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void The_same_place_with_other_bytes_is_an_overlap(bool ipv4)
    {
        using DatagramFactory factory = new();
        using Reassembler reassembler = new(new ReassemblyLimits());
        byte[] payload = DatagramFactory.Payload(1000);
        DatagramFactory.Add(reassembler, factory.Piece(ipv4, 512, payload.AsSpan(512), more: false), s_start, out _);
        payload[999] ^= 1;
        Assert.AreEqual(FragmentVerdict.Inconsistent, DatagramFactory.Add(reassembler, factory.Piece(ipv4, 512, payload.AsSpan(512), more: false), s_start, out _));
    }

    [TestMethod]
    [DataRow(true, IpProtocol.Tcp, 16, 0)]
    [DataRow(true, IpProtocol.Tcp, 24, 0x80)] // the options are behind the cut
    [DataRow(true, IpProtocol.Udp, 0, 0)]
    [DataRow(false, IpProtocol.Tcp, 16, 0)]
    [DataRow(false, IpProtocol.Tcp, 24, 0x80)]
    [DataRow(false, IpProtocol.DestinationOptions, 8, 0)] // it says that it has 16 bytes
    [DataRow(false, IpProtocol.HopByHopOptions, 16, 0)] // nothing behind it: no transport header
    public void A_first_fragment_without_all_headers_is_refused(bool ipv4, IpProtocol protocol, int length, int dataOffset)
    {
        using DatagramFactory factory = new();
        using Reassembler reassembler = new(new ReassemblyLimits());
        byte[] payload = new byte[Math.Max(length, 8)];
        payload[0] = protocol == IpProtocol.Tcp ? (byte)4 : (byte)IpProtocol.Tcp;
        payload[1] = 1;
        if (payload.Length > 12)
        {
            payload[12] = (byte)dataOffset;
        }

        FragmentVerdict expected = length == 0 ? FragmentVerdict.BadLength : FragmentVerdict.HeadersIncomplete;
        Assert.AreEqual(expected, DatagramFactory.Add(reassembler, factory.Piece(ipv4, 0, payload.AsSpan(0, length), more: true, protocol: protocol), s_start, out _));
        Assert.AreEqual(0, reassembler.Count);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Lengths_that_cannot_be_are_refused(bool ipv4)
    {
        using DatagramFactory factory = new();
        using Reassembler reassembler = new(new ReassemblyLimits());
        byte[] payload = DatagramFactory.Payload(1400);
        Assert.AreEqual(FragmentVerdict.BadLength, DatagramFactory.Add(reassembler, factory.Piece(ipv4, 0, payload.AsSpan(0, 1001), more: true), s_start, out _));
        Assert.AreEqual(FragmentVerdict.BadLength, DatagramFactory.Add(reassembler, factory.Piece(ipv4, 800, [], more: false), s_start, out _));
        Assert.AreEqual(FragmentVerdict.TooLong, DatagramFactory.Add(reassembler, factory.Piece(ipv4, 64800, payload, more: false), s_start, out _));
        Assert.AreEqual(0, reassembler.Count);
    }

    [TestMethod]
    [DataRow(true, 30)]
    [DataRow(false, 60)]
    public void What_stays_incomplete_expires_and_its_first_fragment_is_given_back(bool ipv4, int seconds)
    {
        using DatagramFactory factory = new();
        using Reassembler reassembler = new(new ReassemblyLimits());
        byte[] payload = DatagramFactory.Payload(1000);
        DatagramFactory.Add(reassembler, factory.Piece(ipv4, 512, payload.AsSpan(512), more: false, identification: 1), s_start, out _);
        Instant later = s_start + TimeSpan.FromSeconds(5);
        DatagramFactory.Add(reassembler, factory.Piece(ipv4, 0, payload.AsSpan(0, 512), more: true, identification: 2), later, out _);
        Instant due = s_start + TimeSpan.FromSeconds(seconds);
        Assert.AreEqual(due, reassembler.NextExpiry);
        Assert.IsFalse(reassembler.TryExpire(due + TimeSpan.FromTicks(-1), out _, out _));
        Assert.IsTrue(reassembler.TryExpire(due, out Frame first, out _));
        Assert.AreEqual(0, first.SliceCount);
        Assert.IsFalse(reassembler.TryExpire(due, out _, out _));
        Assert.IsTrue(reassembler.TryExpire(due + TimeSpan.FromSeconds(5), out first, out int networkOffset));
        Assert.AreEqual(EthernetHeader.Length, networkOffset);
        byte[] quoted = first.Header.Span[^512..].ToArray();
        CollectionAssert.AreEqual(payload[..512], quoted);
        first.Release();
        Assert.AreEqual(Instant.Never, reassembler.NextExpiry);
    }

    [TestMethod]
    public void Numbers_of_datagrams_fragments_and_bytes_are_bounded_and_the_oldest_gives_way()
    {
        using DatagramFactory factory = new();
        using Reassembler reassembler = new(new ReassemblyLimits { Datagrams = 8, DatagramsPerSource = 4, FragmentsPerDatagram = 4, Bytes = 12 * 2048 });
        byte[] payload = DatagramFactory.Payload(16);
        for (uint id = 0; id < 6; id++)
        {
            DatagramFactory.Add(reassembler, factory.Piece(true, 0, payload, more: true, id), s_start, out _);
        }

        Assert.AreEqual(4, reassembler.Count, "one source has no more");
        Assert.AreEqual(FragmentVerdict.Completed, DatagramFactory.Add(reassembler, factory.Piece(true, 16, payload, more: false, 2), s_start, out _), "the two oldest went");
        for (uint source = 1; source <= 8; source++)
        {
            DatagramFactory.Add(reassembler, factory.Piece(true, 0, payload, more: true, 1, sourceNumber: source), s_start, out _);
        }

        Assert.AreEqual(8, reassembler.Count);
        for (int i = 1; i < 4; i++)
        {
            Assert.AreEqual(FragmentVerdict.Kept, DatagramFactory.Add(reassembler, factory.Piece(true, 16 * i, payload, more: true, 1, sourceNumber: 8), s_start, out _));
        }

        Assert.AreEqual(FragmentVerdict.NoRoom, DatagramFactory.Add(reassembler, factory.Piece(true, 16 * 4, payload, more: true, 1, sourceNumber: 8), s_start, out _), "too many fragments");
        for (uint source = 3; source <= 7; source++)
        {
            for (int i = 1; i < 4; i++)
            {
                DatagramFactory.Add(reassembler, factory.Piece(true, 16 * i, payload, more: true, 1, sourceNumber: source), s_start, out _);
                Assert.IsLessThanOrEqualTo(12 * 2048, reassembler.Bytes);
            }
        }
    }

    [TestMethod]
    public void Fragments_leave_the_device_a_quarter_of_its_buffers()
    {
        using BufferPool pool = new(16, 2048);
        using DatagramFactory factory = new();
        using Reassembler reassembler = new(new ReassemblyLimits());
        byte[] payload = DatagramFactory.Payload(16);
        for (int i = 0; i < 40; i++)
        {
            Frame made = factory.Piece(true, 16 * i, payload, more: true);
            if (pool.TryRent() is not { } buffer)
            {
                Assert.Fail("the device has none left");
                return;
            }

            made.CopyTo(0, buffer.Span[..made.Length]);
            Frame received = new(new BufferSlice(buffer, 0, made.Length));
            made.Release();
            FragmentVerdict verdict = DatagramFactory.Add(reassembler, received, s_start, out _);
            Assert.AreEqual(i < 12 ? FragmentVerdict.Kept : FragmentVerdict.NoRoom, verdict);
        }
    }

    // RFC 3168 §5.3.
    [TestMethod]
    [DataRow(true, 2, 2, 2)]
    [DataRow(true, 2, 3, 3)]
    [DataRow(true, 3, 1, 3)]
    [DataRow(true, 0, 0, 0)]
    [DataRow(true, 0, 3, -1)]
    [DataRow(true, 2, 0, -1)]
    [DataRow(false, 2, 3, 3)]
    [DataRow(false, 0, 0, 0)]
    [DataRow(false, 3, 0, -1)]
    public void A_congestion_mark_on_one_fragment_marks_the_datagram(bool ipv4, int first, int second, int expected)
    {
        using DatagramFactory factory = new();
        using Reassembler reassembler = new(new ReassemblyLimits());
        byte[] payload = DatagramFactory.Payload(1000);
        DatagramFactory.Add(reassembler, factory.Piece(ipv4, 0, payload.AsSpan(0, 512), more: true, trafficClass: (byte)(0x28 | first)), s_start, out _);
        FragmentVerdict verdict = DatagramFactory.Add(reassembler, factory.Piece(ipv4, 512, payload.AsSpan(512), more: false, trafficClass: (byte)(0x28 | second)), s_start, out byte[]? packet);
        Assert.AreEqual(expected < 0 ? FragmentVerdict.Inconsistent : FragmentVerdict.Completed, verdict);
        if (expected >= 0)
        {
            DatagramFactory.AssertWhole(packet, ipv4, payload);
            int trafficClass = ipv4 ? packet![1] : ((packet![0] & 0xF) << 4) | (packet[1] >> 4);
            Assert.AreEqual(0x28 | expected, trafficClass);
        }

        Assert.AreEqual(0, reassembler.Count);
    }

    // RFC 8200 §4.5: of the next-header fields only the first fragment's counts; RFC 791: in IPv4 the protocol is part of the key.
    [TestMethod]
    public void The_protocol_parts_datagrams_of_IPv4_and_not_those_of_IPv6()
    {
        using DatagramFactory factory = new();
        using Reassembler reassembler = new(new ReassemblyLimits());
        byte[] payload = DatagramFactory.Payload(1000);
        DatagramFactory.Add(reassembler, factory.Piece(true, 512, payload.AsSpan(512), more: false, protocol: IpProtocol.Icmp), s_start, out _);
        Assert.AreEqual(FragmentVerdict.Kept, DatagramFactory.Add(reassembler, factory.Piece(true, 0, payload.AsSpan(0, 512), more: true), s_start, out _));
        DatagramFactory.Add(reassembler, factory.Piece(false, 512, payload.AsSpan(512), more: false, protocol: IpProtocol.Icmpv6), s_start, out _);
        Assert.AreEqual(FragmentVerdict.Completed, DatagramFactory.Add(reassembler, factory.Piece(false, 0, payload.AsSpan(0, 512), more: true), s_start, out byte[]? packet));
        DatagramFactory.AssertWhole(packet, false, payload);
    }

    [TestMethod]
    public void Random_fragments_never_break_anything_and_all_buffers_come_back()
    {
        Random random = TestSeed.Random();
        using DatagramFactory factory = new();
        using Reassembler reassembler = new(new ReassemblyLimits { Datagrams = 8, DatagramsPerSource = 4, FragmentsPerDatagram = 8, Bytes = 40 * 2048 });
        Instant now = s_start;
        byte[] bytes = new byte[1400];
        int completed = 0;
        for (int i = 0; i < 20000; i++)
        {
            now += TimeSpan.FromMilliseconds(random.Next(200));
            int length = random.Next(8) == 0 ? random.Next(bytes.Length) : random.Next(1, 5) * 8;
            random.NextBytes(bytes.AsSpan(0, 16));
            Frame frame = factory.Piece(
                random.Next(2) == 0, random.Next(20) == 0 ? random.Next(8192) * 8 : random.Next(8) * 8, bytes.AsSpan(0, length), random.Next(3) != 0,
                (uint)random.Next(3), random.Next(2) == 0 ? IpProtocol.Udp : (IpProtocol)random.Next(256), sourceNumber: (uint)random.Next(4));
            FragmentVerdict verdict = DatagramFactory.Add(reassembler, frame, now, out byte[]? packet);
            if (verdict == FragmentVerdict.Completed)
            {
                completed++;
                Assert.IsTrue(packet![0] >> 4 == 4 ? IPv4Header.TryParse(packet, out _) : IPv6Header.TryParse(packet, out _));
            }

            while (reassembler.TryExpire(now, out Frame first, out _))
            {
                first.Release();
            }

            Assert.IsLessThanOrEqualTo(8, reassembler.Count);
            Assert.IsLessThanOrEqualTo(40 * 2048, reassembler.Bytes);
        }

        Assert.AreNotEqual(0, completed);
    }

    [TestMethod]
    public void Nothing_is_allocated_once_all_objects_are_there()
    {
        using DatagramFactory factory = new();
        using Reassembler reassembler = new(new ReassemblyLimits());
        byte[] payload = DatagramFactory.Payload(1000);
        void Once()
        {
            Frame frame = factory.Piece(true, 512, payload.AsSpan(512), more: false);
            DatagramFactory.Add(reassembler, ref frame, s_start, out _);
            frame = factory.Piece(true, 0, payload.AsSpan(0, 512), more: true);
            DatagramFactory.Add(reassembler, ref frame, s_start, out Frame datagram);
            Assert.AreNotEqual(0, datagram.SliceCount);
            datagram.Release();
        }

        for (int i = 0; i < 100; i++)
        {
            Once();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Once();
        }

        Assert.IsLessThan(100L, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static bool IsFragment(in Frame frame, bool ipv4)
    {
        ReadOnlySpan<byte> packet = frame.Header.Span[EthernetHeader.Length..];
        return ipv4 ? IPv4Header.TryParse(packet, out IPv4Header header) && header.IsFragment : packet[6] == (byte)IpProtocol.FragmentHeader && (packet[42] | packet[43]) != 0;
    }

    private static void Shuffle(List<Frame> frames, Random random)
    {
        for (int i = frames.Count - 1; i > 0; i--)
        {
            int j = random.Next(i + 1);
            (frames[i], frames[j]) = (frames[j], frames[i]);
        }
    }
}
