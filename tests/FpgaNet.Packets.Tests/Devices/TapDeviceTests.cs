using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Tests.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Testing;

namespace FpgaNet.Packets.Tests.Devices;

[TestClass]
public sealed class TapDeviceTests
{
    private const string Tap = "tap0";
    private const int Port = 7777;

    private static readonly IPEndPoint s_kernel = new(IPAddress.Parse("192.0.2.1"), Port);
    private static readonly IPEndPoint s_us = new(IPAddress.Parse("192.0.2.2"), 5000);
    private static readonly MacAddress s_kernelMac = new(0x02_00_5E_00_00_01);

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_datagram_from_the_kernel_arrives_whole(bool offloads)
    {
        using NetworkNamespace network = MakeNetwork();
        using TapDevice tap = OpenTap(network, offloads);
        byte[] payload = RandomNumberGenerator.GetBytes(1000);

        Send(network, payload, segmentSize: 0);
        RxFrame frame = ReceiveUdp(tap);

        byte[] bytes = Frames.Bytes(frame.Frame);
        CollectionAssert.AreEqual(payload, bytes[42..]);
        Assert.AreEqual(offloads ? ChecksumVerdict.Good : ChecksumVerdict.Unknown, frame.Offload.TransportChecksum);
        frame.Frame.Release();
    }

    [TestMethod]
    public void With_receive_checksums_switched_off_the_kernel_fills_them_in()
    {
        using NetworkNamespace network = MakeNetwork();
        using TapDevice tap = OpenTap(network, offloads: true);
        tap.EnabledFeatures = OffloadFeatures.None;

        Send(network, new byte[1000], segmentSize: 0);
        RxFrame frame = ReceiveUdp(tap);

        Assert.AreEqual(ChecksumVerdict.Unknown, frame.Offload.TransportChecksum);
        Assert.IsTrue(UdpIsRight(Frames.Bytes(frame.Frame)), "the field holds the sum");
        frame.Frame.Release();
    }

    [TestMethod]
    public void Large_datagrams_that_the_kernel_did_not_cut_arrive_in_two_slices()
    {
        using NetworkNamespace network = MakeNetwork();
        using TapDevice tap = OpenTap(network, offloads: true);
        Skip.Unless(tap.Capabilities.Features.HasFlag(OffloadFeatures.TxSegmentationUdp), "this kernel has no UDP segmentation over TAP (Linux 6.2)");
        byte[] payload = RandomNumberGenerator.GetBytes(20_000);

        Send(network, payload, segmentSize: 1000);
        RxFrame frame = ReceiveUdp(tap);

        Assert.AreEqual(2, frame.Frame.SliceCount);
        Assert.AreEqual(2048, frame.Frame.Header.Length);
        Assert.AreEqual(20, frame.Offload.CoalescedSegments);
        CollectionAssert.AreEqual(payload, Frames.Bytes(frame.Frame)[42..]);
        frame.Frame.Release();
    }

    [TestMethod]
    public void The_kernel_pays_the_checksum_and_cuts_what_we_send()
    {
        using NetworkNamespace network = MakeNetwork();
        using TapDevice tap = OpenTap(network, offloads: true);
        using BufferPool pool = new(2, 16384);
        byte[] payload = RandomNumberGenerator.GetBytes(3500);
        bool cuts = tap.Capabilities.Features.HasFlag(OffloadFeatures.TxSegmentationUdp);
        byte[] sent = cuts ? payload : payload[..1000];
        using Socket socket = network.Inside(() => Listen());

        Assert.AreEqual(1, tap.Transmit([SampleSegments.OwingUdp(pool, sent, 1000, s_kernelMac, tap.MacAddress, Port)]));

        byte[] received = [];
        byte[] buffer = new byte[65536];
        while (received.Length < sent.Length)
        {
            int count = socket.Receive(buffer);
            Assert.IsLessThanOrEqualTo(1000, count, "cut at 1000 bytes");
            received = [.. received, .. buffer[..count]];
        }

        CollectionAssert.AreEqual(sent, received);
        Assert.AreEqual(2, pool.Available);
        Assert.AreEqual(1UL, Frames.Counter(tap, "tx_frames"));
    }

    [TestMethod]
    public void A_debt_that_is_switched_off_is_refused_and_counted()
    {
        using NetworkNamespace network = MakeNetwork();
        using TapDevice tap = OpenTap(network, offloads: false);
        using BufferPool pool = new(2, 2048);

        Assert.AreEqual(1, tap.Transmit([SampleSegments.OwingUdp(pool, new byte[10], 1000, s_kernelMac, tap.MacAddress, Port)]));

        Assert.AreEqual(1UL, Frames.Counter(tap, "tx_refused"));
        Assert.AreEqual(2, pool.Available);
        Assert.ThrowsExactly<ArgumentException>(() => tap.EnabledFeatures = OffloadFeatures.TxChecksum);
    }

    [TestMethod]
    public void Frames_that_nobody_takes_run_out_of_buffers_and_are_counted()
    {
        using NetworkNamespace network = MakeNetwork();
        using TapDevice tap = network.Inside(() => new TapDevice(new TapOptions { Name = Tap, Offloads = false, SmallBuffers = 4 }));
        BringUp(network);
        RxFrame[] held = new RxFrame[16];
        int count = 0;
        for (int i = 0; i < 10; i++)
        {
            Send(network, new byte[100], segmentSize: 0);
        }

        while (Frames.Counter(tap, "rx_no_buffer") < 6)
        {
            WaitForFrames(tap);
            count += tap.Receive(held.AsSpan(count));
        }

        Assert.AreEqual(4, count);
        Frames.ReleaseAll(held.AsSpan(0, count));
        Send(network, new byte[100], segmentSize: 0);
        ReceiveUdp(tap).Frame.Release();
    }

    [TestMethod]
    public void Each_request_wakes_once()
    {
        using NetworkNamespace network = MakeNetwork();
        using TapDevice tap = OpenTap(network, offloads: false);
        Drain(tap);
        using SemaphoreSlim woken = new(0);
        tap.ArmWake(() => woken.Release());
        Send(network, new byte[10], segmentSize: 0);
        Assert.IsTrue(woken.Wait(TimeSpan.FromSeconds(30)));
        Send(network, new byte[10], segmentSize: 0);
        tap.ArmWake(() => woken.Release(1)); // a frame waits already
        Assert.IsTrue(woken.Wait(TimeSpan.FromSeconds(30)));
        Assert.AreEqual(0, woken.CurrentCount);
        Drain(tap);
    }

    [TestMethod]
    public void A_deleted_interface_fails_the_device()
    {
        using NetworkNamespace network = MakeNetwork();
        using TapDevice tap = OpenTap(network, offloads: true);
        using BufferPool pool = new(1, 2048);
        Drain(tap);
        using SemaphoreSlim woken = new(0);
        tap.ArmWake(() => woken.Release());

        network.Ip("link", "del", Tap);

        Assert.IsTrue(woken.Wait(TimeSpan.FromSeconds(30)));
        Assert.AreEqual(0, tap.Receive(new RxFrame[1]));
        Assert.AreEqual(DeviceState.Failed, tap.State);
        Assert.AreEqual(1, tap.Transmit([Frames.Filled(pool, 60, 1)]));
        Assert.AreEqual(1UL, Frames.Counter(tap, "tx_no_carrier"));
    }

    [TestMethod]
    public void While_the_interface_is_down_frames_are_dropped_and_the_state_says_so()
    {
        using NetworkNamespace network = MakeNetwork();
        using TapDevice tap = network.Inside(() => new TapDevice(new TapOptions { Name = Tap }));
        using BufferPool pool = new(1, 2048);

        Assert.AreEqual(1, tap.Transmit([Frames.Filled(pool, 60, 1)]));
        Assert.AreEqual(DeviceState.NoCarrier, tap.State);

        BringUp(network);
        Assert.AreEqual(1, tap.Transmit([Frames.Filled(pool, 60, 1)]));
        Assert.AreEqual(DeviceState.Up, tap.State);
    }

    [TestMethod]
    public void Errors_on_opening_say_what_to_do()
    {
        using NetworkNamespace network = MakeNetwork();
        network.Ip("link", "add", "veth-a", "type", "veth", "peer", "name", "veth-b");
        IOException notTap = Assert.ThrowsExactly<IOException>(() => network.Inside(() => new TapDevice(new TapOptions { Name = "veth-a" })));
        Assert.Contains("'veth-a' exists already and is not a single-queue TAP", notTap.Message);

        using TapDevice first = network.Inside(() => new TapDevice(new TapOptions { Name = Tap }));
        IOException busy = Assert.ThrowsExactly<IOException>(() => network.Inside(() => new TapDevice(new TapOptions { Name = Tap })));
        Assert.Contains("in use by another process", busy.Message);

        IOException longName = Assert.ThrowsExactly<IOException>(() => new TapDevice(new TapOptions { Name = "a-name-that-is-too-long" }));
        Assert.Contains("15 characters", longName.Message);
    }

    [TestMethod]
    public void The_kernel_answers_in_the_queue_that_it_hears_a_flow_from()
    {
        using NetworkNamespace network = MakeNetwork();
        IReadOnlyList<TapDevice> queues = network.Inside(() => TapDevice.OpenQueues(new TapOptions { Name = Tap, Offloads = false, SmallBuffers = 64 }, 3));
        BringUp(network);
        using BufferPool pool = new(8, 2048);
        for (ushort port = 1; port <= 30; port++)
        {
            // A SYN to a port where nobody listens: the answer is a reset. The first one is made before the kernel has noted where the flow comes from.
            int queue = port % queues.Count;
            byte[] syn = Turned(new TcpSample { Port = port, Flags = TcpFlags.Syn, Acknowledgment = 0 });
            foreach (IReadOnlyList<TapDevice> answering in (IReadOnlyList<TapDevice>[])[queues, [queues[queue]]])
            {
                TxFrame[] frames = [Frames.Of(pool, syn)];
                Assert.AreEqual(1, queues[queue].Transmit(frames));
                RxFrame reset = ReceiveTcp(answering, port);
                reset.Frame.Release();
            }
        }

        foreach (TapDevice tap in queues)
        {
            tap.Dispose();
        }
    }

    // The sample goes from .1, which is the kernel here, to .2, which is us: turned around, and to its station address.
    private static byte[] Turned(TcpSample sample)
    {
        byte[] bytes = sample.ToArray();
        s_kernelMac.Write(bytes);
        (bytes[29], bytes[33]) = (bytes[33], bytes[29]); // the sums stay as they are
        return bytes;
    }

    private static RxFrame ReceiveTcp(IReadOnlyList<TapDevice> queues, ushort port)
    {
        RxFrame[] frames = new RxFrame[1];
        for (int i = 0; i < 2000 * queues.Count; i++)
        {
            if (queues[i % queues.Count].Receive(frames) == 0)
            {
                Thread.Sleep(1);
                continue;
            }

            byte[] bytes = Frames.Bytes(frames[0].Frame);
            if (bytes.Length >= 54 && bytes[23] == (byte)IpProtocol.Tcp && BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(36)) == port)
            {
                return frames[0];
            }

            frames[0].Frame.Release();
        }

        throw new InvalidOperationException($"No answer to port {port}.");
    }

    [TestMethod]
    public void A_persistent_interface_is_attached_to_and_left_in_place()
    {
        using NetworkNamespace network = MakeNetwork();
        network.Ip("tuntap", "add", "dev", Tap, "mode", "tap");
        network.Ip("link", "set", Tap, "mtu", "9000");
        using (TapDevice tap = network.Inside(() => new TapDevice(new TapOptions { Name = Tap })))
        {
            Assert.AreEqual(9000, tap.Capabilities.MaximumTransmissionUnit);
        }

        Assert.AreEqual(0, network.Run("ip", "link", "show", Tap).ExitCode);
    }

    private static NetworkNamespace MakeNetwork()
    {
        Skip.UnlessNetworkNamespaces();
        return new NetworkNamespace();
    }

    private static TapDevice OpenTap(NetworkNamespace network, bool offloads)
    {
        TapDevice tap = network.Inside(() => new TapDevice(new TapOptions { Name = Tap, Offloads = offloads, SmallBuffers = 64, LargeBuffers = 16 }));
        BringUp(network);
        return tap;
    }

    private static void BringUp(NetworkNamespace network)
    {
        network.Ip("link", "set", Tap, "address", s_kernelMac.ToString());
        network.Ip("addr", "add", "192.0.2.1/24", "dev", Tap);
        network.Ip("link", "set", Tap, "up");
        network.Ip("neigh", "add", s_us.Address.ToString(), "lladdr", "02:00:5e:00:00:02", "dev", Tap);
    }

    private static Socket Listen()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 30_000 };
        socket.Bind(s_kernel);
        return socket;
    }

    private static void Send(NetworkNamespace network, byte[] payload, int segmentSize)
    {
        using Socket socket = network.Inside(() => Listen());
        if (segmentSize != 0)
        {
            const int UdpSegment = 103; // UDP_SEGMENT of udp(7)
            socket.SetRawSocketOption((int)SocketOptionLevel.Udp, UdpSegment, BitConverter.GetBytes(segmentSize));
        }

        Assert.AreEqual(payload.Length, socket.SendTo(payload, s_us));
    }

    // The kernel also sends what nobody asked for (IPv6 router solicitations): only our datagrams count.
    private static RxFrame ReceiveUdp(TapDevice tap)
    {
        RxFrame[] frames = new RxFrame[1];
        while (true)
        {
            if (tap.Receive(frames) == 0)
            {
                WaitForFrames(tap);
                continue;
            }

            byte[] bytes = Frames.Bytes(frames[0].Frame);
            if (bytes.Length > 42 && bytes[12] == 8 && bytes[13] == 0 && bytes[23] == 17)
            {
                return frames[0];
            }

            frames[0].Frame.Release();
        }
    }

    private static void WaitForFrames(TapDevice tap)
    {
        using ManualResetEventSlim woken = new();
        tap.ArmWake(woken.Set);
        Assert.IsTrue(woken.Wait(TimeSpan.FromSeconds(30)), "no frame came");
    }

    private static void Drain(TapDevice tap)
    {
        RxFrame[] frames = new RxFrame[1];
        while (tap.Receive(frames) != 0)
        {
            frames[0].Frame.Release();
        }
    }

    private static bool UdpIsRight(ReadOnlySpan<byte> frame)
    {
        uint pseudo = InternetChecksum.PseudoHeader(IPv4Address.Read(frame[26..]), IPv4Address.Read(frame[30..]), IpProtocol.Udp, frame.Length - 34);
        return InternetChecksum.Finish(InternetChecksum.Sum(frame[34..], pseudo)) == 0;
    }
}
