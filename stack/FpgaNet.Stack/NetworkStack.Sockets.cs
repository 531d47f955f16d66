using FpgaNet.Packets.Devices;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Inet;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Stack.Transport.Raw;
using FpgaNet.Stack.Transport.Tcp;
using FpgaNet.Stack.Transport.Udp;

namespace FpgaNet.Stack;

/// <summary>What a <see cref="SocketSystem"/> needs of the stack.</summary>
public sealed partial class NetworkStack : ISocketHost
{
    /// <inheritdoc/>
    IpLayer ISocketHost.Ip => _ip;

    /// <inheritdoc/>
    TcpProtocol ISocketHost.Tcp => _tcp;

    /// <inheritdoc/>
    UdpProtocol ISocketHost.Udp => _udp;

    /// <inheritdoc/>
    RawProtocol ISocketHost.Raw => Raw;

    /// <inheritdoc/>
    PacketTaps ISocketHost.Taps => Taps;

    /// <inheritdoc/>
    void ISocketHost.AddInterface(INetworkDevice device, SocketProvider sockets) => AddInterface(device, new InterfaceOptions()).Sockets = sockets;

    /// <inheritdoc/>
    Errno ISocketHost.FindInterface(string name, out SocketProvider? sockets)
    {
        sockets = null;
        foreach (StackInterface candidate in Interfaces)
        {
            if (string.Equals(candidate.Name, name, StringComparison.Ordinal))
            {
                sockets = candidate.Sockets;
                return Errno.None;
            }
        }

        return Errno.ENODEV;
    }
}
