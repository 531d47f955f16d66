using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Stack.Sockets.Descriptors;

/// <summary>Calls that set and ask.</summary>
public sealed partial class DescriptorTable
{
    /// <summary>setsockopt(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="level">Such as SOL_SOCKET.</param>
    /// <param name="name">Such as SO_REUSEADDR.</param>
    /// <param name="value">The value as in C.</param>
    /// <returns>0; −1: EBADF, EDOM, EFAULT, EINVAL, EISCONN, ENOPROTOOPT, ENOTSOCK, EPERM.</returns>
    public int SetSockOpt(int descriptor, int level, int name, ReadOnlySpan<byte> value)
    {
        Errno error = Find(descriptor, out KernelSocket socket);
        return Result(error == Errno.None ? socket.SetOption(level, name, value) : error);
    }

    /// <summary>setsockopt(2) with a value of a type: an int, or a struct laid out as in C.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="descriptor">The socket.</param>
    /// <param name="level">Such as SOL_SOCKET.</param>
    /// <param name="name">Such as SO_REUSEADDR.</param>
    /// <param name="value">The value.</param>
    /// <returns>As <see cref="SetSockOpt(int, int, int, ReadOnlySpan{byte})"/>.</returns>
    public int SetSockOpt<T>(int descriptor, int level, int name, in T value)
        where T : unmanaged => SetSockOpt(descriptor, level, name, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>getsockopt(2).</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="level">Such as SOL_SOCKET.</param>
    /// <param name="name">Such as SO_ERROR.</param>
    /// <param name="value">Receives as much of the value as fits.</param>
    /// <param name="length">Receives how many bytes that are.</param>
    /// <returns>0; −1: EBADF, EFAULT, EINVAL, ENOPROTOOPT, ENOTSOCK.</returns>
    public int GetSockOpt(int descriptor, int level, int name, Span<byte> value, out int length)
    {
        length = 0;
        Errno error = Find(descriptor, out KernelSocket socket);
        return Result(error == Errno.None ? socket.GetOption(level, name, value, out length) : error);
    }

    /// <summary>getsockopt(2) of a value of a type: an int, or a struct laid out as in C.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="descriptor">The socket.</param>
    /// <param name="level">Such as SOL_SOCKET.</param>
    /// <param name="name">Such as SO_ERROR.</param>
    /// <param name="value">Receives the value.</param>
    /// <returns>As <see cref="GetSockOpt(int, int, int, Span{byte}, out int)"/>.</returns>
    public int GetSockOpt<T>(int descriptor, int level, int name, out T value)
        where T : unmanaged
    {
        value = default;
        return GetSockOpt(descriptor, level, name, MemoryMarshal.AsBytes(new Span<T>(ref value)), out _);
    }

    /// <summary>fcntl(2).</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="command">F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL.</param>
    /// <param name="argument">What the command takes.</param>
    /// <returns>What the command gives; −1: EBADF, EINVAL, EMFILE.</returns>
    public int Fcntl(int descriptor, int command, int argument = 0)
    {
        if (Find(descriptor) is not { } file)
        {
            return Fail(Errno.EBADF);
        }

        switch (command)
        {
            case FileControl.F_DUPFD or FileControl.F_DUPFD_CLOEXEC:
                return Duplicate(descriptor, argument, command == FileControl.F_DUPFD_CLOEXEC);
            case FileControl.F_GETFD:
                return _closeOnExec[descriptor] ? FileControl.FD_CLOEXEC : 0;
            case FileControl.F_SETFD:
                lock (_gate)
                {
                    _closeOnExec[descriptor] = (argument & FileControl.FD_CLOEXEC) != 0;
                }

                return 0;
            case FileControl.F_GETFL:
                return FileControl.O_RDWR | (file.IsNonBlocking ? FileControl.O_NONBLOCK : 0);
            case FileControl.F_SETFL:
                file.IsNonBlocking = (argument & FileControl.O_NONBLOCK) != 0;
                return 0;
            default:
                return Fail(Errno.EINVAL);
        }
    }

    /// <summary>ioctl(2).</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="request">FIONBIO, FIONREAD, SIOCATMARK, SIOCOUTQ, SIOCOUTQNSD, SIOCGIF….</param>
    /// <param name="argument">What the request reads and writes, as in C.</param>
    /// <returns>0; −1: EBADF, EFAULT, EINVAL, ENODEV, ENOTTY.</returns>
    public int Ioctl(int descriptor, int request, Span<byte> argument)
    {
        if (Find(descriptor) is not { } file)
        {
            return Fail(Errno.EBADF);
        }

        if (Unsafe.IsNullRef(in MemoryMarshal.GetReference(argument)))
        {
            return Fail(Errno.EFAULT);
        }

        if (request != SocketOptions.FIONBIO)
        {
            return Result(file.Control(request, argument));
        }

        Errno error = OptionValue.TryRead(argument, out bool isNonBlocking);
        if (error == Errno.None)
        {
            file.IsNonBlocking = isNonBlocking;
        }

        return Result(error);
    }

    /// <summary>ioctl(2) of a request that takes a number.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="request">FIONBIO, FIONREAD, SIOCATMARK, SIOCOUTQ.</param>
    /// <param name="argument">Is read or receives.</param>
    /// <returns>As <see cref="Ioctl(int, int, Span{byte})"/>.</returns>
    public int Ioctl(int descriptor, int request, ref int argument) => Ioctl(descriptor, request, MemoryMarshal.AsBytes(new Span<int>(ref argument)));
}
