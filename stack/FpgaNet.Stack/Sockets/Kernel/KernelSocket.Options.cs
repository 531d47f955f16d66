using System.Runtime.InteropServices;
using System.Text;
using FpgaNet.Stack.Sockets.Abi;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Kernel;

/// <summary>sosetopt and sogetopt: the options that mean the same for every kind are answered here, all others by the implementation.</summary>
public sealed partial class KernelSocket
{
    /// <summary>sosetopt.</summary>
    /// <param name="level">Such as SOL_SOCKET.</param>
    /// <param name="name">Such as SO_RCVTIMEO.</param>
    /// <param name="value">The value as in C.</param>
    /// <returns>ENOPROTOOPT: no such option, or one that can only be read; EINVAL: no such value; EDOM: no such time.</returns>
    public Errno SetOption(int level, int name, ReadOnlySpan<byte> value)
    {
        if (_isClosed)
        {
            return Errno.EBADF;
        }

        if (level == SOL_SOCKET)
        {
            switch (name)
            {
                case SO_TYPE or SO_DOMAIN or SO_PROTOCOL or SO_ERROR or SO_ACCEPTCONN or SO_COOKIE or SO_PEERCRED:
                    return value.Length < sizeof(int) ? Errno.EINVAL : Errno.ENOPROTOOPT;
                case SO_RCVTIMEO or SO_SNDTIMEO:
                    Errno error = OptionValue.TryReadTime(value, out TimeSpan time);
                    if (error == Errno.None)
                    {
                        time = time == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : time;
                        (ReceiveTimeout, SendTimeout) = name == SO_RCVTIMEO ? (time, SendTimeout) : (ReceiveTimeout, time);
                    }

                    return error;
            }
        }

        Errno answer = _implementation.SetOption(level, name, value);
        return answer == Errno.ENOPROTOOPT ? System.SetOption(this, level, name, value) : answer;
    }

    /// <summary>sogetopt.</summary>
    /// <param name="level">Such as SOL_SOCKET.</param>
    /// <param name="name">Such as SO_ERROR.</param>
    /// <param name="value">Receives as much of the value as fits.</param>
    /// <param name="length">Receives how many bytes that are.</param>
    /// <returns>ENOPROTOOPT: no such option.</returns>
    public Errno GetOption(int level, int name, Span<byte> value, out int length)
    {
        length = 0;
        if (_isClosed)
        {
            return Errno.EBADF;
        }

        if (level == SOL_SOCKET)
        {
            switch (name)
            {
                case SO_TYPE:
                    return OptionValue.Write(value, (int)Request.Kind, out length);
                case SO_DOMAIN:
                    return OptionValue.Write(value, (int)Request.Domain, out length);
                case SO_PROTOCOL:
                    return OptionValue.Write(value, Request.ActualProtocol, out length);
                case SO_ERROR:
                    return OptionValue.Write(value, (int)_implementation.TakeError(), out length);
                case SO_RCVTIMEO or SO_SNDTIMEO:
                    TimeSpan time = name == SO_RCVTIMEO ? ReceiveTimeout : SendTimeout;
                    return OptionValue.Write(value, time == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : time, out length);
            }
        }

        return _implementation.GetOption(level, name, value, out length);
    }
}

/// <summary>Values of options in C's layout: int, struct timeval.</summary>
internal static class OptionValue
{
    private const int TimeLength = 16;

    public static Errno TryRead(ReadOnlySpan<byte> value, out int number)
    {
        number = 0;
        if (value.Length < sizeof(int))
        {
            return Errno.EINVAL;
        }

        number = MemoryMarshal.Read<int>(value);
        return Errno.None;
    }

    public static Errno TryRead(ReadOnlySpan<byte> value, out bool flag)
    {
        Errno error = TryRead(value, out int number);
        flag = number != 0;
        return error;
    }

    public static Errno TryReadTime(ReadOnlySpan<byte> value, out TimeSpan time)
    {
        time = default;
        if (value.Length < TimeLength)
        {
            return Errno.EINVAL;
        }

        long seconds = MemoryMarshal.Read<long>(value);
        long microseconds = MemoryMarshal.Read<long>(value[sizeof(long)..]);
        if (microseconds is < 0 or >= 1_000_000)
        {
            return Errno.EDOM;
        }

        // A negative time is no wait at all on Linux; more than TimeSpan holds is for ever.
        time = seconds < 0 ? TimeSpan.FromTicks(1)
            : seconds >= TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerSecond ? TimeSpan.Zero
            : TimeSpan.FromTicks((seconds * TimeSpan.TicksPerSecond) + (microseconds * TimeSpan.TicksPerMicrosecond));
        return Errno.None;
    }

    /// <summary>A name as on Linux, or one at the beginning of struct ifreq as in Zephyr.</summary>
    public static string ReadName(ReadOnlySpan<byte> value)
    {
        int end = value.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? value : value[..end]);
    }

    public static Errno WriteName(Span<byte> value, string name, out int length) => Write(value, Encoding.UTF8.GetBytes(name + '\0'), out length);

    public static Errno Write(Span<byte> value, int number, out int length) => Write(value, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in number)), out length);

    public static Errno Write(Span<byte> value, TimeSpan time, out int length)
    {
        Span<long> parts = [time.Ticks / TimeSpan.TicksPerSecond, time.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond];
        return Write(value, MemoryMarshal.AsBytes(parts), out length);
    }

    public static Errno Write(Span<byte> value, ReadOnlySpan<byte> bytes, out int length)
    {
        length = Math.Min(value.Length, bytes.Length);
        bytes[..length].CopyTo(value);
        return Errno.None;
    }
}
