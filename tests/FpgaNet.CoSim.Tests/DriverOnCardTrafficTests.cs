using FpgaNet.Driver;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Testing;

namespace FpgaNet.CoSim.Tests;

[TestClass]
public sealed class DriverOnCardTrafficTests
{
    [TestMethod]
    public void The_card_is_found_and_described()
    {
        using var rig = new DriverOnCard(TestSeed.Random());
        Assert.AreEqual(DeviceState.Up, rig.Nic.State);
        Assert.AreEqual(MacAddress.Parse("02:00:5e:10:00:01"), rig.Nic.MacAddress);
        Assert.AreEqual(
            new DeviceCapabilities(
                OffloadFeatures.TxChecksum | OffloadFeatures.TxSegmentation | OffloadFeatures.TxVlanInsert | OffloadFeatures.RxChecksum | OffloadFeatures.RxHash
                | OffloadFeatures.RxVlanStrip | OffloadFeatures.Timed, 1500, 65535),
            rig.Nic.Capabilities);
        Assert.AreEqual(125_000_000, rig.Nic.Card.ClockHertz);
        Assert.AreEqual(64, rig.Nic.Card.DataWidth);
        Assert.IsTrue(rig.Nic.Card is { TxQueues: >= 1, RxQueues: >= 1, ReadTags: >= 2 });
    }

    [TestMethod]
    public void Frames_of_every_length_in_slices_at_any_alignment_reach_the_wire()
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        var expected = new Queue<byte[]>();
        ulong summed = 0;
        for (int length = 14; length <= 1514; length++)
        {
            Flow flow = (Flow)(length & 3);
            if (length >= CardFrames.Overhead(flow) && random.Next(4) != 0)
            {
                byte[] packet = CardFrames.Packet(random, flow, length - CardFrames.Overhead(flow));
                (byte[] bytes, TxOffload offload) = CardFrames.Owing(packet, flow);
                rig.Send(bytes, offload);
                expected.Enqueue(CardFrames.Padded(packet));
                summed++;
            }
            else
            {
                byte[] frame = CardFrames.Raw(random, length);
                rig.Send(frame);
                expected.Enqueue(CardFrames.Padded(frame));
            }

            Compare(rig, expected);
        }

        rig.RunUntilIdle();
        Compare(rig, expected);
        Assert.IsEmpty(expected, rig.Describe());
        Assert.AreEqual(1501ul, rig.Counter("tx_frames"));
        Assert.AreEqual(summed, rig.Counter("tx_checksums"));
        Assert.AreEqual(0ul, rig.Counter("driver_resets"));
    }

    [TestMethod]
    public void Frames_from_the_wire_come_up_with_verdict_and_hash()
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        var hash = new ToeplitzHash(ToeplitzHash.DefaultKey);
        for (int round = 0; round < 20; round++)
        {
            var sent = new List<(byte[] Frame, Flow Flow, bool Good)>();
            for (int i = 0; i < 24; i++)
            {
                Flow flow = (Flow)random.Next(4);
                byte[] frame = CardFrames.Packet(random, flow, random.Next(6, 1514 - CardFrames.Overhead(flow) + 1));
                bool good = random.Next(3) != 0;
                if (!good)
                {
                    frame[^1] ^= 0x10;
                }

                sent.Add((frame, flow, good));
                rig.Deliver(frame);
            }

            rig.RunUntilIdle();
            Assert.HasCount(sent.Count, rig.Received, rig.Describe());
            foreach ((byte[] frame, Flow flow, bool good) in sent)
            {
                (byte[] bytes, RxOffload offload) = rig.Received.Dequeue();
                CollectionAssert.AreEqual(CardFrames.Padded(frame), bytes);
                Assert.AreEqual(good ? ChecksumVerdict.Good : ChecksumVerdict.Bad, offload.TransportChecksum, $"{flow}");
                Assert.AreEqual(CardFrames.IsV4(flow) ? ChecksumVerdict.Good : ChecksumVerdict.Unknown, offload.NetworkChecksum, $"{flow}");
                Assert.AreEqual(CardFrames.IsV4(flow) ? NetworkProtocol.IPv4 : NetworkProtocol.IPv6, offload.Network);
                Assert.AreEqual(CardFrames.IsTcp(flow) ? TransportProtocol.Tcp : TransportProtocol.Udp, offload.Transport);
                Assert.AreEqual(14, offload.NetworkOffset);
                Assert.AreEqual(CardFrames.TransportOffset(flow), offload.TransportOffset);
                Assert.AreEqual(CardFrames.HashType(flow), offload.HashType);
                Assert.AreEqual(CardFrames.Hash(hash, frame, flow), offload.Hash, $"{flow}");
            }
        }

        Assert.AreEqual(480ul, rig.Counter("rx_frames"));
        Assert.AreEqual(480ul, rig.Counter("driver_rx_frames"));
    }

    [TestMethod]
    public void With_features_off_the_card_says_nothing_and_sums_nothing()
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        rig.Nic.EnabledFeatures = OffloadFeatures.None;
        byte[] packet = CardFrames.Packet(random, Flow.Tcp4, 100);
        (byte[] bytes, TxOffload offload) = CardFrames.Owing(packet, Flow.Tcp4);
        rig.Send(bytes, offload);
        rig.Send(packet);
        rig.Deliver(packet);
        rig.RunUntilIdle();
        CollectionAssert.AreEqual(packet, rig.OnWire.Single());
        Assert.AreEqual(1ul, rig.Counter("driver_tx_refused_offload"));
        Assert.AreEqual(0ul, rig.Counter("tx_checksums"));
        (byte[] received, RxOffload known) = rig.Received.Single();
        CollectionAssert.AreEqual(packet, received);
        Assert.AreEqual(ChecksumVerdict.Unknown, known.TransportChecksum);
        Assert.AreEqual(ChecksumVerdict.Unknown, known.NetworkChecksum);
        Assert.AreEqual(RssHashType.None, known.HashType);
        Assert.AreEqual(0u, known.Hash);
        rig.Nic.EnabledFeatures = rig.Nic.Capabilities.Features;
        rig.Received.Clear();
        rig.Deliver(packet);
        rig.RunUntilIdle();
        Assert.AreEqual(ChecksumVerdict.Good, rig.Received.Single().Offload.TransportChecksum);
    }

    [TestMethod]
    public void Both_directions_at_once_lose_nothing()
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        var up = new Queue<byte[]>();
        var down = new Queue<byte[]>();
        for (int i = 0; i < 600; i++)
        {
            byte[] frame = CardFrames.Raw(random, random.Next(60, random.Next(2) == 0 ? 100 : 1515));
            rig.Deliver(frame);
            up.Enqueue(frame);
            frame = CardFrames.Raw(random, random.Next(60, random.Next(2) == 0 ? 100 : 1515));
            rig.Send(frame);
            down.Enqueue(frame);
            Compare(rig, down);
            while (rig.Received.TryDequeue(out (byte[] Bytes, RxOffload Offload) got))
            {
                CollectionAssert.AreEqual(up.Dequeue(), got.Bytes);
            }
        }

        rig.RunUntilIdle();
        Compare(rig, down);
        Assert.IsEmpty(down, rig.Describe());
        Assert.HasCount(up.Count, rig.Received, rig.Describe());
    }

    [TestMethod]
    public void An_armed_wake_comes_once_and_only_when_asked_for()
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        byte[] frame = CardFrames.Raw(random, 60);
        for (int i = 0; i < 50; i++)
        {
            int woken = 0;
            rig.Nic.ArmWake(() => woken++);
            int before = random.Next(2000);
            rig.Card.Step(before);
            Assert.AreEqual(0, woken, "nothing has happened");
            rig.Deliver(frame);
            rig.Deliver(frame);
            Assert.IsTrue(rig.Card.StepUntilIdle());
            Assert.AreEqual(1, woken, rig.Describe());
            rig.Receive();
            Assert.HasCount(2, rig.Received);
            rig.Received.Clear();
        }

        ulong interrupts = rig.Counter("pcie_interrupts");
        for (int i = 0; i < 50; i++)
        {
            rig.Deliver(frame);
        }

        rig.RunUntil(() => rig.Received.Count == 50, "polling needs no interrupt");
        Assert.AreEqual(interrupts, rig.Counter("pcie_interrupts"));
    }

    [TestMethod]
    public void A_frame_that_comes_while_the_wake_is_being_armed_is_not_missed()
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        byte[] frame = CardFrames.Raw(random, 60);
        for (int offset = 0; offset < 600; offset += 7)
        {
            // The frame reaches host memory somewhere around the arming write.
            rig.Deliver(frame);
            rig.Card.Step(1 + offset);
            int woken = 0;
            rig.Receive();
            rig.Nic.ArmWake(() => woken++);
            Assert.IsTrue(rig.Card.StepUntilIdle());
            Assert.IsTrue(rig.Received.Count + woken >= 1, $"missed at {offset}; {rig.Describe()}");
            rig.Receive();
            Assert.HasCount(1, rig.Received);
            rig.Received.Clear();
        }
    }

    [TestMethod]
    public void Moderation_gathers_frames_into_one_interrupt()
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random, new FpgaNicOptions { InterruptFrames = 4, InterruptDelay = TimeSpan.FromMicroseconds(100) });
        byte[] frame = CardFrames.Raw(random, 60);
        int woken = 0;
        rig.Nic.ArmWake(() => woken++);
        for (int i = 0; i < 3; i++)
        {
            rig.Deliver(frame);
        }

        rig.Card.Step(5000); // 40 µs
        Assert.AreEqual(0, woken);
        rig.Card.Step(15000); // 160 µs
        Assert.AreEqual(1, woken);
        rig.Receive();
        rig.Nic.ArmWake(() => woken++);
        for (int i = 0; i < 4; i++)
        {
            rig.Deliver(frame);
        }

        rig.Card.Step(5000);
        Assert.AreEqual(2, woken);
        rig.Receive();
        Assert.HasCount(7, rig.Received);
    }

    [TestMethod]
    public void A_full_device_wakes_when_room_comes()
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        byte[] frame = CardFrames.Raw(random, 1000);
        int sent = 0;
        for (int full = 0; full < 5; full++)
        {
            while (rig.TrySend(frame))
            {
                sent++;
            }

            int woken = 0;
            rig.Nic.ArmWake(() => woken++);
            for (int i = 0; i < 2000 && woken == 0; i++)
            {
                rig.Card.Step(64);
            }

            Assert.AreEqual(1, woken, rig.Describe());
            Assert.IsTrue(rig.TrySend(frame));
            sent++;
        }

        rig.RunUntilIdle();
        Assert.HasCount(sent, rig.OnWire);
    }

    [TestMethod]
    public void Closing_in_the_middle_of_traffic_leaves_nothing_behind()
    {
        Random random = TestSeed.Random();
        for (int i = 0; i < 12; i++)
        {
            using var rig = new DriverOnCard(random);
            for (int n = 0; n < 12; n++)
            {
                rig.Deliver(CardFrames.Raw(random, random.Next(60, 1515)));
                rig.TrySend(CardFrames.Raw(random, random.Next(60, 1515)));
            }

            rig.Card.Step(random.Next(4000));
        }
    }

    [TestMethod]
    public void A_card_that_was_closed_can_be_opened_again()
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        rig.CheckTraffic();
        rig.Nic.Dispose();
        using var pool = new Packets.Buffers.BufferPool(64, 1536);
        using (var again = FpgaNic.Open(rig.Function, new FpgaNicOptions { ReceivePool = pool, RxRingLog2 = 4, TimeProvider = rig.Clock }))
        {
            Assert.AreEqual(DeviceState.Up, again.State);
            byte[] frame = CardFrames.Raw(random, 200);
            rig.Deliver(frame);
            rig.Card.Step(4000);
            var frames = new RxFrame[4];
            Assert.AreEqual(1, again.Receive(frames));
            CollectionAssert.AreEqual(frame, frames[0].Frame.Header.Span.ToArray());
            frames[0].Frame.Release();
        }

        Assert.AreEqual(64, pool.Available);
    }

    private static void Compare(DriverOnCard rig, Queue<byte[]> expected)
    {
        while (rig.OnWire.TryDequeue(out byte[]? got))
        {
            CollectionAssert.AreEqual(expected.Dequeue(), got);
        }
    }
}
