using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using FpgaNet.Testing;

namespace FpgaNet.Sockets.Tests.Calls;

/// <summary>Linux's own descriptors, whose sockets stand in a network namespace. It closes what a test left open.</summary>
/// <param name="network">The namespace; null: the machine's own.</param>
internal sealed unsafe class LinuxCalls(NetworkNamespace? network) : ISocketCalls, IDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<int> _open = [];
    private Libc.Limits? _limits; // what they were
    private NamespaceThread? _inside = network is null ? null : new NamespaceThread(network);

    public int Socket(SocketDomain domain, SocketKind kind, int protocol = 0) =>
        Opened(_inside?.Run(() => Libc.Result(Libc.socket((int)domain, (int)kind, protocol))) ?? Libc.Result(Libc.socket((int)domain, (int)kind, protocol)));

    /// <summary>Runs calls where the sockets are made, so that many are made without a change of threads for each.</summary>
    public int Inside(Func<int> calls) => _inside?.Run(calls) ?? calls();

    public int SocketPair(SocketDomain domain, SocketKind kind, int protocol, out int first, out int second)
    {
        int[] pair = new int[2];
        int result = _inside?.Run(() => MakePair(domain, kind, protocol, pair)) ?? MakePair(domain, kind, protocol, pair);
        (first, second) = result < 0 ? (-1, -1) : (Opened(pair[0]), Opened(pair[1]));
        return result;
    }

    public int Bind(int socket, SockAddr address)
    {
        Span<byte> bytes = stackalloc byte[SockAddr.MaximumLength];
        return Bind(socket, bytes[..address.Write(bytes)]);
    }

    public int Bind(int socket, ReadOnlySpan<byte> address)
    {
        fixed (byte* pointer = address)
        {
            return Libc.Result(Libc.bind(socket, pointer, LengthOf(address)));
        }
    }

    public int Listen(int socket, int backlog) => Libc.Result(Libc.listen(socket, backlog));

    public int Accept(int socket, out SockAddr peer)
    {
        byte* bytes = stackalloc byte[SockAddr.MaximumLength];
        int length = SockAddr.MaximumLength;
        int result = Opened(Libc.Result(Libc.accept(socket, bytes, &length)));
        peer = result < 0 ? default : Read(bytes, length);
        return result;
    }

    public int Accept4(int socket, out SockAddr peer, int flags)
    {
        byte* bytes = stackalloc byte[SockAddr.MaximumLength];
        int length = SockAddr.MaximumLength;
        int result = Opened(Libc.Result(Libc.accept4(socket, bytes, &length, flags)));
        peer = result < 0 ? default : Read(bytes, length);
        return result;
    }

    public int Connect(int socket, SockAddr address)
    {
        Span<byte> bytes = stackalloc byte[SockAddr.MaximumLength];
        return Connect(socket, bytes[..address.Write(bytes)]);
    }

    public int Connect(int socket, ReadOnlySpan<byte> address)
    {
        fixed (byte* pointer = address)
        {
            return Libc.Result(Libc.connect(socket, pointer, LengthOf(address)));
        }
    }

    public int Send(int socket, ReadOnlySpan<byte> buffer, MessageFlags flags = MessageFlags.MSG_NOSIGNAL)
    {
        fixed (byte* pointer = &MemoryMarshal.GetReference(buffer))
        {
            return Libc.Result(Libc.send(socket, pointer, buffer.Length, (int)flags));
        }
    }

    public int SendTo(int socket, ReadOnlySpan<byte> buffer, SockAddr address, MessageFlags flags = MessageFlags.MSG_NOSIGNAL)
    {
        Span<byte> bytes = stackalloc byte[SockAddr.MaximumLength];
        int length = address.Write(bytes);
        return SendTo(socket, buffer, address.Family == SocketDomain.AF_UNSPEC ? default : bytes[..length], flags);
    }

    public int SendTo(int socket, ReadOnlySpan<byte> buffer, ReadOnlySpan<byte> address, MessageFlags flags = MessageFlags.MSG_NOSIGNAL)
    {
        fixed (byte* pointer = &MemoryMarshal.GetReference(buffer))
        fixed (byte* name = &MemoryMarshal.GetReference(address))
        {
            return Libc.Result(Libc.sendto(socket, pointer, buffer.Length, (int)flags, name, address.Length));
        }
    }

    public int SendMsg(int socket, MsgHdr message, MessageFlags flags = MessageFlags.MSG_NOSIGNAL)
    {
        using PinnedMessages pinned = new([message], isSend: true);
        return Libc.Result(Libc.sendmsg(socket, &pinned.Headers->Header, (int)flags));
    }

    public int SendMMsg(int socket, MsgHdr[] messages, MessageFlags flags = MessageFlags.MSG_NOSIGNAL)
    {
        using PinnedMessages pinned = new(messages, isSend: true);
        int result = Libc.Result(Libc.sendmmsg(socket, pinned.Headers, messages.Length, (int)flags));
        for (int i = 0; i < result; i++)
        {
            messages[i].Length = pinned.Headers[i].Length;
        }

        return result;
    }

    public int Write(int socket, ReadOnlySpan<byte> buffer)
    {
        fixed (byte* pointer = &MemoryMarshal.GetReference(buffer))
        {
            return Libc.Result(Libc.write(socket, pointer, buffer.Length));
        }
    }

    public int Recv(int socket, Span<byte> buffer, MessageFlags flags = MessageFlags.None)
    {
        fixed (byte* pointer = &MemoryMarshal.GetReference(buffer))
        {
            return Libc.Result(Libc.recv(socket, pointer, buffer.Length, (int)flags));
        }
    }

    public int RecvFrom(int socket, Span<byte> buffer, out SockAddr address, MessageFlags flags = MessageFlags.None)
    {
        byte* bytes = stackalloc byte[SockAddr.MaximumLength];
        int length = SockAddr.MaximumLength;
        fixed (byte* pointer = &MemoryMarshal.GetReference(buffer))
        {
            int result = Libc.Result(Libc.recvfrom(socket, pointer, buffer.Length, (int)flags, bytes, &length));
            address = result < 0 ? default : Read(bytes, length);
            return result;
        }
    }

    public int RecvMsg(int socket, MsgHdr message, MessageFlags flags = MessageFlags.None)
    {
        using PinnedMessages pinned = new([message], isSend: false);
        int result = Libc.Result(Libc.recvmsg(socket, &pinned.Headers->Header, (int)flags));
        if (result >= 0)
        {
            Take(message, pinned.Headers);
        }

        return result;
    }

    public int RecvMMsg(int socket, MsgHdr[] messages, MessageFlags flags = MessageFlags.None)
    {
        using PinnedMessages pinned = new(messages, isSend: false);
        int result = Libc.Result(Libc.recvmmsg(socket, pinned.Headers, messages.Length, (int)flags, 0));
        for (int i = 0; i < result; i++)
        {
            Take(messages[i], pinned.Headers + i);
        }

        return result;
    }

    public int Read(int socket, Span<byte> buffer)
    {
        fixed (byte* pointer = &MemoryMarshal.GetReference(buffer))
        {
            return Libc.Result(Libc.read(socket, pointer, buffer.Length));
        }
    }

    public int Shutdown(int socket, SocketShutdown how) => Libc.Result(Libc.shutdown(socket, (int)how));

    public int Close(int socket)
    {
        lock (_gate)
        {
            _open.Remove(socket);
        }

        return Libc.Result(Libc.close(socket));
    }

    public int Dup(int socket) => Opened(Libc.Result(Libc.dup(socket)));

    public int Dup2(int socket, int target) => Opened(Libc.Result(Libc.dup2(socket, target)));

    public int GetSockName(int socket, out SockAddr address)
    {
        byte* bytes = stackalloc byte[SockAddr.MaximumLength];
        int length = SockAddr.MaximumLength;
        int result = Libc.Result(Libc.getsockname(socket, bytes, &length));
        address = result < 0 ? default : Read(bytes, length);
        return result;
    }

    public int GetPeerName(int socket, out SockAddr address)
    {
        byte* bytes = stackalloc byte[SockAddr.MaximumLength];
        int length = SockAddr.MaximumLength;
        int result = Libc.Result(Libc.getpeername(socket, bytes, &length));
        address = result < 0 ? default : Read(bytes, length);
        return result;
    }

    public int SetSockOpt(int socket, int level, int name, ReadOnlySpan<byte> value)
    {
        fixed (byte* pointer = &MemoryMarshal.GetReference(value))
        {
            return Libc.Result(Libc.setsockopt(socket, level, name, pointer, value.Length));
        }
    }

    public int SetSockOpt(int socket, int level, int name, int value) => SetSockOpt(socket, level, name, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));

    public int GetSockOpt(int socket, int level, int name, Span<byte> value, out int length)
    {
        int room = value.Length;
        fixed (byte* pointer = &MemoryMarshal.GetReference(value))
        {
            int result = Libc.Result(Libc.getsockopt(socket, level, name, pointer, &room));
            length = result < 0 ? 0 : room;
            return result;
        }
    }

    public int GetSockOpt(int socket, int level, int name, out int value)
    {
        value = 0;
        return GetSockOpt(socket, level, name, MemoryMarshal.AsBytes(new Span<int>(ref value)), out _);
    }

    public int Fcntl(int socket, int command, int argument = 0)
    {
        int result = Libc.Result(Libc.fcntl(socket, command, argument));
        return command is FileControl.F_DUPFD or FileControl.F_DUPFD_CLOEXEC ? Opened(result) : result;
    }

    public int Ioctl(int socket, int request, ref int argument) => Ioctl(socket, request, MemoryMarshal.AsBytes(new Span<int>(ref argument)));

    public int Ioctl(int socket, int request, Span<byte> argument)
    {
        fixed (byte* pointer = &MemoryMarshal.GetReference(argument))
        {
            return Libc.Result(Libc.ioctl(socket, request, pointer));
        }
    }

    public int Poll(Span<PollFd> descriptors, int milliseconds)
    {
        Libc.PollFd[] list = new Libc.PollFd[descriptors.Length];
        for (int i = 0; i < list.Length; i++)
        {
            list[i] = new Libc.PollFd { Descriptor = descriptors[i].Descriptor, Events = (short)descriptors[i].Events };
        }

        fixed (Libc.PollFd* pointer = list)
        {
            int result = Libc.Result(Libc.poll(pointer, list.Length, milliseconds));
            for (int i = 0; result >= 0 && i < list.Length; i++)
            {
                descriptors[i].Returned = (PollEvents)list[i].Returned;
            }

            return result;
        }
    }

    public int Select(int count, FdSet? readable, FdSet? writable, FdSet? exceptional, int milliseconds)
    {
        FdSet?[] sets = [readable, writable, exceptional];
        byte[][] bits = [.. sets.Select(set => Bits(set, Math.Max(count, 0)))];
        Libc.TimeVal time = new() { Seconds = milliseconds / 1000, Microseconds = milliseconds % 1000 * 1000 };
        fixed (byte* read = bits[0], write = bits[1], except = bits[2])
        {
            int result = Libc.Result(Libc.select(count, read, write, except, milliseconds < 0 ? null : &time));
            for (int set = 0; result >= 0 && set < sets.Length; set++)
            {
                for (int i = 0; i < count && sets[set] is { } each; i++)
                {
                    if ((bits[set][i / 8] & (1 << (i % 8))) == 0)
                    {
                        each.Clear(i);
                    }
                }
            }

            return result;
        }
    }

    public int EpollCreate(int size) => Opened(Libc.Result(Libc.epoll_create(size)));

    public int EpollCreate1(int flags = 0) => Opened(Libc.Result(Libc.epoll_create1(flags)));

    public int EpollCtl(int set, EpollOperation operation, int descriptor, EpollEvents events = EpollEvents.None, ulong data = 0)
    {
        Libc.EpollEvent wanted = new() { Events = (uint)events, Data = data };
        return Libc.Result(Libc.epoll_ctl(set, (int)operation, descriptor, &wanted));
    }

    public int EpollWait(int set, Span<EpollEvent> events, int milliseconds)
    {
        Libc.EpollEvent[] list = new Libc.EpollEvent[Math.Max(1, events.Length)];
        fixed (Libc.EpollEvent* pointer = list)
        {
            int result = Libc.Result(Libc.epoll_wait(set, pointer, events.Length, milliseconds));
            for (int i = 0; i < result; i++)
            {
                events[i] = new EpollEvent { Events = (EpollEvents)list[i].Events, Data = list[i].Data };
            }

            return result;
        }
    }

    public int SetDescriptorLimit(int limit)
    {
        Libc.Limits limits;
        Expect.Ok(Libc.Result(Libc.getrlimit(Libc.RLIMIT_NOFILE, &limits)));
        _limits ??= limits;
        limits.Soft = limit;
        return Libc.Result(Libc.setrlimit(Libc.RLIMIT_NOFILE, &limits));
    }

    // Linux has credentials for each thread; the C library alone makes one of a process's. The thread that gave its up ends.
    public int As(uint user, uint group, Func<int> calls)
    {
        NamespaceThread? usual = _inside;
        using NamespaceThread other = new(network!);
        _inside = other;
        try
        {
            return other.Run(() =>
            {
                Expect.Ok(Libc.Result(Libc.syscall(Libc.SYS_setgroups, 0, 0, 0)));
                Expect.Ok(Libc.Result(Libc.syscall(Libc.SYS_setresgid, (nint)group, (nint)group, (nint)group)));
                Expect.Ok(Libc.Result(Libc.syscall(Libc.SYS_setresuid, (nint)user, (nint)user, (nint)user)));
                return calls();
            });
        }
        finally
        {
            _inside = usual;
        }
    }

    public int Chmod(string path, uint mode) => Libc.Result(Libc.chmod(path, mode));

    public int Unlink(string path) => Libc.Result(Libc.unlink(path));

    // The signal is the calling thread's own (send(2)); blocked it waits to be taken, whatever the process does with it.
    public bool RaisesSigPipe(Func<int> call, out int result)
    {
        Libc.SignalSet pipe = new(Libc.SIGPIPE);
        Libc.SignalSet before;
        Libc.TimeSpec none = default;
        Expect.Ok(-Libc.pthread_sigmask(Libc.SIG_BLOCK, &pipe, &before));
        result = call();
        bool raises = Libc.sigtimedwait(&pipe, 0, &none) == Libc.SIGPIPE;
        Expect.Ok(-Libc.pthread_sigmask(Libc.SIG_SETMASK, &before, null));
        return raises;
    }

    public void Dispose()
    {
        if (_limits is { } limits)
        {
            Expect.Ok(Libc.Result(Libc.setrlimit(Libc.RLIMIT_NOFILE, &limits)));
        }

        _inside?.Dispose();
        foreach (int descriptor in _open)
        {
            _ = Libc.close(descriptor);
        }

        _open.Clear();
    }

    private static int MakePair(SocketDomain domain, SocketKind kind, int protocol, int[] pair)
    {
        fixed (int* pointer = pair)
        {
            return Libc.Result(Libc.socketpair((int)domain, (int)kind, protocol, pointer));
        }
    }

    private static byte[] Bits(FdSet? set, int count)
    {
        if (set is null)
        {
            return [];
        }

        byte[] bits = new byte[(Math.Max(count, 1) + 63) / 64 * 8];
        for (int i = 0; i < count; i++)
        {
            bits[i / 8] |= (byte)(set.IsSet(i) ? 1 << (i % 8) : 0);
        }

        return bits;
    }

    // NULL with a length that is right for any family is what C programs get wrong; a span cannot say it otherwise.
    private static int LengthOf(ReadOnlySpan<byte> address) => Unsafe.IsNullRef(in MemoryMarshal.GetReference(address)) ? 16 : address.Length;

    private static SockAddr Read(byte* bytes, int length)
    {
        if (length == 0)
        {
            return default;
        }

        Assert.AreEqual(Errno.None, SockAddr.TryRead(new ReadOnlySpan<byte>(bytes, Math.Min(length, SockAddr.MaximumLength)), out SockAddr address));
        return address;
    }

    private static void Take(MsgHdr message, Libc.MMsgHdr* header)
    {
        message.Name = Read((byte*)header->Header.Name, header->Header.NameLength);
        message.ControlLength = (int)header->Header.ControlLength;
        message.Flags = (MessageFlags)header->Header.Flags;
        message.Length = header->Length;
    }

    private int Opened(int result)
    {
        if (result >= 0)
        {
            lock (_gate)
            {
                _open.Add(result);
            }
        }

        return result;
    }

    /// <summary>C's message headers of some messages, with all that they point at.</summary>
    private sealed class PinnedMessages : IDisposable
    {
        private readonly List<GCHandle> _handles = [];

        public PinnedMessages(MsgHdr[] messages, bool isSend)
        {
            Headers = (Libc.MMsgHdr*)Pin(new byte[Math.Max(1, messages.Length) * sizeof(Libc.MMsgHdr)]);
            for (int i = 0; i < messages.Length; i++)
            {
                MsgHdr message = messages[i];
                byte[] name = new byte[SockAddr.MaximumLength];
                int length = !isSend ? name.Length : message.Name.Family == SocketDomain.AF_UNSPEC ? 0 : message.Name.Write(name);
                Libc.IoVec* runs = (Libc.IoVec*)Pin(new byte[Math.Max(1, message.Runs.Length) * sizeof(Libc.IoVec)]);
                for (int j = 0; j < message.Runs.Length; j++)
                {
                    Assert.IsTrue(MemoryMarshal.TryGetArray(message.Runs[j], out ArraySegment<byte> run));
                    runs[j] = new Libc.IoVec { Base = Pin(run.Array!) + run.Offset, Length = run.Count };
                }

                Headers[i].Header = new Libc.MsgHdr
                {
                    Name = length == 0 ? 0 : Pin(name),
                    NameLength = length,
                    Runs = (nint)runs,
                    RunCount = message.Runs.Length,
                    Control = message.Control.Length == 0 ? 0 : Pin(message.Control),
                    ControlLength = message.Control.Length,
                };
            }
        }

        public Libc.MMsgHdr* Headers { get; }

        public void Dispose() => _handles.ForEach(handle => handle.Free());

        private nint Pin(byte[] bytes)
        {
            GCHandle handle = GCHandle.Alloc(bytes, GCHandleType.Pinned);
            _handles.Add(handle);
            return handle.AddrOfPinnedObject();
        }
    }
}
