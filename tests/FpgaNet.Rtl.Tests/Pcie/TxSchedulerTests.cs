using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Pcie;

/// <summary>Who sends next: priority, shares by bytes, pace and hold, measured on what <c>fn_tx_scheduler</c> chooses.</summary>
[TestClass]
public sealed class TxSchedulerTests
{
    private const int Queues = SchedulerBench.Queues;

    [TestMethod]
    [DataRow(1, 1, 1, 1, DisplayName = "equal weights")]
    [DataRow(1, 2, 4, 8, DisplayName = "weights 1 2 4 8")]
    [DataRow(255, 1, 0, 100, DisplayName = "weights far apart; 0 counts as 1")]
    public void Queues_that_always_have_packets_share_by_weight_in_bytes(int w0, int w1, int w2, int w3)
    {
        Random random = TestSeed.Random();
        using SchedulerBench bench = new(random);
        int[] weights = [w0, w1, w2, w3];
        double[] longest = new double[Queues];
        for (int i = 0; i < Queues; i++)
        {
            bench[i].Weight = weights[i];
            // Each queue has packets of its own kind: shares are of bytes, not of packets.
            int kind = random.Next(4);
            longest[i] = kind switch { 0 => 60, 1 or 2 => 1514, _ => 65_550 };
            bench[i].NextLength = () => kind switch { 0 => 60, 1 => 1514, 2 => random.Next(1, 1515), _ => random.Next(20) == 0 ? 65_550 : 60 };
            bench[i].Backlogged = true;
        }

        // What a round gives out, and what a packet can take too much, bound how far the shares can be apart, at any time.
        double[] share = [.. weights.Select(w => (double)Math.Max(1, w))];
        double slack = longest.Zip(share, (length, s) => length / s).Max() + (longest.Max() > 1514 ? 1024 : 64);
        double apart = 0;
        for (int i = 0; i < 4000; i++)
        {
            bench.Take();
            double[] served = [.. Enumerable.Range(0, Queues).Select(q => bench[q].Bytes / share[q])];
            apart = Math.Max(apart, (served.Max() - served.Min()) / slack);
        }

        Console.WriteLine($"apart by {apart:P0} of the bound; bytes {string.Join(' ', bench.Select(q => q.Bytes))}");
        Assert.IsLessThanOrEqualTo(1.0, apart);
    }

    [TestMethod]
    public void A_queue_of_higher_priority_goes_first_whatever_the_weights()
    {
        Random random = TestSeed.Random();
        using SchedulerBench bench = new(random);
        int[] levels = [2, 7, 0, 2];
        for (int i = 0; i < Queues; i++)
        {
            bench[i].Level = levels[i];
            bench[i].Weight = i == 1 ? 1 : 255;
            bench[i].NextLength = () => random.Next(60, 1515);
        }

        long[] taken = new long[Queues];
        for (int i = 0; i < 5000; i++)
        {
            for (int q = 0; q < Queues; q++)
            {
                bench[q].Backlogged = random.Next(3) == 0;
            }

            if (bench.TryTake(8) is { } pick)
            {
                taken[pick]++;
                Assert.IsGreaterThanOrEqualTo(bench.BestLevel, bench[pick].Level);
            }
        }

        Assert.IsTrue(taken.All(n => n > 50), "every queue had its chance: " + string.Join(' ', taken));
    }

    [TestMethod]
    public void Nobody_starves_within_a_level_whoever_comes_and_goes()
    {
        Random random = TestSeed.Random();
        using SchedulerBench bench = new(random);
        for (int i = 0; i < Queues; i++)
        {
            bench[i].Weight = random.Next(1, 30);
            bench[i].NextLength = () => random.Next(60, 1515);
        }

        // Queue 0 has one packet after the other; the others come and go, as may be most awkward.
        bench[0].Backlogged = true;
        bench[0].Weight = 1;
        long others = 0;
        for (int i = 0; i < 10_000; i++)
        {
            for (int q = 1; q < Queues; q++)
            {
                bench[q].Backlogged = random.Next(2) == 0;
            }

            others = bench.Take() == 0 ? 0 : others + 1;
            // 29 times the share of queue 0 for each of three, in packets of 60 bytes or more, and a longest packet's debt to be paid.
            Assert.IsLessThan(3 * 29 * 64 / 60 * (1514 / 64 + 2), others, "packets of others since queue 0 was served");
        }
    }

    [TestMethod]
    [DataRow(5000, 4)]
    [DataRow(32768, 32)]
    [DataRow(65536, 1024)]
    [DataRow(300_000, 0)]
    public void A_pace_is_kept_to_the_byte_and_lets_the_burst_pass(int rate, int burst)
    {
        Random random = TestSeed.Random();
        using SchedulerBench bench = new(random);
        bench[2].Rate = rate;
        bench[2].Burst = burst;
        bench[2].NextLength = () => random.Next(64, 1515);
        bench[2].Backlogged = true;
        double perClock = rate / 65536.0;
        bench.Step((int)(burst * 64 / perClock) + 16); // the bucket fills, as nobody looks
        long start = bench.Cycles;
        double bytes = 0, due = 0;
        long before = 0, taken = 0;
        int packets = 300 + burst;
        for (int i = 0; i < packets; i++)
        {
            Assert.AreEqual(2, bench.Take());
            int length = (int)(bench[2].Bytes - taken);
            taken = bench[2].Bytes;
            long at = bench.Cycles - start;

            // The bucket is at zero at this time; it may have been full and 16 bytes more at the start. A choice takes up to 32 clocks, most of them to give out credit at weight 1.
            due = burst == 0 ? before + due : (bytes - (burst * 64)) / perClock;
            Assert.IsGreaterThanOrEqualTo(due - (16 / perClock) - 6, at, $"packet {i} is early");
            Assert.IsLessThanOrEqualTo(Math.Max(due, before + SchedulerBench.Busy) + 32, at, $"packet {i} is late");
            bytes += length;
            before = at;
            due = length / perClock; // without a burst, each packet waits for the one before
        }

        double measured = (bytes - (burst * 64)) / (bench.Cycles - start) / perClock;
        Console.WriteLine($"{bytes} bytes in {bench.Cycles - start} clocks: {measured:P2} of the rate behind the burst");
    }

    // Found by hdl/formal/fn_tx_pacer_proof.sv: a packet shorter than what fills the bucket in a clock once left it fuller than it was.
    [TestMethod]
    public void Packets_shorter_than_the_pace_of_a_clock_save_up_nothing()
    {
        using SchedulerBench bench = new(TestSeed.Random());
        int length = 15;
        bench[2].Rate = (1 << 20) - 1; // hardly less than 16 bytes a clock
        bench[2].Burst = 1;
        bench[2].NextLength = () => length;
        bench[2].Backlogged = true;
        for (int i = 0; i < 4000; i++)
        {
            bench.Take();
            bench.Step(8);
        }

        length = 1500;
        bench.Take();
        bench.Take(); // long, as all behind it
        for (int i = 0; i < 3; i++)
        {
            long before = bench.Cycles;
            bench.Take();
            Assert.IsGreaterThanOrEqualTo((1500 - 64 - 16) / 16, bench.Cycles - before);
        }
    }

    [TestMethod]
    public void A_queue_that_is_held_or_paced_holds_up_no_other()
    {
        Random random = TestSeed.Random();
        using SchedulerBench bench = new(random);
        for (int i = 0; i < Queues; i++)
        {
            bench[i].Level = i;
            bench[i].Weight = 16;
            bench[i].NextLength = () => 1000;
            bench[i].Backlogged = true;
        }

        bench[3].Held = true;
        bench[2].Rate = 655; // 1000 bytes in 100,000 clocks
        Assert.AreEqual(2, bench.Take());
        long start = bench.Cycles;
        for (int i = 0; i < 1000; i++)
        {
            Assert.AreEqual(1, bench.Take());
        }

        Assert.IsLessThanOrEqualTo(5 * 1000, bench.Cycles - start, "others are served as if nobody waited");
        bench[3].Held = false;
        bench.Step(3);
        Assert.AreEqual(3, bench.Take());
    }

    [TestMethod]
    public void A_choice_takes_two_clocks_and_debts_of_64_KB_a_hundred()
    {
        Random random = TestSeed.Random();
        using SchedulerBench bench = new(random);
        for (int i = 0; i < Queues; i++)
        {
            bench[i].Weight = 32;
            bench[i].NextLength = () => 60;
            bench[i].Backlogged = true;
        }

        bench.Take();
        long start = bench.Cycles;
        for (int i = 0; i < 1000; i++)
        {
            bench.Take();
        }

        double clocks = (bench.Cycles - start) / 1000.0;
        Console.WriteLine($"{clocks:F3} clocks a packet, {SchedulerBench.Busy} of them the taker's");
        Assert.IsLessThan(SchedulerBench.Busy + 2.05, clocks);

        foreach (SchedulerBench.Queue queue in bench)
        {
            queue.Weight = 1;
            queue.NextLength = () => 65_550;
        }

        for (int i = 0; i < 20; i++)
        {
            start = bench.Cycles;
            bench.Take();
            Assert.IsLessThan(110, bench.Cycles - start);
        }
    }
}
