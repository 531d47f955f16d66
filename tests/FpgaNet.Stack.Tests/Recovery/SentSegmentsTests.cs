using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp;
using FpgaNet.Stack.Transport.Tcp.Congestion;
using FpgaNet.Stack.Transport.Tcp.Recovery;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests.Recovery;

/// <summary>The records of what is sent, against a plain array of bytes.</summary>
[TestClass]
public sealed class SentSegmentsTests
{
    private const int Bytes = 3000;

    [TestMethod]
    public void Records_agree_with_a_model_that_knows_every_byte()
    {
        Random random = TestSeed.Random();
        for (int run = 0; run < 40; run++)
        {
            SequenceNumber zero = new((uint)random.NextInt64(uint.MaxValue));
            SentSegments sent = new(new RingPool<SentSegment>());
            sent.Reset(zero);
            SentMarks[] marks = new SentMarks[Bytes];
            long[] times = new long[Bytes];
            int una = 0;
            int next = 0;
            for (int step = 1; step < 250; step++)
            {
                int from = random.Next(una, next + 1);
                int to = random.Next(from, next + 1);
                switch (random.Next(6))
                {
                    case 0:
                        una = random.Next(3) == 0 ? from : una + random.Next(Math.Min(next - una, 30) + 1);
                        Acknowledge(sent, zero + una);
                        break;
                    case 1 when from < to:
                        Change(sent, zero + from, zero + to, SentMarks.Sacked, step);
                        marks.AsSpan(from, to - from).Fill(SentMarks.Sacked);
                        break;
                    case 2 when from < to:
                        Change(sent, zero + from, zero + to, SentMarks.Lost, step);
                        marks.AsSpan(from, to - from).Fill(SentMarks.Lost);
                        times.AsSpan(from, to - from).Fill(step);
                        break;
                    case 3 when from < to:
                        Change(sent, zero + from, zero + to, SentMarks.Retransmitted, step);
                        marks.AsSpan(from, to - from).Fill(SentMarks.Retransmitted);
                        times.AsSpan(from, to - from).Fill(step);
                        break;
                    default:
                        int length = Math.Min(random.Next(1, 60), Bytes - next);
                        if (length > 0)
                        {
                            int time = step / 2; // some at the same time as the one before
                            sent.Push(zero + next + length, new Instant(time)).SentAt = new Instant(time);
                            times.AsSpan(next, length).Fill(time);
                            next += length;
                        }

                        break;
                }

                Compare(sent, zero, marks.AsSpan(una, next - una), times.AsSpan(una, next - una), una);
            }
        }
    }

    [TestMethod]
    public void A_burst_is_one_record_and_neighbours_become_one_again()
    {
        SentSegments sent = new(new RingPool<SentSegment>());
        sent.Reset(new SequenceNumber(0));
        for (int i = 1; i <= 100; i++)
        {
            sent.Push(new SequenceNumber((uint)i * 1000), new Instant(5)).SentAt = new Instant(5);
        }

        Assert.AreEqual(1, sent.Count);
        for (int i = 0; i < 50; i++)
        {
            Change(sent, new SequenceNumber((uint)i * 2000), new SequenceNumber(((uint)i * 2000) + 1000), SentMarks.Sacked, 0);
        }

        Assert.AreEqual(100, sent.Count);
        for (int i = 0; i < 50; i++)
        {
            Change(sent, new SequenceNumber(((uint)i * 2000) + 1000), new SequenceNumber(((uint)i * 2000) + 2000), SentMarks.Sacked, 0);
        }

        Assert.AreEqual(1, sent.Count);
        Assert.AreEqual((0, 100_000), (sent.InFlight, sent.Sacked));
    }

    [TestMethod]
    public void A_peer_that_reports_every_second_byte_gets_no_further_than_the_bound()
    {
        LossRecovery recovery = new(new NewReno(), new Network.StackCounters(), hasSack: true, new SequenceNumber(0), new RingPool<SentSegment>());
        recovery.SentNew(new SequenceNumber(1_000_000), new Instant(1));
        for (int i = 0; i < 20_000; i++)
        {
            recovery.Begin(new Instant(2), TimeSpan.FromTicks(1), null);
            recovery.Report(new SequenceNumber((uint)i * 10), new SequenceNumber(((uint)i * 10) + 1));
        }

        Assert.AreEqual(SentSegments.MaximumCount, recovery.Sent.Count);
        Assert.IsFalse(recovery.Sent.HasRoom);
        recovery.Begin(new Instant(3), TimeSpan.FromTicks(1), null);
        recovery.Advance(new SequenceNumber(1_000_000));
        Assert.AreEqual((0, 0, true), (recovery.Sent.Count, recovery.InFlight, recovery.Sent.HasRoom));
    }

    // As loss recovery does it: splits at both ends, marks, merges.
    private static void Change(SentSegments sent, SequenceNumber left, SequenceNumber right, SentMarks marks, int time)
    {
        int index = sent.Find(left);
        if (sent.StartOf(index) < left)
        {
            Assert.IsTrue(sent.TrySplit(index++, left));
        }

        while (index < sent.Count && sent.StartOf(index) < right)
        {
            if (sent[index].End > right)
            {
                Assert.IsTrue(sent.TrySplit(index, right));
            }

            sent.Mark(index, marks);
            if (marks != SentMarks.Sacked)
            {
                sent[index].Stamp.SentAt = new Instant(time);
            }

            index = sent.Merge(index) + 1;
        }
    }

    private static void Acknowledge(SentSegments sent, SequenceNumber una)
    {
        while (sent.Count != 0 && sent.Start < una)
        {
            sent.RemoveFront(SequenceNumber.Min(sent[0].End, una));
        }
    }

    private static void Compare(SentSegments sent, SequenceNumber zero, ReadOnlySpan<SentMarks> marks, ReadOnlySpan<long> times, int una)
    {
        Assert.AreEqual(una, sent.Start - zero);
        Assert.AreEqual(una + marks.Length, sent.End - zero);
        int at = 0;
        for (int i = 0; i < sent.Count; i++)
        {
            Assert.AreEqual(una + at, sent.StartOf(i) - zero);
            Assert.IsGreaterThan(0, sent.LengthOf(i));
            Assert.AreEqual(i, sent.Find(sent.StartOf(i)));
            Assert.AreEqual(i, sent.Find(sent[i].End + -1));
            for (int end = at + sent.LengthOf(i); at < end; at++)
            {
                Assert.AreEqual(marks[at], sent[i].Marks);
                if (marks[at] != SentMarks.Sacked)
                {
                    Assert.AreEqual(times[at], sent[i].SentAt.Ticks);
                }
            }
        }

        Assert.AreEqual(marks.Length, at);
        Assert.AreEqual(marks.Count(SentMarks.Sacked), sent.Sacked);
        Assert.AreEqual(marks.Count(SentMarks.Lost), sent.Lost);
        Assert.AreEqual(marks.Count(SentMarks.Retransmitted), sent.RetransmittedInFlight);
        Assert.AreEqual(marks.Count(SentMarks.Retransmitted) + marks.Count(SentMarks.None), sent.InFlight);
    }
}
