using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;
using FpgaNet.Stack.Network.Multicast;
using FpgaNet.Stack.Sockets;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests.Multicast;

/// <summary>Sockets that want a group's datagrams from some senders (RFC 3376 §3, RFC 3678).</summary>
[TestClass]
public sealed class GroupFilterTests
{
    [TestMethod]
    [DataRow("239.1.2.3")]
    [DataRow("ff15::1:3")]
    public void A_socket_gets_datagrams_from_the_senders_it_wants(string groupText)
    {
        using VirtualNetwork network = new(TestSeed.Take());
        EthernetSegment segment = network.AddSegment("lan");
        NetworkStack[] hosts = [.. Enumerable.Range(1, 3).Select(number => network.AddHost(
            new HostModel { IPv6Address = new IPv6Address(((UInt128)0x2001_0DB8 << 96) + (UInt128)number) }, segment, new IPv4Address(0xC000_0200 + (uint)number)).Stack)];
        network.Run(TimeSpan.FromSeconds(3));
        IPAddress group = IPAddress.Parse(groupText);
        bool ipv4 = group.AddressFamily == AddressFamily.InterNetwork;
        IPAddress[] from = [IPAddress.Parse(ipv4 ? "192.0.2.1" : "2001:db8::1"), IPAddress.Parse(ipv4 ? "192.0.2.2" : "2001:db8::2")];
        using UdpSocket receiver = hosts[2].OpenUdp(new IPEndPoint(IPAddress.IPv6Any, 5353));
        using UdpSocket other = hosts[2].OpenUdp(new IPEndPoint(IPAddress.IPv6Any, 5354));
        using UdpSocket first = hosts[0].OpenUdp(new IPEndPoint(IPAddress.IPv6Any, 0));
        using UdpSocket second = hosts[1].OpenUdp(new IPEndPoint(IPAddress.IPv6Any, 0));
        other.JoinGroup(group, 1); // the interface takes all of the group for it

        receiver.SetGroupFilter(group, 1, FilterMode.Include, [from[0]]);
        Assert.AreEqual("1", Exchange());
        receiver.SetGroupFilter(group, 1, FilterMode.Exclude, [from[0]]);
        Assert.AreEqual("2", Exchange());
        receiver.SetGroupFilter(group, 1, FilterMode.Exclude, []);
        Assert.AreEqual("1 2", Exchange());
        receiver.SetGroupFilter(group, 1, FilterMode.Include, []);
        Assert.AreEqual("", Exchange());
        Assert.AreEqual(
            SocketError.InvalidArgument,
            Assert.ThrowsExactly<SocketException>(() => receiver.SetGroupFilter(group, 1, FilterMode.Include, [IPAddress.Parse(ipv4 ? "2001:db8::1" : "192.0.2.1")])).SocketErrorCode);
        Assert.AreEqual(
            SocketError.NoBufferSpaceAvailable,
            Assert.ThrowsExactly<SocketException>(() => receiver.SetGroupFilter(group, 1, FilterMode.Include, [.. Enumerable.Range(1, 65).Select(i => Numbered(i))])).SocketErrorCode);

        string Exchange()
        {
            network.Run(TimeSpan.FromSeconds(3));
            first.SendTo([1], new IPEndPoint(group, 5353));
            second.SendTo([2], new IPEndPoint(group, 5353));
            network.Run(TimeSpan.FromSeconds(1));
            List<byte> got = [];
            byte[] buffer = new byte[1];
            while (receiver.TryReceiveFrom(buffer, out _))
            {
                got.Add(buffer[0]);
            }

            return string.Join(' ', got.Order());
        }

        IPAddress Numbered(int number) => ipv4 ? new IPv4Address(0xC000_0200 + (uint)number).ToIPAddress() : new IPv6Address(((UInt128)0x2001_0DB8 << 96) + (UInt128)number).ToIPAddress();
    }
}
