namespace FpgaNet.Stack.Transport.Tcp.Recovery;

/// <summary>What became of a probe of the path's MTU.</summary>
internal enum MtuProbeResult
{
    /// <summary>Nothing is known yet.</summary>
    None,

    /// <summary>It has arrived.</summary>
    Delivered,

    /// <summary>It is lost.</summary>
    Lost,
}

/// <summary>Losses that are due to size and not to congestion (RFC 1191 §6.5, RFC 4821 §7.6): they are repaired, and no recovery begins for them.</summary>
internal sealed partial class LossRecovery
{
    private MtuProbeResult _mtuProbe;
    private SequenceNumber _forgivenFrom;
    private SequenceNumber _forgivenEnd;

    // Bytes lost that congestion control is not to hear of.
    private int Forgiven
    {
        get
        {
            int bytes = 0;
            if (_forgivenEnd > _sent.Start)
            {
                for (int i = _sent.Find(SequenceNumber.Max(_forgivenFrom, _sent.Start)); i < _sent.Count && _sent.StartOf(i) < _forgivenEnd; i++)
                {
                    bytes += _sent[i].Is(SentMarks.Lost) ? _sent.LengthOf(i) : 0;
                }
            }

            return bytes;
        }
    }

    /// <inheritdoc/>
    public MtuProbeResult TakeMtuProbe()
    {
        MtuProbeResult result = _mtuProbe;
        _mtuProbe = MtuProbeResult.None;
        return result;
    }

    /// <inheritdoc/>
    public void LoseLarger(SequenceNumber from, int segmentSize)
    {
        int index = _sent.Find(SequenceNumber.Max(from, _sent.Start));
        if (index < _sent.Count && _sent.StartOf(index) < from && _sent.TrySplit(index, from))
        {
            index++;
        }

        for (; index < _sent.Count; index++)
        {
            if (!_sent[index].Is(SentMarks.Sacked | SentMarks.Lost) && _sent.LengthOf(index) > segmentSize)
            {
                MarkLost(index);
            }
        }

        Forgive(from, _sent.End);
        _newReno.Begin(_sent.End); // the duplicates that this causes are no loss
    }

    private void Forgive(SequenceNumber from, SequenceNumber end)
    {
        bool isFirst = _forgivenEnd <= _sent.Start;
        _forgivenFrom = isFirst ? from : SequenceNumber.Min(_forgivenFrom, from);
        _forgivenEnd = isFirst ? end : SequenceNumber.Max(_forgivenEnd, end);
    }
}
