using System.Security.Cryptography;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Secure;

/// <summary>Beginning a session: handshakes, their time-outs, and the cookies of a server (RFC 6347 §4.2).</summary>
internal sealed partial class SecureDatagram
{
    private static readonly byte[] s_secret = RandomNumberGenerator.GetBytes(32); // for the cookies (RFC 6347 §4.2.1)

    private bool _isVerified; // a server's peer receives where it says that it is

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

    // A server's session is over: its answer leaves, and any client may begin one.
    private void Forget()
    {
        _ = Flush();
        Session?.Dispose();
        (Session, _outputStart, _outputEnd, _hasOutput, _isVerified) = (null, 0, 0, false, false);
        _peer = default;
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
