using System.Runtime.InteropServices;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Offload;

/// <summary>
/// The calls on Linux's sockets that System.Net.Sockets does not have, or has only with an exception for every EAGAIN. Each returns what Linux returns, and −errno instead of −1. Our numbers and layouts are
/// Linux's (<see cref="Abi"/>), so nothing is translated.
/// </summary>
internal static unsafe partial class HostCalls
{
    public const int EpollAdd = 1;
    public const uint EdgeTriggered = 1u << 31;

    private const int CloseOnExec = 0x8_0000;

    // struct epoll_event is packed on x86-64 only (epoll_ctl(2)).
    private static readonly int s_eventLength = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int s_keyOffset = s_eventLength - sizeof(long);

    public static int Bind(int handle, in SockAddr address)
    {
        byte* bytes = stackalloc byte[SockAddr.MaximumLength];
        return Result(bind(handle, bytes, address.Write(new Span<byte>(bytes, SockAddr.MaximumLength))));
    }

    public static int Listen(int handle, int backlog) => Result(listen(handle, backlog));

    public static int Connect(int handle, in SockAddr address)
    {
        byte* bytes = stackalloc byte[SockAddr.MaximumLength];
        return Result(connect(handle, bytes, address.Write(new Span<byte>(bytes, SockAddr.MaximumLength))));
    }

    public static int Accept(int handle, out SockAddr peer)
    {
        byte* bytes = stackalloc byte[SockAddr.MaximumLength];
        int length = SockAddr.MaximumLength;
        int result = Result(accept4(handle, bytes, &length, SocketOptions.SOCK_NONBLOCK | SocketOptions.SOCK_CLOEXEC));
        peer = result < 0 ? default : Read(bytes, length);
        return result;
    }

    public static int GetSockName(int handle, out SockAddr address)
    {
        byte* bytes = stackalloc byte[SockAddr.MaximumLength];
        int length = SockAddr.MaximumLength;
        int result = Result(getsockname(handle, bytes, &length));
        address = result < 0 ? default : Read(bytes, length);
        return result;
    }

    public static int GetPeerName(int handle, out SockAddr address)
    {
        byte* bytes = stackalloc byte[SockAddr.MaximumLength];
        int length = SockAddr.MaximumLength;
        int result = Result(getpeername(handle, bytes, &length));
        address = result < 0 ? default : Read(bytes, length);
        return result;
    }

    /// <summary>sendmsg(2).</summary>
    public static int Send(int handle, ReadOnlySpan<byte> data, in SockAddr address, ReadOnlySpan<byte> control, MessageFlags flags)
    {
        byte* name = stackalloc byte[SockAddr.MaximumLength];
        fixed (byte* bytes = data, messages = control)
        {
            IoVector vector = new() { Base = bytes, Length = (nuint)data.Length };
            MessageHeader header = new() { Vectors = &vector, VectorCount = 1, Control = messages, ControlLength = (nuint)control.Length };
            if (address.Family != SocketDomain.AF_UNSPEC)
            {
                header.Name = name;
                header.NameLength = address.Write(new Span<byte>(name, SockAddr.MaximumLength));
            }

            return Result((int)sendmsg(handle, &header, (int)(flags | MessageFlags.MSG_DONTWAIT | MessageFlags.MSG_NOSIGNAL)));
        }
    }

    /// <summary>recvmsg(2).</summary>
    public static int Receive(int handle, Span<byte> data, out SockAddr address, Span<byte> control, out int controlLength, ref MessageFlags flags)
    {
        byte* name = stackalloc byte[SockAddr.MaximumLength];
        fixed (byte* bytes = data, messages = control)
        {
            IoVector vector = new() { Base = bytes, Length = (nuint)data.Length };
            MessageHeader header = new() { Name = name, NameLength = SockAddr.MaximumLength, Vectors = &vector, VectorCount = 1, Control = messages, ControlLength = (nuint)control.Length };
            int result = Result((int)recvmsg(handle, &header, (int)(flags | MessageFlags.MSG_DONTWAIT)));
            address = result < 0 ? default : Read(name, header.NameLength);
            controlLength = result < 0 ? 0 : (int)header.ControlLength;
            flags = (MessageFlags)header.Flags;
            return result;
        }
    }

    public static int Shutdown(int handle, int how) => Result(shutdown(handle, how));

    /// <summary>An ioctl(2) whose argument is an int.</summary>
    public static int Control(int handle, int request, out int value)
    {
        int number = 0;
        int result = Result(ioctl(handle, (nuint)request, &number));
        value = number;
        return result;
    }

    /// <summary>poll(2) of one socket, without waiting.</summary>
    public static PollEvents Poll(int handle)
    {
        PollEntry entry = new() { Handle = handle, Events = (short)(PollEvents.POLLIN | PollEvents.POLLPRI | PollEvents.POLLOUT | PollEvents.POLLRDNORM | PollEvents.POLLWRNORM | PollEvents.POLLRDHUP) };
        return poll(&entry, 1, 0) < 0 ? PollEvents.None : (PollEvents)(ushort)entry.Found;
    }

    public static int EpollCreate() => Result(epoll_create1(CloseOnExec));

    /// <summary>Has every change of a socket told with a key; closing the socket ends that.</summary>
    public static int EpollAddEdges(int epoll, int handle, long key)
    {
        byte* entry = stackalloc byte[16];
        *(uint*)entry = (uint)(PollEvents.POLLIN | PollEvents.POLLPRI | PollEvents.POLLOUT | PollEvents.POLLRDHUP) | EdgeTriggered;
        *(long*)(entry + s_keyOffset) = key;
        return Result(epoll_ctl(epoll, EpollAdd, handle, entry));
    }

    /// <summary>Waits without limit for events.</summary>
    public static int EpollWait(int epoll, Span<(long Key, PollEvents Events)> events)
    {
        byte* entries = stackalloc byte[16 * events.Length];
        int count = Result(epoll_wait(epoll, entries, events.Length, -1));
        for (int i = 0; i < count; i++)
        {
            byte* entry = entries + (i * s_eventLength);
            events[i] = (*(long*)(entry + s_keyOffset), (PollEvents)(*(uint*)entry));
        }

        return count;
    }

    private static SockAddr Read(byte* bytes, int length) => SockAddr.TryRead(new ReadOnlySpan<byte>(bytes, Math.Min(length, SockAddr.MaximumLength)), out SockAddr address) == Errno.None ? address : default;

    private static int Result(int value) => value >= 0 ? value : -Marshal.GetLastSystemError();

    [StructLayout(LayoutKind.Sequential)]
    private struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct MessageHeader
    {
        public byte* Name;
        public int NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Handle;
        public short Events;
        public short Found;
    }

#pragma warning disable IDE1006, SYSLIB1054, CA5392 // names and search path are those of the C library
    [LibraryImport("libc")]
    private static partial int bind(int handle, byte* address, int length);

    [LibraryImport("libc")]
    private static partial int listen(int handle, int backlog);

    [LibraryImport("libc")]
    private static partial int connect(int handle, byte* address, int length);

    [LibraryImport("libc")]
    private static partial int accept4(int handle, byte* address, int* length, int flags);

    [LibraryImport("libc")]
    private static partial int getsockname(int handle, byte* address, int* length);

    [LibraryImport("libc")]
    private static partial int getpeername(int handle, byte* address, int* length);

    [LibraryImport("libc")]
    private static partial nint sendmsg(int handle, MessageHeader* header, int flags);

    [LibraryImport("libc")]
    private static partial nint recvmsg(int handle, MessageHeader* header, int flags);

    [LibraryImport("libc")]
    private static partial int shutdown(int handle, int how);

    [LibraryImport("libc")]
    private static partial int ioctl(int handle, nuint request, int* argument);

    [LibraryImport("libc")]
    private static partial int poll(PollEntry* entries, nuint count, int timeout);

    [LibraryImport("libc")]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc")]
    private static partial int epoll_ctl(int epoll, int operation, int handle, byte* entry);

    [LibraryImport("libc")]
    private static partial int epoll_wait(int epoll, byte* entries, int count, int timeout);
#pragma warning restore IDE1006, SYSLIB1054, CA5392
}
