using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Kernel;

/// <summary>What a program asks for with <c>socket()</c>.</summary>
/// <param name="Domain">The family.</param>
/// <param name="Kind">The type, without SOCK_NONBLOCK and its like.</param>
/// <param name="Protocol">The protocol; 0: the usual one for domain and type.</param>
/// <param name="Credentials">Who asks.</param>
public readonly record struct SocketRequest(SocketDomain Domain, SocketKind Kind, int Protocol, Credentials Credentials);
