using FpgaNet.Sim.Pci;
using FpgaNet.Testing;

namespace FpgaNet.CoSim.Tests.Models;

/// <summary>The root complex catches every rule that a card can break, and itself keeps to the rules however random it is.</summary>
[TestClass]
public sealed class RootComplexTests
{
    private const uint Card = 0x0300;
    private const uint MemoryRead = 0x0000_0000;
    private const uint MemoryWrite = 0x4000_0000;
    private const uint FourWords = 0x2000_0000;

    [TestMethod]
    [DataRow("ends within its header", new uint[] { MemoryRead | 1, 0x0300_000F })]
    [DataRow("neither a memory request nor a completion", new uint[] { 0x0200_0001, 0x0300_000F, 0x1000_0000 }, DisplayName = "I/O read")]
    [DataRow("neither a memory request nor a completion", new uint[] { 0x0100_0001, 0x0300_000F, 0x1000_0000 }, DisplayName = "Locked read")]
    [DataRow("words where its header says", new uint[] { MemoryWrite | 2, 0x0300_00FF, 0x1000_0000, 1 }, DisplayName = "Payload too short")]
    [DataRow("words where its header says", new uint[] { MemoryRead | 1, 0x0300_000F, 0x1000_0000, 1 }, DisplayName = "Read with payload")]
    [DataRow("may not use", new uint[] { MemoryRead | 0x8000 | 1, 0x0300_000F, 0x1000_0000 }, DisplayName = "Digest")]
    [DataRow("may not use", new uint[] { MemoryWrite | 0x4000 | 1, 0x0300_000F, 0x1000_0000, 1 }, DisplayName = "Poisoned by the card")]
    [DataRow("may not use", new uint[] { MemoryRead | 0x2000 | 1, 0x0300_000F, 0x1000_0000 }, DisplayName = "Relaxed ordering")]
    [DataRow("requester id", new uint[] { MemoryRead | 1, 0x0400_000F, 0x1000_0000 })]
    [DataRow("address bits 1:0", new uint[] { MemoryRead | 1, 0x0300_000F, 0x1000_0001 })]
    [DataRow("below 4 GB", new uint[] { MemoryRead | FourWords | 1, 0x0300_000F, 0, 0x1000_0000 })]
    [DataRow("crosses a 4 KB boundary", new uint[] { MemoryRead | 2, 0x0300_00FF, 0x1000_0FFC })]
    [DataRow("Max_Read_Request_Size", new uint[] { MemoryRead | 129, 0x0300_00FF, 0x1000_0000 })]
    [DataRow("last byte enables", new uint[] { MemoryRead | 1, 0x0300_00FF, 0x1000_0000 })]
    [DataRow("no first or no last", new uint[] { MemoryRead | 2, 0x0300_000F, 0x1000_0000 })]
    [DataRow("a hole", new uint[] { MemoryRead | 3, 0x0300_00F9, 0x1000_0000 })]
    [DataRow("a hole", new uint[] { MemoryRead | 2, 0x0300_00F7, 0x1000_0004 }, DisplayName = "A hole across quadwords")]
    [DataRow("tag is not below 32", new uint[] { MemoryRead | 1, 0x0300_200F, 0x1000_0000 })]
    [DataRow("not mapped", new uint[] { MemoryRead | 1, 0x0300_000F, 0x1000_2000 })]
    [DataRow("not mapped", new uint[] { MemoryWrite | 1, 0x0300_000F, 0x0FFF_FFFC, 1 }, DisplayName = "A write in front of the mapping")]
    [DataRow("fits no request", new uint[] { 0x4A00_0001, 0x0300_0004, 0x0000_0100, 1 })]
    public void A_broken_rule_ends_the_simulation(string rule, uint[] packet)
    {
        using Board board = new();
        PciProtocolException e = Assert.ThrowsExactly<PciProtocolException>(() => board.Root.Receive(packet, 7));
        StringAssert.Contains(e.Message, rule, StringComparison.Ordinal);
        StringAssert.Contains(e.Message, "cycle 7", StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_payload_over_the_limit_is_caught()
    {
        using Board board = new();
        uint[] packet = new uint[3 + 65];
        (packet[0], packet[1], packet[2]) = (MemoryWrite | 65, 0x0300_00FF, 0x1000_0000);
        PciProtocolException e = Assert.ThrowsExactly<PciProtocolException>(() => board.Root.Receive(packet, 0));
        StringAssert.Contains(e.Message, "Max_Payload_Size", StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_tag_used_twice_is_caught()
    {
        using Board board = new();
        board.Root.Receive([MemoryRead | 1, 0x0300_030F, 0x1000_0000], 0);
        PciProtocolException e = Assert.ThrowsExactly<PciProtocolException>(() => board.Root.Receive([MemoryRead | 1, 0x0300_030F, 0x1000_0040], 1));
        StringAssert.Contains(e.Message, "tag 3 is used again", StringComparison.Ordinal);
    }

    [TestMethod]
    public void Without_bus_mastering_the_card_must_be_silent()
    {
        using Board board = new();
        board.Root.BusMasterEnable = false;
        Assert.ThrowsExactly<PciProtocolException>(() => board.Root.Receive([MemoryRead | 1, 0x0300_000F, 0x1000_0000], 0));
        Assert.ThrowsExactly<PciProtocolException>(() => board.Root.Interrupt(0, 0));
    }

    [TestMethod]
    public void A_vector_that_was_not_given_is_caught()
    {
        using Board board = new(new PciRootOptions { InterruptVectors = 4 });
        int got = -1;
        board.Root.InterruptHandler = vector => got = vector;
        board.Root.Interrupt(3, 0);
        Assert.AreEqual(3, got);
        Assert.ThrowsExactly<PciProtocolException>(() => board.Root.Interrupt(4, 0));
    }

    [TestMethod]
    public void Reads_of_any_start_and_length_come_back_whole_in_legal_pieces()
    {
        Random random = TestSeed.Random();
        using Board board = new(new PciRootOptions { Seed = random.Next() });
        board.Fill(random);
        long cycle = 0;
        bool overtaken = false;
        for (int round = 0; round < 300; round++)
        {
            Reader[] readers = new Reader[random.Next(1, 9)];
            for (byte tag = 0; tag < readers.Length; tag++)
            {
                readers[tag] = Reader.Random(random, board, tag);
                board.Root.Receive(readers[tag].Request, cycle++);
            }

            byte lastTag = 0;
            for (long end = cycle + 10_000; !board.Root.IsIdle && cycle < end; cycle++)
            {
                if (board.Root.TryTakeOutbound(cycle, board.Packet))
                {
                    byte tag = (byte)(board.Packet.Words[2] >> 8);
                    overtaken |= tag < lastTag;
                    lastTag = tag;
                    readers[tag].Take(board.Packet.Words);
                }
            }

            foreach (Reader reader in readers)
            {
                reader.CheckComplete(board);
            }
        }

        board.Root.CheckQuiescent();
        Assert.IsTrue(overtaken, "no completion ever overtook one of another tag");
        Assert.IsGreaterThan(board.Root.Statistics.ReadRequests, board.Root.Statistics.Completions, "nothing was ever split");
    }

    [TestMethod]
    public void The_same_seed_answers_alike()
    {
        static List<string> Answers(int seed)
        {
            using Board board = new(new PciRootOptions { Seed = seed });
            for (byte tag = 0; tag < 8; tag++)
            {
                board.Root.Receive([MemoryRead | 128, 0x0300_00FF | ((uint)tag << 8), 0x1000_0000], 0);
            }

            List<string> answers = [];
            for (long cycle = 0; !board.Root.IsIdle; cycle++)
            {
                if (board.Root.TryTakeOutbound(cycle, board.Packet))
                {
                    answers.Add($"{cycle} {board.Packet.Words[1]:x} {board.Packet.Words[2]:x}");
                }
            }

            return answers;
        }

        CollectionAssert.AreEqual(Answers(5), Answers(5));
        CollectionAssert.AreNotEqual(Answers(5), Answers(6));
    }

    [TestMethod]
    public void Byte_enables_choose_what_a_write_changes()
    {
        using Board board = new();
        board.Memory.Fill(0xEE);
        board.Root.Receive([MemoryWrite | 3, 0x0300_003C, 0x1000_0010, 0x0102_0304, 0x0506_0708, 0x090A_0B0C], 0);
        CollectionAssert.AreEqual(
            new byte[] { 0xEE, 0xEE, 0xEE, 3, 4, 5, 6, 7, 8, 9, 10, 0xEE, 0xEE }, board.Memory[0x0F..0x1C].ToArray());
    }

    [TestMethod]
    public void Above_4_GB_the_four_word_header_is_needed_and_taken()
    {
        using Board board = new(new PciRootOptions { FirstBusAddress = 0x2_0000_0000 });
        board.Root.Receive([MemoryWrite | FourWords | 1, 0x0300_000F, 2, 0x0000_0100, 0x1122_3344], 0);
        Assert.AreEqual(0x11, board.Memory[0x100]);
        Assert.ThrowsExactly<PciProtocolException>(() => board.Root.Receive([MemoryWrite | 1, 0x0300_000F, 0x0000_0100, 1], 0));
    }

    [TestMethod]
    public void A_register_read_is_answered_once_and_as_asked()
    {
        using Board board = new();
        int tag = board.Root.BeginRegisterRead(0x104, 0);
        Assert.IsTrue(board.Root.TryTakeOutbound(0, board.Packet));
        CollectionAssert.AreEqual(new uint[] { 1, ((uint)tag << 8) | 0xF, 0xF7A0_0104 }, board.Packet.Words.ToArray());
        Assert.IsTrue(board.Packet.HitsBar0);
        uint third = (uint)tag << 8;

        // Wrong lower address, then wrong byte count, then right, then once more.
        Assert.ThrowsExactly<PciProtocolException>(() => board.Root.Receive([0x4A00_0001, (Card << 16) | 4, third, 1], 0));
        Assert.ThrowsExactly<PciProtocolException>(() => board.Root.Receive([0x4A00_0001, (Card << 16) | 8, third | 4, 1], 0));
        Assert.IsFalse(board.Root.TryEndRegisterRead(tag, out _));
        board.Root.Receive([0x4A00_0001, (Card << 16) | 4, third | 4, 0x7856_3412], 0);
        Assert.ThrowsExactly<PciProtocolException>(() => board.Root.Receive([0x4A00_0001, (Card << 16) | 4, third | 4, 1], 0));
        Assert.IsTrue(board.Root.TryEndRegisterRead(tag, out RegisterReadResult result));
        Assert.AreEqual(new RegisterReadResult(CompletionStatus.Success, 0x1234_5678), result);
        Assert.IsTrue(board.Root.IsIdle);
    }

    [TestMethod]
    public void An_unanswered_register_read_is_a_fault_of_the_card()
    {
        using Board board = new(new PciRootOptions { RegisterReadLimit = 50 });
        board.Root.BeginRegisterRead(0, 0);
        board.Root.CheckTime(50);
        Assert.ThrowsExactly<PciProtocolException>(() => board.Root.CheckTime(51));
        Assert.ThrowsExactly<PciProtocolException>(board.Root.CheckQuiescent);
    }

    [TestMethod]
    [DataRow(ReadFault.UnsupportedRequest, "status 1")]
    [DataRow(ReadFault.CompleterAbort, "status 4")]
    [DataRow(ReadFault.Poisoned, "poisoned 64")]
    [DataRow(ReadFault.Missing, "")]
    [DataRow(ReadFault.Truncated, "data 32")]
    [DataRow(ReadFault.Duplicated, "data 64,data 64")]
    [DataRow(ReadFault.Unexpected, "tag 31,data 64")]
    [DataRow(ReadFault.Overlong, "data 68")]
    public void Faults_come_as_ordered_and_only_where_ordered(ReadFault fault, string expected)
    {
        using Board board = new(new PciRootOptions { SplitCompletions = false });
        board.Root.Faults.SpoilReads(fault, skip: 1, count: 1, (address, _) => address == 0x1000_0020);
        Assert.AreEqual("data 64", Read(0x1000_0020), "the first was to be let pass");
        Assert.AreEqual("data 64", Read(0x1000_0060), "another address");
        Assert.AreEqual(expected, Read(0x1000_0020));
        Assert.AreEqual("data 64", Read(0x1000_0020), "once only");
        Assert.AreEqual(1, board.Root.Statistics.FaultsInjected);
        board.Root.CheckQuiescent();

        string Read(uint address)
        {
            board.Root.Receive([MemoryRead | 16, 0x0300_00FF, address], 0);
            List<string> answers = [];
            for (long cycle = 0; cycle < 1000; cycle++)
            {
                if (board.Root.TryTakeOutbound(cycle, board.Packet))
                {
                    ReadOnlySpan<uint> words = board.Packet.Words;
                    uint status = words[1] >> 13 & 7;
                    uint tag = words[2] >> 8 & 0xFF;
                    int bytes = (words.Length - 3) * 4;
                    answers.Add(tag != 0 ? $"tag {tag}" : status != 0 ? $"status {status}" : board.Packet.IsPoisoned ? $"poisoned {bytes}" : $"data {bytes}");
                }
            }

            return string.Join(',', answers);
        }
    }

    [TestMethod]
    public void Memory_that_was_unmapped_is_out_of_reach()
    {
        using Board board = new();
        board.Root.Receive([MemoryWrite | 1, 0x0300_000F, 0x1000_0000, 1], 0);
        board.Root.Memory.Unmap(0x1000_0000);
        Assert.ThrowsExactly<PciProtocolException>(() => board.Root.Receive([MemoryWrite | 1, 0x0300_000F, 0x1000_0000, 1], 0));
        Assert.ThrowsExactly<ArgumentException>(() => board.Root.Memory.Unmap(0x1000_0000));
    }

    /// <summary>A read of the card, and what has come of it.</summary>
    private sealed class Reader
    {
        private readonly List<byte> _bytes = [];
        private int _offset;
        private int _length;

        public uint[] Request { get; private set; } = [];

        public static Reader Random(Random random, Board board, byte tag)
        {
            Reader reader = new() { _length = random.Next(1, 509), _offset = random.Next(0, 4096) };
            reader._length = Math.Min(reader._length, 4096 - reader._offset);
            int skew = reader._offset & 3;
            int words = (skew + reader._length + 3) / 4;
            int firstSkip = skew;
            int lastUsed = ((skew + reader._length - 1) & 3) + 1;
            uint first = (0xFu << firstSkip) & 0xF;
            uint last = (1u << lastUsed) - 1;
            if (words == 1)
            {
                (first, last) = (first & last, 0);
            }

            reader.Request = [MemoryRead | (uint)words, 0x0300_0000 | ((uint)tag << 8) | (last << 4) | first, 0x1000_0000 + (uint)(reader._offset & ~3)];
            Assert.IsLessThanOrEqualTo(board.Memory.Length, reader._offset + reader._length);
            return reader;
        }

        public void Take(ReadOnlySpan<uint> completion)
        {
            int at = _offset + _bytes.Count;
            int left = _length - _bytes.Count;
            Assert.AreEqual(left, (int)(completion[1] & 0xFFF), "byte count");
            Assert.AreEqual(at & 0x7F, (int)(completion[2] & 0x7F), "lower address");
            int words = (int)(completion[0] & 0x3FF);
            Assert.HasCount(3 + words, completion.ToArray());
            Assert.IsLessThanOrEqualTo(256, words * 4, "larger than the maximum payload");
            for (int i = at & 3; i < words * 4 && _bytes.Count < _length; i++)
            {
                _bytes.Add((byte)(completion[3 + (i / 4)] >> (24 - (8 * (i % 4)))));
            }

            Assert.IsTrue(_bytes.Count == _length || (_offset + _bytes.Count) % 64 == 0, "cut where no read completion boundary is");
        }

        public void CheckComplete(Board board) => CollectionAssert.AreEqual(board.Memory.Slice(_offset, _length).ToArray(), _bytes);
    }

    /// <summary>A root complex with one page mapped at 0x10000000.</summary>
    private sealed unsafe class Board : IDisposable
    {
        private readonly void* _page = System.Runtime.InteropServices.NativeMemory.AlignedAlloc(4096, 4096);

        public Board(PciRootOptions? options = null)
        {
            Root = new PciRootComplex(options ?? new PciRootOptions());
            Root.Memory.Map((nint)_page, 4096);
            Memory.Clear();
        }

        public PciRootComplex Root { get; }

        public Tlp Packet { get; } = new();

        public Span<byte> Memory => new(_page, 4096);

        public void Fill(Random random) => random.NextBytes(Memory);

        public void Dispose() => System.Runtime.InteropServices.NativeMemory.AlignedFree(_page);
    }
}
