using System.Net;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Transport.Tcp;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests;

/// <summary>Path MTU discovery of TCP: with routers that tell (RFC 1191, RFC 8201), with routers that do not (RFC 4821), and with liars (RFC 5927).</summary>
[TestClass]
public sealed class PathMtuTests
{
    private static readonly TimeSpan s_raise = TimeSpan.FromMinutes(10);

    [TestMethod]
    [DataRow(false, true, PathMtuMode.Icmp)]
    [DataRow(false, true, PathMtuMode.Probing)]
    [DataRow(false, false, PathMtuMode.Probing)]
    [DataRow(true, true, PathMtuMode.Icmp)]
    [DataRow(true, true, PathMtuMode.Probing)]
    [DataRow(true, false, PathMtuMode.Probing)]
    public void A_transfer_follows_the_path_from_1500_to_1280_and_to_1400(bool ipv6, bool sendsIcmp, PathMtuMode mode)
    {
        using Transfer transfer = new(ipv6, sendsIcmp, mode);
        transfer.Run(TimeSpan.FromSeconds(1));
        Assert.AreEqual(1500, transfer.Mtu);
        transfer.SetPath(1280);
        transfer.Run(TimeSpan.FromSeconds(sendsIcmp ? 1 : 5));
        Assert.AreEqual(1280, transfer.Mtu);
        transfer.AssertFlows();

        // RFC 1191 §6.3: what was learnt holds for ten minutes.
        transfer.SetPath(1400);
        transfer.Pause(s_raise);
        transfer.Run(TimeSpan.FromSeconds(2));
        Assert.AreEqual(1400, transfer.Mtu);
        transfer.AssertFlows();
        transfer.Pause(s_raise);
        transfer.SetPath(1500);
        transfer.Run(TimeSpan.FromSeconds(2));
        Assert.AreEqual(1500, transfer.Mtu);
        transfer.AssertFlows();
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void What_a_router_drops_for_its_size_is_sent_again_at_once_and_leaves_the_congestion_window_alone(bool ipv6)
    {
        using Transfer transfer = new(ipv6, sendsIcmp: true, PathMtuMode.Icmp);
        transfer.Run(TimeSpan.FromSeconds(0.5));
        TcpStatistics before = transfer.Statistics;
        transfer.SetPath(1300);
        transfer.Run(TimeSpan.FromSeconds(0.5));
        TcpStatistics after = transfer.Statistics;
        Assert.AreEqual(1300, transfer.Mtu);
        Assert.AreEqual(0ul, transfer.Sender.Counters[StackCounter.TcpTimeouts]);
        Assert.AreEqual(0ul, transfer.Sender.Counters[StackCounter.TcpFastRetransmits]);
        Assert.IsGreaterThan(before.Retransmissions, after.Retransmissions);
        Assert.IsGreaterThanOrEqualTo(before.CongestionWindow, after.CongestionWindow);
        Assert.AreEqual(before.SlowStartThreshold, after.SlowStartThreshold);
    }

    [TestMethod]
    public void The_loss_of_a_probe_is_no_congestion()
    {
        using Transfer transfer = new(ipv6: false, sendsIcmp: false, PathMtuMode.Probing);
        transfer.SetPath(1280);
        transfer.Run(TimeSpan.FromSeconds(5));
        Assert.AreEqual(1280, transfer.Mtu);
        transfer.Pause(s_raise);
        transfer.Run(TimeSpan.FromSeconds(0.1));
        ulong probes = transfer.Sender.Counters[StackCounter.TcpMtuProbes];
        ulong recoveries = transfer.Sender.Counters[StackCounter.TcpFastRetransmits];
        transfer.Run(TimeSpan.FromSeconds(2));
        Assert.IsGreaterThan(probes + 5, transfer.Sender.Counters[StackCounter.TcpMtuProbes], "sizes that do not pass are tried again after ten minutes");
        Assert.AreEqual(recoveries, transfer.Sender.Counters[StackCounter.TcpFastRetransmits]);
        Assert.AreEqual(1280, transfer.Mtu);
    }

    [TestMethod]
    public void An_outage_that_looks_like_a_black_hole_costs_a_probe_or_two()
    {
        using Transfer transfer = new(ipv6: false, sendsIcmp: true, PathMtuMode.Probing);
        transfer.Run(TimeSpan.FromSeconds(0.5));
        transfer.IsUp = false;
        transfer.Run(TimeSpan.FromSeconds(4));
        Assert.AreEqual(1200, transfer.Mtu);
        transfer.IsUp = true;
        transfer.Run(TimeSpan.FromSeconds(10));
        Assert.AreEqual(1500, transfer.Mtu);
        Assert.IsLessThan(4ul, transfer.Sender.Counters[StackCounter.TcpMtuProbes]);
        transfer.AssertFlows();
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Forged_ICMP_lowers_nothing(bool ipv6)
    {
        using Transfer transfer = new(ipv6, sendsIcmp: true, PathMtuMode.Probing);
        transfer.Run(TimeSpan.FromSeconds(0.5));
        int tries = 0;
        foreach (int offset in (int[])[-1, -1_000_000, 100_000_000, int.MinValue])
        {
            transfer.Forge(offset, 600);
            transfer.Run(TimeSpan.FromMilliseconds(20));
            Assert.AreEqual(1500, transfer.Mtu);
            Assert.AreEqual((ulong)++tries, transfer.Sender.Counters[StackCounter.IcmpErrorsIgnored]);
        }

        // One that quotes what is on its way is believed, but not below what every path carries.
        transfer.Forge(0, 68);
        transfer.Run(TimeSpan.FromMilliseconds(100));
        Assert.AreEqual(ipv6 ? 1500 : 552, transfer.Mtu);
        transfer.AssertFlows();
    }

    [TestMethod]
    public void Off_means_that_nobody_is_listened_to()
    {
        using Transfer transfer = new(ipv6: false, sendsIcmp: true, PathMtuMode.Off);
        transfer.Run(TimeSpan.FromSeconds(0.5));
        transfer.SetPath(1280);
        transfer.Run(TimeSpan.FromSeconds(0.5));
        Assert.AreEqual(1500, transfer.Mtu);
        transfer.SetPath(1500);
        transfer.Run(TimeSpan.FromSeconds(2));
        transfer.AssertFlows();
    }

    /// <summary>One connection through two routers, its bytes checked where they arrive.</summary>
    private sealed class Transfer : IDisposable
    {
        private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(5);

        private readonly VirtualNetwork _network;
        private readonly Dumbbell _dumbbell;
        private readonly ContentStream _content;
        private readonly TcpSocket _sender;
        private readonly TcpSocket _receiver;
        private readonly byte[] _buffer = new byte[65536];
        private readonly bool _ipv6;
        private long _sent;
        private long _received;

        public Transfer(bool ipv6, bool sendsIcmp, PathMtuMode mode)
        {
            _ipv6 = ipv6;
            _network = new VirtualNetwork(TestSeed.Take());
            _content = new ContentStream((ulong)_network.Seed);
            TcpSettings tcp = VirtualNetwork.SmallPools with { PathMtuDiscovery = mode };
            LinkModel link = new() { BitsPerSecond = 20_000_000, Delay = TimeSpan.FromMilliseconds(5), QueueFrames = 1000 };
            _dumbbell = new Dumbbell(_network, 1, link, host: _ => new HostModel { Tcp = tcp });
            foreach (Router router in _dumbbell.Routers)
            {
                router.SendsIcmp = sendsIcmp;
            }

            VirtualHost to = _dumbbell.Receivers[0];
            IPAddress address = ipv6 ? to.Address6!.Value.ToIPAddress() : to.Address.ToIPAddress();
            using TcpListenerSocket listener = to.Stack.Listen(new IPEndPoint(ipv6 ? IPAddress.IPv6Any : IPAddress.Any, 80));
            _sender = Sender.CreateTcpSocket();
            Task connecting = _sender.ConnectAsync(new IPEndPoint(address, 80)).AsTask();
            TcpSocket? accepted = null;
            _network.RunUntil(() => connecting.IsCompletedSuccessfully && (accepted ??= listener.TryAccept()) is not null, TimeSpan.FromSeconds(10));
            _receiver = accepted!;
        }

        public NetworkStack Sender => _dumbbell.Senders[0].Stack;

        public TcpStatistics Statistics => _sender.GetStatistics();

        /// <summary>Bytes of full packets with IP and TCP headers and time stamps.</summary>
        public int Mtu => Statistics.SegmentSize + (_ipv6 ? 40 : 20) + 32;

        public bool IsUp
        {
            set => _dumbbell.Bottleneck.IsUp = value;
        }

        public void SetPath(int mtu) => _dumbbell.Hops[0].Right.MaximumTransmissionUnit = mtu;

        public void Run(TimeSpan duration)
        {
            for (TimeSpan end = _network.Time.Elapsed + duration; _network.Time.Elapsed < end;)
            {
                int taken;
                do
                {
                    _content.Fill(_sent, _buffer);
                    taken = _sender.TrySend(_buffer);
                    _sent += taken;
                }
                while (taken != 0);
                Move(s_step);
            }
        }

        public void Pause(TimeSpan duration)
        {
            while (_received != _sent)
            {
                Move(s_step);
            }

            Move(duration);
        }

        public void AssertFlows()
        {
            long before = _received;
            Run(TimeSpan.FromSeconds(1));
            Assert.IsGreaterThan(1_500_000L, _received - before, "20 Mb/s are 2.5 MB in a second");
        }

        /// <summary>Sends an ICMP error to the sender about a segment that begins so many bytes behind SND.UNA.</summary>
        public void Forge(int offset, uint mtu)
        {
            TcpConnection connection = _sender.Connection!;
            int header = _ipv6 ? IPv6Header.Length : IPv4Header.MinimumLength;
            byte[] packet = new byte[header + 1460];
            if (_ipv6)
            {
                IPv6Header.Write(packet, new IPv6Fields
                {
                    Source = connection.LocalAddress.IPv6,
                    Destination = connection.RemoteAddress.IPv6,
                    NextHeader = IpProtocol.Tcp,
                    PayloadLength = 1460,
                    HopLimit = 60,
                });
            }
            else
            {
                IPv4Header.Write(packet, new IPv4Fields
                {
                    Source = connection.LocalAddress.IPv4,
                    Destination = connection.RemoteAddress.IPv4,
                    Protocol = IpProtocol.Tcp,
                    PayloadLength = 1460,
                    TimeToLive = 60,
                });
            }

            TcpHeader.Write(packet.AsSpan(header), new TcpFields
            {
                SourcePort = connection.LocalPort,
                DestinationPort = connection.RemotePort,
                SequenceNumber = (connection.HighestSent + (offset - connection.Unacknowledged)).Value,
                Flags = TcpFlags.Ack,
            });
            byte[] error = _ipv6
                ? IcmpError.Version6(connection.RemoteAddress.IPv6, packet, (byte)Icmpv6Type.PacketTooBig, 0, mtu)
                : IcmpError.Version4(connection.RemoteAddress.IPv4, packet, (byte)IcmpType.DestinationUnreachable, (byte)IcmpUnreachableCode.FragmentationNeeded, mtu);
            byte[] frame = [.. new byte[EthernetHeader.Length], .. error];
            EthernetHeader.Write(frame, _dumbbell.Senders[0].Device.MacAddress, _dumbbell.ToSenders.MacAddress, _ipv6 ? EtherType.IPv6 : EtherType.IPv4);
            _dumbbell.Senders[0].Device.Deliver(frame);
        }

        public void Dispose()
        {
            _sender.Abort();
            _receiver.Abort();
            _network.Run(TimeSpan.FromSeconds(1));
            _network.Dispose();
        }

        private void Move(TimeSpan duration)
        {
            _network.Run(duration);
            while (_receiver.TryReceive(_buffer, out int count))
            {
                Assert.AreEqual(-1, _content.FirstDifference(_received, _buffer.AsSpan(0, count)));
                _received += count;
            }
        }
    }
}
