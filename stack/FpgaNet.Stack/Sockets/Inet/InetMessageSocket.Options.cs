using System.Buffers.Binary;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Stack.Transport;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>Options and requests.</summary>
internal abstract partial class InetMessageSocket
{
    /// <inheritdoc/>
    public override Errno SetOption(int level, int name, ReadOnlySpan<byte> value)
    {
        using (Net.Enter())
        {
            if (IsClosed)
            {
                return Errno.EBADF;
            }

            if (InetMemberships.Has(level, name) && (level == SOL_IP || Domain == SocketDomain.AF_INET6))
            {
                return _memberships.Set(level, name, value, Options.Interface);
            }

            Options.IsBound = IsNamed;
            Errno error = Options.Set(level, name, value);
            if (error == Errno.ENOPROTOOPT)
            {
                return SetOwnOption(level, name, value);
            }

            if (error == Errno.None)
            {
                Queue.Limit = Options.ReceiveBuffer;
                if ((level == SOL_IP && name == IP_RECVERR && !Options.ReceiveErrors4) || (level == SOL_IPV6 && name == IPV6_RECVERR && !Options.ReceiveErrors6))
                {
                    _errors.Clear();
                }

                OptionsChanged();
            }

            return error;
        }
    }

    /// <inheritdoc/>
    public override Errno GetOption(int level, int name, Span<byte> value, out int length)
    {
        length = 0;
        using (Net.Enter())
        {
            if (IsClosed)
            {
                return Errno.EBADF;
            }

            if ((level == SOL_IP && name == IP_MTU) || (level == SOL_IPV6 && name == IPV6_MTU && Domain == SocketDomain.AF_INET6))
            {
                return !IsConnected || FindRoute(RemoteAddress, RemoteScope, default, MessageFlags.None, out Destination? destination) != Errno.None
                    ? Errno.ENOTCONN
                    : OptionValue.Write(value, destination!.PathMtu, out length);
            }

            if (level == SOL_SOCKET && name == SO_ACCEPTCONN)
            {
                return OptionValue.Write(value, 0, out length);
            }

            Errno error = Options.Get(level, name, value, out length);
            error = error == Errno.ENOPROTOOPT ? GetOwnOption(level, name, value, out length) : error;
            bool isKnown = level is SOL_SOCKET or SOL_IP or SOL_UDP or SOL_RAW || Domain == SocketDomain.AF_INET6;
            return error == Errno.ENOPROTOOPT && !isKnown ? Errno.EOPNOTSUPP : error; // as Linux
        }
    }

    /// <inheritdoc/>
    public override Errno Control(int request, Span<byte> argument)
    {
        using (Net.Enter())
        {
            if (IsClosed)
            {
                return Errno.EBADF;
            }

            int? number = request switch
            {
                FIONREAD => Queue.TryPeek(out DatagramIn next) ? next.Length : 0,
                SIOCOUTQ => 0, // what was sent is the device's
                _ => null,
            };
            if (number is not { } found)
            {
                return Errno.ENOTTY;
            }

            if (argument.Length < sizeof(int))
            {
                return Errno.EFAULT;
            }

            BinaryPrimitives.WriteInt32LittleEndian(argument, found);
            return Errno.None;
        }
    }

    /// <summary>Sets an option of the kind's own.</summary>
    protected abstract Errno SetOwnOption(int level, int name, ReadOnlySpan<byte> value);

    /// <summary>Reads an option of the kind's own.</summary>
    protected abstract Errno GetOwnOption(int level, int name, Span<byte> value, out int length);

    /// <summary>Some option has changed.</summary>
    protected abstract void OptionsChanged();

    /// <summary>Datagrams must say when they came.</summary>
    protected bool StampsArrivals => (Options.News & (ReceiveNews.Timestamp | ReceiveNews.TimestampNs)) != ReceiveNews.None
        || (Options.Timestamping & TimestampingFlags.RX_SOFTWARE) != TimestampingFlags.None;
}
