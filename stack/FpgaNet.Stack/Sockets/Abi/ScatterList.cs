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
    /// <param name="runs">The runs, in order; what is behind the first <see cref="GatherList.MostBytes"/> is left out.</param>
    public ScatterList(ReadOnlySpan<Memory<byte>> runs)
    {
        long length = 0;
        foreach (Memory<byte> run in runs)
        {
            length += run.Length;
        }

        _rest = runs;
        Length = (int)Math.Min(length, GatherList.MostBytes);
    }

    private ScatterList(Span<byte> first, ReadOnlySpan<Memory<byte>> rest, int length)
    {
        _first = first.Length > length ? first[..length] : first;
        _rest = rest;
        Length = length;
    }

    /// <summary>How many runs; an only one that is empty is none.</summary>
    public int Runs => _rest.Length + (_first.IsEmpty ? 0 : 1);

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
        int length = Length - start;
        Span<byte> first = _first;
        ReadOnlySpan<Memory<byte>> rest = _rest;
        while (start >= first.Length && !rest.IsEmpty)
        {
            start -= first.Length;
            first = rest[0].Span;
            rest = rest[1..];
        }

        return new ScatterList(first[start..], rest, length);
    }

    /// <summary>Copies as much as fits.</summary>
    /// <param name="source">The bytes.</param>
    /// <returns>Bytes copied.</returns>
    public int CopyFrom(ReadOnlySpan<byte> source)
    {
        source = source[..Math.Min(Length, source.Length)];
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
