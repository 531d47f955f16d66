using FpgaNet.Packets.Wire;
using FpgaNet.Stack;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Stack.Sockets.Offload;
using FpgaNet.Testing;

namespace FpgaNet.Sockets.Tests.Offload;

/// <summary>A host whose sockets are the operating system's, on its loopback.</summary>
internal sealed class HostRig : IDisposable
{
    private readonly NetworkStack _stack = new(new NetworkStackOptions());

    private readonly List<KernelSocket> _held = [];

    public HostRig()
    {
        Skip.Unless(OperatingSystem.IsLinux(), "host sockets are Linux's");
        System = new SocketSystem(_stack);
        System.AddOffloadedDevice("host0", new HostProvider("host0"));
    }

    public SocketSystem System { get; }

    public static SockAddr Loopback(SocketDomain domain) => domain == SocketDomain.AF_INET
        ? SockAddr.Inet(IPv4Address.Parse("127.0.0.1"), 0)
        : SockAddr.Inet6(IPv6Address.Parse("::1"), 0);

    public KernelSocket Make(SocketDomain domain, SocketKind kind)
    {
        Assert.AreEqual(Errno.None, System.Create(new SocketRequest(domain, kind, 0, Credentials.Own), out KernelSocket? socket));
        Assert.IsInstanceOfType<HostSocket>(socket!.Implementation);
        return socket;
    }

    /// <summary>A socket bound to a free port of the loopback.</summary>
    public KernelSocket MakeBound(SocketDomain domain, SocketKind kind, out SockAddr address)
    {
        KernelSocket socket = Make(domain, kind);
        Assert.AreEqual(Errno.None, socket.Bind(Loopback(domain)));
        Assert.AreEqual(Errno.None, socket.GetLocalAddress(out address));
        Assert.AreNotEqual(0, address.Port);
        return socket;
    }

    /// <summary>An address of the loopback where nobody listens.</summary>
    public SockAddr ClosedPort()
    {
        KernelSocket socket = MakeBound(SocketDomain.AF_INET, SocketKind.SOCK_STREAM, out SockAddr address);
        _held.Add(socket);
        return address;
    }

    /// <summary>Two streams that are connected.</summary>
    public (KernelSocket Client, KernelSocket Server) MakeStreams(SocketDomain domain)
    {
        KernelSocket listener = MakeBound(domain, SocketKind.SOCK_STREAM, out SockAddr address);
        Assert.AreEqual(Errno.None, listener.Listen(1));
        KernelSocket client = Make(domain, SocketKind.SOCK_STREAM);
        Assert.AreEqual(Errno.None, client.Connect(address));
        Assert.AreEqual(Errno.None, listener.Accept(out KernelSocket? server, out SockAddr peer));
        Assert.AreEqual(Errno.None, client.GetLocalAddress(out SockAddr local));
        Assert.AreEqual(local, peer);
        Assert.AreEqual(Errno.None, listener.Close());
        return (client, server!);
    }

    public static int Send(KernelSocket socket, ReadOnlySpan<byte> data, MessageFlags flags = MessageFlags.None, SockAddr to = default)
    {
        MessageOut message = new() { Data = new GatherList(data), Flags = flags, Address = to };
        Errno error = socket.Send(ref message, out int sent);
        return error == Errno.None ? sent : -(int)error;
    }

    public static int Receive(KernelSocket socket, Span<byte> data, MessageFlags flags = MessageFlags.None) => Receive(socket, data, flags, out _, out _);

    public static int Receive(KernelSocket socket, Span<byte> data, MessageFlags flags, out SockAddr from, out MessageFlags found)
    {
        MessageIn message = new() { Data = new ScatterList(data), Flags = flags };
        Errno error = socket.Receive(ref message, out int received);
        (from, found) = (message.Address, message.Found);
        return error == Errno.None ? received : -(int)error;
    }

    public void Dispose()
    {
        _held.ForEach(static socket => socket.Close());
        _stack.Dispose();
    }
}
