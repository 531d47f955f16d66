namespace FpgaNet.Stack.Sockets.Descriptors;

/// <summary>Calls on the names of local sockets, which are a name space of the host's own (unix(7)).</summary>
public sealed partial class DescriptorTable
{
    /// <summary>unlink(2), of a path that a local socket was bound to.</summary>
    /// <param name="path">The path.</param>
    /// <returns>0; −1: ENOENT, EPERM.</returns>
    public int Unlink(string path) => Result(_system.Unlink(path, Credentials));

    /// <summary>chmod(2), of a path that a local socket was bound to: who may write may connect and send.</summary>
    /// <param name="path">The path.</param>
    /// <param name="mode">The permissions.</param>
    /// <returns>0; −1: ENOENT, EPERM.</returns>
    public int Chmod(string path, uint mode) => Result(_system.ChangeMode(path, mode, Credentials));
}
