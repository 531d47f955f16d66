using System.Buffers.Binary;
using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Usb;

/// <summary>fn_usb_host: frames, registers, garbage, and what happens when one side does not keep up.</summary>
[TestClass]
public sealed class UsbHostTests
{
    private const byte Receive = 0x40;
    private const byte Transmitted = 0x41;
    private const byte Credit = 0x42;

    [TestMethod]
    [DataRow("fn_usb_host", 4096, 32, 0.0)]
    [DataRow("fn_usb_host", 4096, 32, 0.3)]
    [DataRow("fn_usb_host_small", 2048, 32, 0.3)]
    [DataRow("fn_usb_host_32", 2048, 8, 0.3)]
    [DataRow("fn_usb_host_64", 2048, 8, 0.3)]
    public void Every_frame_arrives_with_its_header_and_is_reported(string model, int buffer, int packets, double stall)
    {
        Random random = TestSeed.Random();
        using UsbHostBench bench = new(model, random, stall);
        Assert.AreEqual((uint)(buffer | (packets << 16)), bench.Read(UsbRegisters.Limits));
        bench.Status = static frame => ((byte)(frame.Data.Length % 7), (ulong)frame.Data[0] << 40 | (uint)frame.Data.Length);
        UsbSender sender = new(bench, random, buffer, packets);
        List<UsbFrame> sent = [];
        for (int i = 0; i < 60; i++)
        {
            UsbFrame frame = UsbFrame.Draw(random, random.Next(4) == 0 ? random.Next(1, 3 * buffer) : random.Next(1, 200));
            sent.Add(frame);
            sender.Add(frame);
        }

        List<byte[]> reports = [];
        bench.StepUntil(
            () =>
            {
                sender.Step();
                while (bench.Packets.TryDequeue(out byte[]? packet))
                {
                    sender.Credit(packet[1]);
                    Assert.IsTrue(packet is [Credit, _] or [Transmitted, ..], "nothing was received");
                    if (packet[0] == Transmitted)
                    {
                        reports.Add(packet);
                    }
                }

                return reports.Count == sent.Count;
            },
            "not all frames were reported",
            2_000_000);

        Assert.HasCount(sent.Count, bench.Frames);
        for (int i = 0; i < sent.Count; i++)
        {
            StreamFrame got = bench.Frames.Dequeue();
            CollectionAssert.AreEqual(sent[i].Bytes, got.Data);
            for (int word = 0; word < 6; word++)
            {
                Assert.AreEqual(BinaryPrimitives.ReadUInt32LittleEndian(sent[i].Header.AsSpan(4 * word)), got.User[word], $"word {word}");
            }

            (byte status, ulong timestamp) = bench.Status(got);
            Assert.AreEqual(sender.Ends.Dequeue(), reports[i][2]);
            Assert.AreEqual(status, reports[i][3]);
            Assert.AreEqual(timestamp, BinaryPrimitives.ReadUInt64LittleEndian(reports[i].AsSpan(4)));
        }

        Assert.AreEqual(0, bench.Aborted);
        CheckCounters(bench);
    }

    [TestMethod]
    [DataRow("fn_usb_host", 0.0)]
    [DataRow("fn_usb_host", 0.3)]
    [DataRow("fn_usb_host_32", 0.3)]
    [DataRow("fn_usb_host_64", 0.3)]
    public void Received_frames_come_whole_and_in_order(string model, double stall)
    {
        Random random = TestSeed.Random();
        using UsbHostBench bench = new(model, random, stall);
        List<(byte[] Bytes, uint[] User)> frames = [];
        for (int i = 0; i < 60; i++)
        {
            uint[] user = [.. Enumerable.Range(0, 8).Select(_ => (uint)random.NextInt64(1L << 32))];
            byte[] bytes = UsbPackets.Noise(random, random.Next(1, 1600));
            frames.Add((bytes, user));
            bench.CoreRx.Send(bytes, user);
        }

        bench.StepUntil(() => bench.Packets.Count == frames.Count, "not all frames came", 2_000_000);
        foreach ((byte[] bytes, uint[] user) in frames)
        {
            byte[] packet = bench.Packets.Dequeue();
            Assert.AreEqual(Receive, packet[0]);
            CollectionAssert.AreEqual(bytes, packet[33..]);
            CollectionAssert.AreEqual(user, Enumerable.Range(0, 8).Select(i => BinaryPrimitives.ReadUInt32LittleEndian(packet.AsSpan(1 + (4 * i)))).ToArray());
        }

        Assert.AreEqual(0, bench.BadFromCard);
    }

    // One byte a clock: of frames without flags and escapes nothing is added but flags, type, metadata and check, and the clocks between packets.
    [TestMethod]
    public void A_byte_passes_in_every_clock()
    {
        using UsbHostBench bench = new("fn_usb_host", new Random(1));
        const int Frames = 20, Length = 1000, Overhead = 1 + 32 + 4 + 2, Between = 2;
        for (int i = 0; i < Frames; i++)
        {
            bench.CoreRx.Send(new byte[Length]);
        }

        int clocks = 0;
        bench.StepUntil(() => ++clocks > 0 && bench.Packets.Count == Frames, "not all frames came");
        Assert.IsLessThanOrEqualTo(Frames * (Length + Overhead + Between) + 20, clocks);
    }

    [TestMethod]
    [DataRow("fn_usb_host")]
    [DataRow("fn_usb_host_32")]
    [DataRow("fn_usb_host_64")]
    public void After_any_garbage_the_next_packet_is_understood(string model)
    {
        Random random = TestSeed.Random();
        using UsbHostBench bench = new(model, random, stall: 0.1);
        List<UsbFrame> whole = [];
        byte sequence = 0;
        for (int round = 0; round < 60; round++)
        {
            UsbFrame frame = UsbFrame.Draw(random, random.Next(1, 900));
            switch (random.Next(5))
            {
                case 0:
                    bench.Send(UsbPackets.Noise(random, random.Next(1, 2000)));
                    break;
                case 1: // broken off anywhere but before its last flag, for which the next packet's would do
                    bench.Send(UsbSender.Whole(frame, sequence)[..^random.Next(2, 20)]);
                    break;
                case 2: // a bit fell over
                    byte[] spoilt = UsbSender.Whole(frame, sequence);
                    spoilt[random.Next(1, spoilt.Length - 1)] ^= (byte)(1 << random.Next(8));
                    bench.Send(spoilt);
                    break;
                case 3: // its rest never comes
                    bench.Send(UsbSender.Part(frame, sequence++, 0, Math.Max(1, frame.Bytes.Length / 2)));
                    if (frame.Bytes.Length == 1)
                    {
                        whole.Add(frame);
                    }

                    break;
                default: // its first part is lost
                    bench.Send(UsbSender.Part(frame, sequence++, frame.Bytes.Length / 2 + 1, Math.Max(0, frame.Bytes.Length - (frame.Bytes.Length / 2) - 1)));
                    break;
            }

            bench.Write(CoreRegisters.Scratch, (uint)round);
            Assert.AreEqual((uint)round, bench.Read(CoreRegisters.Scratch), "the register access behind the garbage");
            UsbFrame next = UsbFrame.Draw(random, random.Next(1, 900));
            whole.Add(next);
            bench.Send(UsbSender.Whole(next, sequence++));
            bench.StepUntil(() => bench.Frames.Count == whole.Count, "the frame behind the garbage");
        }

        bench.StepUntil(() => bench.IsIdle, "the end");
        Assert.HasCount(whole.Count, bench.Frames, "no more and no less than were sent whole");
        foreach (UsbFrame frame in whole)
        {
            CollectionAssert.AreEqual(frame.Bytes, bench.Frames.Dequeue().Data);
        }

        Assert.IsGreaterThan(0u, bench.Read(UsbRegisters.BadPackets));
        Assert.IsGreaterThan(0u, bench.Read(UsbRegisters.BrokenFrames));
        Assert.AreEqual(0, bench.BadFromCard);
    }

    [TestMethod]
    public void Registers_answer_while_both_ways_are_full()
    {
        Random random = TestSeed.Random();
        using UsbHostBench bench = new("fn_usb_host", random);
        bench.CoreTx.Stall = 1; // the core takes nothing: transmit disabled, a frame's launch time far off
        for (int i = 0; i < 30; i++)
        {
            bench.CoreRx.Send(new byte[1500], [0, 0, 0, 0, 0, 0, 0, 0]);
        }

        // More than the buffer holds: what does not fit is dropped whole.
        UsbFrame[] frames = [.. Enumerable.Range(0, 10).Select(_ => UsbFrame.Draw(random, 1000))];
        for (int i = 0; i < frames.Length; i++)
        {
            bench.Send(UsbSender.Whole(frames[i], (byte)i));
        }

        for (uint i = 0; i < 20; i++)
        {
            bench.Write(CoreRegisters.Scratch, i);
            Assert.AreEqual(i, bench.Read(CoreRegisters.Scratch));
        }

        uint overruns = bench.Read(UsbRegisters.OverrunPackets);
        Assert.IsInRange(6u, 7u, overruns, "4096 bytes hold three or four frames of 1025");
        bench.CoreTx.Stall = 0;
        bench.StepUntil(() => bench.Frames.Count == frames.Length - (int)overruns, "those that fitted");
        for (int i = 0; bench.Frames.TryDequeue(out StreamFrame? frame); i++)
        {
            CollectionAssert.AreEqual(frames[i].Bytes, frame.Data);
        }
    }

    [TestMethod]
    public void A_host_that_does_not_read_loses_nothing_here()
    {
        using UsbHostBench bench = new("fn_usb_host", new Random(1));
        bench.HostStall = 1;
        for (int i = 0; i < 10; i++)
        {
            bench.CoreRx.Send([.. Enumerable.Repeat((byte)i, 300)]);
        }

        bench.Step(20_000);
        Assert.IsGreaterThan(8, bench.CoreRx.Pending, "they wait in the core, where the MAC drops whole frames and counts them");
        bench.HostStall = 0;
        bench.StepUntil(() => bench.Packets.Count == 10, "all frames");
        for (int i = 0; i < 10; i++)
        {
            Assert.IsTrue(bench.Packets.Dequeue()[33..].All(b => b == i));
        }
    }

    [TestMethod]
    public void Packets_that_mean_nothing_are_refused_and_counted()
    {
        using UsbHostBench bench = new("fn_usb_host", new Random(1));
        byte[][] packets =
        [
            UsbPackets.Frame(0x20), UsbPackets.Frame(0x20, 1, 0), UsbPackets.Frame(0x20, 1, 0, 0, 0), UsbPackets.Frame(0x20, 1, 2, 0),
            UsbPackets.Frame(0x21, 1, 4, 0, 1, 2, 3), UsbPackets.Frame(0x21, 1, 4, 0, 1, 2, 3, 4, 5), UsbPackets.Frame(0x21, 1, 5, 0, 1, 2, 3, 4),
            UsbPackets.Frame(0x00, 1, 2, 3), UsbPackets.Frame(0x43, 1, 2, 3, 4, 5), UsbPackets.Frame(0x10), UsbPackets.Frame(0xFF),
        ];
        foreach (byte[] packet in packets)
        {
            bench.Send(packet);
        }

        Assert.AreEqual((uint)packets.Length, bench.Read(UsbRegisters.RefusedPackets));
        Assert.AreEqual(0u, bench.Read(UsbRegisters.BadPackets));
        Assert.IsEmpty(bench.Registers);
        Assert.IsEmpty(bench.Packets);
    }

    [TestMethod]
    public void A_frame_of_another_length_than_its_header_says_is_given_up()
    {
        using UsbHostBench bench = new("fn_usb_host", new Random(1));
        byte sequence = 0;
        foreach (int lie in (ReadOnlySpan<int>)[-20, -1, 1, 20])
        {
            UsbFrame frame = UsbFrame.Draw(new Random(lie), 100);
            BinaryPrimitives.WriteUInt32LittleEndian(frame.Header.AsSpan(8), (uint)(100 + lie));
            bench.Send(UsbSender.Whole(frame, sequence++));
        }

        bench.StepUntil(() => bench.Aborted == 4 && bench.IsIdle, "four frames given up");
        Assert.AreEqual(4u, bench.Read(UsbRegisters.BrokenFrames));
        byte[][] reports = [.. bench.Packets.Where(static p => p[0] == Transmitted)];
        Assert.HasCount(4, reports);
        Assert.IsTrue(reports.All(static p => p[3] == (byte)Status.LengthMismatch));
        Assert.IsEmpty(bench.Frames);
    }

    [TestMethod]
    public void Parts_that_do_not_follow_one_another_give_their_frame_up_and_no_other()
    {
        Random random = TestSeed.Random();
        using UsbHostBench bench = new("fn_usb_host", random);
        UsbFrame frame = UsbFrame.Draw(random, 300);
        byte sequence = 0;
        uint broken = 0;
        int given = 0;

        void Good()
        {
            bench.Send(UsbSender.Part(frame, sequence++, 0, 100));
            bench.Send(UsbSender.Part(frame, sequence++, 100, 200));
        }

        Good();
        bench.Send(UsbSender.Part(frame, sequence++, 0, 100));
        sequence++; // the part between them is missing
        bench.Send(UsbSender.Part(frame, sequence++, 200, 100));
        (broken, given) = (broken + 1, given + 1);
        Good();
        bench.Send(UsbSender.Part(frame, sequence++, 0, 100));
        Good(); // its end is missing
        (broken, given) = (broken + 1, given + 1);
        bench.Send(UsbSender.Part(frame, sequence++, 100, 200)); // its beginning is
        broken++;
        Good();
        bench.Send(UsbPackets.Frame(0x13, sequence++)); // a number and nothing else
        broken++;
        Good();
        bench.Send(UsbPackets.Frame([0x13, sequence++, .. frame.Header.AsSpan(0, 10)])); // ends within the header
        broken++;
        Good();
        bench.Send([UsbPackets.Flag, UsbPackets.Escape, UsbPackets.Flag, 1, 2, UsbPackets.Escape, UsbPackets.Flag]); // broken off, twice
        Good();
        const int Whole = 7;
        bench.StepUntil(() => bench.Frames.Count == Whole && bench.Aborted == given && bench.IsIdle, "not all frames came");
        Assert.IsTrue(bench.Frames.All(f => f.Data.AsSpan().SequenceEqual(frame.Bytes)));
        Assert.AreEqual(broken, bench.Read(UsbRegisters.BrokenFrames));
        Assert.AreEqual(2u, bench.Read(UsbRegisters.BadPackets));
        Assert.AreEqual(0u, bench.Read(UsbRegisters.RefusedPackets));
    }

    // 64 statuses may be owed (fn_usb_tx); frames behind them wait in the buffer. And a second answer waits for the first.
    [TestMethod]
    public void A_core_that_gives_no_status_and_a_host_that_reads_no_answer_lose_nothing()
    {
        Random random = TestSeed.Random();
        using UsbHostBench bench = new("fn_usb_host", random);
        UsbFrame frame = UsbFrame.Draw(random, 20);
        const int Frames = 80;
        bench.StatusStall = 1;
        for (int i = 0; i < Frames; i++)
        {
            bench.Send(UsbSender.Whole(frame, (byte)i));
        }

        bench.Step(Frames * 80);
        Assert.IsLessThan(Frames, bench.Frames.Count);
        bench.StatusStall = 0;
        bench.StepUntil(() => bench.Frames.Count == Frames && bench.IsIdle, "not all frames came");
        Assert.AreEqual(Frames, bench.Packets.Count(static p => p[0] == Transmitted));

        bench.HostStall = 1;
        for (byte tag = 100; tag < 110; tag++)
        {
            bench.Send(UsbPackets.Read(tag, CoreRegisters.Scratch));
        }

        bench.Step(2000);
        bench.HostStall = 0;
        bench.StepUntil(() => Enumerable.Range(100, 10).All(t => bench.Values.ContainsKey((byte)t)), "not all answers came");
        CheckCounters(bench);
    }

    [TestMethod]
    public void A_register_that_nobody_acknowledges_reads_as_ones()
    {
        using UsbHostBench bench = new("fn_usb_host", new Random(1));
        bench.CoreAnswers = false;
        Assert.AreEqual(uint.MaxValue, bench.Read(CoreRegisters.Scratch));
        bench.CoreAnswers = true;
        Assert.AreEqual(0u, bench.Read(CoreRegisters.Scratch));
    }

    [TestMethod]
    public void A_reset_waits_for_the_wire_and_leaves_the_pipe_whole()
    {
        Random random = TestSeed.Random();
        using UsbHostBench bench = new("fn_usb_host", random);
        UsbFrame frame = UsbFrame.Draw(random, 500);
        bench.Send(UsbSender.Part(frame, 0, 0, 200)); // half a frame
        bench.CoreRx.Send(new byte[1500], [0, 0, 0, 0, 0, 0, 0, 0]);
        bench.StepUntil(() => bench.CoreRx.Pending == 1 && bench.CoreTx.InFrame, "both are under way");
        bench.WireBusy = true;
        bench.Write(UsbRegisters.Control, 1);
        bench.Send(UsbSender.Whole(frame, 1)); // too late: the reset forgets it
        bench.Step(6000);
        Assert.IsFalse(bench.CoreReset, "a frame is on the wire");
        Assert.AreEqual(1u, bench.Read(UsbRegisters.Control));
        bench.WireBusy = false;
        bench.StepUntil(() => bench.CoreReset, "the core's reset");
        bench.ResetCore();
        bench.StepUntil(() => bench.Read(UsbRegisters.Control) == 0, "the end of the reset");
        bench.Packets.Clear();

        bench.Send(UsbSender.Whole(frame, 0));
        bench.CoreRx.Send([1, 2, 3], [0, 0, 0, 0, 0, 0, 0, 0]);
        bench.StepUntil(() => bench.Frames.Count == 1 && bench.Packets.Count >= 2, "frames both ways");
        CollectionAssert.AreEqual(frame.Bytes, bench.Frames.Dequeue().Data);
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, bench.Packets.Single(static p => p[0] == Receive)[33..]);
        CheckCounters(bench);
    }

    private static void CheckCounters(UsbHostBench bench)
    {
        foreach (uint register in (ReadOnlySpan<uint>)[UsbRegisters.BadPackets, UsbRegisters.RefusedPackets, UsbRegisters.OverrunPackets, UsbRegisters.BrokenFrames])
        {
            Assert.AreEqual(0u, bench.Read(register), $"0x{register:X4}");
        }

        Assert.AreEqual(0, bench.BadFromCard);
    }
}
