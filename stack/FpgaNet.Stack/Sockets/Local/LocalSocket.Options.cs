using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Local;

/// <summary>Options and requests (socket(7), unix(7)), with the limits of Linux.</summary>
internal abstract partial class LocalSocket
{
    private const uint Nobody = 65534; // who a credential is that cannot be said
    private const int UsualBuffer = 212992;
    private const int MaximumBuffer = 4 << 20;
    private const int LeastSendBuffer = 4608;
    private const int LeastReceiveBuffer = 2304;

    private int _flags; // one bit for each option that is only kept
    private int _priority;
    private int _receiveLowWater = 1; // SO_RCVLOWAT
    private long _linger;

    /// <inheritdoc/>
    public override int ReceiveLowWater => _receiveLowWater;

    /// <summary>SO_SNDBUF: what messages that were not received yet may cost.</summary>
    protected int SendBuffer { get; private set; } = UsualBuffer;

    /// <summary>SO_PASSCRED: with each message it is told who sent it.</summary>
    protected bool PassesCredentials { get; set; }

    /// <summary>SO_PEERCRED; null: there was no peer.</summary>
    protected Credentials? PeerCredentials { get; set; }

    /// <summary>SO_ACCEPTCONN.</summary>
    protected virtual bool IsListening => false;

    private int ReceiveBuffer { get; set; } = UsualBuffer;

    /// <inheritdoc/>
    public override Errno SetOption(int level, int name, ReadOnlySpan<byte> value)
    {
        if (level != SOL_SOCKET)
        {
            return Errno.EOPNOTSUPP;
        }

        using (Domain.Enter())
        {
            if (IsClosed)
            {
                return Errno.EBADF;
            }

            Errno error = OptionValue.TryRead(value, out int number);
            if (error != Errno.None)
            {
                return error;
            }

            switch (name)
            {
                case SO_DEBUG or SO_REUSEADDR or SO_DONTROUTE or SO_BROADCAST or SO_KEEPALIVE or SO_OOBINLINE:
                    _flags = number != 0 ? _flags | (1 << name) : _flags & ~(1 << name);
                    return Errno.None;
                case SO_REUSEPORT:
                    return number != 0 ? Errno.EOPNOTSUPP : Errno.None;
                case SO_PASSCRED:
                    PassesCredentials = number != 0;
                    return Errno.None;
                case SO_SNDBUF:
                    SendBuffer = Math.Max(LeastSendBuffer, 2 * (int)Math.Min((uint)number, MaximumBuffer));
                    Notify(Writable);
                    return Errno.None;
                case SO_RCVBUF:
                    // The sender is charged, not the receiver (unix(7)).
                    ReceiveBuffer = Math.Max(LeastReceiveBuffer, 2 * (int)Math.Min((uint)number, MaximumBuffer));
                    return Errno.None;
                case SO_PRIORITY when number is < 0 or > 6 && Credentials.User != 0:
                    return Errno.EPERM;
                case SO_PRIORITY:
                    _priority = number;
                    return Errno.None;
                case SO_RCVLOWAT:
                    _receiveLowWater = number < 0 ? int.MaxValue : Math.Max(1, number);
                    return Errno.None;
                case SO_LINGER when value.Length < sizeof(long):
                    return Errno.EINVAL;
                case SO_LINGER:
                    _linger = BitConverter.ToInt64(value); // kept: nothing is left to send when a local socket closes
                    return Errno.None;
                default:
                    return Errno.ENOPROTOOPT;
            }
        }
    }

    /// <inheritdoc/>
    public override Errno GetOption(int level, int name, Span<byte> value, out int length)
    {
        length = 0;
        if (level != SOL_SOCKET)
        {
            return Errno.EOPNOTSUPP;
        }

        using (Domain.Enter())
        {
            if (IsClosed)
            {
                return Errno.EBADF;
            }

            switch (name)
            {
                case SO_DEBUG or SO_REUSEADDR or SO_DONTROUTE or SO_BROADCAST or SO_KEEPALIVE or SO_OOBINLINE:
                    return OptionValue.Write(value, (_flags >> name) & 1, out length);
                case SO_REUSEPORT:
                    return OptionValue.Write(value, 0, out length);
                case SO_PASSCRED:
                    return OptionValue.Write(value, PassesCredentials ? 1 : 0, out length);
                case SO_PEERCRED:
                    Span<byte> credentials = stackalloc byte[LocalControl.CredentialsLength];
                    LocalControl.Write(credentials, PeerCredentials ?? new Credentials(0, uint.MaxValue, uint.MaxValue));
                    return OptionValue.Write(value, credentials, out length);
                case SO_SNDBUF:
                    return OptionValue.Write(value, SendBuffer, out length);
                case SO_RCVBUF:
                    return OptionValue.Write(value, ReceiveBuffer, out length);
                case SO_PRIORITY:
                    return OptionValue.Write(value, _priority, out length);
                case SO_RCVLOWAT:
                    return OptionValue.Write(value, _receiveLowWater, out length);
                case SO_SNDLOWAT:
                    return OptionValue.Write(value, 1, out length);
                case SO_ACCEPTCONN:
                    return OptionValue.Write(value, IsListening ? 1 : 0, out length);
                case SO_LINGER:
                    return OptionValue.Write(value, BitConverter.GetBytes(_linger), out length);
                default:
                    return Errno.ENOPROTOOPT;
            }
        }
    }

    /// <inheritdoc/>
    public override Errno Control(int request, Span<byte> argument)
    {
        using (Domain.Enter())
        {
            int number;
            switch (request)
            {
                case var _ when IsClosed:
                    return Errno.EBADF;
                case FIONREAD when IsListening:
                    return Errno.EINVAL;
                case FIONREAD:
                    number = ReadableBytes;
                    break;
                case SIOCOUTQ:
                    number = Charged;
                    break;
                case SIOCATMARK when Kind == SocketKind.SOCK_STREAM:
                    number = 0; // unix(7): no out-of-band data, so no mark
                    break;
                case SIOCATMARK:
                    return Errno.EOPNOTSUPP;
                default:
                    return Errno.ENOTTY;
            }

            return OptionValue.Write(argument, number, out int length) is var error && length < sizeof(int) ? Errno.EFAULT : error;
        }
    }

    /// <summary>Bytes that wait to be received (FIONREAD).</summary>
    protected virtual int ReadableBytes
    {
        get
        {
            int count = 0;
            for (LocalMessage? message = Inbox.First; message is not null; message = message.Next)
            {
                count += message.Length;
            }

            return count;
        }
    }
}
