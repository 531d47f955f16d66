using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>A port in LISTEN (RFC 9293 §3.10.7.2), with a bounded queue of half-open connections and one of those that wait to be accepted (RFC 4987 §3.2).</summary>
internal sealed class TcpListener
{
    private readonly TcpProtocol _tcp;
    private readonly Queue<TcpConnection> _established = new();
    private readonly SynQueue _halfOpen;
    private int _fastOpens;

    /// <param name="tcp">What it belongs to.</param>
    /// <param name="binding">Its port.</param>
    /// <param name="backlog">Established connections that may wait to be accepted.</param>
    public TcpListener(TcpProtocol tcp, TcpBinding binding, int backlog)
    {
        _tcp = tcp;
        _halfOpen = new SynQueue(tcp, this);
        Binding = binding;
        Backlog = backlog;
    }

    /// <summary>Its port.</summary>
    public TcpBinding Binding { get; }

    /// <summary>Our address that it is bound to.</summary>
    public IpAddress LocalAddress => Binding.LocalAddress;

    /// <summary>The port.</summary>
    public ushort Port => Binding.Port;

    /// <summary>Established connections that may wait to be accepted.</summary>
    public int Backlog { get; set; }

    public ITcpListenerUser? User { get; set; }

    /// <summary>Largest segment that its connections offer and send (TCP_MAXSEG).</summary>
    public int LargestSegment { get; set; } = int.MaxValue;

    /// <summary>Receive buffer of its connections in bytes (SO_RCVBUF); null: as the settings say.</summary>
    public int? ReceiveBufferSize { get; set; }

    /// <summary>Traffic class of its answers (IP_TOS); null: as the settings say.</summary>
    public byte? TrafficClass { get; set; }

    /// <summary>Time to live or hop limit of its answers (IP_TTL); 0: the interface's.</summary>
    public byte HopLimit { get; set; }

    /// <summary>How often the answer to a SYN is sent again while nothing but its acknowledgement has come (TCP_DEFER_ACCEPT); 0: that is enough to be accepted.</summary>
    public int DeferRetries { get; set; }

    /// <summary>Connections that were opened fast and whose handshake is not complete yet, at most (TCP_FASTOPEN); null: as the settings say.</summary>
    public int? FastOpenLimit { get; set; }

    /// <summary>It gives Fast Open cookies and takes data with a SYN that has one.</summary>
    public bool ServesFastOpen => FastOpenLimit.HasValue ? FastOpenLimit > 0 : _tcp.FastOpenCookies.Serves;

    /// <summary>The window in its SYN-ACK.</summary>
    public int Window => Math.Min(ReceiveBufferSize ?? _tcp.Settings.FirstReceiveBuffer, ushort.MaxValue);

    /// <summary>Whether one more established connection can wait.</summary>
    public bool HasRoom => _established.Count < Backlog;

    /// <summary>Whether a connection waits to be accepted.</summary>
    public bool HasWaiting => _established.Count != 0;

    /// <summary>Connections that wait to be accepted.</summary>
    public int WaitingCount => _established.Count;

    /// <summary>Connections whose handshake is under way.</summary>
    public int HalfOpenCount => _halfOpen.Count;

    /// <summary>A segment for which there is no connection (RFC 9293 §3.10.7.2).</summary>
    /// <param name="key">Between whom.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="used">The last sequence number of an earlier connection between them that was in TIME-WAIT.</param>
    /// <returns>False: it is refused with a reset.</returns>
    public bool Arrive(in FlowKey key, ref TcpSegment segment, SequenceNumber? used)
    {
        if (_tcp.PathBack(key, segment) is not { IsGroup: false } path)
        {
            return true; // nobody could be answered
        }

        if (_halfOpen.Arrive(key, path, ref segment) || segment.Has(TcpFlags.Rst))
        {
            return true;
        }

        if (segment.Has(TcpFlags.Ack))
        {
            return !segment.Has(TcpFlags.Syn) && CompleteCookie(key, path, ref segment);
        }

        if (segment.Has(TcpFlags.Syn))
        {
            ArriveSyn(key, path, ref segment, used);
        }

        return true; // without RST, ACK and SYN there is nothing to be said
    }

    /// <summary>The handshake of a half-open connection is complete: it becomes a real one.</summary>
    public void Complete(Destination path, in HalfOpen opened, ref TcpSegment segment)
    {
        TcpConnection connection = new(_tcp, path, opened.Key.RemotePort, Port, opened.Iss) { Listener = this };
        _tcp.Add(connection, Binding);
        User?.Prepare(connection);
        connection.Complete(opened, ref segment);
    }

    /// <summary>The handshake of a connection that was opened fast is complete, or will never be.</summary>
    public void FastOpenEnded() => _fastOpens--;

    /// <summary>Whether a handshake is under way between them.</summary>
    public bool HasHalfOpen(in FlowKey key) => _halfOpen.Has(key);

    /// <summary>Whether a SYN-ACK of ours with that number is on its way.</summary>
    public bool HasSent(in FlowKey key, SequenceNumber sequence) => _halfOpen.HasSent(key, sequence);

    /// <summary>The network says that our SYN-ACK cannot arrive.</summary>
    public void Unreachable(in FlowKey key, SequenceNumber sequence) => _halfOpen.Unreachable(key, sequence);

    /// <summary>A handshake is complete.</summary>
    public void Established(TcpConnection connection)
    {
        _established.Enqueue(connection);
        User?.ConnectionWaits();
    }

    /// <summary>Takes the connection that has waited longest; it may have ended meanwhile, as a socket's user will see.</summary>
    public TcpConnection? TryAccept()
    {
        if (!_established.TryDequeue(out TcpConnection? connection))
        {
            return null;
        }

        connection.Listener = null;
        return connection;
    }

    /// <summary>CLOSE: resets what nobody has accepted.</summary>
    public void Close()
    {
        _tcp.Remove(this);
        _halfOpen.Clear();
        while (_established.TryDequeue(out TcpConnection? connection))
        {
            connection.Listener = null;
            connection.Abort();
        }
    }

    private void ArriveSyn(in FlowKey key, Destination path, ref TcpSegment syn, SequenceNumber? used)
    {
        if (!HasRoom || _tcp.IsFull)
        {
            // Silently: the peer tries again, and there may be room then.
            _tcp.Context.Counters.Add(StackCounter.TcpListenDropped);
        }
        else if (syn.Options.FastOpen is { Length: > 0 } cookie && ServesFastOpen && _fastOpens < (FastOpenLimit ?? _tcp.Settings.FastOpenQueue)
            && _tcp.FastOpenCookies.IsValid(key.Remote, cookie, out bool isOld))
        {
            OpenFast(path, key, ref syn, used, isOld);
        }
        else if (_tcp.Settings.SynCookies == SynCookieUse.Always || (_halfOpen.IsFull && _tcp.Settings.SynCookies == SynCookieUse.WhenFull))
        {
            _tcp.Cookies.Answer(this, path, key, syn);
        }
        else
        {
            _halfOpen.Add(path, new HalfOpen(key, syn, _tcp.InitialSequence(key, used), _tcp.Context.Now));
        }
    }

    // RFC 7413 §4.2.2: the cookie shows that the peer is where it says to be, so that there is a connection already.
    private void OpenFast(Destination path, in FlowKey key, ref TcpSegment syn, SequenceNumber? used, bool isOld)
    {
        _fastOpens++;
        _tcp.Context.Counters.Add(StackCounter.TcpFastOpensAccepted);
        TcpConnection connection = new(_tcp, path, key.RemotePort, Port, _tcp.InitialSequence(key, used)) { Listener = this };
        _tcp.Add(connection, Binding);
        User?.Prepare(connection);
        connection.AcceptFast(ref syn, isOld ? _tcp.FastOpenCookies.Make(key.Remote) : null);
        Established(connection);
    }

    private bool CompleteCookie(in FlowKey key, Destination path, ref TcpSegment segment)
    {
        if (_tcp.Settings.SynCookies == SynCookieUse.Never || !_tcp.Cookies.TryOpen(key, segment, out HalfOpen opened))
        {
            return false;
        }

        if (HasRoom && !_tcp.IsFull)
        {
            Complete(path, opened, ref segment);
        }
        else
        {
            _tcp.Context.Counters.Add(StackCounter.TcpListenDropped);
        }

        return true;
    }
}
