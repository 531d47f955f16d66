using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>The end of both directions (RFC 9293 §3.6): the peer's FIN, the acknowledgement of ours, TIME-WAIT and what may follow it (RFC 6191).</summary>
internal sealed partial class TcpConnection
{
    // Longer than any time stamp clock's unit (RFC 7323 §5.4).
    private static readonly TimeSpan s_timestampStep = TimeSpan.FromSeconds(1);

    private bool _finIsKnown;
    private SequenceNumber _finAt;
    private bool _finReceived;

    /// <summary>Whether a SYN in TIME-WAIT is certainly of a new connection (RFC 6191 §2).</summary>
    public bool IsNewer(in TcpSegment syn) => _timestamps && syn.Options.HasTimestamps
        ? (int)(syn.Options.TimestampValue - _recentTimestamp) > 0
        : syn.Sequence > _rcvNext;

    /// <summary>
    /// It is in TIME-WAIT, and an active OPEN may take its place (RFC 6191 §2 seen from the other side): the peer tells the new SYN from an old one by our time stamp, which must
    /// have moved on.
    /// </summary>
    public bool MayBeReplaced => State == TcpState.TimeWait && _timestamps && _net.Now - _lastReceived >= s_timestampStep;

    private void TakeFin(in TcpSegment segment)
    {
        if (segment.Has(TcpFlags.Fin) && !_finIsKnown)
        {
            // It may stand behind a hole; then it counts once that is filled.
            _finIsKnown = true;
            _finAt = segment.Sequence + segment.PayloadLength;
        }

        if (!_finIsKnown || _finReceived || _rcvNext != _finAt || !IsSynchronized)
        {
            return;
        }

        _finReceived = true;
        _rcvNext += 1;
        _ackNow = true;
        switch (State)
        {
            case TcpState.Established:
                State = TcpState.CloseWait;
                break;
            case TcpState.FinWait1:
                State = TcpState.Closing; // had our FIN been acknowledged with this segment, we were in FIN-WAIT-2
                break;
            case TcpState.FinWait2:
                EnterTimeWait();
                break;
        }

        Notify(TcpEvents.Readable);
    }

    private void EnterTimeWait()
    {
        State = TcpState.TimeWait;
        _send.Clear();
        _reassembly?.Clear();
        _retransmitDue = Instant.Never;
        _persistDue = Instant.Never;
        RestartTimeWait();
        Notify(TcpEvents.Writable);
    }

    private void RestartTimeWait()
    {
        _lingerDue = _net.Now + _settings.TimeWait;
        SetTimer();
    }

    private void OurFinWasAcknowledged()
    {
        switch (State)
        {
            case TcpState.FinWait1:
                State = TcpState.FinWait2;
                if (_detached)
                {
                    _lingerDue = _net.Now + (FinWait2 ?? _settings.FinWait2);
                }

                Notify(TcpEvents.Writable);
                break;
            case TcpState.Closing:
                EnterTimeWait();
                break;
            case TcpState.LastAck:
                Terminate(SocketError.Success);
                break;
        }
    }
}
