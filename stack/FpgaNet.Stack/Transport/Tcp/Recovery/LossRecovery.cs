using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp.Congestion;

namespace FpgaNet.Stack.Transport.Tcp.Recovery;

/// <summary>
/// Finds out what was lost and says what to send again; how much may be on its way is congestion control's question. The parts: Sending (what leaves), Acknowledgment (what the
/// peer has), Detection (what is lost, and what that means for the window).
/// </summary>
internal sealed partial class LossRecovery : ILossRecovery
{
    private ICongestionControl _congestion;
    private readonly StackCounters _counters;
    private readonly bool _hasSack;
    private readonly SentSegments _sent;
    private readonly DeliveryRateEstimator _delivery = new();
    private Phase _phase;
    private SequenceNumber _recoveryPoint;
    private Instant _reorderDue = Instant.Never;
    private Rack _rack;
    private NewRenoDetection _newReno;
    private TailLossProbe _probe = new();
    private ProportionalRateReduction _reduction;
    private SpuriousDetection _spurious;

    /// <summary>Begins with nothing on its way.</summary>
    /// <param name="congestion">The connection's congestion control.</param>
    /// <param name="counters">The stack's counters.</param>
    /// <param name="hasSack">The peer reports what it has (RFC 2018).</param>
    /// <param name="start">The first byte that will be sent.</param>
    /// <param name="rings">Where memory for records comes from.</param>
    public LossRecovery(ICongestionControl congestion, StackCounters counters, bool hasSack, SequenceNumber start, RingPool<SentSegment> rings)
    {
        _congestion = congestion;
        _counters = counters;
        _hasSack = hasSack;
        _sent = new SentSegments(rings);
        _sent.Reset(start);
        _rack.Start(start);
        _firstLost = _highestRetransmitted = _forgivenFrom = _forgivenEnd = start;
    }

    private enum Phase
    {
        /// <summary>Nothing is known to be lost.</summary>
        Open,

        /// <summary>Fast recovery.</summary>
        Recovery,

        /// <summary>After a retransmission timeout.</summary>
        Loss,
    }

    /// <summary>What was sent and is not acknowledged.</summary>
    public SentSegments Sent => _sent;

    /// <inheritdoc/>
    public void Use(ICongestionControl congestion) => _congestion = congestion;

    /// <inheritdoc/>
    public DeliveryRateEstimator Delivery => _delivery;

    /// <inheritdoc/>
    public bool IsRecovering => _phase == Phase.Recovery;

    /// <inheritdoc/>
    public bool IsWatching => _phase != Phase.Open || _sent.Sacked != 0 || _newReno.Duplicates != 0 || _probe.IsOut;

    /// <inheritdoc/>
    public int InFlight => Math.Max(_sent.InFlight - _newReno.Departed, 0);

    /// <inheritdoc/>
    public bool ReorderingSeen => _rack.ReorderingSeen;

    /// <inheritdoc/>
    public Instant Due => _reorderDue < _probe.Due ? _reorderDue : _probe.Due;
}
