using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Sim;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Time;

/// <summary>fn_clock by its registers, and its pulse pin.</summary>
[TestClass]
public sealed class ClockTests
{
    [TestMethod]
    public void A_read_of_both_halves_is_one_moment()
    {
        using Bench bench = new();
        bench.Load(0xFFFF_FF00);
        for (int i = 0; i < 60; i++)
        {
            ulong moment = bench.Now + 8; // that of the clock behind the request
            Assert.AreEqual(moment, bench.ReadTime());
        }

        Assert.IsGreaterThan(uint.MaxValue, bench.Now, "the run did not pass the carry");
    }

    [TestMethod]
    public void A_new_rate_counts_at_once_and_whole()
    {
        using Bench bench = new();
        bench.Write(ClockRegisters.IncrementFraction, 0x8000_0000);
        bench.Step(10);
        ulong start = bench.Now;
        bench.Step(100);
        Assert.AreEqual(start + 800, bench.Now, "half of the increment was taken alone");
        bench.Write(ClockRegisters.IncrementNanoseconds, 6);
        bench.Step(10);
        start = bench.Now;
        bench.Step(1000);
        Assert.AreEqual(start + 6500, bench.Now);
        Assert.AreEqual(0x8000_0000u, bench.Read(ClockRegisters.IncrementFraction));
        Assert.AreEqual(6u, bench.Read(ClockRegisters.IncrementNanoseconds));
    }

    [TestMethod]
    public void A_step_backwards_takes_off_exactly_what_it_says()
    {
        Random random = TestSeed.Random();
        using Bench bench = new();
        bench.Load(1_700_000_000_000_000_000);
        for (int i = 0; i < 20; i++)
        {
            long step = random.NextInt64(-1_000_000_000_000, 1_000_000_000_000);
            ulong start = bench.Now;
            long cycles = bench.Cycles;
            bench.Value((ulong)step);
            bench.Write(ClockRegisters.Command, ClockRegisters.CommandStep.Mask);
            bench.Step(5);
            Assert.AreEqual((ulong)((long)start + step + (8 * (bench.Cycles - cycles))), bench.Now);
        }
    }

    [TestMethod]
    public void Pulses_rise_at_full_seconds_at_any_rate()
    {
        Random random = TestSeed.Random();
        using Bench bench = new();
        // As many nanoseconds in a cycle as there may be, so that a second is soon over.
        foreach (ulong increment in new[] { 250UL << 32, (255UL << 32) | 0xFFFF_FFFF, (200UL << 32) + (ulong)random.NextInt64(50L << 32) })
        {
            bench.Write(ClockRegisters.IncrementFraction, (uint)increment);
            bench.Write(ClockRegisters.IncrementNanoseconds, (uint)(increment >> 32));
            const uint Period = 1_000_000; // a full millisecond instead, by the same arithmetic
            bench.Write(ClockRegisters.PulsePeriod, Period);
            bench.Write(ClockRegisters.PulseWidth, Period / 10);
            bench.Load(1_700_000_000_000_000_000);
            bench.Value(1_700_000_000_000_000_000 + (2 * Period));
            bench.Write(ClockRegisters.Command, ClockRegisters.CommandStartPulse.Mask);
            Assert.AreEqual(1u, bench.Read(ClockRegisters.Status));
            ulong edge = 1_700_000_000_000_000_000 + (2 * Period);
            ulong clock = (increment >> 32) + 1;
            for (int i = 0; i < 12; i++, edge += Period)
            {
                ulong rise = bench.AwaitPulse(level: true);
                Assert.IsTrue(rise >= edge && rise - edge < 2 * clock, $"rose at {rise}, {(long)(rise - edge)} ns behind {edge}; a clock cycle is {clock} ns");
                ulong fall = bench.AwaitPulse(level: false);
                Assert.IsTrue(fall >= edge + (Period / 10) && fall - edge - (Period / 10) < 2 * clock, $"fell at {fall}");
            }
        }
    }

    [TestMethod]
    public void A_pulse_per_second_is_a_second_apart_after_the_rate_was_changed()
    {
        const ulong Second = 1_000_000_000, Start = 1_700_000_000 * Second;
        using Bench bench = new();
        bench.Write(ClockRegisters.IncrementFraction, 0xFEDC_BA98);
        bench.Write(ClockRegisters.IncrementNanoseconds, 255); // as fast as it goes, so that a second is soon over
        bench.Load(Start);
        bench.Value(Start + Second);
        bench.Write(ClockRegisters.Command, ClockRegisters.CommandStartPulse.Mask); // period and width as after reset
        for (ulong edge = Start + Second; edge <= Start + (3 * Second); edge += Second)
        {
            ulong rise = bench.AwaitPulse(level: true);
            Assert.IsTrue(rise >= edge && rise - edge < 2 * 256, $"{rise - edge} ns behind the full second");
            bench.AwaitPulse(level: false);
        }
    }

    [TestMethod]
    public void At_whole_nanoseconds_a_pulse_rises_in_the_first_clock_at_its_time()
    {
        using Bench bench = new();
        bench.Write(ClockRegisters.PulsePeriod, 1001);
        bench.Write(ClockRegisters.PulseWidth, 99);
        bench.Load(0);
        bench.Value(5000);
        bench.Write(ClockRegisters.Command, ClockRegisters.CommandStartPulse.Mask);
        for (ulong edge = 5000; edge < 50_000; edge += 1001)
        {
            ulong rise = bench.AwaitPulse(level: true);
            Assert.IsTrue(rise >= edge && rise - edge < 8, $"rose at {rise} instead of {edge}");
            bench.AwaitPulse(level: false);
        }
    }

    [TestMethod]
    [DataRow("Set")]
    [DataRow("Step")]
    [DataRow("StopPulse")]
    public void Who_moves_the_clock_stops_its_pulses(string command)
    {
        using Bench bench = new();
        bench.Write(ClockRegisters.PulsePeriod, 1000);
        bench.Write(ClockRegisters.PulseWidth, 500);
        bench.Value(1000);
        bench.Write(ClockRegisters.Command, ClockRegisters.CommandStartPulse.Mask);
        bench.AwaitPulse(level: true);
        bench.Write(ClockRegisters.Command, command switch
        {
            "Set" => ClockRegisters.CommandSet.Mask,
            "Step" => ClockRegisters.CommandStep.Mask,
            _ => ClockRegisters.CommandStopPulse.Mask,
        });
        bench.Step(4);
        for (int i = 0; i < 500; i++)
        {
            Assert.IsFalse(bench.Pulse.IsSet);
            bench.Step();
        }

        Assert.AreEqual(0u, bench.Read(ClockRegisters.Status));
    }

    [TestMethod]
    public void It_answers_for_its_own_addresses_alone()
    {
        using Bench bench = new();
        for (uint address = 0; address < 0x1_0000; address += 4)
        {
            bool mine = address is >= ClockRegisters.Offset and < ClockRegisters.Offset + 0x100;
            Assert.AreEqual(mine, bench.TryRead(address, out _), $"0x{address:X}");
        }

        Assert.AreEqual(ClockRegisters.BlockType, (ushort)bench.Read(ClockRegisters.BlockHeader));
        Assert.AreEqual(20_000u, bench.Read(ClockRegisters.LaunchLead));
        bench.Write(ClockRegisters.ReceiveLatency, 0x1_2345);
        Assert.AreEqual(0x2345u, bench.Read(ClockRegisters.ReceiveLatency));
    }

    private sealed class Bench : IDisposable
    {
        private readonly RtlBench _bench = new("fn_clock");
        private readonly Port _now;

        public Bench()
        {
            _now = _bench.Model.Port("now");
            Pulse = _bench.Model.Port("pulse");
            _bench.Reset();
        }

        public Port Pulse { get; }

        public ulong Now => _now.Value;

        public long Cycles => _bench.Cycles;

        public void Step(int cycles = 1) => _bench.Step(cycles);

        public void Write(uint address, uint value)
        {
            Pin("reg_address", address);
            Pin("reg_wdata", value);
            Pin("reg_write", 1);
            Step();
            Pin("reg_write", 0);
            Step();
            Assert.IsTrue(_bench.Model.Port("reg_ack").IsSet);
            Step();
        }

        public bool TryRead(uint address, out uint value)
        {
            Pin("reg_address", address);
            Pin("reg_read", 1);
            Step();
            Pin("reg_read", 0);
            Step();
            bool answered = _bench.Model.Port("reg_ack").IsSet;
            value = (uint)_bench.Model.Port("reg_rdata").Value;
            Assert.IsTrue(answered || value == 0, "data without an answer");
            return answered;
        }

        public uint Read(uint address)
        {
            Assert.IsTrue(TryRead(address, out uint value));
            return value;
        }

        public ulong ReadTime()
        {
            ulong low = Read(ClockRegisters.TimeLow);
            Step(50);
            return low | ((ulong)Read(ClockRegisters.TimeHigh) << 32);
        }

        public void Value(ulong value)
        {
            Write(ClockRegisters.ValueLow, (uint)value);
            Write(ClockRegisters.ValueHigh, (uint)(value >> 32));
        }

        public void Load(ulong time)
        {
            Value(time);
            Write(ClockRegisters.Command, ClockRegisters.CommandSet.Mask);
            Step(3);
        }

        /// <summary>The time in the clock in which the pin changes.</summary>
        public ulong AwaitPulse(bool level)
        {
            for (int limit = 5_000_000; Pulse.IsSet != level; limit--)
            {
                Assert.AreNotEqual(0, limit, "no pulse");
                Step();
            }

            return Now;
        }

        public void Dispose() => _bench.Dispose();

        private void Pin(string name, uint value)
        {
            Port pin = _bench.Model.Port(name);
            pin.Value = value;
        }
    }
}
