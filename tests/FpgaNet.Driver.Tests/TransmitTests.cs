using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Testing;

namespace FpgaNet.Driver.Tests;

[TestClass]
public sealed class TransmitTests
{
    [TestMethod]
    public void A_frame_of_slices_arrives_with_what_is_owed_to_it()
    {
        using var rig = new Rig();
        TxFrame frame = rig.Frame([54, 0, 1000, 3], new TxOffload { Checksum = true, ChecksumZeroAsOnes = true, ChecksumStart = 34, ChecksumOffset = 6 });
        byte[] bytes = new byte[frame.Frame.Length];
        frame.Frame.CopyTo(0, bytes);
        Assert.AreEqual(1, rig.Send(frame));
        (TxHeader header, byte[] sent) = rig.Card.Sent.Single();
        CollectionAssert.AreEqual(bytes, sent);
        Assert.AreEqual(3u, header.SliceCount);
        Assert.AreEqual(1057u, header.Length);
        Assert.IsTrue(header.Checksum);
        Assert.IsTrue(header.ChecksumZeroAsOnes);
        Assert.AreEqual(34u, header.ChecksumStart);
        Assert.AreEqual(6u, header.ChecksumOffset);
        Assert.IsFalse(header.InsertVlan);
        Assert.AreEqual(0u, header.Segmentation);
    }

    [TestMethod]
    public void A_batch_rings_the_bell_once()
    {
        using var rig = new Rig();
        TxFrame[] batch = [rig.Frame([60]), rig.Frame([14]), rig.Frame([100, 200])];
        Assert.AreEqual(3, rig.Nic.Transmit(batch));
        Assert.AreEqual(1, rig.Card.TxDoorbells - 1); // one write of 0 belongs to the start
        Assert.HasCount(3, rig.Card.Sent);
        Assert.AreEqual(0, rig.Nic.Transmit([]));
        Assert.AreEqual(2, rig.Card.TxDoorbells);
    }

    [TestMethod]
    public void Frames_of_every_shape_go_round_the_ring_many_times_in_order()
    {
        using var rig = new Rig();
        Random random = TestSeed.Random();
        for (int i = 0; i < 20_000; i++)
        {
            int[] slices = new int[random.Next(1, Frame.MaxSlices + 1)];
            for (int s = 0; s < slices.Length; s++)
            {
                slices[s] = random.Next(s == 0 ? 14 : 0, 1514 / slices.Length);
            }

            TxFrame frame = rig.Frame(slices);
            byte[] bytes = new byte[frame.Frame.Length];
            frame.Frame.CopyTo(0, bytes);
            Assert.AreEqual(1, rig.Send(frame), $"frame {i}");
            Assert.IsTrue(bytes.AsSpan().SequenceEqual(rig.Card.Sent.Single().Bytes), $"frame {i}");
            rig.Card.Sent.Clear();
        }

        Assert.AreEqual(20_000ul, rig.Counter("driver_tx_frames"));
        Assert.AreEqual(0ul, rig.Counter("driver_resets"));
    }

    [TestMethod]
    public void A_full_ring_takes_no_more_until_the_card_has_finished_some()
    {
        using var rig = new Rig();
        rig.Card.TxStalled = true;
        for (int i = 0; i < 16; i++)
        {
            Assert.AreEqual(1, rig.Send(60), $"frame {i}"); // two units each, of 32
        }

        Assert.AreEqual(0, rig.Send(60));
        Assert.AreEqual(48, rig.TxPool.Available);
        int woken = 0;
        rig.Nic.ArmWake(() => woken++);
        Assert.AreEqual(0, woken);
        rig.Card.TxStalled = false;
        rig.Card.ServeTransmit();
        Assert.AreEqual(1, woken);
        Assert.AreEqual(1, rig.Send(60));
        Assert.HasCount(17, rig.Card.Sent);
    }

    [TestMethod]
    public void Room_that_came_before_the_wake_was_armed_wakes_at_once()
    {
        using var rig = new Rig();
        rig.Card.TxStalled = true;
        while (rig.Send(60) == 1)
        {
        }

        rig.Card.TxStalled = false;
        rig.Card.ServeTransmit();
        Assert.IsEmpty(rig.Receive()); // reaps the completions
        int woken = 0;
        rig.Nic.ArmWake(() => woken++);
        Assert.AreEqual(1, woken);
    }

    [TestMethod]
    public void A_frame_that_owes_more_than_is_enabled_is_dropped_and_counted()
    {
        using var rig = new Rig();
        rig.Nic.EnabledFeatures = OffloadFeatures.None;
        Assert.AreEqual(1, rig.Send(rig.Frame([60], new TxOffload { Checksum = true })));
        Assert.AreEqual(1, rig.Send(rig.Frame([60], new TxOffload { InsertVlan = true })));
        foreach (Segmentation segmentation in (ReadOnlySpan<Segmentation>)[Segmentation.Tcp4, Segmentation.Tcp6, Segmentation.Udp4, Segmentation.Udp6])
        {
            Assert.AreEqual(1, rig.Send(rig.Frame([60], new TxOffload { Segmentation = segmentation })));
        }

        Assert.IsEmpty(rig.Card.Sent);
        Assert.AreEqual(6ul, rig.Counter("driver_tx_refused_offload"));
        Assert.AreEqual(64, rig.TxPool.Available);
    }

    [TestMethod]
    [DataRow(13, false, false)]
    [DataRow(14, false, true)]
    [DataRow(1514, false, true)]
    [DataRow(1515, false, false)]
    [DataRow(1518, false, false)]
    [DataRow(1518, true, true)]
    [DataRow(1519, true, false)]
    public void A_frame_is_as_long_as_an_Ethernet_frame_may_be(int length, bool tagged, bool sent)
    {
        using var rig = new Rig();
        TxFrame frame = rig.Frame([length]);
        if (tagged)
        {
            frame.Frame.Header.Span[12] = 0x81;
            frame.Frame.Header.Span[13] = 0x00;
        }

        Assert.AreEqual(1, rig.Send(frame));
        Assert.HasCount(sent ? 1 : 0, rig.Card.Sent);
        Assert.AreEqual(sent ? 0ul : 1ul, rig.Counter("driver_tx_refused_length"));
    }

    [TestMethod]
    public void A_frame_to_be_cut_and_tagged_arrives_with_all_that_the_card_has_to_know()
    {
        using var rig = new Rig(card: new ScriptedPciFunction { Features = 0x313 });
        Assert.AreEqual(OffloadFeatures.TxChecksum | OffloadFeatures.TxSegmentation | OffloadFeatures.TxVlanInsert | OffloadFeatures.RxChecksum | OffloadFeatures.RxHash, rig.Nic.Capabilities.Features);
        Assert.AreEqual(65535, rig.Nic.Capabilities.MaximumSegmentationSize);
        TxFrame frame = rig.Frame([66, 1900, 1900], Cut(1448) with { InsertVlan = true, VlanTag = 0xE123 });
        Assert.AreEqual(1, rig.Send(frame));
        (TxHeader header, byte[] sent) = rig.Card.Sent.Single();
        Assert.HasCount(3866, sent);
        Assert.AreEqual(3866u, header.Length);
        Assert.AreEqual((uint)Segmentation.Tcp4, header.Segmentation);
        Assert.AreEqual(1448u, header.MaximumSegmentSize);
        Assert.AreEqual(14u, header.NetworkOffset);
        Assert.AreEqual(66u, header.HeaderLength);
        Assert.AreEqual(34u, header.ChecksumStart);
        Assert.AreEqual(16u, header.ChecksumOffset);
        Assert.IsTrue(header.Checksum && header.InsertVlan);
        Assert.AreEqual(0xE123u, header.VlanTag);
    }

    [TestMethod]
    [DataRow(1448, 66, 14, false, true)]
    [DataRow(1449, 66, 14, false, false)] // a segment is too long
    [DataRow(1448, 66, 14, true, true)]
    [DataRow(1449, 66, 14, true, false)]
    [DataRow(1000, 67, 68, false, false)] // the IP header behind the headers
    [DataRow(1000, 256, 14, false, false)] // no field for it
    public void A_frame_to_be_cut_that_cannot_be_is_dropped_and_counted(int mss, int headers, int network, bool tag, bool sent)
    {
        using var rig = new Rig(card: new ScriptedPciFunction { Features = 0x313 });
        TxOffload offload = Cut(mss) with { HeaderLength = (ushort)headers, NetworkOffset = (ushort)network, InsertVlan = tag };
        Assert.AreEqual(1, rig.Send(rig.Frame([300, 1900, 1900], offload)));
        Assert.HasCount(sent ? 1 : 0, rig.Card.Sent);
        Assert.AreEqual(sent ? 0ul : 1ul, rig.Counter("driver_tx_refused_length"));
    }

    [TestMethod]
    public void A_tag_of_the_card_has_no_room_beside_one_in_a_longest_frame()
    {
        using var rig = new Rig(card: new ScriptedPciFunction { Features = 0x313 });
        TxFrame frame = rig.Frame([1518], new TxOffload { InsertVlan = true });
        frame.Frame.Header.Span[12] = 0x81;
        frame.Frame.Header.Span[13] = 0x00;
        Assert.AreEqual(1, rig.Send(frame));
        Assert.IsEmpty(rig.Card.Sent);
        Assert.AreEqual(1, rig.Send(rig.Frame([1514], new TxOffload { InsertVlan = true })));
        Assert.HasCount(1, rig.Card.Sent);
    }

    // Merged on its way in (SoftwareOffload's GRO): such a frame has more slices than any device takes.
    [TestMethod]
    public void A_frame_of_more_slices_than_a_device_takes_is_dropped_and_counted()
    {
        using var rig = new Rig();
        TxFrame frame = rig.Frame([60, 10, 10, 10]);
        frame.Frame.Extend(rig.TxPool.TryRent()!.Value);
        frame.Frame.Add(new BufferSlice(rig.TxPool.TryRent()!.Value, 0, 10));
        Assert.AreEqual(1, rig.Send(frame));
        Assert.IsEmpty(rig.Card.Sent);
        Assert.AreEqual(1ul, rig.Counter("driver_tx_refused_slices"));
    }

    [TestMethod]
    [DataRow(Status.BadSegmentation, "driver_tx_error_bad_segmentation")]
    [DataRow(Status.ReadTimeout, "driver_tx_error_read_timeout")]
    [DataRow(Status.Poisoned, "driver_tx_error_poisoned")]
    [DataRow(Status.ChecksumRange, "driver_tx_error_checksum_range")]
    [DataRow((Status)200, "driver_tx_error_unknown")]
    public void An_error_completion_is_counted_and_its_buffers_come_back(Status status, string counter)
    {
        using var rig = new Rig();
        rig.Card.NextTxStatus = status;
        Assert.AreEqual(1, rig.Send(60));
        Assert.IsEmpty(rig.Receive());
        Assert.AreEqual(64, rig.TxPool.Available);
        Assert.AreEqual(1ul, rig.Counter(counter));
        rig.CheckTraffic();
        Assert.AreEqual(0ul, rig.Counter("driver_resets"));
    }

    [TestMethod]
    public void Without_a_cable_frames_are_dropped_and_counted()
    {
        using var rig = new Rig();
        int woken = 0;
        rig.Nic.ArmWake(() => woken++);
        rig.Card.LinkUp = false;
        rig.Look(0.2);
        Assert.AreEqual(DeviceState.NoCarrier, rig.Nic.State);
        Assert.AreEqual(1, woken);
        Assert.AreEqual(1, rig.Send(60));
        Assert.IsEmpty(rig.Card.Sent);
        Assert.AreEqual(1ul, rig.Counter("driver_tx_no_carrier"));
        rig.Card.LinkUp = true;
        rig.Look(0.2);
        rig.CheckTraffic();
    }

    [TestMethod]
    public void Nothing_is_allocated_for_a_packet()
    {
        using var rig = new Rig();
        TxFrame[] frames = [rig.Frame([60, 700])];
        var received = new RxFrame[4];
        byte[] bytes = new byte[400];
        Round();
        Round();
        long before = GC.GetAllocatedBytesForCurrentThread();
        rig.Card.TxStalled = true; // the model allocates, the driver must not
        frames[0].Frame.AddReferences();
        rig.Nic.Transmit(frames);
        rig.Nic.Receive(received);
        Assert.AreEqual(before, GC.GetAllocatedBytesForCurrentThread());
        rig.Card.Deliver(bytes);
        before = GC.GetAllocatedBytesForCurrentThread();
        Assert.AreEqual(1, rig.Nic.Receive(received));
        received[0].Frame.Release();
        Assert.AreEqual(before, GC.GetAllocatedBytesForCurrentThread());
        frames[0].Frame.Release();

        void Round()
        {
            frames[0].Frame.AddReferences();
            rig.Nic.Transmit(frames);
            rig.Card.Deliver(bytes);
            rig.Nic.Receive(received);
            received[0].Frame.Release();
            rig.Nic.Receive(received);
        }
    }

    private static TxOffload Cut(int mss) => new()
    {
        Checksum = true,
        ChecksumStart = 34,
        ChecksumOffset = 16,
        Segmentation = Segmentation.Tcp4,
        MaximumSegmentSize = (ushort)mss,
        NetworkOffset = 14,
        HeaderLength = 66,
    };
}
