using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Mac;
using FpgaNet.Rtl.Tests.Stream;
using FpgaNet.Sim;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Nic;

/// <summary>Time in the core behind the 10G MAC, its XGMII a loop, all at one clock of 6.4 ns: a word holds eight bytes, and time is told to the word; the start
/// delimiter is in its last byte, or in the middle of it.</summary>
[TestClass]
public sealed class NicXgmiiTimeTests
{
    private const uint Timestamp = 1 << 24;
    private const uint Launch = 1 << 25;
    private const double Period = 6.4;

    [TestMethod]
    public void Stamps_and_launches_are_those_of_the_word_with_the_start_delimiter()
    {
        const int Frames = 100;
        Random random = TestSeed.Random();
        using RtlBench bench = new("fn_nic_xgmii");
        AxiStreamSource host = bench.Source("s_axis_tx", random);
        host.FlagPin = "s_axis_tx_tabort";
        AxiStreamSink received = bench.Sink("m_axis_rx", random);
        AxiStreamSink statuses = bench.Sink("m_tx_status", random);
        Loop loop = bench.Add(new Loop(bench.Model));
        Port now = bench.Model.Port("now");
        bench.Reset();
        bench.Step(100);
        bench.Model.Port("reg_address").Value = CoreRegisters.Control;
        bench.Model.Port("reg_wdata").Value = 0xF;
        bench.Model.Port("reg_write").IsSet = true;
        bench.Step();
        bench.Model.Port("reg_write").IsSet = false;
        bench.Step(20);
        double zero = now.Value - (Period * loop.Cycle);

        List<ulong> launches = [];
        ulong time = now.Value + 30_000;
        for (int i = 0; i < Frames; i++)
        {
            int length = random.Next(60, 400);
            launches.Add(i % 3 == 0 ? 0 : time);
            host.Send(
                RandomFrames.Bytes(random, length), 0, 0, (uint)length | (1u << 24), Timestamp | (launches[i] == 0 ? 0 : Launch), (uint)launches[i], (uint)(launches[i] >> 32));
            time += (ulong)random.Next(1000, 3000);
        }

        bench.StepUntil(() => received.Frames.Count == Frames && statuses.Frames.Count == Frames);
        for (int i = 0; i < Frames; i++)
        {
            double onPins = zero + (Period * loop.Delimiters[i]);
            double sent = Time(statuses.Frames.Dequeue().User, 0);
            double arrived = Time(received.Frames.Dequeue().User, 4);
            Assert.IsLessThanOrEqualTo(Period, Math.Abs(sent - onPins), $"sent, frame {i}");
            Assert.IsLessThanOrEqualTo(Period, Math.Abs(arrived - onPins), $"received, frame {i}");
            Assert.IsLessThanOrEqualTo(launches[i] == 0 ? double.MaxValue : Period + 1.6, Math.Abs(onPins - launches[i]), $"launched, frame {i}");
        }
    }

    private static double Time(uint[] words, int at) => words[at] | ((ulong)words[at + 1] << 32);

    /// <summary>XGMII out is XGMII in; notes the words with start delimiters.</summary>
    private sealed class Loop(VerilatedModel model) : IBenchDriver
    {
        private readonly Port _data = model.Port("xgmii_txd");
        private readonly Port _control = model.Port("xgmii_txc");
        private readonly Port _dataIn = model.Port("xgmii_rxd");
        private readonly Port _controlIn = model.Port("xgmii_rxc");
        private bool _next;

        public long Cycle { get; private set; }

        public List<long> Delimiters { get; } = [];

        public void Drive()
        {
            _dataIn.Value(_data.Value);
            _controlIn.Value(_control.Value);
        }

        public void Sample()
        {
            // A frame that starts in lane 4 has its delimiter in the next word.
            if (_next || ((_control.Value & 1) != 0 && (byte)_data.Value == XgmiiCharacter.Start))
            {
                Delimiters.Add(Cycle);
            }

            _next = (_control.Value & 0x10) != 0 && (byte)(_data.Value >> 32) == XgmiiCharacter.Start;
            Cycle++;
        }
    }
}
