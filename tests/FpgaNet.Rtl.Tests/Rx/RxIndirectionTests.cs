using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Rx;

/// <summary>The indirection table of receive side scaling.</summary>
[TestClass]
public sealed class RxIndirectionTests
{
    [TestMethod]
    public void A_hash_goes_to_the_queue_of_its_entry_and_a_frame_without_one_to_the_default()
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new("fn_rx_indirection");
        RegisterBus bus = new(bench);
        bench.Reset();
        bench.Model.Port("s_hashed").Value(1);
        Assert.AreEqual(0UL, Queue(bench, 5), "after reset all is queue 0");
        byte[] table = new byte[128];
        random.NextBytes(table);
        byte without = (byte)random.Next(1, 256);
        Assert.AreEqual(0u, bus.Read(RssRegisters.Indirection + 12), "0 after reset");
        for (uint i = 0; i < 32; i++)
        {
            bus.Write(RssRegisters.Indirection + (4 * i), BitConverter.ToUInt32(table, 4 * (int)i));
        }

        bus.Write(RssRegisters.DefaultQueue, 0xFFFF_FF00 | without);
        for (uint i = 0; i < 32; i++)
        {
            Assert.AreEqual(BitConverter.ToUInt32(table, 4 * (int)i), bus.Read(RssRegisters.Indirection + (4 * i)));
        }

        Assert.AreEqual(without, bus.Read(RssRegisters.DefaultQueue));
        for (int i = 0; i < 300; i++)
        {
            uint hash = (uint)random.Next(128);
            bool hashed = random.Next(8) != 0;
            bench.Model.Port("s_hashed").Value(hashed ? 1UL : 0);
            Assert.AreEqual((uint)(hashed ? table[hash] : without) & 15, (uint)Queue(bench, hash));
        }

        Assert.IsTrue(bus.IsSilent(RssRegisters.Key), "that word belongs to the hash");
    }

    [TestMethod]
    public void A_register_is_read_and_written_between_frames_and_disturbs_none()
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new("fn_rx_indirection");
        RegisterBus bus = new(bench);
        bench.Reset();
        bench.Model.Port("s_hashed").Value(1);
        bus.Write(RssRegisters.Indirection, 0x04030201);
        Frames frames = bench.Add(new Frames(bench, random));
        for (int i = 0; i < 100; i++)
        {
            uint value = (uint)random.NextInt64(1L << 32);
            bus.Write(RssRegisters.Indirection + 8, value);
            Assert.AreEqual(value, bus.Read(RssRegisters.Indirection + 8));
        }

        Assert.IsGreaterThan(100, frames.Seen);
    }

    private static ulong Queue(RtlBench bench, uint hash)
    {
        bench.Model.Port("s_hash").Value(hash);
        bench.Model.Port("s_valid").Value(1);
        bench.Step();
        bench.Model.Port("s_valid").Value(0);
        bench.Model.Port("s_hash").Value(~hash);
        bench.Step(2);
        bench.Model.Eval();
        return bench.Model.Port("m_queue").Value;
    }

    /// <summary>Frames in three of four clocks, whose queue is looked at two clocks later.</summary>
    private sealed class Frames(RtlBench bench, Random random) : IBenchDriver
    {
        private readonly Queue<uint?> _under = new([null, null]);

        public int Seen { get; private set; }

        public void Drive()
        {
            uint hash = (uint)random.Next(4);
            bool comes = random.Next(4) != 0;
            bench.Model.Port("s_valid").Value(comes ? 1UL : 0);
            bench.Model.Port("s_hash").Value(comes ? hash : (uint)random.Next(128));
            _under.Enqueue(comes ? hash : null);
        }

        public void Sample()
        {
            if (_under.Dequeue() is { } hash)
            {
                Assert.AreEqual(hash + 1, bench.Model.Port("m_queue").Value);
                Seen++;
            }
        }
    }
}
