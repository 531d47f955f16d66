using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Kernel;

/// <summary>The host of sockets, as far as they know it; who stands above them implements it.</summary>
public interface ISocketSystem
{
    /// <summary>No further socket may be made (ENFILE).</summary>
    bool IsFull { get; }

    /// <summary>A socket was made.</summary>
    void Opened();

    /// <summary>A socket was closed.</summary>
    void Closed();

    /// <summary>Carries out a request that is the host's, whatever socket it is made on (netdevice(7)).</summary>
    /// <param name="request">Its number.</param>
    /// <param name="argument">What it reads and writes, as in C.</param>
    /// <returns>ENOTTY: it is the socket's.</returns>
    Errno Control(int request, Span<byte> argument);

    /// <summary>Sets an option that a socket's implementation does not know, by putting something on top of it, say.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="level">Such as SOL_SOCKET.</param>
    /// <param name="name">Such as SO_SOCKS5.</param>
    /// <param name="value">The value as in C.</param>
    /// <returns>ENOPROTOOPT: nobody knows it.</returns>
    Errno SetOption(KernelSocket socket, int level, int name, ReadOnlySpan<byte> value);
}
