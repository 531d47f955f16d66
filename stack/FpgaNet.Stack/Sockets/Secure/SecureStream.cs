using System.Net.Sockets;
using System.Runtime.InteropServices;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Secure;

/// <summary>
/// TLS on a stream. connect() is done with the handshake; a connection that was accepted shakes hands by itself, and its first call waits for that. Every failure of a handshake is ECONNABORTED, as in Zephyr; a
/// record that is broken afterwards EPROTO; an end without close_notify ECONNABORTED, since anybody on the way could have made it.
/// </summary>
internal sealed partial class SecureStream : SecureSocket
{
    private SockAddr _peer;
    private bool _receiveShut;
    private bool _sendShut;
    private bool _peerEnded;

    public SecureStream(SocketImplementation inner, SecureProvider provider, int protocol)
        : base(inner, provider, protocol)
    {
    }

    /// <inheritdoc/>
    protected override bool NeedsAdvance => HidesInner || _hasOutput;

    /// <inheritdoc/>
    public override Errno Listen(int backlog)
    {
        lock (Gate)
        {
            Errno error = Refuses(Errno.EINVAL) ?? (Context is null ? UseContext(isServer: true) : Errno.None);
            return error == Errno.None ? Inner.Listen(backlog) : error;
        }
    }

    /// <inheritdoc/>
    public override Errno Accept(out SocketImplementation? accepted, out SockAddr peer)
    {
        Errno error = Inner.Accept(out accepted, out peer);
        if (error == Errno.None)
        {
            SecureStream made = new(accepted!, Provider, Protocol) { Settings = Settings, Context = Context };
            accepted = made;
            made.Serve(peer);
        }

        return error;
    }

    /// <inheritdoc/>
    public override Errno Connect(in SockAddr address)
    {
        lock (Gate)
        {
            if (State != SecureState.Idle)
            {
                return State switch
                {
                    SecureState.Connecting or SecureState.Handshaking => Errno.EALREADY,
                    SecureState.Closing or SecureState.Closed => Errno.EBADF,
                    _ => Errno.EISCONN,
                };
            }

            Errno error = Context is { IsServer: true } ? Errno.EOPNOTSUPP : UseContext(isServer: false);
            if (error != Errno.None)
            {
                return error;
            }

            _peer = address;
            error = Begin(address);
            if (error == Errno.None)
            {
                State = SecureState.Connecting; // before the inner socket can notify
                error = Inner.Connect(address);
            }

            if (error is not (Errno.None or Errno.EINPROGRESS))
            {
                State = SecureState.Idle;
                Session?.Dispose();
                (Session, Context) = (null, null);
                return error;
            }
        }

        Notify(Advance());
        return Errno.EINPROGRESS; // also when it is decided already: SO_ERROR tells how
    }

    /// <inheritdoc/>
    public override Errno Send(ref MessageOut message, out int sent)
    {
        sent = 0;
        lock (Gate)
        {
            if (State == SecureState.Idle)
            {
                return Inner.Send(ref message, out sent); // which says that there is no peer
            }

            Errno error = Refuses(Errno.EPIPE) ?? (_sendShut ? Errno.EPIPE : (message.Flags & MessageFlags.MSG_OOB) != MessageFlags.None ? Errno.EOPNOTSUPP : Flush());
            for (GatherList left = message.Data; error == Errno.None && !left.IsEmpty; error = Flush())
            {
                ReadOnlySpan<byte> record = left.First[..Math.Min(left.First.Length, TlsSession.LongestRecord)];
                TlsResult result = Session!.Write(record, out int taken);
                if (result != TlsResult.Done)
                {
                    error = result == TlsResult.WantsInput ? Errno.EAGAIN : Broken();
                    break;
                }

                sent += taken;
                left = left.Slice(taken);
            }

            return sent > 0 ? Errno.None : error;
        }
    }

    /// <inheritdoc/>
    public override Errno Receive(ref MessageIn message, out int received)
    {
        received = 0;
        lock (Gate)
        {
            if (State == SecureState.Idle)
            {
                return Inner.Receive(ref message, out received);
            }

            if (Refuses(Errno.None) is { } refused)
            {
                return refused;
            }

            if ((message.Flags & MessageFlags.MSG_OOB) != MessageFlags.None)
            {
                return Errno.EOPNOTSUPP;
            }

            bool peeks = (message.Flags & MessageFlags.MSG_PEEK) != MessageFlags.None;
            Errno error = Errno.None;
            for (ScatterList left = message.Data; !left.IsEmpty && !_receiveShut && error == Errno.None;)
            {
                TlsResult result = Session!.Read(left.First, peeks, out int count);
                if (result == TlsResult.Done)
                {
                    received += count;
                    left = left.Slice(count);
                    if (peeks)
                    {
                        break;
                    }
                }
                else if (received > 0 || !Continues(result, out error))
                {
                    break;
                }
            }

            _ = Flush(); // what the peer's records ask for, such as an alert
            if (error is not (Errno.None or Errno.EAGAIN))
            {
                (_, error) = (Fail(error), Refuses(Errno.None)!.Value);
            }

            return received > 0 ? Errno.None : error;
        }
    }

    /// <inheritdoc/>
    public override Errno Shutdown(SocketShutdown how)
    {
        lock (Gate)
        {
            if (State == SecureState.Idle)
            {
                return Inner.Shutdown(how);
            }

            if (State != SecureState.Open)
            {
                return State is SecureState.Closing or SecureState.Closed ? Errno.EBADF : Errno.ENOTCONN;
            }

            _receiveShut |= how is SocketShutdown.Receive or SocketShutdown.Both;
            if (how is SocketShutdown.Send or SocketShutdown.Both && !_sendShut)
            {
                _sendShut = true;
                Session!.End();
                _ = Flush();
            }
        }

        Notify(PollEvents.POLLIN | PollEvents.POLLOUT | PollEvents.POLLRDHUP);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Close()
    {
        lock (Gate)
        {
            if (State == SecureState.Open)
            {
                if (Context is { IsServer: false, Settings.CachesSession: true })
                {
                    _ = HasInput(); // tickets may wait
                    Provider.Sessions.Put(_peer, Context.Settings.HostName, Session!);
                }

                if (!_sendShut)
                {
                    Session!.End();
                }

                State = SecureState.Closing;
                if (Flush() == Errno.EAGAIN)
                {
                    return Errno.None; // the rest goes by itself
                }
            }

            return CloseInner();
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

            if (State != SecureState.Open)
            {
                return PollState();
            }

            _ = Flush();
            bool isReadable = HasInput() || _receiveShut;
            if (State != SecureState.Open)
            {
                return PollState();
            }

            PollEvents events = Inner.Poll() & ~(PollEvents.POLLIN | PollEvents.POLLRDNORM | PollEvents.POLLPRI | PollEvents.POLLRDHUP);
            if (_hasOutput && !_sendShut)
            {
                events &= ~(PollEvents.POLLOUT | PollEvents.POLLWRNORM);
            }

            return events | (isReadable ? PollEvents.POLLIN | PollEvents.POLLRDNORM : PollEvents.None) | (_peerEnded || _receiveShut ? PollEvents.POLLRDHUP : PollEvents.None);
        }
    }

    /// <inheritdoc/>
    public override Errno Control(int request, Span<byte> argument)
    {
        lock (Gate)
        {
            if (request != FIONREAD || State != SecureState.Open)
            {
                return Inner.Control(request, argument);
            }

            if (argument.Length < sizeof(int))
            {
                return Errno.EFAULT;
            }

            _ = HasInput();
            MemoryMarshal.Write(argument, Session!.Pending);
            return Errno.None;
        }
    }

    /// <inheritdoc/>
    protected override PollEvents Advance()
    {
        lock (Gate)
        {
            switch (State)
            {
                case SecureState.Connecting when (Inner.Poll() & (PollEvents.POLLOUT | WaitQueue.Always)) != PollEvents.None:
                    Errno error = Inner.CompleteConnect();
                    if (error != Errno.None)
                    {
                        return error == Errno.EINPROGRESS ? PollEvents.None : Fail(error);
                    }

                    State = SecureState.Handshaking;
                    return ShakeHands();
                case SecureState.Handshaking:
                    return ShakeHands();
                case SecureState.Open:
                    return Flush() == Errno.EAGAIN ? PollEvents.None : PollEvents.POLLOUT;
                case SecureState.Closing when Flush() != Errno.EAGAIN:
                    _ = CloseInner();
                    return PollEvents.None;
                default:
                    return PollEvents.None;
            }
        }
    }

    private void Serve(in SockAddr peer)
    {
        lock (Gate)
        {
            State = SecureState.Handshaking;
            Errno error = Begin(peer);
            if (error != Errno.None)
            {
                Fail(error);
            }
        }

        Notify(Advance());
    }

    private PollEvents ShakeHands()
    {
        while (true)
        {
            TlsResult result = Session!.Handshake();
            Errno error = Flush(); // an alert too
            if (result == TlsResult.Done)
            {
                State = SecureState.Open;
                return PollEvents.POLLOUT | PollEvents.POLLIN;
            }

            if (result != TlsResult.WantsInput || error is not (Errno.None or Errno.EAGAIN))
            {
                return Fail(Errno.ECONNABORTED);
            }

            error = Fill();
            if (error != Errno.None)
            {
                return error == Errno.EAGAIN ? PollEvents.None : Fail(error);
            }
        }
    }

    private Errno Broken()
    {
        _ = Flush();
        Fail(Errno.EPROTO);
        return Refuses(Errno.EPROTO)!.Value;
    }

    private Errno CloseInner()
    {
        if (Session is not null)
        {
            Discard();
        }

        State = SecureState.Closed;
        Session?.Dispose();
        Session = null;
        return Inner.Close();
    }
}
