using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>The native stack's sockets.</summary>
internal sealed class InetProvider : SocketProvider
{
    /// <inheritdoc/>
    public override string Name => "native";

    /// <inheritdoc/>
    public override int Priority => 100;

    /// <inheritdoc/>
    public override bool IsSupported(in SocketRequest request) => request is
    {
        Domain: SocketDomain.AF_INET or SocketDomain.AF_INET6,
        Kind: SocketKind.SOCK_STREAM,
        Protocol: 0 or SocketOptions.IPPROTO_TCP,
    } or
    {
        Domain: SocketDomain.AF_INET or SocketDomain.AF_INET6,
        Kind: SocketKind.SOCK_DGRAM,
        Protocol: 0 or SocketOptions.IPPROTO_UDP,
    } or
    {
        Domain: SocketDomain.AF_INET or SocketDomain.AF_INET6,
        Kind: SocketKind.SOCK_RAW,
    } or
    {
        Domain: SocketDomain.AF_PACKET,
        Kind: SocketKind.SOCK_RAW or SocketKind.SOCK_DGRAM,
    };

    /// <inheritdoc/>
    public override Errno Create(SocketSystem system, in SocketRequest request, out SocketImplementation? implementation)
    {
        implementation = null;
        if (request.Domain == SocketDomain.AF_PACKET)
        {
            if (request.Credentials.User != 0)
            {
                return Errno.EPERM; // packet(7)
            }

            implementation = new PacketSocket(system.Stack.Taps, request);
            return Errno.None;
        }

        if (request.Kind == SocketKind.SOCK_RAW)
        {
            Errno refused = request.Protocol is < 0 or > byte.MaxValue ? Errno.EINVAL
                : request.Protocol == 0 ? Errno.EPROTONOSUPPORT
                : request.Credentials.User != 0 ? Errno.EPERM // raw(7)
                : Errno.None;
            if (refused != Errno.None)
            {
                return refused;
            }
        }

        implementation = request.Kind switch
        {
            SocketKind.SOCK_RAW => new InetRaw(system.Stack.Raw, request),
            SocketKind.SOCK_DGRAM => new InetDatagram(system.Stack.Udp, request),
            _ => new InetStream(system.Stack.Tcp, request),
        };
        return Errno.None;
    }
}
