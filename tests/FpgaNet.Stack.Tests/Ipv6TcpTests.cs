using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;
using FpgaNet.Stack.Sockets;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests;

/// <summary>TCP, UDP and echoes between hosts that speak both families, and with themselves.</summary>
[TestClass]
public sealed class Ipv6TcpTests
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    [TestMethod]
    [DataRow(0.0, false)]
    [DataRow(0.0, true)]
    [DataRow(0.05, false)]
    [DataRow(0.05, true)]
    public void A_stream_crosses_over_IPv6(double loss, bool segments)
    {
        using VirtualNetwork network = new(TestSeed.Take(), new LinkModel { Loss = loss });
        (NetworkStack a, NetworkStack b) = Pair(network, segments);
        Exchange(network, a, b, new IPEndPoint(IPAddress.Parse("2001:db8::2"), 80), 300_000);
    }

    [TestMethod]
    public void Link_local_addresses_connect_with_their_scope()
    {
        using VirtualNetwork network = new(1);
        (NetworkStack a, NetworkStack b) = Pair(network);
        IPAddress there = b.Interfaces[0].Network.LinkLocal!.Value.ToIPAddress(a.Interfaces[0].Index);
        TcpSocket accepted = Exchange(network, a, b, new IPEndPoint(there, 80), 1000);
        Assert.AreEqual(b.Interfaces[0].Index, accepted.RemoteEndPoint!.Address.ScopeId);
    }

    [TestMethod]
    public void A_listener_on_any_takes_both_families_and_one_on_0_0_0_0_only_IPv4()
    {
        using VirtualNetwork network = new(1);
        (NetworkStack a, NetworkStack b) = Pair(network);
        using TcpListenerSocket both = b.Listen(new IPEndPoint(IPAddress.IPv6Any, 80));
        using TcpListenerSocket four = b.Listen(new IPEndPoint(IPAddress.Any, 81));
        Task<TcpSocket>[] connecting =
        [
            a.ConnectAsync(new IPEndPoint(IPAddress.Parse("2001:db8::2"), 80)).AsTask(),
            a.ConnectAsync(new IPEndPoint(IPAddress.Parse("192.0.2.2"), 80)).AsTask(),
            a.ConnectAsync(new IPEndPoint(IPAddress.Parse("192.0.2.2"), 81)).AsTask(),
            a.ConnectAsync(new IPEndPoint(IPAddress.Parse("2001:db8::2"), 81)).AsTask(),
        ];
        network.RunUntil(() => connecting.All(task => task.IsCompleted), s_minute);
        Assert.IsTrue(connecting[..3].All(task => task.IsCompletedSuccessfully));
        Assert.AreEqual(SocketError.ConnectionRefused, TcpScriptTests.ErrorOf(connecting[3]));
        Assert.ThrowsExactly<SocketException>(() => b.Listen(new IPEndPoint(IPAddress.IPv6Any, 81)));
        Assert.ThrowsExactly<SocketException>(() => b.Listen(new IPEndPoint(IPAddress.Parse("192.0.2.2"), 80)));
        using TcpListenerSocket six = b.Listen(new IPEndPoint(IPAddress.Parse("2001:db8::2"), 81));
    }

    [TestMethod]
    public void Datagrams_cross_in_both_families_and_long_ones_in_fragments()
    {
        using VirtualNetwork network = new(1);
        (NetworkStack a, NetworkStack b) = Pair(network);
        using UdpSocket sender = a.OpenUdp(new IPEndPoint(IPAddress.IPv6Any, 0));
        using UdpSocket receiver = b.OpenUdp(new IPEndPoint(IPAddress.IPv6Any, 53));
        byte[] buffer = new byte[70_000];
        foreach (string address in new[] { "192.0.2.2", "2001:db8::2" })
        {
            foreach (int length in new[] { 0, 1, 1232, 1453, 5000, 65_507 })
            {
                byte[] payload = new byte[length];
                new Random(length).NextBytes(payload);
                sender.SendTo(payload, new IPEndPoint(IPAddress.Parse(address), 53));
                Task<UdpDatagram> receiving = receiver.ReceiveFromAsync(buffer).AsTask();
                network.RunUntil(() => receiving.IsCompleted, s_minute);
                Assert.AreEqual(length, receiving.Result.Length);
                CollectionAssert.AreEqual(payload, buffer[..length]);
                Assert.AreEqual(address.Contains(':') ? "2001:db8::1" : "192.0.2.1", receiving.Result.RemoteEndPoint.Address.ToString());
            }
        }

        Assert.AreEqual(SocketError.MessageSize, ErrorOf(() => sender.SendTo(new byte[65_508], new IPEndPoint(IPAddress.Parse("192.0.2.2"), 53))));
    }

    [TestMethod]
    [DataRow("192.0.2.2", 65_000)]
    [DataRow("2001:db8::2", 65_000)]
    [DataRow("192.0.2.2", 4000)]
    [DataRow("2001:db8::2", 4000)]
    [DataRow("2001:db8::2", 56)]
    public void Ping_of_any_length_is_answered(string address, int length)
    {
        using VirtualNetwork network = new(1);
        (NetworkStack a, _) = Pair(network);
        using EchoClient client = a.CreateEchoClient();
        Task<EchoReply> reply = client.PingAsync(IPAddress.Parse(address), length, TimeSpan.FromSeconds(5)).AsTask();
        network.RunUntil(() => reply.IsCompleted, s_minute);
        Assert.AreEqual(length, reply.Result.Length);
        Assert.AreEqual(address, reply.Result.Address.ToString());
    }

    [TestMethod]
    [DataRow("127.0.0.1")]
    [DataRow("::1")]
    [DataRow("192.0.2.1")]
    [DataRow("2001:db8::1")]
    public void A_stack_talks_with_itself(string address)
    {
        using VirtualNetwork network = new(1);
        (NetworkStack a, _) = Pair(network);
        ulong frames = (ulong)network.Hosts[0].Device.FramesReceived;
        Exchange(network, a, a, new IPEndPoint(IPAddress.Parse(address), 80), 500_000);
        using EchoClient client = a.CreateEchoClient();
        Task<EchoReply> reply = client.PingAsync(IPAddress.Parse(address), 10_000, TimeSpan.FromSeconds(5)).AsTask();
        network.RunUntil(() => reply.IsCompleted, s_minute);
        Assert.AreEqual(10_000, reply.Result.Length);
        Assert.AreEqual(frames, (ulong)network.Hosts[0].Device.FramesReceived);

        // And what it does not serve it refuses itself.
        Assert.AreEqual(SocketError.ConnectionRefused, Refused(a.ConnectAsync(new IPEndPoint(IPAddress.Parse(address), 81)).AsTask()));
        using UdpSocket socket = a.OpenUdp(new IPEndPoint(IPAddress.IPv6Any, 0));
        socket.SendTo([1], new IPEndPoint(IPAddress.Parse(address), 9));
        Assert.AreEqual(SocketError.ConnectionRefused, Refused(socket.ReceiveFromAsync(new byte[1]).AsTask()));

        SocketError Refused(Task task)
        {
            network.RunUntil(() => task.IsCompleted, s_minute);
            return TcpScriptTests.ErrorOf(task);
        }
    }

    [TestMethod]
    public void A_datagram_to_a_closed_port_comes_back_as_ConnectionRefused()
    {
        using VirtualNetwork network = new(1);
        (NetworkStack a, _) = Pair(network);
        using UdpSocket sender = a.OpenUdp(new IPEndPoint(IPAddress.IPv6Any, 0));
        sender.SendTo(new byte[10], new IPEndPoint(IPAddress.Parse("2001:db8::2"), 9));
        Task<UdpDatagram> receiving = sender.ReceiveFromAsync(new byte[10]).AsTask();
        network.RunUntil(() => receiving.IsCompleted, s_minute);
        Assert.AreEqual(SocketError.ConnectionRefused, TcpScriptTests.ErrorOf(receiving));
    }

    [TestMethod]
    public void Connecting_to_an_absent_host_fails_as_unreachable()
    {
        using VirtualNetwork network = new(1);
        (NetworkStack a, _) = Pair(network);
        Task<TcpSocket> connecting = a.ConnectAsync(new IPEndPoint(IPAddress.Parse("2001:db8::77"), 80)).AsTask();
        network.RunUntil(() => connecting.IsCompleted, s_minute);
        Assert.AreEqual(SocketError.HostUnreachable, TcpScriptTests.ErrorOf(connecting));
        Task<TcpSocket> noRoute = a.ConnectAsync(new IPEndPoint(IPAddress.Parse("2001:db8:1::1"), 80)).AsTask();
        Assert.AreEqual(SocketError.NetworkUnreachable, TcpScriptTests.ErrorOf(noRoute));
    }

    [TestMethod]
    [DataRow(4)]
    [DataRow(6)]
    public void Connections_open_although_one_frame_in_ten_is_lost(int version)
    {
        int seed = TestSeed.Take();
        for (int run = 0; run < 20; run++)
        {
            using VirtualNetwork network = new(seed + run, new LinkModel { Loss = 0.1 });
            (NetworkStack a, NetworkStack b) = Pair(network);
            using TcpListenerSocket listener = b.Listen(new IPEndPoint(IPAddress.IPv6Any, 80));
            Task<TcpSocket> connecting = a.ConnectAsync(new IPEndPoint(IPAddress.Parse(version == 4 ? "192.0.2.2" : "2001:db8::2"), 80)).AsTask();
            network.RunUntil(() => connecting.IsCompleted, 3 * s_minute);
            Assert.IsTrue(connecting.IsCompletedSuccessfully, $"seed {seed + run}: {connecting.Exception?.InnerException?.Message}");
        }
    }

    /// <summary>Two hosts with addresses of both families.</summary>
    internal static (NetworkStack A, NetworkStack B) Pair(VirtualNetwork network, bool segments = true)
    {
        EthernetSegment lan = network.AddSegment("lan");
        HostModel model = new() { Features = segments ? VirtualDevice.Features(segments: true) | Packets.Offload.OffloadFeatures.TxSegmentationTcp6 : VirtualDevice.Features(segments: false) };
        VirtualHost a = network.AddHost(model with { IPv6Address = IPv6Address.Parse("2001:db8::1") }, lan, IPv4Address.Parse("192.0.2.1"));
        VirtualHost b = network.AddHost(model with { IPv6Address = IPv6Address.Parse("2001:db8::2") }, lan, IPv4Address.Parse("192.0.2.2"));
        return (a.Stack, b.Stack);
    }

    /// <summary>Connects and sends bytes there and back; returns the accepted socket.</summary>
    internal static TcpSocket Exchange(VirtualNetwork network, NetworkStack from, NetworkStack to, IPEndPoint remote, int bytes)
    {
        using TcpListenerSocket listener = to.Listen(new IPEndPoint(IPAddress.IPv6Any, remote.Port));
        Task<TcpSocket> connecting = from.ConnectAsync(remote).AsTask();
        Task<TcpSocket> accepting = listener.AcceptAsync().AsTask();
        network.RunUntil(() => connecting.IsCompleted && accepting.IsCompleted, s_minute);
        Task[] all = [SendAsync(connecting.Result, bytes, 1), SendAsync(accepting.Result, bytes, 2), ReceiveAsync(connecting.Result, bytes, 2), ReceiveAsync(accepting.Result, bytes, 1)];
        network.RunUntil(() => all.All(task => task.IsCompleted), 5 * s_minute);
        Task.WaitAll(all);
        connecting.Result.Dispose();
        return accepting.Result;
    }

    private static async Task SendAsync(TcpSocket socket, int bytes, int seed)
    {
        byte[] data = new byte[bytes];
        new Random(seed).NextBytes(data);
        await socket.SendAsync(data);
    }

    private static async Task ReceiveAsync(TcpSocket socket, int bytes, int seed)
    {
        byte[] expected = new byte[bytes];
        new Random(seed).NextBytes(expected);
        byte[] data = new byte[bytes];
        for (int at = 0; at < bytes;)
        {
            int count = await socket.ReceiveAsync(data.AsMemory(at));
            Assert.AreNotEqual(0, count);
            at += count;
        }

        CollectionAssert.AreEqual(expected, data);
    }

    private static SocketError ErrorOf(Action action) => Assert.ThrowsExactly<SocketException>(action).SocketErrorCode;
}
