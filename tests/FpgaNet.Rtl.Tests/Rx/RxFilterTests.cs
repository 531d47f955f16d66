using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Sim;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Rx;

/// <summary>The MAC filter at every width, with the shortest frames as close as the wire can bring them.</summary>
[TestClass]
public sealed class RxFilterTests
{
    private const ulong Station = 0x02005E100001;
    private const ulong Broadcast = 0xFFFF_FFFF_FFFF;

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void Random_addresses_pass_as_the_reference_says_back_to_back(int width)
    {
        Random random = TestSeed.Random();
        using Bench bench = new(width);
        int[] verdicts = new int[2];
        for (int round = 0; round < 12; round++)
        {
            uint control = round switch { 0 => 0, 1 => 1, 2 => 2, 3 => 4, _ => (uint)random.Next(8) & (uint)random.Next(8) };
            ulong?[] exact = [.. Enumerable.Range(0, 8).Select(_ => random.Next(3) != 0 ? Address(random) : (ulong?)null)];
            byte[] hash = new byte[32];
            if (round != 0)
            {
                random.NextBytes(hash);
            }

            bench.Program(control, exact, hash);
            List<ulong> addresses = [.. Enumerable.Range(0, 300).Select(_ => random.Next(6) switch
            {
                0 => Station,
                1 => Broadcast,
                2 => exact[random.Next(8)] ?? Station,
                3 => (exact[random.Next(8)] ?? Station) ^ (1UL << random.Next(48)),
                _ => Address(random),
            })];
            List<bool> accepted = bench.Run(random, addresses);
            for (int i = 0; i < addresses.Count; i++)
            {
                bool expected = Accepts(control, exact, hash, addresses[i]);
                Assert.AreEqual(expected, accepted[i], $"round {round}: {addresses[i]:X12}");
                verdicts[expected ? 1 : 0]++;
            }
        }

        Assert.IsTrue(verdicts.All(v => v > 500), "the addresses were not of both kinds");
    }

    [TestMethod]
    public void A_register_waits_for_the_address_that_is_looked_at_and_disturbs_it_not()
    {
        Random random = TestSeed.Random();
        using Bench bench = new(64);
        ulong?[] exact = [.. Enumerable.Range(0, 8).Select(_ => (ulong?)Address(random))];
        bench.Program(0, exact, new byte[32]);
        List<ulong> addresses = [.. Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? exact[random.Next(8)]!.Value : Address(random))];
        List<bool> accepted = bench.Run(random, addresses, () =>
        {
            uint entry = (uint)random.Next(8);
            Assert.AreEqual((uint)exact[entry]!.Value, bench.Bus.Read(FilterRegisters.Exact + (8 * entry)));
        });
        CollectionAssert.AreEqual(addresses.Select(a => Accepts(0, exact, new byte[32], a)).ToArray(), accepted);
    }

    [TestMethod]
    public void After_reset_everything_passes_and_the_tables_are_empty()
    {
        using Bench bench = new(64);
        Assert.AreEqual(1u, bench.Bus.Read(FilterRegisters.Control));
        Assert.AreEqual((256u << 16) | 8, bench.Bus.Read(FilterRegisters.Limits));
        Assert.AreEqual((1u << 16) | 4, bench.Bus.Read(FilterRegisters.BlockHeader));
        for (uint i = 0; i < 24; i++)
        {
            uint address = i < 8 ? FilterRegisters.Hash + (4 * i) : FilterRegisters.Exact + (4 * (i - 8));
            Assert.AreEqual(0u, bench.Bus.Read(address));
            bench.Bus.Write(address, 0xFFFF_0000 + i);
        }

        for (uint i = 0; i < 24; i++)
        {
            uint address = i < 8 ? FilterRegisters.Hash + (4 * i) : FilterRegisters.Exact + (4 * (i - 8));
            Assert.AreEqual(i >= 8 && i % 2 == 1 ? 0x8000_0000 + i : 0xFFFF_0000 + i, bench.Bus.Read(address));
        }

        Assert.AreEqual(0u, bench.Bus.Read(0x680), "nothing is there");
        Assert.IsTrue(bench.Bus.IsSilent(0x500));
        Assert.IsTrue(bench.Run(new Random(1), [Broadcast, 0x123456789ABC]).All(accepted => accepted));
    }

    private static ulong Address(Random random) => (ulong)random.NextInt64(1L << 48);

    private static bool Accepts(uint control, ulong?[] exact, byte[] hash, ulong address)
    {
        bool group = (address >> 40 & 1) != 0;
        int bit = (int)(EtherCrc(address) >> 24);
        return (control & 1) != 0
            || address == Station
            || exact.Contains(address)
            || (group && (control & 2) != 0)
            || (address == Broadcast && (control & 4) != 0)
            || (group && (hash[bit / 8] >> (bit % 8) & 1) != 0);
    }

    // Bit by bit, as IEEE 802.3 §3.2.9 writes it: x^32 + x^26 + ..., octets lowest bit first, the highest power leaves first.
    private static uint EtherCrc(ulong address)
    {
        uint crc = uint.MaxValue;
        for (int octet = 5; octet >= 0; octet--)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                bool feedback = (crc >> 31 & 1) != (address >> (8 * octet + bit) & 1);
                crc = (crc << 1) ^ (feedback ? 0x04C11DB7u : 0);
            }
        }

        return crc;
    }

    private sealed class Bench : IBenchDriver, IDisposable
    {
        private readonly RtlBench _bench;
        private readonly int _lanes;
        private readonly List<bool> _accepted = [];

        public Bench(int width)
        {
            _lanes = width / 8;
            _bench = new RtlBench($"fn_rx_filter_{width}");
            _bench.Model.Port("station").Value(Station);
            Bus = new RegisterBus(_bench);
            _bench.Add(this);
            _bench.Reset();
        }

        public RegisterBus Bus { get; }

        public void Program(uint control, ulong?[] exact, byte[] hash)
        {
            Bus.Write(FilterRegisters.Control, control);
            for (uint i = 0; i < 8; i++)
            {
                Bus.Write(FilterRegisters.Hash + (4 * i), BitConverter.ToUInt32(hash, 4 * (int)i));
                ulong address = exact[i] ?? 0;
                Bus.Write(FilterRegisters.Exact + (8 * i), (uint)address);
                Bus.Write(FilterRegisters.Exact + (8 * i) + 4, (uint)(address >> 32) | (exact[i] is null ? 0 : 1u << 31));
            }
        }

        /// <summary>Frames of 60 bytes and a few more, 24 byte times from one's end to the next one's begin, rounded as the wire would round them.</summary>
        /// <param name="random">For their bytes.</param>
        /// <param name="addresses">One a frame.</param>
        /// <param name="meanwhile">What is done in some clocks behind a frame's first beat; the frame pauses for it.</param>
        public List<bool> Run(Random random, List<ulong> addresses, Action? meanwhile = null)
        {
            _accepted.Clear();
            VerilatedModel model = _bench.Model;
            long byteTime = 0;
            long origin = _bench.Cycles;
            byte[] frame = new byte[76];
            foreach (ulong address in addresses)
            {
                random.NextBytes(frame);
                for (int i = 0; i < 6; i++)
                {
                    frame[i] = (byte)(address >> (40 - (8 * i)));
                }

                int length = random.Next(60, 64) + (random.Next(4) == 0 ? random.Next(12) : 0);
                _bench.Step((int)Math.Max(0, origin + ((byteTime + _lanes - 1) / _lanes) - _bench.Cycles));
                model.Eval();
                Assert.IsTrue(model.Port("ready").IsSet, "not ready for the next frame");
                for (int at = 0; at < length; at += _lanes)
                {
                    ulong beat = 0;
                    for (int lane = 0; lane < _lanes && at + lane < length; lane++)
                    {
                        beat |= (ulong)frame[at + lane] << (8 * lane);
                    }

                    model.Port("s_axis_tdata").Value(beat);
                    model.Port("s_axis_tlast").Value(at + _lanes >= length ? 1UL : 0);
                    model.Port("s_axis_tvalid").Value(1);
                    _bench.Step();
                    if (at == 0 && meanwhile is not null)
                    {
                        model.Port("s_axis_tvalid").Value(0);
                        _bench.Step(random.Next(10));
                        meanwhile();
                    }
                }

                model.Port("s_axis_tvalid").Value(0);
                byteTime += length + 24;
            }

            _bench.Step(20);
            Assert.HasCount(addresses.Count, _accepted);
            return [.. _accepted];
        }

        public void Drive()
        {
        }

        public void Sample()
        {
            if (_bench.Model.Port("m_valid").IsSet)
            {
                _accepted.Add(_bench.Model.Port("m_accept").IsSet);
            }
        }

        public void Dispose() => _bench.Dispose();
    }
}
