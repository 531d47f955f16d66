using System.Net;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Stack.Tests.Scripts;

/// <summary>
/// The peer of a stack under test, in the manner of packetdrill: it sends these segments and expects those, at these times. The stack is 192.0.2.1 and 2001:db8::1, the
/// peer is 192.0.2.2 and 2001:db8::2; time is virtual and the wire takes none.
/// </summary>
public sealed partial class ScriptedPeer : IDisposable
{
    public const ushort PeerPort = 5000;

    private readonly Queue<(TimeSpan At, byte[] Packet)> _sent = new();
    private readonly VirtualDevice _device;
    private uint _hostIss;
    private bool _knowsHostIss;
    private TimeSpan _mark;

    /// <param name="tcp">Settings of the stack's TCP; null: <see cref="Plain"/>.</param>
    /// <param name="mtu">Largest packet of its card.</param>
    /// <param name="hopLimit">What it writes as its hop limit.</param>
    /// <param name="ipv6">Whether the peer speaks IPv6 in this script.</param>
    /// <param name="sourceRouting">Whether the stack uses source routes.</param>
    public ScriptedPeer(TcpSettings? tcp = null, int mtu = 1500, byte hopLimit = 64, bool ipv6 = false, bool sourceRouting = false)
    {
        IsIPv6 = ipv6;
        _device = new VirtualDevice("host", new MacAddress(0x0200_5E00_0001), mtu, segments: false, 64, () => !IsFull, OnSent);
        Stack = new NetworkStack(_device, new NetworkStackOptions
        {
            Address = s_host,
            Gateway = s_peer,
            IPv6Address = ipv6 ? s_host6 : null,
            DuplicateAddressTransmits = 0,
            TimeToLive = hopLimit,
            SourceRouting = sourceRouting,
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
    public static (ScriptedPeer Peer, TcpSocket Socket) Accepted(
        TcpSettings? tcp = null, Func<Seg, Seg>? syn = null, int window = 30000, int mtu = 1500, bool ipv6 = false)
    {
        ScriptedPeer peer = new(tcp, mtu, ipv6: ipv6);
        using TcpListenerSocket listener = peer.Stack.Listen(new IPEndPoint(ipv6 ? IPAddress.IPv6Any : IPAddress.Any, 80));
        peer.Sends((syn ?? (s => s))(Seg.Syn().Window(window)));
        peer.Expects(Seg.SynAck() with { MaximumSegment = null });
        peer.Sends((syn is null ? Seg.Ack(1, 1) : peer.Answering(Seg.Ack(1, 1))).Window(window));
        TcpSocket socket = listener.TryAccept() ?? throw new AssertFailedException("nothing to accept");
        return (peer, socket);
    }

    /// <summary>A segment with a time stamp if the connection has them.</summary>
    public Seg Answering(Seg seg) => LastOptions.HasTimestamps ? seg.Stamped(100, LastOptions.TimestampValue) : seg;

    public ScriptedPeer Sends(Seg seg) => SendsRaw(Build(seg));

    /// <summary>Several segments that the card has made one frame of.</summary>
    public ScriptedPeer SendsMerged(Seg seg, ushort segments)
    {
        _device.Deliver(Build(seg), segments);
        Poll();
        _mark = Time.Elapsed;
        return this;
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

    /// <summary>The stack sends this, next, that long after what was last sent or expected.</summary>
    /// <param name="delay">How long.</param>
    /// <param name="seg">What.</param>
    /// <param name="tolerance">How much earlier or later it may be.</param>
    public ScriptedPeer ExpectsAfter(TimeSpan delay, Seg seg, TimeSpan tolerance = default)
    {
        TimeSpan from = _mark;
        while (_sent.Count == 0)
        {
            long due = Stack.Network.Timers.Next.Ticks;
            Assert.IsLessThanOrEqualTo((from + delay + tolerance).Ticks, due, $"expected {seg} after {delay}, but nothing was sent by then");
            Time.MoveTo(new TimeSpan(due));
            Poll();
        }

        Assert.IsInRange(delay - tolerance, delay + tolerance, _sent.Peek().At - from, $"the time of {seg}");
        return Expects(seg);
    }

    /// <summary>Nothing was sent that was not expected.</summary>
    public ScriptedPeer ExpectsNothing()
    {
        Poll();
        Assert.IsEmpty(_sent, _sent.Count == 0 ? string.Empty : $"nothing more was expected, but this came: {Describe(_sent.Peek().Packet)}");
        return this;
    }

    /// <summary>Nothing is sent for so long, timers or not.</summary>
    public ScriptedPeer ExpectsSilence(TimeSpan duration) => ExpectsNothing().After(duration).ExpectsNothing();

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
    /// <param name="route">The way there.</param>
    public (TcpSocket Socket, Task Connecting) Connects(SourceRoute? route = null)
    {
        TcpSocket socket = Stack.CreateTcpSocket();
        if (route is not null)
        {
            socket.SourceRoute = route;
        }

        Task connecting = socket.ConnectAsync(new IPEndPoint(IsIPv6 ? s_peer6.ToIPAddress() : s_peer.ToIPAddress(), Port)).AsTask();
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

    /// <summary>Takes the next packet that is not TCP.</summary>
    public byte[] TakesPacket()
    {
        Poll();
        Assert.IsNotEmpty(_sent, "a packet was expected, but nothing was sent");
        return _sent.Dequeue().Packet;
    }
}
