using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Tests.Devices;

namespace FpgaNet.Packets.Tests.Offload;

/// <summary>Tags taken out of received frames by software, where the device does not.</summary>
[TestClass]
public sealed class VlanStripTests
{
    private readonly TcpSample _tagged = new() { Vlan = 5, Payload = [1, 2, 3] };

    [TestMethod]
    public void The_outermost_tag_goes_from_the_frame_into_what_is_known_of_it()
    {
        using BufferPool pool = new(4, 2048);
        using RecordingDevice device = new(OffloadFeatures.None);
        using SoftwareOffload software = new(device);
        byte[] bytes = _tagged.ToArray();
        RxFrame[] received = Receive(software, device, new RxFrame { Frame = Frames.Of(pool, bytes).Frame });
        byte[] stripped = [.. bytes[..12], .. bytes[16..]];
        CollectionAssert.AreEqual(stripped, Frames.Bytes(received[0].Frame));
        RxOffload seen = received[0].Offload;
        Assert.IsTrue(seen is { HasVlan: true, VlanStripped: true, VlanTag: 5, NetworkOffset: 14, TransportOffset: 34 });
        Assert.AreEqual(ChecksumVerdict.Good, seen.TransportChecksum, "what is found out holds for the frame as it is now");
        Assert.AreEqual(1UL, Frames.Counter(software, "sw_rx_vlan_stripped"));
        Frames.ReleaseAll(received);
        Assert.AreEqual(pool.BufferCount, pool.Available);
    }

    [TestMethod]
    public void What_a_device_knew_moves_along_and_an_inner_tag_stays()
    {
        using BufferPool pool = new(4, 2048);
        using RecordingDevice device = new(OffloadFeatures.None);
        using SoftwareOffload software = new(device);
        byte[] bytes = _tagged.ToArray();
        bytes = [.. bytes[..12], 0x88, 0xA8, 0x20, 0x07, .. bytes[12..]];
        RxOffload known = new() { Network = NetworkProtocol.IPv4, NetworkOffset = 22, Transport = TransportProtocol.Tcp, TransportOffset = 42, NetworkChecksum = ChecksumVerdict.Good, TransportChecksum = ChecksumVerdict.Good, HashType = RssHashType.TcpIPv4 };
        RxFrame[] received = Receive(software, device, new RxFrame { Frame = Frames.Of(pool, bytes).Frame, Offload = known });
        byte[] stripped = [.. bytes[..12], .. bytes[16..]];
        CollectionAssert.AreEqual(stripped, Frames.Bytes(received[0].Frame));
        Assert.IsTrue(received[0].Offload is { VlanStripped: true, VlanTag: 0x2007, NetworkOffset: 18, TransportOffset: 38 });
        Frames.ReleaseAll(received);
    }

    [TestMethod]
    public void A_tag_stays_when_it_may_not_be_taken_out_when_nobody_asks_and_when_the_device_did_it()
    {
        using BufferPool pool = new(4, 2048);
        using RecordingDevice device = new(OffloadFeatures.RxVlanStrip);
        using SoftwareOffload software = new(device);
        byte[] bytes = _tagged.ToArray();
        TxFrame shared = Frames.Of(pool, bytes);
        device.EnabledFeatures = OffloadFeatures.None;
        shared.Frame.AddReferences();
        Expect(bytes, new RxFrame { Frame = shared.Frame }, stripped: false);
        shared.Frame.Release();

        software.EnabledFeatures = OffloadFeatures.All & ~OffloadFeatures.RxVlanStrip;
        Expect(bytes, new RxFrame { Frame = Frames.Of(pool, bytes).Frame }, stripped: false);

        software.EnabledFeatures = OffloadFeatures.All;
        Assert.AreEqual(OffloadFeatures.RxVlanStrip, device.EnabledFeatures, "switched on for the device, too");
        byte[] inner = [.. bytes[..12], 0x81, 0x00, 0x00, 0x09, .. bytes[16..]];
        RxOffload done = new() { HasVlan = true, VlanStripped = true, VlanTag = 5 };
        Expect(inner, new RxFrame { Frame = Frames.Of(pool, inner).Frame, Offload = done }, stripped: true); // and not a second time
        Assert.AreEqual(0UL, software.Work.VlanTagsStripped);
        Assert.AreEqual(pool.BufferCount, pool.Available);

        void Expect(byte[] expected, RxFrame frame, bool stripped)
        {
            RxFrame[] received = Receive(software, device, frame);
            CollectionAssert.AreEqual(expected, Frames.Bytes(received[0].Frame));
            Assert.AreEqual(5, received[0].Offload.VlanTag);
            Assert.AreEqual(stripped, received[0].Offload.VlanStripped);
            Frames.ReleaseAll(received);
        }
    }

    [TestMethod]
    public void Segments_of_different_networks_stay_apart_without_their_tags()
    {
        using BufferPool pool = new(8, 2048);
        using RecordingDevice device = new(OffloadFeatures.None);
        using SoftwareOffload software = new(device);
        byte[] payload = new byte[100];
        TcpSample first = new() { Vlan = 5, Payload = payload, Sequence = 1000, Identification = 1 };
        TcpSample next = first with { Sequence = 1100, Identification = 2 };
        RxFrame[] received = Receive(software, device, Of(first), Of(next));
        Assert.AreEqual(2, received[0].Offload.CoalescedSegments);
        Frames.ReleaseAll(received);
        received = Receive(software, device, Of(first), Of(next with { Vlan = 6 }));
        Assert.HasCount(2, received);
        Frames.ReleaseAll(received);

        RxFrame Of(TcpSample sample) => new() { Frame = Frames.Of(pool, sample.ToArray()).Frame };
    }

    private static RxFrame[] Receive(SoftwareOffload software, RecordingDevice device, params RxFrame[] frames)
    {
        Array.ForEach(frames, device.Feed);
        RxFrame[] received = new RxFrame[8];
        return received[..software.Receive(received)];
    }
}
