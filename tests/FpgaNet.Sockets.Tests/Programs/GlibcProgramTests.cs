using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Testing;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Programs;

/// <summary>The glibc manual's programs, each of them on our sockets with the other end on Linux's, and the other way round.</summary>
[TestClass]
public sealed class GlibcProgramTests
{
    [TestMethod]
    [DataRow(Side.Ours, SocketDomain.AF_INET)]
    [DataRow(Side.Ours, SocketDomain.AF_INET6)]
    [DataRow(Side.Linux, SocketDomain.AF_INET)]
    [DataRow(Side.Linux, SocketDomain.AF_INET6)]
    public void Clients_write_to_the_server_with_select(Side server, SocketDomain domain)
    {
        const int Clients = 12;
        using TapRig rig = new();
        int listening = GlibcPrograms.MakeSocket(rig.Of(server), domain, out SockAddr name);
        Expect.Ok(rig.Of(server).Listen(listening, Clients)); // the manual says 1; then Linux may answer with SYN cookies and reset whom it finds no room for
        Task<List<string>> serving = Task.Run(() => GlibcPrograms.SelectServer(rig.Of(server), listening, Clients));
        string[] sent = [.. Enumerable.Range(0, Clients).Select(static i => $"client {i} says {new string('x', 300 * i)}")];
        SockAddr address = TapRig.At(server, domain == SocketDomain.AF_INET6, name.Port);
        ISocketCalls client = rig.Of(server == Side.Ours ? Side.Linux : Side.Ours);
        Parallel.ForEach(sent, message => GlibcPrograms.StreamClient(client, address, message));
        Assert.IsTrue(serving.Wait(TimeSpan.FromMinutes(1)));
        CollectionAssert.AreEquivalent(sent, serving.Result);
    }

    [TestMethod]
    [DataRow(Side.Ours)]
    [DataRow(Side.Linux)]
    public void What_comes_in_front_of_the_mark_is_discarded(Side receiver)
    {
        using TapRig rig = new();
        ISocketCalls calls = rig.Of(receiver);
        ISocketCalls peer = rig.Of(receiver == Side.Ours ? Side.Linux : Side.Ours);
        byte[] before = new byte[5000];
        TestSeed.Random().NextBytes(before);
        int listening = GlibcPrograms.MakeSocket(calls, SocketDomain.AF_INET, out SockAddr name);
        Expect.Ok(calls.Listen(listening, 1));
        int sender = Expect.Ok(peer.Socket(SocketDomain.AF_INET, SocketKind.SOCK_STREAM));
        Expect.Ok(peer.Connect(sender, TapRig.At(receiver, isInet6: false, name.Port)));
        int socket = Expect.Ok(calls.Accept(listening, out _));
        Expect.Result(before.Length, peer.Send(sender, before));
        Expect.Result(1, peer.Send(sender, "!"u8, MessageFlags.MSG_OOB));
        Expect.Result(5, peer.Send(sender, "after"u8));

        Assert.AreEqual(PollEvents.POLLPRI, SocketRig.Await(calls, socket, PollEvents.POLLPRI)); // the manual's SIGURG: only now is there a mark to look for
        Assert.AreEqual(before.Length, GlibcPrograms.DiscardUntilMark(calls, socket));
        byte[] rest = new byte[5];
        Expect.Result(1, calls.Recv(socket, rest, MessageFlags.MSG_OOB));
        Assert.AreEqual((byte)'!', rest[0]);
        Expect.Result(5, calls.Recv(socket, rest, MessageFlags.MSG_WAITALL));
        CollectionAssert.AreEqual("after"u8.ToArray(), rest);
        Expect.Ok(calls.Close(socket));
        Expect.Ok(calls.Close(listening));
        Expect.Ok(peer.Close(sender));
    }

    [TestMethod]
    [DataRow(Side.Ours)]
    [DataRow(Side.Linux)]
    public void Urgent_data_inline_stays_in_the_stream_behind_the_mark(Side receiver)
    {
        using TapRig rig = new();
        ISocketCalls calls = rig.Of(receiver);
        ISocketCalls peer = rig.Of(receiver == Side.Ours ? Side.Linux : Side.Ours);
        int listening = GlibcPrograms.MakeSocket(calls, SocketDomain.AF_INET, out SockAddr name);
        Expect.Ok(calls.SetSockOpt(listening, SOL_SOCKET, SO_OOBINLINE, 1));
        Expect.Ok(calls.Listen(listening, 1));
        int sender = Expect.Ok(peer.Socket(SocketDomain.AF_INET, SocketKind.SOCK_STREAM));
        Expect.Ok(peer.Connect(sender, TapRig.At(receiver, isInet6: false, name.Port)));
        int socket = Expect.Ok(calls.Accept(listening, out _));
        Expect.Result(6, peer.Send(sender, "before"u8));
        Expect.Result(1, peer.Send(sender, "!"u8, MessageFlags.MSG_OOB));
        SocketRig.Await(calls, socket, PollEvents.POLLPRI);
        Assert.AreEqual(6, GlibcPrograms.DiscardUntilMark(calls, socket));
        byte[] rest = new byte[2];
        Expect.Result(1, calls.Read(socket, rest));
        Assert.AreEqual((byte)'!', rest[0]);
        Expect.Error(Errno.EINVAL, calls.Recv(socket, rest, MessageFlags.MSG_OOB));
        Expect.Ok(calls.Close(socket));
        Expect.Ok(calls.Close(listening));
        Expect.Ok(peer.Close(sender));
    }
}
