using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Inet;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Stack.Sockets.Local;
using FpgaNet.Stack.Sockets.Names;
using FpgaNet.Stack.Sockets.Offload;
using FpgaNet.Stack.Sockets.Proxy;
using FpgaNet.Stack.Sockets.Secure;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets;

/// <summary>The sockets of one host: who makes them, and what they share.</summary>
public sealed class SocketSystem : ISocketSystem
{
    private readonly LocalProvider _local = new();
    private readonly SecureProvider _secure;
    private int _count;

    /// <summary>Makes a host's sockets over a stack. Calls that wait need the stack polled by another thread (<see cref="StackThread"/>).</summary>
    /// <param name="stack">The stack; it stays the caller's.</param>
    /// <param name="options">How; null: as it is usual.</param>
    public SocketSystem(ISocketHost stack, SocketSystemOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stack);
        Stack = stack;
        Names = new NameResolver(stack.Ip);
        _secure = new SecureProvider(Registry);
        Registry.Register(new InetProvider(stack.Tcp, stack.Udp, stack.Raw, stack.Taps));
        Registry.Register(_local);
        Registry.Register(_secure);
        if (options is { Dispatches: true })
        {
            Registry.Register(new DispatcherProvider(Registry, stack.FindInterface));
        }
    }

    /// <summary>The stack behind the native sockets.</summary>
    public ISocketHost Stack { get; }

    /// <summary>Certificates and keys for TLS_SEC_TAG_LIST.</summary>
    public TlsCredentials Credentials => _secure.Credentials;

    /// <summary>Who makes which sockets.</summary>
    public SocketRegistry Registry { get; } = new();

    /// <summary>Who knows names of other hosts, such as a <c>DnsResolver</c>; null: nobody.</summary>
    public IHostNames? HostNames
    {
        get => Names.HostNames;
        set => Names.HostNames = value;
    }

    /// <summary>This host's name (gethostname(2)).</summary>
    public string HostName
    {
        get => Names.HostName;
        set => Names.HostName = value;
    }

    /// <summary>The stack's network layer.</summary>
    internal IpLayer Ip => Stack.Ip;

    /// <summary>getaddrinfo and getnameinfo.</summary>
    internal NameResolver Names { get; }

    /// <summary>
    /// Adds a device that has sockets of its own and moves no frames of ours: SO_BINDTODEVICE with its name makes a socket one of its. Without that it is asked when its
    /// <see cref="SocketProvider.Priority"/> is before the others'.
    /// </summary>
    /// <param name="name">The device's name, such as <c>host0</c>.</param>
    /// <param name="sockets">Its sockets.</param>
    public void AddOffloadedDevice(string name, SocketProvider sockets)
    {
        Stack.AddInterface(new OffloadedDevice(name), sockets);
        Registry.Register(sockets);
    }

    /// <summary>Sockets that may be open at once on this host; more: ENFILE.</summary>
    public int Limit { get; set; } = int.MaxValue;

    /// <summary>Sockets that are open.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <inheritdoc/>
    bool ISocketSystem.IsFull => IsFull;

    private bool IsFull => Count >= Limit;

    /// <summary>socreate.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="socket">Receives it.</param>
    /// <returns>ENFILE; as <see cref="SocketRegistry.Find"/> and <see cref="SocketProvider.Create"/>.</returns>
    public Errno Create(in SocketRequest request, out KernelSocket? socket)
    {
        socket = null;
        if (IsFull)
        {
            return Errno.ENFILE;
        }

        Errno error = Registry.Find(request, out SocketProvider? provider);
        if (error != Errno.None)
        {
            return error;
        }

        SocketRequest meant = provider!.Interpret(request);
        error = provider.Create(meant, out SocketImplementation? implementation);
        if (error == Errno.None)
        {
            socket = new KernelSocket(this, meant, implementation!);
        }

        return error;
    }

    /// <summary>Two sockets that are connected with each other (socketpair(2)).</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="first">Receives one.</param>
    /// <param name="second">Receives the other.</param>
    /// <returns>EOPNOTSUPP: the family has no pairs; else as <see cref="Create"/>.</returns>
    public Errno CreatePair(in SocketRequest request, out KernelSocket? first, out KernelSocket? second)
    {
        first = second = null;
        if (Count + 2 > Limit)
        {
            return Errno.ENFILE;
        }

        Errno error = Registry.Find(request, out SocketProvider? provider);
        if (error != Errno.None)
        {
            return error;
        }

        SocketRequest meant = provider!.Interpret(request);
        error = provider.CreatePair(meant, out SocketImplementation? one, out SocketImplementation? other);
        if (error == Errno.None)
        {
            first = new KernelSocket(this, meant, one!);
            second = new KernelSocket(this, meant, other!);
        }

        return error;
    }

    /// <summary>Removes a path that a local socket was bound to (unlink(2)). The paths are a name space of this host's own, not a file system's.</summary>
    /// <param name="path">The path.</param>
    /// <param name="user">Who asks.</param>
    /// <returns>ENOENT: no such path; EPERM: it is another user's.</returns>
    public Errno Unlink(string path, Credentials user) => _local.Unlink(path, user);

    /// <summary>Sets who may connect and send to such a path (chmod(2)).</summary>
    /// <param name="path">The path.</param>
    /// <param name="mode">The permissions; those to write count.</param>
    /// <param name="user">Who asks.</param>
    /// <returns>ENOENT: no such path; EPERM: it is another user's.</returns>
    public Errno ChangeMode(string path, uint mode, Credentials user) => _local.ChangeMode(path, mode, user);

    /// <inheritdoc/>
    void ISocketSystem.Opened() => Interlocked.Increment(ref _count);

    /// <inheritdoc/>
    void ISocketSystem.Closed() => Interlocked.Decrement(ref _count);

    /// <inheritdoc/>
    Errno ISocketSystem.Control(int request, Span<byte> argument) => InterfaceRequests.IsOne(request) ? InterfaceRequests.Answer(Ip, request, argument) : Errno.ENOTTY;

    /// <inheritdoc/>
    Errno ISocketSystem.SetOption(KernelSocket socket, int level, int name, ReadOnlySpan<byte> value) =>
        level == SOL_SOCKET && name is SO_SOCKS5 or SO_SOCKS5_USER ? Socks5Stream.SetOption(socket, name, value) : Errno.ENOPROTOOPT;
}
