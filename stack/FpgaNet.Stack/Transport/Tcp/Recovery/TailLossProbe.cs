using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp.Recovery;

/// <summary>
/// Tail loss probe (RFC 8985 §7): when acknowledgements stay out though the timeout is still far, one segment more is sent, so that the peer reports what it
/// has, and a lost tail is found without a timeout.
/// </summary>
internal struct TailLossProbe
{
    // §7.2: what the peer may delay the acknowledgement of a single segment.
    private static readonly TimeSpan s_maximumAckDelay = TimeSpan.FromMilliseconds(200);

    // Timers and batches of frames cannot tell less apart.
    private static readonly TimeSpan s_leastTimeout = TimeSpan.FromMilliseconds(2);

    private static readonly TimeSpan s_timeoutWithoutRoundTrip = TimeSpan.FromSeconds(1);

    private SequenceNumber _end; // TLP.end_seq
    private bool _isRetransmission; // TLP.is_retrans

    /// <summary>When to probe.</summary>
    public Instant Due { get; private set; } = Instant.Never;

    public TailLossProbe()
    {
    }

    /// <summary>A probe is on its way.</summary>
    public bool IsOut { get; private set; }

    /// <summary>§7.2: something was sent or acknowledged; the probe waits two round trips from now.</summary>
    /// <param name="now">Time.</param>
    /// <param name="smoothedRoundTrip">SRTT; zero: not measured.</param>
    /// <param name="isSingle">No more than one segment is on its way.</param>
    /// <param name="retransmitDue">When the retransmission timer goes off.</param>
    public void Schedule(Instant now, TimeSpan smoothedRoundTrip, bool isSingle, Instant retransmitDue)
    {
        TimeSpan timeout = smoothedRoundTrip == TimeSpan.Zero ? s_timeoutWithoutRoundTrip : smoothedRoundTrip + smoothedRoundTrip;
        timeout = timeout > s_leastTimeout ? timeout : s_leastTimeout;
        if (isSingle)
        {
            timeout += s_maximumAckDelay;
        }

        Instant due = now + timeout;
        Due = due < retransmitDue ? due : retransmitDue;
    }

    /// <summary>No probe for now.</summary>
    public void Cancel() => Due = Instant.Never;

    /// <summary>The probe was sent.</summary>
    /// <param name="end">SND.NXT behind it.</param>
    /// <param name="isRetransmission">It was nothing new.</param>
    public void Sent(SequenceNumber end, bool isRetransmission)
    {
        IsOut = true;
        _end = end;
        _isRetransmission = isRetransmission;
    }

    /// <summary>It ends there.</summary>
    public readonly bool EndsAt(SequenceNumber end) => IsOut && _end == end;

    /// <summary>No probe is to be waited for: a recovery has begun.</summary>
    public void Forget() => IsOut = false;

    /// <summary>TLP_process_ack (§7.4.2).</summary>
    /// <param name="una">SEG.ACK.</param>
    /// <param name="duplicateEnd">Right edge of what the peer reports to have received twice, if anything.</param>
    /// <param name="isPlainDuplicate">A duplicate acknowledgement that reports nothing.</param>
    /// <returns>Whether the probe has repaired a loss, which congestion control has to hear of.</returns>
    public bool Acknowledged(SequenceNumber una, SequenceNumber? duplicateEnd, bool isPlainDuplicate)
    {
        if (!IsOut || una < _end)
        {
            return false;
        }

        if (!_isRetransmission || duplicateEnd == _end)
        {
            IsOut = false;
            return false;
        }

        if (una > _end)
        {
            IsOut = false;
            return true;
        }

        IsOut = !isPlainDuplicate; // both arrived
        return false;
    }
}
