using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Local;

/// <summary>A name of a local socket. That of a path stays when the socket is closed, as a file does (unix(7)).</summary>
/// <param name="address">The name.</param>
/// <param name="socket">Who took it.</param>
internal sealed class LocalName(in SockAddr address, LocalSocket socket)
{
    private const uint WriteByOwner = 0b010_000_000;
    private const uint WriteByGroup = 0b000_010_000;
    private const uint WriteByOthers = 0b000_000_010;
    private const uint UsualMode = 0b111_101_101; // 0777 without the usual umask

    private readonly Credentials _owner = socket.Credentials;

    /// <summary>The name.</summary>
    public SockAddr Address { get; } = address;

    /// <summary>It is none of the paths.</summary>
    public bool IsAbstract { get; } = IsAbstractName(address);

    /// <summary>Type of the socket that took it: the same abstract name may be taken once by each.</summary>
    public SocketKind Kind { get; } = socket.Kind;

    /// <summary>Who has it; null: that socket is closed.</summary>
    public LocalSocket? Socket { get; set; } = socket;

    /// <summary>Permissions (chmod(2)).</summary>
    public uint Mode { get; set; } = UsualMode;

    /// <summary>Whether an address is such a name.</summary>
    public static bool IsAbstractName(in SockAddr address) => !address.Path.IsEmpty && address.Path.Span[0] == 0;

    /// <summary>Whether somebody may change or remove the name.</summary>
    public bool IsOwnedBy(Credentials user) => user.User == 0 || user.User == _owner.User;

    /// <summary>Whether somebody may connect and send to it: that is writing (unix(7)).</summary>
    public bool MayWrite(Credentials user)
    {
        uint needed = user.User == _owner.User ? WriteByOwner : user.Group == _owner.Group ? WriteByGroup : WriteByOthers;
        return user.User == 0 || (Mode & needed) != 0;
    }
}
