using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;

namespace FpgaNet.Packets.Tests.Offload;

[TestClass]
public sealed class SoftwareOffloadAllocationTests
{
    [TestMethod]
    public void Ten_thousand_packets_each_way_allocate_nothing()
    {
        Random random = new(1);
        using BufferPool pool = new(64, 65536 + 512);
        using MemoryPair pair = new(new MemoryPairOptions { Capacity = 256 });
        using SoftwareOffload a = new(pair.A);
        using SoftwareOffload b = new(pair.B);
        TxFrame[] frames = new TxFrame[4];
        RxFrame[] received = new RxFrame[64];
        SuperFrame[] kinds =
        [
            SuperFrame.Random(random, Segmentation.Tcp4, 60_000, 1400),
            SuperFrame.Random(random, Segmentation.Udp6, 20_000, 1300),
            SuperFrame.Random(random, Segmentation.Tcp6, 1000, 0),
            SuperFrame.Random(random, Segmentation.Tcp4, 0, 0),
        ];
        for (int i = 0; i < frames.Length; i++)
        {
            frames[i] = kinds[i].Slice(random, pool);
            frames[i].Offload.InsertVlan = i == 2;
        }

        // Every round the very same frames: references are taken again, the headers are copied because the test holds them too.
        long Run(int packets)
        {
            long count = 0;
            long good = 0;
            while (count < packets)
            {
                for (int i = 0; i < frames.Length; i++)
                {
                    frames[i].Frame.AddReferences();
                }

                int taken = a.Transmit(frames);
                Assert.AreEqual(frames.Length, taken);
                int n;
                while ((n = b.Receive(received)) != 0)
                {
                    for (int i = 0; i < n; i++)
                    {
                        good += received[i].Offload.TransportChecksum == ChecksumVerdict.Good ? 1 : 0;
                        received[i].Frame.Release();
                    }

                    count += n;
                }
            }

            Assert.AreEqual(count, good);
            return count;
        }

        Run(500);
        long before = GC.GetAllocatedBytesForCurrentThread();
        long moved = Run(10_000);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.AreEqual(0, allocated, $"{allocated} bytes for {moved} packets");
        foreach (ref TxFrame frame in frames.AsSpan())
        {
            frame.Frame.Release();
        }

        Assert.AreEqual(pool.BufferCount, pool.Available);
        Assert.AreEqual(0, a.BuffersOutstanding);
    }
}
