namespace FpgaNet.Stack.Sockets.Abi;

/// <summary>Where the bytes of a received message go, in one run or in several (<c>msg_iov</c>, recvmsg(2)).</summary>
public readonly ref struct ScatterList
{
    private readonly Span<byte> _first;
    private readonly ReadOnlySpan<Memory<byte>> _rest;

    /// <summary>One run.</summary>
    /// <param name="bytes">Receives the bytes.</param>
    public ScatterList(Span<byte> bytes)
    {
        _first = bytes;
        Length = bytes.Length;
    }

    /// <summary>Several runs.</summary>
    /// <param name="runs">The runs, in order.</param>
    public ScatterList(ReadOnlySpan<Memory<byte>> runs)
        : this(default, runs)
    {
    }

    private ScatterList(Span<byte> first, ReadOnlySpan<Memory<byte>> rest)
    {
        _first = first;
        _rest = rest;
        Length = first.Length;
        foreach (Memory<byte> run in rest)
        {
            Length += run.Length;
        }
    }

    /// <summary>Bytes in all.</summary>
    public int Length { get; }

    /// <summary>There is room for none.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>The first run that is not empty; all of it when there is one only.</summary>
    public Span<byte> First => _first.IsEmpty && !_rest.IsEmpty ? Slice(0)._first : _first;

    /// <summary>What is left behind the first bytes.</summary>
    /// <param name="start">How many to leave out.</param>
    public ScatterList Slice(int start)
    {
        Span<byte> first = _first;
        ReadOnlySpan<Memory<byte>> rest = _rest;
        while (start >= first.Length && !rest.IsEmpty)
        {
            start -= first.Length;
            first = rest[0].Span;
            rest = rest[1..];
        }

        return new ScatterList(first[start..], rest);
    }

    /// <summary>Copies as much as fits.</summary>
    /// <param name="source">The bytes.</param>
    /// <returns>Bytes copied.</returns>
    public int CopyFrom(ReadOnlySpan<byte> source)
    {
        int count = Math.Min(_first.Length, source.Length);
        source[..count].CopyTo(_first);
        foreach (Memory<byte> run in _rest)
        {
            int part = Math.Min(run.Length, source.Length - count);
            source.Slice(count, part).CopyTo(run.Span);
            count += part;
        }

        return count;
    }
}
