namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>How TCP finds out what size of packets a path carries.</summary>
public enum PathMtuMode
{
    /// <summary>Not at all: packets are as large as interface and peer take them, whatever routers say.</summary>
    Off,

    /// <summary>From routers (RFC 1191, RFC 8201).</summary>
    Icmp,

    /// <summary>From routers, and by sending where they say nothing (RFC 4821).</summary>
    Probing,
}
