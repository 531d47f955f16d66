using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>Fast Open (RFC 7413): data with the SYN, as client (§4.2.1) and as server (§4.2.2).</summary>
internal sealed partial class TcpConnection
{
    private bool _wantsFastOpen; // client: the SYN has the option
    private int _synData; // client: bytes that went with the SYN
    private bool _isFastOpened; // the SYN's data was taken, by us or by the peer
    private TcpListener? _fastOpenListener; // server: until the handshake is complete
    private FastOpenCookie? _cookieOwed; // server

    /// <summary>OPEN, active, that waits for its data: <see cref="OpenFast"/> follows.</summary>
    public void Defer() => State = TcpState.SynSent;

    /// <summary>OPEN, active, with data that may go with the SYN and so may reach the peer's application twice.</summary>
    /// <returns>Bytes taken.</returns>
    /// <param name="data">The data.</param>
    /// <param name="isAsked">The application asks for it, whatever <see cref="TcpSettings.FastOpen"/> says.</param>
    public int OpenFast(ReadOnlySpan<byte> data, bool isAsked = false)
    {
        State = TcpState.SynSent;
        _wantsFastOpen = isAsked || (_settings.FastOpen & FastOpenRole.Client) != FastOpenRole.None;
        int taken = _send.Append(data);
        SendSyn();
        return taken;
    }

    /// <summary>OPEN, passive: a SYN with a cookie has come to a listener. Its data is taken, and the application may have it at once.</summary>
    public void AcceptFast(ref TcpSegment syn, FastOpenCookie? renewed)
    {
        _isPassive = true;
        _lastReceived = _net.Now;
        _segmentsReceived = 1;
        _fastOpenListener = Listener;
        _isFastOpened = true;
        _cookieOwed = renewed;
        TakeSyn(syn);
        State = TcpState.SynReceived;
        _rcvEdge = _rcvNext + Listener!.Window;
        syn.Flags &= ~(TcpFlags.Syn | TcpFlags.Fin); // a FIN comes again
        syn.Sequence += 1;
        syn.PayloadLength = Math.Min(syn.PayloadLength, _rcvEdge - _rcvNext);
        if (syn.PayloadLength > 0)
        {
            TakeData(ref syn);
        }

        Acknowledged(); // with the SYN-ACK
        SendSyn();
        Notify(TcpEvents.Readable);
    }

    /// <summary>The option for a SYN, and how much data may go with it.</summary>
    private int AddFastOpen(ref TcpOptions options)
    {
        if (State == TcpState.SynReceived)
        {
            options.FastOpen = _cookieOwed;
            return 0;
        }

        // §4.2.1: sent again, a SYN has neither cookie nor data, for they may be why it was lost.
        if (!_wantsFastOpen || _retries > 0 || _tcp.FastOpenCache.Find(RemoteAddress, _net.Now) is not { } known)
        {
            return 0;
        }

        options.FastOpen = known.Cookie;
        if (options.EncodedLength > TcpOptions.MaximumLength)
        {
            options.UserTimeout = null;
        }

        if (known.Cookie.Length == 0)
        {
            return 0;
        }

        _synData = Math.Clamp(Math.Min(known.SegmentSize, _offeredSegment) - options.EncodedLength - _path.HeaderOptions.Length, 0, _send.Length);
        _segment = Math.Max(_segment, _synData);
        _net.Counters.Add(StackCounter.TcpFastOpensTried);
        return _synData;
    }

    /// <summary>SYN-ACK: what of the SYN's data it acknowledges is done; the rest is sent as if for the first time.</summary>
    private void FinishFastOpen(in TcpSegment synAck)
    {
        int taken = synAck.Acknowledgment - (Iss + 1);
        _isFastOpened = taken > 0;
        _send.Release(taken);
        _bytesAcknowledged += (uint)taken;
        if (!_wantsFastOpen)
        {
            return;
        }

        if (synAck.Options.FastOpen is { Length: > 0 } cookie)
        {
            _tcp.FastOpenCache.Learn(RemoteAddress, cookie, synAck.Options.MaximumSegmentSize ?? DefaultSegmentOf(RemoteAddress));
        }
        else if (_retries > 0 && taken == 0)
        {
            _net.Counters.Add(StackCounter.TcpFastOpenBlackHoles);
            _tcp.FastOpenCache.Avoid(RemoteAddress, _net.Now + _settings.FastOpenAvoidance);
        }
    }

    /// <summary>Server: the handshake is complete, or the connection has ended.</summary>
    private void LeaveFastOpen()
    {
        if (_fastOpenListener is { } listener)
        {
            _fastOpenListener = null;
            listener.FastOpenEnded();
        }
    }
}
