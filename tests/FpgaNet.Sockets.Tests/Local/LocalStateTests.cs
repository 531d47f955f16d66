using System.Net.Sockets;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Local;

/// <summary>States of a socket, its queue, its options (unix(7), socket(7)): the same on our sockets and on Linux's.</summary>
[TestClass]
public sealed class LocalStateTests
{
    private static readonly SocketKind[] s_kinds = [SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM];
    private static readonly SocketKind[] s_connections = [SOCK_STREAM, SOCK_SEQPACKET];

    [TestMethod, OnBothSides]
    public void A_listening_socket_that_closes_resets_who_was_not_accepted(Side side)
    {
        using LocalRig rig = new(side);
        foreach (SocketKind kind in s_connections)
        {
            SockAddr name = LocalRig.Abstract("reset");
            int server = rig.Listening(kind, name);
            int client = rig.Socket(kind);
            Expect.Ok(rig.Calls.Connect(client, name));
            Expect.Result(1, rig.Calls.Send(client, [1]));
            Expect.Ok(rig.Calls.Close(server));
            Expect.Error(ECONNRESET, rig.Calls.Recv(client, new byte[1]));
            Expect.Result(0, rig.Calls.Recv(client, new byte[1]));
            Expect.Error(EPIPE, rig.Calls.Send(client, [1]));
        }
    }

    [TestMethod, OnBothSides]
    public void A_peer_that_closes_ends_the_connection(Side side)
    {
        using LocalRig rig = new(side);
        foreach (SocketKind kind in s_connections)
        {
            // All was read: an end. Something was not: a reset, which a stream tells behind the data and records before it.
            (int left, int right) = rig.Pair(kind);
            Expect.Ok(rig.Calls.Send(right, [1]));
            Expect.Ok(rig.Calls.Close(right));
            Expect.Error(EPIPE, rig.Calls.Send(left, [1]));
            Expect.Result(1, rig.Calls.Recv(left, new byte[4]));
            Expect.Result(0, rig.Calls.Recv(left, new byte[4]));

            (left, right) = rig.Pair(kind);
            Expect.Ok(rig.Calls.Send(left, [1]));
            Expect.Ok(rig.Calls.Send(right, [2]));
            Expect.Ok(rig.Calls.Close(right));
            if (kind == SOCK_STREAM)
            {
                Expect.Error(EPIPE, rig.Calls.Send(left, [1]));
                Expect.Result(1, rig.Calls.Recv(left, new byte[4]));
                Expect.Error(ECONNRESET, rig.Calls.Recv(left, new byte[4]));
            }
            else
            {
                Expect.Error(ECONNRESET, rig.Calls.Send(left, [1]));
                Expect.Error(EPIPE, rig.Calls.Send(left, [1]));
                Expect.Result(1, rig.Calls.Recv(left, new byte[4]));
            }

            Expect.Result(0, rig.Calls.Recv(left, new byte[4]));

            (left, right) = rig.Pair(kind);
            Expect.Ok(rig.Calls.Send(left, [1]));
            Expect.Ok(rig.Calls.Close(right));
            Expect.Ok(rig.Calls.GetSockOpt(left, SOL_SOCKET, SO_ERROR, out int error));
            Assert.AreEqual(ECONNRESET, (Errno)error);
            Expect.Ok(rig.Calls.GetSockOpt(left, SOL_SOCKET, SO_ERROR, out error));
            Assert.AreEqual(None, (Errno)error);
        }
    }

    [TestMethod, OnBothSides]
    public void Each_direction_ends_alone(Side side)
    {
        using LocalRig rig = new(side);
        foreach (SocketKind kind in s_connections)
        {
            (int left, int right) = rig.Pair(kind);
            Expect.Ok(rig.Calls.Send(left, [1, 2]));
            Expect.Ok(rig.Calls.Shutdown(left, SocketShutdown.Send));
            Expect.Error(EPIPE, rig.Calls.Send(left, [3]));
            Expect.Result(2, rig.Calls.Recv(right, new byte[4]));
            Expect.Result(0, rig.Calls.Recv(right, new byte[4]));
            Expect.Result(1, rig.Calls.Send(right, [4]));
            Expect.Ok(rig.Calls.Shutdown(left, SocketShutdown.Receive));
            Expect.Error(EPIPE, rig.Calls.Send(right, [5]));
            Expect.Result(1, rig.Calls.Recv(left, new byte[4]));
            Expect.Result(0, rig.Calls.Recv(left, new byte[4]));
        }

        (int first, int second) = rig.Pair(SOCK_DGRAM);
        Expect.Ok(rig.Calls.Shutdown(second, SocketShutdown.Receive));
        Expect.Error(EPIPE, rig.Calls.Send(first, [1]));
        Expect.Result(0, rig.Calls.Recv(second, new byte[4]));
        Expect.Ok(rig.Calls.Shutdown(second, SocketShutdown.Send));
        Expect.Error(EPIPE, rig.Calls.Send(second, [1]));
    }

    [TestMethod, OnBothSides]
    public void Poll_says_what_a_socket_is_ready_for(Side side)
    {
        const PollEvents In = PollEvents.POLLIN | PollEvents.POLLRDNORM;
        const PollEvents Out = PollEvents.POLLOUT | PollEvents.POLLWRNORM | PollEvents.POLLWRBAND;
        using LocalRig rig = new(side);
        foreach (SocketKind kind in s_connections)
        {
            Assert.AreEqual(Out | PollEvents.POLLHUP, rig.Poll(rig.Socket(kind)));
            int server = rig.Listening(kind, LocalRig.Abstract("poll"));
            Assert.AreEqual(PollEvents.None, rig.Poll(server));
            Expect.Ok(rig.Calls.Connect(rig.Socket(kind), LocalRig.Abstract("poll")));
            Assert.AreEqual(In, rig.Poll(server));
            Expect.Ok(rig.Calls.Close(server));
            (int left, int right) = rig.Pair(kind);
            Assert.AreEqual(Out, rig.Poll(left));
            Expect.Ok(rig.Calls.Send(right, [1]));
            Assert.AreEqual(In | Out, rig.Poll(left));
            Expect.Ok(rig.Calls.Recv(left, new byte[1]));
            Expect.Ok(rig.Calls.Shutdown(right, SocketShutdown.Send));
            Assert.AreEqual(In | Out | PollEvents.POLLRDHUP, rig.Poll(left));
            Assert.AreEqual(Out, rig.Poll(right));
            Expect.Ok(rig.Calls.Shutdown(right, SocketShutdown.Receive));
            Assert.AreEqual(In | Out | PollEvents.POLLRDHUP | PollEvents.POLLHUP, rig.Poll(left));
            Assert.AreEqual(In | Out | PollEvents.POLLRDHUP | PollEvents.POLLHUP, rig.Poll(right));
            (left, right) = rig.Pair(kind);
            Expect.Ok(rig.Calls.Send(left, [1]));
            Expect.Ok(rig.Calls.Close(right));
            Assert.AreEqual(In | Out | PollEvents.POLLRDHUP | PollEvents.POLLHUP | PollEvents.POLLERR, rig.Poll(left));
        }

        (int first, int second) = rig.Pair(SOCK_DGRAM);
        Assert.AreEqual(Out, rig.Poll(first));
        Expect.Ok(rig.Calls.Send(first, [1]));
        Assert.AreEqual(In | Out, rig.Poll(second));
        Expect.Ok(rig.Calls.Close(second));
        Assert.AreEqual(Out, rig.Poll(first));
        Expect.Ok(rig.Calls.Shutdown(first, SocketShutdown.Receive));
        Assert.AreEqual(In | Out | PollEvents.POLLRDHUP, rig.Poll(first));
    }

    [TestMethod, OnBothSides]
    public void A_full_queue_is_EAGAIN_and_not_writable(Side side)
    {
        using LocalRig rig = new(side);
        foreach (SocketKind kind in s_kinds)
        {
            (int left, int right) = rig.Pair(kind);
            Expect.Ok(rig.Calls.SetSockOpt(left, SOL_SOCKET, SO_SNDBUF, 8192));
            byte[] block = new byte[1000];
            int sent = 0;
            int result;
            while ((result = rig.Calls.Send(left, block, MessageFlags.MSG_DONTWAIT | MessageFlags.MSG_NOSIGNAL)) > 0)
            {
                sent += result;
            }

            Expect.Error(EAGAIN, result);
            Assert.IsGreaterThan(4000, sent);
            Assert.AreEqual(PollEvents.None, rig.Poll(left) & PollEvents.POLLOUT);
            int queued = 0;
            Expect.Ok(rig.Calls.Ioctl(left, SIOCOUTQ, ref queued));
            Assert.IsGreaterThanOrEqualTo(sent, queued);
            while (sent > 0)
            {
                sent -= Expect.Ok(rig.Calls.Recv(right, block));
            }

            Assert.AreEqual(PollEvents.POLLOUT, rig.Poll(left) & PollEvents.POLLOUT);
            Expect.Ok(rig.Calls.Ioctl(left, SIOCOUTQ, ref queued));
            Assert.AreEqual(0, queued);
            Expect.Result(1000, rig.Calls.Send(left, block, MessageFlags.MSG_DONTWAIT));
        }
    }

    [TestMethod, OnBothSides]
    public void Out_of_band_data_is_not_for_records_and_datagrams(Side side)
    {
        using LocalRig rig = new(side);
        foreach (SocketKind kind in (SocketKind[])[SOCK_SEQPACKET, SOCK_DGRAM])
        {
            (int left, int right) = rig.Pair(kind);
            Expect.Error(EOPNOTSUPP, rig.Calls.Send(left, [1], MessageFlags.MSG_OOB));
            Expect.Error(EOPNOTSUPP, rig.Calls.Recv(right, new byte[1], MessageFlags.MSG_OOB | MessageFlags.MSG_DONTWAIT));
        }
    }

    [TestMethod]
    public void Out_of_band_data_is_not_for_streams_either_as_unix_7_says()
    {
        using LocalRig rig = new(Side.Ours);
        (int left, int right) = rig.Pair(SOCK_STREAM);
        Expect.Error(EOPNOTSUPP, rig.Calls.Send(left, [1], MessageFlags.MSG_OOB));
        Expect.Error(EOPNOTSUPP, rig.Calls.Recv(right, new byte[1], MessageFlags.MSG_OOB));
    }

    [TestMethod, OnBothSides]
    public void Requests_say_how_much_waits(Side side)
    {
        using LocalRig rig = new(side);
        foreach ((SocketKind kind, int readable) in ((SocketKind, int)[])[(SOCK_STREAM, 5), (SOCK_SEQPACKET, 5), (SOCK_DGRAM, 3)])
        {
            (int left, int right) = rig.Pair(kind);
            int value = -1;
            Expect.Ok(rig.Calls.Ioctl(right, FIONREAD, ref value));
            Assert.AreEqual(0, value);
            Expect.Ok(rig.Calls.Send(left, [1, 2, 3]));
            Expect.Ok(rig.Calls.Send(left, [4, 5]));
            Expect.Ok(rig.Calls.Ioctl(right, FIONREAD, ref value));
            Assert.AreEqual(readable, value);
            Expect.Error(ENOTTY, rig.Calls.Ioctl(right, 0x1234, ref value));
            if (kind == SOCK_STREAM)
            {
                Expect.Ok(rig.Calls.Ioctl(right, SIOCATMARK, ref value));
                Assert.AreEqual(0, value);
            }
            else
            {
                Expect.Error(EOPNOTSUPP, rig.Calls.Ioctl(right, SIOCATMARK, ref value));
            }
        }

        int listening = rig.Listening(SOCK_STREAM, LocalRig.Abstract("listening"));
        int count = 0;
        Expect.Error(EINVAL, rig.Calls.Ioctl(listening, FIONREAD, ref count));
    }

    [TestMethod, OnBothSides]
    public void Options_are_those_of_socket_7(Side side)
    {
        using LocalRig rig = new(side);
        (int socket, _) = rig.Pair(SOCK_STREAM);
        foreach (int flag in (int[])[SO_DEBUG, SO_REUSEADDR, SO_DONTROUTE, SO_BROADCAST, SO_KEEPALIVE, SO_OOBINLINE, SO_PASSCRED])
        {
            Expect.Ok(rig.Calls.GetSockOpt(socket, SOL_SOCKET, flag, out int value));
            Assert.AreEqual(0, value);
            Expect.Ok(rig.Calls.SetSockOpt(socket, SOL_SOCKET, flag, 2));
            Expect.Ok(rig.Calls.GetSockOpt(socket, SOL_SOCKET, flag, out value));
            Assert.AreEqual(1, value);
            Expect.Ok(rig.Calls.SetSockOpt(socket, SOL_SOCKET, flag, 0));
            Expect.Ok(rig.Calls.GetSockOpt(socket, SOL_SOCKET, flag, out value));
            Assert.AreEqual(0, value);
        }

        (int Option, int Set, int Got)[] numbers =
        [
            (SO_SNDBUF, 5000, 10000), (SO_SNDBUF, 1, 4608), (SO_RCVBUF, 5000, 10000), (SO_RCVBUF, 1, 2304), (SO_PRIORITY, 5, 5), (SO_RCVLOWAT, 7, 7), (SO_RCVLOWAT, 0, 1), (SO_RCVLOWAT, -1, int.MaxValue),
        ];
        foreach ((int option, int set, int got) in numbers)
        {
            Expect.Ok(rig.Calls.SetSockOpt(socket, SOL_SOCKET, option, set));
            Expect.Ok(rig.Calls.GetSockOpt(socket, SOL_SOCKET, option, out int value));
            Assert.AreEqual(got, value, $"{option}");
        }

        (int Option, int Value)[] fixedValues = [(SO_TYPE, (int)SOCK_STREAM), (SO_DOMAIN, (int)AF_LOCAL), (SO_PROTOCOL, 0), (SO_ACCEPTCONN, 0), (SO_ERROR, 0), (SO_SNDLOWAT, 1)];
        foreach ((int option, int expected) in fixedValues)
        {
            Expect.Ok(rig.Calls.GetSockOpt(socket, SOL_SOCKET, option, out int value));
            Assert.AreEqual(expected, value, $"{option}");
            Expect.Error(ENOPROTOOPT, rig.Calls.SetSockOpt(socket, SOL_SOCKET, option, 1));
        }

        Expect.Error(ENOPROTOOPT, rig.Calls.SetSockOpt(socket, SOL_SOCKET, SO_PEERCRED, 1));
        Expect.Error(EOPNOTSUPP, rig.Calls.SetSockOpt(socket, SOL_SOCKET, SO_REUSEPORT, 1));
        Expect.Error(ENOPROTOOPT, rig.Calls.SetSockOpt(socket, SOL_SOCKET, 9999, 1));
        Expect.Error(ENOPROTOOPT, rig.Calls.GetSockOpt(socket, SOL_SOCKET, 9999, out int _));
        Expect.Error(EOPNOTSUPP, rig.Calls.SetSockOpt(socket, IPPROTO_TCP, TCP_NODELAY, 1));
        Expect.Error(EOPNOTSUPP, rig.Calls.GetSockOpt(socket, IPPROTO_IP, IP_TTL, out int _));
        Expect.Error(EINVAL, rig.Calls.SetSockOpt(socket, SOL_SOCKET, SO_SNDBUF, [1, 2]));
        Expect.Error(EINVAL, rig.Calls.SetSockOpt(socket, SOL_SOCKET, SO_LINGER, [1, 0, 0, 0]));
        byte[] linger = [1, 0, 0, 0, 5, 0, 0, 0];
        Expect.Ok(rig.Calls.SetSockOpt(socket, SOL_SOCKET, SO_LINGER, linger));
        byte[] read = new byte[8];
        Expect.Ok(rig.Calls.GetSockOpt(socket, SOL_SOCKET, SO_LINGER, read, out int length));
        Assert.AreEqual(8, length);
        CollectionAssert.AreEqual(linger, read);
        int listening = rig.Listening(SOCK_STREAM, LocalRig.Abstract("listening"));
        Expect.Ok(rig.Calls.GetSockOpt(listening, SOL_SOCKET, SO_ACCEPTCONN, out int accepts));
        Assert.AreEqual(1, accepts);
    }
}
