using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Stack.Sockets.Local;

/// <summary>The sockets within one host (unix(7)).</summary>
internal sealed class LocalProvider : SocketProvider
{
    private readonly LocalDomain _domain = new();

    /// <inheritdoc/>
    public override string Name => "local";

    /// <inheritdoc/>
    public override int Priority => 100;

    /// <inheritdoc/>
    public override SocketDomain Domain => SocketDomain.AF_LOCAL;

    /// <inheritdoc/>
    public override bool IsSupported(in SocketRequest request) => request is
    {
        Domain: SocketDomain.AF_LOCAL,
        Kind: SocketKind.SOCK_STREAM or SocketKind.SOCK_DGRAM or SocketKind.SOCK_RAW or SocketKind.SOCK_RDM or SocketKind.SOCK_SEQPACKET,
        Protocol: 0 or (int)SocketDomain.AF_LOCAL,
    };

    /// <inheritdoc/>
    public override SocketRequest Interpret(in SocketRequest request) => request.Kind == SocketKind.SOCK_RAW ? request with { Kind = SocketKind.SOCK_DGRAM } : request; // unix_create() of Linux

    /// <inheritdoc/>
    public override Errno Create(in SocketRequest request, out SocketImplementation? implementation)
    {
        implementation = request.Kind switch
        {
            SocketKind.SOCK_STREAM => new LocalStream(_domain, request.Credentials),
            SocketKind.SOCK_SEQPACKET => new LocalSequencedPacket(_domain, request.Credentials),
            _ => new LocalDatagram(_domain, request.Kind, request.Credentials),
        };
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno CreatePair(in SocketRequest request, out SocketImplementation? first, out SocketImplementation? second)
    {
        Create(request, out first);
        Create(request, out second);
        if (first is LocalConnection connection)
        {
            connection.Join((LocalConnection)second!);
        }
        else
        {
            ((LocalDatagram)first!).Join((LocalDatagram)second!);
        }

        return Errno.None;
    }

    /// <summary>Removes a path (unlink(2)).</summary>
    /// <param name="path">The path.</param>
    /// <param name="user">Who asks.</param>
    /// <returns>ENOENT: no such path; EPERM: it is another user's.</returns>
    public Errno Unlink(string path, Credentials user)
    {
        using (_domain.Enter())
        {
            return _domain.Names.Remove(SockAddr.Local(path), user);
        }
    }

    /// <summary>Sets who may connect and send to a path (chmod(2)).</summary>
    /// <param name="path">The path.</param>
    /// <param name="mode">The permissions.</param>
    /// <param name="user">Who asks.</param>
    /// <returns>ENOENT: no such path; EPERM: it is another user's.</returns>
    public Errno ChangeMode(string path, uint mode, Credentials user)
    {
        using (_domain.Enter())
        {
            return _domain.Names.ChangeMode(SockAddr.Local(path), mode, user);
        }
    }
}
