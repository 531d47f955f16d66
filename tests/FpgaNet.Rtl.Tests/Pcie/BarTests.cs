using System.Numerics;
using System.Runtime.InteropServices;
using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Sim.Pci;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Pcie;

/// <summary>Register accesses through BAR 0, good and malformed. The root complex checks every completion's header.</summary>
[TestClass]
public sealed class BarTests
{
    private const ushort CardId = 0x0300;
    private const uint Bar = 0xF7A0_0000;

    [TestMethod]
    public void Registers_of_core_and_host_are_read_and_written()
    {
        Random random = TestSeed.Random();
        using PcieBench bench = new(random);
        Assert.AreEqual(((uint)PcieRegisters.BlockVersion << 16) | PcieRegisters.BlockType, bench.Read(PcieRegisters.BlockHeader));
        Assert.AreEqual(0u, bench.Read(PcieRegisters.NextBlock));
        Assert.AreEqual(0x00_08_01_01u, bench.Read(PcieRegisters.Queues));
        Assert.AreEqual(6_250_000u, bench.Read(PcieRegisters.ReadTimeout));
        Dictionary<uint, uint> expected = [];
        uint[] offsets =
        [
            0x0000, 0x0124, 0x0FFC, PcieRegisters.ReadTimeout, TxQueueRegisters.Offset + TxQueueRegisters.RingBaseHigh,
            RxQueueRegisters.Offset + TxQueueRegisters.CompletionBaseHigh,
        ];
        for (int i = 0; i < 300; i++)
        {
            uint offset = offsets[random.Next(offsets.Length)];
            if (random.Next(2) == 0)
            {
                expected[offset] = (uint)random.NextInt64();
                bench.Write(offset, expected[offset]);
            }
            else if (expected.TryGetValue(offset, out uint value))
            {
                Assert.AreEqual(value, bench.Read(offset), $"register {offset:x4}");
            }
        }

        Assert.AreEqual(0u, bench.Read(0x3000), "nothing is mapped there");
        bench.Finish();
    }

    [TestMethod]
    public void A_request_with_a_64_bit_address_is_served_as_well()
    {
        using PcieBench bench = new(TestSeed.Random(), new PciRootOptions { BarAddress = 0x12_F7A0_0000 });
        bench.Write(0x0124, 0x1234_5678);
        Assert.AreEqual(0x1234_5678u, bench.Read(0x0124));
        bench.Write(PcieRegisters.ReadTimeout, 0x00AB_CDEF);
        Assert.AreEqual(0x00AB_CDEFu, bench.Read(PcieRegisters.ReadTimeout));
        bench.Finish();
    }

    [TestMethod]
    [DataRow(2, 0xF, 0xF, DisplayName = "two words")]
    [DataRow(1, 0x1, 0x0, DisplayName = "a byte")]
    [DataRow(1, 0xC, 0x0, DisplayName = "the upper half of a word")]
    [DataRow(1024, 0xF, 0xF, DisplayName = "1024 words")]
    public void A_read_of_other_than_one_word_is_unsupported(int words, int first, int last)
    {
        using PcieBench bench = new(TestSeed.Random());
        Assert.AreEqual(CompletionStatus.UnsupportedRequest, bench.ReadAny(0x0124, words, first, last).Status);
        Assert.AreEqual(1u, bench.Read(PcieRegisters.MalformedRequests));
        Assert.IsEmpty(bench.Core.Registers);
        bench.Finish(expectErrors: true);
    }

    [TestMethod]
    [DataRow(0x42000001u, 0x0000000Fu, true, DisplayName = "an I/O write gets UR")]
    [DataRow(0x02000001u, 0x0000000Fu, true, DisplayName = "an I/O read gets UR")]
    [DataRow(0x4C000001u, 0x0000000Fu, true, DisplayName = "a FetchAdd gets UR")]
    [DataRow(0x01000001u, 0x0000000Fu, true, DisplayName = "a locked read gets UR")]
    [DataRow(0x40004001u, 0x0000000Fu, false, DisplayName = "a poisoned write is dropped")]
    [DataRow(0x40000001u, 0x00000003u, false, DisplayName = "a partial write is dropped")]
    [DataRow(0x40000002u, 0x000000FFu, false, DisplayName = "a long write is dropped")]
    [DataRow(0x40000008u, 0x000000FFu, false, DisplayName = "a longer write is dropped")]
    [DataRow(0x40000002u, 0x0000000Fu, false, DisplayName = "a write shorter than its length is dropped")]
    public void Everything_else_is_refused_and_counted(uint header, uint enables, bool answered)
    {
        using RawLink link = new();
        int data = (header & 0x4000_0000) == 0 ? 0 : (enables == 0xF ? 1 : (int)(header & 0xF));
        link.Send([header, enables | 0x1F00, Bar + 0x0124, .. Enumerable.Repeat(0x55AA_55AAu, data)]);
        if (answered)
        {
            uint[] completion = link.Take();
            bool locked = header >> 24 == 0x01;
            CollectionAssert.AreEqual(
                new uint[] { locked ? 0x0B00_0000u : 0x0A00_0000u, ((uint)CardId << 16) | (1u << 13) | 4, 0x1F00u | (locked ? 0x24u : 0) }, completion);
        }

        Assert.AreEqual(1u, link.ReadMalformed());
        Assert.IsEmpty(link.Core.Registers);
    }

    [TestMethod]
    public void A_request_beside_the_BAR_is_unsupported()
    {
        using RawLink link = new();
        link.Send([0x0000_0001, 0x0000_1F0F, Bar + 0x0124], hit: false);
        CollectionAssert.AreEqual(new uint[] { 0x0A00_0000, ((uint)CardId << 16) | (1u << 13) | 4, 0x1F24 }, link.Take());
        link.Send([0x4000_0001, 0x0000_1F0F, Bar + 0x0124, 5], hit: false);
        Assert.AreEqual(2u, link.ReadMalformed());
        Assert.IsEmpty(link.Core.Registers);
    }

    [TestMethod]
    public void Completions_carry_the_requests_traffic_class_and_attributes_and_a_partial_reads_byte_count()
    {
        using RawLink link = new();
        // Traffic class 5, IDO, relaxed ordering, no snoop; 8 words without their first and last two bytes.
        link.Send([0x0054_3008, 0x0AB0_3C3C, Bar + 0x0128]);
        CollectionAssert.AreEqual(new uint[] { 0x0A54_3000, ((uint)CardId << 16) | (1u << 13) | 28, 0x0AB0_3C2A }, link.Take());
    }

    /// <summary>PCIe Base 4.0 tables 2-39 and 2-40: from the first byte that is enabled to the last, whatever is between them.</summary>
    [TestMethod]
    public void The_byte_count_and_lower_address_follow_every_pair_of_byte_enables()
    {
        using RawLink link = new();
        uint refused = 0;
        foreach (int words in new[] { 1, 2, 3 })
        {
            for (uint first = 1; first < 16; first++)
            {
                for (uint last = words == 1 ? 0u : 1u; last < (words == 1 ? 1u : 16u); last++)
                {
                    if (words == 1 && first == 0xF)
                    {
                        continue; // a register's access
                    }

                    link.Send([(uint)words, 0x1F00 | (last << 4) | first, Bar + 0x0124]);
                    int begin = BitOperations.TrailingZeroCount(first);
                    int end = words == 1 ? BitOperations.Log2(first) + 1 : (4 * (words - 1)) + BitOperations.Log2(last) + 1;
                    CollectionAssert.AreEqual(
                        new uint[] { 0x0A00_0000, ((uint)CardId << 16) | (1u << 13) | (uint)(end - begin), 0x1F24 + (uint)begin },
                        link.Take(), $"{words} words, enables {first:X} and {last:X}");
                    refused++;
                }
            }
        }

        Assert.AreEqual(refused, link.ReadMalformed());
    }

    [TestMethod]
    public void A_read_of_no_bytes_is_a_flush_and_touches_no_register()
    {
        using RawLink link = new();
        link.Send([0x0000_0001, 0x0000_1F00, Bar + 0x0124]);
        CollectionAssert.AreEqual(new uint[] { 0x4A00_0001, ((uint)CardId << 16) | 1, 0x1F24, 0 }, link.Take());
        Assert.AreEqual(0u, link.ReadMalformed());
    }

    [TestMethod]
    public void A_message_is_ignored()
    {
        using RawLink link = new();
        link.Send([0x3400_0000, 0x0000_0014, 0, 0]); // posted, and nobody's register
        Assert.AreEqual(0u, link.ReadMalformed());
    }

    [TestMethod]
    public void An_access_that_the_core_never_acknowledges_still_ends()
    {
        using PcieBench bench = new(TestSeed.Random());
        bench.Core.IsDeaf = true;
        Assert.AreEqual(0u, bench.Read(0x0124));
        bench.Core.IsDeaf = false;
        bench.Write(0x0124, 77);
        Assert.AreEqual(77u, bench.Read(0x0124));
        bench.Finish();
    }

    /// <summary>The TLP streams as they are, without a root complex: for requests that no root complex would send.</summary>
    private sealed class RawLink : IDisposable
    {
        private readonly RtlBench _bench = new("fn_pcie_host");
        private readonly AxiStreamSource _source;
        private readonly AxiStreamSink _sink;

        public RawLink()
        {
            Random random = TestSeed.Random();
            _source = _bench.Source("s_axis_rx", random, stall: 0.3);
            _sink = _bench.Sink("m_axis_tx", random, stall: 0.3);
            Core = _bench.Add(new CoreModel(_bench.Model, random));
            _bench.Model.Port("cfg_completer_id").Value = CardId;
            _bench.Reset();
        }

        public CoreModel Core { get; }

        public void Send(uint[] words, bool hit = true) =>
            _source.Send(MemoryMarshal.AsBytes<uint>(words).ToArray(), hit ? 1u << 2 : 0);

        public uint[] Take()
        {
            _bench.StepUntil(() => _sink.Frames.Count != 0);
            return MemoryMarshal.Cast<byte, uint>(_sink.Frames.Dequeue().Data).ToArray();
        }

        public uint ReadMalformed()
        {
            Send([0x0000_0001, 0x0000_010F, Bar + PcieRegisters.MalformedRequests]);
            uint[] completion = Take();
            Assert.AreEqual(0x4A00_0001u, completion[0], "an answer that nothing asked for");
            return System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(completion[3]);
        }

        public void Dispose() => _bench.Dispose();
    }
}
