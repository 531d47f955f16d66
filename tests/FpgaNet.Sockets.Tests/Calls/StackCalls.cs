using System.Net.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;

namespace FpgaNet.Sockets.Tests.Calls;

/// <summary>Our descriptors.</summary>
internal sealed class StackCalls(DescriptorTable table) : ISocketCalls
{
    public int Socket(SocketDomain domain, SocketKind kind, int protocol = 0) => Result(table.Socket(domain, kind, protocol));

    public int SocketPair(SocketDomain domain, SocketKind kind, int protocol, out int first, out int second) => Result(table.SocketPair(domain, kind, protocol, out first, out second));

    public int Bind(int socket, SockAddr address) => Result(table.Bind(socket, address));

    public int Bind(int socket, ReadOnlySpan<byte> address) => Result(table.Bind(socket, address));

    public int Listen(int socket, int backlog) => Result(table.Listen(socket, backlog));

    public int Accept(int socket, out SockAddr peer) => Result(table.Accept(socket, out peer));

    public int Accept4(int socket, out SockAddr peer, int flags) => Result(table.Accept4(socket, out peer, flags));

    public int Connect(int socket, SockAddr address) => Result(table.Connect(socket, address));

    public int Connect(int socket, ReadOnlySpan<byte> address) => Result(table.Connect(socket, address));

    public int Send(int socket, ReadOnlySpan<byte> buffer, MessageFlags flags = MessageFlags.MSG_NOSIGNAL) => Result(table.Send(socket, buffer, flags));

    public int SendTo(int socket, ReadOnlySpan<byte> buffer, SockAddr address, MessageFlags flags = MessageFlags.MSG_NOSIGNAL) => Result(table.SendTo(socket, buffer, flags, address));

    public int SendTo(int socket, ReadOnlySpan<byte> buffer, ReadOnlySpan<byte> address, MessageFlags flags = MessageFlags.MSG_NOSIGNAL) => Result(table.SendTo(socket, buffer, flags, address));

    public int SendMsg(int socket, MsgHdr message, MessageFlags flags = MessageFlags.MSG_NOSIGNAL)
    {
        MessageOut sent = new()
        {
            Data = new GatherList([.. message.Runs.Select(run => (ReadOnlyMemory<byte>)run)]),
            Address = message.Name,
            Control = message.Control,
            Flags = flags,
        };
        return Result(table.SendMsg(socket, ref sent));
    }

    public int SendMMsg(int socket, MsgHdr[] messages, MessageFlags flags = MessageFlags.MSG_NOSIGNAL)
    {
        BatchMessage[] batch = [.. messages.Select(message => new BatchMessage { Data = message.Runs[0], Address = message.Name, Control = message.Control })];
        int result = Result(table.SendMMsg(socket, batch, flags));
        for (int i = 0; i < result; i++)
        {
            messages[i].Length = batch[i].Length;
        }

        return result;
    }

    public int Write(int socket, ReadOnlySpan<byte> buffer) => Result(table.Write(socket, buffer));

    public int Recv(int socket, Span<byte> buffer, MessageFlags flags = MessageFlags.None) => Result(table.Recv(socket, buffer, flags));

    public int RecvFrom(int socket, Span<byte> buffer, out SockAddr address, MessageFlags flags = MessageFlags.None) => Result(table.RecvFrom(socket, buffer, flags, out address));

    public int RecvMsg(int socket, MsgHdr message, MessageFlags flags = MessageFlags.None)
    {
        MessageIn received = new() { Data = new ScatterList(message.Runs), Control = message.Control, Flags = flags };
        int result = Result(table.RecvMsg(socket, ref received));
        (message.Name, message.ControlLength, message.Flags) = (received.Address, received.ControlLength, received.Found);
        return result;
    }

    public int RecvMMsg(int socket, MsgHdr[] messages, MessageFlags flags = MessageFlags.None)
    {
        BatchMessage[] batch = [.. messages.Select(message => new BatchMessage { Data = message.Runs[0], Control = message.Control })];
        int result = Result(table.RecvMMsg(socket, batch, flags, Timeout.InfiniteTimeSpan));
        for (int i = 0; i < result; i++)
        {
            (messages[i].Name, messages[i].ControlLength, messages[i].Flags, messages[i].Length) = (batch[i].Address, batch[i].ControlLength, batch[i].Found, batch[i].Length);
        }

        return result;
    }

    public int Read(int socket, Span<byte> buffer) => Result(table.Read(socket, buffer));

    public int Shutdown(int socket, SocketShutdown how) => Result(table.Shutdown(socket, how));

    public int Close(int socket) => Result(table.Close(socket));

    public int Dup(int socket) => Result(table.Dup(socket));

    public int Dup2(int socket, int target) => Result(table.Dup2(socket, target));

    public int GetSockName(int socket, out SockAddr address) => Result(table.GetSockName(socket, out address));

    public int GetPeerName(int socket, out SockAddr address) => Result(table.GetPeerName(socket, out address));

    public int SetSockOpt(int socket, int level, int name, ReadOnlySpan<byte> value) => Result(table.SetSockOpt(socket, level, name, value));

    public int SetSockOpt(int socket, int level, int name, int value) => Result(table.SetSockOpt(socket, level, name, value));

    public int GetSockOpt(int socket, int level, int name, Span<byte> value, out int length) => Result(table.GetSockOpt(socket, level, name, value, out length));

    public int GetSockOpt(int socket, int level, int name, out int value) => Result(table.GetSockOpt(socket, level, name, out value));

    public int Fcntl(int socket, int command, int argument = 0) => Result(table.Fcntl(socket, command, argument));

    public int Ioctl(int socket, int request, ref int argument) => Result(table.Ioctl(socket, request, ref argument));

    public int Ioctl(int socket, int request, Span<byte> argument) => Result(table.Ioctl(socket, request, argument));

    public int Poll(Span<PollFd> descriptors, int milliseconds) => Result(table.Poll(descriptors, milliseconds));

    public int Select(int count, FdSet? readable, FdSet? writable, FdSet? exceptional, int milliseconds) =>
        Result(table.Select(count, readable, writable, exceptional, milliseconds < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(milliseconds)));

    public int EpollCreate(int size) => Result(table.EpollCreate(size));

    public int EpollCreate1(int flags = 0) => Result(table.EpollCreate1(flags));

    public int EpollCtl(int set, EpollOperation operation, int descriptor, EpollEvents events = EpollEvents.None, ulong data = 0) =>
        Result(table.EpollCtl(set, operation, descriptor, new EpollEvent { Events = events, Data = data }));

    public int EpollWait(int set, Span<EpollEvent> events, int milliseconds) => Result(table.EpollWait(set, events, milliseconds));

    public int SetDescriptorLimit(int limit)
    {
        table.Limit = limit;
        return 0;
    }

    public int As(uint user, uint group, Func<int> calls)
    {
        table.Credentials = new Credentials(Environment.ProcessId, user, group);
        try
        {
            return calls();
        }
        finally
        {
            table.Credentials = Credentials.Own;
        }
    }

    public int Chmod(string path, uint mode) => Result(table.Chmod(path, mode));

    public int Unlink(string path) => Result(table.Unlink(path));

    public bool RaisesSigPipe(Func<int> call, out int result)
    {
        bool raises = false;
        table.BrokenPipe = _ => raises = true;
        result = call();
        table.BrokenPipe = null;
        return raises;
    }

    private static int Result(int result) => result < 0 ? -(int)DescriptorTable.Errno : result;
}
