using System.Text;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Sockets.Tests.Offload;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using FpgaNet.Testing;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Proxy;

/// <summary>SO_SOCKS5, on native and on the operating system's sockets.</summary>
[TestClass]
public sealed class Socks5Tests
{
    [TestMethod]
    [DataRow(SocketDomain.AF_INET, null)]
    [DataRow(SocketDomain.AF_INET, "name:pass:word")]
    [DataRow(SocketDomain.AF_INET6, null)]
    public void On_the_hosts_sockets_bytes_go_through_the_proxy(SocketDomain domain, string? password)
    {
        using HostRig rig = new();
        StackCalls calls = new(new DescriptorTable(rig.System));
        using EchoProgram echo = new(calls, HostRig.Loopback(domain));
        using Socks5Server proxy = new(calls, HostRig.Loopback(domain), password);
        Exchange(calls, proxy, echo.Address, password);
    }

    [TestMethod]
    public void On_native_sockets_bytes_go_through_the_proxy()
    {
        using SocketHosts hosts = new();
        StackCalls server = new(hosts.B.Calls);
        using EchoProgram echo = new(server, hosts.B.At(4242));
        using Socks5Server proxy = new(server, hosts.B.At(1080), "user:secret");
        Exchange(new StackCalls(hosts.A.Calls), proxy, echo.Address, "user:secret");
    }

    [TestMethod]
    [DataRow("", Errno.ECONNABORTED, DisplayName = "it hangs up at once")]
    [DataRow("05", Errno.ECONNABORTED, DisplayName = "it hangs up in the middle")]
    [DataRow("0400", Errno.EPROTO, DisplayName = "another version")]
    [DataRow("4854", Errno.EPROTO, DisplayName = "HTTP")]
    [DataRow("05FF", Errno.EACCES, DisplayName = "no method in common")]
    [DataRow("0502", Errno.EPROTO, DisplayName = "a method that was not offered")]
    [DataRow("0501", Errno.EPROTO, DisplayName = "GSSAPI, which was not offered")]
    [DataRow("0500 05010001000000000000", Errno.ECONNABORTED)]
    [DataRow("0500 05020001000000000000", Errno.EACCES)]
    [DataRow("0500 05030001000000000000", Errno.ENETUNREACH)]
    [DataRow("0500 05040001000000000000", Errno.EHOSTUNREACH)]
    [DataRow("0500 05050001000000000000", Errno.ECONNREFUSED)]
    [DataRow("0500 05060001000000000000", Errno.ETIMEDOUT)]
    [DataRow("0500 05070001000000000000", Errno.EOPNOTSUPP)]
    [DataRow("0500 05080001000000000000", Errno.EAFNOSUPPORT)]
    [DataRow("0500 05090001000000000000", Errno.EPROTO, DisplayName = "an unknown reply")]
    [DataRow("0500 05000002000000000000", Errno.EPROTO, DisplayName = "an unknown kind of address")]
    [DataRow("0500 05000101000000000000", Errno.EPROTO, DisplayName = "a reserved byte that is not 0")]
    [DataRow("0500 04000001000000000000", Errno.EPROTO, DisplayName = "another version in the reply")]
    [DataRow("0500 050000010000000000", Errno.ECONNABORTED, DisplayName = "a reply that is cut")]
    [DataRow("0500 050000040000000000", Errno.ECONNABORTED, DisplayName = "a reply with half an IPv6 address")]
    [DataRow("0500 05000003FF00", Errno.ECONNABORTED, DisplayName = "a reply with a name that is cut")]
    public void What_the_proxy_answers_is_the_error_of_connect(string answers, Errno expected)
    {
        using HostRig rig = new();
        StackCalls calls = new(new DescriptorTable(rig.System));
        using Socks5Server proxy = new(calls, HostRig.Loopback(SocketDomain.AF_INET), script: Script(answers));
        int socket = Open(calls, proxy.Address);
        Expect.Error(expected, calls.Connect(socket, HostRig.Loopback(SocketDomain.AF_INET) with { Port = 9 }));
        Expect.Error(Errno.ENOTCONN, calls.GetPeerName(socket, out _));
        Expect.Error(Errno.EPIPE, calls.Send(socket, "x"u8));
        Expect.Result(0, calls.Recv(socket, new byte[1]));
        Expect.Error(Errno.EISCONN, calls.Connect(socket, proxy.Address));
        Expect.Ok(calls.Close(socket));
    }

    [TestMethod]
    [DataRow("0500 0500000102030405 0607", DisplayName = "an IPv4 address")]
    [DataRow("0500 05000004 000102030405060708090A0B0C0D0E0F 0607", DisplayName = "an IPv6 address")]
    [DataRow("0500 05000003 05 6C6F63616C 0607", DisplayName = "a name")]
    [DataRow("0500 05000003 00 0607", DisplayName = "an empty name")]
    public void Whatever_address_the_proxy_names_what_follows_is_the_peers(string answers)
    {
        using HostRig rig = new();
        StackCalls calls = new(new DescriptorTable(rig.System));
        string[] parts = answers.Split(' ', 2);
        using Socks5Server proxy = new(calls, HostRig.Loopback(SocketDomain.AF_INET), script: Script($"{parts[0]} {parts[1].Replace(" ", "", StringComparison.Ordinal)}68656C6C6F"));
        int socket = Open(calls, proxy.Address);
        Expect.Ok(calls.Connect(socket, HostRig.Loopback(SocketDomain.AF_INET) with { Port = 9 }));
        byte[] buffer = new byte[5];
        Expect.Result(5, calls.Recv(socket, buffer, MessageFlags.MSG_WAITALL));
        Assert.AreEqual("hello", Encoding.ASCII.GetString(buffer));
        Expect.Ok(calls.GetPeerName(socket, out SockAddr peer));
        Assert.AreEqual(9, peer.Port);
        Expect.Ok(calls.Close(socket));
    }

    [TestMethod]
    public void Errors_of_the_way_there_are_told_too()
    {
        using HostRig rig = new();
        StackCalls calls = new(new DescriptorTable(rig.System));
        SockAddr nobody = rig.ClosedPort();
        int socket = Open(calls, nobody);
        Expect.Error(Errno.ECONNREFUSED, calls.Connect(socket, nobody)); // the proxy itself
        Expect.Ok(calls.Close(socket));
        using Socks5Server proxy = new(calls, HostRig.Loopback(SocketDomain.AF_INET), "a:b");
        socket = Open(calls, proxy.Address);
        Expect.Error(Errno.EACCES, calls.Connect(socket, nobody)); // no password
        Expect.Ok(calls.Close(socket));
        socket = Open(calls, proxy.Address);
        Expect.Ok(calls.SetSockOpt(socket, SOL_SOCKET, SO_SOCKS5_USER, "a:wrong"u8));
        Expect.Error(Errno.EACCES, calls.Connect(socket, nobody));
        Expect.Ok(calls.Close(socket));
        socket = Open(calls, proxy.Address);
        Expect.Ok(calls.SetSockOpt(socket, SOL_SOCKET, SO_SOCKS5_USER, "a:b"u8));
        Expect.Error(Errno.ECONNREFUSED, calls.Connect(socket, nobody)); // behind the proxy
        Expect.Ok(calls.Close(socket));
    }

    [TestMethod]
    public void The_option_takes_addresses_of_the_Internet_on_streams_only()
    {
        using HostRig rig = new();
        StackCalls calls = new(new DescriptorTable(rig.System));
        int socket = Expect.Ok(calls.Socket(SocketDomain.AF_INET, SocketKind.SOCK_STREAM));
        Expect.Error(Errno.EINVAL, calls.SetSockOpt(socket, SOL_SOCKET, SO_SOCKS5, "x"u8));
        Expect.Error(Errno.EAFNOSUPPORT, calls.SetSockOpt(socket, SOL_SOCKET, SO_SOCKS5, Bytes(SockAddr.Local("/nowhere"))));
        Expect.Error(Errno.EINVAL, calls.SetSockOpt(socket, SOL_SOCKET, SO_SOCKS5_USER, "no colon"u8));
        Expect.Error(Errno.EINVAL, calls.SetSockOpt(socket, SOL_SOCKET, SO_SOCKS5_USER, Encoding.ASCII.GetBytes(new string('a', 256) + ":b")));
        SockAddr proxy = HostRig.Loopback(SocketDomain.AF_INET) with { Port = 1080 };
        Expect.Ok(calls.SetSockOpt(socket, SOL_SOCKET, SO_SOCKS5, Bytes(proxy)));
        byte[] found = new byte[128];
        Expect.Ok(calls.GetSockOpt(socket, SOL_SOCKET, SO_SOCKS5, found, out int length));
        CollectionAssert.AreEqual(Bytes(proxy), found[..length]);
        Expect.Ok(calls.Close(socket));
        int datagrams = Expect.Ok(calls.Socket(SocketDomain.AF_INET, SocketKind.SOCK_DGRAM));
        Expect.Error(Errno.EOPNOTSUPP, calls.SetSockOpt(datagrams, SOL_SOCKET, SO_SOCKS5, Bytes(proxy)));
        Expect.Ok(calls.Close(datagrams));
    }

    [TestMethod]
    public void Without_waiting_connect_is_under_way_until_the_proxy_has_answered()
    {
        using HostRig rig = new();
        StackCalls calls = new(new DescriptorTable(rig.System));
        int listening = Expect.Ok(calls.Socket(SocketDomain.AF_INET, SocketKind.SOCK_STREAM));
        Expect.Ok(calls.Bind(listening, HostRig.Loopback(SocketDomain.AF_INET)));
        Expect.Ok(calls.Listen(listening, 1));
        Expect.Ok(calls.GetSockName(listening, out SockAddr address));
        int socket = Open(calls, address);
        Expect.Ok(calls.Fcntl(socket, FileControl.F_SETFL, FileControl.O_NONBLOCK));
        Expect.Error(Errno.EINPROGRESS, calls.Connect(socket, address with { Port = 9 }));
        int proxy = Expect.Ok(calls.Accept(listening, out _));
        byte[] request = new byte[3];
        Expect.Result(3, calls.Recv(proxy, request, MessageFlags.MSG_WAITALL));
        Expect.Error(Errno.EALREADY, calls.Connect(socket, address));
        Expect.Error(Errno.EAGAIN, calls.Send(socket, "x"u8));
        Expect.Error(Errno.EAGAIN, calls.Recv(socket, new byte[1]));
        PollFd[] list = [new() { Descriptor = socket, Events = PollEvents.POLLIN | PollEvents.POLLOUT }];
        Expect.Result(0, calls.Poll(list, 0));
        Expect.Ok(calls.Send(proxy, [5, 0]));
        Expect.Result(10, calls.Recv(proxy, new byte[10], MessageFlags.MSG_WAITALL));
        Expect.Result(0, calls.Poll(list, 0));
        Expect.Ok(calls.Send(proxy, [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
        Assert.AreEqual(PollEvents.POLLOUT, SocketRig.Await(calls, socket, PollEvents.POLLOUT));
        Expect.Ok(calls.GetSockOpt(socket, SOL_SOCKET, SO_ERROR, out int error));
        Assert.AreEqual(0, error);
        Expect.Result(1, calls.Send(socket, "x"u8));
        Expect.Ok(calls.Close(socket));
        Expect.Ok(calls.Close(proxy));
        Expect.Ok(calls.Close(listening));
    }

    [TestMethod]
    public void The_tests_proxy_serves_curl()
    {
        Skip.UnlessInstalled("curl");
        using HostRig rig = new();
        StackCalls calls = new(new DescriptorTable(rig.System));
        using Socks5Server proxy = new(calls, HostRig.Loopback(SocketDomain.AF_INET), "u:p");
        int listening = Expect.Ok(calls.Socket(SocketDomain.AF_INET, SocketKind.SOCK_STREAM));
        Expect.Ok(calls.Bind(listening, HostRig.Loopback(SocketDomain.AF_INET)));
        Expect.Ok(calls.Listen(listening, 1));
        Expect.Ok(calls.GetSockName(listening, out SockAddr address));
        Thread page = new(() =>
        {
            int connection = calls.Accept(listening, out _);
            calls.Recv(connection, new byte[4096]);
            calls.Send(connection, "HTTP/1.0 200 OK\r\n\r\nthrough"u8);
            calls.Close(connection);
        });
        page.Start();
        ProgramResult result = TestProgram.Run("curl", "-s", "-m", "30", "--proxy", $"socks5://u:p@127.0.0.1:{proxy.Address.Port}", $"http://127.0.0.1:{address.Port}/");
        Expect.Ok(calls.Close(listening));
        page.Join();
        Assert.AreEqual("through", result.Output.Trim());
        Assert.AreEqual(address, proxy.Asked);
    }

    private static void Exchange(StackCalls calls, Socks5Server proxy, SockAddr to, string? password)
    {
        byte[] data = new byte[100_000];
        TestSeed.Random().NextBytes(data);
        int socket = Open(calls, proxy.Address);
        if (password is not null)
        {
            Expect.Ok(calls.SetSockOpt(socket, SOL_SOCKET, SO_SOCKS5_USER, Encoding.UTF8.GetBytes(password)));
        }

        Expect.Ok(calls.Connect(socket, to));
        Assert.AreEqual(to, proxy.Asked);
        Expect.Ok(calls.GetPeerName(socket, out SockAddr peer));
        Assert.AreEqual(to, peer);
        EchoProgram.Exchange(calls, socket, data);
        Expect.Ok(calls.Close(socket));
    }

    private static int Open(StackCalls calls, SockAddr proxy)
    {
        int socket = Expect.Ok(calls.Socket(proxy.Family, SocketKind.SOCK_STREAM));
        Expect.Ok(calls.SetSockOpt(socket, SOL_SOCKET, SO_SOCKS5, Bytes(proxy)));
        return socket;
    }

    private static byte[] Bytes(SockAddr address)
    {
        byte[] bytes = new byte[address.Length];
        address.Write(bytes);
        return bytes;
    }

    private static byte[][] Script(string answers) => [.. answers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Convert.FromHexString)];
}
