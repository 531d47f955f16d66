using System.Net.Sockets;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;
using FpgaNet.Stack.Dhcp;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests.Dhcp;

/// <summary>The client on a stack that has no address, against a server that sees its frames.</summary>
[TestClass]
public sealed class DhcpClientTests
{
    private static readonly IPv4Address s_address = IPv4Address.Parse("192.0.2.100");

    [TestMethod]
    public void An_interface_without_an_address_gets_one_and_can_be_reached()
    {
        using Rig rig = new();
        rig.Server.Options = (ref DhcpWriter writer) =>
        {
            writer.Add(DhcpOption.Routers, ScriptedDhcpServer.Address);
            writer.Add(DhcpOption.DomainNameServers, ScriptedDhcpServer.Address);
            writer.Add(DhcpOption.InterfaceMtu, [0x05, 0x78]);
        };
        DhcpClient client = rig.Start();
        rig.RunUntilBound(client);
        string[] expected = ["Discover 0.0.0.0 > 255.255.255.255", "Request 0.0.0.0 > 255.255.255.255"];
        CollectionAssert.AreEqual(expected, rig.Server.Heard);
        Assert.AreEqual(new AddressPrefix(s_address, 24), rig.Stack.Interfaces[0].Addresses.Single());
        Assert.Contains(r => r.Origin == RouteOrigin.Dhcp && r.Gateway == (IpAddress)ScriptedDhcpServer.Address && r.Destination.PrefixLength == 0, rig.Stack.Routes.List());
        Assert.AreEqual(1400, rig.Stack.Ip.Find(IPv4Address.Parse("198.51.100.1"))!.PathMtu);

        using EchoClient echo = rig.Peer.CreateEchoClient();
        Task<EchoReply> reply = echo.PingAsync(s_address.ToIPAddress(), 32, TimeSpan.FromSeconds(5)).AsTask();
        rig.Network.RunUntil(() => reply.IsCompleted, TimeSpan.FromSeconds(10));
        Assert.AreEqual(32, reply.Result.Length);

        client.Dispose();
        rig.Network.Run(TimeSpan.FromSeconds(2));
        Assert.AreEqual("Release 192.0.2.100 > 192.0.2.53", rig.Server.Heard[^1]);
        Assert.IsEmpty(rig.Stack.Interfaces[0].Addresses);
        Assert.IsEmpty(rig.Stack.Routes.List());
        Assert.AreEqual(DhcpState.Stopped, client.State);
    }

    [TestMethod]
    public void A_lease_is_prolonged_by_unicast_then_by_broadcast_and_its_end_takes_the_address_away()
    {
        using Rig rig = new();
        DhcpClient client = rig.Start();
        int changes = 0;
        client.LeaseChanged += (_, _) => changes++;
        rig.RunUntilBound(client);
        rig.Server.Heard.Clear();
        rig.Network.RunUntil(() => rig.Server.Heard.Count != 0, TimeSpan.FromSeconds(501));
        Assert.AreEqual("Request 192.0.2.100 > 192.0.2.53", rig.Server.Heard.Single());
        rig.Network.RunUntil(() => client.State == DhcpState.Bound, TimeSpan.FromSeconds(1));
        rig.Server.IsSilent = true;
        rig.Network.RunUntil(() => client.State == DhcpState.Rebinding, TimeSpan.FromSeconds(1000));
        rig.Network.Run(TimeSpan.FromSeconds(1));
        Assert.AreEqual("Request 192.0.2.100 > 255.255.255.255", rig.Server.Heard[^1]);
        rig.Network.RunUntil(() => client.Lease is null, TimeSpan.FromSeconds(1000));
        Assert.IsEmpty(rig.Stack.Interfaces[0].Addresses);
        Assert.AreEqual(3, changes, "bound, prolonged, lost");
        rig.Server.IsSilent = false;
        rig.RunUntilBound(client);
    }

    [TestMethod]
    public void What_a_shard_is_given_the_others_have_as_long_as_it_has_it()
    {
        using Rig rig = new();
        rig.Server.Options = (ref DhcpWriter writer) =>
        {
            writer.Add(DhcpOption.Routers, ScriptedDhcpServer.Address);
            writer.Add(DhcpOption.InterfaceMtu, [0x05, 0x78]);
        };
        using MemoryPair pair = new();
        using NetworkStack other = new(new SoftwareOffload(pair.A), new NetworkStackOptions());
        DhcpClient client = rig.Start();
        _ = new SharedLease(client, [other]);
        rig.RunUntilBound(client);
        Assert.AreEqual(new AddressPrefix(s_address, 24), other.Interfaces[0].Addresses.Single());
        Assert.Contains(r => r.Origin == RouteOrigin.Dhcp && r.Gateway == (IpAddress)ScriptedDhcpServer.Address && r.Destination.PrefixLength == 0, other.Routes.List());
        Assert.AreEqual(1400, other.Ip.Find(IPv4Address.Parse("198.51.100.1"))!.PathMtu);

        // Prolonged without the router, then lost.
        rig.Server.Options = null;
        DhcpLease first = client.Lease!;
        rig.Network.RunUntil(() => client.State == DhcpState.Bound && !ReferenceEquals(client.Lease, first), TimeSpan.FromSeconds(600));
        Assert.DoesNotContain(r => r.Origin == RouteOrigin.Dhcp, other.Routes.List());
        Assert.HasCount(1, other.Interfaces[0].Addresses);
        rig.Server.IsSilent = true;
        rig.Network.RunUntil(() => client.Lease is null, TimeSpan.FromSeconds(2000));
        Assert.IsEmpty(other.Interfaces[0].Addresses);
        Assert.IsEmpty(other.Routes.List());
    }

    // RFC 5227 §2.1.1, RFC 2131 §3.1 step 5.
    [TestMethod]
    public void An_address_that_a_station_has_is_declined()
    {
        using Rig rig = new();
        rig.Server.Taken.Add(s_address);
        DhcpClient client = rig.Start();
        rig.RunUntilBound(client);
        Assert.AreEqual(IPv4Address.Parse("192.0.2.101"), client.Lease!.Address.Address.IPv4);
        Assert.Contains("Decline 0.0.0.0 > 255.255.255.255", rig.Server.Heard);
        Assert.AreEqual(1UL, rig.Stack.Counters[StackCounter.AddressConflicts]);
    }

    // RFC 5227 §2.4 (b).
    [TestMethod]
    public void An_address_is_defended_once_and_given_up_to_who_insists()
    {
        using Rig rig = new();
        DhcpClient client = rig.Start();
        rig.RunUntilBound(client);
        rig.Server.Claim(s_address);
        rig.Network.Run(TimeSpan.FromSeconds(11));
        rig.Server.Claim(s_address);
        rig.Network.Run(TimeSpan.FromSeconds(1));
        Assert.AreEqual(DhcpState.Bound, client.State, "once every ten seconds is no insisting");
        rig.Server.Claim(s_address);
        rig.Network.Run(TimeSpan.FromSeconds(1));
        Assert.IsNull(client.Lease);
        Assert.IsEmpty(rig.Stack.Interfaces[0].Addresses);
        rig.RunUntilBound(client);
        Assert.AreEqual(IPv4Address.Parse("192.0.2.101"), client.Lease!.Address.Address.IPv4);
    }

    [TestMethod]
    public void An_interface_has_one_client_and_who_waits_for_it_hears_of_its_end()
    {
        using Rig rig = new();
        rig.Server.IsSilent = true;
        DhcpClient client = rig.Start();
        Assert.AreEqual(SocketError.AddressAlreadyInUse, Assert.ThrowsExactly<SocketException>(() => rig.Start()).SocketErrorCode);
        Task<DhcpLease> waiting = client.WaitForLeaseAsync();
        client.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => waiting.GetAwaiter().GetResult());
        rig.Start().Dispose();
    }

    [TestMethod]
    public void A_client_can_follow_another_at_once()
    {
        using Rig rig = new();
        DhcpSettings settings = new() { DetectConflicts = false };
        DhcpClient client = rig.Start(settings);
        rig.RunUntilBound(client);
        client.Dispose();
        DhcpClient next = rig.Start(settings);
        rig.RunUntilBound(next);
        rig.Network.Run(TimeSpan.FromSeconds(5));
        Assert.HasCount(1, rig.Stack.Interfaces[0].Addresses);
    }

    [TestMethod]
    public void Two_interfaces_share_the_port_and_each_has_its_own_lease()
    {
        VirtualTime time = new();
        ScriptedDhcpServer[] servers = new ScriptedDhcpServer[2];
        using NetworkStack stack = new(new NetworkStackOptions { TimeProvider = time, Seed = 1, InlineCompletions = true });
        DhcpClient[] clients = new DhcpClient[2];
        for (int i = 0; i < 2; i++)
        {
            int index = i;
            VirtualDevice device = new(
                $"card{i}", new MacAddress(0x0200_5E00_0001u + (ulong)i), 1500, VirtualDevice.Features(segments: false), 64, () => true,
                (_, bytes) => servers[index].Deliver(new WireFrame(bytes)));
            servers[i] = new ScriptedDhcpServer(device) { Next = new IPv4Address(s_address.Value + (uint)i) };
            clients[i] = stack.StartDhcp(stack.AddInterface(device, new InterfaceOptions { HeaderBuffers = 64 }), new DhcpSettings { DetectConflicts = false });
        }

        for (int i = 0; i < 10; i++)
        {
            stack.Poll(); // a turn for each message of the exchange
        }

        for (int i = 0; i < 2; i++)
        {
            Assert.AreEqual(servers[i].Next, clients[i].Lease!.Address.Address.IPv4);
            Assert.AreEqual(clients[i].Lease!.Address, stack.Interfaces[i].Addresses.Single());
        }

        clients[0].Dispose();
        time.MoveTo(TimeSpan.FromSeconds(2));
        stack.Poll();
        Assert.IsEmpty(stack.Interfaces[0].Addresses);
        Assert.IsNotEmpty(stack.Interfaces[1].Addresses);
    }

    private sealed class Rig : IDisposable
    {
        private readonly VirtualHost _host;

        public Rig()
        {
            Network = new VirtualNetwork(TestSeed.Take());
            EthernetSegment segment = Network.AddSegment("lan");
            _host = Network.AddHost(new HostModel { IsUnconfigured = true }, segment, s_address);
            Peer = Network.AddHost(new HostModel(), segment, IPv4Address.Parse("192.0.2.9")).Stack;
            Server = new ScriptedDhcpServer(Network, segment);
        }

        public VirtualNetwork Network { get; }

        public NetworkStack Stack => _host.Stack;

        public NetworkStack Peer { get; }

        public ScriptedDhcpServer Server { get; }

        public DhcpClient Start(DhcpSettings? settings = null)
        {
            DhcpClient client = Stack.StartDhcp(Stack.Interfaces[0], settings);
            _host.Wake();
            return client;
        }

        public void RunUntilBound(DhcpClient client)
        {
            Task<DhcpLease> lease = client.WaitForLeaseAsync();
            Network.RunUntil(() => lease.IsCompleted, TimeSpan.FromMinutes(3));
            Assert.AreEqual(DhcpState.Bound, client.State);
            Assert.AreSame(client.Lease, lease.Result);
        }

        public void Dispose() => Network.Dispose();
    }
}
