using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Transport.Tcp;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests;

/// <summary>The pieces that TCP is made of, each against a plain model.</summary>
[TestClass]
public sealed class PieceTests
{
    [TestMethod]
    public void Sequence_numbers_compare_across_the_wrap()
    {
        SequenceNumber before = new(uint.MaxValue - 5);
        SequenceNumber after = before + 10;
        Assert.AreEqual(4u, after.Value);
        Assert.IsTrue(before < after && after > before && before <= after && after >= before);
        Assert.AreEqual(10, after - before);
        Assert.AreEqual(after, SequenceNumber.Max(before, after));
    }

    [TestMethod]
    public void Reassembly_gives_every_byte_once_and_in_order()
    {
        int seed = TestSeed.Take();
        Random random = new(seed);
        using BufferPool pool = new(4000, 256);
        TcpMemory memory = new(1 << 20, pool);
        ReassemblyQueue queue = new(memory);
        SequenceNumber start = new(uint.MaxValue - 500);
        SequenceNumber next = start;
        const int Total = 3000;
        List<byte> all = [];
        while (next - start < Total)
        {
            int from = Math.Clamp(next - start + random.Next(-50, 400), 0, Total - 1);
            int length = Math.Min(random.Next(1, 200), Total - from);
            PacketBuffer buffer = pool.TryRent()!.Value;
            for (int i = 0; i < length; i++)
            {
                buffer.Span[i] = (byte)((from + i) * 31);
            }

            Assert.IsTrue(queue.Add(start + from, new BufferSlice(buffer, 0, length)));
            while (queue.TryTake(next, out BufferSlice slice))
            {
                all.AddRange(slice.Span);
                next += slice.Length;
                slice.Release();
            }
        }

        Assert.IsTrue(queue.IsEmpty);
        Assert.HasCount(Total, all);
        for (int i = 0; i < Total; i++)
        {
            Assert.AreEqual((byte)(i * 31), all[i]);
        }

        Assert.AreEqual(0, memory.Used);
        Assert.AreEqual(pool.BufferCount, pool.Available);
    }

    [TestMethod]
    public void The_send_queue_gives_back_what_was_put_in_wherever_it_is_cut()
    {
        Random random = TestSeed.Random();
        using BufferPool pool = new(64, 1024);
        TcpMemory memory = new(1 << 20, pool);
        using BufferPool smallPool = new(8, 128);
        using BufferPool given = new(32, 4096);
        using BufferPool headers = new(1, 64);
        SendQueue queue = new(pool, smallPool, memory, 10_000);
        long first = 0;
        long last = 0;
        byte[] data = new byte[3000];
        for (int step = 0; step < 3000; step++)
        {
            int count = random.Next(random.Next(3) == 0 ? 200 : data.Length);
            for (int i = 0; i < count; i++)
            {
                data[i] = (byte)((last + i) * 13);
            }

            if (random.Next(3) == 0 && queue.Room > 0 && given.TryRent() is { } buffer)
            {
                // A buffer that is given away; the limit only keeps the next one out.
                data.AsSpan(0, count).CopyTo(buffer.Span[5..]);
                queue.Append(new BufferSlice(buffer, 5, count));
                last += count;
            }
            else
            {
                last += queue.Append(data.AsSpan(0, count));
            }

            Assert.AreEqual(last - first, queue.Length);
            Assert.IsLessThanOrEqualTo(10_000 + data.Length, queue.Length);
            int offset = random.Next(queue.Length + 1);
            int wanted = Math.Min(random.Next(2000), queue.Length - offset);
            int length = queue.Fit(offset, wanted);
            Assert.IsLessThanOrEqualTo(wanted, length);
            Assert.AreEqual(wanted > 0, length > 0);
            Frame frame = default;
            frame.Add(new BufferSlice(headers.TryRent()!.Value, 0, 0));
            queue.AddTo(ref frame, offset, length);
            Assert.AreEqual(length, frame.Length);
            byte[] copy = new byte[length];
            frame.CopyTo(0, copy);
            for (int i = 0; i < length; i++)
            {
                Assert.AreEqual((byte)((first + offset + i) * 13), copy[i]);
            }

            frame.Release();
            int released = random.Next(queue.Length + 1);
            queue.Release(released);
            first += released;
        }

        queue.Clear();
        Assert.AreEqual(0, memory.Used);
        Assert.AreEqual(pool.BufferCount, pool.Available);
        Assert.AreEqual(smallPool.BufferCount, smallPool.Available);
        Assert.AreEqual(given.BufferCount, given.Available);
        queue.Append(data.AsSpan(0, 100));
        Assert.AreEqual((pool.BufferCount, smallPool.BufferCount - 1), (pool.Available, smallPool.Available), "little data takes a small chunk");
        queue.Clear();
    }

    [TestMethod]
    public void A_template_gives_the_headers_that_are_written_field_by_field()
    {
        Random random = TestSeed.Random();
        byte[] octets = new byte[16];
        byte[] actual = new byte[54];
        byte[] expected = new byte[54];
        MacAddress station = MacAddress.Parse("02:00:00:00:00:09");
        for (int i = 0; i < 2000; i++)
        {
            random.NextBytes(octets);
            byte trafficClass = (byte)random.Next(256);
            byte hopLimit = (byte)random.Next(256);
            ushort identification = (ushort)random.Next(65536);
            int payload = random.Next(65516);
            IPv4Address source4 = IPv4Address.Read(octets);
            IPv4Address destination4 = IPv4Address.Read(octets.AsSpan(4));
            new HeaderTemplate(station, source4, destination4).Write(actual, payload, IpProtocol.Tcp, trafficClass, hopLimit, identification);
            EthernetHeader.Write(expected, MacAddress.Broadcast, station, EtherType.IPv4);
            IPv4Header.Write(expected.AsSpan(14), new IPv4Fields
            {
                Source = source4,
                Destination = destination4,
                Protocol = IpProtocol.Tcp,
                PayloadLength = payload,
                TrafficClass = trafficClass,
                Identification = identification,
                DontFragment = true,
                TimeToLive = hopLimit,
            });
            CollectionAssert.AreEqual(expected[..34], actual[..34]);
            Assert.IsTrue(IPv4Header.TryParse(actual.AsSpan(14), 65535, out IPv4Header header) && header.ChecksumIsGood);

            octets[0] = 0x20; // no mapped address
            IPv6Address address = IPv6Address.Read(octets);
            new HeaderTemplate(station, address, address).Write(actual, payload, IpProtocol.Tcp, trafficClass, hopLimit, identification);
            EthernetHeader.Write(expected, MacAddress.Broadcast, station, EtherType.IPv6);
            IPv6Header.Write(expected.AsSpan(14), new IPv6Fields
            {
                Source = address,
                Destination = address,
                NextHeader = IpProtocol.Tcp,
                PayloadLength = payload,
                TrafficClass = trafficClass,
                HopLimit = hopLimit,
            });
            CollectionAssert.AreEqual(expected, actual);
        }
    }

    [TestMethod]
    public void A_segment_s_template_gives_the_header_that_is_written_field_by_field()
    {
        Random random = TestSeed.Random();
        byte[] actual = new byte[SegmentTemplate.MaximumLength];
        byte[] expected = new byte[SegmentTemplate.MaximumLength];
        for (int i = 0; i < 2000; i++)
        {
            IpAddress local = new IPv4Address((uint)random.NextInt64());
            IpAddress remote = i % 2 == 0 ? new IPv4Address((uint)random.NextInt64()) : IpAddress.Any;
            local = i % 2 == 0 ? local : new IpAddress((ulong)random.NextInt64(), (ulong)random.NextInt64());
            FlowKey key = new(local, remote, (uint)random.NextInt64(), 0);
            bool hasTimestamps = random.Next(2) == 0;
            TcpOptions options = new() { HasTimestamps = hasTimestamps, TimestampValue = (uint)random.NextInt64(), TimestampEchoReply = (uint)random.NextInt64() };
            int length = TcpHeader.MinimumLength + (hasTimestamps ? 12 : 0);
            int payload = random.Next(65000);
            TcpFields fields = new()
            {
                SourcePort = key.LocalPort,
                DestinationPort = key.RemotePort,
                SequenceNumber = (uint)random.NextInt64(),
                AcknowledgmentNumber = (uint)random.NextInt64(),
                Flags = (TcpFlags)random.Next(256),
                Window = (ushort)random.Next(65536),
                UrgentPointer = (ushort)random.Next(65536),
                Checksum = InternetChecksum.Fold(InternetChecksum.PseudoHeader(local, remote, IpProtocol.Tcp, length + payload)),
            };
            ulong? timestamps = hasTimestamps ? ((ulong)options.TimestampValue << 32) | options.TimestampEchoReply : null;
            Assert.AreEqual(length, TcpHeader.Write(expected, fields, hasTimestamps ? options : default));
            Assert.AreEqual(length, new SegmentTemplate(key).Write(
                actual, new SequenceNumber(fields.SequenceNumber), new SequenceNumber(fields.AcknowledgmentNumber), fields.Flags, fields.Window, fields.UrgentPointer, payload, timestamps));
            CollectionAssert.AreEqual(expected[..length], actual[..length]);
        }
    }

    [TestMethod]
    public void A_ring_keeps_order_and_takes_an_array_only_for_more_than_one()
    {
        Random random = TestSeed.Random();
        RingPool<int> pool = new();
        Ring<int> ring = default;
        List<int> expected = [];
        for (int step = 0; step < 20_000; step++)
        {
            bool grows = step % 400 < 200; // empty again and again
            int index = random.Next(expected.Count + 1);
            switch (random.Next(grows ? 4 : 8))
            {
                case 0:
                    ring.Insert(pool, index, step);
                    expected.Insert(index, step);
                    break;
                case 1 or 2 when grows:
                    ring.Add(pool) = step;
                    expected.Add(step);
                    break;
                case 3 when index < expected.Count:
                    ring.RemoveAt(pool, index);
                    expected.RemoveAt(index);
                    break;
                case > 3 when expected.Count != 0:
                    ring.RemoveFirst(pool);
                    expected.RemoveAt(0);
                    break;
            }

            Assert.AreEqual(expected.Count, ring.Count);
            for (int i = 0; i < expected.Count; i++)
            {
                Assert.AreEqual(expected[i], ring[i]);
            }
        }

        ring.Clear(pool);
        int[] array = pool.Rent(2);
        pool.Return(array);
        ring.Add(pool) = 1;
        ring[0]++;
        Assert.AreEqual(2, ring[0]);
        Assert.AreSame(array, pool.Rent(2), "a single element takes no array");
        pool.Return(array);
        ring.Add(pool) = 3;
        Assert.AreNotSame(array, pool.Rent(2));
        ring.Clear(pool);
        Assert.AreSame(array, pool.Rent(2), "and it is given back");
    }

    [TestMethod]
    public void The_receive_queue_holds_few_buffers_however_small_the_segments()
    {
        using BufferPool device = new(256, 2048);
        using BufferPool chunks = new(8, 4096);
        TcpMemory memory = new(1 << 20, chunks);
        ReceiveQueue queue = new(chunks, memory);
        for (int i = 0; i < 5000; i++)
        {
            PacketBuffer buffer = device.TryRent()!.Value;
            buffer.Span[100] = (byte)i;
            queue.Append(new BufferSlice(buffer, 100, 1));
        }

        Assert.AreEqual(device.BufferCount - 1, device.Available, "the first waits where it is, since it may be the only one");
        Assert.AreEqual(6, chunks.Available);
        byte[] all = new byte[6000];
        Assert.AreEqual(5000, queue.Read(all));
        for (int i = 0; i < 5000; i++)
        {
            Assert.AreEqual((byte)i, all[i]);
        }

        // Large ones are kept where they are, until half of the device's buffers are here.
        for (int i = 0; i < 140; i++)
        {
            queue.Append(new BufferSlice(device.TryRent()!.Value, 0, 1000));
        }

        Assert.IsGreaterThan(110, device.Available);
        Assert.AreEqual(140_000, memory.Used);
        queue.Clear();
        Assert.AreEqual(0, memory.Used);
        Assert.AreEqual(device.BufferCount, device.Available);
        Assert.AreEqual(chunks.BufferCount, chunks.Available);
    }

    [TestMethod]
    public void The_retransmission_timeout_follows_RFC_6298()
    {
        RoundTripEstimator estimator = new(new TcpSettings { MinimumRetransmissionTimeout = TimeSpan.FromMilliseconds(1) });
        Assert.AreEqual(TimeSpan.FromSeconds(1), estimator.Timeout);
        estimator.Measure(TimeSpan.FromMilliseconds(100));
        Assert.AreEqual(TimeSpan.FromMilliseconds(300), estimator.Timeout); // SRTT + 4 · R/2
        estimator.Measure(TimeSpan.FromMilliseconds(100));
        Assert.AreEqual(TimeSpan.FromMilliseconds(250), estimator.Timeout); // RTTVAR · 3/4
        estimator.BackOff();
        estimator.BackOff();
        Assert.AreEqual(TimeSpan.FromSeconds(1), estimator.Timeout);
    }

    [TestMethod]
    public void The_SACK_list_reports_the_latest_block_first_and_merges()
    {
        SackList list = default;
        list.Add(new SequenceNumber(100), new SequenceNumber(200));
        list.Add(new SequenceNumber(300), new SequenceNumber(400));
        list.Add(new SequenceNumber(200), new SequenceNumber(250));
        TcpOptions options = default;
        list.WriteTo(ref options);
        Assert.AreEqual(2, options.SackBlockCount);
        Assert.AreEqual(new SackBlock(100, 250), options.Sack(0));
        Assert.AreEqual(new SackBlock(300, 400), options.Sack(1));
        list.Advance(new SequenceNumber(250));
        Assert.AreEqual(1, list.Count);
    }
}
