using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>Keep-alive (RFC 9293 §3.8.4): off unless somebody wants it (MUST-25), and only while nothing else would notice a dead peer.</summary>
internal sealed partial class TcpConnection
{
    private TcpKeepAlive? _keepAlive;
    private Instant _keepAliveDue = Instant.Never;
    private int _keepAliveProbes;
    private Instant _lastReceived;

    /// <summary>Null: off.</summary>
    public TcpKeepAlive? KeepAlive
    {
        get => _keepAlive;
        set
        {
            _keepAlive = value;
            StartKeepAlive();
            if (State != TcpState.Closed)
            {
                SetTimer();
            }
        }
    }

    private void StartKeepAlive()
    {
        _keepAliveProbes = 0;
        _keepAliveDue = _keepAlive is not null && IsSynchronized && State != TcpState.TimeWait ? _lastReceived + _keepAlive.Idle : Instant.Never;
    }

    private void KeepAliveTimeout()
    {
        Instant heard = _lastReceived + _keepAlive!.Idle;
        if (heard > _net.Now || _una != _max || _send.Length != 0)
        {
            // Something came meanwhile, or data waits for its acknowledgement and has timers of its own (MUST-26).
            _keepAliveProbes = 0;
            _keepAliveDue = heard > _net.Now ? heard : _net.Now + _keepAlive.Idle;
            return;
        }

        // tcp(7), TCP_USER_TIMEOUT: with keep-alive it takes the place of the number of probes.
        bool isOver = _userTimeoutIsOurs ? _keepAliveProbes > 0 && _net.Now - _lastReceived >= _userTimeout : _keepAliveProbes >= _keepAlive.Probes;
        _keepAliveProbes++;
        if (isOver)
        {
            End(EndOfPatience);
            return;
        }

        // SEG.SEQ = SND.NXT − 1 and no data (SHLD-12): unacceptable, so that any live peer answers.
        _net.Counters.Add(StackCounter.TcpKeepAlives);
        SendProbe(_una + -1);
        _keepAliveDue = _net.Now + _keepAlive.Interval;
    }

    /// <summary>An empty segment with an old sequence number, which the peer has to answer.</summary>
    private void SendProbe(SequenceNumber sequence) => Transmit(sequence, 0, TcpFlags.Ack, OfferWindow());
}
