using System.Net;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Tests.Scripts;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Stack.Tests;

/// <summary>Half-open connections and SYN cookies (RFC 4987).</summary>
[TestClass]
public sealed class SynFloodTests
{
    private static readonly TcpSettings s_all = ScriptedPeer.Plain with
    {
        Timestamps = true,
        SelectiveAcknowledgements = true,
        WindowScaling = true,
        ReceiveBufferSize = 1 << 20,
        SynCookies = SynCookieUse.Always,
    };

    [TestMethod]
    [DataRow(1460, 1448)]
    [DataRow(1459, 1428)]
    [DataRow(9000, 1448)]
    [DataRow(536, 524)]
    [DataRow(400, 52)]
    public void A_cookie_keeps_what_was_agreed_and_the_segment_size_rounded_down(int offered, int used)
    {
        using ScriptedPeer peer = new(s_all);
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        peer.Sends(Seg.Syn().Mss((ushort)offered).Scaled(9).WithSack().Stamped(500)).Expects(Seg.SynAck());
        Assert.AreEqual((0, 0), (peer.Stack.Tcp.HalfOpenCount, peer.Stack.Tcp.ConnectionCount), "nothing is kept");
        Assert.IsTrue(peer.LastOptions.SackPermitted && peer.LastOptions.HasTimestamps && peer.LastOptions.WindowScale == 5);
        peer.Sends(Seg.Ack(1, 1).Stamped(501, peer.LastOptions.TimestampValue).Window(100)).ExpectsNothing();
        using TcpSocket socket = listener.TryAccept()!;
        TcpStatistics seen = socket.GetStatistics();
        Assert.AreEqual(TcpState.Established, seen.State);
        Assert.AreEqual(used, seen.SegmentSize);
        Assert.AreEqual((9, 5), seen.WindowScale);
        Assert.AreEqual(100 << 9, seen.SendWindow);
        Assert.IsTrue(seen.SelectiveAcknowledgements && seen.Timestamps);
        peer.Sends(Seg.Data(1, 50, 1).Stamped(502, peer.LastOptions.TimestampValue));
        byte[] buffer = new byte[100];
        Assert.IsTrue(socket.TryReceive(buffer, out int count));
        Assert.AreEqual(50, count);
    }

    [TestMethod]
    public void Without_time_stamps_only_the_segment_size_is_agreed()
    {
        using ScriptedPeer peer = new(s_all);
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        peer.Sends(Seg.Syn().Scaled(9).WithSack()).Expects(Seg.SynAck());
        Assert.IsFalse(peer.LastOptions.SackPermitted || peer.LastOptions.HasTimestamps || peer.LastOptions.WindowScale.HasValue);
        peer.Sends(Seg.Data(1, 10, 1)).ExpectsAfter(TimeSpan.FromMilliseconds(40), Seg.Ack(1, 11));
        using TcpSocket socket = listener.TryAccept()!;
        Assert.AreEqual(1460, socket.GetStatistics().SegmentSize);
        Assert.IsTrue(socket.TryReceive(new byte[20], out int count), "data with the last segment of the handshake");
        Assert.AreEqual(10, count);
    }

    [TestMethod]
    public void A_cookie_is_good_for_two_minutes_and_for_one_peer()
    {
        using ScriptedPeer peer = new(s_all);
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        peer.Sends(Seg.Syn()).Expects(Seg.SynAck());
        peer.Sends(Seg.Ack(1, 2)).Expects(Seg.Rst(2)).Sends(Seg.Ack(2, 1)).Expects(Seg.Rst(1));
        peer.Port++;
        peer.Sends(Seg.Ack(1, 1)).Expects(Seg.Rst(1));
        peer.Port--;
        peer.After(TimeSpan.FromSeconds(64)).Sends(Seg.Ack(1, 1)).ExpectsNothing();
        Assert.IsNotNull(listener.TryAccept());
        peer.Port += 2;
        peer.ForgetConnection();
        peer.Sends(Seg.Syn()).Expects(Seg.SynAck()).After(TimeSpan.FromSeconds(129)).Sends(Seg.Ack(1, 1)).Expects(Seg.Rst(1));
        Assert.AreEqual(1ul, peer.Stack.Counters[StackCounter.TcpSynCookiesAccepted]);
        Assert.IsNull(listener.TryAccept());
    }

    [TestMethod]
    public void Nobody_opens_a_connection_with_a_guess_while_no_cookie_is_out()
    {
        using ScriptedPeer peer = new();
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        peer.Sends(Seg.Ack(1, 77)).Expects(Seg.Rst(77));
        Assert.AreEqual(0ul, peer.Stack.Counters[StackCounter.TcpSynCookiesRefused]);
    }

    [TestMethod]
    public void Half_open_connections_are_answered_again_at_their_own_times_and_forgotten()
    {
        using ScriptedPeer peer = new(ScriptedPeer.Plain with { SynRetries = 1 });
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        for (ushort i = 0; i < 3; i++)
        {
            peer.Port = (ushort)(7000 + i);
            peer.ForgetConnection();
            peer.Sends(Seg.Syn()).Expects(Seg.SynAck()).After(TimeSpan.FromMilliseconds(100));
        }

        for (ushort i = 0; i < 3; i++)
        {
            peer.Port = (ushort)(7000 + i);
            peer.After(TimeSpan.FromMilliseconds(i == 0 ? 700 : 100)).Expects(Seg.SynAck() with { Sequence = null });
        }

        peer.After(TimeSpan.FromSeconds(1.9)).ExpectsNothing();
        Assert.AreEqual(1, peer.Stack.Tcp.HalfOpenCount);
        peer.After(TimeSpan.FromSeconds(0.1)).ExpectsNothing();
        Assert.AreEqual(0, peer.Stack.Tcp.HalfOpenCount);
    }

    [TestMethod]
    public void A_closing_listener_resets_its_half_open_connections()
    {
        using ScriptedPeer peer = new();
        TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        peer.Sends(Seg.Syn()).Expects(Seg.SynAck());
        listener.Dispose();
        peer.Expects(Seg.Rst(1)).ExpectsNothing().After(TimeSpan.FromSeconds(10)).ExpectsNothing();
    }

    [TestMethod]
    public void A_million_SYNs_from_everywhere_harm_nobody()
    {
        using ScriptedPeer peer = new(ScriptedPeer.Plain with { HalfOpenConnections = 256 });
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        peer.Sends(Seg.Syn()).Expects(Seg.SynAck()).Sends(Seg.Ack(1, 1));
        using TcpSocket honest = listener.TryAccept()!;
        byte[] buffer = new byte[2000];
        uint iss = peer.HostIss;
        int sequence = 1;
        int opened = 0;
        long memory = GC.GetTotalMemory(forceFullCollection: true);
        byte[][] frames = new byte[1024][];
        for (int round = 0; round < 1000; round++)
        {
            for (int i = 0; i < 1000; i++)
            {
                // Every SYN is of another source and port.
                ref byte[] frame = ref frames[i];
                if (frame is null || round % 100 == 0)
                {
                    frame = peer.Frame(Seg.Syn(), new IPv4Address(0x0A00_0000u + (uint)((round / 100 * 1000) + i)));
                }

                SetPort(frame, (ushort)(1024 + round));
                peer.Injects(frame);
                if (i % 64 == 63)
                {
                    peer.Poll();
                    peer.Forget();
                }
            }

            peer.Poll();
            peer.Forget();

            // The transfer goes on,
            peer.Sends(Seg.Data(sequence, 1000, 1));
            Assert.IsTrue(honest.TryReceive(buffer, out int count));
            Assert.AreEqual(1000, count);
            Assert.AreEqual(ScriptedPeer.PeerByte(sequence), buffer[0]);
            Assert.AreEqual(ScriptedPeer.PeerByte(sequence + 999), buffer[999]);
            sequence += 1000;
            peer.Forget();
            if (round % 100 == 99)
            {
                // and who is there can still open a connection.
                ushort port = peer.Port;
                peer.Port = (ushort)(40000 + round);
                peer.ForgetConnection();
                peer.Sends(Seg.Syn()).Expects(Seg.SynAck()).Sends(Seg.Ack(1, 1));
                TcpSocket other = listener.TryAccept() ?? throw new AssertFailedException($"round {round}: nobody gets in");
                Assert.AreEqual(TcpState.Established, other.State);
                other.Abort();
                peer.Forget();
                peer.Port = port;
                peer.Knows(iss);
                opened++;
            }

            Assert.IsLessThanOrEqualTo(256, peer.Stack.Tcp.HalfOpenCount);
            Assert.AreEqual(1, peer.Stack.Tcp.ConnectionCount);
        }

        long grown = GC.GetTotalMemory(forceFullCollection: true) - memory;
        Assert.IsLessThan(4 << 20, grown, "memory");
        Assert.AreEqual(10, opened);
        Assert.IsGreaterThan(999_000ul, peer.Stack.Counters[StackCounter.TcpSynCookiesSent]);
    }

    // RFC 1624: the checksum follows the port.
    private static void SetPort(byte[] frame, ushort port)
    {
        Span<byte> tcp = frame.AsSpan(34);
        ushort old = System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(tcp);
        ushort sum = System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(tcp[16..]);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(tcp, port);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], FpgaNet.Packets.Offload.InternetChecksum.Update(sum, old, port));
    }
}
