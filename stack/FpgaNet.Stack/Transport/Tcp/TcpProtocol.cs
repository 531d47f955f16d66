using System.Buffers.Binary;
using System.Net.Sockets;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp.Recovery;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>TCP (RFC 9293): finds the connection or listener of a segment, and keeps what all connections share.</summary>
internal sealed class TcpProtocol : ITransportProtocol
{
    private const int SendChunkSize = 65536;
    private const int SmallSendChunkSize = 2048;
    private const int SmallSendChunks = 16; // for each large one: half as much memory again
    private const int ReceiveChunkSize = 16384;

    // RFC 6056 §3.2: as many as possible.
    private const int FirstEphemeralPort = 1024;

    // Room for what of an earlier connection may still be on its way.
    private const int ReuseDistance = 65536;

    private static readonly TimeSpan s_memoryRetry = TimeSpan.FromMilliseconds(1);

    private readonly FlowTable _flows;
    private readonly PortTable<TcpListener> _listeners = new();
    private readonly KeyedHash _secret;
    private readonly StackTimer _memoryTimer;
    private readonly List<TcpConnection> _waiting = [];
    private TcpConnection? _firstPending;
    private TcpConnection? _lastPending;
    private uint _ephemeralCounter;

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

    /// <summary>Connections, TIME-WAIT included; those that a listener has not heard twice of are <see cref="HalfOpenCount"/>.</summary>
    public int ConnectionCount => _flows.Count;

    /// <summary>Half-open connections of all listeners.</summary>
    public int HalfOpenCount
    {
        get
        {
            int count = 0;
            foreach (TcpListener listener in _listeners.All)
            {
                count += listener.HalfOpenCount;
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
        if (_listeners.Find(packet.Destination, header.DestinationPort) is not { } listener || !listener.Arrive(key, ref segment, used))
        {
            Refuse(key, segment);
        }
    }

    public bool HasSent(in SentPacket packet) => Find(packet) is { } connection
        ? connection.HasSent(Sequence(packet))
        : _listeners.Find(packet.Source, KeyOf(packet).LocalPort) is { } listener && listener.HasSent(KeyOf(packet), Sequence(packet));

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
            _listeners.Find(packet.Source, KeyOf(packet).LocalPort)?.Unreachable(KeyOf(packet), Sequence(packet));
        }
    }

    /// <summary>Begins to listen.</summary>
    /// <returns>Null when the port is in use.</returns>
    public TcpListener? TryListen(IpAddress local, ushort port, int backlog)
    {
        if (port == 0)
        {
            for (int i = 0; i < 65536 - FirstEphemeralPort && (port == 0 || _listeners.IsUsed(port)); i++)
            {
                port = EphemeralPort(local, default, 0, i);
            }
        }

        TcpListener listener = new(this, local, port, Math.Max(backlog, 1));
        return _listeners.TryAdd(listener) ? listener : null;
    }

    /// <summary>Makes a connection to be opened.</summary>
    /// <returns>Null when no port is free, or the one asked for is in use.</returns>
    /// <param name="path">How to reach the peer.</param>
    /// <param name="remotePort">The peer's port.</param>
    /// <param name="localPort">Ours; 0: a free one.</param>
    public TcpConnection? TryCreate(Destination path, ushort remotePort, ushort localPort)
    {
        if (IsFull)
        {
            return null;
        }

        for (int i = 0; i < 65536 - FirstEphemeralPort; i++)
        {
            ushort port = localPort != 0 ? localPort : EphemeralPort(path.Source, path.Address, remotePort, i);
            if (Context.Options.Shard is { } shard && !shard.OwnsTcp(path.Source, path.Address, port, remotePort))
            {
                if (localPort != 0)
                {
                    break;
                }

                continue; // the answers would arrive elsewhere
            }

            int scope = path.Address.NeedsScope ? path.Interface.Index : 0;
            FlowKey key = new(path.Source, path.Address, ((uint)remotePort << 16) | port, scope);
            TcpConnection? old = _listeners.IsUsed(port) ? null : _flows.Find(key);
            if (!_listeners.IsUsed(port) && old is null or { MayBeReplaced: true })
            {
                _ephemeralCounter++;
                SequenceNumber iss = InitialSequence(key, old?.HighestSent);
                old?.Fail(SocketError.Success);
                TcpConnection connection = new(this, path, remotePort, port, iss);
                Add(connection);
                return connection;
            }

            if (localPort != 0)
            {
                break;
            }
        }

        return null;
    }

    public void Add(TcpConnection connection) => _flows.Add(connection);

    public void Remove(TcpConnection connection)
    {
        _flows.Remove(connection);
    }

    public void Remove(TcpListener listener) => _listeners.Remove(listener);

    /// <summary>RFC 6528 §3: ISN = M + F(four-tuple, secret key), where M counts 4 µs; beyond what an earlier connection of the four-tuple has used (RFC 9293 §3.6.1, MAY-2).</summary>
    public SequenceNumber InitialSequence(in FlowKey key, SequenceNumber? used = null)
    {
        SequenceNumber iss = new((uint)(Context.Now.Ticks / 40) + _secret.Compute(0, key.Local, key.LocalPort, key.Remote, key.RemotePort));
        return used is { } last && iss <= last ? last + ReuseDistance : iss;
    }

    /// <summary>RFC 7323 §5.4: time stamps begin somewhere else for every pair of hosts.</summary>
    public uint TimestampOffset(in FlowKey key) => _secret.Compute(1, key.Local, 0, key.Remote, 0);

    /// <summary>Our time stamp.</summary>
    public uint TimestampNow(in FlowKey key) => (uint)Context.Now.Milliseconds + TimestampOffset(key);

    /// <summary>Has a connection served at the end of the batch.</summary>
    public void MakePending(TcpConnection connection)
    {
        if (connection.IsPending)
        {
            return;
        }

        connection.IsPending = true;
        if (_lastPending is null)
        {
            _firstPending = connection;
        }
        else
        {
            _lastPending.NextPending = connection;
        }

        _lastPending = connection;
    }

    /// <summary>The output queue is full: the connection goes on when the device has taken some of it.</summary>
    public void WaitForOutput(TcpConnection connection)
    {
        if (!connection.IsWaiting)
        {
            connection.IsWaiting = true;
            _waiting.Add(connection);
        }
    }

    /// <summary>A pool is empty. Nobody says when a device or a peer gives a buffer back, so that we look again soon.</summary>
    public void WaitForMemory(TcpConnection connection)
    {
        WaitForOutput(connection);
        if (!_memoryTimer.IsSet)
        {
            _memoryTimer.Set(Context.Now + s_memoryRetry);
        }
    }

    /// <summary>Serves all connections that something happened to.</summary>
    public void Service()
    {
        while (_firstPending is { } connection)
        {
            _firstPending = connection.NextPending;
            if (_firstPending is null)
            {
                _lastPending = null;
            }

            connection.NextPending = null;
            connection.IsPending = false;
            connection.Service();
        }
    }

    /// <summary>The device has taken frames: whoever waited for that may go on.</summary>
    /// <returns>Whether somebody did.</returns>
    public bool OutputDrained()
    {
        if (_waiting.Count == 0 || !Context.HasRoom || _memoryTimer.IsSet)
        {
            return false;
        }

        RetryWaiting();
        return true;
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

        foreach (TcpListener listener in _listeners.All)
        {
            listener.User?.Failed(error);
        }
    }

    private static SequenceNumber Sequence(in SentPacket packet) => new(BinaryPrimitives.ReadUInt32BigEndian(packet.Head[4..]));

    private static FlowKey KeyOf(in SentPacket packet)
    {
        ReadOnlySpan<byte> head = packet.Head;
        return new FlowKey(packet.Source, packet.Destination, ((uint)head[2] << 24) | ((uint)head[3] << 16) | ((uint)head[0] << 8) | head[1], packet.Scope);
    }

    private TcpConnection? Find(in SentPacket packet) => _flows.Find(KeyOf(packet));

    /// <summary>The pools, to be freed once all buffers are back.</summary>
    public IEnumerable<BufferPool> Pools => [SendPool, SmallSendPool, ReceivePool];

    // RFC 6056 §3.3.3, algorithm 3: a counter, offset by a secret function of the destination.
    private ushort EphemeralPort(IpAddress local, IpAddress remote, ushort remotePort, int attempt)
    {
        uint offset = _secret.Compute(2, local, 0, remote, remotePort);
        return (ushort)(FirstEphemeralPort + ((offset + _ephemeralCounter + (uint)attempt) % (65536 - FirstEphemeralPort)));
    }

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

    private void RetryWaiting()
    {
        foreach (TcpConnection connection in _waiting)
        {
            connection.IsWaiting = false;
            connection.RoomCame();
        }

        _waiting.Clear();
    }
}
