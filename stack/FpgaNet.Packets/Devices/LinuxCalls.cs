using System.Runtime.InteropServices;

namespace FpgaNet.Packets.Devices;

/// <summary>
/// The system calls that a TAP needs. Each returns what Linux returns, and −errno instead of −1, so that the data path knows no exceptions.
/// </summary>
internal static unsafe partial class LinuxCalls
{
    public const int ReadWrite = 0x2;          // O_RDWR
    public const int NonBlocking = 0x800;      // O_NONBLOCK
    public const int CloseOnExec = 0x8_0000;   // O_CLOEXEC, EPOLL_CLOEXEC, SOCK_CLOEXEC

    public const int EpollAdd = 1;
    public const int EpollModify = 3;
    public const uint EpollIn = 0x1;
    public const uint EpollOut = 0x4;
    public const uint EpollOneShot = 1u << 30;

    /// <summary>A scatter-gather element (readv(2)).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public nint Base;
        public nuint Length;
    }

    public static int Open(string path, int flags) => Result(open(path, flags));

    public static int Close(int handle) => Result(close(handle));

    public static int Control(int handle, uint request, void* argument) => Result(ioctl(handle, request, argument));

    public static int Socket(int family, int type, int protocol) => Result(socket(family, type, protocol));

    public static int ReadVector(int handle, IoVector* vectors, int count) => Result((int)readv(handle, vectors, count));

    public static int WriteVector(int handle, IoVector* vectors, int count) => Result((int)writev(handle, vectors, count));

    public static int EpollCreate() => Result(epoll_create1(CloseOnExec));

    /// <summary>An eventfd(2).</summary>
    public static int EventHandle() => Result(eventfd(0, CloseOnExec));

    /// <summary>Makes an eventfd readable.</summary>
    public static void Signal(int handle)
    {
        ulong one = 1;
        IoVector vector = new() { Base = (nint)(&one), Length = sizeof(ulong) };
        _ = WriteVector(handle, &vector, 1);
    }

    /// <summary>Adds or changes a handle of an epoll set. Which handle an event is for is not asked.</summary>
    public static int EpollControl(int epoll, int operation, int handle, uint events)
    {
        // struct epoll_event is 12 bytes on x86 and 16 elsewhere; the events come first in both.
        uint* entry = stackalloc uint[4];
        entry[0] = events;
        entry[1] = entry[2] = entry[3] = 0;
        return Result(epoll_ctl(epoll, operation, handle, entry));
    }

    /// <summary>Waits without limit for one event.</summary>
    public static int EpollWait(int epoll)
    {
        uint* entry = stackalloc uint[4];
        return Result(epoll_wait(epoll, entry, 1, -1));
    }

    /// <summary>The system's words for a result below zero.</summary>
    public static string Describe(int result) => Marshal.GetPInvokeErrorMessage(-result);

    private static int Result(int value) => value >= 0 ? value : -Marshal.GetLastSystemError();

#pragma warning disable IDE1006, SYSLIB1054, CA5392 // names and search path are those of the C library
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int close(int handle);

    [LibraryImport("libc")]
    private static partial int ioctl(int handle, nuint request, void* argument);

    [LibraryImport("libc")]
    private static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc")]
    private static partial nint readv(int handle, IoVector* vectors, int count);

    [LibraryImport("libc")]
    private static partial nint writev(int handle, IoVector* vectors, int count);

    [LibraryImport("libc")]
    private static partial int eventfd(uint value, int flags);

    [LibraryImport("libc")]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc")]
    private static partial int epoll_ctl(int epoll, int operation, int handle, void* entry);

    [LibraryImport("libc")]
    private static partial int epoll_wait(int epoll, void* entries, int count, int timeout);
#pragma warning restore IDE1006, SYSLIB1054, CA5392
}

/// <summary>errno values that a TAP meets (errno(3), asm-generic).</summary>
internal static class LinuxError
{
    public const int NotPermitted = 1;       // EPERM
    public const int NoSuchFile = 2;         // ENOENT
    public const int Interrupted = 4;        // EINTR
    public const int InputOutput = 5;        // EIO
    public const int Again = 11;             // EAGAIN
    public const int AccessDenied = 13;      // EACCES
    public const int BadAddress = 14;        // EFAULT
    public const int Busy = 16;              // EBUSY
    public const int NoSuchDevice = 19;      // ENODEV
    public const int InvalidArgument = 22;   // EINVAL
    public const int BadDescriptorState = 77; // EBADFD
}
