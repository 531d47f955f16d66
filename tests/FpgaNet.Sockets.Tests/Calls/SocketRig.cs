using System.Reflection;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Testing;

namespace FpgaNet.Sockets.Tests.Calls;

/// <summary>Whose sockets a test asks.</summary>
public enum Side
{
    /// <summary>This project's.</summary>
    Ours,

    /// <summary>Linux's.</summary>
    Linux,
}

/// <summary>Runs a test twice: on our sockets and on Linux's.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OnBothSidesAttribute : Attribute, ITestDataSource
{
    public IEnumerable<object?[]> GetData(MethodInfo methodInfo) => OwnProcessTestAttribute.IsChild ? [[Side.Linux]] : [[Side.Ours], [Side.Linux]];

    public string? GetDisplayName(MethodInfo methodInfo, object?[]? data) => $"{methodInfo.Name} ({data![0]})";
}

/// <summary>
/// Two hosts with a cable between them, whose sockets are ours or Linux's: the client is 192.0.2.1 and 2001:db8::1, the server 192.0.2.2 and 2001:db8::2. Nobody is at <see cref="Silent"/>,
/// and no route leads to <see cref="Unreachable"/>.
/// </summary>
internal sealed class SocketRig : IDisposable
{
    private static int s_far = 3000;

    private readonly IDisposable[] _parts;

    public SocketRig(Side side)
    {
        if (side == Side.Ours)
        {
            SocketHosts hosts = new();
            (Client, Server, _parts) = (new StackCalls(hosts.A.Calls), new StackCalls(hosts.B.Calls), [hosts]);
            DeviceName = hosts.A.Stack.Device.Name;
            ServerDeviceName = hosts.B.Stack.Device.Name;
        }
        else
        {
            (NetworkNamespace client, NetworkNamespace server) = LinuxHosts.Pair;
            LinuxCalls ofClient = new(client);
            LinuxCalls ofServer = new(server);
            (Client, Server, _parts) = (ofClient, ofServer, [ofClient, ofServer]);
        }

        Side = side;
    }

    public Side Side { get; }

    /// <summary>Name of the client's interface.</summary>
    public string DeviceName { get; } = "eth0";

    /// <summary>Name of the server's interface.</summary>
    public string ServerDeviceName { get; } = "eth0";

    public ISocketCalls Client { get; }

    public ISocketCalls Server { get; }

    /// <summary>In the subnet, and nobody has it.</summary>
    public static SockAddr Silent(ushort port) => SockAddr.Inet(IPv4Address.Parse("192.0.2.99"), port);

    /// <summary>Outside of the subnet; there is no router.</summary>
    public static SockAddr Unreachable(ushort port) => SockAddr.Inet(IPv4Address.Parse("198.51.100.1"), port);

    public static SockAddr ClientAt(ushort port) => SockAddr.Inet(IPv4Address.Parse("192.0.2.1"), port);

    public static SockAddr ServerAt(ushort port) => SockAddr.Inet(IPv4Address.Parse("192.0.2.2"), port);

    public static SockAddr ClientAt6(ushort port) => SockAddr.Inet6(IPv6Address.Parse("2001:db8::1"), port);

    public static SockAddr ServerAt6(ushort port) => SockAddr.Inet6(IPv6Address.Parse("2001:db8::2"), port);

    /// <summary>The wildcard.</summary>
    public static SockAddr AnyAt(ushort port) => SockAddr.Inet(default, port);

    /// <summary>A connection over IPv4: the client's socket, and the server's that accepted it.</summary>
    public (int Client, int Server) Connect()
    {
        int listening = Listen(out SockAddr address);
        int client = Expect.Ok(Client.Socket(SocketDomain.AF_INET, SocketKind.SOCK_STREAM));
        Expect.Ok(Client.Connect(client, address));
        int server = Expect.Ok(Server.Accept(listening, out _));
        Expect.Ok(Server.Close(listening));
        return (client, server);
    }

    /// <summary>A listening socket of the server at a port of its own.</summary>
    public int Listen(out SockAddr address, int backlog = 8)
    {
        int listening = Expect.Ok(Server.Socket(SocketDomain.AF_INET, SocketKind.SOCK_STREAM));
        Expect.Ok(Server.Bind(listening, ServerAt(0)));
        Expect.Ok(Server.Listen(listening, backlog));
        Expect.Ok(Server.GetSockName(listening, out address));
        return listening;
    }

    /// <summary>
    /// Moves a socket to a number that nobody takes once it is closed: on Linux's side the process is this one, which opens files at any time, and each takes the lowest number.
    /// </summary>
    public static int Aside(ISocketCalls calls, int socket)
    {
        int far = Expect.Ok(calls.Dup2(socket, Interlocked.Increment(ref s_far)));
        Expect.Ok(calls.Close(socket));
        return far;
    }

    /// <summary>Waits until the socket is ready for one of these, half a minute at most: for what comes over the cable.</summary>
    public static PollEvents Await(ISocketCalls calls, int socket, PollEvents events)
    {
        Stack.Sockets.Descriptors.PollFd[] list = [new() { Descriptor = socket, Events = events }];
        Expect.Result(1, calls.Poll(list, 30_000));
        return list[0].Returned;
    }

    public void Dispose()
    {
        foreach (IDisposable part in _parts)
        {
            part.Dispose();
        }
    }
}

/// <summary>The two namespaces of Linux's side: made once, shared by all tests, deleted at the end of the run.</summary>
[TestClass]
public sealed class LinuxHosts
{
    private static readonly Lock s_gate = new();
    private static (NetworkNamespace Client, NetworkNamespace Server)? s_pair;

    internal static (NetworkNamespace Client, NetworkNamespace Server) Pair
    {
        get
        {
            lock (s_gate)
            {
                return s_pair ??= Make();
            }
        }
    }

    [AssemblyCleanup]
    public static void Delete()
    {
        s_pair?.Client.Dispose();
        s_pair?.Server.Dispose();
    }

    private static (NetworkNamespace Client, NetworkNamespace Server) Make()
    {
        Skip.UnlessNetworkNamespaces();
        NetworkNamespace client = new();
        NetworkNamespace server = new();
        client.Ip("link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", server.Name);
        (NetworkNamespace Network, int Number)[] hosts = [(client, 1), (server, 2)];
        foreach ((NetworkNamespace network, int number) in hosts)
        {
            network.Ip("address", "add", $"192.0.2.{number}/24", "dev", "eth0");
            network.Ip("address", "add", $"2001:db8::{number}/64", "dev", "eth0", "nodad");
            network.Ip("link", "set", "eth0", "address", $"02:00:00:00:00:0{number}", "up");

            // Six ICMP errors, and then one a second, is what Linux tells one host: tests that follow one another would miss theirs.
            ProgramResult unlimited = network.Run("sh", "-c", "echo 0 > /proc/sys/net/ipv4/icmp_ratelimit && echo 0 > /proc/sys/net/ipv6/icmp/ratelimit");
            Assert.AreEqual(0, unlimited.ExitCode, unlimited.ToString());
        }

        return (client, server);
    }
}
