using System.Text;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using FpgaNet.Testing;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Secure;

/// <summary>DTLS sockets with each other.</summary>
[TestClass]
public sealed class SecureDatagramTests
{
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Datagrams_of_any_size_keep_their_bounds(bool isNative)
    {
        using SecureRig rig = new(isNative);
        int server = MakeServer(rig, out SockAddr address);
        int client = rig.MakeClient(IPPROTO_DTLS_1_2, SocketKind.SOCK_DGRAM);
        Expect.Ok(rig.Client.Connect(client, address));
        Random random = TestSeed.Random();
        byte[] buffer = new byte[20_000];
        for (int round = 0; round < 100; round++)
        {
            byte[] sent = new byte[random.Next(1, round % 10 == 0 ? TlsRecord + 1 : 1200)];
            random.NextBytes(sent);
            Expect.Result(sent.Length, rig.Client.Send(client, sent));
            Expect.Result(sent.Length, rig.Server.RecvFrom(server, buffer, out SockAddr from));
            CollectionAssert.AreEqual(sent, buffer[..sent.Length]);
            Expect.Ok(rig.Client.GetSockName(client, out SockAddr local));
            Assert.AreEqual(local.Port, from.Port);
            Array.Reverse(sent);
            Expect.Result(sent.Length, rig.Server.Send(server, sent));
            Expect.Result(sent.Length, rig.Client.Recv(client, buffer));
            CollectionAssert.AreEqual(sent, buffer[..sent.Length]);
        }

        Expect.Error(Errno.EMSGSIZE, rig.Client.Send(client, new byte[TlsRecord + 1]));
        Expect.Error(Errno.EISCONN, rig.Client.SendTo(client, "x"u8, address with { Port = 9 }));
        Expect.Error(Errno.EISCONN, rig.Server.SendTo(server, "x"u8, address with { Port = 9 }));
        Expect.Ok(rig.Client.Close(client));
        Expect.Ok(rig.Server.Close(server));
    }

    [TestMethod]
    public void What_does_not_fit_is_cut_and_peeking_leaves_it()
    {
        using SecureRig rig = new();
        int server = MakeServer(rig, out SockAddr address);
        int client = rig.MakeClient(IPPROTO_DTLS_1_2, SocketKind.SOCK_DGRAM);
        Expect.Ok(rig.Client.Connect(client, address));
        Expect.Result(5, rig.Client.Send(client, "hello"u8));
        Expect.Result(2, rig.Client.Send(client, "me"u8));
        byte[] buffer = new byte[3];
        Assert.AreEqual(PollEvents.POLLIN, SocketRig.Await(rig.Server, server, PollEvents.POLLIN));
        Expect.Result(3, rig.Server.Recv(server, buffer, MessageFlags.MSG_PEEK));
        MsgHdr message = new(buffer);
        Expect.Result(3, rig.Server.RecvMsg(server, message));
        Assert.AreEqual(MessageFlags.MSG_TRUNC, message.Flags & MessageFlags.MSG_TRUNC);
        Expect.Result(2, rig.Server.Recv(server, buffer));
        Assert.AreEqual("me", Encoding.ASCII.GetString(buffer, 0, 2));
        Expect.Error(Errno.EAGAIN, rig.Server.Recv(server, buffer, MessageFlags.MSG_DONTWAIT));
        Expect.Ok(rig.Client.Close(client));
        Expect.Ok(rig.Server.Close(server));
    }

    [TestMethod]
    public void A_server_serves_one_client_after_the_other()
    {
        using SecureRig rig = new();
        int server = MakeServer(rig, out SockAddr address);
        Expect.Error(Errno.ENOTCONN, rig.Server.Send(server, "x"u8)); // to whom
        byte[] buffer = new byte[16];
        for (int round = 0; round < 3; round++)
        {
            int client = rig.MakeClient(IPPROTO_DTLS_1_2, SocketKind.SOCK_DGRAM);
            Expect.Ok(rig.Client.Connect(client, address));
            Expect.Result(1, rig.Client.Send(client, [(byte)round]));
            Expect.Result(1, rig.Server.Recv(server, buffer));
            Assert.AreEqual(round, buffer[0]);
            Expect.Ok(rig.Client.Close(client)); // its close_notify sets the server free
            Expect.Error(Errno.EAGAIN, rig.Server.Recv(server, buffer, MessageFlags.MSG_DONTWAIT));
        }

        Expect.Ok(rig.Server.Close(server));
    }

    [TestMethod]
    public void A_handshake_survives_lost_and_repeated_datagrams()
    {
        using SecureRig rig = new();
        Random random = TestSeed.Random();
        int server = MakeServer(rig, out SockAddr address, socket => SetTimeouts(rig.Server, socket, 20, 20_000));
        using LossyRelay relay = new(rig, address, random);
        int client = rig.MakeClient(IPPROTO_DTLS_1_2, SocketKind.SOCK_DGRAM);
        SetTimeouts(rig.Client, client, 20, 20_000);
        Expect.Ok(rig.Client.Connect(client, relay.Address));
        relay.IsFair = true; // what the handshake has not delivered is the program's to repeat
        byte[] buffer = new byte[8];
        int received;
        do
        {
            Expect.Result(1, rig.Client.Send(client, "x"u8));
            PollFd[] list = [new() { Descriptor = server, Events = PollEvents.POLLIN }];
            rig.Server.Poll(list, 100);
            received = rig.Server.Recv(server, buffer, MessageFlags.MSG_DONTWAIT);
        }
        while (received == -(int)Errno.EAGAIN);
        Assert.AreEqual(1, received);
        Expect.Ok(rig.Client.Close(client));
        Expect.Ok(rig.Server.Close(server));
    }

    [TestMethod]
    public void Without_an_answer_the_handshake_ends()
    {
        using SecureRig rig = new();
        int silent = Expect.Ok(rig.Server.Socket(SocketDomain.AF_INET, SocketKind.SOCK_DGRAM));
        Expect.Ok(rig.Server.Bind(silent, rig.At));
        Expect.Ok(rig.Server.GetSockName(silent, out SockAddr address));
        int client = rig.MakeClient(IPPROTO_DTLS_1_2, SocketKind.SOCK_DGRAM);
        SetTimeouts(rig.Client, client, 10, 40);
        Expect.Error(Errno.ETIMEDOUT, rig.Client.Connect(client, address));
        Expect.Error(Errno.ENOTCONN, rig.Client.Send(client, "x"u8));
        Expect.Ok(rig.Client.Close(client));
        Expect.Ok(rig.Server.Close(silent));
    }

    [TestMethod]
    public void A_certificate_of_a_stranger_is_refused()
    {
        using SecureRig rig = new();
        int server = MakeServer(rig, out SockAddr address, socket => SecureRig.SetTags(rig.Server, socket, TestCertificates.StrangerTag));
        int client = rig.MakeClient(IPPROTO_DTLS_1_2, SocketKind.SOCK_DGRAM);
        Expect.Error(Errno.ECONNABORTED, rig.Client.Connect(client, address));
        Expect.Ok(rig.Client.Close(client));
        Expect.Ok(rig.Server.Close(server));
    }

    [TestMethod]
    public void A_key_that_both_have_needs_no_certificate_and_garbage_is_passed_over()
    {
        using SecureRig rig = new();
        int server = MakeServer(rig, out SockAddr address, socket => SecureRig.SetTags(rig.Server, socket, TestCertificates.KeyTag));
        int stranger = Expect.Ok(rig.Client.Socket(SocketDomain.AF_INET, SocketKind.SOCK_DGRAM));
        Random random = TestSeed.Random();
        byte[] garbage = new byte[200];
        void Disturb()
        {
            for (int i = 0; i < 20; i++)
            {
                random.NextBytes(garbage);
                garbage[0] = (byte)random.Next(20, 26);
                Expect.Ok(rig.Client.SendTo(stranger, garbage.AsSpan(0, random.Next(0, garbage.Length)), address));
            }
        }

        Disturb();
        int client = rig.MakeClient(IPPROTO_DTLS_1_2, SocketKind.SOCK_DGRAM);
        SecureRig.SetTags(rig.Client, client, TestCertificates.KeyTag);
        Expect.Ok(rig.Client.Connect(client, address));
        Disturb();
        Expect.Result(1, rig.Client.Send(client, "x"u8));
        byte[] buffer = new byte[8];
        Expect.Result(1, rig.Server.Recv(server, buffer));
        Expect.Ok(rig.Client.Close(client));
        Expect.Ok(rig.Client.Close(stranger));
        Expect.Ok(rig.Server.Close(server));
    }

    [TestMethod]
    public void With_HANDSHAKE_ON_CONNECT_off_the_first_send_shakes_hands()
    {
        using SecureRig rig = new();
        int server = MakeServer(rig, out SockAddr address);
        int client = rig.MakeClient(IPPROTO_DTLS_1_2, SocketKind.SOCK_DGRAM);
        Expect.Ok(rig.Client.SetSockOpt(client, SOL_TLS, TLS_DTLS_HANDSHAKE_ON_CONNECT, 0));
        Expect.Ok(rig.Client.Connect(client, address));
        Expect.Error(Errno.ENOTCONN, rig.Client.GetSockOpt(client, SOL_TLS, TLS_CIPHERSUITE_USED, out int _));
        Expect.Result(1, rig.Client.Send(client, "x"u8));
        Expect.Result(1, rig.Server.Recv(server, new byte[4]));
        Expect.Ok(rig.Client.GetSockOpt(client, SOL_TLS, TLS_CIPHERSUITE_USED, out int _));
        int other = rig.MakeClient(IPPROTO_DTLS_1_2, SocketKind.SOCK_DGRAM);
        Expect.Error(Errno.ENOTCONN, rig.Client.Send(other, "x"u8)); // to whom
        Expect.Ok(rig.Client.Close(other));
        Expect.Ok(rig.Client.Close(client));
        Expect.Ok(rig.Server.Close(server));
    }

    private const int TlsRecord = 16_384;

    private static int MakeServer(SecureRig rig, out SockAddr address, Action<int>? prepare = null)
    {
        int server = Expect.Ok(rig.Server.Socket(SocketDomain.AF_INET, SocketKind.SOCK_DGRAM, IPPROTO_DTLS_1_2));
        SecureRig.SetTags(rig.Server, server, TestCertificates.ServerTag);
        Expect.Ok(rig.Server.SetSockOpt(server, SOL_TLS, TLS_DTLS_ROLE, TLS_DTLS_ROLE_SERVER));
        prepare?.Invoke(server);
        Expect.Ok(rig.Server.Bind(server, rig.At));
        Expect.Ok(rig.Server.GetSockName(server, out address));
        return server;
    }

    private static void SetTimeouts(StackCalls calls, int socket, int first, int last)
    {
        Expect.Ok(calls.SetSockOpt(socket, SOL_TLS, TLS_DTLS_HANDSHAKE_TIMEOUT_MIN, first));
        Expect.Ok(calls.SetSockOpt(socket, SOL_TLS, TLS_DTLS_HANDSHAKE_TIMEOUT_MAX, last));
    }

    /// <summary>Between a client and a server: loses every third datagram, until it has lost enough, and repeats every fourth, by seed.</summary>
    private sealed class LossyRelay : IDisposable
    {
        private const int MostLost = 8; // each can cost a side one wait, and after ten, doubled each time, the handshake is given up

        private readonly SecureRig _rig;
        private readonly SockAddr _server;
        private readonly Random _random;
        private readonly int _front;
        private readonly int _back;
        private readonly Thread _thread;
        private volatile bool _stops;
        private int _lost;

        public LossyRelay(SecureRig rig, SockAddr server, Random random)
        {
            (_rig, _server, _random) = (rig, server, random);
            _front = Open();
            _back = Open();
            Expect.Ok(rig.Server.GetSockName(_front, out SockAddr address));
            Address = address;
            _thread = new Thread(Run);
            _thread.Start();
        }

        public SockAddr Address { get; }

        /// <summary>Loses and repeats nothing more.</summary>
        public bool IsFair { get; set; }

        public void Dispose()
        {
            _stops = true;
            _thread.Join();
            _rig.Server.Close(_front);
            _rig.Server.Close(_back);
        }

        private int Open()
        {
            int socket = Expect.Ok(_rig.Server.Socket(SocketDomain.AF_INET, SocketKind.SOCK_DGRAM));
            Expect.Ok(_rig.Server.Bind(socket, _rig.At));
            return socket;
        }

        private void Run()
        {
            SockAddr client = default;
            byte[] buffer = new byte[65_536];
            while (!_stops)
            {
                PollFd[] both = [new() { Descriptor = _front, Events = PollEvents.POLLIN }, new() { Descriptor = _back, Events = PollEvents.POLLIN }];
                _rig.Server.Poll(both, 10);
                if (both[0].Returned != PollEvents.None)
                {
                    int count = _rig.Server.RecvFrom(_front, buffer, out client);
                    Pass(_back, buffer.AsSpan(0, Math.Max(0, count)), _server);
                }

                if (both[1].Returned != PollEvents.None)
                {
                    int count = _rig.Server.Recv(_back, buffer);
                    Pass(_front, buffer.AsSpan(0, Math.Max(0, count)), client);
                }
            }
        }

        private void Pass(int socket, ReadOnlySpan<byte> datagram, SockAddr to)
        {
            int times = IsFair ? 1 : _random.Next(12) switch
            {
                < 4 when _lost < MostLost => 0,
                < 7 => 2,
                _ => 1,
            };
            _lost += times == 0 ? 1 : 0;
            for (int i = 0; i < times; i++)
            {
                _rig.Server.SendTo(socket, datagram, to);
            }
        }
    }
}
