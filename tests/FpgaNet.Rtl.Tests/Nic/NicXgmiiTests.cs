using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Mac;
using FpgaNet.Rtl.Tests.Stream;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Nic;

/// <summary>The core behind the 10G MAC: fn_nic_xgmii, its XGMII looped.</summary>
[TestClass]
public sealed class NicXgmiiTests
{
    [TestMethod]
    [DataRow(6400, 6400, 6400)]
    [DataRow(6100, 6400, 6399)]
    [DataRow(6000, 6401, 6400)]
    [DataRow(4000, 6400, 6401, "fn_nic_xgmii_small")] // least stores, all left out that can be, no store of whole frames at the MAC
    public void Frames_go_round_the_loop_whole_at_the_line_s_rate(int period, int txPeriod, int rxPeriod, string model = "fn_nic_xgmii")
    {
        Random random = TestSeed.Random();
        using MultiClockBench bench = new(model);
        MultiClockBench.Domain core = bench.AddClock("clk", period);
        AxiStreamSource host = core.Add(new AxiStreamSource(bench.Model, "s_axis_tx", random) { FlagPin = "s_axis_tx_tabort" });
        AxiStreamSink received = core.Add(new AxiStreamSink(bench.Model, "m_axis_rx", random));
        AxiStreamSink statuses = core.Add(new AxiStreamSink(bench.Model, "m_tx_status", random));
        XgmiiListener wire = bench.AddClock("xgmii_tx_clk", txPeriod).Add(new XgmiiListener(bench.Model));
        // The loop is a cable: its far end runs at a clock of its own and slips an idle column now and then, as a PHY does.
        XgmiiTalker far = bench.AddClock("xgmii_rx_clk", rxPeriod).Add(new XgmiiTalker(bench.Model, random));
        bench.Reset(8, "rst");
        bench.Run(40L * txPeriod);
        Write(CoreRegisters.Control, 0xF);

        List<byte[]> frames = [];
        for (int i = 0; i < 300; i++)
        {
            frames.Add(RandomFrames.Bytes(random, i < 150 ? random.Next(60, 70) : random.Next(60, 1519)));
            host.Send(frames[^1], 0, 0, (uint)frames[^1].Length | (1u << 24), 0);
        }

        int echoed = 0;
        while (received.Frames.Count < frames.Count)
        {
            bench.Run(20L * txPeriod);
            Assert.IsLessThan(4_000_000L * 6400, bench.Time, "the card is stuck");
            for (; echoed < wire.Bursts.Count; echoed++)
            {
                (byte[] bytes, int gap, bool spoiled) = wire.Bursts.ElementAt(echoed);
                Assert.IsFalse(spoiled);
                Assert.IsTrue(echoed == 0 || gap is >= 9 and <= 15, $"{gap} bytes of gap");
                far.Play(new CarrierEvent(bytes, Gap: 12));
            }
        }

        RandomFrames.AreEqual(frames.Select(f => new StreamFrame(f)), new Queue<StreamFrame>(received.Frames.Select(f => new StreamFrame(f.Data))));
        Assert.IsTrue(statuses.Frames.All(s => s.Data[0] == (byte)Status.Ok));

        void Write(uint address, uint value)
        {
            bench.Model.Port("reg_address").Value = address;
            bench.Model.Port("reg_wdata").Value = value;
            bench.Model.Port("reg_write").Value = 1;
            bench.Run(period);
            bench.Model.Port("reg_write").Value = 0;
            bench.Run(20L * period);
        }
    }
}
