using FpgaNet.Sim;

namespace FpgaNet.CoSim.Tests.Models;

/// <summary>Simulated time without a card: polls, deadlines and timers.</summary>
[TestClass]
public sealed class LockstepClockTests
{
    [TestMethod]
    public void Idle_time_is_skipped_to_the_next_deadline()
    {
        LockstepClock clock = new();
        List<long> polls = [];
        clock.Add(() =>
        {
            polls.Add(clock.GetTimestamp());
            return polls.Count < 3 ? clock.GetTimestamp() + 1_000_000_000 : LockstepClock.NoDeadline;
        });
        Assert.IsFalse(clock.RunUntil(() => false, TimeSpan.FromHours(1)), "nothing was left to wait for");
        CollectionAssert.AreEqual(new long[] { 0, 1_000_000_000, 2_000_000_000 }, polls);
        Assert.AreEqual(TimeSpan.FromHours(1), clock.Elapsed);
    }

    [TestMethod]
    public void A_deadline_that_has_passed_means_another_turn_and_cannot_stop_time()
    {
        LockstepClock clock = new();
        clock.Add(() => 0);
        clock.RunFor(TimeSpan.FromMicroseconds(1));
        Assert.AreEqual(1000, clock.GetTimestamp());
    }

    [TestMethod]
    public void Timers_fire_at_their_time_in_order_and_stop()
    {
        LockstepClock clock = new();
        List<string> fired = [];
        using ITimer once = clock.CreateTimer(_ => fired.Add($"once {clock.Elapsed.TotalMilliseconds}"), null, TimeSpan.FromMilliseconds(5), Timeout.InfiniteTimeSpan);
        ITimer often = clock.CreateTimer(_ => fired.Add($"often {clock.Elapsed.TotalMilliseconds}"), null, TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(2));
        using ITimer never = clock.CreateTimer(_ => fired.Add("never"), null, TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        never.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        clock.RunFor(TimeSpan.FromMilliseconds(7));
        often.Dispose();
        clock.RunFor(TimeSpan.FromMilliseconds(7));
        CollectionAssert.AreEqual(new[] { "often 2", "often 4", "once 5", "often 6" }, fired);
        Assert.IsFalse(often.Change(TimeSpan.Zero, TimeSpan.Zero));
    }

    [TestMethod]
    public async Task A_wake_from_another_thread_keeps_time_from_being_skipped()
    {
        LockstepClock clock = new() { IdleGrace = TimeSpan.FromSeconds(30) };
        bool work = false;
        long done = -1;
        clock.Add(() =>
        {
            if (Volatile.Read(ref work))
            {
                done = clock.GetTimestamp();
            }

            return 1_000_000_000_000;
        });
        Task other = Task.Run(() =>
        {
            Volatile.Write(ref work, true);
            clock.Wake();
        });
        Assert.IsTrue(clock.RunUntil(() => done >= 0, TimeSpan.FromHours(1)));
        Assert.AreEqual(0, done);
        await other;
    }
}
