using System.Net;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Tests.Scripts;

namespace FpgaNet.Stack.Tests;

/// <summary>Neighbour Discovery between hosts, and neighbour unreachability detection (RFC 4861 §7).</summary>
[TestClass]
public sealed class NeighborDiscoveryTests
{
    private const uint Solicited = 0x4000_0000;
    private const uint Override = 0x2000_0000;

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly MacAddress s_otherMac = new(0x0200_5E00_0077);

    [TestMethod]
    public void A_solicitation_for_our_address_is_answered()
    {
        using LinkScript link = new();
        link.Sends(LinkScript.Peer, LinkScript.Host.SolicitedNode, Icmpv6Type.NeighborSolicitation, 0, 0, Ask(LinkScript.Host));
        SentFrame answer = link.Takes(Icmpv6Type.NeighborAdvertisement);
        Assert.IsTrue(answer.ChecksumIsGood);
        Assert.AreEqual(Solicited | Override, answer.Parameter);
        Assert.AreEqual(LinkScript.Host, answer.Target);
        Assert.AreEqual(LinkScript.Host, answer.Source);
        Assert.AreEqual(LinkScript.Peer, answer.Destination);
        Assert.AreEqual(LinkScript.PeerMac, answer.To);
        Assert.AreEqual((byte)255, answer.HopLimit);
        Assert.AreEqual(LinkScript.HostMac, MacAddress.Read(answer.Body[18..]));
        Assert.AreEqual(NeighborState.Stale, Neighbor(link).State); // RFC 4861 §7.2.3
    }

    [TestMethod]
    public void A_probe_for_duplicates_of_our_address_is_answered_to_all_nodes()
    {
        using LinkScript link = new();
        link.Sends(IPv6Address.Any, LinkScript.Host.SolicitedNode, Icmpv6Type.NeighborSolicitation, 0, 0, LinkScript.Body(LinkScript.Host));
        SentFrame answer = link.Takes(Icmpv6Type.NeighborAdvertisement);
        Assert.AreEqual(IPv6Address.AllNodes, answer.Destination);
        Assert.AreEqual(Override, answer.Parameter);
        link.SaysNothing();
    }

    [TestMethod]
    public void Solicitations_that_break_a_rule_are_ignored()
    {
        using LinkScript link = new();
        IPv6Address group = LinkScript.Host.SolicitedNode;
        Refused(Ask(LinkScript.Host), hopLimit: 254); // a router has passed it on
        Refused(Ask(LinkScript.Host), code: 1);
        Refused(Ask(LinkScript.Host)[..15]);
        Refused(Ask(group)); // the target is a group
        byte[] empty = Ask(LinkScript.Host);
        empty[17] = 0;
        Refused(empty); // an option without a length
        Refused(Ask(LinkScript.Host), source: IPv6Address.Any); // a station address from who has no address
        link.Sends(IPv6Address.Any, LinkScript.Host, Icmpv6Type.NeighborSolicitation, 0, 0, LinkScript.Body(LinkScript.Host)).SaysNothing();
        Assert.AreEqual(7ul, link[StackCounter.NdpInvalid]);
        byte[] damaged = LinkScript.Icmp(LinkScript.Peer, group, Icmpv6Type.NeighborSolicitation, 0, 0, Ask(LinkScript.Host));
        damaged[60] ^= 1;
        link.Sends(damaged).SaysNothing();
        Assert.AreEqual(1ul, link[StackCounter.RxBadTransportChecksum]);

        void Refused(byte[] body, byte hopLimit = 255, byte code = 0, IPv6Address? source = null) =>
            link.Sends(source ?? LinkScript.Peer, group, Icmpv6Type.NeighborSolicitation, code, 0, body, hopLimit).SaysNothing();
    }

    [TestMethod]
    public void A_neighbour_is_asked_for_at_its_group_and_the_datagram_follows_the_answer()
    {
        using LinkScript link = new();
        using UdpSocket socket = Sends(link);
        SentFrame question = link.Takes(Icmpv6Type.NeighborSolicitation);
        Assert.AreEqual(LinkScript.Peer, question.Target);
        Assert.AreEqual(LinkScript.Peer.SolicitedNode, question.Destination);
        Assert.AreEqual(MacAddress.ForGroup(LinkScript.Peer.SolicitedNode), question.To);
        Assert.AreEqual(LinkScript.HostMac, MacAddress.Read(question.Body[18..]));
        link.SaysNothing();
        Advertises(link, Solicited | Override);
        SentFrame datagram = link.Takes();
        Assert.AreEqual(IpProtocol.Udp, datagram.Next);
        Assert.AreEqual(LinkScript.PeerMac, datagram.To);
        Assert.AreEqual(NeighborState.Reachable, Neighbor(link).State);
    }

    [TestMethod]
    public void A_neighbour_that_never_answers_is_asked_six_times_and_the_sender_told()
    {
        using LinkScript link = new();
        using UdpSocket socket = Sends(link);
        link.After(10 * s_second);
        List<SentFrame> questions = link.TakesAll();
        Assert.HasCount(6, questions);
        for (int i = 1; i < questions.Count; i++)
        {
            Assert.AreEqual(s_second, questions[i].At - questions[i - 1].At);
        }

        Assert.AreEqual(System.Net.Sockets.SocketError.HostUnreachable, TcpScriptTests.ErrorOf(socket.ReceiveFromAsync(new byte[10]).AsTask()));
        Assert.AreEqual(1ul, link[StackCounter.NeighborFailures]);
        Assert.AreEqual(0, link.Interface.Network.Neighbors.Count);
    }

    [TestMethod]
    public void A_stale_neighbour_is_used_at_once_probed_after_a_delay_and_replaced_when_it_moved()
    {
        using LinkScript link = new();
        link.Introduces(LinkScript.Peer);
        using UdpSocket socket = Sends(link);
        Assert.AreEqual(LinkScript.PeerMac, link.Takes().To);
        Assert.AreEqual(NeighborState.Delay, Neighbor(link).State);

        // DELAY_FIRST_PROBE_TIME, then three probes at its address, then the group is asked.
        link.After(TimeSpan.FromSeconds(4.9)).SaysNothing().After(TimeSpan.FromSeconds(0.2));
        SentFrame probe = link.Takes(Icmpv6Type.NeighborSolicitation);
        Assert.AreEqual(LinkScript.Peer, probe.Destination);
        Assert.AreEqual(LinkScript.PeerMac, probe.To);
        link.After(2 * s_second);
        Assert.HasCount(2, link.TakesAll());
        link.After(s_second);
        Assert.AreEqual(LinkScript.Peer.SolicitedNode, link.Takes(Icmpv6Type.NeighborSolicitation).Destination);
        Advertises(link, Solicited | Override, s_otherMac);
        Assert.AreEqual(s_otherMac, Neighbor(link).MacAddress);
        Assert.AreEqual(NeighborState.Reachable, Neighbor(link).State);
    }

    [TestMethod]
    public void An_answer_to_a_probe_or_news_from_above_confirms_a_neighbour()
    {
        using LinkScript link = new();
        link.Introduces(LinkScript.Peer);
        using UdpSocket socket = Sends(link);
        link.Forgets().After(5 * s_second).Takes(Icmpv6Type.NeighborSolicitation);
        Advertises(link, Solicited);
        Assert.AreEqual(NeighborState.Reachable, Neighbor(link).State);
        link.After(20 * s_second).SaysNothing();

        // Reachable for between 15 and 45 s.
        link.After(30 * s_second);
        socket.SendTo([1], To);
        link.Forgets();
        Assert.AreEqual(NeighborState.Delay, Neighbor(link).State);
        IpLayer.Confirm(link.Stack.Ip.Find(LinkScript.Peer)!);
        link.After(10 * s_second).SaysNothing();
        Assert.AreEqual(NeighborState.Reachable, Neighbor(link).State);
    }

    [TestMethod]
    public void Advertisements_follow_the_rules_of_override_and_solicited()
    {
        using LinkScript link = new();
        Advertises(link, Override); // nobody asked
        Assert.AreEqual(0, link.Interface.Network.Neighbors.Count);
        Assert.AreEqual(1ul, link[StackCounter.NeighborUnsolicited]);

        using UdpSocket socket = Sends(link);
        Advertises(link, Solicited | Override);
        link.Forgets();

        // Another address without the override flag: not believed, but ours is doubted.
        Advertises(link, Solicited, s_otherMac);
        Assert.AreEqual(LinkScript.PeerMac, Neighbor(link).MacAddress);
        Assert.AreEqual(NeighborState.Stale, Neighbor(link).State);

        // With it, unsolicited: believed, and to be checked.
        Advertises(link, Override, s_otherMac);
        Assert.AreEqual(s_otherMac, Neighbor(link).MacAddress);
        Assert.AreEqual(NeighborState.Stale, Neighbor(link).State);

        // Solicited to a group makes no sense.
        link.Sends(LinkScript.Peer, IPv6Address.AllNodes, Icmpv6Type.NeighborAdvertisement, 0, Solicited | Override, Answer(LinkScript.PeerMac));
        Assert.AreEqual(1ul, link[StackCounter.NdpInvalid]);
        Assert.AreEqual(s_otherMac, Neighbor(link).MacAddress);
    }

    [TestMethod]
    public void A_scan_that_makes_us_look_for_many_neighbours_does_not_displace_those_that_answer()
    {
        using LinkScript link = new(options: new NetworkStackOptions { NeighborCacheEntries = 16 });
        link.Introduces(LinkScript.Peer);
        using UdpSocket socket = Sends(link);
        Advertises(link, Solicited | Override);
        for (int i = 1000; i < 1200; i++)
        {
            socket.SendTo([1], new IPEndPoint(IPAddress.Parse($"2001:db8::{i}"), 9));
            Assert.IsLessThanOrEqualTo(16, link.Interface.Network.Neighbors.Count);
        }

        Assert.AreEqual(NeighborState.Reachable, Neighbor(link).State);
        link.Forgets();
    }

    [TestMethod]
    public void Datagrams_for_neighbours_that_are_looked_for_are_kept_within_bounds_and_one_of_each_always()
    {
        using LinkScript link = new();
        using UdpSocket socket = link.Stack.OpenUdp(new IPEndPoint(IPAddress.IPv6Any, 0));
        IPEndPoint[] absent = [.. Enumerable.Range(1000, 10).Select(i => new IPEndPoint(IPAddress.Parse($"2001:db8::{i}"), 9))];
        for (int i = 0; i < 1000; i++)
        {
            socket.SendTo([1], absent[i % absent.Length]);
        }

        Assert.AreEqual(1000ul - 256, link[StackCounter.NeighborPendingDropped]);
        socket.SendTo([1, 2, 3], To);
        socket.SendTo([4, 5, 6, 7], To); // takes the other's place
        link.Forgets();
        Advertises(link, Solicited | Override);
        Assert.HasCount(54 + 8 + 4, link.Takes().Bytes);
        link.SaysNothing();
    }

    private static IPEndPoint To { get; } = new(LinkScript.Peer.ToIPAddress(), 9);

    private static UdpSocket Sends(LinkScript link)
    {
        UdpSocket socket = link.Stack.OpenUdp(new IPEndPoint(IPAddress.IPv6Any, 0));
        socket.SendTo([1, 2, 3], To);
        return socket;
    }

    private static byte[] Ask(IPv6Address target) => LinkScript.Body(target, NdpOptionType.SourceLinkLayerAddress);

    private static byte[] Answer(MacAddress mac) => LinkScript.Body(LinkScript.Peer, NdpOptionType.TargetLinkLayerAddress, mac);

    private static void Advertises(LinkScript link, uint flags, MacAddress? mac = null) => link.Sends(
        LinkScript.Peer, LinkScript.Host, Icmpv6Type.NeighborAdvertisement, 0, flags, Answer(mac ?? LinkScript.PeerMac), to: LinkScript.HostMac);

    private static Neighbor Neighbor(LinkScript link) => link.Interface.Network.Neighbors.Peek(LinkScript.Peer) ?? throw new AssertFailedException("the neighbour is not known");
}
