using System.Buffers.Binary;
using System.Runtime.InteropServices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Transport;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>What control messages say of one datagram that is sent; what they do not say is as the socket's options have it.</summary>
internal struct SendControl
{
    public IpAddress Source; // IP_PKTINFO, IPV6_PKTINFO
    public int Interface;
    public byte? TrafficClass; // IP_TOS, IPV6_TCLASS
    public byte? HopLimit; // IP_TTL, IPV6_HOPLIMIT
    public int SegmentSize; // UDP_SEGMENT
    public ulong? LaunchTime; // SCM_TXTIME
    public TimestampingFlags? Timestamping; // SO_TIMESTAMPING
    public int? Priority; // SO_PRIORITY
}

/// <summary>Control messages of inet sockets (ip(7), ipv6(7), udp(7), RFC 3542): read where something is sent, written where something was received.</summary>
internal static class InetControl
{
    private const int PacketInfo4Length = 12; // struct in_pktinfo: index, our address, the header's destination
    private const int PacketInfo6Length = 20; // struct in6_pktinfo: address, index
    private const int TimeLength = 16; // struct timespec, struct timeval
    private const int UniversalToAtomicSeconds = 37; // TAI − UTC since 2017

    /// <summary>Reads what goes with a datagram.</summary>
    /// <param name="control">The messages.</param>
    /// <param name="options">The socket's options.</param>
    /// <param name="isIPv4">It goes to an address of IPv4.</param>
    /// <param name="parsed">Receives it.</param>
    /// <returns>EINVAL: a message that is none, or says something impossible; EPERM.</returns>
    public static Errno Parse(ReadOnlySpan<byte> control, InetOptions options, bool isIPv4, out SendControl parsed)
    {
        parsed = default;
        ControlReader reader = new(control);
        while (reader.Read())
        {
            Errno error = reader.Level switch
            {
                SOL_SOCKET => ParseSocket(reader, options, ref parsed),
                SOL_IP => isIPv4 ? Parse4(reader, ref parsed) : Errno.None,
                SOL_IPV6 => isIPv4 ? ParseMapped(reader, ref parsed) : Parse6(reader, ref parsed),
                SOL_UDP => ParseUdp(reader, ref parsed),
                _ => Errno.None,
            };
            if (error != Errno.None)
            {
                return error;
            }
        }

        return reader.IsMalformed ? Errno.EINVAL : Errno.None;
    }

    /// <summary>Looks at what goes with bytes of a stream, or with a frame: sock_cmsg_send() of Linux, which knows messages of SOL_SOCKET and passes over all others.</summary>
    /// <param name="control">The messages.</param>
    /// <param name="options">The socket's options.</param>
    /// <returns>As <see cref="Parse"/>.</returns>
    public static Errno Check(ReadOnlySpan<byte> control, InetOptions options)
    {
        SendControl ignored = default;
        ControlReader reader = new(control);
        while (reader.Read())
        {
            Errno error = reader.Level == SOL_SOCKET ? ParseSocket(reader, options, ref ignored) : Errno.None;
            if (error != Errno.None)
            {
                return error;
            }
        }

        return reader.IsMalformed ? Errno.EINVAL : Errno.None;
    }

    /// <summary>Writes what a socket wants to be told of what it received.</summary>
    /// <param name="writer">Receives the messages.</param>
    /// <param name="datagram">What was received.</param>
    /// <param name="options">The socket's options.</param>
    /// <param name="isInet6">The socket is of AF_INET6.</param>
    /// <param name="net">The stack.</param>
    public static void Write(ref ControlWriter writer, in DatagramIn datagram, InetOptions options, bool isInet6, StackContext net)
    {
        ReceiveNews news = options.News;
        const ReceiveNews Stamps = ReceiveNews.Timestamp | ReceiveNews.TimestampNs | ReceiveNews.Timestamping;
        if ((news & Stamps) != ReceiveNews.None)
        {
            WriteStamps(ref writer, datagram.Arrival, datagram.DeviceTime, options);
        }

        ReadOnlySpan<byte> header = datagram.Frame.Header.Span[datagram.NetworkOffset..];
        if (header[0] >> 4 == 4)
        {
            Write4(ref writer, header, news, datagram.Interface, isInet6, net);
        }
        else
        {
            Write6(ref writer, header, news, datagram.Interface);
        }
    }

    /// <summary>Writes time stamps: of the stack as SCM_TIMESTAMP or SCM_TIMESTAMPNS, and both kinds as SCM_TIMESTAMPING.</summary>
    public static void WriteStamps(ref ControlWriter writer, DateTimeOffset time, long deviceTime, InetOptions options)
    {
        Span<byte> times = stackalloc byte[3 * TimeLength]; // struct scm_timestamping: the stack's, nothing, the device's
        times.Clear();
        long ticks = time == default ? 0 : (time - DateTimeOffset.UnixEpoch).Ticks;
        if (ticks != 0)
        {
            (long seconds, long rest) = Math.DivRem(ticks, TimeSpan.TicksPerSecond);
            BinaryPrimitives.WriteInt64LittleEndian(times, seconds);
            if ((options.News & ReceiveNews.Timestamp) != ReceiveNews.None)
            {
                BinaryPrimitives.WriteInt64LittleEndian(times[sizeof(long)..], rest / TimeSpan.TicksPerMicrosecond);
                writer.Write(SOL_SOCKET, SCM_TIMESTAMP, times[..TimeLength]);
            }

            BinaryPrimitives.WriteInt64LittleEndian(times[sizeof(long)..], rest * TimeSpan.NanosecondsPerTick);
            if ((options.News & ReceiveNews.TimestampNs) != ReceiveNews.None)
            {
                writer.Write(SOL_SOCKET, SCM_TIMESTAMPNS, times[..TimeLength]);
            }
        }

        bool tellsStack = ticks != 0 && (options.Timestamping & TimestampingFlags.SOFTWARE) != TimestampingFlags.None;
        bool tellsDevice = deviceTime != 0 && (options.Timestamping & TimestampingFlags.RAW_HARDWARE) != TimestampingFlags.None;
        if (!tellsStack)
        {
            times[..TimeLength].Clear();
        }

        if (tellsDevice)
        {
            (long seconds, long rest) = Math.DivRem(deviceTime, 1_000_000_000);
            BinaryPrimitives.WriteInt64LittleEndian(times[(2 * TimeLength)..], seconds);
            BinaryPrimitives.WriteInt64LittleEndian(times[((2 * TimeLength) + sizeof(long))..], rest);
        }

        if (tellsStack || tellsDevice)
        {
            writer.Write(SOL_SOCKET, SCM_TIMESTAMPING, times);
        }
    }

    /// <summary>How long it is until a launch time.</summary>
    /// <param name="time">The time, in nanoseconds.</param>
    /// <param name="clock">CLOCK_….</param>
    /// <param name="provider">The host's clocks.</param>
    public static TimeSpan Until(ulong time, int clock, TimeProvider provider)
    {
        long now = clock switch
        {
            CLOCK_MONOTONIC => (long)((Int128)provider.GetTimestamp() * 1_000_000_000 / provider.TimestampFrequency),
            CLOCK_TAI => Nanoseconds(provider.GetUtcNow()) + (UniversalToAtomicSeconds * 1_000_000_000L),
            _ => Nanoseconds(provider.GetUtcNow()),
        };
        return TimeSpan.FromTicks(((long)Math.Min(time, long.MaxValue) - now) / TimeSpan.NanosecondsPerTick);

        static long Nanoseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
    }

    private static void Write4(ref ControlWriter writer, ReadOnlySpan<byte> header, ReceiveNews news, int index, bool isInet6, StackContext net)
    {
        if ((news & ReceiveNews.PacketInfo4) != ReceiveNews.None)
        {
            Span<byte> info = stackalloc byte[PacketInfo4Length];
            IPv4Address destination = IPv4Address.Read(header[16..]);
            NetworkInterface? network = net.FindInterface(index);
            MemoryMarshal.Write(info, index);

            // ip(7): the address that an answer comes from.
            bool isOwn = network?.FindAddress(destination) is not null || destination.IsLoopback;
            (isOwn ? destination : network?.FirstIPv4 ?? destination).Write(info[sizeof(int)..]);
            destination.Write(info[8..]);
            writer.Write(SOL_IP, IP_PKTINFO, info);
        }

        if (isInet6 && (news & ReceiveNews.PacketInfo6) != ReceiveNews.None)
        {
            WritePacketInfo6(ref writer, IPv4Address.Read(header[16..]), index);
        }

        if ((news & ReceiveNews.TimeToLive) != ReceiveNews.None)
        {
            writer.Write(SOL_IP, IP_TTL, header[8]);
        }

        if ((news & ReceiveNews.TypeOfService) != ReceiveNews.None)
        {
            writer.Write(SOL_IP, IP_TOS, header.Slice(1, 1));
        }
    }

    private static void Write6(ref ControlWriter writer, ReadOnlySpan<byte> header, ReceiveNews news, int index)
    {
        if ((news & ReceiveNews.PacketInfo6) != ReceiveNews.None)
        {
            WritePacketInfo6(ref writer, IPv6Address.Read(header[24..]), index);
        }

        if ((news & ReceiveNews.HopLimit) != ReceiveNews.None)
        {
            writer.Write(SOL_IPV6, IPV6_HOPLIMIT, header[7]);
        }

        if ((news & ReceiveNews.TrafficClass) != ReceiveNews.None)
        {
            writer.Write(SOL_IPV6, IPV6_TCLASS, (BinaryPrimitives.ReadUInt16BigEndian(header) >> 4) & 0xFF);
        }
    }

    private static void WritePacketInfo6(ref ControlWriter writer, IpAddress destination, int index)
    {
        Span<byte> info = stackalloc byte[PacketInfo6Length];
        destination.IPv6.Write(info);
        MemoryMarshal.Write(info[IPv6Address.Length..], index);
        writer.Write(SOL_IPV6, IPV6_PKTINFO, info);
    }

    private static Errno ParseSocket(in ControlReader message, InetOptions options, ref SendControl parsed)
    {
        ReadOnlySpan<byte> data = message.Data;
        switch (message.Type)
        {
            case SCM_RIGHTS or SCM_CREDENTIALS:
                return Errno.None; // for the local family
            case SCM_TXTIME when data.Length == sizeof(ulong) && options.LaunchClock is not null:
                parsed.LaunchTime = BinaryPrimitives.ReadUInt64LittleEndian(data);
                return Errno.None;
            case SO_TIMESTAMPING when data.Length == sizeof(uint) && ((TimestampingFlags)MemoryMarshal.Read<int>(data) & ~TimestampingFlags.Transmit) == TimestampingFlags.None:
                parsed.Timestamping = (TimestampingFlags)MemoryMarshal.Read<int>(data);
                return Errno.None;
            case SO_PRIORITY when data.Length == sizeof(uint):
                int priority = MemoryMarshal.Read<int>(data);
                if (!options.MayHavePriority(priority))
                {
                    return Errno.EPERM;
                }

                parsed.Priority = priority;
                return Errno.None;
            default:
                return Errno.EINVAL;
        }
    }

    private static Errno Parse4(in ControlReader message, ref SendControl parsed)
    {
        ReadOnlySpan<byte> data = message.Data;
        switch (message.Type)
        {
            case IP_PKTINFO when data.Length == PacketInfo4Length:
                IPv4Address source = IPv4Address.Read(data[sizeof(int)..]);
                parsed.Source = source == default ? default : source;
                parsed.Interface = MemoryMarshal.Read<int>(data);
                return Errno.None;
            case IP_TTL when TryReadOctet(data, 1, out byte? hopLimit):
                parsed.HopLimit = hopLimit;
                return Errno.None;
            case IP_TOS when data.Length == 1:
                parsed.TrafficClass = data[0];
                return Errno.None;
            case IP_TOS when TryReadOctet(data, 0, out byte? service):
                parsed.TrafficClass = service;
                return Errno.None;
            default:
                return Errno.EINVAL;
        }
    }

    private static Errno Parse6(in ControlReader message, ref SendControl parsed)
    {
        ReadOnlySpan<byte> data = message.Data;
        switch (message.Type)
        {
            case IPV6_PKTINFO when data.Length >= PacketInfo6Length:
                parsed.Source = IPv6Address.Read(data);
                parsed.Interface = MemoryMarshal.Read<int>(data[IPv6Address.Length..]);
                return Errno.None;
            case IPV6_HOPLIMIT when TryReadOctet(data, -1, out byte? hopLimit):
                parsed.HopLimit = hopLimit;
                return Errno.None;
            case IPV6_TCLASS when TryReadOctet(data, -1, out byte? trafficClass):
                parsed.TrafficClass = trafficClass;
                return Errno.None;
            default:
                return Errno.EINVAL;
        }
    }

    // RFC 3542 §6 on a socket that speaks to a mapped address: only which interface and which mapped address of ours is looked at.
    private static Errno ParseMapped(in ControlReader message, ref SendControl parsed)
    {
        ReadOnlySpan<byte> data = message.Data;
        if (message.Type != IPV6_PKTINFO)
        {
            return Errno.None;
        }

        IpAddress source = data.Length >= PacketInfo6Length ? IPv6Address.Read(data) : default;
        if (data.Length < PacketInfo6Length || !(source.IsIPv4 || source.IsUnspecified))
        {
            return Errno.EINVAL;
        }

        parsed.Source = source.IsUnspecified ? default : source;
        parsed.Interface = MemoryMarshal.Read<int>(data[IPv6Address.Length..]);
        return Errno.None;
    }

    private static Errno ParseUdp(in ControlReader message, ref SendControl parsed)
    {
        if (message.Type != UDP_SEGMENT || message.Data.Length != sizeof(ushort))
        {
            return Errno.EINVAL;
        }

        parsed.SegmentSize = BinaryPrimitives.ReadUInt16LittleEndian(message.Data);
        return Errno.None;
    }

    // An int from least to 255; −1 says nothing.
    private static bool TryReadOctet(ReadOnlySpan<byte> data, int least, out byte? octet)
    {
        int number = data.Length == sizeof(int) ? MemoryMarshal.Read<int>(data) : int.MinValue;
        octet = number < 0 ? null : (byte)number;
        return number >= least && number <= byte.MaxValue;
    }
}
