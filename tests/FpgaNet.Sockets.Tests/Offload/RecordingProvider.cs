using System.Net.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Sockets.Tests.Offload;

/// <summary>Makes sockets that do nothing but note their calls.</summary>
internal sealed class RecordingProvider(string name, int priority, bool isOffloaded) : SocketProvider
{
    public List<RecordingSocket> Made { get; } = [];

    /// <summary>Options of this name are refused.</summary>
    public int Refused { get; set; } = -1;

    public override string Name => name;

    public override int Priority => priority;

    public override bool IsOffloaded => isOffloaded;

    public override bool IsSupported(in SocketRequest request) => request is { Domain: SocketDomain.AF_INET, Kind: SocketKind.SOCK_STREAM };

    public override Errno Create(in SocketRequest request, out SocketImplementation? implementation)
    {
        RecordingSocket made = new(this);
        lock (Made)
        {
            Made.Add(made);
        }

        implementation = made;
        return Errno.None;
    }
}

/// <summary>Notes its calls.</summary>
internal sealed class RecordingSocket(RecordingProvider provider) : SocketImplementation
{
    private readonly List<string> _calls = [];

    public string[] Calls
    {
        get
        {
            lock (_calls)
            {
                return [.. _calls];
            }
        }
    }

    public override Errno Bind(in SockAddr address) => Note("bind");

    public override Errno Listen(int backlog) => Note("listen");

    public override Errno Connect(in SockAddr address) => Note("connect");

    public override Errno Accept(out SocketImplementation? accepted, out SockAddr peer)
    {
        accepted = null;
        peer = default;
        Note("accept");
        return Errno.EINVAL;
    }

    public override Errno Send(ref MessageOut message, out int sent)
    {
        sent = message.Data.Length;
        return Note("send");
    }

    public override Errno Receive(ref MessageIn message, out int received)
    {
        received = 0;
        return Note("receive");
    }

    public override Errno Shutdown(SocketShutdown how) => Note("shutdown");

    public override Errno Close() => Note("close");

    public override PollEvents Poll()
    {
        Note("poll");
        return PollEvents.POLLOUT;
    }

    public override Errno TakeError() => Note("error");

    public override Errno GetLocalAddress(out SockAddr address)
    {
        address = default;
        return Note("getsockname");
    }

    public override Errno GetRemoteAddress(out SockAddr address)
    {
        address = default;
        return Note("getpeername");
    }

    public override Errno SetOption(int level, int name, ReadOnlySpan<byte> value)
    {
        Note($"set {level} {name} {Convert.ToHexString(value)}");
        return name == provider.Refused ? Errno.ENOPROTOOPT : Errno.None;
    }

    public override Errno GetOption(int level, int name, Span<byte> value, out int length)
    {
        length = 0;
        return Note($"get {level} {name}");
    }

    public override Errno Control(int request, Span<byte> argument) => Note($"control {request}");

    private Errno Note(string call)
    {
        lock (_calls)
        {
            _calls.Add(call);
        }

        return Errno.None;
    }
}
