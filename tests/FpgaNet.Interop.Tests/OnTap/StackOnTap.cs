using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack;
using FpgaNet.Stack.Network;
using FpgaNet.Testing;

namespace FpgaNet.Interop.Tests.OnTap;

/// <summary>
/// Our stack at 192.0.2.2 and 2001:db8::2, Linux at 192.0.2.1 and 2001:db8::1, a TAP between them in a namespace of its own. Linux's end is used through ordinary
/// sockets that were made inside the namespace, or through its programs.
/// </summary>
internal sealed class StackOnTap : IDisposable
{
    public const int Port = 7;
    private const string TapName = "fpga0";

    private readonly SoftwareOffload _device;
    private readonly StackThread _thread;

    /// <param name="offloads">Whether Linux plays a NIC that computes checksums and cuts; else every frame is complete, as on a cable.</param>
    public StackOnTap(bool offloads)
    {
        Skip.UnlessNetworkNamespaces();
        Network = new NetworkNamespace();
        try
        {
            TapDevice tap = Network.Inside(() => new TapDevice(new TapOptions { Name = TapName, Offloads = offloads }));
            Network.Ip("addr", "add", $"{LinuxAddress(false)}/24", "dev", TapName);
            Network.Ip("-6", "addr", "add", $"{LinuxAddress(true)}/64", "dev", TapName, "nodad");
            Network.Ip("link", "set", TapName, "up");
            Network.Run("sysctl", "-q", "-w", "net.ipv4.tcp_ecn=1");
            _device = new SoftwareOffload(tap);
            Stack = new NetworkStack(_device, new NetworkStackOptions
            {
                Address = IPv4Address.Parse(OurAddress(false).ToString()),
                IPv6Address = IPv6Address.Parse(OurAddress(true).ToString()),
            });
            _thread = new StackThread(Stack);
            WaitForAddress(IPv6Address.Parse(OurAddress(true).ToString()));
        }
        catch
        {
            Network.Dispose();
            throw;
        }
    }

    public NetworkNamespace Network { get; }

    public NetworkStack Stack { get; }

    public static IPAddress OurAddress(bool v6) => IPAddress.Parse(v6 ? "2001:db8::2" : "192.0.2.2");

    public static IPAddress LinuxAddress(bool v6) => IPAddress.Parse(v6 ? "2001:db8::1" : "192.0.2.1");

    public static IPEndPoint OurEnd(bool v6, int port = Port) => new(OurAddress(v6), port);

    /// <summary>TCP sockets of Linux's end.</summary>
    public Socket[] LinuxSockets(bool v6, int count) => Network.Inside(() =>
    {
        Socket[] sockets = new Socket[count];
        for (int i = 0; i < count; i++)
        {
            sockets[i] = new Socket(v6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        }

        return sockets;
    });

    /// <summary>A listening TCP socket of Linux's end.</summary>
    public Socket LinuxListener(bool v6, int backlog = 1024)
    {
        Socket socket = LinuxSockets(v6, 1)[0];
        socket.Bind(new IPEndPoint(LinuxAddress(v6), 0));
        socket.Listen(backlog);
        return socket;
    }

    // Until nobody else is known to have it (RFC 4862 §5.4).
    private void WaitForAddress(IPv6Address address)
    {
        for (int i = 0; Stack.Interfaces[0].StateOf(address) != AddressState.Preferred; i++)
        {
            Assert.IsTrue(i < 500, $"{address} is {Stack.Interfaces[0].StateOf(address)}");
            Thread.Sleep(10);
        }
    }

    public void Dispose()
    {
        _thread.Dispose();
        Stack.Dispose();
        _device.Dispose();
        Network.Dispose();
    }
}
