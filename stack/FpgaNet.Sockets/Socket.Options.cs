using System.Runtime.InteropServices;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets;

/// <summary>Options: .NET's properties and names over the manuals' (<see cref="OptionNames"/>).</summary>
public partial class Socket
{
    /// <summary>Bytes that may be received without waiting (FIONREAD).</summary>
    public int Available
    {
        get
        {
            Span<byte> value = stackalloc byte[sizeof(int)];
            Errno error = Kernel.Control(FIONREAD, value);
            return error switch
            {
                Errno.None => MemoryMarshal.Read<int>(value),
                Errno.EINVAL => 0, // a listening socket (tcp(7))
                _ => throw ExceptionOf(error),
            };
        }
    }

    /// <summary>Small segments are not held back (TCP_NODELAY).</summary>
    public bool NoDelay
    {
        get => Get(IPPROTO_TCP, TCP_NODELAY) != 0;
        set => Set(IPPROTO_TCP, TCP_NODELAY, value ? 1 : 0);
    }

    /// <summary>What Close does with what was not acknowledged (SO_LINGER).</summary>
    public LingerOption? LingerState
    {
        get
        {
            Span<int> value = [0, 0];
            Check(Kernel.GetOption(SOL_SOCKET, SO_LINGER, MemoryMarshal.AsBytes(value), out _));
            return new LingerOption(value[0] != 0, value[1]);
        }

        set
        {
            ArgumentNullException.ThrowIfNull(value);
            SetLinger(value);
        }
    }

    /// <summary>Hops that a datagram may take (IP_TTL, IPV6_UNICAST_HOPS).</summary>
    public short Ttl
    {
        get => AddressFamily == AddressFamily.InterNetworkV6 ? (short)Get(IPPROTO_IPV6, IPV6_UNICAST_HOPS) : (short)Get(IPPROTO_IP, IP_TTL);
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, (short)byte.MaxValue);
            if (AddressFamily == AddressFamily.InterNetworkV6)
            {
                Set(IPPROTO_IPV6, IPV6_UNICAST_HOPS, value);
                return;
            }

            Set(IPPROTO_IP, IP_TTL, value);
        }
    }

    /// <summary>Datagrams are not cut on their way (IP_MTU_DISCOVER); of IPv4.</summary>
    public bool DontFragment
    {
        get
        {
            ThrowUnlessIPv4();
            return Get(IPPROTO_IP, IP_MTU_DISCOVER) == OptionNames.PathMtuDo;
        }

        set
        {
            ThrowUnlessIPv4();
            Set(IPPROTO_IP, IP_MTU_DISCOVER, value ? OptionNames.PathMtuDo : OptionNames.PathMtuDont);
        }
    }

    /// <summary>What is sent to a group comes back to this host's members (IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP).</summary>
    public bool MulticastLoopback
    {
        get => (AddressFamily == AddressFamily.InterNetworkV6 ? Get(IPPROTO_IPV6, IPV6_MULTICAST_LOOP) : Get(IPPROTO_IP, IP_MULTICAST_LOOP)) != 0;
        set
        {
            if (AddressFamily == AddressFamily.InterNetworkV6)
            {
                Set(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, value ? 1 : 0);
                return;
            }

            Set(IPPROTO_IP, IP_MULTICAST_LOOP, value ? 1 : 0);
        }
    }

    /// <summary>It may send to broadcast addresses (SO_BROADCAST).</summary>
    public bool EnableBroadcast
    {
        get => Get(SOL_SOCKET, SO_BROADCAST) != 0;
        set => Set(SOL_SOCKET, SO_BROADCAST, value ? 1 : 0);
    }

    /// <summary>Nobody else may have its address: not SO_REUSEADDR, as .NET on Linux.</summary>
    public bool ExclusiveAddressUse
    {
        get => Get(SOL_SOCKET, SO_REUSEADDR) == 0;
        set
        {
            if (_isBound)
            {
                throw new InvalidOperationException("The socket is bound already.");
            }

            Set(SOL_SOCKET, SO_REUSEADDR, value ? 0 : 1);
        }
    }

    /// <summary>A socket of IPv6 serves IPv4 too (not IPV6_V6ONLY).</summary>
    public bool DualMode
    {
        get => AddressFamily == AddressFamily.InterNetworkV6 && GetInt(IPPROTO_IPV6, IPV6_V6ONLY, out int value) == Errno.None && value == 0;
        set
        {
            if (AddressFamily != AddressFamily.InterNetworkV6)
            {
                throw new NotSupportedException("The socket is not of IPv6.");
            }

            Set(IPPROTO_IPV6, IPV6_V6ONLY, value ? 0 : 1);
        }
    }

    /// <summary>Bytes that it keeps for the application (SO_RCVBUF, which on Linux is twice what was set).</summary>
    public int ReceiveBufferSize
    {
        get => Get(SOL_SOCKET, SO_RCVBUF);
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            Set(SOL_SOCKET, SO_RCVBUF, value);
        }
    }

    /// <summary>Bytes that it keeps for the network (SO_SNDBUF, which on Linux is twice what was set).</summary>
    public int SendBufferSize
    {
        get => Get(SOL_SOCKET, SO_SNDBUF);
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            Set(SOL_SOCKET, SO_SNDBUF, value);
        }
    }

    /// <summary>Milliseconds that Receive waits at most; 0: no limit. Asynchronous calls do not mind it.</summary>
    public int ReceiveTimeout
    {
        get => Milliseconds(Kernel.ReceiveTimeout);
        set => Kernel.ReceiveTimeout = Limit(value);
    }

    /// <summary>Milliseconds that Send waits at most; 0: no limit. Asynchronous calls do not mind it.</summary>
    public int SendTimeout
    {
        get => Milliseconds(Kernel.SendTimeout);
        set => Kernel.SendTimeout = Limit(value);
    }

    /// <summary>Sets an option to a number.</summary>
    /// <param name="optionLevel">Its level.</param>
    /// <param name="optionName">Its name.</param>
    /// <param name="optionValue">The value.</param>
    public void SetSocketOption(SocketOptionLevel optionLevel, SocketOptionName optionName, int optionValue)
    {
        _ = Kernel;
        switch (optionLevel, optionName)
        {
            case (SocketOptionLevel.Socket, SocketOptionName.ReceiveTimeout):
                ReceiveTimeout = optionValue;
                break;
            case (SocketOptionLevel.Socket, SocketOptionName.SendTimeout):
                SendTimeout = optionValue;
                break;
            case (SocketOptionLevel.Socket, SocketOptionName.ExclusiveAddressUse):
                Set(SOL_SOCKET, SO_REUSEADDR, optionValue != 0 ? 0 : 1);
                break;
            case (SocketOptionLevel.Socket, SocketOptionName.DontLinger):
                SetLinger(new LingerOption(optionValue == 0, 0));
                break;
            case (SocketOptionLevel.IP, SocketOptionName.DontFragment):
                Set(IPPROTO_IP, IP_MTU_DISCOVER, optionValue != 0 ? OptionNames.PathMtuDo : OptionNames.PathMtuDont);
                break;
            default:
                Check(OptionNames.TryFind(optionLevel, optionName, out int level, out int name));
                Set(level, name, optionValue);
                break;
        }
    }

    /// <summary>Sets an option on or off.</summary>
    /// <param name="optionLevel">Its level.</param>
    /// <param name="optionName">Its name.</param>
    /// <param name="optionValue">Whether.</param>
    public void SetSocketOption(SocketOptionLevel optionLevel, SocketOptionName optionName, bool optionValue) => SetSocketOption(optionLevel, optionName, optionValue ? 1 : 0);

    /// <summary>Sets an option to bytes as in C.</summary>
    /// <param name="optionLevel">Its level.</param>
    /// <param name="optionName">Its name.</param>
    /// <param name="optionValue">The value.</param>
    public void SetSocketOption(SocketOptionLevel optionLevel, SocketOptionName optionName, byte[] optionValue)
    {
        ArgumentNullException.ThrowIfNull(optionValue);
        _ = Kernel;
        Check(OptionNames.TryFind(optionLevel, optionName, out int level, out int name));
        SetRawSocketOption(level, name, optionValue);
    }

    /// <summary>Sets an option that has a class of its own: <see cref="LingerOption"/>, <see cref="MulticastOption"/>, <see cref="IPv6MulticastOption"/>.</summary>
    /// <param name="optionLevel">Its level.</param>
    /// <param name="optionName">Its name.</param>
    /// <param name="optionValue">The value.</param>
    public void SetSocketOption(SocketOptionLevel optionLevel, SocketOptionName optionName, object optionValue)
    {
        ArgumentNullException.ThrowIfNull(optionValue);
        _ = Kernel;
        switch (optionLevel, optionName, optionValue)
        {
            case (SocketOptionLevel.Socket, SocketOptionName.Linger, LingerOption linger):
                SetLinger(linger);
                break;
            case (SocketOptionLevel.IP, SocketOptionName.AddMembership or SocketOptionName.DropMembership, MulticastOption group):
                SetRawSocketOption(IPPROTO_IP, optionName == SocketOptionName.AddMembership ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, OptionNames.Membership(group));
                break;
            case (SocketOptionLevel.IPv6, SocketOptionName.AddMembership or SocketOptionName.DropMembership, IPv6MulticastOption group):
                SetRawSocketOption(IPPROTO_IPV6, optionName == SocketOptionName.AddMembership ? IPV6_ADD_MEMBERSHIP : IPV6_DROP_MEMBERSHIP, OptionNames.Membership(group));
                break;
            default:
                throw new ArgumentException($"{optionName} of {optionLevel} does not take a {optionValue.GetType().Name}.", nameof(optionValue));
        }
    }

    /// <summary>Reads an option: a number, or a <see cref="LingerOption"/>.</summary>
    /// <param name="optionLevel">Its level.</param>
    /// <param name="optionName">Its name.</param>
    public object? GetSocketOption(SocketOptionLevel optionLevel, SocketOptionName optionName)
    {
        _ = Kernel;
        switch (optionLevel, optionName)
        {
            case (SocketOptionLevel.Socket, SocketOptionName.Linger):
                return LingerState;
            case (SocketOptionLevel.Socket, SocketOptionName.ReceiveTimeout):
                return ReceiveTimeout;
            case (SocketOptionLevel.Socket, SocketOptionName.SendTimeout):
                return SendTimeout;
            case (SocketOptionLevel.Socket, SocketOptionName.ExclusiveAddressUse):
                return ExclusiveAddressUse ? 1 : 0;
            case (SocketOptionLevel.IP, SocketOptionName.DontFragment):
                return DontFragment ? 1 : 0;
            case (SocketOptionLevel.Socket, SocketOptionName.Error):
                return (int)((Errno)Get(SOL_SOCKET, SO_ERROR)).ToSocketError();
            default:
                Check(OptionNames.TryFind(optionLevel, optionName, out int level, out int name));
                return Get(level, name);
        }
    }

    /// <summary>Reads an option as bytes as in C.</summary>
    /// <param name="optionLevel">Its level.</param>
    /// <param name="optionName">Its name.</param>
    /// <param name="optionValue">Receives the value.</param>
    public void GetSocketOption(SocketOptionLevel optionLevel, SocketOptionName optionName, byte[] optionValue)
    {
        ArgumentNullException.ThrowIfNull(optionValue);
        _ = Kernel;
        Check(OptionNames.TryFind(optionLevel, optionName, out int level, out int name));
        GetRawSocketOption(level, name, optionValue);
    }

    /// <summary>Reads an option as bytes as in C.</summary>
    /// <param name="optionLevel">Its level.</param>
    /// <param name="optionName">Its name.</param>
    /// <param name="optionLength">How many bytes at most.</param>
    public byte[] GetSocketOption(SocketOptionLevel optionLevel, SocketOptionName optionName, int optionLength)
    {
        _ = Kernel;
        Check(OptionNames.TryFind(optionLevel, optionName, out int level, out int name));
        byte[] value = new byte[optionLength];
        int length = GetRawSocketOption(level, name, value);
        return length == optionLength ? value : value[..length];
    }

    /// <summary>Sets an option by the numbers of Linux's manuals.</summary>
    /// <param name="optionLevel">Such as SOL_SOCKET.</param>
    /// <param name="optionName">Such as SO_REUSEPORT.</param>
    /// <param name="optionValue">The value as in C.</param>
    public void SetRawSocketOption(int optionLevel, int optionName, ReadOnlySpan<byte> optionValue) => Check(Kernel.SetOption(optionLevel, optionName, optionValue));

    /// <summary>Reads an option by the numbers of Linux's manuals.</summary>
    /// <param name="optionLevel">Such as SOL_SOCKET.</param>
    /// <param name="optionName">Such as SO_REUSEPORT.</param>
    /// <param name="optionValue">Receives the value as in C.</param>
    /// <returns>Bytes received.</returns>
    public int GetRawSocketOption(int optionLevel, int optionName, Span<byte> optionValue)
    {
        Check(Kernel.GetOption(optionLevel, optionName, optionValue, out int length));
        return length;
    }

    /// <summary>Carries out a request; as on Linux, <see cref="IOControlCode.DataToRead"/> and <see cref="IOControlCode.OobDataRead"/>.</summary>
    /// <param name="ioControlCode">Which.</param>
    /// <param name="optionInValue">Not used.</param>
    /// <param name="optionOutValue">Receives a number of four bytes.</param>
    /// <returns>Bytes written.</returns>
    public int IOControl(IOControlCode ioControlCode, byte[]? optionInValue, byte[]? optionOutValue) => IOControl(unchecked((int)ioControlCode), optionInValue, optionOutValue);

    /// <inheritdoc cref="IOControl(IOControlCode, byte[], byte[])"/>
    public int IOControl(int ioControlCode, byte[]? optionInValue, byte[]? optionOutValue)
    {
        KernelSocket kernel = Kernel;
        int request = (IOControlCode)unchecked((uint)ioControlCode) switch
        {
            IOControlCode.NonBlockingIO => throw new InvalidOperationException($"Use the {nameof(Blocking)} property."),
            IOControlCode.DataToRead => FIONREAD,
            IOControlCode.OobDataRead => SIOCATMARK,
            _ => throw new PlatformNotSupportedException("The request is one of Windows."),
        };
        if (optionOutValue is not { Length: >= sizeof(int) })
        {
            throw ExceptionOf(Errno.EFAULT);
        }

        Check(kernel.Control(request, optionOutValue.AsSpan(0, sizeof(int))));
        return sizeof(int);
    }

    /// <summary>Of Windows only.</summary>
    /// <param name="level">The level.</param>
    public void SetIPProtectionLevel(IPProtectionLevel level) => throw new PlatformNotSupportedException("The option is one of Windows.");

    private static Span<byte> Bytes(ref int value) => MemoryMarshal.AsBytes(new Span<int>(ref value));

    private static int Milliseconds(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? 0 : (int)Math.Min(int.MaxValue, Math.Ceiling(time.TotalMilliseconds));

    private static TimeSpan Limit(int milliseconds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(milliseconds, Timeout.Infinite, "value");
        return milliseconds <= 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(milliseconds);
    }

    private void SetLinger(LingerOption option)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)option.LingerTime, ushort.MaxValue, nameof(LingerOption.LingerTime));
        ReadOnlySpan<int> value = [option.Enabled ? 1 : 0, option.LingerTime];
        SetRawSocketOption(SOL_SOCKET, SO_LINGER, MemoryMarshal.AsBytes(value));
    }

    private Errno SetInt(int level, int name, int value) => _kernel.SetOption(level, name, Bytes(ref value));

    private Errno GetInt(int level, int name, out int value)
    {
        value = 0;
        return _kernel.GetOption(level, name, Bytes(ref value), out _);
    }

    private void Set(int level, int name, int value) => SetRawSocketOption(level, name, Bytes(ref value));

    private int Get(int level, int name)
    {
        _ = Kernel;
        Check(GetInt(level, name, out int value));
        return value;
    }

    private void ThrowUnlessIPv4()
    {
        if (AddressFamily != AddressFamily.InterNetwork && !DualMode)
        {
            throw new NotSupportedException("The socket is not of IPv4.");
        }
    }
}
