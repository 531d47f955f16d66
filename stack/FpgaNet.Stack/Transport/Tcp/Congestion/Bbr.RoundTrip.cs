using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp.Congestion;

/// <summary>The least round trip and its probing (draft-ietf-ccwg-bbr §5.3.4): every five seconds half of the usual on its way for a moment, to see the path without its queue.</summary>
public sealed partial class Bbr
{
    private static readonly TimeSpan s_filterLength = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_probeInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_probeDuration = TimeSpan.FromMilliseconds(200);

    private TimeSpan _minimumRoundTrip = TimeSpan.MaxValue;
    private Instant _minimumRoundTripAt;
    private TimeSpan _probedRoundTrip = TimeSpan.MaxValue;
    private Instant _probedRoundTripAt;
    private bool _probeExpired;
    private Instant _probeEnds = Instant.Never; // once little enough is on its way
    private bool _probeRoundDone;
    private long _probedRoundTripUntil; // in bytes delivered

    private void StartRoundTrip(in StartEvent start)
    {
        _now = start.Now;
        _minimumRoundTripAt = start.Now;
        _probedRoundTripAt = start.Now;
        if (start.RoundTrip > TimeSpan.Zero)
        {
            _minimumRoundTrip = start.RoundTrip;
            _probedRoundTrip = start.RoundTrip;
        }
    }

    private void UpdateRoundTrip(in AckEvent ack)
    {
        _now = ack.Now;
        _probeExpired = ack.Now > _probedRoundTripAt + s_probeInterval;
        if (ack.RoundTrip > TimeSpan.Zero && (ack.RoundTrip < _probedRoundTrip || _probeExpired))
        {
            _probedRoundTrip = ack.RoundTrip;
            _probedRoundTripAt = ack.Now;
        }

        if (_probedRoundTrip < _minimumRoundTrip || ack.Now > _minimumRoundTripAt + s_filterLength)
        {
            _minimumRoundTrip = _probedRoundTrip;
            _minimumRoundTripAt = _probedRoundTripAt;
        }

        if (_phase != Phase.ProbeRoundTrip && _probeExpired && !_restartsFromIdle)
        {
            SaveWindow();
            _phase = Phase.ProbeRoundTrip;
            _probeEnds = Instant.Never;
            _ackPhase = AckPhase.Stopping;
            _round.Restart(ack.Delivery.Delivered);
        }

        if (_phase == Phase.ProbeRoundTrip)
        {
            ProbeRoundTrip(ack);
        }

        _restartsFromIdle &= ack.BytesDelivered == 0;
    }

    private void ProbeRoundTrip(in AckEvent ack)
    {
        _probedRoundTripUntil = ack.Delivery.Delivered + ack.BytesInFlight;
        if (_probeEnds == Instant.Never)
        {
            if (ack.BytesInFlight <= RoundTripProbeWindow())
            {
                _probeEnds = ack.Now + s_probeDuration;
                _probeRoundDone = false;
                _round.Restart(ack.Delivery.Delivered);
            }

            return;
        }

        _probeRoundDone |= _round.HasStarted;
        if (_probeRoundDone)
        {
            CheckRoundTripProbed(ack.Now);
        }
    }

    private void CheckRoundTripProbed(Instant now)
    {
        if (_probeEnds == Instant.Never || now <= _probeEnds)
        {
            return;
        }

        _probedRoundTripAt = now; // the next probe is due five seconds from now
        RestoreWindow();
        ResetShortTermModel();
        if (_pipeWasFull)
        {
            StartDown(now, _delivered);
            _phase = Phase.Cruise; // less than the path holds is on its way already
        }
        else
        {
            _phase = Phase.Startup;
        }
    }

    private int RoundTripProbeWindow() => (int)Math.Clamp(BandwidthDelay(_bandwidth, 0.5), MinimumWindow, MaximumWindow);
}
