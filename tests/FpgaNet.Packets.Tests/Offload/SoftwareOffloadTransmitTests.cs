using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Testing;

namespace FpgaNet.Packets.Tests.Offload;

[TestClass]
public sealed class SoftwareOffloadTransmitTests
{
    [TestMethod]
    [DataRow(Segmentation.Tcp4)]
    [DataRow(Segmentation.Tcp6)]
    [DataRow(Segmentation.Udp4)]
    [DataRow(Segmentation.Udp6)]
    public void Segments_are_the_stream_again_whatever_the_slices_and_however_little_the_device_takes(Segmentation kind)
    {
        Random random = TestSeed.Random();
        using BufferPool pool = new(64, 65536 + 512);
        for (int round = 0; round < 60; round++)
        {
            OffloadFeatures features = (OffloadFeatures)random.Next() & (OffloadFeatures.TxChecksum | OffloadFeatures.TxVlanInsert);
            using RecordingDevice device = new(features);
            using SoftwareOffload software = new(device);
            int limit = random.Next(0, 4);
            device.Room = limit == 0 ? static () => int.MaxValue : () => random.Next(0, 3 * limit);
            List<SuperFrame> frames = [];
            List<bool> tags = [];
            int count = random.Next(1, 4);
            for (int i = 0; i < count; i++)
            {
                int mss = random.Next(1, 5) == 1 ? random.Next(1, 40) : random.Next(40, 1380);
                int payload = random.Next(4) == 0 ? random.Next(0, 3 * mss) : random.Next(0, Math.Min(64_000, 70 * mss));
                frames.Add(SuperFrame.Random(random, kind, payload, random.Next(5) == 0 && payload <= 1300 ? 0 : mss));
                tags.Add(random.Next(3) == 0);
            }

            Send(software, device, random, pool, frames, tags);

            Queue<(byte[] Bytes, TxOffload Offload)> sent = new(device.Sent);
            for (int i = 0; i < frames.Count; i++)
            {
                CheckSegments(frames[i], tags[i], features, sent);
            }

            Assert.IsEmpty(sent, "more frames than were expected");
            Assert.AreEqual(pool.BufferCount, pool.Available, "leaked payload");
            Assert.AreEqual(0, software.BuffersOutstanding, "leaked headers");
        }
    }

    [TestMethod]
    public void A_device_that_segments_gets_the_frame_as_it_is()
    {
        Random random = TestSeed.Random();
        using BufferPool pool = new(8, 65536 + 512);
        using RecordingDevice device = new(OffloadFeatures.TxChecksum | OffloadFeatures.TxSegmentationTcp4, maximumSegmentationSize: 20_000);
        using SoftwareOffload software = new(device);
        SuperFrame small = SuperFrame.Random(random, Segmentation.Tcp4, 15_000, 1000);
        SuperFrame large = SuperFrame.Random(random, Segmentation.Tcp4, 30_000, 1000);
        Assert.AreEqual(2, software.Transmit([small.Slice(random, pool), large.Slice(random, pool)]));
        Assert.HasCount(1 + 30, device.Sent);
        CollectionAssert.AreEqual(small.Bytes, device.Sent[0].Bytes);
        Assert.AreEqual(small.Offload, device.Sent[0].Offload);
        Assert.AreEqual(1UL, software.Work.FramesSegmented);
        Assert.AreEqual(0UL, software.Work.ChecksumsComputed);
        Assert.IsTrue(device.Sent.Skip(1).All(f => f.Offload.Checksum && f.Offload.Segmentation == Segmentation.None));
    }

    [TestMethod]
    public void A_header_that_somebody_else_holds_is_copied_and_not_written()
    {
        Random random = TestSeed.Random();
        using BufferPool pool = new(8, 4096);
        using RecordingDevice device = new(OffloadFeatures.None);
        using SoftwareOffload software = new(device);
        SuperFrame packet = SuperFrame.Random(random, Segmentation.Tcp4, 700, 0);
        TxFrame frame = packet.Slice(random, pool);
        frame.Frame.AddReferences();
        Frame kept = frame.Frame;
        Assert.AreEqual(1, software.Transmit([frame]));
        byte[] bytes = new byte[kept.Length];
        kept.CopyTo(0, bytes);
        CollectionAssert.AreEqual(packet.Bytes, bytes, "the holder's bytes changed");
        Assert.IsTrue(SuperFrame.ChecksumIsRight(device.Sent[0].Bytes, packet.Offload.NetworkOffset, packet.Offload.ChecksumStart));
        Assert.AreEqual(1UL, software.Work.HeadersCopied);
        kept.Release();
        Assert.AreEqual(pool.BufferCount, pool.Available);
    }

    [TestMethod]
    public void A_UDP_checksum_of_zero_is_sent_as_ones()
    {
        using BufferPool pool = new(2, 256);
        using RecordingDevice device = new(OffloadFeatures.None);
        using SoftwareOffload software = new(device);
        SuperFrame packet = SuperFrame.Random(TestSeed.Random(), Segmentation.Udp4, 2, 0);

        // Choose the payload so that everything sums to 0xFFFF, whose complement is 0.
        ushort sum = InternetChecksumTests.Reference(packet.Bytes.AsSpan(packet.Offload.ChecksumStart, UdpHeader.HeaderLength));
        BinaryPrimitives.WriteUInt16BigEndian(packet.Bytes.AsSpan(packet.HeaderLength), (ushort)~sum);
        Assert.AreEqual(1, software.Transmit([packet.Slice(new Random(1), pool)]));
        Assert.AreEqual(0xFFFF, BinaryPrimitives.ReadUInt16BigEndian(device.Sent[0].Bytes.AsSpan(packet.Offload.ChecksumStart + 6)));
    }

    [TestMethod]
    public void Debts_that_make_no_sense_are_refused_and_counted()
    {
        Random random = TestSeed.Random();
        using BufferPool pool = new(16, 8192);
        using RecordingDevice device = new(OffloadFeatures.None) { KeepsBytes = false };
        using SoftwareOffload software = new(device);
        ulong offered = 0;
        for (int round = 0; round < 4000; round++)
        {
            SuperFrame packet = SuperFrame.Random(random, (Segmentation)random.Next(1, 5), random.Next(0, 3000), random.Next(1, 500));
            TxFrame frame = packet.Slice(random, pool);
            ref TxOffload offload = ref frame.Offload;
            switch (round % 11)
            {
                case 0: offload.ChecksumStart = (ushort)random.Next(0x10000); break;
                case 1: offload.ChecksumOffset = (ushort)random.Next(0x10000); break;
                case 2: offload.MaximumSegmentSize = (ushort)random.Next(2); break;
                case 3: offload.NetworkOffset = (ushort)random.Next(0x10000); break;
                case 4: offload.HeaderLength = (ushort)random.Next(0x10000); break;
                case 5: offload.Segmentation = (Segmentation)random.Next(1, 256); break;
                case 6: offload.Checksum = false; break;
                case 7: random.NextBytes(frame.Frame.Header.Span); break;
                case 8: offload.ChecksumStart = (ushort)random.Next(100); break;
                case 9: offload.HeaderLength = (ushort)random.Next(100); break;
                default: offload.NetworkOffset = (ushort)random.Next(100); break;
            }

            Assert.AreEqual(1, software.Transmit([frame]));
            offered++;
            Assert.AreEqual(pool.BufferCount, pool.Available, $"leak in round {round}");
        }

        Assert.AreEqual(0, software.BuffersOutstanding);
        Assert.IsGreaterThan(offered / 2, software.Work.TransmitRefused);
        Assert.AreEqual(offered, software.Work.TransmitRefused + software.Work.FramesSegmented + (device.Frames - software.Work.SegmentsMade));
    }

    [TestMethod]
    public void Of_a_frame_cut_here_the_first_packet_has_the_launch_time_and_the_last_one_the_stamp()
    {
        using BufferPool pool = new(4, 65536);
        using RecordingDevice device = new(OffloadFeatures.Timed);
        using SoftwareOffload software = new(device);
        TxFrame frame = SuperFrame.Random(TestSeed.Random(), Segmentation.Tcp4, 5000, 1000).Slice(new Random(1), pool);
        frame.Offload.LaunchTime = 1L << 60;
        frame.Offload.TimestampId = 7;
        Assert.AreEqual(1, software.Transmit([frame]));
        Assert.HasCount(5, device.Sent);
        for (int i = 0; i < 5; i++)
        {
            Assert.AreEqual(i == 0 ? 1L << 60 : 0, device.Sent[i].Offload.LaunchTime);
            Assert.AreEqual(i == 4 ? 7 : 0, device.Sent[i].Offload.TimestampId);
        }
    }

    // They are copied with every frame, several times.
    [TestMethod]
    public void What_goes_along_with_a_frame_stays_small()
    {
        Assert.AreEqual(24, Unsafe.SizeOf<TxOffload>());
        Assert.AreEqual(32, Unsafe.SizeOf<RxOffload>());
    }

    [TestMethod]
    public void Nobody_stands_in_for_a_clock_at_the_wire()
    {
        using BufferPool pool = new(8, 4096);
        using RecordingDevice plain = new(OffloadFeatures.TxChecksum);
        using (SoftwareOffload software = new(plain))
        {
            Assert.AreEqual(OffloadFeatures.None, software.Capabilities.Features & OffloadFeatures.Timed);
            Assert.ThrowsExactly<ArgumentException>(() => software.EnabledFeatures = OffloadFeatures.TxTimestamp);
            Refuses(software, launchTime: 1, timestampId: 0);
            Refuses(software, launchTime: 0, timestampId: 1);
            Assert.IsEmpty(plain.Sent);
        }

        using RecordingDevice timed = new(OffloadFeatures.Timed);
        using (SoftwareOffload software = new(timed))
        {
            timed.EnabledFeatures = OffloadFeatures.TxLaunchTime;
            Refuses(software, launchTime: 1, timestampId: 1);
            Assert.IsEmpty(timed.Sent);
        }

        void Refuses(SoftwareOffload software, long launchTime, ushort timestampId)
        {
            ulong before = software.Work.TransmitRefused;
            TxFrame frame = SuperFrame.Random(TestSeed.Random(), Segmentation.Tcp4, 100, 0).Slice(new Random(1), pool);
            frame.Offload.LaunchTime = launchTime;
            frame.Offload.TimestampId = timestampId;
            Assert.AreEqual(1, software.Transmit([frame]));
            Assert.AreEqual(before + 1, software.Work.TransmitRefused);
            Assert.AreEqual(pool.BufferCount, pool.Available);
        }
    }

    [TestMethod]
    public void What_is_switched_off_outside_is_refused_and_switched_off_inside()
    {
        using BufferPool pool = new(4, 4096);
        using RecordingDevice device = new(OffloadFeatures.TxChecksum | OffloadFeatures.RxChecksum);
        using SoftwareOffload software = new(device);
        Assert.AreEqual(OffloadFeatures.All & ~OffloadFeatures.RxHash, software.EnabledFeatures, "who wants a hash that the device does not know asks for it");
        software.EnabledFeatures = OffloadFeatures.All & ~OffloadFeatures.TxChecksum;
        Assert.AreEqual(OffloadFeatures.RxChecksum, device.EnabledFeatures);
        SuperFrame packet = SuperFrame.Random(TestSeed.Random(), Segmentation.Tcp4, 100, 0);
        Assert.AreEqual(1, software.Transmit([packet.Slice(new Random(1), pool)]));
        Assert.AreEqual(1UL, Devices.Frames.Counter(software, "sw_tx_refused"));
        Assert.AreEqual(0UL, Devices.Frames.Counter(software, "frames"));

        software.EnabledFeatures = OffloadFeatures.All;
        Assert.AreEqual(OffloadFeatures.TxChecksum | OffloadFeatures.RxChecksum, device.EnabledFeatures);
        device.EnabledFeatures = OffloadFeatures.None;
        software.EnabledFeatures = OffloadFeatures.All & ~OffloadFeatures.RxHash;
        Assert.AreEqual(OffloadFeatures.None, device.EnabledFeatures, "what the owner of the inner device switched off stays off");
        Assert.ThrowsExactly<ArgumentException>(() => software.EnabledFeatures = (OffloadFeatures)(1 << 20));
    }

    [TestMethod]
    public void Who_came_short_is_woken_although_the_rest_has_gone_down_meanwhile()
    {
        Random random = TestSeed.Random();
        using BufferPool pool = new(8, 65536 + 512);
        using RecordingDevice device = new(OffloadFeatures.None);
        using SoftwareOffload software = new(device);
        device.Room = static () => 3;
        SuperFrame packet = SuperFrame.Random(random, Segmentation.Tcp4, 10_000, 1000);
        int wakes = 0;
        Assert.AreEqual(1, software.Transmit([packet.Slice(random, pool), packet.Slice(random, pool)]), "the second frame waits");
        software.ArmWake(() => wakes++);
        Assert.AreEqual(0, wakes, "the device is full and will say so itself");
        Assert.AreEqual(1, device.WakesAsked);

        device.Room = static () => int.MaxValue;
        Assert.AreEqual(0, software.Receive(new RxFrame[4]));
        Assert.HasCount(10, device.Sent, "what was pending went down with Receive");
        software.ArmWake(() => wakes++);
        Assert.AreEqual(1, wakes);
    }

    private static void Send(
        SoftwareOffload software, RecordingDevice device, Random random, BufferPool pool, List<SuperFrame> frames, List<bool> tags)
    {
        TxFrame[] batch = new TxFrame[frames.Count];
        for (int i = 0; i < batch.Length; i++)
        {
            batch[i] = frames[i].Slice(random, pool);
            (batch[i].Offload.InsertVlan, batch[i].Offload.VlanTag) = (tags[i], (ushort)(tags[i] ? 0x6123 : 0));
        }

        int taken = 0;
        for (int calls = 0; taken < batch.Length || software.BuffersOutstanding != 0 || pool.Available != pool.BufferCount; calls++)
        {
            Assert.IsLessThan(100_000, calls, $"no progress after {device.Sent.Count} frames");
            if (random.Next(2) == 0 || taken == batch.Length)
            {
                software.ArmWake(static () => { });
            }
            else
            {
                taken += software.Transmit(batch.AsSpan(taken));
            }
        }
    }

    private static void CheckSegments(SuperFrame original, bool tag, OffloadFeatures features, Queue<(byte[] Bytes, TxOffload Offload)> sent)
    {
        TxOffload debt = original.Offload;
        bool tcp = debt.ChecksumOffset == TcpHeader.ChecksumOffset;
        bool cut = debt.Segmentation != Segmentation.None;
        int payloadLength = original.Payload.Length;
        int mss = cut ? debt.MaximumSegmentSize : payloadLength;
        int segments = Math.Max(1, mss == 0 ? 1 : (payloadLength + mss - 1) / mss);
        byte[] template = original.Bytes;
        for (int i = 0; i < segments; i++)
        {
            Assert.IsNotEmpty(sent, $"segment {i} of {segments} is missing");
            (byte[] bytes, TxOffload owed) = sent.Dequeue();
            int shift = 0;
            if (tag)
            {
                if ((features & OffloadFeatures.TxVlanInsert) != OffloadFeatures.None)
                {
                    Assert.IsTrue(owed.InsertVlan);
                    Assert.AreEqual(0x6123, owed.VlanTag);
                }
                else
                {
                    shift = VlanTag.Length;
                    Assert.IsFalse(owed.InsertVlan);
                    CollectionAssert.AreEqual(new byte[] { 0x81, 0x00, 0x61, 0x23 }, bytes[12..16]);
                }
            }

            int network = debt.NetworkOffset + shift;
            int transport = debt.ChecksumStart + shift;
            int header = debt.HeaderLength + shift;
            Assert.AreEqual(Segmentation.None, owed.Segmentation);
            if ((features & OffloadFeatures.TxChecksum) != OffloadFeatures.None)
            {
                // The device's part, done by the test: sum from start to end, complement.
                Assert.IsTrue(owed.Checksum);
                Assert.AreEqual(transport, owed.ChecksumStart);
                ushort sum = (ushort)~InternetChecksumTests.Reference(bytes.AsSpan(owed.ChecksumStart));
                sum = sum == 0 && owed.ChecksumZeroAsOnes ? (ushort)0xFFFF : sum;
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(owed.ChecksumStart + owed.ChecksumOffset), sum);
            }
            else
            {
                Assert.IsFalse(owed.Checksum);
            }

            int start = i * mss;
            int count = Math.Min(mss, payloadLength - start);
            Assert.AreEqual(header + count, bytes.Length);
            CollectionAssert.AreEqual(original.Payload.Slice(start, count).ToArray(), bytes[header..]);
            Assert.IsTrue(SuperFrame.ChecksumIsRight(bytes, network, transport), $"checksum of segment {i}");

            // The headers are the template's but for the fields that must change.
            byte[] expected = template[..debt.HeaderLength];
            if (shift != 0)
            {
                expected = [.. template[..12], 0x81, 0x00, 0x61, 0x23, .. template[12..debt.HeaderLength]];
            }

            if (bytes[network] >> 4 == 4)
            {
                Assert.AreEqual(0xFFFF, InternetChecksumTests.Reference(bytes.AsSpan(network, transport - network)), $"IPv4 header checksum of segment {i}");
                BinaryPrimitives.WriteUInt16BigEndian(expected.AsSpan(network + 2), (ushort)(bytes.Length - network));
                ushort id = BinaryPrimitives.ReadUInt16BigEndian(expected.AsSpan(network + 4));
                BinaryPrimitives.WriteUInt16BigEndian(expected.AsSpan(network + 4), (ushort)(id + i));
                bytes.AsSpan(network + 10, 2).CopyTo(expected.AsSpan(network + 10));
            }
            else
            {
                BinaryPrimitives.WriteUInt16BigEndian(expected.AsSpan(network + 4), (ushort)(bytes.Length - network - 40));
            }

            if (tcp)
            {
                uint sequence = BinaryPrimitives.ReadUInt32BigEndian(expected.AsSpan(transport + 4));
                BinaryPrimitives.WriteUInt32BigEndian(expected.AsSpan(transport + 4), sequence + (uint)start);
                expected[transport + 13] &= i == 0 ? (byte)0xFF : (byte)0x7F;
                expected[transport + 13] &= i == segments - 1 ? (byte)0xFF : (byte)0xF6;
            }
            else
            {
                BinaryPrimitives.WriteUInt16BigEndian(expected.AsSpan(transport + 4), (ushort)(8 + count));
            }

            bytes.AsSpan(transport + debt.ChecksumOffset, 2).CopyTo(expected.AsSpan(transport + debt.ChecksumOffset));
            CollectionAssert.AreEqual(expected, bytes[..header], $"headers of segment {i}");
        }
    }
}
