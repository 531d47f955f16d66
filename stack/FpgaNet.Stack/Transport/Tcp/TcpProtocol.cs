using System.Buffers.Binary;
using System.Net.Sockets;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp.Recovery;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>TCP (RFC 9293): finds the connection or listener of a segment, and keeps what all connections share.</summary>
internal sealed partial class TcpProtocol : ITransportProtocol
{
    private const int SendChunkSize = 65536;
    private const int SmallSendChunkSize = 2048;
    private const int SmallSendChunks = 16; // for each large one: half as much memory again
    private const int ReceiveChunkSize = 16384;

    private readonly FlowTable _flows;
    private readonly KeyedHash _secret;

    public TcpProtocol(StackContext context, IpLayer ip, TcpSettings settings)
    {
        Context = context;
        Ip = ip;
        Settings = settings;
        SendPool = new BufferPool(settings.SendChunks, SendChunkSize);
        SmallSendPool = new BufferPool(settings.SendChunks * SmallSendChunks, SmallSendChunkSize);
        ReceivePool = new BufferPool(settings.ReceiveChunks, ReceiveChunkSize);
        Memory = new TcpMemory(settings.MemoryLimit, ReceivePool);
        _secret = new KeyedHash(SipHash.Create(context.Options.Seed));
        _flows = new FlowTable(_secret.Compute(3, default, 0, default, 0, 0));
        _bindings = new PortTable<TcpBinding>(_secret.Compute(7, default, 0, default, 0, 0));
        Cookies = new SynCookies(this, _secret);
        FastOpenCookies = new FastOpenCookies(this, _secret);
        FastOpenCache = new FastOpenCache(settings.FastOpenCacheEntries);
        _memoryTimer = new StackTimer(context.Timers, RetryWaiting);
    }

    public StackContext Context { get; }

    public IpLayer Ip { get; }

    public TcpSettings Settings { get; }

    public SynCookies Cookies { get; }

    public FastOpenCookies FastOpenCookies { get; }

    public FastOpenCache FastOpenCache { get; }

    public BufferPool SendPool { get; }

    public BufferPool SmallSendPool { get; }

    public BufferPool ReceivePool { get; }

    public TcpMemory Memory { get; }

    /// <summary>The pools, to be freed once all buffers are back.</summary>
    public IEnumerable<BufferPool> Pools => [SendPool, SmallSendPool, ReceivePool];

    /// <summary>Connections, TIME-WAIT included; those that a listener has not heard twice of are <see cref="HalfOpenCount"/>.</summary>
    public int ConnectionCount => _flows.Count;

    /// <summary>Half-open connections of all listeners.</summary>
    public int HalfOpenCount
    {
        get
        {
            int count = 0;
            foreach (TcpBinding binding in _bindings.All)
            {
                count += binding.Listener?.HalfOpenCount ?? 0;
            }

            return count;
        }
    }

    /// <summary>A copy of the list of all connections.</summary>
    public IReadOnlyList<TcpConnection> Connections => _flows.ToList();

    /// <summary>No more connections can be had.</summary>
    public bool IsFull => _flows.Count >= Settings.MaximumConnections;

    public void Receive(ref IpPacket packet)
    {
        if (!TcpHeader.TryParse(packet.Head, out TcpHeader header) || header.HeaderLength > packet.TransportLength)
        {
            Context.Counters.Add(StackCounter.RxMalformed);
            return;
        }

        TcpSegment segment = new()
        {
            Frame = ref packet.Frame,
            Sequence = new SequenceNumber(header.SequenceNumber),
            Acknowledgment = new SequenceNumber(header.AcknowledgmentNumber),
            Flags = header.Flags,
            SourceRouteOffset = packet.SourceRouteOffset,
            IsMarked = ExplicitCongestionNotification.IsMarked(packet.TrafficClass),
            Window = header.Window,
            UrgentMark = new SequenceNumber(header.SequenceNumber) + (header.UrgentPointer - 1), // trimming moves the sequence number, not the mark
            PayloadOffset = packet.TransportOffset + header.HeaderLength,
            PayloadLength = packet.TransportLength - header.HeaderLength,
        };
        if (!TcpOptions.TryParse(header.Options, out segment.Options))
        {
            Context.Counters.Add(StackCounter.RxMalformed); // RFC 9293 §3.1, MUST-7: handled, and the segment with it dropped
            return;
        }

        Context.Counters.Add(StackCounter.TcpSegmentsReceived);
        FlowKey key = new(packet.Destination, packet.Source, ((uint)header.SourcePort << 16) | header.DestinationPort, packet.Scope);
        TcpConnection? connection = _flows.Find(key, packet.Frame.Offload);
        SequenceNumber? used = null;
        if (connection is not null)
        {
            if (!IsReopened(connection, segment))
            {
                connection.Arrive(ref segment);
                return;
            }

            used = connection.HighestSent;
            connection.Fail(SocketError.Success);
        }

        // RFC 9293 §3.10.7.2: LISTEN.
        if (FindListener(key, packet.Interface.Index) is not { } listener || !listener.Arrive(key, ref segment, used))
        {
            Refuse(key, segment);
        }
    }

    public bool HasSent(in SentPacket packet) => Find(packet) is { } connection
        ? connection.HasSent(Sequence(packet))
        : FindListener(KeyOf(packet), packet.Interface.Index) is { } listener && listener.HasSent(KeyOf(packet), Sequence(packet));

    public void PathMtuChanged(in SentPacket packet, int mtu) => Find(packet)?.PathMtuChanged(Sequence(packet), mtu);

    public void Undeliverable(in SentPacket packet, DeliveryFailure reason)
    {
        if (Find(packet) is { } connection)
        {
            connection.Unreachable(Sequence(packet), reason);
        }
        else if (reason == DeliveryFailure.Refused)
        {
            // Everything else may pass, a neighbour's silence too: the peer has taken the first step, and may stand already.
            FindListener(KeyOf(packet), packet.Interface.Index)?.Unreachable(KeyOf(packet), Sequence(packet));
        }
    }

    /// <summary>The way to the sender of a segment: back along the source route that it came by, if it did (RFC 9293 §3.9.2.1, MUST-53).</summary>
    /// <param name="key">Between whom.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="known">A way that is used already.</param>
    /// <returns>Null when there is none.</returns>
    public Destination? PathBack(in FlowKey key, in TcpSegment segment, Destination? known = null)
    {
        if (segment.SourceRouteOffset != 0
            && SourceRouteOption.TryFind(SourceRouteOption.At(segment.Frame.Frame.Header.Span, segment.SourceRouteOffset), out SourceRouteOption option)
            && SourceRoute.Reverse(option, key.Remote.IPv4, known?.SourceRoute) is { } route)
        {
            return known is not null && route == known.SourceRoute ? known : Ip.Find(key.Remote.IPv4, key.Local, route);
        }

        return Ip.Find(key.Remote, key.Local, key.Scope);
    }

    /// <summary>A connection begins.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="binding">Its port, which it holds from now on.</param>
    public void Add(TcpConnection connection, TcpBinding binding)
    {
        binding.Hold();
        connection.Binding = binding;
        _flows.Add(connection);
    }

    /// <summary>A connection has ended.</summary>
    public void Remove(TcpConnection connection)
    {
        _flows.Remove(connection);
        Release(connection.Binding!, owns: false);
    }

    /// <summary>Ends everything, or all connections over one interface.</summary>
    public void FailAll(SocketError error, NetworkInterface? network)
    {
        foreach (TcpConnection connection in _flows.ToList())
        {
            if (network is null || connection.Path.Interface == network)
            {
                connection.Fail(error);
            }
        }

        if (network is not null)
        {
            return;
        }

        foreach (TcpBinding binding in _bindings.All)
        {
            binding.Listener?.User?.Failed(error);
        }
    }

    private static SequenceNumber Sequence(in SentPacket packet) => new(BinaryPrimitives.ReadUInt32BigEndian(packet.Head[4..]));

    private static FlowKey KeyOf(in SentPacket packet)
    {
        ReadOnlySpan<byte> head = packet.Head;
        return new FlowKey(packet.Source, packet.Destination, ((uint)head[2] << 24) | ((uint)head[3] << 16) | ((uint)head[0] << 8) | head[1], packet.Scope);
    }

    private TcpConnection? Find(in SentPacket packet) => _flows.Find(KeyOf(packet));

    // RFC 9293 §3.10.7.4 note on TIME-WAIT, RFC 6191: a SYN that is certainly new opens the connection again.
    private static bool IsReopened(TcpConnection connection, in TcpSegment segment) => connection.State == TcpState.TimeWait
        && (segment.Flags & (TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst)) == TcpFlags.Syn && connection.IsNewer(segment);

    // RFC 9293 §3.10.7.1: CLOSED answers with a reset, but never to a reset.
    private void Refuse(in FlowKey key, in TcpSegment segment)
    {
        // Fragments reach all shards: who has no part in the flow is silent.
        if (segment.Has(TcpFlags.Rst) || Context.Options.Shard?.OwnsTcp(key.Local, key.Remote, key.LocalPort, key.RemotePort) == false || Ip.Find(key.Remote, key.Local, key.Scope) is not { } path)
        {
            return;
        }

        if (segment.Has(TcpFlags.Ack))
        {
            ControlSegment.Reset(this, path, key, segment.Acknowledgment);
        }
        else
        {
            ControlSegment.ResetUnacknowledged(this, path, key, segment.End);
        }
    }
}
