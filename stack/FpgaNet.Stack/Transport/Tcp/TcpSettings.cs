using FpgaNet.Stack.Transport.Tcp.Congestion;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>How TCP is set up; the defaults are meant for bulk over fast and slow links alike.</summary>
public sealed record TcpSettings
{
    /// <summary>
    /// Most bytes that a connection keeps for an application that does not read, which is also what its window offers (SO_RCVBUF). Null: from
    /// <see cref="InitialReceiveBufferSize"/> it grows to what path and application need, up to <see cref="MaximumReceiveBufferSize"/>.
    /// </summary>
    public int? ReceiveBufferSize { get; init; }

    /// <summary>Receive buffer in bytes that a connection begins with when it is not fixed.</summary>
    public int InitialReceiveBufferSize { get; init; } = 64 << 10;

    /// <summary>Window in bytes that is offered at most while memory is short (<see cref="MemoryLimit"/>).</summary>
    public int MinimumReceiveBufferSize { get; init; } = 4096;

    /// <summary>Greatest receive buffer in bytes. The window scale is chosen for it.</summary>
    public int MaximumReceiveBufferSize { get; init; } = 8 << 20;

    /// <summary>
    /// Most bytes that a connection keeps until they are acknowledged (SO_SNDBUF). Null: from <see cref="InitialSendBufferSize"/> it grows with the congestion window up to
    /// <see cref="MaximumSendBufferSize"/>.
    /// </summary>
    public int? SendBufferSize { get; init; }

    /// <summary>Send buffer in bytes that a connection begins with when it is not fixed.</summary>
    public int InitialSendBufferSize { get; init; } = 64 << 10;

    /// <summary>Greatest send buffer in bytes.</summary>
    public int MaximumSendBufferSize { get; init; } = 8 << 20;

    /// <summary>Bytes of received and sent data that all connections together hold at most. From three quarters on buffers do not grow and windows are as small as they can be.</summary>
    public long MemoryLimit { get; init; } = 64 << 20;

    /// <summary>Chunks of 64 KiB in which all connections together keep sent data, beside half as many bytes in chunks of 2 KiB for those that send little.</summary>
    public int SendChunks { get; init; } = 512;

    /// <summary>Chunks of 16 KiB into which received data is copied when small segments or a slow reader would hold too many of the device's buffers.</summary>
    public int ReceiveChunks { get; init; } = 256;

    /// <summary>Connections at once, TIME-WAIT included.</summary>
    public int MaximumConnections { get; init; } = 1 << 17;

    /// <summary>Largest segment offered and sent, whatever the device's MTU allows.</summary>
    public int MaximumSegmentSize { get; init; } = 65495;

    /// <summary>How segments are fitted to the path.</summary>
    public PathMtuMode PathMtuDiscovery { get; init; } = PathMtuMode.Probing;

    /// <summary>Bytes of packets that nearly every path carries, to which a connection goes down when it suspects a black hole (RFC 8899 §5.1.2, BASE_PLPMTU); for IPv6 1280 at least.</summary>
    public int BasePathMtu { get; init; } = 1200;

    /// <summary>Bytes of the smallest packets to which a suspicion ever leads (RFC 1122 §3.3.3: 576 reach every IPv4 host); for IPv6 1280 at least.</summary>
    public int LeastPathMtu { get; init; } = 576;

    /// <summary>Offer time stamps (RFC 7323 §3).</summary>
    public bool Timestamps { get; init; } = true;

    /// <summary>Offer window scaling (RFC 7323 §2).</summary>
    public bool WindowScaling { get; init; } = true;

    /// <summary>Offer selective acknowledgements (RFC 2018).</summary>
    public bool SelectiveAcknowledgements { get; init; } = true;

    /// <summary>Offer explicit congestion notification (RFC 3168), and do without it when two SYNs that ask for it are lost.</summary>
    public bool ExplicitCongestionNotification { get; init; } = true;

    /// <summary>The retransmission timeout before anything was measured (RFC 6298 §2.1).</summary>
    public TimeSpan InitialRetransmissionTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The least retransmission timeout. RFC 6298 §2.4 asks for a second; every host of today uses a fifth of it, and so does this one.</summary>
    public TimeSpan MinimumRetransmissionTimeout { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The greatest retransmission timeout (RFC 6298 §2.5: 60 s or more).</summary>
    public TimeSpan MaximumRetransmissionTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest delay of an acknowledgement.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Half a second or more (RFC 9293 §3.8.6.3, MUST-40).</exception>
    public TimeSpan DelayedAcknowledgement
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value.Ticks);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(value, TimeSpan.FromSeconds(0.5));
            field = value;
        }
    } = TimeSpan.FromMilliseconds(40);

    /// <summary>Traffic class of every segment, where an application does not say otherwise: the DiffServ code point above two bits of ECN, which are zero here.</summary>
    public byte TrafficClass { get; init; }

    /// <summary>Twice the maximum segment lifetime: how long TIME-WAIT lasts (RFC 9293 §3.4.2).</summary>
    public TimeSpan TimeWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a connection that the application has closed waits for the peer's FIN.</summary>
    public TimeSpan FinWait2 { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a SYN is sent again before connecting fails (RFC 9293 §3.8.3, MUST-23: R2 for SYN is three minutes at least; with the other defaults this makes 183 s).</summary>
    public int SynRetries { get; init; } = 7;

    /// <summary>How often data is sent again before the connection fails (RFC 9293 §3.8.3, R2; SHLD-11: 100 s at least).</summary>
    public int Retries { get; init; } = 12;

    /// <summary>How often data is sent again before the application is told of it and another way to the peer is tried (RFC 9293 §3.8.3, R1; SHLD-10: 3 at least).</summary>
    public int RetriesUntilSuspicion { get; init; } = 3;

    /// <summary>Let the peer say how long we wait for its acknowledgements (RFC 5482), unless the application has said so.</summary>
    public bool AcceptUserTimeout { get; init; } = true;

    /// <summary>Least user timeout that a peer may ask for (RFC 5482 §3.1, L_LIMIT: 100 s at least).</summary>
    public TimeSpan LeastUserTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>Greatest user timeout that a peer may ask for (RFC 5482 §3.1, U_LIMIT).</summary>
    public TimeSpan GreatestUserTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Fast Open (RFC 7413); off unless asked for.</summary>
    public FastOpenRole FastOpen { get; init; }

    /// <summary>Connections of one listener that were opened fast and whose handshake is not complete yet, at most (RFC 7413 §5.1); beyond that a SYN's data is not taken.</summary>
    public int FastOpenQueue { get; init; } = 128;

    /// <summary>How long a server's cookies are given out; each is good for once to twice as long.</summary>
    public TimeSpan FastOpenKeyLifetime { get; init; } = TimeSpan.FromHours(12);

    /// <summary>Servers whose cookies are kept.</summary>
    public int FastOpenCacheEntries { get; init; } = 1024;

    /// <summary>How long Fast Open is not tried with a server to which SYNs with the option got lost (RFC 7413 §4.1.3.1).</summary>
    public TimeSpan FastOpenAvoidance { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Keep-alive of every connection that does not say otherwise; null: none (RFC 9293 §3.8.4, MUST-25).</summary>
    public TcpKeepAlive? KeepAlive { get; init; }

    /// <summary>Half-open connections of one listener that are remembered at most.</summary>
    public int HalfOpenConnections { get; init; } = 1024;

    /// <summary>What happens to a SYN beyond that (RFC 4987 §3.6).</summary>
    public SynCookieUse SynCookies { get; init; } = SynCookieUse.WhenFull;

    /// <summary>Spread what is sent over the round trip, whatever the congestion control; those that pace by nature, such as BBR, do so anyway.</summary>
    public bool Pacing { get; init; }

    /// <summary>Makes each connection's congestion control.</summary>
    public Func<ICongestionControl> CongestionControl { get; init; } = static () => new Cubic();

    internal int FirstReceiveBuffer => ReceiveBufferSize ?? InitialReceiveBufferSize;

    internal int GreatestReceiveBuffer => ReceiveBufferSize ?? Math.Max(InitialReceiveBufferSize, MaximumReceiveBufferSize);
}
