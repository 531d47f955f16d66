using FpgaNet.Packets.Devices;
using FpgaNet.Sim;
using FpgaNet.Sim.Usb;
using FpgaNet.Testing;

namespace FpgaNet.CoSim.Tests.Usb;

/// <summary>
/// The driver on a card behind an FT600 or FT601: words of 16 or 32 bits, byte enables, and a request for every transfer. The cards' data paths are of 32 and 64 bits
/// (<c>models.mk</c>), those of other tests of 8.
/// </summary>
[TestClass]
public sealed class Ft600Tests
{
    [TestMethod]
    [DataRow(16, 0.0)]
    [DataRow(16, 0.1)]
    [DataRow(32, 0.0)]
    [DataRow(32, 0.01)]
    [DataRow(32, 0.1)]
    public void Frames_go_both_ways_through_an_awkward_chip(int bits, double stall)
    {
        Random random = TestSeed.Random();
        using DriverOnUsb rig = new(random, Chip(bits) with { Stall = stall, Seed = random.Next() }, model: Model(bits));
        Assert.AreEqual(2 * bits, rig.Nic.Card.DataWidth);
        rig.CheckTraffic(100);
        Assert.AreEqual(0ul, rig.Counter("usb_bad_packets"));
        Assert.AreEqual(0ul, rig.Counter("driver_rx_bad_packets"));
        Assert.AreEqual(0ul, rig.Counter("usb_overrun_packets"));
        Assert.AreEqual(0ul, rig.Counter("driver_tx_lost_on_pipe"));
        Assert.AreEqual(0ul, rig.Counter("driver_resets"));
    }

    [TestMethod]
    [DataRow(16)]
    [DataRow(32)]
    public void A_plug_that_is_pulled_leaves_no_frame_behind(int bits)
    {
        Random random = TestSeed.Random();
        using DriverOnUsb rig = new(random, Chip(bits), model: Model(bits));
        rig.CheckTraffic(5);
        rig.Device.Plugged = false;
        for (int i = 0; i < 10; i++)
        {
            rig.TrySend(CardFrames.Raw(random, 500));
            rig.Run(2048);
        }

        rig.RunUntil(() => rig.Nic.State == DeviceState.Failed, "the driver gives up", 40_000_000);
        Assert.AreEqual(rig.TxPool.BufferCount, rig.TxPool.Available);
    }

    // Gigabit Ethernet's own pace is 986 Mb/s for such frames; the card takes a byte a clock of 125 MHz off the pipe, flags, headers and escapes among them.
    [TestMethod]
    [DataRow(16, true)]
    [DataRow(16, false)]
    [DataRow(32, true)]
    [DataRow(32, false)]
    public void The_wire_is_nearly_full(int bits, bool transmit)
    {
        const int Frames = 300, Length = 1514;
        using DriverOnUsb rig = new(new Random(1), Chip(bits) with { Stall = 0 }, model: Model(bits));
        byte[] frame = CardFrames.Raw(new Random(2), Length);
        long start = rig.Card.Cycles;
        for (int i = 0; i < Frames; i++)
        {
            if (transmit)
            {
                rig.Send(frame);
            }
            else
            {
                rig.Deliver(frame);
            }
        }

        rig.RunUntil(() => transmit ? rig.OnWire.Count == Frames : rig.Received.Count >= Frames * 9 / 10, "frames have come through");
        double megabits = (double)(transmit ? Frames : rig.Received.Count) * Length * 8 / ((rig.Card.Cycles - start) * SimulatedBoard.NanosecondsPerCycle) * 1000;
        Console.WriteLine($"{megabits:F0} Mb/s");
        Assert.IsGreaterThan(800, megabits);
    }

    private static Ft245ChipOptions Chip(int bits) => bits == 16 ? Ft245ChipOptions.Ft600 : Ft245ChipOptions.Ft601;

    private static string Model(int bits) => bits == 16 ? "fn_nic_usb_ft600" : "fn_nic_usb_ft601";
}
