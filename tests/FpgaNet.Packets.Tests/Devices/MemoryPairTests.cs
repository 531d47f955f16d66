using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Testing;

namespace FpgaNet.Packets.Tests.Devices;

[TestClass]
public sealed class MemoryPairTests
{
    [TestMethod]
    public void A_frame_moves_to_the_other_end_without_a_copy()
    {
        using BufferPool pool = new(4, 2048);
        using MemoryPair pair = new();
        TxFrame sent = Frames.Filled(pool, 100, 7);
        nint address = sent.Frame.Header.Address;

        Assert.AreEqual(1, pair.A.Transmit([sent]));
        RxFrame[] received = new RxFrame[4];
        Assert.AreEqual(0, pair.A.Receive(received));
        Assert.AreEqual(1, pair.B.Receive(received));

        Assert.AreEqual(address, received[0].Frame.Header.Address);
        Assert.AreEqual(100, received[0].Frame.Length);
        Assert.AreEqual(ChecksumVerdict.Unknown, received[0].Offload.TransportChecksum, "nobody vouches for a complete frame");
        Assert.AreEqual(3, pool.Available);
        received[0].Frame.Release();
        Assert.AreEqual(4, pool.Available);
    }

    [TestMethod]
    public void A_frame_that_owes_its_checksum_arrives_vouched_for()
    {
        using BufferPool pool = new(4, 16384);
        using MemoryPair pair = new(new MemoryPairOptions { Features = MemoryPairOptions.SupportedFeatures });
        TxFrame sent = Frames.Filled(pool, 54 + 4000, 1);
        sent.Offload = new TxOffload
        {
            Checksum = true,
            ChecksumStart = 34,
            ChecksumOffset = 16,
            Segmentation = Segmentation.Tcp4,
            MaximumSegmentSize = 1460,
            NetworkOffset = 14,
            HeaderLength = 54,
        };

        Assert.AreEqual(1, pair.B.Transmit([sent]));
        RxFrame[] received = new RxFrame[1];
        Assert.AreEqual(1, pair.A.Receive(received));

        Assert.AreEqual(ChecksumVerdict.Good, received[0].Offload.TransportChecksum);
        Assert.AreEqual(3, received[0].Offload.CoalescedSegments);
        received[0].Frame.Release();
    }

    [TestMethod]
    public void A_debt_that_no_enabled_feature_covers_is_dropped_and_counted()
    {
        using BufferPool pool = new(4, 2048);
        using MemoryPair pair = new(new MemoryPairOptions { Features = OffloadFeatures.TxChecksum });
        pair.A.EnabledFeatures = OffloadFeatures.None;
        TxFrame owing = Frames.Filled(pool, 100, 1);
        owing.Offload.Checksum = true;

        Assert.AreEqual(1, pair.A.Transmit([owing]));

        Assert.AreEqual(0, pair.B.Receive(new RxFrame[1]));
        Assert.AreEqual(4, pool.Available);
        Assert.AreEqual(1UL, Frames.Counter(pair.A, "tx_refused"));
    }

    [TestMethod]
    public void A_frame_beyond_the_mtu_is_dropped_and_counted()
    {
        using BufferPool pool = new(2, 4096);
        using MemoryPair pair = new(new MemoryPairOptions { MaximumTransmissionUnit = 1000 });

        Assert.AreEqual(2, pair.A.Transmit([Frames.Filled(pool, 1018, 1), Frames.Filled(pool, 1019, 2)]));

        RxFrame[] received = new RxFrame[2];
        Assert.AreEqual(1, pair.B.Receive(received));
        Assert.AreEqual(1UL, Frames.Counter(pair.A, "tx_too_long"));
        received[0].Frame.Release();
    }

    [TestMethod]
    public void Features_that_memory_cannot_offer_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => new MemoryPair(new MemoryPairOptions { Features = OffloadFeatures.RxHash }));
        using MemoryPair pair = new(new MemoryPairOptions { Features = OffloadFeatures.TxChecksum });
        Assert.ThrowsExactly<ArgumentException>(() => pair.A.EnabledFeatures = OffloadFeatures.TxSegmentationTcp4);
    }

    [TestMethod]
    public void A_full_end_takes_fewer_and_wakes_when_room_comes()
    {
        using BufferPool pool = new(8, 256);
        using MemoryPair pair = new(new MemoryPairOptions { Capacity = 4 });
        TxFrame[] frames = new TxFrame[6];
        for (int i = 0; i < frames.Length; i++)
        {
            frames[i] = Frames.Filled(pool, 60, (byte)i);
        }

        Assert.AreEqual(4, pair.A.Transmit(frames));
        int wakes = 0;
        pair.A.ArmWake(() => wakes++);
        Assert.AreEqual(0, wakes);

        RxFrame[] received = new RxFrame[3];
        Assert.AreEqual(3, pair.B.Receive(received));
        Assert.AreEqual(1, wakes);
        Assert.AreEqual(2, pair.A.Transmit(frames.AsSpan(4)));

        Frames.ReleaseAll(received);
        Assert.AreEqual(3, pair.B.Receive(received));
        CollectionAssert.AreEqual(new byte[] { 3, 4, 5 }, received.Select(r => r.Frame.Header.Span[0]).ToArray());
        Frames.ReleaseAll(received);
        Assert.AreEqual(8, pool.Available);
    }

    [TestMethod]
    public void A_wake_comes_once_for_each_request_and_at_once_when_frames_wait()
    {
        using BufferPool pool = new(8, 256);
        using MemoryPair pair = new();
        int wakes = 0;
        pair.B.ArmWake(() => wakes += 100); // replaced by the next
        pair.B.ArmWake(() => wakes++);
        Assert.AreEqual(0, wakes);
        pair.A.Transmit([Frames.Filled(pool, 60, 1)]);
        pair.A.Transmit([Frames.Filled(pool, 60, 2)]);
        Assert.AreEqual(1, wakes);
        pair.B.ArmWake(() => wakes++);
        Assert.AreEqual(2, wakes);
    }

    [TestMethod]
    public void When_one_end_goes_the_other_loses_its_carrier_and_drops()
    {
        using BufferPool pool = new(4, 256);
        using MemoryPair pair = new();
        pair.B.Transmit([Frames.Filled(pool, 60, 1)]);
        int wakes = 0;
        pair.B.ArmWake(() => wakes++);

        pair.A.Dispose();

        Assert.AreEqual(1, wakes);
        Assert.AreEqual(DeviceState.NoCarrier, pair.B.State);
        Assert.AreEqual(1, pair.B.Transmit([Frames.Filled(pool, 60, 2)]));
        Assert.AreEqual(1UL, Frames.Counter(pair.B, "tx_no_carrier"));
        pair.B.Dispose();
        Assert.AreEqual(4, pool.Available, "what was under way came back");
    }

    [TestMethod]
    public void Two_threads_lose_and_reorder_nothing_and_no_wake_is_missed()
    {
        const int Count = 200_000;
        Random random = TestSeed.Random();
        using BufferPool pool = new(64, 64);
        using MemoryPair pair = new(new MemoryPairOptions { Capacity = 16 });
        int batch = random.Next(1, 12);

        Thread sender = new(() =>
        {
            using ManualResetEventSlim woken = new();
            TxFrame[] frames = new TxFrame[batch];
            int held = 0;
            int next = 0;
            while (next < Count || held != 0)
            {
                while (held < batch && next < Count && pool.TryRent() is { } buffer)
                {
                    BitConverter.TryWriteBytes(buffer.Span, next++);
                    frames[held++] = new TxFrame { Frame = new Frame(new BufferSlice(buffer, 0, 60)) };
                }

                int taken = pair.A.Transmit(frames.AsSpan(0, held));
                frames.AsSpan(taken, held - taken).CopyTo(frames);
                held -= taken;
                if (held != 0)
                {
                    woken.Reset();
                    pair.A.ArmWake(woken.Set);
                    woken.Wait();
                }
            }
        });
        sender.Start();

        using ManualResetEventSlim arrived = new();
        RxFrame[] received = new RxFrame[8];
        int expected = 0;
        while (expected < Count)
        {
            int count = pair.B.Receive(received);
            for (int i = 0; i < count; i++)
            {
                Assert.AreEqual(expected++, BitConverter.ToInt32(received[i].Frame.Header.Span));
                received[i].Frame.Release();
            }

            if (count == 0)
            {
                arrived.Reset();
                pair.B.ArmWake(arrived.Set);
                arrived.Wait();
            }
        }

        sender.Join();
        Assert.AreEqual(64, pool.Available);
    }

    [TestMethod]
    public void Nothing_is_allocated_for_a_frame()
    {
        using BufferPool pool = new(64, 2048);
        using MemoryPair pair = new();
        using PcapNgCapture capture = new(pair.B, Stream.Null);
        TxFrame[] sent = new TxFrame[32];
        RxFrame[] received = new RxFrame[32];
        Action wake = () => { };
        Exchange();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Exchange();
        }

        Assert.AreEqual(0L, GC.GetAllocatedBytesForCurrentThread() - before);

        void Exchange()
        {
            for (int i = 0; i < sent.Length; i++)
            {
                PacketBuffer buffer = pool.TryRent()!.Value;
                sent[i] = new TxFrame { Frame = new Frame(new BufferSlice(buffer, 0, 1514)) };
            }

            Assert.AreEqual(sent.Length, pair.A.Transmit(sent));
            Assert.AreEqual(sent.Length, capture.Receive(received));
            capture.ArmWake(wake);
            foreach (ref RxFrame frame in received.AsSpan())
            {
                frame.Frame.Release();
            }
        }
    }
}
