using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Stack.Transport.Raw;
using FpgaNet.Stack.Transport.Tcp;
using FpgaNet.Stack.Transport.Udp;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>The native stack's sockets.</summary>
internal sealed class InetProvider(TcpProtocol tcp, UdpProtocol udp, RawProtocol raw, PacketTaps taps) : SocketProvider
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
    public override Errno Create(in SocketRequest request, out SocketImplementation? implementation)
    {
        implementation = null;
        if (request.Domain == SocketDomain.AF_PACKET)
        {
            if (request.Credentials.User != 0)
            {
                return Errno.EPERM; // packet(7)
            }

            implementation = new PacketSocket(taps, request);
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
            SocketKind.SOCK_RAW => new InetRaw(raw, request),
            SocketKind.SOCK_DGRAM => new InetDatagram(udp, request),
            _ => new InetStream(tcp, request),
        };
        return Errno.None;
    }
}
