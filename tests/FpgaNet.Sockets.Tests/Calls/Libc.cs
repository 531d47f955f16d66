using System.Runtime.InteropServices;

namespace FpgaNet.Sockets.Tests.Calls;

/// <summary>The C library's calls and layouts (64-bit Linux), by their own names.</summary>
#pragma warning disable CS0649, IDE1006 // the kernel writes them; C's names
internal static unsafe partial class Libc
{
    public const int RLIMIT_NOFILE = 7;
    public const int SIGPIPE = 13;
    public const int SIG_BLOCK = 0;
    public const int SIG_SETMASK = 2;

    // x86-64's numbers; the tests run there.
    public const nint SYS_setgroups = 116;
    public const nint SYS_setresuid = 117;
    public const nint SYS_setresgid = 119;

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

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int chmod(string path, uint mode);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int unlink(string path);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint syscall(nint number, nint first, nint second, nint third);

    /// <summary>Returns the error.</summary>
    [LibraryImport(Library)]
    public static partial int pthread_sigmask(int how, SignalSet* set, SignalSet* before);

    [LibraryImport(Library)]
    public static partial int sigtimedwait(SignalSet* set, nint told, TimeSpec* timeout);

    [LibraryImport(Library)]
    public static partial int gettid();

    [LibraryImport(Library, SetLastError = true)]
    public static partial int tgkill(int process, int thread, int signal);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int getrlimit(int resource, Limits* limits);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setrlimit(int resource, Limits* limits);

    /// <summary>A signal calls a function that does nothing, and calls that it interrupts are not begun again.</summary>
    public static void HandleWithoutRestart(int number)
    {
        // abs() takes an int, touches nothing, and is native: no managed code runs in a signal handler.
        signal(number, NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "abs"));
        Assert.AreEqual(0, siginterrupt(number, 1));
    }

    [LibraryImport(Library)]
    private static partial nint signal(int number, nint handler);

    [LibraryImport(Library)]
    private static partial int siginterrupt(int number, int interrupts);

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

    /// <summary><c>struct rlimit</c>.</summary>
    public struct Limits
    {
        public nint Soft;
        public nint Hard;
    }

    /// <summary><c>sigset_t</c>, with one signal in it.</summary>
    public struct SignalSet(int signal)
    {
        private readonly Bits _bits = new() { First = 1UL << (signal - 1) };

        [StructLayout(LayoutKind.Sequential, Size = 128)]
        private struct Bits
        {
            public ulong First;
        }
    }

    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    public struct TimeVal
    {
        public long Seconds;
        public long Microseconds;
    }
}
