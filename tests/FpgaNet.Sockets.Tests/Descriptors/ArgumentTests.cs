using System.Net.Sockets;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Descriptors;

/// <summary>Arguments that no call takes: families, types, addresses and lengths.</summary>
[TestClass]
public sealed class ArgumentTests
{
    private static readonly byte[] s_bytes = new byte[8];

    [TestMethod, OnBothSides]
    public void Socket_refuses_families_types_and_protocols_that_do_not_exist(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        Expect.Error(EAFNOSUPPORT, calls.Socket((SocketDomain)99, SOCK_STREAM));
        Expect.Error(EAFNOSUPPORT, calls.Socket((SocketDomain)(-1), SOCK_STREAM));
        Expect.Error(EINVAL, calls.Socket(AF_INET, (SocketKind)77));
        Expect.Error(EINVAL, calls.Socket(AF_INET, SOCK_STREAM | (SocketKind)0x1000));
        Expect.Error(ESOCKTNOSUPPORT, calls.Socket(AF_INET, SOCK_SEQPACKET));
        Expect.Error(EPROTONOSUPPORT, calls.Socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
        Expect.Error(EPROTONOSUPPORT, calls.Socket(AF_INET6, SOCK_STREAM, 250));
        Expect.Error(EPROTONOSUPPORT, calls.Socket(AF_LOCAL, SOCK_STREAM, 3));
        Expect.Error(EINVAL, calls.Socket(AF_INET, SOCK_STREAM, -1));
    }

    [TestMethod, OnBothSides]
    public void Socketpair_is_for_the_local_family(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        Expect.Error(EOPNOTSUPP, calls.SocketPair(AF_INET, SOCK_STREAM, 0, out _, out _));
        Expect.Error(EAFNOSUPPORT, calls.SocketPair((SocketDomain)99, SOCK_STREAM, 0, out _, out _));
        Expect.Ok(calls.SocketPair(AF_LOCAL, SOCK_STREAM | (SocketKind)SOCK_NONBLOCK, 0, out int one, out int two));
        Expect.Result(8, calls.Write(one, s_bytes));
        Expect.Result(8, calls.Read(two, s_bytes));
        Expect.Error(EAGAIN, calls.Read(two, s_bytes));
    }

    [TestMethod, OnBothSides]
    public void An_address_of_a_wrong_length_is_EINVAL_and_none_is_EFAULT(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        byte[] address = new byte[200];
        SocketRig.ServerAt(1).Write(address);
        int socket = Expect.Ok(calls.Socket(AF_INET, SOCK_STREAM));
        Expect.Error(EFAULT, calls.Bind(socket, default(ReadOnlySpan<byte>)));
        Expect.Error(EFAULT, calls.Connect(socket, default(ReadOnlySpan<byte>)));
        foreach (int length in (int[])[1, 2, 15, 129, 200])
        {
            Expect.Error(EINVAL, calls.Bind(socket, address.AsSpan(0, length)));
            Expect.Error(EINVAL, calls.Connect(socket, address.AsSpan(0, length)));
        }

        int socket6 = Expect.Ok(calls.Socket(AF_INET6, SOCK_STREAM));
        byte[] address6 = new byte[28];
        SocketRig.ClientAt6(0).Write(address6);
        Expect.Error(EINVAL, calls.Bind(socket6, address6.AsSpan(0, 23)));
        Expect.Error(EINVAL, calls.Connect(socket6, address6.AsSpan(0, 23)));
        Expect.Ok(calls.Bind(socket6, address6.AsSpan(0, 24))); // RFC 2133: without a scope
    }

    [TestMethod, OnBothSides]
    public void An_address_of_another_family_is_EAFNOSUPPORT(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        int socket = Expect.Ok(calls.Socket(AF_INET, SOCK_STREAM));
        Expect.Error(EAFNOSUPPORT, calls.Bind(socket, SocketRig.ClientAt6(0)));
        Expect.Error(EAFNOSUPPORT, calls.Connect(socket, SocketRig.ServerAt6(1)));
        Expect.Error(EAFNOSUPPORT, calls.Bind(socket, [99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
        Expect.Error(EAFNOSUPPORT, calls.Connect(socket, [99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    }

    [TestMethod, OnBothSides]
    public void Shutdown_of_no_direction_is_EINVAL(Side side)
    {
        using SocketRig rig = new(side);
        (int client, _) = rig.Connect();
        Expect.Error(EINVAL, rig.Client.Shutdown(client, (SocketShutdown)3));
        Expect.Error(EINVAL, rig.Client.Shutdown(client, (SocketShutdown)(-1)));
        Expect.Ok(rig.Client.Shutdown(client, SocketShutdown.Both));
        Expect.Ok(rig.Client.Shutdown(client, SocketShutdown.Both));
    }

    [TestMethod, OnBothSides]
    public void Options_of_wrong_lengths_and_levels_are_refused(Side side)
    {
        using SocketRig rig = new(side);
        ISocketCalls calls = rig.Client;
        int socket = Expect.Ok(calls.Socket(AF_INET, SOCK_STREAM));
        Expect.Error(EINVAL, calls.SetSockOpt(socket, SOL_SOCKET, SO_KEEPALIVE, [1, 0, 0]));
        Expect.Error(EINVAL, calls.SetSockOpt(socket, SOL_SOCKET, SO_RCVTIMEO, [1, 0, 0, 0]));
        Expect.Error(ENOPROTOOPT, calls.SetSockOpt(socket, SOL_SOCKET, 9999, 1));
        Expect.Error(ENOPROTOOPT, calls.GetSockOpt(socket, SOL_SOCKET, 9999, out int _));
        Expect.Error(ENOPROTOOPT, calls.SetSockOpt(socket, SOL_SOCKET, SO_TYPE, 1));
        Expect.Error(ENOPROTOOPT, calls.SetSockOpt(socket, SOL_SOCKET, SO_ERROR, 1));
        Expect.Error(ENOPROTOOPT, calls.SetSockOpt(socket, SOL_SOCKET, SO_ACCEPTCONN, 1));
        byte[] time = new byte[16];
        time[8] = 64; // microseconds: 64 + 2^30
        time[11] = 64;
        Expect.Error(EDOM, calls.SetSockOpt(socket, SOL_SOCKET, SO_SNDTIMEO, time));
        byte[] part = new byte[2];
        Expect.Ok(calls.GetSockOpt(socket, SOL_SOCKET, SO_TYPE, part, out int length));
        Assert.AreEqual((2, 1), (length, part[0]));
        foreach ((int option, int expected) in ((int, int)[])[(SO_TYPE, (int)SOCK_STREAM), (SO_DOMAIN, (int)AF_INET), (SO_PROTOCOL, IPPROTO_TCP), (SO_ERROR, 0), (SO_ACCEPTCONN, 0)])
        {
            Expect.Ok(calls.GetSockOpt(socket, SOL_SOCKET, option, out int value));
            Assert.AreEqual(expected, value, $"option {option}");
        }
    }

    [TestMethod, OnBothSides]
    public void An_ioctl_without_an_argument_is_EFAULT(Side side)
    {
        using SocketRig rig = new(side);
        int socket = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM));
        Expect.Error(EFAULT, rig.Client.Ioctl(socket, FIONREAD, default));
        Expect.Error(EFAULT, rig.Client.Ioctl(socket, FIONBIO, default));
    }
}
