using FpgaNet.Driver;

namespace FpgaNet.Rtl.Tests.Nic;

/// <summary>The core's registers, as a driver meets them.</summary>
[TestClass]
public sealed class NicRegisterTests
{
    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void A_driver_finds_the_card_and_walks_its_blocks(int width)
    {
        using NicBench nic = new(width, new Random(1));
        Assert.AreEqual(RegisterMap.Magic, nic.Read(IdentificationRegisters.Magic));
        Assert.AreEqual((uint)RegisterMap.VersionMajor, IdentificationRegisters.VersionMajor.Get(nic.Read(IdentificationRegisters.Version)));
        Assert.AreEqual(0u, nic.Read(IdentificationRegisters.BoardId), "the simulated board");

        List<(uint Type, uint Version)> blocks = [];
        uint block = nic.Read(IdentificationRegisters.FirstBlock);
        for (; block != PcieRegisters.Offset; block = nic.Read(block + 4))
        {
            Assert.IsTrue(block != 0 && blocks.Count < 10, "the chain does not reach the host's block");
            uint header = nic.Read(block);
            blocks.Add((header & 0xFFFF, header >> 16));
        }

        CollectionAssert.AreEqual(new (uint, uint)[] { (CoreRegisters.BlockType, 1), (RssRegisters.BlockType, 1), (StatisticsRegisters.BlockType, 1), (FilterRegisters.BlockType, 1), (FlowTableRegisters.BlockType, 1), (CoalesceRegisters.BlockType, 1), (ClockRegisters.BlockType, 1), (MacRegisters.BlockType, 1) }, blocks);
        Assert.AreEqual(1u | (1u << 1) | (1u << 4) | (1u << 8) | (1u << 9) | (1u << 10) | (1u << 11) | (1u << 16) | (1u << 17), nic.Read(CoreRegisters.Features), "transmit checksum, segmentation, tag insertion, receive checksum, hash, coalescing, tags taken out, clock, flow control");
        Assert.AreEqual(((uint)width << 16) | 1518, nic.Read(CoreRegisters.Limits));
        Assert.AreEqual(125_000_000u, nic.Read(CoreRegisters.ClockHz));
        Assert.AreEqual((uint)CardCounters.Names.Count, nic.Read(StatisticsRegisters.Count));
        Assert.IsTrue(nic.Counters().All(c => c == 0));
    }

    [TestMethod]
    public void What_can_be_written_reads_back_and_the_rest_stays()
    {
        using NicBench nic = new(64, new Random(1));
        (uint Address, uint Reset, uint Mask)[] writable =
        [
            (CoreRegisters.Control, 0, 0x1F),
            (CoreRegisters.MacLow, 0x5E100001, uint.MaxValue),
            (CoreRegisters.MacHigh, 0x0200, 0xFFFF),
            (CoreRegisters.Scratch, 0, uint.MaxValue),
            (RssRegisters.HashTypes, 0x7E, 0x7E),
            (RssRegisters.DefaultQueue, 0, 0xFF),
            (FilterRegisters.Control, 1, 7),
            (FlowTableRegisters.Slot, 0, 0xFFFF),
            (MacRegisters.Control, 0, 3),
            (MacRegisters.PauseQuanta, 0xFFFF, 0xFFFF),
            (MacRegisters.PauseWatermarks, (3072 << 16) | 1024, uint.MaxValue),
            .. Enumerable.Range(0, 32).Select(i => (RssRegisters.Indirection + (4 * (uint)i), 0u, uint.MaxValue)),
            .. Enumerable.Range(0, 8).Select(i => (FilterRegisters.Hash + (4 * (uint)i), 0u, uint.MaxValue)),
            .. Enumerable.Range(0, 16).Select(i => (FilterRegisters.Exact + (4 * (uint)i), 0u, i % 2 == 0 ? uint.MaxValue : 0x8000_FFFF)),
            .. Enumerable.Range(0, 10).Select(i => (RssRegisters.Key + (4 * (uint)i), 0u, uint.MaxValue)),
        ];
        Random random = Testing.TestSeed.Random();
        uint[] written = [.. writable.Select(_ => (uint)random.NextInt64(1L << 32))];
        for (uint address = 0; address < 0x800; address += 4)
        {
            (uint, uint Reset, uint) known = writable.FirstOrDefault(w => w.Address == address);
            if (writable.Any(w => w.Address == address))
            {
                Assert.AreEqual(known.Reset, nic.Read(address), $"reset value of 0x{address:X}");
            }
        }

        uint magic = nic.Read(0);
        nic.Write(0, 0x12345678);
        nic.Write(StatisticsRegisters.Counters, 5);
        nic.Write(0x3FC, 7);
        for (int i = 0; i < writable.Length; i++)
        {
            nic.Write(writable[i].Address, written[i]);
        }

        for (int i = 0; i < writable.Length; i++)
        {
            Assert.AreEqual(written[i] & writable[i].Mask, nic.Read(writable[i].Address), $"0x{writable[i].Address:X}");
        }

        Assert.AreEqual(magic, nic.Read(0), "a read-only register was written");
        Assert.AreEqual(0UL, nic.Counter(0), "a counter was written");
        Assert.AreEqual(0u, nic.Read(0x3FC), "nothing is there");
        Assert.AreEqual(0u, nic.Read(0x8000), "nothing is there");
    }

    [TestMethod]
    public void The_link_shows_in_the_status_register()
    {
        using NicBench nic = new(8, new Random(1));
        Assert.AreEqual(0x24u, nic.Read(CoreRegisters.Status), "1 Gb/s, full duplex");
        nic.Pin("link_up").Value = 1;
        nic.Step(3);
        Assert.AreEqual(0x25u, nic.Read(CoreRegisters.Status));
    }
}
