namespace FpgaNet.Stack.Transport.Tcp.Congestion;

/// <summary>Startup and Drain (draft-ietf-ccwg-bbr §5.3.1, §5.3.2): double the rate with every round until the pipe is full, then empty the queue that this has made.</summary>
public sealed partial class Bbr
{
    private const int FullLossCount = 6; // BBRStartupFullLossCnt
    private const int DrainRounds = 3;

    private FullPipeDetector _fullPipe;
    private bool _pipeWasFull; // BBR.full_bw_reached
    private int _lossEventsInRound;
    private int _drainStarted;

    private void CheckPipe(in AckEvent ack)
    {
        if (_round.HasStarted && ack.Delivery.Rate > 0 && !IsApplicationLimited(ack.Delivery))
        {
            _fullPipe.RoundEnded(ack.Delivery.Rate);
            _pipeWasFull |= _fullPipe.IsFull;
        }

        if (_phase == Phase.Startup)
        {
            CheckLossInStartup(ack);
            if (_pipeWasFull)
            {
                _phase = Phase.Drain;
                _drainStarted = _round.Count;
            }
        }

        if (_phase == Phase.Drain
            && (ack.BytesInFlight <= WithQuanta(BandwidthDelay(_bandwidth, 1)) || _round.Count > _drainStarted + DrainRounds))
        {
            StartDown(ack.Now, ack.Delivery.Delivered);
        }
    }

    // §5.3.1.3: a whole round of recovery, more than 2 % lost in it, and not in one burst. Without SACK one loss is all that can be seen.
    private void CheckLossInStartup(in AckEvent ack)
    {
        _lossEventsInRound += ack.BytesLost > 0 ? 1 : 0;
        if (!_lossRoundStarted)
        {
            return;
        }

        if (ack.IsRecovering && (_lossEventsInRound >= FullLossCount || !_hasSack) && IsTooHigh(ack.Delivery.Lost, ack.Delivery.InFlightWhenSent))
        {
            LeaveStartup();
        }

        _lossEventsInRound = 0;
    }

    private void LeaveStartup()
    {
        _undoPhase = Phase.Startup;
        _pipeWasFull = true;
        _inflightLongTerm = (int)Math.Clamp(BandwidthDelay(_bandwidth, 1), _inflightLatest, Unbounded);
    }
}
