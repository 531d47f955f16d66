using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Testing;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Local;

/// <summary>Who is at the other end (unix(7)): SO_PEERCRED, SO_PASSCRED, SCM_CREDENTIALS, and permissions of names.</summary>
[TestClass]
public sealed class LocalCredentialsTests
{
    private static readonly SocketKind[] s_kinds = [SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM];
    private static readonly byte[] s_own = LocalRig.Ucred(Environment.ProcessId, 0, 0);

    [TestMethod, OnBothSides]
    public void The_peer_of_a_connection_is_known(Side side)
    {
        Root();
        using LocalRig rig = new(side);
        byte[] read = new byte[12];
        foreach (SocketKind kind in s_kinds)
        {
            Expect.Ok(rig.Calls.GetSockOpt(rig.Socket(kind), SOL_SOCKET, SO_PEERCRED, read, out int length));
            Assert.AreEqual(12, length);
            CollectionAssert.AreEqual(LocalRig.Ucred(0, -1, -1), read);
            (int left, _) = rig.Pair(kind);
            Expect.Ok(rig.Calls.GetSockOpt(left, SOL_SOCKET, SO_PEERCRED, read, out _));
            CollectionAssert.AreEqual(s_own, read);
        }

        int server = rig.Listening(SOCK_STREAM, LocalRig.Abstract("server"));
        int client = rig.Socket(SOCK_STREAM);
        Expect.Ok(rig.Calls.Connect(client, LocalRig.Abstract("server")));
        int accepted = Expect.Ok(rig.Calls.Accept(server, out _));
        foreach (int socket in (int[])[client, accepted])
        {
            Expect.Ok(rig.Calls.GetSockOpt(socket, SOL_SOCKET, SO_PEERCRED, read, out _));
            CollectionAssert.AreEqual(s_own, read);
        }
    }

    [TestMethod, OnBothSides]
    public void Each_message_says_who_sent_it_when_that_is_asked_for(Side side)
    {
        Root();
        using LocalRig rig = new(side);
        foreach (SocketKind kind in s_kinds)
        {
            (int left, int right) = rig.Pair(kind);
            Expect.Ok(rig.Calls.Send(left, [1]));
            Expect.Ok(rig.Calls.SetSockOpt(right, SOL_SOCKET, SO_PASSCRED, 1));
            CollectionAssert.AreEqual(LocalRig.Ucred(0, 65534, 65534), Receive(rig, right)); // nobody had asked when it was sent
            Expect.Ok(rig.Calls.Send(left, [1]));
            CollectionAssert.AreEqual(s_own, Receive(rig, right));
            Expect.Ok(rig.Calls.SendMsg(left, new MsgHdr(new byte[1]) { Control = LocalRig.Control(SCM_CREDENTIALS, LocalRig.Ucred(Environment.ProcessId, 12, 34)) }));
            CollectionAssert.AreEqual(LocalRig.Ucred(Environment.ProcessId, 12, 34), Receive(rig, right));
            Expect.Ok(rig.Calls.Send(left, [1]));
            MsgHdr none = new(new byte[1]);
            Expect.Result(1, rig.Calls.RecvMsg(right, none));
            Assert.AreEqual(MessageFlags.MSG_CTRUNC, none.Flags);
            Expect.Error(EINVAL, rig.Calls.SendMsg(left, new MsgHdr(new byte[1]) { Control = LocalRig.Control(SCM_CREDENTIALS, new byte[8]) }));
            Expect.Error(EINVAL, rig.Calls.SendMsg(left, new MsgHdr(new byte[1]) { Control = LocalRig.Control(SCM_CREDENTIALS, LocalRig.Ucred(Environment.ProcessId, -1, 0)) }));
        }
    }

    [TestMethod, OnBothSides]
    public void Bytes_of_different_senders_do_not_come_as_one(Side side)
    {
        Root();
        using LocalRig rig = new(side);
        (int left, int right) = rig.Pair(SOCK_STREAM);
        Expect.Ok(rig.Calls.SetSockOpt(right, SOL_SOCKET, SO_PASSCRED, 1));
        Expect.Ok(rig.Calls.Send(left, [1]));
        Expect.Ok(rig.Calls.Send(left, [2]));
        Expect.Ok(rig.Calls.SendMsg(left, new MsgHdr((byte[])[3, 4]) { Control = LocalRig.Control(SCM_CREDENTIALS, LocalRig.Ucred(Environment.ProcessId, 12, 34)) }));
        CollectionAssert.AreEqual(s_own, Receive(rig, right, 2));
        CollectionAssert.AreEqual(LocalRig.Ucred(Environment.ProcessId, 12, 34), Receive(rig, right, 2));
        Expect.Ok(rig.Calls.Send(left, [1]));
        Expect.Ok(rig.Calls.SendMsg(left, new MsgHdr((byte[])[2, 3]) { Control = LocalRig.Control(SCM_CREDENTIALS, LocalRig.Ucred(Environment.ProcessId, 12, 34)) }));
        Expect.Result(1, rig.Calls.Recv(right, new byte[2], MessageFlags.MSG_WAITALL));
        Expect.Result(2, rig.Calls.Recv(right, new byte[2], MessageFlags.MSG_WAITALL));
    }

    [TestMethod, OnBothSides]
    public void Who_asks_for_credentials_gets_a_name_when_it_connects(Side side)
    {
        using LocalRig rig = new(side);
        rig.Listening(SOCK_STREAM, LocalRig.Abstract("server"));
        int client = rig.Socket(SOCK_STREAM);
        Expect.Ok(rig.Calls.SetSockOpt(client, SOL_SOCKET, SO_PASSCRED, 1));
        Expect.Ok(rig.Calls.Connect(client, LocalRig.Abstract("server")));
        Expect.Ok(rig.Calls.GetSockName(client, out SockAddr name));
        Assert.AreEqual(6, name.Path.Length);
    }

    [TestMethod, OnBothSides]
    public void An_accepted_connection_asks_for_credentials_as_its_listening_socket_did(Side side)
    {
        using LocalRig rig = new(side);
        int server = rig.Listening(SOCK_STREAM, LocalRig.Abstract("server"));
        Expect.Ok(rig.Calls.SetSockOpt(server, SOL_SOCKET, SO_PASSCRED, 1));
        Expect.Ok(rig.Calls.Connect(rig.Socket(SOCK_STREAM), LocalRig.Abstract("server")));
        int accepted = Expect.Ok(rig.Calls.Accept(server, out _));
        Expect.Ok(rig.Calls.GetSockOpt(accepted, SOL_SOCKET, SO_PASSCRED, out int value));
        Assert.AreEqual(1, value);
    }

    [OwnProcessTest, OnBothSides]
    public void What_one_may_not_claim_is_EPERM(Side side)
    {
        using LocalRig rig = new(side);
        int own = Environment.ProcessId;
        (byte[] Claim, Errno Expected)[] cases =
        [
            (LocalRig.Ucred(own, 1000, 1000), None), (LocalRig.Ucred(1, 1000, 1000), EPERM), (LocalRig.Ucred(own, 0, 1000), EPERM), (LocalRig.Ucred(own, 1000, 0), EPERM),
        ];
        rig.Calls.As(1000, 1000, () =>
        {
            (int left, _) = rig.Pair(SOCK_STREAM);
            foreach ((byte[] claim, Errno expected) in cases)
            {
                int sent = rig.Calls.SendMsg(left, new MsgHdr(new byte[1]) { Control = LocalRig.Control(SCM_CREDENTIALS, claim) });
                Assert.AreEqual(expected == None ? 1 : -(int)expected, sent);
            }

            return 0;
        });
    }

    [OwnProcessTest, OnBothSides]
    public void A_path_without_permission_to_write_is_EACCES(Side side)
    {
        using LocalRig rig = new(side);
        ISocketCalls calls = rig.Calls;
        rig.LetEverybodyIn();
        SockAddr path = rig.Path("service");
        calls.As(1000, 1000, () => rig.Bound(SOCK_DGRAM, path));
        (uint User, uint Group, uint Mode, Errno Expected)[] cases =
        [
            (1000, 1000, 0b111_101_101, None), (1001, 1001, 0b111_101_101, EACCES), (0, 0, 0, None), (1001, 1001, 0b111_101_111, None),
            (1001, 1000, 0b111_101_111, EACCES), (1001, 1000, 0b111_111_101, None), (1000, 1000, 0b101_111_111, EACCES),
        ];
        foreach ((uint user, uint group, uint mode, Errno expected) in cases)
        {
            Expect.Ok(calls.As(1000, 1000, () => calls.Chmod(path.ToString(), mode)));
            calls.As(user, group, () =>
            {
                int client = rig.Socket(SOCK_DGRAM);
                Assert.AreEqual(-(int)expected, calls.Connect(client, path));
                int other = rig.Socket(SOCK_DGRAM);
                Assert.AreEqual(expected == None ? 1 : -(int)expected, calls.SendTo(other, new byte[1], path));
                return 0;
            });
        }

        Expect.Error(EPERM, calls.As(1001, 1000, () => calls.Chmod(path.ToString(), 0)));
        Expect.Error(EPERM, calls.As(1001, 1000, () => calls.Unlink(path.ToString())));
        Expect.Error(ENOENT, calls.As(1000, 1000, () => calls.Unlink(rig.Path("other").ToString())));
        Expect.Ok(calls.As(1000, 1000, () => calls.Unlink(path.ToString())));
        Expect.Error(ENOENT, calls.Unlink(path.ToString()));
    }

    [OwnProcessTest, OnBothSides]
    public void Too_many_references_on_their_way_are_ETOOMANYREFS(Side side)
    {
        using LocalRig rig = new(side);
        Expect.Ok(rig.Calls.SetDescriptorLimit(1024)); // as many as a user may have on their way (unix(7))
        foreach (SocketKind kind in s_kinds)
        {
            // A user for each: Linux closes what is in its own queue some time later.
            rig.Calls.As(1000 + (uint)kind, 1000, () =>
            {
                (int left, int right) = rig.Pair(kind);
                int[] rights = [.. Enumerable.Repeat(right, 200)];
                int sent;
                int taken = 0;
                while ((sent = rig.SendRights(left, [1], rights)) > 0)
                {
                    taken += rights.Length;
                }

                Expect.Error(ETOOMANYREFS, sent);
                Assert.AreEqual(1200, taken);
                MsgHdr message = new(new byte[1]);
                Expect.Result(1, rig.Calls.RecvMsg(right, message));
                Assert.AreEqual(MessageFlags.MSG_CTRUNC, message.Flags);
                Expect.Result(1, rig.SendRights(left, [1], rights));
                Expect.Ok(rig.Calls.Close(left));
                return Expect.Ok(rig.Calls.Close(right));
            });
        }
    }

    private static byte[] Receive(LocalRig rig, int socket, int expected = 1)
    {
        MsgHdr message = new(new byte[16]) { Control = new byte[64] };
        Expect.Result(expected, rig.Calls.RecvMsg(socket, message));
        Assert.AreEqual(MessageFlags.None, message.Flags);
        ControlReader reader = new(message.Control.AsSpan(0, message.ControlLength));
        Assert.IsTrue(reader.Read());
        Assert.AreEqual((SOL_SOCKET, SCM_CREDENTIALS), (reader.Level, reader.Type));
        return reader.Data.ToArray();
    }

    private static void Root() => Skip.Unless(Environment.IsPrivilegedProcess, "credentials are compared with what the superuser may do");
}
