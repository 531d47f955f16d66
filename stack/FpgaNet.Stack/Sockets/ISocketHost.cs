using FpgaNet.Packets.Devices;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Inet;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Stack.Transport.Raw;
using FpgaNet.Stack.Transport.Tcp;
using FpgaNet.Stack.Transport.Udp;

namespace FpgaNet.Stack.Sockets;

/// <summary>What sockets need of the stack that they are on; the stack stands above them and is known here by this only.</summary>
public interface ISocketHost
{
    internal IpLayer Ip { get; }

    internal TcpProtocol Tcp { get; }

    internal UdpProtocol Udp { get; }

    internal RawProtocol Raw { get; }

    internal PacketTaps Taps { get; }

    /// <summary>Adds an interface whose device has sockets of its own.</summary>
    internal void AddInterface(INetworkDevice device, SocketProvider sockets);

    /// <summary>Looks for an interface, and for the sockets of its own that it has.</summary>
    /// <param name="name">The interface's name.</param>
    /// <param name="sockets">Receives them; null: it has none.</param>
    /// <returns>ENODEV: there is no such interface.</returns>
    internal Errno FindInterface(string name, out SocketProvider? sockets);
}
