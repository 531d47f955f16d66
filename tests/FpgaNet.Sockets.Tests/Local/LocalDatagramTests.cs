using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Local;

/// <summary>Datagrams and records stay whole, and datagrams come from the peer only (unix(7)).</summary>
[TestClass]
public sealed class LocalDatagramTests
{
    private static readonly SocketKind[] s_kinds = [SOCK_SEQPACKET, SOCK_DGRAM];

    [TestMethod, OnBothSides]
    public void Messages_stay_whole_and_what_does_not_fit_is_cut(Side side)
    {
        using LocalRig rig = new(side);
        foreach (SocketKind kind in s_kinds)
        {
            (int left, int right) = rig.Pair(kind);
            Expect.Result(3, rig.Calls.Send(left, [1, 2, 3]));
            Expect.Result(0, rig.Calls.Send(left, []));
            Expect.Result(2, rig.Calls.SendMsg(left, new MsgHdr((byte[])[4], (byte[])[5])));
            MsgHdr two = new(new byte[2]);
            Expect.Result(3, rig.Calls.RecvMsg(right, two, MessageFlags.MSG_PEEK | MessageFlags.MSG_TRUNC));
            Assert.AreEqual(MessageFlags.MSG_TRUNC, two.Flags);
            Expect.Result(2, rig.Calls.RecvMsg(right, two));
            Assert.AreEqual(MessageFlags.MSG_TRUNC, two.Flags);
            CollectionAssert.AreEqual((byte[])[1, 2], two.Runs[0].ToArray());
            MsgHdr any = new(new byte[1], new byte[8]);
            Expect.Result(0, rig.Calls.RecvMsg(right, any));
            Assert.AreEqual(MessageFlags.None, any.Flags);
            Expect.Result(2, rig.Calls.RecvMsg(right, any));
            Assert.AreEqual(4, any.Runs[0].Span[0]);
            Assert.AreEqual(5, any.Runs[1].Span[0]);
            Expect.Error(EAGAIN, rig.Calls.RecvMsg(right, any, MessageFlags.MSG_DONTWAIT));
            Expect.Ok(rig.Calls.Send(left, [1, 2, 3]));
            Expect.Result(0, rig.Calls.RecvMsg(right, new MsgHdr(Array.Empty<byte>()))); // no room: all of it is lost
            Expect.Error(EAGAIN, rig.Calls.Recv(right, new byte[1], MessageFlags.MSG_DONTWAIT));
        }
    }

    [TestMethod]
    public void A_record_sent_with_its_end_is_received_with_it_as_POSIX_says()
    {
        using LocalRig rig = new(Side.Ours);
        (int left, int right) = rig.Pair(SOCK_SEQPACKET);
        Expect.Ok(rig.Calls.Send(left, [1, 2], MessageFlags.MSG_EOR));
        Expect.Ok(rig.Calls.Send(left, [3]));
        MsgHdr message = new(new byte[8]);
        Expect.Result(2, rig.Calls.RecvMsg(right, message));
        Assert.AreEqual(MessageFlags.MSG_EOR, message.Flags);
        Expect.Result(1, rig.Calls.RecvMsg(right, message));
        Assert.AreEqual(MessageFlags.None, message.Flags);
    }

    [TestMethod, OnBothSides]
    public void A_message_longer_than_the_buffer_is_EMSGSIZE(Side side)
    {
        using LocalRig rig = new(side);
        foreach (SocketKind kind in s_kinds)
        {
            (int left, int right) = rig.Pair(kind);
            Expect.Ok(rig.Calls.SetSockOpt(left, SOL_SOCKET, SO_SNDBUF, 10000));
            Expect.Error(EMSGSIZE, rig.Calls.Send(left, new byte[20000 - 31]));
            Expect.Result(20000 - 32, rig.Calls.Send(left, new byte[20000 - 32]));
            Expect.Result(20000 - 32, rig.Calls.Recv(right, new byte[20000]));
        }
    }

    [TestMethod, OnBothSides]
    public void Raw_sockets_are_datagrams(Side side)
    {
        using LocalRig rig = new(side);
        (int left, int right) = rig.Pair(SOCK_RAW);
        Expect.Ok(rig.Calls.GetSockOpt(left, SOL_SOCKET, SO_TYPE, out int type));
        Assert.AreEqual((int)SOCK_DGRAM, type);
        Expect.Result(2, rig.Calls.Send(left, [1, 2]));
        Expect.Result(1, rig.Calls.Send(left, [3]));
        Expect.Result(2, rig.Calls.Recv(right, new byte[8]));
        Expect.Result(1, rig.Calls.Recv(right, new byte[8]));
        rig.Bound(SOCK_DGRAM, LocalRig.Abstract("raw"));
        int client = rig.Socket(SOCK_RAW);
        Expect.Ok(rig.Calls.Connect(client, LocalRig.Abstract("raw")));
        Expect.Ok(rig.Calls.GetSockOpt(client, SOL_SOCKET, SO_TYPE, out type));
        Assert.AreEqual((int)SOCK_DGRAM, type);
    }

    [TestMethod, OnBothSides]
    public void Who_is_connected_receives_from_its_peer_only(Side side)
    {
        using LocalRig rig = new(side);
        SockAddr name = rig.Path("server");
        int server = rig.Bound(SOCK_DGRAM, name);
        int first = rig.Bound(SOCK_DGRAM, LocalRig.Abstract("first"));
        int second = rig.Socket(SOCK_DGRAM);
        Expect.Ok(rig.Calls.Connect(server, LocalRig.Abstract("first")));
        Expect.Error(EPERM, rig.Calls.Connect(second, name));
        Expect.Error(EPERM, rig.Calls.SendTo(second, [1], name));
        Expect.Result(1, rig.Calls.SendTo(first, [2], name));
        Expect.Result(1, rig.Calls.RecvFrom(server, new byte[4], out SockAddr from));
        Assert.AreEqual(LocalRig.Abstract("first"), from);
        Expect.Ok(rig.Calls.Connect(server, default(SockAddr)));
        Expect.Error(ENOTCONN, rig.Calls.GetPeerName(server, out _));
        Expect.Result(1, rig.Calls.SendTo(second, [3], name));
        Expect.Result(1, rig.Calls.RecvFrom(server, new byte[4], out from));
        Assert.AreEqual(default, from);
    }

    [TestMethod, OnBothSides]
    public void A_name_without_a_receiver_says_why(Side side)
    {
        using LocalRig rig = new(side);
        int socket = rig.Socket(SOCK_DGRAM);
        Expect.Error(ENOENT, rig.Calls.SendTo(socket, [1], rig.Path("nobody")));
        Expect.Error(ECONNREFUSED, rig.Calls.SendTo(socket, [1], LocalRig.Abstract("nobody")));
        SockAddr name = rig.Path("gone");
        Expect.Ok(rig.Calls.Close(rig.Bound(SOCK_DGRAM, name)));
        Expect.Error(ECONNREFUSED, rig.Calls.SendTo(socket, [1], name));
        (int left, int right) = rig.Pair(SOCK_DGRAM);
        Expect.Ok(rig.Calls.Close(right));
        Expect.Ok(rig.Calls.GetPeerName(left, out _));
        Expect.Error(ECONNREFUSED, rig.Calls.Send(left, [1]));
        Expect.Error(ENOTCONN, rig.Calls.Send(left, [1]));
        Expect.Error(ENOTCONN, rig.Calls.GetPeerName(left, out _));
    }

    [TestMethod, OnBothSides]
    public void Another_peer_ends_what_was_with_the_old_one(Side side)
    {
        using LocalRig rig = new(side);
        (int left, int right) = rig.Pair(SOCK_DGRAM);
        rig.Bound(SOCK_DGRAM, LocalRig.Abstract("new"));
        Expect.Ok(rig.Calls.Send(right, [1]));
        Expect.Ok(rig.Calls.Connect(left, LocalRig.Abstract("new")));
        Expect.Error(EAGAIN, rig.Calls.Recv(left, new byte[4], MessageFlags.MSG_DONTWAIT));
        Expect.Error(ECONNRESET, rig.Calls.Recv(right, new byte[4], MessageFlags.MSG_DONTWAIT));
        Expect.Error(EAGAIN, rig.Calls.Recv(right, new byte[4], MessageFlags.MSG_DONTWAIT));
    }

    [TestMethod, OnBothSides]
    public void A_receiver_takes_no_more_than_its_queue(Side side)
    {
        using LocalRig rig = new(side);
        SockAddr name = LocalRig.Abstract("busy");
        int server = rig.Bound(SOCK_DGRAM, name);
        int client = rig.NonBlocking(SOCK_DGRAM);
        int sent = 0;
        int result;
        while ((result = rig.Calls.SendTo(client, [(byte)sent], name)) == 1)
        {
            sent++;
        }

        Expect.Error(EAGAIN, result);
        int connected = rig.NonBlocking(SOCK_DGRAM);
        Expect.Ok(rig.Calls.Connect(connected, name));
        Assert.AreEqual(PollEvents.None, rig.Poll(connected) & PollEvents.POLLOUT);
        byte[] buffer = new byte[4];
        Expect.Result(1, rig.Calls.Recv(server, buffer));
        Assert.AreEqual(0, buffer[0]);
        Assert.AreEqual(PollEvents.POLLOUT, rig.Poll(connected) & PollEvents.POLLOUT);
        Expect.Result(1, rig.Calls.Send(connected, [99]));
        for (int i = 1; i <= sent; i++)
        {
            Expect.Result(1, rig.Calls.Recv(server, buffer));
            Assert.AreEqual(i < sent ? i : 99, buffer[0]);
        }
    }

    [TestMethod]
    public void Reliably_delivered_messages_are_datagrams()
    {
        using LocalRig rig = new(Side.Ours);
        SockAddr name = LocalRig.Abstract("reliable");
        int server = rig.Bound(SOCK_RDM, name);
        int client = rig.Bound(SOCK_RDM, LocalRig.Abstract("client"));
        Expect.Error(EOPNOTSUPP, rig.Calls.Listen(server, 1));
        Expect.Error(ECONNREFUSED, rig.Calls.SendTo(rig.Socket(SOCK_DGRAM), [1], name));
        Thread sending = new(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                Expect.Result(1, rig.Calls.SendTo(client, [(byte)i], name)); // waits while the queue is full
            }
        });
        sending.Start();
        byte[] buffer = new byte[4];
        for (int i = 0; i < 1000; i++)
        {
            Expect.Result(1, rig.Calls.RecvFrom(server, buffer, out SockAddr from));
            Assert.AreEqual(LocalRig.Abstract("client"), from);
            Assert.AreEqual((byte)i, buffer[0]);
        }

        sending.Join();
        Expect.Ok(rig.Calls.GetSockOpt(server, SOL_SOCKET, SO_TYPE, out int type));
        Assert.AreEqual((int)SOCK_RDM, type);
        Expect.Ok(rig.Calls.SocketPair(AF_LOCAL, SOCK_RDM, 0, out int left, out int right));
        Expect.Result(1, rig.Calls.Send(left, [1]));
        Expect.Result(1, rig.Calls.Recv(right, buffer));
    }
}
