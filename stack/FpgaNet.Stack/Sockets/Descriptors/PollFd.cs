using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Descriptors;

/// <summary>One descriptor to be polled (<c>struct pollfd</c>, poll(2)).</summary>
public struct PollFd
{
    /// <summary>The descriptor; a negative one is passed over.</summary>
    public int Descriptor;

    /// <summary>What is asked for.</summary>
    public PollEvents Events;

    /// <summary>Receives what it is ready for.</summary>
    public PollEvents Returned;
}
