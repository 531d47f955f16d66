using System.Net.Sockets;
using FpgaNet.Packets.Buffers;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Kernel;

/// <summary>
/// A socket as a kernel has it (FreeBSD socket(9)): the <c>so…</c> calls, without descriptors. Errors are returned, never thrown. A call waits unless the socket is
/// <see cref="IsNonBlocking"/> or MSG_DONTWAIT is given; what it waits for is woken by <see cref="Close"/> too (EBADF). Any number of threads may use one socket.
/// </summary>
public sealed partial class KernelSocket : ISocketOwner, IPolledDescription
{
    private volatile SocketImplementation _implementation;
    private volatile bool _isClosed;
    private int _references = 1;

    /// <summary>Wraps an implementation that is made already; <see cref="SocketProvider.Create"/> makes one.</summary>
    /// <param name="system">The host that it belongs to.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="implementation">What stands behind it.</param>
    public KernelSocket(ISocketSystem system, in SocketRequest request, SocketImplementation implementation)
    {
        ArgumentNullException.ThrowIfNull(implementation);
        ArgumentNullException.ThrowIfNull(system);
        System = system;
        Request = request;
        _implementation = implementation;
        implementation.Owner = this;
        system.Opened();
    }

    /// <summary>The host that it belongs to.</summary>
    public ISocketSystem System { get; }

    /// <summary>What was asked for when it was made: domain, type, protocol, and by whom.</summary>
    public SocketRequest Request { get; }

    /// <summary>What stands behind it. A dispatcher replaces itself here on first use; waiters stay.</summary>
    public SocketImplementation Implementation
    {
        get => _implementation;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            value.Owner = this;
            _implementation = value;
            Notify(PollEvents.POLLIN | PollEvents.POLLOUT);
        }
    }

    /// <summary>Who waits.</summary>
    public WaitQueue Waiters { get; } = new();

    /// <summary>No call waits (SS_NBIO; FIONBIO, O_NONBLOCK).</summary>
    public bool IsNonBlocking { get; set; }

    /// <summary>It was closed.</summary>
    public bool IsClosed => _isClosed;

    /// <inheritdoc/>
    public int References => Volatile.Read(ref _references);

    /// <summary>Most time that a receiving call waits (SO_RCVTIMEO); infinite: no limit.</summary>
    public TimeSpan ReceiveTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>Most time that a sending call waits (SO_SNDTIMEO); infinite: no limit.</summary>
    public TimeSpan SendTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>sobind.</summary>
    /// <param name="address">Our address.</param>
    public Errno Bind(in SockAddr address) => _isClosed ? Errno.EBADF : _implementation.Bind(address);

    /// <summary>solisten.</summary>
    /// <param name="backlog">Connections that may wait to be accepted.</param>
    public Errno Listen(int backlog) => _isClosed ? Errno.EBADF : _implementation.Listen(backlog);

    /// <summary>soconnect; waits until it is decided.</summary>
    /// <param name="address">The peer.</param>
    /// <returns>EINPROGRESS: without waiting, or once <see cref="SendTimeout"/> is over; it goes on.</returns>
    public Errno Connect(in SockAddr address) => Connect(address, waits: !IsNonBlocking);

    /// <summary>soconnect, waiting or not whatever the socket is.</summary>
    /// <param name="address">The peer.</param>
    /// <param name="waits">Whether it waits until it is decided.</param>
    public Errno Connect(in SockAddr address, bool waits)
    {
        if (_isClosed)
        {
            return Errno.EBADF;
        }

        // Who may wait waits for a connection that is under way already, too (Linux; connect(2) has EALREADY for who may not).
        Errno error = _implementation.Connect(address);
        long end = 0;
        while (error == Errno.EAGAIN && waits)
        {
            // The peer's backlog is full (unix(7)).
            error = Wait(PollEvents.POLLOUT, SendTimeout, ref end);
            if (error != Errno.None)
            {
                return error;
            }

            error = _implementation.Connect(address);
        }

        if (error is not (Errno.EINPROGRESS or Errno.EALREADY) || !waits)
        {
            return error;
        }

        long until = 0;
        do
        {
            Errno waited = Wait(PollEvents.POLLOUT, SendTimeout, ref until);
            if (waited != Errno.None)
            {
                return waited == Errno.EAGAIN ? Errno.EINPROGRESS : waited;
            }

            error = _implementation.CompleteConnect();
        }
        while (error == Errno.EINPROGRESS);
        return error;
    }

    /// <summary>soaccept; waits for a connection.</summary>
    /// <param name="accepted">Receives it. It is blocking, whatever this socket is (accept(2) on Linux).</param>
    /// <param name="peer">Receives the peer's address.</param>
    public Errno Accept(out KernelSocket? accepted, out SockAddr peer) => Accept(out accepted, out peer, waits: !IsNonBlocking);

    /// <summary>soaccept, waiting or not whatever the socket is.</summary>
    /// <param name="accepted">Receives the connection, blocking.</param>
    /// <param name="peer">Receives the peer's address.</param>
    /// <param name="waits">Whether it waits for one.</param>
    public Errno Accept(out KernelSocket? accepted, out SockAddr peer, bool waits)
    {
        accepted = null;
        peer = default;
        ThreadWaiter? waiter = null;
        long end = 0;
        try
        {
            while (true)
            {
                waiter?.Reset();
                if (HasGone(waiter))
                {
                    return Errno.EBADF;
                }

                if (System.IsFull)
                {
                    return Errno.ENFILE; // the connection stays in the queue
                }

                Errno error = _implementation.Accept(out SocketImplementation? implementation, out peer);
                if (error == Errno.None)
                {
                    accepted = new KernelSocket(System, Request, implementation!) { ReceiveTimeout = ReceiveTimeout, SendTimeout = SendTimeout };
                    return Errno.None;
                }

                if (error == Errno.EAGAIN && waits)
                {
                    error = WaitOnce(ref waiter, ref end, PollEvents.POLLIN, ReceiveTimeout, isExclusive: true);
                }

                if (error != Errno.None)
                {
                    return error;
                }
            }
        }
        finally
        {
            Leave(waiter);
        }
    }

    /// <summary>sosend; waits until all is taken.</summary>
    /// <param name="message">The message.</param>
    /// <param name="sent">Receives the bytes taken; what is left of the message is the residual count of the manual.</param>
    /// <returns>An error only when nothing was taken.</returns>
    public Errno Send(ref MessageOut message, out int sent)
    {
        sent = 0;
        bool waits = !IsNonBlocking && (message.Flags & MessageFlags.MSG_DONTWAIT) == MessageFlags.None;
        ThreadWaiter? waiter = null;
        long end = 0;
        try
        {
            while (true)
            {
                waiter?.Reset();
                Errno error = Errno.EBADF;
                int taken = 0;
                if (!HasGone(waiter))
                {
                    message.Progress = sent;
                    error = _implementation.Send(ref message, out taken);
                }

                sent += taken;
                if (error == Errno.None && (taken == message.Data.Length || !waits))
                {
                    return Errno.None;
                }

                if (error is Errno.None or Errno.EAGAIN or Errno.EINPROGRESS && waits)
                {
                    message.Flags &= ~MessageFlags.MSG_FASTOPEN; // it has connected (EINPROGRESS: without data)
                    message.Data = message.Data.Slice(taken);
                    error = WaitOnce(ref waiter, ref end, PollEvents.POLLOUT, SendTimeout, isExclusive: false);
                    if (error == Errno.None && (sent == 0 || !HasPendingError))
                    {
                        continue;
                    }
                }

                return sent > 0 ? Errno.None : error;
            }
        }
        finally
        {
            Leave(waiter);
        }
    }

    /// <summary>sosend with a chain of buffers that are handed over. Does not wait.</summary>
    /// <param name="chain">The buffers. The references of those taken are the socket's; the rest stays the caller's.</param>
    /// <param name="flags">How.</param>
    /// <param name="taken">Receives how many were taken.</param>
    /// <returns>EOPNOTSUPP: this kind copies; send the bytes.</returns>
    public Errno Send(ReadOnlySpan<BufferSlice> chain, MessageFlags flags, out int taken)
    {
        taken = 0;
        return _isClosed ? Errno.EBADF : _implementation.Send(chain, flags, out taken);
    }

    /// <summary>soreceive into a chain of buffers that the caller owns afterwards. Does not wait.</summary>
    /// <param name="chain">Receives them.</param>
    /// <param name="flags">How.</param>
    /// <param name="count">Receives how many.</param>
    /// <returns>EOPNOTSUPP: this kind copies; receive the bytes.</returns>
    public Errno Receive(Span<BufferSlice> chain, MessageFlags flags, out int count)
    {
        count = 0;
        return _isClosed ? Errno.EBADF : _implementation.Receive(chain, flags, out count);
    }

    /// <summary>soupcall_set: calls back when the socket becomes ready, and once at once when it is already.</summary>
    /// <param name="interest">For what; errors, hang-up and closing are told always.</param>
    /// <param name="call">The callback, on the thread pool. It may call the socket.</param>
    /// <returns>Disposing it ends the callbacks.</returns>
    public SocketUpcall SetUpcall(PollEvents interest, Action<KernelSocket> call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return new SocketUpcall(this, interest, call);
    }

    /// <summary>soshutdown.</summary>
    /// <param name="how">Which direction.</param>
    public Errno Shutdown(SocketShutdown how) => _isClosed ? Errno.EBADF : _implementation.Shutdown(how);

    /// <summary>sopoll: what would not wait now.</summary>
    public PollEvents Poll() => _isClosed ? PollEvents.POLLNVAL : _implementation.Poll();

    /// <summary>Our address.</summary>
    /// <param name="address">Receives it.</param>
    public Errno GetLocalAddress(out SockAddr address)
    {
        address = default;
        return _isClosed ? Errno.EBADF : _implementation.GetLocalAddress(out address);
    }

    /// <summary>The peer's address.</summary>
    /// <param name="address">Receives it.</param>
    /// <returns>ENOTCONN: there is no peer.</returns>
    public Errno GetRemoteAddress(out SockAddr address)
    {
        address = default;
        return _isClosed ? Errno.EBADF : _implementation.GetRemoteAddress(out address);
    }

    /// <summary>Carries out a request (soo_ioctl).</summary>
    /// <param name="request">Such as FIONREAD; of the host's interfaces such as SIOCGIFADDR (<see cref="ISocketSystem.Control"/>).</param>
    /// <param name="argument">What it reads and writes, as in C.</param>
    public Errno Control(int request, Span<byte> argument)
    {
        if (_isClosed)
        {
            return Errno.EBADF;
        }

        Errno error = System.Control(request, argument);
        return error == Errno.ENOTTY ? _implementation.Control(request, argument) : error;
    }

    /// <summary>soclose, whoever else refers to it (<see cref="Release"/>). Calls that wait end with EBADF. With SO_LINGER it waits until all is acknowledged or the time is up, even if it is
    /// <see cref="IsNonBlocking"/> (Linux; POSIX.1-2017 close() leaves that open).</summary>
    public Errno Close()
    {
        lock (Waiters)
        {
            if (_isClosed)
            {
                return Errno.EBADF;
            }

            _isClosed = true;
        }

        System.Closed();
        Errno error = _implementation.Close();
        Notify(PollEvents.POLLNVAL);
        return error == Errno.EAGAIN ? Linger() : error;
    }

    /// <inheritdoc/>
    public bool TryAddReference()
    {
        int references = Volatile.Read(ref _references);
        while (references > 0)
        {
            int found = Interlocked.CompareExchange(ref _references, references + 1, references);
            if (found == references)
            {
                return true;
            }

            references = found;
        }

        return false;
    }

    /// <inheritdoc/>
    public Errno Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            return Close();
        }

        _implementation.ReferenceGone();
        return Errno.None;
    }

    /// <inheritdoc/>
    public void Notify(PollEvents events) => Waiters.Notify(events);

    /// <summary>Sleeps until the socket is ready.</summary>
    /// <param name="interest">For what.</param>
    /// <param name="timeout">How long at most.</param>
    /// <returns>EAGAIN: the time is up; EBADF: the socket was closed; EINTR.</returns>
    public Errno Wait(PollEvents interest, TimeSpan timeout)
    {
        long end = 0;
        return Wait(interest, timeout, ref end);
    }

    /// <summary>As the other; for a call that may wait several times, whose time-out counts once.</summary>
    /// <param name="interest">For what.</param>
    /// <param name="timeout">How long at most, from the first wait on.</param>
    /// <param name="end">When that is; 0 before the first wait.</param>
    private Errno Wait(PollEvents interest, TimeSpan timeout, ref long end)
    {
        if (end == 0)
        {
            end = EndOf(timeout);
        }

        ThreadWaiter waiter = ThreadWaiter.Current;
        waiter.Interest = interest;
        waiter.IsExclusive = false;
        Waiters.Add(waiter);
        try
        {
            while (true)
            {
                waiter.Reset();
                if (_isClosed || waiter.HasLost(this))
                {
                    return Errno.EBADF;
                }

                if ((_implementation.Poll() & (interest | WaitQueue.Always)) != PollEvents.None)
                {
                    return Errno.None;
                }

                Errno error = waiter.Wait(TimeUntil(end));
                if (error != Errno.None)
                {
                    return error;
                }
            }
        }
        finally
        {
            Waiters.Remove(waiter);
        }
    }

    // An error that comes after part of the data is for the next call (POSIX.1-2017 send(), recv(): the count first).
    private bool HasPendingError => (_implementation.Poll() & PollEvents.POLLERR) != PollEvents.None;

    private Errno Linger()
    {
        ThreadWaiter waiter = ThreadWaiter.Current;
        waiter.Interest = PollEvents.POLLOUT;
        waiter.IsExclusive = false;
        Waiters.Add(waiter);
        try
        {
            while (true)
            {
                waiter.Reset();
                Errno error = _implementation.Close();
                if (error != Errno.EAGAIN)
                {
                    return error;
                }

                error = waiter.Wait(Timeout.InfiniteTimeSpan);
                if (error != Errno.None)
                {
                    return error;
                }
            }
        }
        finally
        {
            Waiters.Remove(waiter);
        }
    }
}
