using System.Buffers.Binary;
using FpgaNet.Packets.Wire;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.MessageFlags;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Inet;

/// <summary>Groups and broadcasts, on our sockets and on Linux's (ip(7), ipv6(7), RFC 3678).</summary>
[TestClass]
public sealed class MulticastTests
{
    private const string Group = "239.1.2.3";

    private static readonly byte[] s_byte = [42];

    [TestMethod, OnBothSides]
    public void Members_get_what_is_sent_to_their_group(Side side)
    {
        using SocketRig rig = new(side);
        int[] members = [Member(rig, 7001), Member(rig, 7001)];
        foreach (int member in members)
        {
            Expect.Ok(rig.Server.SetSockOpt(member, SOL_IP, IP_ADD_MEMBERSHIP, Request(Group, "192.0.2.2")));
            Expect.Error(EADDRINUSE, rig.Server.SetSockOpt(member, SOL_IP, IP_ADD_MEMBERSHIP, Request(Group, "192.0.2.2")));
        }

        int sender = Sender(rig);
        Expect.Result(1, rig.Client.SendTo(sender, s_byte, At(Group, 7001)));
        foreach (int member in members)
        {
            Expect.Result(1, rig.Server.Recv(member, new byte[1]));
        }

        // Who leaves still hears what others have joined, unless it says that it does not want that.
        Expect.Ok(rig.Server.SetSockOpt(members[0], SOL_IP, IP_DROP_MEMBERSHIP, Request(Group, "192.0.2.2")));
        Expect.Error(EADDRNOTAVAIL, rig.Server.SetSockOpt(members[0], SOL_IP, IP_DROP_MEMBERSHIP, Request(Group, "192.0.2.2")));
        Expect.Result(1, rig.Client.SendTo(sender, s_byte, At(Group, 7001)));
        Expect.Result(1, rig.Server.Recv(members[0], new byte[1]));
        Expect.Result(1, rig.Server.Recv(members[1], new byte[1]));
        Expect.Ok(rig.Server.SetSockOpt(members[0], SOL_IP, IP_MULTICAST_ALL, 0));
        Expect.Result(1, rig.Client.SendTo(sender, s_byte, At(Group, 7001)));
        Expect.Result(1, rig.Server.Recv(members[1], new byte[1]));
        Expect.Error(EAGAIN, rig.Server.Recv(members[0], new byte[1], MSG_DONTWAIT));
    }

    [TestMethod, OnBothSides]
    public void Too_many_groups_or_senders_are_ENOBUFS(Side side)
    {
        using SocketRig rig = new(side);
        int member = Member(rig, 7001);
        int groups = 0;
        while (groups < 200 && rig.Server.SetSockOpt(member, SOL_IP, IP_ADD_MEMBERSHIP, Request($"239.2.0.{groups}", "192.0.2.2")) == 0)
        {
            groups++;
        }

        Assert.IsInRange(20, 199, groups); // igmp_max_memberships, ip(7)
        Expect.Error(ENOBUFS, rig.Server.SetSockOpt(member, SOL_IP, IP_ADD_MEMBERSHIP, Request($"239.2.0.{groups}", "192.0.2.2")));
        Expect.Ok(rig.Server.SetSockOpt(member, SOL_IP, IP_DROP_MEMBERSHIP, Request("239.2.0.0", "192.0.2.2")));
        int senders = 0;
        while (senders < 200 && rig.Server.SetSockOpt(member, SOL_IP, IP_ADD_SOURCE_MEMBERSHIP, SourceRequest("239.2.0.0", "192.0.2.2", $"192.0.2.{senders + 10}")) == 0)
        {
            senders++;
        }

        Assert.IsInRange(10, 199, senders); // igmp_max_msf
        Expect.Error(ENOBUFS, rig.Server.SetSockOpt(member, SOL_IP, IP_ADD_SOURCE_MEMBERSHIP, SourceRequest("239.2.0.0", "192.0.2.2", $"192.0.2.{senders + 10}")));
    }

    [TestMethod, OnBothSides]
    public void Senders_are_chosen(Side side)
    {
        using SocketRig rig = new(side);
        int member = Member(rig, 7002);
        int other = Member(rig, 7002);
        Expect.Ok(rig.Server.SetSockOpt(other, SOL_IP, IP_ADD_MEMBERSHIP, Request(Group, "192.0.2.2")));
        int sender = Sender(rig);
        void Sent(bool arrives)
        {
            Expect.Result(1, rig.Client.SendTo(sender, s_byte, At(Group, 7002)));
            Expect.Result(1, rig.Server.Recv(other, new byte[1]));
            if (arrives)
            {
                Expect.Result(1, rig.Server.Recv(member, new byte[1]));
            }
            else
            {
                Expect.Error(EAGAIN, rig.Server.Recv(member, new byte[1], MSG_DONTWAIT));
            }
        }

        byte[] theSender = SourceRequest(Group, "192.0.2.2", "192.0.2.1");
        byte[] somebody = SourceRequest(Group, "192.0.2.2", "192.0.2.9");
        Expect.Error(EINVAL, rig.Server.SetSockOpt(member, SOL_IP, IP_BLOCK_SOURCE, theSender));
        Expect.Ok(rig.Server.SetSockOpt(member, SOL_IP, IP_ADD_MEMBERSHIP, Request(Group, "192.0.2.2")));
        Sent(true);
        Expect.Ok(rig.Server.SetSockOpt(member, SOL_IP, IP_BLOCK_SOURCE, theSender));
        Expect.Error(EADDRNOTAVAIL, rig.Server.SetSockOpt(member, SOL_IP, IP_BLOCK_SOURCE, theSender));
        Sent(false);
        Expect.Error(EINVAL, rig.Server.SetSockOpt(member, SOL_IP, IP_ADD_SOURCE_MEMBERSHIP, somebody));
        Expect.Ok(rig.Server.SetSockOpt(member, SOL_IP, IP_UNBLOCK_SOURCE, theSender));
        Expect.Error(EADDRNOTAVAIL, rig.Server.SetSockOpt(member, SOL_IP, IP_UNBLOCK_SOURCE, theSender));
        Sent(true);
        Expect.Ok(rig.Server.SetSockOpt(member, SOL_IP, IP_DROP_MEMBERSHIP, Request(Group, "192.0.2.2")));
        Expect.Ok(rig.Server.SetSockOpt(member, SOL_IP, IP_ADD_SOURCE_MEMBERSHIP, somebody));
        Sent(false);
        Expect.Ok(rig.Server.SetSockOpt(member, SOL_IP, IP_ADD_SOURCE_MEMBERSHIP, theSender));
        Expect.Error(EADDRNOTAVAIL, rig.Server.SetSockOpt(member, SOL_IP, IP_ADD_SOURCE_MEMBERSHIP, theSender));
        Sent(true);
        Expect.Ok(rig.Server.SetSockOpt(member, SOL_IP, IP_DROP_SOURCE_MEMBERSHIP, theSender));
        Sent(false);
        Expect.Error(EADDRNOTAVAIL, rig.Server.SetSockOpt(member, SOL_IP, IP_DROP_SOURCE_MEMBERSHIP, theSender));
    }

    [TestMethod, OnBothSides]
    public void IPv6_members_join_by_interface_and_by_the_protocol_independent_call(Side side)
    {
        using SocketRig rig = new(side);
        int index = InterfaceOf(rig);
        int member = Expect.Ok(rig.Server.Socket(AF_INET6, SOCK_DGRAM));
        Expect.Ok(rig.Server.Bind(member, SockAddr.Inet6(IpAddress.Any, 7003)));
        IPv6Address group = IPv6Address.Parse("ff15::99");
        byte[] request = new byte[20];
        group.Write(request);
        Expect.Error(ENODEV, rig.Server.SetSockOpt(member, SOL_IPV6, IPV6_ADD_MEMBERSHIP, [.. request[..16], 77, 0, 0, 0]));
        BinaryPrimitives.WriteInt32LittleEndian(request.AsSpan(16), index);
        Expect.Ok(rig.Server.SetSockOpt(member, SOL_IPV6, IPV6_ADD_MEMBERSHIP, request));
        Expect.Error(EADDRINUSE, rig.Server.SetSockOpt(member, SOL_IPV6, IPV6_ADD_MEMBERSHIP, request));
        int sender = Expect.Ok(rig.Client.Socket(AF_INET6, SOCK_DGRAM));
        Expect.Ok(rig.Client.SetSockOpt(sender, SOL_IPV6, IPV6_MULTICAST_IF, InterfaceOf(rig, rig.Client)));
        Expect.Result(1, rig.Client.SendTo(sender, s_byte, SockAddr.Inet6(group, 7003)));
        Expect.Result(1, rig.Server.Recv(member, new byte[1]));
        Expect.Ok(rig.Server.SetSockOpt(member, SOL_IPV6, IPV6_DROP_MEMBERSHIP, request));
        Expect.Error(EADDRNOTAVAIL, rig.Server.SetSockOpt(member, SOL_IPV6, IPV6_DROP_MEMBERSHIP, request));
        byte[] independent = new byte[136];
        BinaryPrimitives.WriteInt32LittleEndian(independent, index);
        SockAddr.Inet6(group, 0).Write(independent.AsSpan(8));
        Expect.Ok(rig.Server.SetSockOpt(member, SOL_IPV6, MCAST_JOIN_GROUP, independent));
        Expect.Result(1, rig.Client.SendTo(sender, s_byte, SockAddr.Inet6(group, 7003)));
        Expect.Result(1, rig.Server.Recv(member, new byte[1]));
        Expect.Ok(rig.Server.SetSockOpt(member, SOL_IPV6, MCAST_LEAVE_GROUP, independent));
    }

    [TestMethod, OnBothSides]
    public void Requests_that_make_no_sense_are_refused(Side side)
    {
        using SocketRig rig = new(side);
        int socket = Expect.Ok(rig.Server.Socket(AF_INET, SOCK_DGRAM));
        Expect.Error(EINVAL, rig.Server.SetSockOpt(socket, SOL_IP, IP_ADD_MEMBERSHIP, Request("192.0.2.7", "192.0.2.2")));
        Expect.Error(EINVAL, rig.Server.SetSockOpt(socket, SOL_IP, IP_ADD_MEMBERSHIP, new byte[7]));
        Expect.Error(ENODEV, rig.Server.SetSockOpt(socket, SOL_IP, IP_ADD_MEMBERSHIP, Request(Group, "192.0.2.99")));
        Expect.Error(EINVAL, rig.Server.SetSockOpt(socket, SOL_IP, IP_ADD_SOURCE_MEMBERSHIP, new byte[11]));
        Expect.Error(EINVAL, rig.Server.SetSockOpt(socket, SOL_IP, MCAST_JOIN_GROUP, new byte[135]));
        Expect.Error(EADDRNOTAVAIL, rig.Server.SetSockOpt(socket, SOL_IP, IP_MULTICAST_IF, (ReadOnlySpan<byte>)[192, 0, 2, 99]));
        Expect.Error(EINVAL, rig.Server.SetSockOpt(socket, SOL_IP, IP_MULTICAST_TTL, 256));
        Expect.Ok(rig.Server.SetSockOpt(socket, SOL_IP, IP_MULTICAST_TTL, -1));
        Expect.Ok(rig.Server.GetSockOpt(socket, SOL_IP, IP_MULTICAST_TTL, out int ttl));
        Assert.AreEqual(1, ttl);
    }

    [TestMethod, OnBothSides]
    public void What_is_sent_to_a_group_comes_back_to_members_here_unless_told_not_to(Side side)
    {
        using SocketRig rig = new(side);
        int member = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM));
        Expect.Ok(rig.Client.Bind(member, SocketRig.AnyAt(7004)));
        Expect.Ok(rig.Client.SetSockOpt(member, SOL_IP, IP_ADD_MEMBERSHIP, Request(Group, "192.0.2.1")));
        int sender = Sender(rig);
        Expect.Result(2, rig.Client.SendTo(sender, "ab"u8, At(Group, 7004)));
        Expect.Result(2, rig.Client.RecvFrom(member, new byte[9], out SockAddr whom));
        Assert.AreEqual(SocketRig.ClientAt(whom.Port), whom);
        Expect.Ok(rig.Client.SetSockOpt(sender, SOL_IP, IP_MULTICAST_TTL, 0)); // only here
        Expect.Result(3, rig.Client.SendTo(sender, "abc"u8, At(Group, 7004)));
        Expect.Result(3, rig.Client.Recv(member, new byte[9]));
        Expect.Ok(rig.Client.SetSockOpt(sender, SOL_IP, IP_MULTICAST_LOOP, 0));
        Expect.Result(2, rig.Client.SendTo(sender, "ab"u8, At(Group, 7004)));
        Expect.Error(EAGAIN, rig.Client.Recv(member, new byte[9], MSG_DONTWAIT));
    }

    [TestMethod, OnBothSides]
    public void Broadcasts_reach_everybody_on_the_port(Side side)
    {
        using SocketRig rig = new(side);
        int[] receivers = [Member(rig, 7005), Member(rig, 7005)];
        int sender = Sender(rig);
        Expect.Ok(rig.Client.SetSockOpt(sender, SOL_SOCKET, SO_BROADCAST, 1));
        Expect.Result(1, rig.Client.SendTo(sender, s_byte, At("192.0.2.255", 7005)));
        foreach (int receiver in receivers)
        {
            Expect.Result(1, rig.Server.Recv(receiver, new byte[1]));
        }
    }

    [TestMethod, OnBothSides]
    public void A_port_shared_for_spreading_gives_each_flow_to_one(Side side)
    {
        const int Flows = 64;
        using SocketRig rig = new(side);
        int[] sharers = [.. Enumerable.Range(0, 3).Select(_ =>
        {
            int socket = Expect.Ok(rig.Server.Socket(AF_INET, SOCK_DGRAM));
            Expect.Ok(rig.Server.SetSockOpt(socket, SOL_SOCKET, SO_REUSEPORT, 1));
            Expect.Ok(rig.Server.Bind(socket, SocketRig.ServerAt(7006)));
            return socket;
        })];
        int[] senders = [.. Enumerable.Range(0, Flows).Select(_ => Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM)))];
        InterfaceOf(rig); // the hosts know one another from now on: nothing is lost while they ask
        foreach (int sender in senders)
        {
            Expect.Result(1, rig.Client.SendTo(sender, s_byte, SocketRig.ServerAt(7006)));
            Expect.Result(2, rig.Client.SendTo(sender, "ab"u8, SocketRig.ServerAt(7006)));
        }

        Stack.Sockets.Descriptors.PollFd[] list = [.. sharers.Select(static sharer => new Stack.Sockets.Descriptors.PollFd { Descriptor = sharer, Events = PollEvents.POLLIN })];
        Dictionary<ushort, int> whose = [];
        for (int received = 0; received < 2 * Flows;)
        {
            Expect.Ok(rig.Server.Poll(list, 30_000));
            Assert.IsTrue(Array.Exists(list, static entry => entry.Returned != PollEvents.None), $"{received} of {2 * Flows} came");
            foreach (int sharer in sharers)
            {
                for (; rig.Server.RecvFrom(sharer, new byte[2], out SockAddr whom, MSG_DONTWAIT) > 0; received++)
                {
                    Assert.AreEqual(sharer, whose.TryGetValue(whom.Port, out int first) ? first : whose[whom.Port] = sharer, "a flow stays with one");
                }
            }
        }

        Assert.HasCount(Flows, whose);
        Assert.HasCount(3, whose.Values.Distinct().ToArray()); // one of three gets none once in 10¹¹
    }

    private static SockAddr At(string address, ushort port) => SockAddr.Inet(IPv4Address.Parse(address), port);

    private static byte[] Request(string group, string own) => [.. Bytes(group), .. Bytes(own)];

    private static byte[] SourceRequest(string group, string own, string source) => [.. Bytes(group), .. Bytes(own), .. Bytes(source)];

    private static byte[] Bytes(string address)
    {
        byte[] bytes = new byte[4];
        IPv4Address.Parse(address).Write(bytes);
        return bytes;
    }

    private static int Member(SocketRig rig, ushort port)
    {
        int socket = Expect.Ok(rig.Server.Socket(AF_INET, SOCK_DGRAM));
        Expect.Ok(rig.Server.SetSockOpt(socket, SOL_SOCKET, SO_REUSEADDR, 1));
        Expect.Ok(rig.Server.Bind(socket, SocketRig.AnyAt(port)));
        return socket;
    }

    private static int Sender(SocketRig rig)
    {
        int socket = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM));
        Expect.Ok(rig.Client.SetSockOpt(socket, SOL_IP, IP_MULTICAST_IF, Bytes("192.0.2.1")));
        return socket;
    }

    // By what a datagram that came says.
    private static int InterfaceOf(SocketRig rig, ISocketCalls? calls = null)
    {
        calls ??= rig.Server;
        bool isServer = ReferenceEquals(calls, rig.Server);
        int receiver = DatagramTests.Bound(calls, AF_INET, isServer ? SocketRig.ServerAt(0) : SocketRig.ClientAt(0), out SockAddr address);
        Expect.Ok(calls.SetSockOpt(receiver, SOL_IP, IP_PKTINFO, 1));
        ISocketCalls other = isServer ? rig.Client : rig.Server;
        Expect.Result(1, other.SendTo(Expect.Ok(other.Socket(AF_INET, SOCK_DGRAM)), s_byte, address));
        MsgHdr message = new(new byte[1]) { Control = new byte[64] };
        Expect.Result(1, calls.RecvMsg(receiver, message));
        return BinaryPrimitives.ReadInt32LittleEndian(AncillaryTests.Read(message).Single().Data);
    }
}
