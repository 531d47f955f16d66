using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Stack.Sockets.Secure;

/// <summary>
/// DTLS on datagrams (RFC 6347). A client shakes hands in connect(), or with TLS_DTLS_HANDSHAKE_ON_CONNECT off in its first call; a server, by TLS_DTLS_ROLE, with whoever sends to the address that it is bound to, one
/// peer at a time, and with the next one when that has ended. A record is a datagram: it comes whole or not at all.
/// </summary>
#pragma warning disable CA1001 // Close lets go of the timer
internal sealed class SecureDatagram : SecureSocket
#pragma warning restore CA1001
{
    private const int RecordHeader = 13; // type, version, epoch, sequence number, length (RFC 6347 §4.1)
    private const int RecordLengthOffset = 11;
    private const int DatagramRoom = 65_536;

    private static readonly byte[] s_secret = RandomNumberGenerator.GetBytes(32); // for the cookies (RFC 6347 §4.2.1)

    private readonly Timer _timer;
    private SockAddr _peer;
    private byte[] _received = [];
    private byte[] _output = [];
    private int _outputStart;
    private int _outputEnd;
    private byte[] _record = [];
    private int _recordLength = -1; // none
    private volatile bool _hasOutput;
    private bool _peerEnded;
    private bool _isVerified; // a server's peer receives where it says that it is

    public SecureDatagram(SocketImplementation inner, SocketSystem system, int protocol)
        : base(inner, system, protocol)
    {
        _timer = new Timer(static state => ((SecureDatagram)state!).TimeIsUp(), this, Timeout.Infinite, Timeout.Infinite);
    }

    /// <inheritdoc/>
    protected override bool NeedsAdvance => State is SecureState.Connecting or SecureState.Handshaking || _hasOutput || (IsServer && State == SecureState.Open); // a server's peer may have ended, and another begun

    /// <inheritdoc/>
    protected override bool HidesInner => State is SecureState.Connecting or SecureState.Handshaking;

    private bool IsServer => Context is { IsServer: true };

    /// <inheritdoc/>
    public override Errno Bind(in SockAddr address)
    {
        lock (Gate)
        {
            Errno error = Inner.Bind(address);
            return error == Errno.None && Settings.IsDatagramServer ? Await() : error;
        }
    }

    /// <inheritdoc/>
    public override Errno Connect(in SockAddr address)
    {
        Errno error;
        lock (Gate)
        {
            if (State != SecureState.Idle)
            {
                return State switch
                {
                    SecureState.Handshaking when !IsServer => Errno.EALREADY,
                    SecureState.Closed => Errno.EBADF,
                    _ => Errno.EISCONN,
                };
            }

            error = Inner.Connect(address);
            if (error != Errno.None)
            {
                return error;
            }

            _peer = address;
            if (!Settings.ShakesHandsOnConnect)
            {
                return Errno.None;
            }

            error = Start();
        }

        if (error == Errno.EAGAIN)
        {
            Notify(Advance());
            return Errno.EINPROGRESS;
        }

        return error;
    }

    /// <inheritdoc/>
    public override Errno Send(ref MessageOut message, out int sent)
    {
        sent = 0;
        lock (Gate)
        {
            Errno error = Prepare(message.Address);
            if (error == Errno.EAGAIN && IsServer)
            {
                error = Errno.ENOTCONN; // there is nobody to send to yet
            }
            else if (error == Errno.None && message.Address.Family != SocketDomain.AF_UNSPEC && message.Address != _peer)
            {
                error = Errno.EISCONN; // one peer at a time
            }

            if (error != Errno.None)
            {
                return error;
            }

            if (message.Data.Length > TlsSession.LongestRecord)
            {
                return Errno.EMSGSIZE;
            }

            error = Flush();
            if (error != Errno.None || message.Data.IsEmpty)
            {
                return error; // a record without data says nothing
            }

            ReadOnlySpan<byte> data = message.Data.First;
            if (!message.Data.IsSingle)
            {
                data = _received.AsSpan(0, message.Data.CopyTo(_received));
            }

            if (Session!.Write(data, out sent) != TlsResult.Done)
            {
                Fail(Errno.EPROTO);
                return Refuses(Errno.EPROTO)!.Value;
            }

            error = Flush();
            return error == Errno.EAGAIN ? Errno.None : error; // it leaves as soon as there is room
        }
    }

    /// <inheritdoc/>
    public override Errno Receive(ref MessageIn message, out int received)
    {
        received = 0;
        lock (Gate)
        {
            Errno error = Prepare(default);
            if (error != Errno.None)
            {
                return error;
            }

            if (!HasRecord())
            {
                return Refuses(Errno.ENOTCONN) ?? (_peerEnded && !IsServer ? Errno.ENOTCONN : Errno.EAGAIN);
            }

            int length = _recordLength;
            received = message.Data.CopyFrom(_record.AsSpan(0, length));
            if (received < length)
            {
                message.Found |= MessageFlags.MSG_TRUNC;
                received = (message.Flags & MessageFlags.MSG_TRUNC) != MessageFlags.None ? length : received;
            }

            message.Address = _peer;
            if ((message.Flags & MessageFlags.MSG_PEEK) == MessageFlags.None)
            {
                _recordLength = -1;
            }

            return Errno.None;
        }
    }

    /// <inheritdoc/>
    public override Errno GetRemoteAddress(out SockAddr address)
    {
        lock (Gate)
        {
            address = _peer;
            return State switch
            {
                SecureState.Closed => Errno.EBADF,
                SecureState.Open => Errno.None,
                _ => base.GetRemoteAddress(out address),
            };
        }
    }

    /// <inheritdoc/>
    public override Errno Shutdown(SocketShutdown how)
    {
        lock (Gate)
        {
            if (State == SecureState.Open && how is SocketShutdown.Send or SocketShutdown.Both)
            {
                Session!.End();
                _ = Flush();
            }

            return Inner.Shutdown(how);
        }
    }

    /// <inheritdoc/>
    public override Errno Close()
    {
        lock (Gate)
        {
            if (State == SecureState.Open)
            {
                if (!IsServer && Settings.CachesSession)
                {
                    System.TlsSessions.Put(_peer, Settings.HostName, Session!);
                }

                Session!.End();
                _ = Flush();
            }

            State = SecureState.Closed;
            _timer.Dispose();
            Session?.Dispose();
            Session = null;
            return Inner.Close();
        }
    }

    /// <inheritdoc/>
    public override PollEvents Poll()
    {
        lock (Gate)
        {
            if (State == SecureState.Idle)
            {
                return Inner.Poll();
            }

            bool isReadable = State == SecureState.Open && (HasRecord() || (_peerEnded && !IsServer));
            if (State != SecureState.Open)
            {
                return PollState();
            }

            PollEvents events = Inner.Poll() & ~(PollEvents.POLLIN | PollEvents.POLLRDNORM);
            return (_hasOutput ? events & ~(PollEvents.POLLOUT | PollEvents.POLLWRNORM) : events) | (isReadable ? PollEvents.POLLIN | PollEvents.POLLRDNORM : PollEvents.None);
        }
    }

    /// <inheritdoc/>
    protected override PollEvents Advance()
    {
        lock (Gate)
        {
            switch (State)
            {
                case SecureState.Handshaking:
                    return ShakeHands();
                case SecureState.Open:
                    bool hasRoom = Flush() == Errno.None;
                    bool isReadable = HasRecord(); // a server's peer may have ended and another begun
                    return (hasRoom ? PollEvents.POLLOUT : PollEvents.None) | (isReadable || State == SecureState.Failed ? PollEvents.POLLIN : PollEvents.None);
                default:
                    return PollEvents.None;
            }
        }
    }

    // What a call needs first: a session that is open. EAGAIN: it is under way.
    private Errno Prepare(in SockAddr to)
    {
        if (State != SecureState.Idle)
        {
            return Refuses(Errno.ENOTCONN) ?? Errno.None;
        }

        if (Settings.IsDatagramServer)
        {
            return Await() is var awaited && awaited != Errno.None ? awaited : Errno.EAGAIN;
        }

        if (to.Family != SocketDomain.AF_UNSPEC)
        {
            Errno error = Inner.Connect(to); // one peer from now on
            if (error != Errno.None)
            {
                return error;
            }

            _peer = to;
        }

        return _peer.Family == SocketDomain.AF_UNSPEC ? Errno.ENOTCONN : StartAndAdvance();
    }

    private Errno StartAndAdvance()
    {
        Errno error = Start();
        if (error == Errno.EAGAIN)
        {
            _ = ShakeHands();
            return Refuses(Errno.ENOTCONN) ?? Errno.None;
        }

        return error;
    }

    // A client's session.
    private Errno Start()
    {
        Errno error = Context is null ? UseContext(isServer: false) : Errno.None;
        error = error == Errno.None ? Begin(_peer) : error;
        if (error != Errno.None)
        {
            Context = null;
            return error;
        }

        MakeRoom();
        State = SecureState.Handshaking;
        return Errno.EAGAIN;
    }

    // A server's: it begins with the first datagram.
    private Errno Await()
    {
        Errno error = UseContext(isServer: true);
        if (error == Errno.None)
        {
            MakeRoom();
            State = SecureState.Handshaking;
            _ = ShakeHands(); // somebody may have been quick
        }

        return error;
    }

    private Errno UseContext(bool isServer)
    {
        Errno error = TlsContext.Make(Settings, System.Credentials, Protocol, isServer, out TlsContext? context);
        Context = context;
        return error;
    }

    private void MakeRoom()
    {
        _received = new byte[DatagramRoom];
        _output = new byte[DatagramRoom];
        _record = new byte[TlsSession.LongestRecord];
    }

    private PollEvents ShakeHands()
    {
        while (true)
        {
            if (Session is not null && (_isVerified || !IsServer))
            {
                TlsResult result = Session.Handshake();
                _ = Flush(); // what does not leave is lost, and sent again when the time is up
                if (result == TlsResult.Done)
                {
                    State = SecureState.Open;
                    _timer.Change(Timeout.Infinite, Timeout.Infinite);
                    return PollEvents.POLLOUT | PollEvents.POLLIN;
                }

                if (result != TlsResult.WantsInput)
                {
                    if (!IsServer)
                    {
                        return Fail(Errno.ECONNABORTED);
                    }

                    Forget(); // the next client, please
                }
            }

            Errno error = Fill();
            if (error == Errno.EAGAIN)
            {
                SetTimer();
                return PollEvents.None;
            }

            if (error != Errno.None)
            {
                return IsServer ? PollEvents.None : Fail(error); // such as ECONNREFUSED
            }
        }
    }

    // Whether a datagram of the peer's is in the record buffer.
    private bool HasRecord()
    {
        while (_recordLength < 0 && State == SecureState.Open)
        {
            TlsResult result = Session!.Read(_record, peeks: false, out int length);
            _ = Flush();
            switch (result)
            {
                case TlsResult.Done:
                    _recordLength = length;
                    break;
                case TlsResult.WantsInput:
                    Errno error = Fill();
                    if (error == Errno.EAGAIN || (error != Errno.None && IsServer))
                    {
                        return false;
                    }

                    if (error != Errno.None)
                    {
                        Fail(error);
                    }

                    break;
                case TlsResult.Ended when !IsServer:
                    _peerEnded = true;
                    return false;
                case TlsResult.Failed when !IsServer:
                    Fail(Errno.EPROTO);
                    break;
                default:
                    Forget();
                    State = SecureState.Handshaking;
                    _ = ShakeHands(); // somebody may wait already
                    break;
            }
        }

        return _recordLength >= 0;
    }

    // A server's session is over: its answer leaves, and any client may begin one.
    private void Forget()
    {
        _ = Flush();
        Session?.Dispose();
        (Session, _outputStart, _outputEnd, _hasOutput, _isVerified) = (null, 0, 0, false, false);
        _peer = default;
    }

    // Hands one datagram to the session. EAGAIN: there is none.
    private Errno Fill()
    {
        MessageIn message = new() { Data = new ScatterList(_received) };
        Errno error = Inner.Receive(ref message, out int count);
        if (error != Errno.None || count == 0)
        {
            return error;
        }

        if (IsServer && !_isVerified)
        {
            Greet(message.Address, _received.AsSpan(0, count));
        }
        else if (!IsServer || message.Address == _peer) // one peer at a time
        {
            Session!.Feed(_received.AsSpan(0, count));
        }

        return Errno.None;
    }

    // A hello: who gives the cookie back is the peer.
    private void Greet(in SockAddr from, ReadOnlySpan<byte> datagram)
    {
        if (Session is null && Begin(from) != Errno.None)
        {
            return;
        }

        _peer = from;
        Session!.Cookie = CookieOf(from);
        Session.Feed(datagram);
        _isVerified = Session.Listen();
        _ = Flush();
    }

    // Sends the session's records, each in a datagram of its own.
    private Errno Flush()
    {
        while (Session is not null)
        {
            if (_outputStart == _outputEnd)
            {
                (_outputStart, _outputEnd) = (0, Session.Drain(_output));
                if (_outputEnd == 0)
                {
                    _hasOutput = false;
                    return Errno.None;
                }
            }

            int length = RecordHeader + BinaryPrimitives.ReadUInt16BigEndian(_output.AsSpan(_outputStart + RecordLengthOffset));
            _hasOutput = true;
            MessageOut message = new() { Data = new GatherList(_output.AsSpan(_outputStart, length)), Address = IsServer ? _peer : default, Flags = MessageFlags.MSG_NOSIGNAL };
            Errno error = Inner.Send(ref message, out _);
            if (error == Errno.EAGAIN)
            {
                return error;
            }

            _outputStart += length;
            if (error != Errno.None && State == SecureState.Open)
            {
                return error; // such as EMSGSIZE; the datagram is lost
            }
        }

        return Errno.None;
    }

    private void SetTimer()
    {
        if (Session?.Timeout is { } left)
        {
            _timer.Change(left + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    private void TimeIsUp()
    {
        PollEvents events = PollEvents.None;
        lock (Gate)
        {
            if (State == SecureState.Handshaking && Session is { } session)
            {
                if (session.HandleTimeout() && !session.IsOverdue)
                {
                    _ = Flush();
                    SetTimer();
                }
                else if (IsServer)
                {
                    Forget();
                }
                else
                {
                    events = Fail(Errno.ETIMEDOUT);
                }
            }
        }

        Notify(events);
    }

    // Whoever gives it back receives at that address.
    private static byte[] CookieOf(in SockAddr peer)
    {
        Span<byte> bytes = stackalloc byte[SockAddr.MaximumLength];
        return HMACSHA256.HashData(s_secret, bytes[..Math.Min(bytes.Length, peer.Write(bytes))]);
    }
}
