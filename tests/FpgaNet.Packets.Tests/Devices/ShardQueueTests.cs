using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Tests.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Tests.Devices;

[TestClass]
public sealed class ShardQueueTests
{
    private const int Queues = 3;

    [TestMethod]
    [DataRow("TCP", false)]
    [DataRow("ARP reply", true)]
    [DataRow("ARP request", false)]
    [DataRow("fragment", true)]
    [DataRow("echo request", false)]
    [DataRow("echo reply", true)]
    [DataRow("unreachable", true)]
    public void What_all_have_to_know_goes_to_all_and_the_rest_to_one(string kind, bool toAll)
    {
        using BufferPool pool = new(8, 2048);
        RecordingDevice[] devices = [.. Enumerable.Range(0, Queues).Select(static _ => new RecordingDevice(OffloadFeatures.None))];
        FlowSteering steering = new(Queues);
        IReadOnlyList<ShardQueue> queues = ShardQueue.Join([.. devices.Select(static d => new SoftwareOffload(d))], steering);
        byte[] bytes = Bytes(kind);
        for (int from = 0; from < Queues; from++)
        {
            TxFrame frame = Frames.Of(pool, bytes);
            devices[from].Feed(new RxFrame { Frame = frame.Frame });
            int woken = 0;
            foreach (ShardQueue queue in queues)
            {
                queue.ArmWake(() => woken++);
            }

            List<int> got = [];
            RxFrame[] received = new RxFrame[4];
            foreach (int i in (int[])[from, .. Enumerable.Range(0, Queues).Where(i => i != from)])
            {
                int count = queues[i].Receive(received);
                for (int r = 0; r < count; r++)
                {
                    CollectionAssert.AreEqual(bytes, Frames.Bytes(received[r].Frame));
                    received[r].Frame.Release();
                    got.Add(i);
                }
            }

            int one = kind is "TCP"
                ? steering.QueueOf(new IPv4Address(0xC0000201), new IPv4Address(0xC0000202), 1000, 80)
                : from;
            CollectionAssert.AreEquivalent(toAll ? [.. Enumerable.Range(0, Queues)] : (int[])[one], got);
            Assert.AreEqual(got.Count(i => i != from), woken, "who is handed something is woken");
            Assert.AreEqual(pool.BufferCount, pool.Available);
        }

        foreach (ShardQueue queue in queues)
        {
            queue.Dispose();
        }
    }

    [TestMethod]
    public void What_a_shard_that_does_not_look_is_handed_is_bounded_and_given_back()
    {
        using BufferPool pool = new(1000, 256);
        RecordingDevice[] devices = [.. Enumerable.Range(0, 2).Select(static _ => new RecordingDevice(OffloadFeatures.None))];
        IReadOnlyList<ShardQueue> queues = ShardQueue.Join([.. devices.Select(static d => new SoftwareOffload(d))], new FlowSteering(2));
        byte[] bytes = Bytes("ARP reply");
        RxFrame[] received = new RxFrame[1];
        for (int i = 0; i < 500; i++)
        {
            devices[0].Feed(new RxFrame { Frame = Frames.Of(pool, bytes).Frame });
            Assert.AreEqual(1, queues[0].Receive(received));
            received[0].Frame.Release();
        }

        Assert.AreEqual(244UL, Frames.Counter(queues[1], "shard_dropped"));
        Assert.AreEqual(500UL, Frames.Counter(queues[0], "shard_shared"));
        queues[0].Dispose();
        queues[1].Dispose();
        Assert.AreEqual(pool.BufferCount, pool.Available);
    }

    private static byte[] Bytes(string kind)
    {
        byte[] tcp = new TcpSample { Payload = new byte[10], MoreFragments = kind is "fragment", DontFragment = kind is not "fragment" }.ToArray();
        if (kind.StartsWith("ARP", StringComparison.Ordinal))
        {
            byte[] arp = new byte[60];
            BinaryPrimitives.WriteUInt16BigEndian(arp.AsSpan(12), (ushort)EtherType.Arp);
            ArpPacket.Write(arp.AsSpan(14), default);
            BinaryPrimitives.WriteUInt16BigEndian(arp.AsSpan(20), (ushort)(kind is "ARP reply" ? 2 : 1));
            return arp;
        }

        byte type = kind switch
        {
            "echo request" => 8,
            "echo reply" => 0,
            "unreachable" => 3,
            _ => byte.MaxValue,
        };
        if (type != byte.MaxValue)
        {
            Span<byte> ip = tcp.AsSpan(14, 20);
            ip[9] = (byte)IpProtocol.Icmp;
            IPv4Header.WriteChecksum(ip);
            tcp[34] = type;
        }

        return tcp;
    }
}
