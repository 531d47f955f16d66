using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Stack.Transport;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>
/// What datagrams and raw sockets of AF_INET and AF_INET6 have in common (ip(7), ipv6(7)): addresses and the peer here, sending, receiving and options in the other parts. One lock guards
/// it: the stack's.
/// </summary>
internal abstract partial class InetMessageSocket : SocketImplementation, IRoomUser
{
    private const int FirstFreePort = 1024; // whoever is not the superuser gets none below (ip(7))

    private readonly InetMemberships _memberships;
    private readonly bool _isSuperuser;
    private IpAddress _boundAddress; // by bind(); unspecified: not
    private bool _receiveShut;
    private bool _sendShut;

    protected InetMessageSocket(IpLayer ip, in SocketRequest request)
    {
        Ip = ip;
        Net = ip.Context;
        Domain = request.Domain;
        _isSuperuser = request.Credentials.User == 0;
        Options = new InetOptions(Net, request.Domain, request.Kind, request.Credentials);
        _memberships = new InetMemberships(ip, this);
        _boundAddress = LocalAddress = AnyAddress;
    }

    /// <inheritdoc/>
    public FrameOutput? AwaitsRoomOf { get; set; }

    protected IpLayer Ip { get; }

    protected StackContext Net { get; }

    protected SocketDomain Domain { get; }

    protected InetOptions Options { get; }

    /// <summary>What waits to be received.</summary>
    protected abstract DatagramQueue Queue { get; }

    /// <summary>Our address: bound, or chosen when it was connected.</summary>
    protected IpAddress LocalAddress { get; private set; }

    /// <summary>Our port; 0: none.</summary>
    protected abstract ushort LocalPort { get; }

    /// <summary>The peer, when <see cref="IsConnected"/>.</summary>
    protected IpAddress RemoteAddress { get; private set; }

    protected ushort RemotePort { get; private set; }

    protected int RemoteScope { get; private set; }

    protected bool IsConnected { get; private set; }

    protected bool IsClosed { get; private set; }

    private IpAddress AnyAddress => Domain == SocketDomain.AF_INET ? IpAddress.IPv4Any : IpAddress.Any;

    /// <inheritdoc/>
    public override Errno Bind(in SockAddr address)
    {
        using (Net.Enter())
        {
            if (IsClosed)
            {
                return Errno.EBADF;
            }

            Errno error = CheckBind(address);
            if (error != Errno.None)
            {
                return error;
            }

            IpAddress before = LocalAddress;
            int interfaceBefore = Options.Interface;
            LocalAddress = _boundAddress = address.Address.IsUnspecified && !address.Address.IsIPv4 ? AnyAddress : address.Address;
            if (address.Scope != 0 && address.Address.NeedsScope)
            {
                Options.Interface = address.Scope; // as Linux
            }

            error = TakeName(address.Port, isExplicit: true);
            if (error != Errno.None)
            {
                LocalAddress = _boundAddress = before;
                Options.Interface = interfaceBefore;
            }

            return error;
        }
    }

    /// <inheritdoc/>
    public override Errno Connect(in SockAddr address)
    {
        using (Net.Enter())
        {
            if (IsClosed)
            {
                return Errno.EBADF;
            }

            if (address.Family == SocketDomain.AF_UNSPEC)
            {
                Disconnect();
                return Errno.None;
            }

            Errno error = Autobind();
            IpAddress remote = default;
            int scope = 0;
            error = error == Errno.None ? ReadPeer(address, isConnecting: true, out remote, out scope) : error;
            Destination? destination = null;
            error = error == Errno.None ? FindRoute(remote, scope, default, MessageFlags.None, out destination) : error;
            if (error != Errno.None)
            {
                return error;
            }

            IsConnected = true;
            RemoteAddress = remote;
            RemotePort = address.Port;
            RemoteScope = scope;
            LocalAddress = LocalAddress.IsUnspecified ? destination!.Source : LocalAddress;
            NameChanged();
            return Errno.None;
        }
    }

    /// <inheritdoc/>
    public override Errno Shutdown(SocketShutdown how)
    {
        using (Net.Enter())
        {
            if (IsClosed)
            {
                return Errno.EBADF;
            }

            // Linux: without a peer it is an error, and done all the same, so that those who wait are woken.
            _receiveShut |= how is SocketShutdown.Receive or SocketShutdown.Both;
            _sendShut |= how is SocketShutdown.Send or SocketShutdown.Both;
            Notify(PollEvents.POLLIN | PollEvents.POLLOUT | PollEvents.POLLRDHUP | PollEvents.POLLHUP);
            return IsConnected ? Errno.None : Errno.ENOTCONN;
        }
    }

    /// <inheritdoc/>
    public override Errno Close()
    {
        using (Net.Enter())
        {
            if (!IsClosed)
            {
                IsClosed = true;
                GiveUpName();
                Queue.Clear();
                _errors.Clear();
                _memberships.LeaveAll();
                Net.ForgetRoom(this);
            }

            return Errno.None;
        }
    }

    /// <inheritdoc/>
    public override PollEvents Poll()
    {
        using (Net.Enter())
        {
            PollEvents events = AwaitsRoomOf is null ? PollEvents.POLLOUT | PollEvents.POLLWRNORM | PollEvents.POLLWRBAND : PollEvents.None;
            if (_pendingError != Errno.None || !_errors.IsEmpty || Net.IsDown)
            {
                events |= PollEvents.POLLERR | (Options.SelectErrorQueue && !_errors.IsEmpty ? PollEvents.POLLPRI : PollEvents.None);
            }

            if (Queue.Count != 0 || _receiveShut || Net.IsDown)
            {
                events |= PollEvents.POLLIN | PollEvents.POLLRDNORM;
            }

            events |= _receiveShut ? PollEvents.POLLRDHUP : PollEvents.None;
            return _receiveShut && _sendShut ? events | PollEvents.POLLHUP : events;
        }
    }

    /// <inheritdoc/>
    public override Errno TakeError()
    {
        using (Net.Enter())
        {
            return TakePendingError();
        }
    }

    /// <inheritdoc/>
    public override Errno GetLocalAddress(out SockAddr address)
    {
        using (Net.Enter())
        {
            address = AddressOf(LocalAddress, LocalPort, Options.Interface);
            return IsClosed ? Errno.EBADF : Errno.None;
        }
    }

    /// <inheritdoc/>
    public override Errno GetRemoteAddress(out SockAddr address)
    {
        using (Net.Enter())
        {
            bool hasPeer = IsConnected && HasPeerName;
            address = hasPeer ? AddressOf(RemoteAddress, RemotePort, RemoteScope) : default;
            return IsClosed ? Errno.EBADF : hasPeer ? Errno.None : Errno.ENOTCONN;
        }
    }

    /// <inheritdoc/>
    public void RoomCame() => Notify(PollEvents.POLLOUT | PollEvents.POLLWRNORM | PollEvents.POLLWRBAND);

    /// <summary>The peer has all that a name needs.</summary>
    protected virtual bool HasPeerName => true;

    /// <summary>Takes a port for <see cref="LocalAddress"/>, or what stands for one.</summary>
    /// <param name="port">Which; 0: any.</param>
    /// <param name="isExplicit">The program asked for it.</param>
    protected abstract Errno TakeName(ushort port, bool isExplicit);

    /// <summary>Has a port, if need be a free one.</summary>
    protected abstract Errno Autobind();

    /// <summary>Our address or the peer's has changed.</summary>
    protected abstract void NameChanged();

    /// <summary>Gives the port back that nobody asked for.</summary>
    protected abstract void GiveUpFreeName();

    /// <summary>Receives nothing any more.</summary>
    protected abstract void GiveUpName();

    /// <summary>The program may bind to a port.</summary>
    protected bool MayBind(ushort port) => port is 0 or >= FirstFreePort || _isSuperuser;

    /// <summary>An address as this socket's family has it.</summary>
    protected SockAddr AddressOf(IpAddress address, ushort port, int scope) => Domain == SocketDomain.AF_INET
        ? SockAddr.Inet(address.IPv4, port)
        : SockAddr.Inet6(address, port, address.NeedsScope ? scope : 0);

    /// <summary>Whether it may have an address, in all but the port.</summary>
    private Errno CheckBind(in SockAddr address)
    {
        IpAddress own = address.Address;
        if (address.Family != Domain)
        {
            return Errno.EAFNOSUPPORT;
        }

        if (IsConnected || IsNamed || (Domain == SocketDomain.AF_INET6 && own.IsIPv4 && Options.OnlyIPv6))
        {
            return Errno.EINVAL;
        }

        if (!own.IsIPv4 && own.NeedsScope)
        {
            int scope = address.Scope != 0 ? address.Scope : Options.Interface;
            if (scope == 0)
            {
                return Errno.EINVAL;
            }

            if (Net.FindInterface(scope) is null)
            {
                return Errno.ENODEV;
            }
        }

        bool mayHave = own.IsUnspecified || own.IsMulticast || Ip.IsOwn(own) || Options.FreeBind || Array.Exists(Net.Interfaces, network => network.IsBroadcast(own));
        return !mayHave ? Errno.EADDRNOTAVAIL : MayBind(address.Port) ? Errno.None : Errno.EACCES;
    }

    /// <summary>It was bound.</summary>
    protected virtual bool IsNamed => LocalPort != 0;

    private void Disconnect()
    {
        if (!IsConnected)
        {
            return;
        }

        IsConnected = false;
        RemoteAddress = default;
        RemotePort = 0;
        RemoteScope = 0;
        LocalAddress = _boundAddress;
        GiveUpFreeName();
        NameChanged();
    }
}
