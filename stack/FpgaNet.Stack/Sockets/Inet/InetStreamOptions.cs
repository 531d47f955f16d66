using System.Text;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Stack.Transport.Tcp;
using FpgaNet.Stack.Transport.Tcp.Congestion;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>
/// The options of TCP (tcp(7)) as they stand; values are read and checked as Linux does. What an option does is <see cref="InetStream"/>'s business. Guarded by the stack's lock.
/// </summary>
internal sealed class InetStreamOptions
{
    private const int LeastSegment = 88; // TCP_MIN_MSS
    private const int GreatestSegment = 32767; // MAX_TCP_WINDOW
    private const int MostKeepAliveTime = 32767; // MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL, in seconds
    private const int MostProbes = 127; // MAX_TCP_KEEPCNT, MAX_TCP_SYNCNT
    private const int NameLength = 16; // TCP_CA_NAME_MAX
    private const int FirstRetry = 1; // TCP_TIMEOUT_INIT, in seconds
    private const int LastRetry = 120; // TCP_RTO_MAX

    private TcpKeepAlive _keepAlive = new();
    private string? _congestion;

    /// <summary>TCP_NODELAY.</summary>
    public bool NoDelay { get; private set; }

    /// <summary>TCP_CORK.</summary>
    public bool IsCorked { get; private set; }

    /// <summary>TCP_QUICKACK; null: as the stack does.</summary>
    public bool? AcknowledgesAtOnce { get; private set; }

    /// <summary>TCP_MAXSEG; 0: the path's.</summary>
    public int MaximumSegment { get; private set; }

    /// <summary>TCP_KEEPIDLE, TCP_KEEPINTVL and TCP_KEEPCNT.</summary>
    public TcpKeepAlive KeepAlive => _keepAlive;

    /// <summary>TCP_SYNCNT; null: the stack's.</summary>
    public int? SynRetries { get; private set; }

    /// <summary>TCP_DEFER_ACCEPT, as so many retries of the SYN-ACK.</summary>
    public int DeferRetries { get; private set; }

    /// <summary>TCP_USER_TIMEOUT; zero: the stack's.</summary>
    public TimeSpan UserTimeout { get; private set; }

    /// <summary>TCP_FASTOPEN: connections with data in their SYN that may wait; null: as the stack does.</summary>
    public int? FastOpenQueue { get; private set; }

    /// <summary>TCP_FASTOPEN_CONNECT: connect() waits for the first data.</summary>
    public bool FastOpenConnect { get; private set; }

    /// <summary>TCP_NOTSENT_LOWAT; 0: none. Beyond int, it is none either.</summary>
    public uint UnsentLimit { get; private set; }

    /// <summary>TCP_LINGER2 in seconds: how long a closed connection waits for the peer's end; negative: not at all; null: as the stack does.</summary>
    public int? FinWait2 { get; private set; }

    /// <summary>The same for an accepted connection.</summary>
    public InetStreamOptions Inherit() => (InetStreamOptions)MemberwiseClone();

    /// <summary>A new control of the kind that TCP_CONGESTION names; null: the stack's.</summary>
    public ICongestionControl? MakeCongestionControl() => _congestion switch
    {
        "cubic" => new Cubic(),
        "reno" => new NewReno(),
        "bbr" => new Bbr(),
        _ => null,
    };

    /// <summary>The name that Linux has for a control.</summary>
    /// <param name="control">Which.</param>
    public static string NameOf(ICongestionControl control) => string.Equals(control.Name, "newreno", StringComparison.Ordinal) ? "reno" : control.Name;

    /// <summary>Sets an option.</summary>
    /// <param name="name">Such as TCP_NODELAY.</param>
    /// <param name="value">The value as in C.</param>
    /// <param name="isClosed">There is no connection.</param>
    /// <param name="isListening">The socket listens.</param>
    public Errno Set(int name, ReadOnlySpan<byte> value, bool isClosed, bool isListening)
    {
        if (name == TCP_CONGESTION)
        {
            return SetCongestion(value);
        }

        Errno error = OptionValue.TryRead(value, out int number);
        if (error != Errno.None)
        {
            return error;
        }

        switch (name)
        {
            case TCP_MAXSEG when number != 0 && number is < LeastSegment or > GreatestSegment:
            case TCP_SYNCNT when number is < 1 or > MostProbes:
            case TCP_KEEPIDLE or TCP_KEEPINTVL when number is < 1 or > MostKeepAliveTime:
            case TCP_KEEPCNT when number is < 1 or > MostProbes:
            case TCP_USER_TIMEOUT when number < 0:
            case TCP_FASTOPEN when number < 0 || !(isClosed || isListening):
            case TCP_FASTOPEN_CONNECT when number is not (0 or 1) || !isClosed:
                return Errno.EINVAL;
            case TCP_NODELAY:
                NoDelay = number != 0;
                return Errno.None;
            case TCP_CORK:
                IsCorked = number != 0;
                return Errno.None;
            case TCP_QUICKACK:
                AcknowledgesAtOnce = number != 0;
                return Errno.None;
            case TCP_MAXSEG:
                MaximumSegment = number;
                return Errno.None;
            case TCP_SYNCNT:
                SynRetries = number;
                return Errno.None;
            case TCP_KEEPIDLE:
                _keepAlive = _keepAlive with { Idle = TimeSpan.FromSeconds(number) };
                return Errno.None;
            case TCP_KEEPINTVL:
                _keepAlive = _keepAlive with { Interval = TimeSpan.FromSeconds(number) };
                return Errno.None;
            case TCP_KEEPCNT:
                _keepAlive = _keepAlive with { Probes = number };
                return Errno.None;
            case TCP_DEFER_ACCEPT:
                DeferRetries = RetriesIn(number);
                return Errno.None;
            case TCP_USER_TIMEOUT:
                UserTimeout = TimeSpan.FromMilliseconds(number);
                return Errno.None;
            case TCP_FASTOPEN:
                FastOpenQueue = number;
                return Errno.None;
            case TCP_FASTOPEN_CONNECT:
                FastOpenConnect = number != 0;
                return Errno.None;
            case TCP_NOTSENT_LOWAT:
                UnsentLimit = (uint)number;
                return Errno.None;
            case TCP_LINGER2:
                FinWait2 = number < 0 ? -1 : number == 0 ? null : Math.Min(number, LastRetry);
                return Errno.None;
            default:
                return Errno.ENOPROTOOPT;
        }
    }

    /// <summary>Reads an option.</summary>
    /// <param name="name">Such as TCP_NODELAY.</param>
    /// <param name="settings">What holds where the socket says nothing.</param>
    /// <param name="connection">The connection, if there is one.</param>
    /// <param name="listener">The listener, if there is one.</param>
    /// <param name="value">Receives as much of the value as fits.</param>
    /// <param name="length">Receives how many bytes that are.</param>
    public Errno Get(int name, TcpSettings settings, TcpConnection? connection, TcpListener? listener, Span<byte> value, out int length)
    {
        length = 0;
        switch (name)
        {
            case TCP_CONGESTION:
                Span<byte> text = stackalloc byte[NameLength];
                text.Clear();
                Encoding.ASCII.GetBytes(connection is not null ? NameOf(connection.Congestion) : _congestion ?? NameOf(settings.CongestionControl()), text);
                return OptionValue.Write(value, text, out length);
            case TCP_INFO:
                Span<byte> info = stackalloc byte[TcpInfo.Length];
                if (connection is not null)
                {
                    TcpInfo.Write(info, connection.Statistics);
                }
                else
                {
                    TcpInfo.Write(info, listener);
                }

                return OptionValue.Write(value, info, out length);
        }

        const int DefaultSegment = 536; // TCP_MSS_DEFAULT
        int? number = name switch
        {
            TCP_NODELAY => NoDelay ? 1 : 0,
            TCP_CORK => IsCorked ? 1 : 0,
            TCP_QUICKACK => AcknowledgesAtOnce != false ? 1 : 0,
            TCP_MAXSEG => connection is not null ? connection.Statistics.SegmentSize : MaximumSegment != 0 ? MaximumSegment : DefaultSegment,
            TCP_SYNCNT => SynRetries ?? settings.SynRetries,
            TCP_KEEPIDLE => (int)_keepAlive.Idle.TotalSeconds,
            TCP_KEEPINTVL => (int)_keepAlive.Interval.TotalSeconds,
            TCP_KEEPCNT => _keepAlive.Probes,
            TCP_DEFER_ACCEPT => SecondsOf(DeferRetries),
            TCP_USER_TIMEOUT => (int)UserTimeout.TotalMilliseconds,
            TCP_FASTOPEN => FastOpenQueue ?? 0,
            TCP_FASTOPEN_CONNECT => FastOpenConnect ? 1 : 0,
            TCP_NOTSENT_LOWAT => (int)UnsentLimit,
            TCP_LINGER2 => FinWait2 ?? (int)settings.FinWait2.TotalSeconds,
            _ => null,
        };
        return number is { } found ? OptionValue.Write(value, found, out length) : Errno.ENOPROTOOPT;
    }

    private Errno SetCongestion(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            return Errno.EINVAL;
        }

        string name = OptionValue.ReadName(value[..Math.Min(value.Length, NameLength - 1)]);
        if (name is not ("cubic" or "reno" or "bbr"))
        {
            return Errno.ENOENT;
        }

        _congestion = name;
        return Errno.None;
    }

    // secs_to_retrans() and retrans_to_secs() of Linux: seconds are counted in retries, each of which waits twice as long as the one before.
    private static int RetriesIn(int seconds)
    {
        int retries = 0;
        for (int wait = FirstRetry, sum = 0; sum < seconds && retries < byte.MaxValue; wait = Math.Min(2 * wait, LastRetry))
        {
            retries++;
            sum += wait;
        }

        return retries;
    }

    private static int SecondsOf(int retries)
    {
        int sum = 0;
        for (int wait = FirstRetry; retries > 0; retries--, wait = Math.Min(2 * wait, LastRetry))
        {
            sum += wait;
        }

        return sum;
    }
}
