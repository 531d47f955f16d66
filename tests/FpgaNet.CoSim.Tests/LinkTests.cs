using FpgaNet.CoSim.Tests.Usb;
using FpgaNet.Packets.Devices;
using FpgaNet.Sim;
using FpgaNet.Testing;

namespace FpgaNet.CoSim.Tests;

/// <summary>The cable as the host sees it: by the registers of a PHY behind the card's MDIO pins.</summary>
[TestClass]
public sealed class LinkTests
{
    // Clocks: no part of MDC's period of 50, so that resets meet every place in it.
    private const int ResetStep = 1237;

    private static readonly DeviceLink s_gigabit = new(1_000_000_000, FullDuplex: true);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void The_cable_is_pulled_and_put_back(bool usb)
    {
        Random random = TestSeed.Random();
        using DriverRig rig = Open(random, usb);
        Assert.AreEqual((DeviceState.Up, s_gigabit), (rig.Nic.State, rig.Nic.Link), "a link that is there is seen at once");
        rig.CheckTraffic(4);
        for (int i = 0; i < 3; i++)
        {
            rig.Phy.LinkUp = false;
            Watch(rig, DeviceState.NoCarrier);
            ulong dropped = rig.Counter("driver_tx_no_carrier");
            Assert.IsTrue(rig.TrySend(CardFrames.Raw(random, 100)));
            Assert.AreEqual(dropped + 1, rig.Counter("driver_tx_no_carrier"));
            rig.Phy.LinkUp = true;
            Watch(rig, DeviceState.Up);
            rig.CheckTraffic(4);
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void The_PHY_is_told_to_offer_what_the_card_can_do(bool usb)
    {
        using DriverRig rig = Open(TestSeed.Random(), usb);
        LinkModes expected = usb ? LinkModes.Full10 | LinkModes.Full100 | LinkModes.Full1000 : LinkModes.Full1000;
        Assert.AreEqual(expected, rig.Phy.Management!.Registers.Offered);
    }

    [TestMethod]
    [DataRow(LinkModes.UpTo100, true, 100_000_000, true)]
    [DataRow(LinkModes.Half10 | LinkModes.Full10, true, 10_000_000, true)]
    [DataRow(LinkModes.Full100, false, 100_000_000, false)]
    [DataRow(LinkModes.Half10, false, 10_000_000, false)]
    [DataRow(LinkModes.All, true, 1_000_000_000, true)]
    public void Speed_and_duplex_are_what_the_other_end_can_do(LinkModes partner, bool negotiates, long bitsPerSecond, bool fullDuplex)
    {
        using DriverRig rig = Open(TestSeed.Random(), usb: true);
        rig.Phy.LinkUp = false;
        Watch(rig, DeviceState.NoCarrier);
        rig.Phy.Management!.Registers.Partner = partner;
        rig.Phy.Management.Registers.PartnerNegotiates = negotiates;
        rig.Phy.LinkUp = true;
        Watch(rig, DeviceState.Up);
        Assert.AreEqual(new DeviceLink(bitsPerSecond, fullDuplex), rig.Nic.Link);
        Assert.AreEqual(bitsPerSecond, 10_000_000 * Math.Pow(10, rig.Phy.Speed), "the MAC's speed follows");
    }

    [TestMethod]
    public void A_gigabit_card_has_no_link_with_an_end_that_is_slower()
    {
        using DriverRig rig = Open(TestSeed.Random(), usb: false);
        rig.Phy.Management!.Registers.Partner = LinkModes.UpTo100;
        Watch(rig, DeviceState.NoCarrier);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_PHY_that_is_pulled_has_no_link(bool usb)
    {
        using DriverRig rig = Open(TestSeed.Random(), usb);
        rig.Phy.Management!.IsPresent = false;
        Watch(rig, DeviceState.NoCarrier);
        rig.Phy.Management.IsPresent = true;
        Watch(rig, DeviceState.Up);
        rig.CheckTraffic(4);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_PHY_is_found_where_it_is(bool usb)
    {
        Random random = TestSeed.Random();
        using DriverRig rig = Open(random, usb, card => card.Phy.Management!.Address = random.Next(32));
        Assert.AreEqual((DeviceState.Up, s_gigabit), (rig.Nic.State, rig.Nic.Link));
        rig.CheckTraffic(4);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Without_a_PHY_there_is_no_link(bool usb)
    {
        using DriverRig rig = Open(TestSeed.Random(), usb, static card => card.Phy.Management!.IsPresent = false);
        Assert.AreEqual(DeviceState.NoCarrier, rig.Nic.State);
    }

    [TestMethod]
    public void Negotiation_takes_its_time()
    {
        using DriverRig rig = Open(TestSeed.Random(), usb: false, static card => card.Phy.Management!.Registers.IsNegotiating = true);
        Assert.AreEqual(DeviceState.NoCarrier, rig.Nic.State);
        rig.Phy.Management!.Registers.IsNegotiating = false;
        Watch(rig, DeviceState.Up);
        rig.CheckTraffic(4);
    }

    [TestMethod]
    public void A_reset_of_the_card_leaves_the_link()
    {
        using DriverOnCard rig = new(TestSeed.Random());
        rig.CheckTraffic(4);
        long frames = rig.Phy.Management!.Frames;
        rig.Card.Reset();
        rig.RunUntil(() => rig.Counter("driver_resets") == 1, "the reset is noticed");
        Assert.AreEqual(DeviceState.Up, rig.Nic.State);
        rig.CheckTraffic();
        Assert.IsGreaterThan(frames, rig.Phy.Management.Frames, "the card still follows the PHY");
        Assert.AreEqual(0ul, rig.Counter("driver_tx_no_carrier"));
        rig.Phy.LinkUp = false;
        Watch(rig, DeviceState.NoCarrier);
    }

    // The PHY counts the bits of a frame on: a frame that a reset cut short or bent would break a rule of its pins.
    [TestMethod]
    public void A_reset_in_the_middle_of_a_frame_to_the_PHY_leaves_it_whole()
    {
        using DriverOnCard rig = new(TestSeed.Random());
        MdioTarget phy = rig.Phy.Management!;
        for (int i = 0; i < 200; i++)
        {
            rig.Card.Step(ResetStep);
            rig.Card.Reset();
        }

        long frames = phy.Frames;
        rig.Card.Step(1 << 15);
        Assert.IsGreaterThan(frames, phy.Frames, "the card still follows the PHY");
        rig.RunUntil(() => rig.Counter("driver_resets") != 0, "the resets are noticed");
        rig.CheckTraffic();
    }

    private static DriverRig Open(Random random, bool usb, Action<SimulatedBoard>? prepare = null) =>
        usb ? new DriverOnUsb(random, prepare: prepare) : new DriverOnCard(random, prepare: prepare);

    /// <summary>Runs the card until the driver, asked now and then as a stack does, says so.</summary>
    private static void Watch(DriverRig rig, DeviceState state) =>
        rig.RunUntil(
            () =>
            {
                rig.Nic.ArmWake(static () => { });
                return rig.Nic.State == state;
            },
            $"the device is {state}");
}
