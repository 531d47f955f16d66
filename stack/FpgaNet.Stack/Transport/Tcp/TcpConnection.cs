using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp.Congestion;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>
/// One connection: its transmission control block (RFC 9293 §3.3.1). The parts: Calls (what the user asks for), Arrival (what comes
/// in), Acknowledgment, Receiving, Buffers, Sending, Timers and Handshake.
/// </summary>
internal sealed partial class TcpConnection
{
    private readonly TcpProtocol _tcp;
    private readonly StackContext _net;
    private readonly TcpSettings _settings;
    private readonly StackTimer _timer;
    private Destination _path; // changes with a source route of the peer's only

    /// <param name="tcp">What it belongs to.</param>
    /// <param name="path">How the peer is reached.</param>
    /// <param name="remotePort">The peer's port.</param>
    /// <param name="localPort">Ours.</param>
    /// <param name="iss">Our initial sequence number; null: a new one.</param>
    public TcpConnection(TcpProtocol tcp, Destination path, ushort remotePort, ushort localPort, SequenceNumber? iss = null)
    {
        _tcp = tcp;
        _net = tcp.Context;
        _path = path;
        _settings = tcp.Settings;
        RemotePort = remotePort;
        LocalPort = localPort;
        Key = new FlowKey(path.Source, path.Address, ((uint)remotePort << 16) | localPort, path.Address.NeedsScope ? path.Interface.Index : 0);
        _template = new SegmentTemplate(Key);
        tcp.Ip.Destinations.Hold(path);
        _timer = new StackTimer(_net.Timers, static connection => ((TcpConnection)connection).OnTimer(), this);
        _send = new SendQueue(tcp.SendPool, tcp.SmallSendPool, tcp.Memory, _settings.SendBufferSize ?? _settings.InitialSendBufferSize);
        _receive = new ReceiveQueue(tcp.ReceivePool, tcp.Memory);
        _receiveBuffer = _settings.FirstReceiveBuffer;
        _isReceiveFixed = _settings.ReceiveBufferSize.HasValue;
        _isSendFixed = _settings.SendBufferSize.HasValue;
        _congestion = _settings.CongestionControl();
        _keepAlive = _settings.KeepAlive;
        TrafficClass = _settings.TrafficClass;
        _roundTrip = new RoundTripEstimator(_settings);
        _offeredSegment = ControlSegment.OfferedSegment(_settings, path);
        _segment = _receivedSegment = Math.Min(DefaultSegmentOf(path.Address), _offeredSegment);
        _receiveShift = ControlSegment.ReceiveShift(_settings);
        Iss = iss ?? tcp.InitialSequence(Key);
        _timestampOffset = tcp.TimestampOffset(Key);
        _una = _next = _max = _smallEnd = Iss;
    }

    /// <summary>By what it is found.</summary>
    public FlowKey Key { get; }

    /// <summary>How the peer is reached.</summary>
    public Destination Path => _path;

    public IpAddress LocalAddress => Key.Local;

    public IpAddress RemoteAddress => Key.Remote;

    /// <summary>Index of the interface when the peer's address means something on one link only, else 0.</summary>
    public int Scope => Key.Scope;

    public ushort RemotePort { get; }

    public ushort LocalPort { get; }

    public TcpState State { get; private set; }

    /// <summary>Who is told; null once the application has let go.</summary>
    public ITcpUser? User { get; set; }

    /// <summary>Why the connection ended; <see cref="SocketError.Success"/> while it has not, or when it ended in order.</summary>
    public SocketError Error { get; private set; }

    /// <summary>What it holds its port by.</summary>
    public TcpBinding? Binding { get; set; }

    /// <summary>The state that it was in when it ended.</summary>
    public TcpState EndedIn { get; private set; }

    /// <summary>What had come before the connection failed may still be read, as on Linux; otherwise it is thrown away (RFC 9293 §3.10.7.4).</summary>
    public bool KeepsReceived { get; set; }

    /// <summary>The listener that it came from, until it is accepted.</summary>
    public TcpListener? Listener { get; set; }

    /// <summary>What was last heard of the peer's hash (<see cref="FlowTable"/>), −1: nothing.</summary>
    public int HashPlace { get; set; } = -1;

    /// <summary>Neighbours in the list of connections to be served.</summary>
    public TcpConnection? NextPending { get; set; }

    /// <summary>It is in that list.</summary>
    public bool IsPending { get; set; }

    /// <summary>It waits for room or memory.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>Sent and not acknowledged, FIN and SYN counted.</summary>
    public int Unacknowledged => _max - _una;

    /// <summary>One behind the last sequence number used.</summary>
    public SequenceNumber HighestSent => _max;

    /// <summary>RCV.NXT, for tests.</summary>
    internal SequenceNumber ReceiveNext => _rcvNext;

    /// <summary>RCV.NXT + RCV.WND as last offered, for tests.</summary>
    internal SequenceNumber ReceiveEdge => _rcvEdge;

    /// <summary>For tests and statistics.</summary>
    public ICongestionControl Congestion => _congestion;

    internal SequenceNumber Iss { get; }

    /// <summary>The connection for people who look for a fault.</summary>
    public override string ToString() =>
        $"{State} una {_una - Iss} next {_next - Iss} max {_max - Iss} queued {_send.Length} window {_sendWindow} congestion {_congestion.CongestionWindow}"
        + $" pipe {_recovery?.InFlight} recovering {_recovery?.IsRecovering} retries {_retries} probes {_probes}"
        + $" received {_receive.Length} reassembly {_reassembly?.Count} offered {_rcvEdge - _rcvNext} waiting {IsWaiting}";

    private bool IsSynchronized => State >= TcpState.Established;

    /// <summary>Ends the connection here and now, without a word to the peer.</summary>
    private void Terminate(SocketError error)
    {
        if (State == TcpState.Closed)
        {
            return;
        }

        EndedIn = State;
        State = TcpState.Closed;
        Error = error;
        _tcp.Remove(this);
        _tcp.Ip.Destinations.Release(_path);
        _timer.Remove();
        LeaveFastOpen();
        _send.Clear();
        _reassembly?.Clear();
        bool isLookedAt = User is not null || Listener is not null;
        if (!isLookedAt || (KeepsReceived ? error == SocketError.OperationAborted : error != SocketError.Success))
        {
            _receive.Clear();
        }

        Notify(TcpEvents.Closed | TcpEvents.Readable | TcpEvents.Writable);
    }

    /// <summary>Notes what the user is to be told at the end of the batch.</summary>
    private void Notify(TcpEvents events)
    {
        _events |= events;
        _tcp.MakePending(this);
    }
}
