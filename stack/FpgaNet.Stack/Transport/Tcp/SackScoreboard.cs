namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>What the peer has reported to hold beyond SND.UNA (RFC 6675 §3): separate ranges in order of sequence, bounded in number.</summary>
internal sealed class SackScoreboard
{
    private const int MaximumRanges = 256;

    private Range[] _ranges = [];
    private int _count;

    /// <summary>Bytes reported.</summary>
    public int Bytes { get; private set; }

    /// <summary>Whether nothing is reported.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>One behind the highest byte reported; only when not <see cref="IsEmpty"/>.</summary>
    public SequenceNumber Highest => _ranges[_count - 1].Right;

    /// <summary>Takes in a block.</summary>
    /// <returns>Whether it told something new.</returns>
    public bool Add(SequenceNumber left, SequenceNumber right)
    {
        int from = 0;
        while (from < _count && _ranges[from].Right < left)
        {
            from++;
        }

        int to = from;
        int known = 0;
        while (to < _count && _ranges[to].Left <= right)
        {
            known += _ranges[to].Length;
            to++;
        }

        if (to > from)
        {
            left = SequenceNumber.Min(left, _ranges[from].Left);
            right = SequenceNumber.Max(right, _ranges[to - 1].Right);
        }
        else if (_count == MaximumRanges)
        {
            return false; // not noted: it is sent again for nothing, no more
        }

        int added = right - left - known;
        Bytes += added;
        Replace(from, to, new Range(left, right));
        return added > 0;
    }

    /// <summary>All before <paramref name="una"/> is acknowledged.</summary>
    public void Advance(SequenceNumber una)
    {
        int drop = 0;
        while (drop < _count && _ranges[drop].Right <= una)
        {
            Bytes -= _ranges[drop++].Length;
        }

        if (drop != 0)
        {
            Array.Copy(_ranges, drop, _ranges, 0, _count -= drop);
        }

        if (_count != 0 && _ranges[0].Left < una)
        {
            Bytes -= una - _ranges[0].Left;
            _ranges[0] = new Range(una, _ranges[0].Right);
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _count = 0;
        Bytes = 0;
    }

    /// <summary>The first byte from <paramref name="from"/> on that is not reported, and where the next report begins.</summary>
    public SequenceNumber NextHole(SequenceNumber from, out int length)
    {
        for (int i = 0; i < _count; i++)
        {
            if (from < _ranges[i].Left)
            {
                length = _ranges[i].Left - from;
                return from;
            }

            if (from < _ranges[i].Right)
            {
                from = _ranges[i].Right;
            }
        }

        length = int.MaxValue;
        return from;
    }

    /// <summary>Bytes reported in a range.</summary>
    public int BytesIn(SequenceNumber from, SequenceNumber to)
    {
        int bytes = 0;
        for (int i = 0; i < _count; i++)
        {
            bytes += Math.Max(SequenceNumber.Min(to, _ranges[i].Right) - SequenceNumber.Max(from, _ranges[i].Left), 0);
        }

        return bytes;
    }

    /// <summary>
    /// Where certainty of loss ends: a hole below it has three reports, or more than two segments' worth of reported bytes, above it (RFC 6675
    /// §4, IsLost).
    /// </summary>
    public SequenceNumber LostBelow(SequenceNumber una, int segment)
    {
        int bytes = 0;
        for (int i = _count - 1; i >= 0; i--)
        {
            bytes += _ranges[i].Length;
            if (_count - i >= 3 || bytes > 2 * segment)
            {
                return _ranges[i].Left;
            }
        }

        return una;
    }

    private void Replace(int from, int to, Range range)
    {
        if (to == from)
        {
            if (_count == _ranges.Length)
            {
                Array.Resize(ref _ranges, Math.Max(8, _count * 2));
            }

            Array.Copy(_ranges, from, _ranges, from + 1, _count++ - from);
        }
        else if (to > from + 1)
        {
            Array.Copy(_ranges, to, _ranges, from + 1, _count - to);
            _count -= to - from - 1;
        }

        _ranges[from] = range;
    }

    private readonly record struct Range(SequenceNumber Left, SequenceNumber Right)
    {
        public int Length => Right - Left;
    }
}
