using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Mac;

[TestClass]
public sealed class MacGmiiRxTests
{
    [TestMethod]
    public void Every_carrier_event_gives_one_frame_with_its_verdict()
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new("fn_mac_gmii_rx");
        GmiiTalker wire = bench.Add(new GmiiTalker(bench.Model, random));
        AxiStreamSink sink = bench.Sink("m_axis", random);
        sink.UserIsStable = false; // the verdict counts with tlast only
        bench.Reset();
        bench.Step(2); // a carrier that stands when the reset ends would be skipped
        List<(CarrierEvent Event, RxVerdict Verdict, byte[] Frame)> played = [];
        for (int i = 0; i < 500; i++)
        {
            played.Add(RandomCarrier.Next(random, gap: random.Next(1, 20)));
            wire.Play(played[^1].Event);
        }

        bench.StepUntil(() => wire.Pending == 0, limit: 2_000_000);
        bench.Step(10);
        Assert.AreEqual(played.Count, sink.Frames.Count);
        foreach ((_, RxVerdict verdict, byte[] frame) in played)
        {
            StreamFrame got = sink.Frames.Dequeue();
            Assert.AreEqual(verdict, (RxVerdict)got.User[0]);
            if (verdict == RxVerdict.Good)
            {
                CollectionAssert.AreEqual(frame, got.Data);
            }
        }

        Assert.IsFalse(bench.Model.Port("busy").IsSet);
    }

    [TestMethod]
    public void A_frame_that_a_reset_cuts_in_two_is_not_reported()
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new("fn_mac_gmii_rx");
        GmiiTalker wire = bench.Add(new GmiiTalker(bench.Model, random));
        AxiStreamSink sink = bench.Sink("m_axis", random);
        sink.UserIsStable = false;
        (CarrierEvent next, _, byte[] frame) = RandomCarrier.Good(random, 100);
        wire.Play(new CarrierEvent(EthernetReference.WithPreamble(new byte[200])));
        wire.Play(next);
        bench.Model.Port("rst").Value = 1;
        bench.Step(50);
        bench.Model.Port("rst").Value = 0;
        bench.StepUntil(() => wire.Pending == 0);
        bench.Step(10);
        Assert.AreEqual(1, sink.Frames.Count);
        CollectionAssert.AreEqual(frame, sink.Frames.Dequeue().Data);
    }
}
