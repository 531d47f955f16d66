namespace FpgaNet.Stack.Transport.Tcp.Congestion;

/// <summary>Round trips counted in packets (draft-ietf-ccwg-bbr §5.5.1): one is over when something arrives that was sent after it began.</summary>
internal struct RoundCounter
{
    private long _ends; // in bytes delivered

    /// <summary>Rounds so far.</summary>
    public int Count { get; private set; }

    /// <summary>The acknowledgement at hand began one.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>An acknowledgement.</summary>
    public void Update(in DeliverySample sample)
    {
        HasStarted = sample.PriorDelivered >= _ends;
        if (HasStarted)
        {
            Restart(sample.Delivered);
            Count++;
        }
    }

    /// <summary>The round begins anew.</summary>
    public void Restart(long delivered) => _ends = delivered;
}
