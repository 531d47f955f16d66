using FpgaNet.Packets.Offload;
using FpgaNet.Sim.Cable;
using FpgaNet.Sim.Pci;
using FpgaNet.Stack.Network;
using FpgaNet.Testing;

namespace FpgaNet.CoSim.Tests;

/// <summary>TCP between a stack on the Verilated card and one in software: who pays for what, what a bad wire does, and that a run can be had again.</summary>
[TestClass]
public sealed class StackOnCardTests
{
    private const int KiB = 1024;

    [TestMethod]
    public void A_stream_crosses_both_ways_and_the_card_does_the_checksums()
    {
        using StackOnCardHosts hosts = new();
        TimeSpan took = hosts.Exchange(1024 * KiB, TimeSpan.FromSeconds(1));

        // 1 MiB at the wire's own speed is 8.9 ms with all headers, and windows begin small: whoever sleeps through an interrupt needs longer.
        Assert.IsLessThan(TimeSpan.FromMilliseconds(11), took);
        ulong sent = hosts["tx_frames"];
        ulong received = hosts["rx_frames"];
        Assert.IsGreaterThan(700UL, sent);
        Assert.IsGreaterThan(700UL, received);
        Assert.AreEqual(0UL, hosts.Offload.Work.ChecksumsComputed, "the CPU computed checksums that the card was to insert");
        Assert.AreEqual(0UL, hosts.Offload.Work.ChecksumsVerified, "the CPU verified checksums that the card was to verify");
        Assert.AreEqual(0UL, hosts.Offload.Work.Hashes, "the CPU hashed what the card was to hash");

        // All but ARP is TCP.
        Assert.IsInRange(sent - 4, sent - 1, hosts["tx_checksums"]);
        Assert.IsInRange(received - 4, received - 1, hosts["rx_checksum_good"]);
        CheckNoErrors(hosts);
        hosts.CheckCleanEnd();
    }

    [TestMethod]
    public void A_stream_crosses_both_ways_and_the_CPU_does_the_checksums_when_the_card_is_told_not_to()
    {
        using StackOnCardHosts hosts = new(cardFeatures: OffloadFeatures.None);
        hosts.Exchange(1024 * KiB, TimeSpan.FromSeconds(1));
        ulong sent = hosts["tx_frames"];
        ulong received = hosts["rx_frames"];
        Assert.AreEqual(0UL, hosts["tx_checksums"]);
        Assert.AreEqual(0UL, hosts["rx_checksum_good"]);
        Assert.AreEqual(0UL, hosts["rx_hashed"]);
        Assert.IsInRange(sent - 4, sent - 1, hosts.Offload.Work.ChecksumsComputed);
        Assert.IsInRange(received - 4, received - 1, hosts.Offload.Work.ChecksumsVerified);
        CheckNoErrors(hosts);
        hosts.CheckCleanEnd();
    }

    // The same transfer with the card cutting, and with the CPU: the same bytes, with a fraction of the descriptors.
    [TestMethod]
    public void The_card_cuts_what_the_stack_sends()
    {
        ulong descriptors = Exchange(OffloadFeatures.All, out ulong frames);
        ulong descriptorsBySoftware = Exchange(~OffloadFeatures.TxSegmentation, out ulong framesBySoftware);
        Assert.IsLessThan(descriptorsBySoftware / 2, descriptors, "descriptors, acknowledgements among them");
        Assert.IsInRange(framesBySoftware * 9 / 10, framesBySoftware * 11 / 10, frames, "frames on the wire");

        static ulong Exchange(OffloadFeatures features, out ulong frames)
        {
            using StackOnCardHosts hosts = new();
            hosts.Nic.EnabledFeatures &= features;
            hosts.Exchange(512 * KiB, TimeSpan.FromSeconds(1));
            frames = hosts["tx_frames"];
            ulong cut = hosts["tx_segmented"];
            ulong segments = hosts["tx_segments"];
            bool byCard = (features & OffloadFeatures.TxSegmentation) != OffloadFeatures.None;
            Assert.AreEqual(byCard, cut != 0);
            Assert.AreEqual(!byCard, hosts.Offload.Work.FramesSegmented != 0);
            Assert.AreEqual(frames, hosts["driver_tx_frames"] - cut + segments, "what is not cut goes as it is");
            ulong descriptors = hosts["driver_tx_frames"];
            CheckNoErrors(hosts);
            hosts.CheckCleanEnd();
            return descriptors;
        }
    }

    // The peer's segments come in fewer frames, of which each says how many it was made of: the stack acknowledges and counts as if they had come one by one.
    [TestMethod]
    [DataRow(null)]
    [DataRow(6)]
    public void The_card_merges_what_the_peer_sends(int? badWireSeed)
    {
        using StackOnCardHosts hosts = new(wire: badWireSeed is { } seed ? BadWire(seed) : null, receiveBuffer: 8192);
        Assert.IsTrue(hosts.Nic.Capabilities.Features.HasFlag(OffloadFeatures.RxCoalesce));
        hosts.Exchange(512 * KiB, TimeSpan.FromSeconds(60));
        ulong joined = hosts["rx_coalesced_segments"];
        Assert.IsGreaterThan(100UL, joined);
        Assert.AreEqual(hosts["rx_frames"], hosts["driver_rx_frames"]);
        Assert.AreEqual(0UL, hosts["driver_rx_error_buffer_too_small"]);
        if (badWireSeed is null)
        {
            Assert.AreEqual((ulong)hosts.Wire.Second.SentCounters.Delivered, hosts["rx_frames"] + joined, "frames on the wire");
            CheckNoErrors(hosts);
        }

        hosts.CheckCleanEnd();
    }

    [TestMethod]
    [DataRow(OffloadFeatures.TxChecksum)]
    [DataRow(OffloadFeatures.RxChecksum)]
    [DataRow(OffloadFeatures.RxHash)]
    public void Each_offload_works_without_the_others(OffloadFeatures feature)
    {
        using StackOnCardHosts hosts = new(cardFeatures: feature);
        hosts.Exchange(64 * KiB, TimeSpan.FromSeconds(1));
        Assert.AreEqual(feature == OffloadFeatures.TxChecksum, hosts["tx_checksums"] != 0, "transmit checksums by the card");
        Assert.AreEqual(feature != OffloadFeatures.TxChecksum, hosts.Offload.Work.ChecksumsComputed != 0, "transmit checksums by the CPU");
        Assert.AreEqual(feature == OffloadFeatures.RxChecksum, hosts["rx_checksum_good"] != 0, "receive checksums by the card");
        Assert.AreEqual(feature != OffloadFeatures.RxChecksum, hosts.Offload.Work.ChecksumsVerified != 0, "receive checksums by the CPU");
        Assert.AreEqual(feature == OffloadFeatures.RxHash, hosts["rx_hashed"] != 0, "hashes by the card");
        CheckNoErrors(hosts);
        hosts.CheckCleanEnd();
    }

    // Corruption that the frame check sequence hides must be found by the card's checksum, or by the CPU's with the card's switched off.
    [TestMethod]
    [DataRow(1, true)]
    [DataRow(2, false)]
    [DataRow(3, true)]
    public void A_bad_wire_costs_time_and_no_byte(int seed, bool cardChecksums)
    {
        using StackOnCardHosts hosts = new(
            new PciRootOptions { Seed = seed }, BadWire(seed) with { HiddenCorruption = 0.01 }, cardChecksums ? null : OffloadFeatures.None);
        hosts.Exchange(256 * KiB, TimeSpan.FromSeconds(60));
        CheckWireWasBad(hosts.Wire.First.SentCounters, hosts.Wire.Second.SentCounters);
        Assert.AreEqual(cardChecksums, hosts["rx_checksum_bad"] + hosts["rx_ip_checksum_bad"] != 0, "bad checksums seen by the card");
        Assert.AreEqual(!cardChecksums, hosts["sw_rx_checksum_bad"] + hosts["sw_rx_ip_checksum_bad"] != 0, "bad checksums seen by the CPU");
        Assert.AreEqual((ulong)hosts.Wire.Second.SentCounters.Corrupted, hosts["rx_bad_fcs"]);
        Assert.AreEqual(0UL, hosts["driver_resets"]);
        hosts.CheckCleanEnd();
    }

    [TestMethod]
    public void A_bad_wire_by_seed()
    {
        int seed = TestSeed.Take();
        using StackOnCardHosts hosts = new(new PciRootOptions { Seed = seed }, BadWire(seed));
        hosts.Exchange(256 * KiB, TimeSpan.FromSeconds(120));
        Assert.AreEqual(0UL, hosts["driver_resets"]);
        hosts.CheckCleanEnd();
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_run()
    {
        List<string> first = RunOnce(4);
        List<string> second = RunOnce(4);
        CollectionAssert.AreEqual(first, second);
        CollectionAssert.AreNotEqual(first, RunOnce(5), "the seed does nothing");

        static List<string> RunOnce(int seed)
        {
            using StackOnCardHosts hosts = new(new PciRootOptions { Seed = seed }, BadWire(seed));
            hosts.Exchange(128 * KiB, TimeSpan.FromSeconds(60));
            return hosts.Counters();
        }
    }

    private static WireOptions BadWire(int seed) => new()
    {
        Seed = seed,
        Delay = TimeSpan.FromMicroseconds(5),
        Loss = 0.01,
        Corruption = 0.01,
        Duplication = 0.01,
        Reordering = 0.02,
    };

    private static void CheckWireWasBad(WireCounters one, WireCounters other)
    {
        Assert.AreNotEqual(0, one.Lost + other.Lost);
        Assert.AreNotEqual(0, one.Corrupted + other.Corrupted);
        Assert.AreNotEqual(0, one.Duplicated + other.Duplicated);
        Assert.AreNotEqual(0, one.Reordered + other.Reordered);
    }

    private static void CheckNoErrors(StackOnCardHosts hosts)
    {
        foreach (StackCounter counter in (StackCounter[])[StackCounter.RxBadTransportChecksum, StackCounter.RxBadNetworkChecksum, StackCounter.RxMalformed])
        {
            Assert.AreEqual(0UL, hosts.A.Counters[counter], $"A: {counter}");
            Assert.AreEqual(0UL, hosts.B.Counters[counter], $"B: {counter}");
        }

        foreach (string name in (string[])["rx_bad_fcs", "rx_checksum_bad", "rx_ip_checksum_bad", "rx_overflow", "tx_refused", "driver_resets", "sw_rx_checksum_bad", "sw_tx_refused"])
        {
            Assert.AreEqual(0UL, hosts[name], name);
        }
    }
}
