namespace FpgaNet.Stack.Transport.Tcp.Recovery;

/// <summary>
/// Finds out that a recovery was for nothing, since what was sent again had only been late: by what arrives after a timeout (F-RTO, RFC 5682), by the time stamp of what arrived
/// (Eifel, RFC 3522), or because the peer has received everything twice (D-SACK, RFC 2883 §4 and RFC 3708).
/// </summary>
internal struct SpuriousDetection
{
    private Forward _forward;
    private bool _isArmed; // there is a reduction that could be undone
    private bool _hasRetransmitted;
    private uint _retransmittedAt; // ms on the stack's clock
    private SequenceNumber _retransmittedEnd;
    private SequenceNumber _from;
    private SequenceNumber _highest;
    private int _unproven; // bytes sent again that nobody has reported as received twice

    // RFC 5682 §2.1.
    private enum Forward
    {
        None,

        /// <summary>Step 1 is done: the first segment was sent again.</summary>
        First,

        /// <summary>Step 2 (b): SND.UNA has moved, and new data goes before what is taken to be lost.</summary>
        Second,
    }

    /// <summary>F-RTO, step 2 (b): new data is to be sent, not what is taken to be lost.</summary>
    public readonly bool PrefersNew => _forward == Forward.Second;

    /// <summary>A recovery begins.</summary>
    public void Begin(SequenceNumber una)
    {
        this = default;
        _isArmed = true;
        _from = _highest = una;
    }

    /// <summary>The retransmission timer went off.</summary>
    /// <param name="una">SND.UNA.</param>
    /// <param name="isNew">Nothing was being recovered.</param>
    public void TimedOut(SequenceNumber una, bool isNew)
    {
        if (isNew)
        {
            Begin(una);
        }

        _forward = Forward.First;
    }

    /// <summary>Something was sent again.</summary>
    public void Retransmitted(SequenceNumber end, int bytes, uint milliseconds)
    {
        if (!_hasRetransmitted)
        {
            _hasRetransmitted = true;
            _retransmittedAt = milliseconds;
            _retransmittedEnd = end;
        }

        _highest = SequenceNumber.Max(_highest, end);
        _unproven += bytes;
    }

    /// <summary>F-RTO cannot go on, or need not.</summary>
    public void GiveUp() => _forward = Forward.None;

    /// <summary>The window was reduced for another reason: nothing may be undone.</summary>
    public void Disarm() => _isArmed = false;

    /// <summary>The peer has received this twice.</summary>
    /// <returns>Whether that is true of all that was sent again.</returns>
    public bool Duplicated(SequenceNumber left, SequenceNumber right)
    {
        if (!_isArmed || !_hasRetransmitted || left < _from || right > _highest)
        {
            return false;
        }

        _unproven -= right - left;
        return _unproven <= 0;
    }

    /// <summary>Eifel detection: SND.UNA moves beyond what was sent again, for something that was sent before that (RFC 3522 §3.2).</summary>
    public readonly bool IsEarlier(SequenceNumber una, uint echoedMilliseconds) =>
        _isArmed && _hasRetransmitted && una >= _retransmittedEnd && (int)(echoedMilliseconds - _retransmittedAt) < 0;

    /// <summary>F-RTO: an acknowledgement after a timeout.</summary>
    /// <param name="advanced">SND.UNA has moved.</param>
    /// <param name="originalsArrived">
    /// Something arrived that the timeout had taken to be lost and that was not sent again, and the acknowledgement stands for nothing that was.
    /// </param>
    /// <returns>Whether the timeout was spurious.</returns>
    public bool Acknowledged(bool advanced, bool originalsArrived)
    {
        if (_forward == Forward.None)
        {
            return false;
        }

        // §2.1 and §3.1: in steps 2 (a) and 3 (a) the loss was real, in 3 (b) the timeout was spurious.
        _forward = _forward == Forward.First && advanced && !originalsArrived ? Forward.Second : Forward.None;
        return _isArmed && originalsArrived;
    }
}
