using System.Buffers.Binary;
using System.Net.Sockets;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>TCP (RFC 9293): finds the connection or listener of a segment, and keeps what all connections share.</summary>
internal sealed class TcpProtocol : ITransportProtocol
{
    private const int SendChunkSize = 65536;
    private const int ReceiveChunkSize = 16384;

    // RFC 6056 §3.2: as many as possible.
    private const int FirstEphemeralPort = 1024;

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
        ReceivePool = new BufferPool(settings.ReceiveChunks, ReceiveChunkSize);
        _secret = new KeyedHash(context.Options.Seed);
        _flows = new FlowTable(((ulong)_secret.Compute(3, default, 0, default, 0) << 32) | _secret.Compute(4, default, 0, default, 0));
        _memoryTimer = new StackTimer(context.Timers, RetryWaiting);
    }

    public StackContext Context { get; }

    public IpLayer Ip { get; }

    public TcpSettings Settings { get; }

    public BufferPool SendPool { get; }

    public BufferPool ReceivePool { get; }

    /// <summary>Connections, TIME-WAIT and half-open ones included.</summary>
    public int ConnectionCount => _flows.Count;

    /// <summary>A copy of the list of all connections.</summary>
    public IReadOnlyList<TcpConnection> Connections => _flows.ToList();

    /// <summary>No more connections can be had.</summary>
    public bool IsFull => _flows.Count >= Settings.MaximumConnections;

    public void Receive(ref IpPacket packet)
    {
        Context.Counters.Add(StackCounter.TcpSegmentsReceived);
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

        uint ports = ((uint)header.SourcePort << 16) | header.DestinationPort;
        TcpConnection? connection = _flows.Find(new FlowKey(packet.Destination, packet.Source, ports, packet.Scope), packet.Frame.Offload);
        if (connection is not null && !IsReopened(connection, segment))
        {
            connection.Arrive(ref segment);
            return;
        }

        // RFC 9293 §3.10.7.2: LISTEN. Without RST, ACK and SYN there is nothing to be said.
        if (_listeners.Find(packet.Destination, header.DestinationPort) is { } listener && !segment.Has(TcpFlags.Rst) && !segment.Has(TcpFlags.Ack))
        {
            if (segment.Has(TcpFlags.Syn))
            {
                listener.Arrive(packet, segment, header.SourcePort);
            }
        }
        else
        {
            Refuse(packet, segment, header.SourcePort, header.DestinationPort);
        }
    }

    public void Undeliverable(in SentPacket packet, DeliveryFailure reason)
    {
        ReadOnlySpan<byte> head = packet.Head;
        uint ports = ((uint)head[2] << 24) | ((uint)head[3] << 16) | ((uint)head[0] << 8) | head[1];
        TcpConnection? connection = _flows.Find(new FlowKey(packet.Source, packet.Destination, ports, packet.Scope));
        SequenceNumber sequence = new(BinaryPrimitives.ReadUInt32BigEndian(head[4..]));

        // RFC 5927 §4.1 and RFC 1122 §4.2.3.9: only about what is on its way, and only while connecting is an ICMP error the end; later it is a hint that the timers outlive.
        if (connection is { State: TcpState.SynSent or TcpState.SynReceived } && sequence == connection.Iss)
        {
            connection.Fail(reason switch
            {
                DeliveryFailure.Refused => SocketError.ConnectionRefused,
                DeliveryFailure.NetworkUnreachable => SocketError.NetworkUnreachable,
                _ => SocketError.HostUnreachable,
            });
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
            int scope = path.Address.NeedsScope ? path.Interface.Index : 0;
            if (!_listeners.IsUsed(port) && _flows.Find(new FlowKey(path.Source, path.Address, ((uint)remotePort << 16) | port, scope)) is null)
            {
                _ephemeralCounter++;
                TcpConnection connection = new(this, path, remotePort, port);
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
        connection.Listener?.Forget(connection);
    }

    public void Remove(TcpListener listener) => _listeners.Remove(listener);

    /// <summary>RFC 6528 §3: ISN = M + F(four-tuple, secret key), where M counts 4 µs.</summary>
    public SequenceNumber InitialSequence(TcpConnection connection) => new((uint)(Context.Now.Ticks / 40)
        + _secret.Compute(0, connection.LocalAddress, connection.LocalPort, connection.RemoteAddress, connection.RemotePort));

    /// <summary>RFC 7323 §5.4: time stamps begin somewhere else for every pair of hosts.</summary>
    public uint TimestampOffset(TcpConnection connection) => _secret.Compute(1, connection.LocalAddress, 0, connection.RemoteAddress, 0);

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
    public void OutputDrained()
    {
        if (_waiting.Count != 0 && Context.HasRoom && !_memoryTimer.IsSet)
        {
            RetryWaiting();
        }
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

    /// <summary>The pools, to be freed once all buffers are back.</summary>
    public IEnumerable<BufferPool> Pools => [SendPool, ReceivePool];

    // RFC 6056 §3.3.3, algorithm 3: a counter, offset by a secret function of the destination.
    private ushort EphemeralPort(IpAddress local, IpAddress remote, ushort remotePort, int attempt)
    {
        uint offset = _secret.Compute(2, local, 0, remote, remotePort);
        return (ushort)(FirstEphemeralPort + ((offset + _ephemeralCounter + (uint)attempt) % (65536 - FirstEphemeralPort)));
    }

    // RFC 9293 §3.10.7.4 note on TIME-WAIT, RFC 6191: a SYN that is certainly new opens the connection again.
    private static bool IsReopened(TcpConnection connection, in TcpSegment segment)
    {
        if (connection.State != TcpState.TimeWait || (segment.Flags & (TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst)) != TcpFlags.Syn
            || !connection.IsNewer(segment))
        {
            return false;
        }

        connection.Fail(SocketError.Success);
        return true;
    }

    // RFC 9293 §3.10.7.1: CLOSED answers with a reset, but never to a reset.
    private void Refuse(in IpPacket packet, in TcpSegment segment, ushort remotePort, ushort localPort)
    {
        if (segment.Has(TcpFlags.Rst) || Ip.Find(packet.Source, packet.Destination, packet.Scope) is not { IsGroup: false } path
            || path.Interface.Output.TryRentHeader() is not { } buffer)
        {
            return;
        }

        bool hasAck = segment.Has(TcpFlags.Ack);
        Span<byte> header = buffer.Span[path.PayloadOffset..];
        TcpHeader.Write(header, new TcpFields
        {
            SourcePort = localPort,
            DestinationPort = remotePort,
            SequenceNumber = hasAck ? segment.Acknowledgment.Value : 0,
            AcknowledgmentNumber = hasAck ? 0 : segment.End.Value,
            Flags = hasAck ? TcpFlags.Rst : TcpFlags.Rst | TcpFlags.Ack,
            Checksum = InternetChecksum.Fold(
                InternetChecksum.PseudoHeader(packet.Destination, packet.Source, IpProtocol.Tcp, TcpHeader.MinimumLength)),
        });
        int length = path.PayloadOffset + TcpHeader.MinimumLength;
        TxFrame frame = new()
        {
            Frame = new Frame(new BufferSlice(buffer, 0, length)),
            Offload = new TxOffload
            {
                Checksum = true,
                ChecksumStart = (ushort)path.PayloadOffset,
                ChecksumOffset = TcpHeader.ChecksumOffset,
                NetworkOffset = EthernetHeader.Length,
                HeaderLength = (ushort)length,
            },
        };
        Context.Counters.Add(StackCounter.TcpResetsSent);
        Ip.Send(path, IpProtocol.Tcp, trafficClass: 0, ref frame);
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
