namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>STATUS (RFC 9293 §3.10.6), and much more than the RFC asks for.</summary>
internal sealed partial class TcpConnection
{
    private ulong _bytesSent;
    private ulong _bytesAcknowledged;
    private ulong _bytesReceived;
    private ulong _segmentsSent;
    private ulong _segmentsReceived;
    private ulong _bytesRetransmitted;
    private uint _retransmissions;

    /// <summary>What there is to be told.</summary>
    public TcpStatistics Statistics => new()
    {
        State = State,
        CongestionControl = _congestion.Name,
        CongestionWindow = _congestion.CongestionWindow,
        SlowStartThreshold = _congestion.SlowStartThreshold,
        PacingRate = _congestion.PacingRate,
        DeliveryRate = _recovery?.Delivery.Rate ?? 0,
        RoundTrip = _roundTrip.Smoothed,
        RoundTripVariation = _roundTrip.Variation,
        RetransmissionTimeout = _roundTrip.Timeout,
        SegmentSize = _segment,
        ReceivedSegmentSize = _receivedSegment,
        PathMtu = _path.PathMtu,
        BytesUnacknowledged = Math.Min(_max - _una, _send.Length),
        BytesInFlight = _recovery?.InFlight ?? 0,
        BytesUnsent = Unsent,
        BytesUnread = _receive.Length,
        SendWindow = _sendWindow,
        ReceiveWindow = Math.Max(_rcvEdge - _rcvNext, 0),
        SendBufferSize = SendBufferSize,
        ReceiveBufferSize = ReceiveBufferSize,
        MinimumRoundTrip = _roundTrip.Minimum,
        CongestionNotification = _ecn.IsOn,
        ReorderingSeen = _recovery is { ReorderingSeen: true },
        Timestamps = _timestamps,
        SelectiveAcknowledgements = _sack,
        WindowScale = _peerScales ? (_sendShift, _receiveShift) : null,
        FastOpen = _isFastOpened,
        BytesSent = _bytesSent,
        BytesRetransmitted = _bytesRetransmitted,
        BytesAcknowledged = _bytesAcknowledged,
        BytesReceived = _bytesReceived,
        SegmentsSent = _segmentsSent,
        SegmentsReceived = _segmentsReceived,
        Retransmissions = _retransmissions,
        Timeouts = _retries,
        IsRecovering = _recovery is { IsRecovering: true },
        SinceLastReceived = _net.Now - _lastReceived,
    };

    private void CountSent(SequenceNumber sequence, int length)
    {
        uint segments = length <= _segment ? 1 : (uint)((length + _segment - 1) / _segment);
        _segmentsSent += segments;
        if (length > 0)
        {
            _bytesSent += (uint)length;
            if (sequence < _max)
            {
                _bytesRetransmitted += (uint)length;
                _retransmissions += segments;
            }
        }
    }
}
