using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.FileControl;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Descriptors;

/// <summary>Descriptors and what stands behind them: dup, fcntl, ioctl, limits.</summary>
[TestClass]
public sealed class DescriptorTests
{
    private static readonly byte[] s_bytes = new byte[8];

    [TestMethod, OnBothSides]
    public void A_socket_closes_with_its_last_descriptor(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        client = SocketRig.Aside(rig.Client, client);
        int copy = Expect.Ok(rig.Client.Dup(client));
        Expect.Ok(rig.Client.Close(client));
        Expect.Error(EBADF, rig.Client.Send(client, s_bytes));
        Expect.Result(8, rig.Client.Send(copy, s_bytes));
        Expect.Result(8, rig.Server.Recv(server, s_bytes, MessageFlags.MSG_WAITALL));
        Expect.Ok(rig.Client.Close(copy));
        Expect.Result(0, rig.Server.Recv(server, s_bytes));
    }

    [TestMethod, OnBothSides]
    public void Dup2_closes_what_stood_at_the_number(Side side)
    {
        using SocketRig rig = new(side);
        (int one, int ofOne) = rig.Connect();
        (int two, int ofTwo) = rig.Connect();
        Expect.Result(one, rig.Client.Dup2(one, one));
        Expect.Result(two, rig.Client.Dup2(one, two));
        Expect.Result(0, rig.Server.Recv(ofTwo, s_bytes));
        Expect.Ok(rig.Client.Close(one));
        Expect.Result(8, rig.Client.Send(two, s_bytes));
        Expect.Result(8, rig.Server.Recv(ofOne, s_bytes, MessageFlags.MSG_WAITALL));
        Expect.Error(EBADF, rig.Client.Dup2(two, -1));
        Expect.Error(EBADF, rig.Client.Dup2(two, int.MaxValue));
    }

    [TestMethod, OnBothSides]
    public void Duplicates_share_O_NONBLOCK_and_have_FD_CLOEXEC_each(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        int socket = Expect.Ok(calls.Socket(AF_INET, SOCK_STREAM));
        Expect.Result(O_RDWR, calls.Fcntl(socket, F_GETFL));
        Expect.Result(0, calls.Fcntl(socket, F_GETFD));
        int copy = Expect.Ok(calls.Fcntl(socket, F_DUPFD_CLOEXEC, 100));
        Assert.IsGreaterThanOrEqualTo(100, copy);
        Expect.Result(FD_CLOEXEC, calls.Fcntl(copy, F_GETFD));
        Expect.Result(0, calls.Fcntl(socket, F_GETFD));
        Expect.Result(0, calls.Fcntl(copy, F_SETFD, 0));
        Expect.Result(0, calls.Fcntl(copy, F_GETFD));
        Expect.Result(0, calls.Fcntl(copy, F_SETFL, O_NONBLOCK));
        Expect.Result(O_RDWR | O_NONBLOCK, calls.Fcntl(socket, F_GETFL));
        int argument = 0;
        Expect.Ok(calls.Ioctl(socket, FIONBIO, ref argument));
        Expect.Result(O_RDWR, calls.Fcntl(copy, F_GETFL));
        Expect.Error(EINVAL, calls.Fcntl(socket, F_DUPFD, -1));
        Expect.Error(EINVAL, calls.Fcntl(socket, F_DUPFD, int.MaxValue));
        Expect.Error(EINVAL, calls.Fcntl(socket, 9999));
    }

    [TestMethod, OnBothSides]
    public void Sockets_are_made_with_flags_and_accepted_ones_inherit_none(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        int socket = Expect.Ok(calls.Socket(AF_INET, SOCK_STREAM | (SocketKind)(SOCK_NONBLOCK | SOCK_CLOEXEC)));
        Expect.Result(O_RDWR | O_NONBLOCK, calls.Fcntl(socket, F_GETFL));
        Expect.Result(FD_CLOEXEC, calls.Fcntl(socket, F_GETFD));
        int listening = rig.Listen(out SockAddr address);
        Expect.Ok(rig.Server.Fcntl(listening, F_SETFL, O_NONBLOCK));
        Expect.Error(EAGAIN, rig.Server.Accept(listening, out _));
        for (int i = 0; i < 2; i++)
        {
            int client = Expect.Ok(calls.Socket(AF_INET, SOCK_STREAM));
            Expect.Ok(calls.Connect(client, address));
        }

        SocketRig.Await(rig.Server, listening, PollEvents.POLLIN);
        int plain = Expect.Ok(rig.Server.Accept(listening, out SockAddr peer));
        Assert.AreEqual(SocketRig.ClientAt(peer.Port), peer);
        Expect.Result(O_RDWR, rig.Server.Fcntl(plain, F_GETFL));
        SocketRig.Await(rig.Server, listening, PollEvents.POLLIN);
        int flagged = Expect.Ok(rig.Server.Accept4(listening, out _, SOCK_NONBLOCK | SOCK_CLOEXEC));
        Expect.Result(O_RDWR | O_NONBLOCK, rig.Server.Fcntl(flagged, F_GETFL));
        Expect.Result(FD_CLOEXEC, rig.Server.Fcntl(flagged, F_GETFD));
        Expect.Error(EINVAL, rig.Server.Accept4(listening, out _, 1));
    }

    [TestMethod]
    public void Numbers_are_the_lowest_free()
    {
        using SocketHosts hosts = new();
        DescriptorTable calls = hosts.A.Calls;
        for (int i = 0; i < 200; i++)
        {
            Assert.AreEqual(i, calls.Socket(AF_INET, SOCK_STREAM, 0));
        }

        foreach (int free in (int[])[7, 150, 3])
        {
            Assert.AreEqual(0, calls.Close(free));
        }

        foreach (int expected in (int[])[3, 7, 150, 200])
        {
            Assert.AreEqual(expected, calls.Dup(0));
        }

        Assert.AreEqual(300, calls.Fcntl(0, F_DUPFD, 300));
        Assert.AreEqual(201, calls.EpollCreate1(0));
        Assert.AreEqual(203, calls.Count);
    }

    [OwnProcessTest, OnBothSides]
    public void A_full_table_is_EMFILE_and_the_connection_stays_in_the_queue(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Server;
        int listening = rig.Listen(out SockAddr address);
        Expect.Ok(rig.Client.Connect(Expect.Ok(rig.Client.Socket(AF_INET, SOCK_STREAM)), address));
        SocketRig.Await(calls, listening, PollEvents.POLLIN);
        int next = Expect.Ok(calls.Dup(listening));
        Expect.Ok(calls.Close(next));
        Expect.Ok(calls.SetDescriptorLimit(next));
        Expect.Error(EMFILE, calls.Accept(listening, out _));
        Expect.Error(EMFILE, calls.Accept4(listening, out _, SOCK_CLOEXEC));
        Expect.Error(EMFILE, calls.Socket(AF_INET, SOCK_STREAM));
        Expect.Error(EMFILE, calls.SocketPair(AF_LOCAL, SOCK_STREAM, 0, out _, out _));
        Expect.Error(EMFILE, calls.Dup(listening));
        Expect.Error(EMFILE, calls.Fcntl(listening, F_DUPFD));
        Expect.Error(EMFILE, calls.EpollCreate1());
        Expect.Error(EBADF, calls.Dup2(listening, next));
        Expect.Error(EINVAL, calls.Fcntl(listening, F_DUPFD, next));
        Expect.Error(EINVAL, calls.Poll(new PollFd[next + 1], 0));
        Expect.Ok(calls.SetDescriptorLimit(next + 1));
        Expect.Error(EMFILE, calls.SocketPair(AF_LOCAL, SOCK_STREAM, 0, out _, out _)); // there is room for one
        Expect.Result(next, calls.Accept(listening, out _));
    }

    [TestMethod]
    public void A_full_host_is_ENFILE_and_the_connection_stays_in_the_queue()
    {
        using SocketHosts hosts = new();
        DescriptorTable calls = hosts.B.Calls;
        int listening = calls.Socket(AF_INET, SOCK_STREAM, 0);
        Assert.AreEqual(0, calls.Bind(listening, hosts.B.At(80)));
        Assert.AreEqual(0, calls.Listen(listening, 4));
        int client = hosts.A.Calls.Socket(AF_INET, SOCK_STREAM, 0);
        Assert.AreEqual(0, hosts.A.Calls.Connect(client, hosts.B.At(80)));
        hosts.B.System.Limit = 1;
        Fails(ENFILE, calls.Accept(listening, out _));
        Fails(ENFILE, calls.Socket(AF_INET, SOCK_STREAM, 0));
        Fails(ENFILE, calls.SocketPair(AF_LOCAL, SOCK_STREAM, 0, out _, out _));
        hosts.B.System.Limit = 2;
        int accepted = calls.Accept(listening, out _);
        Assert.AreEqual(1, accepted);
        Assert.AreEqual(2, hosts.B.System.Count);
        Assert.AreEqual(0, calls.Close(accepted));
        Assert.AreEqual(1, hosts.B.System.Count);
    }

    private static void Fails(Errno expected, int result) => Assert.AreEqual((-1, expected), (result, DescriptorTable.Errno));
}
