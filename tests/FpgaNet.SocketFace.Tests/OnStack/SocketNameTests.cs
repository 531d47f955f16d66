using System.Net;
using FpgaNet.Packets.Wire;
using FpgaNet.Sockets;
using FpgaNet.Sockets.Tests;
using FpgaNet.Stack.Sockets.Names;

namespace FpgaNet.SocketFace.Tests.OnStack;

/// <summary>Calls that take a host's name.</summary>
[TestClass]
public sealed class SocketNameTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [TestMethod]
    public async Task Names_are_asked_of_the_hosts_own_and_each_address_is_tried()
    {
        using SocketHosts hosts = new();
        hosts.A.System.HostNames = new Table();
        using TcpListener listener = Listen(hosts);
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using IDisposable scope = SocketHost.Use(hosts.A.System);
        using TcpClient first = new();
        await first.ConnectAsync("server.test", port).WaitAsync(s_patience);
        using Socket second = new(SocketType.Stream, ProtocolType.Tcp);
        second.Connect(new DnsEndPoint("server.test", port));
        Assert.IsTrue(first.Connected && second.Connected);
        using TcpClient none = new();
        await Expect.ErrorAsync(SocketError.HostNotFound, () => none.ConnectAsync("nobody.test", port).WaitAsync(s_patience));
        Expect.Error(SocketError.HostNotFound, () => none.Connect("nobody.test", port));
        using UdpClient datagrams = new();
        Assert.AreEqual(1, await datagrams.SendAsync(new byte[1], 1, "server.test", 9).WaitAsync(s_patience));
    }

    [TestMethod]
    public void A_host_that_knows_no_names_finds_none_but_localhost()
    {
        using SocketHosts hosts = new();
        hosts.A.System.HostNames = null;
        using IDisposable scope = SocketHost.Use(hosts.A.System);
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using TcpClient client = new(AddressFamily.InterNetwork);
        Expect.Error(SocketError.HostNotFound, () => client.Connect("server.test", 80));
        client.Connect("localhost", ((IPEndPoint)listener.LocalEndpoint).Port);
        Assert.IsTrue(client.Connected);
    }

    private static TcpListener Listen(SocketHosts hosts)
    {
        using (SocketHost.Use(hosts.B.System))
        {
            TcpListener listener = new(IPAddress.Any, 0);
            listener.Start();
            return listener;
        }
    }

    private sealed class Table : IHostNames
    {
        public Task<HostEntry> FindAsync(string name, bool wantsIPv4, bool wantsIPv6, CancellationToken cancellationToken = default) =>
            string.Equals(name, "server.test", StringComparison.Ordinal)
                ? Task.FromResult(new HostEntry(name, [IPv6Address.Parse("2001:db8::2"), IPv4Address.Parse("192.0.2.2")])) // nobody listens on the first
                : Task.FromException<HostEntry>(new SocketException((int)SocketError.HostNotFound));

        public Task<string> FindNameAsync(IpAddress address, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
