using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Testing;

namespace FpgaNet.CoSim.Tests.Usb;

/// <summary>The driver, the simulated chip and the Verilated USB card together.</summary>
[TestClass]
public sealed class DriverOnUsbTests
{
    [TestMethod]
    public void A_card_on_USB_says_what_it_is()
    {
        using DriverOnUsb rig = new(TestSeed.Random());
        Assert.AreEqual(8, rig.Nic.Card.DataWidth);
        Assert.AreEqual(DeviceState.Up, rig.Nic.State);
        Assert.AreNotEqual(OffloadFeatures.None, rig.Nic.Capabilities.Features & OffloadFeatures.TxChecksum);
    }

    [TestMethod]
    public void Frames_go_both_ways_through_an_awkward_chip()
    {
        using DriverOnUsb rig = new(TestSeed.Random());
        rig.CheckTraffic(150);
        Assert.AreEqual(0ul, rig.Counter("usb_bad_packets"));
        Assert.AreEqual(0ul, rig.Counter("usb_overrun_packets"));
        Assert.AreEqual(0ul, rig.Counter("driver_tx_lost_on_pipe"));
        Assert.AreEqual(0ul, rig.Counter("driver_resets"));
    }
}
