using FpgaNet.Packets.Buffers;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Stack.Sockets.Proxy;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Secure;

/// <summary>What a secure socket does.</summary>
internal enum SecureState
{
    /// <summary>Nothing of TLS: not connected, or listening.</summary>
    Idle,

    /// <summary>The inner socket connects.</summary>
    Connecting,

    /// <summary>The handshake is under way.</summary>
    Handshaking,

    /// <summary>Bytes go both ways.</summary>
    Open,

    /// <summary>It failed; <see cref="SecureSocket.Error"/> says why, once.</summary>
    Failed,

    /// <summary>It was closed, and its last bytes have not left yet.</summary>
    Closing,

    /// <summary>It was closed.</summary>
    Closed,
}

/// <summary>What sockets of TLS and DTLS have in common: settings, state, and errors.</summary>
/// <param name="inner">What it stands on.</param>
/// <param name="provider">Who made it, for credentials and sessions.</param>
/// <param name="protocol">IPPROTO_TLS_1_2 and its like.</param>
internal abstract class SecureSocket(SocketImplementation inner, SecureProvider provider, int protocol) : SocketFilter(inner)
{
    private volatile SecureState _state;

    /// <summary>Guards the session: OpenSSL takes one thread at a time.</summary>
    protected Lock Gate { get; } = new();

    protected SecureProvider Provider { get; } = provider;

    protected int Protocol { get; } = protocol;

    protected TlsSettings Settings { get; set; } = new();

    /// <summary>Settings and credentials in use; null: none yet, and options can be set.</summary>
    protected TlsContext? Context { get; set; }

    protected TlsSession? Session { get; set; }

    /// <summary>The pending error.</summary>
    protected Errno Error { get; private set; }

    protected SecureState State
    {
        get => _state;
        set => _state = value;
    }

    /// <inheritdoc/>
    protected override bool HidesInner => _state is SecureState.Connecting or SecureState.Handshaking or SecureState.Closing;

    /// <inheritdoc/>
    public override Errno Send(ReadOnlySpan<BufferSlice> chain, MessageFlags flags, out int taken)
    {
        taken = 0;
        return Errno.EOPNOTSUPP; // bytes are encrypted into buffers of OpenSSL's
    }

    /// <inheritdoc/>
    public override Errno Receive(Span<BufferSlice> chain, MessageFlags flags, out int count)
    {
        count = 0;
        return Errno.EOPNOTSUPP;
    }

    /// <inheritdoc/>
    public override Errno TakeError()
    {
        lock (Gate)
        {
            (Errno error, Error) = (Error, Errno.None);
            return error != Errno.None || _state is not (SecureState.Idle or SecureState.Open) ? error : Inner.TakeError();
        }
    }

    /// <inheritdoc/>
    public override Errno CompleteConnect()
    {
        lock (Gate)
        {
            return _state switch
            {
                SecureState.Idle => Inner.CompleteConnect(),
                SecureState.Connecting or SecureState.Handshaking => Errno.EINPROGRESS,
                SecureState.Open => Errno.None,
                _ => Refuses(Errno.ECONNABORTED)!.Value,
            };
        }
    }

    /// <inheritdoc/>
    public override Errno GetRemoteAddress(out SockAddr address)
    {
        address = default;
        return _state is SecureState.Idle or SecureState.Open ? Inner.GetRemoteAddress(out address) : _state == SecureState.Closed ? Errno.EBADF : Errno.ENOTCONN;
    }

    /// <inheritdoc/>
    public override Errno SetOption(int level, int name, ReadOnlySpan<byte> value)
    {
        lock (Gate)
        {
            switch (level, name)
            {
                case (SOL_TLS, TLS_SESSION_CACHE_PURGE):
                    Provider.Sessions.Purge();
                    return Errno.None;
                case (SOL_TLS, _):
                    return Context is not null ? Errno.EISCONN : Settings.Set(name, value, Protocol == IPPROTO_DTLS_1_2);
                case (SOL_SOCKET, SO_SOCKS5 or SO_SOCKS5_USER) when Inner is not Socks5Stream && Protocol != IPPROTO_DTLS_1_2:
                    Errno error = Socks5Stream.Make(Inner, name, value, out SocketImplementation outer); // the proxy is told in clear whom to connect to
                    Inner = outer;
                    return error;
                default:
                    return Inner.SetOption(level, name, value);
            }
        }
    }

    /// <inheritdoc/>
    public override Errno GetOption(int level, int name, Span<byte> value, out int length)
    {
        length = 0;
        lock (Gate)
        {
            switch (level, name)
            {
                case (SOL_TLS, TLS_CIPHERSUITE_USED):
                    return Session is { CipherSuite: not 0 and var suite } ? OptionValue.Write(value, suite, out length) : Errno.ENOTCONN;
                case (SOL_TLS, TLS_CERT_VERIFY_RESULT):
                    return Session is { VerifyResult: var result } ? OptionValue.Write(value, result, out length) : Errno.ENOTCONN;
                case (SOL_TLS, TLS_SESSION_RESUMED):
                    return Session is { IsResumed: var resumed } ? OptionValue.Write(value, resumed ? 1 : 0, out length) : Errno.ENOTCONN;
                case (SOL_TLS, TLS_ALPN_LIST):
                    return Session is { } session ? OptionValue.Write(value, session.Protocol, out length) : Errno.ENOTCONN;
                case (SOL_TLS, _):
                    return Settings.Get(name, value, out length);
                default:
                    return Inner.GetOption(level, name, value, out length);
            }
        }
    }

    /// <summary>Puts settings and credentials in use.</summary>
    /// <param name="isServer">For which role.</param>
    /// <returns>As <see cref="TlsContext.Make"/>.</returns>
    protected Errno UseContext(bool isServer)
    {
        Errno error = TlsContext.Make(Settings, Provider.Credentials, Protocol, isServer, out TlsContext? context);
        Context = context;
        return error;
    }

    /// <summary>Makes a session.</summary>
    /// <param name="peer">The peer.</param>
    /// <returns>As <see cref="TlsSession.Make"/>.</returns>
    protected Errno Begin(in SockAddr peer)
    {
        Errno error = TlsSession.Make(Context!, peer, out TlsSession? session);
        if (error == Errno.None && Context is { IsServer: false, Settings.CachesSession: true })
        {
            Provider.Sessions.Resume(peer, Context.Settings.HostName, session!);
        }

        Session = session;
        return error;
    }

    /// <summary>Ends all, with an error for the next call.</summary>
    /// <param name="error">The error.</param>
    /// <returns>What the owner is to be told.</returns>
    protected PollEvents Fail(Errno error)
    {
        Error = error;
        _state = SecureState.Failed;
        Inner.Shutdown(System.Net.Sockets.SocketShutdown.Both);
        return PollEvents.POLLERR | PollEvents.POLLHUP | PollEvents.POLLIN | PollEvents.POLLOUT;
    }

    /// <summary>What a call that needs an open session fails with; null: it is open, or idle.</summary>
    /// <param name="afterwards">Once the error was told.</param>
    protected Errno? Refuses(Errno afterwards)
    {
        switch (_state)
        {
            case SecureState.Connecting or SecureState.Handshaking:
                return Errno.EAGAIN;
            case SecureState.Failed:
                (Errno error, Error) = (Error, Errno.None);
                return error != Errno.None ? error : afterwards;
            case SecureState.Closing or SecureState.Closed:
                return Errno.EBADF;
            default:
                return null;
        }
    }

    /// <summary><see cref="SocketImplementation.Poll"/> of a state that is neither idle nor open.</summary>
    protected PollEvents PollState() => _state switch
    {
        SecureState.Failed => PollEvents.POLLIN | PollEvents.POLLOUT | PollEvents.POLLHUP | PollEvents.POLLRDHUP | (Error != Errno.None ? PollEvents.POLLERR : PollEvents.None),
        SecureState.Closing or SecureState.Closed => PollEvents.POLLNVAL,
        _ => PollEvents.None,
    };
}
