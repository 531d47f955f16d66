using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Inet;

namespace FpgaNet.Stack.Sockets.Kernel;

/// <summary>The sockets of one host: who makes them, and what they share.</summary>
public sealed class SocketSystem
{
    /// <summary>Makes a host's sockets over a stack. Calls that wait need the stack polled by another thread (<see cref="StackThread"/>).</summary>
    /// <param name="stack">The stack; it stays the caller's.</param>
    public SocketSystem(NetworkStack stack)
    {
        ArgumentNullException.ThrowIfNull(stack);
        Stack = stack;
        Registry.Register(new InetProvider());
    }

    /// <summary>The stack behind the native sockets.</summary>
    public NetworkStack Stack { get; }

    /// <summary>Who makes which sockets.</summary>
    public SocketRegistry Registry { get; } = new();

    /// <summary>socreate.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="socket">Receives it.</param>
    /// <returns>As <see cref="SocketRegistry.Find"/> and <see cref="SocketProvider.Create"/>.</returns>
    public Errno Create(in SocketRequest request, out KernelSocket? socket)
    {
        socket = null;
        Errno error = Registry.Find(request, out SocketProvider? provider);
        if (error != Errno.None)
        {
            return error;
        }

        error = provider!.Create(this, request, out SocketImplementation? implementation);
        if (error == Errno.None)
        {
            socket = new KernelSocket(this, request, implementation!);
        }

        return error;
    }
}
