namespace FpgaNet.Stack.Sockets.Abi;

/// <summary>Protocol and address families, with Linux's numbers (socket(2)).</summary>
public enum SocketDomain
{
    /// <summary>None said.</summary>
    AF_UNSPEC = 0,

    /// <summary>Sockets within the host (unix(7)).</summary>
    AF_LOCAL = 1,

    /// <summary>IPv4 (ip(7)).</summary>
    AF_INET = 2,

    /// <summary>IPv6 (ipv6(7)).</summary>
    AF_INET6 = 10,

    /// <summary>Frames of an interface (packet(7)).</summary>
    AF_PACKET = 17,
}
