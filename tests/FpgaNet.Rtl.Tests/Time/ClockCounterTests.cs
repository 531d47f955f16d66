using System.Numerics;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Sim;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Time;

/// <summary>fn_clock_counter against arithmetic without limits: 96 bits of time, in 2^-32 nanoseconds.</summary>
[TestClass]
public sealed class ClockCounterTests
{
    // From a command's clock to the first `now` that shows it.
    private const int Latency = 3;

    [TestMethod]
    public void The_time_is_the_sum_of_all_increments_and_steps_to_the_bit()
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new("fn_clock_counter");
        Port increment = bench.Model.Port("increment");
        Port load = bench.Model.Port("load");
        Port step = bench.Model.Port("step");
        Port value = bench.Model.Port("value");
        Port now = bench.Model.Port("now");
        increment.Value = 8UL << 32;
        bench.Reset();

        BigInteger time = 0;
        Queue<BigInteger> expected = new();
        for (int cycle = 0; cycle < 200_000; cycle++)
        {
            if (random.Next(50) == 0)
            {
                increment.Value = RandomIncrement(random);
            }

            int command = random.Next(40);
            load.IsSet = command == 0;
            step.IsSet = command == 1;
            value.Value = RandomValue(random);
            time += increment.Value;
            if (load.IsSet)
            {
                time = (BigInteger)value.Value << 32;
            }
            else if (step.IsSet)
            {
                time += (BigInteger)(long)value.Value << 32;
            }

            time &= (BigInteger.One << 96) - 1;
            expected.Enqueue(time);
            bench.Step();
            if (expected.Count == Latency)
            {
                Assert.AreEqual((ulong)(expected.Dequeue() >> 32), now.Value, $"cycle {cycle}");
            }
        }
    }

    private static ulong RandomIncrement(Random random) => random.Next(4) switch
    {
        0 => 0,
        1 => (1UL << 40) - 1,
        2 => (8UL << 32) + (ulong)random.Next(-1000, 1000),
        _ => (ulong)random.NextInt64(1L << 40),
    };

    // Near a carry as often as not.
    private static ulong RandomValue(Random random) => random.Next(4) switch
    {
        0 => (ulong)-random.NextInt64(1000),
        1 => (1UL << random.Next(64)) - (ulong)random.Next(500),
        2 => (ulong)random.Next(1000),
        _ => (ulong)random.NextInt64(),
    };
}
