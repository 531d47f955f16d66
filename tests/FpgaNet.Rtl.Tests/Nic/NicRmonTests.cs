using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Stream;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Nic;

/// <summary>fn_nic_rmon: every frame of both streams is in the right three counters (RFC 2819 §etherStats).</summary>
[TestClass]
public sealed class NicRmonTests
{
    private const int PerWay = CardCounters.TxOctets - CardCounters.RxOctets;

    [TestMethod]
    [DataRow(8)]
    [DataRow(64)]
    public void Every_frame_counts_by_octets_address_and_size_however_close_they_come(int width)
    {
        Random random = TestSeed.Random();
        using RtlBench bench = new($"fn_nic_rmon_{width}");
        AxiStreamSource received = bench.Source("rx", random);
        AxiStreamSource sent = bench.Source("tx", random);
        bench.Reset();
        ulong[] expected = new ulong[2 * PerWay];
        for (int round = 0; round < 12; round++)
        {
            // As many short frames as the MAC's FIFO takes at once, without a clock between them; then the wire's pace.
            for (int i = 0; i < 200; i++)
            {
                Send(received, 0, shortest: 60);
                Send(sent, 1, shortest: 14);
            }

            bench.StepUntil(() => received.Pending + sent.Pending == 0);
            for (int i = 0; i < 20; i++)
            {
                int counter = random.Next(expected.Length);
                Read(counter); // while frames still wait: some value, in time
            }

            bench.Step(1000);
        }

        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], Read(i), CardCounters.Names[CardCounters.RxOctets + i]);
        }

        void Send(AxiStreamSource stream, int way, int shortest)
        {
            int[] edges = [60, 61, 123, 124, 251, 252, 507, 508, 1019, 1020, 1518];
            byte[] frame = RandomFrames.Bytes(random, random.Next(10) == 0 ? edges[random.Next(edges.Length)] : random.Next(shortest, 70));
            int kind = random.Next(3);
            frame[0] = (byte)(kind == 0 ? frame[0] & 0xFE : frame[0] | 1);
            if (kind == 2)
            {
                frame.AsSpan(0, 6).Fill(0xFF);
            }
            else if (kind == 1 && random.Next(4) == 0)
            {
                frame.AsSpan(0, 6).Fill(0xFF);
                frame[random.Next(1, 6)] = 0xFE; // all but one bit of the address of all
            }
            else if (kind == 1)
            {
                frame[1] = 0;
            }

            stream.Send(frame);
            int octets = Math.Max(60, frame.Length) + 4;
            expected[way * PerWay] += (ulong)octets;
            expected[(way * PerWay) + 1 + (kind == 0 ? 0 : kind)]++;
            int size = octets switch { <= 64 => 0, <= 127 => 1, <= 255 => 2, <= 511 => 3, <= 1023 => 4, _ => 5 };
            expected[(way * PerWay) + 4 + size]++;
        }

        ulong Read(int counter)
        {
            bench.Model.Port("read_index").Value = (ulong)counter;
            bench.Model.Port("read").Value = 1;
            bench.Step();
            bench.Model.Port("read").Value = 0;
            for (int clocks = 1; !bench.Model.Port("read_valid").IsSet; clocks++)
            {
                Assert.IsLessThanOrEqualTo(7, clocks, "a read takes four clocks, and three more while a frame is counted");
                bench.Step();
            }

            return bench.Model.Port("read_value").Value;
        }
    }
}
