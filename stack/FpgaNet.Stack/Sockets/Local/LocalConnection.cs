using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Stack.Sockets.Local;

/// <summary>Local sockets with connections: SOCK_STREAM and SOCK_SEQPACKET (unix(7)). A connection is complete at once; the accepting side takes it when it likes.</summary>
internal abstract class LocalConnection : LocalSocket
{
    private const int MaximumBacklog = 4096; // net.core.somaxconn

    private Queue<LocalConnection>? _pending; // null: it does not listen
    private int _backlog;
    private LocalConnection? _listener; // that it waits to be accepted from

    protected LocalConnection(LocalDomain domain, SocketKind kind, Credentials credentials)
        : base(domain, kind, credentials)
    {
    }

    /// <inheritdoc/>
    public override bool HoldsRights => base.HoldsRights || (_pending is { } pending && pending.Any(static connection => connection.HoldsRights));

    /// <inheritdoc/>
    public override LocalSocket Holder => _listener ?? this;

    /// <inheritdoc/>
    protected override bool IsListening => _pending is not null;

    /// <summary>It has or had a connection.</summary>
    protected bool IsConnected { get; private set; }

    /// <inheritdoc/>
    public override Errno Listen(int backlog)
    {
        using (Domain.Enter())
        {
            if (IsClosed)
            {
                return Errno.EBADF;
            }

            if (Name is null || IsConnected)
            {
                return Errno.EINVAL;
            }

            _pending ??= new Queue<LocalConnection>();
            _backlog = (int)Math.Min((uint)backlog, MaximumBacklog);
            PeerCredentials = Credentials; // whom a client's SO_PEERCRED names (unix(7))
            WakeWaiting();
            return Errno.None;
        }
    }

    /// <inheritdoc/>
    public override Errno Connect(in SockAddr address)
    {
        using (Domain.Enter())
        {
            if (IsClosed)
            {
                return Errno.EBADF;
            }

            Errno error = FindTarget(address, out LocalSocket? found);
            if (error != Errno.None)
            {
                return error;
            }

            if (found is not LocalConnection { IsListening: true, ReceiveShut: false } target)
            {
                return Errno.ECONNREFUSED;
            }

            if (target.IsFullFor(this))
            {
                WaitFor(target);
                return Errno.EAGAIN;
            }

            if (IsConnected || IsListening)
            {
                return IsConnected ? Errno.EISCONN : Errno.EINVAL;
            }

            LocalConnection accepted = Make();
            accepted.Name = target.Name;
            accepted.PassesCredentials = target.PassesCredentials;
            accepted._listener = target;
            Join(accepted);
            PeerCredentials = target.Credentials;
            target._pending!.Enqueue(accepted);
            target.Notify(Readable);
            return Errno.None;
        }
    }

    /// <inheritdoc/>
    public override Errno Accept(out SocketImplementation? accepted, out SockAddr peer)
    {
        accepted = null;
        peer = default;
        using (Domain.Enter())
        {
            if (IsClosed)
            {
                return Errno.EBADF;
            }

            if (_pending is null)
            {
                return Errno.EINVAL;
            }

            if (!_pending.TryDequeue(out LocalConnection? connection))
            {
                return ReceiveShut ? Errno.EINVAL : Errno.EAGAIN;
            }

            connection._listener = null;
            WakeWaiting();
            peer = connection.Peer!.Name?.Address ?? new SockAddr { Family = SocketDomain.AF_LOCAL };
            accepted = connection;
            return Errno.None;
        }
    }

    /// <inheritdoc/>
    public override PollEvents Poll()
    {
        using (Domain.Enter())
        {
            if (!IsConnected && !IsListening && WaitsInVain())
            {
                return PollEvents.None; // a connect() waits for room in the backlog
            }

            PollEvents events = Error != Errno.None ? PollEvents.POLLERR : PollEvents.None;
            events |= ReceiveShut ? Readable | PollEvents.POLLRDHUP : PollEvents.None;
            events |= (ReceiveShut && SendShut) || !(IsConnected || IsListening) ? PollEvents.POLLHUP : PollEvents.None;
            events |= Inbox.Count > 0 || _pending is { Count: > 0 } ? Readable : PollEvents.None;
            return events | (IsListening || !(IsWritable || SendShut) ? PollEvents.None : Writable);
        }
    }

    /// <summary>Connects two that are new (socketpair(2)), or a new one with one that is accepted.</summary>
    public void Join(LocalConnection other)
    {
        (Peer, other.Peer) = (other, this);
        IsConnected = other.IsConnected = true;
        PeerCredentials = other.Credentials;
        other.PeerCredentials = Credentials;
    }

    /// <inheritdoc/>
    public override void ForEachRight(Action<LocalSocket> action)
    {
        base.ForEachRight(action);
        foreach (LocalConnection connection in _pending ?? [])
        {
            connection.ForEachRight(action);
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        base.Flush();
        foreach (LocalConnection connection in _pending ?? [])
        {
            connection.Flush();
        }
    }

    /// <summary>One more of its kind.</summary>
    protected abstract LocalConnection Make();

    /// <inheritdoc/>
    protected override bool IsFullFor(LocalSocket sender) => !IsClosed && !ReceiveShut && _pending?.Count > _backlog; // one more than was said, as Linux

    /// <inheritdoc/>
    protected override void Shut(bool receive, bool send)
    {
        base.Shut(receive, send);
        if (Peer is LocalConnection { IsClosed: false } peer && peer.Peer == this)
        {
            peer.ShutByPeer(send, receive);
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        bool isUnread = Inbox.Count > 0;
        base.End();
        if (Peer is LocalConnection { IsClosed: false } peer && peer.Peer == this)
        {
            if (isUnread)
            {
                peer.Error = Errno.ECONNRESET;
                peer.Notify(PollEvents.POLLERR);
            }

            peer.ShutByPeer(receive: true, send: true);
        }

        while (_pending is not null && _pending.TryDequeue(out LocalConnection? connection))
        {
            // Nobody will accept it: the client is reset (as Linux).
            ((LocalConnection)connection.Peer!).Error = Errno.ECONNRESET;
            connection.End();
        }
    }

    private void ShutByPeer(bool receive, bool send) => base.Shut(receive, send);
}
