using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using FpgaNet.Testing;

namespace FpgaNet.Sockets.Tests.Programs;

/// <summary>Our sockets and Linux's on one cable, a TAP in a namespace of the test's own: ours at 192.0.2.2 and 2001:db8::2, Linux's at 192.0.2.1 and 2001:db8::1.</summary>
internal sealed class TapRig : IDisposable
{
    private const string Tap = "fpga0";

    private readonly NetworkNamespace _network;
    private readonly LinuxCalls _linux;
    private readonly SoftwareOffload _device;
    private readonly NetworkStack _stack;
    private readonly StackThread _thread;

    public TapRig()
    {
        Skip.UnlessNetworkNamespaces();
        _network = new NetworkNamespace();
        _linux = new LinuxCalls(_network);
        TapDevice tap = _network.Inside(static () => new TapDevice(new TapOptions { Name = Tap }));
        _network.Ip("address", "add", "192.0.2.1/24", "dev", Tap);
        _network.Ip("address", "add", "2001:db8::1/64", "dev", Tap, "nodad");
        _network.Ip("link", "set", Tap, "up");
        _device = new SoftwareOffload(tap);
        _stack = new NetworkStack(_device, new NetworkStackOptions
        {
            Address = IPv4Address.Parse("192.0.2.2"),
            IPv6Address = IPv6Address.Parse("2001:db8::2"),
            DuplicateAddressTransmits = 0,
        });
        _thread = new StackThread(_stack);
        System = new SocketSystem(_stack);
        Ours = new StackCalls(new DescriptorTable(System));
    }

    /// <summary>Our host.</summary>
    public SocketSystem System { get; }

    /// <summary>Where Linux's programs run.</summary>
    public NetworkNamespace Network => _network;

    public ISocketCalls Ours { get; }

    public ISocketCalls Linux => _linux;

    /// <summary>An address of the side.</summary>
    public static SockAddr At(Side side, bool isInet6, ushort port)
    {
        int host = side == Side.Ours ? 2 : 1;
        return isInet6 ? SockAddr.Inet6(IPv6Address.Parse($"2001:db8::{host}"), port) : SockAddr.Inet(IPv4Address.Parse($"192.0.2.{host}"), port);
    }

    public ISocketCalls Of(Side side) => side == Side.Ours ? Ours : Linux;

    public void Dispose()
    {
        _thread.Dispose();
        _stack.Dispose();
        _device.Dispose();
        _linux.Dispose();
        _network.Dispose();
    }
}
