using System.Net.Sockets;
using System.Text;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Local;

/// <summary>Names, connections and the errors of each call (unix(7)): the same on our sockets and on Linux's.</summary>
[TestClass]
public sealed class LocalErrnoTests
{
    private static readonly SocketKind[] s_kinds = [SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM];
    private static readonly SocketKind[] s_connections = [SOCK_STREAM, SOCK_SEQPACKET];

    [TestMethod, OnBothSides]
    public void Sockets_have_protocol_0_or_1(Side side)
    {
        using LocalRig rig = new(side);
        foreach (SocketKind kind in s_kinds)
        {
            Expect.Ok(rig.Calls.Socket(AF_LOCAL, kind, 0));
            Expect.Ok(rig.Calls.Socket(AF_LOCAL, kind, 1));
            Expect.Error(EPROTONOSUPPORT, rig.Calls.Socket(AF_LOCAL, kind, 2));
            Expect.Error(EPROTONOSUPPORT, rig.Calls.SocketPair(AF_LOCAL, kind, 2, out _, out _));
        }

        Expect.Error(EOPNOTSUPP, rig.Calls.SocketPair(AF_INET, SOCK_STREAM, 0, out _, out _));
    }

    [TestMethod, OnBothSides]
    public void A_path_stays_until_it_is_removed(Side side)
    {
        using LocalRig rig = new(side);
        foreach (SocketKind kind in s_kinds)
        {
            SockAddr path = rig.Path("name" + kind);
            int socket = rig.Bound(kind, path);
            Expect.Ok(rig.Calls.GetSockName(socket, out SockAddr name));
            Assert.AreEqual(path, name);
            Expect.Error(EINVAL, rig.Calls.Bind(socket, rig.Path("another")));
            Expect.Error(EADDRINUSE, rig.Calls.Bind(socket, path));
            int other = rig.Socket(kind);
            Expect.Error(EADDRINUSE, rig.Calls.Bind(other, path));
            Expect.Ok(rig.Calls.Close(socket));
            Expect.Error(EADDRINUSE, rig.Calls.Bind(other, path));
            Expect.Error(ECONNREFUSED, rig.Calls.Connect(other, path));
            rig.Unlink(path);
            Expect.Error(ENOENT, rig.Calls.Connect(other, path));
            Expect.Ok(rig.Calls.Bind(other, path));
        }
    }

    [TestMethod, OnBothSides]
    public void A_path_removed_can_be_taken_while_its_socket_lives(Side side)
    {
        using LocalRig rig = new(side);
        SockAddr path = rig.Path("service");
        int first = rig.Listening(SOCK_STREAM, path);
        rig.Unlink(path);
        int second = rig.Listening(SOCK_STREAM, path);
        int client = rig.Socket(SOCK_STREAM);
        Expect.Ok(rig.Calls.Connect(client, path));
        Expect.Ok(rig.Calls.Close(first));
        Assert.AreEqual(PollEvents.POLLIN | PollEvents.POLLRDNORM, rig.Poll(second));
        Expect.Ok(rig.Calls.Connect(rig.Socket(SOCK_STREAM), path));
    }

    [TestMethod, OnBothSides]
    public void An_abstract_name_goes_with_its_socket_and_is_one_for_each_type(Side side)
    {
        using LocalRig rig = new(side);
        SockAddr name = LocalRig.Abstract("a\0name");
        int[] sockets = [.. s_kinds.Select(kind => rig.Bound(kind, name))];
        Expect.Ok(rig.Calls.GetSockName(sockets[0], out SockAddr found));
        Assert.AreEqual(name, found);
        Expect.Error(EADDRINUSE, rig.Calls.Bind(rig.Socket(SOCK_STREAM), name));
        Expect.Error(EINVAL, rig.Calls.Bind(sockets[0], name));
        Expect.Ok(rig.Calls.Close(sockets[0]));
        int client = rig.Socket(SOCK_STREAM);
        Expect.Error(ECONNREFUSED, rig.Calls.Connect(client, name));
        rig.Bound(SOCK_STREAM, name);
    }

    [TestMethod, OnBothSides]
    public void Binding_to_no_name_takes_a_free_one(Side side)
    {
        using LocalRig rig = new(side);
        HashSet<string> names = [];
        foreach (SocketKind kind in s_kinds)
        {
            int socket = rig.Socket(kind);
            Expect.Ok(rig.Calls.GetSockName(socket, out SockAddr unnamed));
            Assert.AreEqual(new SockAddr { Family = AF_LOCAL }, unnamed);
            Expect.Ok(rig.Calls.Bind(socket, new SockAddr { Family = AF_LOCAL }));
            Expect.Ok(rig.Calls.GetSockName(socket, out SockAddr name));
            string text = Encoding.ASCII.GetString(name.Path.Span);
            Assert.MatchesRegex("^\0[0-9a-f]{5}$", text);
            Assert.IsTrue(names.Add(text + kind));
            Expect.Ok(rig.Calls.Bind(socket, new SockAddr { Family = AF_LOCAL }));
        }
    }

    [TestMethod, OnBothSides]
    public void Addresses_of_other_families_are_EINVAL(Side side)
    {
        using LocalRig rig = new(side);
        foreach (SocketKind kind in s_kinds)
        {
            int socket = rig.Socket(kind);
            Expect.Error(EINVAL, rig.Calls.Bind(socket, SocketRig.ClientAt(1)));
            Expect.Error(EINVAL, rig.Calls.Connect(socket, SocketRig.ClientAt(1)));
            Expect.Error(EINVAL, rig.Calls.Connect(socket, new SockAddr { Family = AF_LOCAL }));
        }

        Expect.Error(EINVAL, rig.Calls.Connect(rig.Socket(SOCK_STREAM), default(SockAddr)));
        Expect.Ok(rig.Calls.Connect(rig.Socket(SOCK_DGRAM), default(SockAddr)));
        Expect.Error(EINVAL, rig.Calls.SendTo(rig.Socket(SOCK_DGRAM), [1], SocketRig.ClientAt(1)));
    }

    [TestMethod, OnBothSides]
    public void Connecting_says_what_is_wrong_at_the_name(Side side)
    {
        using LocalRig rig = new(side);
        foreach (SocketKind kind in s_connections)
        {
            SockAddr path = rig.Path("server" + kind);
            int server = rig.Bound(kind, path);
            int client = rig.Socket(kind);
            Expect.Error(ENOENT, rig.Calls.Connect(client, rig.Path("nobody")));
            Expect.Error(ECONNREFUSED, rig.Calls.Connect(client, LocalRig.Abstract("nobody")));
            Expect.Error(ECONNREFUSED, rig.Calls.Connect(client, path));
            Expect.Error(EPROTOTYPE, rig.Calls.Connect(rig.Socket(SOCK_DGRAM), path));
            Expect.Error(EPROTOTYPE, rig.Calls.SendTo(rig.Socket(SOCK_DGRAM), [1], path));
            Expect.Ok(rig.Calls.Listen(server, 3));
            Expect.Error(EINVAL, rig.Calls.Connect(server, path));
            Expect.Ok(rig.Calls.Connect(client, path));
            Expect.Error(EISCONN, rig.Calls.Connect(client, path));
            Expect.Error(EINVAL, rig.Calls.Listen(client, 3));
            Expect.Ok(rig.Calls.Shutdown(server, SocketShutdown.Receive));
            Expect.Error(ECONNREFUSED, rig.Calls.Connect(rig.Socket(kind), path));
        }
    }

    [TestMethod, OnBothSides]
    public void A_full_backlog_is_EAGAIN_without_waiting(Side side)
    {
        using LocalRig rig = new(side);
        foreach (SocketKind kind in s_connections)
        {
            SockAddr name = LocalRig.Abstract("full" + kind);
            int server = rig.Listening(kind, name, 1);
            Expect.Ok(rig.Calls.Connect(rig.Socket(kind), name));
            Expect.Ok(rig.Calls.Connect(rig.Socket(kind), name)); // one more than was said
            int third = rig.NonBlocking(kind);
            Expect.Error(EAGAIN, rig.Calls.Connect(third, name));
            int patient = rig.Socket(kind);
            Expect.Ok(rig.Calls.SetSockOpt(patient, SOL_SOCKET, SO_SNDTIMEO, [0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0x27, 0, 0, 0, 0, 0, 0])); // 10 ms
            Expect.Error(EAGAIN, rig.Calls.Connect(patient, name));
            Expect.Ok(rig.Calls.Accept(server, out _));
            Expect.Ok(rig.Calls.Connect(third, name));
        }
    }

    [TestMethod, OnBothSides]
    public void Listening_and_accepting_are_for_named_sockets_with_connections(Side side)
    {
        using LocalRig rig = new(side);
        foreach (SocketKind kind in s_connections)
        {
            int socket = rig.Socket(kind);
            Expect.Error(EINVAL, rig.Calls.Listen(socket, 1));
            Expect.Error(EINVAL, rig.Calls.Accept(socket, out _));
            int server = rig.Listening(kind, LocalRig.Abstract("listening"));
            Expect.Ok(rig.Calls.Fcntl(server, FileControl.F_SETFL, SOCK_NONBLOCK));
            Expect.Error(EAGAIN, rig.Calls.Accept(server, out _));
            Expect.Ok(rig.Calls.Fcntl(server, FileControl.F_SETFL, 0));
            Expect.Ok(rig.Calls.Shutdown(server, SocketShutdown.Receive));
            Expect.Error(EINVAL, rig.Calls.Accept(server, out _));
        }

        int datagrams = rig.Bound(SOCK_DGRAM, LocalRig.Abstract("datagrams"));
        Expect.Error(EOPNOTSUPP, rig.Calls.Listen(datagrams, 1));
        Expect.Error(EOPNOTSUPP, rig.Calls.Accept(datagrams, out _));
    }

    [TestMethod, OnBothSides]
    public void Sockets_without_a_peer_say_so(Side side)
    {
        using LocalRig rig = new(side);
        foreach (SocketKind kind in s_kinds)
        {
            int socket = rig.Socket(kind);
            Expect.Error(ENOTCONN, rig.Calls.Send(socket, [1]));
            Expect.Error(ENOTCONN, rig.Calls.GetPeerName(socket, out _));
            Expect.Ok(rig.Calls.Shutdown(socket, SocketShutdown.Both));
        }

        int stream = rig.Socket(SOCK_STREAM);
        Expect.Error(EINVAL, rig.Calls.Recv(stream, new byte[1]));
        Expect.Error(EOPNOTSUPP, rig.Calls.SendTo(stream, [1], LocalRig.Abstract("nobody")));
        Expect.Error(ENOTCONN, rig.Calls.Recv(rig.Socket(SOCK_SEQPACKET), new byte[1]));
        Expect.Error(EAGAIN, rig.Calls.Recv(rig.NonBlocking(SOCK_DGRAM), new byte[1]));
        int listening = rig.Listening(SOCK_STREAM, LocalRig.Abstract("listening"));
        Expect.Error(EINVAL, rig.Calls.Recv(listening, new byte[1]));
        Expect.Error(ENOTCONN, rig.Calls.Send(listening, [1]));
        (int first, _) = rig.Pair(SOCK_STREAM);
        Expect.Error(EISCONN, rig.Calls.SendTo(first, [1], LocalRig.Abstract("listening")));
        (int record, int other) = rig.Pair(SOCK_SEQPACKET);
        Expect.Result(1, rig.Calls.SendTo(record, [1], LocalRig.Abstract("ignored")));
        Expect.Result(1, rig.Calls.Recv(other, new byte[4]));
    }

    [TestMethod, OnBothSides]
    public void Names_of_both_ends_are_told(Side side)
    {
        using LocalRig rig = new(side);
        foreach (SocketKind kind in s_connections)
        {
            SockAddr at = rig.Path("server" + kind);
            int server = rig.Listening(kind, at);
            int unnamed = rig.Socket(kind);
            int named = rig.Bound(kind, LocalRig.Abstract("client"));
            foreach ((int client, SockAddr name) in ((int, SockAddr)[])[(unnamed, new SockAddr { Family = AF_LOCAL }), (named, LocalRig.Abstract("client"))])
            {
                Expect.Ok(rig.Calls.Connect(client, at));
                int accepted = Expect.Ok(rig.Calls.Accept(server, out SockAddr peer));
                Assert.AreEqual(name, peer);
                Expect.Ok(rig.Calls.GetPeerName(accepted, out peer));
                Assert.AreEqual(name, peer);
                Expect.Ok(rig.Calls.GetSockName(accepted, out SockAddr own));
                Assert.AreEqual(at, own);
                Expect.Ok(rig.Calls.GetPeerName(client, out peer));
                Assert.AreEqual(at, peer);
                Expect.Ok(rig.Calls.Send(accepted, [1]));
                Expect.Ok(rig.Calls.RecvFrom(client, new byte[1], out SockAddr from));
                Assert.AreEqual(at, from);
                Expect.Ok(rig.Calls.Send(client, [1]));
                Expect.Ok(rig.Calls.RecvFrom(accepted, new byte[1], out from));
                Assert.AreEqual(client == named ? name : default, from);
                Expect.Ok(rig.Calls.Close(accepted));
                Expect.Ok(rig.Calls.GetPeerName(client, out peer));
                Assert.AreEqual(at, peer);
            }
        }
    }
}
