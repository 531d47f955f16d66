using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Sockets.Tests.Offload;
using FpgaNet.Sockets.Tests.Proxy;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using FpgaNet.Stack.Sockets.Offload;
using FpgaNet.Stack.Sockets.Secure;
using FpgaNet.Testing;
using static FpgaNet.Sockets.Tests.Secure.SecureRig;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Secure;

/// <summary>TLS sockets with each other.</summary>
[TestClass]
public sealed class SecureStreamTests
{
    [TestMethod]
    [DataRow(IPPROTO_TLS_1_2, true)]
    [DataRow(IPPROTO_TLS_1_3, true)]
    [DataRow(IPPROTO_TLS_1_2, false)]
    [DataRow(IPPROTO_TLS_1_3, false)]
    public void Bytes_go_both_ways_in_pieces_of_any_size_and_end(int protocol, bool isNative)
    {
        using SecureRig rig = new(isNative);
        (int client, int server) = rig.Connect(protocol);
        int seed = TestSeed.Take();
        byte[] data = new byte[400_000];
        new Random(seed).NextBytes(data);
        Thread echo = new(() => Carry(rig.Server, server, new Random(seed + 1)));
        Thread sending = new(() =>
        {
            Random random = new(seed + 2);
            for (int at = 0; at < data.Length;)
            {
                at += Expect.Ok(rig.Client.Send(client, data.AsSpan(at, Math.Min(data.Length - at, random.Next(1, 1 << random.Next(1, 17))))));
            }

            Expect.Ok(rig.Client.Shutdown(client, SocketShutdown.Send));
        });
        echo.Start();
        sending.Start();
        byte[] echoed = new byte[data.Length];
        Expect.Result(data.Length, rig.Client.Recv(client, echoed, MessageFlags.MSG_WAITALL));
        Expect.Result(0, rig.Client.Recv(client, new byte[1]));
        sending.Join();
        echo.Join();
        CollectionAssert.AreEqual(data, echoed);
        Expect.Ok(rig.Client.Close(client));
    }

    [TestMethod]
    [DataRow(IPPROTO_TLS_1_2)]
    [DataRow(IPPROTO_TLS_1_3)]
    public void Zephyrs_echo_server_serves_many_secure_connections_by_poll(int protocol)
    {
        using SecureRig rig = new();
        using EchoProgram echo = new(rig.Server, rig.At, protocol: protocol, prepare: socket => SetTags(rig.Server, socket, TestCertificates.ServerTag));
        int seed = TestSeed.Take();
        Thread[] clients = [.. Enumerable.Range(0, 4).Select(number => new Thread(() =>
        {
            byte[] data = new byte[30_000 * (number + 1)];
            new Random(seed + number).NextBytes(data);
            int socket = rig.MakeClient(protocol);
            Expect.Ok(rig.Client.Connect(socket, echo.Address));
            EchoProgram.Exchange(rig.Client, socket, data);
            Expect.Ok(rig.Client.Close(socket));
        }))];
        Array.ForEach(clients, static thread => thread.Start());
        Array.ForEach(clients, static thread => thread.Join());
    }

    [TestMethod]
    [DataRow(IPPROTO_TLS_1_2)]
    [DataRow(IPPROTO_TLS_1_3)]
    public void A_certificate_of_a_stranger_is_refused(int protocol)
    {
        using SecureRig rig = new();
        int listening = rig.Listen(protocol, out SockAddr address, socket => SetTags(rig.Server, socket, TestCertificates.StrangerTag));
        int client = rig.MakeClient(protocol);
        Expect.Error(Errno.ECONNABORTED, rig.Client.Connect(client, address));
        Expect.Ok(rig.Client.GetSockOpt(client, SOL_TLS, TLS_CERT_VERIFY_RESULT, out int result));
        Assert.AreNotEqual(0, result);
        Expect.Error(Errno.EPIPE, rig.Client.Send(client, "x"u8));
        Expect.Result(0, rig.Client.Recv(client, new byte[1]));
        Expect.Error(Errno.EISCONN, rig.Client.Connect(client, address));
        int server = rig.Accepted();
        Expect.Error(Errno.ECONNABORTED, rig.Server.Recv(server, new byte[1]));
        Expect.Result(0, rig.Server.Recv(server, new byte[1]));
        Close(rig, client, server, listening);
    }

    [TestMethod]
    public void A_certificate_for_another_name_is_refused_unless_names_are_not_checked()
    {
        using SecureRig rig = new();
        int listening = rig.Listen(IPPROTO_TLS_1_3, out SockAddr address);
        int client = rig.MakeClient(IPPROTO_TLS_1_3);
        SetName(rig.Client, client, "other.test");
        Expect.Error(Errno.ECONNABORTED, rig.Client.Connect(client, address));
        Expect.Ok(rig.Client.Close(client));
        client = rig.MakeClient(IPPROTO_TLS_1_3);
        SetName(rig.Client, client, "");
        Expect.Ok(rig.Client.Connect(client, address));
        Expect.Ok(rig.Client.Close(client));
        Expect.Ok(rig.Server.Close(listening));
    }

    [TestMethod]
    public void Without_a_name_the_certificate_must_be_for_the_peers_address()
    {
        using SecureRig rig = new();
        int listening = rig.Listen(IPPROTO_TLS_1_2, out SockAddr address);
        int client = Expect.Ok(rig.Client.Socket(SocketDomain.AF_INET, SocketKind.SOCK_STREAM, IPPROTO_TLS_1_2));
        SetTags(rig.Client, client, TestCertificates.Tag);
        Expect.Ok(rig.Client.Connect(client, address)); // it is for 192.0.2.2
        Expect.Ok(rig.Client.Close(client));
        Expect.Ok(rig.Server.Close(listening));
        int unnamed = rig.Listen(IPPROTO_TLS_1_2, out address, socket => SetTags(rig.Server, socket, TestCertificates.ClientTag));
        client = Expect.Ok(rig.Client.Socket(SocketDomain.AF_INET, SocketKind.SOCK_STREAM, IPPROTO_TLS_1_2));
        SetTags(rig.Client, client, TestCertificates.Tag);
        SetName(rig.Client, client, "server.test");
        Expect.Error(Errno.ECONNABORTED, rig.Client.Connect(client, address));
        Expect.Ok(rig.Client.Close(client));
        Expect.Ok(rig.Server.Close(unnamed));
    }

    [TestMethod]
    [DataRow(TLS_PEER_VERIFY_NONE)]
    [DataRow(TLS_PEER_VERIFY_OPTIONAL)]
    public void A_client_that_does_not_insist_connects_to_a_stranger(int verify)
    {
        using SecureRig rig = new();
        (int client, int server) = rig.Connect(
            IPPROTO_TLS_1_3,
            socket => Expect.Ok(rig.Client.SetSockOpt(socket, SOL_TLS, TLS_PEER_VERIFY, verify)),
            socket => SetTags(rig.Server, socket, TestCertificates.StrangerTag));
        Expect.Ok(rig.Client.GetSockOpt(client, SOL_TLS, TLS_CERT_VERIFY_RESULT, out int result));
        Assert.AreNotEqual(0, result);
        Close(rig, client, server);
    }

    [TestMethod]
    [DataRow(IPPROTO_TLS_1_2)]
    [DataRow(IPPROTO_TLS_1_3)]
    public void A_server_can_ask_for_the_clients_certificate(int protocol)
    {
        using SecureRig rig = new();
        int listening = rig.Listen(protocol, out SockAddr address, socket => Expect.Ok(rig.Server.SetSockOpt(socket, SOL_TLS, TLS_PEER_VERIFY, TLS_PEER_VERIFY_REQUIRED)));
        int client = rig.MakeClient(protocol);
        SetTags(rig.Client, client, TestCertificates.Tag, TestCertificates.ClientTag);
        Expect.Ok(rig.Client.Connect(client, address));
        int server = rig.Accepted();
        Expect.Result(1, rig.Client.Send(client, "x"u8));
        Expect.Result(1, rig.Server.Recv(server, new byte[1]));
        Close(rig, client, server);
        client = rig.MakeClient(protocol);
        int connected = rig.Client.Connect(client, address); // in TLS 1.3 the client is done before the server has looked
        server = rig.Accepted();
        Expect.Error(Errno.ECONNABORTED, rig.Server.Recv(server, new byte[1]));
        if (connected == 0)
        {
            Expect.Error(Errno.EPROTO, rig.Client.Recv(client, new byte[1])); // its alert
        }
        else
        {
            Assert.IsTrue(-connected is (int)Errno.ECONNABORTED or (int)Errno.EPROTO, $"{connected}"); // the alert came before connect() looked
        }

        Close(rig, client, server, listening);
    }

    [TestMethod]
    [DataRow(IPPROTO_TLS_1_2)]
    [DataRow(IPPROTO_TLS_1_3)]
    public void A_key_that_both_have_needs_no_certificate(int protocol)
    {
        using SecureRig rig = new();
        (int client, int server) = rig.Connect(protocol, socket => SetTags(rig.Client, socket, TestCertificates.KeyTag), socket => SetTags(rig.Server, socket, TestCertificates.KeyTag));
        Expect.Result(1, rig.Client.Send(client, "x"u8));
        Expect.Result(1, rig.Server.Recv(server, new byte[1]));
        Close(rig, client, server);
    }

    [TestMethod]
    public void Cipher_suites_and_protocols_are_agreed_on()
    {
        const int Chosen = 0x1302; // TLS_AES_256_GCM_SHA384
        using SecureRig rig = new();
        (int client, int server) = rig.Connect(
            IPPROTO_TLS_1_3,
            socket =>
            {
                Expect.Ok(rig.Client.SetSockOpt(socket, SOL_TLS, TLS_CIPHERSUITE_LIST, [0x02, 0x13, 0, 0]));
                Expect.Ok(rig.Client.SetSockOpt(socket, SOL_TLS, TLS_ALPN_LIST, "spdy/3\0echo\0"u8));
                Expect.Error(Errno.ENOTCONN, rig.Client.GetSockOpt(socket, SOL_TLS, TLS_CIPHERSUITE_USED, out int _));
            },
            socket => Expect.Ok(rig.Server.SetSockOpt(socket, SOL_TLS, TLS_ALPN_LIST, "echo\0other"u8)));
        Expect.Result(1, rig.Client.Send(client, "x"u8));
        Expect.Result(1, rig.Server.Recv(server, new byte[1]));
        foreach ((StackCalls calls, int socket) in new[] { (rig.Client, client), (rig.Server, server) })
        {
            Expect.Ok(calls.GetSockOpt(socket, SOL_TLS, TLS_CIPHERSUITE_USED, out int suite));
            Assert.AreEqual(Chosen, suite);
            byte[] name = new byte[16];
            Expect.Ok(calls.GetSockOpt(socket, SOL_TLS, TLS_ALPN_LIST, name, out int length));
            Assert.AreEqual("echo", Encoding.ASCII.GetString(name, 0, length));
        }

        Close(rig, client, server);
    }

    [TestMethod]
    public void No_protocol_in_common_ends_the_handshake()
    {
        using SecureRig rig = new();
        int listening = rig.Listen(IPPROTO_TLS_1_2, out SockAddr address, socket => Expect.Ok(rig.Server.SetSockOpt(socket, SOL_TLS, TLS_ALPN_LIST, "one"u8)));
        int client = rig.MakeClient(IPPROTO_TLS_1_2);
        Expect.Ok(rig.Client.SetSockOpt(client, SOL_TLS, TLS_ALPN_LIST, "two"u8));
        Expect.Error(Errno.ECONNABORTED, rig.Client.Connect(client, address));
        Expect.Ok(rig.Client.Close(client));
        Expect.Ok(rig.Server.Close(listening));
    }

    [TestMethod]
    public void Versions_do_not_mix()
    {
        using SecureRig rig = new();
        int listening = rig.Listen(IPPROTO_TLS_1_2, out SockAddr address);
        int client = rig.MakeClient(IPPROTO_TLS_1_3);
        Expect.Error(Errno.ECONNABORTED, rig.Client.Connect(client, address));
        Expect.Ok(rig.Client.Close(client));
        Expect.Ok(rig.Server.Close(listening));
    }

    [TestMethod]
    public void A_peer_that_speaks_no_TLS_is_refused()
    {
        using SecureRig rig = new();
        using EchoProgram echo = new(rig.Server, rig.At); // our hello comes back
        int client = rig.MakeClient(IPPROTO_TLS_1_2);
        Expect.Error(Errno.ECONNABORTED, rig.Client.Connect(client, echo.Address));
        Expect.Ok(rig.Client.Close(client));
    }

    [TestMethod]
    public void Credentials_are_looked_up_when_they_are_needed()
    {
        using SecureRig rig = new();
        int listening = rig.Listen(IPPROTO_TLS_1_2, out SockAddr address);
        int client = rig.MakeClient(IPPROTO_TLS_1_2);
        SetTags(rig.Client, client, 99);
        Expect.Error(Errno.ENOENT, rig.Client.Connect(client, address));
        SetTags(rig.Client, client, TestCertificates.Tag); // and it can be tried again
        Expect.Ok(rig.Client.Connect(client, address));
        Expect.Error(Errno.EISCONN, rig.Client.SetSockOpt(client, SOL_TLS, TLS_SEC_TAG_LIST, 0));
        Expect.Ok(rig.Client.Close(client));
        int without = Expect.Ok(rig.Server.Socket(SocketDomain.AF_INET, SocketKind.SOCK_STREAM, IPPROTO_TLS_1_2));
        Expect.Error(Errno.EINVAL, rig.Server.Listen(without, 1)); // a server must show who it is
        Expect.Ok(rig.Server.Close(without));
        Expect.Ok(rig.Server.Close(listening));
    }

    [TestMethod]
    public void Without_waiting_connect_is_under_way_until_the_handshake_is_done()
    {
        using SecureRig rig = new();
        int listening = rig.Listen(IPPROTO_TLS_1_3, out SockAddr address);
        int client = rig.MakeClient(IPPROTO_TLS_1_3);
        Expect.Ok(rig.Client.Fcntl(client, FileControl.F_SETFL, FileControl.O_NONBLOCK));
        Expect.Error(Errno.EINPROGRESS, rig.Client.Connect(client, address));
        int server = rig.Accepted();
        Assert.AreEqual(PollEvents.POLLOUT, SocketRig.Await(rig.Client, client, PollEvents.POLLOUT));
        Expect.Ok(rig.Client.GetSockOpt(client, SOL_SOCKET, SO_ERROR, out int error));
        Assert.AreEqual(0, error);
        Expect.Error(Errno.EAGAIN, rig.Client.Recv(client, new byte[1]));
        Expect.Error(Errno.EISCONN, rig.Client.Connect(client, address));
        Expect.Result(5, rig.Client.Send(client, "hello"u8));
        byte[] buffer = new byte[3];
        Expect.Result(3, rig.Server.Recv(server, buffer, MessageFlags.MSG_PEEK));
        Expect.Result(3, rig.Server.Recv(server, buffer));
        int waiting = 0;
        Expect.Ok(rig.Server.Ioctl(server, FIONREAD, ref waiting));
        Assert.AreEqual(2, waiting); // decrypted, in OpenSSL's buffers only
        Assert.AreEqual(PollEvents.POLLIN, SocketRig.Await(rig.Server, server, PollEvents.POLLIN));
        Expect.Result(2, rig.Server.Recv(server, buffer));
        Expect.Error(Errno.EAGAIN, rig.Server.Recv(server, buffer, MessageFlags.MSG_DONTWAIT));
        Expect.Error(Errno.EOPNOTSUPP, rig.Client.Send(client, "x"u8, MessageFlags.MSG_OOB));
        Close(rig, client, server, listening);
    }

    [TestMethod]
    public void What_does_not_fit_is_EAGAIN_and_all_arrives()
    {
        using SecureRig rig = new();
        (int client, int server) = rig.Connect(IPPROTO_TLS_1_3);
        Expect.Result(1, rig.Server.Send(server, "x"u8));
        Expect.Result(1, rig.Client.Recv(client, new byte[1])); // the server's tickets have come too: unread, they would make TCP reset the connection on close
        byte[] data = new byte[100_000];
        Random random = TestSeed.Random();
        long sum = 0;
        long sent = 0;
        while (true)
        {
            random.NextBytes(data);
            int taken = rig.Client.Send(client, data, MessageFlags.MSG_DONTWAIT);
            if (taken < 0)
            {
                Expect.Error(Errno.EAGAIN, taken);
                break;
            }

            sent += taken;
            sum += Sum(data.AsSpan(0, taken));
        }

        Expect.Ok(rig.Client.Close(client)); // what is encrypted leaves by itself
        long received = 0;
        int count;
        while ((count = Expect.Ok(rig.Server.Recv(server, data))) > 0)
        {
            received += count;
            sum -= Sum(data.AsSpan(0, count));
        }

        Assert.AreEqual((sent, 0L), (received, sum));
        Expect.Ok(rig.Server.Close(server));
    }

    [TestMethod]
    [DataRow(true, Errno.ECONNABORTED, DisplayName = "the end is made up")]
    [DataRow(false, Errno.EPROTO, DisplayName = "a record is changed")]
    public void What_somebody_does_on_the_way_is_found_out(bool cuts, Errno expected)
    {
        using SecureRig rig = new();
        int listening = Expect.Ok(rig.Server.Socket(SocketDomain.AF_INET, SocketKind.SOCK_STREAM));
        Expect.Ok(rig.Server.Bind(listening, rig.At));
        Expect.Ok(rig.Server.Listen(listening, 1));
        Expect.Ok(rig.Server.GetSockName(listening, out SockAddr address));
        int secure = rig.Listen(IPPROTO_TLS_1_3, out SockAddr behind);
        int client = rig.MakeClient(IPPROTO_TLS_1_3);
        Thread middle = new(() => Meddle(rig, listening, behind, cuts));
        middle.Start();
        Expect.Ok(rig.Client.Connect(client, address));
        int server = rig.Accepted();
        Expect.Result(1, rig.Server.Send(server, "x"u8));
        Expect.Result(1, rig.Client.Recv(client, new byte[1]));
        Expect.Result(1, rig.Client.Send(client, "!"u8)); // the sign for the one in the middle
        if (!cuts)
        {
            Expect.Error(Errno.EPROTO, rig.Server.Recv(server, new byte[1]));
            Expect.Result(0, rig.Server.Recv(server, new byte[1]));
        }

        Expect.Error(expected, rig.Client.Recv(client, new byte[1])); // of a changed record the server's alert tells
        Expect.Result(0, rig.Client.Recv(client, new byte[1]));
        middle.Join();
        Close(rig, client, server, listening, secure);
    }

    [TestMethod]
    [DataRow(IPPROTO_TLS_1_2)]
    [DataRow(IPPROTO_TLS_1_3)]
    public void A_cached_session_is_gone_on_with(int protocol)
    {
        using SecureRig rig = new();
        using EchoProgram echo = new(rig.Server, rig.At, protocol: protocol, prepare: socket => SetTags(rig.Server, socket, TestCertificates.ServerTag));
        for (int round = 0; round < 3; round++)
        {
            int client = rig.MakeClient(protocol);
            if (round == 2)
            {
                Expect.Ok(rig.Client.SetSockOpt(client, SOL_TLS, TLS_SESSION_CACHE_PURGE, 1));
            }

            Expect.Ok(rig.Client.SetSockOpt(client, SOL_TLS, TLS_SESSION_CACHE, 1));
            Expect.Ok(rig.Client.Connect(client, echo.Address));
            Expect.Result(1, rig.Client.Send(client, "x"u8));
            Expect.Result(1, rig.Client.Recv(client, new byte[1]));
            Expect.Ok(rig.Client.GetSockOpt(client, SOL_TLS, TLS_SESSION_RESUMED, out int resumed));
            Assert.AreEqual(round == 1 ? 1 : 0, resumed, $"round {round}");
            Expect.Ok(rig.Client.Close(client));
        }
    }

    [TestMethod]
    public void TLS_goes_through_a_SOCKS5_proxy()
    {
        using SecureRig rig = new();
        using Socks5Server proxy = new(rig.Server, rig.At);
        using EchoProgram echo = new(rig.Server, rig.At, protocol: IPPROTO_TLS_1_3, prepare: socket => SetTags(rig.Server, socket, TestCertificates.ServerTag));
        int client = rig.MakeClient(IPPROTO_TLS_1_3);
        byte[] address = new byte[proxy.Address.Length];
        proxy.Address.Write(address);
        Expect.Ok(rig.Client.SetSockOpt(client, SOL_SOCKET, SO_SOCKS5, address));
        Expect.Ok(rig.Client.Connect(client, echo.Address));
        Assert.AreEqual(echo.Address, proxy.Asked);
        byte[] data = new byte[50_000];
        TestSeed.Random().NextBytes(data);
        EchoProgram.Exchange(rig.Client, client, data);
        Expect.Ok(rig.Client.Close(client));
    }

    [TestMethod]
    public void A_device_without_TLS_of_its_own_carries_ours()
    {
        Skip.Unless(OpenSsl.IsAvailable, "OpenSSL 3 is not installed (libssl3)");
        using SocketHosts hosts = new();
        SocketSystem system = new(hosts.A.Stack, new SocketSystemOptions { Dispatches = true });
        system.AddOffloadedDevice("host0", new HostProvider("host0", HostProvider.BehindNative));
        TestCertificates.AddTo(system.Credentials);
        StackCalls calls = new(new DescriptorTable(system));
        using EchoProgram echo = new(calls, HostRig.Loopback(SocketDomain.AF_INET), "host0", IPPROTO_TLS_1_3, socket => SetTags(calls, socket, TestCertificates.ServerTag)); // 127.0.0.1 exists on the host only
        int client = EchoProgram.Open(calls, SocketDomain.AF_INET, "host0", IPPROTO_TLS_1_3);
        SetTags(calls, client, TestCertificates.Tag);
        SetName(calls, client, TestCertificates.ServerName);
        Expect.Ok(calls.Connect(client, echo.Address));
        byte[] data = new byte[50_000];
        TestSeed.Random().NextBytes(data);
        EchoProgram.Exchange(calls, client, data);
        Expect.Ok(calls.Close(client));
    }

    [TestMethod]
    public void Send_and_receive_allocate_nothing()
    {
        using SecureRig rig = new(isNative: false);
        (int client, int server) = rig.Connect(IPPROTO_TLS_1_3);
        byte[] buffer = new byte[64];
        Expect.Ok(rig.Server.SetSockOpt(server, SOL_SOCKET, SO_RCVTIMEO, MemoryMarshal.AsBytes<long>([0, 1000])));
        Expect.Error(Errno.EAGAIN, rig.Server.Recv(server, buffer)); // whoever waits for the first time allocates
        Expect.Ok(rig.Server.SetSockOpt(server, SOL_SOCKET, SO_RCVTIMEO, MemoryMarshal.AsBytes<long>([0, 0])));
        long allocated = 0;
        for (int round = 0; round < 1100; round++)
        {
            if (round == 100)
            {
                allocated = GC.GetAllocatedBytesForCurrentThread();
            }

            Assert.AreEqual(buffer.Length, rig.Client.Send(client, buffer));
            Assert.AreEqual(buffer.Length, rig.Server.Recv(server, buffer, MessageFlags.MSG_WAITALL));
        }

        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
        Close(rig, client, server);
    }

    private static long Sum(ReadOnlySpan<byte> bytes)
    {
        long sum = 0;
        foreach (byte one in bytes)
        {
            sum += one;
        }

        return sum;
    }

    private static void Carry(StackCalls calls, int socket, Random random)
    {
        byte[] buffer = new byte[65_536];
        int count;
        while ((count = Expect.Ok(calls.Recv(socket, buffer.AsSpan(0, random.Next(1, buffer.Length))))) > 0)
        {
            Expect.Result(count, calls.Send(socket, buffer.AsSpan(0, count)));
        }

        Expect.Ok(calls.Close(socket));
    }

    // Carries bytes between the client and the TLS server until the client has sent a record of one byte; then hangs up, or changes that.
    private static void Meddle(SecureRig rig, int listening, SockAddr behind, bool cuts)
    {
        int front = Expect.Ok(rig.Server.Accept(listening, out _));
        int back = Expect.Ok(rig.Server.Socket(SocketDomain.AF_INET, SocketKind.SOCK_STREAM));
        Expect.Ok(rig.Server.Connect(back, behind));
        byte[] buffer = new byte[20_000];
        PollFd[] both = [new() { Descriptor = front, Events = PollEvents.POLLIN }, new() { Descriptor = back, Events = PollEvents.POLLIN }];
        while (true)
        {
            Expect.Ok(rig.Server.Poll(both, 30_000));
            if (both[1].Returned != PollEvents.None)
            {
                int count = Expect.Ok(rig.Server.Recv(back, buffer));
                Expect.Result(count, rig.Server.Send(front, buffer.AsSpan(0, count)));
            }

            if (both[0].Returned != PollEvents.None)
            {
                int count = Expect.Ok(rig.Server.Recv(front, buffer));
                bool isMarked = count == 23; // a record of one byte: 5 of header, 1 of data, 1 of type, 16 of the tag (RFC 8446 §5.2)
                if ((isMarked && cuts) || count == 0)
                {
                    break;
                }

                buffer[count - 1] ^= (byte)(isMarked ? 1 : 0);

                Expect.Result(count, rig.Server.Send(back, buffer.AsSpan(0, count)));
            }
        }

        Expect.Ok(rig.Server.Close(front));
        Expect.Ok(rig.Server.Close(back));
    }

    private static void Close(SecureRig rig, int client, params int[] server)
    {
        Expect.Ok(rig.Client.Close(client));
        Array.ForEach(server, socket => Expect.Ok(rig.Server.Close(socket)));
    }
}
