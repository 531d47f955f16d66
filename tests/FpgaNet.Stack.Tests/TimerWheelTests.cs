using FpgaNet.Stack.Time;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests;

/// <summary>The timer wheel against a list that is searched.</summary>
[TestClass]
public sealed class TimerWheelTests
{
    [TestMethod]
    [DataRow(1_000L)] // within a tick or two
    [DataRow(10_000_000L)] // a second
    [DataRow(864_000_000_000L * 400)] // more than a year
    public void Timers_fire_in_order_and_in_time_whatever_was_moved_stopped_and_set_by_others(long range)
    {
        Random random = TestSeed.Random();
        TimerWheel wheel = new();
        Model[] model = new Model[100];
        StackTimer[] timers = new StackTimer[model.Length];
        List<int> fired = [];
        long order = 0;
        long now = 0;

        void Change()
        {
            int i = random.Next(timers.Length);
            switch (random.Next(6))
            {
                case 0:
                    timers[i].Stop();
                    model[i] = default;
                    break;
                case 1:
                    timers[i].Remove();
                    model[i] = default;
                    break;
                default:
                    // Some for the same time, some for one that is past.
                    model[i] = new Model(Math.Max(now + (random.NextInt64(-2, range) / random.Next(1, 1000)), 0), ++order);
                    timers[i].Set(new Instant(model[i].Due));
                    break;
            }
        }

        for (int i = 0; i < timers.Length; i++)
        {
            int number = i;
            timers[i] = new StackTimer(wheel, () =>
            {
                fired.Add(number);
                Assert.IsTrue(model[number].Order != 0 && model[number].Due <= now, "not yet, or no longer");
                model[number] = default;
                if (fired.Count % 3 == 0)
                {
                    Change();
                }
            });
        }

        for (int step = 0; step < 3000; step++)
        {
            for (int changes = random.Next(4); changes > 0; changes--)
            {
                Change();
            }

            long first = model.Where(static m => m.Order != 0).Select(static m => m.Due).DefaultIfEmpty(long.MaxValue).Min();
            Assert.IsLessThanOrEqualTo(first, wheel.Next.Ticks, "late");
            now = random.Next(4) switch
            {
                0 => now,
                1 when first != long.MaxValue => Math.Max(now, first),
                2 => now + random.NextInt64(range),
                _ => now + random.Next(3000),
            };
            fired.Clear();
            wheel.Run(new Instant(now));
            Assert.IsFalse(model.Any(m => m.Order != 0 && m.Due <= now), "due and not fired");
            Assert.IsGreaterThan(now, wheel.Next.Ticks);
        }

        foreach (StackTimer timer in timers)
        {
            timer.Remove();
        }

        Assert.AreEqual(0, wheel.Count);
        Assert.AreEqual(Instant.Never, wheel.Next);
    }

    [TestMethod]
    public void Order_is_that_of_time_and_then_that_of_setting()
    {
        TimerWheel wheel = new();
        List<int> fired = [];
        StackTimer[] timers = [.. Enumerable.Range(0, 6).Select(i => new StackTimer(wheel, () => fired.Add(i)))];
        timers[3].Set(new Instant(5000));
        timers[1].Set(new Instant(5000));
        timers[0].Set(new Instant(4_000_000));
        timers[2].Set(new Instant(5001));
        timers[5].Set(new Instant(1));
        timers[5].Set(new Instant(5000)); // moved: now set after 3 and 1
        timers[4].Set(new Instant(40));
        Assert.AreEqual(new Instant(1), wheel.Next);
        wheel.Run(new Instant(4_000_000));
        CollectionAssert.AreEqual((int[])[4, 3, 1, 5, 2, 0], fired);
    }

    [TestMethod]
    public void The_next_time_is_exact_when_nothing_was_stopped_or_moved_however_far_it_is()
    {
        Random random = TestSeed.Random();
        for (int round = 0; round < 200; round++)
        {
            TimerWheel wheel = new();
            int fired = 0;
            long[] due = [.. Enumerable.Range(0, 20).Select(_ => random.NextInt64(1, 1L << random.Next(1, 62)))];
            foreach (long time in due)
            {
                new StackTimer(wheel, () => fired++).Set(new Instant(time));
            }

            Array.Sort(due);
            while (wheel.Next != Instant.Never)
            {
                Assert.AreEqual(due[fired], wheel.Next.Ticks);
                wheel.Run(new Instant(wheel.Next.Ticks - 1));
                Assert.AreEqual(due[fired], wheel.Next.Ticks, "not before its time");
                wheel.Run(wheel.Next);
            }

            Assert.AreEqual(due.Length, fired);
        }
    }

    [TestMethod]
    public void Setting_and_firing_allocate_nothing()
    {
        TimerWheel wheel = new();
        int fired = 0;
        StackTimer[] timers = [.. Enumerable.Range(0, 1000).Select(_ => new StackTimer(wheel, () => fired++))];
        long now = 0;

        void Turn()
        {
            for (int i = 0; i < timers.Length; i++)
            {
                timers[i].Set(new Instant(now + (i * 5000) + 1));
            }

            now += 5_000_000;
            wheel.Run(new Instant(now));
        }

        Turn();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Turn();
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.AreEqual(2000, fired);
    }

    private readonly record struct Model(long Due, long Order);
}
