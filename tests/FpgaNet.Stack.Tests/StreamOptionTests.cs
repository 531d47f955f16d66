using System.Buffers.Binary;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Stack.Tests.Scripts;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Tests;

/// <summary>What the options of stream sockets (socket(7), ip(7), tcp(7)) do to the segments on the wire, and when.</summary>
[TestClass]
public sealed class StreamOptionTests
{
    private static readonly SockAddr s_peer = SockAddr.Inet(IPv4Address.Parse("192.0.2.2"), ScriptedPeer.PeerPort);

    [TestMethod]
    public void Without_TCP_NODELAY_one_small_segment_is_on_its_way_at_a_time()
    {
        using ScriptedPeer peer = new();
        KernelSocket socket = Connected(peer);
        Say(socket, 10);
        peer.Expects(Seg.Data(1, 10, 1));
        Say(socket, 10);
        peer.ExpectsNothing();
        Set(socket, SOL_TCP, TCP_NODELAY, 1); // pushes what waits
        peer.Expects(Seg.Data(11, 10, 1));
        Say(socket, 10);
        peer.Expects(Seg.Data(21, 10, 1));
        socket.Close();
    }

    [TestMethod]
    public void TCP_CORK_holds_small_segments_back_until_it_is_cleared_or_for_200_ms()
    {
        using ScriptedPeer peer = new();
        KernelSocket socket = Connected(peer);
        Set(socket, SOL_TCP, TCP_CORK, 1);
        Say(socket, 100);
        peer.ExpectsNothing();
        Say(socket, 1400);
        peer.Expects(Seg.Data(1, 1460, 1) with { Flags = TcpFlags.Ack });
        peer.Sends(Seg.Ack(1, 1461));
        peer.ExpectsNothing();
        Set(socket, SOL_TCP, TCP_CORK, 0);
        peer.Expects(Seg.Data(1461, 40, 1)).Sends(Seg.Ack(1, 1501));
        Set(socket, SOL_TCP, TCP_CORK, 1);
        Say(socket, 7);
        peer.ExpectsAfter(TimeSpan.FromMilliseconds(200), Seg.Data(1501, 7, 1), TimeSpan.FromMilliseconds(20));
        socket.Close();
    }

    [TestMethod]
    public void MSG_MORE_waits_for_the_rest()
    {
        using ScriptedPeer peer = new();
        KernelSocket socket = Connected(peer);
        Say(socket, 100, MessageFlags.MSG_MORE);
        peer.ExpectsNothing();
        Say(socket, 50);
        peer.Expects(Seg.Data(1, 150, 1));
        socket.Close();
    }

    [TestMethod]
    public void TCP_MAXSEG_bounds_what_is_offered_and_sent()
    {
        using ScriptedPeer peer = new();
        KernelSocket socket = Make(peer);
        Set(socket, SOL_TCP, TCP_MAXSEG, 500);
        Connect(peer, socket, Seg.Syn().Mss(500));
        Assert.AreEqual(500, Get(socket, SOL_TCP, TCP_MAXSEG));
        Say(socket, 600);
        peer.Expects(Seg.Data(1, 500, 1) with { Flags = TcpFlags.Ack });
        socket.Close();
    }

    [TestMethod]
    public void TCP_MAXSEG_of_a_listener_is_in_its_answers_and_its_connections()
    {
        using ScriptedPeer peer = new();
        KernelSocket listening = Listening(peer, (SOL_TCP, TCP_MAXSEG, 700));
        peer.Sends(Seg.Syn().Window(30000)).Expects(Seg.SynAck().Mss(700)).Sends(Seg.Ack(1, 1).Window(30000));
        KernelSocket accepted = Accept(listening);
        Say(accepted, 1000);
        peer.Expects(Seg.Data(1, 700, 1) with { Flags = TcpFlags.Ack });
        accepted.Close();
        listening.Close();
    }

    [TestMethod]
    public void TCP_QUICKACK_acknowledges_every_segment_at_once()
    {
        using ScriptedPeer peer = new();
        KernelSocket socket = Connected(peer);
        peer.Sends(Seg.Data(1, 10, 1)).ExpectsNothing().After(TimeSpan.FromMilliseconds(40)).Expects(Seg.Ack(1, 11));
        peer.Sends(Seg.Data(11, 10, 1)).ExpectsNothing();
        Set(socket, SOL_TCP, TCP_QUICKACK, 1);
        peer.Expects(Seg.Ack(1, 21)); // what waits goes too
        peer.Sends(Seg.Data(21, 10, 1)).Expects(Seg.Ack(1, 31));
        socket.Close();
    }

    [TestMethod]
    public void Keep_alive_asks_when_its_options_say_and_gives_up()
    {
        using ScriptedPeer peer = new();
        KernelSocket socket = Connected(peer);
        Set(socket, SOL_TCP, TCP_KEEPIDLE, 10);
        Set(socket, SOL_TCP, TCP_KEEPINTVL, 2);
        Set(socket, SOL_TCP, TCP_KEEPCNT, 3);
        peer.ExpectsSilence(TimeSpan.FromSeconds(60));
        Set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
        peer.Poll();
        peer.After(TimeSpan.Zero).Expects(Seg.Ack(0, 1)).Sends(Seg.Ack(1, 1)); // it has been silent for long enough
        peer.ExpectsAfter(TimeSpan.FromSeconds(10), Seg.Ack(0, 1));
        peer.ExpectsAfter(TimeSpan.FromSeconds(2), Seg.Ack(0, 1));
        peer.ExpectsAfter(TimeSpan.FromSeconds(2), Seg.Ack(0, 1));
        peer.ExpectsAfter(TimeSpan.FromSeconds(2), Seg.RstAck(1, 1));
        Assert.AreEqual(ETIMEDOUT, (Errno)Get(socket, SOL_SOCKET, SO_ERROR));
        socket.Close();
    }

    [TestMethod]
    public void TCP_USER_TIMEOUT_ends_a_connection_whose_data_is_not_acknowledged()
    {
        using ScriptedPeer peer = new();
        KernelSocket socket = Connected(peer);
        Set(socket, SOL_TCP, TCP_USER_TIMEOUT, 5000);
        peer.Forget(); // it is told (RFC 5482)
        Say(socket, 10);
        peer.After(TimeSpan.FromSeconds(4));
        Assert.AreEqual(0, Get(socket, SOL_SOCKET, SO_ERROR));
        peer.After(TimeSpan.FromSeconds(2));
        Assert.AreEqual(ETIMEDOUT, (Errno)Get(socket, SOL_SOCKET, SO_ERROR));
        socket.Close();
    }

    [TestMethod]
    public void TCP_SYNCNT_bounds_how_often_a_SYN_is_sent_again()
    {
        using ScriptedPeer peer = new();
        KernelSocket socket = Make(peer);
        Set(socket, SOL_TCP, TCP_SYNCNT, 1);
        BeginConnect(peer, socket);
        peer.Expects(Seg.Syn()).ExpectsAfter(TimeSpan.FromSeconds(1), Seg.Syn());
        peer.ExpectsSilence(TimeSpan.FromSeconds(2));
        Assert.AreEqual(ETIMEDOUT, (Errno)Get(socket, SOL_SOCKET, SO_ERROR));
        socket.Close();
    }

    [TestMethod]
    public void TCP_DEFER_ACCEPT_wakes_nobody_before_there_is_data()
    {
        using ScriptedPeer peer = new();
        KernelSocket listening = Listening(peer, (SOL_TCP, TCP_DEFER_ACCEPT, 3));
        Assert.AreEqual(3, Get(listening, SOL_TCP, TCP_DEFER_ACCEPT));
        peer.Sends(Seg.Syn()).Expects(Seg.SynAck()).Sends(Seg.Ack(1, 1)).ExpectsNothing();
        Assert.AreEqual(PollEvents.None, listening.Poll());
        peer.Sends(Seg.Data(1, 5, 1));
        KernelSocket accepted = Accept(listening);
        Assert.AreEqual(5, Hear(accepted));
        accepted.Close();
        listening.Close();
    }

    [TestMethod]
    public void TCP_DEFER_ACCEPT_ends_after_its_time()
    {
        using ScriptedPeer peer = new();
        KernelSocket listening = Listening(peer, (SOL_TCP, TCP_DEFER_ACCEPT, 3)); // two retries: after one second and two more
        peer.Sends(Seg.Syn()).Expects(Seg.SynAck()).Sends(Seg.Ack(1, 1));
        peer.ExpectsSilence(TimeSpan.FromSeconds(2.9));
        peer.After(TimeSpan.FromSeconds(0.1)).Expects(Seg.SynAck()).Sends(Seg.Ack(1, 1));
        Accept(listening).Close();
        listening.Close();
    }

    [TestMethod]
    public void SO_LINGER_without_time_resets()
    {
        using ScriptedPeer peer = new();
        KernelSocket socket = Connected(peer);
        byte[] linger = new byte[8];
        linger[0] = 1;
        Assert.AreEqual(Errno.None, socket.SetOption(SOL_SOCKET, SO_LINGER, linger));
        Assert.AreEqual(Errno.None, socket.Close());
        peer.Expects(Seg.RstAck(1, 1));
    }

    [TestMethod]
    public void TCP_LINGER2_bounds_how_long_a_closed_connection_waits_for_the_peers_end()
    {
        using ScriptedPeer peer = new();
        KernelSocket socket = Connected(peer);
        Set(socket, SOL_TCP, TCP_LINGER2, 5);
        Assert.AreEqual(Errno.None, socket.Close());
        peer.Expects(Seg.Fin(1, 1)).Sends(Seg.Ack(1, 2)).ExpectsSilence(TimeSpan.FromSeconds(4));
        peer.Sends(Seg.Ack(1, 2)).ExpectsSilence(TimeSpan.FromSeconds(2));
        peer.Sends(Seg.Fin(1, 2)).Expects(Seg.Rst(2)); // nobody knows it any more
    }

    [TestMethod]
    public void Buffers_hold_what_was_asked_for_and_are_read_as_twice_that()
    {
        using ScriptedPeer peer = new();
        KernelSocket socket = Make(peer);
        Set(socket, SOL_SOCKET, SO_RCVBUF, 5000);
        Set(socket, SOL_SOCKET, SO_SNDBUF, 6000);
        Assert.AreEqual(10000, Get(socket, SOL_SOCKET, SO_RCVBUF));
        Assert.AreEqual(12000, Get(socket, SOL_SOCKET, SO_SNDBUF));
        Connect(peer, socket, Seg.Syn().Window(5000), window: 0);
        MessageOut message = new() { Data = new GatherList(new byte[10000]) };
        Assert.AreEqual(Errno.None, socket.Send(ref message, out int sent));
        Assert.AreEqual(6000, sent);
        Reset(socket);
    }

    [TestMethod]
    public void A_listeners_receive_buffer_is_the_window_of_its_answers()
    {
        using ScriptedPeer peer = new();
        KernelSocket listening = Listening(peer, (SOL_SOCKET, SO_RCVBUF, 4000));
        peer.Sends(Seg.Syn()).Expects(Seg.SynAck().Window(4000)).Sends(Seg.Ack(1, 1));
        KernelSocket accepted = Accept(listening);
        Assert.AreEqual(8000, Get(accepted, SOL_SOCKET, SO_RCVBUF));
        accepted.Close();
        listening.Close();
    }

    [TestMethod]
    public void IP_TOS_and_IP_TTL_are_in_every_packet()
    {
        using ScriptedPeer peer = new();
        KernelSocket socket = Make(peer);
        Set(socket, SOL_IP, IP_TOS, 0x28);
        Set(socket, SOL_IP, IP_TTL, 9);
        Connect(peer, socket, Seg.Syn().Classed(0x28));
        Assert.AreEqual(9, peer.LastHopLimit);
        Set(socket, SOL_IP, IP_TOS, 0x10);
        Say(socket, 10);
        peer.Expects(Seg.Data(1, 10, 1).Classed(0x10));
        Assert.AreEqual(9, peer.LastHopLimit);
        socket.Close();
    }

    [TestMethod]
    public void Accepted_sockets_have_what_the_listening_one_has()
    {
        using ScriptedPeer peer = new();
        KernelSocket listening = Listening(peer, (SOL_IP, IP_TOS, 0x28), (SOL_IP, IP_TTL, 9), (SOL_TCP, TCP_NODELAY, 1), (SOL_SOCKET, SO_KEEPALIVE, 1), (SOL_TCP, TCP_KEEPIDLE, 7), (SOL_SOCKET, SO_OOBINLINE, 1));
        peer.Sends(Seg.Syn().Window(30000)).Expects(Seg.SynAck().Classed(0x28));
        Assert.AreEqual(9, peer.LastHopLimit);
        peer.Sends(Seg.Ack(1, 1).Window(30000));
        KernelSocket accepted = Accept(listening);
        foreach ((int level, int name, int value) in ((int, int, int)[])[(SOL_IP, IP_TOS, 0x28), (SOL_IP, IP_TTL, 9), (SOL_TCP, TCP_NODELAY, 1), (SOL_SOCKET, SO_KEEPALIVE, 1), (SOL_TCP, TCP_KEEPIDLE, 7), (SOL_SOCKET, SO_OOBINLINE, 1)])
        {
            Assert.AreEqual(value, Get(accepted, level, name));
        }

        Say(accepted, 10);
        Say(accepted, 10);
        peer.Expects(Seg.Data(1, 10, 1).Classed(0x28)).Expects(Seg.Data(11, 10, 1)).Sends(Seg.Ack(1, 21));
        peer.ExpectsAfter(TimeSpan.FromSeconds(7), Seg.Ack(20, 1)); // keep-alive
        accepted.Close();
        listening.Close();
    }

    [TestMethod]
    public void SO_DONTROUTE_reaches_only_the_own_link()
    {
        using ScriptedPeer peer = new();
        KernelSocket socket = Make(peer);
        Set(socket, SOL_SOCKET, SO_DONTROUTE, 1);
        SockAddr far = SockAddr.Inet(IPv4Address.Parse("198.51.100.1"), 80);
        Assert.AreEqual(ENETUNREACH, socket.Connect(far));
        Set(socket, SOL_SOCKET, SO_DONTROUTE, 0);
        Assert.AreEqual(EINPROGRESS, socket.Connect(far));
        socket.Close();
    }

    [TestMethod]
    public void While_connecting_a_routers_word_is_the_end()
    {
        using ScriptedPeer peer = new();
        KernelSocket socket = Make(peer);
        BeginConnect(peer, socket);
        peer.Expects(Seg.Syn()).Complains(type: 3, code: 1, sequence: 0);
        Assert.AreEqual(EHOSTUNREACH, (Errno)Get(socket, SOL_SOCKET, SO_ERROR));
        socket.Close();
    }

    [TestMethod]
    public void Connected_a_routers_word_is_told_and_forgotten()
    {
        using ScriptedPeer peer = new();
        KernelSocket socket = Connected(peer);
        Say(socket, 10);
        peer.Expects(Seg.Data(1, 10, 1)).Complains(type: 3, code: 1, sequence: 1);
        Assert.AreEqual(PollEvents.None, socket.Poll() & PollEvents.POLLERR);
        Assert.AreEqual(EHOSTUNREACH, (Errno)Get(socket, SOL_SOCKET, SO_ERROR)); // sk_err_soft of Linux
        Assert.AreEqual(0, Get(socket, SOL_SOCKET, SO_ERROR));
        peer.Sends(Seg.Ack(1, 11));
        Say(socket, 10);
        peer.Expects(Seg.Data(11, 10, 1));
        Reset(socket);
    }

    [TestMethod]
    public void TCP_CONGESTION_changes_the_control_of_a_connection_at_any_time()
    {
        using ScriptedPeer peer = new();
        KernelSocket socket = Make(peer);
        Assert.AreEqual("cubic", Name(socket));
        Assert.AreEqual(Errno.None, socket.SetOption(SOL_TCP, TCP_CONGESTION, "reno"u8));
        Connect(peer, socket, Seg.Syn());
        Assert.AreEqual("reno", Name(socket));
        Assert.AreEqual(Errno.None, socket.SetOption(SOL_TCP, TCP_CONGESTION, "bbr"u8));
        Assert.AreEqual("bbr", Name(socket));
        Say(socket, 100);
        peer.Expects(Seg.Data(1, 100, 1)).Sends(Seg.Ack(1, 101));
        byte[] info = new byte[300];
        Assert.AreEqual(Errno.None, socket.GetOption(SOL_TCP, TCP_INFO, info, out int length));
        Assert.AreEqual(232, length);
        Assert.AreNotEqual(ulong.MaxValue, BinaryPrimitives.ReadUInt64LittleEndian(info.AsSpan(104)), "it paces");
        socket.Close();
    }

    [TestMethod]
    [DataRow(0, 0)]
    [DataRow(3, 0)]
    [DataRow(4, 1)]
    public void SO_PRIORITY_chooses_the_devices_queue(int priority, int queue)
    {
        IPv6Address peer = IPv6Address.Parse("2001:db8::2");
        MacAddress station = new(0x0200_5E00_0001);
        List<byte[]>[] sent = [[], []];
        VirtualDevice first = new("first", station, 1500, segments: false, 16, () => true, Take);
        VirtualDevice second = new("second", station, 1500, segments: false, 16, () => true, (_, frame) => Note(1, frame));
        using NetworkStack stack = new(new NetworkStackOptions { TimeProvider = new VirtualTime(), Seed = 7, DuplicateAddressTransmits = 0 });
        stack.AddInterface(first, new InterfaceOptions { Addresses = [new AddressPrefix(IPv6Address.Parse("2001:db8::1"), 64)], DuplicateAddressTransmits = 0, Bands = [new TransmitBand(second, LeastPriority: 4)] });
        Assert.AreEqual(Errno.None, new SocketSystem(stack).Create(new SocketRequest(SocketDomain.AF_INET6, SocketKind.SOCK_STREAM, 0, Credentials.Own), out KernelSocket? socket));
        socket!.IsNonBlocking = true;
        Set(socket, SOL_SOCKET, SO_PRIORITY, priority);
        Assert.AreEqual(EINPROGRESS, socket.Connect(SockAddr.Inet6(peer, 80)));
        stack.Poll();
        stack.Poll();
        Assert.HasCount(1, sent[queue]);
        Assert.HasCount(0, sent[1 - queue]);
        socket.Close();

        void Take(VirtualDevice device, byte[] frame)
        {
            if (NeighborAnswer.To(frame, new MacAddress(0x0200_5E00_0002), NeighborAnswer.Solicited | NeighborAnswer.Override, peer) is { } answer)
            {
                device.Deliver(answer);
            }
            else
            {
                Note(0, frame);
            }
        }

        void Note(int by, byte[] frame)
        {
            const int NextHeader = 20; // behind Ethernet's header, of IPv6
            if (frame[NextHeader] == (byte)IpProtocol.Tcp)
            {
                sent[by].Add(frame);
            }
        }
    }

    [TestMethod]
    public void SO_MAX_PACING_RATE_spreads_segments_over_time()
    {
        using ScriptedPeer peer = new();
        KernelSocket socket = Connected(peer);
        Set(socket, SOL_SOCKET, SO_MAX_PACING_RATE, 14600); // ten segments a second
        Assert.AreEqual(14600, Get(socket, SOL_SOCKET, SO_MAX_PACING_RATE));
        Assert.AreEqual("cubic", Name(socket));
        Say(socket, 8 * 1460);
        peer.After(TimeSpan.FromMilliseconds(50));
        int atOnce = Sent();
        Assert.IsLessThanOrEqualTo(2, atOnce, "a burst of two at most");
        peer.After(TimeSpan.FromMilliseconds(150));
        int later = Sent();
        Assert.IsGreaterThan(atOnce, later);
        Assert.IsLessThanOrEqualTo(atOnce + 2, later, "200 ms are two segments");
        Reset(socket);

        int Sent()
        {
            byte[] info = new byte[232];
            Assert.AreEqual(Errno.None, socket.GetOption(SOL_TCP, TCP_INFO, info, out _));
            Assert.AreEqual(14600u, BinaryPrimitives.ReadUInt64LittleEndian(info.AsSpan(104)));
            return (int)(BinaryPrimitives.ReadUInt64LittleEndian(info.AsSpan(200)) / 1460);
        }
    }

    [TestMethod]
    public void With_TCP_USER_TIMEOUT_keep_alive_gives_up_by_time()
    {
        using ScriptedPeer peer = new();
        KernelSocket socket = Connected(peer);
        Set(socket, SOL_TCP, TCP_KEEPIDLE, 10);
        Set(socket, SOL_TCP, TCP_KEEPINTVL, 2);
        Set(socket, SOL_TCP, TCP_KEEPCNT, 1);
        Set(socket, SOL_TCP, TCP_USER_TIMEOUT, 13000);
        Set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
        peer.Forget(); // it is told (RFC 5482)
        peer.ExpectsAfter(TimeSpan.FromSeconds(10), Seg.Ack(0, 1));
        peer.ExpectsAfter(TimeSpan.FromSeconds(2), Seg.Ack(0, 1));
        peer.ExpectsAfter(TimeSpan.FromSeconds(2), Seg.RstAck(1, 1));
        Assert.AreEqual(ETIMEDOUT, (Errno)Get(socket, SOL_SOCKET, SO_ERROR));
        socket.Close();
    }

    [TestMethod]
    public void TCP_INFO_is_laid_out_as_on_Linux()
    {
        using ScriptedPeer peer = new();
        KernelSocket socket = Connected(peer);
        Say(socket, 2000);
        peer.Forget();
        byte[] info = new byte[232];
        Assert.AreEqual(Errno.None, socket.GetOption(SOL_TCP, TCP_INFO, info, out int length));
        Assert.AreEqual(232, length);
        Assert.AreEqual(1, info[0], "TCP_ESTABLISHED");
        Assert.AreEqual(1460, Word(16), "tcpi_snd_mss");
        Assert.AreEqual(2, Word(24), "tcpi_unacked");
        Assert.AreEqual(0, Word(144), "tcpi_notsent_bytes");
        Assert.AreEqual(1500, Word(60), "tcpi_pmtu");
        Assert.AreEqual(10, Word(80), "tcpi_snd_cwnd");
        Assert.AreEqual(2000u, BinaryPrimitives.ReadUInt64LittleEndian(info.AsSpan(200)), "tcpi_bytes_sent");
        Assert.AreEqual(Errno.None, socket.GetOption(SOL_TCP, TCP_INFO, info.AsSpan(0, 20), out length));
        Assert.AreEqual(20, length);
        Reset(socket);
        KernelSocket listening = Listening(peer);
        Assert.AreEqual(Errno.None, listening.GetOption(SOL_TCP, TCP_INFO, info, out _));
        Assert.AreEqual((10, 5), (info[0], Word(28)), "TCP_LISTEN and the backlog");
        listening.Close();

        int Word(int offset) => BinaryPrimitives.ReadInt32LittleEndian(info.AsSpan(offset));
    }

    private static KernelSocket Make(ScriptedPeer peer)
    {
        SocketSystem system = new(peer.Stack);
        Assert.AreEqual(Errno.None, system.Create(new SocketRequest(SocketDomain.AF_INET, SocketKind.SOCK_STREAM, 0, Credentials.Own), out KernelSocket? socket));
        socket!.IsNonBlocking = true;
        return socket;
    }

    private static KernelSocket Connected(ScriptedPeer peer)
    {
        KernelSocket socket = Make(peer);
        Connect(peer, socket, Seg.Syn());
        return socket;
    }

    private static void Connect(ScriptedPeer peer, KernelSocket socket, Seg syn, int window = 30000)
    {
        BeginConnect(peer, socket);
        peer.Expects(syn).Sends(Seg.SynAck().Window(window)).Expects(Seg.Ack(1, 1));
        Assert.AreEqual(Errno.None, socket.Connect(s_peer));
    }

    private static void BeginConnect(ScriptedPeer peer, KernelSocket socket)
    {
        Assert.AreEqual(EINPROGRESS, socket.Connect(s_peer));
        Assert.AreEqual(Errno.None, socket.GetLocalAddress(out SockAddr own));
        peer.HostPort = own.Port;
    }

    private static KernelSocket Listening(ScriptedPeer peer, params ReadOnlySpan<(int Level, int Name, int Value)> options)
    {
        KernelSocket socket = Make(peer);
        foreach ((int level, int name, int value) in options)
        {
            Set(socket, level, name, value);
        }

        peer.HostPort = 80;
        Assert.AreEqual(Errno.None, socket.Bind(SockAddr.Inet(default, 80)));
        Assert.AreEqual(Errno.None, socket.Listen(5));
        return socket;
    }

    private static KernelSocket Accept(KernelSocket listening)
    {
        Assert.AreEqual(Errno.None, listening.Accept(out KernelSocket? accepted, out _));
        accepted!.IsNonBlocking = true;
        return accepted;
    }

    private static void Set(KernelSocket socket, int level, int name, int value) => Assert.AreEqual(Errno.None, socket.SetOption(level, name, BitConverter.GetBytes(value)));

    private static int Get(KernelSocket socket, int level, int name)
    {
        byte[] value = new byte[4];
        Assert.AreEqual(Errno.None, socket.GetOption(level, name, value, out _));
        return BitConverter.ToInt32(value);
    }

    private static string Name(KernelSocket socket)
    {
        byte[] value = new byte[16];
        Assert.AreEqual(Errno.None, socket.GetOption(SOL_TCP, TCP_CONGESTION, value, out int length));
        return System.Text.Encoding.ASCII.GetString(value, 0, length).TrimEnd('\0');
    }

    private static void Say(KernelSocket socket, int length, MessageFlags flags = MessageFlags.None)
    {
        MessageOut message = new() { Data = new GatherList(new byte[length]), Flags = flags };
        Assert.AreEqual(Errno.None, socket.Send(ref message, out int sent));
        Assert.AreEqual(length, sent);
    }

    private static int Hear(KernelSocket socket)
    {
        MessageIn message = new() { Data = new ScatterList(new byte[100]) };
        Assert.AreEqual(Errno.None, socket.Receive(ref message, out int received));
        return received;
    }

    private static void Reset(KernelSocket socket)
    {
        byte[] linger = new byte[8];
        linger[0] = 1;
        Assert.AreEqual(Errno.None, socket.SetOption(SOL_SOCKET, SO_LINGER, linger));
        Assert.AreEqual(Errno.None, socket.Close());
    }
}
