using System.Net.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Stack.Sockets.Local;

/// <summary>What all sockets of the local family have (unix(7)): a name, a peer, a queue, and what they are charged for. Guarded by the lock of <see cref="LocalDomain"/>.</summary>
internal abstract partial class LocalSocket : SocketImplementation
{
    protected const PollEvents Readable = PollEvents.POLLIN | PollEvents.POLLRDNORM;
    protected const PollEvents Writable = PollEvents.POLLOUT | PollEvents.POLLWRNORM | PollEvents.POLLWRBAND;

    private const int MessageCost = 256; // what a message costs besides its bytes, so that empty ones are not free of charge

    private readonly HashSet<LocalSocket> _waiting = []; // who waits for room here
    private readonly List<LocalSocket> _awaited = []; // at whom this one is among them
    private LocalSocket? _waitsFor; // the last of them
    private int _charged;

    protected LocalSocket(LocalDomain domain, SocketKind kind, Credentials credentials)
    {
        Domain = domain;
        Kind = kind;
        Credentials = credentials;
    }

    /// <summary>What it shares with all others.</summary>
    public LocalDomain Domain { get; }

    /// <summary>Its type.</summary>
    public SocketKind Kind { get; }

    /// <summary>Who made it.</summary>
    public Credentials Credentials { get; }

    /// <summary>Its name; null: none.</summary>
    public LocalName? Name { get; protected set; }

    /// <summary>Its peer. That may be closed already.</summary>
    public LocalSocket? Peer { get; protected set; }

    /// <summary>It is closed.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>It receives no more.</summary>
    public bool ReceiveShut { get; protected set; }

    /// <summary>What waits to be received.</summary>
    protected LocalMessageQueue Inbox { get; } = new();

    /// <summary>It sends no more.</summary>
    protected bool SendShut { get; set; }

    /// <summary>What the next call that asks is told.</summary>
    protected Errno Error { get; set; }

    /// <summary>There is room for a further message, however long (as Linux: the limit may be passed by one).</summary>
    protected bool HasRoom => _charged < SendBuffer;

    /// <summary>Bytes of a stream that there is room for.</summary>
    protected int Room => Math.Max(1, SendBuffer - _charged - MessageCost);

    /// <summary>It is worth while to send: a quarter of the room is used at most (as Linux).</summary>
    protected bool IsWritable => 4L * _charged <= SendBuffer;

    /// <inheritdoc/>
    public override Errno Bind(in SockAddr address)
    {
        if (address.Family != SocketDomain.AF_LOCAL || address.Path.Length > SockAddr.MaximumPath)
        {
            return Errno.EINVAL;
        }

        using (Domain.Enter())
        {
            if (IsClosed)
            {
                return Errno.EBADF;
            }

            if (address.Path.IsEmpty)
            {
                return Autobind();
            }

            if (Name is not null)
            {
                // Linux makes the path first and finds out then that the socket has a name.
                return !LocalName.IsAbstractName(address) && Domain.Names.Find(address, Kind, Credentials, out _) != Errno.ENOENT ? Errno.EADDRINUSE : Errno.EINVAL;
            }

            Errno error = Domain.Names.Add(address, this, out LocalName? name);
            Name = name;
            return error;
        }
    }

    /// <inheritdoc/>
    public override Errno Close()
    {
        using (Domain.Enter())
        {
            if (!IsClosed)
            {
                End();
            }

            return Errno.None;
        }
    }

    /// <inheritdoc/>
    public override void ReferenceGone()
    {
        using (Domain.Enter())
        {
            Domain.Rights.ReferenceGone(this);
        }
    }

    /// <inheritdoc/>
    public override Errno TakeError()
    {
        using (Domain.Enter())
        {
            return TakeErrorHeld();
        }
    }

    /// <inheritdoc/>
    public override Errno GetLocalAddress(out SockAddr address)
    {
        using (Domain.Enter())
        {
            address = AddressOf(Name);
            return IsClosed ? Errno.EBADF : Errno.None;
        }
    }

    /// <inheritdoc/>
    public override Errno GetRemoteAddress(out SockAddr address)
    {
        using (Domain.Enter())
        {
            address = AddressOf(Peer?.Name);
            return IsClosed ? Errno.EBADF : Peer is null ? Errno.ENOTCONN : Errno.None;
        }
    }

    /// <inheritdoc/>
    public override Errno Shutdown(SocketShutdown how)
    {
        if (how is < SocketShutdown.Receive or > SocketShutdown.Both)
        {
            return Errno.EINVAL;
        }

        using (Domain.Enter())
        {
            if (IsClosed)
            {
                return Errno.EBADF;
            }

            // Linux does not ask whether it is connected.
            Shut(how is SocketShutdown.Receive or SocketShutdown.Both, how is SocketShutdown.Send or SocketShutdown.Both);
            WakeWaiting();
            return Errno.None;
        }
    }

    /// <summary>Ends directions.</summary>
    /// <param name="receive">Receiving.</param>
    /// <param name="send">Sending.</param>
    protected virtual void Shut(bool receive, bool send)
    {
        ReceiveShut |= receive;
        SendShut |= send;
        Notify(Readable | Writable | PollEvents.POLLRDHUP | (ReceiveShut && SendShut ? PollEvents.POLLHUP : PollEvents.None));
    }

    /// <summary>Closes it, with the lock held.</summary>
    protected virtual void End()
    {
        IsClosed = true;
        ReceiveShut = SendShut = true;
        if (Name is { } name && name.Socket == this)
        {
            Domain.Names.Leave(name);
        }

        _awaited.ForEach(target => target._waiting.Remove(this));
        _awaited.Clear();
        WakeWaiting();
        Flush();
    }

    /// <summary>The pending error, which is cleared by this.</summary>
    protected Errno TakeErrorHeld()
    {
        Errno error = Error;
        Error = Errno.None;
        return error;
    }

    /// <summary>Takes a free abstract name when it has none (unix(7)).</summary>
    protected Errno Autobind()
    {
        if (Name is not null)
        {
            return Errno.None;
        }

        Errno error = Domain.Names.AddAny(this, out LocalName? name);
        Name = name;
        return error;
    }

    /// <summary>Finds the socket to connect or to send to.</summary>
    /// <param name="address">Its name.</param>
    /// <param name="target">Receives it.</param>
    /// <returns>EINVAL: no name; else as <see cref="LocalNameSpace.Find"/>.</returns>
    protected Errno FindTarget(in SockAddr address, out LocalSocket? target)
    {
        target = null;
        if (address.Family != SocketDomain.AF_LOCAL || address.Path.IsEmpty || address.Path.Length > SockAddr.MaximumPath)
        {
            return Errno.EINVAL;
        }

        // Who wants to be told who sends is told by name too (unix(7), autobind feature).
        Errno error = PassesCredentials ? Autobind() : Errno.None;
        return error == Errno.None ? Domain.Names.Find(address, Kind, Credentials, out target) : error;
    }

    /// <summary>Whether a sender or a connection has to wait for room here.</summary>
    /// <param name="sender">Who asks.</param>
    protected virtual bool IsFullFor(LocalSocket sender) => false;

    /// <summary>Notes that this socket waits for room at another, and is to be told.</summary>
    protected void WaitFor(LocalSocket target)
    {
        _waitsFor = target;
        if (target._waiting.Add(this))
        {
            _awaited.Add(target);
        }
    }

    /// <summary>Whether there is still no room where the last call found none. So <see cref="SocketImplementation.Poll"/> says what the next call will do.</summary>
    protected bool WaitsInVain()
    {
        if (_waitsFor is not { } target || !target.IsFullFor(this))
        {
            _waitsFor = null;
            return false;
        }

        WaitFor(target);
        return true;
    }

    /// <summary>Tells all that wait for room here that there is some, or never will be.</summary>
    protected void WakeWaiting()
    {
        foreach (LocalSocket sender in _waiting)
        {
            sender._awaited.Remove(this);
            sender.Notify(Writable);
        }

        _waiting.Clear();
    }

    /// <summary>A message from this socket, charged to it.</summary>
    /// <param name="capacity">Least room in it.</param>
    /// <param name="claimed">Who it says it is.</param>
    /// <param name="receiver">Who will receive it.</param>
    protected LocalMessage Rent(int capacity, Credentials? claimed, LocalSocket receiver)
    {
        LocalMessage message = Domain.Messages.Rent(capacity);
        message.Sender = this;
        message.From = Name;
        message.Credentials = CredentialsFor(claimed, receiver);
        Charge(message, MessageCost);
        return message;
    }

    /// <summary>Who a message is from. Nobody, unless one of both asked for it or the sender said it (as Linux, where that is a question of cost).</summary>
    protected Credentials CredentialsFor(Credentials? claimed, LocalSocket receiver) =>
        claimed ?? (PassesCredentials || receiver.PassesCredentials ? Credentials : new Credentials(0, Nobody, Nobody));

    /// <summary>Charges this socket for more bytes in a message.</summary>
    protected void Charge(LocalMessage message, int cost)
    {
        message.Charge += cost;
        _charged += cost;
    }

    /// <summary>A message comes.</summary>
    protected void Enqueue(LocalMessage message)
    {
        Inbox.Enqueue(message);
        if (message.Rights is not null)
        {
            Domain.Rights.Add(message, this);
        }

        Notify(Readable);
    }

    /// <summary>The oldest message goes: it was received, and its rights were taken.</summary>
    protected void Dequeue()
    {
        LocalMessage message = Inbox.Dequeue()!;
        LocalSocket sender = message.Sender!;
        sender._charged -= message.Charge;
        Domain.Messages.Return(message);
        if (!sender.IsClosed && sender.IsWritable)
        {
            sender.Notify(Writable);
        }

        if (_waiting.Count > 0)
        {
            WakeWaiting();
        }
    }

    /// <summary>Takes a message's rights out; the references go over to the caller.</summary>
    protected IOpenDescription[]? TakeRights(LocalMessage message)
    {
        IOpenDescription[]? rights = message.Rights;
        if (rights is not null)
        {
            Domain.Rights.Remove(message, this);
            message.Rights = null;
        }

        return rights;
    }

    /// <summary>Bytes charged (SIOCOUTQ).</summary>
    protected int Charged => _charged;

    private static SockAddr AddressOf(LocalName? name) => name?.Address ?? new SockAddr { Family = SocketDomain.AF_LOCAL };
}
