using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Testing;

namespace FpgaNet.Driver.Tests;

/// <summary>Launch times and time stamps through the rings, and the clock's registers.</summary>
[TestClass]
public sealed class TimeTests
{
    private const uint Features = 0x1_0301;

    [TestMethod]
    public void Launch_times_go_down_and_stamps_come_up_with_their_ids_round_and_round_the_ring()
    {
        using var rig = TimedRig();
        Random random = TestSeed.Random();
        for (int i = 0; i < 2000; i++)
        {
            long launch = random.Next(2) == 0 ? random.NextInt64(1, long.MaxValue) : 0;
            ushort id = (ushort)(random.Next(2) * random.Next(1, 65536));
            bool refused = random.Next(5) == 0;
            rig.Card.NextTxStatus = refused ? Status.LaunchTooFar : Status.Ok;
            Assert.AreEqual(1, rig.Send(rig.Frame([60, 1 + random.Next(100)], new TxOffload { LaunchTime = launch, TimestampId = id })));
            Assert.AreEqual((ulong)launch, rig.Card.Launches[^1]);
            Assert.AreEqual(id != 0, rig.Nic.TryTakeTransmitTimestamp(out TransmitTimestamp stamp), $"frame {i}");
            Assert.AreEqual(id == 0 ? default : new TransmitTimestamp(id, refused ? 0 : (long)rig.Card.Stamp), stamp);
        }

        Assert.IsGreaterThan(0ul, rig.Counter("driver_tx_error_launch_too_far"));
    }

    [TestMethod]
    public void Of_stamps_that_nobody_takes_the_oldest_are_lost_and_counted()
    {
        using var rig = TimedRig();
        for (ushort id = 1; id <= 300; id++)
        {
            Assert.AreEqual(1, rig.Send(rig.Frame([60], new TxOffload { TimestampId = id })));
        }

        for (ushort id = 45; id <= 300; id++)
        {
            Assert.IsTrue(rig.Nic.TryTakeTransmitTimestamp(out TransmitTimestamp stamp));
            Assert.AreEqual(id, stamp.Id);
        }

        Assert.IsFalse(rig.Nic.TryTakeTransmitTimestamp(out _));
        Assert.AreEqual(44ul, rig.Counter("driver_tx_timestamps_lost"));
    }

    [TestMethod]
    public void A_card_without_a_clock_has_none_of_it_and_refuses_what_asks_for_it()
    {
        using var rig = new Rig();
        Assert.IsNull(rig.Nic.Clock);
        Assert.AreEqual(OffloadFeatures.None, rig.Nic.Capabilities.Features & OffloadFeatures.Timed);
        Assert.AreEqual(1, rig.Send(rig.Frame([60], new TxOffload { LaunchTime = 1 })));
        Assert.AreEqual(1, rig.Send(rig.Frame([60], new TxOffload { TimestampId = 1 })));
        Assert.IsEmpty(rig.Card.Sent);
        Assert.AreEqual(2ul, rig.Counter("driver_tx_refused_offload"));
    }

    [TestMethod]
    public void A_received_frame_has_the_card_s_stamp_while_that_is_switched_on()
    {
        using var rig = TimedRig();
        RxCompletion completion = new() { TimestampLow = 0x89AB_CDEF, TimestampHigh = 0x0123_4567 };
        Assert.IsTrue(rig.Card.Deliver(new byte[60], completion));
        Assert.AreEqual(0x0123_4567_89AB_CDEF, Take().Timestamp);
        rig.Nic.EnabledFeatures &= ~OffloadFeatures.RxTimestamp;
        Assert.IsTrue(rig.Card.Deliver(new byte[60], completion));
        Assert.AreEqual(0, Take().Timestamp);

        RxOffload Take()
        {
            RxFrame frame = rig.Receive().Single();
            frame.Frame.Release();
            return frame.Offload;
        }
    }

    [TestMethod]
    public void The_clock_s_rate_is_written_in_units_of_a_nanosecond_over_2_to_the_32nd()
    {
        using var rig = TimedRig();
        IHardwareClock clock = rig.Nic.Clock!;
        Assert.AreEqual(8.0, clock.Resolution);
        clock.AdjustRate(1000); // one part in a million
        ulong increment = ((ulong)rig.Card.Register(ClockRegisters.IncrementNanoseconds) << 32) | rig.Card.Register(ClockRegisters.IncrementFraction);
        Assert.AreEqual((ulong)Math.Round(8.000008 * 4294967296), increment);
        clock.AdjustRate(-1e9); // it stands still
        Assert.AreEqual(0u, rig.Card.Register(ClockRegisters.IncrementNanoseconds) | rig.Card.Register(ClockRegisters.IncrementFraction));
        foreach (double rate in new[] { -1.1e9, 31.1e9, double.NaN })
        {
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => clock.AdjustRate(rate));
        }

        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => clock.Set(-1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => clock.StartPulse(0, 1000, 1000));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => clock.StartPulse(0, 99, 50));
        clock.AdjustPhase(-2);
        Assert.AreEqual(0xFFFF_FFFE, rig.Card.Register(ClockRegisters.ValueLow));
        Assert.AreEqual(0xFFFF_FFFF, rig.Card.Register(ClockRegisters.ValueHigh));
        Assert.AreEqual(ClockRegisters.CommandStep.Mask, rig.Card.Register(ClockRegisters.Command));
    }

    [TestMethod]
    public void A_reset_of_the_card_is_told_to_whoever_steers_its_clock()
    {
        using var rig = TimedRig();
        IHardwareClock clock = rig.Nic.Clock!;
        Assert.AreEqual(0, clock.Restarts);
        rig.Card.Halt(transmit: true, Status.ReadError);
        rig.Look(1);
        rig.Look(1);
        Assert.AreEqual(1, clock.Restarts);
        rig.Card.Unplugged = true;
        Assert.ThrowsExactly<InvalidOperationException>(() => clock.Read());
        Assert.ThrowsExactly<InvalidOperationException>(() => clock.Correlate());
        rig.Card.Unplugged = false;
    }

    private static Rig TimedRig() => new(card: new ScriptedPciFunction { Features = Features });
}
