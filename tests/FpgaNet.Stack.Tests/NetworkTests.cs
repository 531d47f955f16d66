using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Tests.Scripts;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests;

/// <summary>ARP, IPv4, ICMP and UDP, and what malformed frames do to them: nothing.</summary>
[TestClass]
public sealed class NetworkTests
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    [TestMethod]
    public void Datagrams_cross_and_an_empty_one_too()
    {
        using VirtualNetwork network = new(1);
        NetworkStack a = network.AddHost();
        NetworkStack b = network.AddHost();
        using UdpSocket sender = a.OpenUdp(new IPEndPoint(IPAddress.Any, 0));
        using UdpSocket receiver = b.OpenUdp(new IPEndPoint(IPAddress.Any, 53));
        byte[] payload = [1, 2, 3];
        sender.SendTo(payload, new IPEndPoint(IPAddress.Parse("192.0.2.2"), 53));
        byte[] buffer = new byte[100];
        Task<UdpDatagram> receiving = receiver.ReceiveFromAsync(buffer).AsTask();
        network.RunUntil(() => receiving.IsCompleted, s_minute);
        Assert.AreEqual(new UdpDatagram(3, false, new IPEndPoint(IPAddress.Parse("192.0.2.1"), sender.LocalEndPoint.Port)), receiving.Result);
        CollectionAssert.AreEqual(payload, buffer[..3]);
        sender.SendTo([], new IPEndPoint(IPAddress.Parse("192.0.2.2"), 53));
        receiving = receiver.ReceiveFromAsync(buffer).AsTask();
        network.RunUntil(() => receiving.IsCompleted, s_minute);
        Assert.AreEqual(0, receiving.Result.Length);
    }

    // RFC 6056 §3.2, §3.3.1.
    [TestMethod]
    public void Free_UDP_ports_come_from_the_whole_range_and_one_says_nothing_of_the_next()
    {
        using VirtualNetwork network = new(1);
        int[] ports = FreePorts(network.AddHost());
        CollectionAssert.AllItemsAreUnique(ports);
        for (int quarter = 0; quarter < 4; quarter++)
        {
            Assert.IsGreaterThan(180, ports.Count(port => (port - 1024) / 16128 == quarter), "of 1000 ports about a quarter");
        }

        Assert.IsGreaterThan(950, ports.Zip(ports.Skip(1), static (port, next) => next - port).Distinct().Count());
        Assert.IsLessThan(50, ports.Intersect(FreePorts(network.AddHost())).Count(), "who has another key chooses others");
    }

    [TestMethod]
    public void A_datagram_to_a_closed_port_comes_back_as_ConnectionRefused()
    {
        using VirtualNetwork network = new(1);
        NetworkStack a = network.AddHost();
        network.AddHost();
        using UdpSocket sender = a.OpenUdp(new IPEndPoint(IPAddress.Any, 0));
        sender.SendTo(new byte[10], new IPEndPoint(IPAddress.Parse("192.0.2.2"), 9));
        Task<UdpDatagram> receiving = sender.ReceiveFromAsync(new byte[10]).AsTask();
        network.RunUntil(() => receiving.IsCompleted, s_minute);
        Assert.AreEqual(SocketError.ConnectionRefused, TcpScriptTests.ErrorOf(receiving));
    }

    [TestMethod]
    public void Ping_is_answered_and_an_absent_host_is_unreachable()
    {
        using VirtualNetwork network = new(1);
        NetworkStack a = network.AddHost();
        network.AddHost();
        using EchoClient client = a.CreateEchoClient();
        Task<EchoReply> reply = client.PingAsync(IPAddress.Parse("192.0.2.2"), 1000, TimeSpan.FromSeconds(1)).AsTask();
        network.RunUntil(() => reply.IsCompleted, s_minute);
        Assert.AreEqual(1000, reply.Result.Length);
        Assert.IsGreaterThan(TimeSpan.FromMilliseconds(10), reply.Result.RoundTrip);
        reply = client.PingAsync(IPAddress.Parse("192.0.2.77"), 10, TimeSpan.FromSeconds(10)).AsTask();
        network.RunUntil(() => reply.IsCompleted, s_minute);
        Assert.AreEqual(SocketError.HostUnreachable, TcpScriptTests.ErrorOf(reply));
        Assert.AreEqual(1ul, a.Counters[StackCounter.NeighborFailures]);
    }

    [TestMethod]
    public void Connecting_to_an_absent_host_fails_as_unreachable()
    {
        using VirtualNetwork network = new(1);
        NetworkStack a = network.AddHost();
        Task<TcpSocket> connecting = a.ConnectAsync(new IPEndPoint(IPAddress.Parse("192.0.2.9"), 80)).AsTask();
        network.RunUntil(() => connecting.IsCompleted, s_minute);
        Assert.AreEqual(SocketError.HostUnreachable, TcpScriptTests.ErrorOf(connecting));
        Task<TcpSocket> noRoute = a.ConnectAsync(new IPEndPoint(IPAddress.Parse("198.51.100.1"), 80)).AsTask();
        Assert.AreEqual(SocketError.NetworkUnreachable, TcpScriptTests.ErrorOf(noRoute));
    }

    [TestMethod]
    public void The_neighbour_cache_stays_bounded_and_takes_no_unsolicited_reply()
    {
        using ScriptedPeer peer = new();
        MacAddress mac = new(0x0200_5E00_0055);
        byte[] frame = new byte[60];
        EthernetHeader.Write(frame, peer.Stack.Device.MacAddress, mac, EtherType.Arp);
        for (uint i = 10; i < 250; i++)
        {
            ArpPacket.Write(frame.AsSpan(14), new ArpFields(
                ArpOperation.Reply, mac, new IPv4Address(0xC000_0200 + i), peer.Stack.Device.MacAddress, peer.Stack.Address));
            peer.SendsRaw(frame);
        }

        Assert.AreEqual(0, peer.Stack.Interfaces[0].Network.Neighbors.Count);
        Assert.AreEqual(240ul, peer.Stack.Counters[StackCounter.NeighborUnsolicited]);

        ArpPacket.Write(frame.AsSpan(14), new ArpFields(ArpOperation.Request, mac, peer.Stack.Address, default, peer.Stack.Address));
        peer.SendsRaw(frame);
        Assert.AreEqual(1ul, peer.Stack.Counters[StackCounter.AddressConflicts]);
    }

    [TestMethod]
    public void Every_reason_to_drop_is_counted()
    {
        (ScriptedPeer peer, _) = ScriptedPeer.Accepted();
        using (peer)
        {
            StackCounters counters = peer.Stack.Counters;
            Count(StackCounter.RxNotForUs, f => f[5] ^= 1);
            Count(StackCounter.RxUnknownType, f => f[12] = 0x12);
            Count(StackCounter.RxMalformed, f => f[14] = 0x65);
            Count(StackCounter.RxMalformed, f => f[14] = 0x44);
            Count(StackCounter.RxMalformed, f => f[16] = 0xFF);
            Count(StackCounter.RxBadNetworkChecksum, f => f[22] ^= 1);
            Count(StackCounter.RxMartian, f => Rewrite(f, 26, 224, 0, 0, 1));
            Count(StackCounter.RxMartian, f => Rewrite(f, 26, 127, 0, 0, 1));
            Count(StackCounter.RxMartian, f => Rewrite(f, 26, 192, 0, 2, 255));
            Count(StackCounter.RxMartian, f => Rewrite(f, 26, 192, 0, 2, 1));
            Count(StackCounter.RxNotForUs, f => Rewrite(f, 30, 192, 0, 2, 3));
            Count(StackCounter.RxFragmentDropped, f => Rewrite(f, 20, 0x20, 0));
            Count(StackCounter.RxBadTransportChecksum, f => f[50] ^= 1);
            Count(StackCounter.RxUnknownProtocol, f => Rewrite(f, 23, 99));
            Assert.AreEqual((byte)3, peer.TakesPacket()[34]); // ICMP protocol unreachable
            peer.ExpectsNothing();

            void Count(StackCounter counter, Action<byte[]> spoil)
            {
                byte[] frame = Good(peer);
                spoil(frame);
                ulong before = counters[counter];
                peer.SendsRaw(frame);
                Assert.AreEqual(before + 1, counters[counter], counter.ToString());
            }
        }
    }

    [TestMethod]
    public void Malformed_frames_leave_it_serving()
    {
        int seed = TestSeed.Take();
        Random random = new(seed);
        (ScriptedPeer peer, TcpSocket socket) = ScriptedPeer.Accepted(ScriptedPeer.Plain with { Timestamps = true, SelectiveAcknowledgements = true }, s => s.Stamped(50).WithSack());
        using (peer)
        {
            byte[] good = Good(peer);
            for (int i = 0; i < 20_000; i++)
            {
                byte[] frame;
                if (random.Next(10) == 0)
                {
                    frame = new byte[random.Next(1, 200)];
                    random.NextBytes(frame);
                }
                else
                {
                    frame = [.. good[..random.Next(14, good.Length + 1)]];
                    for (int flips = random.Next(1, 5); flips > 0; flips--)
                    {
                        frame[random.Next(Math.Min(12, frame.Length - 1), frame.Length)] = (byte)random.Next(256);
                    }
                }

                if (random.Next(2) == 0)
                {
                    Repair(frame);
                }

                peer.SendsRaw(frame);
                if (i % 1000 == 0)
                {
                    peer.After(TimeSpan.FromMilliseconds(300));
                }

                peer.Forget();
            }

            // The connection may have been reset by a lucky segment; the host must not care.
            Assert.IsLessThan(200, peer.Stack.Tcp.ConnectionCount, $"seed {seed}");
            socket.Dispose();
            peer.Forget();
            peer.Port = 7777;
            peer.ForgetConnection();
            using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 8080));
            peer.HostPort = 8080;
            peer.Sends(Seg.Syn()).Expects(Seg.SynAck());
        }
    }

    private static byte[] Good(ScriptedPeer peer)
    {
        byte[] frame = new byte[14 + 20 + 32 + 50];
        EthernetHeader.Write(frame, peer.Stack.Device.MacAddress, new MacAddress(0x0200_5E00_0099), EtherType.IPv4);
        IPv4Header.Write(frame.AsSpan(14), new IPv4Fields
        {
            Source = IPv4Address.Parse("192.0.2.2"),
            Destination = peer.Stack.Address,
            Protocol = IpProtocol.Tcp,
            PayloadLength = frame.Length - 34,
            TimeToLive = 64,
        });
        TcpHeader.Write(
            frame.AsSpan(34),
            new TcpFields
            {
                SourcePort = ScriptedPeer.PeerPort,
                DestinationPort = 80,
                SequenceNumber = peer.PeerIss + 1,
                AcknowledgmentNumber = peer.HostIss + 1,
                Flags = TcpFlags.Ack,
                Window = 1000,
            },
            new TcpOptions { HasTimestamps = true, TimestampValue = 60, TimestampEchoReply = 1 });
        Repair(frame);
        return frame;
    }

    // Makes checksums right again where the frame is long enough to have them.
    private static void Repair(byte[] frame)
    {
        if (frame.Length < 54 || (frame[14] & 0xF) < 5)
        {
            return;
        }

        int header = Math.Min((frame[14] & 0xF) * 4, frame.Length - 34);
        frame[24] = frame[25] = 0;
        Put(frame, 24, InternetChecksum.Compute(frame.AsSpan(14, header)));
        int total = Math.Min((frame[16] << 8) | frame[17], frame.Length - 14);
        if (total <= header + 20)
        {
            return;
        }

        Span<byte> transport = frame.AsSpan(14 + header, total - header);
        int at = frame[23] switch { 6 => 16, 17 => 6, 1 => 2, _ => -1 };
        if (at < 0)
        {
            return;
        }

        transport[at] = transport[at + 1] = 0;
        uint pseudo = frame[23] == 1 ? 0 : InternetChecksum.PseudoHeader(
            IPv4Address.Read(frame.AsSpan(26)), IPv4Address.Read(frame.AsSpan(30)), (IpProtocol)frame[23], transport.Length);
        Put(frame, 14 + header + at, InternetChecksum.Finish(InternetChecksum.Sum(transport, pseudo)));
    }

    private static void Rewrite(byte[] frame, int at, params byte[] bytes)
    {
        bytes.CopyTo(frame, at);
        frame[24] = frame[25] = 0;
        Put(frame, 24, InternetChecksum.Compute(frame.AsSpan(14, 20)));
    }

    private static void Put(byte[] frame, int at, ushort value)
    {
        frame[at] = (byte)(value >> 8);
        frame[at + 1] = (byte)value;
    }

    private static int[] FreePorts(NetworkStack stack) => [.. Enumerable.Range(0, 1000).Select(_ => stack.OpenUdp(new IPEndPoint(IPAddress.Any, 0)).LocalEndPoint.Port)];
}
