using System.Buffers.Binary;
using System.Net;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Tests.Scripts;

namespace FpgaNet.Stack.Tests;

/// <summary>Duplicate address detection, router discovery and stateless autoconfiguration (RFC 4862, RFC 4861 §6.3, RFC 7217, RFC 7559).</summary>
[TestClass]
public sealed class AddressAutoconfigurationTests
{
    private const uint Hour = 3600;

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly IPv6Address s_prefix = IPv6Address.Parse("2001:db8:1::");
    private static readonly InterfaceOptions s_auto = new() { IPv6 = IPv6Mode.Autoconfigured, Announce = false, HeaderBuffers = 256 };

    [TestMethod]
    public void An_address_is_used_once_nobody_claims_it_for_a_second()
    {
        using LinkScript link = new(LinkScript.Quiet with { DuplicateAddressTransmits = 1 });
        SentFrame[] probes = [.. link.TakesAll().Where(f => f.IcmpType == Icmpv6Type.NeighborSolicitation)];
        SentFrame probe = probes.Single(f => f.Target == LinkScript.Host);
        Assert.AreEqual(IPv6Address.Any, probe.Source);
        Assert.AreEqual(LinkScript.Host.SolicitedNode, probe.Destination);
        Assert.AreEqual(AddressState.Tentative, link.Interface.StateOf(LinkScript.Host));
        Assert.AreEqual(System.Net.Sockets.SocketError.NetworkUnreachable, TcpScriptTests.ErrorOf(Connect(link)));

        // Who only looks for it gets no answer yet.
        link.Sends(LinkScript.Peer, LinkScript.Host.SolicitedNode, Icmpv6Type.NeighborSolicitation, 0, 0, LinkScript.Body(LinkScript.Host));
        Assert.IsFalse(link.TakesAll().Exists(f => f.IcmpType == Icmpv6Type.NeighborAdvertisement));
        link.After(1.1 * s_second);
        Assert.AreEqual(AddressState.Preferred, link.Interface.StateOf(LinkScript.Host));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void An_address_that_another_host_has_or_wants_stays_unused(bool has)
    {
        using LinkScript link = new(LinkScript.Quiet with { DuplicateAddressTransmits = 1 });
        Claim(link, LinkScript.Host, has);
        link.After(5 * s_second);
        Assert.AreEqual(AddressState.Duplicate, link.Interface.StateOf(LinkScript.Host));
        Assert.AreEqual(1ul, link[StackCounter.AddressConflicts]);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Who_waits_for_addresses_hears_which_of_them_another_host_has(bool has)
    {
        using LinkScript link = new(LinkScript.Quiet with { DuplicateAddressTransmits = 1 });
        Task<IReadOnlyList<IpAddress>> waiting = link.Interface.WaitForAddressesAsync().AsTask();
        if (has)
        {
            Claim(link, LinkScript.Host, has);
        }

        link.After(0.9 * s_second);
        Assert.IsFalse(waiting.IsCompleted);
        link.After(1.2 * s_second); // the link-local address begins up to a second later
        CollectionAssert.AreEqual(has ? new IpAddress[] { LinkScript.Host } : [], waiting.Result.ToArray());
        Assert.IsTrue(link.Interface.WaitForAddressesAsync().AsTask().IsCompletedSuccessfully);
        link.Interface.AddAddress(new AddressPrefix(LinkScript.Peer, 64));
        waiting = link.Interface.WaitForAddressesAsync().AsTask();
        link.Stack.Dispose();
        Assert.AreEqual(System.Net.Sockets.SocketError.OperationAborted, TcpScriptTests.ErrorOf(waiting));
    }

    [TestMethod]
    public void Our_own_probe_that_comes_back_is_no_conflict()
    {
        using LinkScript link = new(LinkScript.Quiet with { DuplicateAddressTransmits = 1 });
        SentFrame probe = link.TakesAll().Single(f => f.IcmpType == Icmpv6Type.NeighborSolicitation && f.Target == LinkScript.Host);
        link.Sends(probe.Bytes).After(2 * s_second);
        Assert.AreEqual(AddressState.Preferred, link.Interface.StateOf(LinkScript.Host));
    }

    [TestMethod]
    public void A_link_local_address_that_is_taken_is_made_anew_three_times_at_most()
    {
        using LinkScript link = new(s_auto);
        HashSet<IPv6Address> tried = [];
        for (int i = 0; i < 5; i++)
        {
            link.After(s_second);
            if (link.TakesAll().Find(f => f.IcmpType == Icmpv6Type.NeighborSolicitation) is { } probe)
            {
                Assert.IsTrue(tried.Add(probe.Target));
                Claim(link, probe.Target, has: true);
            }
        }

        Assert.HasCount(StableAddress.Retries, tried);
        Assert.IsEmpty(link.Interface.Addresses);
    }

    [TestMethod]
    public void Routers_are_asked_for_with_growing_intervals_until_one_answers()
    {
        using LinkScript link = new(s_auto);
        link.After(TimeSpan.FromSeconds(100));
        List<SentFrame> questions = link.TakesAll().FindAll(f => f.IcmpType == Icmpv6Type.RouterSolicitation);
        Assert.IsTrue(questions.All(f => f.Destination == IPv6Address.AllRouters && f.HopLimit == 255 && f.Source.IsLinkLocal));
        Assert.AreEqual(LinkScript.HostMac, MacAddress.Read(questions[0].Body[2..]));
        double interval = 4;
        for (int i = 1; i < questions.Count; i++, interval *= 2)
        {
            Assert.AreEqual(interval, (questions[i].At - questions[i - 1].At).TotalSeconds, interval * 0.75);
        }

        Assert.IsInRange(4, 6, questions.Count);
        Advertise(link, lifetime: 1800);
        link.Forgets().After(TimeSpan.FromHours(0.4));
        Assert.IsFalse(link.TakesAll().Exists(f => f.IcmpType == Icmpv6Type.RouterSolicitation));
    }

    [TestMethod]
    public void An_advertised_prefix_gives_an_address_that_tells_nothing_of_the_station_and_is_stable()
    {
        IpAddress first = Configure(out LinkScript link).Address;
        using (link)
        {
            Assert.IsTrue(first.SharesPrefix(s_prefix, 64));
            Assert.AreEqual(AddressState.Preferred, link.Interface.StateOf(first));
            Assert.AreEqual(0ul, first.Low & 0x0200_00FF_FE00_0000 & ~first.Low);
            Assert.AreNotEqual(0xFFFEul, first.Low >> 24 & 0xFFFF); // not made of the station address (RFC 4291 appendix A)
            Assert.IsTrue(link.Stack.Routes.List().Any(r => r.Destination.Network == (IpAddress)s_prefix && r.Gateway is null));
            Assert.IsTrue(link.Stack.Routes.List().Any(r => r.Destination.PrefixLength == 0 && r.Gateway == LinkScript.PeerLinkLocal));
        }

        Assert.AreEqual(first, Configure(out LinkScript again).Address);
        again.Dispose();
    }

    [TestMethod]
    public void Lifetimes_deprecate_and_remove_an_address_and_two_hours_protect_it()
    {
        InterfaceAddress own = Configure(out LinkScript link, preferred: 2 * Hour, valid: 10 * Hour);
        using (link)
        {
            // (e) 2: what would leave it less than two hours leaves it two.
            Advertise(link, prefix: s_prefix, preferred: 60, valid: 60);
            link.After(TimeSpan.FromMinutes(2));
            Assert.AreEqual(AddressState.Deprecated, own.State);
            link.After(TimeSpan.FromMinutes(110));
            Assert.IsNotNull(link.Interface.StateOf(own.Address));

            // (e) 2: once less than two hours remain, a short lifetime changes nothing.
            Advertise(link, prefix: s_prefix, preferred: 60, valid: 60);
            link.After(TimeSpan.FromMinutes(7));
            Assert.IsNotNull(link.Interface.StateOf(own.Address));
            link.After(TimeSpan.FromMinutes(10));
            Assert.IsNull(link.Interface.StateOf(own.Address));
        }
    }

    [TestMethod]
    public void A_router_that_says_it_is_none_takes_its_route_back_and_a_lifetime_ends_by_itself()
    {
        Configure(out LinkScript link);
        using (link)
        {
            Assert.IsNotNull(link.Stack.Ip.Find(IPv6Address.Parse("2001:db8:2::1")));
            Advertise(link, lifetime: 0);
            Assert.IsNull(link.Stack.Ip.Find(IPv6Address.Parse("2001:db8:2::1")));
            Advertise(link, lifetime: 10);
            Assert.IsNotNull(link.Stack.Ip.Find(IPv6Address.Parse("2001:db8:2::1")));
            link.After(11 * s_second);
            Assert.IsNull(link.Stack.Ip.Find(IPv6Address.Parse("2001:db8:2::1")));
        }
    }

    [TestMethod]
    public void Parameters_of_an_advertisement_are_taken_within_reason()
    {
        Configure(out LinkScript link);
        using (link)
        {
            NetworkInterface network = link.Interface.Network;
            byte[] option = new byte[8];
            option[0] = (byte)NdpOptionType.Mtu;
            option[1] = 1;
            BinaryPrimitives.WriteUInt32BigEndian(option.AsSpan(4), 1400);
            byte[] servers = new byte[24];
            servers[0] = (byte)NdpOptionType.RecursiveDnsServer;
            servers[1] = 3;
            BinaryPrimitives.WriteUInt32BigEndian(servers.AsSpan(4), 100);
            LinkScript.Peer.Write(servers.AsSpan(8));
            link.Sends(Advertisement(lifetime: 1800, hopLimit: 33, options: [.. option, .. servers]));
            Assert.AreEqual(1400, network.LinkMtu6);
            Assert.AreEqual((byte)33, network.HopLimit);
            CollectionAssert.AreEqual(new IpAddress[] { LinkScript.Peer }, link.Interface.AdvertisedNameServers.ToArray());
            BinaryPrimitives.WriteUInt32BigEndian(option.AsSpan(4), 1279);
            link.Sends(Advertisement(lifetime: 1800, options: option));
            BinaryPrimitives.WriteUInt32BigEndian(option.AsSpan(4), 9000);
            link.Sends(Advertisement(lifetime: 1800, options: option));
            Assert.AreEqual(1400, network.LinkMtu6);
            link.After(TimeSpan.FromSeconds(101));
            Assert.IsEmpty(link.Interface.AdvertisedNameServers);
        }
    }

    [TestMethod]
    public void Advertisements_that_break_a_rule_or_are_not_wanted_change_nothing()
    {
        using LinkScript link = new(s_auto);
        link.After(3 * s_second);
        int addresses = link.Interface.Addresses.Count;
        link.Sends(Advertisement(1800, s_prefix, hopLimitOfPacket: 64));
        link.Sends(Advertisement(1800, s_prefix, source: LinkScript.Peer)); // not link-local
        Assert.AreEqual(2ul, link[StackCounter.NdpInvalid]);
        link.Sends(Advertisement(1800, s_prefix, preferred: 100, valid: 99));
        link.Sends(Advertisement(1800, IPv6Address.Parse("fe80::")));
        link.Sends(Advertisement(1800, s_prefix, prefixLength: 63));
        Assert.HasCount(addresses, link.Interface.Addresses);
        using LinkScript manual = new();
        manual.Sends(Advertisement(1800, s_prefix));
        Assert.IsEmpty(manual.Stack.Routes.List().Where(r => r.Origin == RouteOrigin.RouterAdvertisement));
    }

    [TestMethod]
    public void A_flood_of_prefixes_and_routers_stays_bounded()
    {
        using LinkScript link = new(s_auto);
        link.After(3 * s_second);
        for (int i = 1; i <= 200; i++)
        {
            link.Sends(Advertisement(
                1800, IPv6Address.Parse($"2001:db8:{i:x}::"), source: IPv6Address.Parse($"fe80::{i:x}")));
        }

        Assert.IsLessThanOrEqualTo(17, link.Interface.Addresses.Count);
        Assert.IsLessThanOrEqualTo(8 + 17 + 17, link.Stack.Routes.List().Count);
        link.Forgets();
    }

    [TestMethod]
    public void Preference_decides_between_routers_and_a_dead_one_is_left()
    {
        using LinkScript link = new(s_auto);
        link.After(3 * s_second);
        IPv6Address low = IPv6Address.Parse("fe80::a");
        IPv6Address high = IPv6Address.Parse("fe80::b");
        link.Sends(Advertisement(1800, s_prefix, source: low, flags: 0x18));
        link.Sends(Advertisement(1800, s_prefix, source: high, flags: 0x08)).After(3 * s_second).Forgets();
        IPv6Address far = IPv6Address.Parse("2001:db8:9::9");
        Assert.AreEqual(high, link.Stack.Ip.Find(far)!.NextHop);

        // It does not answer: once that shows, the other one is used (RFC 4861 §6.3.6).
        using UdpSocket socket = link.Stack.OpenUdp(new IPEndPoint(IPAddress.IPv6Any, 0));
        for (int i = 0; i < 30 && link.Stack.Ip.Find(far)!.NextHop == high; i++)
        {
            socket.SendTo([1], new IPEndPoint(far.ToIPAddress(), 9));
            link.After(s_second).Forgets();
        }

        Assert.AreEqual(low, link.Stack.Ip.Find(far)!.NextHop);
    }

    [TestMethod]
    public void A_host_behind_a_router_configures_itself_and_talks_beyond_it()
    {
        using VirtualNetwork network = new(3);
        EthernetSegment left = network.AddSegment("left");
        EthernetSegment right = network.AddSegment("right");
        Router router = network.AddRouter("router");
        Router.Port toLeft = network.Connect(router, left, IPv4Address.Parse("192.0.2.254"));
        Router.Port toRight = network.Connect(router, right, IPv4Address.Parse("198.51.100.254"));
        VirtualNetwork.Advertise(router, toLeft, IPv6Address.Parse("2001:db8:a::"));
        VirtualNetwork.Advertise(router, toRight, IPv6Address.Parse("2001:db8:b::"));
        VirtualHost a = network.AddHost(new HostModel { IPv6 = IPv6Mode.Autoconfigured, DetectsDuplicates = true }, left, IPv4Address.Parse("192.0.2.1"));
        VirtualHost b = network.AddHost(new HostModel { IPv6 = IPv6Mode.Autoconfigured, DetectsDuplicates = true }, right, IPv4Address.Parse("198.51.100.1"));
        network.RunUntil(() => Global(a) is not null && Global(b) is not null, TimeSpan.FromMinutes(1));
        network.AddStation(Global(a)!.Value.IPv6, a);
        network.AddStation(Global(b)!.Value.IPv6, b);
        Ipv6TcpTests.Exchange(network, a.Stack, b.Stack, new IPEndPoint(Global(b)!.Value.ToIPAddress(), 80), 100_000);
    }

    private static IpAddress? Global(VirtualHost host) => host.Stack.Interfaces[0].Network.Addresses
        .FirstOrDefault(own => own.Origin == AddressOrigin.RouterAdvertisement && own.IsUsable)?.Address;

    private static Task<TcpSocket> Connect(LinkScript link) => link.Stack.ConnectAsync(new IPEndPoint(LinkScript.Peer.ToIPAddress(), 80)).AsTask();

    private static void Claim(LinkScript link, IPv6Address address, bool has)
    {
        if (has)
        {
            link.Sends(
                address, IPv6Address.AllNodes, Icmpv6Type.NeighborAdvertisement, 0, 0x2000_0000, LinkScript.Body(address, NdpOptionType.TargetLinkLayerAddress));
        }
        else
        {
            link.Sends(IPv6Address.Any, address.SolicitedNode, Icmpv6Type.NeighborSolicitation, 0, 0, LinkScript.Body(address));
        }
    }

    private static InterfaceAddress Configure(out LinkScript link, uint preferred = 4 * Hour, uint valid = 8 * Hour)
    {
        link = new LinkScript(s_auto);
        link.After(3 * s_second);
        Advertise(link, 1800, s_prefix, preferred, valid);
        link.After(3 * s_second);
        return link.Interface.Network.Addresses.Single(own => own.Origin == AddressOrigin.RouterAdvertisement);
    }

    private static void Advertise(LinkScript link, ushort lifetime = 1800, IPv6Address? prefix = null, uint preferred = 4 * Hour, uint valid = 8 * Hour) =>
        link.Sends(Advertisement(lifetime, prefix, preferred, valid));

    private static byte[] Advertisement(
        ushort lifetime,
        IPv6Address? prefix = null,
        uint preferred = 4 * Hour,
        uint valid = 8 * Hour,
        byte hopLimit = 0,
        byte flags = 0,
        byte prefixLength = 64,
        byte hopLimitOfPacket = 255,
        IPv6Address? source = null,
        byte[]? options = null)
    {
        byte[] body = new byte[8 + (prefix is null ? 0 : 32)];
        if (prefix is { } advertised)
        {
            Span<byte> option = body.AsSpan(8);
            option[0] = (byte)NdpOptionType.PrefixInformation;
            option[1] = 4;
            option[2] = prefixLength;
            option[3] = 0xC0;
            BinaryPrimitives.WriteUInt32BigEndian(option[4..], valid);
            BinaryPrimitives.WriteUInt32BigEndian(option[8..], preferred);
            advertised.Write(option[16..]);
        }

        uint parameter = ((uint)hopLimit << 24) | ((uint)flags << 16) | lifetime;
        return LinkScript.Icmp(
            source ?? LinkScript.PeerLinkLocal, IPv6Address.AllNodes, Icmpv6Type.RouterAdvertisement, 0, parameter, [.. body, .. options ?? []], hopLimitOfPacket);
    }
}
