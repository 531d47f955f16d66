using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Sim;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Nic;

/// <summary>The counters count every event, however they fall, and a read is exact at its moment.</summary>
[TestClass]
public sealed class NicStatisticsTests
{
    [TestMethod]
    public void No_event_is_missed_whatever_comes_together()
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new("fn_nic_statistics");
        Port hit = bench.Model.Port("hit");
        Port rxBytes = bench.Model.Port("rx_bytes");
        Port txBytes = bench.Model.Port("tx_bytes");
        Port read = bench.Model.Port("read");
        Port index = bench.Model.Port("read_index");
        Port valid = bench.Model.Port("read_valid");
        Port value = bench.Model.Port("read_value");
        bench.Reset();
        int count = CardCounters.RxOctets; // the others are fn_nic_rmon's
        ulong[] expected = new ulong[count];
        int reads = 0;
        for (int round = 0; round < 3000; round++)
        {
            // Bursts that hit everything in every clock, and long quiet times; byte counters as often as frames can end.
            double chance = random.Next(3) * 0.5;
            for (int clock = random.Next(1, 25); clock > 0; clock--)
            {
                Hit(chance, mayRead: clock == 1);
            }
        }

        hit.Value = 0;
        for (int i = 0; i < count; i++)
        {
            Read(i, 0);
        }

        Assert.IsGreaterThan(1000, reads);

        void Hit(double chance, bool mayRead)
        {
            Drive(chance);
            if (mayRead && random.Next(2) == 0)
            {
                Read(random.Next(count), chance);
            }
            else
            {
                bench.Step();
            }
        }

        // Sets the event pins for the coming clock and counts along.
        void Drive(double chance)
        {
            ulong pattern = 0;
            for (int i = 0; i < count; i++)
            {
                bool isBytes = i is CardCounters.RxBytes or CardCounters.TxBytes;
                if (random.NextDouble() < (isBytes ? chance / 2 : chance))
                {
                    pattern |= 1UL << i;
                }
            }

            hit.Value = pattern;
            rxBytes.Value = (ulong)random.Next(1519);
            txBytes.Value = (ulong)random.Next(1519);
            for (int i = 0; i < count; i++)
            {
                if ((pattern >> i & 1) != 0)
                {
                    expected[i] += i == CardCounters.RxBytes ? rxBytes.Value : i == CardCounters.TxBytes ? txBytes.Value : 1;
                }
            }
        }

        void Read(int counter, double chance)
        {
            reads++;
            index.Value = (ulong)counter;
            read.Value = 1;
            bench.Step();
            read.Value = 0;
            ulong atRead = 0;
            int clocks = 1;
            while (!valid.IsSet)
            {
                Assert.IsLessThan(6, clocks++, "a read takes too long");
                Drive(chance);
                bench.Step();
                if (clocks == 3)
                {
                    atRead = expected[counter]; // what has come up to the second clock behind the read
                }
            }

            hit.Value = 0;
            Assert.AreEqual(atRead, value.Value, CardCounters.Names[counter]);
        }
    }
}
