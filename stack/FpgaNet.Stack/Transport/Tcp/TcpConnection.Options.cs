using FpgaNet.Stack.Transport.Tcp.Congestion;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>What one connection does otherwise than <see cref="TcpSettings"/> say (tcp(7)).</summary>
internal sealed partial class TcpConnection
{
    /// <summary>How often a SYN is sent again before connecting fails (TCP_SYNCNT); null: as the settings say.</summary>
    public int? SynRetries { get; set; }

    /// <summary>Priority of our packets, 0 to 7 (SO_PRIORITY): an interface with further queues has one for it.</summary>
    public byte Priority { get; set; }

    /// <summary>How long it waits for the peer's FIN once the application has let go (TCP_LINGER2); null: as the settings say.</summary>
    public TimeSpan? FinWait2 { get; set; }

    /// <summary>Offers and sends no larger segments, counted with their options (TCP_MAXSEG). Before the first SYN only.</summary>
    /// <param name="size">Bytes.</param>
    public void LimitSegment(int size)
    {
        _offeredSegment = Math.Min(_offeredSegment, size);
        _segment = _receivedSegment = Math.Min(_segment, _offeredSegment);
    }

    /// <summary>Changes congestion control, which begins anew with what is known of the path (TCP_CONGESTION).</summary>
    /// <param name="congestion">Which.</param>
    public void Use(ICongestionControl congestion)
    {
        congestion = _congestion is LimitedPacing limited ? limited.With(congestion) : congestion;
        _congestion = congestion;
        if (_recovery is { } recovery)
        {
            recovery.Use(congestion);
            if (IsSynchronized)
            {
                congestion.Start(Beginning);
            }
        }
    }

    /// <summary>Sends no faster than so many bytes a second (SO_MAX_PACING_RATE); null: as congestion control does.</summary>
    /// <param name="limit">Bytes a second.</param>
    public void LimitPacing(long? limit)
    {
        ICongestionControl inner = (_congestion as LimitedPacing)?.Inner ?? _congestion;
        _congestion = limit is { } rate ? new LimitedPacing(inner, Math.Max(rate, 1)) : inner;
        _recovery?.Use(_congestion);
    }

    /// <summary>What the network complained about last (<see cref="SoftError"/>), told once.</summary>
    public System.Net.Sockets.SocketError TakeSoftError()
    {
        System.Net.Sockets.SocketError error = SoftError;
        SoftError = System.Net.Sockets.SocketError.Success;
        return error;
    }
}
