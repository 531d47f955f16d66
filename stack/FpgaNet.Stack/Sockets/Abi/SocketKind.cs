namespace FpgaNet.Stack.Sockets.Abi;

/// <summary>Types of sockets (socket(2), 4.4BSD).</summary>
public enum SocketKind
{
    /// <summary>A stream of bytes, in order and without loss.</summary>
    SOCK_STREAM = 1,

    /// <summary>Datagrams, which may be lost.</summary>
    SOCK_DGRAM = 2,

    /// <summary>Packets of any protocol.</summary>
    SOCK_RAW = 3,

    /// <summary>Datagrams that are not lost.</summary>
    SOCK_RDM = 4,

    /// <summary>Records, in order and without loss, over a connection.</summary>
    SOCK_SEQPACKET = 5,
}
