using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;

namespace FpgaNet.Driver.Tests;

/// <summary>Receive coalescing by the card: when it is asked for, with what bounds, and what comes up.</summary>
[TestClass]
public sealed class CoalescingTests
{
    private const uint Features = 0x701;

    [TestMethod]
    public void The_card_is_told_how_long_and_how_large_and_frames_come_up_with_their_segments()
    {
        using var card = new ScriptedPciFunction { Features = Features };
        using FpgaNic nic = FpgaNic.Open(card, new FpgaNicOptions
        {
            RxRingLog2 = 4,
            ReceiveBuffers = 40,
            CoalesceTimeout = TimeSpan.FromMicroseconds(70),
            CoalesceQuiet = TimeSpan.FromSeconds(1),
        });
        Assert.AreEqual(OffloadFeatures.TxChecksum | OffloadFeatures.RxChecksum | OffloadFeatures.RxHash | OffloadFeatures.RxCoalesce, nic.Capabilities.Features);
        Assert.AreEqual(70u | (4095u << 16), card.Register(CoalesceRegisters.Timeout));
        Assert.AreEqual(6000u, card.Register(CoalesceRegisters.MaximumLength), "what the card has is less than what was asked for");
        Assert.AreEqual(1u, card.Register(CoalesceRegisters.Control));

        Assert.IsTrue(card.Deliver(new byte[6000], new RxCompletion { Network = 1, Transport = 1, TransportChecksum = 1, CoalescedSegments = 5, SegmentSize = 1200 }));
        RxFrame[] frames = new RxFrame[1];
        Assert.AreEqual(1, nic.Receive(frames));
        Assert.AreEqual(6000, frames[0].Frame.Length);
        Assert.AreEqual(5, frames[0].Offload.CoalescedSegments);
        Assert.AreEqual(1200, frames[0].Offload.SegmentSize);
        frames[0].Frame.Release();

        nic.EnabledFeatures &= ~OffloadFeatures.RxCoalesce;
        Assert.AreEqual(0u, card.Register(CoalesceRegisters.Control));
        nic.EnabledFeatures |= OffloadFeatures.RxCoalesce;
        Assert.AreEqual(1u, card.Register(CoalesceRegisters.Control));
    }

    [TestMethod]
    [DataRow(4096, 8192, 4096)]
    [DataRow(8192, 5000, 5000)]
    [DataRow(8192, 8192, 6000)]
    [DataRow(2048, 8192, 0)] // no room for two
    [DataRow(8192, 0, 0)]
    public void No_frame_is_larger_than_the_buffers(int buffers, int wanted, int expected)
    {
        using var card = new ScriptedPciFunction { Features = Features };
        using BufferPool pool = new(40, buffers);
        using FpgaNic nic = FpgaNic.Open(card, new FpgaNicOptions { RxRingLog2 = 4, ReceivePool = pool, CoalescedLength = wanted });
        Assert.AreEqual(expected != 0, (nic.Capabilities.Features & OffloadFeatures.RxCoalesce) != OffloadFeatures.None);
        Assert.AreEqual(expected != 0 ? 1u : 0, card.Register(CoalesceRegisters.Control));
        if (expected != 0)
        {
            Assert.IsLessThanOrEqualTo((uint)pool.BufferSize, card.Register(CoalesceRegisters.MaximumLength));
            Assert.AreEqual((uint)expected, card.Register(CoalesceRegisters.MaximumLength));
        }
    }

    [TestMethod]
    public void Segments_without_a_size_are_bad_metadata()
    {
        using var rig = new Rig();
        rig.Card.Deliver(new byte[1400], new RxCompletion { Network = 1, Transport = 1, TransportChecksum = 1, CoalescedSegments = 2 });
        RxFrame frame = rig.Receive().Single();
        Assert.AreEqual(NetworkProtocol.Unknown, frame.Offload.Network);
        Assert.AreEqual(0, frame.Offload.CoalescedSegments);
        Assert.AreEqual(1ul, rig.Counter("driver_rx_bad_metadata"));
        frame.Frame.Release();
    }
}
