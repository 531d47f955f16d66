using System.Net.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Stack.Sockets.Secure;

/// <summary>
/// DTLS on datagrams (RFC 6347). A client shakes hands in connect(), or with TLS_DTLS_HANDSHAKE_ON_CONNECT off in its first call; a server, by TLS_DTLS_ROLE, with whoever sends to the address that it is bound to, one
/// peer at a time, and with the next one when that has ended. A record is a datagram: it comes whole or not at all.
/// </summary>
#pragma warning disable CA1001 // Close lets go of the timer
internal sealed partial class SecureDatagram : SecureSocket
#pragma warning restore CA1001
{
    private readonly Timer _timer;
    private SockAddr _peer;
    private bool _peerEnded;

    public SecureDatagram(SocketImplementation inner, SecureProvider provider, int protocol)
        : base(inner, provider, protocol)
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
                    Provider.Sessions.Put(_peer, Settings.HostName, Session!);
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
}
