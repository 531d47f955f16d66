using FpgaNet.CoSim.Tests.Usb;
using FpgaNet.Driver;
using FpgaNet.Packets.Wire;
using FpgaNet.Sim.Cable;
using FpgaNet.Testing;

namespace FpgaNet.CoSim.Tests;

/// <summary>802.3x flow control as the driver switches it on, both ways (docs/mac.md).</summary>
[TestClass]
public sealed class FlowControlTests
{
    private const int FrameLength = 200;

    /// <summary>A quantum, and what a frame has on the line besides its bytes, in byte times: cycles at a gigabit.</summary>
    private const int Quantum = PauseFrame.QuantumBits / 8;
    private const int Preamble = 8;
    private const int FrameCheck = 4;

    private static readonly MacAddress s_peer = new(0x02_00_5E_00_00_09);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_peer_s_pause_stops_the_card_and_lets_it_go_to_the_clock(bool usb)
    {
        Random random = TestSeed.Random();
        using DriverRig rig = Open(random, usb);
        rig.Nic.FlowControl = FlowControl.Receive;
        Assert.AreEqual(0UL, rig.Counter("rx_pause")); // a read behind the write
        List<byte[]> sent = [];
        long expected = 0;
        for (int round = 0; round < 4; round++)
        {
            int quanta = random.Next(30, 100);
            while (rig.TxPool.Available > 100 && CardFrames.Raw(random, FrameLength) is var frame && rig.TrySend(frame))
            {
                sent.Add(frame);
            }

            // From here on nobody but this loop runs the card, which has frames for longer than the pause.
            rig.Deliver(PauseFrame.Make(s_peer, (ushort)quanta));
            long before = rig.Phy.Counters.ToCard;
            while (rig.Phy.Counters.ToCard == before)
            {
                rig.Step();
            }

            // The first byte of its preamble has been on the pins in this cycle.
            long end = rig.Cycles + Preamble + 60 + FrameCheck - 1;
            List<long> starts = [];
            while (rig.Cycles < end + ((quanta + 10) * Quantum))
            {
                long frames = rig.Phy.Counters.FromCard;
                rig.Step();
                if (rig.Phy.Counters.FromCard != frames)
                {
                    starts.Add(rig.Cycles - 1 - FrameCheck - FrameLength - Preamble);
                }
            }

            // Annex 31B.3.7: at 1 Gb/s no frame begins later than two quanta behind the frame that asks.
            long resumed = starts.First(start => start > end + (2 * Quantum));
            long late = resumed - end - (quanta * Quantum);
            Assert.IsInRange(0, Quantum, late, $"{quanta} quanta");
            Assert.AreEqual(round == 0 ? late : expected, late, $"{quanta} quanta: not to the clock");
            expected = late;
            rig.Run(6000);
        }

        rig.RunUntil(() => rig.OnWire.Count == sent.Count, "all that was sent has arrived");
        CollectionAssert.AreEqual(sent.SelectMany(static f => f).ToArray(), rig.OnWire.SelectMany(static f => f).ToArray());
        Assert.IsEmpty(rig.Received, "a PAUSE frame that is obeyed is handed up to nobody");
        Assert.AreEqual(4UL, rig.Counter("rx_pause"));
    }

    [TestMethod]
    [DataRow(false, 4_000)]
    [DataRow(true, 12_000)]
    public void A_card_that_is_held_for_longer_than_a_stuck_one_is_waited_for_is_not_reset(bool usb, int quanta)
    {
        Random random = TestSeed.Random();
        using DriverRig rig = Open(random, usb);
        rig.Nic.FlowControl = FlowControl.Both;
        Assert.AreEqual(0UL, rig.Counter("rx_pause")); // a read behind the write
        rig.Deliver(PauseFrame.Make(s_peer, (ushort)quanta));
        long until = rig.Cycles + ((quanta - 10) * Quantum);
        rig.Run(2_000);
        byte[] frame = CardFrames.Raw(random, FrameLength);
        rig.Send(frame);
        while (rig.Cycles < until)
        {
            rig.Run(64);
        }

        Assert.IsEmpty(rig.OnWire, rig.Describe());
        rig.RunUntil(() => rig.OnWire.Count == 1, "the pause ends");
        Assert.AreEqual(0UL, rig.Counter("driver_resets"));
        CollectionAssert.AreEqual(frame, rig.OnWire.Dequeue());
    }

    [TestMethod]
    public void It_outlives_a_reset_of_the_card()
    {
        Random random = TestSeed.Random();
        using DriverOnCard rig = new(random);
        rig.Nic.FlowControl = FlowControl.Receive;
        rig.Card.Reset();
        rig.RunUntil(() => rig.Counter("driver_resets") == 1, "the driver finds its card reset");
        rig.CheckTraffic();
        rig.Deliver(PauseFrame.Make(s_peer, 100));
        rig.RunUntil(() => rig.Counter("rx_pause") == 1, "the PAUSE frame is obeyed");
        rig.Nic.FlowControl = FlowControl.None;
        rig.RunUntilIdle();
        rig.Received.Clear();
        byte[] pause = PauseFrame.Make(s_peer, 100);
        rig.Deliver(pause);
        rig.RunUntil(() => rig.Received.Count == 1, "a PAUSE frame is a frame as others");
        CollectionAssert.AreEqual(pause, rig.Received.Dequeue().Bytes);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_card_whose_host_stops_holds_its_peer_and_loses_nothing(bool flowControl)
    {
        const int Frames = 240;
        Random random = TestSeed.Random();
        using DriverOnCard rig = new(random);
        rig.Phy.ObeysPause = true;
        rig.Nic.FlowControl = flowControl ? FlowControl.Transmit : FlowControl.None;
        rig.Receiving = false;
        List<byte[]> sent = Deliver(rig, random, Frames);
        rig.RunUntil(() => rig.Counter(flowControl ? "tx_pause" : "rx_overflow") > 0, "the card is full");
        rig.Run(20_000);
        rig.Receiving = true;
        rig.RunUntil(() => (ulong)rig.Received.Count + rig.Counter("rx_overflow") == Frames, "all have arrived or are counted");
        if (flowControl)
        {
            Check(rig, sent);
        }
        else
        {
            Assert.IsLessThan(Frames, rig.Received.Count);
        }
    }

    [TestMethod]
    public void A_card_on_a_bus_slower_than_the_wire_holds_its_peer_and_loses_nothing()
    {
        const int Frames = 160;
        Random random = TestSeed.Random();
        using DriverOnUsb rig = new(random);
        rig.Phy.ObeysPause = true;
        rig.Nic.FlowControl = FlowControl.Transmit;
        List<byte[]> sent = Deliver(rig, random, Frames);
        rig.RunUntil(() => rig.Received.Count == Frames, "all have arrived");
        Check(rig, sent);
    }

    [TestMethod]
    public void A_card_without_says_so()
    {
        using DriverOnUsb rig = new(TestSeed.Random(), model: "fn_nic_usb_small");
        Assert.ThrowsExactly<NotSupportedException>(() => rig.Nic.FlowControl = FlowControl.Receive);
        rig.Nic.FlowControl = FlowControl.None;
        Assert.AreEqual(FlowControl.None, rig.Nic.FlowControl);
    }

    private static List<byte[]> Deliver(DriverRig rig, Random random, int frames)
    {
        List<byte[]> sent = [.. Enumerable.Range(0, frames).Select(_ => CardFrames.Raw(random, random.Next(1000, 1515)))];
        sent.ForEach(frame => rig.Deliver(frame));
        return sent;
    }

    private static void Check(DriverRig rig, List<byte[]> sent)
    {
        Assert.IsGreaterThan(0UL, rig.Counter("tx_pause"));
        Assert.AreEqual(0UL, rig.Counter("rx_overflow"));
        Assert.IsEmpty(rig.OnWire, "the peer obeys PAUSE frames and hands them on to nobody");
        CollectionAssert.AreEqual(sent.SelectMany(static f => f).ToArray(), rig.Received.SelectMany(static f => f.Bytes).ToArray());
    }

    private static DriverRig Open(Random random, bool usb) => usb ? new DriverOnUsb(random) : new DriverOnCard(random);
}
