using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Mac;
using FpgaNet.Rtl.Tests.Stream;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Nic;

/// <summary>802.3x flow control (IEEE 802.3 annex 31B), both ways.</summary>
[TestClass]
public sealed class NicPauseTests
{
    private const int QuantumBytes = 64;
    private const string Model = "fn_nic_plain"; // without the large store of coalescing, which would hide a host that stops
    private const uint Receive = 1;
    private const uint Transmit = 2;

    [TestMethod]
    [DataRow(8)]
    [DataRow(64)]
    public void A_received_pause_holds_frames_for_its_time_and_no_other_frame_does(int width)
    {
        Random random = TestSeed.Random();
        using NicBench nic = new(width, random, model: Model);
        nic.Enable(random);
        nic.Write(MacRegisters.Control, Receive);
        for (int i = 0; i < 60; i++)
        {
            nic.Host.Send(RandomFrames.Bytes(random, 100), 0, 0, 100 | (1u << 24), 0);
        }

        nic.StepUntil(() => nic.Sent.Bursts.Count == 4);
        int quanta = random.Next(20, 60);
        byte[][] others = [.. Strangers(random)];
        foreach (byte[] other in others)
        {
            Play(nic, other);
        }

        nic.StepUntil(() => nic.Wire!.Pending == 0);
        nic.Step(200);
        int before = nic.Sent.Bursts.Count;
        Assert.IsTrue(nic.Sent.Bursts.Skip(1).All(b => b.Gap == 12), "held by a frame that is no PAUSE frame");
        Play(nic, Pause(quanta));
        nic.StepUntil(() => nic.Wire!.Pending == 0);
        nic.StepUntil(() => nic.Sent.Bursts.Count > before + 3, limit: 20_000);
        (byte[] Bytes, int Gap, bool Spoiled)[] held = [.. nic.Sent.Bursts.Where(b => b.Gap is > 12 and < 1_000_000).Skip(1)];
        Assert.HasCount(1, held);
        // From the end of the PAUSE frame, which the frame under way and the MAC's own way shorten.
        Assert.IsTrue(
            held[0].Gap > ((quanta - 3) * QuantumBytes) - 12 && held[0].Gap <= (quanta * QuantumBytes) + 40, $"{held[0].Gap} bytes of gap for {quanta} quanta");
        Assert.IsFalse(CoreRegisters.StatusPaused.IsSet(nic.Read(CoreRegisters.Status)));

        // One that ends a pause.
        Play(nic, Pause(0xFFFF));
        nic.StepUntil(() => nic.Wire!.Pending == 0);
        nic.Step(400);
        Assert.IsTrue(CoreRegisters.StatusPaused.IsSet(nic.Read(CoreRegisters.Status)));
        before = nic.Sent.Bursts.Count;
        nic.Step(3000);
        Assert.AreEqual(before, nic.Sent.Bursts.Count);
        Play(nic, Pause(0));
        nic.Settle();
        Assert.HasCount(60, nic.Sent.Bursts);
        RandomFrames.AreEqual(others.Select(f => new StreamFrame(f)), new Queue<StreamFrame>(nic.Received.Frames.Select(f => new StreamFrame(f.Data))));
        Assert.AreEqual(3UL, nic.Counter(CardCounters.RxPause));
    }

    [TestMethod]
    public void Without_the_enable_a_pause_is_a_frame_as_others()
    {
        Random random = TestSeed.Random();
        using NicBench nic = new(64, random, model: Model);
        nic.Enable(random);
        Play(nic, Pause(0xFFFF));
        nic.StepUntil(() => nic.Wire!.Pending == 0);
        nic.Host.Send(RandomFrames.Bytes(random, 100), 0, 0, 100 | (1u << 24), 0);
        nic.Settle();
        Assert.HasCount(1, nic.Sent.Bursts);
        CollectionAssert.AreEqual(Pause(0xFFFF), nic.Received.Frames.Dequeue().Data);
        Assert.AreEqual(0UL, nic.Counter(CardCounters.RxPause));
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(64)]
    public void A_full_receiver_asks_for_a_pause_from_its_address_repeats_it_and_ends_it(int width)
    {
        const int Quanta = 100;
        Random random = TestSeed.Random();
        using NicBench nic = new(width, random, model: Model);
        nic.Enable(random);
        nic.Write(MacRegisters.Control, Transmit);
        nic.Write(MacRegisters.PauseQuanta, Quanta);
        nic.Received.Stall = 1;
        for (int i = 0; i < 9; i++)
        {
            Play(nic, RandomFrames.Bytes(random, 1000)); // 4 for the core's FIFO, 3 up to the watermark
        }

        nic.StepUntil(() => nic.Wire!.Pending == 0);
        nic.Step(10_000);
        int asked = nic.Sent.Bursts.Count;
        Assert.IsTrue(asked is >= 3 and <= 5, $"asked {asked} times in about 12000 bytes, once a {Quanta * QuantumBytes / 2}");
        nic.Received.Stall = 0;
        nic.Step(12_000);
        asked = nic.Sent.Bursts.Count - 1; // perhaps once more before there is room
        for (int i = 0; i <= asked; i++)
        {
            byte[] expected = EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(Pause(i < asked ? Quanta : 0, [0x02, 0, 0x5E, 0x10, 0, 1])));
            CollectionAssert.AreEqual(expected, nic.Sent.Bursts.Dequeue().Bytes);
        }

        Assert.HasCount(9, nic.Received.Frames);
        Assert.AreEqual((ulong)asked + 1, nic.Counter(CardCounters.TxPause));
        Assert.AreEqual(0UL, nic.Counter(CardCounters.TxFrames));
        Assert.IsTrue(nic.IsIdle);
    }

    // A PAUSE frame goes out every other moment, so that the end often falls into one; and there is no frame of ours behind it.
    [TestMethod]
    [DataRow(8)]
    [DataRow(64)]
    public void A_pause_that_ends_while_it_is_asked_for_again_ends(int width)
    {
        Random random = TestSeed.Random();
        using NicBench nic = new(width, random, model: Model);
        nic.Enable(random);
        nic.Write(MacRegisters.Control, Transmit);
        nic.Write(MacRegisters.PauseQuanta, 4);
        for (int round = 0; round < 12; round++)
        {
            nic.Received.Stall = 1;
            for (int i = 0; i < 8; i++)
            {
                Play(nic, RandomFrames.Bytes(random, random.Next(1000, 1100)));
            }

            nic.StepUntil(() => nic.Wire!.Pending == 0);
            nic.Step(random.Next(200));
            nic.Received.Stall = 0;
            nic.StepUntil(() => nic.IsIdle);
            nic.Step(300);
            int asked = nic.Sent.Bursts.Count;
            nic.Step(1000);
            Assert.HasCount(asked, nic.Sent.Bursts, "PAUSE frames while nothing is stored");
            byte[] last = nic.Sent.Bursts.Last().Bytes;
            Assert.AreEqual(0, last[8 + 16] | last[8 + 17], "the last one ends the pause");
            nic.Sent.Bursts.Clear();
        }
    }

    [TestMethod]
    [DataRow(8, true)]
    [DataRow(64, true)]
    [DataRow(64, false)]
    public void Between_two_cards_no_frame_is_lost_while_a_host_stalls(int width, bool flowControl)
    {
        Random random = TestSeed.Random();
        using NicBench a = new(width, random, model: Model);
        using NicBench b = new(width, random, peer: a, model: Model);
        NicBench[] both = [a, b];
        List<byte[]>[] sent = [[], []];
        foreach ((NicBench nic, int n) in both.Select((x, n) => (x, n)))
        {
            nic.Enable(random);
            nic.Write(MacRegisters.Control, flowControl ? Receive | Transmit : 0);
            nic.Write(MacRegisters.PauseQuanta, 60);
            for (int i = 0; i < 120; i++)
            {
                sent[n].Add(RandomFrames.Bytes(random, random.Next(4) == 0 ? random.Next(1000, 1519) : random.Next(60, 200)));
                nic.Host.Send(sent[n][^1], 0, 0, (uint)sent[n][^1].Length | (1u << 24), 0);
            }
        }

        // Each host stops now and then, for longer than its FIFOs last, and is slow in between.
        for (int round = 0; a.Host.Pending + b.Host.Pending > 0 || !a.IsIdle || !b.IsIdle; round++)
        {
            Assert.IsLessThan(400, round, "the cards hold each other for ever");
            foreach (NicBench nic in both)
            {
                nic.Received.Stall = round == 0 ? 1 : a.Host.Pending + b.Host.Pending == 0 ? 0 : random.Next(3) == 0 ? 1 : random.Next(2) * 0.3;
            }

            for (int i = round == 0 ? 30_000 : random.Next(1, 10_000); i > 0; i--)
            {
                a.Step();
                b.Step();
            }
        }

        if (flowControl)
        {
            Assert.AreEqual(0UL, a.Counter(CardCounters.RxOverflow) + b.Counter(CardCounters.RxOverflow));
            Assert.IsGreaterThan(0UL, a.Counter(CardCounters.RxPause) + b.Counter(CardCounters.RxPause));
            RandomFrames.AreEqual(sent[0].Select(f => new StreamFrame(f)), new Queue<StreamFrame>(b.Received.Frames.Select(f => new StreamFrame(f.Data))));
            RandomFrames.AreEqual(sent[1].Select(f => new StreamFrame(f)), new Queue<StreamFrame>(a.Received.Frames.Select(f => new StreamFrame(f.Data))));
        }
        else
        {
            Assert.IsGreaterThan(0UL, a.Counter(CardCounters.RxOverflow) + b.Counter(CardCounters.RxOverflow), "the stalls are long enough to lose frames without flow control");
        }
    }

    internal static byte[] Pause(int quanta, byte[]? from = null) => EthernetReference.Padded(
        [0x01, 0x80, 0xC2, 0, 0, 1, .. from ?? [0x02, 0, 0x5E, 0, 0, 9], 0x88, 0x08, 0, 1, (byte)(quanta >> 8), (byte)quanta]);

    // One step away from a PAUSE frame, each.
    private static IEnumerable<byte[]> Strangers(Random random)
    {
        foreach (int at in new[] { 0, 1, 2, 3, 4, 5, 12, 13, 14, 15 })
        {
            byte[] frame = Pause(0xFFFF);
            frame[at] ^= (byte)(1 << (at == 0 ? random.Next(1, 8) : random.Next(8)));
            yield return frame;
        }
    }

    private static void Play(NicBench nic, byte[] frame) =>
        nic.Wire!.Play(new CarrierEvent(EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(frame))));
}
