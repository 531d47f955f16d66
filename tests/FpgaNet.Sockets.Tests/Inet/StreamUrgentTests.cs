using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using FpgaNet.Stack.Sockets.Kernel;
using static FpgaNet.Sockets.Tests.Inet.StreamRig;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.MessageFlags;
using static FpgaNet.Stack.Sockets.Abi.PollEvents;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Inet;

/// <summary>Out-of-band data of streams (tcp(7), glibc manual §16.9.8, 4.4BSD): byte, mark, SO_OOBINLINE, POLLPRI, select's third set.</summary>
[TestClass]
public sealed class StreamUrgentTests
{
    [TestMethod, OnBothSides]
    public void The_urgent_byte_is_had_apart_from_the_stream(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        ISocketCalls calls = rig.Server;
        Assert.AreEqual(nameof(EINVAL), calls.Hear(server, 1, MSG_OOB)); // there is none
        rig.Client.Say(client, "abc");
        rig.Client.Say(client, "de", MSG_OOB); // the last byte is the urgent one
        rig.Client.Say(client, "fg");
        AwaitQueued(rig, client);
        calls.Polls(server, Readable | Writable | POLLPRI);
        Assert.AreEqual(0, calls.Ask(server, SIOCATMARK));
        Assert.AreEqual(4, calls.Ask(server, FIONREAD)); // up to the mark
        Assert.AreEqual("e", calls.Hear(server, 1, MSG_OOB | MSG_PEEK));
        Assert.AreEqual("e", calls.Hear(server, 5, MSG_OOB));
        Assert.AreEqual(nameof(EINVAL), calls.Hear(server, 1, MSG_OOB)); // once
        calls.Polls(server, Readable | Writable);
        Assert.AreEqual("ab", calls.Hear(server, 2));
        Assert.AreEqual("cd", calls.Hear(server)); // ends before the mark
        Assert.AreEqual(1, calls.Ask(server, SIOCATMARK));
        Assert.AreEqual(0, calls.Ask(server, FIONREAD));
        Assert.AreEqual("fg", calls.Hear(server, 10, MSG_PEEK));
        Assert.AreEqual(1, calls.Ask(server, SIOCATMARK));
        Assert.AreEqual("fg", calls.Hear(server));
        Assert.AreEqual(0, calls.Ask(server, SIOCATMARK));
    }

    [TestMethod, OnBothSides]
    public void Reading_past_the_mark_loses_the_urgent_byte(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        ISocketCalls calls = rig.Server;
        rig.Client.Say(client, "a", MSG_OOB);
        calls.Await(server, POLLPRI);
        calls.Polls(server, Writable | POLLPRI); // nothing of the stream
        Assert.AreEqual(1, calls.Ask(server, SIOCATMARK));
        Assert.AreEqual(nameof(EAGAIN), calls.Hear(server, 1, MSG_DONTWAIT));
        Assert.AreEqual(nameof(EINVAL), calls.Hear(server, 1, MSG_OOB));
        Assert.AreEqual(0, calls.Ask(server, SIOCATMARK));
        calls.Polls(server, Writable);
        rig.Client.Say(client, "bc");
        calls.AwaitBytes(server, 2);
        Assert.AreEqual("bc", calls.Hear(server));
    }

    [TestMethod, OnBothSides]
    public void Inline_the_urgent_byte_stays_in_the_stream(Side side)
    {
        using SocketRig rig = new(side);
        int listening = rig.Listen(out SockAddr address);
        Expect.Ok(rig.Server.SetSockOpt(listening, SOL_SOCKET, SO_OOBINLINE, 1)); // accepted sockets have it too
        int client = rig.Client.Stream();
        Expect.Ok(rig.Client.Connect(client, address));
        int server = Expect.Ok(rig.Server.Accept(listening, out _));
        ISocketCalls calls = rig.Server;
        Assert.AreEqual(1, calls.Option(server, SOL_SOCKET, SO_OOBINLINE));
        rig.Client.Say(client, "ab");
        rig.Client.Say(client, "XY", MSG_OOB);
        rig.Client.Say(client, "c");
        AwaitQueued(rig, client);
        calls.Polls(server, Readable | Writable | POLLPRI);
        Assert.AreEqual(5, calls.Ask(server, FIONREAD));
        Assert.AreEqual(nameof(EINVAL), calls.Hear(server, 1, MSG_OOB));
        Assert.AreEqual("abX", calls.Hear(server));
        Assert.AreEqual(1, calls.Ask(server, SIOCATMARK));
        calls.Polls(server, Readable | Writable | POLLPRI);
        Assert.AreEqual("Yc", calls.Hear(server));
        Assert.AreEqual(0, calls.Ask(server, SIOCATMARK));
        calls.Polls(server, Writable);
    }

    [TestMethod, OnBothSides]
    public void A_later_urgent_byte_takes_the_place_of_an_earlier_one(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        ISocketCalls calls = rig.Server;
        rig.Client.Say(client, "ab");
        rig.Client.Say(client, "X", MSG_OOB);
        rig.Client.Say(client, "Y", MSG_OOB);
        AwaitQueued(rig, client);
        Assert.AreEqual(3, calls.Ask(server, FIONREAD));
        Assert.AreEqual("Y", calls.Hear(server, 1, MSG_OOB));
        Assert.AreEqual("abX", calls.Hear(server)); // the earlier one is as any other
        Assert.AreEqual(1, calls.Ask(server, SIOCATMARK));
    }

    [TestMethod, OnBothSides]
    public void Waiting_for_all_ends_at_the_mark(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        rig.Client.Say(client, "abc");
        rig.Client.Say(client, "X", MSG_OOB);
        rig.Client.Say(client, "def");
        AwaitQueued(rig, client);
        Assert.AreEqual("abc", rig.Server.Hear(server, 5, MSG_WAITALL));
        Assert.AreEqual("def", rig.Server.Hear(server, 3, MSG_WAITALL));
    }

    [TestMethod, OnBothSides]
    public void What_has_no_urgent_byte(Side side)
    {
        using SocketRig rig = new(side);
        Assert.AreEqual(nameof(EINVAL), rig.Client.Hear(rig.Client.Stream(), 1, MSG_OOB));
        Expect.Error(EPIPE, rig.Client.Send(rig.Client.Stream(), new byte[1], MSG_OOB | MSG_NOSIGNAL));
        (int client, int server) = rig.Connect();
        Expect.Ok(rig.Client.Close(client));
        rig.Server.Await(server, POLLRDHUP);
        Assert.AreEqual(nameof(EINVAL), rig.Server.Hear(server, 1, MSG_OOB));
    }

    [TestMethod, OnBothSides]
    public void Select_has_a_set_for_it(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        rig.Client.Say(client, "!", MSG_OOB);
        FdSet exceptional = new();
        exceptional.Set(server);
        Expect.Result(1, rig.Server.Select(server + 1, null, null, exceptional, 30_000));
        Assert.IsTrue(exceptional.IsSet(server));
        Assert.AreEqual("!", rig.Server.Hear(server, 1, MSG_OOB));
        Expect.Result(0, rig.Server.Select(server + 1, null, null, exceptional, 0));
    }

    [TestMethod]
    public void The_announcement_is_told_as_SIGURG_is()
    {
        using SocketHosts hosts = new();
        (KernelSocket client, KernelSocket server, KernelSocket listening) = hosts.Connect();
        using ManualResetEventSlim told = new();
        using (server.SetUpcall(POLLPRI, _ => told.Set()))
        {
            MessageOut message = new() { Data = new GatherList([1]) };
            Assert.AreEqual(Errno.None, client.Send(ref message, out _));
            server.AwaitReadable();
            Assert.IsFalse(told.IsSet, "bytes as any other");
            message = new MessageOut { Data = new GatherList([2]), Flags = MSG_OOB };
            Assert.AreEqual(Errno.None, client.Send(ref message, out _));
            Assert.IsTrue(told.Wait(TimeSpan.FromSeconds(30)));
        }

        foreach (KernelSocket socket in (KernelSocket[])[client, server, listening])
        {
            Assert.AreEqual(Errno.None, socket.Close());
        }
    }

    // Until all that the client has sent lies in the server's queue.
    private static void AwaitQueued(SocketRig rig, int client)
    {
        for (int waited = 0; rig.Client.Ask(client, SIOCOUTQ) != 0; waited++)
        {
            Assert.IsLessThan(30_000, waited);
            Thread.Sleep(1);
        }
    }
}
