using System.Runtime.InteropServices;
using System.Text;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>What a socket wants to be told of each datagram that it receives.</summary>
[Flags]
internal enum ReceiveNews
{
    None = 0,
    PacketInfo4 = 1, // IP_PKTINFO
    PacketInfo6 = 1 << 1, // IPV6_RECVPKTINFO
    TypeOfService = 1 << 2, // IP_RECVTOS
    TrafficClass = 1 << 3, // IPV6_RECVTCLASS
    TimeToLive = 1 << 4, // IP_RECVTTL
    HopLimit = 1 << 5, // IPV6_RECVHOPLIMIT
    Timestamp = 1 << 6, // SO_TIMESTAMP
    TimestampNs = 1 << 7, // SO_TIMESTAMPNS
    Timestamping = 1 << 8, // SO_TIMESTAMPING with something to tell
}

/// <summary>
/// The options that all inet sockets share, as they stand: socket(7) here, ip(7) and ipv6(7) in the other parts. Values are read and checked as Linux does. What an option does is
/// the socket's business. Guarded by the stack's lock, as the socket is.
/// </summary>
internal sealed partial class InetOptions
{
    private const int MaximumBuffer = 4 << 20; // net.core.wmem_max, rmem_max
    private const int LeastSendBuffer = 4608;
    private const int LeastReceiveBuffer = 2304;
    private const int InterfaceNameLength = 16; // IFNAMSIZ
    private const int TxTimeLength = 8; // struct sock_txtime
    private const int LingerLength = 8; // struct linger
    private const int TimestampingLength = 8; // struct so_timestamping

    private readonly StackContext _net;
    private readonly SocketDomain _domain;
    private readonly SocketKind _kind;
    private readonly bool _isSuperuser;

    /// <summary>As they are at first.</summary>
    /// <param name="net">The stack.</param>
    /// <param name="domain">AF_INET, AF_INET6 or AF_PACKET.</param>
    /// <param name="kind">The type.</param>
    /// <param name="credentials">Who made the socket.</param>
    public InetOptions(StackContext net, SocketDomain domain, SocketKind kind, Credentials credentials)
    {
        _net = net;
        _domain = domain;
        _kind = kind;
        _isSuperuser = credentials.User == 0;
        MulticastAll4 = domain == SocketDomain.AF_INET; // as Linux
        (SendBuffer, ReceiveBuffer) = kind == SocketKind.SOCK_STREAM ? (16384, 131072) : (212992, 212992);
    }

    /// <summary>SO_REUSEADDR.</summary>
    public bool ReuseAddress { get; private set; }

    /// <summary>SO_REUSEPORT.</summary>
    public bool ReusePort { get; private set; }

    /// <summary>SO_BROADCAST: datagrams may go to broadcast addresses.</summary>
    public bool Broadcast { get; private set; }

    /// <summary>SO_DONTROUTE: only to hosts on the same link.</summary>
    public bool DontRoute { get; private set; }

    /// <summary>SO_DEBUG.</summary>
    public bool Debug { get; private set; }

    /// <summary>SO_KEEPALIVE.</summary>
    public bool KeepAlive { get; private set; }

    /// <summary>SO_OOBINLINE.</summary>
    public bool OutOfBandInline { get; private set; }

    /// <summary>SO_LINGER: how long closing waits; null: it does not.</summary>
    public TimeSpan? Linger { get; private set; }

    /// <summary>SO_PRIORITY, 0 to 6 and more for the superuser. IP_TOS sets it too.</summary>
    public int Priority { get; private set; }

    /// <summary>SO_MARK.</summary>
    public int Mark { get; private set; }

    /// <summary>SO_BINDTODEVICE: index of the one interface that is used; 0: any.</summary>
    public int Interface { get; set; }

    /// <summary>SO_SNDBUF, as it is read: twice what was set.</summary>
    public int SendBuffer { get; set; }

    /// <summary>SO_RCVBUF, as it is read: twice what was set.</summary>
    public int ReceiveBuffer { get; set; }

    /// <summary>SO_RCVLOWAT.</summary>
    public int ReceiveLowWater { get; private set; } = 1;

    /// <summary>SO_SELECT_ERR_QUEUE: the error queue shows as POLLPRI too.</summary>
    public bool SelectErrorQueue { get; private set; }

    /// <summary>SO_TIMESTAMPING.</summary>
    public TimestampingFlags Timestamping { get; private set; }

    /// <summary>SO_TIMESTAMPING was set with OPT_ID, which had not been set: the numbers begin anew. Who counts clears it.</summary>
    public bool TimestampIdsBegin { get; set; }

    /// <summary>SO_TXTIME: datagrams may say when they are to leave, by this clock; null: they may not.</summary>
    public int? LaunchClock { get; private set; }

    /// <summary>SO_TXTIME's SOF_TXTIME_….</summary>
    public int LaunchFlags { get; private set; }

    /// <summary>What the socket wants to be told with each datagram; none costs nothing.</summary>
    public ReceiveNews News { get; private set; }

    /// <summary>The socket has a port: IPV6_V6ONLY is settled.</summary>
    public bool IsBound { get; set; }

    /// <summary>The same for an accepted connection (accept(2) on Linux: it has what the listening socket has).</summary>
    public InetOptions Inherit() => (InetOptions)MemberwiseClone();

    /// <summary>What is left of a priority where there are eight.</summary>
    public static byte BandPriority(int priority) => (byte)Math.Clamp(priority, 0, 7);

    /// <summary>Whether the socket may have a priority (socket(7)).</summary>
    public bool MayHavePriority(int priority) => priority is >= 0 and <= 6 || _isSuperuser;

    /// <summary>Sets an option.</summary>
    /// <param name="level">SOL_SOCKET, SOL_IP or SOL_IPV6.</param>
    /// <param name="name">Such as SO_REUSEADDR.</param>
    /// <param name="value">The value as in C.</param>
    /// <returns>ENOPROTOOPT: it is none of these; EINVAL, EPERM, ENODEV, EACCES as Linux.</returns>
    public Errno Set(int level, int name, ReadOnlySpan<byte> value) => level switch
    {
        SOL_SOCKET => SetSocket(name, value),
        SOL_IP when _domain != SocketDomain.AF_PACKET => SetIPv4(name, value),
        SOL_IPV6 when _domain == SocketDomain.AF_INET6 => SetIPv6(name, value),
        _ => Errno.ENOPROTOOPT,
    };

    /// <summary>Reads an option.</summary>
    /// <param name="level">SOL_SOCKET, SOL_IP or SOL_IPV6.</param>
    /// <param name="name">Such as SO_REUSEADDR.</param>
    /// <param name="value">Receives as much of the value as fits.</param>
    /// <param name="length">Receives how many bytes that are.</param>
    /// <returns>ENOPROTOOPT: it is none of these.</returns>
    public Errno Get(int level, int name, Span<byte> value, out int length)
    {
        length = 0;
        return level switch
        {
            SOL_SOCKET => GetSocket(name, value, out length),
            SOL_IP when _domain != SocketDomain.AF_PACKET => GetIPv4(name, value, out length),
            SOL_IPV6 when _domain == SocketDomain.AF_INET6 => GetIPv6(name, value, out length),
            _ => Errno.ENOPROTOOPT,
        };
    }

    private Errno SetSocket(int name, ReadOnlySpan<byte> value)
    {
        if (name == SO_BINDTODEVICE)
        {
            return BindToDevice(value);
        }

        Errno error = OptionValue.TryRead(value, out int number);
        if (error != Errno.None)
        {
            return error;
        }

        bool flag = number != 0;
        switch (name)
        {
            case SO_DEBUG:
                if (flag && !_isSuperuser)
                {
                    return Errno.EACCES;
                }

                Debug = flag;
                return Errno.None;
            case SO_REUSEADDR:
                ReuseAddress = flag;
                return Errno.None;
            case SO_REUSEPORT:
                ReusePort = flag;
                return Errno.None;
            case SO_BROADCAST:
                Broadcast = flag;
                return Errno.None;
            case SO_DONTROUTE:
                DontRoute = flag;
                return Errno.None;
            case SO_KEEPALIVE:
                KeepAlive = flag;
                return Errno.None;
            case SO_OOBINLINE:
                OutOfBandInline = flag;
                return Errno.None;
            case SO_SELECT_ERR_QUEUE:
                SelectErrorQueue = flag;
                return Errno.None;
            case SO_LINGER:
                if (value.Length < LingerLength)
                {
                    return Errno.EINVAL;
                }

                Linger = flag ? TimeSpan.FromSeconds((uint)MemoryMarshal.Read<int>(value[sizeof(int)..])) : null;
                return Errno.None;
            case SO_PRIORITY:
                if (!MayHavePriority(number))
                {
                    return Errno.EPERM;
                }

                Priority = number;
                return Errno.None;
            case SO_MARK:
                if (!_isSuperuser)
                {
                    return Errno.EPERM;
                }

                Mark = number;
                return Errno.None;
            case SO_SNDBUFFORCE or SO_RCVBUFFORCE when !_isSuperuser:
                return Errno.EPERM;
            case SO_SNDBUF or SO_SNDBUFFORCE:
                SendBuffer = Math.Max(2 * Bound(number, name == SO_SNDBUF), LeastSendBuffer);
                return Errno.None;
            case SO_RCVBUF or SO_RCVBUFFORCE:
                ReceiveBuffer = Math.Max(2 * Bound(number, name == SO_RCVBUF), LeastReceiveBuffer);
                return Errno.None;
            case SO_RCVLOWAT:
                ReceiveLowWater = number < 0 ? int.MaxValue : Math.Max(number, 1);
                return Errno.None;
            case SO_TIMESTAMP or SO_TIMESTAMPNS:
                News &= ~(ReceiveNews.Timestamp | ReceiveNews.TimestampNs); // one of them at most
                Tell(name == SO_TIMESTAMP ? ReceiveNews.Timestamp : ReceiveNews.TimestampNs, flag);
                return Errno.None;
            case SO_TIMESTAMPING:
                return SetTimestamping((TimestampingFlags)number);
            case SO_TXTIME:
                return SetLaunchClock(value);
            case SO_BINDTOIFINDEX:
                return BindTo(number < 0 || (number != 0 && _net.FindInterface(number) is null) ? -1 : number);
            default:
                return Errno.ENOPROTOOPT;
        }

        // A negative number is a large one without its sign, and then bounded.
        static int Bound(int number, bool isBounded) => isBounded ? (int)Math.Min((uint)number, MaximumBuffer) : Math.Clamp(number, 0, int.MaxValue / 2);
    }

    private Errno GetSocket(int name, Span<byte> value, out int length)
    {
        length = 0;
        switch (name)
        {
            case SO_LINGER:
                Span<int> linger = [Linger is null ? 0 : 1, (int)(Linger ?? TimeSpan.Zero).TotalSeconds];
                return OptionValue.Write(value, MemoryMarshal.AsBytes(linger), out length);
            case SO_TIMESTAMPING:
                Span<int> stamping = [(int)Timestamping, 0];
                return OptionValue.Write(value, MemoryMarshal.AsBytes(stamping)[..TimestampingLength], out length);
            case SO_TXTIME:
                Span<int> launch = [LaunchClock ?? 0, LaunchFlags];
                return OptionValue.Write(value, MemoryMarshal.AsBytes(launch)[..TxTimeLength], out length);
            case SO_BINDTODEVICE:
                if (_net.FindInterface(Interface) is not { } network)
                {
                    return Errno.None;
                }

                if (value.Length < InterfaceNameLength)
                {
                    return Errno.EINVAL;
                }

                length = Encoding.UTF8.GetBytes(network.Device.Name.AsSpan(0, Math.Min(network.Device.Name.Length, InterfaceNameLength - 1)), value) + 1;
                value[length - 1] = 0;
                return Errno.None;
        }

        int? number = name switch
        {
            SO_DEBUG => Number(Debug),
            SO_REUSEADDR => Number(ReuseAddress),
            SO_REUSEPORT => Number(ReusePort),
            SO_BROADCAST => Number(Broadcast),
            SO_DONTROUTE => Number(DontRoute),
            SO_KEEPALIVE => Number(KeepAlive),
            SO_OOBINLINE => Number(OutOfBandInline),
            SO_SELECT_ERR_QUEUE => Number(SelectErrorQueue),
            SO_PRIORITY => Priority,
            SO_MARK => Mark,
            SO_SNDBUF => SendBuffer,
            SO_RCVBUF => ReceiveBuffer,
            SO_RCVLOWAT => ReceiveLowWater,
            SO_SNDLOWAT => 1,
            SO_TIMESTAMP => Number((News & ReceiveNews.Timestamp) != ReceiveNews.None),
            SO_TIMESTAMPNS => Number((News & ReceiveNews.TimestampNs) != ReceiveNews.None),
            SO_BINDTOIFINDEX => Interface,
            _ => null,
        };
        return number is { } found ? OptionValue.Write(value, found, out length) : Errno.ENOPROTOOPT;
    }

    private Errno BindToDevice(ReadOnlySpan<byte> value)
    {
        value = value[..Math.Min(value.Length, InterfaceNameLength - 1)];
        int end = value.IndexOf((byte)0);
        string name = Encoding.UTF8.GetString(end < 0 ? value : value[..end]);
        return BindTo(name.Length == 0 ? 0 : _net.FindInterface(name)?.Index ?? -1);
    }

    private Errno BindTo(int index)
    {
        if (Interface != 0 && !_isSuperuser)
        {
            return Errno.EPERM;
        }

        if (index < 0)
        {
            return Errno.ENODEV;
        }

        Interface = index;
        return Errno.None;
    }

    private Errno SetTimestamping(TimestampingFlags flags)
    {
        const TimestampingFlags Report = TimestampingFlags.SOFTWARE | TimestampingFlags.RAW_HARDWARE;
        if ((flags & ~TimestampingFlags.All) != TimestampingFlags.None
            || (flags & (TimestampingFlags.OPT_ID_TCP | TimestampingFlags.OPT_ID)) == TimestampingFlags.OPT_ID_TCP
            || (flags & (TimestampingFlags.OPT_STATS | TimestampingFlags.OPT_TSONLY)) == TimestampingFlags.OPT_STATS)
        {
            return Errno.EINVAL;
        }

        if ((flags & TimestampingFlags.BIND_PHC) != TimestampingFlags.None)
        {
            return Errno.EOPNOTSUPP; // a device has one clock
        }

        TimestampIdsBegin |= (flags & ~Timestamping & TimestampingFlags.OPT_ID) != TimestampingFlags.None;
        Timestamping = flags;
        Tell(ReceiveNews.Timestamping, (flags & Report) != TimestampingFlags.None);
        return Errno.None;
    }

    private Errno SetLaunchClock(ReadOnlySpan<byte> value)
    {
        const int Flags = SOF_TXTIME_DEADLINE_MODE | SOF_TXTIME_REPORT_ERRORS;
        if (value.Length != TxTimeLength)
        {
            return Errno.EINVAL;
        }

        int clock = MemoryMarshal.Read<int>(value);
        int flags = MemoryMarshal.Read<int>(value[sizeof(int)..]);
        if ((flags & ~Flags) != 0 || clock is not (CLOCK_REALTIME or CLOCK_MONOTONIC or CLOCK_TAI))
        {
            return Errno.EINVAL;
        }

        if (clock != CLOCK_MONOTONIC && !_isSuperuser)
        {
            return Errno.EPERM;
        }

        LaunchClock = clock;
        LaunchFlags = flags;
        return Errno.None;
    }

    private void Tell(ReceiveNews news, bool isWanted) => News = isWanted ? News | news : News & ~news;

    private static int Number(bool flag) => flag ? 1 : 0;
}
