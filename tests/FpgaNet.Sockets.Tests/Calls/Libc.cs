using System.Runtime.InteropServices;

namespace FpgaNet.Sockets.Tests.Calls;

/// <summary>The C library's calls and layouts (64-bit Linux), by their own names.</summary>
#pragma warning disable CS0649, IDE1006 // the kernel writes them; C's names
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    /// <summary>What a call returned, or −errno.</summary>
    public static int Result(nint result) => result < 0 ? -Marshal.GetLastPInvokeError() : (int)result;

    [LibraryImport(Library, SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int socketpair(int domain, int type, int protocol, int* pair);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bind(int socket, byte* address, int length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int listen(int socket, int backlog);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int accept(int socket, byte* address, int* length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int accept4(int socket, byte* address, int* length, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int connect(int socket, byte* address, int length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint send(int socket, byte* buffer, nint length, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint sendto(int socket, byte* buffer, nint length, int flags, byte* address, int addressLength);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint sendmsg(int socket, MsgHdr* message, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int sendmmsg(int socket, MMsgHdr* messages, int count, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint write(int socket, byte* buffer, nint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint recv(int socket, byte* buffer, nint length, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint recvfrom(int socket, byte* buffer, nint length, int flags, byte* address, int* addressLength);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint recvmsg(int socket, MsgHdr* message, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int recvmmsg(int socket, MMsgHdr* messages, int count, int flags, nint timeout);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint read(int socket, byte* buffer, nint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int shutdown(int socket, int how);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int close(int socket);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int dup(int socket);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int dup2(int socket, int target);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int getsockname(int socket, byte* address, int* length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int getpeername(int socket, byte* address, int* length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setsockopt(int socket, int level, int name, byte* value, int length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int getsockopt(int socket, int level, int name, byte* value, int* length);

    // Variadic in C; with one argument in a register it is the same call on x86-64 and arm64 Linux.
    [LibraryImport(Library, SetLastError = true)]
    public static partial int fcntl(int socket, int command, nint argument);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int ioctl(int socket, nint request, byte* argument);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int poll(PollFd* descriptors, nint count, int milliseconds);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int select(int count, byte* readable, byte* writable, byte* exceptional, TimeVal* timeout);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_create(int size);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_ctl(int set, int operation, int descriptor, EpollEvent* wanted);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_wait(int set, EpollEvent* events, int count, int milliseconds);

    // Packed on x86-64 only (epoll_ctl(2)); the tests run there.
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    public struct EpollEvent
    {
        public uint Events;
        public ulong Data;
    }

    public struct IoVec
    {
        public nint Base;
        public nint Length;
    }

    public struct MsgHdr
    {
        public nint Name;
        public int NameLength;
        public nint Runs;
        public nint RunCount;
        public nint Control;
        public nint ControlLength;
        public int Flags;
    }

    public struct MMsgHdr
    {
        public MsgHdr Header;
        public int Length;
    }

    public struct PollFd
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    public struct TimeVal
    {
        public long Seconds;
        public long Microseconds;
    }
}
