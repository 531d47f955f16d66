using System.Net;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Stack.Tests.Scripts;

/// <summary>
/// The peer of a stack under test, in the manner of packetdrill: it sends these segments and expects those, at these times. The stack is 192.0.2.1, the peer is
/// 192.0.2.2; time is virtual and the wire takes none.
/// </summary>
public sealed class ScriptedPeer : IDisposable
{
    public const ushort PeerPort = 5000;

    private static readonly IPv4Address s_host = IPv4Address.Parse("192.0.2.1");
    private static readonly IPv4Address s_peer = IPv4Address.Parse("192.0.2.2");
    private static readonly MacAddress s_peerMac = new(0x0200_5E00_0099);

    private readonly Queue<(TimeSpan At, byte[] Packet)> _sent = new();
    private readonly VirtualDevice _device;
    private uint _hostIss;
    private bool _knowsHostIss;
    private TimeSpan _mark;

    public ScriptedPeer(TcpSettings? tcp = null, int mtu = 1500, byte hopLimit = 64)
    {
        _device = new VirtualDevice("host", new MacAddress(0x0200_5E00_0001), mtu, segments: false, 64, () => !IsFull, OnSent);
        Stack = new NetworkStack(_device, new NetworkStackOptions
        {
            Address = s_host,
            Gateway = s_peer,
            TimeToLive = hopLimit,
            TimeProvider = Time,
            Seed = 7,
            InlineCompletions = true,
            OutputQueueFrames = 128,
            HeaderBuffers = 256,
            Tcp = tcp ?? Plain,
        });
    }

    /// <summary>No options but the segment size, so that scripts stay short.</summary>
    public static TcpSettings Plain { get; } = new()
    {
        Timestamps = false,
        SelectiveAcknowledgements = false,
        ExplicitCongestionNotification = false,
        WindowScaling = false,
        SendChunks = 16,
        ReceiveChunks = 8,
        ReceiveBufferSize = 30000,
    };

    public VirtualTime Time { get; } = new();

    public NetworkStack Stack { get; }

    /// <summary>The card takes nothing for now.</summary>
    public bool IsFull { get; set; }

    /// <summary>The port on the stack's side.</summary>
    public ushort HostPort { get; set; } = 80;

    /// <summary>The peer's port.</summary>
    public ushort Port { get; set; } = PeerPort;

    /// <summary>The peer's initial sequence number.</summary>
    public uint PeerIss { get; set; } = 1000;

    /// <summary>The latest segment that was expected, as it came.</summary>
    public TcpOptions LastOptions { get; private set; }

    public int LastWindow { get; private set; }

    /// <summary>The latest frame that was expected.</summary>
    public byte[] LastFrame { get; private set; } = [];

    public byte LastTrafficClass { get; private set; }

    public byte LastHopLimit { get; private set; }

    public TcpFlags LastFlags { get; private set; }

    /// <summary>A listening stack and a connection to it, in ESTABLISHED.</summary>
    public static (ScriptedPeer Peer, TcpSocket Socket) Accepted(TcpSettings? tcp = null, Func<Seg, Seg>? syn = null, int window = 30000, int mtu = 1500)
    {
        ScriptedPeer peer = new(tcp, mtu);
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
        peer.Sends((syn ?? (s => s))(Seg.Syn().Window(window)));
        peer.Expects(Seg.SynAck() with { MaximumSegment = null });
        peer.Sends((syn is null ? Seg.Ack(1, 1) : peer.Answering(Seg.Ack(1, 1))).Window(window));
        TcpSocket socket = listener.TryAccept() ?? throw new AssertFailedException("nothing to accept");
        return (peer, socket);
    }

    /// <summary>A segment with a time stamp if the connection has them.</summary>
    public Seg Answering(Seg seg) => LastOptions.HasTimestamps ? seg.Stamped(100, LastOptions.TimestampValue) : seg;

    public ScriptedPeer Sends(Seg seg) => SendsRaw(Build(seg));

    private byte[] Build(Seg seg)
    {
        TcpOptions options = new()
        {
            MaximumSegmentSize = (seg.Flags & TcpFlags.Syn) != TcpFlags.None ? seg.MaximumSegment : null,
            WindowScale = seg.Scale,
            SackPermitted = seg.Sack,
            UserTimeout = seg.UserTimeout,
            FastOpen = seg.Cookie is { } cookie ? new FastOpenCookie(cookie.Span) : null,
        };
        if (seg.Timestamp is { } value)
        {
            options.HasTimestamps = true;
            options.TimestampValue = value;
            options.TimestampEchoReply = seg.TimestampEcho;
        }

        foreach ((int left, int right) in seg.Blocks ?? [])
        {
            options.TryAddSack(new SackBlock(_hostIss + (uint)left, _hostIss + (uint)right));
        }

        int optionsLength = seg.RawOptions?.Length ?? options.EncodedLength;
        byte[] frame = new byte[34 + 20 + optionsLength + seg.Length];
        EthernetHeader.Write(frame, _device.MacAddress, s_peerMac, EtherType.IPv4);
        IPv4Header.Write(frame.AsSpan(14), new IPv4Fields
        {
            Source = s_peer,
            Destination = s_host,
            Protocol = IpProtocol.Tcp,
            TrafficClass = seg.TrafficClass ?? 0,
            PayloadLength = frame.Length - 34,
            TimeToLive = 64,
        });
        Span<byte> tcp = frame.AsSpan(34);
        TcpHeader.Write(
            tcp,
            new TcpFields
            {
                SourcePort = Port,
                DestinationPort = HostPort,
                SequenceNumber = seg.IsAbsolute ? (uint)seg.Sequence.GetValueOrDefault() : PeerIss + (uint)seg.Sequence.GetValueOrDefault(),
                AcknowledgmentNumber = seg.Acknowledges is { } ack ? _hostIss + (uint)ack : 0,
                Flags = seg.Flags,
                Window = (ushort)(seg.WindowField ?? 30000),
                UrgentPointer = seg.Urgent,
            },
            seg.RawOptions is null ? options : default);
        seg.RawOptions?.CopyTo(tcp[20..]);
        tcp[12] = (byte)(((20 + optionsLength) << 2) | seg.Reserved);
        for (int i = 0; i < seg.Length; i++)
        {
            tcp[tcp.Length - seg.Length + i] = PeerByte(seg.Sequence.GetValueOrDefault() + i + ((seg.Flags & TcpFlags.Syn) != TcpFlags.None ? 1 : 0));
        }

        ushort sum = InternetChecksum.Finish(InternetChecksum.Sum(tcp, InternetChecksum.PseudoHeader(s_peer, s_host, IpProtocol.Tcp, tcp.Length)));
        tcp[16] = (byte)(sum >> 8);
        tcp[17] = (byte)sum;
        return frame;
    }

    /// <summary>An ICMP error about the latest segment that was expected.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="code">Its code.</param>
    /// <param name="sequence">Added to the quoted sequence number.</param>
    public ScriptedPeer Complains(int type, int code, int sequence = 0)
    {
        byte[] quoted = [.. LastFrame[14..]];
        Span<byte> number = quoted.AsSpan(24);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(number, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(number) + (uint)sequence);
        byte[] packet = IcmpError.Version4(s_peer, quoted, (byte)type, (byte)code, 0);
        byte[] frame = new byte[14 + packet.Length];
        EthernetHeader.Write(frame, _device.MacAddress, s_peerMac, EtherType.IPv4);
        packet.CopyTo(frame.AsSpan(14));
        return SendsRaw(frame);
    }

    /// <summary>A whole frame, which is neither looked at nor waited for.</summary>
    public void Injects(byte[] frame) => _device.Deliver(frame);

    /// <summary>The SYN as a frame, for tests that send many of them from elsewhere.</summary>
    public byte[] Frame(Seg seg, IPv4Address source, IPv4Address? destination = null)
    {
        byte[] frame = Build(seg);
        source.Write(frame.AsSpan(26));
        (destination ?? s_host).Write(frame.AsSpan(30));
        Span<byte> ip = frame.AsSpan(14, 20);
        ip[10..12].Clear();
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(ip[10..], InternetChecksum.Compute(ip));
        Span<byte> tcp = frame.AsSpan(34);
        tcp[16..18].Clear();
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(
            tcp[16..], InternetChecksum.Finish(InternetChecksum.Sum(tcp, InternetChecksum.PseudoHeader(source, destination ?? s_host, IpProtocol.Tcp, tcp.Length))));
        return frame;
    }

    public ScriptedPeer SendsRaw(byte[] frame)
    {
        _device.Deliver(frame);
        Poll();
        _mark = Time.Elapsed;
        return this;
    }

    /// <summary>What the peer's stream has at a sequence number.</summary>
    public static byte PeerByte(int sequence) => (byte)(sequence * 7);

    /// <summary>The stack has sent this, and it is the next thing that it sent.</summary>
    public ScriptedPeer Expects(Seg seg)
    {
        Poll();
        Assert.IsNotEmpty(_sent, $"expected {seg}, but nothing was sent");
        (TimeSpan at, byte[] packet) = _sent.Dequeue();
        _mark = at;
        Compare(seg, packet);
        return this;
    }

    /// <summary>The stack sends this, next, exactly that long after what was last sent or expected.</summary>
    public ScriptedPeer ExpectsAfter(TimeSpan delay, Seg seg)
    {
        TimeSpan from = _mark;
        while (_sent.Count == 0)
        {
            long due = Stack.Network.Timers.Next.Ticks;
            Assert.IsLessThanOrEqualTo((from + delay).Ticks, due, $"expected {seg} after {delay}, but nothing was sent by then");
            Time.MoveTo(new TimeSpan(due));
            Poll();
        }

        Assert.AreEqual(delay, _sent.Peek().At - from, $"the time of {seg}");
        return Expects(seg);
    }

    /// <summary>Nothing was sent that was not expected.</summary>
    public ScriptedPeer ExpectsNothing()
    {
        Poll();
        Assert.IsEmpty(_sent, _sent.Count == 0 ? string.Empty : $"nothing more was expected, but this came: {Describe(_sent.Peek().Packet)}");
        return this;
    }

    /// <summary>Lets time pass; what is sent meanwhile is there to be expected, with its time.</summary>
    public ScriptedPeer After(TimeSpan duration)
    {
        TimeSpan end = Time.Elapsed + duration;
        while (Stack.Network.Timers.Next.Ticks <= end.Ticks)
        {
            Time.MoveTo(new TimeSpan(Stack.Network.Timers.Next.Ticks));
            Poll();
        }

        Time.MoveTo(end);
        Poll();
        return this;
    }

    /// <summary>The stack's initial sequence number, once seen.</summary>
    public uint HostIss => _hostIss;

    /// <summary>Overlooks whatever was sent.</summary>
    public void Forget() => _sent.Clear();

    /// <summary>Goes back to a connection whose initial sequence number on the stack's side was this.</summary>
    public void Knows(uint iss)
    {
        _knowsHostIss = true;
        _hostIss = iss;
    }

    /// <summary>The next SYN of the stack's begins a new connection.</summary>
    public void ForgetConnection() => _knowsHostIss = false;

    /// <summary>Starts to connect to the peer.</summary>
    public (TcpSocket Socket, Task Connecting) Connects()
    {
        TcpSocket socket = Stack.CreateTcpSocket();
        Task connecting = socket.ConnectAsync(new IPEndPoint(s_peer.ToIPAddress(), Port)).AsTask();
        HostPort = (ushort)socket.LocalEndPoint!.Port;
        return (socket, connecting);
    }

    public void Dispose()
    {
        Stack.Dispose();
        Assert.AreEqual(0, Stack.BuffersInUse, "the stack lost buffers");
        _device.Dispose();
    }

    public void Poll()
    {
        while (Stack.Poll() == TimeSpan.Zero)
        {
        }
    }

    private void OnSent(VirtualDevice device, byte[] frame)
    {
        Assert.IsTrue(EthernetHeader.TryParse(frame, out EthernetHeader ethernet));
        if (ethernet.EtherType == EtherType.Arp)
        {
            AnswerArp(ethernet.Payload);
            return;
        }

        Assert.AreEqual(s_peerMac, ethernet.Destination);
        _sent.Enqueue((Time.Elapsed, frame));
    }

    private void AnswerArp(ReadOnlySpan<byte> packet)
    {
        Assert.IsTrue(ArpPacket.TryParse(packet, out ArpPacket arp));
        if (arp.Operation == ArpOperation.Request && arp.TargetProtocol == s_peer)
        {
            byte[] reply = new byte[60];
            EthernetHeader.Write(reply, arp.SenderHardware, s_peerMac, EtherType.Arp);
            ArpPacket.Write(reply.AsSpan(14), new ArpFields(ArpOperation.Reply, s_peerMac, s_peer, arp.SenderHardware, arp.SenderProtocol));
            _device.Deliver(reply);
        }
    }

    /// <summary>Takes the next packet that is not TCP.</summary>
    public byte[] TakesPacket()
    {
        Poll();
        Assert.IsNotEmpty(_sent, "a packet was expected, but nothing was sent");
        return _sent.Dequeue().Packet;
    }

    private void Compare(Seg expected, byte[] frame)
    {
        Assert.IsTrue(IPv4Header.TryParse(frame.AsSpan(14), out IPv4Header ip) && ip.ChecksumIsGood);
        ReadOnlySpan<byte> segment = ip.Payload;
        Assert.AreEqual(
            0, InternetChecksum.Finish(InternetChecksum.Sum(segment, InternetChecksum.PseudoHeader(ip.Source, ip.Destination, IpProtocol.Tcp, segment.Length))));
        Assert.IsTrue(TcpHeader.TryParse(segment, out TcpHeader tcp));
        string seen = Describe(frame);
        Assert.AreEqual(HostPort, tcp.SourcePort, seen);
        Assert.AreEqual(Port, tcp.DestinationPort, seen);
        if ((tcp.Flags & TcpFlags.Syn) != TcpFlags.None && !_knowsHostIss)
        {
            _knowsHostIss = true;
            _hostIss = tcp.SequenceNumber;
        }

        Assert.AreEqual(expected.Flags & ~TcpFlags.Psh, tcp.Flags & ~TcpFlags.Psh, $"flags of {seen}, expected {expected}");
        if (expected.Sequence is { } sequence)
        {
            Assert.AreEqual(sequence, expected.IsAbsolute ? (int)tcp.SequenceNumber : (int)(tcp.SequenceNumber - _hostIss), $"sequence of {seen}, expected {expected}");
        }

        if (expected.Acknowledges is { } ack)
        {
            Assert.AreEqual(ack, (int)(tcp.AcknowledgmentNumber - PeerIss), $"acknowledgement of {seen}, expected {expected}");
        }

        Assert.AreEqual(expected.Urgent, tcp.UrgentPointer, $"urgent pointer of {seen}, expected {expected}");
        if (expected.TrafficClass is { } trafficClass)
        {
            Assert.AreEqual(trafficClass, ip.TrafficClass, $"traffic class of {seen}");
        }

        Assert.AreEqual(expected.Length, tcp.Payload.Length, $"length of {seen}, expected {expected}");
        if (expected.WindowField is { } window)
        {
            Assert.AreEqual(window, tcp.Window, $"window of {seen}");
        }

        Assert.IsTrue(TcpOptions.TryParse(tcp.Options, out TcpOptions options));
        LastOptions = options;
        LastWindow = tcp.Window;
        LastFrame = frame;
        LastTrafficClass = frame[15];
        LastHopLimit = frame[22];
        LastFlags = tcp.Flags;
        if (expected.MaximumSegment is { } mss)
        {
            Assert.AreEqual(mss, options.MaximumSegmentSize);
        }

        if (expected.Blocks is { } blocks)
        {
            Assert.AreEqual(blocks.Length, options.SackBlockCount, $"blocks of {seen}");
            for (int i = 0; i < blocks.Length; i++)
            {
                Assert.AreEqual(blocks[i], ((int)(options.Sack(i).Left - PeerIss), (int)(options.Sack(i).Right - PeerIss)), $"block {i} of {seen}");
            }
        }
    }

    private string Describe(byte[] frame)
    {
        if (!IPv4Header.TryParse(frame.AsSpan(14), out IPv4Header ip) || ip.Protocol != IpProtocol.Tcp || !TcpHeader.TryParse(ip.Payload, out TcpHeader tcp))
        {
            return Convert.ToHexString(frame);
        }

        return $"[{tcp.Flags} seq {(int)(tcp.SequenceNumber - _hostIss)} ack {(int)(tcp.AcknowledgmentNumber - PeerIss)} length {tcp.Payload.Length} window {tcp.Window}]";
    }
}
