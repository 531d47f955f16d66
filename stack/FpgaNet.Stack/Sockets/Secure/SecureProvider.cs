using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Secure;

/// <summary>
/// TLS and DTLS by protocol number (Zephyr's secure sockets): on top of whatever serves the same socket without them. Without OpenSSL 3 on the machine it serves nothing, so that socket() fails with EPROTONOSUPPORT.
/// </summary>
/// <param name="registry">Who serves the sockets below.</param>
internal sealed class SecureProvider(SocketRegistry registry) : SocketProvider
{
    /// <summary>Certificates and keys for TLS_SEC_TAG_LIST.</summary>
    public TlsCredentials Credentials { get; } = new();

    /// <summary>Sessions that TLS may go on with (TLS_SESSION_CACHE).</summary>
    public TlsSessionCache Sessions { get; } = new();

    /// <inheritdoc/>
    public override string Name => "tls";

    /// <inheritdoc/>
    public override int Priority => 45; // CONFIG_NET_SOCKETS_TLS_PRIORITY

    /// <inheritdoc/>
    public override bool IsSupported(in SocketRequest request)
    {
        bool isStream = request is { Kind: SocketKind.SOCK_STREAM, Protocol: IPPROTO_TLS_1_2 or IPPROTO_TLS_1_3 };
        bool isDatagram = request is { Kind: SocketKind.SOCK_DGRAM, Protocol: IPPROTO_DTLS_1_2 };
        return request.Domain is SocketDomain.AF_INET or SocketDomain.AF_INET6 && (isStream || isDatagram) && OpenSsl.IsAvailable;
    }

    /// <inheritdoc/>
    public override Errno Create(in SocketRequest request, out SocketImplementation? implementation)
    {
        implementation = null;
        SocketRequest plain = request with { Protocol = 0 };
        Errno error = registry.Find(plain, out SocketProvider? provider);
        if (error == Errno.None)
        {
            error = provider!.Create(plain, out SocketImplementation? inner);
            implementation = error != Errno.None ? null
                : request.Kind == SocketKind.SOCK_STREAM ? new SecureStream(inner!, this, request.Protocol)
                : new SecureDatagram(inner!, this, request.Protocol);
        }

        return error;
    }
}
