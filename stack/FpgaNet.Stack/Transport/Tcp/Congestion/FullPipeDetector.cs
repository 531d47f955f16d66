namespace FpgaNet.Stack.Transport.Tcp.Congestion;

/// <summary>Whether sending faster still helps (draft-ietf-ccwg-bbr §5.3.1.2): three rounds in which the delivery rate grew by less than a quarter say that it does not.</summary>
internal struct FullPipeDetector
{
    private const int Rounds = 3;

    private long _baseline;
    private int _count;

    /// <summary>The pipe is full, as far as this search has shown.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Begins a search.</summary>
    /// <param name="rate">What growth is measured against, bytes per second; 0: the first sample to come.</param>
    public void Reset(long rate = 0) => this = new FullPipeDetector { _baseline = rate };

    /// <summary>A round is over; the rate was the network's, not the application's.</summary>
    public void RoundEnded(long rate)
    {
        if (IsFull)
        {
            return;
        }

        if (rate * 4 >= _baseline * 5)
        {
            Reset(rate);
            return;
        }

        IsFull = ++_count >= Rounds;
    }
}
