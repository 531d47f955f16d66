using System.Net;
using FpgaNet.Sockets.Tests;

namespace FpgaNet.SocketFace.Tests.OnStack;

/// <summary>Where the shared tests run: on two hosts with stacks of their own, with a cable between them; the client is 192.0.2.1, the server 192.0.2.2.</summary>
internal sealed class Rig : IDisposable
{
    private readonly SocketHosts _hosts = new();
    private readonly IDisposable _client;

    public Rig() => _client = FpgaNet.Sockets.SocketHost.Use(_hosts.A.System);

    public bool IsLinux => false;

    /// <summary>The server's address.</summary>
    public IPAddress Address { get; } = IPAddress.Parse("192.0.2.2");

    /// <summary>The same of IPv6.</summary>
    public IPAddress Address6 { get; } = IPAddress.Parse("2001:db8::2");

    /// <summary>Sockets made until this is disposed of are the server's.</summary>
    public IDisposable AtServer() => FpgaNet.Sockets.SocketHost.Use(_hosts.B.System);

    public void Dispose()
    {
        _client.Dispose();
        _hosts.Dispose();
    }
}
