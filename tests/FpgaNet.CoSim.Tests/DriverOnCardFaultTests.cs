using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Sim.Cable;
using FpgaNet.Sim.Pci;
using FpgaNet.Testing;

namespace FpgaNet.CoSim.Tests;

/// <summary>Whatever goes wrong is counted, nothing leaks, no wrong byte goes anywhere, and frames flow afterwards.</summary>
[TestClass]
public sealed class DriverOnCardFaultTests
{
    [TestMethod]
    [DataRow(ReadFault.Poisoned, "driver_tx_error_poisoned", "pcie_read_errors")]
    [DataRow(ReadFault.UnsupportedRequest, "driver_tx_error_read_error", "pcie_read_errors")]
    [DataRow(ReadFault.CompleterAbort, "driver_tx_error_read_error", "pcie_read_errors")]
    [DataRow(ReadFault.Missing, "driver_tx_error_read_timeout", "pcie_read_timeouts")]
    [DataRow(ReadFault.Truncated, "driver_tx_error_read_timeout", "pcie_read_timeouts")]
    public void A_frame_whose_bytes_cannot_be_read_is_not_sent_and_the_next_ones_are(ReadFault fault, string error, string counter)
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        var sent = new List<byte[]>();
        rig.SpoilReadsOf(rig.TxPool, fault, skip: random.Next(1, 15));
        for (int i = 0; i < 20; i++)
        {
            byte[] frame = CardFrames.Raw(random, random.Next(60, 1515));
            sent.Add(frame);
            rig.Send(frame);
        }

        rig.RunUntilIdle();
        Assert.AreEqual(1ul, rig.Counter(error), rig.Describe());
        Assert.AreEqual(1ul, rig.Counter(counter));
        Assert.HasCount(19, rig.OnWire, rig.Describe());
        int missing = sent.FindIndex(f => !rig.OnWire.Any(w => w.AsSpan().SequenceEqual(f)));
        sent.RemoveAt(missing);
        foreach (byte[] frame in sent)
        {
            CollectionAssert.AreEqual(frame, rig.OnWire.Dequeue());
        }

        Assert.AreEqual(0ul, rig.Counter("driver_resets"), "one bad read is no reason for a reset");
        rig.CheckTraffic();
    }

    [TestMethod]
    [DataRow(ReadFault.Duplicated)]
    [DataRow(ReadFault.Unexpected)]
    public void A_completion_that_nobody_asked_for_does_no_harm(ReadFault fault)
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        rig.Card.Root.Faults.SpoilReads(fault, skip: random.Next(5), count: 10);
        rig.CheckTraffic(40);
        Assert.AreEqual(10, rig.Card.Root.Statistics.FaultsInjected);
        Assert.AreEqual(10ul, rig.Counter("pcie_unexpected_completions"), rig.Describe());
        Assert.AreEqual(0ul, rig.Counter("driver_resets"));
    }

    [TestMethod]
    public void A_completion_with_more_bytes_than_asked_for_is_not_believed()
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        rig.SpoilReadsOf(rig.TxPool, ReadFault.Overlong);
        byte[] frame = CardFrames.Raw(random, 700);
        rig.Send(frame);
        rig.RunUntilIdle();
        Assert.IsEmpty(rig.OnWire, rig.Describe());
        Assert.IsTrue(rig.Counter("driver_tx_error_read_timeout") + rig.Counter("driver_tx_error_read_error") == 1, rig.Describe());
        rig.CheckTraffic();
    }

    [TestMethod]
    [DataRow(ReadFault.Poisoned)]
    [DataRow(ReadFault.UnsupportedRequest)]
    [DataRow(ReadFault.CompleterAbort)]
    [DataRow(ReadFault.Missing)]
    public void Descriptors_that_cannot_be_read_end_in_a_reset_and_traffic_goes_on(ReadFault fault)
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        for (int round = 1; round <= 4; round++)
        {
            rig.CheckTraffic(4);
            rig.SpoilDescriptorReads(fault, skip: random.Next(4));
            for (int i = 0; rig.Counter("driver_resets") < (ulong)round; i++)
            {
                Assert.IsTrue(i < 2000, $"round {round}: the halted queue was not noticed; {rig.Describe()}");
                rig.TrySend(CardFrames.Raw(random, random.Next(60, 1515)));
                rig.Deliver(CardFrames.Raw(random, random.Next(60, 1515)));
                rig.Run(64);
            }

            Assert.AreEqual((ulong)round, rig.Counter("driver_misbehaved_queue_halted"), rig.Describe());
        }

        rig.CheckTraffic();
        Assert.AreEqual(0ul, rig.Counter("driver_function_resets"));
    }

    [TestMethod]
    public void A_function_reset_behind_the_drivers_back_is_noticed_and_traffic_goes_on()
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        rig.CheckTraffic();
        for (int i = 0; i < 8; i++)
        {
            rig.TrySend(CardFrames.Raw(random, 1000));
            rig.Deliver(CardFrames.Raw(random, 1000));
        }

        rig.Run(random.Next(1000, 8000));
        rig.Function.Reset();
        rig.RunUntil(() => rig.Counter("driver_resets") == 1, "the driver has set the card up again");
        rig.CheckTraffic();
    }

    [TestMethod]
    public void Resets_in_the_middle_of_traffic_never_bring_a_wrong_byte()
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        var sent = new List<byte[]>();
        for (int i = 0; i < 400; i++)
        {
            byte[] frame = CardFrames.Raw(random, random.Next(60, 1515));
            if (rig.TrySend(frame))
            {
                sent.Add(frame);
            }

            rig.Deliver(frame);
            rig.Run(64 * random.Next(20));
            if (random.Next(40) == 0)
            {
                rig.SpoilDescriptorReads(ReadFault.Poisoned);
            }
        }

        rig.Card.Root.Faults.Clear();
        rig.RunUntil(() => rig.Nic.State == DeviceState.Up && rig.Card.IsIdle && rig.TxPool.Available == rig.TxPool.BufferCount, "the device is idle again");
        int at = 0;
        foreach (byte[] got in rig.OnWire)
        {
            at = sent.FindIndex(at, f => f.AsSpan().SequenceEqual(got)) + 1;
            Assert.AreNotEqual(0, at, "a frame left that nobody sent, or out of order");
        }

        Assert.IsTrue(rig.Counter("driver_resets") >= 1, rig.Describe());
        rig.CheckTraffic();
    }

    [TestMethod]
    [DataRow(LineDefects.BadFrameCheck, "rx_bad_fcs")]
    [DataRow(LineDefects.PhyError, "rx_phy_error")]
    [DataRow(LineDefects.NoStartDelimiter, "rx_phy_error")]
    [DataRow(LineDefects.Cut, "rx_bad_fcs")]
    public void A_bad_frame_from_the_wire_is_counted_and_never_seen(LineDefects defects, string counter)
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        byte[] good = CardFrames.Raw(random, 300);
        for (int i = 0; i < 20; i++)
        {
            rig.Deliver(CardFrames.Raw(random, random.Next(200, 1515)), defects);
            rig.Deliver(good);
        }

        rig.RunUntilIdle();
        Assert.HasCount(20, rig.Received, rig.Describe());
        foreach ((byte[] bytes, _) in rig.Received)
        {
            CollectionAssert.AreEqual(good, bytes);
        }

        Assert.AreEqual(20ul, rig.Counter(counter), rig.Describe());
        rig.CheckTraffic();
    }

    [TestMethod]
    public void Frames_that_are_too_short_or_too_long_are_counted_and_never_seen()
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        rig.Deliver(CardFrames.Raw(random, 30), LineDefects.NoPadding);
        rig.Deliver(CardFrames.Raw(random, 59), LineDefects.NoPadding);
        rig.Deliver(CardFrames.Raw(random, 1519));
        rig.Deliver(CardFrames.Raw(random, 9000));
        rig.RunUntilIdle();
        Assert.IsEmpty(rig.Received);
        Assert.AreEqual(2ul, rig.Counter("rx_undersize"), rig.Describe());
        Assert.AreEqual(2ul, rig.Counter("rx_oversize"), rig.Describe());
        rig.CheckTraffic();
    }

    [TestMethod]
    public void A_checksum_outside_the_frame_is_refused_by_the_card_and_counted()
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        byte[] frame = CardFrames.Raw(random, 100);
        rig.Send(frame, new TxOffload { Checksum = true, ChecksumStart = 90, ChecksumOffset = 9 });
        rig.Send(frame, new TxOffload { Checksum = true, ChecksumStart = 200, ChecksumOffset = 0 });
        rig.Send(frame);
        rig.RunUntilIdle();
        CollectionAssert.AreEqual(frame, rig.OnWire.Single());
        Assert.AreEqual(2ul, rig.Counter("driver_tx_error_checksum_range"), rig.Describe());
        Assert.AreEqual(2ul, rig.Counter("tx_refused"));
        rig.CheckTraffic();
    }

    [TestMethod]
    public void A_stack_that_holds_every_buffer_loses_frames_but_not_the_card()
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        var held = new List<RxFrame>();
        var batch = new RxFrame[8];
        byte[] frame = CardFrames.Raw(random, 400);
        for (int i = 0; i < 300; i++)
        {
            rig.Deliver(frame);
            rig.Card.Step(600);
            int count = rig.Nic.Receive(batch);
            held.AddRange(batch.AsSpan(0, count).ToArray());
        }

        Assert.HasCount(128 - 32, held, rig.Describe());
        Assert.IsTrue(rig.Counter("driver_rx_no_buffer") > 100, rig.Describe());
        held.ForEach(static f => f.Frame.Release());
        rig.CheckTraffic();
    }
}
