namespace FpgaNet.Stack.Transport.Tcp.Congestion;

/// <summary>The greatest value of this period and the last; who uses it says when a period ends.</summary>
internal struct WindowedMaximum
{
    private long _current;
    private long _previous;

    /// <summary>0 before the first sample.</summary>
    public readonly long Value => Math.Max(_current, _previous);

    /// <summary>Takes a sample.</summary>
    public void Add(long sample) => _current = Math.Max(_current, sample);

    /// <summary>A period ends.</summary>
    public void Advance()
    {
        _previous = _current;
        _current = 0;
    }
}
