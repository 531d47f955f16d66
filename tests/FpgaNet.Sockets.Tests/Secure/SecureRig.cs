using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Sockets.Tests.Offload;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using FpgaNet.Stack.Sockets.Secure;
using FpgaNet.Testing;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Secure;

/// <summary>A client and a server with credentials: two native hosts, or both on the operating system's loopback.</summary>
internal sealed class SecureRig : IDisposable
{
    private readonly IDisposable _hosts;
    private readonly BlockingCollection<int> _accepted = [];
    private readonly List<Thread> _accepting = [];
    private readonly List<int> _listening = [];

    public SecureRig(bool isNative = true)
    {
        Skip.Unless(OpenSsl.IsAvailable, "OpenSSL 3 is not installed (libssl3)");
        if (isNative)
        {
            SocketHosts hosts = new();
            _hosts = hosts;
            (ClientSystem, ServerSystem, At) = (hosts.A.System, hosts.B.System, hosts.B.At(0));
        }
        else
        {
            HostRig host = new();
            _hosts = host;
            (ClientSystem, ServerSystem, At) = (host.System, host.System, HostRig.Loopback(SocketDomain.AF_INET));
        }

        (Client, Server) = (new StackCalls(new DescriptorTable(ClientSystem)), new StackCalls(new DescriptorTable(ServerSystem)));
        TestCertificates.AddTo(ClientSystem.Credentials);
        if (ServerSystem != ClientSystem)
        {
            TestCertificates.AddTo(ServerSystem.Credentials);
        }
    }

    public SocketSystem ClientSystem { get; }

    public SocketSystem ServerSystem { get; }

    public StackCalls Client { get; }

    public StackCalls Server { get; }

    /// <summary>The server's address, without a port.</summary>
    public SockAddr At { get; }

    public static void SetTags(StackCalls calls, int socket, params int[] tags) => Expect.Ok(calls.SetSockOpt(socket, SOL_TLS, TLS_SEC_TAG_LIST, MemoryMarshal.AsBytes<int>(tags)));

    public static void SetName(StackCalls calls, int socket, string name) => Expect.Ok(calls.SetSockOpt(socket, SOL_TLS, TLS_HOSTNAME, Encoding.ASCII.GetBytes(name)));

    /// <summary>A client's socket that trusts the authority.</summary>
    public int MakeClient(int protocol, SocketKind kind = SocketKind.SOCK_STREAM)
    {
        int socket = Expect.Ok(Client.Socket(SocketDomain.AF_INET, kind, protocol));
        SetTags(Client, socket, TestCertificates.Tag);
        SetName(Client, socket, TestCertificates.ServerName);
        return socket;
    }

    /// <summary>A listening socket with the server's certificate.</summary>
    public int Listen(int protocol, out SockAddr address, Action<int>? prepare = null)
    {
        int socket = Expect.Ok(Server.Socket(SocketDomain.AF_INET, SocketKind.SOCK_STREAM, protocol));
        SetTags(Server, socket, TestCertificates.ServerTag, TestCertificates.Tag);
        prepare?.Invoke(socket);
        Expect.Ok(Server.Bind(socket, At));
        Expect.Ok(Server.Listen(socket, 5));
        Expect.Ok(Server.GetSockName(socket, out address));
        Thread accepting = new(() =>
        {
            int accepted;
            while ((accepted = Server.Accept(socket, out _)) >= 0)
            {
                _accepted.Add(accepted); // it shakes hands from here on, while the client waits in connect()
            }
        });
        _accepting.Add(accepting);
        _listening.Add(socket);
        accepting.Start();
        return socket;
    }

    /// <summary>The next connection that a listening socket accepted.</summary>
    public int Accepted()
    {
        Assert.IsTrue(_accepted.TryTake(out int accepted, TimeSpan.FromSeconds(30)), "nobody connects");
        return accepted;
    }

    /// <summary>Two sockets that are connected, the handshake done on the client's side at least.</summary>
    public (int Client, int Server) Connect(int protocol, Action<int>? client = null, Action<int>? server = null)
    {
        int listening = Listen(protocol, out SockAddr address, server);
        int socket = MakeClient(protocol);
        client?.Invoke(socket);
        Expect.Ok(Client.Connect(socket, address));
        int accepted = Accepted();
        Expect.Ok(Server.Close(listening));
        return (socket, accepted);
    }

    public void Dispose()
    {
        _listening.ForEach(socket => Server.Close(socket)); // what a test that failed has left
        _accepting.ForEach(static thread => Assert.IsTrue(thread.Join(TimeSpan.FromSeconds(30)), "a listening socket is not closed"));
        while (_accepted.TryTake(out int left))
        {
            Server.Close(left);
        }

        _accepted.Dispose();
        _hosts.Dispose();
    }
}
