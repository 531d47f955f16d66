using System.Net.Sockets;
using System.Text;
using FpgaNet.Packets.Buffers;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Proxy;

/// <summary>A stream that connects through a SOCKS5 proxy (Zephyr's SO_SOCKS5): connect() is done when the proxy says that it is.</summary>
internal sealed class Socks5Stream : SocketFilter
{
    private const int LongestCredential = byte.MaxValue; // RFC 1929 §2: a length of one byte

    private readonly Lock _gate = new();
    private SockAddr _proxy;
    private string _credentials = "";
    private SockAddr _destination;
    private Socks5Dialogue? _dialogue;
    private Errno _error;
    private volatile State _state;

    private Socks5Stream(SocketImplementation inner)
        : base(inner)
    {
    }

    private enum State
    {
        Idle,
        Connecting,
        Talking,
        Open,
        Failed,
    }

    /// <inheritdoc/>
    protected override bool NeedsAdvance => IsBusy;

    /// <inheritdoc/>
    protected override bool HidesInner => IsBusy;

    private bool IsBusy => _state is State.Connecting or State.Talking;

    /// <summary>Sets SO_SOCKS5 on a socket whose implementation does not know it: any stream of the Internet's can go through a proxy; one that needs it further below takes the option itself.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="name">SO_SOCKS5 or SO_SOCKS5_USER.</param>
    /// <param name="value">The option's value.</param>
    public static Errno SetOption(KernelSocket socket, int name, ReadOnlySpan<byte> value)
    {
        if (socket.Request is not { Kind: SocketKind.SOCK_STREAM, Domain: SocketDomain.AF_INET or SocketDomain.AF_INET6 })
        {
            return Errno.EOPNOTSUPP;
        }

        Errno error = Make(socket.Implementation, name, value, out SocketImplementation outer);
        if (error == Errno.None)
        {
            socket.Implementation = outer;
        }

        return error;
    }

    /// <summary>Sets SO_SOCKS5 on a socket that has no proxy yet.</summary>
    /// <param name="inner">The socket.</param>
    /// <param name="name">SO_SOCKS5 or SO_SOCKS5_USER.</param>
    /// <param name="value">The option's value.</param>
    /// <param name="outer">Receives the socket with a proxy.</param>
    public static Errno Make(SocketImplementation inner, int name, ReadOnlySpan<byte> value, out SocketImplementation outer)
    {
        outer = inner;
        ISocketOwner? owner = inner.Owner;
        Socks5Stream made = new(inner);
        Errno error = made.SetOption(SOL_SOCKET, name, value);
        if (error != Errno.None)
        {
            inner.Owner = owner;
            return error;
        }

        outer = made;
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Connect(in SockAddr address)
    {
        lock (_gate)
        {
            if (_proxy.Family == SocketDomain.AF_UNSPEC)
            {
                return Inner.Connect(address);
            }

            if (_state != State.Idle)
            {
                return IsBusy ? Errno.EALREADY : Errno.EISCONN;
            }

            if (address.Family is not (SocketDomain.AF_INET or SocketDomain.AF_INET6))
            {
                return Errno.EAFNOSUPPORT;
            }

            _state = State.Connecting; // before the inner socket can notify
            Errno error = Inner.Connect(_proxy);
            if (error is not (Errno.None or Errno.EINPROGRESS))
            {
                _state = State.Idle;
                return error;
            }

            _destination = address;
            _dialogue = new Socks5Dialogue(address, _credentials);
        }

        Notify(Advance());
        return Errno.EINPROGRESS; // also when it is decided already: SO_ERROR tells how
    }

    /// <inheritdoc/>
    public override Errno Send(ref MessageOut message, out int sent)
    {
        sent = 0;
        return Refuses(Errno.EPIPE) is { } error ? error : Inner.Send(ref message, out sent);
    }

    /// <inheritdoc/>
    public override Errno Receive(ref MessageIn message, out int received)
    {
        received = 0;
        return Refuses(Errno.None) is { } error ? error : Inner.Receive(ref message, out received);
    }

    /// <inheritdoc/>
    public override Errno Send(ReadOnlySpan<BufferSlice> chain, MessageFlags flags, out int taken)
    {
        taken = 0;
        return Refuses(Errno.EPIPE) is { } error ? error : Inner.Send(chain, flags, out taken);
    }

    /// <inheritdoc/>
    public override Errno Receive(Span<BufferSlice> chain, MessageFlags flags, out int count)
    {
        count = 0;
        return Refuses(Errno.None) is { } error ? error : Inner.Receive(chain, flags, out count);
    }

    /// <inheritdoc/>
    public override Errno Shutdown(SocketShutdown how) => _state is State.Idle or State.Open ? Inner.Shutdown(how) : Errno.ENOTCONN;

    /// <inheritdoc/>
    public override PollEvents Poll()
    {
        lock (_gate)
        {
            return _state switch
            {
                State.Connecting or State.Talking => PollEvents.None,
                State.Failed => PollEvents.POLLIN | PollEvents.POLLOUT | PollEvents.POLLHUP | PollEvents.POLLRDHUP | (_error != Errno.None ? PollEvents.POLLERR : PollEvents.None),
                _ => Inner.Poll(),
            };
        }
    }

    /// <inheritdoc/>
    public override Errno CompleteConnect()
    {
        lock (_gate)
        {
            return _proxy.Family == SocketDomain.AF_UNSPEC ? Inner.CompleteConnect() : IsBusy ? Errno.EINPROGRESS : TakeError();
        }
    }

    /// <inheritdoc/>
    public override Errno TakeError()
    {
        lock (_gate)
        {
            if (_state != State.Failed)
            {
                return IsBusy ? Errno.None : Inner.TakeError();
            }

            (Errno error, _error) = (_error, Errno.None);
            return error;
        }
    }

    /// <inheritdoc/>
    public override Errno GetRemoteAddress(out SockAddr address)
    {
        address = _destination;
        return _state switch
        {
            State.Idle => Inner.GetRemoteAddress(out address),
            State.Open => Inner.GetRemoteAddress(out _), // not connected any more is the inner socket's to say
            _ => Errno.ENOTCONN,
        };
    }

    /// <inheritdoc/>
    public override Errno SetOption(int level, int name, ReadOnlySpan<byte> value)
    {
        if (level != SOL_SOCKET || name is not (SO_SOCKS5 or SO_SOCKS5_USER))
        {
            return base.SetOption(level, name, value);
        }

        lock (_gate)
        {
            if (_state != State.Idle)
            {
                return Errno.EISCONN;
            }

            if (name == SO_SOCKS5_USER)
            {
                string credentials = Encoding.UTF8.GetString(value.TrimEnd((byte)0));
                int colon = credentials.IndexOf(':', StringComparison.Ordinal);
                bool fits = colon > 0 && Encoding.UTF8.GetByteCount(credentials.AsSpan(0, colon)) <= LongestCredential && Encoding.UTF8.GetByteCount(credentials.AsSpan(colon + 1)) <= LongestCredential;
                _credentials = fits ? credentials : _credentials;
                return fits ? Errno.None : Errno.EINVAL;
            }

            Errno error = SockAddr.TryRead(value, out SockAddr proxy);
            if (error == Errno.None && proxy.Family is not (SocketDomain.AF_INET or SocketDomain.AF_INET6))
            {
                error = Errno.EAFNOSUPPORT;
            }

            _proxy = error == Errno.None ? proxy : _proxy;
            return error;
        }
    }

    /// <inheritdoc/>
    public override Errno GetOption(int level, int name, Span<byte> value, out int length)
    {
        if (level != SOL_SOCKET || name != SO_SOCKS5)
        {
            return base.GetOption(level, name, value, out length);
        }

        lock (_gate)
        {
            length = Math.Min(value.Length, _proxy.Write(value));
            return Errno.None;
        }
    }

    /// <inheritdoc/>
    protected override PollEvents Advance()
    {
        lock (_gate)
        {
            if (_state == State.Connecting && (Inner.Poll() & (PollEvents.POLLOUT | WaitQueue.Always)) != PollEvents.None)
            {
                Errno error = Inner.CompleteConnect();
                if (error != Errno.None)
                {
                    return error == Errno.EINPROGRESS ? PollEvents.None : Fail(error);
                }

                _state = State.Talking;
            }

            return _state == State.Talking ? Talk() : PollEvents.None;
        }
    }

    private PollEvents Talk()
    {
        Socks5Dialogue dialogue = _dialogue!;
        while (true)
        {
            Errno error;
            while (!dialogue.ToSend.IsEmpty)
            {
                MessageOut message = new() { Data = new GatherList(dialogue.ToSend.Span), Flags = MessageFlags.MSG_NOSIGNAL };
                error = Inner.Send(ref message, out int sent);
                if (error != Errno.None)
                {
                    return error == Errno.EAGAIN ? PollEvents.None : Fail(error);
                }

                dialogue.ToSend = dialogue.ToSend[sent..];
            }

            MessageIn answer = new() { Data = new ScatterList(dialogue.ToReceive) };
            error = Inner.Receive(ref answer, out int received);
            if (error != Errno.None)
            {
                return error == Errno.EAGAIN ? PollEvents.None : Fail(error);
            }

            error = received == 0 ? Errno.ECONNABORTED : dialogue.Received(received); // it hung up in the middle
            if (error != Errno.None)
            {
                return Fail(error);
            }

            if (dialogue.IsDone)
            {
                _dialogue = null;
                _state = State.Open;
                return Inner.Poll() | PollEvents.POLLOUT;
            }
        }
    }

    private PollEvents Fail(Errno error)
    {
        _error = error;
        _dialogue = null;
        _state = State.Failed;
        Inner.Shutdown(SocketShutdown.Both); // the proxy is of no more use
        return PollEvents.POLLERR | PollEvents.POLLHUP | PollEvents.POLLIN | PollEvents.POLLOUT;
    }

    private Errno? Refuses(Errno afterwards) => _state switch
    {
        State.Connecting or State.Talking => Errno.EAGAIN,
        State.Failed => TakeError() is var error && error != Errno.None ? error : afterwards,
        _ => null,
    };
}
