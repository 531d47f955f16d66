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

    [TestMethod]
    public void Launch_times_and_stamps_pass_the_pipe()
    {
        const int Frames = 20;
        Random random = TestSeed.Random();
        using DriverOnUsb rig = new(random);
        List<long> launches = [];
        long time = rig.Nic.Clock!.Read() + 300_000;
        for (int i = 0; i < Frames; i++)
        {
            bool timed = random.Next(4) != 0;
            launches.Add(timed ? time : 0);
            rig.Send(CardFrames.Raw(random, random.Next(60, 1515)), new TxOffload { LaunchTime = launches[i], TimestampId = (ushort)(i + 1) });
            time += timed ? random.Next(15_000, 90_000) : 0;
        }

        rig.RunUntil(() => rig.OnWire.Count == Frames, "all are on the wire");
        rig.Run(5_000);
        for (int i = 0; i < Frames; i++)
        {
            Assert.IsTrue(rig.Nic.TryTakeTransmitTimestamp(out TransmitTimestamp stamp));
            Assert.AreEqual((ushort)(i + 1), stamp.Id);
            Assert.IsTrue(
                launches[i] == 0 ? stamp.Time > 0 : stamp.Time >= launches[i] && stamp.Time < launches[i] + rig.Nic.Clock.Resolution,
                $"frame {i} left {stamp.Time - launches[i]} ns behind its time");
        }
    }
}
