using System.Net.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Stack.Sockets.Offload;

/// <summary>
/// The operating system's own sockets, as a device that has sockets (<see cref="SocketSystem.AddOffloadedDevice"/>): streams and datagrams of both families. Of Linux only: options, flags, addresses and control data
/// go through in Linux's layout.
/// </summary>
/// <param name="device">The device's name, which SO_BINDTODEVICE may give to such a socket.</param>
/// <param name="priority">Below 100: asked before the native stack. Above: by name only, or for what the native stack does not serve.</param>
public sealed class HostProvider(string device = "host0", int priority = HostProvider.BeforeNative) : SocketProvider
{
    /// <summary>A priority before the native stack's (Zephyr's <c>CONFIG_NET_SOCKETS_OFFLOAD_PRIORITY</c>).</summary>
    public const int BeforeNative = 40;

    /// <summary>A priority behind the native stack's.</summary>
    public const int BehindNative = 140;

    /// <inheritdoc/>
    public override string Name => device;

    /// <inheritdoc/>
    public override int Priority => priority;

    /// <inheritdoc/>
    public override bool IsOffloaded => true;

    /// <inheritdoc/>
    public override bool IsSupported(in SocketRequest request)
    {
        bool isInet = request.Domain is SocketDomain.AF_INET or SocketDomain.AF_INET6;
        bool isStream = request is { Kind: SocketKind.SOCK_STREAM, Protocol: 0 or SocketOptions.IPPROTO_TCP };
        bool isDatagram = request is { Kind: SocketKind.SOCK_DGRAM, Protocol: 0 or SocketOptions.IPPROTO_UDP };
        return OperatingSystem.IsLinux() && isInet && (isStream || isDatagram);
    }

    /// <inheritdoc/>
    public override Errno Create(in SocketRequest request, out SocketImplementation? implementation)
    {
        implementation = null;
        Socket socket;
        try
        {
            socket = new Socket(
                request.Domain == SocketDomain.AF_INET ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6,
                request.Kind == SocketKind.SOCK_STREAM ? SocketType.Stream : SocketType.Dgram,
                request.Kind == SocketKind.SOCK_STREAM ? ProtocolType.Tcp : ProtocolType.Udp);
            socket.Blocking = false;
        }
        catch (SocketException e)
        {
            return (Errno)e.NativeErrorCode;
        }

        Errno error = HostSocket.Make(device, socket, out HostSocket? made);
        implementation = made;
        return error;
    }
}
