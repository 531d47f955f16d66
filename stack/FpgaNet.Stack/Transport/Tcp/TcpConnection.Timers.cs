using System.Net.Sockets;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>The connection's times, all behind one timer: retransmission (RFC 6298 §5), zero-window probe (RFC 9293 §3.8.6.1), delayed acknowledgement, pacing, TIME-WAIT.</summary>
internal sealed partial class TcpConnection
{
    private Instant _retransmitDue = Instant.Never;
    private Instant _persistDue = Instant.Never;
    private Instant _lingerDue = Instant.Never;
    private Instant _synSentAt;
    private int _retries;
    private int _probes;

    /// <summary>Sets the timer to the earliest of all times.</summary>
    private void SetTimer()
    {
        Instant due = _retransmitDue;
        due = _persistDue < due ? _persistDue : due;
        due = _lingerDue < due ? _lingerDue : due;
        due = _delayedAckDue < due ? _delayedAckDue : due;
        due = _keepAliveDue < due ? _keepAliveDue : due;
        due = _userTimeoutDue < due ? _userTimeoutDue : due;
        due = _paceDue < due ? _paceDue : due;
        due = _recovery is not null && _recovery.Due < due ? _recovery.Due : due;
        if (due != _timer.Due)
        {
            if (due == Instant.Never)
            {
                _timer.Stop();
            }
            else
            {
                _timer.Set(due);
            }
        }
    }

    private void OnTimer()
    {
        Instant now = _net.Now;
        if (_lingerDue <= now)
        {
            LingerTimeout();
            return;
        }

        if (_userTimeoutDue <= now)
        {
            UserTimeoutExpired();
        }
        else if (_keepAliveDue <= now)
        {
            KeepAliveTimeout();
        }

        if (State == TcpState.Closed)
        {
            return;
        }

        if (_delayedAckDue <= now)
        {
            _delayedAckDue = Instant.Never;
            _ackNow = true;
        }

        if (_paceDue <= now)
        {
            _paceDue = Instant.Never;
        }

        if (_recovery is not null && _recovery.Due <= now)
        {
            if (_recovery.OnTimer(now, _segment, _roundTrip))
            {
                ProbeTail();
            }
        }
        else if (_retransmitDue <= now)
        {
            _retransmitDue = Instant.Never;
            RetransmissionTimeout();
        }
        else if (_persistDue <= now)
        {
            _persistDue = Instant.Never;
            Probe();
        }

        if (State != TcpState.Closed)
        {
            SetTimer();
            _tcp.MakePending(this);
        }
    }

    private void LingerTimeout()
    {
        if (State is TcpState.TimeWait or TcpState.FinWait2)
        {
            Terminate(SocketError.Success);
        }
        else
        {
            End(SocketError.TimedOut); // SO_LINGER's time is over, and the peer has not everything
        }
    }

    private void RetransmissionTimeout()
    {
        _net.Counters.Add(StackCounter.TcpTimeouts);
        _retries++;
        if (State is TcpState.SynSent or TcpState.SynReceived)
        {
            if (GivesUp(_retries, SynRetries ?? _settings.SynRetries, _roundTrip.Timeout))
            {
                return;
            }

            _roundTrip.BackOff();
            SendSyn();
            return;
        }

        if (GivesUp(_retries, _settings.Retries, _roundTrip.Timeout))
        {
            return;
        }

        _recovery!.TimedOut(_net.Now, first: _retries == 1, _segment, _roundTrip);
        ConcludeMtuProbe();
        SuspectBlackHole();
        _ecn.Reduced(_next);
        _roundTrip.BackOff();
        _retransmitDue = _net.Now + _roundTrip.Timeout; // RFC 6298 §5.6
    }

    /// <summary>The window is closed or too small for long enough: send a byte, or what fits (RFC 9293 §3.8.6.1, §3.8.6.2.1).</summary>
    private void Probe()
    {
        if (GivesUp(++_probes, _settings.Retries + 1, TimeSpan.Zero))
        {
            return;
        }

        _roundTrip.BackOff();
        int window = _una + _sendWindow - _next;
        int unsent = _send.Length - (_next - _una);
        if (unsent <= 0)
        {
            return;
        }

        int length = _send.Fit(_next - _una, Math.Min(Math.Clamp(window, 1, _segment), unsent));
        if (TrySendData(_next, length, fin: false, push: true, isNew: false))
        {
            _net.Counters.Add(StackCounter.TcpWindowProbes);
            if (window >= length)
            {
                AdvanceNext(length, fin: false);
            }
            else
            {
                _max = SequenceNumber.Max(_max, _next + length); // it counts as not sent, unless the peer takes it
            }
        }
    }
}
