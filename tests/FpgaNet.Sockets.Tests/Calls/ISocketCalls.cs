using System.Net.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;

namespace FpgaNet.Sockets.Tests.Calls;

/// <summary>
/// The calls of the manuals, on our descriptors or on Linux's own, so that one test asks both. Each returns what C's does, and −errno where C's returns −1; <see cref="Expect"/> reads that.
/// </summary>
internal interface ISocketCalls
{
    int Socket(SocketDomain domain, SocketKind kind, int protocol = 0);

    int SocketPair(SocketDomain domain, SocketKind kind, int protocol, out int first, out int second);

    int Bind(int socket, SockAddr address);

    /// <summary>With a sockaddr in C's layout; a default span is C's NULL.</summary>
    int Bind(int socket, ReadOnlySpan<byte> address);

    int Listen(int socket, int backlog);

    int Accept(int socket, out SockAddr peer);

    int Accept4(int socket, out SockAddr peer, int flags);

    int Connect(int socket, SockAddr address);

    /// <summary>With a sockaddr in C's layout; a default span is C's NULL.</summary>
    int Connect(int socket, ReadOnlySpan<byte> address);

    int Send(int socket, ReadOnlySpan<byte> buffer, MessageFlags flags = MessageFlags.MSG_NOSIGNAL);

    int SendTo(int socket, ReadOnlySpan<byte> buffer, SockAddr address, MessageFlags flags = MessageFlags.MSG_NOSIGNAL);

    /// <summary>With a sockaddr in C's layout.</summary>
    int SendTo(int socket, ReadOnlySpan<byte> buffer, ReadOnlySpan<byte> address, MessageFlags flags = MessageFlags.MSG_NOSIGNAL);

    int SendMsg(int socket, MsgHdr message, MessageFlags flags = MessageFlags.MSG_NOSIGNAL);

    int SendMMsg(int socket, MsgHdr[] messages, MessageFlags flags = MessageFlags.MSG_NOSIGNAL);

    int Write(int socket, ReadOnlySpan<byte> buffer);

    int Recv(int socket, Span<byte> buffer, MessageFlags flags = MessageFlags.None);

    int RecvFrom(int socket, Span<byte> buffer, out SockAddr address, MessageFlags flags = MessageFlags.None);

    /// <summary>Sets name, control, control length and flags of the message.</summary>
    int RecvMsg(int socket, MsgHdr message, MessageFlags flags = MessageFlags.None);

    int RecvMMsg(int socket, MsgHdr[] messages, MessageFlags flags = MessageFlags.None);

    int Read(int socket, Span<byte> buffer);

    int Shutdown(int socket, SocketShutdown how);

    int Close(int socket);

    int Dup(int socket);

    int Dup2(int socket, int target);

    int GetSockName(int socket, out SockAddr address);

    int GetPeerName(int socket, out SockAddr address);

    int SetSockOpt(int socket, int level, int name, ReadOnlySpan<byte> value);

    int SetSockOpt(int socket, int level, int name, int value);

    int GetSockOpt(int socket, int level, int name, Span<byte> value, out int length);

    int GetSockOpt(int socket, int level, int name, out int value);

    int Fcntl(int socket, int command, int argument = 0);

    int Ioctl(int socket, int request, ref int argument);

    int Ioctl(int socket, int request, Span<byte> argument);

    int Poll(Span<PollFd> descriptors, int milliseconds);

    /// <summary>A negative time waits for ever.</summary>
    int Select(int count, FdSet? readable, FdSet? writable, FdSet? exceptional, int milliseconds);

    int EpollCreate(int size);

    int EpollCreate1(int flags = 0);

    int EpollCtl(int set, EpollOperation operation, int descriptor, EpollEvents events = EpollEvents.None, ulong data = 0);

    int EpollWait(int set, Span<EpollEvent> events, int milliseconds);

    /// <summary>Descriptors are below this number from now on (RLIMIT_NOFILE). On Linux that is the whole process's: <see cref="OwnProcessTestAttribute"/>.</summary>
    int SetDescriptorLimit(int limit);

    /// <summary>Runs calls, on one thread, as another user and group, without a superuser's rights.</summary>
    int As(uint user, uint group, Func<int> calls);

    /// <summary>chmod(2) of a path that a local socket was bound to.</summary>
    int Chmod(string path, uint mode);

    /// <summary>unlink(2) of such a path.</summary>
    int Unlink(string path);

    /// <summary>Whether a call raises SIGPIPE.</summary>
    bool RaisesSigPipe(Func<int> call, out int result);
}

/// <summary>A message to send or receive (<c>struct msghdr</c>).</summary>
internal sealed class MsgHdr
{
    public MsgHdr(params Memory<byte>[] runs) => Runs = runs;

    /// <summary>To whom, or receives from whom; AF_UNSPEC: nobody.</summary>
    public SockAddr Name { get; set; }

    public Memory<byte>[] Runs { get; set; }

    /// <summary>Control messages, or room for them.</summary>
    public byte[] Control { get; set; } = [];

    /// <summary>Receives how many bytes of <see cref="Control"/> are used.</summary>
    public int ControlLength { get; set; }

    /// <summary>Receives <c>msg_flags</c>.</summary>
    public MessageFlags Flags { get; set; }

    /// <summary>Receives <c>msg_len</c> of the calls with several messages.</summary>
    public int Length { get; set; }
}
