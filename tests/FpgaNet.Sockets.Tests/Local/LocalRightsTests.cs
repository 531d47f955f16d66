using System.Net.Sockets;
using System.Runtime.InteropServices;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Local;

/// <summary>Descriptors passed by SCM_RIGHTS (unix(7)): what arrives, what keeps a socket open, and what closes it.</summary>
[TestClass]
public sealed class LocalRightsTests
{
    private static readonly SocketKind[] s_kinds = [SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM];

    [TestMethod, OnBothSides]
    public void A_descriptor_passed_stands_for_the_same_socket(Side side)
    {
        using LocalRig rig = new(side);
        foreach (SocketKind kind in s_kinds)
        {
            (int left, int right) = rig.Pair(kind);
            (int near, int far) = rig.Pair(SOCK_STREAM);
            Expect.Result(1, rig.SendRights(left, [7], near, left));
            Expect.Ok(rig.Calls.Close(near)); // on its way it stays open
            Assert.AreEqual(PollEvents.None, rig.Poll(far) & PollEvents.POLLHUP);
            int[] passed = rig.ReceiveRights(right, out int received, out MessageFlags found);
            Assert.AreEqual(1, received);
            Assert.AreEqual(MessageFlags.None, found);
            Assert.HasCount(2, passed);
            Expect.Result(2, rig.Calls.Send(passed[0], [1, 2]));
            Expect.Result(2, rig.Calls.Recv(far, new byte[4]));
            Expect.Ok(rig.Calls.Close(left));
            Expect.Result(1, rig.Calls.Send(passed[1], [3]));
            Expect.Result(1, rig.Calls.Recv(right, new byte[4]));
            Expect.Ok(rig.Calls.Close(passed[0]));
            Assert.AreEqual(PollEvents.POLLHUP, rig.Poll(far) & PollEvents.POLLHUP);
        }
    }

    [TestMethod, OnBothSides]
    public void A_connection_of_TCP_can_be_passed(Side side)
    {
        using LocalRig rig = new(side);
        (int client, int server) = rig.Rig.Connect();
        (int left, int right) = rig.Pair(SOCK_STREAM);
        Expect.Result(1, rig.SendRights(left, [7], client));
        Expect.Ok(rig.Calls.Close(client));
        int passed = rig.ReceiveRights(right, out _, out _).Single();
        Expect.Result(3, rig.Calls.Send(passed, [1, 2, 3]));
        Expect.Result(3, rig.Rig.Server.Recv(server, new byte[3], MessageFlags.MSG_WAITALL));
        Expect.Result(1, rig.SendRights(left, [7], passed));
        Expect.Ok(rig.Calls.Close(passed));
        Expect.Ok(rig.Calls.Close(right)); // closes what waits in its queue
        Expect.Result(0, rig.Rig.Server.Recv(server, new byte[3]));
    }

    [TestMethod, OnBothSides]
    public void What_cannot_be_passed_is_refused_whole(Side side)
    {
        using LocalRig rig = new(side);
        foreach (SocketKind kind in s_kinds)
        {
            (int left, int right) = rig.Pair(kind);
            Expect.Error(EBADF, rig.SendRights(left, [1], left, 1 << 20));
            Expect.Error(EINVAL, rig.SendRights(left, [1], [.. Enumerable.Repeat(right, 254)]));
            Expect.Result(1, rig.SendRights(left, [1], [.. Enumerable.Repeat(right, 253)]));
            Assert.HasCount(253, rig.ReceiveRights(right, out _, out _, rights: 253));
            Expect.Result(1, rig.SendRights(left, [2]));
            Assert.IsEmpty(rig.ReceiveRights(right, out int received, out _));
            Assert.AreEqual(1, received);
            Expect.Error(EINVAL, rig.Calls.SendMsg(left, new MsgHdr(new byte[1]) { Control = LocalRig.Control(77, [1]) }));
            byte[] broken = LocalRig.Control(SCM_RIGHTS, MemoryMarshal.AsBytes<int>((int[])[left]));
            broken[0] = 255;
            Expect.Error(EINVAL, rig.Calls.SendMsg(left, new MsgHdr(new byte[1]) { Control = broken }));
        }
    }

    [TestMethod, OnBothSides]
    public void What_finds_no_room_is_closed(Side side)
    {
        using LocalRig rig = new(side);
        foreach (SocketKind kind in s_kinds)
        {
            (int left, int right) = rig.Pair(kind);
            foreach (int room in (int[])[0, 1, 2])
            {
                (int a, int atA) = rig.Pair(SOCK_STREAM);
                (int b, int atB) = rig.Pair(SOCK_STREAM);
                (int c, int atC) = rig.Pair(SOCK_STREAM);
                Expect.Result(1, rig.SendRights(left, [1], a, b, c));
                Array.ForEach<int>([a, b, c], each => Expect.Ok(rig.Calls.Close(each)));
                int[] passed = rig.ReceiveRights(right, out _, out MessageFlags found, rights: room);
                Assert.AreEqual(MessageFlags.MSG_CTRUNC, found);
                int got = passed.Length;
                Assert.IsTrue(got == room || (room == 1 && got == 2), $"{got} for {room}"); // room for one, aligned, is room for two
                PollEvents[] ends = [.. new[] { atA, atB, atC }.Select(each => rig.Poll(each) & PollEvents.POLLHUP)];
                CollectionAssert.AreEqual(Enumerable.Range(0, 3).Select(i => i < got ? PollEvents.None : PollEvents.POLLHUP).ToArray(), ends);
            }

            // recv() has no room at all.
            (int d, int atD) = rig.Pair(SOCK_STREAM);
            Expect.Result(1, rig.SendRights(left, [1], d));
            Expect.Ok(rig.Calls.Close(d));
            Expect.Result(1, rig.Calls.Recv(right, new byte[1]));
            Assert.AreEqual(PollEvents.POLLHUP, rig.Poll(atD) & PollEvents.POLLHUP);
        }
    }

    [TestMethod]
    public void What_finds_no_number_is_closed()
    {
        using SocketHosts hosts = new();
        DescriptorTable table = hosts.A.Calls;
        Assert.AreEqual(0, table.SocketPair(SocketDomain.AF_LOCAL, SOCK_STREAM, 0, out int left, out int right));
        Assert.AreEqual(0, table.SocketPair(SocketDomain.AF_LOCAL, SOCK_STREAM, 0, out int near, out int far));
        byte[] control = LocalRig.Control(SCM_RIGHTS, MemoryMarshal.AsBytes<int>((int[])[near, near]));
        MessageOut sent = new() { Data = new GatherList([1]), Control = control };
        Assert.AreEqual(1, table.SendMsg(left, ref sent));
        table.Limit = table.Count + 1;
        MessageIn received = new() { Data = new ScatterList(new byte[1]), Control = new byte[control.Length] };
        Assert.AreEqual(1, table.RecvMsg(right, ref received));
        Assert.AreEqual(MessageFlags.MSG_CTRUNC, received.Found);
        Assert.AreEqual(ControlWriter.Space(sizeof(int)), received.ControlLength);
        Assert.AreEqual(0, table.Close(near));
        Assert.AreEqual(0, table.Close(table.Limit - 1)); // the one that found a number was the last to keep it open
        Assert.AreEqual(0, table.Recv(far, new byte[1], MessageFlags.None));
    }

    [TestMethod, OnBothSides]
    public void Rights_end_a_run_of_bytes(Side side)
    {
        using LocalRig rig = new(side);
        (int left, int right) = rig.Pair(SOCK_STREAM);
        Expect.Ok(rig.Calls.Send(left, [1, 2]));
        Expect.Ok(rig.SendRights(left, [3, 4], left));
        Expect.Ok(rig.Calls.Send(left, [5, 6]));
        Assert.HasCount(1, rig.ReceiveRights(right, out int received, out _, flags: MessageFlags.MSG_PEEK));
        Assert.AreEqual(4, received);
        Assert.HasCount(1, rig.ReceiveRights(right, out received, out _, room: 3, flags: MessageFlags.MSG_WAITALL));
        Assert.AreEqual(3, received);
        Assert.IsEmpty(rig.ReceiveRights(right, out received, out _));
        Assert.AreEqual(3, received); // 4, 5, 6
        Expect.Ok(rig.SendRights(left, [1], left));
        Expect.Ok(rig.Calls.Send(left, [2]));
        Assert.HasCount(1, rig.ReceiveRights(right, out received, out _, room: 2, flags: MessageFlags.MSG_WAITALL));
        Assert.AreEqual(1, received);
        Assert.IsEmpty(rig.ReceiveRights(right, out received, out _));
        Assert.AreEqual(1, received);
    }

    [TestMethod, OnBothSides]
    public void Nothing_goes_with_no_bytes_of_a_stream_but_with_an_empty_message(Side side)
    {
        using LocalRig rig = new(side);
        (int left, int right) = rig.Pair(SOCK_STREAM);
        (int near, int far) = rig.Pair(SOCK_STREAM);
        Expect.Result(0, rig.SendRights(left, [], near));
        Expect.Ok(rig.Calls.Close(near));
        Assert.AreEqual(PollEvents.POLLHUP, rig.Poll(far) & PollEvents.POLLHUP);
        Expect.Error(EAGAIN, rig.Calls.Recv(right, new byte[1], MessageFlags.MSG_DONTWAIT));
        (left, right) = rig.Pair(SOCK_SEQPACKET);
        Expect.Result(0, rig.SendRights(left, [], far));
        Assert.HasCount(1, rig.ReceiveRights(right, out int received, out _));
        Assert.AreEqual(0, received);
    }

    [TestMethod, OnBothSides]
    public void Peeking_passes_a_further_descriptor(Side side)
    {
        using LocalRig rig = new(side);
        foreach (SocketKind kind in s_kinds)
        {
            (int left, int right) = rig.Pair(kind);
            (int near, int far) = rig.Pair(SOCK_STREAM);
            Expect.Result(1, rig.SendRights(left, [1], near));
            Expect.Ok(rig.Calls.Close(near));
            int peeked = rig.ReceiveRights(right, out _, out _, flags: MessageFlags.MSG_PEEK).Single();
            int passed = rig.ReceiveRights(right, out _, out _).Single();
            Assert.AreNotEqual(peeked, passed);
            Expect.Ok(rig.Calls.Close(passed));
            Expect.Result(1, rig.Calls.Send(peeked, [1]));
            Expect.Ok(rig.Calls.Close(peeked));
            Expect.Result(1, rig.Calls.Recv(far, new byte[1]));
            Expect.Result(0, rig.Calls.Recv(far, new byte[1]));
        }
    }

    [TestMethod, OnBothSides]
    public void Circles_of_sockets_that_nobody_can_receive_are_closed(Side side)
    {
        using LocalRig rig = new(side);
        foreach (int length in (int[])[1, 2, 7])
        {
            (int canary, int cage) = rig.Pair(SOCK_STREAM);
            (int Left, int Right)[] ring = [.. Enumerable.Range(0, length).Select(_ => rig.Pair(SOCK_SEQPACKET))];
            for (int i = 0; i < length; i++)
            {
                // What is in the queue of each right end is the right end of the next.
                Expect.Ok(rig.SendRights(ring[i].Left, [1], ring[(i + 1) % length].Right));
            }

            Expect.Ok(rig.SendRights(ring[0].Left, [2], canary));
            Expect.Ok(rig.Calls.Close(canary));
            foreach ((int left, int right) in ring)
            {
                Assert.AreEqual(PollEvents.None, rig.Poll(cage) & PollEvents.POLLHUP, "it can be received still");
                Expect.Ok(rig.Calls.Close(left));
                Expect.Ok(rig.Calls.Close(right));
            }

            AwaitEnd(rig, cage);
        }
    }

    [TestMethod, OnBothSides]
    public void A_circle_that_can_be_received_stays(Side side)
    {
        using LocalRig rig = new(side);
        (int outer, int held) = rig.Pair(SOCK_STREAM);
        (int left, int right) = rig.Pair(SOCK_STREAM);
        (int canary, int cage) = rig.Pair(SOCK_STREAM);
        Expect.Ok(rig.SendRights(left, [1], right, canary)); // itself in its own queue
        Expect.Ok(rig.SendRights(outer, [2], right)); // and in another's, which has a descriptor
        Array.ForEach<int>([canary, left, right], each => Expect.Ok(rig.Calls.Close(each)));
        Assert.AreEqual(PollEvents.None, rig.Poll(cage) & PollEvents.POLLHUP);
        int received = rig.ReceiveRights(held, out _, out _).Single();
        int[] inner = rig.ReceiveRights(received, out _, out _);
        Expect.Result(1, rig.Calls.Send(inner[1], [9]));
        Expect.Result(1, rig.Calls.Recv(cage, new byte[1]));
        Expect.Ok(rig.SendRights(outer, [3], held)); // now the other is in its own queue
        Array.ForEach(inner, each => Expect.Ok(rig.Calls.Close(each)));
        AwaitEnd(rig, cage);
    }

    [TestMethod, OnBothSides]
    public void A_circle_through_a_connection_that_was_not_accepted_is_closed(Side side)
    {
        using LocalRig rig = new(side);
        SockAddr name = LocalRig.Abstract("circle");
        int server = rig.Listening(SOCK_STREAM, name);
        int client = rig.Socket(SOCK_STREAM);
        (int canary, int cage) = rig.Pair(SOCK_STREAM);
        Expect.Ok(rig.Calls.Connect(client, name));
        Expect.Ok(rig.SendRights(client, [1], server, canary));
        Expect.Ok(rig.Calls.Close(canary));
        Expect.Ok(rig.Calls.Close(server));
        AwaitEnd(rig, cage);
    }

    [TestMethod]
    public void A_long_chain_of_sockets_in_queues_closes()
    {
        using LocalRig rig = new(Side.Ours);
        (int canary, int cage) = rig.Pair(SOCK_STREAM);
        int inner = canary;
        for (int i = 0; i < 20_000; i++)
        {
            (int left, int right) = rig.Pair(SOCK_STREAM);
            Expect.Result(1, rig.SendRights(left, [1], inner));
            Expect.Ok(rig.Calls.Close(inner));
            Expect.Ok(rig.Calls.Close(left));
            inner = right;
        }

        Assert.AreEqual(PollEvents.None, rig.Poll(cage) & PollEvents.POLLHUP);
        Expect.Ok(rig.Calls.Close(inner));
        Assert.AreEqual(PollEvents.POLLHUP, rig.Poll(cage) & PollEvents.POLLHUP);
    }

    // Linux looks for circles in the background, when some local socket closes.
    private static void AwaitEnd(LocalRig rig, int cage)
    {
        if (!rig.IsOurs)
        {
            (int left, int right) = rig.Pair(SOCK_STREAM);
            Expect.Ok(rig.Calls.Close(left));
            Expect.Ok(rig.Calls.Close(right));
            SocketRig.Await(rig.Calls, cage, PollEvents.POLLIN);
        }

        Assert.AreEqual(PollEvents.POLLHUP, rig.Poll(cage) & PollEvents.POLLHUP);
        Expect.Result(0, rig.Calls.Recv(cage, new byte[1]));
        Expect.Error(EPIPE, rig.Calls.Send(cage, [1]));
        Expect.Ok(rig.Calls.Shutdown(cage, SocketShutdown.Both));
    }
}
