using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Names;

/// <summary>What is asked of getaddrinfo (RFC 3493 §6.1; glibc's numbers).</summary>
[Flags]
public enum AddrInfoFlags
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>Without a node: the wildcard address, to be bound to.</summary>
    AI_PASSIVE = 0x1,

    /// <summary>The first result has the canonical name.</summary>
    AI_CANONNAME = 0x2,

    /// <summary>The node is the text of an address; no name is looked up.</summary>
    AI_NUMERICHOST = 0x4,

    /// <summary>AF_INET6 without IPv6 addresses: IPv4 addresses mapped.</summary>
    AI_V4MAPPED = 0x8,

    /// <summary>With AI_V4MAPPED: IPv4 addresses mapped besides the IPv6 addresses.</summary>
    AI_ALL = 0x10,

    /// <summary>Addresses of such families only as this host has addresses of.</summary>
    AI_ADDRCONFIG = 0x20,

    /// <summary>The service is a number.</summary>
    AI_NUMERICSERV = 0x400,
}

/// <summary>What is asked of getnameinfo (RFC 3493 §6.2; glibc's numbers).</summary>
[Flags]
public enum NameInfoFlags
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>The host as the text of its address.</summary>
    NI_NUMERICHOST = 0x1,

    /// <summary>The service as a number.</summary>
    NI_NUMERICSERV = 0x2,

    /// <summary>Of a host of our own domain the first part only.</summary>
    NI_NOFQDN = 0x4,

    /// <summary>An error when the host has no name.</summary>
    NI_NAMEREQD = 0x8,

    /// <summary>The service is one of datagrams.</summary>
    NI_DGRAM = 0x10,

    /// <summary>The scope of a link-local address as a number.</summary>
    NI_NUMERICSCOPE = 0x100,
}

/// <summary>What getaddrinfo and getnameinfo return (RFC 3493 §6.1, glibc's numbers).</summary>
public enum GaiError
{
    /// <summary>Success.</summary>
    None = 0,

    /// <summary>Unknown flags, or flags that make no sense together.</summary>
    EAI_BADFLAGS = -1,

    /// <summary>The name is not known, or nothing was asked for.</summary>
    EAI_NONAME = -2,

    /// <summary>No server answers now.</summary>
    EAI_AGAIN = -3,

    /// <summary>A failure that will stay.</summary>
    EAI_FAIL = -4,

    /// <summary>The name has no addresses.</summary>
    EAI_NODATA = -5,

    /// <summary>The family is not supported.</summary>
    EAI_FAMILY = -6,

    /// <summary>The type is not supported, or not with the protocol.</summary>
    EAI_SOCKTYPE = -7,

    /// <summary>The service is not known for the type.</summary>
    EAI_SERVICE = -8,

    /// <summary>The host has no address of the family.</summary>
    EAI_ADDRFAMILY = -9,

    /// <summary>No memory.</summary>
    EAI_MEMORY = -10,

    /// <summary>errno says what.</summary>
    EAI_SYSTEM = -11,

    /// <summary>The result does not fit.</summary>
    EAI_OVERFLOW = -12,
}

/// <summary>One result of getaddrinfo, and what is asked of it (<c>struct addrinfo</c>).</summary>
public sealed class AddrInfo
{
    /// <summary>What is asked (<c>ai_flags</c>).</summary>
    public AddrInfoFlags Flags { get; init; }

    /// <summary>AF_INET, AF_INET6, or AF_UNSPEC for both (<c>ai_family</c>).</summary>
    public SocketDomain Family { get; init; }

    /// <summary>The type; 0: any (<c>ai_socktype</c>).</summary>
    public SocketKind Kind { get; init; }

    /// <summary>The protocol; 0: any (<c>ai_protocol</c>).</summary>
    public int Protocol { get; init; }

    /// <summary>The address, for connect and bind (<c>ai_addr</c>).</summary>
    public SockAddr Address { get; init; }

    /// <summary>The canonical name, in the first result when it was asked for (<c>ai_canonname</c>).</summary>
    public string? CanonicalName { get; init; }

    /// <summary>The next result, less to be preferred (<c>ai_next</c>).</summary>
    public AddrInfo? Next { get; internal set; }
}
