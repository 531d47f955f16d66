using System.Net;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Tests.Scripts;

namespace FpgaNet.Stack.Tests;

/// <summary>What a card sorts out before the stack sees it: groups that nobody joined, and tags that are no longer in the frame (docs/receive.md).</summary>
[TestClass]
public sealed class ReceiveClassificationTests
{
    [TestMethod]
    [DataRow(new byte[] { }, null, true)]
    [DataRow(new byte[] { 0x81, 0x00, 0x60, 0x00 }, null, true)]                                // a priority, no network
    [DataRow(new byte[] { 0x81, 0x00, 0x60, 0x05 }, null, false)]
    [DataRow(new byte[] { 0x88, 0xA8, 0x00, 0x00, 0x81, 0x00, 0x00, 0x00 }, null, false)]
    [DataRow(new byte[] { }, 0x6000, true)]                                                    // the same, taken out by the card
    [DataRow(new byte[] { }, 0x6005, false)]
    [DataRow(new byte[] { 0x81, 0x00, 0x00, 0x00 }, 0x0000, false)]
    public void Frames_of_other_VLANs_are_not_ours_whether_the_tag_is_in_the_frame_or_not(byte[] tags, int? takenOut, bool ours)
    {
        using LinkScript link = new();
        link.Introduces(LinkScript.Peer);
        byte[] echo = LinkScript.Icmp(LinkScript.Peer, LinkScript.Host, Icmpv6Type.EchoRequest, 0, 7, [1, 2, 3]);
        link.Sends([.. echo[..12], .. tags, .. echo[12..]], takenOut is { } tag ? new RxOffload { HasVlan = true, VlanStripped = true, VlanTag = (ushort)tag } : default);
        if (ours)
        {
            link.Takes(Icmpv6Type.EchoReply);
        }
        else
        {
            link.SaysNothing();
        }

        Assert.AreEqual(ours ? 0UL : 1, link[StackCounter.RxUnknownType]);
    }

    [TestMethod]
    public void The_card_is_told_which_groups_shall_come()
    {
        using LinkScript link = new();
        VirtualAddressFilter card = link.Device.Addresses;
        Assert.IsFalse(card.Promiscuous);
        MacAddress[] always = [MacAddress.Parse("01:00:5e:00:00:01"), MacAddress.Parse("33:33:00:00:00:01"), MacAddress.ForGroup(LinkScript.Host.SolicitedNode)];
        foreach (MacAddress group in always)
        {
            Assert.IsTrue(card.Joined.Contains(group), $"{group} was not joined");
        }

        IPv6Address wanted = IPv6Address.Parse("ff15::1234:5678");
        byte[] datagram = LinkScript.Udp(LinkScript.Peer, wanted, 1000, 5353, [42]);
        using UdpSocket socket = link.Stack.OpenUdp(new IPEndPoint(IPAddress.IPv6Any, 5353));
        link.Sends(datagram);
        Assert.AreEqual(1, card.Filtered);

        socket.JoinGroup(wanted.ToIPAddress(), 1);
        link.Sends(datagram).Forgets();
        Assert.AreEqual(1, card.Filtered);
        Assert.IsTrue(socket.TryReceiveFrom(new byte[1], out _));

        socket.LeaveGroup(wanted.ToIPAddress(), 1);
        link.After(TimeSpan.FromSeconds(10)).Forgets(); // routers have heard of it
        Assert.IsFalse(card.Joined.Contains(MacAddress.ForGroup(wanted)));
        link.Sends(datagram);
        Assert.AreEqual(2, card.Filtered);
        foreach (MacAddress group in always)
        {
            Assert.IsTrue(card.Joined.Contains(group), $"{group} was left");
        }
    }
}
