using FpgaNet.Packets.Offload;
using FpgaNet.Testing;

namespace FpgaNet.CoSim.Tests.Usb;

/// <summary>The card with all left out that the smallest board has no room for: stores of 2048 bytes, no store at the MAC, checksums and nothing else.</summary>
[TestClass]
public sealed class SmallCardTests
{
    private const string Model = "fn_nic_usb_small";

    [TestMethod]
    public void It_says_what_it_has_and_no_more()
    {
        using DriverOnUsb rig = new(TestSeed.Random(), model: Model);
        OffloadFeatures features = rig.Nic.Capabilities.Features;
        Assert.AreEqual(OffloadFeatures.TxChecksum | OffloadFeatures.RxChecksum, features);
        Assert.IsNull(rig.Nic.Clock);
    }

    [TestMethod]
    public void Frames_of_every_length_go_both_ways()
    {
        using DriverOnUsb rig = new(TestSeed.Random(), model: Model);
        rig.CheckTraffic(150);
        Assert.AreEqual(0ul, rig.Counter("rx_overflow"));
        Assert.AreEqual(0ul, rig.Counter("driver_resets"));
    }

    [TestMethod]
    public void More_short_frames_than_it_has_places_for_wait_or_are_counted()
    {
        const int Frames = 300;
        Random random = TestSeed.Random();
        using DriverOnUsb rig = new(random, model: Model);
        var sent = new List<byte[]>();
        for (int i = 0; i < Frames; i++)
        {
            byte[] bytes = CardFrames.Raw(random, 60);
            sent.Add(bytes);
            rig.Deliver(bytes);
        }

        // The driver has buffers for 32 at a time; of what the card hands up, it counts those for which it had none.
        ulong taken = 0;
        rig.RunUntil(() => (taken = rig.Counter("rx_frames")) + rig.Counter("rx_overflow") == Frames, "all are taken or counted");
        rig.RunUntil(() => (ulong)rig.Received.Count + rig.Counter("driver_rx_no_buffer") == taken, "what was taken has arrived");
        Assert.AreNotEqual(0ul, rig.Counter("rx_overflow"), "the card was never full");
        int at = 0;
        foreach ((byte[] bytes, RxOffload _) in rig.Received)
        {
            at = sent.FindIndex(at, s => s.AsSpan().SequenceEqual(bytes)) + 1;
            Assert.AreNotEqual(0, at, "a frame that was not sent, or out of its order");
        }

        rig.CheckTraffic();
    }
}
