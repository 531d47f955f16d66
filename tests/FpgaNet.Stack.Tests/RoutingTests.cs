using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Tests.Scripts;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests;

/// <summary>Routes, interfaces and addresses that come and go, the destination cache, and path MTUs.</summary>
[TestClass]
public sealed class RoutingTests
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    [TestMethod]
    public void The_longest_prefix_wins_and_then_the_lowest_metric()
    {
        RoutingTable table = new();
        Random random = TestSeed.Random();
        List<Route> routes = [];
        for (int i = 0; i < 200; i++)
        {
            bool ipv4 = random.Next(2) == 0;
            int bits = random.Next(ipv4 ? 33 : 129);
            IpAddress address = ipv4 ? new IPv4Address(0xC000_0000 | (uint)random.Next(16)) : new IpAddress(0x2001_0DB8_0000_0000, (ulong)random.Next(16));
            Route route = new(new AddressPrefix(address.Prefix(bits), bits), 1, Metric: random.Next(3));
            if (table.Add(route))
            {
                routes.Add(route);
            }

            if (random.Next(3) == 0)
            {
                Route removed = routes[random.Next(routes.Count)];
                routes.Remove(removed);
                Assert.IsTrue(table.Remove(removed));
            }

            IpAddress sought = ipv4 ? new IPv4Address(0xC000_0000 | (uint)random.Next(16)) : new IpAddress(0x2001_0DB8_0000_0000, (ulong)random.Next(16));
            Route? expected = routes.Where(r => r.Destination.Contains(sought)).OrderByDescending(r => r.Destination.PrefixLength).ThenBy(r => r.Metric).FirstOrDefault();
            Route? found = table.Find(sought, null, static _ => true);
            Assert.AreEqual(expected is null, found is null);
            Assert.AreEqual((expected?.Destination.PrefixLength, expected?.Metric), (found?.Destination.PrefixLength, found?.Metric));
        }
    }

    [TestMethod]
    public void The_destination_cache_stays_bounded_and_keeps_what_is_held()
    {
        using LinkScript link = new(options: new NetworkStackOptions { DestinationCacheEntries = 8 });
        IpLayer ip = link.Stack.Ip;
        Destination held = ip.Find(LinkScript.Peer)!;
        ip.Destinations.Hold(held);
        for (uint i = 0; i < 100; i++)
        {
            Assert.IsNotNull(ip.Find(new IpAddress(LinkScript.Peer.High, 0x1000 + i)));
            Assert.IsLessThanOrEqualTo(9, ip.Destinations.Count);
        }

        Assert.AreSame(held, ip.Find(LinkScript.Peer));
        ip.Destinations.Release(held);
    }

    [TestMethod]
    public void A_stack_with_two_interfaces_reaches_both_nets_and_a_removed_route_none()
    {
        using VirtualNetwork network = new(1);
        EthernetSegment left = network.AddSegment("left");
        EthernetSegment right = network.AddSegment("right");
        VirtualHost a = network.AddHost(new HostModel(), left, IPv4Address.Parse("192.0.2.1"));
        VirtualHost b = network.AddHost(new HostModel(), right, IPv4Address.Parse("198.51.100.1"));
        NetworkStack both = network.AddInterface(network.AddHost(new HostModel(), left, IPv4Address.Parse("192.0.2.9")), right, IPv4Address.Parse("198.51.100.9")).Stack;
        Ipv6TcpTests.Exchange(network, both, a.Stack, new IPEndPoint(IPAddress.Parse("192.0.2.1"), 80), 10_000);
        Ipv6TcpTests.Exchange(network, both, b.Stack, new IPEndPoint(IPAddress.Parse("198.51.100.1"), 80), 10_000);
        Assert.HasCount(2, both.Interfaces);

        Route connected = both.Routes.List().Single(r => r.Interface == both.Interfaces[1].Index);
        Assert.IsTrue(both.Routes.Remove(connected));
        Assert.AreEqual(SocketError.NetworkUnreachable, TcpScriptTests.ErrorOf(both.ConnectAsync(new IPEndPoint(IPAddress.Parse("198.51.100.1"), 80)).AsTask()));
        Assert.IsTrue(both.Routes.Add(connected));
        Assert.IsFalse(both.Routes.Add(connected));
        Ipv6TcpTests.Exchange(network, both, b.Stack, new IPEndPoint(IPAddress.Parse("198.51.100.1"), 81), 10_000);
    }

    [TestMethod]
    public void The_other_interfaces_address_is_not_served_here()
    {
        using VirtualNetwork network = new(1);
        EthernetSegment left = network.AddSegment("left");
        EthernetSegment right = network.AddSegment("right");
        VirtualHost a = network.AddHost(new HostModel(), left, IPv4Address.Parse("192.0.2.1"), IPv4Address.Parse("192.0.2.9"));
        NetworkStack both = network.AddInterface(network.AddHost(new HostModel(), left, IPv4Address.Parse("192.0.2.9")), right, IPv4Address.Parse("198.51.100.9")).Stack;
        using EchoClient client = a.Stack.CreateEchoClient();
        Task<EchoReply> reply = client.PingAsync(IPAddress.Parse("198.51.100.9"), 8, TimeSpan.FromSeconds(3)).AsTask();
        network.RunUntil(() => reply.IsCompleted, s_minute);
        Assert.AreEqual(SocketError.TimedOut, TcpScriptTests.ErrorOf(reply));
        Assert.AreNotEqual(0ul, both.Counters[StackCounter.RxNotForUs]);
    }

    [TestMethod]
    public void Addresses_come_and_go()
    {
        using VirtualNetwork network = new(1);
        (NetworkStack a, NetworkStack b) = Ipv6TcpTests.Pair(network);
        StackInterface there = b.Interfaces[0];
        Assert.IsTrue(there.AddAddress(new AddressPrefix(IPv4Address.Parse("192.0.2.77"), 24)));
        Assert.IsFalse(there.AddAddress(new AddressPrefix(IPv4Address.Parse("192.0.2.77"), 24)));
        using EchoClient client = a.CreateEchoClient();
        Task<EchoReply> reply = client.PingAsync(IPAddress.Parse("192.0.2.77"), 8, TimeSpan.FromSeconds(1)).AsTask();
        network.RunUntil(() => reply.IsCompleted, s_minute);
        Assert.AreEqual(8, reply.Result.Length);
        Assert.IsTrue(there.RemoveAddress(IPv4Address.Parse("192.0.2.77")));
        Assert.IsFalse(there.RemoveAddress(IPv4Address.Parse("192.0.2.77")));
        reply = client.PingAsync(IPAddress.Parse("192.0.2.77"), 8, TimeSpan.FromSeconds(1)).AsTask();
        network.RunUntil(() => reply.IsCompleted, s_minute);
        Assert.AreEqual(SocketError.TimedOut, TcpScriptTests.ErrorOf(reply));
        Assert.ThrowsExactly<ArgumentException>(() => there.AddAddress(new AddressPrefix(IPv4Address.Parse("224.0.0.1"), 24)));
        Assert.ThrowsExactly<ArgumentException>(() => there.AddAddress(new AddressPrefix(IPv4Address.Parse("192.0.2.78"), 33)));
        Assert.ThrowsExactly<ArgumentException>(() => b.Routes.Add(new Route(new AddressPrefix(IpAddress.Any, 0), 77)));
        Assert.ThrowsExactly<ArgumentException>(() => b.Routes.Add(new Route(new AddressPrefix(IpAddress.Any, 0), 1, IPv4Address.Parse("192.0.2.1"))));
    }

    [TestMethod]
    [DataRow(4)]
    [DataRow(6)]
    public void A_path_with_a_smaller_MTU_is_found_and_forgotten_after_ten_minutes(int version)
    {
        using VirtualNetwork network = new(5);
        (VirtualHost a, VirtualHost b) = AcrossRouter(network, mtu: 1400);
        IPAddress there = IPAddress.Parse(version == 4 ? "198.51.100.1" : "2001:db8:b::1");
        using UdpSocket receiver = b.Stack.OpenUdp(new IPEndPoint(IPAddress.IPv6Any, 53));
        using UdpSocket sender = a.Stack.OpenUdp(new IPEndPoint(IPAddress.IPv6Any, 0));
        byte[] buffer = new byte[3000];

        // The first one is too large and lost; the second goes in fragments.
        sender.SendTo(new byte[1440], new IPEndPoint(there, 53));
        network.Run(TimeSpan.FromSeconds(1));
        Assert.IsFalse(receiver.TryReceiveFrom(buffer, out _));
        Assert.AreEqual(1400, a.Stack.Ip.Find(IpAddress.FromIPAddress(there))!.PathMtu);
        Assert.AreEqual(1ul, a.Stack.Counters[StackCounter.PathMtuReduced]);
        sender.SendTo(new byte[1440], new IPEndPoint(there, 53));
        network.Run(TimeSpan.FromSeconds(1));
        Assert.IsTrue(receiver.TryReceiveFrom(buffer, out UdpDatagram datagram));
        Assert.AreEqual(1440, datagram.Length);
        network.Run(TimeSpan.FromMinutes(10));
        sender.SendTo(new byte[8], new IPEndPoint(there, 53));
        Assert.AreEqual(1500, a.Stack.Ip.Find(IpAddress.FromIPAddress(there))!.PathMtu);
    }

    [TestMethod]
    [DataRow(4)]
    [DataRow(6)]
    public void TCP_crosses_a_path_with_a_smaller_MTU(int version)
    {
        using VirtualNetwork network = new(5);
        (VirtualHost a, VirtualHost b) = AcrossRouter(network, mtu: 1300);
        IPAddress there = IPAddress.Parse(version == 4 ? "198.51.100.1" : "2001:db8:b::1");
        Ipv6TcpTests.Exchange(network, a.Stack, b.Stack, new IPEndPoint(there, 80), 100_000);
    }

    [TestMethod]
    public void Packet_too_big_is_believed_only_about_what_was_sent_and_within_reason()
    {
        using LinkScript link = new();
        link.Introduces(LinkScript.Peer);
        using UdpSocket socket = link.Stack.OpenUdp(new IPEndPoint(IPAddress.IPv6Any, 4000));
        socket.SendTo(new byte[1400], new IPEndPoint(LinkScript.Peer.ToIPAddress(), 9));
        byte[] packet = link.Takes().Bytes[14..];
        Destination destination = link.Stack.Ip.Find(LinkScript.Peer)!;
        TooBig(packet, 1279);
        TooBig(packet, 1448); // more than the packet had: that was not the reason
        byte[] forged = [.. packet];
        forged[41] ^= 1; // a port where nobody is
        TooBig(forged, 1300);
        Assert.AreEqual(1500, destination.PathMtu);
        TooBig(packet, 1300);
        Assert.AreEqual(1300, destination.PathMtu);
        TooBig(packet, 1400);
        Assert.AreEqual(1300, destination.PathMtu);

        void TooBig(byte[] quoted, uint mtu) => link.Sends(
            LinkScript.Peer, LinkScript.Host, Icmpv6Type.PacketTooBig, 0, mtu, quoted.AsSpan(0, Math.Min(quoted.Length, 1232)), hopLimit: 64);
    }

    [TestMethod]
    public void A_redirect_is_believed_only_when_allowed_and_from_the_router_in_use()
    {
        IPv6Address far = IPv6Address.Parse("2001:db8:9::9");
        IPv6Address better = IPv6Address.Parse("fe80::77");
        foreach (bool allowed in new[] { false, true })
        {
            using LinkScript link = new(LinkScript.Quiet with { Gateways = [LinkScript.PeerLinkLocal], AcceptRedirects = allowed });
            Assert.AreEqual(LinkScript.PeerLinkLocal, link.Stack.Ip.Find(far)!.NextHop);
            byte[] body = new byte[32];
            better.Write(body);
            far.Write(body.AsSpan(16));
            link.Sends(IPv6Address.Parse("fe80::66"), LinkScript.Host, Icmpv6Type.Redirect, 0, 0, body);
            Assert.AreEqual(LinkScript.PeerLinkLocal, link.Stack.Ip.Find(far)!.NextHop);
            link.Sends(LinkScript.PeerLinkLocal, LinkScript.Host, Icmpv6Type.Redirect, 0, 0, body);
            Assert.AreEqual(allowed ? better : LinkScript.PeerLinkLocal, link.Stack.Ip.Find(far)!.NextHop);
            link.After(TimeSpan.FromMinutes(11)).Forgets();
            Assert.AreEqual(LinkScript.PeerLinkLocal, link.Stack.Ip.Find(far)!.NextHop);
        }
    }

    [TestMethod]
    [DataRow("239.1.2.3")]
    [DataRow("ff05::1:3")]
    public void A_groups_datagrams_reach_its_members_only_and_routers_hear_of_them(string group)
    {
        using VirtualNetwork network = new(1);
        (NetworkStack a, NetworkStack b) = Ipv6TcpTests.Pair(network);
        using UdpSocket sender = a.OpenUdp(new IPEndPoint(IPAddress.IPv6Any, 0));
        using UdpSocket receiver = b.OpenUdp(new IPEndPoint(IPAddress.IPv6Any, 5353));
        IPEndPoint to = new(IPAddress.Parse(group), 5353);
        byte[] buffer = new byte[10];
        sender.SendTo([1], to);
        network.Run(TimeSpan.FromSeconds(1));
        Assert.IsFalse(receiver.TryReceiveFrom(buffer, out _));
        long before = network.Log.Count;
        receiver.JoinGroup(to.Address, b.Interfaces[0].Index);
        network.Run(TimeSpan.FromSeconds(3));
        Assert.IsGreaterThan(before, network.Log.Count); // reports
        sender.SendTo([2], to);
        network.Run(TimeSpan.FromSeconds(1));
        Assert.IsTrue(receiver.TryReceiveFrom(buffer, out UdpDatagram datagram));
        Assert.AreEqual(1, datagram.Length);
        receiver.LeaveGroup(to.Address, b.Interfaces[0].Index);
        sender.SendTo([3], to);
        network.Run(TimeSpan.FromSeconds(1));
        Assert.IsFalse(receiver.TryReceiveFrom(buffer, out _));
        Assert.AreEqual(SocketError.InvalidArgument, Assert.ThrowsExactly<SocketException>(() => receiver.JoinGroup(IPAddress.Loopback, 1)).SocketErrorCode);
    }

    [TestMethod]
    public void A_connected_UDP_socket_hears_its_peer_only()
    {
        using VirtualNetwork network = new(1);
        (NetworkStack a, NetworkStack b) = Ipv6TcpTests.Pair(network);
        using UdpSocket socket = a.OpenUdp(new IPEndPoint(IPAddress.IPv6Any, 1000));
        using UdpSocket peer = b.OpenUdp(new IPEndPoint(IPAddress.IPv6Any, 2000));
        using UdpSocket stranger = b.OpenUdp(new IPEndPoint(IPAddress.IPv6Any, 3000));
        Assert.AreEqual(SocketError.NotConnected, Assert.ThrowsExactly<SocketException>(() => socket.Send([1])).SocketErrorCode);
        socket.Connect(new IPEndPoint(IPAddress.Parse("2001:db8::2"), 2000));
        stranger.SendTo([1], new IPEndPoint(IPAddress.Parse("2001:db8::1"), 1000));
        peer.SendTo([2], new IPEndPoint(IPAddress.Parse("2001:db8::1"), 1000));
        socket.Send([3]);
        network.Run(TimeSpan.FromSeconds(1));
        byte[] buffer = new byte[1];
        Assert.IsTrue(socket.TryReceiveFrom(buffer, out _) && buffer[0] == 2);
        Assert.IsFalse(socket.TryReceiveFrom(buffer, out _));
        Assert.IsTrue(peer.TryReceiveFrom(buffer, out _) && buffer[0] == 3);
        socket.Connect(null);
        stranger.SendTo([4], new IPEndPoint(IPAddress.Parse("2001:db8::1"), 1000));
        network.Run(TimeSpan.FromSeconds(1));
        Assert.IsTrue(socket.TryReceiveFrom(buffer, out _) && buffer[0] == 4);
    }

    private static (VirtualHost A, VirtualHost B) AcrossRouter(VirtualNetwork network, int mtu)
    {
        EthernetSegment left = network.AddSegment("left");
        EthernetSegment right = network.AddSegment("right");
        Router router = network.AddRouter("router");
        Router.Port toLeft = network.Connect(router, left, IPv4Address.Parse("192.0.2.254"));
        Router.Port toRight = network.Connect(router, right, IPv4Address.Parse("198.51.100.254"));
        VirtualNetwork.Advertise(router, toLeft, IPv6Address.Parse("2001:db8:a::"));
        VirtualNetwork.Advertise(router, toRight, IPv6Address.Parse("2001:db8:b::"));
        toRight.MaximumTransmissionUnit = mtu;
        VirtualHost a = network.AddHost(
            new HostModel { IPv6Address = IPv6Address.Parse("2001:db8:a::1"), IPv6Gateway = toLeft.LinkLocal },
            left, IPv4Address.Parse("192.0.2.1"), IPv4Address.Parse("192.0.2.254"));
        VirtualHost b = network.AddHost(
            new HostModel { IPv6Address = IPv6Address.Parse("2001:db8:b::1"), IPv6Gateway = toRight.LinkLocal },
            right, IPv4Address.Parse("198.51.100.1"), IPv4Address.Parse("198.51.100.254"));
        return (a, b);
    }
}
