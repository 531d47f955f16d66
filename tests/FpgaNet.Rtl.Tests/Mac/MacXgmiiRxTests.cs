using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Stream;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Mac;

[TestClass]
public sealed class MacXgmiiRxTests
{
    private const byte LocalFault = 1;
    private const byte RemoteFault = 2;

    [TestMethod]
    public void Every_start_gives_one_frame_with_its_verdict_whatever_lane_it_starts_and_ends_in()
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new("fn_mac_xgmii_rx");
        XgmiiTalker wire = bench.Add(new XgmiiTalker(bench.Model, random));
        AxiStreamSink sink = bench.Sink("m_axis", random);
        PulseCounter strikes = bench.Add(new PulseCounter(bench.Model, "strike"));
        sink.UserIsStable = false; // the verdict counts with tlast only
        bench.Reset();
        List<(CarrierEvent Event, RxVerdict Verdict, byte[] Frame)> played = [];
        for (int i = 0; i < 800; i++)
        {
            // Clause 46.2.1: a receiver may meet gaps of 5 bytes.
            played.Add(i < 80 ? RandomCarrier.Good(random, 60 + i, gap: 5) : RandomCarrier.Next(random, gap: random.Next(5, 20)));
            wire.Play(played[^1].Event);
        }

        bench.StepUntil(() => !wire.Pending, limit: 2_000_000);
        bench.Step(12);
        Assert.AreEqual(played.Count, sink.Frames.Count);
        int index = 0;
        foreach ((_, RxVerdict verdict, byte[] frame) in played)
        {
            StreamFrame got = sink.Frames.Dequeue();
            Assert.AreEqual(verdict, (RxVerdict)got.User[0], $"frame {index}");
            if (verdict == RxVerdict.Good)
            {
                CollectionAssert.AreEqual(frame, got.Data, $"frame {index}");
            }

            index++;
        }

        Assert.IsFalse(bench.Model.Port("busy").IsSet);
        Assert.IsGreaterThan(played.Count / 2, strikes.Count);
    }

    [TestMethod]
    public void A_start_inside_a_frame_ends_it_with_an_error_and_opens_the_next()
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new("fn_mac_xgmii_rx");
        XgmiiTalker wire = bench.Add(new XgmiiTalker(bench.Model, random));
        AxiStreamSink sink = bench.Sink("m_axis", random);
        sink.UserIsStable = false;
        bench.Reset();
        byte[] frame = RandomFrames.Bytes(random, 100);
        byte[] line = EthernetReference.WithPreamble(RandomFrames.Bytes(random, 64));
        for (int i = 0; i < line.Length; i += 8)
        {
            Beat(BitConverter.ToUInt64(line, i) & (i == 0 ? ~0xFFUL : ulong.MaxValue) | (i == 0 ? XgmiiCharacter.Start : 0u), i == 0 ? 1u : 0);
        }

        wire.Play(new CarrierEvent(EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(frame))));
        bench.Step(40);
        Assert.AreEqual(RxVerdict.PhyError, (RxVerdict)sink.Frames.Dequeue().User[0]);
        StreamFrame got = sink.Frames.Dequeue();
        Assert.AreEqual(RxVerdict.Good, (RxVerdict)got.User[0]);
        CollectionAssert.AreEqual(frame, got.Data);

        void Beat(ulong data, uint control)
        {
            bench.Model.Port("xgmii_rxd").Value = data;
            bench.Model.Port("xgmii_rxc").Value = control;
            bench.Model.Tick();
        }
    }

    [TestMethod]
    [DataRow(LocalFault)]
    [DataRow(RemoteFault)]
    public void Four_ordered_sets_make_a_fault_and_128_columns_without_end_it(int fault)
    {
        using RtlBench bench = new("fn_mac_xgmii_rx");
        XgmiiTalker wire = bench.Add(new XgmiiTalker(bench.Model, new Random(1)));
        bench.Reset();
        bench.Step(100);
        Assert.AreEqual(0, Fault());
        wire.PlayFault((byte)fault, 3, 20);
        Finish();
        Assert.AreEqual(0, Fault(), "three are not enough");
        bench.Step(70);
        wire.PlayFault((byte)fault, 2, 3);
        wire.PlayFault((byte)(3 - fault), 2, 3);
        wire.PlayFault((byte)fault, 2, 3);
        Finish();
        Assert.AreEqual(0, Fault(), "two of this and two of that");
        bench.Step(70);
        wire.PlayFault((byte)fault, 4, 101);
        Finish();
        Assert.AreEqual(fault, Fault());
        bench.Step(10);
        Assert.AreEqual(fault, Fault());
        bench.Step(60);
        Assert.AreEqual(0, Fault(), "128 columns without");
        wire.PlayFault((byte)fault, 50, 0);
        Finish();
        Assert.AreEqual(fault, Fault());

        void Finish()
        {
            bench.StepUntil(() => !wire.Pending);
            bench.Step(4);
        }

        int Fault() => bench.Model.Port("local_fault").IsSet ? LocalFault : bench.Model.Port("remote_fault").IsSet ? RemoteFault : 0;
    }
}
