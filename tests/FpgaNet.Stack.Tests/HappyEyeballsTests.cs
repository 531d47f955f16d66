using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;
using FpgaNet.Stack.Dns;
using FpgaNet.Stack.Sockets;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests;

/// <summary>RFC 8305: names that have several addresses, of which some do not answer.</summary>
[TestClass]
public sealed class HappyEyeballsTests
{
    private const int Port = 80;

    [TestMethod]
    [DataRow("192.0.2.2 2001:db8::2", "2001:db8::2", 0, DisplayName = "IPv6 before IPv4")]
    [DataRow("192.0.2.2 2001:db8::99", "192.0.2.2", 250, DisplayName = "an IPv6 address that is silent")]
    [DataRow("192.0.2.98 192.0.2.2 2001:db8::99", "192.0.2.2", 500, DisplayName = "two addresses that are silent")]
    [DataRow("192.0.2.2 2001:db8::3", "192.0.2.2", 0, DisplayName = "an IPv6 address that refuses")]
    public void The_first_address_that_answers_is_connected_to(string addresses, string expected, int milliseconds)
    {
        using Rig rig = new(addresses);
        Task<TcpSocket> connecting = rig.Connect();
        rig.Network.RunUntil(() => connecting.IsCompleted, TimeSpan.FromMinutes(5));
        using TcpSocket socket = connecting.Result;
        Assert.AreEqual(expected, socket.RemoteEndPoint!.Address.ToString());
        double took = rig.Network.Time.Elapsed.TotalMilliseconds - rig.Started.TotalMilliseconds;
        Assert.IsTrue(took >= milliseconds && took < milliseconds + 100, $"{took} ms");
    }

    [TestMethod]
    public void When_none_answers_the_last_ones_words_are_heard()
    {
        using Rig rig = new("192.0.2.3 2001:db8::3");
        Task<TcpSocket> connecting = rig.Connect();
        rig.Network.RunUntil(() => connecting.IsCompleted, TimeSpan.FromMinutes(5));
        SocketException error = Assert.ThrowsExactly<SocketException>(() => connecting.GetAwaiter().GetResult());
        Assert.AreEqual(SocketError.ConnectionRefused, error.SocketErrorCode);
    }

    [TestMethod]
    public void Giving_up_ends_all_attempts()
    {
        using Rig rig = new("192.0.2.98 2001:db8::99");
        using CancellationTokenSource cancel = new();
        Task<TcpSocket> connecting = rig.Connect(cancel.Token);
        rig.Network.Run(TimeSpan.FromSeconds(1));
        Assert.IsFalse(connecting.IsCompleted);
        cancel.Cancel();
        rig.Network.Run(TimeSpan.FromSeconds(1));
        Assert.IsTrue(connecting.IsCanceled);
        Assert.IsEmpty(rig.Client.Tcp.Connections);
    }

    [TestMethod]
    public void Families_take_turns()
    {
        IPAddress[] addresses = [.. "2001:db8::1 2001:db8::2 2001:db8::3 192.0.2.1".Split(' ').Select(IPAddress.Parse)];
        Assert.AreEqual("2001:db8::1 192.0.2.1 2001:db8::2 2001:db8::3", string.Join(' ', HappyEyeballs.Interleave(addresses).Select(a => a.ToString())));
    }

    private sealed class Rig : IDisposable
    {
        private readonly DnsResolver _resolver;
        private readonly TcpListenerSocket _listener;

        public Rig(string addresses)
        {
            Network = new VirtualNetwork(TestSeed.Take());
            EthernetSegment segment = Network.AddSegment("lan");
            Client = Add(segment, 1);
            NetworkStack server = Add(segment, 2);
            Add(segment, 3); // listens to nobody
            _listener = server.Listen(new IPEndPoint(IPAddress.IPv6Any, Port));
            _resolver = Client.CreateResolver(new DnsSettings
            {
                Hosts = new Dictionary<string, IReadOnlyList<IPAddress>>(StringComparer.Ordinal) { ["host"] = [.. addresses.Split(' ').Select(IPAddress.Parse)] },
            });
            Network.Run(TimeSpan.FromSeconds(5)); // until the addresses can be used
        }

        public VirtualNetwork Network { get; }

        public NetworkStack Client { get; }

        public TimeSpan Started { get; private set; }

        public Task<TcpSocket> Connect(CancellationToken cancellationToken = default)
        {
            Started = Network.Time.Elapsed;
            Task<TcpSocket> connecting = Client.ConnectAsync("host", Port, _resolver, cancellationToken).AsTask();
            Network.Hosts[0].Wake();
            return connecting;
        }

        public void Dispose()
        {
            _resolver.Dispose();
            _listener.Dispose();
            Network.Dispose();
        }

        private NetworkStack Add(EthernetSegment segment, uint number) => Network.AddHost(
            new HostModel { IPv6Address = new IPv6Address(((UInt128)0x2001_0DB8 << 96) + number) }, segment, new IPv4Address(0xC000_0200 + number)).Stack;
    }
}
