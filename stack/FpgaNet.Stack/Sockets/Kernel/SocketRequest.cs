using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Kernel;

/// <summary>What a program asks for with <c>socket()</c>.</summary>
/// <param name="Domain">The family.</param>
/// <param name="Kind">The type, without SOCK_NONBLOCK and its like.</param>
/// <param name="Protocol">The protocol; 0: the usual one for domain and type.</param>
/// <param name="Credentials">Who asks.</param>
public readonly record struct SocketRequest(SocketDomain Domain, SocketKind Kind, int Protocol, Credentials Credentials)
{
    /// <summary>The protocol that <see cref="Protocol"/> means (SO_PROTOCOL).</summary>
    public int ActualProtocol => (Domain, Kind, Protocol) switch
    {
        (SocketDomain.AF_INET or SocketDomain.AF_INET6, SocketKind.SOCK_STREAM, 0) => SocketOptions.IPPROTO_TCP,
        (SocketDomain.AF_INET or SocketDomain.AF_INET6, SocketKind.SOCK_DGRAM, 0) => SocketOptions.IPPROTO_UDP,
        _ => Protocol,
    };
}
