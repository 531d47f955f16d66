using System.Net.Sockets;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Secure;

/// <summary>Records between the session and the inner socket.</summary>
internal sealed partial class SecureStream
{
    private const int WireRoom = TlsSession.LongestRecord + 1024; // a record with what surrounds it

    private byte[] _received = [];
    private byte[] _output = [];
    private int _outputStart;
    private int _outputEnd;
    private volatile bool _hasOutput; // something is encrypted and not taken by the inner socket yet
    private bool _innerSendShut;

    // Whether Receive would not have to wait.
    private bool HasInput()
    {
        Span<byte> first = stackalloc byte[1];
        while (!_peerEnded)
        {
            TlsResult result = Session!.Read(first, peeks: true, out _);
            if (result == TlsResult.Done)
            {
                return true;
            }

            if (!Continues(result, out Errno error))
            {
                if (error == Errno.EAGAIN)
                {
                    return false;
                }

                if (error != Errno.None)
                {
                    _ = Flush();
                    Fail(error);
                    return true;
                }
            }
        }

        return true;
    }

    // After a read that gave nothing: whether another may give something.
    private bool Continues(TlsResult result, out Errno error)
    {
        error = result switch
        {
            TlsResult.WantsInput => Fill(),
            TlsResult.Failed => Errno.EPROTO,
            _ => Errno.None,
        };
        _peerEnded |= result == TlsResult.Ended;
        return result == TlsResult.WantsInput && error == Errno.None;
    }

    // Hands what the inner socket has to the session.
    private Errno Fill()
    {
        if (_received.Length == 0)
        {
            _received = new byte[WireRoom];
        }

        MessageIn message = new() { Data = new ScatterList(_received) };
        Errno error = Inner.Receive(ref message, out int count);
        if (error == Errno.None && count == 0)
        {
            return Errno.ECONNABORTED;
        }

        Session!.Feed(_received.AsSpan(0, count));
        return error;
    }

    // Hands what the session has to the inner socket.
    private Errno Flush()
    {
        if (_output.Length == 0)
        {
            _output = new byte[WireRoom];
        }

        while (true)
        {
            if (_outputStart == _outputEnd)
            {
                (_outputStart, _outputEnd) = (0, Session!.Drain(_output));
                if (_outputEnd == 0)
                {
                    _hasOutput = false;
                    if (_sendShut && !_innerSendShut)
                    {
                        _innerSendShut = true;
                        Inner.Shutdown(SocketShutdown.Send);
                    }

                    return Errno.None;
                }
            }

            _hasOutput = true; // before the attempt: a notification in between must not be lost
            MessageOut message = new() { Data = new GatherList(_output.AsSpan(_outputStart, _outputEnd - _outputStart)), Flags = MessageFlags.MSG_NOSIGNAL };
            Errno error = Inner.Send(ref message, out int sent);
            if (error != Errno.None)
            {
                if (error != Errno.EAGAIN)
                {
                    (_outputStart, _outputEnd, _hasOutput) = (0, 0, false); // nobody will take it
                }

                return error;
            }

            _outputStart += sent;
        }
    }

    // Unread bytes would make the inner socket reset the connection (RFC 9293 §3.6.1): they may be TLS's own, such as tickets, and the peer may not have read all of ours.
    private void Discard()
    {
        MessageIn message = new() { Data = new ScatterList(_output) };
        while (Inner.Receive(ref message, out int count) == Errno.None && count > 0)
        {
        }
    }
}
