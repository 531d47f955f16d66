using System.Net.Sockets;
using System.Text;
using FpgaNet.Packets.Wire;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Inet;

/// <summary>AF_PACKET, on our sockets and on Linux's (packet(7)).</summary>
[TestClass]
public sealed class PacketTests
{
    private const ushort Experiment = 0x88B5; // IEEE 802's local experimental EtherType
    private const int HeaderLength = 14;

    private static readonly int s_all = Swap(ETH_P_ALL);

    [TestMethod, OnBothSides]
    public void Frames_are_sent_and_received_with_their_header_and_without(Side side)
    {
        using SocketRig rig = new(side);
        int raw = Open(rig, rig.Server, SOCK_RAW, Experiment, out SockAddr name);
        int cooked = Open(rig, rig.Server, SOCK_DGRAM, Experiment, out _);
        int other = Open(rig, rig.Server, SOCK_RAW, Experiment + 1, out _);
        int sender = Open(rig, rig.Client, SOCK_RAW, Experiment, out SockAddr own);
        Assert.AreNotEqual(default, name.Station);
        byte[] frame = new byte[60];
        EthernetHeader.Write(frame, name.Station, own.Station, (EtherType)Experiment);
        "hello"u8.CopyTo(frame.AsSpan(HeaderLength));
        Expect.Result(frame.Length, rig.Client.Send(sender, frame));
        byte[] received = new byte[200];
        Expect.Result(60, rig.Server.RecvFrom(raw, received, out SockAddr whom));
        CollectionAssert.AreEqual(frame, received[..60]);
        SockAddr expected = new() { Family = AF_PACKET, Port = Experiment, Scope = name.Scope, Station = own.Station, PacketType = PACKET_HOST };
        Assert.AreEqual((expected, expected.PacketType), (whom, whom.PacketType));
        Expect.Result(60 - HeaderLength, rig.Server.RecvFrom(cooked, received, out whom));
        Assert.AreEqual("hello", Encoding.ASCII.GetString(received, 0, 5));
        Assert.AreEqual(expected, whom);
        Expect.Error(EAGAIN, rig.Server.Recv(other, received, MessageFlags.MSG_DONTWAIT));

        // Without a header of its own: the address says to whom, and the kernel writes it.
        int cookedSender = Open(rig, rig.Client, SOCK_DGRAM, Experiment, out _);
        SockAddr everybody = new() { Family = AF_PACKET, Port = Experiment, Scope = own.Scope, Station = MacAddress.Broadcast };
        Expect.Result(50, rig.Client.SendTo(cookedSender, new byte[50], everybody));
        Expect.Result(64, rig.Server.RecvFrom(raw, received, out whom));
        Assert.AreEqual(PACKET_BROADCAST, whom.PacketType);
        Assert.AreEqual(MacAddress.Broadcast, MacAddress.Read(received));
        Assert.AreEqual(own.Station, MacAddress.Read(received.AsSpan(6)));
    }

    [TestMethod, OnBothSides]
    public void All_types_show_what_goes_out_too_but_not_one_s_own(Side side)
    {
        using SocketRig rig = new(side);
        int watcher = Open(rig, rig.Client, SOCK_RAW, ETH_P_ALL, out SockAddr own);
        int typed = Open(rig, rig.Client, SOCK_RAW, Experiment, out _);
        int sender = Open(rig, rig.Client, SOCK_RAW, ETH_P_ALL, out _);
        byte[] frame = new byte[60];
        EthernetHeader.Write(frame, MacAddress.Broadcast, own.Station, (EtherType)Experiment);
        Expect.Result(frame.Length, rig.Client.Send(sender, frame));
        Assert.AreEqual(PACKET_OUTGOING, Next(rig.Client, watcher).PacketType);
        Expect.Error(EAGAIN, rig.Client.Recv(typed, new byte[100], MessageFlags.MSG_DONTWAIT));
        byte[] other = new byte[200];
        for (int count; (count = rig.Client.RecvFrom(sender, other, out SockAddr whom, MessageFlags.MSG_DONTWAIT)) >= 0;)
        {
            Assert.AreNotEqual(Experiment, whom.Port, $"{count} bytes of its own");
        }
    }

    [TestMethod, OnBothSides]
    public void What_the_hosts_say_to_one_another_is_seen(Side side)
    {
        using SocketRig rig = new(side);
        int watcher = Open(rig, rig.Server, SOCK_DGRAM, (ushort)EtherType.IPv4, out _);
        int receiver = DatagramTests.Bound(rig.Server, AF_INET, SocketRig.ServerAt(0), out SockAddr address);
        Expect.Result(5, rig.Client.SendTo(Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM)), "hello"u8, address));
        Expect.Result(5, rig.Server.Recv(receiver, new byte[10]));
        byte[] packet = new byte[200];
        while (true)
        {
            int count = Expect.Ok(rig.Server.RecvFrom(watcher, packet, out SockAddr whom));
            if (IPv4Header.TryParse(packet.AsSpan(0, count), count, out IPv4Header header) && header.Protocol == IpProtocol.Udp)
            {
                Assert.AreEqual("hello", Encoding.ASCII.GetString(header.Payload[8..]));
                Assert.AreEqual(PACKET_HOST, whom.PacketType);
                break;
            }
        }
    }

    [TestMethod, OnBothSides]
    public void What_makes_no_sense_is_refused(Side side)
    {
        using SocketRig rig = new(side);
        int socket = Expect.Ok(rig.Client.Socket(AF_PACKET, SOCK_RAW, s_all));
        Expect.Error(EINVAL, rig.Client.Bind(socket, SocketRig.ClientAt(0)));
        Expect.Error(ENODEV, rig.Client.Bind(socket, new SockAddr { Family = AF_PACKET, Scope = 777 }));
        Expect.Error(ENXIO, rig.Client.Send(socket, new byte[60]));
        Expect.Error(EOPNOTSUPP, rig.Client.Connect(socket, new SockAddr { Family = AF_PACKET, Scope = 1 }));
        Expect.Error(EOPNOTSUPP, rig.Client.Listen(socket, 1));
        Expect.Error(EOPNOTSUPP, rig.Client.Shutdown(socket, SocketShutdown.Both));
        Expect.Error(EOPNOTSUPP, rig.Client.GetPeerName(socket, out _));
        int bound = Open(rig, rig.Client, SOCK_RAW, ETH_P_ALL, out SockAddr own);
        Expect.Error(EINVAL, rig.Client.Send(bound, new byte[13]));
        Expect.Error(EMSGSIZE, rig.Client.Send(bound, new byte[1600]));
        Expect.Error(EINVAL, rig.Client.SendTo(bound, new byte[60], SocketRig.ServerAt(9)));
        Expect.Error(EINVAL, rig.Client.SendMsg(bound, new MsgHdr(new byte[1600]) { Control = new byte[16] }));
        Expect.Error(ESOCKTNOSUPPORT, rig.Client.Socket(AF_PACKET, SOCK_STREAM));
        Expect.Error(EINVAL, rig.Client.SetSockOpt(bound, SOL_PACKET, PACKET_ADD_MEMBERSHIP, new byte[15]));
        Expect.Error(ENODEV, rig.Client.SetSockOpt(bound, SOL_PACKET, PACKET_ADD_MEMBERSHIP, [77, 3, 0, 0, .. new byte[12]]));
        byte[] promiscuous = [.. BitConverter.GetBytes(own.Scope), 1, 0, .. new byte[10]];
        Expect.Ok(rig.Client.SetSockOpt(bound, SOL_PACKET, PACKET_ADD_MEMBERSHIP, promiscuous));
        Expect.Ok(rig.Client.SetSockOpt(bound, SOL_PACKET, PACKET_DROP_MEMBERSHIP, promiscuous));
        Expect.Ok(rig.Client.GetSockOpt(bound, SOL_PACKET, PACKET_STATISTICS, new byte[8], out int length));
        Assert.AreEqual(8, length);
    }

    [OwnProcessTest, OnBothSides]
    public void Who_is_not_the_superuser_gets_none(Side side)
    {
        using SocketRig rig = new(side);
        rig.Client.As(1000, 1000, () =>
        {
            Expect.Error(EPERM, rig.Client.Socket(AF_PACKET, SOCK_RAW, s_all));
            Expect.Error(EPERM, rig.Client.Socket(AF_PACKET, SOCK_DGRAM, s_all));
            return 0;
        });
    }

    private static int Swap(int type) => (ushort)((type << 8) | (type >> 8));

    // Bound to the host's one interface.
    private static int Open(SocketRig rig, ISocketCalls calls, SocketKind kind, int type, out SockAddr name)
    {
        int finder = Expect.Ok(calls.Socket(AF_INET, SOCK_DGRAM));
        string device = ReferenceEquals(calls, rig.Client) ? rig.DeviceName : rig.ServerDeviceName;
        Expect.Ok(calls.SetSockOpt(finder, SOL_SOCKET, SO_BINDTODEVICE, Encoding.UTF8.GetBytes(device)));
        Expect.Ok(calls.GetSockOpt(finder, SOL_SOCKET, SO_BINDTOIFINDEX, out int index));
        Expect.Ok(calls.Close(finder));
        int socket = Expect.Ok(calls.Socket(AF_PACKET, kind, Swap(type)));
        Expect.Ok(calls.Bind(socket, new SockAddr { Family = AF_PACKET, Port = (ushort)type, Scope = index }));
        Expect.Ok(calls.GetSockName(socket, out name));
        Assert.AreEqual((index, (ushort)type), (name.Scope, name.Port));
        return socket;
    }

    // The next frame of the experiment.
    private static SockAddr Next(ISocketCalls calls, int socket)
    {
        SockAddr whom;
        do
        {
            Expect.Ok(calls.RecvFrom(socket, new byte[2000], out whom));
        }
        while (whom.Port != Experiment);
        return whom;
    }
}
