using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Kernel;

/// <summary>Somebody who makes sockets: the native stack, the local family, a device that has sockets of its own (Zephyr's <c>NET_SOCKET_REGISTER</c>).</summary>
public abstract class SocketProvider
{
    /// <summary>A name for people, such as <c>native</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Who is asked first: the smaller.</summary>
    public abstract int Priority { get; }

    /// <summary>The one family that it serves; AF_UNSPEC: <see cref="IsSupported"/> says.</summary>
    public virtual SocketDomain Domain => SocketDomain.AF_UNSPEC;

    /// <summary>Its sockets are not the stack's own but a device's (<c>NET_SOCKET_OFFLOAD_REGISTER</c>).</summary>
    public virtual bool IsOffloaded => false;

    /// <summary>Whether it serves such sockets.</summary>
    /// <param name="request">What is asked for.</param>
    public abstract bool IsSupported(in SocketRequest request);

    /// <summary>What a request comes to: a type may stand for another.</summary>
    /// <param name="request">What is asked for; <see cref="IsSupported"/> said yes.</param>
    public virtual SocketRequest Interpret(in SocketRequest request) => request;

    /// <summary>Makes one.</summary>
    /// <param name="request">What is asked for, as <see cref="Interpret"/> has it.</param>
    /// <param name="implementation">Receives it.</param>
    /// <returns>Such as EACCES, ENOBUFS, ENFILE.</returns>
    public abstract Errno Create(in SocketRequest request, out SocketImplementation? implementation);

    /// <summary>Makes two that are connected with each other (socketpair(2)).</summary>
    /// <param name="request">What is asked for, as <see cref="Interpret"/> has it.</param>
    /// <param name="first">Receives one.</param>
    /// <param name="second">Receives the other.</param>
    /// <returns>EOPNOTSUPP: the family has no pairs.</returns>
    public virtual Errno CreatePair(in SocketRequest request, out SocketImplementation? first, out SocketImplementation? second)
    {
        first = second = null;
        return Errno.EOPNOTSUPP;
    }
}
