using System.Globalization;
using System.Text;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Local;

/// <summary>
/// Names of a host's local sockets: paths, which are none of any file system and of which each is one name whatever slashes it has, and abstract names (unix(7)). Guarded by the
/// lock of <see cref="LocalDomain"/>.
/// </summary>
internal sealed class LocalNameSpace
{
    private const SocketKind AnyKind = (SocketKind)0; // a path is taken once, whatever the type
    private const int AutobindNames = 1 << 20; // five hexadecimal digits (unix(7))

    private readonly Dictionary<(SockAddr Address, SocketKind Kind), LocalName> _names = [];
    private int _lastAutobind;

    /// <summary>Takes a name.</summary>
    /// <param name="address">The name.</param>
    /// <param name="socket">For whom.</param>
    /// <param name="name">Receives it.</param>
    /// <returns>EADDRINUSE: it exists.</returns>
    public Errno Add(in SockAddr address, LocalSocket socket, out LocalName? name)
    {
        name = new LocalName(address, socket);
        if (_names.TryAdd(Key(address, socket.Kind), name))
        {
            return Errno.None;
        }

        name = null;
        return Errno.EADDRINUSE;
    }

    /// <summary>Takes an abstract name that is free.</summary>
    /// <param name="socket">For whom.</param>
    /// <param name="name">Receives it.</param>
    /// <returns>ENOSPC: none is free.</returns>
    public Errno AddAny(LocalSocket socket, out LocalName? name)
    {
        for (int i = 0; i < AutobindNames; i++)
        {
            _lastAutobind = (_lastAutobind + 1) % AutobindNames;
            byte[] path = Encoding.ASCII.GetBytes("\0" + _lastAutobind.ToString("x5", CultureInfo.InvariantCulture));
            if (Add(new SockAddr { Family = SocketDomain.AF_LOCAL, Path = path }, socket, out name) == Errno.None)
            {
                return Errno.None;
            }
        }

        name = null;
        return Errno.ENOSPC;
    }

    /// <summary>The socket is closed: its abstract name is free again, a path stays.</summary>
    public void Leave(LocalName name)
    {
        name.Socket = null;
        if (name.IsAbstract)
        {
            _names.Remove(Key(name.Address, name.Kind));
        }
    }

    /// <summary>Finds who has a name, for a connection or a datagram.</summary>
    /// <param name="address">The name.</param>
    /// <param name="kind">Type of the socket that asks.</param>
    /// <param name="user">Who asks.</param>
    /// <param name="socket">Receives the socket.</param>
    /// <returns>ENOENT: no such path; EACCES: no permission to write; ECONNREFUSED: nobody is there; EPROTOTYPE: a socket of another type.</returns>
    public Errno Find(in SockAddr address, SocketKind kind, Credentials user, out LocalSocket? socket)
    {
        socket = null;
        if (!_names.TryGetValue(Key(address, kind), out LocalName? name))
        {
            return LocalName.IsAbstractName(address) ? Errno.ECONNREFUSED : Errno.ENOENT;
        }

        if (!name.IsAbstract && !name.MayWrite(user))
        {
            return Errno.EACCES;
        }

        if (name.Socket is not { } found)
        {
            return Errno.ECONNREFUSED;
        }

        if (found.Kind != kind)
        {
            return Errno.EPROTOTYPE;
        }

        socket = found;
        return Errno.None;
    }

    /// <summary>Removes a path (unlink(2)); the socket stays as it is.</summary>
    /// <returns>ENOENT: no such path; EPERM: it is another user's.</returns>
    public Errno Remove(in SockAddr address, Credentials user)
    {
        Errno error = FindPath(address, user, out LocalName? name);
        if (error == Errno.None)
        {
            _names.Remove(Key(name!.Address, name.Kind));
        }

        return error;
    }

    /// <summary>Sets a path's permissions (chmod(2)).</summary>
    /// <returns>ENOENT: no such path; EPERM: it is another user's.</returns>
    public Errno ChangeMode(in SockAddr address, uint mode, Credentials user)
    {
        Errno error = FindPath(address, user, out LocalName? name);
        if (error == Errno.None)
        {
            name!.Mode = mode;
        }

        return error;
    }

    private static (SockAddr Address, SocketKind Kind) Key(in SockAddr address, SocketKind kind) => (address, LocalName.IsAbstractName(address) ? kind : AnyKind);

    private Errno FindPath(in SockAddr address, Credentials user, out LocalName? name)
    {
        name = null;
        if (LocalName.IsAbstractName(address) || !_names.TryGetValue(Key(address, AnyKind), out name))
        {
            return Errno.ENOENT;
        }

        return name.IsOwnedBy(user) ? Errno.None : Errno.EPERM;
    }
}
