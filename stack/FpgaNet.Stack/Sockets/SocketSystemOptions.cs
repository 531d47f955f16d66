namespace FpgaNet.Stack.Sockets;

/// <summary>How a host's sockets are set up.</summary>
public sealed record SocketSystemOptions
{
    /// <summary>
    /// A socket of AF_INET and AF_INET6 chooses on first use who serves it, so that SO_BINDTODEVICE can have a say (Zephyr's <c>CONFIG_NET_SOCKETS_OFFLOAD_DISPATCHER</c>). Off: socket() chooses.
    /// </summary>
    public bool Dispatches { get; init; }
}
