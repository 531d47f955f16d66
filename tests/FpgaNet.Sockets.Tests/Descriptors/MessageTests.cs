using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Descriptors;

/// <summary>Messages in several runs, several messages at once, and control messages that are none.</summary>
[TestClass]
public sealed class MessageTests
{
    [TestMethod, OnBothSides]
    public void Runs_are_gathered_and_scattered_in_order(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        Expect.Result(6, rig.Client.SendMsg(client, new MsgHdr(new byte[] { 1, 2 }, Array.Empty<byte>(), new byte[] { 3 }, new byte[] { 4, 5, 6 })));
        byte[] first = new byte[1];
        byte[] second = new byte[4];
        byte[] third = new byte[1];
        MsgHdr received = new(first, Array.Empty<byte>(), second, third);
        Expect.Result(6, rig.Server.RecvMsg(server, received, MessageFlags.MSG_WAITALL));
        CollectionAssert.AreEqual((byte[])[1, 2, 3, 4, 5, 6], (byte[])[.. first, .. second, .. third]);
        Assert.AreEqual((AF_UNSPEC, 0), (received.Name.Family, received.ControlLength));
    }

    [TestMethod, OnBothSides]
    public void More_than_1024_runs_are_EMSGSIZE(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        Expect.Ok(calls.SocketPair(AF_LOCAL, SOCK_DGRAM, 0, out int one, out int two));
        Expect.Error(EMSGSIZE, calls.SendMsg(one, Runs(1025, 1)));
        Expect.Result(1024, calls.SendMsg(one, Runs(1024, 1)));
        Expect.Error(EMSGSIZE, calls.RecvMsg(two, Runs(1025, 1)));
        Expect.Result(1024, calls.RecvMsg(two, Runs(1024, 1)));
    }

    [TestMethod, OnBothSides]
    public void Runs_of_4_GiB_in_all_are_no_empty_datagram(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        int socket = Expect.Ok(calls.Socket(AF_INET, SOCK_DGRAM));
        Expect.Ok(calls.Connect(socket, SocketRig.ServerAt(9)));
        Expect.Error(EMSGSIZE, calls.SendMsg(socket, Runs(1024, 1 << 22)));
        Expect.Error(EMSGSIZE, calls.SendMsg(socket, Runs(512, 1 << 22)));
    }

    [TestMethod, OnBothSides]
    public void Several_messages_go_and_come_in_one_call(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        Expect.Ok(calls.SocketPair(AF_LOCAL, SOCK_DGRAM, 0, out int one, out int two));
        MsgHdr[] sent = [.. Enumerable.Range(1, 5).Select(i => new MsgHdr(new byte[i]))];
        Expect.Result(5, calls.SendMMsg(one, sent));
        CollectionAssert.AreEqual((int[])[1, 2, 3, 4, 5], sent.Select(each => each.Length).ToArray());
        MsgHdr[] received = [.. Enumerable.Range(0, 3).Select(_ => new MsgHdr(new byte[3]))];
        Expect.Result(3, calls.RecvMMsg(two, received));
        CollectionAssert.AreEqual((int[])[1, 2, 3], received.Select(each => each.Length).ToArray());
        received = [.. Enumerable.Range(0, 3).Select(_ => new MsgHdr(new byte[3]))];
        Expect.Result(2, calls.RecvMMsg(two, received, MessageFlags.MSG_WAITFORONE));
        Assert.IsTrue(received.Take(2).All(each => each.Length == 3 && (each.Flags & MessageFlags.MSG_TRUNC) != MessageFlags.None));
        Expect.Error(EAGAIN, calls.RecvMMsg(two, received, MessageFlags.MSG_DONTWAIT));
        Expect.Result(0, calls.SendMMsg(one, []));
    }

    [TestMethod, OnBothSides]
    public void Malformed_control_messages_are_EINVAL_and_rights_to_nothing_EBADF(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        Expect.Ok(calls.SocketPair(AF_LOCAL, SOCK_STREAM, 0, out int one, out _));
        byte[] control = new byte[24];
        ControlWriter writer = new(control);
        writer.Write(SOL_SOCKET, SCM_RIGHTS, 12345);
        Expect.Error(EBADF, calls.SendMsg(one, new MsgHdr(new byte[1]) { Control = control }));
        control[0] = 5; // shorter than its own header
        Expect.Error(EINVAL, calls.SendMsg(one, new MsgHdr(new byte[1]) { Control = control }));
        control[0] = 200; // longer than the whole
        Expect.Error(EINVAL, calls.SendMsg(one, new MsgHdr(new byte[1]) { Control = control }));
    }

    [TestMethod, OnBothSides]
    public void Control_messages_on_a_stream_are_looked_at(Side side)
    {
        using SocketRig rig = new(side);
        (int client, _) = rig.Connect();
        (int Level, int Type, int Length, Errno Expected)[] cases =
        [
            (SOL_SOCKET, 77, 4, EINVAL), (SOL_SOCKET, SCM_TXTIME, 8, EINVAL), (SOL_SOCKET, SO_TIMESTAMPING, 4, None), (SOL_SOCKET, SO_TIMESTAMPING, 1, EINVAL), (SOL_SOCKET, SO_PRIORITY, 4, None),
            (SOL_SOCKET, SCM_CREDENTIALS, 12, None), (SOL_SOCKET, SCM_RIGHTS, 4, None), (SOL_IP, IP_TOS, 4, None), (SOL_IP, 99, 0, None), (SOL_IPV6, IPV6_PKTINFO, 1, None), (SOL_TCP, 1, 4, None), (1234, 1, 0, None),
        ];
        foreach ((int level, int type, int length, Errno expected) in cases)
        {
            byte[] control = new byte[ControlWriter.Space(length)];
            new ControlWriter(control).Write(level, type, [.. Enumerable.Repeat((byte)(type == SCM_RIGHTS ? 0xFF : 0), length)]); // what is passed is looked at by the local family alone
            Assert.AreEqual(expected == None ? 1 : -(int)expected, rig.Client.SendMsg(client, new MsgHdr(new byte[1]) { Control = control }), $"{level} {type} {length}");
            if (expected == None)
            {
                control[0] = 200; // longer than the whole
                Expect.Error(EINVAL, rig.Client.SendMsg(client, new MsgHdr(new byte[1]) { Control = control }));
            }
        }

        int unconnected = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_STREAM));
        Expect.Error(EPIPE, rig.Client.SendMsg(unconnected, new MsgHdr(new byte[1]) { Control = new byte[16] }));
    }

    [TestMethod, OnBothSides]
    public void Sets_and_sockets_go_with_a_message(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        Expect.Ok(calls.SocketPair(AF_LOCAL, SOCK_STREAM, 0, out int one, out int two));
        int listening = rig.Listen(out SockAddr address);
        int socket = Expect.Ok(calls.Socket(AF_INET, SOCK_STREAM));
        int set = Expect.Ok(calls.EpollCreate1());
        byte[] control = new byte[24];
        ControlWriter writer = new(control);
        writer.Write(SOL_SOCKET, SCM_RIGHTS, [(byte)socket, (byte)(socket >> 8), 0, 0, (byte)set, (byte)(set >> 8), 0, 0]);
        Expect.Result(1, calls.SendMsg(one, new MsgHdr(new byte[1]) { Control = control }));
        Expect.Ok(calls.Close(socket));
        Expect.Ok(calls.Close(set));
        MsgHdr received = new(new byte[1]) { Control = new byte[64] };
        Expect.Result(1, calls.RecvMsg(two, received));
        ControlReader reader = new(received.Control.AsSpan(0, received.ControlLength));
        Assert.IsTrue(reader.Read());
        Assert.AreEqual(8, reader.Data.Length);
        (socket, set) = (BitConverter.ToInt32(reader.Data), BitConverter.ToInt32(reader.Data[4..]));
        Expect.Ok(calls.Connect(socket, address));
        Expect.Ok(calls.EpollCtl(set, Stack.Sockets.Descriptors.EpollOperation.EPOLL_CTL_ADD, socket, Stack.Sockets.Descriptors.EpollEvents.EPOLLOUT));
        Expect.Result(1, calls.EpollWait(set, new Stack.Sockets.Descriptors.EpollEvent[1], 30_000));
        Expect.Ok(rig.Server.Accept(listening, out _));
        if (side == Side.Linux)
        {
            Expect.Ok(calls.Close(socket)); // not ones that the rig saw opened
            Expect.Ok(calls.Close(set));
        }
    }

    /// <summary>So many runs, which are one memory.</summary>
    private static MsgHdr Runs(int count, int bytes)
    {
        byte[] run = new byte[bytes];
        return new MsgHdr([.. Enumerable.Repeat(run.AsMemory(), count)]);
    }
}
