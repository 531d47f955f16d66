using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using FpgaNet.Testing;
using static FpgaNet.Sockets.Tests.Inet.StreamRig;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.MessageFlags;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Inet;

/// <summary>Flags of send and recv on streams (send(2), recv(2), tcp(7)), and how much a receiving call waits for (SO_RCVLOWAT, socket(7)).</summary>
[TestClass]
public sealed class StreamFlagTests
{
    [TestMethod, OnBothSides]
    public void Peeking_leaves_the_bytes(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        Assert.AreEqual(nameof(EAGAIN), rig.Server.Hear(server, 1, MSG_PEEK | MSG_DONTWAIT));
        for (int i = 0; i < 3; i++)
        {
            rig.Client.Say(client, "abc");
        }

        rig.Server.AwaitBytes(server, 9);
        Assert.AreEqual("abcabcabc", rig.Server.Hear(server, 100, MSG_PEEK)); // over several segments
        Assert.AreEqual("abcabcab", rig.Server.Hear(server, 8, MSG_PEEK));
        MsgHdr scattered = new(new byte[2], new byte[5], new byte[9]);
        Expect.Result(9, rig.Server.RecvMsg(server, scattered, MSG_PEEK));
        CollectionAssert.AreEqual("abcabcabc"u8.ToArray(), (byte[])[.. scattered.Runs[0].Span, .. scattered.Runs[1].Span, .. scattered.Runs[2].Span[..2]]);
        Assert.AreEqual(9, rig.Server.Ask(server, FIONREAD));
        Assert.AreEqual("abcabcabc", rig.Server.Hear(server));
    }

    [TestMethod, OnBothSides]
    public void Truncating_throws_bytes_away(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        rig.Client.Say(client, "123456");
        rig.Server.AwaitBytes(server, 6);
        Expect.Result(4, rig.Server.Recv(server, new byte[4], MSG_TRUNC | MSG_PEEK));
        Expect.Result(4, rig.Server.Recv(server, new byte[4], MSG_TRUNC));
        Assert.AreEqual("56", rig.Server.Hear(server));
    }

    [TestMethod, OnBothSides]
    public void Waiting_for_all_waits_for_all_or_the_end(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        string heard = string.Empty;
        Thread hearing = new(() => heard = rig.Server.Hear(server, 6, MSG_WAITALL));
        hearing.Start();
        rig.Client.Say(client, "abc");
        Assert.IsFalse(hearing.Join(TimeSpan.FromMilliseconds(50)), "three of six are not all");
        rig.Client.Say(client, "def");
        Assert.IsTrue(hearing.Join(TimeSpan.FromSeconds(30)));
        Assert.AreEqual("abcdef", heard);
        rig.Client.Say(client, "gh");
        Expect.Ok(rig.Client.Close(client));
        Assert.AreEqual("gh", rig.Server.Hear(server, 6, MSG_WAITALL));
        Assert.AreEqual(string.Empty, rig.Server.Hear(server, 6, MSG_WAITALL));
    }

    [TestMethod, OnBothSides]
    public void Waiting_for_all_and_peeking_waits_for_all(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        string heard = string.Empty;
        Thread hearing = new(() => heard = rig.Server.Hear(server, 6, MSG_WAITALL | MSG_PEEK));
        hearing.Start();
        rig.Client.Say(client, "abc");
        Assert.IsFalse(hearing.Join(TimeSpan.FromMilliseconds(50)), "three of six are not all");
        rig.Client.Say(client, "def");
        Assert.IsTrue(hearing.Join(TimeSpan.FromSeconds(30)));
        Assert.AreEqual("abcdef", heard);
        Expect.Ok(rig.Server.SetSockOpt(server, SOL_SOCKET, SO_RCVTIMEO, Time(30)));
        Assert.AreEqual("abcdef", rig.Server.Hear(server, 9, MSG_WAITALL | MSG_PEEK)); // the time is up
        Assert.AreEqual("abcdef", rig.Server.Hear(server, 9, MSG_WAITALL));
        Assert.AreEqual(nameof(EAGAIN), rig.Server.Hear(server, 9, MSG_WAITALL));
    }

    [TestMethod, OnBothSides]
    public void Who_does_not_wait_gets_what_is_there(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        Assert.AreEqual(nameof(EAGAIN), rig.Server.Hear(server, 6, MSG_WAITALL | MSG_DONTWAIT));
        rig.Client.Say(client, "abc");
        rig.Server.AwaitBytes(server, 3);
        Assert.AreEqual("abc", rig.Server.Hear(server, 6, MSG_WAITALL | MSG_DONTWAIT | MSG_PEEK));
        Assert.AreEqual("abc", rig.Server.Hear(server, 6, MSG_WAITALL | MSG_DONTWAIT));
    }

    [TestMethod, OnBothSides]
    public void What_is_not_sent_yet_is_bounded_when_that_is_asked_for(Side side)
    {
        const int Bound = 100_000; // Linux counts by the buffers that it has begun
        using SocketRig rig = new(side);
        foreach (bool isBounded in (bool[])[true, false])
        {
            (int client, int server) = rig.Connect();
            Expect.Ok(rig.Server.SetSockOpt(server, SOL_SOCKET, SO_RCVBUF, 4000));
            Expect.Ok(rig.Client.SetSockOpt(client, SOL_SOCKET, SO_SNDBUF, 200_000));
            Expect.Ok(isBounded ? rig.Client.SetSockOpt(client, SOL_TCP, TCP_NOTSENT_LOWAT, 16384) : 0);
            byte[] bytes = new byte[1000];
            PollFd[] list = [new() { Descriptor = client, Events = PollEvents.POLLOUT }];
            int taken = 0;
            int most = 0;

            // The peer reads nothing: sooner or later it is full.
            while (isBounded ? Expect.Ok(rig.Client.Poll(list, 100)) > 0 : most <= Bound)
            {
                int result = rig.Client.Send(client, bytes, MessageFlags.MSG_DONTWAIT | MessageFlags.MSG_NOSIGNAL);
                Assert.IsTrue(result > 0 || result == -(int)EAGAIN, $"{result}");
                taken += Math.Max(0, result);
                int unsent = 0;
                Expect.Ok(rig.Client.Ioctl(client, SIOCOUTQNSD, ref unsent));
                most = Math.Max(most, unsent);
            }

            Assert.AreEqual(isBounded, most <= Bound, $"{most} of {taken}");
            Expect.Result(taken, rig.Server.Recv(server, new byte[taken], MessageFlags.MSG_WAITALL));
            rig.Client.Await(client, PollEvents.POLLOUT);
        }
    }

    [TestMethod, OnBothSides]
    public void A_send_that_waits_until_enough_is_sent_goes_on(Side side)
    {
        using SocketRig rig = new(side);
        foreach (int limit in (int[])[1, 3000, 16384])
        {
            (int client, int server) = rig.Connect();
            Expect.Ok(rig.Client.SetSockOpt(client, SOL_TCP, TCP_NOTSENT_LOWAT, limit));
            byte[] bytes = new byte[500_000];
            TestSeed.Random().NextBytes(bytes);
            int sent = 0;
            Thread sending = new(() => sent = rig.Client.SendMsg(client, new MsgHdr(bytes.AsMemory(0, 10), bytes.AsMemory(10)))) { IsBackground = true };
            sending.Start();
            byte[] received = new byte[bytes.Length];
            Expect.Result(bytes.Length, rig.Server.Recv(server, received, MSG_WAITALL));
            Assert.IsTrue(sending.Join(TimeSpan.FromSeconds(30)));
            Assert.AreEqual(bytes.Length, sent);
            CollectionAssert.AreEqual(bytes, received);
        }
    }

    [TestMethod, OnBothSides]
    public void A_low_water_mark_holds_back_recv_and_poll(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        Assert.AreEqual(1, rig.Server.Option(server, SOL_SOCKET, SO_RCVLOWAT));
        Expect.Ok(rig.Server.SetSockOpt(server, SOL_SOCKET, SO_RCVLOWAT, 4));
        Assert.AreEqual(1, rig.Server.Option(server, SOL_SOCKET, SO_SNDLOWAT));
        Expect.Error(ENOPROTOOPT, rig.Server.SetSockOpt(server, SOL_SOCKET, SO_SNDLOWAT, 4));
        rig.Client.Say(client, "ab");
        rig.Server.AwaitBytes(server, 2);
        rig.Server.Polls(server, Writable);
        string heard = string.Empty;
        Thread hearing = new(() => heard = rig.Server.Hear(server, 9));
        hearing.Start();
        Assert.IsFalse(hearing.Join(TimeSpan.FromMilliseconds(50)), "two of four");
        rig.Client.Say(client, "cdef"); // Linux is not woken by less than four
        Assert.IsTrue(hearing.Join(TimeSpan.FromSeconds(30)));
        Assert.AreEqual("abcdef", heard);
        rig.Client.Say(client, "ghij");
        rig.Server.Await(server, PollEvents.POLLIN);
    }

    [TestMethod, OnBothSides]
    public void What_means_nothing_to_a_stream_is_ignored(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        Expect.Result(3, rig.Client.SendTo(client, "abc"u8, SocketRig.Unreachable(9), MSG_EOR | MSG_DONTROUTE | MSG_NOSIGNAL));
        rig.Server.AwaitBytes(server, 3);
        byte[] bytes = new byte[3];
        Expect.Result(3, rig.Server.RecvFrom(server, bytes, out SockAddr from));
        Assert.AreEqual(SocketDomain.AF_UNSPEC, from.Family);
        Expect.Result(0, rig.Client.Send(client, []));
    }

    [TestMethod, OnBothSides]
    public void A_stream_has_no_error_queue(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        rig.Client.Say(client, "abc");
        rig.Server.AwaitBytes(server, 3);
        Assert.AreEqual(nameof(EAGAIN), rig.Server.Hear(server, 9, MSG_ERRQUEUE));
        Assert.AreEqual("abc", rig.Server.Hear(server));
    }

    [TestMethod, OnBothSides]
    public void A_partial_send_leaves_its_error_to_the_next_call(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        Expect.Ok(rig.Client.SetSockOpt(client, SOL_SOCKET, SO_SNDBUF, 20_000));
        int sent = 0;
        Thread sending = new(() => sent = rig.Client.Send(client, new byte[40_000_000]));
        sending.Start();
        rig.Server.AwaitBytes(server, 1000);
        Assert.IsFalse(sending.Join(TimeSpan.FromMilliseconds(50)), "so much fits nowhere");
        rig.Server.Reset(server);
        Assert.IsTrue(sending.Join(TimeSpan.FromSeconds(30)));
        Assert.IsGreaterThan(0, sent);
        Assert.IsLessThan(40_000_000, sent);
        Expect.Error(ECONNRESET, rig.Client.Send(client, new byte[1]));
    }

    [TestMethod, OnBothSides]
    public void A_full_buffer_makes_who_does_not_wait_come_again(Side side)
    {
        using SocketRig rig = new(side);
        (int client, int server) = rig.Connect();
        byte[] chunk = new byte[100_000];
        int sent = 0;
        int result;
        while ((result = rig.Client.Send(client, chunk, MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
        {
            sent += result;
            Thread.Sleep(1);
        }

        Expect.Error(EAGAIN, result);
        int received = 0;
        while (received < sent)
        {
            received += Expect.Ok(rig.Server.Recv(server, chunk, MSG_TRUNC));
        }

        rig.Client.Await(client, PollEvents.POLLOUT);
        rig.Client.Say(client, "x");
    }
}
