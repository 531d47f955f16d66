using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Sim;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Mac;

/// <summary>Every bit of every frame on the pins, by IEEE 802.3 §22.2.4.5, whatever is asked and answered, and its times by §22.3.4.</summary>
[TestClass]
public sealed class MdioTests
{
    private const int Preamble = 32, Bits = 32, Header = 14;

    [TestMethod]
    [DataRow("fn_mdio", 25)]
    [DataRow("fn_mdio_fast", 3)]
    public void Frames_are_those_of_the_standard(string model, int half)
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new(model);
        Pins pins = bench.Add(new Pins(bench.Model, half));
        for (int i = 0; i < 60; i++)
        {
            // Any 32 bits: clause 22 and 45, and what neither has.
            uint frame = (uint)random.NextInt64(1L << 32);
            bool read = (frame & (1u << 29)) != 0;
            uint answer = random.Next(4) == 0 ? uint.MaxValue : (uint)random.NextInt64(1L << 18);
            pins.Begin(read ? answer : uint.MaxValue, random.Next((2 * half) - 1));
            bench.Step(random.Next(3 * half));
            Assert.IsFalse(pins.Clock || pins.IsDriven, "the pins are at rest between frames");

            bench.Model.Port("frame").Value = frame;
            bench.Model.Port("start").Value = 1;
            bench.Step();
            bench.Model.Port("start").Value = (ulong)random.Next(2); // no matter while busy
            bench.Model.Port("frame").Value = (ulong)random.NextInt64(1L << 32);
            bench.StepUntil(() => bench.Model.Port("done").IsSet, 70 * 2 * half);
            bench.Model.Port("start").Value = 0;

            // Let go, 32 ones, the frame; of a read only its header.
            string expected = "z" + new string('1', Preamble) + string.Concat(Enumerable.Range(0, Bits).Select(n => read && n >= Header ? "z" : ((frame >> (31 - n)) & 1) != 0 ? "1" : "0"));
            Assert.AreEqual(expected, pins.Sent);
            Assert.AreEqual(read ? (frame & 0xFFFC_0000) | (answer & 0x3_FFFF) : frame, (uint)bench.Model.Port("seen").Value);
            Assert.IsFalse(bench.Model.Port("busy").IsSet);
        }
    }

    /// <summary>What stands at the pins: it writes down what the station sends and answers in the turnaround and behind it, some clocks after MDC's rise.</summary>
    private sealed class Pins(VerilatedModel model, int half) : IBenchDriver
    {
        private readonly Port _clock = model.Port("mdc");
        private readonly Port _out = model.Port("mdio_o");
        private readonly Port _drives = model.Port("mdio_oe");
        private readonly Port _in = model.Port("mdio_i");
        private char _lastPin = 'z';
        private bool _lastClock;
        private int _sinceEdge = 1000;
        private int _sinceRise = 1000;
        private int _sinceChange = 1000;
        private uint _answer = uint.MaxValue;
        private int _delay;

        public bool Clock => _clock.IsSet;

        public bool IsDriven => _drives.IsSet;

        public string Sent { get; private set; } = "";

        private char Pin => !IsDriven ? 'z' : _out.IsSet ? '1' : '0';

        public void Begin(uint answer, int delay)
        {
            (Sent, _answer, _delay, _sinceEdge) = ("", answer, delay, 1000);
        }

        public void Drive()
        {
            // Bit n of the frame is taken by rise 33 + n; the PHY changes behind the rise before.
            int bit = Sent.Length - 1 - Preamble - (_sinceRise < _delay ? 1 : 0);
            bool answered = bit is >= Header and < Bits && ((_answer >> (Bits - 1 - bit)) & 1) == 0;
            _in.IsSet = IsDriven ? _out.IsSet : !answered;
        }

        public void Sample()
        {
            _sinceEdge++;
            _sinceRise++;
            _sinceChange = Pin == _lastPin ? _sinceChange + 1 : 0;
            if (_clock.IsSet != _lastClock)
            {
                Assert.IsTrue(_sinceEdge >= half, $"MDC stands for {_sinceEdge} of {half} clocks");
                _sinceEdge = 0;
                if (_clock.IsSet)
                {
                    Assert.IsGreaterThanOrEqualTo(half, _sinceChange, "MDIO is set up as MDC falls");
                    _sinceRise = 0;
                    Sent += Pin;
                }
            }
            else if (_sinceChange == 0)
            {
                Assert.IsTrue(_sinceEdge == 0 || _sinceEdge >= half, "MDIO changes as MDC falls");
            }

            (_lastPin, _lastClock) = (Pin, _clock.IsSet);
        }
    }
}
