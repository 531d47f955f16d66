using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>A port in LISTEN (RFC 9293 §3.10.7.2), with a bounded queue of half-open connections and one of those that wait to be accepted (RFC 4987 §3.2).</summary>
internal sealed class TcpListener(TcpProtocol tcp, IpAddress localAddress, ushort port, int backlog) : IPortUser<TcpListener>
{
    private readonly Queue<TcpConnection> _established = new();
    private readonly LinkedList<TcpConnection> _halfOpen = new();

    /// <inheritdoc/>
    public IpAddress LocalAddress { get; } = localAddress;

    /// <inheritdoc/>
    public ushort Port { get; } = port;

    /// <inheritdoc/>
    public TcpListener? NextOnPort { get; set; }

    public ITcpListenerUser? User { get; set; }

    /// <summary>Whether one more established connection can wait.</summary>
    public bool HasRoom => _established.Count < backlog;

    /// <summary>Connections whose handshake is under way.</summary>
    public int HalfOpenCount => _halfOpen.Count;

    /// <summary>A SYN came.</summary>
    public void Arrive(in IpPacket packet, in TcpSegment syn, ushort remotePort)
    {
        if (!HasRoom || tcp.IsFull)
        {
            // Silently: the peer tries again, and there may be room then.
            tcp.Context.Counters.Add(StackCounter.TcpListenDropped);
            return;
        }

        if (_halfOpen.Count >= tcp.Settings.HalfOpenConnections)
        {
            // RFC 4987 §3.2, recycling the oldest half-open connection.
            tcp.Context.Counters.Add(StackCounter.TcpListenDropped);
            _halfOpen.First!.Value.Fail(System.Net.Sockets.SocketError.ConnectionAborted);
        }

        if (tcp.Ip.Find(packet.Source, packet.Destination, packet.Scope) is not { IsGroup: false } path)
        {
            tcp.Context.Counters.Add(StackCounter.TcpListenDropped);
            return;
        }

        TcpConnection connection = new(tcp, path, remotePort, Port) { Listener = this };
        connection.HalfOpenNode = _halfOpen.AddLast(connection);
        tcp.Add(connection);
        connection.Accept(syn);
    }

    /// <summary>A handshake is complete.</summary>
    public void Established(TcpConnection connection)
    {
        Forget(connection);
        _established.Enqueue(connection);
        User?.ConnectionWaits();
    }

    /// <summary>A half-open connection has ended.</summary>
    public void Forget(TcpConnection connection)
    {
        if (connection.HalfOpenNode is { } node)
        {
            _halfOpen.Remove(node);
            connection.HalfOpenNode = null;
        }
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
        tcp.Remove(this);
        while (_halfOpen.First is { } node)
        {
            node.Value.Abort();
        }

        while (_established.TryDequeue(out TcpConnection? connection))
        {
            connection.Listener = null;
            connection.Abort();
        }
    }
}
