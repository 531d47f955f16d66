using FpgaNet.Driver;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Sim;
using FpgaNet.Sim.Usb;
using FpgaNet.Testing;

namespace FpgaNet.CoSim.Tests.Usb;

/// <summary>The driver, the simulated chip and the Verilated USB card together.</summary>
[TestClass]
public sealed class DriverOnUsbTests
{
    [TestMethod]
    public void A_card_on_USB_says_what_it_is()
    {
        using DriverOnUsb rig = new(TestSeed.Random());
        Assert.AreEqual(8, rig.Nic.Card.DataWidth);
        Assert.AreEqual(DeviceState.Up, rig.Nic.State);
        Assert.AreNotEqual(OffloadFeatures.None, rig.Nic.Capabilities.Features & OffloadFeatures.TxChecksum);
    }

    [TestMethod]
    [DataRow((ushort)0x6014, 1024, 0.01)]
    [DataRow((ushort)0x6010, 4096, 0.1)]
    [DataRow((ushort)0x6014, 1024, 0.0)]
    public void Frames_go_both_ways_through_an_awkward_chip(ushort product, int buffer, double stall)
    {
        Random random = TestSeed.Random();
        using DriverOnUsb rig = new(random, new Ft245ChipOptions { ProductId = product, BufferLength = buffer, Stall = stall, Seed = random.Next() });
        rig.CheckTraffic(150);
        Assert.AreEqual(0ul, rig.Counter("usb_bad_packets"));
        Assert.AreEqual(0ul, rig.Counter("usb_overrun_packets"));
        Assert.AreEqual(0ul, rig.Counter("driver_tx_lost_on_pipe"));
        Assert.AreEqual(0ul, rig.Counter("driver_resets"));
    }

    [TestMethod]
    public void Launch_times_and_stamps_pass_the_pipe()
    {
        const int Frames = 20;
        Random random = TestSeed.Random();
        using DriverOnUsb rig = new(random);
        List<long> launches = [];
        long time = rig.Nic.Clock!.Read() + 700_000; // all are in the card by then
        for (int i = 0; i < Frames; i++)
        {
            bool timed = random.Next(4) != 0;
            launches.Add(timed ? time : 0);
            rig.Send(CardFrames.Raw(random, random.Next(60, 1515)), new TxOffload { LaunchTime = launches[i], TimestampId = (ushort)(i + 1) });
            time += timed ? random.Next(15_000, 90_000) : 15_000; // as long as the longest frame takes, and more
        }

        rig.RunUntil(() => rig.OnWire.Count == Frames, "all are on the wire");
        rig.Run(5_000);
        for (int i = 0; i < Frames; i++)
        {
            Assert.IsTrue(rig.Nic.TryTakeTransmitTimestamp(out TransmitTimestamp stamp));
            Assert.AreEqual((ushort)(i + 1), stamp.Id);
            Assert.IsTrue(
                launches[i] == 0 ? stamp.Time > 0 : stamp.Time >= launches[i] && stamp.Time < launches[i] + rig.Nic.Clock.Resolution,
                $"frame {i} left {stamp.Time - launches[i]} ns behind its time");
        }
    }

    [TestMethod]
    [DataRow((int)Flow.Tcp4)]
    [DataRow((int)Flow.Udp6)]
    public void The_card_inserts_and_verifies_checksums(int flow)
    {
        Random random = TestSeed.Random();
        using DriverOnUsb rig = new(random);
        byte[] packet = CardFrames.Packet(random, (Flow)flow, 777);
        rig.Deliver(packet);
        rig.RunUntil(() => rig.Received.Count == 1, "a packet");
        (byte[] bytes, RxOffload offload) = rig.Received.Dequeue();
        CollectionAssert.AreEqual(packet, bytes);
        Assert.AreEqual(ChecksumVerdict.Good, offload.TransportChecksum);
        Assert.AreNotEqual(RssHashType.None, offload.HashType);
    }

    // What the host does not take waits, then the card's FIFO is full, and whole frames are dropped and counted.
    [TestMethod]
    public void A_host_that_does_not_read_loses_whole_frames_and_every_one_is_counted()
    {
        const int Frames = 400;
        Random random = TestSeed.Random();
        using DriverOnUsb rig = new(random, Ft245ChipOptions.Fast) { Receiving = false };
        List<byte[]> sent = [];
        for (int i = 0; i < Frames; i++)
        {
            sent.Add(CardFrames.Raw(random, random.Next(60, 1515)));
            rig.Deliver(sent[^1]);
        }

        rig.RunUntil(() => rig.Wire.IsIdle && rig.Card.Phy.IsIdle, "all are on the card's side");
        rig.Run(200_000);
        Assert.IsEmpty(rig.Received);
        rig.Receiving = true;
        rig.Run(600_000);
        ulong dropped = rig.Counter("rx_overflow");
        Assert.IsGreaterThan(0ul, dropped, "so much is not buffered anywhere");
        Assert.AreEqual((ulong)Frames, dropped + (ulong)rig.Received.Count, rig.Describe());

        // Those that came are frames as they were sent, in order.
        int next = 0;
        while (rig.Received.TryDequeue(out (byte[] Bytes, RxOffload Offload) frame))
        {
            while (!sent[next++].AsSpan().SequenceEqual(frame.Bytes))
            {
                Assert.IsLessThan(sent.Count, next, "a frame that nobody sent");
            }
        }

        rig.CheckTraffic();
    }

    [TestMethod]
    public void Spoilt_bytes_cost_the_packets_that_they_are_in_and_no_more()
    {
        Random random = TestSeed.Random();
        using DriverOnUsb rig = new(random, Ft245ChipOptions.Fast);
        HashSet<string> sent = [];
        rig.Bus.Rate = 0.15;
        for (int i = 0; i < 300; i++)
        {
            byte[] frame = CardFrames.Raw(random, random.Next(60, 1515));
            sent.Add(Convert.ToHexString(frame));
            rig.Send(frame);
            rig.Deliver(frame);
            rig.Run(256);
        }

        rig.Bus.Rate = 0;
        rig.Run(2_000_000);
        Assert.IsGreaterThan(10, rig.Bus.Spoilt);
        Assert.IsGreaterThan(200, rig.OnWire.Count, rig.Describe());
        Assert.IsGreaterThan(200, rig.Received.Count, rig.Describe());
        Assert.IsTrue(rig.OnWire.All(f => sent.Contains(Convert.ToHexString(f))), "a frame that nobody sent is on the wire");
        Assert.IsTrue(rig.Received.All(f => sent.Contains(Convert.ToHexString(f.Bytes))), "a frame that nobody sent was received");
        rig.CheckTraffic();
    }

    [TestMethod]
    public void Frames_for_a_card_that_sends_nothing_are_given_up_and_it_comes_back()
    {
        Random random = TestSeed.Random();
        using DriverOnUsb rig = new(random, Ft245ChipOptions.Fast);
        Disable(rig);
        for (int i = 0; i < 40; i++)
        {
            // More than the card's own FIFOs hold.
            rig.TrySend(CardFrames.Raw(random, 1000));
            rig.Run(4096);
        }

        rig.RunUntil(() => rig.Counter("driver_resets") == 1, "the reset");
        Assert.AreEqual(1ul, rig.Counter("driver_misbehaved_transmit_stuck"));
        Assert.AreEqual(rig.TxPool.BufferCount, rig.TxPool.Available);
        rig.CheckTraffic();

        // Behind the driver's back, through a pipe of the test's own.
        static void Disable(DriverOnUsb rig)
        {
            using Driver.Usb.UsbTransfer transfer = new(0x02, 64);
            ReadOnlySpan<byte> packet = [0x21, 0, (byte)(CoreRegisters.Control & 0xFF), (byte)(CoreRegisters.Control >> 8), 0, 0, 0, 0];
            uint check = Sim.Cable.FrameCheckSequence.Compute(packet);
            byte[] bytes = [0x7E, .. packet, (byte)check, (byte)(check >> 8), (byte)(check >> 16), (byte)(check >> 24), 0x7E];
            Assert.IsFalse(bytes.AsSpan(1, bytes.Length - 2).ContainsAny<byte>(0x7D, 0x7E), "nothing to escape");
            bytes.CopyTo(transfer.Memory);
            transfer.Length = bytes.Length;
            Action<Driver.Usb.UsbTransfer>? completed = rig.Bus.Completed;
            rig.Bus.Completed = t =>
            {
                if (t != transfer)
                {
                    completed?.Invoke(t);
                }
            };
            rig.Device.Begin(transfer);
            rig.RunUntil(() => !transfer.IsPending, "the write");
            rig.Run(2048);
            rig.Bus.Completed = completed;
        }
    }

    [TestMethod]
    public void A_chip_whose_plug_is_pulled_and_put_back_is_set_up_again()
    {
        using DriverOnUsb rig = new(TestSeed.Random(), Ft245ChipOptions.Fast);
        rig.CheckTraffic(5);
        rig.Device.Plugged = false;
        rig.Device.Plugged = true;
        rig.RunUntil(() => rig.Counter("driver_resets") == 1, "the reset");
        Assert.AreEqual(1ul, rig.Counter("driver_misbehaved_no_answer"));
        rig.CheckTraffic();
    }

    [TestMethod]
    public void A_chip_whose_plug_is_pulled_fails_and_nothing_leaks()
    {
        Random random = TestSeed.Random();
        using DriverOnUsb rig = new(random, Ft245ChipOptions.Fast);
        for (int i = 0; i < 10; i++)
        {
            rig.TrySend(CardFrames.Raw(random, 1000));
        }

        int woken = 0;
        rig.Nic.ArmWake(() => woken++);
        rig.Device.Plugged = false;
        rig.RunUntil(() => rig.Nic.State == DeviceState.Failed, "the failure is seen");
        Assert.AreEqual(1, woken);
        Assert.AreEqual(rig.TxPool.BufferCount, rig.TxPool.Available);
        Assert.IsTrue(rig.TrySend(CardFrames.Raw(random, 100)), "taken and dropped");
        Assert.AreEqual(1ul, rig.Counter("driver_tx_failed"));
    }

    [TestMethod]
    public void What_is_no_chip_of_ours_is_refused()
    {
        SimulatedUsbCard card = new(new SimulatedUsbCardOptions { Chip = new Ft245ChipOptions { ProductId = 0x6001 } });
        using SimulatedUsbDevice device = SimulatedUsbDevice.Lockstep(card);
        Assert.Contains("0403:6001", Assert.ThrowsExactly<FpgaNicException>(() => FpgaNic.Open(device)).Message, StringComparison.Ordinal);
        device.Plugged = false;
    }

    [TestMethod]
    public void A_chip_that_is_gone_is_refused_in_words()
    {
        using SimulatedUsbDevice device = SimulatedUsbDevice.Lockstep(new SimulatedUsbCard());
        device.Plugged = false;
        Assert.Contains("does not go into FIFO mode: errno 19", Assert.ThrowsExactly<FpgaNicException>(() => FpgaNic.Open(device)).Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Who_sleeps_is_woken_by_a_frame()
    {
        using DriverOnUsb rig = new(TestSeed.Random(), Ft245ChipOptions.Fast) { Receiving = false };
        rig.Run(100_000);
        int woken = 0;
        rig.Nic.ArmWake(() => woken++);
        while (woken != 0)
        {
            // The answer to a look at the link had just come.
            rig.Receive();
            woken = 0;
            rig.Nic.ArmWake(() => woken++);
        }

        rig.Run(20_000);
        int before = woken;
        rig.Nic.ArmWake(() => woken++);
        long cycle = rig.Card.Cycles;
        rig.Deliver(CardFrames.Raw(new Random(1), 60));
        rig.RunUntil(() => woken != before, "the wake");
        Assert.IsLessThan(8000, rig.Card.Cycles - cycle, "SIWU# brings it, and not a latency timer of a millisecond (125000 cycles)");
        rig.Receive();
        Assert.HasCount(1, rig.Received);
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_run()
    {
        Assert.AreEqual(Run(), Run());

        static (long Cycles, long Packets, long Bytes) Run()
        {
            using DriverOnUsb rig = new(new Random(7));
            rig.CheckTraffic(30);
            return (rig.Card.Cycles, rig.Device.Counters.PacketsToHost, rig.Device.Counters.BytesToHost);
        }
    }

    [TestMethod]
    public void In_steady_state_the_driver_allocates_nothing()
    {
        long allocated = 0;
        using DriverOnUsb rig = new(new Random(1), Ft245ChipOptions.Fast);
        byte[] bytes = CardFrames.Raw(new Random(2), 1000);
        TxFrame[] one = new TxFrame[1];
        RxFrame[] batch = new RxFrame[16];
        Exchange(100);
        allocated = 0;
        Assert.AreEqual(200, Exchange(200));
        Assert.AreEqual(0, allocated);

        int Exchange(int frames)
        {
            int received = 0;
            for (int i = 0; i < frames || received < frames; i++)
            {
                if (i < frames)
                {
                    rig.Wire.Second.TrySend(bytes);
                    BufferSlice slice = new(rig.TxPool.TryRent()!.Value, 0, bytes.Length);
                    bytes.CopyTo(slice.Span);
                    one[0] = new TxFrame { Frame = new Frame(slice) };
                    while (Counted(() => rig.Nic.Transmit(one)) == 0)
                    {
                        rig.Card.Step(64);
                    }
                }

                rig.Card.Step(4096);
                while (rig.Wire.Second.TryTake() is { } frame)
                {
                    rig.Wire.Second.Return(frame);
                }

                int count = Counted(() => rig.Nic.Receive(batch));
                received += count;
                foreach (ref RxFrame frame in batch.AsSpan(0, count))
                {
                    frame.Frame.Release();
                }
            }

            return received;
        }

        int Counted(Func<int> call)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            int result = call();
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            return result;
        }
    }

    // 512-byte packets at the bus's own pace are 426 Mb/s in one direction; statuses of frames share it.
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void The_bus_is_used(bool transmit)
    {
        const int Frames = 300, Length = 1514;
        using DriverOnUsb rig = new(new Random(1), Ft245ChipOptions.Fast);
        byte[] frame = CardFrames.Raw(new Random(2), Length);
        long start = rig.Card.Cycles;
        if (transmit)
        {
            for (int i = 0; i < Frames; i++)
            {
                rig.Send(frame);
            }

            rig.RunUntil(() => rig.OnWire.Count == Frames, "all are on the wire");
        }
        else
        {
            // A gigabit wire brings more than the bus carries; the rest is dropped.
            for (int i = 0; i < 3 * Frames; i++)
            {
                rig.Deliver(frame);
            }

            rig.RunUntil(() => rig.Received.Count >= Frames, "so many were received");
        }

        double megabits = (double)Frames * Length * 8 / ((rig.Card.Cycles - start) * SimulatedBoard.NanosecondsPerCycle) * 1000;
        Console.WriteLine($"{megabits:F0} Mb/s");
        Assert.IsGreaterThan(transmit ? 200 : 300, megabits);
    }
}
