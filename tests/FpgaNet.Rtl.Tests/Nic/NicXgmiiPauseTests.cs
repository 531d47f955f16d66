using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Mac;
using FpgaNet.Rtl.Tests.Stream;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Nic;

/// <summary>802.3x flow control (IEEE 802.3 annex 31B) at 10 Gb/s, both ways.</summary>
[TestClass]
public sealed class NicXgmiiPauseTests
{
    /// <summary>Words of 8 bytes in a quantum.</summary>
    private const int QuantumWords = 8;
    private const uint Receive = 1;
    private const uint Transmit = 2;

    // From the word with a frame's start to that with its end, which is found out a clock later.
    private static int Words(int length) => (8 + length + 4) / 8;

    [TestMethod]
    public void A_received_pause_holds_frames_for_its_time_to_the_clock()
    {
        const int Length = 100;
        Random random = TestSeed.Random();
        using NicXgmiiBench nic = new(random);
        nic.Write(MacRegisters.Control, Receive);
        List<long> starts = [];
        List<byte[]> sent = [];
        long expected = 0;
        for (int round = 0; round < 4; round++)
        {
            int quanta = random.Next(70, 300);
            Run(500);
            long end = nic.Cycles + Words(60);
            nic.Play(NicPauseTests.Pause(quanta));
            Run((quanta * QuantumWords) + 700);

            // Annex 31B.3.7: at 10 Gb/s no frame begins later than 60 quanta behind the frame that asks.
            Assert.IsLessThan(end + (60 * QuantumWords), starts.Last(start => start < end + (65 * QuantumWords)));
            long late = starts.First(start => start > end + (65 * QuantumWords)) - end - (quanta * QuantumWords);
            Assert.IsInRange(0, 4 * QuantumWords, late, $"{quanta} quanta");
            Assert.AreEqual(round == 0 ? late : expected, late, $"{quanta} quanta: not to the clock");
            expected = late;
        }

        // Held for long, and let go.
        nic.Play(NicPauseTests.Pause(0xFFFF));
        Run(1000);
        Assert.IsTrue(CoreRegisters.StatusPaused.IsSet(nic.Read(CoreRegisters.Status)));
        int before = starts.Count;
        Run(1000);
        Assert.HasCount(before, starts);
        nic.Play(NicPauseTests.Pause(0));
        Run(200);
        Assert.IsGreaterThan(before, starts.Count);
        nic.StepUntil(() => nic.IsIdle && nic.Host.Pending == 0);
        Assert.IsFalse(CoreRegisters.StatusPaused.IsSet(nic.Read(CoreRegisters.Status)));
        Assert.AreEqual(6UL, nic.Counter(CardCounters.RxPause));
        Assert.IsEmpty(nic.Received.Frames);
        Assert.HasCount(sent.Count, nic.Sent.Bursts);
        foreach (byte[] frame in sent)
        {
            CollectionAssert.AreEqual(EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(frame)), nic.Sent.Bursts.Dequeue().Bytes);
        }

        void Run(int cycles)
        {
            for (int i = 0; i < cycles; i++)
            {
                if (nic.Host.Pending < 3)
                {
                    sent.Add(RandomFrames.Bytes(random, Length));
                    nic.Send(sent[^1]);
                }

                int frames = nic.Sent.Bursts.Count;
                nic.Step();
                if (nic.Sent.Bursts.Count != frames)
                {
                    starts.Add(nic.Cycles - 1 - Words(Length));
                }
            }
        }
    }

    [TestMethod]
    public void A_full_receiver_asks_for_a_pause_repeats_it_and_ends_it()
    {
        const int Quanta = 100;
        Random random = TestSeed.Random();
        using NicXgmiiBench nic = new(random);
        nic.Write(MacRegisters.Control, Transmit);
        nic.Write(MacRegisters.PauseQuanta, Quanta);
        nic.Received.Stall = 1;
        List<byte[]> frames = [.. Enumerable.Range(0, 14).Select(_ => RandomFrames.Bytes(random, 1000))]; // 4 for the core's FIFO, 7 up to the watermark
        frames.ForEach(nic.Play);
        nic.StepUntil(() => !nic.Wire!.Pending);
        nic.Step(20 * Quanta * QuantumWords / 2);
        int asked = nic.Sent.Bursts.Count;
        Assert.IsInRange(20, 24, asked, "once in half its time");
        nic.Received.Stall = 0;
        nic.Step(4000);
        asked = nic.Sent.Bursts.Count - 1; // perhaps once more before there is room
        for (int i = 0; i <= asked; i++)
        {
            byte[] expected = EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(NicPauseTests.Pause(i < asked ? Quanta : 0, [0x02, 0, 0x5E, 0x10, 0, 1])));
            CollectionAssert.AreEqual(expected, nic.Sent.Bursts.Dequeue().Bytes);
        }

        RandomFrames.AreEqual(frames.Select(f => new StreamFrame(f)), new Queue<StreamFrame>(nic.Received.Frames.Select(f => new StreamFrame(f.Data))));
        Assert.AreEqual((ulong)asked + 1, nic.Counter(CardCounters.TxPause));
        Assert.AreEqual(0UL, nic.Counter(CardCounters.RxOverflow));
    }

    // A PAUSE frame goes out every other moment, so that the end often falls into one; and there is no frame of ours behind it.
    [TestMethod]
    public void A_pause_that_ends_while_it_is_asked_for_again_ends()
    {
        Random random = TestSeed.Random();
        using NicXgmiiBench nic = new(random);
        nic.Write(MacRegisters.Control, Transmit);
        nic.Write(MacRegisters.PauseQuanta, 4);
        for (int round = 0; round < 20; round++)
        {
            nic.Received.Stall = 1;
            for (int i = 0; i < 12; i++)
            {
                nic.Play(RandomFrames.Bytes(random, random.Next(1000, 1100)));
            }

            nic.StepUntil(() => !nic.Wire!.Pending);
            nic.Step(random.Next(100));
            nic.Received.Stall = 0;
            nic.StepUntil(() => nic.IsIdle);
            nic.Step(100);
            int asked = nic.Sent.Bursts.Count;
            nic.Step(300);
            Assert.HasCount(asked, nic.Sent.Bursts, "PAUSE frames while nothing is stored");
            byte[] last = nic.Sent.Bursts.Last().Bytes;
            Assert.AreEqual(0, last[8 + 16] | last[8 + 17], "the last one ends the pause");
            Assert.AreNotEqual(0, nic.Sent.Bursts.Peek().Bytes[8 + 17]);
            nic.Sent.Bursts.Clear();
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Between_two_cards_no_frame_is_lost_while_a_host_stalls(bool flowControl)
    {
        Random random = TestSeed.Random();
        using NicXgmiiBench a = new(random);
        using NicXgmiiBench b = new(random, peer: a);
        NicXgmiiBench[] both = [a, b];
        List<byte[]>[] sent = [[], []];
        foreach ((NicXgmiiBench nic, int n) in both.Select((x, n) => (x, n)))
        {
            nic.Write(MacRegisters.Control, flowControl ? Receive | Transmit : 0);
            nic.Write(MacRegisters.PauseQuanta, 60);
            for (int i = 0; i < 200; i++)
            {
                sent[n].Add(RandomFrames.Bytes(random, random.Next(4) == 0 ? random.Next(1000, 1519) : random.Next(60, 200)));
                nic.Send(sent[n][^1]);
            }
        }

        // Each host stops for longer than its FIFOs last, and is slow and stops now and then behind that.
        for (int round = 0; a.Host.Pending + b.Host.Pending > 0 || !a.IsIdle || !b.IsIdle; round++)
        {
            Assert.IsLessThan(400, round, "the cards hold each other for ever");
            foreach (NicXgmiiBench nic in both)
            {
                nic.Received.Stall = round == 0 ? 1 : a.Host.Pending + b.Host.Pending == 0 ? 0 : random.Next(3) == 0 ? 1 : random.Next(2) * 0.3;
            }

            for (int i = round == 0 ? 8_000 : random.Next(1, 2_000); i > 0; i--)
            {
                a.Step();
                b.Step();
            }
        }

        ulong lost = a.Counter(CardCounters.RxOverflow) + b.Counter(CardCounters.RxOverflow);
        if (!flowControl)
        {
            Assert.IsGreaterThan(0UL, lost, "the stalls are long enough to lose frames without flow control");
            return;
        }

        Assert.AreEqual(0UL, lost);
        Assert.IsGreaterThan(0UL, a.Counter(CardCounters.RxPause));
        Assert.IsGreaterThan(0UL, b.Counter(CardCounters.RxPause));
        RandomFrames.AreEqual(sent[0].Select(f => new StreamFrame(f)), new Queue<StreamFrame>(b.Received.Frames.Select(f => new StreamFrame(f.Data))));
        RandomFrames.AreEqual(sent[1].Select(f => new StreamFrame(f)), new Queue<StreamFrame>(a.Received.Frames.Select(f => new StreamFrame(f.Data))));
    }
}
