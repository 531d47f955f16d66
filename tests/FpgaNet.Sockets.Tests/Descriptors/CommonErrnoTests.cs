using System.Net.Sockets;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Descriptors;

/// <summary>Errors that the descriptor layer decides, whatever the socket is: the same on Linux.</summary>
[TestClass]
public sealed class CommonErrnoTests
{
    private static readonly byte[] s_bytes = new byte[8];

    [TestMethod, OnBothSides]
    public void Every_call_on_no_descriptor_is_EBADF(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        int closed = SocketRig.Aside(calls, Expect.Ok(calls.Socket(AF_INET, SOCK_STREAM)));
        Expect.Ok(calls.Close(closed));
        foreach (int none in (int[])[-1, closed, 1 << 20])
        {
            Expect.Error(EBADF, calls.Bind(none, SocketRig.ClientAt(0)));
            Expect.Error(EBADF, calls.Listen(none, 1));
            Expect.Error(EBADF, calls.Accept(none, out _));
            Expect.Error(EBADF, calls.Connect(none, SocketRig.ServerAt(1)));
            Expect.Error(EBADF, calls.Send(none, s_bytes));
            Expect.Error(EBADF, calls.SendTo(none, s_bytes, SocketRig.ServerAt(1)));
            Expect.Error(EBADF, calls.SendMsg(none, new MsgHdr(s_bytes)));
            Expect.Error(EBADF, calls.SendMMsg(none, [new MsgHdr(s_bytes)]));
            Expect.Error(EBADF, calls.Write(none, s_bytes));
            Expect.Error(EBADF, calls.Recv(none, s_bytes));
            Expect.Error(EBADF, calls.RecvFrom(none, s_bytes, out _));
            Expect.Error(EBADF, calls.RecvMsg(none, new MsgHdr(s_bytes)));
            Expect.Error(EBADF, calls.RecvMMsg(none, [new MsgHdr(s_bytes)]));
            Expect.Error(EBADF, calls.Read(none, s_bytes));
            Expect.Error(EBADF, calls.Shutdown(none, SocketShutdown.Both));
            Expect.Error(EBADF, calls.Close(none));
            Expect.Error(EBADF, calls.Dup(none));
            Expect.Error(EBADF, calls.Dup2(none, 100));
            Expect.Error(EBADF, calls.GetSockName(none, out _));
            Expect.Error(EBADF, calls.GetPeerName(none, out _));
            Expect.Error(EBADF, calls.SetSockOpt(none, SOL_SOCKET, SO_KEEPALIVE, 1));
            Expect.Error(EBADF, calls.GetSockOpt(none, SOL_SOCKET, SO_TYPE, out int _));
            Expect.Error(EBADF, calls.Fcntl(none, FileControl.F_GETFL));
            int argument = 1;
            Expect.Error(EBADF, calls.Ioctl(none, FIONBIO, ref argument));
        }
    }

    [TestMethod, OnBothSides]
    public void A_socket_without_a_connection_says_so(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        int socket = Expect.Ok(calls.Socket(AF_INET, SOCK_STREAM));
        Expect.Error(ENOTCONN, calls.Recv(socket, s_bytes));
        Expect.Error(EPIPE, calls.Send(socket, s_bytes));
        Expect.Error(ENOTCONN, calls.Shutdown(socket, SocketShutdown.Both));
        Expect.Error(ENOTCONN, calls.GetPeerName(socket, out _));
        Expect.Error(EINVAL, calls.Accept(socket, out _));
    }

    [TestMethod, OnBothSides]
    public void A_connection_carries_bytes_both_ways(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        Expect.Result(8, rig.Client.Send(client, s_bytes));
        Assert.AreEqual(PollEvents.POLLIN, SocketRig.Await(rig.Server, server, PollEvents.POLLIN));
        Expect.Result(8, rig.Server.Recv(server, s_bytes));
        FdSet set = new();
        set.Set(server);
        Expect.Result(0, rig.Server.Select(server + 1, set, null, null, 0));
        Expect.Ok(rig.Client.Close(client));
        set.Set(server);
        Expect.Result(1, rig.Server.Select(server + 1, set, null, null, 30_000));
        Expect.Result(0, rig.Server.Recv(server, s_bytes));
    }
}
