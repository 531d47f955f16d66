using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;

namespace FpgaNet.Sockets.Tests;

/// <summary>Two hosts on one cable, each with a thread of its own and both families: 192.0.2.1 and 2001:db8::1, 192.0.2.2 and 2001:db8::2.</summary>
internal sealed class SocketHosts : IDisposable
{
    private readonly MemoryPair _cable = new(new MemoryPairOptions());
    private readonly List<IDisposable> _parts = [];

    public SocketHosts()
    {
        A = Make(_cable.A, 1);
        B = Make(_cable.B, 2);
    }

    public Host A { get; }

    public Host B { get; }

    public void Dispose()
    {
        for (int i = _parts.Count - 1; i >= 0; i--)
        {
            _parts[i].Dispose();
        }

        _cable.Dispose();
        Assert.AreEqual(0, A.Stack.BuffersInUse + B.Stack.BuffersInUse, "buffers are lost");
    }

    private Host Make(INetworkDevice device, byte number)
    {
        SoftwareOffload offload = new(device);
        NetworkStack stack = new(offload, new NetworkStackOptions
        {
            Address = IPv4Address.Parse($"192.0.2.{number}"),
            IPv6Address = IPv6Address.Parse($"2001:db8::{number}"),
            DuplicateAddressTransmits = 0, // it would take a second
        });
        _parts.Add(offload);
        _parts.Add(stack);
        _parts.Add(new StackThread(stack));
        return new Host(stack, new SocketSystem(stack), SockAddr.Inet(stack.Address, 0), SockAddr.Inet6(IPv6Address.Parse($"2001:db8::{number}"), 0));
    }

    /// <summary>One of them.</summary>
    internal sealed record Host(NetworkStack Stack, SocketSystem System, SockAddr Inet, SockAddr Inet6)
    {
        public DescriptorTable Calls { get; } = new(System);

        public SockAddr At(ushort port) => Inet with { Port = port };
    }
}
